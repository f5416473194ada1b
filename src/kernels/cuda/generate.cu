// What is made of few numbers, or of places alone: ranges, one-hot rows, triangles, rotations by position, slices by
// numbers that are computed. A thread an element. U: an unsigned type of the elements' size, T: their type, I: indices'.
#ifdef RANGE
// y[i] = start + i * delta; floats in double, integers wrap.
extern "C" __global__ void __launch_bounds__(256) range(const RangeParams p) {
    i64 i = static_cast<i64>(blockIdx.x) * 256 + threadIdx.x;
    if (i >= p.count) return;
    T start = *static_cast<const T*>(p.start), delta = *static_cast<const T*>(p.delta);
#if RANGE == 2
    double v = static_cast<double>(toF32(start)) + static_cast<double>(toF32(delta)) * static_cast<double>(i);
    static_cast<T*>(p.y)[i] = fromF32<T>(static_cast<float>(v));
#else
    static_cast<T*>(p.y)[i] = static_cast<T>(static_cast<u64>(start) + static_cast<u64>(delta) * static_cast<u64>(i));
#endif
}
#endif

#ifdef ONE_HOT
template <class X> DEV i64 wholePart(X x) { return static_cast<i64>(x); }
template <> DEV i64 wholePart<f32>(f32 x) { return x == x ? __float2ll_rz(x) : 0; }
template <> DEV i64 wholePart<f16>(f16 x) { return wholePart<f32>(toF32(x)); }
template <> DEV i64 wholePart<bf16>(bf16 x) { return wholePart<f32>(toF32(x)); }

// y is [outer, n, inner]; the index of (outer, inner) counts from the end where it is negative.
extern "C" __global__ void __launch_bounds__(256) oneHot(const OneHotParams p) {
    i64 e = static_cast<i64>(blockIdx.x) * 256 + threadIdx.x;
    if (e >= p.elements) return;
    i64 inner = e % p.inner, rest = e / p.inner, at = rest % p.n, outer = rest / p.n;
    i64 k = wholePart(static_cast<const I*>(p.index)[outer * p.inner + inner]);
    if (k < 0) k += p.n;
    static_cast<U*>(p.y)[e] = static_cast<const U*>(p.values)[k == at ? 1 : 0];
}
#endif

#ifdef TRILU
// UPPER: elements with column - row >= k stay, else those with column - row <= k.
extern "C" __global__ void __launch_bounds__(256) trilu(const TriluParams p) {
    i64 e = static_cast<i64>(blockIdx.x) * 256 + threadIdx.x;
    if (e >= p.elements) return;
    i64 column = e % p.columns, row = e / p.columns % p.rows;
    i64 k = p.k ? static_cast<i64>(*static_cast<const I*>(p.k)) : 0;
    // So far off that nothing changes any more.
    k = k > p.columns + 1 ? p.columns + 1 : k < -p.rows - 1 ? -p.rows - 1 : k;
    bool keep = UPPER ? column - row >= k : column - row <= k;
    static_cast<U*>(p.y)[e] = keep ? static_cast<const U*>(p.x)[e] : U();
}
#endif

#ifdef ROTATE
// Pairs (i, i + half), or INTERLEAVED (2 i, 2 i + 1), of the first 2 * half elements of each head turn by the angle of
// the position; the others stay. HAS_IDS: angles are rows of a table, picked by an index for each (batch, position).
extern "C" __global__ void __launch_bounds__(256) rotate(const RotateParams p) {
    i64 e = static_cast<i64>(blockIdx.x) * 256 + threadIdx.x;
    if (e >= p.elements) return;
    i64 d = e % p.size, rest = e / p.size;
    i64 position = p.packed ? rest / p.heads % p.length : rest % p.length;
    i64 batch = p.packed ? rest / p.heads / p.length : rest / p.length / p.heads;
    const T* x = static_cast<const T*>(p.x);
    T* y = static_cast<T*>(p.y);
    if (d >= 2 * p.half) {
        y[e] = x[e];
        return;
    }
    i64 row = batch * p.length + position;
#if HAS_IDS
    row = static_cast<i64>(static_cast<const I*>(p.ids)[row]);
    if (row < 0 || row >= p.positions) {
        if (p.fault) atomicOr(p.fault, 1u);
        y[e] = T();
        return;
    }
#endif
    i64 i = INTERLEAVED ? d / 2 : d % p.half;
    bool second = INTERLEAVED ? d % 2 != 0 : d >= p.half;
    i64 other = INTERLEAVED ? (second ? -1 : 1) : (second ? -p.half : p.half);
    float c = toF32(static_cast<const T*>(p.cosine)[row * p.half + i]), s = toF32(static_cast<const T*>(p.sine)[row * p.half + i]);
    float a = toF32(x[e]), b = toF32(x[e + other]);
    y[e] = fromF32<T>(second ? b * s + a * c : a * c - b * s);
}
#endif

