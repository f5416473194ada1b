// SPDX-License-Identifier: Apache-2.0
#include "ops/arg_reduce.h"

#include "kernels/cpu/topk.h"
#include "tactics/cpu/operands.h"

namespace lathe::tactics {
namespace {

class ArgExtremeKernel final : public Kernel {
  public:
    cpu::ArgExtremeArgs args;
    bool empty = false;
    Status run(const RunArgs& a) override {
        if (empty) return {};
        cpu::ArgExtremeArgs mine = args;
        mine.x = a.inputs[0];
        mine.index = a.outputs[0];
        return cpu::argExtreme(mine);
    }
};

class ArgReduce final : public Tactic {
  public:
    constexpr ArgReduce() : Tactic("cpu.arg_reduce.axis.v1", "arg_reduce") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const ir::Value& x = *anchor.input(0);
        if (x.isConstant()) return BindResult::refuse("its input is a constant");
        Candidate candidate = bindAlone(*this, anchor, c, 0);
        candidate.estimate += 1e-9 * static_cast<double>(ir::volume(c.optDims(x)));
        return {{candidate}, {}};
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& attrs = n.attrs<ops::ArgReduceAttrs>();
        AxisSplit split = splitAt(c.dims(*n.input(0)), attrs.axis);
        auto kernel = std::make_unique<ArgExtremeKernel>();
        cpu::ArgExtremeArgs& a = kernel->args;
        a.type = n.input(0)->dtype();
        a.outer = split.outer;
        a.n = split.n;
        a.inner = split.inner;
        a.least = attrs.kind == ops::ArgReduceKind::kMin;
        a.lastWins = attrs.selectLastIndex;
        kernel->empty = split.outer * split.inner == 0;
        if (!kernel->empty && split.n == 0) return invalidArgument("an axis without elements has no extreme");
        return std::unique_ptr<Kernel>(std::move(kernel));
    }
};

}  // namespace

LATHE_TACTIC(cpu_arg_reduce_axis, ArgReduce)

}  // namespace lathe::tactics
