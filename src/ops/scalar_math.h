// SPDX-License-Identifier: Apache-2.0
// The scalar functions behind unary, binary and cast: what every kernel of theirs is compared with. Floating types are
// computed in double and rounded once.
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>
#include <type_traits>

#include "ops/binary.h"
#include "ops/unary.h"

namespace lathe::ops {

// The fraction is dropped, what lies outside becomes the nearest end of the type's range, NaN becomes 0.
template <class I>
I saturatingCast(double v) {
    if (std::isnan(v)) return 0;
    // The largest int64 is no double, but the number after it is.
    constexpr double kLow = static_cast<double>(std::numeric_limits<I>::min());
    constexpr double kHigh = static_cast<double>(std::numeric_limits<I>::max());
    if (v <= kLow) return std::numeric_limits<I>::min();
    if (v >= kHigh) return std::numeric_limits<I>::max();
    return static_cast<I>(v);
}

inline double sigmoid(double x) {
    double e = std::exp(-std::fabs(x));
    return x < 0 ? e / (1 + e) : 1 / (1 + e);
}
// log(1 + e^x)
inline double softplus(double x) { return std::max(x, 0.) + std::log1p(std::exp(-std::fabs(x))); }

// REQUIRES: not kNot, kBitNot. kIsInf and kIsNan give 0 or 1.
inline double applyUnary(UnaryKind kind, double x, double a, double b) {
    using K = UnaryKind;
    if (std::isnan(x) && kind != K::kIsNan && kind != K::kIsInf && kind != K::kThresholdedRelu && kind != K::kShrink)
        return x;
    switch (kind) {
        case K::kExp: return std::exp(x);
        case K::kLog: return std::log(x);
        case K::kSqrt: return std::sqrt(x);
        case K::kReciprocal: return 1 / x;
        case K::kAbs: return std::fabs(x);
        case K::kNeg: return -x;
        case K::kSign: return (x > 0) - (x < 0);
        case K::kSin: return std::sin(x);
        case K::kCos: return std::cos(x);
        case K::kTan: return std::tan(x);
        case K::kSinh: return std::sinh(x);
        case K::kCosh: return std::cosh(x);
        case K::kAsin: return std::asin(x);
        case K::kAcos: return std::acos(x);
        case K::kAtan: return std::atan(x);
        case K::kAsinh: return std::asinh(x);
        case K::kAcosh: return std::acosh(x);
        case K::kAtanh: return std::atanh(x);
        case K::kCeil: return std::ceil(x);
        case K::kFloor: return std::floor(x);
        case K::kRound: return std::nearbyint(x);
        case K::kErf: return std::erf(x);
        case K::kIsInf: return (a != 0 && x > 0 && std::isinf(x)) || (b != 0 && x < 0 && std::isinf(x));
        case K::kIsNan: return std::isnan(x);
        case K::kRelu: return std::max(x, 0.);
        case K::kSigmoid: return sigmoid(x);
        case K::kTanh: return std::tanh(x);
        case K::kLeakyRelu: return x < 0 ? a * x : x;
        case K::kElu: return x < 0 ? a * std::expm1(x) : x;
        case K::kSelu: return b * (x > 0 ? x : a * std::expm1(x));
        case K::kSoftsign: return x / (1 + std::fabs(x));
        case K::kSoftplus: return a * softplus(b * x);
        case K::kClip: return std::min(std::max(x, a), b);
        case K::kHardSigmoid: return std::max(0., std::min(1., a * x + b));
        case K::kScaledTanh: return a * std::tanh(b * x);
        case K::kThresholdedRelu: return x > a ? x : 0;
        case K::kGeluErf: return 0.5 * x * std::erfc(-x / std::numbers::sqrt2);
        case K::kGeluTanh:
            return 0.5 * x * (1 + std::tanh(std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x)));
        case K::kHardSwish: return x * std::max(0., std::min(1., x / 6 + 0.5));
        case K::kSilu: return x * sigmoid((a == 0 ? 1 : a) * x);
        case K::kMish: return x * std::tanh(softplus(x));
        case K::kCelu: return std::max(0., x) + std::min(0., a * std::expm1(x / a));
        case K::kShrink: return x < -a ? x + b : x > a ? x - b : 0;
        case K::kLogSigmoid: return -softplus(-x);
        case K::kNot:
        case K::kBitNot: break;
    }
    ASSERT(!"a kind that has no floating form");
    return 0;
}

template <class I>
using UnsignedOf = std::make_unsigned_t<I>;
template <class I>
I wrappingNeg(I x) {
    return static_cast<I>(UnsignedOf<I>(0) - static_cast<UnsignedOf<I>>(x));
}
template <class I>
I wrappingMul(I a, I b) {
    // 64 bits, because narrow unsigned types would be promoted to int.
    return static_cast<I>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
}

