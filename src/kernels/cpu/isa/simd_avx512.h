// SPDX-License-Identifier: Apache-2.0
// simd.h for AVX-512 F, BW, DQ, VL. Included by simd.h only.
#pragma once

namespace lathe::cpu::LATHE_ISA {

inline constexpr int kLanes = 16;
inline constexpr int kRegisters = 32;

struct F {
    __m512 v;
};
struct I {
    __m512i v;
};
struct M {
    __mmask16 v;
};

LATHE_INLINE F broadcast(float v) { return {_mm512_set1_ps(v)}; }
LATHE_INLINE F broadcastAt(const float* p) { return {_mm512_set1_ps(*p)}; }
LATHE_INLINE I broadcastI(int32_t v) { return {_mm512_set1_epi32(v)}; }
LATHE_INLINE F zero() { return {_mm512_setzero_ps()}; }

LATHE_INLINE M firstN(int n) { return {static_cast<__mmask16>((1u << n) - 1)}; }  // lanes 0 … n - 1

LATHE_INLINE F load(const float* p) { return {_mm512_loadu_ps(p)}; }
LATHE_INLINE F load(const float* p, M m) { return {_mm512_maskz_loadu_ps(m.v, p)}; }
LATHE_INLINE F loadN(const float* p, int n) { return load(p, firstN(n)); }
LATHE_INLINE void store(float* p, F a) { _mm512_storeu_ps(p, a.v); }
LATHE_INLINE void store(float* p, F a, M m) { _mm512_mask_storeu_ps(p, m.v, a.v); }
LATHE_INLINE void storeN(float* p, F a, int n) { store(p, a, firstN(n)); }
LATHE_INLINE void storeStream(float* p, F a) { _mm512_stream_ps(p, a.v); }
LATHE_INLINE I load(const int32_t* p) { return {_mm512_loadu_si512(p)}; }
LATHE_INLINE I loadN(const int32_t* p, int n) { return {_mm512_maskz_loadu_epi32(firstN(n).v, p)}; }
LATHE_INLINE void store(int32_t* p, I a) { _mm512_storeu_si512(p, a.v); }
LATHE_INLINE void storeN(int32_t* p, I a, int n) { _mm512_mask_storeu_epi32(p, firstN(n).v, a.v); }

LATHE_INLINE F operator+(F a, F b) { return {_mm512_add_ps(a.v, b.v)}; }
LATHE_INLINE F operator-(F a, F b) { return {_mm512_sub_ps(a.v, b.v)}; }
LATHE_INLINE F operator*(F a, F b) { return {_mm512_mul_ps(a.v, b.v)}; }
LATHE_INLINE F operator/(F a, F b) { return {_mm512_div_ps(a.v, b.v)}; }
LATHE_INLINE F fma(F a, F b, F c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }    // a b + c
LATHE_INLINE F fnma(F a, F b, F c) { return {_mm512_fnmadd_ps(a.v, b.v, c.v)}; }  // c - a b
// acc += a b. By name, because GCC 12 picks forms of the instruction that cost register moves in unrolled tiles (7 % of
// a 6 x 16 tile's speed, measured).
LATHE_INLINE void accumulate(F& acc, F a, F b) { __asm__("vfmadd231ps %1, %2, %0" : "+v"(acc.v) : "v"(b.v), "v"(a.v)); }
LATHE_INLINE F min(F a, F b) { return {_mm512_min_ps(a.v, b.v)}; }
LATHE_INLINE F max(F a, F b) { return {_mm512_max_ps(a.v, b.v)}; }
LATHE_INLINE F sqrt(F a) { return {_mm512_sqrt_ps(a.v)}; }
LATHE_INLINE F round(F a) { return {_mm512_roundscale_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)}; }
LATHE_INLINE F floor(F a) { return {_mm512_roundscale_ps(a.v, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC)}; }
LATHE_INLINE F ceil(F a) { return {_mm512_roundscale_ps(a.v, _MM_FROUND_TO_POS_INF | _MM_FROUND_NO_EXC)}; }
LATHE_INLINE F abs(F a) { return {_mm512_abs_ps(a.v)}; }
LATHE_INLINE F copySign(F magnitude, F sign) {
    __m512 bit = _mm512_set1_ps(-0.0f);
    return {_mm512_or_ps(_mm512_andnot_ps(bit, magnitude.v), _mm512_and_ps(bit, sign.v))};
}

