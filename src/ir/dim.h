// SPDX-License-Identifier: Apache-2.0
// Symbolic integers: dimensions, and elements of shape tensors. A Dim is a constant or an immutable expression over the
// graph's symbols (unknown extents). Expressions are kept as sums of products, so that two that are equal as
// polynomials compare equal: (batch*128*768)/768 is batch*128.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace lathe::ir {

using SymbolId = int32_t;

// Gives symbols their numbers; an id that it lacks is an error.
class SymbolValues {
  public:
    explicit SymbolValues(size_t count = 0) : values_(count, kUnset) {}
    static constexpr int64_t kUnset = INT64_MIN;
    void set(SymbolId id, int64_t value);
    // kUnset when unknown.
    int64_t get(SymbolId id) const { return static_cast<size_t>(id) < values_.size() ? values_[id] : kUnset; }
    size_t size() const { return values_.size(); }
    bool operator==(const SymbolValues&) const = default;

  private:
    std::vector<int64_t> values_;
};

class Dim {
  public:
    // Functions that are not polynomials. kBroadcast(a, b) is numpy's rule: equal, or one of them 1; else an error.
    // kSelect(c, a, b): a when c is not 0.
    enum class Fn : uint8_t { kFloorDiv, kCeilDiv, kMod, kMin, kMax, kBroadcast, kEqual, kLess, kSelect };

    Dim() = default;
    Dim(int64_t value) : value_(value) {}
    Dim(int value) : value_(value) {}
    static Dim symbol(SymbolId id);
    // Folds what can be folded (constants, x/x, exact division of every term, min(x,x), …).
    static Dim apply(Fn fn, const Dim& a, const Dim& b, const Dim& c);
    static Dim apply(Fn fn, const Dim& a, const Dim& b);

    bool isConstant() const { return expr_ == nullptr; }
    // REQUIRES: isConstant().
    int64_t value() const;
    // The constant, or `otherwise`.
    int64_t valueOr(int64_t otherwise) const { return expr_ ? otherwise : value_; }
    // The symbol's id when the expression is just one symbol, else -1.
    SymbolId asSymbol() const;

    friend Dim operator+(const Dim& a, const Dim& b);
    friend Dim operator-(const Dim& a, const Dim& b);
    friend Dim operator*(const Dim& a, const Dim& b);
    bool operator==(const Dim& other) const;

    // Evaluates; errors: an unset symbol, division by zero, overflow, a failed broadcast.
    Result<int64_t> eval(const SymbolValues& values) const;
    // Replaces symbols; those that `replace` returns unchanged stay.
    Dim substitute(const std::function<Dim(SymbolId)>& replace) const;
    void forEachSymbol(const std::function<void(SymbolId)>& visit) const;

    // Bounds, both inclusive, of the values that the expression can evaluate to when its symbols stay in theirs.
    struct Range {
        int64_t min = INT64_MIN, max = INT64_MAX;
        bool operator==(const Range&) const = default;
    };
    Range range(const std::function<Range(SymbolId)>& ofSymbol) const;

    // Canonical text: "12", "s0", "s0*128 + 3", "floordiv(s0 + 1, 2)". Equal expressions have equal text.
    std::string toString() const;
    // Parses toString()'s form. Errors name the position.
    static Result<Dim> parse(std::string_view text);

    struct Expr;

  private:
    explicit Dim(std::shared_ptr<const Expr> expr) : expr_(std::move(expr)) {}
    static Dim fromExpr(Expr&& e);
    Expr toExpr() const;
    int64_t value_ = 0;
    std::shared_ptr<const Expr> expr_;
};

inline Dim floorDiv(const Dim& a, const Dim& b) { return Dim::apply(Dim::Fn::kFloorDiv, a, b); }
inline Dim ceilDiv(const Dim& a, const Dim& b) { return Dim::apply(Dim::Fn::kCeilDiv, a, b); }
inline Dim mod(const Dim& a, const Dim& b) { return Dim::apply(Dim::Fn::kMod, a, b); }
inline Dim min(const Dim& a, const Dim& b) { return Dim::apply(Dim::Fn::kMin, a, b); }
inline Dim max(const Dim& a, const Dim& b) { return Dim::apply(Dim::Fn::kMax, a, b); }
inline Dim broadcast(const Dim& a, const Dim& b) { return Dim::apply(Dim::Fn::kBroadcast, a, b); }
inline Dim select(const Dim& c, const Dim& a, const Dim& b) { return Dim::apply(Dim::Fn::kSelect, c, a, b); }

using Shape = std::vector<Dim>;
using Dims = std::vector<int64_t>;

// Rank limit of the API (nvinfer1::Dims::MAX_DIMS).
inline constexpr int kMaxRank = 8;
// No axis is longer (the API's extents are 32-bit in its engines); runtimes refuse longer ones.
inline constexpr int64_t kMaxExtent = INT32_MAX;

bool isConstant(const Shape& shape);
// REQUIRES: isConstant(shape).
Dims constantDims(const Shape& shape);
Shape toShape(const Dims& dims);
Dim volume(const Shape& shape);
int64_t volume(const Dims& dims);
// As volume, but an error on overflow of int64 or a negative extent.
Result<int64_t> checkedVolume(const Dims& dims);
Result<Dims> evalShape(const Shape& shape, const SymbolValues& values);
std::string toString(const Shape& shape);  // "[s0, 3, 224, 224]"
std::string toString(const Dims& dims);

// numpy's rule over whole shapes, aligned at the last axis. Errors name both shapes.
Result<Shape> broadcastShapes(const Shape& a, const Shape& b);

}  // namespace lathe::ir
