// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/gemm.h"

#include <algorithm>

#include "base/thread_pool.h"
#include "kernels/cpu/gemm_table.h"
#include "kernels/cpu/isa/isa.h"

LATHE_ISA_TABLE(GemmTable, gemmTable)

namespace lathe::cpu {
namespace {

int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }
int64_t roundUp(int64_t a, int64_t b) { return ceilDiv(a, b) * b; }

// Below this many multiply-adds in all, waking another thread costs more than it saves.
constexpr double kSerialWork = 250e3;
// Sums are not split into shares shorter than this.
constexpr int64_t kLeastShare = 512;
// Parts are not made smaller than this, so that a few per thread even out.
constexpr double kPartWork = 2e6;
// Large ones may be more of them a thread, which evens out what other programs take from one of the threads.
constexpr double kLargePartWork = 12e6;
constexpr int64_t kMostParts = 6;
// Rows whose sums are parked while K goes by in pieces.
constexpr int64_t kParkedRows = 264;

struct Plan {
    GemmBlocks blocks;
    int64_t gridM = 1, gridN = 1;  // parts of one product
    int64_t panels = 0, tiles = 0;
    int threads = 1;
    int64_t floatsA = 0, floatsB = 0, floatsParked = 0;  // workspace of one part
    // More than 1 where there are fewer tiles than threads: parts of the sum, of shareK steps each.
    int64_t splitK = 1, shareK = 0;
    int64_t floatsSums = 0;  // workspace of all their sums

