// SPDX-License-Identifier: Apache-2.0
#include "ops/one_hot.h"

#include "kernels/cuda/generate.h"
#include "tactics/common/operands.h"
#include "tactics/cuda/work.h"

namespace lathe::tactics {
namespace {

class CudaOneHot final : public CudaTactic {
  public:
    constexpr CudaOneHot() : CudaTactic("cuda.one_hot.fill.v1", "one_hot") {}

    // The depth has been read by then: it is the output's extent.
    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        return offerNode(anchor, {anchor.input(0), anchor.input(2)}, c);
    }

    Result<CudaWork> work(const Binding& binding, const DimsOf& dims, const Target&) const override {
        const ir::Node& n = *binding.nodes[0];
        AxisSplit s = splitAt(dims(*n.output()), n.attrs<ops::OneHotAttrs>().axis);
        CudaWork work;
        work.add(TRY(cuda::oneHot(s.outer, s.n, s.inner, n.input(0)->dtype(), elementBytes(n.output()->dtype()))))
            .value(0, *n.input(0))
            .value(1, *n.input(2))
            .output(cuda::kOutput, 0);
        return work;
    }
};

}  // namespace

LATHE_TACTIC(cuda_one_hot_fill, CudaOneHot)

}  // namespace lathe::tactics
