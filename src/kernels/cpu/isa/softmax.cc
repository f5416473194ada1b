// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/softmax.h"

#include "kernels/cpu/isa/simd_extra.h"

namespace lathe::cpu::LATHE_ISA {
namespace {

// Calls f(lane offset, lanes) for the vectors of [0, n).
template <class Fn>
LATHE_INLINE void eachVector(int64_t n, Fn f) {
    int64_t i = 0;
    for (; i + kLanes <= n; i += kLanes) f(i, kLanes);
    if (i < n) f(i, static_cast<int>(n - i));
}
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
LATHE_INLINE F keepFirst(F v, F other, int n) { return n == kLanes ? v : select(firstN(n), v, other); }

template <class T>
float rowMax(const T* x, int64_t n) {
    F lowest = set(-__builtin_inff());
    F m0 = lowest, m1 = lowest, m2 = lowest, m3 = lowest;
    int64_t i = 0;
    for (; i + 4 * kLanes <= n; i += 4 * kLanes) {
        m0 = max(m0, loadAs(x + i));
        m1 = max(m1, loadAs(x + i + kLanes));
        m2 = max(m2, loadAs(x + i + 2 * kLanes));
        m3 = max(m3, loadAs(x + i + 3 * kLanes));
    }
    for (; i + kLanes <= n; i += kLanes) m0 = max(m0, loadAs(x + i));
    if (i < n) m1 = max(m1, keepFirst(loadAsN(x + i, static_cast<int>(n - i)), lowest, static_cast<int>(n - i)));
    // A NaN may be lost here; it comes back with the sum.
    return reduceMax(max(max(m0, m1), max(m2, m3)));
}

// Writes e^(x - max) if y is not null; returns the sum.
template <class T>
double expSum(const T* x, float* y, int64_t n, float maximum) {
    constexpr int64_t kBlock = 4096;
    F shift = set(maximum);
    double total = 0;
    for (int64_t at = 0; at < n; at += kBlock) {
        int64_t m = n - at < kBlock ? n - at : kBlock;
        F s0 = zero(), s1 = zero();
        const T* p = x + at;
        float* q = y ? y + at : nullptr;
        int64_t i = 0;
        for (; i + 2 * kLanes <= m; i += 2 * kLanes) {
            F a = expSoft(loadAs(p + i) - shift), b = expSoft(loadAs(p + i + kLanes) - shift);
            if (q) {
                store(q + i, a);
                store(q + i + kLanes, b);
            }
            s0 = s0 + a;
            s1 = s1 + b;
        }
        for (; i < m; i += kLanes) {
            int rest = m - i < kLanes ? static_cast<int>(m - i) : kLanes;
            F a = keepFirst(expSoft(get(p + i, rest) - shift), zero(), rest);
            if (q) put(q + i, a, rest);
            s0 = s0 + a;
        }
        total += reduceAdd(s0 + s1);
    }
    return total;
}

constexpr int64_t kBuffer = 2048;

template <class T>
void rowsOf(const SoftmaxArgs& args, int64_t begin, int64_t end) {
    const int64_t n = args.n;
    alignas(64) float buffer[kBuffer];
    for (int64_t r = begin; r < end; ++r) {
        const T* x = static_cast<const T*>(args.x) + r * n;
        T* y = static_cast<T*>(args.y) + r * n;
        float maximum = rowMax(x, n);
        if (args.log) {
            // x - max - log in this order, so that a large max does not swallow the logarithm.
            float rest = __builtin_logf(static_cast<float>(expSum(x, nullptr, n, maximum)));
            eachVector(n, [&](int64_t i, int m) { put(y + i, (get(x + i, m) - set(maximum)) - set(rest), m); });
            continue;
        }
        if constexpr (sizeof(T) == 4) {
            F scale = set(static_cast<float>(1 / expSum(x, y, n, maximum)));
            eachVector(n, [&](int64_t i, int m) { put(y + i, get(y + i, m) * scale, m); });
        } else if (n <= kBuffer) {
            F scale = set(static_cast<float>(1 / expSum(x, buffer, n, maximum)));
            eachVector(n, [&](int64_t i, int m) { put(y + i, get(buffer + i, m) * scale, m); });
        } else {
            F scale = set(static_cast<float>(1 / expSum(x, nullptr, n, maximum)));
            eachVector(n, [&](int64_t i, int m) { put(y + i, expSoft(get(x + i, m) - set(maximum)) * scale, m); });
        }
    }
}

template <class T>
void columnsOf(const SoftmaxArgs& args, int64_t width, int64_t begin, int64_t end) {
    const int64_t n = args.n, inner = args.inner, blocks = (inner + width - 1) / width;
    alignas(64) float maximum[kSoftmaxMaxColumns], sum[kSoftmaxMaxColumns];
    for (int64_t b = begin; b < end; ++b) {
        int64_t first = b % blocks * width, columns = inner - first < width ? inner - first : width;
        const T* x = static_cast<const T*>(args.x) + b / blocks * n * inner + first;
        T* y = static_cast<T*>(args.y) + b / blocks * n * inner + first;
        eachVector(columns, [&](int64_t c, int m) {
            F top = set(-__builtin_inff());
            for (int64_t r = 0; r < n; ++r) top = max(top, get(x + r * inner + c, m));
            put(maximum + c, top, m);
        });
        // Rows in the outer loop, so that memory is walked in order; sums of 64 rows are added to the total at once.
        eachVector(columns, [&](int64_t c, int m) { put(sum + c, zero(), m); });
        for (int64_t r0 = 0; r0 < n; r0 += 64) {
            int64_t r1 = r0 + 64 < n ? r0 + 64 : n;
            eachVector(columns, [&](int64_t c, int m) {
                F top = get(maximum + c, m), s = zero();
                for (int64_t r = r0; r < r1; ++r) {
                    F e = expSoft(get(x + r * inner + c, m) - top);
                    if (sizeof(T) == 4 && !args.log) put(y + r * inner + c, e, m);
                    s = s + e;
                }
                put(sum + c, get(sum + c, m) + s, m);
            });
        }
        eachVector(columns, [&](int64_t c, int m) {
            F top = get(maximum + c, m), total = get(sum + c, m);
            F scale = args.log ? log(total) : set(1.0f) / total;
            for (int64_t r = 0; r < n; ++r) {
                T* to = y + r * inner + c;
                if (args.log)
                    put(to, (get(x + r * inner + c, m) - top) - scale, m);
                else if (sizeof(T) == 4)
                    put(to, get(to, m) * scale, m);
                else
                    put(to, expSoft(get(x + r * inner + c, m) - top) * scale, m);
            }
        });
    }
}

void rows(const SoftmaxArgs& args, int64_t begin, int64_t end) {
    switch (args.type) {
        case DType::kHalf: return rowsOf<F16Bits>(args, begin, end);
        case DType::kBf16: return rowsOf<Bf16Bits>(args, begin, end);
        default: return rowsOf<float>(args, begin, end);
    }
}
void columns(const SoftmaxArgs& args, int64_t width, int64_t begin, int64_t end) {
    switch (args.type) {
        case DType::kHalf: return columnsOf<F16Bits>(args, width, begin, end);
        case DType::kBf16: return columnsOf<Bf16Bits>(args, width, begin, end);
        default: return columnsOf<float>(args, width, begin, end);
    }
}

}  // namespace

extern const SoftmaxTable softmaxTable;
constinit const SoftmaxTable softmaxTable = {&rows, &columns};

}  // namespace lathe::cpu::LATHE_ISA
