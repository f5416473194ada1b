// Numbers of a counter-based stream (base/philox.h): number i is a function of the seed and i alone. The seed is p.n[1] or,
// where data 3 is given, that u64 of device memory, which every run takes one further.
DEV uint4 philoxBlock(u64 seed, u64 counter) {
    u32 x0 = static_cast<u32>(counter), x1 = static_cast<u32>(counter >> 32), x2 = 0u, x3 = 0u;
    u32 k0 = static_cast<u32>(seed), k1 = static_cast<u32>(seed >> 32);
#pragma unroll
    for (int round = 0; round < 10; ++round) {
        u64 a = 0xd2511f53ull * x0, b = 0xcd9e8d57ull * x2;
        u32 y0 = static_cast<u32>(b >> 32) ^ x1 ^ k0, y2 = static_cast<u32>(a >> 32) ^ x3 ^ k1;
        x0 = y0;
        x1 = static_cast<u32>(b);
        x2 = y2;
        x3 = static_cast<u32>(a);
        k0 += 0x9e3779b9u;
        k1 += 0xbb67ae85u;
    }
    return make_uint4(x0, x1, x2, x3);
}
DEV float unitOf(u32 word) { return static_cast<float>(word >> 8) * 5.9604644775390625e-08f; }
DEV float uniformAt(u64 seed, i64 i) {
    uint4 w = philoxBlock(seed, static_cast<u64>(i) / 4);
    int k = static_cast<int>(i & 3);
    return unitOf(k == 0 ? w.x : k == 1 ? w.y : k == 2 ? w.z : w.w);
}
DEV u64 seedOf(const SmallParams& p) { return p.data[3] ? *in<u64>(p, 3) : static_cast<u64>(p.n[1]); }

#ifdef RANDOM_ADVANCE
extern "C" __global__ void __launch_bounds__(32) randomAdvance(const SmallParams p) {
    if (threadIdx.x == 0) *out<u64>(p, 0) += 0x9e3779b97f4a7c15ull;
}
#endif
#ifdef RANDOM_FILL
// KIND: 0 uniform in [f0, f0 + f1), 1 normal with mean f0 and deviation f1, 2 bernoulli of data 0 (X). data: 2 y (T).
extern "C" __global__ void __launch_bounds__(256) randomFill(const SmallParams p) {
    i64 e = itemOf();
    if (e >= p.items) return;
    u64 seed = seedOf(p);
#if KIND == 0
    out<T>(p, 2)[e] = ofNumber<T>(p.f[0] + static_cast<double>(uniformAt(seed, e)) * p.f[1]);
#elif KIND == 1
    uint4 w = philoxBlock(seed, static_cast<u64>(e) / 4);
    bool high = (e & 2) != 0;
    double radius = sqrt(-2.0 * log(1.0 - static_cast<double>(unitOf(high ? w.z : w.x))));
    double angle = 6.283185307179586476925 * static_cast<double>(unitOf(high ? w.w : w.y));
    out<T>(p, 2)[e] = ofNumber<T>(p.f[0] + p.f[1] * (radius * ((e & 1) ? sin(angle) : cos(angle))));
#else
    out<T>(p, 2)[e] = ofNumber<T>(static_cast<double>(uniformAt(seed, e)) < toNumber(in<X>(p, 0)[e]) ? 1.0 : 0.0);
#endif
}
#endif
#ifdef DRAW_CLASSES
// An item a row: sums of e^(x - peak) in data 1 (f64 [rows, classes]), then the drawn classes. n: 2 classes, 3 samples. data:
// 0 x (X), 1 sums, 2 y (T).
extern "C" __global__ void __launch_bounds__(64) drawClasses(const SmallParams p) {
    i64 r = itemOf(), classes = p.n[2], samples = p.n[3];
    if (r >= p.items) return;
    const X* row = in<X>(p, 0) + r * classes;
    double* below = out<double>(p, 1) + r * classes;
    double peak = toNumber(row[0]), sum = 0.0;
    for (i64 k = 1; k < classes; ++k) peak = toNumber(row[k]) > peak ? toNumber(row[k]) : peak;
    for (i64 k = 0; k < classes; ++k) below[k] = sum += exp(toNumber(row[k]) - peak);
    u64 seed = seedOf(p);
    for (i64 s = 0; s < samples; ++s) {
        double at = static_cast<double>(uniformAt(seed, r * samples + s)) * sum;
        i64 low = 0, high = classes;  // the first that is above
        while (low < high) {
            i64 middle = (low + high) / 2;
            if (below[middle] > at) high = middle;
            else low = middle + 1;
        }
        out<T>(p, 2)[r * samples + s] = static_cast<T>(low < classes - 1 ? low : classes - 1);
    }
}
#endif
