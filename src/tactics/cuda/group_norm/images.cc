// SPDX-License-Identifier: Apache-2.0
#include "tactics/cuda/norms.h"

namespace lathe::tactics {
namespace {

class CudaGroupNorm final : public CudaTactic {
  public:
    constexpr CudaGroupNorm() : CudaTactic("cuda.group_norm.images.v1", "group_norm") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        BindResult result;
        for (Binding& b : bindImageNorm(*this, anchor, groupNormOf(anchor))) offer(std::move(b), c, result);
        return result;
    }

    Result<CudaWork> work(const Binding& binding, const DimsOf& dims, const Target& target) const override {
        const ir::Node& n = *binding.nodes[0];
        return imageNormWork(n, groupNormOf(n), binding.outputLayouts[0], dims, target);
    }
};

}  // namespace

LATHE_TACTIC(cuda_group_norm_images, CudaGroupNorm)

}  // namespace lathe::tactics
