// SPDX-License-Identifier: Apache-2.0
#include "ops/affine_grid.h"
#include "tactics/cuda/alone.h"

namespace lathe::tactics {
namespace {

class CudaAffineGrid final : public Tactic {
  public:
    constexpr CudaAffineGrid() : Tactic("cuda.affine_grid.places.v1", "affine_grid") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        if (std::string why = cudaFloatRefusal(*anchor.input(0)); !why.empty()) return BindResult::refuse(why);
        return bindCudaAlone(*this, anchor, c, {0});
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& a = n.attrs<ops::AffineGridAttrs>();
        const ir::Dims& y = c.dims(*n.output());
        int64_t axes = static_cast<int64_t>(y.size()) - 2, places = 1;
        cuda::SmallKernel k{.file = "sample.cu", .entry = "affineGrid"};
        k.defines = {cudaDefine("T", n.input(0)->dtype())};
        k.n = {axes, 0, 1, 1, 1, a.alignCorners};
        for (int64_t d = 0; d < axes; ++d) places *= k.n[static_cast<size_t>(2 + d)] = y[static_cast<size_t>(1 + d)];
        k.n[1] = places;
        k.items = y[0] * places;
        k.operands = {0, cuda::kOutput};
        CudaOperands operands;
        TRY(cudaInputs(operands, binding, c, {0}));
        operands.output(cuda::kOutput, 0);
        return cudaKernel(c, TRY(cuda::smallPlan(k)), operands);
    }
};

}  // namespace

LATHE_TACTIC(cuda_affine_grid_places, CudaAffineGrid)

}  // namespace lathe::tactics
