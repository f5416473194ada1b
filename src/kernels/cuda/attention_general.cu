// Attention with everything that the fast kernels leave out, scores in memory: correct before fast. Three launches; a
// thread an element, or a warp a row.
#ifdef SCORES
// [batch, heads, queries, keys] in f32: scaled products, capped, biased, hidden. SHOWN: which of these stages goes to
// `shown` too: 1 the products, 2 after the cap, 3 after the bias. MASK as in attention.cu, with `maskKeys` columns:
// keys behind them are hidden. CAP: whether scores are capped. L: the type of the keys' lengths (HAS_LENGTHS).
extern "C" __global__ void __launch_bounds__(256) scores(const GeneralAttentionParams p) {
    i64 e = static_cast<i64>(blockIdx.x) * 256 + threadIdx.x;
    if (e >= p.scoreCount) return;
    i64 j = e % p.keys, rest = e / p.keys, i = rest % p.queries, h = rest / p.queries % p.heads,
        b = rest / p.queries / p.heads;
    const T* q = static_cast<const T*>(p.q) + b * p.qBatch + h * p.qHead + i * p.qRow;
    i64 g = h / p.headsPerKv;
    const T* k = j < p.past ? static_cast<const T*>(p.pastK) + ((b * p.kvHeads + g) * p.past + j) * p.size
                            : static_cast<const T*>(p.k) + b * p.kBatch + g * p.kHead + (j - p.past) * p.kRow;
    float s = 0.0f;
    for (i64 d = 0; d < p.size; ++d) s = fmaf(toF32(q[d]), toF32(k[d]), s);
    s *= p.scale;
    if (SHOWN == 1) static_cast<T*>(p.shown)[e] = fromF32<T>(s);
    if (CAP) s = p.cap * tanhf(s / p.cap);
    if (SHOWN == 2) static_cast<T*>(p.shown)[e] = fromF32<T>(s);
    i64 valid = p.keys, offset = p.offset;
#if HAS_LENGTHS
    valid = static_cast<i64>(static_cast<const L*>(p.lengths)[b]);
    offset = valid - p.queries;
#endif
    i64 ahead = j - (i + offset);
    bool hidden =
        j >= valid || (CAUSAL && ahead > 0) || (p.left >= 0 && -ahead > p.left) || (p.right >= 0 && ahead > p.right);
    float bias = 0.0f;
#if MASK
    if (j < p.maskKeys) {
        i64 at = b * p.maskBatch + h * p.maskHead + i * p.maskQuery + j * p.maskKey;
#if MASK == 1
        bias = toF32(static_cast<const MASK_T*>(p.mask)[at]);
#else
        bias = static_cast<const u8*>(p.mask)[at] != 0 ? 0.0f : -infinity();
#endif
    } else {
        bias = -infinity();
    }
#endif
    if (hidden)
        s = -infinity();
    else if (MASK == 3 && bias != 0.0f)
        s = p.hidden;
    else
        s += bias;
    if (SHOWN == 3) static_cast<T*>(p.shown)[e] = fromF32<T>(s);
    p.scores[e] = s;
}
#endif

#ifdef WEIGHTS
// A warp a row: softmax in place; SHOWN 4: to `shown` too. BLIND: what becomes of a row of nothing but -infinity.
extern "C" __global__ void __launch_bounds__(256) weights(const GeneralAttentionParams p) {
    i64 row = static_cast<i64>(blockIdx.x) * 8 + threadIdx.x / 32;
    if (row >= p.scoreCount / p.keys) return;
    int lane = threadIdx.x % 32;
    float* s = p.scores + row * p.keys;
    float m = -infinity();
    for (i64 j = lane; j < p.keys; j += 32) m = maxNan(m, s[j]);
    m = warpMax(m);
    float sum = 0.0f;
    if (m != -infinity())
        for (i64 j = lane; j < p.keys; j += 32) sum += expf(s[j] - m);
    sum = warpSum(sum);
    for (i64 j = lane; j < p.keys; j += 32) {
        float w = m == -infinity() ? BLIND : expf(s[j] - m) / sum;
        s[j] = w;
        if (SHOWN == 4) static_cast<T*>(p.shown)[row * p.keys + j] = fromF32<T>(w);
    }
}
#endif

#ifdef VALUES
extern "C" __global__ void __launch_bounds__(256) values(const GeneralAttentionParams p) {
    i64 e = static_cast<i64>(blockIdx.x) * 256 + threadIdx.x;
    if (e >= p.outputs) return;
    i64 d = e % p.valueSize, rest = e / p.valueSize, i = rest % p.queries, h = rest / p.queries % p.heads,
        b = rest / p.queries / p.heads;
    i64 g = h / p.headsPerKv;
    const float* w = p.scores + rest * p.keys;
    float y = 0.0f;
    for (i64 j = 0; j < p.keys; ++j) {
        const T* v = j < p.past ? static_cast<const T*>(p.pastV) + ((b * p.kvHeads + g) * p.past + j) * p.valueSize
                                : static_cast<const T*>(p.v) + b * p.vBatch + g * p.vHead + (j - p.past) * p.vRow;
        y = fmaf(w[j], toF32(v[d]), y);
    }
    static_cast<T*>(p.out)[b * p.oBatch + h * p.oHead + i * p.oRow + d] = fromF32<T>(y);
}
#endif
