// SPDX-License-Identifier: Apache-2.0
// Batch normalization as elementwise arithmetic with operands of one number a channel, in either layout of images.
#include "ops/batch_norm.h"

#include "kernels/cuda/pointwise.h"
#include "tactics/cuda/image.h"

namespace lathe::tactics {
namespace {

class CudaBatchNorm final : public Tactic {
  public:
    constexpr CudaBatchNorm() : Tactic("cuda.batch_norm.affine.v1", "batch_norm") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const ir::Value& x = *anchor.input(0);
        if (x.isConstant()) return BindResult::refuse("its input is a constant");
        for (int i = 0; i < 5; ++i)
            if (!isCudaFloat(anchor.input(i)->dtype()))
                return BindResult::refuse(fmt::format("type {} has no kernel", toString(anchor.input(i)->dtype())));
        BindResult result;
        for (Layout layout : {Layout::kLinear, Layout::kChannelsLast}) {
            if (layout == Layout::kChannelsLast && !isImageRank(x.rank())) continue;
            Candidate candidate{bindNode(*this, anchor), 0, 0};
            candidate.binding.inputLayouts[0] = candidate.binding.outputLayouts[0] = layout;
            if (candidate.binding.inputs.size() == 1) candidate.binding.inPlace = {{0, 0}};
            candidate.estimate = cudaEstimate(
                c.target(), 2.0 * static_cast<double>(lathe::bytesOf(x.dtype(), ir::volume(c.optDims(x)))));
            result.candidates.push_back(std::move(candidate));
        }
        return result;
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        using kernels::PwOp;
        const ir::Node& n = *binding.nodes[0];
        const ir::Dims& dims = c.dims(*n.input(0));
        kernels::PointwiseProgram p;
        int v[5];
        CudaOperands operands;
        for (int i = 0; i < 5; ++i) {
            v[i] = p.input(n.input(i)->dtype());
            TRY(operands.value(i, *n.input(i), binding, c));
        }
        operands.output(cuda::kOutput, 0);
        float epsilon = static_cast<float>(n.attrs<ops::BatchNormAttrs>().epsilon);
        int factor = p.binary(PwOp::kMul, p.unary(PwOp::kRsqrt, p.unary(PwOp::kAffine, v[4], 1, epsilon)), v[1]);
        p.output(p.fma(p.binary(PwOp::kSub, v[0], v[3]), factor, v[2]), n.output()->dtype());
        int64_t positions = positionsOf(dims), channels = dims[1];
        int64_t loops[] = {dims[0], channels, positions}, each[] = {0, 1, 0};
        int64_t linear[] = {channels * positions, positions, 1}, last[] = {channels * positions, 1, channels};
        std::span<const int64_t> image =
            binding.inputLayouts[0] == Layout::kChannelsLast ? std::span<const int64_t>(last) : linear;
        std::span<const int64_t> in[] = {image, each, each, each, each}, out[] = {image};
        return cudaKernel(c, TRY(cuda::pointwise(p, loops, in, out)), operands);
    }
};

}  // namespace

LATHE_TACTIC(cuda_batch_norm_affine, CudaBatchNorm)

}  // namespace lathe::tactics
