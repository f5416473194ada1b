// SPDX-License-Identifier: Apache-2.0
#pragma once

// The 4-bit floating-point type on the host: one value in the low half of a byte.
// Values are 0, 0.5, 1, 1.5, 2, 3, 4, 6 and their negatives; everything larger, infinity and NaN saturate to 6.
#include "cuda_fp8.h"

typedef unsigned char __nv_fp4_storage_t;
typedef unsigned char __nv_fp4x2_storage_t;
typedef unsigned short int __nv_fp4x4_storage_t;
typedef enum __nv_fp4_interpretation_t { __NV_E2M1 } __nv_fp4_interpretation_t;

struct __align__(1) __nv_fp4_e2m1 {
    __nv_fp4_storage_t __x;

    __nv_fp4_e2m1() = default;
    explicit __nv_fp4_e2m1(float value)
        : __x(static_cast<__nv_fp4_storage_t>(
              lathe_cudart::roundTo<2, 1>(value, 0x7U, 0x7U, 0x7U, lathe_cudart::Overflow::kSATURATE) &
              (value != value ? 0x7U : 0xFU))) {}
    explicit __nv_fp4_e2m1(double value) : __nv_fp4_e2m1(lathe_cudart::doubleToFloatOdd(value)) {}
    explicit __nv_fp4_e2m1(int value) : __nv_fp4_e2m1(static_cast<double>(value)) {}
    explicit __nv_fp4_e2m1(__half value) : __nv_fp4_e2m1(static_cast<float>(value)) {}
    explicit __nv_fp4_e2m1(__nv_bfloat16 value) : __nv_fp4_e2m1(static_cast<float>(value)) {}

    explicit operator float() const { return lathe_cudart::widen<2, 1>(__x & 0xFU); }
    explicit operator double() const { return static_cast<double>(static_cast<float>(*this)); }
    explicit operator __half() const { return __half(static_cast<float>(*this)); }
    explicit operator __nv_bfloat16() const { return __nv_bfloat16(static_cast<float>(*this)); }
    explicit operator bool() const { return (__x & 0x7U) != 0U; }
};
