// With CONV, A is the image matrix of an NHWC convolution, which the copy engine gathers: a step is 64 channels of a tap.
//
// C = epilogue(A B) on sm_90's warpgroup products: A [m][k], B [n][k], f16 or bf16, 64 elements of k (128 swizzled bytes)
// a step. One warpgroup brings tiles through tensor maps, BM / WM others multiply; blocks live until all tiles are done.
// CLUSTER blocks next to each other along m share the tiles of B: each brings a part for all of them.
// After store.cu and the generated wgmma(d, a, b, add). BK is 64.
constexpr int kConsumers = BM / WM, MT = WM / 64, kThreads = 128 * (kConsumers + 1);
constexpr int kBytesA = BM * 128, kBytesB = BN * 128, kStageBytes = kBytesA + kBytesB;
constexpr int kColumnsC = 32, kRowC = kColumnsC + 8, kOutBytes = kConsumers * 4 * 16 * kRowC * 4;

#if CONV
typedef WgmmaConvParams TileParams;
constexpr int kBlocksOfTap = (IC + 63) / 64;
DEV int stepsOf(const TileParams&) { return kTaps * kBlocksOfTap; }
#else
typedef WgmmaParams TileParams;
DEV int stepsOf(const TileParams& p) { return (p.g.k + 63) / 64; }
#endif

DEV void loadTile(u32 to, const TensorMap* map, u32 barrier, int c0, int c1, int c2) {
    asm volatile("cp.async.bulk.tensor.3d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%3, %4, %5}], [%2];"
                 ::"r"(to), "l"(map), "r"(barrier), "r"(c0), "r"(c1), "r"(c2) : "memory");
}
DEV void loadTileForAll(u32 to, const TensorMap* map, u32 barrier, int c0, int c1, int c2, u16 mask) {
    asm volatile("cp.async.bulk.tensor.3d.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::cluster "
                 "[%0], [%1, {%3, %4, %5}], [%2], %6;"
                 ::"r"(to), "l"(map), "r"(barrier), "r"(c0), "r"(c1), "r"(c2), "h"(mask) : "memory");
}
#if CONV
DEV void loadPixels(u32 to, const TensorMap* map, u32 barrier, int c, int w, int h, int n, u16 offsetW, u16 offsetH) {
    asm volatile("cp.async.bulk.tensor.4d.shared::cluster.global.im2col.mbarrier::complete_tx::bytes "
                 "[%0], [%1, {%3, %4, %5, %6}], [%2], {%7, %8};"
                 ::"r"(to), "l"(map), "r"(barrier), "r"(c), "r"(w), "r"(h), "r"(n), "h"(offsetW), "h"(offsetH) : "memory");
}
#endif
struct Work {
    int m, n, z, split;
};
DEV Work workOf(const TileParams& p, i64 w) {
    int perSlice = p.clustersM * p.g.tilesN;
    int slice = static_cast<int>(w / perSlice), b = static_cast<int>(w % perSlice);
    constexpr int kGroup = 8;
    int perGroup = kGroup * p.g.tilesN, g = b / perGroup, first = g * kGroup;
    int rows = p.clustersM - first < kGroup ? p.clustersM - first : kGroup;
    b -= g * perGroup;
    return {(first + b % rows) * CLUSTER, b / rows, slice / p.g.splits, slice % p.g.splits};
}

