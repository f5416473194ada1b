// As attention.cu, on sm_90's warpgroup products: one warpgroup brings tiles through tensor maps, two others have 64 queries
// each and share the keys; blocks live until all work is done. D, DV: 64 or 128, KV: 128. After hopper.cu,
// attention_parts.cu, and the generated wgmma(s, q, k, add) and wgmmaValues(o, weights, v).
constexpr int kChunks = D / 64, kChunksV = DV / 64, kThreads = 384;
constexpr int kBytesQ = kChunks * 128 * 128, kBytesK = kChunks * KV * 128, kBytesV = kChunksV * KV * 128;

DEV void loadBox(u32 to, const TensorMap* map, u32 barrier, int c0, int c1, int c2, int c3) {
    asm volatile("cp.async.bulk.tensor.4d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%3, %4, %5, %6}], [%2];"
                 ::"r"(to), "l"(map), "r"(barrier), "r"(c0), "r"(c1), "r"(c2), "r"(c3) : "memory");
}
DEV void barrierArrive(u32 b) { asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(b) : "memory"); }

struct Work {
    int q0, head, batch, tiles, whole;
};
DEV Work workOf(const WgmmaAttentionParams& p, i64 w) {
    int block = static_cast<int>(w % p.blocks);
    i64 rest = w / p.blocks;
    // The longest first.
    if (CAUSAL) block = p.blocks - 1 - block;
    Work t;
    t.q0 = block * 128;
    t.head = static_cast<int>(rest % p.g.heads);
    t.batch = static_cast<int>(rest / p.g.heads);
    int keys = p.g.keys;
    t.whole = MASK ? 0 : keys / KV;
#if CAUSAL
    i64 seenLast = static_cast<i64>(t.q0) + 128 + p.g.causalOffset, seenFirst = static_cast<i64>(t.q0) + 1 + p.g.causalOffset;
    if (!MASK) t.whole = seenFirst <= 0 ? 0 : static_cast<int>((seenFirst < keys ? seenFirst : keys) / KV);
    if (seenLast < keys) keys = seenLast > 0 ? static_cast<int>(seenLast) : 0;
#endif
    t.tiles = (keys + KV - 1) / KV;
    return t;
}

