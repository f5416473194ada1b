// As attention.cu, for any architecture, f32 too, and any head dimensions up to 256: a warp a query.
constexpr int kPerLane = (DIM + 31) / 32, kPerLaneV = (DIMV + 31) / 32;

extern "C" __global__ void __launch_bounds__(128) attentionPlain(const AttentionParams p) {
    int lane = threadIdx.x % 32, query = blockIdx.x * 4 + threadIdx.x / 32, head = blockIdx.y, batch = blockIdx.z;
    if (query >= p.queries) return;
    const T* Q = static_cast<const T*>(p.q) + batch * p.qBatch + head * p.qHead + query * p.qRow;
    const T* Kp = static_cast<const T*>(p.k) + batch * p.kBatch + head / p.headsPerKv * p.kHead;
    const T* Vp = static_cast<const T*>(p.v) + batch * p.vBatch + head / p.headsPerKv * p.vHead;
    float q[kPerLane], o[kPerLaneV];
#pragma unroll
    for (int i = 0; i < kPerLane; ++i) q[i] = lane + i * 32 < DIM ? toF32(Q[lane + i * 32]) * p.scale : 0.0f;
#pragma unroll
    for (int i = 0; i < kPerLaneV; ++i) o[i] = 0.0f;
    float m = -infinity(), l = 0.0f;
    int keys = p.keys;
#if CAUSAL
    i64 seen = query + p.causalOffset + 1;
    if (seen < keys) keys = seen > 0 ? static_cast<int>(seen) : 0;
#endif
    for (int key = 0; key < keys; ++key) {
        float s = 0.0f;
#pragma unroll
        for (int i = 0; i < kPerLane; ++i)
            if (lane + i * 32 < DIM) s = fmaf(q[i], toF32(Kp[key * p.kRow + lane + i * 32]), s);
        s = warpSum(s);
#if MASK
        i64 at = batch * p.maskBatch + head * p.maskHead + query * p.maskQuery + key * p.maskKey;
#endif
#if MASK == 1
        s += toF32(static_cast<const MASK_T*>(p.mask)[at]);
#elif MASK == 2
        if (static_cast<const u8*>(p.mask)[at] == 0) s = -infinity();
#elif MASK == 3
        if (static_cast<const u8*>(p.mask)[at] == 0) s = p.hidden;
#endif
        if (s == -infinity()) continue;
        float best = maxNan(m, s), old = expf(m - best), e = expf(s - best);
        m = best;
        l = l * old + e;
#pragma unroll
        for (int i = 0; i < kPerLaneV; ++i)
            if (lane + i * 32 < DIMV) o[i] = o[i] * old + e * toF32(Vp[key * p.vRow + lane + i * 32]);
    }
    T* out = static_cast<T*>(p.out) + batch * p.oBatch + head * p.oHead + query * p.oRow;
    float inverse = l == 0.0f ? BLIND : 1.0f / l;
#pragma unroll
    for (int i = 0; i < kPerLaneV; ++i)
        if (lane + i * 32 < DIMV) out[lane + i * 32] = fromF32<T>(o[i] * inverse);
}