extern "C" __global__ void __launch_bounds__(kThreads, 1) gemm(const __grid_constant__ TileParams p) {
    extern __shared__ unsigned char memory[];
    u32 base = (sharedAddress(memory) + 1023u) & ~1023u;
    unsigned char* generic = memory + (base - sharedAddress(memory));
    u32 full = base + STAGES * kStageBytes + kOutBytes, empty = full + STAGES * 8;
    int thread = threadIdx.x, group = thread / 128;
    u32 rank = CLUSTER > 1 ? clusterRank() : 0;
    if (thread == 0) {
        for (int s = 0; s < STAGES; ++s) {
            barrierInit(full + s * 8, 1);
            barrierInit(empty + s * 8, kConsumers * 4 * CLUSTER);
        }
        asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
        asm volatile("fence.proxy.async;" ::: "memory");
    }
    __syncthreads();
    if (CLUSTER > 1) clusterSync();

    i64 clusters = gridDim.x / CLUSTER, firstWork = blockIdx.x / CLUSTER;
    int blocksK = stepsOf(p), perSplit = p.g.kPerSplit / 64;
    if (group == 0) {
#if SETMAXNREG
        asm volatile("setmaxnreg.dec.sync.aligned.u32 40;");
#endif
        if (thread == 0) {
            asm volatile("prefetch.tensormap [%0];" ::"l"(&p.a) : "memory");
            asm volatile("prefetch.tensormap [%0];" ::"l"(&p.b) : "memory");
            int stage = 0;
            u32 phase = 0;
            for (i64 w = firstWork; w < p.work; w += clusters) {
                Work t = workOf(p, w);
                int k = t.split * perSplit, end = k + perSplit < blocksK ? k + perSplit : blocksK;
                int row = (t.m + static_cast<int>(rank)) * BM, col = t.n * BN;
#if CONV
                // The first pixel of the tile: image, and corner of its window.
                u32 rest = static_cast<u32>(row), q = divide(rest, p.g.divOut[2]);
                int cornerW = static_cast<int>(rest - q * p.g.divOut[2].divisor) * STRIDE2 - PAD2;
                rest = q;
                q = divide(rest, p.g.divOut[1]);
                int cornerH = static_cast<int>(rest - q * p.g.divOut[1].divisor) * STRIDE1 - PAD1, image = static_cast<int>(q);
#endif
                for (; k < end; ++k) {
                    barrierWait(empty + stage * 8, phase ^ 1);
                    u32 to = base + stage * kStageBytes, bar = full + stage * 8;
                    barrierExpect(bar, kStageBytes);
#if CONV
                    int tap = k / kBlocksOfTap, c = (k - tap * kBlocksOfTap) * 64;
                    loadPixels(to, &p.a, bar, t.z * IC + c, cornerW, cornerH, image, static_cast<u16>(tap % KERNEL2 * DILATION2),
                               static_cast<u16>(tap / KERNEL2 * DILATION1));
                    // Weights [oc][tap][channel]: past a tap's channels there are zeros.
                    int b0 = c, b1 = tap, b2 = t.z * OC + col;
                    const int rowStep1 = 0, rowStep2 = 1;
#else
                    loadTile(to, &p.a, bar, k * 64, row, t.z * p.movesA);
                    int b0 = k * 64, b1 = col, b2 = t.z * p.movesB;
                    const int rowStep1 = 1, rowStep2 = 0;
#endif
                    if (CLUSTER == 1) {
                        loadTile(to + kBytesA, &p.b, bar, b0, b1, b2);
                    } else {
                        constexpr int kRows = BN / CLUSTER;
                        int first = static_cast<int>(rank) * kRows;
                        loadTileForAll(to + kBytesA + rank * (kRows * 128), &p.b, bar, b0, b1 + first * rowStep1, b2 + first * rowStep2,
                                       static_cast<u16>((1 << CLUSTER) - 1));
                    }
                    if (++stage == STAGES) stage = 0, phase ^= 1;
                }
            }
        }
    } else {
#if SETMAXNREG
        asm volatile("setmaxnreg.inc.sync.aligned.u32 232;");
#endif
        int consumer = group - 1, warp = thread / 32 % 4, lane = thread % 32;
        float* out = reinterpret_cast<float*>(generic + STAGES * kStageBytes) + (consumer * 4 + warp) * 16 * kRowC;
        int stage = 0;
        u32 phase = 0;
        float acc[MT][BN / 2];
        for (i64 w = firstWork; w < p.work; w += clusters) {
            Work t = workOf(p, w);
            int k = t.split * perSplit, end = k + perSplit < blocksK ? k + perSplit : blocksK;
            int last = -1, add = 0;
            for (; k < end; ++k) {
                barrierWait(full + stage * 8, phase);
                u32 from = base + stage * kStageBytes;
                asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
#pragma unroll
                for (int s = 0; s < 4; ++s) {
                    u64 b = descriptor(from + kBytesA) + s * 2;
#pragma unroll
                    for (int i = 0; i < MT; ++i)
                        wgmma(acc[i], descriptor(from + (consumer * WM + i * 64) * 128) + s * 2, b, s == 0 ? add : 1);
                }
                asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
                add = 1;
                // The step before has been read: its place is free.
                asm volatile("wgmma.wait_group.sync.aligned 1;" ::: "memory");
                if (last >= 0 && lane < CLUSTER) barrierArriveAt(empty + last * 8, lane);
                last = stage;
                if (++stage == STAGES) stage = 0, phase ^= 1;
            }
            asm volatile("wgmma.wait_group.sync.aligned 0;" ::: "memory");
            if (last >= 0 && lane < CLUSTER) barrierArriveAt(empty + last * 8, lane);

            // As in gemm_mma.cu, 16 rows by 32 columns at a time. What goes with the columns and the residual are read
            // some turns ahead.
            int z = t.z;
            constexpr int kPerRow = kColumnsC / VC, kItems = (16 * kPerRow + 31) / 32, kTurns = BN / kColumnsC;
            constexpr int kAhead = kTurns < 4 ? kTurns : 4, kAheadR = kTurns < 2 ? kTurns : 2;
            int col = lane % kPerRow * VC;
            Place at = placeOf(p.g, z);
            i64 m0 = static_cast<i64>(t.m + rank) * BM + consumer * WM + warp * 16 + lane / kPerRow;
            i64 n0 = static_cast<i64>(t.n) * BN + col;
            i64 M = rowsOf(p.g), N = columnsOf(p.g);
#pragma unroll
            for (int i = 0; i < MT; ++i) {
                Channels<VC> channels[kTurns];
                Residual<VC> residual[kTurns][kItems];
                auto loadC = [&](int c) {
                    i64 n = n0 + c * kColumnsC;
                    if (!SPLIT && !PER_ROW && n < N) channels[c] = loadChannels<VC>(p.g.scale, p.g.bias, at.channel(0, n));
                };
                auto loadR = [&](int c) {
#pragma unroll
                    for (int item = 0; item < kItems; ++item) {
                        i64 n = n0 + c * kColumnsC, m = m0 + i * 64 + item * (32 / kPerRow);
                        if (HAS_RESIDUAL && !SPLIT && m < M && n < N) residual[c][item] = loadResidual<VC>(p.g.residual, at.elementR(m, n));
                    }
                };
#pragma unroll
                for (int c = 0; c < kAhead; ++c) loadC(c);
#pragma unroll
                for (int c = 0; c < kAheadR; ++c) loadR(c);
#pragma unroll
                for (int c = 0; c < kTurns; ++c) {
                    __syncwarp();
#pragma unroll
                    for (int j = 0; j < kColumnsC / 8; ++j)
#pragma unroll
                        for (int h = 0; h < 2; ++h)
                            *reinterpret_cast<float2*>(out + (lane / 4 + h * 8) * kRowC + j * 8 + lane % 4 * 2) =
                                make_float2(acc[i][(c * 4 + j) * 4 + h * 2], acc[i][(c * 4 + j) * 4 + h * 2 + 1]);
                    __syncwarp();
#pragma unroll
                    for (int item = 0; item < kItems; ++item) {
                        int row = item * (32 / kPerRow);
                        i64 m = m0 + i * 64 + row, n = n0 + c * kColumnsC;
                        if (row + lane / kPerRow < 16 && m < M && n < N) {
                            Pack<f32, VC> part = loadPack<f32, VC>(out, (row + lane / kPerRow) * kRowC + col);
#if SPLIT
                            storePack<f32, VC>(p.g.partial, ((static_cast<i64>(t.split) * BATCHES + z) * M + m) * N + n, part);
#else
                            if (PER_ROW) channels[c] = loadChannels<VC>(p.g.scale, p.g.bias, at.channel(m, n));
                            finishWith<VC>(part.v, p.g.accScale, channels[c], residual[c][item], outputOf(p.g), at.elementC(m, n));
#endif
                        }
                    }
                    if (c + kAhead < kTurns) loadC(c + kAhead);
                    if (c + kAheadR < kTurns) loadR(c + kAheadR);
                }
            }
        }
    }
    // A block stays until its neighbours no longer write to it.
    if (CLUSTER > 1) clusterSync();
}
