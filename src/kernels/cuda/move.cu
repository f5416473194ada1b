// Data movement at computed or given indices: padding, gather, scatter. U: an unsigned type of the elements' size, T: the
// elements' type where they are combined, I: the indices' type, IDX: an unsigned type that counts the output's elements.
DEV i64 checkedIndex(i64 i, i64 n, unsigned* fault, bool& good) {
    if (i < 0) i += n;
    if (i < 0 || i >= n) {
        good = false;
        if (fault) atomicOr(fault, 1u);
        return 0;
    }
    return i;
}

#ifdef REGROUP
// A thread an element of y, in its order: [outer][groups][inner][width].
extern "C" __global__ void __launch_bounds__(256) regroup(const RegroupParams p) {
    i64 e = static_cast<i64>(blockIdx.x) * 256 + threadIdx.x;
    if (e >= p.elements) return;
    IDX n = static_cast<IDX>(e), lane = n % static_cast<IDX>(p.toWidth), rest = n / static_cast<IDX>(p.toWidth);
    IDX point = rest % static_cast<IDX>(p.inner), part = rest / static_cast<IDX>(p.inner);
    i64 group = part % static_cast<IDX>(p.toGroups), outer = part / static_cast<IDX>(p.toGroups);
    i64 c = group * p.toWidth + lane;
    U v = U();
    if (c < p.channels)
        v = static_cast<const U*>(p.x)[((outer * p.fromGroups + c / p.fromWidth) * p.inner + point) * p.fromWidth +
                                       c % p.fromWidth];
    static_cast<U*>(p.y)[e] = v;
}
#endif

#ifdef PAD
// MODE: 0 constant, 1 edge, 2 reflect, 3 wrap.
extern "C" __global__ void __launch_bounds__(256) pad(const PadParams p) {
    i64 index = static_cast<i64>(blockIdx.x) * 256 + threadIdx.x;
    if (index >= p.elements) return;
    i64 rest = index, at = 0;
    bool inside = true;
#pragma unroll
    for (int d = RANK - 1; d >= 0; --d) {
        i64 q = static_cast<IDX>(rest) / static_cast<IDX>(p.out[d]), i = rest - q * p.out[d] - p.before[d], n = p.in[d];
        rest = q;
        if (i < 0 || i >= n) {
            if (MODE == 0) inside = false;
            if (MODE == 1) i = i < 0 ? 0 : n - 1;
            if (MODE == 2) {
                i64 period = n > 1 ? 2 * (n - 1) : 1;
                i %= period;
                if (i < 0) i += period;
                if (i >= n) i = period - i;
            }
            if (MODE == 3) {
                i %= n;
                if (i < 0) i += n;
            }
        }
        at += i * p.stride[d];
    }
    U v = U();
    if (inside)
        v = static_cast<const U*>(p.x)[at];
    else if (p.value)
        v = *static_cast<const U*>(p.value);
    static_cast<U*>(p.y)[index] = v;
}
#endif

#ifdef GATHER
// y[b, o, i, inner] = x[b, o, index[b, i], inner], inner in vectors of U.
extern "C" __global__ void __launch_bounds__(256) gather(const GatherParams p) {
    i64 e = static_cast<i64>(blockIdx.x) * 256 + threadIdx.x;
    if (e >= p.elements) return;
    IDX n = static_cast<IDX>(e), rest = n / static_cast<IDX>(p.inner), bo32 = rest / static_cast<IDX>(p.indices);
    i64 inner = n % static_cast<IDX>(p.inner), i = rest % static_cast<IDX>(p.indices), bo = bo32, b = bo32 / static_cast<IDX>(p.outer);
    bool good = true;
    i64 at = checkedIndex(static_cast<const I*>(p.index)[b * p.indices + i], p.n, p.fault, good);
    static_cast<U*>(p.y)[e] = good ? static_cast<const U*>(p.x)[(bo * p.n + at) * p.inner + inner] : U();
}

// y[q] = x[q with q[axis] = index[q]]
extern "C" __global__ void __launch_bounds__(256) gatherElements(const GatherParams p) {
    i64 e = static_cast<i64>(blockIdx.x) * 256 + threadIdx.x;
    if (e >= p.elements) return;
    bool good = true;
    i64 at = checkedIndex(static_cast<const I*>(p.index)[e], p.n, p.fault, good) * p.axisStride, rest = e;
    for (int d = p.rank - 1; d >= 0; --d) {
        i64 q = static_cast<IDX>(rest) / static_cast<IDX>(p.indexDims[d]);
        at += (rest - q * p.indexDims[d]) * p.strides[d];  // 0 for the axis
        rest = q;
    }
    static_cast<U*>(p.y)[e] = good ? static_cast<const U*>(p.x)[at] : U();
}

