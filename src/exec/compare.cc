// SPDX-License-Identifier: Apache-2.0
#include "exec/compare.h"

#include <algorithm>
#include <cmath>

namespace lathe::exec {

double epsilonOf(DType t) {
    switch (t) {
        case DType::kFloat: return 0x1p-23;
        case DType::kHalf: return 0x1p-10;
        case DType::kBf16: return 0x1p-7;
        case DType::kFp8: return 0x1p-3;
        case DType::kFp4: return 0.5;
        default: return 0;
    }
}

namespace {

// Nibbles are compared as stored; they have no arithmetic of their own here.
Status compareBytes(const ir::Tensor& got, const ir::Tensor& want) {
    const auto* a = static_cast<const uint8_t*>(got.data);
    const auto* b = static_cast<const uint8_t*>(want.data);
    for (size_t i = 0; i < want.byteSize(); ++i)
        if (a[i] != b[i])
            return makeStatus(Code::kFailedComputation, "byte {} of a {} tensor is {:#04x}, expected {:#04x}", i,
                              toString(want.dtype), a[i], b[i]);
    return {};
}

}  // namespace

Status compare(const ir::Tensor& got, const ir::Tensor& want, const Tolerance& tolerance) {
    if (got.dtype != want.dtype || got.dims != want.dims)
        return makeStatus(Code::kFailedComputation, "the result is {}{}, expected {}{}", toString(got.dtype),
                          ir::toString(got.dims), toString(want.dtype), ir::toString(want.dims));
    if (bitsOf(want.dtype) < 8 || want.dtype == DType::kE8M0) return compareBytes(got, want);
    return dispatchAll(want.dtype, [&]<class T>() -> Status {
        const T *a = got.as<T>(), *b = want.as<T>();
        int64_t n = want.count(), wrong = 0, worst = 0;
        double largest = 1, worstError = -1;
        if constexpr (!std::is_integral_v<T>)
            for (int64_t i = 0; i < n; ++i) {
                double w = std::fabs(static_cast<float>(b[i]));
                if (std::isfinite(w)) largest = std::max(largest, w);
            }
        double own = epsilonOf(want.dtype) * tolerance.factor;
        double sums = 0x1p-23 * static_cast<double>(tolerance.reduction) * largest * tolerance.factor +
                      tolerance.ofLargest * largest;
        for (int64_t i = 0; i < n; ++i) {
            double error = 0, allowed = 0;
            if constexpr (std::is_integral_v<T>) {
                error = a[i] == b[i] ? 0 : 1;
            } else {
                double x = static_cast<float>(a[i]), y = static_cast<float>(b[i]);
                if (std::isfinite(x) && std::isfinite(y)) {
                    error = std::fabs(x - y);
                    allowed = 2 * own * std::max(std::fabs(y), 1e-2) + sums;
                } else if (!(x == y || (std::isnan(x) && std::isnan(y)))) {
                    error = INFINITY;
                }
            }
            if (error <= allowed) continue;
            ++wrong;
            if (error > worstError) {
                worstError = error;
                worst = i;
            }
        }
        if (!wrong) return {};
        auto text = [](T v) {
            if constexpr (std::is_integral_v<T>)
                return fmt::format("{}", static_cast<int64_t>(v));
            else
                return fmt::format("{:.9g}", static_cast<float>(v));
        };
        return makeStatus(Code::kFailedComputation,
                          "{} of {} elements differ; the worst is element {} of {}{}: {} where {} was expected", wrong,
                          n, worst, toString(want.dtype), ir::toString(want.dims), text(a[worst]), text(b[worst]));
    });
}

}  // namespace lathe::exec
