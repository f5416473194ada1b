// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/reduce.h"

#include "kernels/cpu/isa/simd_extra.h"

namespace lathe::cpu::LATHE_ISA {
namespace {

template <class T>
LATHE_INLINE F get(const T* p, int n) {
    return n == kLanes ? loadAs(p) : loadAsN(p, n);
}

template <Gather G>
LATHE_INLINE F identity() {
    return G == Gather::kProd  ? set(1.0f)
           : G == Gather::kMax ? set(-__builtin_inff())
           : G == Gather::kMin ? set(__builtin_inff())
                               : zero();
}
template <Gather G>
LATHE_INLINE F mapped(F x, F shift) {
    if constexpr (G == Gather::kSumSquare) return x * x;
    if constexpr (G == Gather::kSumAbs) return abs(x);
    if constexpr (G == Gather::kSumExp) return exp(x - shift);
    return x;
}
template <Gather G>
LATHE_INLINE F combine(F a, F b) {
    if constexpr (G == Gather::kProd) return a * b;
    if constexpr (G == Gather::kMax) return maxNan(a, b);
    if constexpr (G == Gather::kMin) return minNan(a, b);
    return a + b;
}
template <Gather G>
LATHE_INLINE double joined(double total, double part) {
    if constexpr (G == Gather::kProd) return total * part;
    if constexpr (G == Gather::kMax) return total != total || total > part ? total : part;
    if constexpr (G == Gather::kMin) return total != total || total < part ? total : part;
    return total + part;
}

template <class T, Gather G>
void rowOf(const T* x, int64_t n, float shiftBy, double* total) {
    constexpr int64_t kBlock = 4096;
    F shift = set(shiftBy);
    for (int64_t at = 0; at < n; at += kBlock) {
        int64_t end = n - at < kBlock ? n : at + kBlock, i = at;
        F s0 = identity<G>(), s1 = s0, s2 = s0, s3 = s0;
        for (; i + 4 * kLanes <= end; i += 4 * kLanes) {
            s0 = combine<G>(s0, mapped<G>(loadAs(x + i), shift));
            s1 = combine<G>(s1, mapped<G>(loadAs(x + i + kLanes), shift));
            s2 = combine<G>(s2, mapped<G>(loadAs(x + i + 2 * kLanes), shift));
            s3 = combine<G>(s3, mapped<G>(loadAs(x + i + 3 * kLanes), shift));
        }
        for (; i < end; i += kLanes) {
            int m = end - i < kLanes ? static_cast<int>(end - i) : kLanes;
            F v = mapped<G>(get(x + i, m), shift);
            if (m < kLanes) v = select(firstN(m), v, identity<G>());
            s0 = combine<G>(s0, v);
        }
        float lanes[kLanes];
        store(lanes, combine<G>(combine<G>(s0, s1), combine<G>(s2, s3)));
        double part = lanes[0];
        for (int l = 1; l < kLanes; ++l) part = joined<G>(part, lanes[l]);
        *total = joined<G>(*total, part);
    }
}

template <class T, Gather G>
void columnsOf(const T* x, int64_t rowStride, int64_t rows, int64_t cols, const float* shift, double* total) {
    constexpr int64_t kBlock = 32;
    for (int64_t c = 0; c < cols; c += kLanes) {
        int m = cols - c < kLanes ? static_cast<int>(cols - c) : kLanes;
        F by = m == kLanes ? load(shift + c) : loadN(shift + c, m);
        for (int64_t r0 = 0; r0 < rows; r0 += kBlock) {
            int64_t r1 = rows - r0 < kBlock ? rows : r0 + kBlock;
            F s = identity<G>();
            for (int64_t r = r0; r < r1; ++r) s = combine<G>(s, mapped<G>(get(x + r * rowStride + c, m), by));
            float lanes[kLanes];
            store(lanes, s);
            for (int l = 0; l < m; ++l) total[c + l] = joined<G>(total[c + l], lanes[l]);
        }
    }
}

// Calls f<T, G>() for the types meant.
template <class T, class Fn>
void withGather(Gather gather, Fn f) {
    switch (gather) {
        case Gather::kSum: return f.template operator()<T, Gather::kSum>();
        case Gather::kProd: return f.template operator()<T, Gather::kProd>();
        case Gather::kMax: return f.template operator()<T, Gather::kMax>();
        case Gather::kMin: return f.template operator()<T, Gather::kMin>();
        case Gather::kSumSquare: return f.template operator()<T, Gather::kSumSquare>();
        case Gather::kSumAbs: return f.template operator()<T, Gather::kSumAbs>();
        case Gather::kSumExp: return f.template operator()<T, Gather::kSumExp>();
    }
}
template <class Fn>
void withTypes(Gather gather, DType type, Fn f) {
    switch (type) {
        case DType::kHalf: return withGather<F16Bits>(gather, f);
        case DType::kBf16: return withGather<Bf16Bits>(gather, f);
        default: return withGather<float>(gather, f);
    }
}

void row(Gather gather, DType type, const void* x, int64_t n, float shift, double* total) {
    withTypes(gather, type, [&]<class T, Gather G>() { rowOf<T, G>(static_cast<const T*>(x), n, shift, total); });
}
void columns(Gather gather, DType type, const void* x, int64_t rowStride, int64_t rows, int64_t cols,
             const float* shift, double* total) {
    withTypes(gather, type, [&]<class T, Gather G>() {
        columnsOf<T, G>(static_cast<const T*>(x), rowStride, rows, cols, shift, total);
    });
}

}  // namespace

extern const ReduceTable reduceTable;
constinit const ReduceTable reduceTable = {&row, &columns};

}  // namespace lathe::cpu::LATHE_ISA
