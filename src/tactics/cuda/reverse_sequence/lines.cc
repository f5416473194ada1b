// SPDX-License-Identifier: Apache-2.0
#include "ops/reverse_sequence.h"
#include "tactics/cuda/alone.h"

namespace lathe::tactics {
namespace {

class CudaReverseSequence final : public Tactic {
  public:
    constexpr CudaReverseSequence() : Tactic("cuda.reverse_sequence.lines.v1", "reverse_sequence") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        if (std::string why = cudaTypeRefusal(*anchor.input(1)); !why.empty()) return BindResult::refuse(why);
        return bindCudaAlone(*this, anchor, c, {0, 1});
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& a = n.attrs<ops::ReverseSequenceAttrs>();
        const ir::Dims& x = c.dims(*n.input(0));
        int bits = bitsOf(n.input(0)->dtype());
        int rank = static_cast<int>(x.size());
        auto axisOf = [&](int64_t axis) { return static_cast<size_t>(fromStart(axis, rank)); };
        auto strideOf = [&](size_t axis) {
            int64_t step = 1;
            for (size_t d = x.size() - 1; d > axis; --d) step *= x[d];
            return step;
        };
        size_t batch = axisOf(a.batchAxis), time = axisOf(a.timeAxis);
        cuda::SmallKernel k{.file = "fill.cu", .entry = "reverseLines"};
        k.defines = {fmt::format("U={}", cudaWord(bits / 8)), cudaDefine("I", n.input(1)->dtype())};
        k.items = ir::volume(x);
        k.operands = {0, 1, cuda::kOutput, cuda::kFault};
        k.n = {strideOf(batch), x[batch], strideOf(time), x[time]};
        CudaOperands operands;
        TRY(cudaInputs(operands, binding, c, {0, 1}));
        operands.output(cuda::kOutput, 0);
        return cudaKernel(c, TRY(cuda::smallPlan(k)), operands);
    }
};

}  // namespace

LATHE_TACTIC(cuda_reverse_sequence_lines, CudaReverseSequence)

}  // namespace lathe::tactics
