// SPDX-License-Identifier: Apache-2.0
// Winograd's minimal filtering for 3 x 3 kernels: with d an input tile, g a filter, F(m x m, 3 x 3) is
//     At [ (G g Gt) . (Bt d B) ] A
// summed over channels inside the brackets, where each of the (m + 2)^2 points is a matrix product of its own.
// F(2) interpolates at 0, 1, -1, infinity; F(4) at 0, 1, -1, 2, -2, infinity.
#include "kernels/cpu/conv_table.h"
#include "kernels/cpu/isa/activation.h"
#include "kernels/cpu/isa/tile.h"

namespace lathe::cpu::LATHE_ISA {
namespace {

LATHE_INLINE int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
LATHE_INLINE int vectorsOf(int64_t columns) { return static_cast<int>((columns + kLanes - 1) / kLanes); }

// out = Bt d for one line of a tile.
LATHE_INLINE void lineIn(const F (&d)[4], F (&out)[4]) {
    out[0] = d[0] - d[2];
    out[1] = d[1] + d[2];
    out[2] = d[2] - d[1];
    out[3] = d[1] - d[3];
}
LATHE_INLINE void lineIn(const F (&d)[6], F (&out)[6]) {
    F two = set(2.0f), four = set(4.0f), five = set(5.0f);
    F a = fnma(four, d[2], d[4]), b = fnma(four, d[1], d[3]);
    F c = d[4] - d[2], e = two * (d[3] - d[1]);
    out[0] = fnma(five, d[2], fma(four, d[0], d[4]));
    out[1] = a + b;
    out[2] = a - b;
    out[3] = c + e;
    out[4] = c - e;
    out[5] = fnma(five, d[3], fma(four, d[1], d[5]));
}

// out = At m for one line of products.
LATHE_INLINE void lineOut(const F (&m)[4], F (&out)[2]) {
    out[0] = m[0] + m[1] + m[2];
    out[1] = m[1] - m[2] - m[3];
}
LATHE_INLINE void lineOut(const F (&m)[6], F (&out)[4]) {
    F s1 = m[1] + m[2], d1 = m[1] - m[2], s2 = m[3] + m[4], d2 = m[3] - m[4];
    out[0] = m[0] + s1 + s2;
    out[1] = fma(set(2.0f), d2, d1);
    out[2] = fma(set(4.0f), s2, s1);
    out[3] = fma(set(8.0f), d2, d1) + m[5];
}

// Rows of a tile, from its first pixel on, come closer. Images are read and written far from L1, in pieces too short
// for the processor to see them coming.
template <int kRows, int kPixels, bool kWrite>
LATHE_INLINE void fetchTile(const float* at, int64_t row) {
    LATHE_UNROLL
    for (int i = 0; i < kRows; ++i) {
        LATHE_UNROLL
        for (int j = 0; j < kPixels * kLanes; j += 16) __builtin_prefetch(at + i * row + j, kWrite ? 1 : 0, 3);
    }
}
constexpr int kTilesAhead = 4;

// Vector by vector, so that the rows of the image are read along their length.
template <int kTile>
void transformIn(const WinogradPart& p) {
    constexpr int kSide = kTile + 2;
    const WinogradGeometry& g = *p.geometry;
    int64_t vectors = g.k / kLanes;
    int source = 0;
    const float* plane = p.in[0];
    for (int64_t v = 0; v < vectors; ++v, plane += g.inChannel) {
        if (v >= g.sources.end[source]) plane = p.in[++source];
        int valid = g.inChannel == kLanes ? static_cast<int>(least(kLanes, g.ic - v * kLanes)) : kLanes;
        float* to = p.transformedIn + v * g.vectorStep;
        int64_t row = p.t0 / g.tilesWide, column = p.t0 % g.tilesWide;
        for (int64_t t = p.t0; t < p.t1; ++t, to += kLanes) {
            int64_t y = row * kTile - g.pad[0], x = column * kTile - g.pad[1];
            if (++column == g.tilesWide) column = 0, ++row;
            bool inside = y >= 0 && x >= 0 && y + kSide <= g.inSize[0] && x + kSide <= g.inSize[1];
            const float* from = plane + y * g.inRow + x * g.inPixel;
            if (g.inPixel == kLanes) {
                // Near the end of the block: the same tiles of the next vector.
                int64_t ahead = t + kTilesAhead < p.t1 ? kTilesAhead * kTile * kLanes
                                                       : g.inChannel + (kTilesAhead - (p.t1 - p.t0)) * kTile * kLanes;
                fetchTile<kSide, kTile, false>(from + ahead, g.inRow);
            }
            F half[kSide][kSide];
            for (int j = 0; j < kSide; ++j) {
                F d[kSide], r[kSide];
                if (inside && valid == kLanes) {
                    LATHE_UNROLL
                    for (int i = 0; i < kSide; ++i) d[i] = load(from + i * g.inRow + j * g.inPixel);
                } else {
                    bool there = x + j >= 0 && x + j < g.inSize[1];
                    for (int i = 0; i < kSide; ++i) {
                        bool read = there && y + i >= 0 && y + i < g.inSize[0];
                        d[i] = read ? loadN(from + i * g.inRow + j * g.inPixel, valid) : zero();
                    }
                }
                lineIn(d, r);
                LATHE_UNROLL
                for (int i = 0; i < kSide; ++i) half[i][j] = r[i];
            }
            for (int i = 0; i < kSide; ++i) {
                F r[kSide];
                lineIn(half[i], r);
                LATHE_UNROLL
                for (int j = 0; j < kSide; ++j) store(to + (i * kSide + j) * g.pointIn, r[j]);
            }
        }
    }
}

// Panels [q0, q1): products of every point.
void multiply(const WinogradPart& p, int64_t q0, int64_t q1) {
    const WinogradGeometry& g = *p.geometry;
    int64_t tiles = p.t1 - p.t0;
    const float* rows[kTileRows];
    int64_t partialRow[kTileRows];
    for (int i = 0; i < kTileRows; ++i) partialRow[i] = i * kLanes;
    Tile t;
    t.a = rows;
    t.seg = p.segments;
    t.segs = static_cast<int>(g.k / kLanes);
    t.segLen = kLanes;
    t.partialRow = partialRow;
    t.partialVec = g.vectorStep;
    t.flags = 0;
    for (int64_t point = 0; point < g.points; ++point) {
        const float* a = p.transformedIn + point * g.pointIn;
        for (int64_t q = q0; q < q1; ++q) {
            int vecs = vectorsOf(least(kTileColumns, g.oc - q * kTileColumns));
            t.columns = vecs * kLanes;
            t.b = p.weights + point * g.packedPoint + q * kTileColumns * g.k;
            // What is used next comes closer: the next panel, or the next point's first one.
            const float* next = q + 1 < q1 ? t.b + kTileColumns * g.k
                                           : p.weights + (point + 1) * g.packedPoint + q0 * kTileColumns * g.k;
            int64_t ahead = q + 1 < q1 || point + 1 < g.points ? g.k * vecs * kLanes : 0;
            int64_t slice = (ahead * kTileRows / tiles + 15) & ~int64_t{15};
            float* to = p.transformedOut + point * g.pointOut + (q - q0) * kTileVectors * g.vectorStep;
            for (int64_t m = 0; m < tiles; m += kTileRows) {
                int count = static_cast<int>(least(kTileRows, tiles - m));
                for (int i = 0; i < count; ++i) rows[i] = a + (m + i) * kLanes;
                t.partial = to + m * kLanes;
                int64_t end = least(slice, ahead);
                for (int64_t i = 0; i < end; i += 16) __builtin_prefetch(next + i, 0, 2);
                next += end;
                ahead -= end;
                tileTable.fn[kTileBlocked][count - 1][vecs - 1](t);
            }
        }
    }
}

template <int kTile>
void transformOut(const WinogradPart& p, const TileEpilogue& e, int64_t q0, int64_t q1) {
    constexpr int kSide = kTile + 2;
    const WinogradGeometry& g = *p.geometry;
    int64_t v0 = q0 * kTileVectors, v1 = least(q1 * kTileVectors, vectorsOf(g.oc));
    bool simple = isClamp(e.activation), clamped = simple && e.activation != Activation::kNone;
    bool scaled = e.scale || e.accScale != 1.0f;
    F low = set(e.low), high = set(e.high), alpha = set(e.alpha), beta = set(e.beta);
    for (int64_t v = v0; v < v1; ++v) {
        int valid = static_cast<int>(least(kLanes, g.oc - v * kLanes));
        F scale = e.scale ? loadN(e.scale + v * kLanes, valid) * set(e.accScale) : set(e.accScale);
        F bias = e.bias ? loadN(e.bias + v * kLanes, valid) : zero();
        int64_t row = p.t0 / g.tilesWide, column = p.t0 % g.tilesWide;
        const float* from = p.transformedOut + (v - v0) * g.vectorStep;
        for (int64_t t = p.t0; t < p.t1; ++t, from += kLanes) {
            int64_t y = row * kTile, x = column * kTile;
            if (++column == g.tilesWide) column = 0, ++row;
            int rows = static_cast<int>(least(kTile, g.outSize[0] - y)),
                columns = static_cast<int>(least(kTile, g.outSize[1] - x));
            int64_t at = y * g.outRow + x * g.outPixel + v * g.outVector;
            if (g.outPixel == kLanes) fetchTile<kTile, kTile, true>(p.out + at + 2 * kTile * kLanes, g.outRow);
            F half[kTile][kSide], out[kTile][kTile];
            for (int j = 0; j < kSide; ++j) {
                F m[kSide], r[kTile];
                LATHE_UNROLL
                for (int i = 0; i < kSide; ++i) m[i] = load(from + (i * kSide + j) * g.pointOut);
                lineOut(m, r);
                LATHE_UNROLL
                for (int i = 0; i < kTile; ++i) half[i][j] = r[i];
            }
            for (int i = 0; i < kTile; ++i) lineOut(half[i], out[i]);

            // Blocked tensors have all lanes; others end with the channels.
            int width = g.zeroPad ? kLanes : valid;
            auto addResidual = [&] {
                for (int i = 0; i < rows; ++i) {
                    for (int j = 0; j < columns; ++j) {
                        out[i][j] = out[i][j] + loadN(e.residual + at + i * g.outRow + j * g.outPixel, width);
                    }
                }
            };
            LATHE_UNROLL
            for (int i = 0; i < kTile; ++i) {
                LATHE_UNROLL
                for (int j = 0; j < kTile; ++j) out[i][j] = scaled ? fma(out[i][j], scale, bias) : out[i][j] + bias;
            }
            if (e.residual && !e.residualAfter) addResidual();
            if (clamped) {
                LATHE_UNROLL
                for (int i = 0; i < kTile; ++i) {
                    LATHE_UNROLL
                    for (int j = 0; j < kTile; ++j) out[i][j] = clamp(out[i][j], low, high);
                }
            } else if (!simple) {
                withActivation(e.activation, [&]<Activation kAct>() {
                    for (int i = 0; i < kTile * kTile; ++i) {
                        out[i / kTile][i % kTile] = activate<kAct>(out[i / kTile][i % kTile], alpha, beta);
                    }
                });
            }
            if (e.residual && e.residualAfter) addResidual();
            float* to = p.out + at;
            if (valid == kLanes) {
                for (int i = 0; i < rows; ++i) {
                    for (int j = 0; j < columns; ++j) store(to + i * g.outRow + j * g.outPixel, out[i][j]);
                }
            } else {
                for (int i = 0; i < rows; ++i) {
                    for (int j = 0; j < columns; ++j) {
                        float* pixel = to + i * g.outRow + j * g.outPixel;
                        if (g.zeroPad) store(pixel, zero());
                        storeN(pixel, out[i][j], valid);
                    }
                }
            }
        }
    }
}

}  // namespace

void winograd(const WinogradPart& p);
void winograd(const WinogradPart& p) {
    const WinogradGeometry& g = *p.geometry;
    TileEpilogue e = makeTileEpilogue(*p.epilogue);
    for (int64_t v = 0; v < g.k / kLanes; ++v) p.segments[v] = static_cast<int32_t>(v * g.vectorStep);
    if (g.tile == 2) {
        transformIn<2>(p);
    } else {
        transformIn<4>(p);
    }
    for (int64_t q = p.p0; q < p.p1; q += g.panelsAtOnce) {
        int64_t end = least(p.p1, q + g.panelsAtOnce);
        multiply(p, q, end);
        if (g.tile == 2) {
            transformOut<2>(p, e, q, end);
        } else {
            transformOut<4>(p, e, q, end);
        }
    }
}

void packWinograd(const float* weights, const WinogradGeometry& g, float* to);
void packWinograd(const float* weights, const WinogradGeometry& g, float* to) {
    static constexpr double kG2[4][3] = {{1, 0, 0}, {0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0, 0, 1}};
    static constexpr double kG4[6][3] = {{1.0 / 4, 0, 0},
                                         {-1.0 / 6, -1.0 / 6, -1.0 / 6},
                                         {-1.0 / 6, 1.0 / 6, -1.0 / 6},
                                         {1.0 / 24, 1.0 / 12, 1.0 / 6},
                                         {1.0 / 24, -1.0 / 12, 1.0 / 6},
                                         {0, 0, 1}};
    const double(*m)[3] = g.tile == 2 ? kG2 : kG4;
    int side = g.tile + 2;
    for (int64_t q = 0; q < g.panels; ++q) {
        int64_t n0 = q * kTileColumns;
        int columns = static_cast<int>(least(kTileColumns, g.oc - n0)), width = vectorsOf(columns) * kLanes;
        for (int64_t k = 0; k < g.k; ++k) {
            for (int j = 0; j < width; ++j) {
                float* at = to + n0 * g.k + k * width + j;
                if (k >= g.ic || j >= columns) {
                    for (int i = 0; i < side * side; ++i) at[i * g.packedPoint] = 0.0f;
                    continue;
                }
                const float* w = weights + ((n0 + j) * g.ic + k) * 9;
                double half[6][3];
                for (int i = 0; i < side; ++i) {
                    for (int c = 0; c < 3; ++c) {
                        half[i][c] = m[i][0] * static_cast<double>(w[c]) + m[i][1] * static_cast<double>(w[3 + c]) +
                                     m[i][2] * static_cast<double>(w[6 + c]);
                    }
                }
                for (int i = 0; i < side; ++i) {
                    for (int c = 0; c < side; ++c) {
                        double u = half[i][0] * m[c][0] + half[i][1] * m[c][1] + half[i][2] * m[c][2];
                        at[(i * side + c) * g.packedPoint] = static_cast<float>(u);
                    }
                }
            }
        }
    }
}

}  // namespace lathe::cpu::LATHE_ISA
