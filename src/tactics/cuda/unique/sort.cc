// SPDX-License-Identifier: Apache-2.0
#include "ops/unique.h"
#include "tactics/cuda/alone.h"
#include "tactics/cuda/choose.h"

namespace lathe::tactics {
namespace {

class CudaUnique final : public Tactic {
  public:
    constexpr CudaUnique() : Tactic("cuda.unique.sort.v1", "unique") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        if (std::string why = cudaTypeRefusal(*anchor.input(0)); !why.empty()) return BindResult::refuse(why);
        return bindCudaAlone(*this, anchor, c, {0});
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& a = n.attrs<ops::UniqueAttrs>();
        ir::Dims x = c.dims(*n.input(0));
        int64_t axis = 0;
        if (a.hasAxis)
            axis = fromStart(a.axis, static_cast<int>(x.size()));
        else
            x = {ir::volume(x)};
        AxisSplit s = splitAt(x, axis);
        DType type = n.input(0)->dtype();
        int64_t sorted = 2;
        while (sorted < s.n) sorted *= 2;
        ScratchPlan scratch;
        int64_t order = scratch.take(sorted * 8), flags = scratch.take(s.n), begins = scratch.take(s.n * 8),
                firsts = scratch.take(s.n * 8), byPosition = scratch.take(s.n), list = scratch.take(s.n * 8);

        cuda::KernelPlan plan;
        std::vector<std::string> defines = {cudaDefine("T", type),
                                            fmt::format("CHOOSE_FLOAT={}", isFloating(type) ? 1 : 0)};
        cuda::SmallKernel sort{.file = "choose.cu", .entry = "uniqueSort"};
        sort.defines = defines;
        sort.operands = {0, cuda::kScratch};
        sort.offsets = {0, order};
        sort.n = {s.n, s.inner, s.outer, sorted, 0, 0};
        if (s.n > 0 && sorted <= 4096) {
            sort.items = sort.blocks = 1;
            sort.threads = static_cast<uint32_t>(std::clamp<int64_t>(sorted / 2, 32, 1024));
            TRY(cuda::addSmall(plan, sort));
        } else if (s.n > 0) {
            sort.items = sorted;
            sort.n[4] = 1;
            TRY(cuda::addSmall(plan, sort));
            int source = static_cast<int>(plan.sources.size()) - 1;
            for (int64_t size = 2; size <= sorted; size *= 2)
                for (int64_t distance = size / 2; distance > 0; distance /= 2) {
                    sort.n[4] = size;
                    sort.n[5] = distance;
                    TRY(cuda::addSmallAgain(plan, sort, source));
                }
        }
        cuda::SmallKernel differ{.file = "choose.cu", .entry = "uniqueFlags"};
        differ.defines = defines;
        differ.items = s.n;
        differ.operands = {0, cuda::kScratch, cuda::kScratch};
        differ.offsets = {0, order, flags};
        differ.n = {s.n, s.inner, s.outer};
        TRY(cuda::addSmall(plan, differ));

        // The dims of y, then those of the vectors: first occurrences, places, counts.
        CudaChoice groups{.elements = s.n, .flags = cuda::kScratch, .list = cuda::kScratch};
        groups.flagsOffset = flags;
        groups.listOffset = begins;
        groups.dims = x;
        groups.counted = static_cast<size_t>(axis);
        std::vector<CudaCounted> counted = {{0, static_cast<int>(x.size())}};
        int64_t dimsAt = static_cast<int64_t>(x.size()) * 8;
        TRY(addCudaChoice(plan, groups));
        for (int o = 1; o < n.outputCount(); ++o) {
            CudaChoice length = groups;
            length.dims = {s.n};
            length.counted = o == 2 ? 1 : 0;  // as many places as x has slices: nothing is counted
            length.dimsAt = dimsAt;
            TRY(addCudaChoice(plan, length));
            dimsAt += 8;
            counted.push_back({o, 1});
        }
        int64_t countAt = axis * 8;
        if (!a.sorted) {
            TRY(cuda::addSmall(plan, {.file = "fill.cu",
                                      .entry = "fillBytes",
                                      .items = (s.n + 7) / 8,
                                      .operands = {cuda::kScratch},
                                      .n = {s.n, 0},
                                      .offsets = {byPosition}}));
            TRY(cuda::addSmall(plan, {.file = "choose.cu",
                                      .entry = "uniqueFirsts",
                                      .items = s.n,
                                      .operands = {cuda::kScratch, cuda::kScratch, cuda::kScratch, cuda::kWorkspace},
                                      .n = {s.n},
                                      .offsets = {order, begins, byPosition, countAt}}));
            CudaChoice places = groups;
            places.flagsOffset = byPosition;
            places.listOffset = list;
            TRY(addCudaChoice(plan, places));
        }
        cuda::SmallKernel finish{.file = "choose.cu", .entry = "uniqueFinish"};
        finish.defines = {fmt::format("SORTED={}", a.sorted ? 1 : 0)};
        finish.items = s.n;
        // Absent outputs are null.
        finish.operands = {cuda::kScratch, cuda::kScratch,    cuda::kScratch,    cuda::kWorkspace,
                           cuda::kScratch, cuda::kOutput + 2, cuda::kOutput + 3, cuda::kOutput + 1};
        finish.offsets = {order, begins, firsts, countAt, list};
        finish.n = {s.n};
        TRY(cuda::addSmall(plan, finish));
        TRY(addCudaTake(plan, s, bitsOf(type) / 8, axis, s.n, firsts));
        CudaOperands operands;
        TRY(cudaInputs(operands, binding, c, {0}));
        for (int o = 0; o < n.outputCount(); ++o) operands.output(cuda::kOutput + o, o);
        std::vector<CudaStage> stages;
        stages.push_back({std::move(plan), operands});
        return cudaCountedKernel(c, std::move(stages), scratch.bytes(), counted);
    }
};

}  // namespace

LATHE_TACTIC(cuda_unique_sort, CudaUnique)

}  // namespace lathe::tactics
