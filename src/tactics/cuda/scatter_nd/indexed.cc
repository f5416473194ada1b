// SPDX-License-Identifier: Apache-2.0
#include "ops/scatter_nd.h"

#include "tactics/cuda/scatter.h"

namespace lathe::tactics {
namespace {

class CudaScatterNd final : public CudaTactic {
  public:
    constexpr CudaScatterNd() : CudaTactic("cuda.scatter_nd.indexed.v1", "scatter_nd") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        BindResult result;
        offer(bindScatter(*this, anchor), c, result);
        return result;
    }

    Result<CudaWork> work(const Binding& binding, const DimsOf& dims, const Target&) const override {
        const ir::Node& n = *binding.nodes[0];
        ir::Dims data = dims(*n.input(0)), index = dims(*n.input(1));
        int64_t tuples = 1;
        for (size_t d = 0; d + 1 < index.size(); ++d) tuples *= index[d];
        return scatterWork(n, n.attrs<ops::ScatterNdAttrs>().reduction, dims,
                           [&](DType type, cuda::ScatterReduction reduction) {
                               return cuda::scatterNd(type, data, tuples, static_cast<int>(index.back()), reduction,
                                                      n.input(1)->dtype());
                           });
    }
};

}  // namespace

LATHE_TACTIC(cuda_scatter_nd_indexed, CudaScatterNd)

}  // namespace lathe::tactics
