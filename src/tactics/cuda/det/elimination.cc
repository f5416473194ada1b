// SPDX-License-Identifier: Apache-2.0
#include "ops/det.h"
#include "tactics/cuda/alone.h"

namespace lathe::tactics {
namespace {

class CudaDet final : public Tactic {
  public:
    constexpr CudaDet() : Tactic("cuda.det.elimination.v1", "det") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        if (std::string why = cudaFloatRefusal(*anchor.input(0)); !why.empty()) return BindResult::refuse(why);
        return bindCudaAlone(*this, anchor, c, {0});
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const ir::Dims& x = c.dims(*n.input(0));
        cuda::SmallKernel k{.file = "fill.cu", .entry = "determinant"};
        k.defines = {cudaDefine("T", n.input(0)->dtype())};
        k.items = ir::volume(c.dims(*n.output()));
        k.threads = 64;
        k.operands = {0, cuda::kOutput, cuda::kWorkspace};
        k.n = {x.back()};
        cuda::KernelPlan plan = TRY(cuda::smallPlan(k));
        plan.workspaceBytes = k.items * x.back() * x.back() * 8;
        CudaOperands operands;
        TRY(cudaInputs(operands, binding, c, {0}));
        operands.output(cuda::kOutput, 0);
        return cudaKernel(c, std::move(plan), operands);
    }
};

}  // namespace

LATHE_TACTIC(cuda_det_elimination, CudaDet)

}  // namespace lathe::tactics
