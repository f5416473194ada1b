// SPDX-License-Identifier: Apache-2.0
#include "ops/scatter.h"

#include "ops/move.h"
#include "ops/scalar_math.h"

namespace lathe::ops {

Status requireScatterType(const InferContext& c, Scatter reduction) {
    TRY(requireSameType(c, 0, 2));
    if (reduction == Scatter::kNone) return requireWholeBytes(c, 0);
    using enum DType;
    return requireType(c, 0, {kFloat, kHalf, kBf16, kInt8, kUint8, kInt32, kInt64});
}

Status scatter(const Tensor& x, const Tensor& updates, const Tensor& out, Scatter reduction,
               const std::function<int64_t(int64_t)>& target) {
    TRY(copyAll(x, out));
    int64_t n = updates.count();
    if (reduction == Scatter::kNone)
        return dispatchWidth(x.dtype, [&]<class T>() -> Status {
            for (int64_t i = 0; i < n; ++i) mutableData<T>(out)[target(i)] = data<T>(updates)[i];
            return {};
        });
    constexpr BinaryKind kKinds[] = {BinaryKind::kAdd, BinaryKind::kAdd, BinaryKind::kMul, BinaryKind::kMax,
                                     BinaryKind::kMin};
    BinaryKind kind = kKinds[static_cast<int>(reduction)];
    return dispatchNumeric(x.dtype, [&]<class T>() -> Status {
        if constexpr (std::is_integral_v<T>) {
            T* y = out.as<T>();
            for (int64_t i = 0; i < n; ++i) y[target(i)] = applyBinaryInteger(kind, y[target(i)], updates.as<T>()[i]);
        } else {
            std::vector<double> y = readDoubles(x);
            for (int64_t i = 0; i < n; ++i) y[target(i)] = applyBinary(kind, y[target(i)], updates.as<T>()[i]);
            writeDoubles(out, y);
        }
        return {};
    });
}

}  // namespace lathe::ops
