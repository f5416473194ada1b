// Recurrent layers: a launch a step (two where a gate scales the state first), states in f32. T: of weights and outputs.
// KIND: 0 rnn, 1 lstm, 2 gru, 3 gru that is linear before reset. D directions, B entries, H units, G gates.

#ifdef RECURRENT_BEGIN
// n: 0 D, 1 B, 2 H, 3 entries come first. data: 0 initial h, 1 initial c (either may be null), 2 h [D, B, H], 3 c.
extern "C" __global__ void __launch_bounds__(256) recurrentBegin(const SmallParams p) {
    i64 e = itemOf();
    if (e >= p.items) return;
    i64 j = e % p.n[2], b = e / p.n[2] % p.n[1], d = e / (p.n[2] * p.n[1]);
    i64 at = p.n[3] ? (b * p.n[0] + d) * p.n[2] + j : e;
    out<float>(p, 2)[e] = p.data[0] ? toF32(in<T>(p, 0)[at]) : 0.0f;
    if (KIND == 1) out<float>(p, 3)[e] = p.data[1] ? toF32(in<T>(p, 1)[at]) : 0.0f;
}
#endif

#ifdef RECURRENT_END
// n as above. data: 0 h, 1 c, 2 final h, 3 final c (either may be null).
extern "C" __global__ void __launch_bounds__(256) recurrentEnd(const SmallParams p) {
    i64 e = itemOf();
    if (e >= p.items) return;
    i64 j = e % p.n[2], b = e / p.n[2] % p.n[1], d = e / (p.n[2] * p.n[1]);
    i64 at = p.n[3] ? (b * p.n[0] + d) * p.n[2] + j : e;
    if (p.data[2]) out<T>(p, 2)[at] = fromF32<T>(in<float>(p, 0)[e]);
    if (p.data[3]) out<T>(p, 3)[at] = fromF32<T>(in<float>(p, 1)[e]);
}
#endif

#ifdef RECURRENT_STEP
// A warp a unit and BT entries: the products of its gates' rows with the state, then the cell. n: 0 D, 1 B, 2 H, 3 entries
// come first, 4 steps, 5 this step, 6 direction 0 is reverse, 7 bytes of a length (0: none), 8 which of the two h is read.
// data: 0 products of the inputs [steps * B, D, G, H], 1 recurrent weights [D, G, H, H], 2 biases [D, 2, G, H], 3 lengths,
// 4 peepholes [D, 3, H], 5 h [2, D, B, H], 6 c, 7 y, 8 for gru: z and r * h, 9 fault. PHASE: 0 all, 1 gates z and r, 2 the rest.
// DOTS: rows of weights, from gate GATE0 on.
constexpr int G = KIND == 0 ? 1 : KIND == 1 ? 4 : 3;
DEV float limited(float x) { return CLIP ? minNan(maxNan(x, -(CLIP_AT)), CLIP_AT) : x; }

