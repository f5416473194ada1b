// SPDX-License-Identifier: Apache-2.0
#include "ops/quantize_linear.h"
#include "tactics/cuda/alone.h"
#include "tactics/cuda/scales.h"

namespace lathe::tactics {
namespace {

class CudaQuantizeLinear final : public Tactic {
  public:
    constexpr CudaQuantizeLinear() : Tactic("cuda.quantize_linear.elements.v1", "quantize_linear") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        for (int i = 0; i < 3; ++i)
            if (const ir::Value* v = inputOf(anchor, i); v && cudaQuantType(v->dtype()).empty())
                return BindResult::refuse(fmt::format("type {} has no kernel", toString(v->dtype())));
        return bindCudaAlone(*this, anchor, c, {0, 1, 2});
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& a = n.attrs<ops::QuantizeLinearAttrs>();
        const ir::Dims& x = c.dims(*n.input(0));
        DType to = n.output()->dtype();
        int kind = to == DType::kInt8    ? 0
                   : to == DType::kUint8 ? 1
                   : to == DType::kInt4  ? 2
                   : to == DType::kFp4   ? 5
                   : a.saturate          ? 3
                                         : 4;
        const ir::Value* zero = inputOf(n, 2);
        cuda::SmallKernel k{.file = "quant.cu", .entry = "quantize"};
        k.defines = {fmt::format("KIND={}", kind), "X=" + cudaQuantType(n.input(0)->dtype()),
                     "S=" + cudaQuantType(n.input(1)->dtype()),
                     "Z=" + cudaQuantType(zero ? zero->dtype() : DType::kInt8)};
        int64_t elements = ir::volume(x);
        k.items = kind == 2 || kind == 5 ? (elements + 1) / 2 : elements;
        k.operands = {0, 1, 2, cuda::kOutput};
        k.n = cudaScaleNumbers(x, c.dims(*n.input(1)), a.axis, a.blockSize);
        k.n.push_back(elements);
        CudaOperands operands;
        TRY(cudaInputs(operands, binding, c, {0, 1, 2}));
        operands.output(cuda::kOutput, 0);
        return cudaKernel(c, TRY(cuda::smallPlan(k)), operands);
    }
};

}  // namespace

LATHE_TACTIC(cuda_quantize_linear_elements, CudaQuantizeLinear)

}  // namespace lathe::tactics
