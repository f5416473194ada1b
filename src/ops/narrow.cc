// SPDX-License-Identifier: Apache-2.0
#include "ops/narrow.h"

#include <cmath>

namespace lathe::ops {
namespace {

constexpr double kFp4[] = {0, 0.5, 1, 1.5, 2, 3, 4, 6};

template <class T>
T at(const void* data, int64_t i) {
    return static_cast<const T*>(data)[i];
}

unsigned nibble(const void* data, int64_t i) {
    uint8_t byte = at<uint8_t>(data, i / 2);
    return i % 2 ? byte >> 4 : byte & 15u;
}

void storeNibble(void* data, int64_t i, unsigned v) {
    uint8_t& byte = static_cast<uint8_t*>(data)[i / 2];
    byte = static_cast<uint8_t>(i % 2 ? (byte & 0x0fu) | (v << 4) : (byte & 0xf0u) | v);
}

}  // namespace

double loadFloating(DType t, const void* data, int64_t i) {
    switch (t) {
        case DType::kFloat: return at<float>(data, i);
        case DType::kHalf: return at<Half>(data, i);
        case DType::kBf16: return at<BFloat16>(data, i);
        case DType::kFp8: return at<Fp8>(data, i);
        case DType::kFp4: {
            unsigned code = nibble(data, i);
            return code & 8 ? -kFp4[code & 7] : kFp4[code];
        }
        case DType::kE8M0: {
            uint8_t code = at<uint8_t>(data, i);
            return code == 255 ? std::numeric_limits<double>::quiet_NaN() : std::ldexp(1., code - 127);
        }
        default: ASSERT(!"not a floating type"); return 0;
    }
}

int64_t loadInteger(DType t, const void* data, int64_t i) {
    switch (t) {
        case DType::kInt8: return at<int8_t>(data, i);
        case DType::kUint8: return at<uint8_t>(data, i);
        case DType::kInt32: return at<int32_t>(data, i);
        case DType::kInt64: return at<int64_t>(data, i);
        case DType::kBool: return at<uint8_t>(data, i) != 0;
        case DType::kInt4: return static_cast<int64_t>(nibble(data, i) ^ 8u) - 8;
        default: ASSERT(!"not an integer type"); return 0;
    }
}

double loadNumber(DType t, const void* data, int64_t i) {
    return isFloating(t) ? loadFloating(t, data, i) : static_cast<double>(loadInteger(t, data, i));
}

void storeInt4(void* data, int64_t i, int64_t v) { storeNibble(data, i, static_cast<unsigned>(v) & 15u); }

void storeFp4(void* data, int64_t i, double v) {
    double magnitude = std::fabs(v);
    unsigned code = 7;
    if (magnitude < 6) {
        code = 0;
        while (magnitude > kFp4[code + 1]) ++code;
        double middle = (kFp4[code] + kFp4[code + 1]) / 2;
        if (magnitude > middle || (magnitude == middle && code % 2 == 1)) ++code;
    }
    storeNibble(data, i, code | (std::signbit(v) ? 8u : 0u));
}

Fp8 fp8WithoutSaturation(float v) {
    // 464 lies halfway between 448 and the 480 that the format lacks; the tie goes to 448, whose code is even.
    return std::fabs(v) <= 464.f ? Fp8(v) : Fp8(std::numeric_limits<float>::quiet_NaN());
}

}  // namespace lathe::ops
