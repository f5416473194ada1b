// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/attention_general.h"

#include "kernels/cuda/text.h"

namespace lathe::cuda {

Result<KernelPlan> attentionGeneral(const GeneralAttention& a) {
    const AttentionShape& s = a.shape;
    if (!isPlainFloat(s.type)) return unsupported("attention of type {}", lathe::toString(s.type));
    if (s.mask && !isPlainFloat(*s.mask) && *s.mask != DType::kBool)
        return unsupported("attention with a mask of type {}", lathe::toString(*s.mask));
    if (s.kvHeads < 1 || s.heads % s.kvHeads != 0)
        return invalidArgument("attention: {} heads over {} of keys", s.heads, s.kvHeads);
    if (a.past < 0 || a.past > s.keys) return invalidArgument("attention: {} of {} keys are old", a.past, s.keys);
    if (a.lengths && *a.lengths != DType::kInt64 && *a.lengths != DType::kInt32)
        return unsupported("lengths of type {}", lathe::toString(*a.lengths));
    int64_t scores[] = {s.batch, s.heads, s.queries, s.keys}, outputs[] = {s.batch, s.heads, s.queries, s.valueDim};
    GeneralAttentionParams p{};
    p.scoreCount = TRY(elementCount(scores, "attention"));
    p.outputs = TRY(elementCount(outputs, "attention"));
    if (p.outputs == 0 && p.scoreCount == 0) return KernelPlan{};
    p.heads = s.heads;
    p.kvHeads = s.kvHeads;
    p.headsPerKv = s.heads / s.kvHeads;
    p.queries = s.queries;
    p.keys = s.keys;
    p.past = a.past;
    p.size = s.headDim;
    p.valueSize = s.valueDim;
    p.maskKeys = a.maskKeys;
    p.qBatch = s.q.batch, p.qHead = s.q.head, p.qRow = s.q.row;
    p.kBatch = s.k.batch, p.kHead = s.k.head, p.kRow = s.k.row;
    p.vBatch = s.v.batch, p.vHead = s.v.head, p.vRow = s.v.row;
    p.oBatch = s.out.batch, p.oHead = s.out.head, p.oRow = s.out.row;
    p.maskBatch = s.maskStrides.batch, p.maskHead = s.maskStrides.head;
    p.maskQuery = s.maskStrides.query, p.maskKey = s.maskStrides.key;
    p.offset = s.causalOffset;
    p.left = a.left;
    p.right = a.right;
    p.scale = s.scale;
    p.cap = a.cap;
    p.hidden = s.hidden;
    int mask = !s.mask ? 0 : *s.mask != DType::kBool ? 1 : s.hidden == -std::numeric_limits<float>::infinity() ? 2 : 3;
    std::vector<std::string> defines = {defineType("T", s.type),
                                        fmt::format("SHOWN={}", static_cast<int>(a.show)),
                                        fmt::format("MASK={}", mask),
                                        defineType("MASK_T", s.mask.value_or(DType::kFloat)),
                                        fmt::format("CAP={}", a.cap > 0 ? 1 : 0),
                                        fmt::format("CAUSAL={}", s.causal ? 1 : 0),
                                        fmt::format("HAS_LENGTHS={}", a.lengths ? 1 : 0),
                                        defineType("L", a.lengths.value_or(DType::kInt64)),
                                        fmt::format("BLIND={}", s.blindNan ? "quietNan()" : "0.0f")};
    KernelPlan plan;
    plan.workspaceBytes = p.scoreCount * int64_t{sizeof(float)};
    auto pointer = [](size_t at, int operand) { return PointerAt{static_cast<uint32_t>(at), operand, 0}; };
    auto add = [&](const char* part, const char* entry, int64_t items, uint32_t perBlock,
                   std::vector<PointerAt> pointers) -> Status {
        if (items == 0) return {};
        KernelSource source;
        source.name = fmt::format("attention.general.{}", entry);
        source.entry = entry;
        source.text = composeText("", {"attention_general.cu"});
        source.defines = defines;
        source.defines.push_back(part);
        Launch launch;
        launch.source = static_cast<int>(plan.sources.size());
        plan.sources.push_back(std::move(source));
        TRY(setGrid(launch, items, perBlock, "attention"));
        launch.block[0] = 256;
        launch.setParams(p);
        pointers.push_back(pointer(offsetof(GeneralAttentionParams, scores), kWorkspace));
        if (a.show != GeneralAttention::Show::kNone)
            pointers.push_back(pointer(offsetof(GeneralAttentionParams, shown), kOutput + 1));
        launch.pointers = std::move(pointers);
        plan.launches.push_back(std::move(launch));
        return {};
    };
    TRY(add("SCORES", "scores", p.scoreCount, 256,
            {pointer(offsetof(GeneralAttentionParams, q), 0), pointer(offsetof(GeneralAttentionParams, k), 1),
             pointer(offsetof(GeneralAttentionParams, mask), 3), pointer(offsetof(GeneralAttentionParams, pastK), 4),
             pointer(offsetof(GeneralAttentionParams, lengths), 6)}));
    if (s.keys > 0) TRY(add("WEIGHTS", "weights", p.scoreCount / s.keys, 8, {}));
    TRY(add("VALUES", "values", p.outputs, 256,
            {pointer(offsetof(GeneralAttentionParams, v), 2), pointer(offsetof(GeneralAttentionParams, pastV), 5),
             pointer(offsetof(GeneralAttentionParams, out), kOutput)}));
    return plan;
}

}  // namespace lathe::cuda
