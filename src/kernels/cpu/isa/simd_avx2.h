// SPDX-License-Identifier: Apache-2.0
// simd.h for AVX2 + FMA + F16C. Included by simd.h only.
#pragma once

namespace lathe::cpu::LATHE_ISA {

inline constexpr int kLanes = 8;
inline constexpr int kRegisters = 16;

struct F {
    __m256 v;
};
struct I {
    __m256i v;
};
struct M {
    __m256i v;  // all ones or all zeros in each lane
};

LATHE_INLINE F broadcast(float v) { return {_mm256_set1_ps(v)}; }
LATHE_INLINE F broadcastAt(const float* p) { return {_mm256_broadcast_ss(p)}; }
LATHE_INLINE I broadcastI(int32_t v) { return {_mm256_set1_epi32(v)}; }
LATHE_INLINE F zero() { return {_mm256_setzero_ps()}; }

// Lanes 0 … n - 1. Sliding over a table of eight ones and eight zeros.
alignas(64) static constexpr int32_t kMaskTable[16] = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};
LATHE_INLINE M firstN(int n) { return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(kMaskTable + 8 - n))}; }

LATHE_INLINE F load(const float* p) { return {_mm256_loadu_ps(p)}; }
LATHE_INLINE F load(const float* p, M m) { return {_mm256_maskload_ps(p, m.v)}; }
LATHE_INLINE F loadN(const float* p, int n) { return load(p, firstN(n)); }
LATHE_INLINE void store(float* p, F a) { _mm256_storeu_ps(p, a.v); }
LATHE_INLINE void store(float* p, F a, M m) { _mm256_maskstore_ps(p, m.v, a.v); }
LATHE_INLINE void storeN(float* p, F a, int n) { store(p, a, firstN(n)); }
LATHE_INLINE void storeStream(float* p, F a) { _mm256_stream_ps(p, a.v); }
LATHE_INLINE I load(const int32_t* p) { return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p))}; }
LATHE_INLINE I loadN(const int32_t* p, int n) { return {_mm256_maskload_epi32(p, firstN(n).v)}; }
LATHE_INLINE void store(int32_t* p, I a) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), a.v); }
LATHE_INLINE void storeN(int32_t* p, I a, int n) { _mm256_maskstore_epi32(p, firstN(n).v, a.v); }

LATHE_INLINE F operator+(F a, F b) { return {_mm256_add_ps(a.v, b.v)}; }
LATHE_INLINE F operator-(F a, F b) { return {_mm256_sub_ps(a.v, b.v)}; }
LATHE_INLINE F operator*(F a, F b) { return {_mm256_mul_ps(a.v, b.v)}; }
LATHE_INLINE F operator/(F a, F b) { return {_mm256_div_ps(a.v, b.v)}; }
LATHE_INLINE F fma(F a, F b, F c) { return {_mm256_fmadd_ps(a.v, b.v, c.v)}; }    // a b + c
LATHE_INLINE F fnma(F a, F b, F c) { return {_mm256_fnmadd_ps(a.v, b.v, c.v)}; }  // c - a b
// acc += a b. By name, because GCC 12 picks forms of the instruction that cost register moves in unrolled tiles (7 % of
// a 6 x 16 tile's speed, measured).
LATHE_INLINE void accumulate(F& acc, F a, F b) { __asm__("vfmadd231ps %1, %2, %0" : "+x"(acc.v) : "x"(b.v), "x"(a.v)); }
LATHE_INLINE F min(F a, F b) { return {_mm256_min_ps(a.v, b.v)}; }
LATHE_INLINE F max(F a, F b) { return {_mm256_max_ps(a.v, b.v)}; }
LATHE_INLINE F sqrt(F a) { return {_mm256_sqrt_ps(a.v)}; }
LATHE_INLINE F round(F a) { return {_mm256_round_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)}; }
LATHE_INLINE F floor(F a) { return {_mm256_floor_ps(a.v)}; }
LATHE_INLINE F ceil(F a) { return {_mm256_ceil_ps(a.v)}; }
LATHE_INLINE F abs(F a) { return {_mm256_andnot_ps(_mm256_set1_ps(-0.0f), a.v)}; }
LATHE_INLINE F copySign(F magnitude, F sign) {
    __m256 bit = _mm256_set1_ps(-0.0f);
    return {_mm256_or_ps(_mm256_andnot_ps(bit, magnitude.v), _mm256_and_ps(bit, sign.v))};
}

