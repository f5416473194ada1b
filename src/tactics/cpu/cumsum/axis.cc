// SPDX-License-Identifier: Apache-2.0
#include "ops/cumsum.h"

#include "kernels/cpu/topk.h"
#include "tactics/cpu/operands.h"

namespace lathe::tactics {
namespace {

class CumsumKernel final : public Kernel {
  public:
    cpu::CumulativeSumArgs args;
    bool empty = false;
    Status run(const RunArgs& a) override {
        if (empty) return {};
        cpu::CumulativeSumArgs mine = args;
        mine.x = a.inputs[0];
        mine.y = a.outputs[0];
        return cpu::cumulativeSum(mine);
    }
};

class CumsumTactic final : public Tactic {
  public:
    constexpr CumsumTactic() : Tactic("cpu.cumsum.axis.v1", "cumsum") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        if (anchor.attrs<ops::CumsumAttrs>().kind != ops::CumulativeKind::kSum)
            return BindResult::refuse("running products have no kernel");
        if (anchor.input(0)->isConstant()) return BindResult::refuse("its input is a constant");
        if (!knownIntegers(anchor.input(1))) return BindResult::refuse("its axis is not known");
        Candidate candidate = bindAlone(*this, anchor, c, 1e-9);
        candidate.binding.inputs = {anchor.input(0)};
        candidate.binding.inputLayouts = {Layout::kLinear};
        candidate.binding.inPlace = {{0, 0}};
        return {{candidate}, {}};
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& attrs = n.attrs<ops::CumsumAttrs>();
        const ir::Dims& dims = c.dims(*n.input(0));
        auto axis = knownIntegers(n.input(1));
        if (!axis || axis->size() != 1) return internalError("the axis is not known");
        AxisSplit split = splitAt(dims, (*axis)[0]);
        auto kernel = std::make_unique<CumsumKernel>();
        cpu::CumulativeSumArgs& a = kernel->args;
        a.type = n.input(0)->dtype();
        a.outer = split.outer;
        a.n = split.n;
        a.inner = split.inner;
        a.exclusive = attrs.exclusive;
        a.reverse = attrs.reverse;
        kernel->empty = ir::volume(dims) == 0;
        return std::unique_ptr<Kernel>(std::move(kernel));
    }
};

}  // namespace

LATHE_TACTIC(cpu_cumsum_axis, CumsumTactic)

}  // namespace lathe::tactics
