// How GEMM and convolution kernels finish kN neighbouring columns of a row: after epilogueText. OUT: stored type.
// at: element of C; atR: element of the residual; ch: channel of scale and bias of the first column (or of the row).
template <int kN>
DEV void finish(float (&x)[kN], float accScale, const void* scale, const void* bias, const void* residual, void* c, i64 ch,
                i64 at, i64 atR) {
#pragma unroll
    for (int j = 0; j < kN; ++j) x[j] *= accScale;
#if HAS_SCALE
    if (PER_ROW) {
        float s = toF32(static_cast<const SCALE_T*>(scale)[ch]);
#pragma unroll
        for (int j = 0; j < kN; ++j) x[j] *= s;
    } else {
        Pack<SCALE_T, kN> s = loadPack<SCALE_T, kN>(scale, ch);
#pragma unroll
        for (int j = 0; j < kN; ++j) x[j] *= toF32(s.v[j]);
    }
#endif
#if HAS_BIAS
    if (PER_ROW) {
        float s = toF32(static_cast<const BIAS_T*>(bias)[ch]);
#pragma unroll
        for (int j = 0; j < kN; ++j) x[j] += s;
    } else {
        Pack<BIAS_T, kN> s = loadPack<BIAS_T, kN>(bias, ch);
#pragma unroll
        for (int j = 0; j < kN; ++j) x[j] += toF32(s.v[j]);
    }
#endif
#if HAS_RESIDUAL
    Pack<RESIDUAL_T, kN> r = loadPack<RESIDUAL_T, kN>(residual, atR);
    if (!RESIDUAL_AFTER)
#pragma unroll
        for (int j = 0; j < kN; ++j) x[j] += toF32(r.v[j]);
#endif
#pragma unroll
    for (int j = 0; j < kN; ++j) x[j] = activate(x[j]);
#if HAS_RESIDUAL
    if (RESIDUAL_AFTER)
#pragma unroll
        for (int j = 0; j < kN; ++j) x[j] += toF32(r.v[j]);
#endif
    Pack<OUT, kN> out;
#pragma unroll
    for (int j = 0; j < kN; ++j) out.v[j] = fromF32<OUT>(x[j]);
    storePack<OUT, kN>(c, at, out);
}

#if CONV
typedef ConvParams Params;
constexpr int kTaps = KERNEL0 * KERNEL1 * KERNEL2;
DEV int rowsOf(const Params& p) { return p.pixels; }
DEV int columnsOf(const Params&) { return OC; }
DEV int depthOf(const Params&) { return kTaps * IC; }
DEV i64 elementC(const Params& p, int z, i64 m, i64 n) { return m * p.yStride + static_cast<i64>(z) * OC + n; }
DEV i64 elementR(const Params& p, int z, i64 m, i64 n) { return elementC(p, z, m, n); }
DEV i64 channelOf(const Params&, int z, i64, i64 n) { return static_cast<i64>(z) * OC + n; }
DEV void* outputOf(const Params& p) { return p.y; }
#else
typedef GemmParams Params;
DEV int rowsOf(const Params& p) { return p.m; }
DEV int columnsOf(const Params& p) { return p.n; }
DEV int depthOf(const Params& p) { return p.k; }
DEV i64 batchOffset(const Params& p, int z, const long long (&s)[3]) {
    int b2 = z % p.batch2, r = z / p.batch2, b1 = r % p.batch1;
    return static_cast<i64>(r / p.batch1) * s[0] + b1 * s[1] + b2 * s[2];
}
DEV i64 elementC(const Params& p, int z, i64 m, i64 n) { return batchOffset(p, z, p.strideC) + m * p.ldc + n; }
DEV i64 elementR(const Params& p, int z, i64 m, i64 n) { return batchOffset(p, z, p.strideR) + m * p.ldr + n; }
DEV i64 channelOf(const Params& p, int z, i64 m, i64 n) { return batchOffset(p, z, p.strideChannel) + (PER_ROW ? m : n); }
DEV void* outputOf(const Params& p) { return p.c; }
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
    finish<VC>(x, p.accScale, p.scale, p.bias, p.residual, outputOf(p), channelOf(p, z, m, n), elementC(p, z, m, n),
               elementR(p, z, m, n));
}
#endif
