// out = softmax(q kT scale + mask) v, the scores staying in registers. mma.sync (sm_80 and later): a warp has MQ times 16
// queries, a block BQ; keys pass by KV at a time through two stages of shared memory. T: f16 or bf16. D, DV: head dimensions
// (multiples of 16, at most 128). MASK: 0 none, 1 added (MASK_T), 2 boolean, 3 boolean that
// puts `hidden` in the place of scores. BLIND: what divides sums of nothing. MASK_ROWS: the mask depends on the query.
constexpr int kThreads = BQ / MQ * 2, kRowK = D + 8, kRowV = DV + 8;
constexpr int kTile = KV * (kRowK + kRowV);

DEV u32 sharedAddress(const void* p) { return static_cast<u32>(__cvta_generic_to_shared(p)); }
DEV void copyAsync16(T* to, const T* from, bool valid) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(sharedAddress(to)), "l"(from), "r"(valid ? 16 : 0) : "memory");
}
DEV void ldmatrix4(u32 (&r)[4], const T* p) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(sharedAddress(p)) : "memory");
}
DEV void ldmatrix4t(u32 (&r)[4], const T* p) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(sharedAddress(p)) : "memory");
}
template <class X> DEV void mma(float (&c)[4], const u32 (&a)[4], u32 b0, u32 b1);
template <> DEV void mma<f16>(float (&c)[4], const u32 (&a)[4], u32 b0, u32 b1) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                 : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}
template <> DEV void mma<bf16>(float (&c)[4], const u32 (&a)[4], u32 b0, u32 b1) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                 : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}
extern "C" __global__ void __launch_bounds__(kThreads) attention(const AttentionParams p) {
    extern __shared__ __align__(16) unsigned char memory[];
    T* stages = reinterpret_cast<T*>(memory);
    int thread = threadIdx.x, lane = thread % 32, warp = thread / 32;
    int head = blockIdx.y, batch = blockIdx.z, q0 = blockIdx.x * BQ;
    const T* Q = static_cast<const T*>(p.q) + batch * p.qBatch + head * p.qHead;
    const T* Kp = static_cast<const T*>(p.k) + batch * p.kBatch + head / p.headsPerKv * p.kHead;
    const T* Vp = static_cast<const T*>(p.v) + batch * p.vBatch + head / p.headsPerKv * p.vHead;
    // Rows of this thread in the products: queries row + 16 i and row + 16 i + 8.
    int row = q0 + warp * (16 * MQ) + lane / 4;

    int keys = p.keys;
#if CAUSAL
    // The last query of the block sees this many; the first one all of the tiles before `whole`.
    i64 seenLast = static_cast<i64>(q0) + BQ + p.causalOffset, seenFirst = static_cast<i64>(q0) + 1 + p.causalOffset;
    if (seenLast < keys) keys = seenLast > 0 ? static_cast<int>(seenLast) : 0;
    int whole = seenFirst <= 0 ? 0 : static_cast<int>((seenFirst < p.keys ? seenFirst : p.keys) / KV);
#else
    int whole = MASK ? 0 : p.keys / KV;
#endif
    if (MASK) whole = 0;
    int tiles = (keys + KV - 1) / KV;

    auto load = [&](int stage, int tile) {
        T* sk = stages + stage * kTile;
        T* sv = sk + KV * kRowK;
        for (int id = thread; id < KV * (D / 8); id += kThreads) {
            int r = id / (D / 8), c = id % (D / 8) * 8, key = tile * KV + r;
            bool valid = key < p.keys && c < DIM;
            copyAsync16(sk + r * kRowK + c, valid ? Kp + key * p.kRow + c : Kp, valid);
        }
        for (int id = thread; id < KV * (DV / 8); id += kThreads) {
            int r = id / (DV / 8), c = id % (DV / 8) * 8, key = tile * KV + r;
            bool valid = key < p.keys && c < DIMV;
            copyAsync16(sv + r * kRowV + c, valid ? Vp + key * p.vRow + c : Vp, valid);
        }
    };

    // The queries' fragments, straight from memory.
    u32 qf[MQ][D / 16][4];
#pragma unroll
    for (int i = 0; i < MQ; ++i)
#pragma unroll
        for (int k = 0; k < D / 16; ++k)
#pragma unroll
            for (int r = 0; r < 4; ++r) {
                int m = row + i * 16 + r % 2 * 8, d = k * 16 + r / 2 * 8 + lane % 4 * 2;
                qf[i][k][r] = m < p.queries && d < DIM ? *reinterpret_cast<const u32*>(Q + m * p.qRow + d) : 0u;
            }
    float o[MQ][DV / 8][4], m[MQ][2], l[MQ][2];
#pragma unroll
    for (int i = 0; i < MQ; ++i) {
#pragma unroll
        for (int j = 0; j < DV / 8; ++j)
#pragma unroll
            for (int r = 0; r < 4; ++r) o[i][j][r] = 0.0f;
#pragma unroll
        for (int h = 0; h < 2; ++h) m[i][h] = -infinity(), l[i][h] = 0.0f;
    }
    float scale = p.scale * 1.4426950408889634f;
    // A negative scale turns greatest and least around: products are scaled at once then, as where a mask is added.
    const float factor = EXPONENTS ? 1.0f : fabsf(scale);
    const float sign = !EXPONENTS && scale < 0.0f ? -1.0f : 1.0f;
    i64 maskBase = batch * p.maskBatch + head * p.maskHead;

    if (tiles > 0) load(0, 0);
    asm volatile("cp.async.commit_group;" ::: "memory");
    for (int tile = 0; tile < tiles; ++tile) {
        if (tile + 1 < tiles) load((tile + 1) % 2, tile + 1);
        asm volatile("cp.async.commit_group;" ::: "memory");
        asm volatile("cp.async.wait_group 1;" ::: "memory");
        __syncthreads();
        const T* sk = stages + tile % 2 * kTile;
        const T* sv = sk + KV * kRowK;
#if MASK && !MASK_ROWS
        MaskOfKeys mask;
        loadMask(p, mask, tile * KV, lane, maskBase);
#endif
        float s[MQ][KV / 8][4];
#pragma unroll
        for (int i = 0; i < MQ; ++i)
#pragma unroll
            for (int j = 0; j < KV / 8; ++j)
#pragma unroll
                for (int r = 0; r < 4; ++r) s[i][j][r] = 0.0f;
#pragma unroll
        for (int k = 0; k < D / 16; ++k)
#pragma unroll
            for (int j = 0; j < KV / 8; j += 2) {
                u32 b[4];
                ldmatrix4(b, sk + (j * 8 + lane % 8 + lane / 16 * 8) * kRowK + k * 16 + lane / 8 % 2 * 8);
#pragma unroll
                for (int i = 0; i < MQ; ++i) {
                    mma<T>(s[i][j], qf[i][k], b[0], b[1]);
                    mma<T>(s[i][j + 1], qf[i][k], b[2], b[3]);
                }
            }
#pragma unroll
        for (int i = 0; i < MQ; ++i) {
            if (sign < 0.0f)
#pragma unroll
                for (int j = 0; j < KV / 8; ++j)
#pragma unroll
                    for (int r = 0; r < 4; ++r) s[i][j][r] = -s[i][j][r];
#if MASK && !MASK_ROWS
            maskScoresBy(p, s[i], mask, row + i * 16, tile * KV, lane, scale);
#else
            if (tile >= whole) maskScores(p, s[i], row + i * 16, tile * KV, lane, scale, maskBase);
#endif
            float old[2];
            exponentials(s[i], m[i], l[i], old, factor);
#pragma unroll
            for (int j = 0; j < DV / 8; ++j)
#pragma unroll
                for (int r = 0; r < 4; ++r) o[i][j][r] *= old[r / 2];
        }
#pragma unroll
        for (int k = 0; k < KV / 16; ++k) {
            // Two neighbouring products of the first multiplication are an operand of the second.
            u32 a[MQ][4];
#pragma unroll
            for (int i = 0; i < MQ; ++i)
#pragma unroll
                for (int r = 0; r < 4; ++r) a[i][r] = pack2<T>(s[i][2 * k + r / 2][r % 2 * 2], s[i][2 * k + r / 2][r % 2 * 2 + 1]);
#pragma unroll
            for (int j = 0; j < DV / 8; j += 2) {
                u32 b[4];
                ldmatrix4t(b, sv + (k * 16 + lane % 16) * kRowV + j * 8 + lane / 16 * 8);
#pragma unroll
                for (int i = 0; i < MQ; ++i) {
                    mma<T>(o[i][j], a[i], b[0], b[1]);
                    mma<T>(o[i][j + 1], a[i], b[2], b[3]);
                }
            }
        }
        __syncthreads();
    }
    T* out = static_cast<T*>(p.out) + batch * p.oBatch + head * p.oHead;
#pragma unroll
    for (int i = 0; i < MQ; ++i)
#pragma unroll
        for (int h = 0; h < 2; ++h) {
            float sum = l[i][h];
            sum += __shfl_xor_sync(0xffffffffu, sum, 1);
            sum += __shfl_xor_sync(0xffffffffu, sum, 2);
            float inverse = sum == 0.0f ? BLIND : 1.0f / sum;
            int query = row + i * 16 + h * 8;
            if (query >= p.queries) continue;
#pragma unroll
            for (int j = 0; j < DV / 8; ++j) {
                int d = j * 8 + lane % 4 * 2;
                if (d < DIMV)
                    *reinterpret_cast<u32*>(out + query * p.oRow + d) = pack2<T>(o[i][j][h * 2] * inverse, o[i][j][h * 2 + 1] * inverse);
            }
        }
}
