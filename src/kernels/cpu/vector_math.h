// SPDX-License-Identifier: Apache-2.0
// Elementwise functions over contiguous arrays, one thread; the smallest user of the pattern in isa/isa.h. y may be x.
#pragma once

#include <cstdint>

namespace lathe::cpu {

struct VectorMathTable {
    void (*exp)(const float* x, float* y, int64_t n);
    void (*expm1)(const float* x, float* y, int64_t n);
    void (*log)(const float* x, float* y, int64_t n);
    void (*log1p)(const float* x, float* y, int64_t n);
    void (*tanh)(const float* x, float* y, int64_t n);
    void (*erf)(const float* x, float* y, int64_t n);
    void (*sigmoid)(const float* x, float* y, int64_t n);
    void (*silu)(const float* x, float* y, int64_t n);
    void (*geluErf)(const float* x, float* y, int64_t n);
    void (*geluTanh)(const float* x, float* y, int64_t n);
    void (*softplus)(const float* x, float* y, int64_t n);
    void (*mish)(const float* x, float* y, int64_t n);
    // Half and bfloat16 by their bits, round to nearest even.
    void (*f16ToF32)(const uint16_t* x, float* y, int64_t n);
    void (*f32ToF16)(const float* x, uint16_t* y, int64_t n);
    void (*bf16ToF32)(const uint16_t* x, float* y, int64_t n);
    void (*f32ToBf16)(const float* x, uint16_t* y, int64_t n);
    // Round to nearest even, saturating.
    void (*f32ToI8)(const float* x, int8_t* y, int64_t n);
    void (*f32ToU8)(const float* x, uint8_t* y, int64_t n);
};

// The kernels of activeIsa().
const VectorMathTable& vectorMath();

}  // namespace lathe::cpu
