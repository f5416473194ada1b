// SPDX-License-Identifier: Apache-2.0
// fp32 images between the layouts of this target, vectorized; where nothing moves (one pixel, whole blocks), nothing
// runs.
#include "ops/reorder.h"
#include "tactics/cpu/image.h"

namespace lathe::tactics {
namespace {

class ConvertKernel final : public Kernel {
  public:
    cpu::Layout from, to;
    int64_t n = 1, c = 1, spatial = 1;
    int threads = 1;
    Status run(const RunArgs& args) override {
        if (n * c * spatial == 0) return {};
        cpu::convertLayout(from, to, n, c, spatial, static_cast<const float*>(args.inputs[0]),
                           static_cast<float*>(args.outputs[0]), threads);
        return {};
    }
};

class NothingMoves final : public Kernel {
  public:
    Status run(const RunArgs&) override { return {}; }
};

bool isOnePixel(const ir::Value& v) {
    for (int d = 2; d < v.rank(); ++d)
        if (!(v.shape()[d] == ir::Dim(1))) return false;
    return true;
}

class ConvertReorder final : public Tactic {
  public:
    constexpr ConvertReorder() : Tactic("cpu.reorder.convert.v1", "reorder") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const auto& a = anchor.attrs<ops::ReorderAttrs>();
        const ir::Value& x = *anchor.input(0);
        if (x.isConstant()) return BindResult::refuse("its input is a constant");
        if (a.from == static_cast<int64_t>(Layout::kHost) || a.to == static_cast<int64_t>(Layout::kHost)) return {};
        Layout from = static_cast<Layout>(a.from), to = static_cast<Layout>(a.to);
        if (isForIo(from) || isForIo(to)) return BindResult::refuse("a layout is one of inputs and outputs alone");
        Candidate candidate{bindNode(*this, anchor), 0, 0};
        candidate.binding.inputLayouts = {from};
        candidate.binding.outputLayouts = {to};
        // Channels of one pixel lie the same in every layout, unless a block is padded.
        auto whole = [&](Layout l) { return x.shape()[1].isConstant() && x.shape()[1].value() % blockOf(l) == 0; };
        if (isOnePixel(x) && whole(from) && whole(to)) {
            candidate.binding.aliases = {{0, 0}};
            return {{candidate}, {}};
        }
        if (x.dtype() != DType::kFloat)
            return BindResult::refuse(fmt::format("type {} is not f32", toString(x.dtype())));
        if (from == to) return BindResult::refuse("the layouts are the same");
        for (Layout l : {from, to})
            if (blockOf(l) != 1 && l != blockedLayout(c.target()))
                return BindResult::refuse(fmt::format("{} is not this target's", toString(l)));
        candidate.estimate = 3e-7 + 4e-10 * static_cast<double>(ir::volume(c.optDims(x)));
        return {{candidate}, {}};
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        if (!binding.aliases.empty()) return std::unique_ptr<Kernel>(std::make_unique<NothingMoves>());
        const ir::Dims& dims = c.dims(*binding.inputs[0]);
        auto kernel = std::make_unique<ConvertKernel>();
        kernel->from = toKernel(binding.inputLayouts[0]);
        kernel->to = toKernel(binding.outputLayouts[0]);
        kernel->n = dims[0];
        kernel->c = dims[1];
        for (size_t d = 2; d < dims.size(); ++d) kernel->spatial *= dims[d];
        kernel->threads = c.target().threads;
        return std::unique_ptr<Kernel>(std::move(kernel));
    }
};

}  // namespace

LATHE_TACTIC(cpu_reorder_convert, ConvertReorder)

}  // namespace lathe::tactics
