// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/gemm.h"

#include <algorithm>

#include "kernels/cuda/gemm_parts.h"
#include "kernels/cuda/gemm_wgmma.h"
#include "kernels/cuda/text.h"

namespace lathe::cuda {
namespace {

constexpr GemmTile kTiles[] = {
    {GemmKernel::kSimt, 128, 128, 8, 8, 8, 2},        // 0
    {GemmKernel::kSimt, 64, 64, 16, 4, 4, 2},         // 1
    {GemmKernel::kMma, 128, 128, 32, 64, 64, 4},      // 2
    {GemmKernel::kMma, 256, 128, 32, 64, 64, 3},      // 3
    {GemmKernel::kMma, 128, 256, 32, 64, 64, 3},      // 4
    {GemmKernel::kMma, 128, 64, 32, 64, 32, 4},       // 5
    {GemmKernel::kMma, 64, 128, 32, 32, 64, 4},       // 6
    {GemmKernel::kMma, 64, 64, 64, 32, 32, 4},        // 7
    {GemmKernel::kMma, 64, 32, 64, 32, 16, 4},        // 8
    {GemmKernel::kMma, 32, 64, 64, 16, 32, 4},        // 9
    {GemmKernel::kMma, 32, 32, 128, 16, 16, 3},       // 10
    {GemmKernel::kMma, 16, 64, 128, 16, 16, 4},       // 11
    {GemmKernel::kMma, 16, 128, 64, 16, 32, 4},       // 12
    {GemmKernel::kWgmma, 128, 128, 64, 64, 128, 5},   // 13
    {GemmKernel::kWgmma, 128, 256, 64, 64, 256, 4},   // 14
    {GemmKernel::kWgmma, 256, 128, 64, 128, 128, 4},  // 15
    {GemmKernel::kWgmma, 128, 64, 64, 64, 64, 6},     // 16
    {GemmKernel::kWgmma, 64, 128, 64, 64, 128, 6},    // 17
    {GemmKernel::kWgmma, 64, 64, 64, 64, 64, 8},      // 18
    {GemmKernel::kWgmma, 64, 256, 64, 64, 256, 5},    // 19
    {GemmKernel::kWgmma, 128, 192, 64, 64, 192, 5},   // 20
};

int64_t stepsOf(const GemmShape& s) { return s.batch[0] * s.batch[1] * s.batch[2]; }

Status checkShape(const GemmShape& s) {
    if (!isPlainFloat(s.type) || !isPlainFloat(s.outType))
        return unsupported("matrix product of {} to {}", lathe::toString(s.type), lathe::toString(s.outType));
    for (int64_t d : {s.m, s.n, s.k})
        if (d < 0 || d >= int64_t{1} << 30) return unsupported("matrix product of {} x {} x {}", s.m, s.n, s.k);
    int64_t batches = 1;
    for (int64_t b : s.batch)
        if (b < 0 || __builtin_mul_overflow(batches, b, &batches))
            return invalidArgument("matrix product: a batch of {}", b);
    if (batches > 65535) return unsupported("matrix product: a batch of {}, at most 65535", batches);
    return {};
}

}  // namespace

std::span<const GemmTile> gemmTiles() { return kTiles; }

Result<TileGeometry> tileGeometry(const TileProblem& p, const GemmTile& t, int splits, const KernelTarget& target) {
    TileGeometry g;
    int bytes = bitsOf(p.type) / 8;
    if (t.kernel == GemmKernel::kMma) {
        if (target.sm < 80) return unsupported("{}: mma.sync tiles need sm_80, not sm_{}", p.what, target.sm);
        g.bk = bytes == 4 ? t.bk / 2 : t.bk;
        g.threads = static_cast<uint32_t>(32 * (t.bm / t.wm) * (t.bn / t.wn));
        int padK = 16 / bytes, padN = 8;
        int a = p.aAlongK ? t.bm * (g.bk + padK) : g.bk * (t.bm + padN),
            b = p.bAlongK ? t.bn * (g.bk + padK) : g.bk * (t.bn + padN);
        int out = static_cast<int>(g.threads) / 32 * 16 * (t.wn + 8) * 4;
        g.sharedBytes = static_cast<uint32_t>(std::max(t.stages * (a + b) * bytes, out));
    } else {
        g.bk = t.bk;
        g.threads = static_cast<uint32_t>(t.bm / t.wm * (t.bn / t.wn));
    }
    if (g.sharedBytes > static_cast<uint32_t>(target.sharedPerBlock))
        return unsupported("{}: a tile of {} x {} takes {} bytes of shared memory, and a block has {}", p.what, t.bm,
                           t.bn, g.sharedBytes, target.sharedPerBlock);
    g.tilesM = static_cast<int>(ceilDiv(p.m, t.bm));
    g.tilesN = static_cast<int>(ceilDiv(p.n, t.bn));
    if (int64_t{g.tilesM} * g.tilesN > INT32_MAX) return unsupported("{}: {} x {} tiles", p.what, g.tilesM, g.tilesN);
    // Parts of whole steps; none of them empty.
    int64_t steps = std::max<int64_t>(ceilDiv(p.k, g.bk), 1);
    int64_t perSplit = ceilDiv(steps, std::clamp<int64_t>(splits, 1, std::min<int64_t>(steps, 65535)));
    g.kPerSplit = static_cast<int>(perSplit * g.bk);
    g.splits = static_cast<int>(ceilDiv(steps, perSplit));
    return g;
}

Result<KernelPlan> tilePlan(const TileProblem& p, const GemmTile& t, const TileGeometry& g, const Epilogue& e,
                            std::vector<std::byte> params, std::vector<PointerAt> pointers) {
    bool split = g.splits > 1;
    KernelPlan plan;
    KernelSource s;
    bool mma = t.kernel == GemmKernel::kMma;
    s.name = fmt::format("{}.{}.{}.{}x{}x{}", p.what, mma ? "mma" : "simt", lathe::toString(p.type), t.bm, t.bn, g.bk);
    s.entry = "gemm";
    s.text = composeText(p.middle + epilogueText(e), {"store.cu", mma ? "gemm_mma.cu" : "gemm_simt.cu"});
    // A thread of the plain kernel has columns in groups of four.
    int vc = mma ? p.vc : std::min(p.vc, 4);
    s.defines = {defineType("T", p.type),
                 defineType("OUT", p.outType),
                 fmt::format("BM={}", t.bm),
                 fmt::format("BN={}", t.bn),
                 fmt::format("BK={}", g.bk),
                 fmt::format("{}={}", mma ? "WM" : "TM", t.wm),
                 fmt::format("{}={}", mma ? "WN" : "TN", t.wn),
                 fmt::format("STAGES={}", t.stages),
                 fmt::format("A_K={}", p.aAlongK ? 1 : 0),
                 fmt::format("B_K={}", p.bAlongK ? 1 : 0),
                 fmt::format("VA={}", p.va),
                 fmt::format("VB={}", p.vb),
                 fmt::format("VC={}", vc),
                 fmt::format("SPLIT={}", split ? 1 : 0)};
    s.minSm = mma ? 80 : 75;
    plan.sources.push_back(s);
    Launch launch;
    launch.grid[0] = static_cast<uint32_t>(g.tilesM * g.tilesN);
    launch.grid[1] = static_cast<uint32_t>(g.splits);
    launch.grid[2] = static_cast<uint32_t>(p.batches);
    launch.block[0] = g.threads;
    launch.sharedBytes = g.sharedBytes;
    launch.params = std::move(params);
    launch.pointers = std::move(pointers);
    plan.launches.push_back(launch);
    if (split) {
        plan.workspaceBytes = g.splits * p.batches * p.m * p.n * int64_t{sizeof(float)};
        s.entry = "joinSplits";
        plan.sources.push_back(std::move(s));
        Launch join = plan.launches[0];
        join.source = 1;
        join.sharedBytes = 0;
        join.grid[1] = 1;
        TRY(setGrid(join, p.m * (p.n / vc), 256, "split product"));
        plan.launches.push_back(std::move(join));
    }
    return plan;
}

Result<KernelPlan> gemm(const GemmShape& s, const Epilogue& e, int tile, int splits, const KernelTarget& target) {
    TRY(checkShape(s));
    TRY(checkEpilogue(e));
    if (tile < 0 || static_cast<size_t>(tile) >= std::size(kTiles)) return invalidArgument("there is no tile {}", tile);
    const GemmTile& t = kTiles[tile];
    if (s.m == 0 || s.n == 0 || stepsOf(s) == 0) return KernelPlan{};
    TileProblem p;
    p.type = s.type;
    p.outType = s.outType;
    p.m = s.m;
    p.n = s.n;
    p.k = s.k;
    p.batches = stepsOf(s);
    p.aAlongK = !s.transA;
    p.bAlongK = s.transB;
    p.what = "gemm";
    int bytes = bitsOf(s.type) / 8;
    int v = std::max(std::min(16, commonVector(16, {s.alignment})) / bytes, 1);
    p.va = commonVector(v, {s.transA ? s.m : s.k, s.lda, s.strideA[0], s.strideA[1], s.strideA[2]});
    p.vb = commonVector(v, {s.transB ? s.k : s.n, s.ldb, s.strideB[0], s.strideB[1], s.strideB[2]});
    // Vectors of C go with those of the epilogue's operands.
    int vc = std::max(std::min(16, commonVector(16, {s.alignment})) / std::max(bitsOf(s.outType) / 8, 2), 1);
    p.vc = commonVector(vc, {s.n, s.ldc, s.strideC[0], s.strideC[1], s.strideC[2]});
    if (e.residual) p.vc = commonVector(p.vc, {s.ldr, s.strideR[0], s.strideR[1], s.strideR[2]});
    if (e.scale || e.bias) p.vc = commonVector(p.vc, {s.strideChannel[0], s.strideChannel[1], s.strideChannel[2]});
    p.middle = "#define CONV 0\n";
    if (t.kernel == GemmKernel::kWgmma) return gemmWgmma(s, p, t, e, splits, target);
    TileGeometry g = TRY(tileGeometry(p, t, splits, target));
    GemmParams q{};
    q.m = static_cast<int>(s.m);
    q.n = static_cast<int>(s.n);
    q.k = static_cast<int>(s.k);
    q.lda = s.lda;
    q.ldb = s.ldb;
    q.ldc = s.ldc;
    q.ldr = s.ldr;
    q.batch1 = static_cast<int>(s.batch[1]);
    q.batch2 = static_cast<int>(s.batch[2]);
    for (int i = 0; i < 3; ++i) {
        q.strideA[i] = s.strideA[i];
        q.strideB[i] = s.strideB[i];
        q.strideC[i] = s.strideC[i];
        q.strideR[i] = s.strideR[i];
        q.strideChannel[i] = s.strideChannel[i];
    }
    q.tilesM = g.tilesM;
    q.tilesN = g.tilesN;
    q.splits = g.splits;
    q.kPerSplit = g.kPerSplit;
    q.accScale = e.accScale;
    std::vector<std::byte> params(sizeof q);
    std::memcpy(params.data(), &q, sizeof q);
    std::vector<PointerAt> pointers = {{offsetof(GemmParams, a), kOperandA, 0},
                                       {offsetof(GemmParams, b), kOperandB, 0},
                                       {offsetof(GemmParams, c), kOutput, 0}};
    if (e.scale) pointers.push_back({offsetof(GemmParams, scale), kOperandScale, 0});
    if (e.bias) pointers.push_back({offsetof(GemmParams, bias), kOperandBias, 0});
    if (e.residual) pointers.push_back({offsetof(GemmParams, residual), kOperandResidual, 0});
    if (g.splits > 1) pointers.push_back({offsetof(GemmParams, partial), kWorkspace, 0});
    return tilePlan(p, t, g, e, std::move(params), std::move(pointers));
}

namespace {

// What a tile takes on an H200, in microseconds, fitted to the times of tests/cuda/kernel_bench.cc: a launch, a wave of
// blocks (one a multiprocessor), and each of its steps along k. On other GPUs their proportions matter.
struct TileCost {
    double launch, wave, step;
};
constexpr TileCost kCosts[] = {
    {2.0, 1.5, 0.9},  {2.0, 1.0, 0.5},  {2.6, 0.2, 0.49}, {0.7, 0.5, 1.02}, {0.7, 3.3, 0.94}, {2.8, 0.1, 0.31},
    {3.1, 0.1, 0.31}, {2.4, 0.1, 0.37}, {2.0, 0.5, 0.25}, {2.1, 0.1, 0.30}, {2.2, 0.2, 0.37}, {1.4, 0.6, 0.49},
    {0.9, 1.0, 0.36}, {0.8, 2.3, 0.36}, {0.3, 3.3, 0.71}, {0.4, 3.3, 0.72}, {0.5, 1.9, 0.22}, {0.6, 1.9, 0.23},
    {1.0, 0.9, 0.22}, {0.4, 3.0, 0.40}, {0.3, 2.8, 0.54},
};
static_assert(std::size(kCosts) == std::size(kTiles));

}  // namespace

std::vector<RankedTile> rankTiles(const TileProblem& p, bool tf32, int64_t wgmmaSteps, const KernelTarget& target) {
    bool mma = target.sm >= 80 && (p.type != DType::kFloat || tf32);
    std::vector<RankedTile> out;
    for (int i = 0; i < static_cast<int>(std::size(kTiles)); ++i) {
        const GemmTile& t = kTiles[i];
        if (t.kernel == GemmKernel::kWgmma ? wgmmaSteps == 0 : (t.kernel == GemmKernel::kMma) != mma) continue;
        int64_t tiles = ceilDiv(p.m, t.bm) * ceilDiv(p.n, t.bn) * std::max<int64_t>(p.batches, 1);
        RankedTile best{{i, 1}, 1e300};
        for (int splits : {1, 2, 3, 4, 6, 8, 12, 16, 32}) {
            int64_t perSplit = 0;
            if (t.kernel == GemmKernel::kWgmma) {
                perSplit = ceilDiv(wgmmaSteps, splits);
            } else {
                Result<TileGeometry> g = tileGeometry(p, t, splits, target);
                if (!g.ok()) break;
                perSplit = g->kPerSplit / g->bk;
            }
            if (splits > 1 && perSplit < 2) break;
            double waves = static_cast<double>(ceilDiv(tiles * splits, std::max(target.smCount, 1)));
            const TileCost& c = kCosts[i];
            double cost = c.launch + waves * (c.wave + c.step * static_cast<double>(perSplit));
            // Parts are written and read once more, by another launch.
            if (splits > 1)
                cost += 1.6 + splits * static_cast<double>(p.m) * static_cast<double>(p.n * p.batches) * 8 / 3.5e6;
            if (cost * 1e-6 < best.seconds) best = {{i, splits}, cost * 1e-6};
        }
        if (best.seconds < 1e300) out.push_back(best);
    }
    std::stable_sort(out.begin(), out.end(),
                     [](const RankedTile& a, const RankedTile& b) { return a.seconds < b.seconds; });
    return out;
}

std::vector<RankedTile> rankGemm(const GemmShape& s, bool tf32, const KernelTarget& target) {
    TileProblem p;
    p.type = s.type;
    p.m = s.m;
    p.n = s.n;
    p.k = s.k;
    p.batches = stepsOf(s);
    p.aAlongK = !s.transA;
    p.bAlongK = s.transB;
    int moving = 0;
    for (int64_t b : s.batch) moving += b > 1;
    // What gemmWgmma asks for.
    bool wgmma = target.sm == 90 && s.type != DType::kFloat && !s.transA && s.transB && s.lda % 8 == 0 &&
                 s.ldb % 8 == 0 && s.alignment % 16 == 0 && moving <= 1 && s.k > 0;
    for (int i = 0; i < 3; ++i)
        wgmma = wgmma && s.strideA[i] >= 0 && s.strideA[i] % 8 == 0 && s.strideB[i] >= 0 && s.strideB[i] % 8 == 0;
    return rankTiles(p, tf32, wgmma ? ceilDiv(s.k, 64) : 0, target);
}

GemmChoice chooseGemm(const GemmShape& s, bool tf32, const KernelTarget& target) {
    std::vector<RankedTile> ranked = rankGemm(s, tf32, target);
    return ranked.empty() ? GemmChoice{} : ranked[0].choice;
}

}  // namespace lathe::cuda
