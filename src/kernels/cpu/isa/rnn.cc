// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/rnn.h"

#include "kernels/cpu/isa/activation.h"
#include "kernels/cpu/isa/simd_extra.h"

namespace lathe::cpu::LATHE_ISA {
namespace {

LATHE_INLINE F get(const float* p, int n) { return n == kLanes ? load(p) : loadN(p, n); }
LATHE_INLINE void put(float* p, F v, int n) {
    if (n == kLanes)
        store(p, v);
    else
        storeN(p, v, n);
}

[[gnu::noinline]] F anyActivation(const RnnActivation& a, F x) {
    F alpha = set(a.alpha), beta = set(a.beta);
    if (a.affine) return fma(alpha, x, beta);
    F r = x;
    withActivation(a.kind, [&]<Activation kAct>() { r = activate<kAct>(x, alpha, beta); });
    return r;
}
LATHE_INLINE F apply(const RnnActivation& a, F x) {
    if (!a.affine && a.kind == Activation::kSigmoid) return sigmoid(x);
    if (!a.affine && a.kind == Activation::kTanh && a.alpha == 1 && a.beta == 1) return tanh(x);
    return anyActivation(a, x);
}

// acc[r][g][v] = sum over k of h[r][k] w[k][g][v]; rows of w are `width` floats a gate.
template <int G, int V, int R>
LATHE_INLINE void recurrentProduct(const float* w, int64_t width, int64_t n, const float* const (&h)[R],
                                   F (&acc)[R][G][V]) {
    LATHE_UNROLL
    for (int r = 0; r < R; ++r) {
        LATHE_UNROLL
        for (int g = 0; g < G; ++g) {
            LATHE_UNROLL
            for (int v = 0; v < V; ++v) acc[r][g][v] = zero();
        }
    }
    for (int64_t k = 0; k < n; ++k, w += G * width) {
        LATHE_UNROLL
        for (int g = 0; g < G; ++g) {
            LATHE_UNROLL
            for (int v = 0; v < V; ++v) {
                F wv = load(w + g * width + v * kLanes);
                LATHE_UNROLL
                for (int r = 0; r < R; ++r) acc[r][g][v] = fma(broadcastAt(h[r] + k), wv, acc[r][g][v]);
            }
        }
    }
}

// Where one sequence is at a step: its position, or beyond its end.
struct Place {
    bool active;
    int64_t at;  // of x and y; beyond the end, the row of y to clear
};
LATHE_INLINE Place placeOf(const RnnArgs& a, int64_t step, int64_t b) {
    int64_t length = a.lengths ? a.lengths[b] : a.steps;
    if (length > a.steps) length = a.steps;
    if (step >= length) return {false, step};
    return {true, a.reverse ? length - 1 - step : step};
}

// One vector of units of one sequence at one step.
struct Unit {
    const RnnArgs& a;
    const RnnState& s;
    int64_t b, at;  // sequence, and its row of x and y
    int64_t unit;   // first unit
    int lanes;      // of them that exist
    int64_t here;   // offset into the state's arrays
    const float* old;
    float* next;

