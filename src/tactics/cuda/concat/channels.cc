// SPDX-License-Identifier: Apache-2.0
// Concatenation of the channels of channels-last images.
#include "kernels/cuda/pointwise.h"
#include "kernels/cuda/text.h"
#include "ops/concat.h"
#include "tactics/cuda/image.h"

namespace lathe::tactics {
namespace {

class CudaConcatChannels final : public Tactic {
  public:
    constexpr CudaConcatChannels() : Tactic("cuda.concat.channels.v1", "concat") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const ir::Value& y = *anchor.output();
        int64_t axis = anchor.attrs<ops::ConcatAttrs>().axis;
        if (!isImageRank(y.rank()) || (axis < 0 ? axis + y.rank() : axis) != 1)
            return BindResult::refuse("it does not join the channels of images");
        if (bitsOf(y.dtype()) % 8 != 0)
            return BindResult::refuse(fmt::format("type {} shares bytes", toString(y.dtype())));
        for (const ir::Value* v : anchor.inputs())
            if (v->isConstant()) return BindResult::refuse("an input is a constant");
        Candidate candidate{bindNode(*this, anchor), 0, 0};
        Binding& b = candidate.binding;
        b.inputLayouts.assign(b.inputs.size(), Layout::kChannelsLast);
        b.outputLayouts = {Layout::kChannelsLast};
        candidate.estimate =
            cudaEstimate(c.target(), 2.0 * static_cast<double>(lathe::bytesOf(y.dtype(), ir::volume(c.optDims(y))))) +
            1e-6 * (anchor.inputCount() - 1);
        return {{candidate}, {}};
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        int bytes = bitsOf(n.output()->dtype()) / 8;
        const ir::Dims& y = c.dims(*n.output());
        int64_t rows = y[0] * positionsOf(y), offset = 0;
        std::vector<CudaStage> stages;
        for (const ir::Value* v : n.inputs()) {
            int64_t mine = c.dims(*v)[1];
            int64_t dims[] = {rows, mine}, from[] = {mine, 1}, to[] = {y[1], 1};
            CudaStage stage{TRY(cuda::stridedCopy(dims, from, to, bytes, cuda::commonVector(16, {offset * bytes}))),
                            {}};
            TRY(stage.operands.value(0, *v, binding, c));
            stage.operands.output(cuda::kOutput, 0, offset * bytes);
            offset += mine;
            if (rows * mine > 0) stages.push_back(std::move(stage));
        }
        return cudaKernels(c, std::move(stages));
    }
};

}  // namespace

LATHE_TACTIC(cuda_concat_channels, CudaConcatChannels)

}  // namespace lathe::tactics
