// SPDX-License-Identifier: Apache-2.0
// Depthwise convolution: a vector of channels at a time, several output pixels of a row in registers.
#include "kernels/cpu/conv_table.h"
#include "kernels/cpu/isa/activation.h"
#include "kernels/cpu/isa/tile.h"

namespace lathe::cpu::LATHE_ISA {
namespace {

LATHE_INLINE int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
LATHE_INLINE int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }

constexpr int kPixels = 6;  // at once

// One vector of channels of one output row: what its pixels have in common.
struct Row {
    const DepthwiseGeometry* g;
    const TileEpilogue* e;
    const float* in;       // of the image and vector
    const float* weights;  // [taps][lane]
    float* out;            // of the row and vector
    const float* residual;
    F scale, bias, low, high;
    bool scaled, clamped;
    int valid;  // channels of the vector
    // Taps whose input row lies inside, and the first of those rows.
    int64_t kd0, kd1, kh0, kh1;
    int64_t depth, row;  // of tap (0, 0); may lie outside
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
    LATHE_UNROLL
    for (int i = 0; i < kCount; ++i) acc[i] = r.scaled ? fma(acc[i], r.scale, r.bias) : acc[i] + r.bias;
    if (r.residual && !r.e->residualAfter) {
        LATHE_UNROLL
        for (int i = 0; i < kCount; ++i) acc[i] = acc[i] + read<kTail>(r.residual + (x + i) * g.outPixel, r.valid);
    }
    if (r.clamped) {
        LATHE_UNROLL
        for (int i = 0; i < kCount; ++i) acc[i] = clamp(acc[i], r.low, r.high);
    }
    if (r.residual && r.e->residualAfter && simple) {
        LATHE_UNROLL
        for (int i = 0; i < kCount; ++i) acc[i] = acc[i] + read<kTail>(r.residual + (x + i) * g.outPixel, r.valid);
    }
    LATHE_UNROLL
    for (int i = 0; i < kCount; ++i) write<kTail>(r.out + (x + i) * g.outPixel, acc[i], r.valid);
}

// A pixel whose window may leave the image at the left or right.
template <bool kTail>
void edgePixel(const Row& r, int64_t x) {
    const DepthwiseGeometry& g = *r.g;
    F acc[1] = {zero()};
    int64_t column = x * g.stride[2] - g.padBefore[2];
    for (int64_t kd = r.kd0; kd < r.kd1; ++kd) {
        for (int64_t kh = r.kh0; kh < r.kh1; ++kh) {
            const float* from =
                r.in + (r.depth + kd * g.dilation[0]) * g.inDepth + (r.row + kh * g.dilation[1]) * g.inRow;
            const float* w = r.weights + (kd * g.kernel[1] + kh) * g.kernel[2] * kLanes;
            for (int64_t kw = 0; kw < g.kernel[2]; ++kw) {
                int64_t at = column + kw * g.dilation[2];
                if (at < 0 || at >= g.inSize[2]) continue;
                accumulate(acc[0], read<kTail>(from + at * g.inPixel, r.valid), load(w + kw * kLanes));
            }
        }
    }
    finishPixels<1, kTail>(r, acc, x);
}

// kCount pixels inside, any kernel.
template <int kCount, bool kTail>
void insidePixels(const Row& r, int64_t x) {
    const DepthwiseGeometry& g = *r.g;
    F acc[kCount];
    LATHE_UNROLL
    for (int i = 0; i < kCount; ++i) acc[i] = zero();
    int64_t column = x * g.stride[2] - g.padBefore[2], step = g.stride[2] * g.inPixel;
    for (int64_t kd = r.kd0; kd < r.kd1; ++kd) {
        for (int64_t kh = r.kh0; kh < r.kh1; ++kh) {
            const float* from = r.in + (r.depth + kd * g.dilation[0]) * g.inDepth +
                                (r.row + kh * g.dilation[1]) * g.inRow + column * g.inPixel;
            const float* w = r.weights + (kd * g.kernel[1] + kh) * g.kernel[2] * kLanes;
            for (int64_t kw = 0; kw < g.kernel[2]; ++kw, from += g.dilation[2] * g.inPixel, w += kLanes) {
                F wv = load(w);
                LATHE_UNROLL
                for (int i = 0; i < kCount; ++i) accumulate(acc[i], read<kTail>(from + i * step, r.valid), wv);
            }
        }
    }
    finishPixels<kCount, kTail>(r, acc, x);
}

// kPixels pixels inside, kernels kWidth wide without dilation: each input column is read once for all its taps.
template <int kWidth, int kStride>
void insideFixed(const Row& r, int64_t x) {
    const DepthwiseGeometry& g = *r.g;
    F acc[kPixels];
    LATHE_UNROLL
    for (int i = 0; i < kPixels; ++i) acc[i] = zero();
    int64_t column = x * kStride - g.padBefore[2], pixel = g.inPixel;
    for (int64_t kd = r.kd0; kd < r.kd1; ++kd) {
        for (int64_t kh = r.kh0; kh < r.kh1; ++kh) {
            const float* from = r.in + (r.depth + kd * g.dilation[0]) * g.inDepth +
                                (r.row + kh * g.dilation[1]) * g.inRow + column * pixel;
            const float* w = r.weights + (kd * g.kernel[1] + kh) * kWidth * kLanes;
            F wv[kWidth];
            LATHE_UNROLL
            for (int kw = 0; kw < kWidth; ++kw) wv[kw] = load(w + kw * kLanes);
            LATHE_UNROLL
            for (int j = 0; j < (kPixels - 1) * kStride + kWidth; ++j) {
                F v = load(from);
                from += pixel;
                LATHE_UNROLL
                for (int kw = 0; kw < kWidth; ++kw) {
                    if ((j - kw) % kStride == 0 && j >= kw && (j - kw) / kStride < kPixels) {
                        accumulate(acc[(j - kw) / kStride], v, wv[kw]);
                    }
                }
            }
        }
    }
    finishPixels<kPixels, false>(r, acc, x);
}

using PixelsFn = void (*)(const Row& r, int64_t x);

PixelsFn fixedFor(const DepthwiseGeometry& g) {
    if (g.dilation[2] != 1) return nullptr;
    if (g.kernel[2] == 3 && g.stride[2] == 1) return &insideFixed<3, 1>;
    if (g.kernel[2] == 3 && g.stride[2] == 2) return &insideFixed<3, 2>;
    if (g.kernel[2] == 5 && g.stride[2] == 1) return &insideFixed<5, 1>;
    if (g.kernel[2] == 5 && g.stride[2] == 2) return &insideFixed<5, 2>;
    if (g.kernel[2] == 7 && g.stride[2] == 1) return &insideFixed<7, 1>;
    return nullptr;
}

template <bool kTail>
void runRow(const Row& r, PixelsFn fixed) {
    const DepthwiseGeometry& g = *r.g;
    for (int64_t x = 0; x < g.inside0; ++x) edgePixel<kTail>(r, x);
    int64_t x = g.inside0;
    if constexpr (!kTail) {
        if (fixed) {
            for (; x + kPixels <= g.inside1; x += kPixels) fixed(r, x);
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

}  // namespace

void depthwise(const DepthwisePart& p);
void depthwise(const DepthwisePart& p) {
    const DepthwiseGeometry& g = *p.geometry;
    TileEpilogue e = makeTileEpilogue(*p.epilogue);
    PixelsFn fixed = fixedFor(g);
    int64_t taps = g.kernel[0] * g.kernel[1] * g.kernel[2];
    bool activation = !isClamp(e.activation);
    Row r;
    r.g = &g;
    r.e = &e;
    r.low = set(e.low), r.high = set(e.high);
    r.scaled = e.scale || e.accScale != 1.0f;
    r.clamped = isClamp(e.activation) && e.activation != Activation::kNone;
    auto window = [&](int d, int64_t at, int64_t& first, int64_t& k0, int64_t& k1) {
        first = at * g.stride[d] - g.padBefore[d];
        k0 = first >= 0 ? 0 : least(g.kernel[d], (-first + g.dilation[d] - 1) / g.dilation[d]);
        k1 = first >= g.inSize[d] ? 0 : least(g.kernel[d], (g.inSize[d] - first + g.dilation[d] - 1) / g.dilation[d]);
        k1 = most(k0, k1);
    };
    auto vector = [&](int64_t row, int64_t v) {
        int64_t at = row / g.outSize[1] * g.outDepth + row % g.outSize[1] * g.outRow + v * g.outVector;
        r.valid = static_cast<int>(least(kLanes, g.channels - v * kLanes));
        r.in = p.in + v * g.inVector;
        r.weights = p.weights + v * taps * kLanes;
        r.out = p.out + at;
        r.residual = e.residual ? e.residual + at : nullptr;
        r.scale = e.scale ? loadN(e.scale + v * kLanes, r.valid) * set(e.accScale) : set(e.accScale);
        r.bias = e.bias ? loadN(e.bias + v * kLanes, r.valid) : zero();
        bool partly = r.valid < kLanes;
        if (partly && !g.blocked) {
            runRow<true>(r, fixed);
        } else {
            runRow<false>(r, fixed);
        }
        if (activation || (partly && g.blocked)) completeRow(r, activation, partly && g.blocked);
    };
    // Blocked: a vector's rows follow each other in memory; NHWC: a row's vectors do.
    for (int64_t outer = g.blocked ? p.v0 : p.row0; outer < (g.blocked ? p.v1 : p.row1); ++outer) {
        for (int64_t inner = g.blocked ? p.row0 : p.v0; inner < (g.blocked ? p.row1 : p.v1); ++inner) {
            int64_t row = g.blocked ? inner : outer;
            window(0, row / g.outSize[1], r.depth, r.kd0, r.kd1);
            window(1, row % g.outSize[1], r.row, r.kh0, r.kh1);
            vector(row, g.blocked ? outer : inner);
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
