// Small kernels over images: T is the elements' type.

#ifdef PAD_CHANNELS
// y[n, p, W] = x[n, c, p], zeros from C on. An item a pixel. n: 0 C, 1 positions.
extern "C" __global__ void __launch_bounds__(256) padChannels(const SmallParams p) {
    i64 e = itemOf(), C = p.n[0], P = p.n[1];
    if (e >= p.items) return;
    const T* x = in<T>(p, 0) + e / P * C * P + e % P;
    Pack<T, W> y;
#pragma unroll
    for (int c = 0; c < W; ++c) y.v[c] = c < C ? x[c * P] : T();
    storePack<T, W>(p.data[1], e * W, y);
}
#endif

#ifdef LRN
// Normalization over neighbouring channels of [images, channels, inner] (strides: of a channel and of a position). n: 0
// channels, 1 positions, 2 size, 3 channel stride, 4 position stride. f: 0 alpha / size, 1 beta, 2 bias.
extern "C" __global__ void __launch_bounds__(256) lrn(const SmallParams p) {
    i64 e = itemOf(), C = p.n[0], P = p.n[1];
    if (e >= p.items) return;
    i64 first, second, image = e / (C * P), rest = e % (C * P);
    // Neighbouring threads have neighbouring elements.
    if (p.n[3] == 1) second = rest % C, first = rest / C;
    else first = rest % P, second = rest / P;
    const T* x = in<T>(p, 0) + image * C * P + first * p.n[4];
    i64 begin = second - (p.n[2] - 1) / 2, end = begin + p.n[2];
    if (begin < 0) begin = 0;
    if (end > C) end = C;
    float sum = 0.0f;
    for (i64 k = begin; k < end; ++k) {
        float v = toF32(x[k * p.n[3]]);
        sum += v * v;
    }
    float base = static_cast<float>(p.f[2]) + static_cast<float>(p.f[0]) * sum;
    out<T>(p, 1)[image * C * P + first * p.n[4] + second * p.n[3]] =
        fromF32<T>(toF32(x[second * p.n[3]]) / powf(base, static_cast<float>(p.f[1])));
}
#endif

#ifdef FOLD_COLUMNS
// The transpose of cutting an image into columns: the sum over taps of col[n, c, tap, position] (where BY_GROUP of
// col[group, n, position, tap, channel of the group]) that lie at y[n, c, o…], then the epilogue. Up to three spatial axes.
// n: 0 channels, 1…3 output extents, 4…6 positions, 7…9 kernel, 10…12 stride, 13…15 dilation, 16…18 padding at the
// beginning, 19 images, 20 channels of a group. data: 0 col, 1 y, 2 bias, 3 residual. CHANNELS_LAST: of y and the residual.
extern "C" __global__ void __launch_bounds__(256) foldColumns(const SmallParams p) {
    i64 e = itemOf();
    if (e >= p.items) return;
    i64 C = p.n[0], rest = e, c = 0, o[3];
#if CHANNELS_LAST
    c = rest % C, rest /= C;
#endif
    for (int d = 2; d >= 0; --d) o[d] = rest % p.n[1 + d], rest /= p.n[1 + d];
#if !CHANNELS_LAST
    c = rest % C, rest /= C;
#endif
    i64 positions = p.n[4] * p.n[5] * p.n[6], taps = p.n[7] * p.n[8] * p.n[9];
    const COL* col = in<COL>(p, 0);
    float sum = 0.0f;
    for (i64 k0 = 0; k0 < p.n[7]; ++k0) {
        i64 a0 = o[0] + p.n[16] - k0 * p.n[13];
        if (a0 < 0 || a0 % p.n[10] || a0 / p.n[10] >= p.n[4]) continue;
        for (i64 k1 = 0; k1 < p.n[8]; ++k1) {
            i64 a1 = o[1] + p.n[17] - k1 * p.n[14];
            if (a1 < 0 || a1 % p.n[11] || a1 / p.n[11] >= p.n[5]) continue;
            for (i64 k2 = 0; k2 < p.n[9]; ++k2) {
                i64 a2 = o[2] + p.n[18] - k2 * p.n[15];
                if (a2 < 0 || a2 % p.n[12] || a2 / p.n[12] >= p.n[6]) continue;
                i64 tap = (k0 * p.n[8] + k1) * p.n[9] + k2,
                    at = (a0 / p.n[10] * p.n[5] + a1 / p.n[11]) * p.n[6] + a2 / p.n[12];
#if BY_GROUP
                sum += toF32(col[(((c / p.n[20] * p.n[19] + rest) * positions + at) * taps + tap) * p.n[20] + c % p.n[20]]);
#else
                sum += toF32(col[((rest * C + c) * taps + tap) * positions + at]);
#endif
            }
        }
    }
    float x[1] = {sum};
    finish<1>(x, 1.0f, nullptr, p.data[2], p.data[3], p.data[1], c, e, e);
}
#endif

