// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/norm.h"

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

// Sum of f(i, lanes) over [0, n): four running sums over blocks of 4,096, whose totals add up in double precision. f
// returns 0 in lanes past its count.
template <class Fn>
LATHE_INLINE double blockedSum(int64_t n, Fn f) {
    constexpr int64_t kBlock = 4096;
    double total = 0;
    for (int64_t at = 0; at < n; at += kBlock) {
        int64_t end = n - at < kBlock ? n : at + kBlock, i = at;
        F s0 = zero(), s1 = zero(), s2 = zero(), s3 = zero();
        for (; i + 4 * kLanes <= end; i += 4 * kLanes) {
            s0 = s0 + f(i, kLanes);
            s1 = s1 + f(i + kLanes, kLanes);
            s2 = s2 + f(i + 2 * kLanes, kLanes);
            s3 = s3 + f(i + 3 * kLanes, kLanes);
        }
        for (; i + kLanes <= end; i += kLanes) s0 = s0 + f(i, kLanes);
        if (i < end) s1 = s1 + f(i, static_cast<int>(end - i));
        total += reduceAdd((s0 + s1) + (s2 + s3));
    }
    return total;
}

LATHE_INLINE F keepFirst(F v, int n) { return n == kLanes ? v : select(firstN(n), v, zero()); }

template <class T, bool kResidual>
LATHE_INLINE void layerRow(const LayerNormArgs& args, const T* x, const T* r, T* sum, T* y) {
    const int64_t n = args.n;
    auto value = [&](int64_t i, int m) {
        F v = get(x + i, m);
        if constexpr (kResidual) v = v + get(r + i, m);
        return v;
    };
    float mean = 0;
    if (!args.rms) mean = static_cast<float>(blockedSum(n, value) / static_cast<double>(n));
    F shift = set(mean);
    double squares = blockedSum(n, [&](int64_t i, int m) {
        F d = keepFirst(value(i, m) - shift, m);
        return d * d;
    });
    float inverse = static_cast<float>(1 / __builtin_sqrt(squares / static_cast<double>(n) + args.epsilon));
    F factor = set(inverse);
    const float* scale = args.scale;
    const float* bias = args.bias;
    for (int64_t i = 0; i < n; i += kLanes) {
        int m = n - i < kLanes ? static_cast<int>(n - i) : kLanes;
        F v = value(i, m);
        if (sum) put(sum + i, v, m);
        v = (v - shift) * factor;
        if (scale) v = v * get(scale + i, m);
        if (bias) v = v + get(bias + i, m);
        put(y + i, v, m);
    }
}

template <class T>
void layerRowsOf(const LayerNormArgs& args, int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
        const T* x = static_cast<const T*>(args.x) + row * args.xStride;
        T* y = static_cast<T*>(args.y) + row * args.yStride;
        T* sum = args.sum ? static_cast<T*>(args.sum) + row * args.sumStride : nullptr;
        if (args.residual)
            layerRow<T, true>(args, x, static_cast<const T*>(args.residual) + row * args.residualStride, sum, y);
        else
            layerRow<T, false>(args, x, nullptr, sum, y);
    }
}

template <class T>
void groupsOf(const GroupNormArgs& args, int64_t begin, int64_t end) {
    const int64_t perGroup = args.channels / args.groups, positions = args.positions, n = perGroup * positions;
    for (int64_t g = begin; g < end; ++g) {
        const T* x = static_cast<const T*>(args.x) + g * n;
        T* y = static_cast<T*>(args.y) + g * n;
        double mean = blockedSum(n, [&](int64_t i, int m) { return get(x + i, m); }) / static_cast<double>(n);
        F shift = set(static_cast<float>(mean));
        double squares = blockedSum(n, [&](int64_t i, int m) {
            F d = keepFirst(get(x + i, m) - shift, m);
            return d * d;
        });
        float inverse = static_cast<float>(1 / __builtin_sqrt(squares / static_cast<double>(n) + args.epsilon));
        int64_t channel = g % args.groups * perGroup;
        for (int64_t c = 0; c < perGroup; ++c, ++channel) {
            F factor = set(inverse * (args.scale ? args.scale[channel] : 1.0f));
            F offset = set(args.bias ? args.bias[channel] : 0.0f);
            const T* from = x + c * positions;
            T* to = y + c * positions;
            for (int64_t i = 0; i < positions; i += kLanes) {
                int m = positions - i < kLanes ? static_cast<int>(positions - i) : kLanes;
                put(to + i, fma(get(from + i, m) - shift, factor, offset), m);
            }
        }
    }
}

