// SPDX-License-Identifier: Apache-2.0
#include "ops/elements.h"

#include <algorithm>

namespace lathe::ops {

const std::vector<Dim>* knownElements(const InferContext& c, int i) {
    if (i >= c.inputCount() || !c.has(i)) return nullptr;
    const auto* elements = c.elements(i);
    if (!elements || !ir::isConstant(c.shape(i))) return nullptr;
    return ir::volume(ir::constantDims(c.shape(i))) == static_cast<int64_t>(elements->size()) ? elements : nullptr;
}

std::optional<std::vector<int64_t>> knownIntegers(const InferContext& c, int i) {
    const auto* elements = knownElements(c, i);
    if (!elements) return std::nullopt;
    std::vector<int64_t> out;
    for (const Dim& d : *elements) {
        if (!d.isConstant()) return std::nullopt;
        out.push_back(d.value());
    }
    return out;
}

Result<std::vector<int64_t>> requireIntegers(const InferContext& c, int i, const char* what) {
    if (auto known = knownIntegers(c, i)) return *known;
    return unsupported("{} (input {}) must be known when the engine is built", what, i);
}

Result<std::vector<Dim>> shapeInput(InferContext& c, int i) {
    TRY(requireType(c, i, {DType::kInt64, DType::kInt32}));
    if (c.rank(i) > 1)
        return invalidArgument("input {} has the shape {}; expected one dimension", i, ir::toString(c.shape(i)));
    return c.elementsOrSymbols(i);
}

Result<std::vector<int>> axesInput(const InferContext& c, int i, std::span<const int64_t> attribute, int rank) {
    if (i >= c.inputCount() || !c.has(i)) return normalizeAxes(attribute, rank);
    TRY(requireType(c, i, {DType::kInt64, DType::kInt32}));
    return normalizeAxes(TRY(requireIntegers(c, i, "the list of axes")), rank);
}

Result<std::vector<int>> axesInput(const RefContext& c, int i, std::span<const int64_t> attribute, int rank) {
    return c.has(i) ? normalizeAxes(readIntegers(c.input(i)), rank) : normalizeAxes(attribute, rank);
}

Dim wrapped(DType t, const Dim& d) {
    return d.isConstant() && t == DType::kInt32 ? Dim(int64_t{static_cast<int32_t>(d.value())}) : d;
}

void setElements(InferContext& c, int o, DType t, std::vector<Dim> elements) {
    if (!hasElements(t)) return;
    for (Dim& d : elements) d = wrapped(t, d);
    c.setElements(o, std::move(elements));
}

Dim::Range ElementMath::difference(const Dim& a, const Dim& b) const {
    constexpr int64_t kSafe = int64_t{1} << 61;
    for (const Dim* d : {&a, &b}) {
        Dim::Range r = range(*d);
        if (r.min < -kSafe || r.max > kSafe) return {};
    }
    return range(a - b);
}

Dim ElementMath::min(const Dim& a, const Dim& b) const {
    Dim::Range x = range(a), y = range(b), d = difference(a, b);
    if (x.max <= y.min || d.max <= 0) return a;
    if (y.max <= x.min || d.min >= 0) return b;
    return ir::min(a, b);
}

Dim ElementMath::max(const Dim& a, const Dim& b) const {
    Dim::Range x = range(a), y = range(b), d = difference(a, b);
    if (x.max <= y.min || d.max <= 0) return b;
    if (y.max <= x.min || d.min >= 0) return a;
    return ir::max(a, b);
}

Dim ElementMath::equal(const Dim& a, const Dim& b) const {
    Dim::Range x = range(a), y = range(b), d = difference(a, b);
    if (x.max < y.min || y.max < x.min || d.min > 0 || d.max < 0) return 0;
    return Dim::apply(Dim::Fn::kEqual, a, b);
}

Dim ElementMath::less(const Dim& a, const Dim& b) const {
    Dim::Range x = range(a), y = range(b), d = difference(a, b);
    if (x.max < y.min || d.max < 0) return 1;
    if (y.max <= x.min || d.min >= 0) return 0;
    return Dim::apply(Dim::Fn::kLess, a, b);
}

Dim ElementMath::truncDiv(const Dim& a, const Dim& b) const {
    if (b == Dim(0)) return 0;
    if (b == Dim(-1)) return Dim(0) - a;
    Dim::Range x = range(a), y = range(b);
    if ((x.min >= 0 && y.min >= 0) || (x.max <= 0 && y.max <= 0)) return floorDiv(a, b);
    Dim differ = Dim::apply(Dim::Fn::kEqual, less(a, 0), less(b, 0));
    return select(differ, floorDiv(a, b), ceilDiv(a, b));
}

Dim ElementMath::floorDivide(const Dim& a, const Dim& b) const {
    if (b == Dim(0)) return 0;
    if (b == Dim(-1)) return Dim(0) - a;
    return floorDiv(a, b);
}

Dim ElementMath::floorMod(const Dim& a, const Dim& b) const {
    if (b == Dim(0) || b == Dim(-1)) return 0;
    return mod(a, b);
}

Result<Dim> sameExtent(const Dim& a, const Dim& b, const std::string& what) {
    if (!a.isConstant()) return b.isConstant() ? b : a;
    if (b.isConstant() && !(a == b)) return invalidArgument("{} must be equal: {} and {}", what, a.value(), b.value());
    return a;
}

}  // namespace lathe::ops