LATHE_INLINE I operator+(I a, I b) { return {_mm512_add_epi32(a.v, b.v)}; }
LATHE_INLINE I operator-(I a, I b) { return {_mm512_sub_epi32(a.v, b.v)}; }
LATHE_INLINE I operator*(I a, I b) { return {_mm512_mullo_epi32(a.v, b.v)}; }
LATHE_INLINE I operator&(I a, I b) { return {_mm512_and_si512(a.v, b.v)}; }
LATHE_INLINE I operator|(I a, I b) { return {_mm512_or_si512(a.v, b.v)}; }
LATHE_INLINE I min(I a, I b) { return {_mm512_min_epi32(a.v, b.v)}; }
LATHE_INLINE I max(I a, I b) { return {_mm512_max_epi32(a.v, b.v)}; }
template <int kBits>
LATHE_INLINE I shiftLeft(I a) {
    return {_mm512_slli_epi32(a.v, kBits)};
}
template <int kBits>
LATHE_INLINE I shiftRightArith(I a) {
    return {_mm512_srai_epi32(a.v, kBits)};
}
template <int kBits>
LATHE_INLINE I shiftRight(I a) {
    return {_mm512_srli_epi32(a.v, kBits)};
}
LATHE_INLINE F asFloat(I a) { return {_mm512_castsi512_ps(a.v)}; }
LATHE_INLINE I asInt(F a) { return {_mm512_castps_si512(a.v)}; }
LATHE_INLINE F toFloat(I a) { return {_mm512_cvtepi32_ps(a.v)}; }
LATHE_INLINE I toInt(F a) { return {_mm512_cvtps_epi32(a.v)}; }           // nearest, ties to even
LATHE_INLINE I toIntTruncate(F a) { return {_mm512_cvttps_epi32(a.v)}; }  // towards zero

LATHE_INLINE M lessThan(F a, F b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_LT_OQ)}; }
LATHE_INLINE M lessEqual(F a, F b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_LE_OQ)}; }
LATHE_INLINE M equal(F a, F b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_EQ_OQ)}; }
LATHE_INLINE M equal(I a, I b) { return {_mm512_cmpeq_epi32_mask(a.v, b.v)}; }
LATHE_INLINE M lessThan(I a, I b) { return {_mm512_cmplt_epi32_mask(a.v, b.v)}; }
LATHE_INLINE M operator&(M a, M b) { return {static_cast<__mmask16>(a.v & b.v)}; }
LATHE_INLINE M operator|(M a, M b) { return {static_cast<__mmask16>(a.v | b.v)}; }
LATHE_INLINE F select(M m, F yes, F no) { return {_mm512_mask_blend_ps(m.v, no.v, yes.v)}; }
LATHE_INLINE I select(M m, I yes, I no) { return {_mm512_mask_blend_epi32(m.v, no.v, yes.v)}; }
LATHE_INLINE uint32_t bits(M m) { return m.v; }

LATHE_INLINE float reduceAdd(F a) { return _mm512_reduce_add_ps(a.v); }
LATHE_INLINE float reduceMax(F a) { return _mm512_reduce_max_ps(a.v); }
LATHE_INLINE float reduceMin(F a) { return _mm512_reduce_min_ps(a.v); }

