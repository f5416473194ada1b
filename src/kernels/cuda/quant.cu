// Quantization, and exact products of 8-bit integers.
struct i4 { u8 x; };
struct f4 { u8 x; };
struct e8m0 { u8 x; };

// Element i of storage, also of types of half a byte (the first in the low half).
template <class X> DEV double elementAt(const void* p, i64 i) { return toNumber(static_cast<const X*>(p)[i]); }
template <> DEV double elementAt<i4>(const void* p, i64 i) {
    int v = static_cast<const u8*>(p)[i / 2] >> (i & 1) * 4 & 15;
    return static_cast<double>(v >= 8 ? v - 16 : v);
}
template <> DEV double elementAt<f4>(const void* p, i64 i) {
    int v = static_cast<const u8*>(p)[i / 2] >> (i & 1) * 4 & 15, m = v & 7;
    double size = m < 4 ? 0.5 * m : m == 4 ? 2.0 : m == 5 ? 3.0 : m == 6 ? 4.0 : 6.0;
    return v & 8 ? -size : size;
}
template <> DEV double elementAt<e8m0>(const void* p, i64 i) {
    u32 e = static_cast<const u8*>(p)[i];
    return e == 255u ? static_cast<double>(quietNan()) : ldexp(1.0, static_cast<int>(e) - 127);
}
// To the nearest of 0, 0.5, 1, 1.5, 2, 3, 4, 6, halves to the even code; NaN to the last.
DEV u32 f4Of(float v) {
    float a = fabsf(v);
    u32 code = a <= 0.25f ? 0u : a < 0.75f ? 1u : a <= 1.25f ? 2u : a < 1.75f ? 3u : a <= 2.5f ? 4u : a < 3.5f ? 5u : a <= 5.0f ? 6u : 7u;
    return code | (bitsOf(v) >> 31 ? 8u : 0u);
}
// Where the scale of element i is. n: 0 inner, 1 extent of the axis, 2 block size (0: none), 3 there is one scale alone.
DEV i64 scaleAt(const SmallParams& p, i64 i) {
    if (p.n[3]) return 0;
    i64 along = i / p.n[0] % p.n[1];
    if (p.n[2] == 0) return along;
    return (i / (p.n[0] * p.n[1]) * ((p.n[1] + p.n[2] - 1) / p.n[2]) + along / p.n[2]) * p.n[0] + i % p.n[0];
}

#ifdef QUANTIZE
// KIND: 0 i8, 1 u8, 2 i4, 3 f8, 4 f8 without saturation, 5 f4. An item an element, of types of half a byte two. n: 4 elements.
// data: 0 x (X), 1 scale (S), 2 zero point (Z, may be null), 3 y.
DEV u32 quantized(const SmallParams& p, i64 i) {
    i64 s = scaleAt(p, i);
    float quotient = static_cast<float>(elementAt<X>(p.data[0], i)) / static_cast<float>(elementAt<S>(p.data[1], s));
#if KIND <= 2
    double zero = p.data[2] ? elementAt<Z>(p.data[2], s) : 0.0;
    double q = quotient == quotient ? rint(static_cast<double>(quotient)) : 0.0;
    q = fmin(fmax(q, -1e9), 1e9) + zero;
    const double low = KIND == 0 ? -128.0 : KIND == 1 ? 0.0 : -8.0, high = KIND == 0 ? 127.0 : KIND == 1 ? 255.0 : 7.0;
    return static_cast<u32>(static_cast<int>(fmin(fmax(q, low), high)));
#elif KIND == 5
    return f4Of(quotient);
#else
    if (KIND == 4 && !(fabsf(quotient) <= 464.0f)) return 0x7fu;
    return fromF32<f8>(quotient).x;
#endif
}
extern "C" __global__ void __launch_bounds__(256) quantize(const SmallParams p) {
    i64 e = itemOf();
    if (e >= p.items) return;
#if KIND == 2 || KIND == 5
    u32 v = quantized(p, e * 2) & 15u;
    if (e * 2 + 1 < p.n[4]) v |= (quantized(p, e * 2 + 1) & 15u) << 4;
    out<u8>(p, 3)[e] = static_cast<u8>(v);
#else
    out<u8>(p, 3)[e] = static_cast<u8>(quantized(p, e));
#endif
}
#endif

