// SPDX-License-Identifier: Apache-2.0
// What the pointwise, normalization and data-movement kernels need beyond simd.h: storage types, NaN-keeping minimum
// and maximum, sine and cosine.
#pragma once

#include "kernels/cpu/isa/simd.h"

namespace lathe::cpu::LATHE_ISA {
namespace {

// Tags with the bits of Half and BFloat16; those classes have inline members, which isa/isa.h rules out.
struct F16Bits {
    uint16_t bits;
};
struct Bf16Bits {
    uint16_t bits;
};

LATHE_INLINE F loadAs(const float* p) { return load(p); }
LATHE_INLINE F loadAs(const F16Bits* p) { return loadF16(&p->bits); }
LATHE_INLINE F loadAs(const Bf16Bits* p) { return loadBf16(&p->bits); }
LATHE_INLINE F loadAs(const int8_t* p) { return toFloat(loadI8(p)); }
LATHE_INLINE F loadAs(const uint8_t* p) { return toFloat(loadU8(p)); }
LATHE_INLINE void storeAs(float* p, F v) { store(p, v); }
// Rounds to nearest even; saturates.
LATHE_INLINE void storeAs(int8_t* p, F v) { storeI8(p, toInt(clamp(v, set(-128.0f), set(127.0f)))); }
LATHE_INLINE void storeAs(uint8_t* p, F v) { storeU8(p, toInt(clamp(v, zero(), set(255.0f)))); }
LATHE_INLINE void storeAs(F16Bits* p, F v) { storeF16(&p->bits, v); }
LATHE_INLINE void storeAs(Bf16Bits* p, F v) { storeBf16(&p->bits, v); }

// The first n <= kLanes elements; the other lanes load as 0.
LATHE_INLINE F loadAsN(const float* p, int n) { return loadN(p, n); }
LATHE_INLINE void storeAsN(float* p, F v, int n) { storeN(p, v, n); }
template <class T>
LATHE_INLINE F loadAsN(const T* p, int n) {
    T whole[kLanes] = {};
    for (int i = 0; i < n; ++i) whole[i] = p[i];
    return loadAs(whole);
}
template <class T>
LATHE_INLINE void storeAsN(T* p, F v, int n) {
    T whole[kLanes];
    storeAs(whole, v);
    for (int i = 0; i < n; ++i) p[i] = whole[i];
}

template <class T>
LATHE_INLINE float scalarOf(const T* p) {
    if constexpr (sizeof(T) == 4) {
        return *p;
    } else {
        float lanes[kLanes];
        store(lanes, loadAsN(p, 1));
        return lanes[0];
    }
}
template <class T>
LATHE_INLINE void setScalar(T* p, float v) {
    if constexpr (sizeof(T) == 4)
        *p = v;
    else
        storeAsN(p, set(v), 1);
}

// NaN when either is NaN.
LATHE_INLINE F minNan(F a, F b) { return select(equal(a, a), min(a, b), a); }
LATHE_INLINE F maxNan(F a, F b) { return select(equal(a, a), max(a, b), a); }
// e^x for x <= 0, exactly 0 where simd.h's expNonPositive would flush: masked elements weigh nothing.
LATHE_INLINE F expSoft(F x) { return select(lessThan(x, set(-87.0f)), zero(), expNonPositive(x)); }
LATHE_INLINE F trunc(F x) { return select(lessThan(x, zero()), ceil(x), floor(x)); }
LATHE_INLINE F negate(F x) { return set(-0.0f) - x; }

// Beyond this the reduction below is inexact; callers then ask the C library.
inline constexpr float kTrigLimit = 8192.0f;
struct SinCos {
    F sin, cos;
};
LATHE_INLINE SinCos sinCos(F x) {
    F n = round(x * set(0.636619772f));
    I quadrant = toInt(n);
    // pi / 2 in parts; the first three times n are exact.
    F r = fnma(n, set(0x1.92p+0f), x);
    r = fnma(n, set(0x1.fb4p-12f), r);
    r = fnma(n, set(0x1.444p-24f), r);
    r = fnma(n, set(0x1.68c234p-39f), r);
    F z = r * r;
    static constexpr float s[] = {-0x1.555546p-3f, 0x1.110730p-7f, -0x1.994062p-13f};
    static constexpr float c[] = {0x1.55554ap-5f, -0x1.6c0c28p-10f, 0x1.99e86ap-16f};
    F sinR = fma(poly(z, s) * z, r, r);
    F cosR = fma(poly(z, c), z * z, fma(z, set(-0.5f), set(1.0f)));
    M even = equal(quadrant & broadcastI(1), broadcastI(0));
    F a = select(even, sinR, cosR), b = select(even, cosR, sinR);
    M sinPlus = equal(quadrant & broadcastI(2), broadcastI(0));
    M cosPlus = equal((quadrant + broadcastI(1)) & broadcastI(2), broadcastI(0));
    return {select(sinPlus, a, negate(a)), select(cosPlus, b, negate(b))};
}

}  // namespace
}  // namespace lathe::cpu::LATHE_ISA
