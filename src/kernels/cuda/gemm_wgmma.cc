// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/gemm_wgmma.h"

#include <algorithm>

#include "kernels/cuda/text.h"

namespace lathe::cuda {
namespace {

// The one batch dimension whose products have operands of their own (-1: none), or why there is none.
Result<int> movingBatch(const GemmShape& s, const int64_t (&strides)[3], const char* which) {
    int found = -1;
    for (int i = 0; i < 3; ++i) {
        if (s.batch[i] == 1) continue;
        if (found >= 0) return unsupported("gemm.wgmma: a batch of {} x {} x {}", s.batch[0], s.batch[1], s.batch[2]);
        found = i;
    }
    if (found >= 0 && strides[found] == 0) return -1;
    if (found >= 0 && (strides[found] < 0 || strides[found] % 8 != 0))
        return unsupported("gemm.wgmma: {}'s products are {} elements apart", which, strides[found]);
    return found;
}

}  // namespace

Result<KernelPlan> gemmWgmma(const GemmShape& s, const TileProblem& problem, const GemmTile& t, const Epilogue& e,
                             int splits, const KernelTarget& target) {
    if (target.sm != 90) return unsupported("gemm.wgmma: for sm_90, not sm_{}", target.sm);
    if (s.type != DType::kHalf && s.type != DType::kBf16) return unsupported("gemm.wgmma: {}", lathe::toString(s.type));
    if (s.transA || !s.transB) return unsupported("gemm.wgmma: A and B must be contiguous along k");
    if (s.k == 0) return unsupported("gemm.wgmma: k is 0");
    if (s.lda % 8 != 0 || s.ldb % 8 != 0 || s.alignment % 16 != 0)
        return unsupported("gemm.wgmma: rows of {} and {} elements, aligned to {} bytes", s.lda, s.ldb, s.alignment);
    int moveA = TRY(movingBatch(s, s.strideA, "A")), moveB = TRY(movingBatch(s, s.strideB, "B"));

    WgmmaParams p{};
    GemmParams& g = p.g;
    g.m = static_cast<int>(s.m);
    g.n = static_cast<int>(s.n);
    g.k = static_cast<int>(s.k);
    g.ldc = s.ldc;
    g.ldr = s.ldr;
    g.batch1 = static_cast<int>(s.batch[1]);
    g.batch2 = static_cast<int>(s.batch[2]);
    for (int i = 0; i < 3; ++i) {
        g.strideC[i] = s.strideC[i];
        g.strideR[i] = s.strideR[i];
        g.strideChannel[i] = s.strideChannel[i];
    }
    g.tilesM = static_cast<int>(ceilDiv(s.m, t.bm));
    g.tilesN = static_cast<int>(ceilDiv(s.n, t.bn));
    g.accScale = e.accScale;
    int64_t steps = ceilDiv(s.k, 64), perSplit = ceilDiv(steps, std::clamp<int64_t>(splits, 1, steps));
    g.kPerSplit = static_cast<int>(perSplit * 64);
    g.splits = static_cast<int>(ceilDiv(steps, perSplit));
    p.movesA = moveA >= 0 ? 1 : 0;
    p.movesB = moveB >= 0 ? 1 : 0;
    int64_t tiles = int64_t{g.tilesM} * g.tilesN * problem.batches * g.splits;
    int cluster = wgmmaCluster(t, g.tilesM, tiles, target);
    p.clustersM = static_cast<int>(ceilDiv(g.tilesM, cluster));
    p.work = int64_t{p.clustersM} * g.tilesN * problem.batches * g.splits;

    WgmmaPlan w;
    w.gAt = offsetof(WgmmaParams, g);
    w.gBytes = sizeof(GemmParams);
    w.params.resize(sizeof p);
    std::memcpy(w.params.data(), &p, sizeof p);
    w.work = p.work;
    w.splits = g.splits;
    w.cluster = cluster;
    w.pointers = {{offsetof(GemmParams, c), kOutput, 0}};
    if (e.scale) w.pointers.push_back({offsetof(GemmParams, scale), kOperandScale, 0});
    if (e.bias) w.pointers.push_back({offsetof(GemmParams, bias), kOperandBias, 0});
    if (e.residual) w.pointers.push_back({offsetof(GemmParams, residual), kOperandResidual, 0});
    if (g.splits > 1) w.pointers.push_back({offsetof(GemmParams, partial), kWorkspace, 0});
    auto map = [&](uint32_t at, int operand, int64_t rows, int64_t ld, int box, int moving,
                   const int64_t(&strides)[3]) {
        TensorMapAt m;
        m.at = at;
        m.operand = operand;
        m.type = s.type;
        m.rank = 3;
        m.dims[0] = static_cast<uint64_t>(s.k);
        m.dims[1] = static_cast<uint64_t>(rows);
        m.dims[2] = moving >= 0 ? static_cast<uint64_t>(s.batch[moving]) : 1;
        m.strides[0] = static_cast<uint64_t>(ld) * 2;
        m.strides[1] = moving >= 0 ? static_cast<uint64_t>(strides[moving]) * 2 : m.strides[0] * m.dims[1];
        m.box[0] = 64;
        m.box[1] = static_cast<uint32_t>(box);
        m.box[2] = 1;
        return m;
    };
    w.maps = {map(offsetof(WgmmaParams, a), kOperandA, s.m, s.lda, t.bm, moveA, s.strideA),
              map(offsetof(WgmmaParams, b), kOperandB, s.n, s.ldb, t.bn / cluster, moveB, s.strideB)};
    return finishWgmma(std::move(w), problem, t, e, target);
}

int wgmmaCluster(const GemmTile& t, int tilesM, int64_t tiles, const KernelTarget& target) {
    // Sharing pays where all blocks are busy; a lone row of tiles has nobody to share with, and an odd number of rows
    // must not cost another wave.
    if (tilesM < 2 || t.bn < 128 || tiles < target.smCount) return 1;
    int64_t pairs = ceilDiv(tilesM, 2) * (tiles / tilesM);
    return ceilDiv(pairs, target.smCount / 2) <= ceilDiv(tiles, target.smCount) ? 2 : 1;
}

std::string wgmmaText(DType type, int n) {
    std::string_view t = type == DType::kHalf ? "f16" : "bf16";
    int regs = n / 2;
    std::string list, operands;
    for (int i = 0; i < regs; ++i) {
        list += fmt::format("{}%{}", i ? "," : "", i);
        operands += fmt::format("{}\"+f\"(d[{}])", i ? "," : "", i);
    }
    return fmt::format(
        "DEV void wgmma(float (&d)[{0}], u64 a, u64 b, int add) {{\n"
        "    asm volatile(\"{{\\n.reg .pred p;\\nsetp.ne.b32 p, %{1}, 0;\\n\"\n"
        "        \"wgmma.mma_async.sync.aligned.m64n{2}k16.f32.{3}.{3} {{{4}}}, %{5}, %{6}, p, 1, 1, 0, 0;\\n}}\\n\"\n"
        "        : {7} : \"l\"(a), \"l\"(b), \"r\"(add));\n}}\n",
        regs, regs + 2, n, t, list, regs, regs + 1, operands);
}

Result<KernelPlan> finishWgmma(WgmmaPlan w, const TileProblem& problem, const GemmTile& t, const Epilogue& e,
                               const KernelTarget& target) {
    int consumers = t.bm / t.wm;
    int64_t shared =
        int64_t{t.stages} * (t.bm + t.bn) * 128 + int64_t{consumers} * 4 * 16 * 40 * 4 + t.stages * 16 + 1024;
    if (shared > target.sharedPerBlock)
        return unsupported("{}.wgmma: a tile of {} x {} takes {} bytes of shared memory, and a block has {}",
                           problem.what, t.bm, t.bn, shared, target.sharedPerBlock);
    KernelPlan plan;
    KernelSource source;
    source.name =
        fmt::format("{}.wgmma.{}.{}x{}c{}", problem.what, lathe::toString(problem.type), t.bm, t.bn, w.cluster);
    source.entry = "gemm";
    source.text = composeText(problem.middle + epilogueText(e) + wgmmaText(problem.type, t.bn),
                              {"store.cu", "hopper.cu", "gemm_wgmma.cu"});
    source.defines = {defineType("T", problem.type),
                      defineType("OUT", problem.outType),
                      fmt::format("BM={}", t.bm),
                      fmt::format("BN={}", t.bn),
                      fmt::format("WM={}", t.wm),
                      fmt::format("STAGES={}", t.stages),
                      fmt::format("CLUSTER={}", w.cluster),
                      fmt::format("VC={}", problem.vc),
                      fmt::format("BATCHES={}", problem.batches),
                      fmt::format("SETMAXNREG={}", consumers == 2 ? 1 : 0),
                      fmt::format("SPLIT={}", w.splits > 1 ? 1 : 0)};
    source.archSpecific = true;
    source.minSm = source.maxSm = 90;
    plan.sources.push_back(source);
    Launch launch;
    int64_t most = target.smCount / w.cluster;
    launch.grid[0] = static_cast<uint32_t>(std::min<int64_t>(w.work, most) * w.cluster);
    launch.cluster[0] = static_cast<uint32_t>(w.cluster);
    launch.block[0] = static_cast<uint32_t>(128 * (consumers + 1));
    launch.sharedBytes = static_cast<uint32_t>(shared);
    launch.params = w.params;
    launch.pointers = w.pointers;
    for (PointerAt& at : launch.pointers) at.at += w.gAt;
    launch.maps = std::move(w.maps);
    plan.launches.push_back(std::move(launch));
    if (w.splits > 1) {
        plan.workspaceBytes = w.splits * problem.batches * problem.m * problem.n * int64_t{sizeof(float)};
        source.entry = "joinSplits";
        plan.sources.push_back(std::move(source));
        Launch join;
        join.source = 1;
        join.grid[2] = static_cast<uint32_t>(problem.batches);
        TRY(setGrid(join, problem.m * (problem.n / problem.vc), 256, "split product"));
        join.params.assign(w.params.begin() + w.gAt, w.params.begin() + w.gAt + w.gBytes);
        join.pointers = std::move(w.pointers);
        plan.launches.push_back(std::move(join));
    }
    return plan;
}

}  // namespace lathe::cuda
