// How GEMM and convolution kernels finish kN neighbouring columns of a row: after epilogueText. OUT: stored type.
// What goes with the columns (or, PER_ROW, with the row: the first element alone).
template <int kN>
struct Channels {
#if HAS_SCALE
    Pack<SCALE_T, kN> scale;
#endif
#if HAS_BIAS
    Pack<BIAS_T, kN> bias;
#endif
};
template <int kN>
struct Residual {
#if HAS_RESIDUAL
    Pack<RESIDUAL_T, kN> r;
#endif
};
template <int kN>
DEV Channels<kN> loadChannels(const void* scale, const void* bias, i64 ch) {
    Channels<kN> c;
#if HAS_SCALE
    if (PER_ROW) c.scale.v[0] = static_cast<const SCALE_T*>(scale)[ch];
    else c.scale = loadPack<SCALE_T, kN>(scale, ch);
#endif
#if HAS_BIAS
    if (PER_ROW) c.bias.v[0] = static_cast<const BIAS_T*>(bias)[ch];
    else c.bias = loadPack<BIAS_T, kN>(bias, ch);
#endif
    return c;
}
template <int kN>
DEV Residual<kN> loadResidual(const void* residual, i64 at) {
    Residual<kN> r;
#if HAS_RESIDUAL
    r.r = loadPack<RESIDUAL_T, kN>(residual, at);
#endif
    return r;
}
template <int kN>
DEV void finishWith(float (&x)[kN], float accScale, const Channels<kN>& ch, const Residual<kN>& res, void* c, i64 at) {
    Pack<OUT, kN> out;
#pragma unroll
    for (int j = 0; j < kN; ++j) {
        float v = x[j] * accScale;
#if HAS_SCALE
        v *= toF32(ch.scale.v[PER_ROW ? 0 : j]);
#endif
#if HAS_BIAS
        v += toF32(ch.bias.v[PER_ROW ? 0 : j]);
#endif
#if HAS_RESIDUAL
        if (!RESIDUAL_AFTER) v += toF32(res.r.v[j]);
#endif
        v = activate(v);
#if HAS_RESIDUAL
        if (RESIDUAL_AFTER) v += toF32(res.r.v[j]);
#endif
        out.v[j] = fromF32<OUT>(v);
    }
    storePack<OUT, kN>(c, at, out);
}
// at: element of C; atR: element of the residual; ch: channel of scale and bias of the first column (or of the row).
template <int kN>
DEV void finish(float (&x)[kN], float accScale, const void* scale, const void* bias, const void* residual, void* c, i64 ch,
                i64 at, i64 atR) {
    finishWith<kN>(x, accScale, loadChannels<kN>(scale, bias, ch), loadResidual<kN>(residual, atR), c, at);
}

// Where a batch's product (a group) lies in C, the residual and the channels: computed once for a tile, since it takes
// divisions.
struct Place {
    i64 c, r, ch, strideC, strideR;
    DEV i64 elementC(i64 m, i64 n) const { return c + m * strideC + n; }
    DEV i64 elementR(i64 m, i64 n) const { return r + m * strideR + n; }
    DEV i64 channel(i64 m, i64 n) const { return ch + (PER_ROW ? m : n); }
};

#if CONV
typedef ConvParams Params;
constexpr int kTaps = KERNEL0 * KERNEL1 * KERNEL2;
DEV int rowsOf(const Params& p) { return p.pixels; }
DEV int columnsOf(const Params&) { return OC; }
DEV int depthOf(const Params&) { return kTaps * IC; }
DEV void* outputOf(const Params& p) { return p.y; }
DEV Place placeOf(const Params& p, int z) {
    i64 at = static_cast<i64>(z) * OC;
    return {at, at, at, p.yStride, p.yStride};
}
#else
typedef GemmParams Params;
DEV int rowsOf(const Params& p) { return p.m; }
DEV int columnsOf(const Params& p) { return p.n; }
DEV int depthOf(const Params& p) { return p.k; }
DEV i64 batchOffset(const Params& p, int z, const long long (&s)[3]) {
    int b2 = z % p.batch2, r = z / p.batch2, b1 = r % p.batch1;
    return static_cast<i64>(r / p.batch1) * s[0] + b1 * s[1] + b2 * s[2];
}
DEV void* outputOf(const Params& p) { return p.c; }
DEV Place placeOf(const Params& p, int z) {
    return {batchOffset(p, z, p.strideC), batchOffset(p, z, p.strideR), batchOffset(p, z, p.strideChannel), p.ldc, p.ldr};
}
#endif

// Tile of C that this block computes: neighbouring blocks share columns of B while A's rows stay in the L2 cache.
DEV void tileOf(const Params& p, int& tm, int& tn) {
    constexpr int kGroup = 8;
    int b = blockIdx.x, perGroup = kGroup * p.tilesN, g = b / perGroup, first = g * kGroup;
    int rows = p.tilesM - first < kGroup ? p.tilesM - first : kGroup;
    b -= g * perGroup;
    tm = first + b % rows;
    tn = b / rows;
}

#if SPLIT
// Joins the partial results of split-K in a fixed order; a thread has VC columns of a row.
extern "C" __global__ void __launch_bounds__(256) joinSplits(const Params p) {
    i64 M = rowsOf(p), N = columnsOf(p), perRow = N / VC, e = static_cast<i64>(blockIdx.x) * 256 + threadIdx.x;
    int z = blockIdx.z;
    if (e >= M * perRow) return;
    i64 m = e / perRow, n = e % perRow * VC;
    float x[VC];
#pragma unroll
    for (int j = 0; j < VC; ++j) x[j] = 0.0f;
    for (int s = 0; s < p.splits; ++s) {
        Pack<f32, VC> part = loadPack<f32, VC>(p.partial, ((static_cast<i64>(s) * gridDim.z + z) * M + m) * N + n);
#pragma unroll
        for (int j = 0; j < VC; ++j) x[j] += part.v[j];
    }
    Place at = placeOf(p, z);
    finish<VC>(x, p.accScale, p.scale, p.bias, p.residual, outputOf(p), at.channel(m, n), at.elementC(m, n), at.elementR(m, n));
}
#endif
