// C = epilogue(A B) on the tensor cores through mma.sync (sm_80 and later), operands through cp.async in STAGES stages of
// shared memory; with CONV, A is the image matrix of an NHWC convolution, gathered as it is loaded.
//
// T: f16, bf16, or f32 (as TF32, rounded to nearest). BM x BN x BK: a block's tile; WM x WN: a warp's. A_K: A's rows are
// contiguous in k ([m][k]), else in m ([k][m]); B_K likewise ([n][k], else [k][n]). VA, VB: elements that are aligned
// together. VC: columns that are finished together. Rows of tiles in shared memory are padded by 16 bytes (32 for f32
// that is read word by word), which keeps ldmatrix and word reads free of bank conflicts.
constexpr int E = sizeof(T), kChunk = 16 / E, kStep = 32 / E;
constexpr int kWarpsM = BM / WM, kWarpsN = BN / WN, kThreads = 32 * kWarpsM * kWarpsN;
constexpr int kPadK = 16 / E, kPadN = E == 4 ? 8 : 8;
constexpr int kRowA = A_K ? BK + kPadK : BM + kPadN, kRowB = B_K ? BK + kPadK : BN + kPadN;
constexpr int kRowsA = A_K ? BM : BK, kRowsB = B_K ? BN : BK;
constexpr int kTileA = kRowsA * kRowA, kTileB = kRowsB * kRowB;
constexpr int kChunksRowA = (A_K ? BK : BM) / kChunk, kChunksRowB = (B_K ? BK : BN) / kChunk;
constexpr int kLoadsA = (kRowsA * kChunksRowA + kThreads - 1) / kThreads, kLoadsB = (kRowsB * kChunksRowB + kThreads - 1) / kThreads;
constexpr bool kEvenA = kRowsA * kChunksRowA % kThreads == 0, kEvenB = kRowsB * kChunksRowB % kThreads == 0;
constexpr int MT = WM / 16, NT = WN / 8;

DEV u32 sharedAddress(const void* p) { return static_cast<u32>(__cvta_generic_to_shared(p)); }

template <int BYTES>
DEV void copyAsync(T* to, const T* from, bool valid) {
    if constexpr (BYTES == 16)
        asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(sharedAddress(to)), "l"(from), "r"(valid ? 16 : 0) : "memory");
    else if constexpr (BYTES == 8)
        asm volatile("cp.async.ca.shared.global [%0], [%1], 8, %2;" ::"r"(sharedAddress(to)), "l"(from), "r"(valid ? 8 : 0) : "memory");
    else if constexpr (BYTES == 4)
        asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(sharedAddress(to)), "l"(from), "r"(valid ? 4 : 0) : "memory");
    else
        *reinterpret_cast<u16*>(to) = valid ? *reinterpret_cast<const u16*>(from) : static_cast<u16>(0);
}

DEV void ldmatrix4(u32 (&r)[4], const T* p) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(sharedAddress(p)) : "memory");
}
DEV void ldmatrix4t(u32 (&r)[4], const T* p) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(sharedAddress(p)) : "memory");
}
DEV u32 toTf32(u32 bits) {
    u32 r;
    asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(r) : "f"(fromBits(bits)));
    return r;
}
DEV u32 word(const T* p) { return *reinterpret_cast<const u32*>(p); }

