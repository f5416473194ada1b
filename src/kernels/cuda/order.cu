// Order along one axis of dense [outer, n, inner]: extremes' positions, the k greatest or least, running sums.
// T: element type, I: index type, LEAST: ascending.
template <class X> DEV u64 keyOf(X x) { return static_cast<u64>(static_cast<i64>(x)) ^ 1ull << 63; }
DEV u64 floatKey(float f) {
    if (!(f == f)) return 0xffffffffull;
    u32 b = bitsOf(f == 0.0f ? 0.0f : f);
    return b >> 31 ? ~b : b | 0x80000000u;
}
template <> DEV u64 keyOf<f32>(f32 x) { return floatKey(x); }
template <> DEV u64 keyOf<f16>(f16 x) { return floatKey(toF32(x)); }
template <> DEV u64 keyOf<bf16>(bf16 x) { return floatKey(toF32(x)); }
DEV u64 rankKey(T x) { return LEAST ? ~keyOf<T>(x) : keyOf<T>(x); }

#ifdef ARG
DEV bool better(u64 k, i64 i, u64 k2, i64 i2) { return k > k2 || (k == k2 && (LAST ? i > i2 : i < i2)); }
// THREADS threads a line.
extern "C" __global__ void __launch_bounds__(256) argExtreme(const TopKParams p) {
    i64 line = static_cast<i64>(blockIdx.x) * (256 / THREADS) + threadIdx.x / THREADS;
    if (line >= p.outer * p.inner) return;
    int lane = threadIdx.x % THREADS;
    const T* x = static_cast<const T*>(p.x) + line / p.inner * p.n * p.inner + line % p.inner;
    u64 best = 0;
    i64 at = -1;
    for (i64 i = lane; i < p.n; i += THREADS) {
        u64 k = rankKey(x[i * p.inner]);
        if (at < 0 || better(k, i, best, at)) best = k, at = i;
    }
#if THREADS == 32
#pragma unroll
    for (int d = 16; d > 0; d >>= 1) {
        u64 k = __shfl_xor_sync(0xffffffffu, best, d);
        i64 i = __shfl_xor_sync(0xffffffffu, at, d);
        if (i >= 0 && (at < 0 || better(k, i, best, at))) best = k, at = i;
    }
#endif
    if (lane == 0) static_cast<I*>(p.index)[line] = static_cast<I>(at);
}
#endif

#ifdef TOPK
// A block a line. SIZE elements (a power of two) are sorted in shared memory, the best first; where n is larger, the best
// half stays and the rest of the line passes through the other half.
extern "C" __global__ void __launch_bounds__(512) topK(const TopKParams p) {
    __shared__ u64 key[SIZE];
    __shared__ u32 at[SIZE];
    i64 line = blockIdx.x;
    const T* x = static_cast<const T*>(p.x) + line / p.inner * p.n * p.inner + line % p.inner;
    int keep = 0;
    i64 next = 0;
    while (next < p.n) {
        for (int s = keep + threadIdx.x; s < SIZE; s += blockDim.x) {
            i64 i = next + (s - keep);
            key[s] = i < p.n ? rankKey(x[i * p.inner]) : 0;
            at[s] = i < p.n ? static_cast<u32>(i) : 0xffffffffu;
        }
        next += SIZE - keep;
        keep = SIZE / 2;
        for (int width = 2; width <= SIZE; width *= 2)
            for (int d = width / 2; d > 0; d /= 2) {
                __syncthreads();
                for (int t = threadIdx.x; t < SIZE / 2; t += blockDim.x) {
                    int a = t / d * 2 * d + t % d, b = a + d;
                    // Positions past the end come last, whatever their key is.
                    bool inOrder = at[b] == 0xffffffffu || (at[a] != 0xffffffffu && (key[a] > key[b] || (key[a] == key[b] && at[a] < at[b])));
                    if (inOrder == ((a & width) != 0)) {
                        u64 k = key[a];
                        key[a] = key[b];
                        key[b] = k;
                        u32 i = at[a];
                        at[a] = at[b];
                        at[b] = i;
                    }
                }
            }
        __syncthreads();
    }
    i64 to = line / p.inner * p.k * p.inner + line % p.inner;
    for (int s = threadIdx.x; s < p.k; s += blockDim.x) {
        if (p.value) static_cast<T*>(p.value)[to + s * p.inner] = x[at[s] * p.inner];
        if (p.index) static_cast<I*>(p.index)[to + s * p.inner] = static_cast<I>(at[s]);
    }
}

