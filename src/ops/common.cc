// SPDX-License-Identifier: Apache-2.0
#include "ops/common.h"

namespace lathe::ops {

Result<int> normalizeAxis(int64_t axis, int rank) {
    if (axis < -rank || axis >= rank)
        return invalidArgument("axis {} is outside a tensor of {} dimensions", axis, rank);
    return static_cast<int>(axis < 0 ? axis + rank : axis);
}

Result<std::vector<int>> normalizeAxes(std::span<const int64_t> axes, int rank) {
    std::vector<int> out;
    unsigned seen = 0;
    for (int64_t a : axes) {
        int n = TRY(normalizeAxis(a, rank));
        if (seen & (1u << n)) return invalidArgument("axis {} is listed twice", n);
        seen |= 1u << n;
        out.push_back(n);
    }
    return out;
}

Status requireInputs(const InferContext& c, int count) {
    for (int i = 0; i < count; ++i)
        if (i >= c.inputCount() || !c.has(i)) return invalidArgument("input {} is missing", i);
    return {};
}

Status requireType(const InferContext& c, int input, std::initializer_list<DType> allowed) {
    std::string list;
    for (DType t : allowed) {
        if (c.dtype(input) == t) return {};
        if (!list.empty()) list += ", ";
        list += toString(t);
    }
    return invalidArgument("input {} has type {}; expected one of {}", input, toString(c.dtype(input)), list);
}

Status requireFloat(const InferContext& c, int input) {
    return requireType(c, input, {DType::kFloat, DType::kHalf, DType::kBf16});
}

Status requireSameType(const InferContext& c, int a, int b) {
    if (c.dtype(a) == c.dtype(b)) return {};
    return invalidArgument("inputs {} and {} have the types {} and {}, which must be equal", a, b, toString(c.dtype(a)),
                           toString(c.dtype(b)));
}

Status requireRank(const InferContext& c, int input, int rank) {
    if (c.rank(input) == rank) return {};
    return invalidArgument("input {} has the shape {}; expected {} dimensions", input, ir::toString(c.shape(input)),
                           rank);
}

Status requireExtent(const Dim& got, const Dim& expected, std::string_view what) {
    if (!got.isConstant() || !expected.isConstant() || got.value() == expected.value()) return {};
    return invalidArgument("{} is {}, but must be {}", what, got.value(), expected.value());
}

Status requireBroadcastTo(const InferContext& c, int input, const Shape& to) {
    const Shape& from = c.shape(input);
    bool fits = from.size() <= to.size();
    for (size_t i = 0; fits && i < from.size(); ++i) {
        const Dim &a = from[i], &b = to[to.size() - from.size() + i];
        fits = !a.isConstant() || !b.isConstant() || a.value() == 1 || a.value() == b.value();
    }
    if (fits) return {};
    return invalidArgument("input {} with the shape {} cannot be broadcast to {}", input, ir::toString(from),
                           ir::toString(to));
}

Dims rowMajorStrides(const Dims& dims) {
    Dims strides(dims.size());
    int64_t s = 1;
    for (size_t i = dims.size(); i-- > 0;) {
        strides[i] = s;
        s *= dims[i];
    }
    return strides;
}

Dims broadcastStrides(const Dims& dims, const Dims& to) {
    Dims own = rowMajorStrides(dims), out(to.size(), 0);
    size_t offset = to.size() - dims.size();
    for (size_t i = 0; i < dims.size(); ++i) out[offset + i] = dims[i] == 1 ? 0 : own[i];
    return out;
}

}  // namespace lathe::ops
