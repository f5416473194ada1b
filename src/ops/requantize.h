// SPDX-License-Identifier: Apache-2.0
// What the ops on quantized integers share: zero points, scales, and the way back to 8 bits.
#pragma once

#include <algorithm>
#include <cmath>

#include "ops/reference_math.h"

namespace lathe::ops {

inline Status requireByte(const InferContext& c, int input) {
    return requireType(c, input, {DType::kInt8, DType::kUint8});
}

// Input `input` holds one element, or one for each of `extent` (of which `what` speaks).
inline Status requireOneOrEach(const InferContext& c, int input, const Dim& extent, const char* what) {
    const Shape& s = c.shape(input);
    if (s.empty() || (s.size() == 1 && s[0] == Dim(1))) return {};
    if (s.size() != 1)
        return unsupported("input {} has the shape {}; expected one element or one {}", input, ir::toString(s), what);
    return requireExtent(s[0], extent, fmt::format("input {}'s length, one {}", input, what));
}

// Value `i` of a tensor of one value or many; `otherwise` where the input is absent.
inline double oneOrEach(const RefContext& c, int input, int64_t i, double otherwise) {
    if (!c.has(input)) return otherwise;
    const Tensor& t = c.input(input);
    double v;
    readDoubles(t, t.count() == 1 ? 0 : i, 1, &v);
    return v;
}

// sum * multiplier, rounded to the nearest integer (ties to even), plus the zero point, saturated to `to`'s range.
inline double requantized(double sum, float multiplier, double zero, DType to) {
    double q = std::nearbyint(static_cast<float>(sum) * multiplier) + zero;
    return to == DType::kInt8 ? std::clamp(q, -128.0, 127.0) : std::clamp(q, 0.0, 255.0);
}

}  // namespace lathe::ops
