// Pooling and resampling of dense [images, in…, vector] tensors, V of the vector's elements a thread. IDX: an unsigned type
// that counts the output's vectors.
template <class X> DEV float asFloat(X x) { return static_cast<float>(x); }
template <> DEV float asFloat<f16>(f16 x) { return toF32(x); }
template <> DEV float asFloat<bf16>(bf16 x) { return toF32(x); }
template <class X> DEV X ofFloat(float x) { return fromF32<X>(x); }
template <> DEV i8 ofFloat<i8>(float x) { return static_cast<i8>(rintf(x)); }
template <> DEV u8 ofFloat<u8>(float x) { return static_cast<u8>(rintf(x)); }
template <class X> DEV float lowestOf() { return -infinity(); }
template <> DEV float lowestOf<i8>() { return -128.0f; }
template <> DEV float lowestOf<u8>() { return 0.0f; }

#ifdef POOL
// KIND: 0 maximum, 1 average over the taps inside the input, 2 over those inside the padded input.
extern "C" __global__ void __launch_bounds__(256) pool(const PoolParams p) {
    i64 e = static_cast<i64>(blockIdx.x) * 256 + threadIdx.x;
    if (e >= p.elements) return;
    IDX c = static_cast<IDX>(e) % static_cast<IDX>(p.vector), rest = static_cast<IDX>(e) / static_cast<IDX>(p.vector);
    int o[3];
#pragma unroll
    for (int d = 2; d >= 0; --d) {
        o[d] = static_cast<int>(rest % static_cast<IDX>(p.out[d]));
        rest /= static_cast<IDX>(p.out[d]);
    }
    float acc[V];
#pragma unroll
    for (int j = 0; j < V; ++j) acc[j] = KIND == 0 ? lowestOf<T>() : 0.0f;
    int taps = 0;
    int base[3];
#pragma unroll
    for (int d = 0; d < 3; ++d) base[d] = o[d] * p.stride[d] - p.padBegin[d];
    for (int k0 = 0; k0 < p.kernel[0]; ++k0)
        for (int k1 = 0; k1 < p.kernel[1]; ++k1)
            for (int k2 = 0; k2 < p.kernel[2]; ++k2) {
                int i0 = base[0] + k0 * p.dilation[0], i1 = base[1] + k1 * p.dilation[1], i2 = base[2] + k2 * p.dilation[2];
                if (KIND == 2 && i0 < p.in[0] + p.padEnd[0] && i1 < p.in[1] + p.padEnd[1] && i2 < p.in[2] + p.padEnd[2]) ++taps;
                if (i0 < 0 || i0 >= p.in[0] || i1 < 0 || i1 >= p.in[1] || i2 < 0 || i2 >= p.in[2]) continue;
                if (KIND == 1) ++taps;
                i64 at = (((static_cast<i64>(rest) * p.in[0] + i0) * p.in[1] + i1) * p.in[2] + i2) * p.vector + c;
                Pack<T, V> x = loadPack<T, V>(p.x, at * V);
#pragma unroll
                for (int j = 0; j < V; ++j) acc[j] = KIND == 0 ? maxNan(acc[j], asFloat(x.v[j])) : acc[j] + asFloat(x.v[j]);
            }
    Pack<T, V> y;
#if BLEND
    y = loadPack<T, V>(p.y, e * V);
#endif
#pragma unroll
    for (int j = 0; j < V; ++j) {
        float r = KIND == 0 ? acc[j] : taps > 0 ? acc[j] / static_cast<float>(taps) : 0.0f;
#if BLEND
        r = p.keep * asFloat(y.v[j]) + p.weight * r;
#endif
        y.v[j] = ofFloat<T>(r);
    }
    storePack<T, V>(p.y, e * V, y);
}
#endif

#ifdef RESIZE
// Tables of taps for each of three axes; COPY: one tap of weight 1 each, any element type.
extern "C" __global__ void __launch_bounds__(256) resize(const ResizeParams p) {
    i64 e = static_cast<i64>(blockIdx.x) * 256 + threadIdx.x;
    if (e >= p.elements) return;
    IDX c = static_cast<IDX>(e) % static_cast<IDX>(p.vector), rest = static_cast<IDX>(e) / static_cast<IDX>(p.vector);
    int o[3];
    bool outside = false;
#pragma unroll
    for (int d = 2; d >= 0; --d) {
        o[d] = static_cast<int>(rest % static_cast<IDX>(p.out[d]));
        rest /= static_cast<IDX>(p.out[d]);
        outside = outside || (p.outside[d] && p.outside[d][o[d]]);
    }
    Pack<T, V> y;
#if COPY
    i64 i0 = p.index[0][o[0]], i1 = p.index[1][o[1]], i2 = p.index[2][o[2]];
    y = loadPack<T, V>(p.x, ((((static_cast<i64>(rest) * p.in[0] + i0) * p.in[1] + i1) * p.in[2] + i2) * p.vector + c) * V);
#else
    float acc[V];
#pragma unroll
    for (int j = 0; j < V; ++j) acc[j] = 0.0f;
    for (int t0 = 0; t0 < p.taps[0]; ++t0) {
        i64 i0 = p.index[0][o[0] * p.taps[0] + t0];
        float w0 = p.weight[0][o[0] * p.taps[0] + t0];
        for (int t1 = 0; t1 < p.taps[1]; ++t1) {
            i64 i1 = p.index[1][o[1] * p.taps[1] + t1];
            float w1 = w0 * p.weight[1][o[1] * p.taps[1] + t1];
            for (int t2 = 0; t2 < p.taps[2]; ++t2) {
                i64 i2 = p.index[2][o[2] * p.taps[2] + t2];
                float w = w1 * p.weight[2][o[2] * p.taps[2] + t2];
                Pack<T, V> x = loadPack<T, V>(p.x, ((((static_cast<i64>(rest) * p.in[0] + i0) * p.in[1] + i1) * p.in[2] + i2) * p.vector + c) * V);
#pragma unroll
                for (int j = 0; j < V; ++j) acc[j] += w * asFloat(x.v[j]);
            }
        }
    }
#pragma unroll
    for (int j = 0; j < V; ++j) {
        float v = outside ? p.outsideValue : acc[j];
        y.v[j] = ofFloat<T>(lowestOf<T>() == 0.0f ? fminf(fmaxf(v, 0.0f), 255.0f)
                            : lowestOf<T>() == -128.0f ? fminf(fmaxf(v, -128.0f), 127.0f) : v);
    }
#endif
    storePack<T, V>(p.y, e * V, y);
}
#endif