#ifdef DEQUANTIZE
// (x - zero) * scale. data as above, y of type T.
extern "C" __global__ void __launch_bounds__(256) dequantize(const SmallParams p) {
    i64 e = itemOf();
    if (e >= p.items) return;
    i64 s = scaleAt(p, e);
    double v = elementAt<X>(p.data[0], e);
    if (p.data[2]) v -= elementAt<Z>(p.data[2], s);
    out<T>(p, 3)[e] = ofNumber<T>(v * elementAt<S>(p.data[1], s));
}
#endif

#if defined(BLOCK_SCALES) || defined(BLOCK_QUANTIZE)
// Blocks of a tensor. n: 0 axes, 1 elements of a block, 2 elements of all, 8… blocks along each axis, 16… extents of a block, 24…
// strides of x, 32… strides of the scales. data: 0 x (X), 1 scale of the scales (G, may be null), 2 scales (S), 3 y.
DEV float scaleOfScales(const SmallParams& p) { return p.data[1] ? toFloat(*in<G>(p, 1)) : 1.0f; }
#endif
#ifdef BLOCK_SCALES
// A warp a block. SCALE_KIND: 0 f32, 1 f8, 2 e8m0. f: 0 the largest quantized number.
DEV u8 powerAbove(float v) {
    u32 u = bitsOf(v), e = u >> 23 & 255u, m = u & 0x7fffffu;
    if (!(v == v)) return 255;
    if (u >> 31 || u <= 0x400000u) return 0;
    if (e == 0u) return 1;
    if (m != 0u) ++e;
    return static_cast<u8>(e > 254u ? 254u : e);
}
extern "C" __global__ void __launch_bounds__(256) blockScales(const SmallParams p) {
    i64 b = static_cast<i64>(blockIdx.x) * 8 + threadIdx.x / 32, begin = 0;
    if (b >= p.items) return;
    for (i64 rest = b, d = p.n[0] - 1; d >= 0; --d) {
        begin += rest % p.n[8 + d] * p.n[16 + d] * p.n[24 + d];
        rest /= p.n[8 + d];
    }
    float largest = 0.0f;
    for (i64 i = threadIdx.x % 32; i < p.n[1]; i += 32) {
        i64 at = begin;
        for (i64 rest = i, d = p.n[0] - 1; d >= 0; --d) {
            at += rest % p.n[16 + d] * p.n[24 + d];
            rest /= p.n[16 + d];
        }
        float v = fabsf(toFloat(in<X>(p, 0)[at]));
        largest = v > largest ? v : largest;
    }
    for (int d = 16; d > 0; d >>= 1) largest = fmaxf(largest, __shfl_xor_sync(0xffffffffu, largest, d));
    if (threadIdx.x % 32 != 0) return;
    float scale = largest / static_cast<float>(p.f[0]) / scaleOfScales(p);
#if SCALE_KIND == 0
    out<float>(p, 2)[b] = scale;
#elif SCALE_KIND == 1
    out<f8>(p, 2)[b] = fromF32<f8>(scale);
#else
    out<u8>(p, 2)[b] = powerAbove(scale);
#endif
}
#endif
#ifdef BLOCK_QUANTIZE
// An item an element of x, of types of half a byte two. KIND as above: 0 i8, 3 f8, 5 f4.
DEV u32 quantizedInBlock(const SmallParams& p, i64 i) {
    i64 rest = i, b = 0;
    for (i64 d = 0; d < p.n[0]; ++d) {
        i64 at = rest / p.n[24 + d];
        rest -= at * p.n[24 + d];
        b += at / p.n[16 + d] * p.n[32 + d];
    }
    float scale = static_cast<float>(elementAt<S>(p.data[2], b)) * scaleOfScales(p);
    float q = scale == 0.0f ? 0.0f : toFloat(in<X>(p, 0)[i]) / scale;
#if KIND == 0
    q = q == q ? rintf(q) : 0.0f;
    return static_cast<u32>(static_cast<int>(fminf(fmaxf(q, -128.0f), 127.0f)));
#elif KIND == 5
    return f4Of(q);
#else
    return fromF32<f8>(q).x;
#endif
}
extern "C" __global__ void __launch_bounds__(256) blockQuantize(const SmallParams p) {
    i64 e = itemOf();
    if (e >= p.items) return;
#if KIND == 5
    u32 v = quantizedInBlock(p, e * 2);
    if (e * 2 + 1 < p.n[2]) v |= quantizedInBlock(p, e * 2 + 1) << 4;
    out<u8>(p, 3)[e] = static_cast<u8>(v);
#else
    out<u8>(p, 3)[e] = static_cast<u8>(quantizedInBlock(p, e));
#endif
}
#endif

