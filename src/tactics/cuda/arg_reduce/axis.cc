// SPDX-License-Identifier: Apache-2.0
#include "ops/arg_reduce.h"

#include "kernels/cuda/order.h"
#include "tactics/common/operands.h"
#include "tactics/cuda/work.h"

namespace lathe::tactics {
namespace {

class CudaArgReduce final : public CudaTactic {
  public:
    constexpr CudaArgReduce() : CudaTactic("cuda.arg_reduce.axis.v1", "arg_reduce") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override { return offerNode(anchor, c); }

    Result<CudaWork> work(const Binding& binding, const DimsOf& dims, const Target&) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& attrs = n.attrs<ops::ArgReduceAttrs>();
        AxisSplit split = splitAt(dims(*n.input(0)), attrs.axis);
        CudaWork work;
        if (split.outer * split.inner == 0) return work;
        if (split.n == 0) return invalidArgument("an axis without elements has no extreme");
        work.add(TRY(cuda::argExtreme({n.input(0)->dtype(), split.outer, split.n, split.inner}, n.output()->dtype(),
                                      attrs.kind == ops::ArgReduceKind::kMin, attrs.selectLastIndex)))
            .value(0, *n.input(0))
            .output(cuda::kOutput, 0);
        return work;
    }
};

}  // namespace

LATHE_TACTIC(cuda_arg_reduce_axis, CudaArgReduce)

}  // namespace lathe::tactics
