// SPDX-License-Identifier: Apache-2.0
#include "ops/dynamic_quantize_linear.h"
#include "tactics/cuda/alone.h"

namespace lathe::tactics {
namespace {

class CudaDynamicQuantizeLinear final : public Tactic {
  public:
    constexpr CudaDynamicQuantizeLinear()
        : Tactic("cuda.dynamic_quantize_linear.range.v1", "dynamic_quantize_linear") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        if (std::string why = cudaFloatRefusal(*anchor.input(0)); !why.empty()) return BindResult::refuse(why);
        return bindCudaAlone(*this, anchor, c, {0});
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        int64_t elements = ir::volume(c.dims(*n.input(0))),
                blocks = std::clamp<int64_t>((elements + 2047) / 2048, 1, 256);
        CudaOperands operands;
        TRY(cudaInputs(operands, binding, c, {0}));
        for (int o = 0; o < n.outputCount(); ++o) operands.output(cuda::kOutput + o, o);
        cuda::KernelPlan plan;
        TRY(cuda::addSmall(plan, {.file = "quant.cu",
                                  .entry = "rangeOf",
                                  .items = blocks * 256,
                                  .operands = {0, cuda::kWorkspace},
                                  .n = {elements}}));
        TRY(cuda::addSmall(plan,
                           {.file = "quant.cu",
                            .entry = "rangeQuantize",
                            .items = std::max<int64_t>(elements, 1),
                            .operands = {0, cuda::kWorkspace, cuda::kOutput, cuda::kOutput + 1, cuda::kOutput + 2},
                            .n = {elements, blocks}}));
        plan.workspaceBytes = blocks * 8;
        return cudaKernel(c, std::move(plan), operands);
    }
};

}  // namespace

LATHE_TACTIC(cuda_dynamic_quantize_linear_range, CudaDynamicQuantizeLinear)

}  // namespace lathe::tactics