#ifdef UNPOOL_CLAIM
// data: 0 index, 1 the claims (an i64 an element of the inner tensor, -1 in the beginning), 2 fault. n: 0 places.
extern "C" __global__ void __launch_bounds__(256) unpoolClaim(const SmallParams p) {
    i64 e = itemOf();
    if (e >= p.items) return;
    i64 place = in<i64>(p, 0)[e];
    if (place < 0 || place >= p.n[0]) tellFault(p, 2);
    else atomicMax(static_cast<long long*>(p.data[1]) + place, static_cast<long long>(e));
}
#endif
#ifdef UNPOOL_STORE
// An item an element of y. n: 0 rank, 1…8 y's dims, 9…16 the inner dims. data: 0 x, 1 claims, 2 y.
extern "C" __global__ void __launch_bounds__(256) unpoolStore(const SmallParams p) {
    i64 e = itemOf();
    if (e >= p.items) return;
    i64 rest = e, place = 0, step = 1;
    bool inside = true;
    for (int d = static_cast<int>(p.n[0]) - 1; d >= 0; --d) {
        i64 i = rest % p.n[1 + d];
        rest /= p.n[1 + d];
        inside = inside && i < p.n[9 + d];
        place += i * step;
        step *= p.n[9 + d];
    }
    i64 from = inside ? in<i64>(p, 1)[place] : -1;
    out<T>(p, 2)[e] = from >= 0 ? in<T>(p, 0)[from] : T();
}
#endif

#ifdef POOL_ANY
// Windows of dense [images, in…, vector] that window.cu lacks. KIND: 0 maximum and its place, 1 power mean, 2 (1 - blend) *
// maximum + blend * average. n: 0 vector, 1…3 in, 4…6 out, 7…9 kernel, 10…12 stride, 13…15 dilation, 16…18 padding at the
// beginning, 19…21 in + padding at the end, 22 padding counts, 23 places column by column. f: 0 power or blend. data: 0 x, 1 y,
// 2 places.
extern "C" __global__ void __launch_bounds__(256) poolAny(const SmallParams p) {
    i64 e = itemOf();
    if (e >= p.items) return;
    i64 c = e % p.n[0], rest = e / p.n[0], begin[3], inside = 1;
    for (int d = 2; d >= 0; --d) {
        begin[d] = rest % p.n[4 + d] * p.n[10 + d] - p.n[16 + d];
        rest /= p.n[4 + d];
        i64 taps = 0;
        for (i64 k = 0; k < p.n[7 + d]; ++k) {
            i64 at = begin[d] + k * p.n[13 + d];
            taps += p.n[22] ? at < p.n[19 + d] : at >= 0 && at < p.n[1 + d];
        }
        inside *= taps;
    }
    float peak = -infinity(), sum = 0.0f, power = static_cast<float>(p.f[0]);
    i64 peakAt[3] = {-1, -1, -1};
    for (i64 k0 = 0; k0 < p.n[7]; ++k0)
        for (i64 k1 = 0; k1 < p.n[8]; ++k1)
            for (i64 k2 = 0; k2 < p.n[9]; ++k2) {
                i64 i0 = begin[0] + k0 * p.n[13], i1 = begin[1] + k1 * p.n[14], i2 = begin[2] + k2 * p.n[15];
                if (i0 < 0 || i0 >= p.n[1] || i1 < 0 || i1 >= p.n[2] || i2 < 0 || i2 >= p.n[3]) continue;
                float v = toFloat(in<T>(p, 0)[(((rest * p.n[1] + i0) * p.n[2] + i1) * p.n[3] + i2) * p.n[0] + c]);
                if (peakAt[0] < 0 || v > peak || (!(v == v) && peak == peak)) peak = v, peakAt[0] = i0, peakAt[1] = i1, peakAt[2] = i2;
                sum += KIND == 1 ? powf(fabsf(v), power) : v;
            }
    float average = inside > 0 ? sum / static_cast<float>(inside) : 0.0f;
    float r = KIND == 0 ? peak : KIND == 1 ? powf(sum, 1.0f / power) : (1.0f - power) * peak + power * average;
    // A window without elements: the lowest number of the type.
    if (KIND == 0 && peakAt[0] < 0) r = LOWEST;
    out<T>(p, 1)[e] = ofFloat<T>(r);
#if KIND == 0
    i64 place = -1;
    if (peakAt[0] >= 0)
        place = rest * p.n[1] * p.n[2] * p.n[3] + (p.n[23] ? (peakAt[2] * p.n[2] + peakAt[1]) * p.n[1] + peakAt[0]
                                                           : (peakAt[0] * p.n[2] + peakAt[1]) * p.n[3] + peakAt[2]);
    out<i64>(p, 2)[e] = place;
#endif
}
#endif