// Any n and k: each element counts those before it. For what the above has no room for.
extern "C" __global__ void __launch_bounds__(256) topKByRank(const TopKParams p) {
    i64 e = static_cast<i64>(blockIdx.x) * 256 + threadIdx.x;
    if (e >= p.outer * p.n * p.inner) return;
    i64 line = e / p.n, i = e % p.n;
    const T* x = static_cast<const T*>(p.x) + line / p.inner * p.n * p.inner + line % p.inner;
    u64 own = rankKey(x[i * p.inner]);
    i64 rank = 0;
    for (i64 j = 0; j < p.n; ++j) {
        u64 k = rankKey(x[j * p.inner]);
        rank += k > own || (k == own && j < i);
    }
    if (rank >= p.k) return;
    i64 to = line / p.inner * p.k * p.inner + line % p.inner + rank * p.inner;
    if (p.value) static_cast<T*>(p.value)[to] = x[i * p.inner];
    if (p.index) static_cast<I*>(p.index)[to] = static_cast<I>(i);
}
#endif

#ifdef CUMSUM
// Integers in i64 (stores wrap), narrow floats in float, f32 in double.
typedef SUM_T Sum;
template <class X> DEV Sum sumOf(X x) { return static_cast<Sum>(x); }
template <> DEV Sum sumOf<f16>(f16 x) { return static_cast<Sum>(toF32(x)); }
template <> DEV Sum sumOf<bf16>(bf16 x) { return static_cast<Sum>(toF32(x)); }
template <class X> DEV X ofSum(Sum s) { return static_cast<X>(s); }
template <> DEV f16 ofSum<f16>(Sum s) { return fromF32<f16>(static_cast<float>(s)); }
template <> DEV bf16 ofSum<bf16>(Sum s) { return fromF32<bf16>(static_cast<float>(s)); }

#ifndef PRODUCT
#define PRODUCT 0
#endif

// inner > 1, and products: a thread a line.
extern "C" __global__ void __launch_bounds__(256) cumsumColumns(const TopKParams p) {
    i64 line = static_cast<i64>(blockIdx.x) * 256 + threadIdx.x;
    if (line >= p.outer * p.inner) return;
    i64 base = line / p.inner * p.n * p.inner + line % p.inner;
    const T* x = static_cast<const T*>(p.x) + base;
    T* y = static_cast<T*>(p.value) + base;
    Sum sum = PRODUCT;
    for (i64 s = 0; s < p.n; ++s) {
        i64 at = (REVERSE ? p.n - 1 - s : s) * p.inner;
        Sum v = sumOf(x[at]), next = PRODUCT ? sum * v : sum + v;
        y[at] = ofSum<T>(EXCLUSIVE ? sum : next);
        sum = next;
    }
}

// inner == 1: a block a line, 256 elements at a time.
extern "C" __global__ void __launch_bounds__(256) cumsumRows(const TopKParams p) {
    __shared__ Sum totals[8];
    const T* x = static_cast<const T*>(p.x) + blockIdx.x * p.n;
    T* y = static_cast<T*>(p.value) + blockIdx.x * p.n;
    Sum carry = 0;
    for (i64 begin = 0; begin < p.n; begin += 256) {
        i64 s = begin + threadIdx.x, at = REVERSE ? p.n - 1 - s : s;
        Sum v = s < p.n ? sumOf(x[at]) : Sum(0), scan = v;
#pragma unroll
        for (int d = 1; d < 32; d *= 2) {
            Sum other = __shfl_up_sync(0xffffffffu, scan, d);
            if (threadIdx.x % 32 >= d) scan += other;
        }
        __syncthreads();
        if (threadIdx.x % 32 == 31) totals[threadIdx.x / 32] = scan;
        __syncthreads();
        Sum before = carry, all = carry;
        for (int w = 0; w < 8; ++w) {
            if (w < threadIdx.x / 32) before += totals[w];
            all += totals[w];
        }
        if (s < p.n) y[at] = ofSum<T>(EXCLUSIVE ? before + scan - v : before + scan);
        carry = all;
    }
}
#endif
