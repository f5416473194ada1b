// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/move.h"
#include "ops/center_crop_pad.h"
#include "tactics/cuda/alone.h"

namespace lathe::tactics {
namespace {

class CudaCenterCropPad final : public Tactic {
  public:
    constexpr CudaCenterCropPad() : Tactic("cuda.center_crop_pad.strided.v1", "center_crop_pad") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        return bindCudaAlone(*this, anchor, c, {0});
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const ir::Dims &x = c.dims(*n.input(0)), &y = c.dims(*n.output());
        // Cut or filled as evenly as possible, what is left over at the end.
        std::vector<int64_t> before, after;
        for (size_t d = 0; d < x.size(); ++d) {
            int64_t more = y[d] - x[d];
            before.push_back(more < 0 ? -(-more / 2) : more / 2);
            after.push_back(more - before[d]);
        }
        CudaOperands operands;
        TRY(cudaInputs(operands, binding, c, {0}));
        operands.output(cuda::kOutput, 0);
        return cudaKernel(
            c, TRY(cuda::pad(x, before, after, cuda::PadMode::kConstant, false, bitsOf(n.input(0)->dtype()) / 8)),
            operands);
    }
};

}  // namespace

LATHE_TACTIC(cuda_center_crop_pad_strided, CudaCenterCropPad)

}  // namespace lathe::tactics
