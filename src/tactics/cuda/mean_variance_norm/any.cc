// SPDX-License-Identifier: Apache-2.0
#include "ops/mean_variance_norm.h"

#include "tactics/cuda/image_norms.h"

namespace lathe::tactics {
namespace {

CudaNorm cudaMeanVarianceOf(const ir::Node& n, const ir::Dims& x) {
    CudaNorm norm;
    norm.epsilon = 1e-9;
    norm.outsideRoot = true;
    norm.dims = x;
    for (int64_t axis : n.attrs<ops::MeanVarianceNormAttrs>().axes)
        norm.reduced |= uint64_t{1} << (axis < 0 ? axis + static_cast<int64_t>(x.size()) : axis);
    return norm;
}

class CudaMeanVarianceNorm final : public Tactic {
  public:
    constexpr CudaMeanVarianceNorm() : Tactic("cuda.mean_variance_norm.any.v1", "mean_variance_norm") {}
    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        return bindCudaNorm(*this, anchor, c, cudaMeanVarianceOf(anchor, c.optDims(*anchor.input(0))));
    }
    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        return makeCudaNorm(binding, c, cudaMeanVarianceOf(n, c.dims(*n.input(0))));
    }
};

}  // namespace

LATHE_TACTIC(cuda_mean_variance_norm_any, CudaMeanVarianceNorm)

}  // namespace lathe::tactics
