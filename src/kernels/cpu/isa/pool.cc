// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/pool.h"

#include "kernels/cpu/isa/simd_extra.h"

namespace lathe::cpu::LATHE_ISA {
namespace {

template <class T>
LATHE_INLINE F get(const T* p, int n) {
    return n == kLanes ? loadAs(p) : loadAsN(p, n);
}
template <class T>
LATHE_INLINE void put(T* p, F v, int n) {
    if (n == kLanes)
        storeAs(p, v);
    else
        storeAsN(p, v, n);
}

template <bool kMax>
LATHE_INLINE F identity() {
    return kMax ? set(-__builtin_inff()) : zero();
}
template <bool kMax>
LATHE_INLINE F combine(F a, F b) {
    return kMax ? max(a, b) : a + b;
}

// The taps of output position `at` along one dimension: input positions first + i * dilation for i in [from, to).
struct Window {
    int64_t first, from, to;
    int64_t counted;  // taps that an average divides by
};
LATHE_INLINE Window windowAt(const PoolArgs& a, int dim, int64_t at) {
    Window w;
    w.first = at * a.stride[dim] - a.padBegin[dim];
    int64_t dilation = a.dilation[dim], size = a.in[dim], kernel = a.kernel[dim];
    w.from = w.first >= 0 ? 0 : (-w.first + dilation - 1) / dilation;
    w.to = size > w.first ? (size - w.first + dilation - 1) / dilation : 0;
    if (w.to > kernel) w.to = kernel;
    if (w.to < w.from) w.to = w.from;
    if (a.countPadding) {
        int64_t end = size + a.padEnd[dim] - w.first;
        w.counted = end > 0 ? (end + dilation - 1) / dilation : 0;
        if (w.counted > kernel) w.counted = kernel;
    } else {
        w.counted = w.to - w.from;
    }
    return w;
}

template <class T>
LATHE_INLINE F finish(const PoolArgs& a, F v, const T* y, int n) {
    v = v * set(a.weight);
    return a.keep == 0 ? v : fma(get(y, n), set(a.keep), v);
}

// Channels in vectors: every tap of a window is a contiguous run of them.
template <class T, bool kMax>
void vectorsOf(const PoolArgs& a, int64_t begin, int64_t end) {
    const int64_t c = a.vector, plane = a.in[1] * a.in[2] * c, line = a.in[2] * c;
    for (int64_t row = begin; row < end; ++row) {
        int64_t oh = row % a.out[1], od = row / a.out[1] % a.out[0], image = row / a.out[1] / a.out[0];
        Window wd = windowAt(a, 0, od), wh = windowAt(a, 1, oh);
        const T* x = static_cast<const T*>(a.x) + image * a.in[0] * plane;
        T* y = static_cast<T*>(a.y) + row * a.out[2] * c;
        for (int64_t ow = 0; ow < a.out[2]; ++ow, y += c) {
            Window ww = windowAt(a, 2, ow);
            int64_t counted = wd.counted * wh.counted * ww.counted;
            F divisor = set(counted > 0 ? 1.0f / static_cast<float>(counted) : 0.0f);
            constexpr int kGroup = 4;
            for (int64_t at = 0; at < c; at += kGroup * kLanes) {
                int64_t left = c - at;
                int vecs = left >= kGroup * kLanes ? kGroup : static_cast<int>((left + kLanes - 1) / kLanes);
                int tail = left >= vecs * kLanes ? kLanes : static_cast<int>(left - (vecs - 1) * kLanes);
                F acc[kGroup] = {identity<kMax>(), identity<kMax>(), identity<kMax>(), identity<kMax>()};
                for (int64_t i = wd.from; i < wd.to; ++i) {
                    for (int64_t j = wh.from; j < wh.to; ++j) {
                        const T* p = x + (wd.first + i * a.dilation[0]) * plane +
                                     (wh.first + j * a.dilation[1]) * line + ww.first * c + at;
                        for (int64_t k = ww.from; k < ww.to; ++k) {
                            const T* q = p + k * a.dilation[2] * c;
                            if (vecs == kGroup && tail == kLanes) {
                                LATHE_UNROLL
                                for (int v = 0; v < kGroup; ++v) acc[v] = combine<kMax>(acc[v], loadAs(q + v * kLanes));
                            } else if (vecs == 1 && tail == kLanes) {
                                acc[0] = combine<kMax>(acc[0], loadAs(q));
                            } else {
                                for (int v = 0; v < vecs; ++v)
                                    acc[v] = combine<kMax>(acc[v], get(q + v * kLanes, v + 1 < vecs ? kLanes : tail));
                            }
                        }
                    }
                }
                for (int v = 0; v < vecs; ++v) {
                    T* to = y + at + v * kLanes;
                    int n = v + 1 < vecs ? kLanes : tail;
                    put(to, finish(a, kMax ? acc[v] : acc[v] * divisor, to, n), n);
                }
            }
        }
    }
}

// Single channels: the rows under a window are combined first, whole vectors along the width, then columns.
constexpr int64_t kBuffer = 4096;

template <class T, bool kMax>
void planesOf(const PoolArgs& a, int64_t begin, int64_t end) {
    alignas(64) float buffer[kBuffer + 2 * kLanes];
    const int64_t width = a.in[2], plane = a.in[1] * width, outWidth = a.out[2];
    const int64_t stride = a.stride[2], dilation = a.dilation[2], kernel = a.kernel[2];
    const int64_t reach = (kernel - 1) * dilation + 1;
    // Output columns whose windows fit the buffer; 0 when not even one does.
    const int64_t chunk = reach > kBuffer ? 0 : (kBuffer - reach) / stride + 1;
    for (int64_t row = begin; row < end; ++row) {
        int64_t oh = row % a.out[1], od = row / a.out[1] % a.out[0], image = row / a.out[1] / a.out[0];
        Window wd = windowAt(a, 0, od), wh = windowAt(a, 1, oh);
        const T* x = static_cast<const T*>(a.x) + image * a.in[0] * plane;
        T* y = static_cast<T*>(a.y) + row * outWidth;
        auto tapRow = [&](int64_t i, int64_t j) {
            return x + (wd.first + i * a.dilation[0]) * plane + (wh.first + j * a.dilation[1]) * width;
        };
        auto write = [&](int64_t ow, float v) {
            if (!kMax) {
                int64_t counted = wd.counted * wh.counted * windowAt(a, 2, ow).counted;
                v = counted > 0 ? v / static_cast<float>(counted) : 0;
            }
            put(y + ow, finish(a, set(v), y + ow, 1), 1);
        };
        if (chunk == 0) {
            for (int64_t ow = 0; ow < outWidth; ++ow) {
                Window ww = windowAt(a, 2, ow);
                F acc = identity<kMax>();
                for (int64_t i = wd.from; i < wd.to; ++i)
                    for (int64_t j = wh.from; j < wh.to; ++j)
                        for (int64_t k = ww.from; k < ww.to; ++k)
                            acc = combine<kMax>(acc, set(scalarOf(tapRow(i, j) + ww.first + k * dilation)));
                float lanes[kLanes];
                store(lanes, acc);
                write(ow, lanes[0]);
            }
            continue;
        }
        for (int64_t o0 = 0; o0 < outWidth; o0 += chunk) {
            int64_t outs = outWidth - o0 < chunk ? outWidth - o0 : chunk;
            int64_t left = o0 * stride - a.padBegin[2];  // input column of the buffer's first element
            int64_t length = (outs - 1) * stride + reach;
            int64_t from = left < 0 ? (-left < length ? -left : length) : 0;
            int64_t to = width - left < length ? width - left : length;
            if (to < from) to = from;
            for (int64_t i = 0; i < from; i += kLanes) store(buffer + i, identity<kMax>());
            // The last vector may run over `to`; what follows is overwritten next.
            for (int64_t i = from; i < to; i += kLanes) {
                int n = to - i < kLanes ? static_cast<int>(to - i) : kLanes;
                F acc = identity<kMax>();
                for (int64_t d = wd.from; d < wd.to; ++d)
                    for (int64_t h = wh.from; h < wh.to; ++h) acc = combine<kMax>(acc, get(tapRow(d, h) + left + i, n));
                store(buffer + i, acc);
            }
            for (int64_t i = to; i < length; i += kLanes) store(buffer + i, identity<kMax>());
            int64_t o = 0;
            if (stride == 1) {
                for (; o + kLanes <= outs; o += kLanes) {
                    F acc = load(buffer + o);
                    for (int64_t k = 1; k < kernel; ++k) acc = combine<kMax>(acc, load(buffer + o + k * dilation));
                    if (kMax) {
                        storeAs(y + o0 + o, finish(a, acc, y + o0 + o, kLanes));
                    } else {
                        float lanes[kLanes];
                        store(lanes, acc);
                        for (int i = 0; i < kLanes; ++i) write(o0 + o + i, lanes[i]);
                    }
                }
            }
            for (; o < outs; ++o) {
                const float* p = buffer + o * stride;
                float acc = p[0];
                for (int64_t k = 1; k < kernel; ++k) {
                    float v = p[k * dilation];
                    acc = kMax ? (acc > v ? acc : v) : acc + v;
                }
                if (kMax && sizeof(T) == 4 && a.keep == 0)
                    setScalar(y + o0 + o, acc * a.weight);
                else
                    write(o0 + o, acc);
            }
        }
    }
}

template <class T>
void planesAny(const PoolArgs& a, int64_t begin, int64_t end) {
    if (a.kind == PoolArgs::Kind::kMax)
        planesOf<T, true>(a, begin, end);
    else
        planesOf<T, false>(a, begin, end);
}
template <class T>
void vectorsAny(const PoolArgs& a, int64_t begin, int64_t end) {
    if (a.kind == PoolArgs::Kind::kMax)
        vectorsOf<T, true>(a, begin, end);
    else
        vectorsOf<T, false>(a, begin, end);
}

void planes(const PoolArgs& a, int64_t begin, int64_t end) {
    switch (a.type) {
        case DType::kHalf: return planesAny<F16Bits>(a, begin, end);
        case DType::kBf16: return planesAny<Bf16Bits>(a, begin, end);
        case DType::kInt8: return planesAny<int8_t>(a, begin, end);
        case DType::kUint8: return planesAny<uint8_t>(a, begin, end);
        default: return planesAny<float>(a, begin, end);
    }
}
void vectors(const PoolArgs& a, int64_t begin, int64_t end) {
    switch (a.type) {
        case DType::kHalf: return vectorsAny<F16Bits>(a, begin, end);
        case DType::kBf16: return vectorsAny<Bf16Bits>(a, begin, end);
        case DType::kInt8: return vectorsAny<int8_t>(a, begin, end);
        case DType::kUint8: return vectorsAny<uint8_t>(a, begin, end);
        default: return vectorsAny<float>(a, begin, end);
    }
}

void lrn(const LrnArgs& a, int64_t batch, int64_t begin, int64_t end) {
    const float* x = a.x + batch * a.channels * a.positions;
    float* y = a.y + batch * a.channels * a.positions;
    int64_t before = (a.window - 1) / 2, after = a.window / 2;
    for (int64_t c = 0; c < a.channels; ++c) {
        int64_t c0 = c - before < 0 ? 0 : c - before, c1 = c + after + 1 < a.channels ? c + after + 1 : a.channels;
        for (int64_t p = begin; p < end; p += kLanes) {
            int n = end - p < kLanes ? static_cast<int>(end - p) : kLanes;
            F s = zero();
            for (int64_t k = c0; k < c1; ++k) {
                F v = get(x + k * a.positions + p, n);
                s = fma(v, v, s);
            }
            s = fma(s, set(a.alpha), set(a.bias));
            F power = exp(log(s) * set(-a.beta));
            put(y + c * a.positions + p, get(x + c * a.positions + p, n) * power, n);
        }
    }
}

// Whole planes: channels in up to kWhole vectors at a time, or the pixels of one channel.
constexpr int kWhole = 4;

template <bool kMax>
void wholeColumns(const float* x, int64_t pixels, int64_t step, int vecs, int tail, F scale, float* y) {
    F acc[kWhole] = {identity<kMax>(), identity<kMax>(), identity<kMax>(), identity<kMax>()};
    if (vecs == kWhole && tail == kLanes) {
        for (int64_t p = 0; p < pixels; ++p, x += step) {
            LATHE_UNROLL
            for (int v = 0; v < kWhole; ++v) acc[v] = combine<kMax>(acc[v], load(x + v * kLanes));
        }
    } else if (vecs == 1 && tail == kLanes) {
        // One vector: several pixels at a time hide the latency.
        int64_t p = 0;
        F more[kWhole] = {identity<kMax>(), identity<kMax>(), identity<kMax>(), identity<kMax>()};
        for (; p + 2 * kWhole <= pixels; p += 2 * kWhole, x += 2 * kWhole * step) {
            LATHE_UNROLL
            for (int v = 0; v < kWhole; ++v) {
                acc[v] = combine<kMax>(acc[v], load(x + v * step));
                more[v] = combine<kMax>(more[v], load(x + (v + kWhole) * step));
            }
        }
        for (; p < pixels; ++p, x += step) acc[0] = combine<kMax>(acc[0], load(x));
        LATHE_UNROLL
        for (int v = 0; v < kWhole; ++v) acc[v] = combine<kMax>(acc[v], more[v]);
        acc[0] = combine<kMax>(combine<kMax>(acc[0], acc[1]), combine<kMax>(acc[2], acc[3]));
    } else {
        for (int64_t p = 0; p < pixels; ++p, x += step)
            for (int v = 0; v < vecs; ++v)
                acc[v] = combine<kMax>(acc[v], get(x + v * kLanes, v + 1 < vecs ? kLanes : tail));
    }
    for (int v = 0; v < vecs; ++v) put(y + v * kLanes, kMax ? acc[v] : acc[v] * scale, v + 1 < vecs ? kLanes : tail);
}

template <bool kMax>
float wholePlane(const float* x, int64_t pixels) {
    int64_t p = 0;
    F acc[kWhole] = {identity<kMax>(), identity<kMax>(), identity<kMax>(), identity<kMax>()};
    for (; p + kWhole * kLanes <= pixels; p += kWhole * kLanes) {
        LATHE_UNROLL
        for (int v = 0; v < kWhole; ++v) acc[v] = combine<kMax>(acc[v], load(x + p + v * kLanes));
    }
    for (; p + kLanes <= pixels; p += kLanes) acc[0] = combine<kMax>(acc[0], load(x + p));
    acc[0] = combine<kMax>(combine<kMax>(acc[0], acc[1]), combine<kMax>(acc[2], acc[3]));
    float total = kMax ? reduceMax(acc[0]) : reduceAdd(acc[0]);
    for (; p < pixels; ++p) total = kMax ? (total > x[p] ? total : x[p]) : total + x[p];
    return total;
}

template <bool kMax>
void wholeOf(const PlanesArgs& a, int64_t begin, int64_t end) {
    float each = 1.0f / static_cast<float>(a.pixels);
    if (a.vector == 1) {
        for (int64_t i = begin; i < end; ++i) {
            float total = wholePlane<kMax>(a.x + i * a.pixels, a.pixels);
            a.y[i] = kMax ? total : total * each;
        }
        return;
    }
    constexpr int64_t kColumns = kWhole * kLanes;
    int64_t chunks = (a.vector + kColumns - 1) / kColumns;
    for (int64_t i = begin; i < end; ++i) {
        int64_t image = i / chunks, c = i % chunks * kColumns, left = a.vector - c;
        int vecs = left >= kColumns ? kWhole : static_cast<int>((left + kLanes - 1) / kLanes);
        int tail = left >= kColumns ? kLanes : static_cast<int>(left - (vecs - 1) * kLanes);
        wholeColumns<kMax>(a.x + image * a.pixels * a.vector + c, a.pixels, a.vector, vecs, tail, set(each),
                           a.y + image * a.vector + c);
    }
}

void whole(const PlanesArgs& a, int64_t begin, int64_t end) {
    if (a.max)
        wholeOf<true>(a, begin, end);
    else
        wholeOf<false>(a, begin, end);
}

}  // namespace

extern const PoolTable poolTable;
constinit const PoolTable poolTable = {&planes, &vectors, &whole, kWhole* kLanes, &lrn};

}  // namespace lathe::cpu::LATHE_ISA
