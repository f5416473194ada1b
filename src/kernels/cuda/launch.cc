// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/launch.h"

#include <bit>
#include <cmath>

#include "kernels/cuda/params.h"

namespace lathe::cuda {

// Generated from the files of this folder: name, text, name, text, …, null.
extern const char* const kernelTexts[];

std::string_view kernelText(std::string_view name) {
    for (const char* const* p = kernelTexts; *p; p += 2)
        if (name == p[0]) return p[1];
    ASSERT(!"no such kernel text");
    return {};
}

std::string_view typeName(DType t) {
    switch (t) {
        case DType::kFloat: return "f32";
        case DType::kHalf: return "f16";
        case DType::kBf16: return "bf16";
        case DType::kFp8: return "f8";
        case DType::kInt8: return "i8";
        case DType::kUint8: return "u8";
        case DType::kInt32: return "i32";
        case DType::kInt64: return "i64";
        case DType::kBool: return "boolean";
        default: return {};
    }
}

std::string literal(float v) {
    if (std::isnan(v)) return "quietNan()";
    if (std::isinf(v)) return v > 0 ? "infinity()" : "(-infinity())";
    return fmt::format("({:a}f)", v);
}

FastDivide fastDivide(uint32_t d) {
    if (d == 1) return {1, 0, 0};
    unsigned log = 32u - static_cast<unsigned>(std::countl_zero(d - 1));  // ceil(log2 d)
    uint64_t m = ((uint64_t{1} << (31 + log)) + d - 1) / d;
    return {d, static_cast<unsigned>(m), log - 1};
}

}  // namespace lathe::cuda
