// SPDX-License-Identifier: Apache-2.0
#include "ops/eye_like.h"
#include "tactics/cuda/alone.h"

namespace lathe::tactics {
namespace {

class CudaEyeLike final : public Tactic {
  public:
    constexpr CudaEyeLike() : Tactic("cuda.eye_like.fill.v1", "eye_like") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        if (std::string why = cudaTypeRefusal(*anchor.output()); !why.empty()) return BindResult::refuse(why);
        return bindCudaAlone(*this, anchor, c, {});
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& a = n.attrs<ops::EyeLikeAttrs>();
        const ir::Dims& y = c.dims(*n.output());
        cuda::SmallKernel k{.file = "fill.cu", .entry = "fillEye"};
        k.defines = {cudaDefine("T", n.output()->dtype())};
        k.items = ir::volume(y);
        k.operands = {cuda::kOutput};
        k.n = {y[1], a.k};
        return cudaKernel(c, TRY(cuda::smallPlan(k)), CudaOperands().output(cuda::kOutput, 0));
    }
};

}  // namespace

LATHE_TACTIC(cuda_eye_like_fill, CudaEyeLike)

}  // namespace lathe::tactics
