// SPDX-License-Identifier: Apache-2.0
#include "ops/shape.h"
#include "tactics/cuda/alone.h"

namespace lathe::tactics {
namespace {

class CudaShape final : public Tactic {
  public:
    constexpr CudaShape() : Tactic("cuda.shape.fill.v1", "shape") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        return bindCudaAlone(*this, anchor, c, {});
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& a = n.attrs<ops::ShapeAttrs>();
        const ir::Dims& x = c.dims(*n.input(0));
        auto rank = static_cast<int64_t>(x.size());
        auto bound = [&](int64_t at) { return std::clamp<int64_t>(at < 0 ? at + rank : at, 0, rank); };
        cuda::SmallKernel k{.file = "fill.cu", .entry = "fillNumbers"};
        for (int64_t d = bound(a.start); d < bound(a.end); ++d) k.n.push_back(x[static_cast<size_t>(d)]);
        k.items = static_cast<int64_t>(k.n.size());
        k.threads = 64;
        k.operands = {cuda::kOutput};
        return cudaKernel(c, TRY(cuda::smallPlan(k)), CudaOperands().output(cuda::kOutput, 0));
    }
};

}  // namespace

LATHE_TACTIC(cuda_shape_fill, CudaShape)

}  // namespace lathe::tactics
