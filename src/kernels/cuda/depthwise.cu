// One filter a channel, NHWC: a thread has V channels of TW outputs next to each other along the width, and reads every
// input in their windows once. w: [taps][channels]. After store.cu's finish(); OC etc. unused.
extern "C" __global__ void __launch_bounds__(128) depthwise(const DepthwiseParams p) {
    u32 rest = blockIdx.x * 128 + threadIdx.x;  // below 2^31 + 128
    if (rest >= static_cast<u32>(p.vectors)) return;
    u32 perRow = static_cast<u32>(p.out[2] + TW - 1) / TW, groups = static_cast<u32>(p.channels) / V;
    int c = static_cast<int>(rest % groups) * V;
    rest /= groups;
    int o2 = static_cast<int>(rest % perRow) * TW;
    rest /= perRow;
    int o1 = static_cast<int>(rest % static_cast<u32>(p.out[1]));
    rest /= static_cast<u32>(p.out[1]);
    int o0 = static_cast<int>(rest % static_cast<u32>(p.out[0]));
    i64 image = rest / static_cast<u32>(p.out[0]);
    float acc[TW][V];
#pragma unroll
    for (int t = 0; t < TW; ++t)
#pragma unroll
        for (int j = 0; j < V; ++j) acc[t][j] = 0.0f;
    int b0 = o0 * STRIDE0 - PAD0, b1 = o1 * STRIDE1 - PAD1, b2 = o2 * STRIDE2 - PAD2;
    constexpr int kSpan = (TW - 1) * STRIDE2 + (KERNEL2 - 1) * DILATION2 + 1;
    for (int k0 = 0; k0 < KERNEL0; ++k0) {
        int i0 = b0 + k0 * DILATION0;
        if (static_cast<u32>(i0) >= static_cast<u32>(p.in[0])) continue;
#pragma unroll
        for (int k1 = 0; k1 < KERNEL1; ++k1) {
            int i1 = b1 + k1 * DILATION1;
            bool rowInside = static_cast<u32>(i1) < static_cast<u32>(p.in[1]);
            const T* row = static_cast<const T*>(p.x) + ((image * p.in[0] + i0) * p.in[1] + (rowInside ? i1 : 0)) * p.in[2] * p.channels + c;
            // All loads of a row of windows are on their way before the first is used.
            Pack<T, V> x[kSpan], w[KERNEL2];
#pragma unroll
            for (int s = 0; s < kSpan; ++s) {
                x[s] = Pack<T, V>();
                if (rowInside && static_cast<u32>(b2 + s) < static_cast<u32>(p.in[2])) x[s] = loadPack<T, V>(row, static_cast<i64>(b2 + s) * p.channels);
            }
#pragma unroll
            for (int k2 = 0; k2 < KERNEL2; ++k2)
                w[k2] = loadPack<T, V>(p.w, static_cast<i64>((k0 * KERNEL1 + k1) * KERNEL2 + k2) * p.channels + c);
#pragma unroll
            for (int k2 = 0; k2 < KERNEL2; ++k2)
#pragma unroll
                for (int t = 0; t < TW; ++t)
#pragma unroll
                    for (int j = 0; j < V; ++j)
                        acc[t][j] = fmaf(toF32(x[t * STRIDE2 + k2 * DILATION2].v[j]), toF32(w[k2].v[j]), acc[t][j]);
        }
    }
#pragma unroll
    for (int t = 0; t < TW; ++t) {
        if (o2 + t >= p.out[2]) break;
        i64 at = (((image * p.out[0] + o0) * p.out[1] + o1) * p.out[2] + o2 + t) * p.channels + c;
        finish<V>(acc[t], p.accScale, p.scale, p.bias, p.residual, p.y, c, at, at);
    }
}
