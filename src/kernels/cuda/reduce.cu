// Reductions. GATHER: 0 sum, 1 product, 2 maximum, 3 minimum, 4 sum of squares, 5 sum of magnitudes, 6 log of the sum of
// exponentials. FINISH: 0 as it is, 1 mean, 2 square root, 3 logarithm. T: what is read, O: what is stored, A: what is
// gathered in (float or i64).
#if GATHER == 6
struct State { A m, s; };
DEV State none() { return {-infinity(), 0.0f}; }
DEV State join(State a, State b) {
    A m = maxNan(a.m, b.m);
    // Equal ones first: the difference of infinities is no number.
    return {m, (a.m == m ? a.s : a.s * expf(a.m - m)) + (b.m == m ? b.s : b.s * expf(b.m - m))};
}
DEV State take(A x) { return {x, 1.0f}; }
DEV State shuffle(State a, int d) { return {__shfl_xor_sync(0xffffffffu, a.m, d), __shfl_xor_sync(0xffffffffu, a.s, d)}; }
DEV A result(State a, double) { return a.m == infinity() || a.m == -infinity() ? a.m : a.m + logf(a.s); }
#else
typedef A State;
template <class X> DEV X lowest();
template <> DEV float lowest<float>() { return -infinity(); }
template <> DEV i64 lowest<i64>() { return static_cast<i64>(1ull << 63); }
template <class X> DEV X highest();
template <> DEV float highest<float>() { return infinity(); }
template <> DEV i64 highest<i64>() { return static_cast<i64>(~(1ull << 63)); }
DEV float larger(float a, float b) { return maxNan(a, b); }
DEV i64 larger(i64 a, i64 b) { return a > b ? a : b; }
DEV float smaller(float a, float b) { return minNan(a, b); }
DEV i64 smaller(i64 a, i64 b) { return a < b ? a : b; }
DEV State none() { return GATHER == 1 ? A(1) : GATHER == 2 ? lowest<A>() : GATHER == 3 ? highest<A>() : A(0); }
DEV State join(State a, State b) {
    return GATHER == 1 ? a * b : GATHER == 2 ? larger(a, b) : GATHER == 3 ? smaller(a, b) : a + b;
}
DEV State take(A x) { return GATHER == 4 ? x * x : GATHER == 5 ? (x < A(0) ? -x : x) : x; }
DEV State shuffle(State a, int d) { return __shfl_xor_sync(0xffffffffu, a, d); }
DEV float root(float x) { return FINISH == 2 ? sqrtf(x) : logf(x); }
DEV i64 root(i64 x) { return x; }
DEV float meanOf(float x, double n) { return static_cast<float>(x / n); }
DEV i64 meanOf(i64 x, double n) { return n > 0 ? x / static_cast<i64>(n) : 0; }
DEV A result(State a, double n) { return FINISH == 1 ? meanOf(a, n) : FINISH >= 2 ? root(a) : a; }
#endif

template <class X> DEV A widen(X x) { return static_cast<A>(x); }
template <> DEV A widen<f16>(f16 x) { return static_cast<A>(toF32(x)); }
template <> DEV A widen<bf16>(bf16 x) { return static_cast<A>(toF32(x)); }
template <class X> DEV X narrow(A x) { return static_cast<X>(x); }
template <> DEV f16 narrow<f16>(A x) { return fromF32<f16>(static_cast<float>(x)); }
template <> DEV bf16 narrow<bf16>(A x) { return fromF32<bf16>(static_cast<float>(x)); }

DEV i64 offset(i64 flat, int rank, const long long* dims, const long long* strides) {
    i64 at = 0;
    for (int d = rank - 1; d > 0; --d) {
        i64 q = flat < (1ll << 31) && dims[d] < (1ll << 31) ? static_cast<u32>(flat) / static_cast<u32>(dims[d]) : flat / dims[d];
        at += (flat - q * dims[d]) * strides[d];
        flat = q;
    }
    return at + flat * strides[0];
}

// THREADS threads an output, along the reduced elements; V of them at once where they are contiguous.
extern "C" __global__ void __launch_bounds__(THREADS * ROWS) reduceRows(const ReduceParams p) {
    i64 index = static_cast<i64>(blockIdx.x) * ROWS + threadIdx.x / THREADS;
    if (index >= p.outputs * p.splits) return;
    i64 output = index % p.outputs, split = index / p.outputs;
    int lane = threadIdx.x % THREADS;
    const T* x = static_cast<const T*>(p.x) + offset(output, p.keptRank, p.keptDims, p.keptStrides);
    i64 end = (split + 1) * p.perSplit;
    if (end > p.perOutput) end = p.perOutput;
    State a = none();
    for (i64 i = split * p.perSplit + lane * V; i < end; i += THREADS * V) {
        Pack<T, V> v = loadPack<T, V>(x, p.reducedRank == 1 ? i * p.reducedStrides[0]
                                                            : offset(i, p.reducedRank, p.reducedDims, p.reducedStrides));
#pragma unroll
        for (int j = 0; j < V; ++j) a = join(a, take(widen(v.v[j])));
    }
#pragma unroll
    for (int d = 16; d > 0; d >>= 1) a = join(a, shuffle(a, d));
#if THREADS > 32
    __shared__ State shared[THREADS / 32];
    if (lane % 32 == 0) shared[lane / 32] = a;
    __syncthreads();
    a = shared[0];
    for (int w = 1; w < THREADS / 32; ++w) a = join(a, shared[w]);
#endif
    if (lane == 0) static_cast<O*>(p.y)[index] = narrow<O>(result(a, p.meanCount));
}

// A thread an output (x), eight threads along the reduced elements (y), parts of those by blockIdx.y.
extern "C" __global__ void __launch_bounds__(256) reduceColumns(const ReduceParams p) {
    __shared__ State shared[8][32];
    i64 output = static_cast<i64>(blockIdx.x) * 32 + threadIdx.x, split = blockIdx.y;
    i64 end = (split + 1) * p.perSplit;
    if (end > p.perOutput) end = p.perOutput;
    State a = none();
    if (output < p.outputs) {
        const T* x = static_cast<const T*>(p.x) + offset(output, p.keptRank, p.keptDims, p.keptStrides);
        for (i64 i = split * p.perSplit + threadIdx.y; i < end; i += 8)
            a = join(a, take(widen(x[p.reducedRank == 1 ? i * p.reducedStrides[0]
                                                        : offset(i, p.reducedRank, p.reducedDims, p.reducedStrides)])));
    }
    shared[threadIdx.y][threadIdx.x] = a;
    __syncthreads();
    if (threadIdx.y == 0 && output < p.outputs) {
        for (int y = 1; y < 8; ++y) a = join(a, shared[y][threadIdx.x]);
        static_cast<O*>(p.y)[split * p.outputs + output] = narrow<O>(result(a, p.meanCount));
    }
}
