// SPDX-License-Identifier: Apache-2.0
#include "ops/nms.h"
#include "tactics/cuda/alone.h"
#include "tactics/cuda/choose.h"

namespace lathe::tactics {
namespace {

class CudaNms final : public Tactic {
  public:
    constexpr CudaNms() : Tactic("cuda.nms.greedy.v1", "nms") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        if (std::string why = cudaFloatRefusal(*anchor.input(0)); !why.empty()) return BindResult::refuse(why);
        return bindCudaAlone(*this, anchor, c, {0, 1, 2, 3, 4});
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& a = n.attrs<ops::NmsAttrs>();
        const ir::Dims& scores = c.dims(*n.input(1));
        int64_t pairs = scores[0] * scores[1], boxes = scores[2];
        const ir::Value *limit = inputOf(n, 2), *iou = inputOf(n, 3), *score = inputOf(n, 4);
        // What the output has room for bounds each list.
        int64_t room = c.dims(*n.output())[0], most = std::max<int64_t>(std::min(boxes, pairs ? room : 0), 1);
        ScratchPlan scratch;
        int64_t alive = scratch.take(pairs * boxes), lists = scratch.take(pairs * most * 8);
        cuda::KernelPlan plan;
        cuda::SmallKernel select{.file = "choose.cu", .entry = "nmsSelect"};
        select.defines = {cudaDefine("T", n.input(0)->dtype()), cudaDefine("IOU", iou ? iou->dtype() : DType::kFloat),
                          cudaDefine("SCORE", score ? score->dtype() : DType::kFloat)};
        select.items = select.blocks = pairs;
        select.operands = {0, 1, 2, 3, 4, cuda::kScratch, cuda::kScratch, cuda::kWorkspace};
        select.offsets = {0, 0, 0, 0, 0, alive, lists, 256};
        select.n = {boxes, scores[1], a.centerPointBox, limit ? bitsOf(limit->dtype()) / 8 : 0, most};
        TRY(cuda::addSmall(plan, select));
        TRY(cuda::addSmall(plan, {.file = "choose.cu",
                                  .entry = "chooseScan",
                                  .items = 1,
                                  .operands = {cuda::kWorkspace, cuda::kWorkspace},
                                  .n = {pairs, 2, 0, 0, 3},
                                  .blocks = 1,
                                  .offsets = {256, 0}}));
        TRY(cuda::addSmall(plan, {.file = "choose.cu",
                                  .entry = "nmsStore",
                                  .items = pairs * most,
                                  .operands = {cuda::kScratch, cuda::kWorkspace, cuda::kWorkspace, cuda::kOutput},
                                  .n = {pairs, scores[1], most},
                                  .offsets = {lists, 256}}));
        plan.workspaceBytes = 256 + pairs * 8;
        CudaOperands operands;
        TRY(cudaInputs(operands, binding, c, {0, 1, 2, 3, 4}));
        operands.output(cuda::kOutput, 0);
        std::vector<CudaStage> stages;
        stages.push_back({std::move(plan), operands});
        return cudaCountedKernel(c, std::move(stages), scratch.bytes(), {{0, 2}});
    }
};

}  // namespace

LATHE_TACTIC(cuda_nms_greedy, CudaNms)

}  // namespace lathe::tactics
