// SPDX-License-Identifier: Apache-2.0
// Vectors of kLanes floats (F), int32 (I) and their masks (M) for the instruction set that this file is compiled for.
// Included by isa/*.cc only. kLanes is 8 for base and avx2 (base holds two 4-lane halves), 16 for avx512, so a layout
// that is blocked by kLanes is the same for base and avx2.
//
// Semantics common to all: min(a, b) and max(a, b) return b when either is NaN, so max(lo, v) keeps a NaN v. loadN and
// storeN touch exactly the first n elements (0 <= n <= kLanes); lanes past n load as 0. fma rounds once where the
// hardware has it (not base). round() rounds to nearest, ties to even.
#pragma once

#include <cstdint>
#include <cstring>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define LATHE_INLINE inline __attribute__((always_inline))
#define LATHE_LAMBDA __attribute__((always_inline))
#if defined(__GNUC__) && !defined(__clang__)
#define LATHE_UNROLL _Pragma("GCC unroll 32")
#else
#define LATHE_UNROLL _Pragma("unroll")
#endif

#if defined(LATHE_ISA_avx512)
#include "kernels/cpu/isa/simd_avx512.h"
#elif defined(LATHE_ISA_avx2)
#include "kernels/cpu/isa/simd_avx2.h"
#else
#include "kernels/cpu/isa/simd_base.h"
#endif

