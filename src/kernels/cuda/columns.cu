// Softmax along an axis with others inside it, x dense [outer, n, inner]: a thread a column. KIND as in rows.cu: 0, 1.
extern "C" __global__ void __launch_bounds__(256) columnSoftmax(const ColumnParams p) {
    i64 index = static_cast<i64>(blockIdx.x) * 256 + threadIdx.x;
    if (index >= p.outer * p.inner) return;
    i64 at = index / p.inner * p.n * p.inner + index % p.inner;
    const T* x = static_cast<const T*>(p.x) + at;
    T* y = static_cast<T*>(p.y) + at;
    float m = -infinity();
    for (i64 i = 0; i < p.n; ++i) m = maxNan(m, toF32(x[i * p.inner]));
    float sum = 0.0f;
    for (i64 i = 0; i < p.n; ++i) sum += expf(toF32(x[i * p.inner]) - m);
    float shift = m + logf(sum), factor = 1.0f / sum;
    for (i64 i = 0; i < p.n; ++i) {
        float v = toF32(x[i * p.inner]);
        y[i * p.inner] = fromF32<T>(KIND == 0 ? expf(v - m) * factor : v - shift);
    }
}

// Group normalization of channels-last tensors [outer images, n positions, inner channels]: moments of a part of a
// group's positions (count, mean, sum of squared deviations), then all of them joined and the affine map. Block of 256.
DEV void joinMoments(float& count, float& mean, float& dev, float c2, float m2, float d2) {
    float total = count + c2;
    if (total == 0.0f) return;
    float delta = m2 - mean, part = c2 / total;
    dev += d2 + delta * delta * count * part;
    mean += delta * part;
    count = total;
}
DEV void blockMoments(float& count, float& mean, float& dev) {
    __shared__ float shared[8][3];
#pragma unroll
    for (int d = 16; d > 0; d >>= 1) {
        float c2 = __shfl_xor_sync(0xffffffffu, count, d), m2 = __shfl_xor_sync(0xffffffffu, mean, d),
              d2 = __shfl_xor_sync(0xffffffffu, dev, d);
        joinMoments(count, mean, dev, c2, m2, d2);
    }
    if (threadIdx.x % 32 == 0) {
        shared[threadIdx.x / 32][0] = count;
        shared[threadIdx.x / 32][1] = mean;
        shared[threadIdx.x / 32][2] = dev;
    }
    __syncthreads();
    count = mean = dev = 0.0f;
    for (int w = 0; w < 8; ++w) joinMoments(count, mean, dev, shared[w][0], shared[w][1], shared[w][2]);
}
extern "C" __global__ void __launch_bounds__(256) groupMoments(const ColumnParams p) {
    i64 group = blockIdx.x % p.groups, image = blockIdx.x / p.groups, split = blockIdx.y;
    i64 begin = split * p.perSplit, end = begin + p.perSplit < p.n ? begin + p.perSplit : p.n;
    const T* x = static_cast<const T*>(p.x) + image * p.n * p.inner + group * p.channelsPerGroup;
    i64 elements = (end - begin) * p.channelsPerGroup;
    float count = 0.0f, mean = 0.0f, dev = 0.0f;
    for (i64 e = threadIdx.x; e < elements; e += 256) {
        u32 row = static_cast<u32>(e) / static_cast<u32>(p.channelsPerGroup);
        float v = toF32(x[(begin + row) * p.inner + (e - static_cast<i64>(row) * p.channelsPerGroup)]);
        count += 1.0f;
        float delta = v - mean;
        mean += delta / count;
        dev += delta * (v - mean);
    }
    blockMoments(count, mean, dev);
    if (threadIdx.x == 0) {
        float* out = p.partial + (static_cast<i64>(blockIdx.x) * p.splits + split) * 3;
        out[0] = count;
        out[1] = mean;
        out[2] = dev;
    }
}
extern "C" __global__ void __launch_bounds__(256) groupApply(const ColumnParams p) {
    __shared__ float moments[2];
    i64 group = blockIdx.x % p.groups, image = blockIdx.x / p.groups, split = blockIdx.y;
    if (threadIdx.x == 0) {
        float count = 0.0f, mean = 0.0f, dev = 0.0f;
        for (i64 s = 0; s < p.splits; ++s) {
            const float* in = p.partial + (static_cast<i64>(blockIdx.x) * p.splits + s) * 3;
            joinMoments(count, mean, dev, in[0], in[1], in[2]);
        }
        moments[0] = mean;
        moments[1] = 1.0f / sqrtf(dev / count + p.epsilon);
    }
    __syncthreads();
    float mean = moments[0], factor = moments[1];
    i64 begin = split * p.perSplit, end = begin + p.perSplit < p.n ? begin + p.perSplit : p.n;
    i64 base = image * p.n * p.inner + group * p.channelsPerGroup, elements = (end - begin) * p.channelsPerGroup;
    for (i64 e = threadIdx.x; e < elements; e += 256) {
        u32 row = static_cast<u32>(e) / static_cast<u32>(p.channelsPerGroup);
        i64 c = e - static_cast<i64>(row) * p.channelsPerGroup, at = base + (begin + row) * p.inner + c;
        c += group * p.channelsPerGroup;
        float v = (toF32(static_cast<const T*>(p.x)[at]) - mean) * factor;
        if (HAS_SCALE) v *= toF32(static_cast<const S*>(p.scale)[c]);
        if (HAS_BIAS) v += toF32(static_cast<const S*>(p.bias)[c]);
        static_cast<T*>(p.y)[at] = fromF32<T>(v);
    }
}
