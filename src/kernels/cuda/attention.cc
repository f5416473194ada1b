// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/attention.h"

#include <algorithm>

#include "kernels/cuda/gemm_wgmma.h"
#include "kernels/cuda/text.h"

namespace lathe::cuda {
namespace {

Status checkShape(const AttentionShape& s) {
    if (!isPlainFloat(s.type)) return unsupported("attention of type {}", lathe::toString(s.type));
    if (s.mask && !isPlainFloat(*s.mask) && *s.mask != DType::kBool)
        return unsupported("attention with a mask of type {}", lathe::toString(*s.mask));
    if (s.kvHeads < 1 || s.heads % s.kvHeads != 0)
        return invalidArgument("attention: {} heads over {} of keys", s.heads, s.kvHeads);
    constexpr int64_t kMost = int64_t{1} << 30;
    for (int64_t n : {s.batch, s.heads, s.queries, s.keys})
        if (n < 0 || n >= kMost) return unsupported("attention: an extent of {}", n);
    if (s.batch > 65535 || s.heads > 65535)
        return unsupported("attention: a batch of {} and {} heads, at most 65535 each", s.batch, s.heads);
    if (s.headDim < 1 || s.valueDim < 1)
        return invalidArgument("attention: head dimensions {} and {}", s.headDim, s.valueDim);
    return {};
}

AttentionParams paramsOf(const AttentionShape& s) {
    AttentionParams p{};
    p.heads = static_cast<int>(s.heads);
    p.headsPerKv = static_cast<int>(s.heads / s.kvHeads);
    p.queries = static_cast<int>(s.queries);
    p.keys = static_cast<int>(s.keys);
    p.qBatch = s.q.batch, p.qHead = s.q.head, p.qRow = s.q.row;
    p.kBatch = s.k.batch, p.kHead = s.k.head, p.kRow = s.k.row;
    p.vBatch = s.v.batch, p.vHead = s.v.head, p.vRow = s.v.row;
    p.oBatch = s.out.batch, p.oHead = s.out.head, p.oRow = s.out.row;
    p.maskBatch = s.maskStrides.batch, p.maskHead = s.maskStrides.head;
    p.maskQuery = s.maskStrides.query, p.maskKey = s.maskStrides.key;
    p.causalOffset = s.causalOffset;
    p.scale = s.scale;
    p.hidden = s.hidden;
    return p;
}

// MASK of the kernels: 0 none, 1 added, 2 boolean, 3 boolean that replaces scores.
int maskKind(const AttentionShape& s) {
    if (!s.mask) return 0;
    if (*s.mask != DType::kBool) return 1;
    return s.hidden == -std::numeric_limits<float>::infinity() ? 2 : 3;
}

std::vector<std::string> definesOf(const AttentionShape& s) {
    int mask = maskKind(s);
    return {defineType("T", s.type),
            fmt::format("DIM={}", s.headDim),
            fmt::format("DIMV={}", s.valueDim),
            fmt::format("CAUSAL={}", s.causal ? 1 : 0),
            fmt::format("MASK={}", mask),
            fmt::format("BLIND={}", s.blindNan ? "quietNan()" : "0.0f"),
            fmt::format("MASK_ROWS={}", s.maskStrides.query != 0 ? 1 : 0),
            defineType("MASK_T", s.mask.value_or(DType::kFloat))};
}

std::vector<PointerAt> pointersOf(const AttentionShape& s) {
    std::vector<PointerAt> p = {{offsetof(AttentionParams, q), 0, 0},
                                {offsetof(AttentionParams, k), 1, 0},
                                {offsetof(AttentionParams, v), 2, 0},
                                {offsetof(AttentionParams, out), kOutput, 0}};
    if (s.mask) p.push_back({offsetof(AttentionParams, mask), 3, 0});
    return p;
}

}  // namespace

Result<KernelPlan> attention(const AttentionShape& s, const KernelTarget& target) {
    TRY(checkShape(s));
    if (s.type == DType::kFloat) return unsupported("attention on tensor cores: f32");
    if (s.alignment % 16 != 0)
        return unsupported("attention on tensor cores: operands aligned to {} bytes", s.alignment);
    if (target.sm < 80) return unsupported("attention on tensor cores: sm_{} is before sm_80", target.sm);
    if (s.headDim > 128 || s.valueDim > 128 || s.headDim % 8 != 0 || s.valueDim % 8 != 0)
        return unsupported("attention on tensor cores: head dimensions {} and {}", s.headDim, s.valueDim);
    for (const AttentionShape::Strides& t : {s.q, s.k, s.v, s.out})
        if (t.batch % 8 != 0 || t.head % 8 != 0 || t.row % 8 != 0)
            return unsupported("attention on tensor cores: strides {}, {} and {} are not multiples of 8", t.batch,
                               t.head, t.row);
    if (s.batch * s.heads * s.queries == 0) return KernelPlan{};
    int d = static_cast<int>(ceilDiv(s.headDim, 16) * 16), dv = static_cast<int>(ceilDiv(s.valueDim, 16) * 16), kv = 64;
    // Larger blocks read the keys less often; smaller ones are more.
    int64_t large = ceilDiv(s.queries, 128) * s.heads * s.batch;
    int bq = large >= target.smCount ? 128 : 64;
    // Two tiles of queries a warp read each key half as often, where registers allow.
    int mq = d <= 64 && dv <= 64 && bq == 128 ? 2 : 1;
    KernelPlan plan;
    std::vector<std::string> defines = definesOf(s);
    for (std::string more : {fmt::format("D={}", d), fmt::format("DV={}", dv), fmt::format("KV={}", kv),
                             fmt::format("BQ={}", bq), fmt::format("MQ={}", mq)})
        defines.push_back(std::move(more));
    plan.sources.push_back({.name = fmt::format("attention.mma.{}.d{}q{}", lathe::toString(s.type), d, bq),
                            .entry = "attention",
                            .text = composeText("", {"attention_parts.cu", "attention.cu"}),
                            .defines = std::move(defines),
                            .minSm = 80});
    Launch launch;
    launch.grid[0] = static_cast<uint32_t>(ceilDiv(s.queries, bq));
    launch.grid[1] = static_cast<uint32_t>(s.heads);
    launch.grid[2] = static_cast<uint32_t>(s.batch);
    launch.block[0] = static_cast<uint32_t>(bq / mq * 2);
    launch.sharedBytes = static_cast<uint32_t>(2 * kv * (d + 8 + dv + 8) * 2);
    if (launch.sharedBytes > static_cast<uint32_t>(target.sharedPerBlock))
        return unsupported("attention on tensor cores: {} bytes of shared memory of {}", launch.sharedBytes,
                           target.sharedPerBlock);
    launch.setParams(paramsOf(s));
    launch.pointers = pointersOf(s);
    plan.launches.push_back(std::move(launch));
    return plan;
}

namespace {

// Text of `wgmmaValues(o, weights, v)`: 64 rows of weights in registers by 16 keys, times 16 keys by 64 elements of v,
// whose rows are contiguous along the elements.
std::string valuesText(DType type) {
    std::string list, operands;
    for (int i = 0; i < 32; ++i) {
        list += fmt::format("{}%{}", i ? "," : "", i);
        operands += fmt::format("{}\"+f\"(d[{}])", i ? "," : "", i);
    }
    std::string_view t = type == DType::kHalf ? "f16" : "bf16";
    return fmt::format(
        "DEV void wgmmaValues(float (&d)[32], const u32 (&a)[4], u64 b) {{\n"
        "    asm volatile(\"wgmma.mma_async.sync.aligned.m64n64k16.f32.{0}.{0} {{{1}}}, {{%32,%33,%34,%35}}, %36, 1, "
        "1, 1, 1;\\n\"\n"
        "        : {2} : \"r\"(a[0]), \"r\"(a[1]), \"r\"(a[2]), \"r\"(a[3]), \"l\"(b));\n}}\n",
        t, list, operands);
}

}  // namespace

Result<KernelPlan> attentionWgmma(const AttentionShape& s, const KernelTarget& target) {
    TRY(checkShape(s));
    if (target.sm != 90) return unsupported("attention.wgmma: for sm_90, not sm_{}", target.sm);
    if (s.alignment % 16 != 0) return unsupported("attention.wgmma: operands aligned to {} bytes", s.alignment);
    if (s.type == DType::kFloat || s.headDim > 128 || s.valueDim > 128 || s.headDim % 8 != 0 || s.valueDim % 8 != 0)
        return unsupported("attention.wgmma: {} with head dimensions {} and {}", lathe::toString(s.type), s.headDim,
                           s.valueDim);
    if (s.batch * s.heads * s.queries == 0) return KernelPlan{};
    if (s.keys == 0) return unsupported("attention.wgmma: no keys");
    int d = s.headDim > 64 ? 128 : 64, dv = s.valueDim > 64 ? 128 : 64, kv = 128;
    WgmmaAttentionParams p{};
    p.g = paramsOf(s);
    p.blocks = static_cast<int>(ceilDiv(s.queries, 128));
    p.work = int64_t{p.blocks} * s.heads * s.batch;
    KernelPlan plan;
    std::vector<std::string> defines = definesOf(s);
    for (std::string more : {fmt::format("D={}", d), fmt::format("DV={}", dv), fmt::format("KV={}", kv)})
        defines.push_back(std::move(more));
    plan.sources.push_back({.name = fmt::format("attention.wgmma.{}.d{}", lathe::toString(s.type), d),
                            .entry = "attention",
                            .text = composeText(wgmmaText(s.type, kv) + valuesText(s.type),
                                                {"hopper.cu", "attention_parts.cu", "attention_wgmma.cu"}),
                            .defines = std::move(defines),
                            .archSpecific = true,
                            .minSm = 90,
                            .maxSm = 90});
    Launch launch;
    launch.grid[0] = static_cast<uint32_t>(std::min<int64_t>(p.work, target.smCount));
    launch.block[0] = 384;
    launch.sharedBytes = static_cast<uint32_t>(2 * (d * 128 + d * kv + dv * kv) * 2 + 96 + 1024);
    if (launch.sharedBytes > static_cast<uint32_t>(target.sharedPerBlock))
        return unsupported("attention.wgmma: {} bytes of shared memory of {}", launch.sharedBytes,
                           target.sharedPerBlock);
    launch.setParams(p);
    launch.pointers = {{offsetof(WgmmaAttentionParams, g) + offsetof(AttentionParams, out), kOutput, 0}};
    if (s.mask) launch.pointers.push_back({offsetof(WgmmaAttentionParams, g) + offsetof(AttentionParams, mask), 3, 0});
    auto map = [&](uint32_t at, int operand, int64_t dim, int64_t rows, int64_t heads, const AttentionShape::Strides& t,
                   int box) -> Status {
        TensorMapAt m;
        m.at = at;
        m.operand = operand;
        m.type = s.type;
        m.rank = 4;
        const int64_t extents[] = {dim, rows, heads, s.batch}, strides[] = {t.row, t.head, t.batch};
        for (int i = 0; i < 4; ++i) m.dims[i] = static_cast<uint64_t>(extents[i]);
        for (int i = 0; i < 3; ++i) {
            // What is there once has no stride to speak of.
            int64_t stride = extents[i + 1] == 1 && strides[i] <= 0 ? dim : strides[i];
            if (stride <= 0 || stride % 8 != 0 || stride >= int64_t{1} << 38)
                return unsupported("attention.wgmma: operand {} with strides {}, {} and {}", operand, t.batch, t.head,
                                   t.row);
            m.strides[i] = static_cast<uint64_t>(stride) * 2;
        }
        m.box[0] = 64;
        m.box[1] = static_cast<uint32_t>(box);
        m.box[2] = m.box[3] = 1;
        launch.maps.push_back(m);
        return {};
    };
    TRY(map(offsetof(WgmmaAttentionParams, q), 0, s.headDim, s.queries, s.heads, s.q, 128));
    TRY(map(offsetof(WgmmaAttentionParams, k), 1, s.headDim, s.keys, s.kvHeads, s.k, kv));
    TRY(map(offsetof(WgmmaAttentionParams, v), 2, s.valueDim, s.keys, s.kvHeads, s.v, kv));
    plan.launches.push_back(std::move(launch));
    return plan;
}

Result<KernelPlan> attentionPlain(const AttentionShape& s) {
    TRY(checkShape(s));
    if (s.headDim > 256 || s.valueDim > 256)
        return unsupported("attention: head dimensions {} and {}, at most 256", s.headDim, s.valueDim);
    if (s.batch * s.heads * s.queries == 0) return KernelPlan{};
    KernelPlan plan;
    plan.sources.push_back({.name = fmt::format("attention.plain.{}.d{}", lathe::toString(s.type), s.headDim),
                            .entry = "attentionPlain",
                            .text = composeText("", {"attention_plain.cu"}),
                            .defines = definesOf(s)});
    Launch launch;
    launch.grid[0] = static_cast<uint32_t>(ceilDiv(s.queries, 4));
    launch.grid[1] = static_cast<uint32_t>(s.heads);
    launch.grid[2] = static_cast<uint32_t>(s.batch);
    launch.block[0] = 128;
    launch.setParams(paramsOf(s));
    launch.pointers = pointersOf(s);
    plan.launches.push_back(std::move(launch));
    return plan;
}

}  // namespace lathe::cuda
