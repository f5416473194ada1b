// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/resize.h"

#include "kernels/cpu/isa/simd_extra.h"

namespace lathe::cpu::LATHE_ISA {
namespace {

using Plan = Resize::Plan;

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

// The position of an output row, and whether it lies outside.
struct Row {
    int64_t image, od, oh;
    bool outside;
};
LATHE_INLINE Row rowAt(const Plan& p, int64_t r) {
    Row row{r / p.axes[1].out / p.axes[0].out, r / p.axes[1].out % p.axes[0].out, r % p.axes[1].out, false};
    row.outside =
        (p.axes[0].isOutside && p.axes[0].isOutside[row.od]) || (p.axes[1].isOutside && p.axes[1].isOutside[row.oh]);
    return row;
}

template <class T>
void fillRow(T* y, int64_t n, float value) {
    F v = set(value);
    for (int64_t i = 0; i < n; i += kLanes) put(y + i, v, n - i < kLanes ? static_cast<int>(n - i) : kLanes);
}

// Source rows are combined into a buffer, whole vectors along the width; then columns are drawn from it.
constexpr int64_t kBuffer = 4096;

template <class T>
void planesOf(const Plan& p, const T* x, T* y, int64_t begin, int64_t end) {
    alignas(64) float buffer[kBuffer + kLanes];
    const auto &depth = p.axes[0], &height = p.axes[1], &width = p.axes[2];
    for (int64_t r = begin; r < end; ++r) {
        Row row = rowAt(p, r);
        T* to = y + r * width.out;
        if (row.outside) {
            fillRow(to, width.out, p.outside);
            continue;
        }
        const T* image = x + row.image * depth.in * height.in * width.in;
        auto sourceRow = [&](int i, int j) {
            return image + (depth.index[row.od * depth.taps + i] * height.in + height.index[row.oh * height.taps + j]) *
                               width.in;
        };
        auto rowWeight = [&](int i, int j) {
            return depth.weight[row.od * depth.taps + i] * height.weight[row.oh * height.taps + j];
        };
        for (int64_t o = 0; o < width.out;) {
            // As many output columns as draw from no more than a bufferful of input.
            int32_t lo = INT32_MAX, hi = -1;
            int64_t stop = o;
            for (; stop < width.out; ++stop) {
                int32_t l = lo, h = hi;
                for (int t = 0; t < width.taps; ++t) {
                    int32_t i = width.index[stop * width.taps + t];
                    l = i < l ? i : l;
                    h = i > h ? i : h;
                }
                if (h - l >= kBuffer) break;
                lo = l, hi = h;
            }
            bool direct = stop == o;  // not even one: read the input for each tap
            if (direct) stop = o + 1;
            if (!direct) {
                int64_t n = hi - lo + 1;
                for (int64_t c = 0; c < n; c += kLanes) {
                    int m = n - c < kLanes ? static_cast<int>(n - c) : kLanes;
                    F sum = zero();
                    for (int i = 0; i < depth.taps; ++i)
                        for (int j = 0; j < height.taps; ++j)
                            sum = fma(get(sourceRow(i, j) + lo + c, m), set(rowWeight(i, j)), sum);
                    store(buffer + c, sum);
                }
            }
            auto column = [&](int64_t at) {
                const int32_t* index = width.index + at * width.taps;
                const float* weight = width.weight + at * width.taps;
                float sum = 0;
                for (int t = 0; t < width.taps; ++t) {
                    float v = 0;
                    if (!direct) {
                        v = buffer[index[t] - lo];
                    } else {
                        for (int i = 0; i < depth.taps; ++i)
                            for (int j = 0; j < height.taps; ++j)
                                v += scalarOf(sourceRow(i, j) + index[t]) * rowWeight(i, j);
                    }
                    sum += v * weight[t];
                }
                return width.isOutside && width.isOutside[at] ? p.outside : sum;
            };
            for (; o < stop;) {
                int m = stop - o < kLanes ? static_cast<int>(stop - o) : kLanes;
                float lanes[kLanes] = {};
                if (width.taps == 2 && !direct && !width.isOutside) {
                    for (int l = 0; l < m; ++l) {
                        int64_t at = 2 * (o + l);
                        lanes[l] = buffer[width.index[at] - lo] * width.weight[at] +
                                   buffer[width.index[at + 1] - lo] * width.weight[at + 1];
                    }
                } else {
                    for (int l = 0; l < m; ++l) lanes[l] = column(o + l);
                }
                put(to + o, load(lanes), m);
                o += m;
            }
        }
    }
}

template <class T>
void vectorsOf(const Plan& p, const T* x, T* y, int64_t begin, int64_t end) {
    const auto &depth = p.axes[0], &height = p.axes[1], &width = p.axes[2];
    const int64_t c = p.vector;
    for (int64_t r = begin; r < end; ++r) {
        Row row = rowAt(p, r);
        T* to = y + r * width.out * c;
        if (row.outside) {
            fillRow(to, width.out * c, p.outside);
            continue;
        }
        const T* image = x + row.image * depth.in * height.in * width.in * c;
        for (int64_t o = 0; o < width.out; ++o, to += c) {
            if (width.isOutside && width.isOutside[o]) {
                fillRow(to, c, p.outside);
                continue;
            }
            for (int64_t v = 0; v < c; v += kLanes) {
                int m = c - v < kLanes ? static_cast<int>(c - v) : kLanes;
                F sum = zero();
                for (int i = 0; i < depth.taps; ++i)
                    for (int j = 0; j < height.taps; ++j) {
                        float outer = depth.weight[row.od * depth.taps + i] * height.weight[row.oh * height.taps + j];
                        const T* from = image + (depth.index[row.od * depth.taps + i] * height.in +
                                                 height.index[row.oh * height.taps + j]) *
                                                    width.in * c;
                        for (int t = 0; t < width.taps; ++t) {
                            const T* q = from + width.index[o * width.taps + t] * c + v;
                            sum = fma(get(q, m), set(outer * width.weight[o * width.taps + t]), sum);
                        }
                    }
                put(to + v, sum, m);
            }
        }
    }
}

template <class Fn>
void withType(DType type, Fn f) {
    switch (type) {
        case DType::kHalf: return f.template operator()<F16Bits>();
        case DType::kBf16: return f.template operator()<Bf16Bits>();
        case DType::kInt8: return f.template operator()<int8_t>();
        case DType::kUint8: return f.template operator()<uint8_t>();
        default: return f.template operator()<float>();
    }
}

void planes(const Plan& p, const void* x, void* y, int64_t begin, int64_t end) {
    withType(p.type, [&]<class T>() { planesOf(p, static_cast<const T*>(x), static_cast<T*>(y), begin, end); });
}
void vectors(const Plan& p, const void* x, void* y, int64_t begin, int64_t end) {
    withType(p.type, [&]<class T>() { vectorsOf(p, static_cast<const T*>(x), static_cast<T*>(y), begin, end); });
}

}  // namespace

extern const ResizeTable resizeTable;
constinit const ResizeTable resizeTable = {&planes, &vectors};

}  // namespace lathe::cpu::LATHE_ISA
