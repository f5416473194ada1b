// SPDX-License-Identifier: Apache-2.0
// Reductions over any axes.
#include "kernels/cpu/reduce.h"

#include "ops/reduce.h"
#include "tactics/cpu/operands.h"

namespace lathe::tactics {
namespace {

class ReduceKernel final : public Kernel {
  public:
    explicit ReduceKernel(cpu::Reduction reduction) : reduction_(std::move(reduction)) {}
    Status run(const RunArgs& a) override {
        reduction_.run(a.inputs[0], a.outputs[0]);
        return {};
    }

  private:
    cpu::Reduction reduction_;
};

cpu::ReduceOp kindOf(ops::ReduceKind kind) {
    using K = ops::ReduceKind;
    switch (kind) {
        case K::kSum: return cpu::ReduceOp::kSum;
        case K::kMean: return cpu::ReduceOp::kMean;
        case K::kMax: return cpu::ReduceOp::kMax;
        case K::kMin: return cpu::ReduceOp::kMin;
        case K::kProd: return cpu::ReduceOp::kProd;
        case K::kL1: return cpu::ReduceOp::kL1;
        case K::kL2: return cpu::ReduceOp::kL2;
        case K::kSumSquare: return cpu::ReduceOp::kSumSquare;
        case K::kLogSum: return cpu::ReduceOp::kLogSum;
        case K::kLogSumExp: return cpu::ReduceOp::kLogSumExp;
    }
    return cpu::ReduceOp::kSum;
}

Result<cpu::Reduction> describe(const ir::Node& n, const ir::Dims& dims) {
    const auto& a = n.attrs<ops::ReduceAttrs>();
    std::vector<int64_t> axes = a.axes;
    if (const ir::Value* list = inputOf(n, 1)) {
        auto known = knownIntegers(list);
        if (!known) return unsupported("its axes are not known");
        axes = *known;
    }
    uint32_t mask = 0;
    for (int64_t axis : axes) mask |= 1u << fromStart(axis, static_cast<int>(dims.size()));
    if (axes.empty() && !a.noopWithEmptyAxes) mask = (1u << dims.size()) - 1;
    return cpu::Reduction::make(kindOf(a.kind), n.input(0)->dtype(), dims, mask);
}

class ReduceTactic final : public Tactic {
  public:
    constexpr ReduceTactic() : Tactic("cpu.reduce.axes.v1", "reduce") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const ir::Value& x = *anchor.input(0);
        if (x.isConstant()) return BindResult::refuse("its input is a constant");
        if (auto r = describe(anchor, c.optDims(x)); !r.ok()) return BindResult::refuse(r.status().message());
        Candidate candidate{bindNode(*this, anchor), 0, 0};
        candidate.binding.inputs = {&x};
        candidate.binding.inputLayouts = {Layout::kLinear};
        candidate.estimate = 5e-7 + 3e-10 * static_cast<double>(ir::volume(c.optDims(x)));
        return {{candidate}, {}};
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        return std::unique_ptr<Kernel>(std::make_unique<ReduceKernel>(TRY(describe(n, c.dims(*n.input(0))))));
    }
};

}  // namespace

LATHE_TACTIC(cpu_reduce_axes, ReduceTactic)

}  // namespace lathe::tactics