LATHE_INLINE I operator+(I a, I b) { return {_mm256_add_epi32(a.v, b.v)}; }
LATHE_INLINE I operator-(I a, I b) { return {_mm256_sub_epi32(a.v, b.v)}; }
LATHE_INLINE I operator*(I a, I b) { return {_mm256_mullo_epi32(a.v, b.v)}; }
LATHE_INLINE I operator&(I a, I b) { return {_mm256_and_si256(a.v, b.v)}; }
LATHE_INLINE I operator|(I a, I b) { return {_mm256_or_si256(a.v, b.v)}; }
LATHE_INLINE I min(I a, I b) { return {_mm256_min_epi32(a.v, b.v)}; }
LATHE_INLINE I max(I a, I b) { return {_mm256_max_epi32(a.v, b.v)}; }
template <int kBits>
LATHE_INLINE I shiftLeft(I a) {
    return {_mm256_slli_epi32(a.v, kBits)};
}
template <int kBits>
LATHE_INLINE I shiftRightArith(I a) {
    return {_mm256_srai_epi32(a.v, kBits)};
}
template <int kBits>
LATHE_INLINE I shiftRight(I a) {
    return {_mm256_srli_epi32(a.v, kBits)};
}
LATHE_INLINE F asFloat(I a) { return {_mm256_castsi256_ps(a.v)}; }
LATHE_INLINE I asInt(F a) { return {_mm256_castps_si256(a.v)}; }
LATHE_INLINE F toFloat(I a) { return {_mm256_cvtepi32_ps(a.v)}; }
LATHE_INLINE I toInt(F a) { return {_mm256_cvtps_epi32(a.v)}; }           // nearest, ties to even
LATHE_INLINE I toIntTruncate(F a) { return {_mm256_cvttps_epi32(a.v)}; }  // towards zero

LATHE_INLINE M lessThan(F a, F b) { return {_mm256_castps_si256(_mm256_cmp_ps(a.v, b.v, _CMP_LT_OQ))}; }
LATHE_INLINE M lessEqual(F a, F b) { return {_mm256_castps_si256(_mm256_cmp_ps(a.v, b.v, _CMP_LE_OQ))}; }
LATHE_INLINE M equal(F a, F b) { return {_mm256_castps_si256(_mm256_cmp_ps(a.v, b.v, _CMP_EQ_OQ))}; }
LATHE_INLINE M equal(I a, I b) { return {_mm256_cmpeq_epi32(a.v, b.v)}; }
LATHE_INLINE M lessThan(I a, I b) { return {_mm256_cmpgt_epi32(b.v, a.v)}; }
LATHE_INLINE M operator&(M a, M b) { return {_mm256_and_si256(a.v, b.v)}; }
LATHE_INLINE M operator|(M a, M b) { return {_mm256_or_si256(a.v, b.v)}; }
LATHE_INLINE F select(M m, F yes, F no) { return {_mm256_blendv_ps(no.v, yes.v, _mm256_castsi256_ps(m.v))}; }
LATHE_INLINE I select(M m, I yes, I no) { return {_mm256_blendv_epi8(no.v, yes.v, m.v)}; }
LATHE_INLINE uint32_t bits(M m) { return static_cast<uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(m.v))); }

LATHE_INLINE float reduceAdd(F a) {
    __m128 s = _mm_add_ps(_mm256_castps256_ps128(a.v), _mm256_extractf128_ps(a.v, 1));
    s = _mm_add_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
}
LATHE_INLINE float reduceMax(F a) {
    __m128 s = _mm_max_ps(_mm256_castps256_ps128(a.v), _mm256_extractf128_ps(a.v, 1));
    s = _mm_max_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_max_ss(s, _mm_movehdup_ps(s)));
}
LATHE_INLINE float reduceMin(F a) {
    __m128 s = _mm_min_ps(_mm256_castps256_ps128(a.v), _mm256_extractf128_ps(a.v, 1));
    s = _mm_min_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_min_ss(s, _mm_movehdup_ps(s)));
}

