// SPDX-License-Identifier: Apache-2.0
#pragma once

// Conversions between float and the narrow floating-point types of the CUDA headers, on the host.
// All round to nearest, ties to even.
#include <cstdint>
#include <cstring>

namespace lathe_cudart {

inline uint32_t floatBits(float value) noexcept {
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof(bits));
    return bits;
}

inline float bitsFloat(uint32_t bits) noexcept {
    float value;
    std::memcpy(&value, &bits, sizeof(value));
    return value;
}

// What a format with S exponent and M mantissa bits does beyond its largest finite value.
enum class Overflow {
    kINFINITY,  // IEEE: an infinity, NaN has its own codes
    kNAN,       // no infinity: becomes NaN
    kSATURATE,  // stays at the largest finite value
};

// Rounds to a format of 1 sign bit, kEXP exponent and kMAN mantissa bits with IEEE's exponent bias. `maxFinite` is the
// largest finite code without sign, `nanCode` the NaN code without sign. Subnormals are kept.
template <int kEXP, int kMAN>
inline uint32_t roundTo(float value, uint32_t maxFinite, uint32_t nanCode, uint32_t infCode,
                        Overflow overflow) noexcept {
    constexpr int kBIAS = (1 << (kEXP - 1)) - 1;
    const uint32_t bits = floatBits(value);
    const uint32_t sign = (bits >> 31) << (kEXP + kMAN);
    const uint32_t magnitude = bits & 0x7FFFFFFFU;
    if (magnitude > 0x7F800000U) {
        return sign | nanCode;
    }
    uint32_t code;
    if (magnitude == 0x7F800000U) {
        code = maxFinite + 1U;
    } else {
        const int exponent = static_cast<int>(magnitude >> 23) - 127;
        // Below the smallest normal the unit in the last place stays fixed, so more bits are dropped.
        const int drop = (23 - kMAN) + (exponent < 1 - kBIAS ? 1 - kBIAS - exponent : 0);
        if (drop > 24) {
            return sign;
        }
        const uint32_t significand = (magnitude & 0x7FFFFFU) | 0x800000U;
        const uint32_t half = 1U << (drop - 1);
        const uint32_t kept = (significand + half - 1U + ((significand >> drop) & 1U)) >> drop;
        // A normal's hidden bit adds one to the exponent field below, hence the field starts one lower.
        code = exponent < 1 - kBIAS ? kept : kept + (static_cast<uint32_t>(exponent + kBIAS - 1) << kMAN);
    }
    if (code > maxFinite) {
        switch (overflow) {
            case Overflow::kINFINITY: code = infCode; break;
            case Overflow::kNAN: code = nanCode; break;
            case Overflow::kSATURATE: code = maxFinite; break;
        }
    }
    return sign | code;
}

// The exact float of a code; infinities and NaN are the caller's matter.
template <int kEXP, int kMAN>
inline float widen(uint32_t code) noexcept {
    constexpr int kBIAS = (1 << (kEXP - 1)) - 1;
    const uint32_t mantissa = code & ((1U << kMAN) - 1U);
    const uint32_t exponent = (code >> kMAN) & ((1U << kEXP) - 1U);
    const uint32_t sign = (code >> (kEXP + kMAN)) << 31;
    if (exponent == 0) {
        // mantissa * 2^(1 - bias - kMAN), exact in float.
        const float unit = bitsFloat(static_cast<uint32_t>(127 + 1 - kBIAS - kMAN) << 23);
        return bitsFloat(floatBits(static_cast<float>(mantissa) * unit) | sign);
    }
    return bitsFloat(sign | ((exponent + 127U - kBIAS) << 23) | (mantissa << (23 - kMAN)));
}

inline uint16_t floatToHalf(float value) noexcept {
    return static_cast<uint16_t>(roundTo<5, 10>(value, 0x7BFFU, 0x7FFFU, 0x7C00U, Overflow::kINFINITY));
}

inline float halfToFloat(uint16_t code) noexcept {
    if ((code & 0x7C00U) == 0x7C00U) {
        return bitsFloat((static_cast<uint32_t>(code & 0x8000U) << 16) | 0x7F800000U |
                         (static_cast<uint32_t>(code & 0x03FFU) << 13));
    }
    return widen<5, 10>(code);
}

inline uint16_t floatToBfloat16(float value) noexcept {
    const uint32_t bits = floatBits(value);
    if ((bits & 0x7FFFFFFFU) > 0x7F800000U) {
        return 0x7FFFU;
    }
    return static_cast<uint16_t>((bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16);
}

inline float bfloat16ToFloat(uint16_t code) noexcept { return bitsFloat(static_cast<uint32_t>(code) << 16); }

// A double is rounded to float towards the odd mantissa first, so that the second rounding is the only one that counts.
inline float doubleToFloatOdd(double value) noexcept {
    const float nearest = static_cast<float>(value);
    if (static_cast<double>(nearest) == value || value != value) {
        return nearest;
    }
    uint32_t bits = floatBits(nearest);
    if ((bits & 0x7FFFFFFFU) == 0x7F800000U) {
        return value == static_cast<double>(nearest) ? nearest : bitsFloat(bits - 1U);
    }
    const double back = static_cast<double>(nearest);
    const bool away = value < 0.0 ? back < value : back > value;
    if (away) {
        --bits;
    }
    return bitsFloat(bits | 1U);
}

}  // namespace lathe_cudart
