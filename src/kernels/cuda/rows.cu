// One row at a time: softmax, log-softmax, layer and root-mean-square normalization (with a residual added before), group
// and instance normalization of channels-first tensors. A row lies in the registers of THREADS threads (CACHED) or is
// read once for each pass. KIND: 0 softmax, 1 log-softmax, 2 layer norm, 3 rms norm.
constexpr int kWarps = THREADS / 32;
// In 16 bits elements themselves are not so exact.
#define EXACT_MEAN (KIND == 2 && T_BYTES == 4)
// Rounding to 16 bits hides what the quick one loses.
DEV float expRow(float x) { return sizeof(T) == 2 ? expFast(x) : expf(x); }

template <bool kMax>
DEV float rowReduce(float v, float* shared) {
#pragma unroll
    for (int d = THREADS < 32 ? THREADS / 2 : 16; d > 0; d >>= 1) {
        float other = __shfl_xor_sync(0xffffffffu, v, d);
        v = kMax ? maxNan(v, other) : v + other;
    }
    if (THREADS <= 32) return v;
    __syncthreads();
    if (threadIdx.x % 32 == 0) shared[threadIdx.x / 32] = v;
    __syncthreads();
    v = shared[0];
#pragma unroll
    for (int w = 1; w < kWarps; ++w) v = kMax ? maxNan(v, shared[w]) : v + shared[w];
    return v;
}

DEV void loadSum(const RowParams& p, i64 row, i64 i, float (&s)[V]) {
    Pack<T, V> x = loadPack<T, V>(p.x, row * p.xStride + i);
#pragma unroll
    for (int j = 0; j < V; ++j) s[j] = toF32(x.v[j]);
#if RESIDUAL
    Pack<T, V> r = loadPack<T, V>(p.residual, row * p.residualStride + i);
#pragma unroll
    for (int j = 0; j < V; ++j) s[j] += toF32(r.v[j]);
#endif
}

DEV void storeSum(const RowParams& p, i64 row, i64 i, const float (&s)[V]) {
#if SUM
    Pack<T, V> out;
#pragma unroll
    for (int j = 0; j < V; ++j) out.v[j] = fromF32<T>(s[j]);
    storePack<T, V>(p.sum, row * p.sumStride + i, out);
#endif
}

DEV void storeStatistics(const RowParams& p, i64 row, float mean, float inverse) {
#if STATISTICS
    if (p.mean) p.mean[row] = mean;
    if (p.inverse) p.inverse[row] = inverse;
#endif
}

// y = (s - shift) * factor, then scale and bias; for softmax the exponential's factor.
DEV void finish(const RowParams& p, i64 row, i64 i, const float (&s)[V], float shift, float factor) {
    Pack<T, V> out;
#if KIND >= 2
    float scale[V], bias[V];
#pragma unroll
    for (int j = 0; j < V; ++j) scale[j] = 1.0f, bias[j] = 0.0f;
#if CHANNELS
    // Elements share scale and bias by runs of channelLength.
#pragma unroll
    for (int j = 0; j < V; ++j) {
        i64 c = (row % p.rowGroups) * p.rowChannels + static_cast<u32>(i + j) / static_cast<u32>(p.channelLength);
        if (HAS_SCALE) scale[j] = toF32(static_cast<const S*>(p.scale)[c]);
        if (HAS_BIAS) bias[j] = toF32(static_cast<const S*>(p.bias)[c]);
    }
#else
    if (HAS_SCALE) {
        Pack<S, V> a = loadPack<S, V>(p.scale, i);
#pragma unroll
        for (int j = 0; j < V; ++j) scale[j] = toF32(a.v[j]);
    }
    if (HAS_BIAS) {
        Pack<S, V> a = loadPack<S, V>(p.bias, i);
#pragma unroll
        for (int j = 0; j < V; ++j) bias[j] = toF32(a.v[j]);
    }
#endif
#pragma unroll
    for (int j = 0; j < V; ++j) out.v[j] = fromF32<T>((s[j] - shift) * factor * scale[j] + bias[j]);
#elif KIND == 0
#pragma unroll
    for (int j = 0; j < V; ++j) out.v[j] = fromF32<T>(s[j] * factor);
#else
#pragma unroll
    for (int j = 0; j < V; ++j) out.v[j] = fromF32<T>(s[j] - shift);
#endif
    storePack<T, V>(p.y, row * p.yStride + i, out);
}

