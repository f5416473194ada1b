// SPDX-License-Identifier: Apache-2.0
#include "ops/nonzero.h"
#include "tactics/cuda/alone.h"
#include "tactics/cuda/choose.h"

namespace lathe::tactics {
namespace {

class CudaNonzero final : public Tactic {
  public:
    constexpr CudaNonzero() : Tactic("cuda.nonzero.list.v1", "nonzero") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        if (std::string why = cudaTypeRefusal(*anchor.input(0)); !why.empty()) return BindResult::refuse(why);
        return bindCudaAlone(*this, anchor, c, {0});
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const ir::Dims& x = c.dims(*n.input(0));
        if (x.size() > 8) return unsupported("{} axes", x.size());
        cuda::KernelPlan plan;
        CudaChoice choice{.type = n.input(0)->dtype(), .elements = ir::volume(x), .flags = 0, .list = cuda::kOutput};
        choice.columns = &x;
        choice.dims = {static_cast<int64_t>(x.size()), 0};
        choice.counted = 1;
        TRY(addCudaChoice(plan, choice));
        CudaOperands operands;
        TRY(cudaInputs(operands, binding, c, {0}));
        operands.output(cuda::kOutput, 0);
        std::vector<CudaStage> stages;
        stages.push_back({std::move(plan), operands});
        return cudaCountedKernel(c, std::move(stages), 0, {{0, 2}});
    }
};

}  // namespace

LATHE_TACTIC(cuda_nonzero_list, CudaNonzero)

}  // namespace lathe::tactics