    F x(int gate) const { return get(a.x + at * a.xStep + b * a.xBatch + a.gateOrder[gate] * a.hidden + unit, lanes); }
    F clipped(F v) const { return a.clip > 0 ? clamp(v, set(-a.clip), set(a.clip)) : v; }
    void finish(F h) const {
        // Units that do not exist stay 0, whatever their activations made of 0.
        if (lanes < kLanes) h = select(firstN(lanes), h, zero());
        store(next + here, h);
        if (a.y) put(a.y + at * a.yStep + b * a.yBatch + unit, h, lanes);
    }
};

LATHE_INLINE void lstm(const Unit& u, F gi, F go, F gf, F gc) {
    const RnnArgs& a = u.a;
    F c = load(u.s.c + u.here);
    F i = u.x(0) + gi, o = u.x(1) + go, f = u.x(2) + gf, n = u.x(3) + gc;
    const float* p = a.peephole ? a.peephole + u.unit : nullptr;
    if (p) {
        i = fma(get(p, u.lanes), c, i);
        f = fma(get(p + 2 * a.hidden, u.lanes), c, f);
    }
    i = apply(a.f, u.clipped(i));
    f = a.inputForget ? set(1.0f) - i : apply(a.f, u.clipped(f));
    n = apply(a.g, u.clipped(n));
    c = fma(f, c, i * n);
    if (u.lanes < kLanes) c = select(firstN(u.lanes), c, zero());
    store(u.s.c + u.here, c);
    if (p) o = fma(get(p + a.hidden, u.lanes), c, o);
    o = apply(a.f, u.clipped(o));
    u.finish(o * apply(a.h, u.clipped(c)));
}

LATHE_INLINE void gruLinear(const Unit& u, F gz, F gr, F gh) {
    const RnnArgs& a = u.a;
    F z = apply(a.f, u.clipped(u.x(0) + gz)), r = apply(a.f, u.clipped(u.x(1) + gr));
    if (a.recurrentBias) gh = gh + get(a.recurrentBias + u.unit, u.lanes);
    F n = apply(a.g, u.clipped(fma(r, gh, u.x(2))));
    F h = load(u.old + u.here);
    u.finish(fma(z, h - n, n));
}

LATHE_INLINE void gruGates(const Unit& u, F gz, F gr) {
    const RnnArgs& a = u.a;
    store(u.s.z + u.here, apply(a.f, u.clipped(u.x(0) + gz)));
    store(u.s.reset + u.here, apply(a.f, u.clipped(u.x(1) + gr)) * load(u.old + u.here));
}
LATHE_INLINE void gruResult(const Unit& u, F gh) {
    const RnnArgs& a = u.a;
    F n = apply(a.g, u.clipped(u.x(2) + gh)), z = load(u.s.z + u.here), h = load(u.old + u.here);
    u.finish(fma(z, h - n, n));
}

LATHE_INLINE void plain(const Unit& u, F g) { u.finish(apply(u.a.f, u.clipped(u.x(0) + g))); }

enum class Part { kLstm, kGruLinear, kGruGates, kGruResult, kPlain };
template <Part P>
inline constexpr int kGatesOf = P == Part::kLstm        ? 4
                                : P == Part::kGruLinear ? 3
                                : P == Part::kGruGates  ? 2
                                                        : 1;

template <Part P, int V, int R>
void cells(const RnnArgs& a, const RnnState& s, int64_t step, int64_t b0, const float* w, int64_t width, int64_t unit) {
    constexpr int G = kGatesOf<P>;
    const float* old = s.h[step % 2];
    float* next = s.h[(step + 1) % 2];
    const float* operand = P == Part::kGruResult ? s.reset : old;
    const float* h[R];
    for (int r = 0; r < R; ++r) h[r] = operand + (b0 + r) * s.padded;
    F acc[R][G][V];
    recurrentProduct<G, V, R>(w, width, a.packedR ? a.hidden : 0, h, acc);
    for (int r = 0; r < R; ++r) {
        Place place = placeOf(a, step, b0 + r);
        for (int v = 0; v < V; ++v) {
            int64_t at = unit + v * kLanes, here = (b0 + r) * s.padded + at;
            int lanes = a.hidden - at < kLanes ? static_cast<int>(a.hidden - at) : kLanes;
            if (!place.active) {
                if (P == Part::kGruGates) continue;
                store(next + here, load(old + here));
                if (a.y) put(a.y + place.at * a.yStep + (b0 + r) * a.yBatch + at, zero(), lanes);
                continue;
            }
            Unit u{a, s, b0 + r, place.at, at, lanes, here, old, next};
            if constexpr (P == Part::kLstm) lstm(u, acc[r][0][v], acc[r][1][v], acc[r][2][v], acc[r][3][v]);
            if constexpr (P == Part::kGruLinear) gruLinear(u, acc[r][0][v], acc[r][1][v], acc[r][2][v]);
            if constexpr (P == Part::kGruGates) gruGates(u, acc[r][0][v], acc[r][1][v]);
            if constexpr (P == Part::kGruResult) gruResult(u, acc[r][0][v]);
            if constexpr (P == Part::kPlain) plain(u, acc[r][0][v]);
        }
    }
}

template <Part P>
void panelsOf(const RnnArgs& a, const RnnState& s, int64_t step, const float* packed, int64_t begin, int64_t end) {
    constexpr int G = kGatesOf<P>;
    for (int64_t i = begin; i < end; ++i) {
        // Every other step goes backwards: what the last one left in the caches comes first.
        int64_t p = step % 2 ? begin + end - 1 - i : i;
        int64_t unit = p * 2 * kLanes, width = s.padded - unit < 2 * kLanes ? kLanes : 2 * kLanes;
        const float* w = packed + G * a.hidden * unit;
        int64_t b = 0;
        for (; b + 2 <= a.batch; b += 2)
            for (int64_t v = 0; v < width; v += kLanes) cells<P, 1, 2>(a, s, step, b, w + v, width, unit + v);
        if (b == a.batch) continue;
        if (width == 2 * kLanes)
            cells<P, 2, 1>(a, s, step, b, w, width, unit);
        else
            cells<P, 1, 1>(a, s, step, b, w, width, unit);
    }
}

void stepOf(const RnnArgs& a, const RnnState& s, int64_t step, int phase, int64_t begin, int64_t end) {
    switch (a.kind) {
        case RnnKind::kPlain: return panelsOf<Part::kPlain>(a, s, step, a.packedR, begin, end);
        case RnnKind::kLstm: return panelsOf<Part::kLstm>(a, s, step, a.packedR, begin, end);
        case RnnKind::kGru:
            if (a.linearBeforeReset) return panelsOf<Part::kGruLinear>(a, s, step, a.packedR, begin, end);
            if (phase == 0) return panelsOf<Part::kGruGates>(a, s, step, a.packedR, begin, end);
            return panelsOf<Part::kGruResult>(a, s, step, a.packedR + 2 * a.hidden * s.padded, begin, end);
    }
}

}  // namespace

extern const RnnTable rnnTable;
constinit const RnnTable rnnTable = {kLanes, &stepOf};

}  // namespace lathe::cpu::LATHE_ISA