extern "C" __global__ void __launch_bounds__(THREADS * ROWS) rows(const RowParams p) {
    __shared__ float shared[THREADS <= 32 ? 1 : kWarps];
    int lane = threadIdx.x % THREADS;
    i64 row = static_cast<i64>(blockIdx.x) * ROWS + threadIdx.x / THREADS;
    // Rows past the end are computed too, since a warp may have several and exchanges values as a whole; not stored.
    bool valid = row < p.rows;
    if (!valid) row = p.rows - 1;
    int n = static_cast<int>(p.n);
    float count = 1.0f / static_cast<float>(n);
#if CACHED
    float s[K][V];
#pragma unroll
    for (int k = 0; k < K; ++k) {
        int i = (k * THREADS + lane) * V;
        if (i < n) {
            loadSum(p, row, i, s[k]);
        } else {
#pragma unroll
            for (int j = 0; j < V; ++j) s[k][j] = KIND < 2 ? -infinity() : 0.0f;
        }
    }
#pragma unroll
    for (int k = 0; k < K; ++k) {
        int i = (k * THREADS + lane) * V;
        if (i < n && valid) storeSum(p, row, i, s[k]);
    }
#if KIND < 2
    float m = -infinity();
#pragma unroll
    for (int k = 0; k < K; ++k)
#pragma unroll
        for (int j = 0; j < V; ++j) m = maxNan(m, s[k][j]);
    m = rowReduce<true>(m, shared);
    float sum = 0.0f;
#pragma unroll
    for (int k = 0; k < K; ++k)
#pragma unroll
        for (int j = 0; j < V; ++j) {
            float e = (k * THREADS + lane) * V < n ? expRow(s[k][j] - m) : 0.0f;
            sum += e;
            if (KIND == 0) s[k][j] = e;
        }
    sum = rowReduce<false>(sum, shared);
    float shift = m + logf(sum), factor = 1.0f / sum;
#else
    float shift = 0.0f;
#if KIND == 2
#pragma unroll
    for (int k = 0; k < K; ++k)
#pragma unroll
        for (int j = 0; j < V; ++j) shift += s[k][j];
    shift = rowReduce<false>(shift, shared) * count;
#endif
    float mean = shift;
#if EXACT_MEAN
    // What is left of the mean once elements lie around 0, where it has digits to spare.
#pragma unroll
    for (int k = 0; k < K; ++k)
#pragma unroll
        for (int j = 0; j < V; ++j) s[k][j] = (k * THREADS + lane) * V < n ? s[k][j] - shift : 0.0f;
    shift = 0.0f;
#pragma unroll
    for (int k = 0; k < K; ++k)
#pragma unroll
        for (int j = 0; j < V; ++j) shift += s[k][j];
    shift = rowReduce<false>(shift, shared) * count;
    mean += shift;
#endif
    float var = 0.0f;
#pragma unroll
    for (int k = 0; k < K; ++k) {
        if ((k * THREADS + lane) * V < n)
#pragma unroll
            for (int j = 0; j < V; ++j) var += (s[k][j] - shift) * (s[k][j] - shift);
    }
    var = rowReduce<false>(var, shared) * count;
    float factor = 1.0f / sqrtf(var + p.epsilon);
    if (valid && lane == 0) storeStatistics(p, row, mean, factor);
#endif
#pragma unroll
    for (int k = 0; k < K; ++k) {
        int i = (k * THREADS + lane) * V;
        if (i < n && valid) finish(p, row, i, s[k], shift, factor);
    }
#else
    float s[V];
#if KIND < 2
    float m = -infinity();
    for (int i = lane * V; i < n; i += THREADS * V) {
        loadSum(p, row, i, s);
#pragma unroll
        for (int j = 0; j < V; ++j) m = maxNan(m, s[j]);
    }
    m = rowReduce<true>(m, shared);
    float sum = 0.0f;
    for (int i = lane * V; i < n; i += THREADS * V) {
        loadSum(p, row, i, s);
#pragma unroll
        for (int j = 0; j < V; ++j) sum += expRow(s[j] - m);
    }
    sum = rowReduce<false>(sum, shared);
    float shift = m + logf(sum), factor = 1.0f / sum;
    for (int i = lane * V; i < n; i += THREADS * V) {
        loadSum(p, row, i, s);
        if (KIND == 0)
#pragma unroll
            for (int j = 0; j < V; ++j) s[j] = expRow(s[j] - m);
        finish(p, row, i, s, shift, factor);
    }
#else
    float shift = 0.0f, var = 0.0f;
#if KIND == 2
    for (int i = lane * V; i < n; i += THREADS * V) {
        loadSum(p, row, i, s);
#pragma unroll
        for (int j = 0; j < V; ++j) shift += s[j];
    }
    shift = rowReduce<false>(shift, shared) * count;
#endif
    float rest = 0.0f;
    for (int i = lane * V; i < n; i += THREADS * V) {
        loadSum(p, row, i, s);
#pragma unroll
        for (int j = 0; j < V; ++j) {
            var += (s[j] - shift) * (s[j] - shift);
            rest += s[j] - shift;
        }
    }
    var = rowReduce<false>(var, shared) * count;
    // What is left of the mean once elements lie around 0.
    rest = EXACT_MEAN ? rowReduce<false>(rest, shared) * count : 0.0f;
    float factor = 1.0f / sqrtf(var - rest * rest + p.epsilon);
    if (valid && lane == 0) storeStatistics(p, row, shift + rest, factor);
    for (int i = lane * V; i < n; i += THREADS * V) {
        loadSum(p, row, i, s);
        storeSum(p, row, i, s);
#pragma unroll
        for (int j = 0; j < V; ++j) s[j] -= shift;
        finish(p, row, i, s, rest, factor);
    }
#endif
#endif
}
