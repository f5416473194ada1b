// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/rnn.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>
#include <vector>

#include "kernels/cpu/test_isas.h"

namespace lathe::cpu {
namespace {

using Floats = std::vector<float>;

Floats random(int64_t n, unsigned seed) {
    std::mt19937 rng(seed);
    std::uniform_real_distribution<float> uniform(-1, 1);
    Floats v(n);
    for (float& x : v) x = uniform(rng);
    return v;
}

double activation(const RnnActivation& a, double x) {
    if (a.affine) return a.alpha * x + a.beta;
    switch (a.kind) {
        case Activation::kSigmoid: return 1 / (1 + std::exp(-x));
        case Activation::kTanh: return a.alpha * std::tanh(a.beta * x);
        case Activation::kRelu: return std::max(0., x);
        case Activation::kHardSigmoid: return std::clamp(a.alpha * x + a.beta, 0., 1.);
        default: ADD_FAILURE(); return 0;
    }
}

struct Options {
    RnnKind kind = RnnKind::kLstm;
    int64_t steps = 5, batch = 1, hidden = 16;
    bool reverse = false, lengths = false, peephole = false, inputForget = false, linear = false;
    float clip = 0;
    bool odd = false;    // unusual activations and gate order
    bool states = true;  // initial ones given
};

// The definition, in double.
struct Reference {
    std::vector<double> y, h, c;
};
Reference reference(const RnnArgs& a, const Floats& r) {
    int64_t n = a.hidden;
    Reference out;
    out.y.assign(a.steps * a.batch * n, 0);
    out.h.assign(a.batch * n, 0);
    out.c.assign(a.batch * n, 0);
    for (int64_t b = 0; b < a.batch; ++b) {
        std::vector<double> h(n), c(n);
        for (int64_t u = 0; u < n; ++u) {
            h[u] = a.initialH ? a.initialH[b * n + u] : 0;
            c[u] = a.initialC ? a.initialC[b * n + u] : 0;
        }
        int64_t length = a.lengths ? a.lengths[b] : a.steps;
        for (int64_t s = 0; s < length; ++s) {
            int64_t t = a.reverse ? length - 1 - s : s;
            auto x = [&](int g, int64_t u) { return a.x[t * a.xStep + b * a.xBatch + a.gateOrder[g] * n + u]; };
            auto dot = [&](int g, int64_t u, const std::vector<double>& v) {
                double sum = 0;
                for (int64_t k = 0; k < n; ++k) sum += v[k] * r[(a.gateOrder[g] * n + u) * n + k];
                return sum;
            };
            auto clip = [&](double v) { return a.clip > 0 ? std::clamp<double>(v, -a.clip, a.clip) : v; };
            auto f = [&](double v) { return activation(a.f, clip(v)); };
            auto g = [&](double v) { return activation(a.g, clip(v)); };
            std::vector<double> next(n);
            if (a.kind == RnnKind::kPlain)
                for (int64_t u = 0; u < n; ++u) next[u] = f(x(0, u) + dot(0, u, h));
            if (a.kind == RnnKind::kLstm)
                for (int64_t u = 0; u < n; ++u) {
                    auto peep = [&](int k) { return a.peephole ? a.peephole[k * n + u] : 0.; };
                    double i = f(x(0, u) + dot(0, u, h) + peep(0) * c[u]);
                    double forget = a.inputForget ? 1 - i : f(x(2, u) + dot(2, u, h) + peep(2) * c[u]);
                    double cell = forget * c[u] + i * g(x(3, u) + dot(3, u, h));
                    double o = f(x(1, u) + dot(1, u, h) + peep(1) * cell);
                    c[u] = cell;
                    next[u] = o * activation(a.h, clip(cell));
                }
            if (a.kind == RnnKind::kGru) {
                std::vector<double> reset(n);
                for (int64_t u = 0; u < n; ++u) reset[u] = f(x(1, u) + dot(1, u, h));
                std::vector<double> rh(n);
                for (int64_t u = 0; u < n; ++u) rh[u] = reset[u] * h[u];
                for (int64_t u = 0; u < n; ++u) {
                    double z = f(x(0, u) + dot(0, u, h));
                    double bias = a.recurrentBias ? a.recurrentBias[u] : 0;
                    double m = a.linearBeforeReset ? g(x(2, u) + reset[u] * (dot(2, u, h) + bias))
                                                   : g(x(2, u) + dot(2, u, rh));
                    next[u] = (1 - z) * m + z * h[u];
                }
            }
            h = next;
            for (int64_t u = 0; u < n; ++u) out.y[(t * a.batch + b) * n + u] = h[u];
        }
        for (int64_t u = 0; u < n; ++u) out.h[b * n + u] = h[u], out.c[b * n + u] = c[u];
    }
    return out;
}

struct Layer {
    RnnArgs a;
    Floats x, r, packed, h0, c0, y, h, c, peephole, bias, workspace;
    std::vector<int32_t> lengths;

