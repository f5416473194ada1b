// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/pointwise.h"
#include "ops/depth_to_space.h"
#include "tactics/cuda/alone.h"

namespace lathe::tactics {
namespace {

class CudaDepthToSpace final : public Tactic {
  public:
    constexpr CudaDepthToSpace() : Tactic("cuda.depth_to_space.strided.v1", "depth_to_space") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        if (std::string why = cudaTypeRefusal(*anchor.input(0)); !why.empty()) return BindResult::refuse(why);
        return bindCudaAlone(*this, anchor, c, {0});
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& a = n.attrs<ops::DepthToSpaceAttrs>();
        const ir::Dims& x = c.dims(*n.input(0));
        int64_t b = a.blockSize;
        bool columnRow = a.mode == ops::DepthOrder::kCrd;
        int64_t channels = x[1] / (b * b), plane = x[2] * x[3], height = x[2] * b, width = x[3] * b;
        // Loops: image, row in the block, column in the block, new channel, row, column.
        ir::Dims dims = {x[0], b, b, channels, x[2], x[3]};
        ir::Dims from = {x[1] * plane,
                         columnRow ? b * plane : b * channels * plane,
                         columnRow ? plane : channels * plane,
                         columnRow ? b * b * plane : plane,
                         x[3],
                         1};
        ir::Dims to = {x[1] * plane, width, 1, height * width, b * width, b};
        CudaOperands operands;
        TRY(cudaInputs(operands, binding, c, {0}));
        operands.output(cuda::kOutput, 0);
        return cudaKernel(c, TRY(cuda::stridedCopy(dims, from, to, bitsOf(n.input(0)->dtype()) / 8)), operands);
    }
};

}  // namespace

LATHE_TACTIC(cuda_depth_to_space_strided, CudaDepthToSpace)

}  // namespace lathe::tactics