extern "C" __global__ void __launch_bounds__(256) gatherNd(const GatherParams p) {
    i64 e = static_cast<i64>(blockIdx.x) * 256 + threadIdx.x;
    if (e >= p.elements) return;
    i64 inner = e % p.slice, tuple = e / p.slice, at = tuple / p.tuples * p.batchStride;
    bool good = true;
    for (int d = 0; d < p.depth; ++d)
        at += checkedIndex(static_cast<const I*>(p.index)[tuple * p.depth + d], p.dims[d], p.fault, good) * p.strides[d];
    static_cast<U*>(p.y)[e] = good ? static_cast<const U*>(p.x)[at + inner] : U();
}
#endif

#ifdef SCATTER
// REDUCE: 0 store, 1 add, 2 multiply, 3 maximum, 4 minimum.
template <class X> DEV X combine(X a, X b) {
    return REDUCE == 1 ? static_cast<X>(a + b) : REDUCE == 2 ? static_cast<X>(a * b)
         : REDUCE == 3 ? (a > b ? a : b) : REDUCE == 4 ? (a < b ? a : b) : b;
}
template <> DEV f32 combine<f32>(f32 a, f32 b) {
    return REDUCE == 1 ? a + b : REDUCE == 2 ? a * b : REDUCE == 3 ? maxNan(a, b) : REDUCE == 4 ? minNan(a, b) : b;
}
template <> DEV f16 combine<f16>(f16 a, f16 b) { return REDUCE ? fromF32<f16>(combine<f32>(toF32(a), toF32(b))) : b; }
template <> DEV bf16 combine<bf16>(bf16 a, bf16 b) { return REDUCE ? fromF32<bf16>(combine<f32>(toF32(a), toF32(b))) : b; }
template <> DEV f8 combine<f8>(f8 a, f8 b) { return REDUCE ? fromF32<f8>(combine<f32>(toF32(a), toF32(b))) : b; }
template <> DEV raw16 combine<raw16>(raw16, raw16 b) { return b; }

// y already holds x. Combining goes in the order of the updates, so a thread has a whole line of them along the axis
// (`lines` of them); plain stores go all at once.
extern "C" __global__ void __launch_bounds__(256) scatterElements(const GatherParams p) {
    i64 e = static_cast<i64>(blockIdx.x) * 256 + threadIdx.x;
    if (e >= p.lines) return;
    i64 at = 0, from = 0, rest = e, step = 1;
    for (int d = p.rank - 1; d >= 0; --d) {
        i64 n = d == p.depth ? (REDUCE ? 1 : p.indexDims[d]) : p.indexDims[d];
        i64 i = rest % n;
        rest /= n;
        from += i * step;
        step *= p.indexDims[d];
        at += i * p.strides[d];  // 0 for the axis (dimension `depth`)
    }
    i64 count = REDUCE ? p.indices : 1;
    T* y = static_cast<T*>(p.y) + at;
    for (i64 i = 0; i < count; ++i) {
        i64 f = from + i * p.indexAxisStride;
        bool good = true;
        i64 k = checkedIndex(static_cast<const I*>(p.index)[f], p.n, p.fault, good) * p.axisStride;
        if (good) y[k] = combine<T>(y[k], static_cast<const T*>(p.updates)[f]);
    }
}

// Combining: a thread has one element of the slice in all tuples; storing: one element of one tuple.
extern "C" __global__ void __launch_bounds__(256) scatterNd(const GatherParams p) {
    i64 e = static_cast<i64>(blockIdx.x) * 256 + threadIdx.x;
    if (e >= p.lines) return;
    i64 inner = e % p.slice, begin = REDUCE ? 0 : e / p.slice, end = REDUCE ? p.tuples : begin + 1;
    T* y = static_cast<T*>(p.y) + inner;
    for (i64 t = begin; t < end; ++t) {
        bool good = true;
        i64 at = 0;
        for (int d = 0; d < p.depth; ++d)
            at += checkedIndex(static_cast<const I*>(p.index)[t * p.depth + d], p.dims[d], p.fault, good) * p.strides[d];
        if (good) y[at] = combine<T>(y[at], static_cast<const T*>(p.updates)[t * p.slice + inner]);
    }
}
#endif