    explicit Layer(const Options& o) {
        a.kind = o.kind;
        a.steps = o.steps, a.batch = o.batch, a.hidden = o.hidden;
        int gates = rnnGates(o.kind);
        if (o.odd) std::reverse(a.gateOrder, a.gateOrder + gates);
        a.xBatch = gates * o.hidden + 3, a.xStep = a.xBatch * o.batch;
        x = random(a.xStep * o.steps, 1);
        r = random(gates * o.hidden * o.hidden, 2);
        for (float& v : r) v /= std::sqrt(static_cast<float>(o.hidden));
        packed.resize(rnnPackedFloats(o.kind, o.hidden));
        rnnPack(o.kind, o.hidden, r.data(), a.gateOrder, o.linear, packed.data());
        h0 = random(o.batch * o.hidden, 3), c0 = random(o.batch * o.hidden, 4);
        y.assign(o.steps * o.batch * o.hidden, 9), h.assign(o.batch * o.hidden, 9), c = h;
        peephole = random(3 * o.hidden, 5), bias = random(o.hidden, 6);
        for (int64_t b = 0; b < o.batch; ++b) lengths.push_back(static_cast<int32_t>((b * 3 + 2) % (o.steps + 1)));
        a.x = x.data(), a.packedR = packed.data();
        if (o.states) a.initialH = h0.data(), a.initialC = c0.data();
        a.y = y.data(), a.yStep = o.batch * o.hidden, a.yBatch = o.hidden;
        a.finalH = h.data(), a.finalC = c.data();
        if (o.lengths) a.lengths = lengths.data();
        a.reverse = o.reverse;
        if (o.peephole) a.peephole = peephole.data();
        a.inputForget = o.inputForget;
        a.linearBeforeReset = o.linear;
        if (o.linear) a.recurrentBias = bias.data();
        a.clip = o.clip;
        a.setDefaultActivations();
        if (o.odd) {
            a.f = {Activation::kHardSigmoid, 0.2f, 0.5f, false};
            a.g = {Activation::kTanh, 0.5f, 2, false};
            a.h = {Activation::kRelu, 0.5f, 0.25f, true};
        }
        workspace.resize(rnnWorkspaceFloats(a) + 16);
        a.workspace = reinterpret_cast<float*>((reinterpret_cast<uintptr_t>(workspace.data()) + 63) & ~uintptr_t{63});
    }
    void verify() const {
        Reference want = reference(a, r);
        for (size_t i = 0; i < y.size(); ++i) ASSERT_NEAR(y[i], want.y[i], 1e-5) << "y " << i;
        for (size_t i = 0; i < h.size(); ++i) ASSERT_NEAR(h[i], want.h[i], 1e-5) << "h " << i;
        if (a.kind != RnnKind::kLstm) return;
        for (size_t i = 0; i < c.size(); ++i) ASSERT_NEAR(c[i], want.c[i], 1e-5) << "c " << i;
    }
};

void check(const Options& o) {
    Layer layer(o);
    rnn(&layer.a, 1);
    layer.verify();
}

TEST(Rnn, KindsAndSizes) {
    forEachIsa([] {
        for (RnnKind kind : {RnnKind::kPlain, RnnKind::kLstm, RnnKind::kGru})
            for (bool linear : {false, true})
                for (int64_t hidden : {1, 7, 8, 17, 32, 70})
                    for (int64_t batch : {1, 2, 5})
                        check({.kind = kind,
                               .batch = batch,
                               .hidden = hidden,
                               .linear = linear && kind == RnnKind::kGru});
    });
}

TEST(Rnn, Variants) {
    forEachIsa([] {
        for (RnnKind kind : {RnnKind::kPlain, RnnKind::kLstm, RnnKind::kGru})
            for (bool reverse : {false, true}) {
                check({.kind = kind, .batch = 4, .hidden = 19, .reverse = reverse, .lengths = true});
                check({.kind = kind, .batch = 3, .hidden = 19, .reverse = reverse, .clip = 0.5f});
                check({.kind = kind, .batch = 3, .hidden = 19, .reverse = reverse, .odd = true});
                check({.kind = kind, .steps = 4, .hidden = 19, .states = false});
            }
        check({.batch = 3, .hidden = 21, .peephole = true});
        check({.batch = 3, .hidden = 21, .inputForget = true});
        check({.kind = RnnKind::kGru, .batch = 3, .hidden = 21, .lengths = true, .linear = true, .odd = true});
    });
}

TEST(Rnn, DirectionsTogether) {
    for (int64_t hidden : {24, 300}) {  // each in a thread, and split over units where there are more threads
        Layer forward({.batch = 2, .hidden = hidden}), backward({.batch = 2, .hidden = hidden, .reverse = true});
        RnnArgs both[] = {forward.a, backward.a};
        rnn(both, 2);
        forward.verify();
        backward.verify();
        check({.batch = 3, .hidden = hidden});
        check({.kind = RnnKind::kGru, .batch = 3, .hidden = hidden});
    }
}

TEST(Rnn, CellAlone) {
    forEachIsa([] {
        Layer layer({.steps = 1, .batch = 3, .hidden = 21});
        std::fill(layer.r.begin(), layer.r.end(), 0.f);
        layer.a.packedR = nullptr;
        rnn(&layer.a, 1);
        layer.verify();
    });
}

}  // namespace
}  // namespace lathe::cpu
