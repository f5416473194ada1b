// SPDX-License-Identifier: Apache-2.0
#include "tactics/cuda/norms.h"

namespace lathe::tactics {
namespace {

class CudaInstanceNorm final : public CudaTactic {
  public:
    constexpr CudaInstanceNorm() : CudaTactic("cuda.instance_norm.images.v1", "instance_norm") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        BindResult result;
        for (Binding& b : bindImageNorm(*this, anchor, instanceNormOf(anchor))) offer(std::move(b), c, result);
        return result;
    }

    Result<CudaWork> work(const Binding& binding, const DimsOf& dims, const Target& target) const override {
        const ir::Node& n = *binding.nodes[0];
        return imageNormWork(n, instanceNormOf(n), binding.outputLayouts[0], dims, target);
    }
};

}  // namespace

LATHE_TACTIC(cuda_instance_norm_images, CudaInstanceNorm)

}  // namespace lathe::tactics
