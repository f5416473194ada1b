// SPDX-License-Identifier: Apache-2.0
// Reductions over any axes.
#include "ops/reduce.h"

#include "kernels/cuda/pointwise.h"
#include "kernels/cuda/reduce.h"
#include "tactics/common/operands.h"
#include "tactics/cuda/work.h"

namespace lathe::tactics {
namespace {

cuda::ReduceOp reduceOpOf(ops::ReduceKind kind) {
    using K = ops::ReduceKind;
    switch (kind) {
        case K::kSum: return cuda::ReduceOp::kSum;
        case K::kMean: return cuda::ReduceOp::kMean;
        case K::kMax: return cuda::ReduceOp::kMax;
        case K::kMin: return cuda::ReduceOp::kMin;
        case K::kProd: return cuda::ReduceOp::kProd;
        case K::kL1: return cuda::ReduceOp::kL1;
        case K::kL2: return cuda::ReduceOp::kL2;
        case K::kSumSquare: return cuda::ReduceOp::kSumSquare;
        case K::kLogSum: return cuda::ReduceOp::kLogSum;
        case K::kLogSumExp: return cuda::ReduceOp::kLogSumExp;
    }
    return cuda::ReduceOp::kSum;
}

// Bit d: axis d is reduced.
Result<uint32_t> reducedAxes(const ir::Node& n) {
    const auto& a = n.attrs<ops::ReduceAttrs>();
    int rank = n.input(0)->rank();
    std::vector<int64_t> axes = a.axes;
    if (const ir::Value* list = inputOf(n, 1)) {
        auto known = knownIntegers(list);
        if (!known) return unsupported("its axes are not known");
        axes = *known;
    }
    uint32_t mask = 0;
    for (int64_t axis : axes) mask |= 1u << fromStart(axis, rank);
    if (axes.empty() && !a.noopWithEmptyAxes) mask = (1u << rank) - 1;
    return mask;
}

class CudaReduce final : public CudaTactic {
  public:
    constexpr CudaReduce() : CudaTactic("cuda.reduce.axes.v1", "reduce") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        return offerNode(anchor, {anchor.input(0)}, c);
    }

    Result<CudaWork> work(const Binding& binding, const DimsOf& dims, const Target& target) const override {
        const ir::Node& n = *binding.nodes[0];
        const ir::Value& x = *n.input(0);
        ir::Dims in = dims(x);
        uint32_t mask = TRY(reducedAxes(n));
        CudaWork work;
        auto kind = n.attrs<ops::ReduceAttrs>().kind;
        bool wide = isInteger(x.dtype()) && (kind == ops::ReduceKind::kL2 || kind == ops::ReduceKind::kLogSum);
        if (!wide) {
            work.add(TRY(cuda::reduce(reduceOpOf(kind), x.dtype(), in, mask, kernelTarget(target))))
                .value(0, x)
                .output(cuda::kOutput, 0);
            return work;
        }
        // The real result of integers, its fraction dropped.
        return unsupported("{} of {}", ops::kReduceKindNames[static_cast<int>(kind)], toString(x.dtype()));
    }
};

}  // namespace

LATHE_TACTIC(cuda_reduce_axes, CudaReduce)

}  // namespace lathe::tactics
