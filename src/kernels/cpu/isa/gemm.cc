// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/gemm_table.h"
#include "kernels/cpu/isa/tile.h"
#include "kernels/cpu/isa/transpose.h"

namespace lathe::cpu::LATHE_ISA {
namespace {

LATHE_INLINE int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

int vectorsOf(int64_t columns) { return static_cast<int>((columns + kLanes - 1) / kLanes); }

void packPanels(const float* b, int64_t ldb, bool transB, int64_t n0, int64_t n1, int64_t k0, int64_t k1, float* to) {
    for (int64_t n = n0; n < n1; n += kTileColumns) {
        int columns = static_cast<int>(least(kTileColumns, n1 - n));
        int width = vectorsOf(columns) * kLanes;
        if (transB) {
            // Columns of the panel are rows as stored.
            transposeInto(b + n * ldb + k0, ldb, columns, k1 - k0, to, width);
            if (columns < width) {
                for (int64_t k = 0; k < k1 - k0; ++k) {
                    for (int j = columns; j < width; ++j) to[k * width + j] = 0.0f;
                }
            }
        } else {
            const float* from = b + k0 * ldb + n;
            for (int64_t k = 0; k < k1 - k0; ++k, from += ldb) {
                float* row = to + k * width;
                int j = 0;
                for (; j + kLanes <= columns; j += kLanes) store(row + j, load(from + j));
                if (j < columns) store(row + j, loadN(from + j, columns - j));
            }
        }
        to += (k1 - k0) * width;
    }
}

// Rows [m0, m0 + rows) and steps [k0, k0 + steps) of A into [rows][ld].
void copyRows(const GemmPart& p, int64_t m0, int64_t rows, int64_t k0, int64_t steps, int64_t ld) {
    if (p.transA) {
        transposeInto(p.a + k0 * p.lda + m0, p.lda, steps, rows, p.copyOfA, ld);
        return;
    }
    for (int64_t i = 0; i < rows; ++i) {
        const float* from = p.a + (m0 + i) * p.lda + k0;
        float* to = p.copyOfA + i * ld;
        int64_t k = 0;
        for (; k + kLanes <= steps; k += kLanes) store(to + k, load(from + k));
        if (k < steps) storeN(to + k, loadN(from + k, static_cast<int>(steps - k)), static_cast<int>(steps - k));
    }
}

// Sums of kRows rows of A with up to four rows of B, both contiguous along k.
template <int kRows>
LATHE_INLINE void dots(const float* const (&a)[kRows], const float* b, int64_t ldb, int columns, int64_t k,
                       float* sums) {
    F acc[kRows][4];
    const float* bj[4];
    for (int j = 0; j < 4; ++j) bj[j] = b + (j < columns ? j : 0) * ldb;
    LATHE_UNROLL
    for (int i = 0; i < kRows; ++i) {
        LATHE_UNROLL
        for (int j = 0; j < 4; ++j) acc[i][j] = zero();
    }
    int64_t at = 0;
    for (; at + kLanes <= k; at += kLanes) {
        LATHE_UNROLL
        for (int j = 0; j < 4; ++j) {
            F bv = load(bj[j] + at);
            LATHE_UNROLL
            for (int i = 0; i < kRows; ++i) acc[i][j] = fma(load(a[i] + at), bv, acc[i][j]);
        }
    }
    if (at < k) {
        int rest = static_cast<int>(k - at);
        for (int j = 0; j < 4; ++j) {
            F bv = loadN(bj[j] + at, rest);
            LATHE_UNROLL
            for (int i = 0; i < kRows; ++i) acc[i][j] = fma(loadN(a[i] + at, rest), bv, acc[i][j]);
        }
    }
    for (int i = 0; i < kRows; ++i) {
        for (int j = 0; j < columns; ++j) sums[i * kTileColumns + j] = reduceAdd(acc[i][j]);
    }
}

// Where a tile's rows lie in C and in the residual, from its first element.
struct Offsets {
    int64_t c[kTileRows], residual[kTileRows], parked[kTileRows];
};

void setOffsets(Tile& t, const GemmPart& p, Offsets& at) {
    for (int i = 0; i < kTileRows; ++i) {
        at.c[i] = i * p.ldc;
        at.residual[i] = i * p.epilogue->ldResidual;
        at.parked[i] = i * kTileColumns;
    }
    t.cRow = at.c;
    t.partialRow = p.parked ? at.parked : at.c;
    t.residualRow = at.residual;
}

LATHE_INLINE void setOutput(Tile& t, const GemmPart& p, int64_t m, int64_t column) {
    t.c = t.partial = p.c + m * p.ldc + column;
    if (p.epilogue->residual) t.residual = p.epilogue->residual + m * p.epilogue->ldResidual + column;
    t.row0 = m;
}

void dotsPart(const GemmPart& p, const TileEpilogue& epilogue) {
    alignas(64) float sums[2 * kTileColumns];
    Offsets at;
    Tile t;
    setOffsets(t, p, at);
    t.epilogue = &epilogue;
    t.flags = kFinish;
    for (int64_t panel = p.p0; panel < p.p1; ++panel) {
        int64_t column = panel * kTileColumns;
        int columns = static_cast<int>(least(kTileColumns, p.n - column));
        for (int64_t m = p.m0; m < p.m1; m += 2) {
            int rows = static_cast<int>(least(2, p.m1 - m));
            const float* a[2] = {p.a + m * p.lda, p.a + (m + rows - 1) * p.lda};
            for (int j = 0; j < kTileColumns; ++j) sums[j] = sums[kTileColumns + j] = 0.0f;
            for (int j = 0; j < columns; j += 4) {
                int count = static_cast<int>(least(4, columns - j));
                const float* b = p.b + (column + j) * p.ldb;
                if (rows == 1) {
                    dots<1>({a[0]}, b, p.ldb, count, p.k, sums + j);
                } else {
                    dots<2>({a[0], a[1]}, b, p.ldb, count, p.k, sums + j);
                }
            }
            int vecs = vectorsOf(columns);
            if (vecs < kTileVectors) {  // finish() takes rows of `vecs` vectors
                for (int j = 0; j < vecs * kLanes; ++j) sums[vecs * kLanes + j] = sums[kTileColumns + j];
            }
            setOutput(t, p, m, column);
            t.column0 = column;
            t.columns = columns;
            tileTable.finish(t, sums, rows, vecs);
        }
    }
}

void rowBlock(const GemmPart& p, const TileEpilogue& epilogue) {
    static constexpr int32_t kOneSegment[1] = {0};
    const GemmBlocks& blocks = p.blocks;
    const float* rows[kTileRows];
    Offsets at;
    Tile t;
    setOffsets(t, p, at);
    t.a = rows;
    t.seg = kOneSegment;
    t.epilogue = &epilogue;
    const int64_t parkedRows = (p.m1 - p.m0 + kTileRows - 1) / kTileRows * kTileRows;
    for (int64_t firstPanel = p.p0; firstPanel < p.p1; firstPanel += blocks.panelBlock) {
        int64_t endPanel = least(p.p1, firstPanel + blocks.panelBlock);
        for (int64_t k0 = 0;;) {
            int64_t steps = least(blocks.kBlock, p.k - k0);
            uint32_t flags = (k0 > 0 ? kAddPartial : 0u) | (k0 + steps >= p.k ? kFinish : 0u);
            int64_t n0 = firstPanel * kTileColumns, n1 = least(p.n, endPanel * kTileColumns);
            // Without copyB a panel of B in place is used where it fills its vectors; the last one is copied if not.
            bool ragged = !p.packedB && !blocks.copyB && n1 % kLanes != 0;
            int64_t raggedFrom = ragged ? (endPanel - 1) * kTileColumns : n1;
            if (p.pack) {
                p.pack(p.packContext, p.b, n0, n1, k0, k0 + steps, p.copyOfB);
            } else if (blocks.copyB) {
                packPanels(p.b, p.ldb, p.transB, n0, n1, k0, k0 + steps, p.copyOfB);
            }
            if (ragged) packPanels(p.b, p.ldb, p.transB, raggedFrom, n1, k0, k0 + steps, p.copyOfB);
            for (int64_t m0 = p.m0; m0 < p.m1; m0 += blocks.mBlock) {
                int64_t m1 = least(p.m1, m0 + blocks.mBlock);
                const float* a = p.a + m0 * p.lda + k0;
                int64_t lda = p.lda;
                if (blocks.copyA) {
                    a = p.copyOfA;
                    lda = blocks.kBlock + GemmBlocks::kPadA;
                    copyRows(p, m0, m1 - m0, k0, steps, lda);
                }
                t.segLen = static_cast<int>(steps);
                for (int64_t panel = firstPanel; panel < endPanel; ++panel) {
                    int64_t column = panel * kTileColumns;
                    int columns = static_cast<int>(least(kTileColumns, p.n - column));
                    int vecs = vectorsOf(columns);
                    TileKind kind = kTilePacked;
                    if (p.packedB) {
                        t.b = p.b + column * p.packedK + (p.packedFirst + k0) * vecs * kLanes;
                    } else if (blocks.copyB) {
                        t.b = p.copyOfB + (column - n0) * steps;
                    } else if (column >= raggedFrom) {
                        t.b = p.copyOfB;
                    } else {
                        kind = kTileStrided;
                        t.b = p.b + k0 * p.ldb + column;
                        t.bStep = p.ldb;
                    }
                    t.flags = flags;
                    t.column0 = column;
                    t.columns = columns;
                    // While this panel is used, the next one comes closer, a slice with each tile.
                    int64_t ahead = 0, slice = 0;
                    const float* next = p.b;
                    if (p.packedB && panel + 1 < endPanel && m1 - m0 >= 4 * kTileRows) {
                        next += (column + kTileColumns) * p.packedK + (p.packedFirst + k0) * kTileColumns;
                        ahead = steps * kTileColumns;
                        slice = (ahead * kTileRows / (m1 - m0) + 15) & ~int64_t{15};
                    }
                    const TileFn* fn = &tileTable.fn[kind][0][vecs - 1];
                    for (int64_t m = m0; m < m1; m += kTileRows) {
                        int count = static_cast<int>(least(kTileRows, m1 - m));
                        for (int i = 0; i < count; ++i) rows[i] = a + (m - m0 + i) * lda;
                        setOutput(t, p, m, column);
                        if (p.parked)
                            t.partial = p.parked + ((panel - firstPanel) * parkedRows + m - p.m0) * kTileColumns;
                        int64_t end = least(slice, ahead);
                        for (int64_t i = 0; i < end; i += 16) __builtin_prefetch(next + i, 0, 2);
                        // What the tile writes comes closer while it is computed.
                        const bool sums = p.parked && (flags & (kAddPartial | kFinish)) != kFinish;
                        for (int i = 0; i < count; ++i)
                            __builtin_prefetch(sums ? t.partial + i * kTileColumns : t.c + i * p.ldc, 1, 3);
                        next += end;
                        ahead -= end;
                        fn[(count - 1) * kTileVectors](t);
                    }
                }
            }
            k0 += steps;
            if (k0 >= p.k) break;
        }
    }
}

void part(const GemmPart& p) {
    TileEpilogue epilogue = makeTileEpilogue(*p.epilogue);
    if (p.blocks.dots) return dotsPart(p, epilogue);
    GemmPart block = p;
    for (block.m0 = p.m0; block.m0 < p.m1; block.m0 = block.m1) {
        block.m1 = least(p.m1, block.m0 + p.blocks.rowBlock);
        rowBlock(block, epilogue);
    }
}

void reduce(const float* sums, int64_t count, int64_t stride, int64_t ld, int64_t m, int64_t n0, int64_t n1, float* c,
            int64_t ldc, const Epilogue& e) {
    TileEpilogue epilogue = makeTileEpilogue(e);
    alignas(64) float total[kTileColumns];
    static constexpr int64_t kOneRow[1] = {0};
    Tile t;
    t.epilogue = &epilogue;
    t.flags = kFinish;
    t.cRow = t.residualRow = kOneRow;
    for (int64_t i = 0; i < m; ++i) {
        t.row0 = i;
        for (int64_t n = n0; n < n1; n += kTileColumns) {
            t.columns = static_cast<int>(least(kTileColumns, n1 - n));
            int vecs = vectorsOf(t.columns);
            for (int v = 0; v < vecs; ++v) {
                F sum = zero();
                for (int64_t s = 0; s < count; ++s) sum = sum + load(sums + s * stride + i * ld + n + v * kLanes);
                store(total + v * kLanes, sum);
            }
            t.column0 = n;
            t.c = c + i * ldc + n;
            t.residual = e.residual ? e.residual + i * e.ldResidual + n : nullptr;
            tileTable.finish(t, total, 1, vecs);
        }
    }
}

}  // namespace

extern const GemmTable gemmTable;
constinit const GemmTable gemmTable = {kLanes, kTileRows, kTileColumns, &part, &reduce, &packPanels};

}  // namespace lathe::cpu::LATHE_ISA