extern "C" __global__ void __launch_bounds__(kThreads, 1) attention(const __grid_constant__ WgmmaAttentionParams p) {
    extern __shared__ unsigned char memory[];
    u32 base = (sharedAddress(memory) + 1023u) & ~1023u;
    u32 sq = base, sk = sq + 2 * kBytesQ, sv = sk + 2 * kBytesK, bars = sv + 2 * kBytesV;
    u32 qFull = bars, qEmpty = bars + 16, kFull = bars + 32, kEmpty = bars + 48, vFull = bars + 64, vEmpty = bars + 80;
    int thread = threadIdx.x, group = thread / 128;
    if (thread == 0) {
        for (int s = 0; s < 2; ++s) {
            barrierInit(qFull + s * 8, 1);
            barrierInit(kFull + s * 8, 1);
            barrierInit(vFull + s * 8, 1);
            barrierInit(qEmpty + s * 8, 8);
            barrierInit(kEmpty + s * 8, 8);
            barrierInit(vEmpty + s * 8, 8);
        }
        asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
        asm volatile("fence.proxy.async;" ::: "memory");
    }
    __syncthreads();
    if (group == 0) {
        asm volatile("setmaxnreg.dec.sync.aligned.u32 40;");
        if (thread == 0) {
            // How often each buffer has been filled.
            u32 countQ = 0, countKv = 0;
            for (i64 w = blockIdx.x; w < p.work; w += gridDim.x) {
                Work t = workOf(p, w);
                int kvHead = t.head / p.g.headsPerKv;
                u32 b = countQ % 2;
                barrierWait(qEmpty + b * 8, (countQ / 2 & 1) ^ 1);
                barrierExpect(qFull + b * 8, kBytesQ);
                for (int c = 0; c < kChunks; ++c) loadBox(sq + b * kBytesQ + c * 128 * 128, &p.q, qFull + b * 8, c * 64, t.q0, t.head, t.batch);
                ++countQ;
                for (int tile = 0; tile < t.tiles; ++tile, ++countKv) {
                    u32 s = countKv % 2, parity = (countKv / 2 & 1) ^ 1;
                    barrierWait(kEmpty + s * 8, parity);
                    barrierExpect(kFull + s * 8, kBytesK);
                    for (int c = 0; c < kChunks; ++c) loadBox(sk + s * kBytesK + c * KV * 128, &p.k, kFull + s * 8, c * 64, tile * KV, kvHead, t.batch);
                    barrierWait(vEmpty + s * 8, parity);
                    barrierExpect(vFull + s * 8, kBytesV);
                    for (int c = 0; c < kChunksV; ++c) loadBox(sv + s * kBytesV + c * KV * 128, &p.v, vFull + s * 8, c * 64, tile * KV, kvHead, t.batch);
                }
            }
        }
    } else {
        asm volatile("setmaxnreg.inc.sync.aligned.u32 232;");
        int half = group - 1, warp = thread / 32 % 4, lane = thread % 32;
        float scale = p.g.scale * 1.4426950408889634f;
        // As in attention.cu.
        const float factor = EXPONENTS ? 1.0f : fabsf(scale);
        const bool negative = !EXPONENTS && scale < 0.0f;
        u32 countQ = 0, countKv = 0;
        for (i64 w = blockIdx.x; w < p.work; w += gridDim.x, ++countQ) {
            Work t = workOf(p, w);
            int row = t.q0 + half * 64 + warp * 16 + lane / 4;
            i64 maskBase = t.batch * p.g.maskBatch + t.head * p.g.maskHead;
            u32 b = countQ % 2;
            barrierWait(qFull + b * 8, countQ / 2 & 1);
            u64 q = descriptor(sq + b * kBytesQ + half * 64 * 128);
            float o[kChunksV][32], m[2] = {-infinity(), -infinity()}, l[2] = {0.0f, 0.0f};
#pragma unroll
            for (int c = 0; c < kChunksV; ++c)
#pragma unroll
                for (int r = 0; r < 32; ++r) o[c][r] = 0.0f;
            for (int tile = 0; tile < t.tiles; ++tile, ++countKv) {
                u32 st = countKv % 2, parity = countKv / 2 & 1;
                float s[KV / 8][4];
                float(&flat)[KV / 2] = *reinterpret_cast<float(*)[KV / 2]>(&s);
                barrierWait(kFull + st * 8, parity);
                u64 k = descriptor(sk + st * kBytesK);
                asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
#pragma unroll
                for (int c = 0; c < kChunks; ++c)
#pragma unroll
                    for (int i = 0; i < 4; ++i)
                        wgmma(flat, q + c * (128 * 128 / 16) + i * 2, k + c * (KV * 128 / 16) + i * 2, c + i > 0);
                asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
#if MASK && !MASK_ROWS
                MaskOfKeys mask;
                loadMask(p.g, mask, tile * KV, lane, maskBase);
#endif
                // Of the tile before too, whose products with the values ran into these.
                asm volatile("wgmma.wait_group.sync.aligned 0;" ::: "memory");
                if (lane == 0) {
                    barrierArrive(kEmpty + st * 8);
                    if (tile > 0) barrierArrive(vEmpty + (st ^ 1) * 8);
                }
                if (negative)
#pragma unroll
                    for (int j = 0; j < KV / 8; ++j)
#pragma unroll
                        for (int r = 0; r < 4; ++r) s[j][r] = -s[j][r];
#if MASK && !MASK_ROWS
                maskScoresBy(p.g, s, mask, row, tile * KV, lane, scale);
#else
                if (tile >= t.whole) maskScores(p.g, s, row, tile * KV, lane, scale, maskBase);
#endif
                float old[2];
                exponentials(s, m, l, old, factor);
#pragma unroll
                for (int c = 0; c < kChunksV; ++c)
#pragma unroll
                    for (int r = 0; r < 32; ++r) o[c][r] *= old[r / 2 % 2];
                u32 a[KV / 16][4];
#pragma unroll
                for (int kk = 0; kk < KV / 16; ++kk)
#pragma unroll
                    for (int r = 0; r < 4; ++r) a[kk][r] = pack2<T>(s[2 * kk + r / 2][r % 2 * 2], s[2 * kk + r / 2][r % 2 * 2 + 1]);
                barrierWait(vFull + st * 8, parity);
                u64 v = descriptor(sv + st * kBytesV);
                asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
#pragma unroll
                for (int kk = 0; kk < KV / 16; ++kk)
#pragma unroll
                    for (int c = 0; c < kChunksV; ++c) wgmmaValues(o[c], a[kk], v + c * (KV * 128 / 16) + kk * (16 * 128 / 16));
                asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
            }
            asm volatile("wgmma.wait_group.sync.aligned 0;" ::: "memory");
            if (lane == 0) {
                if (t.tiles > 0) barrierArrive(vEmpty + ((countKv - 1) % 2) * 8);
                barrierArrive(qEmpty + b * 8);
            }
            T* out = static_cast<T*>(p.g.out) + t.batch * p.g.oBatch + t.head * p.g.oHead;
#pragma unroll
            for (int h = 0; h < 2; ++h) {
                float sum = l[h];
                sum += __shfl_xor_sync(0xffffffffu, sum, 1);
                sum += __shfl_xor_sync(0xffffffffu, sum, 2);
                float inverse = sum == 0.0f ? BLIND : 1.0f / sum;
                int query = row + h * 8;
                if (query < p.g.queries)
#pragma unroll
                    for (int c = 0; c < kChunksV; ++c)
#pragma unroll
                        for (int j = 0; j < 8; ++j) {
                            int d = c * 64 + j * 8 + lane % 4 * 2;
                            if (d < DIMV)
                                *reinterpret_cast<u32*>(out + query * p.g.oRow + d) =
                                    pack2<T>(o[c][j * 4 + h * 2] * inverse, o[c][j * 4 + h * 2 + 1] * inverse);
                        }
            }
        }
    }
}
