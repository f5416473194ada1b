// SPDX-License-Identifier: Apache-2.0
#include "base/dtype.h"

#include <array>

namespace lathe {
namespace {

constexpr std::array<std::string_view, kDTypeCount> kNames = {"f32",    "f16",  "i8",  "i32", "bool",   "u8",
                                                              "f8e4m3", "bf16", "i64", "i4",  "f4e2m1", "e8m0"};

// Rounds |value| to a float format with `mantissa` fraction bits and exponent bias `bias`, subnormals included.
// Returns the magnitude bits; the result may be one past the largest finite number.
uint32_t roundMagnitude(float magnitude, int mantissa, int bias) {
    if (magnitude == 0) return 0;
    int exponent;
    std::frexp(magnitude, &exponent);  // magnitude = f * 2^exponent, 0.5 <= f < 1
    int e = exponent - 1;              // exponent of the leading one
    int lowest = 1 - bias;
    if (e < lowest) e = lowest;
    double scaled = std::ldexp(static_cast<double>(magnitude), mantissa - e);  // in units of the last place
    double rounded = std::nearbyint(scaled);
    uint32_t units = static_cast<uint32_t>(rounded);
    // Adding the biased exponent as an integer lets a carry out of the fraction bump the exponent by itself.
    return units + (static_cast<uint32_t>(e - lowest) << mantissa);
}

}  // namespace

std::string_view toString(DType t) {
    int i = static_cast<int>(t);
    return i >= 0 && i < kDTypeCount ? kNames[i] : "?";
}

std::optional<DType> dtypeFromString(std::string_view name) {
    for (int i = 0; i < kDTypeCount; ++i)
        if (kNames[i] == name) return static_cast<DType>(i);
    return std::nullopt;
}

Half::Half(float value) {
    uint32_t u = std::bit_cast<uint32_t>(value);
    uint16_t sign = static_cast<uint16_t>((u >> 16) & 0x8000u);
    float magnitude = std::fabs(value);
    if (std::isnan(value)) {
        bits = sign | 0x7e00;
    } else if (magnitude >= 65520.f) {
        bits = sign | 0x7c00;
    } else {
        bits = static_cast<uint16_t>(sign | roundMagnitude(magnitude, 10, 15));
    }
}

Half::operator float() const {
    uint32_t sign = static_cast<uint32_t>(bits & 0x8000u) << 16;
    uint32_t exponent = (bits >> 10) & 31u, fraction = bits & 1023u;
    if (exponent == 31) return std::bit_cast<float>(sign | 0x7f800000u | (fraction << 13));
    if (exponent == 0) {
        float f = static_cast<float>(fraction) * 0x1p-24f;
        return sign ? -f : f;
    }
    return std::bit_cast<float>(sign | ((exponent + 112u) << 23) | (fraction << 13));
}

Fp8::Fp8(float value) {
    uint8_t sign = std::signbit(value) ? 0x80 : 0;
    float magnitude = std::fabs(value);
    if (std::isnan(value)) {
        bits = sign | 0x7f;
    } else if (magnitude >= 448.f) {
        bits = sign | 0x7e;
    } else {
        bits = static_cast<uint8_t>(sign | roundMagnitude(magnitude, 3, 7));
    }
}

Fp8::operator float() const {
    uint32_t exponent = (bits >> 3) & 15u, fraction = bits & 7u;
    float f;
    if ((bits & 0x7f) == 0x7f)
        f = std::numeric_limits<float>::quiet_NaN();
    else if (exponent == 0)
        f = static_cast<float>(fraction) * 0x1p-9f;
    else
        f = std::ldexp(1.f + static_cast<float>(fraction) * 0.125f, static_cast<int>(exponent) - 7);
    return bits & 0x80 ? -f : f;
}

}  // namespace lathe