// REQUIRES: kAbs, kNeg, kSign, kBitNot, kRelu or kClip.
template <class I>
I applyUnaryInteger(UnaryKind kind, I x, double a, double b) {
    switch (kind) {
        case UnaryKind::kAbs: return x < 0 ? wrappingNeg(x) : x;
        case UnaryKind::kNeg: return wrappingNeg(x);
        case UnaryKind::kSign: return static_cast<I>((x > 0) - (x < 0));
        case UnaryKind::kBitNot: return static_cast<I>(~x);
        case UnaryKind::kRelu: return std::max<I>(x, 0);
        case UnaryKind::kClip:
            return std::min(std::max(x, saturatingCast<I>(std::ceil(a))), saturatingCast<I>(std::floor(b)));
        default: ASSERT(!"a kind that has no integer form"); return 0;
    }
}

// REQUIRES: a kind that takes floating types. Comparisons give 0 or 1.
inline double applyBinary(BinaryKind kind, double a, double b) {
    using K = BinaryKind;
    switch (kind) {
        case K::kAdd: return a + b;
        case K::kSub: return a - b;
        case K::kMul: return a * b;
        case K::kDiv: return a / b;
        case K::kPow: return std::pow(a, b);
        case K::kMin: return std::isnan(a) || a < b ? a : b;
        case K::kMax: return std::isnan(a) || a > b ? a : b;
        case K::kFloorDiv: return std::floor(a / b);
        case K::kFmod: return std::fmod(a, b);
        case K::kMod: {
            double r = std::fmod(a, b);
            return r != 0 ? ((r < 0) != (b < 0) ? r + b : r) : std::copysign(r, b);
        }
        case K::kEqual: return a == b;
        case K::kGreater: return a > b;
        case K::kLess: return a < b;
        case K::kGreaterEqual: return a >= b;
        case K::kLessEqual: return a <= b;
        case K::kPrelu: return a < 0 ? a * b : a;
        case K::kAtan2: return std::atan2(a, b);
        default: ASSERT(!"a kind that has no floating form"); return 0;
    }
}

template <class I>
I integerDiv(I a, I b) {
    if (b == 0) return 0;
    if constexpr (std::is_signed_v<I>)
        if (b == -1) return wrappingNeg(a);
    return static_cast<I>(a / b);
}
template <class I>
I integerRemainder(I a, I b) {
    if (b == 0) return 0;
    if constexpr (std::is_signed_v<I>)
        if (b == -1) return 0;
    return static_cast<I>(a % b);
}
template <class I, class E>
I integerPower(I base, E exponent) {
    if (exponent < 0)
        return base == 1 ? 1 : std::is_signed_v<I> && base == I(-1) ? (exponent % 2 ? I(-1) : I(1)) : I(0);
    I result = 1;
    for (; exponent; exponent = static_cast<E>(exponent >> 1)) {
        if (exponent & 1) result = wrappingMul(result, base);
        base = wrappingMul(base, base);
    }
    return result;
}

// REQUIRES: a kind that takes integers, not kPow with an exponent of another type. Comparisons give 0 or 1.
template <class I>
I applyBinaryInteger(BinaryKind kind, I a, I b) {
    using K = BinaryKind;
    using U = UnsignedOf<I>;
    constexpr int kWidth = 8 * sizeof(I);
    bool shiftedOut = b < 0 || static_cast<uint64_t>(b) >= kWidth;
    switch (kind) {
        case K::kAdd: return static_cast<I>(static_cast<U>(a) + static_cast<U>(b));
        case K::kSub: return static_cast<I>(static_cast<U>(a) - static_cast<U>(b));
        case K::kMul: return wrappingMul(a, b);
        case K::kDiv: return integerDiv(a, b);
        case K::kPow: return integerPower(a, b);
        case K::kMin: return std::min(a, b);
        case K::kMax: return std::max(a, b);
        case K::kFloorDiv:
            return static_cast<I>(integerDiv(a, b) - (integerRemainder(a, b) != 0 && (a < 0) != (b < 0)));
        case K::kMod: {
            I r = integerRemainder(a, b);
            return static_cast<I>(r != 0 && (r < 0) != (b < 0) ? r + b : r);
        }
        case K::kFmod: return integerRemainder(a, b);
        case K::kEqual: return a == b;
        case K::kGreater: return a > b;
        case K::kLess: return a < b;
        case K::kGreaterEqual: return a >= b;
        case K::kLessEqual: return a <= b;
        case K::kBitAnd: return static_cast<I>(a & b);
        case K::kBitOr: return static_cast<I>(a | b);
        case K::kBitXor: return static_cast<I>(a ^ b);
        case K::kShiftLeft: return shiftedOut ? I(0) : static_cast<I>(static_cast<U>(a) << b);
        case K::kShiftRight: return shiftedOut ? static_cast<I>(a < 0 ? -1 : 0) : static_cast<I>(a >> b);
        case K::kPrelu: return a < 0 ? wrappingMul(a, b) : a;
        default: ASSERT(!"a kind that has no integer form"); return 0;
    }
}

inline bool applyBinaryBool(BinaryKind kind, bool a, bool b) {
    switch (kind) {
        case BinaryKind::kAnd: return a && b;
        case BinaryKind::kOr: return a || b;
        case BinaryKind::kXor: return a != b;
        case BinaryKind::kEqual: return a == b;
        default: ASSERT(!"a kind that has no bool form"); return false;
    }
}

}  // namespace lathe::ops