// Conversions. Half and bfloat16 go by their bits; narrowing rounds to nearest even; integers saturate.
LATHE_INLINE F loadF16(const uint16_t* p) {
    return {_mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)))};
}
LATHE_INLINE void storeF16(uint16_t* p, F a) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm512_cvtps_ph(a.v, _MM_FROUND_TO_NEAREST_INT));
}
LATHE_INLINE F loadBf16(const uint16_t* p) {
    __m512i w = _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
    return {_mm512_castsi512_ps(_mm512_slli_epi32(w, 16))};
}
LATHE_INLINE void storeBf16(uint16_t* p, F a) {
    __m512i u = _mm512_castps_si512(a.v);
    __m512i odd = _mm512_and_si512(_mm512_srli_epi32(u, 16), _mm512_set1_epi32(1));
    __m512i rounded = _mm512_srli_epi32(_mm512_add_epi32(u, _mm512_add_epi32(odd, _mm512_set1_epi32(0x7fff))), 16);
    __m512i quiet = _mm512_or_si512(_mm512_srli_epi32(u, 16), _mm512_set1_epi32(0x40));
    __m512i r = _mm512_mask_blend_epi32(_mm512_cmp_ps_mask(a.v, a.v, _CMP_UNORD_Q), rounded, quiet);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm512_cvtepi32_epi16(r));
}
LATHE_INLINE I loadI8(const int8_t* p) {
    return {_mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)))};
}
LATHE_INLINE I loadU8(const uint8_t* p) {
    return {_mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)))};
}
LATHE_INLINE void storeI8(int8_t* p, I a) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_cvtsepi32_epi8(a.v));
}
LATHE_INLINE void storeU8(uint8_t* p, I a) {
    __m512i nonNegative = _mm512_max_epi32(a.v, _mm512_setzero_si512());
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_cvtusepi32_epi8(nonNegative));
}

// Lane i is p[2 i]; reads p[0 … 30].
LATHE_INLINE F loadEven(const float* p) {
    __m512i index = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 17, 19, 21, 23, 25, 27, 29, 31);
    return {_mm512_permutex2var_ps(_mm512_loadu_ps(p), index, _mm512_loadu_ps(p + 15))};
}

// In-place transpose of a 16 x 16 block held in r[0 … 15].
LATHE_INLINE void transpose(F (&r)[16]) {
    __m512 t[16], s[16];
    LATHE_UNROLL
    for (int i = 0; i < 8; ++i) {
        t[2 * i] = _mm512_unpacklo_ps(r[2 * i].v, r[2 * i + 1].v);
        t[2 * i + 1] = _mm512_unpackhi_ps(r[2 * i].v, r[2 * i + 1].v);
    }
    // s[4 g + j]: columns j, j + 4, j + 8, j + 12 of rows 4 g … 4 g + 3.
    LATHE_UNROLL
    for (int g = 0; g < 4; ++g) {
        s[4 * g] = _mm512_shuffle_ps(t[4 * g], t[4 * g + 2], 0x44);
        s[4 * g + 1] = _mm512_shuffle_ps(t[4 * g], t[4 * g + 2], 0xee);
        s[4 * g + 2] = _mm512_shuffle_ps(t[4 * g + 1], t[4 * g + 3], 0x44);
        s[4 * g + 3] = _mm512_shuffle_ps(t[4 * g + 1], t[4 * g + 3], 0xee);
    }
    LATHE_UNROLL
    for (int j = 0; j < 4; ++j) {
        __m512 a = _mm512_shuffle_f32x4(s[j], s[4 + j], 0x88), b = _mm512_shuffle_f32x4(s[8 + j], s[12 + j], 0x88);
        __m512 c = _mm512_shuffle_f32x4(s[j], s[4 + j], 0xdd), d = _mm512_shuffle_f32x4(s[8 + j], s[12 + j], 0xdd);
        r[j].v = _mm512_shuffle_f32x4(a, b, 0x88);
        r[8 + j].v = _mm512_shuffle_f32x4(a, b, 0xdd);
        r[4 + j].v = _mm512_shuffle_f32x4(c, d, 0x88);
        r[12 + j].v = _mm512_shuffle_f32x4(c, d, 0xdd);
    }
}

}  // namespace lathe::cpu::LATHE_ISA
