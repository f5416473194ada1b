// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/small.h"

#include <algorithm>

#include "kernels/cuda/text.h"

namespace lathe::cuda {

std::string typeDefine(const char* name, DType type) { return defineType(name, type); }

Status addSmallAgain(KernelPlan& plan, const SmallKernel& k, int source) {
    if (k.items <= 0) return {};
    SmallParams p{};
    if (k.operands.size() > std::size(p.data) || k.n.size() > std::size(p.n) || k.f.size() > std::size(p.f))
        return internalError("{} has more operands or numbers than its parameter block", k.entry);
    p.items = k.items;
    std::copy(k.n.begin(), k.n.end(), p.n);
    std::copy(k.f.begin(), k.f.end(), p.f);
    Launch launch;
    launch.source = source;
    TRY(setGrid(launch, k.blocks > 0 ? k.blocks * k.threads : k.items, k.threads, k.entry));
    launch.setParams(p);
    for (size_t i = 0; i < k.operands.size(); ++i)
        launch.pointers.push_back({static_cast<uint32_t>(offsetof(SmallParams, data) + i * sizeof(void*)),
                                   k.operands[i], i < k.offsets.size() ? k.offsets[i] : 0});
    plan.launches.push_back(std::move(launch));
    return {};
}

Status addSmall(KernelPlan& plan, const SmallKernel& k) {
    if (k.items <= 0) return {};
    KernelSource source;
    source.name = fmt::format("{}.small", k.entry);
    source.entry = k.entry;
    source.text =
        k.store ? composeText(k.middle, {"store.cu", "small.cu", k.file}) : composeText(k.middle, {"small.cu", k.file});
    source.defines = k.defines;
    // recurrentStep: RECURRENT_STEP
    std::string select;
    for (const char* c = k.entry; *c; ++c) {
        if (*c >= 'A' && *c <= 'Z') select += '_';
        select += *c >= 'a' && *c <= 'z' ? static_cast<char>(*c - 'a' + 'A') : *c;
    }
    source.defines.push_back(std::move(select));
    plan.sources.push_back(std::move(source));
    return addSmallAgain(plan, k, static_cast<int>(plan.sources.size()) - 1);
}

Result<KernelPlan> smallPlan(const SmallKernel& k) {
    KernelPlan plan;
    TRY(addSmall(plan, k));
    return plan;
}

void toScratch(KernelPlan& plan, int operand, int64_t offset) {
    for (Launch& l : plan.launches) {
        for (PointerAt& p : l.pointers)
            if (p.operand == operand) p.operand = kScratch, p.offset += offset;
        for (TensorMapAt& m : l.maps)
            if (m.operand == operand) m.operand = kScratch, m.offset += offset;
    }
}

}  // namespace lathe::cuda