#ifdef NORMALIZE_ANY
// (x - mean) * factor * scale + bias with statistics over any axes: a block for each set of elements that share them. n: 0
// rank, 1 a bit for each axis that is reduced, 2… dims, 10… strides of x and y, 18… of scale, 26… of bias. f: 0 epsilon. KIND:
// 0 factor = 1 / sqrt(variance + epsilon), 1 = 1 / (sqrt(variance) + epsilon). data: 0 x, 1 y, 2 scale, 3 bias (S).
DEV float blockSum(float v, float (&shared)[9]) {
    v = warpSum(v);
    __syncthreads();
    if (threadIdx.x % 32 == 0) shared[threadIdx.x / 32] = v;
    __syncthreads();
    float total = 0.0f;
    for (int w = 0; w < 8; ++w) total += shared[w];
    return total;
}
extern "C" __global__ void __launch_bounds__(256) normalizeAny(const SmallParams p) {
    __shared__ float shared[9];
    int rank = static_cast<int>(p.n[0]);
    i64 set = blockIdx.x, base = 0, baseS = 0, baseB = 0, count = 1;
    for (int d = rank - 1; d >= 0; --d) {
        if (p.n[1] >> d & 1) {
            count *= p.n[2 + d];
            continue;
        }
        i64 i = set % p.n[2 + d];
        set /= p.n[2 + d];
        base += i * p.n[10 + d];
        baseS += i * p.n[18 + d];
        baseB += i * p.n[26 + d];
    }
    auto locate = [&](i64 e, int from) {
        i64 at = 0;
        for (int d = rank - 1; d >= 0; --d)
            if (p.n[1] >> d & 1) at += e % p.n[2 + d] * p.n[from + d], e /= p.n[2 + d];
        return at;
    };
    const T* x = in<T>(p, 0) + base;
    float sum = 0.0f;
    for (i64 e = threadIdx.x; e < count; e += 256) sum += toF32(x[locate(e, 10)]);
    float mean = blockSum(sum, shared) / static_cast<float>(count);
    float squares = 0.0f;
    for (i64 e = threadIdx.x; e < count; e += 256) {
        float v = toF32(x[locate(e, 10)]) - mean;
        squares += v * v;
    }
    float variance = blockSum(squares, shared) / static_cast<float>(count);
    float epsilon = static_cast<float>(p.f[0]);
    float factor = KIND == 0 ? 1.0f / sqrtf(variance + epsilon) : 1.0f / (sqrtf(variance) + epsilon);
    for (i64 e = threadIdx.x; e < count; e += 256) {
        i64 at = locate(e, 10);
        float v = (toF32(x[at]) - mean) * factor;
        if (HAS_SCALE) v *= toF32(in<S>(p, 2)[baseS + locate(e, 18)]);
        if (HAS_BIAS) v += toF32(in<S>(p, 3)[baseB + locate(e, 26)]);
        out<T>(p, 1)[base + at] = fromF32<T>(v);
    }
}
#endif

#ifdef REDUCE_PLANES
// Mean, maximum or sum of every channel over all positions of [images, positions, channels], V channels a thread, ROWS
// threads along the positions. KIND: 0 mean, 1 maximum, 2 sum. n: 0 channels / V, 1 positions. data: 0 x, 1 y.
extern "C" __global__ void __launch_bounds__(32 * ROWS) reducePlanes(const SmallParams p) {
    __shared__ float shared[ROWS][32][V + 1];
    i64 groups = p.n[0], P = p.n[1], group = static_cast<i64>(blockIdx.x) * 32 + threadIdx.x % 32;
    int row = static_cast<int>(threadIdx.x) / 32, lane = static_cast<int>(threadIdx.x) % 32;
    bool there = group < p.items;
    i64 image = group / groups, base = (image * P * groups + group % groups) * V;
    float acc[V];
#pragma unroll
    for (int j = 0; j < V; ++j) acc[j] = KIND == 1 ? -infinity() : 0.0f;
    if (there) {
        i64 at = row;
        // Several loads are on their way before the first is used.
        for (; at + 3 * ROWS < P; at += 4 * ROWS) {
            Pack<T, V> x[4];
#pragma unroll
            for (int u = 0; u < 4; ++u) x[u] = loadPack<T, V>(p.data[0], base + (at + u * ROWS) * groups * V);
#pragma unroll
            for (int u = 0; u < 4; ++u)
#pragma unroll
                for (int j = 0; j < V; ++j) acc[j] = KIND == 1 ? maxNan(acc[j], toF32(x[u].v[j])) : acc[j] + toF32(x[u].v[j]);
        }
        for (; at < P; at += ROWS) {
            Pack<T, V> x = loadPack<T, V>(p.data[0], base + at * groups * V);
#pragma unroll
            for (int j = 0; j < V; ++j) acc[j] = KIND == 1 ? maxNan(acc[j], toF32(x.v[j])) : acc[j] + toF32(x.v[j]);
        }
    }
#pragma unroll
    for (int j = 0; j < V; ++j) shared[row][lane][j] = acc[j];
    __syncthreads();
    if (row != 0 || !there) return;
    Pack<T, V> y;
#pragma unroll
    for (int j = 0; j < V; ++j) {
        float v = shared[0][lane][j];
        for (int r = 1; r < ROWS; ++r) v = KIND == 1 ? maxNan(v, shared[r][lane][j]) : v + shared[r][lane][j];
        y.v[j] = fromF32<T>(KIND == 0 ? v / static_cast<float>(P) : v);
    }
    storePack<T, V>(p.data[1], group * V, y);
}
#endif
