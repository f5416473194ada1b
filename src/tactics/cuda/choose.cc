// SPDX-License-Identifier: Apache-2.0
#include "tactics/cuda/choose.h"

#include <algorithm>

namespace lathe::tactics {
namespace {

constexpr int64_t kChosenChunk = 2048, kDimsBytes = 256;

}  // namespace

Status addCudaChoice(cuda::KernelPlan& plan, const CudaChoice& choice) {
    if (choice.dimsAt + static_cast<int64_t>(choice.dims.size()) * 8 > kDimsBytes)
        return unsupported("an output of {} axes", choice.dims.size());
    int64_t chunks = (choice.elements + kChosenChunk - 1) / kChosenChunk;
    std::vector<std::string> defines = {cudaDefine("T", choice.type),
                                        fmt::format("CHOOSE_FLOAT={}", isFloating(choice.type) ? 1 : 0)};
    cuda::SmallKernel count{.file = "choose.cu", .entry = "chooseCount"};
    count.defines = defines;
    count.items = chunks;
    count.blocks = chunks;
    count.operands = {choice.flags, cuda::kWorkspace};
    count.offsets = {choice.flagsOffset, kDimsBytes};
    count.n = {choice.elements};
    TRY(cuda::addSmall(plan, count));
    cuda::SmallKernel scan{.file = "choose.cu", .entry = "chooseScan"};
    scan.items = 1;
    scan.blocks = 1;
    scan.operands = {cuda::kWorkspace, cuda::kWorkspace};
    scan.offsets = {kDimsBytes, choice.dimsAt};
    scan.n = {chunks, static_cast<int64_t>(choice.dims.size()), static_cast<int64_t>(choice.counted)};
    scan.n.insert(scan.n.end(), choice.dims.begin(), choice.dims.end());
    TRY(cuda::addSmall(plan, scan));
    cuda::SmallKernel list = count;
    list.entry = "chooseList";
    list.defines.push_back(fmt::format("COLUMNS={}", choice.columns ? 1 : 0));
    list.operands = {choice.flags, cuda::kWorkspace, choice.list, cuda::kWorkspace};
    list.offsets = {choice.flagsOffset, kDimsBytes, choice.listOffset, choice.dimsAt};
    if (choice.columns) {
        list.n.push_back(static_cast<int64_t>(choice.columns->size()));
        list.n.insert(list.n.end(), choice.columns->begin(), choice.columns->end());
    }
    TRY(cuda::addSmall(plan, list));
    plan.workspaceBytes = std::max(plan.workspaceBytes, kDimsBytes + chunks * 8);
    return {};
}

Status addCudaTake(cuda::KernelPlan& plan, const AxisSplit& s, int elementBytes, int64_t axis, int64_t most,
                   int64_t listAt) {
    cuda::SmallKernel take{.file = "choose.cu", .entry = "takeListed"};
    take.defines = {fmt::format("U={}", cudaWord(elementBytes))};
    take.items = s.outer * most * s.inner;
    take.operands = {0, cuda::kScratch, cuda::kOutput, cuda::kWorkspace};
    take.offsets = {0, listAt};
    take.n = {s.n, s.inner, s.outer, axis};
    return cuda::addSmall(plan, take);
}

}  // namespace lathe::tactics