#ifdef SLICE
// y[…, i, …] = x[…, start + i * step, …]. Starts and steps are numbers, or elements of tensors (STARTS, STEPS: i32 or i64).
// ONNX: a start counts from the end where it is negative, and is brought into the axis. MODE: of an index outside the
// axis: 0 a fault, 1 the index modulo the extent, 2 the nearest, 3 the fill value, 4 mirrored.
extern "C" __global__ void __launch_bounds__(256) slice(const SliceParams p) {
    i64 e = static_cast<i64>(blockIdx.x) * 256 + threadIdx.x;
    if (e >= p.elements) return;
    i64 rest = e, at = 0;
    bool inside = true;
#pragma unroll
    for (int d = RANK - 1; d >= 0; --d) {
        i64 q = rest / p.out[d], i = rest - q * p.out[d], n = p.in[d];
        rest = q;
        i64 start = p.startAt[d] < 0 ? p.starts[d] : static_cast<i64>(static_cast<const STARTS*>(p.startValues)[p.startAt[d]]);
        i64 step = p.stepAt[d] < 0 ? p.steps[d] : static_cast<i64>(static_cast<const STEPS*>(p.stepValues)[p.stepAt[d]]);
#if ONNX
        if (start < 0) start += n;
        i64 last = step > 0 ? n : n - 1;
        start = start > last ? last : start;
        start = start < 0 ? 0 : start;
#endif
        i = start + i * step;
        if (i < 0 || i >= n) {
            if (MODE == 1 && n > 0) i = (i % n + n) % n;
            else if (MODE == 2 && n > 0) i = i < 0 ? 0 : n - 1;
            else if (MODE == 4 && n > 0) {
                i64 period = n > 1 ? 2 * (n - 1) : 1;
                i = (i % period + period) % period;
                if (i >= n) i = period - i;
            } else inside = false;
        }
        at += i * p.stride[d];
    }
    U v = U();
    if (inside) v = static_cast<const U*>(p.x)[at];
    else if (MODE == 0 && p.fault) atomicOr(p.fault, 1u);
    else if (MODE == 3 && p.fill) v = *static_cast<const U*>(p.fill);
    static_cast<U*>(p.y)[e] = v;
}
#endif

#ifdef PAD_COMPUTED
// y[…, i, …] = x[…, i - before, …] with amounts from a tensor (I): what comes before axis d is its element at[d]; what comes
// after follows from the extents. Negative amounts crop first. MODE: 0 constant, 1 edge, 2 reflect, 3 wrap.
extern "C" __global__ void __launch_bounds__(256) padComputed(const ComputedPadParams p) {
    i64 e = static_cast<i64>(blockIdx.x) * 256 + threadIdx.x;
    if (e >= p.elements) return;
    i64 rest = e, at = 0;
    bool inside = true;
#pragma unroll
    for (int d = RANK - 1; d >= 0; --d) {
        i64 q = rest / p.out[d], i = rest - q * p.out[d], n = p.in[d];
        rest = q;
        i64 before = p.at[d] < 0 ? 0 : static_cast<i64>(static_cast<const I*>(p.pads)[p.at[d]]);
        i64 after = p.out[d] - n - before, first = before < 0 ? -before : 0, m = n - first + (after < 0 ? after : 0);
        // Within what the crop leaves.
        i = i - before - first;
        if (i < 0 || i >= m) {
            if (MODE == 0 || m <= 0) inside = false;
            else if (MODE == 1) i = i < 0 ? 0 : m - 1;
            else if (MODE == 2) {
                i64 period = m > 1 ? 2 * (m - 1) : 1;
                i = (i % period + period) % period;
                if (i >= m) i = period - i;
            } else i = (i % m + m) % m;
        }
        at += (first + i) * p.stride[d];
    }
    U v = U();
    if (inside) v = static_cast<const U*>(p.x)[at];
    else if (p.value) v = *static_cast<const U*>(p.value);
    static_cast<U*>(p.y)[e] = v;
}
#endif

#ifdef CONTRACT
// y[o…] = sum over r… of the product of INPUTS operands, each at strides of its own. A: what sums are kept in.
template <class X> DEV A gathered(X x) { return static_cast<A>(x); }
template <> DEV A gathered<f16>(f16 x) { return static_cast<A>(toF32(x)); }
template <> DEV A gathered<bf16>(bf16 x) { return static_cast<A>(toF32(x)); }
template <class X> DEV X stored(A a) { return static_cast<X>(a); }
template <> DEV f16 stored<f16>(A a) { return fromF32<f16>(static_cast<float>(a)); }
template <> DEV bf16 stored<bf16>(A a) { return fromF32<bf16>(static_cast<float>(a)); }

extern "C" __global__ void __launch_bounds__(256) contract(const ContractParams p) {
    i64 e = static_cast<i64>(blockIdx.x) * 256 + threadIdx.x;
    if (e >= p.outputs) return;
    i64 base[INPUTS], rest = e;
#pragma unroll
    for (int k = 0; k < INPUTS; ++k) base[k] = 0;
    for (int d = p.outputRank - 1; d >= 0; --d) {
        i64 q = rest / p.outputDims[d], i = rest - q * p.outputDims[d];
        rest = q;
#pragma unroll
        for (int k = 0; k < INPUTS; ++k) base[k] += i * p.outputStrides[k][d];
    }
    A sum = A(0);
    for (i64 r = 0; r < p.terms; ++r) {
        i64 at[INPUTS];
        rest = r;
#pragma unroll
        for (int k = 0; k < INPUTS; ++k) at[k] = base[k];
        for (int d = p.sumRank - 1; d >= 0; --d) {
            i64 q = rest / p.sumDims[d], i = rest - q * p.sumDims[d];
            rest = q;
#pragma unroll
            for (int k = 0; k < INPUTS; ++k) at[k] += i * p.sumStrides[k][d];
        }
        A term = gathered(static_cast<const T*>(p.in[0])[at[0]]);
#pragma unroll
        for (int k = 1; k < INPUTS; ++k) term *= gathered(static_cast<const T*>(p.in[k])[at[k]]);
        sum += term;
    }
    static_cast<T*>(p.y)[e] = stored<T>(sum);
}
#endif
