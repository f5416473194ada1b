// SPDX-License-Identifier: Apache-2.0
#include "ops/topk.h"

#include <algorithm>

#include "kernels/cuda/order.h"
#include "tactics/common/operands.h"
#include "tactics/cuda/work.h"

namespace lathe::tactics {
namespace {

class CudaTopK final : public CudaTactic {
  public:
    constexpr CudaTopK() : CudaTactic("cuda.topk.axis.v1", "topk") {}

    // k has been read by then: it is the output's extent.
    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        return offerNode(anchor, {anchor.input(0)}, c);
    }

    Result<CudaWork> work(const Binding& binding, const DimsOf& dims, const Target&) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& attrs = n.attrs<ops::TopkAttrs>();
        ir::Dims out = dims(*n.output(0));
        AxisSplit split = splitAt(dims(*n.input(0)), attrs.axis);
        CudaWork work;
        if (ir::volume(out) == 0) return work;
        bool indices = n.outputCount() > 1;
        // A k that the run tells is guessed here; one beyond the axis is refused before anything runs.
        int64_t k = std::min(splitAt(out, attrs.axis).n, split.n);
        CudaWork::Stage& s = work.add(TRY(cuda::topK({n.input(0)->dtype(), split.outer, split.n, split.inner}, k,
                                                     DType::kInt64, !attrs.largest, true, indices)));
        s.value(0, *n.input(0)).output(cuda::kOutput, 0);
        if (indices) s.output(cuda::kOutput + 1, 1);
        return work;
    }
};

}  // namespace

LATHE_TACTIC(cuda_topk_axis, CudaTopK)

}  // namespace lathe::tactics
