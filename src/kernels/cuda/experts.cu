// Products of rows with the matrices that they chose (a mixture of experts).
#ifdef EXPERT_ORDER
// A block an expert. Rows of one expert come to lie together in `order`, ascending: those of expert e from starts[e] to starts[e
// + 1]. Every block counts for itself what lies before its own. n: 0 rows, 1 experts. data: 0 choices (I), 1 starts, 2 order.
extern "C" __global__ void __launch_bounds__(256) expertOrder(const SmallParams p) {
    __shared__ int own[256], less[256];
    int t = threadIdx.x;
    i64 e = blockIdx.x, rows = p.n[0], each = (rows + 255) / 256, from = t * each, to = from + each;
    if (to > rows) to = rows;
    int mine = 0, before = 0;
    for (i64 r = from; r < to; ++r) {
        i64 c = static_cast<i64>(in<I>(p, 0)[r]);
        mine += c == e;
        before += c >= 0 && c < e;
    }
    own[t] = mine;
    less[t] = before;
    __syncthreads();
    for (int d = 1; d < 256; d *= 2) {
        int a = t >= d ? own[t - d] : 0, b = t >= d ? less[t - d] : 0;
        __syncthreads();
        own[t] += a;
        less[t] += b;
        __syncthreads();
    }
    int at = less[255] + own[t] - mine;
    for (i64 r = from; r < to; ++r)
        if (static_cast<i64>(in<I>(p, 0)[r]) == e) out<int>(p, 2)[at++] = static_cast<int>(r);
    if (t != 0) return;
    out<int>(p, 1)[e] = less[255];
    if (e == p.n[1] - 1) out<int>(p, 1)[e + 1] = less[255] + own[255];
}
#endif

#ifdef EXPERT_NONE
// A thread a row: zeros where the choice is no expert. n: 0 experts, 1 width. data: 0 choices (I), 1 y (T).
extern "C" __global__ void __launch_bounds__(256) expertNone(const SmallParams p) {
    i64 r = itemOf();
    if (r >= p.items) return;
    i64 c = static_cast<i64>(in<I>(p, 0)[r]);
    if (c >= 0 && c < p.n[0]) return;
    for (i64 i = 0; i < p.n[1]; ++i) out<T>(p, 1)[r * p.n[1] + i] = ofFloat<T>(0.0f);
}
#endif

#ifdef EXPERT_PRODUCT
// A block of 256 threads computes BM rows of one expert by 64 columns, a thread TM x TN of it, in f32. n: 0 experts, 1 depth, 2
// width, 3 tiles along the width, 4 rows that share one of x. data: 0 x (T), 1 w, 2 bias (may be null), 3 starts, 4 order, 5 y.
constexpr int kAcross = 64 / TN, BM = 256 / kAcross * TM;
extern "C" __global__ void __launch_bounds__(256) expertProduct(const SmallParams p) {
    __shared__ float sa[BK][BM + 4], sb[BK][64];
    __shared__ int rowOf[BM];
    const int* starts = in<int>(p, 3);
    int t = threadIdx.x, tx = t % kAcross, ty = t / kAcross;
    i64 tile = blockIdx.x / p.n[3], n0 = blockIdx.x % p.n[3] * 64, K = p.n[1], N = p.n[2], e = 0;
    int first = 0, last = 0;
    for (;; ++e) {
        if (e == p.n[0]) return;
        first = starts[e], last = starts[e + 1];
        i64 tiles = (last - first + BM - 1) / BM;
        if (tile < tiles) break;
        tile -= tiles;
    }
    first += static_cast<int>(tile) * BM;
    if (t < BM) rowOf[t] = first + t < last ? in<int>(p, 4)[first + t] : -1;
    float acc[TM][TN];
    for (int i = 0; i < TM; ++i)
        for (int j = 0; j < TN; ++j) acc[i][j] = 0.0f;
    const T *x = in<T>(p, 0), *w = in<T>(p, 1) + e * K * N;
    __syncthreads();
    for (i64 k0 = 0; k0 < K; k0 += BK) {
        for (int i = t; i < BM * BK; i += 256) {
            int row = i / BK, k = i % BK;
            sa[k][row] = rowOf[row] >= 0 && k0 + k < K ? toFloat(x[rowOf[row] / p.n[4] * K + k0 + k]) : 0.0f;
        }
        for (int i = t; i < 64 * BK; i += 256) {
            int k = i / 64, column = i % 64;
            sb[k][column] = n0 + column < N && k0 + k < K ? toFloat(w[(k0 + k) * N + n0 + column]) : 0.0f;
        }
        __syncthreads();
#pragma unroll
        for (int k = 0; k < BK; ++k)
#pragma unroll
            for (int i = 0; i < TM; ++i)
#pragma unroll
                for (int j = 0; j < TN; ++j) acc[i][j] += sa[k][ty * TM + i] * sb[k][tx + j * kAcross];
        __syncthreads();
    }
    for (int i = 0; i < TM; ++i) {
        int row = rowOf[ty * TM + i];
        if (row < 0) continue;
        for (int j = 0; j < TN; ++j) {
            i64 column = n0 + tx + j * kAcross;
            if (column >= N) continue;
            float v = acc[i][j];
            if (p.data[2]) v += toFloat(in<T>(p, 2)[e * N + column]);
            out<T>(p, 5)[row * N + column] = ofFloat<T>(v);
        }
    }
}
#endif
