// SPDX-License-Identifier: Apache-2.0
#include "ops/cumsum.h"

#include "kernels/cuda/order.h"
#include "tactics/common/operands.h"
#include "tactics/cuda/work.h"

namespace lathe::tactics {
namespace {

class CudaCumsum final : public CudaTactic {
  public:
    constexpr CudaCumsum() : CudaTactic("cuda.cumsum.axis.v1", "cumsum") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        Binding b = bindNode(*this, anchor);
        b.inputs = runtimeInputs({anchor.input(0)});
        b.inputLayouts.assign(b.inputs.size(), Layout::kLinear);
        if (!b.inputs.empty()) b.inPlace = {{0, 0}};
        BindResult result;
        offer(std::move(b), c, result);
        return result;
    }

    Result<CudaWork> work(const Binding& binding, const DimsOf& dims, const Target&) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& attrs = n.attrs<ops::CumsumAttrs>();
        auto axis = knownIntegers(n.input(1));
        if (!axis || axis->size() != 1) return unsupported("its axis is not known");
        AxisSplit split = splitAt(dims(*n.input(0)), (*axis)[0]);
        cuda::OrderShape s{n.input(0)->dtype(), split.outer, split.n, split.inner};
        CudaWork work;
        if (split.outer * split.n * split.inner == 0) return work;
        cuda::KernelPlan plan = attrs.kind == ops::CumulativeKind::kSum
                                    ? TRY(cuda::cumulativeSum(s, attrs.exclusive, attrs.reverse))
                                    : TRY(cuda::cumulativeProduct(s, attrs.exclusive, attrs.reverse));
        work.add(std::move(plan)).value(0, *n.input(0)).output(cuda::kOutput, 0);
        return work;
    }
};

}  // namespace

LATHE_TACTIC(cuda_cumsum_axis, CudaCumsum)

}  // namespace lathe::tactics
