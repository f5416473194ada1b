// SPDX-License-Identifier: Apache-2.0
// Element types. Values equal nvinfer1::DataType; they are written to plans and must never be renumbered.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <string_view>
#include <type_traits>

#include "base/status.h"

namespace lathe {

enum class DType : int32_t {
    kFloat = 0,
    kHalf = 1,
    kInt8 = 2,
    kInt32 = 3,
    kBool = 4,  // one byte, 0 or 1
    kUint8 = 5,
    kFp8 = 6,  // E4M3FN
    kBf16 = 7,
    kInt64 = 8,
    kInt4 = 9,  // two to a byte, the lower nibble first
    kFp4 = 10,  // E2M1, two to a byte, the lower nibble first
    kE8M0 = 11,
};
inline constexpr int kDTypeCount = 12;

constexpr int bitsOf(DType t) {
    switch (t) {
        case DType::kFloat:
        case DType::kInt32: return 32;
        case DType::kHalf:
        case DType::kBf16: return 16;
        case DType::kInt64: return 64;
        case DType::kInt4:
        case DType::kFp4: return 4;
        default: return 8;
    }
}
// Bytes that `count` contiguous elements take.
constexpr int64_t bytesOf(DType t, int64_t count) { return (count * bitsOf(t) + 7) / 8; }

constexpr bool isFloating(DType t) {
    return t == DType::kFloat || t == DType::kHalf || t == DType::kBf16 || t == DType::kFp8 || t == DType::kFp4 ||
           t == DType::kE8M0;
}
constexpr bool isInteger(DType t) {
    return t == DType::kInt8 || t == DType::kInt32 || t == DType::kUint8 || t == DType::kInt64 || t == DType::kInt4;
}

// "f32", "f16", "i8", "i32", "bool", "u8", "f8e4m3", "bf16", "i64", "i4", "f4e2m1", "e8m0".
std::string_view toString(DType t);
std::optional<DType> dtypeFromString(std::string_view name);

// IEEE binary16. Conversions round to nearest, ties to even; NaN stays NaN.
struct Half {
    uint16_t bits = 0;
    Half() = default;
    Half(float value);
    operator float() const;
};

// The upper half of a binary32. Conversions round to nearest, ties to even; NaN stays NaN.
struct BFloat16 {
    uint16_t bits = 0;
    BFloat16() = default;
    BFloat16(float value) {
        uint32_t u = std::bit_cast<uint32_t>(value);
        bits = (u & 0x7fffffffu) > 0x7f800000u ? static_cast<uint16_t>((u >> 16) | 0x40u)
                                               : static_cast<uint16_t>((u + 0x7fffu + ((u >> 16) & 1u)) >> 16);
    }
    operator float() const { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }
};

// 8-bit float with 4 exponent bits (bias 7), no infinities; out of range saturates to ±448, NaN is 0x7f.
struct Fp8 {
    uint8_t bits = 0;
    Fp8() = default;
    Fp8(float value);
    operator float() const;
};

template <class T>
struct DTypeOf;
template <>
struct DTypeOf<float> {
    static constexpr DType value = DType::kFloat;
};
template <>
struct DTypeOf<Half> {
    static constexpr DType value = DType::kHalf;
};
template <>
struct DTypeOf<BFloat16> {
    static constexpr DType value = DType::kBf16;
};
template <>
struct DTypeOf<Fp8> {
    static constexpr DType value = DType::kFp8;
};
template <>
struct DTypeOf<int8_t> {
    static constexpr DType value = DType::kInt8;
};
template <>
struct DTypeOf<uint8_t> {
    static constexpr DType value = DType::kUint8;
};
template <>
struct DTypeOf<int32_t> {
    static constexpr DType value = DType::kInt32;
};
template <>
struct DTypeOf<int64_t> {
    static constexpr DType value = DType::kInt64;
};
template <>
struct DTypeOf<bool> {
    static constexpr DType value = DType::kBool;
};
template <class T>
inline constexpr DType dtypeOf = DTypeOf<T>::value;

// Calls f.template operator()<T>() with the C++ type of t; f returns Status. The sets name what a caller supports.
template <class F>
Status dispatchFloat(DType t, F&& f) {
    switch (t) {
        case DType::kFloat: return f.template operator()<float>();
        case DType::kHalf: return f.template operator()<Half>();
        case DType::kBf16: return f.template operator()<BFloat16>();
        default:
            return unsupported("element type {} is not a floating-point type that this operation takes", toString(t));
    }
}

template <class F>
Status dispatchNumeric(DType t, F&& f) {
    switch (t) {
        case DType::kInt8: return f.template operator()<int8_t>();
        case DType::kUint8: return f.template operator()<uint8_t>();
        case DType::kInt32: return f.template operator()<int32_t>();
        case DType::kInt64: return f.template operator()<int64_t>();
        default: return dispatchFloat(t, f);
    }
}

template <class F>
Status dispatchAll(DType t, F&& f) {
    switch (t) {
        case DType::kBool: return f.template operator()<bool>();
        case DType::kFp8: return f.template operator()<Fp8>();
        default: return dispatchNumeric(t, f);
    }
}

}  // namespace lathe