// Conversions. Half and bfloat16 go by their bits; narrowing rounds to nearest even; integers saturate.
LATHE_INLINE F loadF16(const uint16_t* p) {
    return {_mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)))};
}
LATHE_INLINE void storeF16(uint16_t* p, F a) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm256_cvtps_ph(a.v, _MM_FROUND_TO_NEAREST_INT));
}
LATHE_INLINE F loadBf16(const uint16_t* p) {
    __m256i w = _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
    return {_mm256_castsi256_ps(_mm256_slli_epi32(w, 16))};
}
LATHE_INLINE void storeBf16(uint16_t* p, F a) {
    __m256i u = _mm256_castps_si256(a.v);
    __m256i odd = _mm256_and_si256(_mm256_srli_epi32(u, 16), _mm256_set1_epi32(1));
    __m256i rounded = _mm256_srli_epi32(_mm256_add_epi32(u, _mm256_add_epi32(odd, _mm256_set1_epi32(0x7fff))), 16);
    __m256i quiet = _mm256_or_si256(_mm256_srli_epi32(u, 16), _mm256_set1_epi32(0x40));
    __m256i nan = _mm256_castps_si256(_mm256_cmp_ps(a.v, a.v, _CMP_UNORD_Q));
    __m256i r = _mm256_blendv_epi8(rounded, quiet, nan);
    r = _mm256_permute4x64_epi64(_mm256_packus_epi32(r, r), 0x08);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm256_castsi256_si128(r));
}
LATHE_INLINE I loadI8(const int8_t* p) {
    return {_mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)))};
}
LATHE_INLINE I loadU8(const uint8_t* p) {
    return {_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)))};
}
LATHE_INLINE void storeI8(int8_t* p, I a) {
    __m128i w = _mm_packs_epi32(_mm256_castsi256_si128(a.v), _mm256_extracti128_si256(a.v, 1));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(p), _mm_packs_epi16(w, w));
}
LATHE_INLINE void storeU8(uint8_t* p, I a) {
    __m128i w = _mm_packs_epi32(_mm256_castsi256_si128(a.v), _mm256_extracti128_si256(a.v, 1));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(p), _mm_packus_epi16(w, w));
}

// Lane i is p[2 i]; reads p[0 … 14].
LATHE_INLINE F loadEven(const float* p) {
    __m256 s = _mm256_shuffle_ps(_mm256_loadu_ps(p), _mm256_loadu_ps(p + 7), 0xd8);
    return {_mm256_castpd_ps(_mm256_permute4x64_pd(_mm256_castps_pd(s), 0xd8))};
}

// In-place transpose of an 8 x 8 block held in r[0 … 7].
LATHE_INLINE void transpose(F (&r)[8]) {
    __m256 t[8], s[8];
    LATHE_UNROLL
    for (int i = 0; i < 4; ++i) {
        t[2 * i] = _mm256_unpacklo_ps(r[2 * i].v, r[2 * i + 1].v);
        t[2 * i + 1] = _mm256_unpackhi_ps(r[2 * i].v, r[2 * i + 1].v);
    }
    LATHE_UNROLL
    for (int i = 0; i < 2; ++i) {
        s[4 * i] = _mm256_shuffle_ps(t[4 * i], t[4 * i + 2], 0x44);
        s[4 * i + 1] = _mm256_shuffle_ps(t[4 * i], t[4 * i + 2], 0xee);
        s[4 * i + 2] = _mm256_shuffle_ps(t[4 * i + 1], t[4 * i + 3], 0x44);
        s[4 * i + 3] = _mm256_shuffle_ps(t[4 * i + 1], t[4 * i + 3], 0xee);
    }
    LATHE_UNROLL
    for (int i = 0; i < 4; ++i) {
        r[i].v = _mm256_permute2f128_ps(s[i], s[i + 4], 0x20);
        r[i + 4].v = _mm256_permute2f128_ps(s[i], s[i + 4], 0x31);
    }
}

}  // namespace lathe::cpu::LATHE_ISA