namespace lathe::cpu::LATHE_ISA {

LATHE_INLINE F set(float v) { return broadcast(v); }
// Lanes first … end - 1 from p[lane * stride], the others 0. Touches nothing else.
LATHE_INLINE F gatherStride(const float* p, int64_t stride, int first, int end) {
    alignas(64) float t[kLanes] = {};
    for (int i = first; i < end; ++i) t[i] = p[i * stride];
    return load(t);
}
LATHE_INLINE void storeStride(float* p, int64_t stride, F v, int n) {
    alignas(64) float t[kLanes];
    store(t, v);
    for (int i = 0; i < n; ++i) p[i * stride] = t[i];
}
LATHE_INLINE F clamp(F v, F lo, F hi) { return min(hi, max(lo, v)); }  // NaN stays NaN

// 2^n as a float, -126 <= n <= 127.
LATHE_INLINE F pow2(I n) { return asFloat(shiftLeft<23>(n + broadcastI(127))); }

// Polynomial in t, coefficients from the constant term upwards.
template <int kCount>
LATHE_INLINE F poly(F t, const float (&c)[kCount]) {
    F r = set(c[kCount - 1]);
    LATHE_UNROLL
    for (int i = kCount - 2; i >= 0; --i) r = fma(r, t, set(c[i]));
    return r;
}

namespace detail {
// x = n ln2 + r, |r| <= ln2 / 2. Returns (exp(r) - 1) and n.
LATHE_INLINE F expReduced(F x, I& n) {
    static constexpr float c[] = {0.5f, 0.166665182f, 0.0416661985f, 0.00836892053f, 0.00139511575f};
    F k = round(x * set(1.44269504f));
    n = toInt(k);
    F r = fma(k, set(-0.693359375f), x);
    r = fma(k, set(0.000212194442f), r);
    return fma(r * r, poly(r, c), r);
}
}  // namespace detail

// Error below 1.5 ulp; overflows to infinity above 88.722, falls through the denormals to 0 below -103.97.
LATHE_INLINE F exp(F x) {
    I n;
    F q = detail::expReduced(clamp(x, set(-104.0f), set(89.0f)), n) + set(1.0f);
    I half = shiftRightArith<1>(n);
    return q * pow2(half) * pow2(n - half);
}

// exp for arguments that are at most 0 (softmax, erfc), one multiply shorter: exactly 0 below -87.
LATHE_INLINE F expNonPositive(F x) {
    I n;
    F q = detail::expReduced(max(set(-87.0f), x), n) + set(1.0f);
    return select(lessThan(x, set(-87.0f)), set(0.0f), q * pow2(n));
}

// exp(x) - 1 without cancellation near 0, 2 ulp; clamped above 88.
LATHE_INLINE F expm1(F x) {
    I n;
    F q = detail::expReduced(clamp(x, set(-87.0f), set(88.0f)), n);
    F p = pow2(n);
    return fma(q, p, p - set(1.0f));
}

namespace detail {
// 1 + exp(x), where exp(x) may be infinity from 88.4 on: one scaling less than exp.
LATHE_INLINE F onePlusExp(F x) {
    I n;
    F q = expReduced(clamp(x, set(-87.0f), set(89.0f)), n) + set(1.0f);
    return fma(q, pow2(n), set(1.0f));  // pow2(128) is infinity
}
}  // namespace detail

// 3 ulp; results below the normal numbers are 0.
LATHE_INLINE F sigmoid(F x) { return set(1.0f) / detail::onePlusExp(set(0.0f) - x); }

// 3 ulp.
LATHE_INLINE F tanh(F x) {
    F a = min(set(10.0f), abs(x));
    F t = expm1(a + a);
    return copySign(t / (t + set(2.0f)), x);
}

// Natural logarithm, 2 ulp for positive normal x; 0 gives -inf, negative and NaN give NaN, inf gives inf.
LATHE_INLINE F log(F x) {
    static constexpr float c[] = {0.333333135f,  -0.250000089f, 0.200021178f,  -0.166679993f, 0.142195612f,
                                  -0.124055386f, 0.118880399f,  -0.116759129f, 0.0674724206f};
    M denormal = lessThan(x, set(1.17549435e-38f));
    F scaled = select(denormal, x * set(8388608.0f), x);
    I bits = asInt(scaled);
    // Mantissa in [sqrt(1/2), sqrt(2)).
    I e = shiftRightArith<23>(bits - broadcastI(0x3f3504f3));
    F m = asFloat(bits - shiftLeft<23>(e));
    F k = toFloat(e) - select(denormal, set(23.0f), set(0.0f));
    F f = m - set(1.0f), z = f * f;
    F r = f * z * poly(f, c);
    r = fma(k, set(-0.000212194442f), r);
    r = fma(z, set(-0.5f), r);
    r = fma(k, set(0.693359375f), f + r);
    F zero = set(0.0f), inf = set(__builtin_inff());
    r = select(equal(x, zero), zero - inf, r);
    r = select(equal(x, inf), inf, r);
    r = select(lessThan(x, zero), set(__builtin_nanf("")), r);
    return select(equal(x, x), r, x);
}

// log(1 + x), 3 ulp for x > -1.
LATHE_INLINE F log1p(F x) {
    F u = set(1.0f) + x;
    F r = log(u);
    F d = u - set(1.0f);
    // log(u) x / (u - 1) undoes the rounding of u.
    F fixed = r * (x / d);
    fixed = select(equal(d, set(0.0f)), x, fixed);
    return select(equal(u, set(__builtin_inff())), u, fixed);
}

// 2 ulp.
LATHE_INLINE F erf(F x) {
    static constexpr float small[] = {1.12837911f,    -0.37612626f,     0.112835854f,   -0.026853811f,
                                      0.00518832775f, -0.000801019429f, 7.85386583e-05f};
    static constexpr float large[] = {0.000312497228f, 1.12720215f,    0.637965202f,    0.103256017f,
                                      -0.0219063852f,  0.00296398252f, -0.000187969214f};
    F a = abs(x);
    F near = x * poly(x * x, small);
    F b = min(set(3.93f), a);
    F far = set(1.0f) - expNonPositive(set(0.0f) - poly(b, large));
    return select(lessThan(a, set(1.0f)), near, select(equal(x, x), copySign(far, x), x));
}

// erfc(z) for z >= 0: exp(-z^2 - h(z)), relative error 1e-6 up to z = 4.2. Beyond (erfc < 3e-9) h stays constant.
LATHE_INLINE F erfcPositive(F z) {
    static constexpr float h[] = {-1.41653146e-07f, 1.12838829f,      -0.363475829f,  0.103163093f,
                                  -0.0199338961f,   0.000725134101f,  0.00108476565f, -0.000417555071f,
                                  7.93342842e-05f,  -8.10125312e-06f, 3.53246207e-07f};
    F b = min(set(4.2f), z);
    return expNonPositive(set(0.0f) - fma(z, z, poly(b, h)));
}

LATHE_INLINE F silu(F x) { return x / detail::onePlusExp(set(0.0f) - x); }

// x Phi(x); absolute error below 2e-7 max(1, |x|) and relative error below 4e-6 where x > -4.
LATHE_INLINE F geluErf(F x) {
    F e = erfcPositive(abs(x) * set(0.707106781f));
    F t = clamp(x, set(-64.0f), set(64.0f)) * set(0.5f) * e;  // the clamp keeps infinity away from e = 0
    return select(lessThan(x, set(0.0f)), t, x - t);
}

// 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))).
LATHE_INLINE F geluTanh(F x) {
    F inner = x * fma(x * x, set(0.0713548163f), set(1.59576912f));
    return x / (set(1.0f) + exp(set(0.0f) - inner));
}

// log(1 + exp(x)).
LATHE_INLINE F softplus(F x) {
    F t = expNonPositive(set(0.0f) - abs(x));
    return max(set(0.0f), x) + log1p(t);
}

// x tanh(softplus(x)) = x w / (w + 2), w = exp(x) (exp(x) + 2).
LATHE_INLINE F mish(F x) {
    F e = exp(min(set(20.0f), x));
    F w = e * (e + set(2.0f));
    return x * (w / (w + set(2.0f)));
}

}  // namespace lathe::cpu::LATHE_ISA
