// SPDX-License-Identifier: Apache-2.0
#pragma once

// bfloat16 (1-8-7) on the host: storage, conversions, and arithmetic through float (each operation rounds once).
#include "host_defines.h"
#include "lathe_cudart_float.h"
#include "vector_types.h"

struct __nv_bfloat16_raw {
    unsigned short x;
};

struct __align__(2) __nv_bfloat16 {
  protected:
    unsigned short __x;

  public:
    __nv_bfloat16() = default;
    constexpr __nv_bfloat16(const __nv_bfloat16_raw& raw) : __x(raw.x) {}
    __nv_bfloat16& operator=(const __nv_bfloat16_raw& raw) {
        __x = raw.x;
        return *this;
    }
    operator __nv_bfloat16_raw() const {
        __nv_bfloat16_raw raw;
        raw.x = __x;
        return raw;
    }

    __nv_bfloat16(float value) : __x(lathe_cudart::floatToBfloat16(value)) {}
    __nv_bfloat16(double value) : __x(lathe_cudart::floatToBfloat16(lathe_cudart::doubleToFloatOdd(value))) {}
    __nv_bfloat16(short value) : __nv_bfloat16(static_cast<double>(value)) {}
    __nv_bfloat16(unsigned short value) : __nv_bfloat16(static_cast<double>(value)) {}
    __nv_bfloat16(int value) : __nv_bfloat16(static_cast<double>(value)) {}
    __nv_bfloat16(unsigned int value) : __nv_bfloat16(static_cast<double>(value)) {}
    __nv_bfloat16(long value) : __nv_bfloat16(static_cast<double>(value)) {}
    __nv_bfloat16(unsigned long value) : __nv_bfloat16(static_cast<double>(value)) {}
    __nv_bfloat16(long long value) : __nv_bfloat16(static_cast<double>(value)) {}
    __nv_bfloat16(unsigned long long value) : __nv_bfloat16(static_cast<double>(value)) {}
    __nv_bfloat16& operator=(float value) { return *this = __nv_bfloat16(value); }
    __nv_bfloat16& operator=(double value) { return *this = __nv_bfloat16(value); }
    __nv_bfloat16& operator=(int value) { return *this = __nv_bfloat16(value); }

    operator float() const { return lathe_cudart::bfloat16ToFloat(__x); }
    explicit operator bool() const { return (__x & 0x7FFFU) != 0U; }
};

struct __nv_bfloat162_raw {
    unsigned short x;
    unsigned short y;
};

struct __align__(4) __nv_bfloat162 {
    __nv_bfloat16 x;
    __nv_bfloat16 y;

    __nv_bfloat162() = default;
    constexpr __nv_bfloat162(const __nv_bfloat16& a, const __nv_bfloat16& b) : x(a), y(b) {}
};

typedef __nv_bfloat16 nv_bfloat16;
typedef __nv_bfloat162 nv_bfloat162;

