// SPDX-License-Identifier: Apache-2.0
#pragma once

// The two 8-bit floating-point types on the host: storage and conversions. A value beyond the largest finite one
// saturates to it; NaN stays NaN.
#include "cuda_bf16.h"
#include "cuda_fp16.h"
#include "host_defines.h"
#include "lathe_cudart_float.h"

typedef unsigned char __nv_fp8_storage_t;
typedef unsigned short int __nv_fp8x2_storage_t;
typedef unsigned int __nv_fp8x4_storage_t;
typedef enum __nv_saturation_t { __NV_NOSAT, __NV_SATFINITE } __nv_saturation_t;
typedef enum __nv_fp8_interpretation_t { __NV_E4M3, __NV_E5M2 } __nv_fp8_interpretation_t;

// 4 exponent bits, 3 mantissa bits, no infinity, largest 448.
struct __align__(1) __nv_fp8_e4m3 {
    __nv_fp8_storage_t __x;

    __nv_fp8_e4m3() = default;
    explicit __nv_fp8_e4m3(float value)
        : __x(static_cast<__nv_fp8_storage_t>(
              lathe_cudart::roundTo<4, 3>(value, 0x7EU, 0x7FU, 0x7FU, lathe_cudart::Overflow::kSATURATE))) {}
    explicit __nv_fp8_e4m3(double value) : __nv_fp8_e4m3(lathe_cudart::doubleToFloatOdd(value)) {}
    explicit __nv_fp8_e4m3(int value) : __nv_fp8_e4m3(static_cast<double>(value)) {}
    explicit __nv_fp8_e4m3(unsigned int value) : __nv_fp8_e4m3(static_cast<double>(value)) {}
    explicit __nv_fp8_e4m3(long value) : __nv_fp8_e4m3(static_cast<double>(value)) {}
    explicit __nv_fp8_e4m3(unsigned long value) : __nv_fp8_e4m3(static_cast<double>(value)) {}
    explicit __nv_fp8_e4m3(long long value) : __nv_fp8_e4m3(static_cast<double>(value)) {}
    explicit __nv_fp8_e4m3(unsigned long long value) : __nv_fp8_e4m3(static_cast<double>(value)) {}
    explicit __nv_fp8_e4m3(__half value) : __nv_fp8_e4m3(static_cast<float>(value)) {}
    explicit __nv_fp8_e4m3(__nv_bfloat16 value) : __nv_fp8_e4m3(static_cast<float>(value)) {}

    explicit operator float() const {
        if ((__x & 0x7FU) == 0x7FU) {
            return lathe_cudart::bitsFloat((static_cast<uint32_t>(__x & 0x80U) << 24) | 0x7FFFFFFFU);
        }
        return lathe_cudart::widen<4, 3>(__x);
    }
    explicit operator double() const { return static_cast<double>(static_cast<float>(*this)); }
    explicit operator __half() const { return __half(static_cast<float>(*this)); }
    explicit operator __nv_bfloat16() const { return __nv_bfloat16(static_cast<float>(*this)); }
    explicit operator bool() const { return (__x & 0x7FU) != 0U; }
};

// 5 exponent bits, 2 mantissa bits, with infinities, largest finite 57344.
struct __align__(1) __nv_fp8_e5m2 {
    __nv_fp8_storage_t __x;

    __nv_fp8_e5m2() = default;
    explicit __nv_fp8_e5m2(float value)
        : __x(static_cast<__nv_fp8_storage_t>(
              lathe_cudart::roundTo<5, 2>(value, 0x7BU, 0x7FU, 0x7CU, lathe_cudart::Overflow::kSATURATE))) {}
    explicit __nv_fp8_e5m2(double value) : __nv_fp8_e5m2(lathe_cudart::doubleToFloatOdd(value)) {}
    explicit __nv_fp8_e5m2(int value) : __nv_fp8_e5m2(static_cast<double>(value)) {}
    explicit __nv_fp8_e5m2(unsigned int value) : __nv_fp8_e5m2(static_cast<double>(value)) {}
    explicit __nv_fp8_e5m2(long value) : __nv_fp8_e5m2(static_cast<double>(value)) {}
    explicit __nv_fp8_e5m2(unsigned long value) : __nv_fp8_e5m2(static_cast<double>(value)) {}
    explicit __nv_fp8_e5m2(long long value) : __nv_fp8_e5m2(static_cast<double>(value)) {}
    explicit __nv_fp8_e5m2(unsigned long long value) : __nv_fp8_e5m2(static_cast<double>(value)) {}
    explicit __nv_fp8_e5m2(__half value) : __nv_fp8_e5m2(static_cast<float>(value)) {}
    explicit __nv_fp8_e5m2(__nv_bfloat16 value) : __nv_fp8_e5m2(static_cast<float>(value)) {}

    explicit operator float() const {
        if ((__x & 0x7CU) == 0x7CU) {
            return lathe_cudart::halfToFloat(static_cast<uint16_t>(__x << 8));
        }
        return lathe_cudart::widen<5, 2>(__x);
    }
    explicit operator double() const { return static_cast<double>(static_cast<float>(*this)); }
    explicit operator __half() const { return __half(static_cast<float>(*this)); }
    explicit operator __nv_bfloat16() const { return __nv_bfloat16(static_cast<float>(*this)); }
    explicit operator bool() const { return (__x & 0x7FU) != 0U; }
};
