// SPDX-License-Identifier: Apache-2.0
#include "ops/dequantize_linear.h"
#include "tactics/cuda/alone.h"
#include "tactics/cuda/scales.h"

namespace lathe::tactics {
namespace {

class CudaDequantizeLinear final : public Tactic {
  public:
    constexpr CudaDequantizeLinear() : Tactic("cuda.dequantize_linear.elements.v1", "dequantize_linear") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        for (int i = 0; i < 3; ++i)
            if (const ir::Value* v = inputOf(anchor, i); v && cudaQuantType(v->dtype()).empty())
                return BindResult::refuse(fmt::format("type {} has no kernel", toString(v->dtype())));
        return bindCudaAlone(*this, anchor, c, {0, 1, 2});
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& a = n.attrs<ops::DequantizeLinearAttrs>();
        const ir::Dims& x = c.dims(*n.input(0));
        const ir::Value* zero = inputOf(n, 2);
        cuda::SmallKernel k{.file = "quant.cu", .entry = "dequantize"};
        k.defines = {cudaDefine("T", n.output()->dtype()), "X=" + cudaQuantType(n.input(0)->dtype()),
                     "S=" + cudaQuantType(n.input(1)->dtype()),
                     "Z=" + cudaQuantType(zero ? zero->dtype() : DType::kInt8)};
        k.items = ir::volume(x);
        k.operands = {0, 1, 2, cuda::kOutput};
        k.n = cudaScaleNumbers(x, c.dims(*n.input(1)), a.axis, a.blockSize);
        CudaOperands operands;
        TRY(cudaInputs(operands, binding, c, {0, 1, 2}));
        operands.output(cuda::kOutput, 0);
        return cudaKernel(c, TRY(cuda::smallPlan(k)), operands);
    }
};

}  // namespace

LATHE_TACTIC(cuda_dequantize_linear_elements, CudaDequantizeLinear)

}  // namespace lathe::tactics