inline __nv_bfloat16 operator+(const __nv_bfloat16& a, const __nv_bfloat16& b) {
    return __nv_bfloat16(static_cast<float>(a) + static_cast<float>(b));
}
inline __nv_bfloat16 operator-(const __nv_bfloat16& a, const __nv_bfloat16& b) {
    return __nv_bfloat16(static_cast<float>(a) - static_cast<float>(b));
}
inline __nv_bfloat16 operator*(const __nv_bfloat16& a, const __nv_bfloat16& b) {
    return __nv_bfloat16(static_cast<float>(a) * static_cast<float>(b));
}
inline __nv_bfloat16 operator/(const __nv_bfloat16& a, const __nv_bfloat16& b) {
    return __nv_bfloat16(static_cast<float>(a) / static_cast<float>(b));
}
inline __nv_bfloat16& operator+=(__nv_bfloat16& a, const __nv_bfloat16& b) { return a = a + b; }
inline __nv_bfloat16& operator-=(__nv_bfloat16& a, const __nv_bfloat16& b) { return a = a - b; }
inline __nv_bfloat16& operator*=(__nv_bfloat16& a, const __nv_bfloat16& b) { return a = a * b; }
inline __nv_bfloat16& operator/=(__nv_bfloat16& a, const __nv_bfloat16& b) { return a = a / b; }
inline __nv_bfloat16 operator-(const __nv_bfloat16& a) {
    __nv_bfloat16_raw raw = a;
    raw.x ^= 0x8000U;
    return raw;
}
inline __nv_bfloat16 operator+(const __nv_bfloat16& a) { return a; }
inline bool operator==(const __nv_bfloat16& a, const __nv_bfloat16& b) {
    return static_cast<float>(a) == static_cast<float>(b);
}
inline bool operator!=(const __nv_bfloat16& a, const __nv_bfloat16& b) {
    return static_cast<float>(a) != static_cast<float>(b);
}
inline bool operator<(const __nv_bfloat16& a, const __nv_bfloat16& b) {
    return static_cast<float>(a) < static_cast<float>(b);
}
inline bool operator<=(const __nv_bfloat16& a, const __nv_bfloat16& b) {
    return static_cast<float>(a) <= static_cast<float>(b);
}
inline bool operator>(const __nv_bfloat16& a, const __nv_bfloat16& b) {
    return static_cast<float>(a) > static_cast<float>(b);
}
inline bool operator>=(const __nv_bfloat16& a, const __nv_bfloat16& b) {
    return static_cast<float>(a) >= static_cast<float>(b);
}

inline __nv_bfloat16 __float2bfloat16(float a) { return __nv_bfloat16(a); }
inline __nv_bfloat16 __float2bfloat16_rn(float a) { return __nv_bfloat16(a); }
inline __nv_bfloat16 __double2bfloat16(double a) { return __nv_bfloat16(a); }
inline float __bfloat162float(__nv_bfloat16 a) { return static_cast<float>(a); }
inline __nv_bfloat162 __float2bfloat162_rn(float a) { return __nv_bfloat162(__nv_bfloat16(a), __nv_bfloat16(a)); }
inline __nv_bfloat162 __floats2bfloat162_rn(float a, float b) {
    return __nv_bfloat162(__nv_bfloat16(a), __nv_bfloat16(b));
}
inline __nv_bfloat162 __bfloat162bfloat162(__nv_bfloat16 a) { return __nv_bfloat162(a, a); }
inline __nv_bfloat162 __halves2bfloat162(__nv_bfloat16 a, __nv_bfloat16 b) { return __nv_bfloat162(a, b); }
inline __nv_bfloat162 make_bfloat162(__nv_bfloat16 x, __nv_bfloat16 y) { return __nv_bfloat162(x, y); }
inline float2 __bfloat1622float2(__nv_bfloat162 a) { return float2{static_cast<float>(a.x), static_cast<float>(a.y)}; }
inline __nv_bfloat16 __int2bfloat16_rn(int a) { return __nv_bfloat16(a); }
inline unsigned short __bfloat16_as_ushort(__nv_bfloat16 a) { return __nv_bfloat16_raw(a).x; }
inline short __bfloat16_as_short(__nv_bfloat16 a) { return static_cast<short>(__nv_bfloat16_raw(a).x); }
inline __nv_bfloat16 __ushort_as_bfloat16(unsigned short a) {
    __nv_bfloat16_raw raw;
    raw.x = a;
    return raw;
}
inline __nv_bfloat16 __short_as_bfloat16(short a) { return __ushort_as_bfloat16(static_cast<unsigned short>(a)); }
inline bool __hisnan(__nv_bfloat16 a) { return (__bfloat16_as_ushort(a) & 0x7FFFU) > 0x7F80U; }
inline __nv_bfloat16 __habs(__nv_bfloat16 a) { return __ushort_as_bfloat16(__bfloat16_as_ushort(a) & 0x7FFFU); }
