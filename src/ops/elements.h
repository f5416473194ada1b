// SPDX-License-Identifier: Apache-2.0
// Arithmetic on known elements of integer tensors and on extents, folded by the ranges that the context knows: with an
// extent that is at least 0, equal(s0, -1) is 0 and max(s0, 0) is s0.
#pragma once

#include "ops/common.h"
#include "ops/reference_math.h"  // readIntegers

namespace lathe::ops {

// Whether a tensor of this type can have known elements.
constexpr bool hasElements(DType t) { return t == DType::kInt64 || t == DType::kInt32 || t == DType::kBool; }

// Input i's elements when they and its dims are known, else null.
const std::vector<Dim>* knownElements(const InferContext& c, int i);
// The same, when all of them are constants.
std::optional<std::vector<int64_t>> knownIntegers(const InferContext& c, int i);
// As knownIntegers, for an input that has to be known when the engine is built; `what` names it in the error.
Result<std::vector<int64_t>> requireIntegers(const InferContext& c, int i, const char* what);

// Input i as the shape, size or index list that it is: a 1-D (or scalar) i64 or i32 tensor, by elementsOrSymbols.
Result<std::vector<Dim>> shapeInput(InferContext& c, int i);
// Axes that must be known when the engine is built: from input i when it is there, else from the attribute; normalized.
Result<std::vector<int>> axesInput(const InferContext& c, int i, std::span<const int64_t> attribute, int rank);
Result<std::vector<int>> axesInput(const RefContext& c, int i, std::span<const int64_t> attribute, int rank);

// A constant as the type stores it (i32 wraps); other expressions are taken to fit.
Dim wrapped(DType t, const Dim& d);
// Sets output o's elements, wrapped to its type, when the type can have any. REQUIRES: its type is set.
void setElements(InferContext& c, int o, DType t, std::vector<Dim> elements);

class ElementMath {
  public:
    explicit ElementMath(const InferContext& c) : c_(&c) {}
    // For constants only.
    ElementMath() = default;
    Dim::Range range(const Dim& d) const {
        return c_ ? c_->range(d) : d.range([](ir::SymbolId) { return Dim::Range(); });
    }
    Dim min(const Dim& a, const Dim& b) const;
    Dim max(const Dim& a, const Dim& b) const;
    Dim clamp(const Dim& x, const Dim& low, const Dim& high) const { return min(max(x, low), high); }
    // 0 or 1.
    Dim equal(const Dim& a, const Dim& b) const;
    Dim less(const Dim& a, const Dim& b) const;
    // Towards zero; 0 when b is the constant 0, as the kernels have it.
    Dim truncDiv(const Dim& a, const Dim& b) const;
    Dim floorDivide(const Dim& a, const Dim& b) const;
    // The rest of floorDivide, with the divisor's sign.
    Dim floorMod(const Dim& a, const Dim& b) const;
    bool atLeast(const Dim& d, int64_t n) const { return range(d).min >= n; }

  private:
    // Bounds of a - b where the subtraction cannot have wrapped.
    Dim::Range difference(const Dim& a, const Dim& b) const;
    const InferContext* c_ = nullptr;
};

// What two extents that must be equal are known to be: the constant one, if any. Two different constants are an error
// (`what` says which extents they are).
Result<Dim> sameExtent(const Dim& a, const Dim& b, const std::string& what);

}  // namespace lathe::ops
