// SPDX-License-Identifier: Apache-2.0
// Depthwise convolution: a vector of channels at a time, several output pixels of a row in registers.
#include "kernels/cpu/conv_table.h"
#include "kernels/cpu/isa/activation.h"
#include "kernels/cpu/isa/tile.h"

namespace lathe::cpu::LATHE_ISA {
namespace {

LATHE_INLINE int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
LATHE_INLINE int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }

// Divisions take as long as several rows of taps, so the usual divisor is taken out.
LATHE_INLINE int64_t ceilDiv(int64_t a, int64_t d) { return d == 1 ? a : (a + d - 1) / d; }

constexpr int kPixels = 8;  // at once

// One vector of channels of one output row: what its pixels have in common.
struct Row {
    const DepthwiseGeometry* g;
    const TileEpilogue* e;
    float* out;  // of the row and vector
    const float* residual;
    F start;  // of the sums: the bias, unless they are scaled first
    F scale, bias, low, high;
    bool scaled, clamped, bounded;
    int valid;  // channels of the vector
    // The rows of the window that lie inside the image: column 0 of the input, and the weights of their taps.
    int lines;
    const float* line[kDepthwiseLines];
    const float* weights[kDepthwiseLines];
};

template <bool kTail>
LATHE_INLINE F read(const float* p, int valid) {
    if constexpr (kTail) return loadN(p, valid);
    return load(p);
}
template <bool kTail>
LATHE_INLINE void write(float* p, F x, int valid) {
    if constexpr (kTail) {
        storeN(p, x, valid);
    } else {
        store(p, x);
    }
}

// The linear part of the epilogue and the clamp; other activations follow once the row is complete.
template <int kCount, bool kTail>
LATHE_INLINE void finishPixels(const Row& r, F (&acc)[kCount], int64_t x) {
    const DepthwiseGeometry& g = *r.g;
    bool simple = isClamp(r.e->activation);
    if (r.scaled) {
        LATHE_UNROLL
        for (int i = 0; i < kCount; ++i) acc[i] = fma(acc[i], r.scale, r.bias);
    }
    if (r.residual && !r.e->residualAfter) {
        LATHE_UNROLL
        for (int i = 0; i < kCount; ++i) acc[i] = acc[i] + read<kTail>(r.residual + (x + i) * g.outPixel, r.valid);
    }
    if (r.clamped) {
        LATHE_UNROLL
        for (int i = 0; i < kCount; ++i) acc[i] = max(r.low, acc[i]);
    }
    if (r.bounded) {
        LATHE_UNROLL
        for (int i = 0; i < kCount; ++i) acc[i] = min(r.high, acc[i]);
    }
    if (r.residual && r.e->residualAfter && simple) {
        LATHE_UNROLL
        for (int i = 0; i < kCount; ++i) acc[i] = acc[i] + read<kTail>(r.residual + (x + i) * g.outPixel, r.valid);
    }
    LATHE_UNROLL
    for (int i = 0; i < kCount; ++i) write<kTail>(r.out + (x + i) * g.outPixel, acc[i], r.valid);
}

// A pixel whose window may leave the image at the left or right. Taps take turns on four sums, which hides the latency
// of adding to one.
template <bool kTail>
void edgePixel(const Row& r, int64_t x) {
    const DepthwiseGeometry& g = *r.g;
    F sums[4] = {r.start, zero(), zero(), zero()};
    int64_t column = x * g.stride[2] - g.padBefore[2], dilation = g.dilation[2];
    int64_t first = column >= 0 ? 0 : ceilDiv(-column, dilation);
    int64_t end = column >= g.inSize[2] ? 0 : least(g.kernel[2], ceilDiv(g.inSize[2] - column, dilation));
    int64_t step = dilation * g.inPixel, skip = (column + first * dilation) * g.inPixel;
    for (int l = 0; l < r.lines; ++l) {
        const float* from = r.line[l] + skip;
        const float* w = r.weights[l] + first * kLanes;
        int64_t kw = first;
        for (; kw + 4 <= end; kw += 4, from += 4 * step, w += 4 * kLanes) {
            LATHE_UNROLL
            for (int i = 0; i < 4; ++i)
                accumulate(sums[i], read<kTail>(from + i * step, r.valid), load(w + i * kLanes));
        }
        if (kw + 2 <= end) {
            accumulate(sums[0], read<kTail>(from, r.valid), load(w));
            accumulate(sums[1], read<kTail>(from + step, r.valid), load(w + kLanes));
            kw += 2, from += 2 * step, w += 2 * kLanes;
        }
        if (kw < end) accumulate(sums[2], read<kTail>(from, r.valid), load(w));
    }
    F acc[1] = {(sums[0] + sums[1]) + (sums[2] + sums[3])};
    finishPixels<1, kTail>(r, acc, x);
}

// kCount pixels inside, any kernel.
template <int kCount, bool kTail>
void insidePixels(const Row& r, int64_t x) {
    const DepthwiseGeometry& g = *r.g;
    F acc[kCount];
    LATHE_UNROLL
    for (int i = 0; i < kCount; ++i) acc[i] = r.start;
    int64_t skip = (x * g.stride[2] - g.padBefore[2]) * g.inPixel, step = g.stride[2] * g.inPixel;
    for (int l = 0; l < r.lines; ++l) {
        const float* from = r.line[l] + skip;
        const float* w = r.weights[l];
        for (int64_t kw = 0; kw < g.kernel[2]; ++kw, from += g.dilation[2] * g.inPixel, w += kLanes) {
            F wv = load(w);
            LATHE_UNROLL
            for (int i = 0; i < kCount; ++i) accumulate(acc[i], read<kTail>(from + i * step, r.valid), wv);
        }
    }
    finishPixels<kCount, kTail>(r, acc, x);
}

// kCount pixels inside, kernels kWidth wide without dilation: each input column is read once for all its taps (reading
// it once a tap, as an operand of the multiply-adds, was measured a third slower). kPixel: floats between pixels, or 0
// where known only when running.
template <int kWidth, int kStride, int kCount, int kPixel>
void insideFixed(const Row& r, int64_t x) {
    const DepthwiseGeometry& g = *r.g;
    F acc[kCount];
    LATHE_UNROLL
    for (int i = 0; i < kCount; ++i) acc[i] = r.start;
    const int64_t pixel = kPixel ? kPixel : g.inPixel;
    int64_t skip = (x * kStride - g.padBefore[2]) * pixel;
    for (int l = 0; l < r.lines; ++l) {
        const float* from = r.line[l] + skip;
        F wv[kWidth];
        LATHE_UNROLL
        for (int kw = 0; kw < kWidth; ++kw) wv[kw] = load(r.weights[l] + kw * kLanes);
        LATHE_UNROLL
        for (int j = 0; j < (kCount - 1) * kStride + kWidth; ++j) {
            F v = load(from + j * pixel);
            LATHE_UNROLL
            for (int kw = 0; kw < kWidth; ++kw) {
                if ((j - kw) % kStride == 0 && j >= kw && (j - kw) / kStride < kCount) {
                    accumulate(acc[(j - kw) / kStride], v, wv[kw]);
                }
            }
        }
    }
    finishPixels<kCount, false>(r, acc, x);
}

using PixelsFn = void (*)(const Row& r, int64_t x);

// insideFixed for 1 … kPixels pixels.
template <int kWidth, int kStride, int kPixel>
constexpr PixelsFn kFixed[kPixels] = {
    &insideFixed<kWidth, kStride, 1, kPixel>, &insideFixed<kWidth, kStride, 2, kPixel>,
    &insideFixed<kWidth, kStride, 3, kPixel>, &insideFixed<kWidth, kStride, 4, kPixel>,
    &insideFixed<kWidth, kStride, 5, kPixel>, &insideFixed<kWidth, kStride, 6, kPixel>,
    &insideFixed<kWidth, kStride, 7, kPixel>, &insideFixed<kWidth, kStride, 8, kPixel>};

template <int kPixel>
const PixelsFn* fixedFor(const DepthwiseGeometry& g) {
    if (g.dilation[2] != 1 || g.stride[2] > 2) return nullptr;
    bool one = g.stride[2] == 1;
    if (g.kernel[2] == 3) return one ? kFixed<3, 1, kPixel> : kFixed<3, 2, kPixel>;
    if (g.kernel[2] == 5) return one ? kFixed<5, 1, kPixel> : kFixed<5, 2, kPixel>;
    if (g.kernel[2] == 7 && one) return kFixed<7, 1, kPixel>;
    return nullptr;
}

template <bool kTail>
void runRow(const Row& r, const PixelsFn* fixed) {
    const DepthwiseGeometry& g = *r.g;
    for (int64_t x = 0; x < g.inside0; ++x) edgePixel<kTail>(r, x);
    int64_t x = g.inside0;
    if constexpr (!kTail) {
        if (fixed) {
            for (; x + kPixels <= g.inside1; x += kPixels) fixed[kPixels - 1](r, x);
            if (x < g.inside1) fixed[g.inside1 - x - 1](r, x);
            x = g.inside1;
        }
    }
    for (; x + kPixels <= g.inside1; x += kPixels) insidePixels<kPixels, kTail>(r, x);
    for (; x + 2 <= g.inside1; x += 2) insidePixels<2, kTail>(r, x);
    for (; x < g.outSize[2]; ++x) edgePixel<kTail>(r, x);
}

// Activations other than clamps, a residual after them, and the zero lanes of a block's end.
void completeRow(const Row& r, bool activation, bool zeroLanes) {
    const DepthwiseGeometry& g = *r.g;
    int64_t n = g.outSize[2], step = g.outPixel;
    bool whole = g.blocked || r.valid == kLanes;
    if (activation) {
        F alpha = set(r.e->alpha), beta = set(r.e->beta);
        const float* residual = r.e->residualAfter ? r.residual : nullptr;
        withActivation(r.e->activation, [&]<Activation kAct>() {
            for (int64_t x = 0; x < n; ++x) {
                float* p = r.out + x * step;
                F y = activate<kAct>(whole ? load(p) : loadN(p, r.valid), alpha, beta);
                if (residual) y = y + (whole ? load(residual + x * step) : loadN(residual + x * step, r.valid));
                if (whole) {
                    store(p, y);
                } else {
                    storeN(p, y, r.valid);
                }
            }
        });
    }
    if (!zeroLanes) return;
    for (int64_t x = 0; x < n; ++x) store(r.out + x * step, loadN(r.out + x * step, r.valid));
}

// One vector's rows of the input, from `first` on, with the padding written out: [rows][scratchColumns][lane].
void fillScratch(const DepthwisePart& p, int64_t v, int64_t first, int64_t rows) {
    const DepthwiseGeometry& g = *p.geometry;
    int valid = g.blocked ? kLanes : static_cast<int>(least(kLanes, g.channels - v * kLanes));
    int64_t left = least(g.scratchColumns, g.padBefore[2]), inside = least(g.scratchColumns - left, g.inSize[2]);
    float* to = p.scratch;
    for (int64_t y = first; y < first + rows; ++y) {
        bool there = y >= 0 && y < g.inSize[1];
        const float* from = p.in + v * g.inVector + y * g.inRow;
        int64_t x = 0;
        for (int64_t end = there ? left : g.scratchColumns; x < end; ++x, to += kLanes) store(to, zero());
        if (!there) continue;
        for (; x < left + inside; ++x, to += kLanes, from += g.inPixel) store(to, loadN(from, valid));
        for (; x < g.scratchColumns; ++x, to += kLanes) store(to, zero());
    }
}

// What is the same for all rows.
void startRow(Row& r, const DepthwiseGeometry& g, const TileEpilogue& e) {
    r.g = &g;
    r.e = &e;
    r.low = set(e.low), r.high = set(e.high);
    r.scaled = e.scale || e.accScale != 1.0f;
    r.clamped = isClamp(e.activation) && e.activation != Activation::kNone;
    r.bounded = e.activation == Activation::kClip;
}

void startVector(Row& r, int64_t v) {
    const TileEpilogue& e = *r.e;
    r.valid = static_cast<int>(least(kLanes, r.g->channels - v * kLanes));
    r.scale = e.scale ? loadN(e.scale + v * kLanes, r.valid) * set(e.accScale) : set(e.accScale);
    r.bias = e.bias ? loadN(e.bias + v * kLanes, r.valid) : zero();
    r.start = r.scaled ? zero() : r.bias;
}

void finishRow(const Row& r) {
    bool activation = !isClamp(r.e->activation), zeroLanes = r.valid < kLanes && r.g->blocked;
    if (activation || zeroLanes) completeRow(r, activation, zeroLanes);
}

// The first row of output `at`'s window along dimension d, and the taps of it that lie inside.
struct Window {
    int64_t first, k0, k1;
};

Window windowOf(const DepthwiseGeometry& g, int d, int64_t at) {
    Window w;
    w.first = at * g.stride[d] - g.padBefore[d];
    w.k0 = w.first >= 0 ? 0 : least(g.kernel[d], ceilDiv(-w.first, g.dilation[d]));
    w.k1 = w.first >= g.inSize[d] ? 0 : least(g.kernel[d], ceilDiv(g.inSize[d] - w.first, g.dilation[d]));
    w.k1 = most(w.k0, w.k1);
    return w;
}

// Through a padded copy of one vector's rows at a time, where all columns are inside: for narrow images.
void depthwiseScratch(const DepthwisePart& p, const TileEpilogue& e) {
    DepthwiseGeometry padded = *p.geometry;
    const DepthwiseGeometry& g = *p.geometry;
    padded.inPixel = kLanes;
    padded.padBefore[2] = 0;
    padded.inSize[2] = g.scratchColumns;
    padded.inside0 = 0, padded.inside1 = g.outSize[2];
    const PixelsFn* fixed = fixedFor<kLanes>(padded);
    int64_t first = p.row0 * g.stride[1] - g.padBefore[1];
    int64_t rows = (p.row1 - p.row0 - 1) * g.stride[1] + (g.kernel[1] - 1) * g.dilation[1] + 1;
    Row r;
    startRow(r, padded, e);
    r.lines = static_cast<int>(g.kernel[1]);
    for (int64_t v = p.v0; v < p.v1; ++v) {
        fillScratch(p, v, first, rows);
        startVector(r, v);
        for (int64_t kh = 0; kh < g.kernel[1]; ++kh) {
            r.line[kh] = p.scratch + kh * g.dilation[1] * g.scratchColumns * kLanes;
            r.weights[kh] = p.weights + (v * g.kernel[1] + kh) * g.kernel[2] * kLanes;
        }
        for (int64_t y = p.row0; y < p.row1; ++y) {
            int64_t at = y * g.outRow + v * g.outVector;
            r.out = p.out + at;
            r.residual = e.residual ? e.residual + at : nullptr;
            if (r.valid < kLanes && !g.blocked) {
                runRow<true>(r, fixed);
            } else {
                runRow<false>(r, fixed);
            }
            finishRow(r);
            for (int64_t kh = 0; kh < g.kernel[1]; ++kh) r.line[kh] += g.stride[1] * g.scratchColumns * kLanes;
        }
    }
}

}  // namespace

