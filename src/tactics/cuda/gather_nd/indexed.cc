// SPDX-License-Identifier: Apache-2.0
#include "ops/gather_nd.h"

#include "kernels/cuda/move.h"
#include "tactics/common/operands.h"
#include "tactics/cuda/work.h"

namespace lathe::tactics {
namespace {

class CudaGatherNd final : public CudaTactic {
  public:
    constexpr CudaGatherNd() : CudaTactic("cuda.gather_nd.indexed.v1", "gather_nd") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override { return offerNode(anchor, c); }

    Result<CudaWork> work(const Binding& binding, const DimsOf& dims, const Target&) const override {
        const ir::Node& n = *binding.nodes[0];
        const ir::Value &x = *n.input(0), &indices = *n.input(1);
        ir::Dims in = dims(x), index = dims(indices);
        auto batchDims = static_cast<int>(n.attrs<ops::GatherNdAttrs>().batchDims);
        int64_t tuples = 1;
        for (size_t d = static_cast<size_t>(batchDims); d + 1 < index.size(); ++d) tuples *= index[d];
        CudaWork work;
        if (ir::volume(dims(*n.output())) == 0) return work;
        work.add(TRY(cuda::gatherNd(in, batchDims, tuples, static_cast<int>(index.back()), elementBytes(x.dtype()),
                                    indices.dtype())))
            .value(0, x)
            .value(1, indices)
            .output(cuda::kOutput, 0);
        return work;
    }
};

}  // namespace

LATHE_TACTIC(cuda_gather_nd_indexed, CudaGatherNd)

}  // namespace lathe::tactics
