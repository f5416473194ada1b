// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/rows.h"
#include "ops/softmax.h"
#include "tactics/common/operands.h"
#include "tactics/cuda/work.h"

namespace lathe::tactics {
namespace {

class CudaSoftmax final : public CudaTactic {
  public:
    constexpr CudaSoftmax() : CudaTactic("cuda.softmax.rows.v1", "softmax") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        Binding b = bindNode(*this, anchor);
        if (!b.inputs.empty()) b.inPlace = {{0, 0}};
        BindResult result;
        offer(std::move(b), c, result);
        return result;
    }

    Result<CudaWork> work(const Binding& binding, const DimsOf& dims, const Target&) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& attrs = n.attrs<ops::SoftmaxAttrs>();
        AxisSplit s = splitAt(dims(*n.input(0)), attrs.axis);
        CudaWork work;
        work.add(TRY(cuda::softmax(n.input(0)->dtype(), s.outer, s.n, s.inner, attrs.log)))
            .value(0, *n.input(0))
            .output(cuda::kOutput, 0);
        return work;
    }
};

}  // namespace

LATHE_TACTIC(cuda_softmax_rows, CudaSoftmax)

}  // namespace lathe::tactics