void depthwise(const DepthwisePart& p);
void depthwise(const DepthwisePart& p) {
    const DepthwiseGeometry& g = *p.geometry;
    TileEpilogue e = makeTileEpilogue(*p.epilogue);
    if (p.scratch) return depthwiseScratch(p, e);
    const PixelsFn* fixed = g.blocked ? fixedFor<kLanes>(g) : fixedFor<0>(g);
    int64_t taps = g.kernel[0] * g.kernel[1] * g.kernel[2];
    Row r;
    startRow(r, g, e);
    auto vector = [&](int64_t z, int64_t y, const Window& depth, const Window& row, int64_t v) {
        int64_t at = z * g.outDepth + y * g.outRow + v * g.outVector;
        startVector(r, v);
        r.lines = 0;
        for (int64_t kd = depth.k0; kd < depth.k1; ++kd) {
            for (int64_t kh = row.k0; kh < row.k1; ++kh, ++r.lines) {
                r.line[r.lines] = p.in + v * g.inVector + (depth.first + kd * g.dilation[0]) * g.inDepth +
                                  (row.first + kh * g.dilation[1]) * g.inRow;
                r.weights[r.lines] = p.weights + (v * taps + (kd * g.kernel[1] + kh) * g.kernel[2]) * kLanes;
            }
        }
        r.out = p.out + at;
        r.residual = e.residual ? e.residual + at : nullptr;
        if (r.valid < kLanes && !g.blocked) {
            runRow<true>(r, fixed);
        } else {
            runRow<false>(r, fixed);
        }
        finishRow(r);
    };
    // Blocked: a vector's rows follow each other in memory; NHWC: a row's vectors do.
    int64_t v0 = g.blocked ? p.v0 : 0, v1 = g.blocked ? p.v1 : 1;
    for (int64_t outer = v0; outer < v1; ++outer) {
        int64_t z = p.row0 / g.outSize[1], y = p.row0 % g.outSize[1];
        for (int64_t i = p.row0; i < p.row1; ++i) {
            Window depth = windowOf(g, 0, z), row = windowOf(g, 1, y);
            if (g.blocked) {
                vector(z, y, depth, row, outer);
            } else {
                for (int64_t v = p.v0; v < p.v1; ++v) vector(z, y, depth, row, v);
            }
            if (++y == g.outSize[1]) {
                y = 0;
                ++z;
            }
        }
    }
}

void packDepthwise(const float* weights, int64_t channels, int64_t taps, float* to);
void packDepthwise(const float* weights, int64_t channels, int64_t taps, float* to) {
    for (int64_t c0 = 0; c0 < channels; c0 += kLanes) {
        for (int64_t tap = 0; tap < taps; ++tap) {
            for (int j = 0; j < kLanes; ++j) *to++ = c0 + j < channels ? weights[(c0 + j) * taps + tap] : 0.0f;
        }
    }
}

}  // namespace lathe::cpu::LATHE_ISA
