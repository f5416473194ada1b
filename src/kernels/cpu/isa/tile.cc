// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/isa/tile.h"

#include "kernels/cpu/isa/activation.h"

namespace lathe::cpu::LATHE_ISA {
namespace {

// One step of k: kRows x kVecs multiply-adds.
template <int kRows, int kVecs>
LATHE_INLINE void step(F (&acc)[kRows][kVecs], const float* const (&a)[kRows], int64_t at, const float* b) {
    F bv[kVecs];
    LATHE_UNROLL
    for (int v = 0; v < kVecs; ++v) bv[v] = load(b + v * kLanes);
    LATHE_UNROLL
    for (int i = 0; i < kRows; ++i) {
        F av = broadcastAt(a[i] + at);
        LATHE_UNROLL
        for (int v = 0; v < kVecs; ++v) accumulate(acc[i][v], av, bv[v]);
    }
}

// Whole vectors at the generic places, or the first `n` lanes.
LATHE_INLINE F loadSome(const float* p, int n) { return n >= kLanes ? load(p) : loadN(p, n); }
LATHE_INLINE void storeSome(float* p, F x, int n) {
    if (n >= kLanes) {
        store(p, x);
    } else {
        storeN(p, x, n);
    }
}

// The epilogue of a tile that does not fill its vectors, on sums in memory: rows of `vecs` vectors.
template <Activation kAct>
void finishAs(const Tile& t, const float* sums, int rows, int vecs) {
    const TileEpilogue& e = *t.epilogue;
    F alpha = set(e.alpha), beta = set(e.beta), accScale = set(e.accScale);
    for (int v = 0; v < vecs; ++v) {
        int valid = t.columns - v * kLanes;
        int64_t column = t.column0 + v * kLanes;
        F scale = e.scale && !e.perRow ? loadSome(e.scale + column, valid) * accScale : accScale;
        F bias = e.bias && !e.perRow ? loadSome(e.bias + column, valid) : set(0.0f);
        for (int i = 0; i < rows; ++i) {
            if (e.perRow && e.scale) scale = set(e.scale[t.row0 + i]) * accScale;
            if (e.perRow && e.bias) bias = set(e.bias[t.row0 + i]);
            F x = fma(load(sums + (i * vecs + v) * kLanes), scale, bias);
            F r = e.residual ? loadSome(t.residual + t.residualRow[i] + v * t.residualVec, valid) : set(0.0f);
            if (e.residual && !e.residualAfter) x = x + r;
            x = activate<kAct>(x, alpha, beta);
            if (e.residual && e.residualAfter) x = x + r;
            float* to = t.c + t.cRow[i] + v * t.cVec;
            if (valid < kLanes && (t.flags & kZeroPad)) {
                alignas(64) float lanes[kLanes];
                store(lanes, x);
                store(to, loadN(lanes, valid));
            } else {
                storeSome(to, x, valid);
            }
        }
    }
}

[[gnu::noinline]] void storePartly(const Tile& t, float* sums, int rows, int vecs) {
    for (int i = 0; i < rows; ++i) {
        for (int v = 0; v < vecs; ++v) {
            float* sum = sums + (i * vecs + v) * kLanes;
            int valid = t.columns - v * kLanes;
            if (t.flags & kAddPartial)
                store(sum, load(sum) + loadSome(t.partial + t.partialRow[i] + v * t.partialVec, valid));
            if (!(t.flags & kFinish)) storeSome(t.partial + t.partialRow[i] + v * t.partialVec, load(sum), valid);
        }
    }
    if (!(t.flags & kFinish)) return;
    withActivation(t.epilogue->activation, [&]<Activation kAct>() { finishAs<kAct>(t, sums, rows, vecs); });
}

// The activation alone, on a tile that the fast path has just stored.
template <Activation kAct>
void activateAs(const Tile& t, int rows, int vecs) {
    const TileEpilogue& e = *t.epilogue;
    F alpha = set(e.alpha), beta = set(e.beta);
    bool add = e.residual && e.residualAfter;
    for (int i = 0; i < rows; ++i) {
        for (int v = 0; v < vecs; ++v) {
            float* p = t.c + t.cRow[i] + v * t.cVec;
            F x = activate<kAct>(load(p), alpha, beta);
            if (add) x = x + load(t.residual + t.residualRow[i] + v * t.residualVec);
            store(p, x);
        }
    }
}

[[gnu::noinline]] void activateTile(const Tile& t, int rows, int vecs) {
    withActivation(t.epilogue->activation, [&]<Activation kAct>() { activateAs<kAct>(t, rows, vecs); });
}

template <int kRows, int kVecs>
LATHE_INLINE void storeTile(const Tile& t, F (&acc)[kRows][kVecs]) {
    if (t.columns < kVecs * kLanes) {
        alignas(64) float sums[kRows * kVecs * kLanes];
        LATHE_UNROLL
        for (int i = 0; i < kRows; ++i) {
            LATHE_UNROLL
            for (int v = 0; v < kVecs; ++v) store(sums + (i * kVecs + v) * kLanes, acc[i][v]);
        }
        storePartly(t, sums, kRows, kVecs);
        return;
    }
    if (t.flags & kAddPartial) {
        LATHE_UNROLL
        for (int i = 0; i < kRows; ++i) {
            const float* p = t.partial + t.partialRow[i];
            LATHE_UNROLL
            for (int v = 0; v < kVecs; ++v) acc[i][v] = acc[i][v] + load(p + v * t.partialVec);
        }
    }
    if (!(t.flags & kFinish)) {
        LATHE_UNROLL
        for (int i = 0; i < kRows; ++i) {
            float* p = t.partial + t.partialRow[i];
            LATHE_UNROLL
            for (int v = 0; v < kVecs; ++v) store(p + v * t.partialVec, acc[i][v]);
        }
        return;
    }
    const TileEpilogue& e = *t.epilogue;
    bool simple = isClamp(e.activation);
    if (!e.plain) {
        if (e.scale && e.perRow) {
            LATHE_UNROLL
            for (int i = 0; i < kRows; ++i) {
                F s = broadcastAt(e.scale + t.row0 + i) * set(e.accScale);
                LATHE_UNROLL
                for (int v = 0; v < kVecs; ++v) acc[i][v] = acc[i][v] * s;
            }
        } else if (e.scale || e.accScale != 1.0f) {
            LATHE_UNROLL
            for (int v = 0; v < kVecs; ++v) {
                F s = set(e.accScale);
                if (e.scale) s = s * load(e.scale + t.column0 + v * kLanes);
                LATHE_UNROLL
                for (int i = 0; i < kRows; ++i) acc[i][v] = acc[i][v] * s;
            }
        }
        if (e.bias && !e.perRow) {
            LATHE_UNROLL
            for (int v = 0; v < kVecs; ++v) {
                F bias = load(e.bias + t.column0 + v * kLanes);
                LATHE_UNROLL
                for (int i = 0; i < kRows; ++i) acc[i][v] = acc[i][v] + bias;
            }
        } else if (e.bias) {
            LATHE_UNROLL
            for (int i = 0; i < kRows; ++i) {
                F bias = broadcastAt(e.bias + t.row0 + i);
                LATHE_UNROLL
                for (int v = 0; v < kVecs; ++v) acc[i][v] = acc[i][v] + bias;
            }
        }
        if (e.residual && !e.residualAfter) {
            LATHE_UNROLL
            for (int i = 0; i < kRows; ++i) {
                const float* r = t.residual + t.residualRow[i];
                LATHE_UNROLL
                for (int v = 0; v < kVecs; ++v) acc[i][v] = acc[i][v] + load(r + v * t.residualVec);
            }
        }
        if (simple && e.activation != Activation::kNone) {
            F lo = set(e.low), hi = set(e.high);
            LATHE_UNROLL
            for (int i = 0; i < kRows; ++i) {
                LATHE_UNROLL
                for (int v = 0; v < kVecs; ++v) acc[i][v] = clamp(acc[i][v], lo, hi);
            }
        }
        if (simple && e.residual && e.residualAfter) {
            LATHE_UNROLL
            for (int i = 0; i < kRows; ++i) {
                const float* r = t.residual + t.residualRow[i];
                LATHE_UNROLL
                for (int v = 0; v < kVecs; ++v) acc[i][v] = acc[i][v] + load(r + v * t.residualVec);
            }
        }
    }
    LATHE_UNROLL
    for (int i = 0; i < kRows; ++i) {
        float* p = t.c + t.cRow[i];
        LATHE_UNROLL
        for (int v = 0; v < kVecs; ++v) store(p + v * t.cVec, acc[i][v]);
    }
    if (!simple) activateTile(t, kRows, kVecs);
}

// Few accumulators do not cover the latency of fma: then several sets take turns.
template <int kRows, int kVecs>
inline constexpr int kSets = kRows* kVecs >= 6   ? 1
                             : kRows* kVecs >= 4 ? 2
                             : kRows* kVecs >= 2 ? 4
                                                 : 8;

template <int kKind, int kRows, int kVecs>
void tile(const Tile& t) {
    constexpr int kSetCount = kSets<kRows, kVecs>;
    F acc[kSetCount][kRows][kVecs];
    LATHE_UNROLL
    for (int s = 0; s < kSetCount; ++s) {
        LATHE_UNROLL
        for (int i = 0; i < kRows; ++i) {
            LATHE_UNROLL
            for (int v = 0; v < kVecs; ++v) acc[s][i][v] = zero();
        }
    }
    const float* a[kRows];
    LATHE_UNROLL
    for (int i = 0; i < kRows; ++i) a[i] = t.a[i];
    const float* b = t.b;
    const int64_t bStep = kKind == kTileStrided ? t.bStep : kVecs * kLanes;
    for (int s = 0; s < t.segs; ++s) {
        int64_t at = t.seg[s];
        if constexpr (kKind == kTileBlocked) {
            LATHE_UNROLL
            for (int k = 0; k < kLanes; ++k) step(acc[k % kSetCount], a, at + k, b + k * kVecs * kLanes);
            b += kLanes * kVecs * kLanes;
        } else {
            constexpr int kUnroll = kSetCount > 4 ? kSetCount : 4;
            int64_t end = at + t.segLen;
            for (; at + kUnroll <= end; at += kUnroll) {
                LATHE_UNROLL
                for (int k = 0; k < kUnroll; ++k) {
                    step(acc[k % kSetCount], a, at + k, b);
                    b += bStep;
                }
            }
            for (; at < end; ++at) {
                step(acc[0], a, at, b);
                b += bStep;
            }
        }
    }
    LATHE_UNROLL
    for (int s = 1; s < kSetCount; ++s) {
        LATHE_UNROLL
        for (int i = 0; i < kRows; ++i) {
            LATHE_UNROLL
            for (int v = 0; v < kVecs; ++v) acc[0][i][v] = acc[0][i][v] + acc[s][i][v];
        }
    }
    storeTile(t, acc[0]);
}

template <int kKind, int kRows, int kVecs>
constexpr void fill(TileTable& t) {
    t.fn[kKind][kRows - 1][kVecs - 1] = &tile<kKind, kRows, kVecs>;
    if constexpr (kVecs > 1) {
        fill<kKind, kRows, kVecs - 1>(t);
    } else if constexpr (kRows > 1) {
        fill<kKind, kRows - 1, kTileVectors>(t);
    } else if constexpr (kKind > 0) {
        fill<kKind - 1, kTileRows, kTileVectors>(t);
    }
}

constexpr TileTable makeTable() {
    TileTable t = {};
    fill<kTileKinds - 1, kTileRows, kTileVectors>(t);
    t.finish = &storePartly;
    return t;
}

}  // namespace

constinit const TileTable tileTable = makeTable();

TileEpilogue makeTileEpilogue(const Epilogue& e) {
    TileEpilogue t;
    t.accScale = e.accScale;
    t.scale = e.scale;
    t.bias = e.bias;
    t.perRow = e.perRow;
    t.residual = e.residual;
    t.residualAfter = e.residualAfter;
    t.activation = e.activation;
    t.alpha = e.alpha;
    t.beta = e.beta;
    t.low = clampLow(e);
    t.high = clampHigh(e);
    t.plain = !e.scale && e.accScale == 1.0f && !e.bias && !e.residual && e.activation == Activation::kNone;
    return t;
}

}  // namespace lathe::cpu::LATHE_ISA