#ifdef RANGE_OF
// Least and greatest of x (f32) and 0, a pair a block. n: 0 elements. data: 0 x, 1 pairs. NaN counts nothing.
extern "C" __global__ void __launch_bounds__(256) rangeOf(const SmallParams p) {
    __shared__ float shared[8][2];
    float low = 0.0f, high = 0.0f;
    for (i64 i = itemOf(); i < p.n[0]; i += static_cast<i64>(gridDim.x) * 256) {
        float v = in<float>(p, 0)[i];
        low = v < low ? v : low;
        high = v > high ? v : high;
    }
    for (int d = 16; d > 0; d >>= 1) {
        low = fminf(low, __shfl_xor_sync(0xffffffffu, low, d));
        high = fmaxf(high, __shfl_xor_sync(0xffffffffu, high, d));
    }
    if (threadIdx.x % 32 == 0) shared[threadIdx.x / 32][0] = low, shared[threadIdx.x / 32][1] = high;
    __syncthreads();
    if (threadIdx.x != 0) return;
    for (int w = 1; w < 8; ++w) low = fminf(low, shared[w][0]), high = fmaxf(high, shared[w][1]);
    out<float>(p, 1)[blockIdx.x * 2] = low;
    out<float>(p, 1)[blockIdx.x * 2 + 1] = high;
}
#endif
#ifdef RANGE_QUANTIZE
// n: 0 elements, 1 pairs. data: 0 x, 1 pairs, 2 y, 3 scale, 4 zero point.
extern "C" __global__ void __launch_bounds__(256) rangeQuantize(const SmallParams p) {
    float low = 0.0f, high = 0.0f;
    for (i64 i = 0; i < p.n[1]; ++i) low = fminf(low, in<float>(p, 1)[i * 2]), high = fmaxf(high, in<float>(p, 1)[i * 2 + 1]);
    float scale = (high - low) / 255.0f;
    if (scale == 0.0f) scale = 1.0f;
    auto rounded = [](float v) { return v == v ? fminf(fmaxf(rintf(v), -1e9f), 1e9f) : 0.0f; };
    float zero = fminf(fmaxf(rounded(-low / scale), 0.0f), 255.0f);
    i64 e = itemOf();
    if (e == 0) {
        *out<float>(p, 3) = scale;
        *out<u8>(p, 4) = static_cast<u8>(zero);
    }
    if (e < p.n[0]) out<u8>(p, 2)[e] = static_cast<u8>(fminf(fmaxf(rounded(in<float>(p, 0)[e] / scale) + zero, 0.0f), 255.0f));
}
#endif

#if defined(INTEGER_CONV) || defined(INTEGER_PRODUCT)
// One element or many.
template <class X> DEV int oneOrEach(const void* p, i64 i, bool one) { return p ? static_cast<int>(static_cast<const X*>(p)[one ? 0 : i]) : 0; }
// sum * multiplier, rounded to even, plus zero, into the range of OUT.
DEV u8 requantized(i64 sum, float multiplier, int zero, bool isSigned) {
    float q = rintf(static_cast<float>(static_cast<double>(sum)) * multiplier) + 0.0f;
    double v = static_cast<double>(q) + static_cast<double>(zero), low = isSigned ? -128.0 : 0.0, high = isSigned ? 127.0 : 255.0;
    if (!(v == v)) v = low;
    return static_cast<u8>(static_cast<int>(fmin(fmax(v, low), high)));
}
#endif

