// Helpers of generated pointwise kernels (kernels/pointwise_program.h says what the operations mean).
template <class T> struct UnsignedOf { typedef u32 type; };
template <> struct UnsignedOf<i64> { typedef u64 type; };
template <class T> DEV T pwNeg(T x) { return static_cast<T>(typename UnsignedOf<T>::type(0) - static_cast<typename UnsignedOf<T>::type>(x)); }
template <class T> DEV T pwAbs(T x) { return x < 0 ? pwNeg<T>(x) : x; }
template <class T> DEV T pwDiv(T a, T b) { return b == 0 ? T(0) : b == -1 ? pwNeg<T>(a) : a / b; }
template <class T> DEV T pwFmod(T a, T b) { return b == 0 || b == -1 ? T(0) : a % b; }
template <class T> DEV T pwMod(T a, T b) {
    T r = pwFmod<T>(a, b);
    return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}
template <class T> DEV T pwFloorDiv(T a, T b) {
    if (b == 0) return 0;
    T q = pwDiv<T>(a, b);
    return pwFmod<T>(a, b) != 0 && (a < 0) != (b < 0) ? q - 1 : q;
}
template <class T> DEV T pwMin(T a, T b) { return a < b ? a : b; }
template <class T> DEV T pwMax(T a, T b) { return a > b ? a : b; }
template <class T> DEV T pwPow(T a, T b) {
    typedef typename UnsignedOf<T>::type U;
    if (b < 0) return a == 1 ? T(1) : a == -1 ? ((b & 1) ? T(-1) : T(1)) : T(0);
    U r = 1, x = static_cast<U>(a);
    for (U e = static_cast<U>(b); e != 0; e >>= 1, x *= x)
        if (e & 1) r *= x;
    return static_cast<T>(r);
}
template <class T> DEV T pwShl(T a, T b) {
    return b < 0 || b >= static_cast<T>(sizeof(T) * 8) ? T(0) : static_cast<T>(static_cast<typename UnsignedOf<T>::type>(a) << b);
}
template <class T> DEV T pwShr(T a, T b) { return b < 0 || b >= static_cast<T>(sizeof(T) * 8) ? T(0) : a >> b; }
DEV i64 pwToI64(float x) { return x == x ? __float2ll_rz(x) : 0; }
DEV float pwFloorDivF(float a, float b) { return floorf(a / b); }
DEV float pwModF(float a, float b) {
    float r = fmodf(a, b);
    return r != 0.0f && (r < 0.0f) != (b < 0.0f) ? r + b : r;
}

// Offsets of K operands at vector `index` of R loops.
template <int K, int R, bool kWide>
DEV void locate(const PointwiseParams& p, i64 index, i64 (&at)[K]) {
#pragma unroll
    for (int k = 0; k < K; ++k) at[k] = 0;
    if (kWide) {
        i64 rest = index;
#pragma unroll
        for (int d = R - 1; d >= 0; --d) {
            i64 q = d > 0 ? rest / p.longDims[d] : 0;
            i64 r = rest - q * p.longDims[d];
#pragma unroll
            for (int k = 0; k < K; ++k) at[k] += r * p.strides[k][d];
            rest = q;
        }
    } else {
        u32 rest = static_cast<u32>(index);
#pragma unroll
        for (int d = R - 1; d >= 0; --d) {
            u32 q = d > 0 ? divide(rest, p.dims[d]) : 0;
            u32 r = rest - q * p.dims[d].divisor;
#pragma unroll
            for (int k = 0; k < K; ++k) at[k] += r * p.strides[k][d];
            rest = q;
        }
    }
}
