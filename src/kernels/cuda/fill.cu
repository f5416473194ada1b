// Tensors of known numbers, and a few ops of single elements.

#ifdef FILL_NUMBERS
// y[i] = n[i]
extern "C" __global__ void __launch_bounds__(64) fillNumbers(const SmallParams p) {
    i64 e = itemOf();
    if (e < p.items) out<i64>(p, 0)[e] = p.n[e];
}
#endif
#ifdef FILL_EYE
// n: 0 columns, 1 which diagonal.
extern "C" __global__ void __launch_bounds__(256) fillEye(const SmallParams p) {
    i64 e = itemOf();
    if (e < p.items) out<T>(p, 0)[e] = ofNumber<T>(e % p.n[0] - e / p.n[0] == p.n[1] ? 1.0 : 0.0);
}
#endif
#ifdef FILL_BYTES
// A word of 8 bytes an item; the last one may reach past the end: n[0] bytes in all, each n[1].
extern "C" __global__ void __launch_bounds__(256) fillBytes(const SmallParams p) {
    i64 e = itemOf();
    if (e >= p.items) return;
    u64 word = static_cast<u64>(p.n[1] & 0xff) * 0x0101010101010101ull;
    if ((e + 1) * 8 <= p.n[0]) out<u64>(p, 0)[e] = word;
    else
        for (i64 b = e * 8; b < p.n[0]; ++b) out<u8>(p, 0)[b] = static_cast<u8>(p.n[1]);
}
#endif
#ifdef DETERMINANT
// A thread a matrix of n[0] rows: elimination with the largest pivot of each column in data 2 (f64). data: 0 x, 1 y.
extern "C" __global__ void __launch_bounds__(64) determinant(const SmallParams p) {
    i64 e = itemOf(), n = p.n[0];
    if (e >= p.items) return;
    double* a = out<double>(p, 2) + e * n * n;
    for (i64 i = 0; i < n * n; ++i) a[i] = toNumber(in<T>(p, 0)[e * n * n + i]);
    double det = 1.0;
    for (i64 k = 0; k < n; ++k) {
        i64 pivot = k;
        for (i64 r = k + 1; r < n; ++r)
            if (fabs(a[r * n + k]) > fabs(a[pivot * n + k])) pivot = r;
        if (a[pivot * n + k] == 0.0) {
            det = 0.0;
            break;
        }
        if (pivot != k) {
            for (i64 j = 0; j < n; ++j) {
                double t = a[k * n + j];
                a[k * n + j] = a[pivot * n + j];
                a[pivot * n + j] = t;
            }
            det = -det;
        }
        det *= a[k * n + k];
        for (i64 r = k + 1; r < n; ++r) {
            double f = a[r * n + k] / a[k * n + k];
            for (i64 j = k; j < n; ++j) a[r * n + j] -= f * a[k * n + j];
        }
    }
    out<T>(p, 1)[e] = ofNumber<T>(det);
}
#endif
#ifdef REVERSE_LINES
// The first length[b] elements along the time axis in reverse. n: 0 batch stride, 1 batch extent, 2 time stride, 3 time
// extent. A length out of range is brought into it and told. data: 0 x, 1 lengths (I), 2 y, 3 fault.
extern "C" __global__ void __launch_bounds__(256) reverseLines(const SmallParams p) {
    i64 e = itemOf();
    if (e >= p.items) return;
    i64 t = e / p.n[2] % p.n[3], length = static_cast<i64>(in<I>(p, 1)[e / p.n[0] % p.n[1]]);
    if (length < 0 || length > p.n[3]) {
        tellFault(p, 3);
        length = length < 0 ? 0 : p.n[3];
    }
    out<U>(p, 2)[e] = in<U>(p, 0)[t < length ? e + (length - 1 - 2 * t) * p.n[2] : e];
}
#endif
#ifdef SCALE_LINES
// A thread a line of [outer, n, inner]. KIND: 0 divided by the sum of magnitudes, 1 by the root of the sum of squares (a line
// of norm 0 stays 0), 2 one for the first largest element (NaN is larger than all), else zeros. n: 0 n, 1 inner. data: 0 x, 1 y.
extern "C" __global__ void __launch_bounds__(128) scaleLines(const SmallParams p) {
    i64 e = itemOf(), N = p.n[0], inner = p.n[1];
    if (e >= p.items) return;
    i64 at = e / inner * N * inner + e % inner;
    const T* x = in<T>(p, 0) + at;
    T* y = out<T>(p, 1) + at;
#if KIND == 2
    i64 best = 0;
    float peak = toF32(x[0]);
    for (i64 k = 1; k < N; ++k) {
        float v = toF32(x[k * inner]);
        if (v > peak || (!(v == v) && peak == peak)) best = k, peak = v;
    }
    for (i64 k = 0; k < N; ++k) y[k * inner] = fromF32<T>(k == best ? 1.0f : 0.0f);
#else
    double sum = 0.0;
    for (i64 k = 0; k < N; ++k) {
        double v = toNumber(x[k * inner]);
        sum += KIND == 1 ? v * v : fabs(v);
    }
    double norm = KIND == 1 ? sqrt(sum) : sum;
    for (i64 k = 0; k < N; ++k) y[k * inner] = norm == 0.0 ? T() : ofNumber<T>(toNumber(x[k * inner]) / norm);
#endif
}
#endif

#ifdef CACHE_UPDATE
// A cache of keys or values. An item an element (W) of the update. n: 0 heads, 1 length, 2 head size, 3 places. data: 0 update, 1
// indices (I), 2 y.
extern "C" __global__ void __launch_bounds__(256) cacheUpdate(const SmallParams p) {
    i64 e = itemOf();
    if (e >= p.items) return;
    i64 d = e % p.n[2], rest = e / p.n[2], s = rest % p.n[1];
    rest /= p.n[1];
    i64 at = static_cast<i64>(in<I>(p, 1)[rest / p.n[0]]);
    if (at >= p.n[3] || at < -p.n[1] || at + s < 0 || at + s >= p.n[3]) return;
    out<W>(p, 2)[(rest * p.n[3] + at + s) * p.n[2] + d] = in<W>(p, 0)[e];
}
#endif
