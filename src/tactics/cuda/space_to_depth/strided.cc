// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/pointwise.h"
#include "ops/space_to_depth.h"
#include "tactics/cuda/alone.h"

namespace lathe::tactics {
namespace {

class CudaSpaceToDepth final : public Tactic {
  public:
    constexpr CudaSpaceToDepth() : Tactic("cuda.space_to_depth.strided.v1", "space_to_depth") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        if (std::string why = cudaTypeRefusal(*anchor.input(0)); !why.empty()) return BindResult::refuse(why);
        return bindCudaAlone(*this, anchor, c, {0});
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& a = n.attrs<ops::SpaceToDepthAttrs>();
        const ir::Dims& x = c.dims(*n.input(0));
        int64_t b = a.blockSize;
        bool columnRow = a.mode == ops::DepthOrder::kCrd;
        int64_t h = x[2] / b, w = x[3] / b, plane = h * w, image = x[1] * x[2] * x[3];
        // Loops: image, row in the block, column in the block, channel, block row, block column.
        ir::Dims dims = {x[0], b, b, x[1], h, w};
        ir::Dims from = {image, x[3], 1, x[2] * x[3], b * x[3], b};
        ir::Dims to = {image,
                       columnRow ? b * plane : b * x[1] * plane,
                       columnRow ? plane : x[1] * plane,
                       columnRow ? b * b * plane : plane,
                       w,
                       1};
        CudaOperands operands;
        TRY(cudaInputs(operands, binding, c, {0}));
        operands.output(cuda::kOutput, 0);
        return cudaKernel(c, TRY(cuda::stridedCopy(dims, from, to, bitsOf(n.input(0)->dtype()) / 8)), operands);
    }
};

}  // namespace

LATHE_TACTIC(cuda_space_to_depth_strided, CudaSpaceToDepth)

}  // namespace lathe::tactics
