// SPDX-License-Identifier: Apache-2.0
#include "ops/reference_math.h"

#include <algorithm>

namespace lathe::ops {
namespace {

template <class T>
T fromDouble(double v) {
    if constexpr (std::is_same_v<T, bool>) {
        return v != 0;
    } else if constexpr (std::is_integral_v<T>) {
        if (std::isnan(v)) return 0;
        // The upper end of i64 is not a double; the comparison is with the next power of two.
        if (v <= static_cast<double>(std::numeric_limits<T>::min())) return std::numeric_limits<T>::min();
        if (v >= static_cast<double>(std::numeric_limits<T>::max())) return std::numeric_limits<T>::max();
        return static_cast<T>(v);
    } else {
        return T(static_cast<float>(v));
    }
}

}  // namespace

void readDoubles(const Tensor& t, int64_t begin, int64_t count, double* out) {
    Status s = dispatchAll(t.dtype, [&]<class T>() -> Status {
        const T* in = t.as<T>() + begin;
        for (int64_t i = 0; i < count; ++i) {
            if constexpr (std::is_integral_v<T>)
                out[i] = static_cast<double>(in[i]);
            else
                out[i] = static_cast<float>(in[i]);
        }
        return {};
    });
    ASSERT(s.ok());
}

std::vector<double> readDoubles(const Tensor& t) {
    std::vector<double> out(t.count());
    readDoubles(t, 0, t.count(), out.data());
    return out;
}

std::vector<int64_t> readIntegers(const Tensor& t) {
    switch (t.dtype) {
        case DType::kInt32: return {t.as<int32_t>(), t.as<int32_t>() + t.count()};
        case DType::kBool: return {t.as<bool>(), t.as<bool>() + t.count()};
        default: return {t.as<int64_t>(), t.as<int64_t>() + t.count()};
    }
}

void writeDoubles(const Tensor& t, int64_t begin, int64_t count, const double* in) {
    Status s = dispatchAll(t.dtype, [&]<class T>() -> Status {
        T* out = t.as<T>() + begin;
        for (int64_t i = 0; i < count; ++i) out[i] = fromDouble<T>(in[i]);
        return {};
    });
    ASSERT(s.ok());
}

void writeDoubles(const Tensor& t, const std::vector<double>& in) {
    ASSERT(static_cast<int64_t>(in.size()) == t.count());
    writeDoubles(t, 0, t.count(), in.data());
}

template <class T>
void addProduct(int64_t m, int64_t n, int64_t k, const T* a, int64_t lda, const T* b, int64_t ldb, T* c, int64_t ldc) {
    typedef T Pair __attribute__((vector_size(16)));
    // A panel of b, 256 rows by 8 columns, is packed (and padded with zeros) so that it stays in the first cache while
    // every row of a passes over it, two at a time.
    constexpr int64_t kDepth = 256, kColumns = 8, kPairs = kColumns / 2;
    alignas(64) T panel[kDepth * kColumns];
    const T zeros[kDepth] = {};
    for (int64_t k0 = 0; k0 < k; k0 += kDepth) {
        int64_t depth = std::min(kDepth, k - k0);
        for (int64_t j0 = 0; j0 < n; j0 += kColumns) {
            int64_t width = std::min(kColumns, n - j0);
            for (int64_t p = 0; p < depth; ++p)
                for (int64_t j = 0; j < kColumns; ++j)
                    panel[p * kColumns + j] = j < width ? b[(k0 + p) * ldb + j0 + j] : T(0);
            for (int64_t i = 0; i < m; i += 2) {
                bool two = i + 1 < m;
                const T* a0 = a + i * lda + k0;
                const T* a1 = two ? a0 + lda : zeros;
                Pair s0[kPairs] = {}, s1[kPairs] = {};
                for (int64_t p = 0; p < depth; ++p) {
                    const Pair* row = reinterpret_cast<const Pair*>(panel + p * kColumns);
                    for (int64_t v = 0; v < kPairs; ++v) {
                        s0[v] += row[v] * a0[p];
                        s1[v] += row[v] * a1[p];
                    }
                }
                T* out = c + i * ldc + j0;
                for (int64_t j = 0; j < width; ++j) out[j] += s0[j / 2][j % 2];
                if (two)
                    for (int64_t j = 0; j < width; ++j) out[ldc + j] += s1[j / 2][j % 2];
            }
        }
    }
}

template void addProduct<double>(int64_t, int64_t, int64_t, const double*, int64_t, const double*, int64_t, double*,
                                 int64_t);
template void addProduct<uint64_t>(int64_t, int64_t, int64_t, const uint64_t*, int64_t, const uint64_t*, int64_t,
                                   uint64_t*, int64_t);

}  // namespace lathe::ops