    int64_t groups(int64_t batch) const {  // parts in flight, each with its workspace
        int64_t parts = splitK > 1 ? splitK : batch * gridM * gridN, most = threads > 1 ? kMostParts * threads : 1;
        return std::min(parts, most);
    }
    int64_t floatsPart() const { return floatsA + floatsB + floatsParked; }
    int64_t workspaceFloats(int64_t batch) const { return floatsSums + groups(batch) * floatsPart(); }
    void setSpace(GemmPart& p, float* space) const {
        p.copyOfA = space;
        p.copyOfB = space + floatsA;
        if (floatsParked) p.parked = space + floatsA + floatsB;
    }
};

// Cuts the product of `tiles` x `panels` register tiles into gridM x gridN, for `parts` parts in all.
void chooseGrid(const GemmTable& t, const GemmShape& s, int64_t parts, Plan& plan) {
    double best = 0;
    for (int64_t gm = 1; gm <= std::min(parts, plan.tiles); ++gm) {
        int64_t gn = std::min(std::max<int64_t>(parts / gm, 1), plan.panels);
        double rows = static_cast<double>(ceilDiv(plan.tiles, gm) * t.tileRows);
        double columns = static_cast<double>(ceilDiv(plan.panels, gn) * t.tileColumns);
        double rounds = static_cast<double>(ceilDiv(gm * gn, parts));
        double k = static_cast<double>(s.k);
        // In units of one vector multiply-add; reading operands counts a little, so that square parts win.
        double cost = rounds * k * (rows * columns / t.lanes + 0.15 * rows + 0.25 * columns);
        if (best == 0 || cost < best) {
            best = cost;
            plan.gridM = gm;
            plan.gridN = gn;
        }
    }
}

// Where B comes from.
struct Source {
    bool packed = false;
    GemmPack pack = nullptr;
    const void* context = nullptr;
};

// Whether rows of A fall on one or two of the cache's sets.
bool rowsConflict(const GemmShape& s) { return s.lda % 512 == 0; }

Plan makePlan(const GemmTable& t, const GemmShape& s, const Source& source, bool aliased, int threads) {
    Plan plan;
    const CpuInfo& cpu = cpuInfo();
    plan.panels = ceilDiv(s.n, t.tileColumns);
    plan.tiles = ceilDiv(s.m, t.tileRows);
    int64_t batch = s.batchCount();
    double work = static_cast<double>(s.m) * static_cast<double>(s.n) * static_cast<double>(std::max<int64_t>(s.k, 1));
    if (work * static_cast<double>(batch) <= kSerialWork) threads = 1;
    plan.threads = std::max(threads, 1);

    int64_t few = plan.tiles * plan.panels;
    if (plan.threads > 1 && batch == 1 && !source.pack && few * 2 <= plan.threads && s.k >= 2 * kLeastShare) {
        GemmShape share = s;
        share.k = roundUp(ceilDiv(s.k, std::min(plan.threads / few, s.k / kLeastShare)), 16);
        Plan one = makePlan(t, share, source, false, 1);
        one.threads = plan.threads;
        one.shareK = share.k;
        one.splitK = ceilDiv(s.k, share.k);
        one.floatsSums = one.splitK * s.m * plan.panels * t.tileColumns;
        return one;
    }

    // Parts per product: enough for all threads together with the batch, more of them where they stay large.
    int64_t wanted = plan.threads;
    if (plan.threads > 1) {
        double all = work * static_cast<double>(batch);
        auto partsOf = [&](double partWork, int64_t perThread) {
            return std::clamp<int64_t>(static_cast<int64_t>(all / partWork), plan.threads, perThread * plan.threads);
        };
        wanted = partsOf(kPartWork, 3);
        // Each part packs its own B where that is not done ahead.
        if (source.packed) wanted = std::max(wanted, partsOf(kLargePartWork, kMostParts));
        wanted = wanted / plan.threads * plan.threads;
    }
    int64_t parts = batch >= wanted ? 1 : ceilDiv(wanted, batch);
    if (parts > 1) chooseGrid(t, s, parts, plan);

    int64_t partRows = std::min(s.m, ceilDiv(plan.tiles, plan.gridM) * t.tileRows);
    int64_t partPanels = ceilDiv(plan.panels, plan.gridN);

    GemmBlocks& b = plan.blocks;
    b.dots = !source.packed && !source.pack && s.transB && !s.transA && s.m <= 4;
    // Parking sums in C costs more than a panel that streams from L2, so K is cut late; measured. Never where the
    // output is also the residual: the parked sums would overwrite it.
    int64_t panelStep = t.tileColumns * 4, once = cpu.l1Bytes * 2 / panelStep, most = cpu.l1Bytes / panelStep;
    // Narrow panels that are packed ahead do gain: where one stays in half of L1 while rows of A pass it, and the sums
    // of some panels stay in L2, in a place of their own.
    bool resident = source.packed && t.tileColumns <= 16;
    if (resident) once = most = std::max<int64_t>(cpu.l1Bytes / 2 / panelStep, 64);
    b.kBlock = std::max<int64_t>(s.k, 1);
    if ((!aliased || resident) && s.k > once) b.kBlock = roundUp(ceilDiv(s.k, ceilDiv(s.k, most)), 8);
    b.panelBlock = partPanels;
    b.rowBlock = partRows;
    if (resident && b.kBlock < s.k) {
        if (partRows > kParkedRows * 3 / 2) b.rowBlock = roundUp(kParkedRows, t.tileRows);
        b.panelBlock = std::clamp<int64_t>(cpu.l2Bytes / 2 / (b.rowBlock * panelStep), 1, partPanels);
        plan.floatsParked = roundUp(b.rowBlock, t.tileRows) * b.panelBlock * t.tileColumns;
    }
    if (!source.packed && !b.dots) {
        bool scattered = s.ldb > 512;
        b.copyB = source.pack || s.transB || (partRows > 2 * t.tileRows && (scattered || partRows > 16 * t.tileRows));
        if (b.copyB) {
            int64_t fit = cpu.l2Bytes / 4 / (b.kBlock * t.tileColumns * 4);
            b.panelBlock = std::min(partPanels, std::max<int64_t>(fit, 1));
        }
        plan.floatsB = b.kBlock * t.tileColumns * (b.copyB ? b.panelBlock : 1);
    }
    // Such rows push each other out.
    bool conflicts = rowsConflict(s) && partPanels >= 8 && partRows >= t.tileRows;
    b.copyA = s.transA || conflicts;
    b.mBlock = std::clamp<int64_t>(cpu.l2Bytes / 2 / (b.kBlock * 4), 1, partRows);
    b.mBlock = std::min(roundUp(b.mBlock, t.tileRows), roundUp(partRows, t.tileRows));
    if (b.copyA) plan.floatsA = b.mBlock * (b.kBlock + GemmBlocks::kPadA);
    plan.floatsA = roundUp(plan.floatsA, 16);
    plan.floatsB = roundUp(plan.floatsB, 16);
    return plan;
}

// Shares of the sum side by side, then their sum and the epilogue.
void runSplit(const GemmTable& t, const Plan& plan, const GemmShape& s, const float* a, const float* b, float* c,
              const Epilogue& epilogue, const Source& source, float* space) {
    int64_t ld = plan.panels * t.tileColumns, stride = s.m * ld;
    Epilogue none;
    auto share = [&](int index) {
        GemmPart p;
        int64_t k0 = index * plan.shareK;
        p.n = s.n, p.k = std::min(plan.shareK, s.k - k0), p.packedK = s.k, p.packedFirst = k0;
        p.lda = s.lda, p.ldb = s.ldb, p.ldc = ld;
        p.transA = s.transA, p.transB = s.transB, p.packedB = source.packed;
        p.a = a + (s.transA ? k0 * s.lda : k0);
        p.b = source.packed ? b : b + (s.transB ? k0 : k0 * s.ldb);
        p.c = space + index * stride;
        p.epilogue = &none;
        p.blocks = plan.blocks;
        plan.setSpace(p, space + plan.floatsSums + index * plan.floatsPart());
        p.m1 = s.m, p.p1 = plan.panels;
        t.part(p);
    };
    ThreadPool::instance().run(static_cast<int>(plan.splitK), share, plan.threads);
    t.reduce(space, plan.splitK, stride, ld, s.m, 0, s.n, c, s.ldc, epilogue);
}

void runGemm(const GemmShape& s, const float* a, const float* b, float* c, const Epilogue& epilogue,
             const Source& source, void* workspace, int threads) {
    if (s.m <= 0 || s.n <= 0 || s.batchCount() <= 0) return;
    const GemmTable& t = gemmTable();
    Plan plan = makePlan(t, s, source, epilogue.residual == c, threads);
    float* space = static_cast<float*>(workspace);
    if (plan.splitK > 1) return runSplit(t, plan, s, a, b, c, epilogue, source, space);
    int64_t perProduct = plan.gridM * plan.gridN;
    int64_t parts = s.batchCount() * perProduct, groups = plan.groups(s.batchCount());
    auto runGroup = [&](int group) {
        GemmPart p;
        Epilogue e = epilogue;
        p.n = s.n, p.k = p.packedK = s.k, p.lda = s.lda, p.ldb = s.ldb, p.ldc = s.ldc;
        p.transA = s.transA, p.transB = s.transB, p.packedB = source.packed;
        p.pack = source.pack, p.packContext = source.context;
        p.epilogue = &e;
        p.blocks = plan.blocks;
        plan.setSpace(p, space + group * plan.floatsPart());
        for (int64_t i = parts * group / groups; i < parts * (group + 1) / groups; ++i) {
            int64_t product = i / perProduct, share = i % perProduct;
            int64_t index[3] = {product / (s.batch[1] * s.batch[2]), product / s.batch[2] % s.batch[1],
                                product % s.batch[2]};
            p.a = a, p.b = b, p.c = c;
            e.residual = epilogue.residual, e.scale = epilogue.scale, e.bias = epilogue.bias;
            for (int d = 0; d < GemmShape::kBatchDims; ++d) {
                p.a += index[d] * s.strideA[d];
                p.b += index[d] * s.strideB[d];
                p.c += index[d] * s.strideC[d];
                if (e.residual) e.residual += index[d] * s.strideResidual[d];
                if (e.scale) e.scale += index[d] * s.strideChannel[d];
                if (e.bias) e.bias += index[d] * s.strideChannel[d];
            }
            int64_t gm = share / plan.gridN, gn = share % plan.gridN;
            p.m0 = plan.tiles * gm / plan.gridM * t.tileRows;
            p.m1 = std::min(s.m, plan.tiles * (gm + 1) / plan.gridM * t.tileRows);
            p.p0 = plan.panels * gn / plan.gridN;
            p.p1 = plan.panels * (gn + 1) / plan.gridN;
            if (p.m0 < p.m1 && p.p0 < p.p1) t.part(p);
        }
    };
    if (groups == 1) {
        runGroup(0);
    } else {
        ThreadPool::instance().run(static_cast<int>(groups), runGroup, plan.threads);
    }
}

}  // namespace