template <class T>
void channelMomentsOf(const GroupNormArgs& args, int64_t image, int64_t begin, int64_t end, float* mean, float* dev) {
    const T* x = static_cast<const T*>(args.x) + image * args.positions * args.channels;
    constexpr int64_t kBlock = 64;  // rows whose sum is added to the running one at once
    auto columnSum = [&](int64_t c, int m, F shift, bool squared) {
        F total = zero(), carry = zero();
        for (int64_t r0 = 0; r0 < args.positions; r0 += kBlock) {
            int64_t r1 = r0 + kBlock < args.positions ? r0 + kBlock : args.positions;
            F s = zero();
            for (int64_t r = r0; r < r1; ++r) {
                F d = get(x + r * args.channels + c, m) - shift;
                s = squared ? fma(d, d, s) : s + d;
            }
            // Compensated: the blocks may be many.
            F add = s - carry, next = total + add;
            carry = (next - total) - add;
            total = next;
        }
        return total;
    };
    F count = set(static_cast<float>(args.positions));
    for (int64_t c = begin; c < end; c += kLanes) {
        int m = end - c < kLanes ? static_cast<int>(end - c) : kLanes;
        F average = columnSum(c, m, zero(), false) / count;
        put(mean + c, average, m);
        put(dev + c, columnSum(c, m, average, true), m);
    }
}

template <class T>
void channelAffineOf(const GroupNormArgs& args, int64_t image, int64_t begin, int64_t end, const float* factor,
                     const float* offset) {
    const int64_t channels = args.channels, base = image * args.positions * channels;
    for (int64_t r = begin; r < end; ++r) {
        const T* x = static_cast<const T*>(args.x) + base + r * channels;
        T* y = static_cast<T*>(args.y) + base + r * channels;
        for (int64_t c = 0; c < channels; c += kLanes) {
            int m = channels - c < kLanes ? static_cast<int>(channels - c) : kLanes;
            put(y + c, fma(get(x + c, m), get(factor + c, m), get(offset + c, m)), m);
        }
    }
}

void layerRows(const LayerNormArgs& args, int64_t begin, int64_t end) {
    switch (args.type) {
        case DType::kHalf: return layerRowsOf<F16Bits>(args, begin, end);
        case DType::kBf16: return layerRowsOf<Bf16Bits>(args, begin, end);
        default: return layerRowsOf<float>(args, begin, end);
    }
}
void groups(const GroupNormArgs& args, int64_t begin, int64_t end) {
    switch (args.type) {
        case DType::kHalf: return groupsOf<F16Bits>(args, begin, end);
        case DType::kBf16: return groupsOf<Bf16Bits>(args, begin, end);
        default: return groupsOf<float>(args, begin, end);
    }
}
void channelMoments(const GroupNormArgs& args, int64_t image, int64_t begin, int64_t end, float* mean, float* dev) {
    switch (args.type) {
        case DType::kHalf: return channelMomentsOf<F16Bits>(args, image, begin, end, mean, dev);
        case DType::kBf16: return channelMomentsOf<Bf16Bits>(args, image, begin, end, mean, dev);
        default: return channelMomentsOf<float>(args, image, begin, end, mean, dev);
    }
}
void channelAffine(const GroupNormArgs& args, int64_t image, int64_t begin, int64_t end, const float* factor,
                   const float* offset) {
    switch (args.type) {
        case DType::kHalf: return channelAffineOf<F16Bits>(args, image, begin, end, factor, offset);
        case DType::kBf16: return channelAffineOf<Bf16Bits>(args, image, begin, end, factor, offset);
        default: return channelAffineOf<float>(args, image, begin, end, factor, offset);
    }
}

}  // namespace

extern const NormTable normTable;
constinit const NormTable normTable = {&layerRows, &groups, &channelMoments, &channelAffine};

}  // namespace lathe::cpu::LATHE_ISA
