// C = epilogue(A B) in plain fp32 arithmetic on any architecture: where TF32 is off, and before sm_80. A block of 256
// threads computes BM x BN, a thread TM x TN of it; BK elements of k at a time, the next ones on their way in registers.
constexpr int kThreads = (BM / TM) * (BN / TN);
constexpr int kLoadsA = BM * BK / kThreads, kLoadsB = BN * BK / kThreads;

extern "C" __global__ void __launch_bounds__(kThreads) gemm(const Params p) {
    __shared__ __align__(16) float sa[2][BK][BM + 4], sb[2][BK][BN + 4];
    int thread = threadIdx.x, tx = thread % (BN / TN), ty = thread / (BN / TN);
    int tm, tn;
    tileOf(p, tm, tn);
    int m0 = tm * BM, n0 = tn * BN, z = blockIdx.z;
    int M = rowsOf(p), N = columnsOf(p), K = depthOf(p);
    int kBegin = SPLIT ? blockIdx.y * p.kPerSplit : 0, kEnd = K;
    if (SPLIT && kBegin + p.kPerSplit < K) kEnd = kBegin + p.kPerSplit;

#if CONV
    __shared__ int corners[BM][4];
    for (int i = thread; i < BM; i += kThreads) {
        u32 rest = m0 + i < M ? m0 + i : 0, q;
        q = divide(rest, p.divOut[2]);
        corners[i][2] = static_cast<int>(rest - q * p.divOut[2].divisor) * STRIDE2 - PAD2;
        rest = q;
        q = divide(rest, p.divOut[1]);
        corners[i][1] = static_cast<int>(rest - q * p.divOut[1].divisor) * STRIDE1 - PAD1;
        rest = q;
        q = divide(rest, p.divOut[0]);
        corners[i][0] = static_cast<int>(rest - q * p.divOut[0].divisor) * STRIDE0 - PAD0;
        corners[i][3] = static_cast<int>(q);
    }
    __syncthreads();
    const T* A = static_cast<const T*>(p.x) + static_cast<i64>(z) * IC;
    const T* B = static_cast<const T*>(p.w) + static_cast<i64>(z) * OC * K;
    const i64 ldb = K;
#else
    const T* A = static_cast<const T*>(p.a) + batchOffset(p, z, p.strideA);
    const T* B = static_cast<const T*>(p.b) + batchOffset(p, z, p.strideB);
    const i64 ldb = p.ldb;
#endif
    auto readA = [&](int row, int k) -> float {
        int m = m0 + row;
        if (m >= M || k >= kEnd) return 0.0f;
#if CONV
        int tap = k / IC, c = k % IC;
        int i0 = corners[row][0] + tap / (KERNEL1 * KERNEL2) * DILATION0,
            i1 = corners[row][1] + tap / KERNEL2 % KERNEL1 * DILATION1, i2 = corners[row][2] + tap % KERNEL2 * DILATION2;
        if (static_cast<u32>(i0) >= static_cast<u32>(p.in[0]) || static_cast<u32>(i1) >= static_cast<u32>(p.in[1]) ||
            static_cast<u32>(i2) >= static_cast<u32>(p.in[2]))
            return 0.0f;
        return toF32(A[(((static_cast<i64>(corners[row][3]) * p.in[0] + i0) * p.in[1] + i1) * p.in[2] + i2) * p.xStride + c]);
#else
        return toF32(A[A_K ? m * p.lda + k : k * p.lda + m]);
#endif
    };
    auto readB = [&](int col, int k) -> float {
        int n = n0 + col;
        return n < N && k < kEnd ? toF32(B[B_K ? n * ldb + k : k * ldb + n]) : 0.0f;
    };
    // Neighbouring threads read neighbouring addresses.
    auto placeA = [&](int i, int& row, int& k) {
        int id = thread + i * kThreads;
        if (A_K) row = id / BK, k = id % BK;
        else row = id % BM, k = id / BM;
    };
    auto placeB = [&](int i, int& col, int& k) {
        int id = thread + i * kThreads;
        if (B_K) col = id / BK, k = id % BK;
        else col = id % BN, k = id / BN;
    };
    float ra[kLoadsA], rb[kLoadsB], acc[TM][TN];
#pragma unroll
    for (int i = 0; i < TM; ++i)
#pragma unroll
        for (int j = 0; j < TN; ++j) acc[i][j] = 0.0f;
    auto fetch = [&](int k0) {
#pragma unroll
        for (int i = 0; i < kLoadsA; ++i) {
            int row, k;
            placeA(i, row, k);
            ra[i] = readA(row, k0 + k);
        }
#pragma unroll
        for (int i = 0; i < kLoadsB; ++i) {
            int col, k;
            placeB(i, col, k);
            rb[i] = readB(col, k0 + k);
        }
    };
    auto keep = [&](int buffer) {
#pragma unroll
        for (int i = 0; i < kLoadsA; ++i) {
            int row, k;
            placeA(i, row, k);
            sa[buffer][k][row] = ra[i];
        }
#pragma unroll
        for (int i = 0; i < kLoadsB; ++i) {
            int col, k;
            placeB(i, col, k);
            sb[buffer][k][col] = rb[i];
        }
    };
    int buffer = 0;
    if (kBegin < kEnd) {
        fetch(kBegin);
        keep(0);
    }
    __syncthreads();
    for (int k0 = kBegin; k0 < kEnd; k0 += BK) {
        bool more = k0 + BK < kEnd;
        if (more) fetch(k0 + BK);
#pragma unroll
        for (int k = 0; k < BK; ++k) {
            float a[TM], b[TN];
            // Rows and columns in groups of four, groups of neighbouring threads side by side.
#pragma unroll
            for (int i = 0; i < TM; ++i) a[i] = sa[buffer][k][i / 4 * (BM / TM * 4) + ty * 4 + i % 4];
#pragma unroll
            for (int j = 0; j < TN; ++j) b[j] = sb[buffer][k][j / 4 * (BN / TN * 4) + tx * 4 + j % 4];
#pragma unroll
            for (int i = 0; i < TM; ++i)
#pragma unroll
                for (int j = 0; j < TN; ++j) acc[i][j] = fmaf(a[i], b[j], acc[i][j]);
        }
        if (more) keep(buffer ^ 1);
        __syncthreads();
        buffer ^= 1;
    }
    Place at = placeOf(p, z);
#pragma unroll
    for (int i = 0; i < TM; ++i) {
        i64 m = m0 + i / 4 * (BM / TM * 4) + ty * 4 + i % 4;
#pragma unroll
        for (int j = 0; j < TN; j += VC) {
            i64 n = n0 + j / 4 * (BN / TN * 4) + tx * 4 + j % 4;
            if (m < M && n < N) {
                float x[VC];
#pragma unroll
                for (int v = 0; v < VC; ++v) x[v] = acc[i][j + v];
#if SPLIT
                Pack<f32, VC> part;
#pragma unroll
                for (int v = 0; v < VC; ++v) part.v[v] = x[v];
                storePack<f32, VC>(p.partial, ((static_cast<i64>(blockIdx.y) * gridDim.z + z) * M + m) * N + n, part);
#else
                finish<VC>(x, p.accScale, p.scale, p.bias, p.residual, outputOf(p), at.channel(m, n), at.elementC(m, n),
                           at.elementR(m, n));
#endif
            }
        }
    }
}