DEV void cellOf(const SmallParams& p, i64 d, i64 b, i64 j, const float* dots) {
    i64 D = p.n[0], B = p.n[1], H = p.n[2], steps = p.n[4], step = p.n[5], at = (d * B + b) * H + j;
    i64 length = steps;
    if (p.n[7] == 4) length = in<i32>(p, 3)[b];
    if (p.n[7] == 8) length = in<i64>(p, 3)[b];
    if (length < 0 || length > steps) {
        tellFault(p, 9);
        length = length < 0 ? 0 : steps;
    }
    bool active = step < length, reverse = d == 1 || p.n[6];
    i64 t = active && reverse ? length - 1 - step : step;
    const float* before = in<float>(p, 5) + p.n[8] * D * B * H;
    float* after = out<float>(p, 5) + (1 - p.n[8]) * D * B * H;
    T* y = out<T>(p, 7) + (p.n[3] ? ((b * steps + t) * D + d) * H + j : ((t * D + d) * B + b) * H + j);
    float hidden = before[at];
    if (!active) {
        if (PHASE != 1) {
            after[at] = hidden;
            *y = T();
        }
        return;
    }
    const float* product = in<float>(p, 0) + ((p.n[3] ? b * steps + t : t * B + b) * D + d) * G * H + j;
    const T* bias = p.data[2] ? in<T>(p, 2) + d * 2 * G * H + j : nullptr;
    auto input = [&](int g) { return product[g * H] + (bias ? toF32(bias[g * H]) : 0.0f); };
    auto recurrentBias = [&](int g) { return bias ? toF32(bias[(G + g) * H]) : 0.0f; };
    int dir = static_cast<int>(d);
    float next = 0.0f;
#if KIND == 0
    next = actF(dir, limited(input(0) + dots[0] + recurrentBias(0)));
#elif KIND == 1
    const T* peep = p.data[4] ? in<T>(p, 4) + d * 3 * H + j : nullptr;
    float cell = in<float>(p, 6)[at];
    auto pre = [&](int g) { return input(g) + dots[g] + recurrentBias(g); };
    float i = actF(dir, limited(pre(0) + (peep ? toF32(peep[0]) * cell : 0.0f)));
    float f = INPUT_FORGET ? 1.0f - i : actF(dir, limited(pre(2) + (peep ? toF32(peep[2 * H]) * cell : 0.0f)));
    cell = f * cell + i * actG(dir, limited(pre(3)));
    float o = actF(dir, limited(pre(1) + (peep ? toF32(peep[H]) * cell : 0.0f)));
    out<float>(p, 6)[at] = cell;
    next = o * actH(dir, limited(cell));
#else
    float* zs = out<float>(p, 8);
    float* scaled = zs + D * B * H;
#if PHASE == 1
    zs[at] = actF(dir, limited(input(0) + dots[0] + recurrentBias(0)));
    scaled[at] = actF(dir, limited(input(1) + dots[1] + recurrentBias(1))) * hidden;
#elif PHASE == 2
    float z = zs[at], k = actG(dir, limited(input(2) + dots[0] + recurrentBias(2)));
#else
    float z = actF(dir, limited(input(0) + dots[0] + recurrentBias(0)));
    float r = actF(dir, limited(input(1) + dots[1] + recurrentBias(1)));
    float k = actG(dir, limited(input(2) + r * (dots[2] + recurrentBias(2))));
#endif
#if PHASE != 1
    next = (1.0f - z) * k + z * hidden;
#endif
#endif
#if PHASE != 1
    after[at] = next;
    *y = fromF32<T>(next);
#endif
}

extern "C" __global__ void __launch_bounds__(256) recurrentStep(const SmallParams p) {
    i64 D = p.n[0], B = p.n[1], H = p.n[2], tiles = (B + BT - 1) / BT;
    i64 w = static_cast<i64>(blockIdx.x) * 8 + threadIdx.x / 32;
    int lane = threadIdx.x % 32;
    if (w >= D * tiles * H) return;
    i64 j = w % H, b0 = w / H % tiles * BT, d = w / (H * tiles);
    float acc[DOTS][BT];
#pragma unroll
    for (int g = 0; g < DOTS; ++g)
#pragma unroll
        for (int b = 0; b < BT; ++b) acc[g][b] = 0.0f;
    const T* rows = in<T>(p, 1) + ((d * G + GATE0) * H + j) * H;
    const float* h = PHASE == 2 ? in<float>(p, 8) + D * B * H : in<float>(p, 5) + p.n[8] * D * B * H;
    h += (d * B + b0) * H;
    for (i64 k = lane * V; k < H; k += 32 * V) {
        Pack<f32, V> x[BT];
#pragma unroll
        for (int b = 0; b < BT; ++b) {
            x[b] = Pack<f32, V>();
            if (b0 + b < B) x[b] = loadPack<f32, V>(h, b * H + k);
        }
#pragma unroll
        for (int g = 0; g < DOTS; ++g) {
            Pack<T, V> r = loadPack<T, V>(rows, g * H * H + k);
#pragma unroll
            for (int b = 0; b < BT; ++b)
#pragma unroll
                for (int v = 0; v < V; ++v) acc[g][b] = fmaf(toF32(r.v[v]), x[b].v[v], acc[g][b]);
        }
    }
#pragma unroll
    for (int b = 0; b < BT; ++b) {
        float dots[DOTS];
#pragma unroll
        for (int g = 0; g < DOTS; ++g) dots[g] = warpSum(acc[g][b]);
        if (lane == b && b0 + b < B) cellOf(p, d, b0 + b, j, dots);
    }
}
#endif
