// SPDX-License-Identifier: Apache-2.0
#pragma once

// IEEE half precision (1-5-10) on the host: storage, conversions, and arithmetic through float (each operation rounds
// once).
#include "host_defines.h"
#include "lathe_cudart_float.h"
#include "vector_types.h"

struct __half_raw {
    unsigned short x;
};

struct __align__(2) __half {
  protected:
    unsigned short __x;

  public:
    __half() = default;
    constexpr __half(const __half_raw& raw) : __x(raw.x) {}
    __half& operator=(const __half_raw& raw) {
        __x = raw.x;
        return *this;
    }
    operator __half_raw() const {
        __half_raw raw;
        raw.x = __x;
        return raw;
    }

    __half(float value) : __x(lathe_cudart::floatToHalf(value)) {}
    __half(double value) : __x(lathe_cudart::floatToHalf(lathe_cudart::doubleToFloatOdd(value))) {}
    __half(short value) : __half(static_cast<double>(value)) {}
    __half(unsigned short value) : __half(static_cast<double>(value)) {}
    __half(int value) : __half(static_cast<double>(value)) {}
    __half(unsigned int value) : __half(static_cast<double>(value)) {}
    __half(long value) : __half(static_cast<double>(value)) {}
    __half(unsigned long value) : __half(static_cast<double>(value)) {}
    __half(long long value) : __half(static_cast<double>(value)) {}
    __half(unsigned long long value) : __half(static_cast<double>(value)) {}
    __half& operator=(float value) { return *this = __half(value); }
    __half& operator=(double value) { return *this = __half(value); }
    __half& operator=(int value) { return *this = __half(value); }

    operator float() const { return lathe_cudart::halfToFloat(__x); }
    explicit operator bool() const { return (__x & 0x7FFFU) != 0U; }
};

struct __half2_raw {
    unsigned short x;
    unsigned short y;
};

struct __align__(4) __half2 {
    __half x;
    __half y;

    __half2() = default;
    constexpr __half2(const __half& a, const __half& b) : x(a), y(b) {}
};

typedef __half half;
typedef __half2 half2;
typedef __half __nv_half;
typedef __half2 __nv_half2;

inline __half operator+(const __half& a, const __half& b) {
    return __half(static_cast<float>(a) + static_cast<float>(b));
}
inline __half operator-(const __half& a, const __half& b) {
    return __half(static_cast<float>(a) - static_cast<float>(b));
}
inline __half operator*(const __half& a, const __half& b) {
    return __half(static_cast<float>(a) * static_cast<float>(b));
}
inline __half operator/(const __half& a, const __half& b) {
    return __half(static_cast<float>(a) / static_cast<float>(b));
}
inline __half& operator+=(__half& a, const __half& b) { return a = a + b; }
inline __half& operator-=(__half& a, const __half& b) { return a = a - b; }
inline __half& operator*=(__half& a, const __half& b) { return a = a * b; }
inline __half& operator/=(__half& a, const __half& b) { return a = a / b; }
inline __half operator-(const __half& a) {
    __half_raw raw = a;
    raw.x ^= 0x8000U;
    return raw;
}
inline __half operator+(const __half& a) { return a; }
inline bool operator==(const __half& a, const __half& b) { return static_cast<float>(a) == static_cast<float>(b); }
inline bool operator!=(const __half& a, const __half& b) { return static_cast<float>(a) != static_cast<float>(b); }
inline bool operator<(const __half& a, const __half& b) { return static_cast<float>(a) < static_cast<float>(b); }
inline bool operator<=(const __half& a, const __half& b) { return static_cast<float>(a) <= static_cast<float>(b); }
inline bool operator>(const __half& a, const __half& b) { return static_cast<float>(a) > static_cast<float>(b); }
inline bool operator>=(const __half& a, const __half& b) { return static_cast<float>(a) >= static_cast<float>(b); }

inline __half __float2half(float a) { return __half(a); }
inline __half __float2half_rn(float a) { return __half(a); }
inline __half __double2half(double a) { return __half(a); }
inline float __half2float(__half a) { return static_cast<float>(a); }
inline __half2 __float2half2_rn(float a) { return __half2(__half(a), __half(a)); }
inline __half2 __floats2half2_rn(float a, float b) { return __half2(__half(a), __half(b)); }
inline __half2 __half2half2(__half a) { return __half2(a, a); }
inline __half2 __halves2half2(__half a, __half b) { return __half2(a, b); }
inline __half2 make_half2(__half x, __half y) { return __half2(x, y); }
inline float2 __half22float2(__half2 a) { return float2{static_cast<float>(a.x), static_cast<float>(a.y)}; }
inline __half __low2half(__half2 a) { return a.x; }
inline __half __high2half(__half2 a) { return a.y; }
inline __half __int2half_rn(int a) { return __half(a); }
inline __half __uint2half_rn(unsigned int a) { return __half(a); }
inline unsigned short __half_as_ushort(__half a) { return __half_raw(a).x; }
inline short __half_as_short(__half a) { return static_cast<short>(__half_raw(a).x); }
inline __half __ushort_as_half(unsigned short a) {
    __half_raw raw;
    raw.x = a;
    return raw;
}
inline __half __short_as_half(short a) { return __ushort_as_half(static_cast<unsigned short>(a)); }
inline bool __hisnan(__half a) { return (__half_as_ushort(a) & 0x7FFFU) > 0x7C00U; }
inline int __hisinf(__half a) { return __half_as_ushort(a) == 0x7C00U ? 1 : (__half_as_ushort(a) == 0xFC00U ? -1 : 0); }
inline __half __habs(__half a) { return __ushort_as_half(__half_as_ushort(a) & 0x7FFFU); }
