// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/rows.h"

#include <algorithm>

#include "kernels/cuda/text.h"

namespace lathe::cuda {
namespace {

struct RowKind {
    DType type = DType::kFloat;
    int kind = 0;  // of rows.cu
    bool residual = false, sum = false, scale = false, bias = false, channels = false, mean = false, inverse = false;
    DType affine = DType::kFloat;
};

// How rows of n elements are spread over threads; `p` has everything but addresses.
Result<KernelPlan> rowsPlan(const RowKind& k, const RowParams& p) {
    if (p.rows == 0 || p.n == 0) return KernelPlan{};
    if (p.n > INT32_MAX) return unsupported("a row of {} elements", p.n);
    int bytes = bitsOf(k.type) / 8;
    int v = commonVector(16 / bytes,
                         {p.n, p.xStride, p.yStride, k.residual ? p.residualStride : 0, k.sum ? p.sumStride : 0});
    // A thread keeps up to 32 elements of the row: as few threads as that allows, parts of a warp too, since what they
    // exchange costs more than what they compute.
    int64_t vectors = ceilDiv(p.n, v);
    int threads = 4;
    while (threads < 1024 && ceilDiv(vectors, threads) * v > 32) threads *= 2;
    int64_t per = ceilDiv(vectors, threads);
    bool cached = per * v <= 32;
    if (!cached) threads = 512;
    int rows = threads <= 32 ? 128 / threads : 1;
    KernelPlan plan;
    KernelSource s;
    s.name = fmt::format("rows.k{}.t{}v{}", k.kind, threads, v);
    s.entry = "rows";
    s.text = composeText("", {"rows.cu"});
    s.defines = {defineType("T", k.type),
                 fmt::format("T_BYTES={}", bytes),
                 defineType("S", k.affine),
                 fmt::format("V={}", v),
                 fmt::format("K={}", cached ? per : 1),
                 fmt::format("THREADS={}", threads),
                 fmt::format("ROWS={}", rows),
                 fmt::format("KIND={}", k.kind),
                 fmt::format("CACHED={}", cached ? 1 : 0),
                 fmt::format("RESIDUAL={}", k.residual ? 1 : 0),
                 fmt::format("SUM={}", k.sum ? 1 : 0),
                 fmt::format("HAS_SCALE={}", k.scale ? 1 : 0),
                 fmt::format("HAS_BIAS={}", k.bias ? 1 : 0),
                 fmt::format("STATISTICS={}", k.mean || k.inverse ? 1 : 0),
                 fmt::format("CHANNELS={}", k.channels ? 1 : 0)};
    plan.sources.push_back(std::move(s));
    Launch launch;
    int64_t blocks = ceilDiv(p.rows, rows);
    if (blocks > INT32_MAX) return unsupported("{} rows are too many for one launch", p.rows);
    launch.grid[0] = static_cast<uint32_t>(blocks);
    launch.block[0] = static_cast<uint32_t>(threads * rows);
    launch.setParams(p);
    launch.pointers = {{offsetof(RowParams, x), 0, 0}, {offsetof(RowParams, y), kOutput, 0}};
    if (k.residual) launch.pointers.push_back({offsetof(RowParams, residual), 1, 0});
    if (k.scale) launch.pointers.push_back({offsetof(RowParams, scale), 2, 0});
    if (k.bias) launch.pointers.push_back({offsetof(RowParams, bias), 3, 0});
    if (k.sum) launch.pointers.push_back({offsetof(RowParams, sum), kOutput + 1, 0});
    if (k.mean) launch.pointers.push_back({offsetof(RowParams, mean), kOutput + 2, 0});
    if (k.inverse) launch.pointers.push_back({offsetof(RowParams, inverse), kOutput + 3, 0});
    plan.launches.push_back(std::move(launch));
    return plan;
}

Status checkTypes(DType type, const std::optional<DType>& affine, bool used, const char* what) {
    if (!isPlainFloat(type)) return unsupported("{}: elements of type {}", what, lathe::toString(type));
    if (used && (!affine || !isPlainFloat(*affine)))
        return unsupported("{}: scale or bias of a type that is not f32, f16 or bf16", what);
    return {};
}

}  // namespace

Result<KernelPlan> softmax(DType type, int64_t outer, int64_t n, int64_t inner, bool log) {
    TRY(checkTypes(type, {}, false, "softmax"));
    int64_t extents[] = {outer, n, inner};
    if (TRY(elementCount(extents, "softmax")) == 0) return KernelPlan{};
    if (inner == 1) {
        RowParams p{};
        p.rows = outer;
        p.n = n;
        p.xStride = p.yStride = n;
        return rowsPlan({.type = type, .kind = log ? 1 : 0}, p);
    }
    ColumnParams p{};
    p.outer = outer;
    p.n = n;
    p.inner = inner;
    KernelPlan plan;
    plan.sources.push_back({.name = "softmax.columns",
                            .entry = "columnSoftmax",
                            .text = composeText("", {"columns.cu"}),
                            .defines = {defineType("T", type), "S=f32", fmt::format("KIND={}", log ? 1 : 0),
                                        "HAS_SCALE=0", "HAS_BIAS=0"}});
    Launch launch;
    TRY(setGrid(launch, outer * inner, 256, "softmax"));
    launch.setParams(p);
    launch.pointers = {{offsetof(ColumnParams, x), 0, 0}, {offsetof(ColumnParams, y), kOutput, 0}};
    plan.launches.push_back(std::move(launch));
    return plan;
}

Result<KernelPlan> layerNorm(const LayerNormShape& s) {
    TRY(checkTypes(s.type, s.affine, s.scale || s.bias, "layer normalization"));
    if (s.rows < 0 || s.n < 0) return invalidArgument("layer normalization: {} rows of {}", s.rows, s.n);
    RowParams p{};
    p.rows = s.rows;
    p.n = s.n;
    p.xStride = s.xStride;
    p.residualStride = s.residualStride;
    p.yStride = s.yStride;
    p.sumStride = s.sumStride;
    p.epsilon = s.epsilon;
    p.channelLength = p.rowGroups = 1;
    return rowsPlan({.type = s.type,
                     .kind = s.rms ? 3 : 2,
                     .residual = s.residual,
                     .sum = s.sum,
                     .scale = s.scale,
                     .bias = s.bias,
                     .mean = s.mean,
                     .inverse = s.inverse,
                     .affine = s.affine.value_or(DType::kFloat)},
                    p);
}

Result<KernelPlan> groupNorm(const GroupNormShape& s, const KernelTarget& target) {
    TRY(checkTypes(s.type, s.affine, s.scale || s.bias, "group normalization"));
    int64_t extents[] = {s.batch, s.channels, s.positions};
    int64_t elements = TRY(elementCount(extents, "group normalization"));
    if (s.groups <= 0 || s.channels % s.groups != 0)
        return invalidArgument("group normalization: {} groups of {} channels", s.groups, s.channels);
    if (elements == 0) return KernelPlan{};
    int64_t perGroup = s.channels / s.groups;
    if (!s.channelsLast) {
        RowParams p{};
        p.rows = s.batch * s.groups;
        p.n = perGroup * s.positions;
        p.xStride = p.yStride = p.n;
        p.epsilon = s.epsilon;
        p.channelLength = s.positions;
        p.rowGroups = s.groups;
        p.rowChannels = perGroup;
        return rowsPlan({.type = s.type,
                         .kind = 2,
                         .scale = s.scale,
                         .bias = s.bias,
                         .channels = true,
                         .affine = s.affine.value_or(DType::kFloat)},
                        p);
    }
    // Enough blocks for the GPU, and at least about 4096 elements for each.
    int64_t blocks = s.batch * s.groups;
    if (blocks > INT32_MAX || s.positions * perGroup > INT32_MAX)
        return unsupported("group normalization of {} groups of {} elements", blocks, s.positions * perGroup);
    int64_t splits = std::clamp<int64_t>(ceilDiv(int64_t{4} * target.smCount, blocks), 1, 65535);
    splits = std::clamp<int64_t>(std::min(splits, s.positions * perGroup / 4096), 1, s.positions);
    ColumnParams p{};
    p.outer = s.batch;
    p.n = s.positions;
    p.inner = s.channels;
    p.perSplit = ceilDiv(s.positions, splits);
    p.splits = ceilDiv(s.positions, p.perSplit);
    p.groups = s.groups;
    p.channelsPerGroup = perGroup;
    p.epsilon = s.epsilon;
    KernelPlan plan;
    plan.workspaceBytes = blocks * p.splits * 3 * int64_t{sizeof(float)};
    std::string text = composeText("", {"columns.cu"});
    std::vector<std::string> defines = {defineType("T", s.type), defineType("S", s.affine.value_or(DType::kFloat)),
                                        "KIND=0", fmt::format("HAS_SCALE={}", s.scale ? 1 : 0),
                                        fmt::format("HAS_BIAS={}", s.bias ? 1 : 0)};
    for (const char* entry : {"groupMoments", "groupApply"}) {
        plan.sources.push_back(
            {.name = fmt::format("group_norm.{}", entry), .entry = entry, .text = text, .defines = defines});
        Launch launch;
        launch.source = static_cast<int>(plan.sources.size()) - 1;
        launch.grid[0] = static_cast<uint32_t>(blocks);
        launch.grid[1] = static_cast<uint32_t>(p.splits);
        launch.block[0] = 256;
        launch.setParams(p);
        launch.pointers = {{offsetof(ColumnParams, x), 0, 0},
                           {offsetof(ColumnParams, y), kOutput, 0},
                           {offsetof(ColumnParams, partial), kWorkspace, 0}};
        if (s.scale) launch.pointers.push_back({offsetof(ColumnParams, scale), 2, 0});
        if (s.bias) launch.pointers.push_back({offsetof(ColumnParams, bias), 3, 0});
        plan.launches.push_back(std::move(launch));
    }
    return plan;
}

}  // namespace lathe::cuda