int64_t packedBBytes(int64_t n, int64_t k) { return roundUp(n, gemmTable().lanes) * k * 4; }

void packB(int64_t n, int64_t k, const float* b, int64_t ldb, bool transB, float* packed, int threads) {
    const GemmTable& t = gemmTable();
    ThreadPool::instance().parallelFor(
        ceilDiv(n, t.tileColumns), std::max<int64_t>(1, 65536 / std::max<int64_t>(1, k * t.tileColumns)),
        [&](int64_t begin, int64_t end) {
            int64_t n0 = begin * t.tileColumns, n1 = std::min(n, end * t.tileColumns);
            t.packB(b, ldb, transB, n0, n1, 0, k, packed + n0 * k);
        },
        threads);
}

namespace {
int64_t workspaceBytes(const GemmShape& s, const Source& source, int threads) {
    const GemmTable& t = gemmTable();
    int64_t floats = 0;
    // Whether the output is also the residual is known only when running; both plans must fit.
    for (bool aliased : {false, true}) {
        Plan plan = makePlan(t, s, source, aliased, threads);
        floats = std::max(floats, plan.workspaceFloats(s.batchCount()));
    }
    return floats * 4;
}
}  // namespace

int64_t gemmWorkspaceBytes(const GemmShape& s, bool packedB, int threads) {
    return workspaceBytes(s, {.packed = packedB}, threads);
}

int64_t gemmGatherWorkspaceBytes(const GemmShape& s, GemmPack pack, int threads) {
    return workspaceBytes(s, {.pack = pack}, threads);
}

void gemm(const GemmShape& s, const float* a, const float* b, float* c, const Epilogue& e, void* workspace,
          int threads) {
    runGemm(s, a, b, c, e, {}, workspace, threads);
}

void gemmPacked(const GemmShape& s, const float* a, const float* packedB, float* c, const Epilogue& e, void* workspace,
                int threads) {
    runGemm(s, a, packedB, c, e, {.packed = true}, workspace, threads);
}

void gemmGather(const GemmShape& s, const float* a, const float* b, GemmPack pack, const void* context, float* c,
                const Epilogue& e, void* workspace, int threads) {
    runGemm(s, a, b, c, e, {.pack = pack, .context = context}, workspace, threads);
}

}  // namespace lathe::cpu
