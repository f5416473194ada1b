// SPDX-License-Identifier: Apache-2.0
// Direct convolution over register tiles, and the gathering of image patches for the one by GEMM.
#include "kernels/cpu/conv_table.h"
#include "kernels/cpu/isa/tile.h"
#include "kernels/cpu/isa/transpose.h"
#include "kernels/cpu/layout.h"

namespace lathe::cpu::LATHE_ISA {
namespace {

LATHE_INLINE int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
LATHE_INLINE int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }
LATHE_INLINE int vectorsOf(int64_t columns) { return static_cast<int>((columns + kLanes - 1) / kLanes); }

void clear(float* to, int64_t n) {
    int64_t i = 0;
    for (; i + kLanes <= n; i += kLanes) store(to + i, zero());
    for (; i < n; ++i) to[i] = 0.0f;
}

void copy(const float* from, float* to, int64_t n) {
    int64_t i = 0;
    for (; i + kLanes <= n; i += kLanes) store(to + i, load(from + i));
    for (; i < n; ++i) to[i] = from[i];
}

// Pixels of `unit` channels, times the channels' scales.
void copyScaled(const float* from, int64_t step, const float* scale, float* to, int64_t pixels, int64_t unit) {
    if (unit == kLanes) {
        F s = load(scale);
        for (int64_t i = 0; i < pixels; ++i) store(to + i * kLanes, load(from + i * step) * s);
        return;
    }
    if (unit == 1 && step == 1) {
        F s = set(*scale);
        int64_t i = 0;
        for (; i + kLanes <= pixels; i += kLanes) store(to + i, load(from + i) * s);
        for (; i < pixels; ++i) to[i] = from[i] * *scale;
        return;
    }
    for (int64_t i = 0; i < pixels; ++i, from += step, to += unit) {
        int64_t c = 0;
        for (; c + kLanes <= unit; c += kLanes) store(to + c, load(from + c) * load(scale + c));
        for (; c < unit; ++c) to[c] = from[c] * scale[c];
    }
}

// The input rows that the part reads, padding written out: [channel step][kernel depth][row][column][unit].
void fillBand(const DirectPart& p) {
    const DirectGeometry& g = *p.geometry;
    int64_t rows = (p.row1 - p.row0 - 1) * g.stride[1] + (g.kernel[1] - 1) * g.dilation[1] + 1;
    int64_t firstRow = p.row0 * g.stride[1] - g.padBefore[1];
    // Columns [left, left + inside) of the band are the input's, from its column `skip` on.
    int64_t left = most(0, least(g.bandColumns, g.padBefore[2]));
    int64_t skip = most(0, -g.padBefore[2]);
    int64_t inside = most(0, least(g.bandColumns - left, g.inSize[2] - skip));
    int64_t right = g.bandColumns - left - inside;
    int source = 0;
    const float* channels = p.in[0];
    for (int64_t c = 0; c < g.channelSteps; ++c, channels += g.inChannel) {
        if (c >= g.sources.end[source]) channels = p.in[++source];
        for (int64_t kd = 0; kd < g.kernel[0]; ++kd) {
            int64_t depth = p.depth * g.stride[0] + kd * g.dilation[0] - g.padBefore[0];
            bool depthInside = depth >= 0 && depth < g.inSize[0];
            float* to = p.band + c * g.bandChannel + kd * g.bandDepth;
            for (int64_t r = 0; r < rows; ++r, to += g.bandRow) {
                int64_t row = firstRow + r;
                if (!depthInside || row < 0 || row >= g.inSize[1]) {
                    clear(to, g.bandRow);
                    continue;
                }
                const float* from = channels + depth * g.inDepth + row * g.inRow + skip * g.inPixel;
                clear(to, left * g.unit);
                float* middle = to + left * g.unit;
                if (p.scale) {
                    copyScaled(from, g.inPixel, p.scale + c * g.unit, middle, inside, g.unit);
                } else if (g.inPixel == g.unit) {
                    copy(from, middle, inside * g.unit);
                } else {
                    for (int64_t i = 0; i < inside; ++i) copy(from + i * g.inPixel, middle + i * g.unit, g.unit);
                }
                clear(middle + inside * g.unit, right * g.unit);
            }
        }
    }
}

void direct(const DirectPart& p) {
    const DirectGeometry& g = *p.geometry;
    TileEpilogue epilogue = makeTileEpilogue(*p.epilogue);
    const float* base = p.band;
    if (g.copy) {
        fillBand(p);
    } else {
        // In place there is no padding before the image, but there may be less than none.
        base = p.in[0] + (p.depth * g.stride[0] - g.padBefore[0]) * g.inDepth +
               (p.row0 * g.stride[1] - g.padBefore[1]) * g.inRow - g.padBefore[2] * g.inPixel;
    }
    // Offsets of segments, and of pixels in the input (as the tiles read it) and in the output.
    int32_t* segs = p.tables;
    int32_t* s = segs;
    for (int64_t c = 0; c < g.channelSteps; ++c) {
        for (int64_t kd = 0; kd < g.kernel[0]; ++kd) {
            for (int64_t kh = 0; kh < g.kernel[1]; ++kh) {
                for (int64_t kw = 0; kw < g.segColumns; ++kw) {
                    *s++ = static_cast<int32_t>(c * g.bandChannel + (g.copy ? kd : kd * g.dilation[0]) * g.bandDepth +
                                                kh * g.dilation[1] * g.bandRow + kw * g.dilation[2] * g.bandPixel);
                }
            }
        }
    }
    int64_t pixels = (p.row1 - p.row0) * g.outSize[2];
    int32_t* inAt = s;
    int32_t* outAt = inAt + pixels;
    for (int64_t r = 0, i = 0; r < p.row1 - p.row0; ++r) {
        for (int64_t x = 0; x < g.outSize[2]; ++x, ++i) {
            inAt[i] = static_cast<int32_t>(r * g.stride[1] * g.bandRow + x * g.stride[2] * g.bandPixel);
            outAt[i] = static_cast<int32_t>(r * g.outRow + x * g.outPixel);
        }
    }

    int64_t outBase = p.depth * g.outDepth + p.row0 * g.outRow;
    const float* rows[kTileRows];
    int64_t cRow[kTileRows];
    for (int i = 0; i < kTileRows; ++i) cRow[i] = i * g.outPixel;
    bool linear = g.outRow == g.outSize[2] * g.outPixel;
    Tile t;
    t.a = rows;
    t.cRow = t.partialRow = t.residualRow = cRow;
    t.cVec = t.partialVec = t.residualVec = g.outVector;
    t.epilogue = &epilogue;
    t.segLen = static_cast<int>(g.segLen);
    int64_t perBlock = p.aliased ? g.segCount : g.segsPerBlock;
    for (int64_t s0 = 0; s0 < g.segCount; s0 += perBlock) {
        t.seg = segs + s0;
        t.segs = static_cast<int>(least(perBlock, g.segCount - s0));
        int64_t steps = t.segs * g.segLen;
        t.flags =
            (s0 > 0 ? kAddPartial : 0u) | (s0 + t.segs == g.segCount ? kFinish : 0u) | (g.zeroPad ? kZeroPad : 0u);
        for (int64_t panel = p.p0; panel < p.p1; ++panel) {
            t.column0 = panel * kTileColumns;
            t.columns = static_cast<int>(least(kTileColumns, g.oc - t.column0));
            int vecs = vectorsOf(t.columns);
            t.b = p.weights + t.column0 * g.k + s0 * g.segLen * vecs * kLanes;
            // While this panel is used, the next one comes closer, a slice with each tile.
            int64_t ahead = 0, slice = 0;
            const float* next = p.weights;
            if (panel + 1 < p.p1 && pixels >= 4 * kTileRows) {
                next += (t.column0 + kTileColumns) * g.k + s0 * g.segLen * kTileColumns;
                ahead = steps * kTileColumns;
                slice = (ahead * kTileRows / pixels + 15) & ~int64_t{15};
            }
            int64_t channelAt = outBase + panel * kTileVectors * g.outVector;
            const TileFn* fn = &tileTable.fn[g.blockedTile ? kTileBlocked : kTilePacked][0][vecs - 1];
            for (int64_t m = 0; m < pixels; m += kTileRows) {
                int count = static_cast<int>(least(kTileRows, pixels - m));
                for (int i = 0; i < count; ++i) rows[i] = base + inAt[m + i];
                int64_t at = channelAt + outAt[m];
                if (!linear) {
                    for (int i = 0; i < count; ++i) cRow[i] = outAt[m + i] - outAt[m];
                }
                t.c = t.partial = p.out + at;
                if (epilogue.residual) t.residual = epilogue.residual + at;
                int64_t end = least(slice, ahead);
                for (int64_t i = 0; i < end; i += 16) __builtin_prefetch(next + i, 0, 2);
                next += end;
                ahead -= end;
                fn[(count - 1) * kTileVectors](t);
            }
        }
    }
}

void packDirect(const float* weights, int64_t oc, int64_t ic, int64_t taps, int64_t unit, float* to) {
    bool tapsFirst = unit == 0;
    if (tapsFirst) unit = ic;
    int64_t steps = (ic + unit - 1) / unit;
    for (int64_t n0 = 0; n0 < oc; n0 += kTileColumns) {
        int columns = static_cast<int>(least(kTileColumns, oc - n0));
        int width = vectorsOf(columns) * kLanes;
        for (int64_t step = 0; step < steps; ++step) {
            for (int64_t tap = 0; tap < taps; ++tap) {
                for (int64_t u = 0; u < unit; ++u, to += width) {
                    int64_t c = step * unit + u;
                    const float* from = weights + (n0 * ic + c) * taps + tap;
                    for (int j = 0; j < width; ++j) to[j] = j < columns && c < ic ? from[j * ic * taps] : 0.0f;
                }
            }
        }
    }
}

// A row k of the patch matrix: one channel under one tap.
struct PatchRow {
    const PatchSource* s;
    const float* plane;
    int64_t tap[3];
    int64_t shift;      // input column = output column * stride + shift
    int64_t low, high;  // output columns whose input column lies inside
};

// Row (od, oh) of the plane as the tap sees it, to be indexed by input column; null outside.
LATHE_INLINE const float* patchLine(const PatchRow& r, int64_t od, int64_t oh) {
    const PatchSource& s = *r.s;
    int64_t id = od * s.stride[0] + r.tap[0] * s.dilation[0] - s.padBefore[0];
    int64_t ih = oh * s.stride[1] + r.tap[1] * s.dilation[1] - s.padBefore[1];
    if (id < 0 || id >= s.in[0] || ih < 0 || ih >= s.in[1]) return nullptr;
    return r.plane + (id * s.in[1] + ih) * s.in[2];
}

// kLanes pixels of one row of output from column ow on.
LATHE_INLINE F patchVector(const PatchRow& r, const float* line, int64_t ow) {
    if (!line) return zero();
    int64_t stride = r.s->stride[2];
    const float* from = line + r.shift + ow * stride;
    bool inside = ow >= r.low && ow + kLanes <= r.high;
    if (inside && stride == 1) return load(from);
    if (inside && stride == 2) return loadEven(from);
    int64_t first = most(0, r.low - ow), end = least(kLanes, r.high - ow);
    if (first >= end) return zero();
    if (stride == 1 && first == 0) return loadN(from, static_cast<int>(end));
    return gatherStride(from, stride, static_cast<int>(first), static_cast<int>(end));
}

void packPatches(const void* context, const float* b, int64_t n0, int64_t n1, int64_t k0, int64_t k1, float* to) {
    const PatchSource& s = *static_cast<const PatchSource*>(context);
    int64_t steps = k1 - k0, taps = s.kernel[0] * s.kernel[1] * s.kernel[2];
    PatchRow r;
    r.s = &s;
    r.plane = b + k0 / taps * s.in[0] * s.in[1] * s.in[2];
    r.tap[0] = k0 / (s.kernel[1] * s.kernel[2]) % s.kernel[0], r.tap[1] = k0 / s.kernel[2] % s.kernel[1];
    r.tap[2] = k0 % s.kernel[2];
    int64_t ow0 = n0 % s.out[2], oh0 = n0 / s.out[2] % s.out[1], od0 = n0 / s.out[2] / s.out[1];
    for (int64_t k = 0; k < steps; ++k) {
        r.shift = r.tap[2] * s.dilation[2] - s.padBefore[2];
        r.low = r.shift >= 0 ? 0 : (-r.shift + s.stride[2] - 1) / s.stride[2];
        r.high = s.in[2] > r.shift ? least(s.out[2], (s.in[2] - r.shift + s.stride[2] - 1) / s.stride[2]) : 0;
        int64_t ow = ow0, oh = oh0, od = od0;
        const float* line = patchLine(r, od, oh);
        auto nextRow = [&] {
            ow = 0;
            if (++oh == s.out[1]) {
                oh = 0;
                ++od;
            }
            line = patchLine(r, od, oh);
        };
        for (int64_t panel = n0; panel < n1; panel += kTileColumns) {
            int vecs = vectorsOf(least(kTileColumns, n1 - panel));
            float* at = to + (panel - n0) * steps + k * vecs * kLanes;
            for (int v = 0; v < vecs; ++v, at += kLanes) {
                int count = static_cast<int>(least(kLanes, n1 - panel - v * kLanes));
                if (ow + kLanes <= s.out[2]) {
                    store(at, patchVector(r, line, ow));
                    ow += kLanes;
                    if (ow == s.out[2] && count == kLanes) nextRow();
                    continue;
                }
                // The vector spans rows of output, or the matrix ends.
                for (int i = 0; i < kLanes; ++i) {
                    bool there = i < count && line && ow >= r.low && ow < r.high;
                    at[i] = there ? line[r.shift + ow * s.stride[2]] : 0.0f;
                    if (i < count && ++ow == s.out[2]) nextRow();
                }
            }
        }
        if (++r.tap[2] == s.kernel[2]) {
            r.tap[2] = 0;
            if (++r.tap[1] == s.kernel[1]) {
                r.tap[1] = 0;
                if (++r.tap[0] == s.kernel[0]) {
                    r.tap[0] = 0;
                    r.plane += s.in[0] * s.in[1] * s.in[2];
                }
            }
        }
    }
}

// Pixels [s0, s1) of one image.
void convert(int from, int to, int64_t c, int64_t spatial, int64_t s0, int64_t s1, const float* src, float* dst) {
    Layout source = static_cast<Layout>(from), target = static_cast<Layout>(to);
    for (int64_t c0 = 0; c0 < c; c0 += kLanes) {
        int lanes = static_cast<int>(least(kLanes, c - c0));
        const float* block = src + c0 * spatial;  // of the blocked layout, and of NCHW's plane
        float* outBlock = dst + c0 * spatial;
        if (target == Layout::kBlocked && source == Layout::kNchw) {
            if (lanes < kLanes) clear(outBlock + s0 * kLanes, (s1 - s0) * kLanes);
            transposeInto(block + s0, spatial, lanes, s1 - s0, outBlock + s0 * kLanes, kLanes);
        } else if (target == Layout::kNchw && source == Layout::kBlocked) {
            transposeInto(block + s0 * kLanes, kLanes, s1 - s0, lanes, outBlock + s0, spatial);
        } else if (target == Layout::kBlocked) {
            for (int64_t i = s0; i < s1; ++i) store(outBlock + i * kLanes, loadN(src + i * c + c0, lanes));
        } else if (source == Layout::kBlocked) {
            for (int64_t i = s0; i < s1; ++i) storeN(dst + i * c + c0, load(block + i * kLanes), lanes);
        } else if (target == Layout::kNhwc) {
            transposeInto(block + s0, spatial, lanes, s1 - s0, dst + s0 * c + c0, c);
        } else {
            transposeInto(src + s0 * c + c0, c, s1 - s0, lanes, outBlock + s0, spatial);
        }
    }
}

}  // namespace

void col2im(const Col2imShape& s, const float* patches, float* out, const Epilogue& epilogue, float* line);
void depthwise(const DepthwisePart& p);
void packDepthwise(const float* weights, int64_t channels, int64_t taps, float* to);
void winograd(const WinogradPart& p);
void packWinograd(const float* weights, const WinogradGeometry& g, float* to);

extern const ConvTable convTable;
constinit const ConvTable convTable = {kLanes,      kTileRows,     kTileColumns, &direct,
                                       &packDirect, &packPatches,  &depthwise,   &packDepthwise,
                                       &winograd,   &packWinograd, &col2im,      &convert};

}  // namespace lathe::cpu::LATHE_ISA
