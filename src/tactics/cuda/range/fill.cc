// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/generate.h"
#include "tactics/cuda/work.h"

namespace lathe::tactics {
namespace {

class CudaRange final : public CudaTactic {
  public:
    constexpr CudaRange() : CudaTactic("cuda.range.fill.v1", "range") {}

    // The limit has been read by then: it is the output's extent.
    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        return offerNode(anchor, {anchor.input(0), anchor.input(2)}, c);
    }

    Result<CudaWork> work(const Binding& binding, const DimsOf& dims, const Target&) const override {
        const ir::Node& n = *binding.nodes[0];
        CudaWork work;
        work.add(TRY(cuda::range(n.output()->dtype(), ir::volume(dims(*n.output())))))
            .value(0, *n.input(0))
            .value(1, *n.input(2))
            .output(cuda::kOutput, 0);
        return work;
    }
};

}  // namespace

LATHE_TACTIC(cuda_range_fill, CudaRange)

}  // namespace lathe::tactics
