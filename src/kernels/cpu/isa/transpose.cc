// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/transpose.h"

#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace lathe::cpu::LATHE_ISA {
namespace {

// Arrays may be aligned less than their elements' size asks for, so elements move as bytes.
template <class T>
[[gnu::always_inline]] inline void move(T* d, const T* s) {
    __builtin_memcpy(static_cast<void*>(d), static_cast<const void*>(s), sizeof(T));
}

// A micro-kernel transposes a square of kSide elements. This one is for any size and processor.
template <class T>
struct ScalarTile {
    using Element = T;
    static constexpr int kSide = 4;
    static void run(const T* s, int64_t ss, T* d, int64_t ds) {
        for (int r = 0; r < kSide; ++r)
            for (int c = 0; c < kSide; ++c) move(d + c * ds + r, s + r * ss + c);
    }
};

#if defined(__SSE2__)
struct ByteTile {
    using Element = uint8_t;
    static constexpr int kSide = 8;
    static void run(const uint8_t* s, int64_t ss, uint8_t* d, int64_t ds) {
        auto row = [&](int r) { return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(s + r * ss)); };
        __m128i a = _mm_unpacklo_epi8(row(0), row(1)), b = _mm_unpacklo_epi8(row(2), row(3));
        __m128i c = _mm_unpacklo_epi8(row(4), row(5)), e = _mm_unpacklo_epi8(row(6), row(7));
        __m128i ab0 = _mm_unpacklo_epi16(a, b), ab1 = _mm_unpackhi_epi16(a, b);
        __m128i ce0 = _mm_unpacklo_epi16(c, e), ce1 = _mm_unpackhi_epi16(c, e);
        auto put = [&](int r, __m128i v) {
            _mm_storel_epi64(reinterpret_cast<__m128i*>(d + r * ds), v);
            _mm_storel_epi64(reinterpret_cast<__m128i*>(d + (r + 1) * ds), _mm_unpackhi_epi64(v, v));
        };
        put(0, _mm_unpacklo_epi32(ab0, ce0));
        put(2, _mm_unpackhi_epi32(ab0, ce0));
        put(4, _mm_unpacklo_epi32(ab1, ce1));
        put(6, _mm_unpackhi_epi32(ab1, ce1));
    }
};

struct WordTile {
    using Element = uint16_t;
    static constexpr int kSide = 8;
    static void run(const uint16_t* s, int64_t ss, uint16_t* d, int64_t ds) {
        __m128i r[8], t[8];
        for (int i = 0; i < 8; ++i) r[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(s + i * ss));
        for (int i = 0; i < 4; ++i) {
            t[2 * i] = _mm_unpacklo_epi16(r[2 * i], r[2 * i + 1]);
            t[2 * i + 1] = _mm_unpackhi_epi16(r[2 * i], r[2 * i + 1]);
        }
        for (int i = 0; i < 2; ++i)
            for (int half = 0; half < 2; ++half) {
                r[4 * i + 2 * half] = _mm_unpacklo_epi32(t[4 * i + half], t[4 * i + 2 + half]);
                r[4 * i + 2 * half + 1] = _mm_unpackhi_epi32(t[4 * i + half], t[4 * i + 2 + half]);
            }
        for (int i = 0; i < 4; ++i) {
            _mm_storeu_si128(reinterpret_cast<__m128i*>(d + 2 * i * ds), _mm_unpacklo_epi64(r[i], r[i + 4]));
            _mm_storeu_si128(reinterpret_cast<__m128i*>(d + (2 * i + 1) * ds), _mm_unpackhi_epi64(r[i], r[i + 4]));
        }
    }
};
#else
using ByteTile = ScalarTile<uint8_t>;
using WordTile = ScalarTile<uint16_t>;
#endif