#ifdef INTEGER_CONV
// A thread an output. X, W: types of image and weights. REQUANT: 0 stores i32, else quantized (SIGNED). n: 0 C of a group, 1
// outputs of a group, 2…4 in, 5…7 out, 8…10 kernel, 11…13 stride, 14…16 dilation, 17…19 padding at the beginning, 20 groups,
// 21 one w_zero, 22 one w_scale. data: 0 x, 1 w, 2 x_zero, 3 w_zero, 4 y, 5 x_scale, 6 w_scale, 7 y_scale, 8 y_zero, 9 bias.
extern "C" __global__ void __launch_bounds__(256) integerConv(const SmallParams p) {
    i64 e = itemOf();
    if (e >= p.items) return;
    i64 o[3], rest = e, C = p.n[0], O = p.n[1] * p.n[20];
    for (int d = 2; d >= 0; --d) o[d] = rest % p.n[5 + d] * p.n[11 + d] - p.n[17 + d], rest /= p.n[5 + d];
    i64 m = rest % O, image = rest / O, first = m / p.n[1] * C;
    int zeroX = oneOrEach<X>(p.data[2], 0, true), zeroW = oneOrEach<W>(p.data[3], m, p.n[21] != 0);
    i64 sum = 0;
    const W* w = in<W>(p, 1) + m * C * p.n[8] * p.n[9] * p.n[10];
    for (i64 c = 0; c < C; ++c)
        for (i64 k0 = 0; k0 < p.n[8]; ++k0)
            for (i64 k1 = 0; k1 < p.n[9]; ++k1)
                for (i64 k2 = 0; k2 < p.n[10]; ++k2, ++w) {
                    i64 i0 = o[0] + k0 * p.n[14], i1 = o[1] + k1 * p.n[15], i2 = o[2] + k2 * p.n[16];
                    if (i0 < 0 || i0 >= p.n[2] || i1 < 0 || i1 >= p.n[3] || i2 < 0 || i2 >= p.n[4]) continue;
                    int x = in<X>(p, 0)[(((image * p.n[20] * C + first + c) * p.n[2] + i0) * p.n[3] + i1) * p.n[4] + i2];
                    sum += (x - zeroX) * (static_cast<int>(*w) - zeroW);
                }
#if REQUANT
    float wScale = in<float>(p, 6)[p.n[22] ? 0 : m], multiplier = *in<float>(p, 5) * wScale / *in<float>(p, 7);
    if (p.data[9]) sum += in<i32>(p, 9)[m];
    out<u8>(p, 4)[e] = requantized(sum, multiplier, SIGNED ? *in<i8>(p, 8) : *in<u8>(p, 8), SIGNED);
#else
    out<i32>(p, 4)[e] = static_cast<i32>(sum);
#endif
}
#endif

#ifdef INTEGER_PRODUCT
// A thread an element of [batches, m, n]. A, B: types. n: 0 m, 1 n, 2 k, 3 rank of the batches, 4… their dims, 12… strides of a
// in matrices, 20… of b, 28 one a_zero, 29 one b_zero, 30 one a_scale, 31 one b_scale. data: 0 a, 1 b, 2 a_zero, 3 b_zero, 4
// y, 5 a_scale (SA), 6 b_scale (SB), 7 y_scale (SY), 8 y_zero.
extern "C" __global__ void __launch_bounds__(256) integerProduct(const SmallParams p) {
    i64 e = itemOf(), M = p.n[0], N = p.n[1], K = p.n[2];
    if (e >= p.items) return;
    i64 q = e % N, r = e / N % M, rest = e / (N * M), a = 0, b = 0;
    for (int d = static_cast<int>(p.n[3]) - 1; d >= 0; --d) {
        i64 i = rest % p.n[4 + d];
        rest /= p.n[4 + d];
        a += i * p.n[12 + d];
        b += i * p.n[20 + d];
    }
    const A* x = in<A>(p, 0) + a * M * K + r * K;
    const B* y = in<B>(p, 1) + b * K * N + q;
    int zeroA = oneOrEach<A>(p.data[2], r, p.n[28] != 0), zeroB = oneOrEach<B>(p.data[3], q, p.n[29] != 0);
    i64 sum = 0;
    for (i64 k = 0; k < K; ++k) sum += (static_cast<int>(x[k]) - zeroA) * (static_cast<int>(y[k * N]) - zeroB);
#if REQUANT
    float scale = static_cast<float>(toNumber(in<SA>(p, 5)[p.n[30] ? 0 : r])) * static_cast<float>(toNumber(in<SB>(p, 6)[p.n[31] ? 0 : q])) /
                  static_cast<float>(toNumber(*in<SY>(p, 7)));
    out<u8>(p, 4)[e] = requantized(sum, scale, SIGNED ? *in<i8>(p, 8) : *in<u8>(p, 8), SIGNED);
#else
    out<i32>(p, 4)[e] = static_cast<i32>(sum);
#endif
}
#endif
