// SPDX-License-Identifier: Apache-2.0
// Samples into columns of f32, then a product for every image and group. params: {whether f32 may be TF32}.
#include "kernels/cuda/gemm.h"
#include "kernels/cuda/pointwise.h"
#include "ops/deform_conv.h"
#include "tactics/cuda/alone.h"

namespace lathe::tactics {
namespace {

class CudaDeformConv final : public Tactic {
  public:
    constexpr CudaDeformConv() : Tactic("cuda.deform_conv.columns.v1", "deform_conv") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        if (std::string why = cudaFloatRefusal(*anchor.input(0)); !why.empty()) return BindResult::refuse(why);
        BindResult r = bindCudaAlone(*this, anchor, c, {0, 1, 2, 3, 4});
        r.candidates[0].binding.params = {c.relaxed()};
        r.candidates[0].workspaceBytes = cudaWorkspaceOf(r.candidates[0].binding, c);
        return r;
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& a = n.attrs<ops::DeformConvAttrs>();
        const ir::Dims &x = c.dims(*n.input(0)), &w = c.dims(*n.input(1)), &y = c.dims(*n.output());
        if (ir::volume(y) == 0) return cudaKernels(c, {});
        WindowNumbers v = TRY(windowNumbers(a, x, std::span(w).subspan(2)));
        const ir::Value *bias = inputOf(n, 3), *mask = inputOf(n, 4);
        int64_t taps = w[2] * w[3], pixels = y[2] * y[3], depth = w[1] * taps, outputs = w[0] / a.group;
        DType type = n.input(0)->dtype();
        cuda::SmallKernel k{.file = "sample.cu", .entry = "deformColumns"};
        k.defines = {cudaDefine("T", type), "COL=f32"};
        k.items = x[0] * pixels * x[1] * taps;
        k.operands = {0, 2, 4, cuda::kOutput};
        k.n = {x[1],          x[2],          x[3],          y[2],          y[3],
               w[2],          w[3],          v.stride[1],   v.stride[2],   v.padBegin[1],
               v.padBegin[2], v.dilation[1], v.dilation[2], a.offsetGroup, mask != nullptr};
        cuda::KernelPlan columns = TRY(cuda::smallPlan(k));
        cuda::toScratch(columns, cuda::kOutput, 0);
        CudaOperands read;
        TRY(cudaInputs(read, binding, c, {0, 2, 4}));

        // Rows are output channels, so that the product of every image and group lies as y does.
        cuda::GemmShape g;
        g.type = DType::kFloat;  // samples are not rounded to narrower types
        g.outType = type;
        g.m = outputs;
        g.n = g.ldc = g.ldr = pixels;
        g.k = g.lda = depth;
        g.ldb = x[1] * taps;
        g.transB = true;
        g.batch[1] = x[0];
        g.batch[2] = a.group;
        g.strideA[2] = outputs * depth;
        g.strideB[1] = pixels * x[1] * taps;
        g.strideB[2] = depth;
        g.strideC[1] = w[0] * pixels;
        g.strideC[2] = outputs * pixels;
        g.strideChannel[2] = outputs;
        cuda::Epilogue e;
        e.perRow = true;
        if (bias) e.bias = bias->dtype();
        bool tf32 = type == DType::kFloat && !binding.params.empty() && binding.params[0] != 0;
        cuda::GemmChoice choice = cuda::chooseGemm(g, tf32, kernelTarget(c.target()));
        cuda::KernelPlan product = TRY(cuda::gemm(g, e, choice.tile, choice.splits, kernelTarget(c.target())));
        cuda::toScratch(product, cuda::kOperandB, 0);
        CudaOperands operands;
        std::vector<CudaStage> stages;
        ScratchPlan scratch;
        scratch.take(k.items * int64_t{sizeof(float)});
        if (type == DType::kFloat) {
            TRY(operands.value(cuda::kOperandA, *n.input(1), binding, c));
        } else {
            kernels::PointwiseProgram widen;
            int v = widen.input(type);
            widen.output(v, DType::kFloat);
            int64_t dims[] = {ir::volume(w)};
            std::span<const int64_t> in[] = {dims};
            cuda::KernelPlan wide = TRY(cuda::pointwiseDense(widen, dims, in));
            int64_t at = scratch.take(dims[0] * int64_t{sizeof(float)});
            cuda::toScratch(wide, cuda::kOutput, at);
            cuda::toScratch(product, cuda::kOperandA, at);
            CudaOperands weights;
            TRY(weights.value(0, *n.input(1), binding, c));
            stages.push_back({std::move(wide), weights});
        }
        if (bias) TRY(operands.value(cuda::kOperandBias, *bias, binding, c));
        operands.output(cuda::kOutput, 0);
        stages.push_back({std::move(columns), read});
        stages.push_back({std::move(product), operands});
        return cudaKernels(c, std::move(stages), scratch.bytes());
    }
};

}  // namespace

LATHE_TACTIC(cuda_deform_conv_columns, CudaDeformConv)

}  // namespace lathe::tactics