#if defined(__AVX__)
struct DwordTile {
    using Element = uint32_t;
    static constexpr int kSide = 8;
    static void run(const uint32_t* s, int64_t ss, uint32_t* d, int64_t ds) {
        // Rows r and r + 4 share a register, so that no permutation crosses halves afterwards.
        auto pair = [&](int r, int c) {
            __m128 lo = _mm_loadu_ps(reinterpret_cast<const float*>(s + r * ss + c));
            __m128 hi = _mm_loadu_ps(reinterpret_cast<const float*>(s + (r + 4) * ss + c));
            return _mm256_insertf128_ps(_mm256_castps128_ps256(lo), hi, 1);
        };
        for (int c = 0; c < 8; c += 4) {
            __m256 r0 = pair(0, c), r1 = pair(1, c), r2 = pair(2, c), r3 = pair(3, c);
            __m256 t0 = _mm256_unpacklo_ps(r0, r1), t1 = _mm256_unpackhi_ps(r0, r1);
            __m256 t2 = _mm256_unpacklo_ps(r2, r3), t3 = _mm256_unpackhi_ps(r2, r3);
            float* out = reinterpret_cast<float*>(d + c * ds);
            _mm256_storeu_ps(out, _mm256_shuffle_ps(t0, t2, 0x44));
            _mm256_storeu_ps(out + ds, _mm256_shuffle_ps(t0, t2, 0xee));
            _mm256_storeu_ps(out + 2 * ds, _mm256_shuffle_ps(t1, t3, 0x44));
            _mm256_storeu_ps(out + 3 * ds, _mm256_shuffle_ps(t1, t3, 0xee));
        }
    }
};

struct QwordTile {
    using Element = uint64_t;
    static constexpr int kSide = 4;
    static void run(const uint64_t* s, int64_t ss, uint64_t* d, int64_t ds) {
        for (int c = 0; c < 4; c += 2) {
            auto pair = [&](int r) {
                __m128d lo = _mm_loadu_pd(reinterpret_cast<const double*>(s + r * ss + c));
                __m128d hi = _mm_loadu_pd(reinterpret_cast<const double*>(s + (r + 2) * ss + c));
                return _mm256_insertf128_pd(_mm256_castpd128_pd256(lo), hi, 1);
            };
            __m256d r0 = pair(0), r1 = pair(1);
            _mm256_storeu_pd(reinterpret_cast<double*>(d + c * ds), _mm256_unpacklo_pd(r0, r1));
            _mm256_storeu_pd(reinterpret_cast<double*>(d + (c + 1) * ds), _mm256_unpackhi_pd(r0, r1));
        }
    }
};
#elif defined(__SSE2__)
struct DwordTile {
    using Element = uint32_t;
    static constexpr int kSide = 4;
    static void run(const uint32_t* s, int64_t ss, uint32_t* d, int64_t ds) {
        auto row = [&](int r) { return _mm_loadu_ps(reinterpret_cast<const float*>(s + r * ss)); };
        __m128 r0 = row(0), r1 = row(1), r2 = row(2), r3 = row(3);
        _MM_TRANSPOSE4_PS(r0, r1, r2, r3);
        auto put = [&](int r, __m128 v) { _mm_storeu_ps(reinterpret_cast<float*>(d + r * ds), v); };
        put(0, r0), put(1, r1), put(2, r2), put(3, r3);
    }
};
using QwordTile = ScalarTile<uint64_t>;
#else
using DwordTile = ScalarTile<uint32_t>;
using QwordTile = ScalarTile<uint64_t>;
#endif

// A cache line of source columns is finished, kSide rows at a time, before the next one is begun.
template <class Tile>
void transpose(const void* src, int64_t ss, void* dst, int64_t ds, int64_t rows, int64_t cols) {
    using T = typename Tile::Element;
    constexpr int kSide = Tile::kSide;
    constexpr int64_t kBlock = 64 / sizeof(T) > kSide ? 64 / sizeof(T) : kSide;
    const T* s = static_cast<const T*>(src);
    T* d = static_cast<T*>(dst);
    int64_t wholeRows = rows - rows % kSide, wholeCols = cols - cols % kSide;
    for (int64_t c0 = 0; c0 < wholeCols; c0 += kBlock) {
        int64_t end = c0 + kBlock < wholeCols ? c0 + kBlock : wholeCols;
        for (int64_t r = 0; r < wholeRows; r += kSide)
            for (int64_t c = c0; c < end; c += kSide) Tile::run(s + r * ss + c, ss, d + c * ds + r, ds);
    }
    for (int64_t r = 0; r < rows; ++r)
        for (int64_t c = wholeCols; c < cols; ++c) move(d + c * ds + r, s + r * ss + c);
    for (int64_t c = 0; c < wholeCols; ++c)
        for (int64_t r = wholeRows; r < rows; ++r) move(d + c * ds + r, s + r * ss + c);
}

}  // namespace

extern const TransposeTable transposeTable;
constinit const TransposeTable transposeTable = {&transpose<ByteTile>, &transpose<WordTile>, &transpose<DwordTile>,
                                                 &transpose<QwordTile>};

}  // namespace lathe::cpu::LATHE_ISA
