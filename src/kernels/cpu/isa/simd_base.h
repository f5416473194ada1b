// SPDX-License-Identifier: Apache-2.0
// simd.h in the compiler's vector extension, for any processor: 8 lanes as two 16-byte halves. Included by simd.h only.
#pragma once

namespace lathe::cpu::LATHE_ISA {

inline constexpr int kLanes = 8;
inline constexpr int kRegisters = 16;  // of 4 lanes each

typedef float F4 __attribute__((vector_size(16)));
typedef int32_t I4 __attribute__((vector_size(16)));
typedef uint32_t U4 __attribute__((vector_size(16)));

struct F {
    F4 lo, hi;
};
struct I {
    I4 lo, hi;
};
struct M {
    I4 lo, hi;  // all ones or all zeros in each lane
};

LATHE_INLINE F broadcast(float v) { return {F4{v, v, v, v}, F4{v, v, v, v}}; }
LATHE_INLINE F broadcastAt(const float* p) { return broadcast(*p); }
LATHE_INLINE I broadcastI(int32_t v) { return {I4{v, v, v, v}, I4{v, v, v, v}}; }
LATHE_INLINE F zero() { return broadcast(0.0f); }

LATHE_INLINE M firstN(int n) {
    I4 c = {n, n, n, n};
    return {c > I4{0, 1, 2, 3}, c > I4{4, 5, 6, 7}};
}

LATHE_INLINE F load(const float* p) {
    F r;
    __builtin_memcpy(&r.lo, p, 16);
    __builtin_memcpy(&r.hi, p + 4, 16);
    return r;
}
LATHE_INLINE void store(float* p, F a) {
    __builtin_memcpy(p, &a.lo, 16);
    __builtin_memcpy(p + 4, &a.hi, 16);
}
LATHE_INLINE F loadN(const float* p, int n) {
    alignas(32) float t[8] = {};
    for (int i = 0; i < n; ++i) t[i] = p[i];
    return load(t);
}
LATHE_INLINE void storeN(float* p, F a, int n) {
    alignas(32) float t[8];
    store(t, a);
    for (int i = 0; i < n; ++i) p[i] = t[i];
}
LATHE_INLINE F load(const float* p, M m) {
    alignas(32) float t[8] = {};
    for (int i = 0; i < 8; ++i) {
        if (i < 4 ? m.lo[i] : m.hi[i - 4]) t[i] = p[i];
    }
    return load(t);
}
LATHE_INLINE void store(float* p, F a, M m) {
    for (int i = 0; i < 8; ++i) {
        if (i < 4 ? m.lo[i] : m.hi[i - 4]) p[i] = i < 4 ? a.lo[i] : a.hi[i - 4];
    }
}
LATHE_INLINE void storeStream(float* p, F a) { store(p, a); }
LATHE_INLINE I load(const int32_t* p) {
    I r;
    __builtin_memcpy(&r.lo, p, 16);
    __builtin_memcpy(&r.hi, p + 4, 16);
    return r;
}
LATHE_INLINE void store(int32_t* p, I a) {
    __builtin_memcpy(p, &a.lo, 16);
    __builtin_memcpy(p + 4, &a.hi, 16);
}
LATHE_INLINE I loadN(const int32_t* p, int n) {
    alignas(32) int32_t t[8] = {};
    for (int i = 0; i < n; ++i) t[i] = p[i];
    return load(t);
}
LATHE_INLINE void storeN(int32_t* p, I a, int n) {
    alignas(32) int32_t t[8];
    store(t, a);
    for (int i = 0; i < n; ++i) p[i] = t[i];
}

LATHE_INLINE F asFloat(I a) { return {reinterpret_cast<F4>(a.lo), reinterpret_cast<F4>(a.hi)}; }
LATHE_INLINE I asInt(F a) { return {reinterpret_cast<I4>(a.lo), reinterpret_cast<I4>(a.hi)}; }

LATHE_INLINE F operator+(F a, F b) { return {a.lo + b.lo, a.hi + b.hi}; }
LATHE_INLINE F operator-(F a, F b) { return {a.lo - b.lo, a.hi - b.hi}; }
LATHE_INLINE F operator*(F a, F b) { return {a.lo * b.lo, a.hi * b.hi}; }
LATHE_INLINE F operator/(F a, F b) { return {a.lo / b.lo, a.hi / b.hi}; }
LATHE_INLINE F fma(F a, F b, F c) { return a * b + c; }
LATHE_INLINE F fnma(F a, F b, F c) { return c - a * b; }

LATHE_INLINE void accumulate(F& acc, F a, F b) { acc = acc + a * b; }

LATHE_INLINE M lessThan(F a, F b) { return {a.lo < b.lo, a.hi < b.hi}; }
LATHE_INLINE M lessEqual(F a, F b) { return {a.lo <= b.lo, a.hi <= b.hi}; }
LATHE_INLINE M equal(F a, F b) { return {a.lo == b.lo, a.hi == b.hi}; }
LATHE_INLINE M equal(I a, I b) { return {a.lo == b.lo, a.hi == b.hi}; }
LATHE_INLINE M lessThan(I a, I b) { return {a.lo < b.lo, a.hi < b.hi}; }
LATHE_INLINE M operator&(M a, M b) { return {a.lo & b.lo, a.hi & b.hi}; }
LATHE_INLINE M operator|(M a, M b) { return {a.lo | b.lo, a.hi | b.hi}; }
LATHE_INLINE I select(M m, I yes, I no) {
    return {(m.lo & yes.lo) | (~m.lo & no.lo), (m.hi & yes.hi) | (~m.hi & no.hi)};
}
LATHE_INLINE F select(M m, F yes, F no) { return asFloat(select(m, asInt(yes), asInt(no))); }
LATHE_INLINE uint32_t bits(M m) {
    uint32_t r = 0;
    for (int i = 0; i < 4; ++i) r |= (m.lo[i] & 1u) << i | (m.hi[i] & 1u) << (i + 4);
    return r;
}

#if defined(__SSE2__)
LATHE_INLINE F min(F a, F b) { return {_mm_min_ps(a.lo, b.lo), _mm_min_ps(a.hi, b.hi)}; }
LATHE_INLINE F max(F a, F b) { return {_mm_max_ps(a.lo, b.lo), _mm_max_ps(a.hi, b.hi)}; }
LATHE_INLINE F sqrt(F a) { return {_mm_sqrt_ps(a.lo), _mm_sqrt_ps(a.hi)}; }
LATHE_INLINE I toInt(F a) {
    return {reinterpret_cast<I4>(_mm_cvtps_epi32(a.lo)), reinterpret_cast<I4>(_mm_cvtps_epi32(a.hi))};
}
LATHE_INLINE I toIntTruncate(F a) {
    return {reinterpret_cast<I4>(_mm_cvttps_epi32(a.lo)), reinterpret_cast<I4>(_mm_cvttps_epi32(a.hi))};
}
#else
LATHE_INLINE F min(F a, F b) { return select(lessThan(a, b), a, b); }
LATHE_INLINE F max(F a, F b) { return select(lessThan(b, a), a, b); }
LATHE_INLINE F sqrt(F a) {
    for (int i = 0; i < 4; ++i) a.lo[i] = __builtin_sqrtf(a.lo[i]), a.hi[i] = __builtin_sqrtf(a.hi[i]);
    return a;
}
LATHE_INLINE I toInt(F a) {
    I r;
    for (int i = 0; i < 4; ++i) {
        r.lo[i] = static_cast<int32_t>(__builtin_rintf(a.lo[i]));
        r.hi[i] = static_cast<int32_t>(__builtin_rintf(a.hi[i]));
    }
    return r;
}
LATHE_INLINE I toIntTruncate(F a) { return {__builtin_convertvector(a.lo, I4), __builtin_convertvector(a.hi, I4)}; }
#endif
LATHE_INLINE F toFloat(I a) { return {__builtin_convertvector(a.lo, F4), __builtin_convertvector(a.hi, F4)}; }

// Lanes wrap, as they do in the other instruction sets; in the language only unsigned ones may.
LATHE_INLINE U4 bits(I4 a) { return reinterpret_cast<U4>(a); }
LATHE_INLINE I4 lanes(U4 a) { return reinterpret_cast<I4>(a); }
LATHE_INLINE I operator+(I a, I b) { return {lanes(bits(a.lo) + bits(b.lo)), lanes(bits(a.hi) + bits(b.hi))}; }
LATHE_INLINE I operator-(I a, I b) { return {lanes(bits(a.lo) - bits(b.lo)), lanes(bits(a.hi) - bits(b.hi))}; }
LATHE_INLINE I operator*(I a, I b) { return {lanes(bits(a.lo) * bits(b.lo)), lanes(bits(a.hi) * bits(b.hi))}; }
LATHE_INLINE I operator&(I a, I b) { return {a.lo & b.lo, a.hi & b.hi}; }
LATHE_INLINE I operator|(I a, I b) { return {a.lo | b.lo, a.hi | b.hi}; }
LATHE_INLINE I min(I a, I b) { return select(lessThan(a, b), a, b); }
LATHE_INLINE I max(I a, I b) { return select(lessThan(a, b), b, a); }
template <int kBits>
LATHE_INLINE I shiftLeft(I a) {
    return {lanes(bits(a.lo) << kBits), lanes(bits(a.hi) << kBits)};
}
template <int kBits>
LATHE_INLINE I shiftRightArith(I a) {
    return {a.lo >> kBits, a.hi >> kBits};
}
template <int kBits>
LATHE_INLINE I shiftRight(I a) {
    return {lanes(bits(a.lo) >> kBits), lanes(bits(a.hi) >> kBits)};
}

LATHE_INLINE F abs(F a) { return asFloat(asInt(a) & broadcastI(0x7fffffff)); }
LATHE_INLINE F copySign(F magnitude, F sign) {
    return asFloat((asInt(magnitude) & broadcastI(0x7fffffff)) | (asInt(sign) & broadcastI(INT32_MIN)));
}
// Floats of magnitude 2^23 and above are integers already (or not numbers).
LATHE_INLINE F round(F a) {
    F r = copySign(toFloat(toInt(a)), a);
    return select(lessThan(abs(a), broadcast(8388608.0f)), r, a);
}
LATHE_INLINE F floor(F a) {
    F r = round(a);
    return select(lessThan(a, r), r - broadcast(1.0f), r);
}
LATHE_INLINE F ceil(F a) {
    F r = round(a);
    return select(lessThan(r, a), copySign(r + broadcast(1.0f), a), r);
}

LATHE_INLINE float reduceAdd(F a) {
    F4 s = a.lo + a.hi;
    return (s[0] + s[2]) + (s[1] + s[3]);
}
LATHE_INLINE float reduceMax(F a) {
    F s = max(a, F{a.hi, a.lo});
    float x = s.lo[0] > s.lo[2] ? s.lo[0] : s.lo[2], y = s.lo[1] > s.lo[3] ? s.lo[1] : s.lo[3];
    return x > y ? x : y;
}
LATHE_INLINE float reduceMin(F a) {
    F s = min(a, F{a.hi, a.lo});
    float x = s.lo[0] < s.lo[2] ? s.lo[0] : s.lo[2], y = s.lo[1] < s.lo[3] ? s.lo[1] : s.lo[3];
    return x < y ? x : y;
}

// Conversions. Half and bfloat16 go by their bits; narrowing rounds to nearest even; integers saturate.
LATHE_INLINE I loadU16(const uint16_t* p) {
    I r;
    for (int i = 0; i < 4; ++i) r.lo[i] = p[i], r.hi[i] = p[i + 4];
    return r;
}
LATHE_INLINE void storeU16(uint16_t* p, I a) {
    for (int i = 0; i < 4; ++i) p[i] = static_cast<uint16_t>(a.lo[i]), p[i + 4] = static_cast<uint16_t>(a.hi[i]);
}
LATHE_INLINE F loadF16(const uint16_t* p) {
    I h = loadU16(p);
    I sign = shiftLeft<16>(h & broadcastI(0x8000)), rest = shiftLeft<13>(h & broadcastI(0x7fff));
    // The exponent's bias differs by 112; multiplying by 2^112 scales denormals too. Infinity and NaN need all ones.
    F scaled = asFloat(rest) * asFloat(broadcastI(0x77800000));
    M special = lessThan(broadcastI(0x0f7fffff), rest);
    I value = select(special, rest | broadcastI(0x7f800000), asInt(scaled));
    return asFloat(value | sign);
}
LATHE_INLINE void storeF16(uint16_t* p, F a) {
    I u = asInt(a);
    I sign = shiftRight<16>(u) & broadcastI(0x8000);
    I m = u & broadcastI(0x7fffffff);
    // Normal range: round at bit 13, then move the exponent down; a carry out of the mantissa is what is wanted.
    I odd = shiftRight<13>(m) & broadcastI(1);
    I normal = shiftRight<13>(m + odd + broadcastI(0xfff - (112 << 23)));
    normal = min(normal, broadcastI(0x7c00));
    // Below 2^-14: adding 0.5 lets the FPU round at 2^-24, and the mantissa bits are the half's bits.
    I denormal = asInt(asFloat(m) + broadcast(0.5f)) - broadcastI(0x3f000000);
    I r = select(lessThan(m, broadcastI(0x38800000)), denormal, normal);
    r = select(lessThan(broadcastI(0x7f7fffff), m), broadcastI(0x7c00), r);
    I nan = broadcastI(0x7e00) | (shiftRight<13>(m) & broadcastI(0x3ff));
    r = select(lessThan(broadcastI(0x7f800000), m), nan, r);
    storeU16(p, r | sign);
}
LATHE_INLINE F loadBf16(const uint16_t* p) { return asFloat(shiftLeft<16>(loadU16(p))); }
LATHE_INLINE void storeBf16(uint16_t* p, F a) {
    I u = asInt(a);
    I rounded = shiftRight<16>(u + broadcastI(0x7fff) + (shiftRight<16>(u) & broadcastI(1)));
    I nan = shiftRight<16>(u) | broadcastI(0x40);
    storeU16(p, select(equal(a, a), rounded, nan));
}
LATHE_INLINE I loadI8(const int8_t* p) {
    I r;
    for (int i = 0; i < 4; ++i) r.lo[i] = p[i], r.hi[i] = p[i + 4];
    return r;
}
LATHE_INLINE I loadU8(const uint8_t* p) {
    I r;
    for (int i = 0; i < 4; ++i) r.lo[i] = p[i], r.hi[i] = p[i + 4];
    return r;
}
LATHE_INLINE void storeI8(int8_t* p, I a) {
    a = min(max(a, broadcastI(-128)), broadcastI(127));
    for (int i = 0; i < 4; ++i) p[i] = static_cast<int8_t>(a.lo[i]), p[i + 4] = static_cast<int8_t>(a.hi[i]);
}
LATHE_INLINE void storeU8(uint8_t* p, I a) {
    a = min(max(a, broadcastI(0)), broadcastI(255));
    for (int i = 0; i < 4; ++i) p[i] = static_cast<uint8_t>(a.lo[i]), p[i + 4] = static_cast<uint8_t>(a.hi[i]);
}

// Lane i is p[2 i]; reads p[0 … 14].
LATHE_INLINE F loadEven(const float* p) { return {F4{p[0], p[2], p[4], p[6]}, F4{p[8], p[10], p[12], p[14]}}; }

// In-place transpose of an 8 x 8 block held in r[0 … 7].
LATHE_INLINE void transpose(F (&r)[8]) {
    alignas(32) float t[8][8];
    for (int i = 0; i < 8; ++i) store(t[i], r[i]);
    for (int i = 0; i < 8; ++i) {
        r[i] = F{F4{t[0][i], t[1][i], t[2][i], t[3][i]}, F4{t[4][i], t[5][i], t[6][i], t[7][i]}};
    }
}

}  // namespace lathe::cpu::LATHE_ISA
