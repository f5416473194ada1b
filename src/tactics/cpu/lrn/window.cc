// SPDX-License-Identifier: Apache-2.0
#include "ops/lrn.h"

#include <algorithm>

#include "kernels/cpu/pool.h"
#include "tactics/cpu/operands.h"

namespace lathe::tactics {
namespace {

class LrnKernel final : public Kernel {
  public:
    cpu::LrnArgs args;
    Status run(const RunArgs& a) override {
        if (args.batch * args.channels * args.positions == 0) return {};
        cpu::LrnArgs mine = args;
        mine.x = static_cast<const float*>(a.inputs[0]);
        mine.y = static_cast<float*>(a.outputs[0]);
        cpu::localResponseNorm(mine);
        return {};
    }
};

class LrnTactic final : public Tactic {
  public:
    constexpr LrnTactic() : Tactic("cpu.lrn.window.v1", "lrn") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const ir::Value& x = *anchor.input(0);
        if (x.isConstant()) return BindResult::refuse("its input is a constant");
        if (x.dtype() != DType::kFloat)
            return BindResult::refuse(fmt::format("type {} is not f32", toString(x.dtype())));
        double window = static_cast<double>(anchor.attrs<ops::LrnAttrs>().size);
        return {{bindAlone(*this, anchor, c, 2e-9 + 2e-10 * window)}, {}};
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& attrs = n.attrs<ops::LrnAttrs>();
        const ir::Dims& dims = c.dims(*n.input(0));
        auto kernel = std::make_unique<LrnKernel>();
        cpu::LrnArgs& a = kernel->args;
        a.batch = dims[0];
        a.channels = dims[1];
        a.positions = 1;
        for (size_t d = 2; d < dims.size(); ++d) a.positions *= dims[d];
        a.window = std::min(attrs.size, 2 * a.channels + 2);
        a.alpha = static_cast<float>(attrs.alpha / static_cast<double>(attrs.size));
        a.beta = static_cast<float>(attrs.beta);
        a.bias = static_cast<float>(attrs.bias);
        return std::unique_ptr<Kernel>(std::move(kernel));
    }
};

}  // namespace

LATHE_TACTIC(cpu_lrn_window, LrnTactic)

}  // namespace lathe::tactics
