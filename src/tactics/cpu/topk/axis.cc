// SPDX-License-Identifier: Apache-2.0
#include "ops/topk.h"

#include "kernels/cpu/topk.h"
#include "tactics/cpu/operands.h"

namespace lathe::tactics {
namespace {

class TopKKernel final : public Kernel {
  public:
    cpu::TopKArgs args;
    int outputs = 1;
    bool empty = false;
    int64_t workspaceBytes() const override { return empty ? 0 : cpu::topKWorkspaceBytes(args); }
    Status run(const RunArgs& a) override {
        if (empty) return {};
        cpu::TopKArgs mine = args;
        mine.x = a.inputs[0];
        mine.value = a.outputs[0];
        if (outputs > 1) mine.index = a.outputs[1];
        mine.workspace = a.workspace;
        return cpu::topK(mine);
    }
};

cpu::TopKArgs describe(const ir::Node& n, const ir::Dims& in, const ir::Dims& out) {
    const auto& attrs = n.attrs<ops::TopkAttrs>();
    AxisSplit split = splitAt(in, attrs.axis);
    cpu::TopKArgs a;
    a.type = n.input(0)->dtype();
    a.indexType = DType::kInt64;
    a.outer = split.outer;
    a.n = split.n;
    a.inner = split.inner;
    a.k = splitAt(out, attrs.axis).n;
    a.least = !attrs.largest;
    return a;
}

class TopKTactic final : public Tactic {
  public:
    constexpr TopKTactic() : Tactic("cpu.topk.axis.v1", "topk") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const ir::Value& x = *anchor.input(0);
        if (x.isConstant()) return BindResult::refuse("its input is a constant");
        cpu::TopKArgs most = describe(anchor, c.maxDims(x), c.maxDims(*anchor.output()));
        if (most.n > INT32_MAX) return BindResult::refuse(fmt::format("an axis of {} elements", most.n));
        Candidate candidate{bindNode(*this, anchor), 0, 0};
        // k has been read by then: it is the output's extent.
        candidate.binding.inputs = {&x};
        candidate.binding.inputLayouts = {Layout::kLinear};
        candidate.estimate = 1e-6 + 2e-9 * static_cast<double>(ir::volume(c.optDims(x)));
        candidate.workspaceBytes = cpu::topKWorkspaceBytes(most);
        return {{candidate}, {}};
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        auto kernel = std::make_unique<TopKKernel>();
        kernel->args = describe(n, c.dims(*n.input(0)), c.dims(*n.output()));
        kernel->outputs = n.outputCount();
        kernel->empty = ir::volume(c.dims(*n.output())) == 0;
        return std::unique_ptr<Kernel>(std::move(kernel));
    }
};

}  // namespace

LATHE_TACTIC(cpu_topk_axis, TopKTactic)

}  // namespace lathe::tactics
