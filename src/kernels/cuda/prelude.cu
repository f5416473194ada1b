// Types and small functions that every kernel's text begins with (after params.h). No headers.
typedef unsigned char u8;
typedef signed char i8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef int i32;
typedef long long i64;
typedef unsigned long long u64;
typedef float f32;
typedef unsigned char boolean;
struct f16 { u16 x; };
struct bf16 { u16 x; };
struct f8 { u8 x; };
struct raw16 { u64 x, y; };

#define DEV __device__ __forceinline__

DEV float fromBits(u32 u) { return __int_as_float(static_cast<int>(u)); }
DEV u32 bitsOf(float f) { return static_cast<u32>(__float_as_int(f)); }
DEV float infinity() { return fromBits(0x7f800000u); }
DEV float quietNan() { return fromBits(0x7fc00000u); }

DEV float toF32(f32 v) { return v; }
DEV float toF32(f16 v) {
    float f;
    asm("cvt.f32.f16 %0, %1;" : "=f"(f) : "h"(v.x));
    return f;
}
DEV float toF32(bf16 v) { return fromBits(static_cast<u32>(v.x) << 16); }
DEV float toF32(f8 v) {
    u32 sign = static_cast<u32>(v.x & 0x80u) << 24, e = v.x >> 3 & 15u, m = v.x & 7u;
    if (e == 15u && m == 7u) return quietNan();
    if (e == 0u) return fromBits(bitsOf(static_cast<float>(m) * 0.001953125f) | sign);
    return fromBits(sign | (e + 120u) << 23 | m << 20);
}

template <class X>
DEV X fromF32(float v);
template <>
DEV f32 fromF32<f32>(float v) { return v; }
template <>
DEV f16 fromF32<f16>(float v) {
    f16 r;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(r.x) : "f"(v));
    return r;
}
template <>
DEV bf16 fromF32<bf16>(float v) {
    bf16 r;
#if __CUDA_ARCH__ >= 800
    asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(r.x) : "f"(v));
#else
    u32 u = bitsOf(v);
    r.x = static_cast<u16>((u & 0x7fffffffu) > 0x7f800000u ? u >> 16 | 0x40u : (u + 0x7fffu + (u >> 16 & 1u)) >> 16);
#endif
    return r;
}
// Out of range saturates to 448, NaN is 0x7f; ties to even.
template <>
DEV f8 fromF32<f8>(float v) {
    f8 r;
    u32 sign = bitsOf(v) >> 24 & 0x80u;
    float a = fabsf(v);
    if (!(a == a)) {
        r.x = 0x7f;
    } else if (a >= 464.0f) {
        r.x = static_cast<u8>(sign | 0x7eu);
    } else if (a < 0.015625f) {
        r.x = static_cast<u8>(sign | static_cast<u32>(rintf(a * 512.0f)));
    } else {
        u32 u = bitsOf(a);
        u = (u + 0x7ffffu + (u >> 20 & 1u)) >> 20;
        u -= 120u << 3;
        r.x = static_cast<u8>(sign | (u > 0x7eu ? 0x7eu : u));
    }
    return r;
}
template <class X>
DEV float roundTo(float v) { return toF32(fromF32<X>(v)); }

// Two floats as the two halves of a register, the first in the lower one.
template <class X>
DEV u32 pack2(float a, float b) {
    return static_cast<u32>(fromF32<X>(a).x) | static_cast<u32>(fromF32<X>(b).x) << 16;
}

constexpr int alignmentOf(int bytes) { return bytes >= 16 ? 16 : bytes >= 8 ? 8 : bytes >= 4 ? 4 : bytes >= 2 ? 2 : 1; }
// kN elements that move together.
template <class X, int kN>
struct alignas(alignmentOf(static_cast<int>(sizeof(X)) * kN)) Pack { X v[kN]; };
template <class X, int kN>
DEV Pack<X, kN> loadPack(const void* p, i64 at) { return *reinterpret_cast<const Pack<X, kN>*>(static_cast<const X*>(p) + at); }
template <class X, int kN>
DEV void storePack(void* p, i64 at, const Pack<X, kN>& v) { *reinterpret_cast<Pack<X, kN>*>(static_cast<X*>(p) + at) = v; }

DEV u32 divide(u32 n, const FastDivide& d) { return d.multiplier ? __umulhi(n, d.multiplier) >> d.shift : n; }

DEV float warpSum(float v) {
#pragma unroll
    for (int d = 16; d > 0; d >>= 1) v += __shfl_xor_sync(0xffffffffu, v, d);
    return v;
}
// Of two zeros the positive (negative) one; NaN wins over all.
DEV float maxNan(float a, float b) {
#if __CUDA_ARCH__ >= 800
    float r;
    asm("max.NaN.f32 %0, %1, %2;" : "=f"(r) : "f"(a), "f"(b));
    return r;
#else
    return !(a == a) || !(b == b) ? quietNan() : fmaxf(a, b);
#endif
}
DEV float minNan(float a, float b) {
#if __CUDA_ARCH__ >= 800
    float r;
    asm("min.NaN.f32 %0, %1, %2;" : "=f"(r) : "f"(a), "f"(b));
    return r;
#else
    return !(a == a) || !(b == b) ? quietNan() : fminf(a, b);
#endif
}
DEV float warpMax(float v) {
#pragma unroll
    for (int d = 16; d > 0; d >>= 1) v = maxNan(v, __shfl_xor_sync(0xffffffffu, v, d));
    return v;
}

DEV float exp2Fast(float x) {
    float r;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(r) : "f"(x));
    return r;
}
// e^x for x <= 0 with an error of a few 2^-22 of e^x per unit of x: enough for results of 16 bits.
DEV float expFast(float x) { return exp2Fast(x * 1.4426950408889634f); }

DEV float sigmoid(float x) { return 1.0f / (1.0f + expf(-x)); }
DEV float softplus(float x) { return fmaxf(x, 0.0f) + log1pf(expf(-fabsf(x))); }
DEV float geluErf(float x) { return 0.5f * x * (1.0f + erff(x * 0.70710678118654752f)); }
DEV float geluTanh(float x) { return 0.5f * x * (1.0f + tanhf(0.79788456080286536f * (x + 0.044715f * x * x * x))); }
DEV float mish(float x) { return x * tanhf(softplus(x)); }