template <class X> DEV void mma(float (&c)[4], const u32 (&a)[4], u32 b0, u32 b1);
template <> DEV void mma<f16>(float (&c)[4], const u32 (&a)[4], u32 b0, u32 b1) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                 : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}
template <> DEV void mma<bf16>(float (&c)[4], const u32 (&a)[4], u32 b0, u32 b1) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                 : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}
template <> DEV void mma<f32>(float (&c)[4], const u32 (&a)[4], u32 b0, u32 b1) {
    asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                 : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

// A warp's operands for one step of kStep along k.
DEV void fragmentsA(u32 (&a)[MT][4], const T* s, int wm, int kk, int lane) {
#pragma unroll
    for (int i = 0; i < MT; ++i) {
        int m = wm + i * 16;
        if (A_K) {
            ldmatrix4(a[i], s + (m + lane % 16) * kRowA + kk * kStep + lane / 16 * kChunk);
        } else if (E == 2) {
            ldmatrix4t(a[i], s + (kk * 16 + lane % 8 + lane / 16 * 8) * kRowA + m + lane / 8 % 2 * 8);
        } else {
            const T* q = s + (kk * 8 + lane % 4) * kRowA + m + lane / 4;
            a[i][0] = word(q);
            a[i][1] = word(q + 8);
            a[i][2] = word(q + 4 * kRowA);
            a[i][3] = word(q + 4 * kRowA + 8);
        }
        if (E == 4)
#pragma unroll
            for (int r = 0; r < 4; ++r) a[i][r] = toTf32(a[i][r]);
    }
}
DEV void fragmentsB(u32 (&b)[NT][2], const T* s, int wn, int kk, int lane) {
#pragma unroll
    for (int j = 0; j < NT; j += 2) {
        int n = wn + j * 8;
        u32 r[4];
        if (B_K) {
            ldmatrix4(r, s + (n + lane % 8 + lane / 16 * 8) * kRowB + kk * kStep + lane / 8 % 2 * kChunk);
        } else if (E == 2) {
            ldmatrix4t(r, s + (kk * 16 + lane % 16) * kRowB + n + lane / 16 * 8);
        } else {
            const T* q = s + (kk * 8 + lane % 4) * kRowB + n + lane / 4;
            r[0] = word(q);
            r[1] = word(q + 4 * kRowB);
            r[2] = word(q + 8);
            r[3] = word(q + 4 * kRowB + 8);
        }
        if (E == 4)
#pragma unroll
            for (int i = 0; i < 4; ++i) r[i] = toTf32(r[i]);
        b[j][0] = r[0], b[j][1] = r[1], b[j + 1][0] = r[2], b[j + 1][1] = r[3];
    }
}

extern "C" __global__ void __launch_bounds__(kThreads) gemm(const Params p) {
    extern __shared__ __align__(16) unsigned char memory[];
    T* stages = reinterpret_cast<T*>(memory);
    int thread = threadIdx.x, lane = thread % 32, warp = thread / 32;
    int wm = warp % kWarpsM * WM, wn = warp / kWarpsM * WN;
    int tm, tn;
    tileOf(p, tm, tn);
    int m0 = tm * BM, n0 = tn * BN, z = blockIdx.z;
    int M = rowsOf(p), N = columnsOf(p), K = depthOf(p);
    int kBegin = SPLIT ? blockIdx.y * p.kPerSplit : 0, kEnd = K;
    if (SPLIT && kBegin + p.kPerSplit < K) kEnd = kBegin + p.kPerSplit;
    int iterations = kEnd > kBegin ? (kEnd - kBegin + BK - 1) / BK : 0;

#if CONV
    const T* A = static_cast<const T*>(p.x) + static_cast<i64>(z) * IC;
    const T* B = static_cast<const T*>(p.w) + static_cast<i64>(z) * OC * K;
    const i64 ldb = K;
    // The output pixels whose rows this thread loads: address of the image and the window's corner in it.
    i64 image[kLoadsA];
    int corner[kLoadsA][3];
#pragma unroll
    for (int i = 0; i < kLoadsA; ++i) {
        int m = m0 + (thread + i * kThreads) / kChunksRowA;
        bool valid = m < M;
        u32 rest = valid ? m : 0, q;
        q = divide(rest, p.divOut[2]);
        corner[i][2] = static_cast<int>(rest - q * p.divOut[2].divisor) * STRIDE2 - PAD2;
        rest = q;
        q = divide(rest, p.divOut[1]);
        corner[i][1] = static_cast<int>(rest - q * p.divOut[1].divisor) * STRIDE1 - PAD1;
        rest = q;
        q = divide(rest, p.divOut[0]);
        corner[i][0] = static_cast<int>(rest - q * p.divOut[0].divisor) * STRIDE0 - PAD0;
        if (!valid) corner[i][0] = -(1 << 30);
        image[i] = static_cast<i64>(q) * p.in[0] * p.in[1] * p.in[2] * p.xStride;
    }
#else
    const T* A = static_cast<const T*>(p.a) + batchOffset(p, z, p.strideA);
    const T* B = static_cast<const T*>(p.b) + batchOffset(p, z, p.strideB);
    const i64 ldb = p.ldb;
#endif

    // Where this thread's chunks of A and B begin, and what becomes of that with each step along k.
    const T* fromB[kLoadsB];
    bool okB[kLoadsB];
    const i64 stepB = B_K ? BK : BK * ldb;
#if !CONV
    const T* fromA[kLoadsA];
    bool okA[kLoadsA];
    const i64 stepA = A_K ? BK : BK * p.lda;
#pragma unroll
    for (int i = 0; i < kLoadsA; ++i) {
        int id = thread + i * kThreads, row = id / kChunksRowA, col = id % kChunksRowA * kChunk;
        i64 m = m0 + (A_K ? row : col), k = kBegin + (A_K ? col : row);
        okA[i] = m < M;
        fromA[i] = A + (okA[i] ? (A_K ? m * p.lda + k : k * p.lda + m) : 0);
    }
#endif
#pragma unroll
    for (int i = 0; i < kLoadsB; ++i) {
        int id = thread + i * kThreads, row = id / kChunksRowB, col = id % kChunksRowB * kChunk;
        i64 n = n0 + (B_K ? row : col), k = kBegin + (B_K ? col : row);
        okB[i] = n < N;
        fromB[i] = B + (okB[i] ? (B_K ? n * ldb + k : k * ldb + n) : 0);
    }

    // Called once for each step, in order.
    auto load = [&](int stage, int k0) {
        T* sa = stages + stage * (kTileA + kTileB);
        T* sb = sa + kTileA;
#if CONV
        // Where a step lies within one tap, its place in the window is the same for all.
        int tap0 = IC % BK == 0 ? k0 / IC : 0, c0 = IC % BK == 0 ? k0 - tap0 * IC : 0;
#endif
#pragma unroll
        for (int i = 0; i < kLoadsA; ++i) {
            int id = thread + i * kThreads, row = id / kChunksRowA, col = id % kChunksRowA * kChunk;
            if (!kEvenA && row >= kRowsA) continue;
#pragma unroll
            for (int v = 0; v < kChunk; v += VA) {
#if CONV
                int k = k0 + col + v, tap = IC % BK == 0 ? tap0 : k / IC, c = IC % BK == 0 ? c0 + col + v : k - tap * IC;
                int i0 = corner[i][0] + tap / (KERNEL1 * KERNEL2) * DILATION0,
                    i1 = corner[i][1] + tap / KERNEL2 % KERNEL1 * DILATION1, i2 = corner[i][2] + tap % KERNEL2 * DILATION2;
                bool valid = k < kEnd && static_cast<u32>(i0) < static_cast<u32>(p.in[0]) &&
                             static_cast<u32>(i1) < static_cast<u32>(p.in[1]) && static_cast<u32>(i2) < static_cast<u32>(p.in[2]);
                i64 at = valid ? image[i] + ((static_cast<i64>(i0) * p.in[1] + i1) * p.in[2] + i2) * p.xStride + c : 0;
                copyAsync<VA * E>(sa + row * kRowA + col + v, A + at, valid);
#else
                int k = k0 + (A_K ? col + v : row);
                bool valid = okA[i] && k < kEnd && (A_K || v == 0 || m0 + col + v < M);
                copyAsync<VA * E>(sa + row * kRowA + col + v, valid ? fromA[i] + v : A, valid);
#endif
            }
#if !CONV
            fromA[i] += stepA;
#endif
        }
#pragma unroll
        for (int i = 0; i < kLoadsB; ++i) {
            int id = thread + i * kThreads, row = id / kChunksRowB, col = id % kChunksRowB * kChunk;
            if (!kEvenB && row >= kRowsB) continue;
#pragma unroll
            for (int v = 0; v < kChunk; v += VB) {
                int k = k0 + (B_K ? col + v : row);
                bool valid = okB[i] && k < kEnd && (B_K || v == 0 || n0 + col + v < N);
                copyAsync<VB * E>(sb + row * kRowB + col + v, valid ? fromB[i] + v : B, valid);
            }
            fromB[i] += stepB;
        }
    };

    float acc[MT][NT][4];
#pragma unroll
    for (int i = 0; i < MT; ++i)
#pragma unroll
        for (int j = 0; j < NT; ++j)
#pragma unroll
            for (int r = 0; r < 4; ++r) acc[i][j][r] = 0.0f;

#pragma unroll
    for (int s = 0; s < STAGES - 1; ++s) {
        if (s < iterations) load(s, kBegin + s * BK);
        asm volatile("cp.async.commit_group;" ::: "memory");
    }
    int stage = 0, fill = STAGES - 1;
    for (int it = 0; it < iterations; ++it) {
        asm volatile("cp.async.wait_group %0;" ::"n"(STAGES - 2) : "memory");
        __syncthreads();
        if (it + STAGES - 1 < iterations) load(fill, kBegin + (it + STAGES - 1) * BK);
        asm volatile("cp.async.commit_group;" ::: "memory");
        const T* sa = stages + stage * (kTileA + kTileB);
        const T* sb = sa + kTileA;
        constexpr int kSteps = BK / kStep;
        // The next step's operands are on their way while this one's are multiplied.
        u32 a[2][MT][4], b[2][NT][2];
        fragmentsA(a[0], sa, wm, 0, lane);
        fragmentsB(b[0], sb, wn, 0, lane);
#pragma unroll
        for (int kk = 0; kk < kSteps; ++kk) {
            if (kk + 1 < kSteps) {
                fragmentsA(a[(kk + 1) % 2], sa, wm, kk + 1, lane);
                fragmentsB(b[(kk + 1) % 2], sb, wn, kk + 1, lane);
            }
#pragma unroll
            for (int i = 0; i < MT; ++i)
#pragma unroll
                for (int j = 0; j < NT; ++j) mma<T>(acc[i][j], a[kk % 2][i], b[kk % 2][j][0], b[kk % 2][j][1]);
        }
        stage = stage + 1 == STAGES ? 0 : stage + 1;
        fill = fill + 1 == STAGES ? 0 : fill + 1;
    }
    asm volatile("cp.async.wait_group 0;" ::: "memory");
    __syncthreads();

    // Each warp turns 16 rows at a time into whole vectors of columns, by way of its own part of shared memory. Where a
    // row's vectors fit in a warp, a lane has the same columns in all rows.
    constexpr int kRowC = WN + 8, kPerRow = WN / VC, kItems = (16 * kPerRow + 31) / 32;
    constexpr bool kFixed = kPerRow <= 32 && !PER_ROW && !SPLIT;
    float* out = reinterpret_cast<float*>(memory) + warp * 16 * kRowC;
    Place at = placeOf(p, z);
    Channels<VC> channels = Channels<VC>();
    if (kFixed && n0 + wn + lane % kPerRow * VC < N) channels = loadChannels<VC>(p.scale, p.bias, at.channel(0, n0 + wn + lane % kPerRow * VC));
#pragma unroll
    for (int i = 0; i < MT; ++i) {
        Residual<VC> residual[kItems];
#pragma unroll
        for (int item = 0; item < kItems; ++item) {
            int id = item * 32 + lane, row = id / kPerRow, col = id % kPerRow * VC;
            i64 m = m0 + wm + i * 16 + row, n = n0 + wn + col;
            if (HAS_RESIDUAL && !SPLIT && row < 16 && m < M && n < N) residual[item] = loadResidual<VC>(p.residual, at.elementR(m, n));
        }
#pragma unroll
        for (int j = 0; j < NT; ++j)
#pragma unroll
            for (int h = 0; h < 2; ++h)
                *reinterpret_cast<float2*>(out + (lane / 4 + h * 8) * kRowC + j * 8 + lane % 4 * 2) =
                    make_float2(acc[i][j][h * 2], acc[i][j][h * 2 + 1]);
        __syncwarp();
#pragma unroll
        for (int item = 0; item < kItems; ++item) {
            int id = item * 32 + lane, row = id / kPerRow, col = id % kPerRow * VC;
            i64 m = m0 + wm + i * 16 + row, n = n0 + wn + col;
            if (row < 16 && m < M && n < N) {
                Pack<f32, VC> part = loadPack<f32, VC>(out, row * kRowC + col);
#if SPLIT
                storePack<f32, VC>(p.partial, ((static_cast<i64>(blockIdx.y) * gridDim.z + z) * M + m) * N + n, part);
#else
                if (!kFixed) channels = loadChannels<VC>(p.scale, p.bias, at.channel(m, n));
                finishWith<VC>(part.v, p.accScale, channels, residual[item], outputOf(p), at.elementC(m, n));
#endif
            }
        }
        __syncwarp();
    }
}
