// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/rnn.h"

#include <cstring>

#include "base/status.h"
#include "kernels/cpu/grain.h"
#include "kernels/cpu/isa/isa.h"

LATHE_ISA_TABLE(RnnTable, rnnTable)

namespace lathe::cpu {
namespace {

int64_t paddedUnits(int64_t hidden) {
    int64_t lanes = rnnTable().lanes;
    return (hidden + lanes - 1) / lanes * lanes;
}
int64_t panelsOf(int64_t hidden) {
    int64_t width = 2 * rnnTable().lanes;
    return (hidden + width - 1) / width;
}
int phasesOf(const RnnArgs& a) { return a.kind == RnnKind::kGru && !a.linearBeforeReset ? 2 : 1; }

RnnState stateOf(const RnnArgs& a) {
    RnnState s;
    s.padded = paddedUnits(a.hidden);
    int64_t n = a.batch * s.padded;
    s.h[0] = a.workspace;
    s.h[1] = s.h[0] + n;
    s.c = s.h[1] + n;
    s.z = s.c + n;
    s.reset = s.z + n;
    return s;
}

void begin(const RnnArgs& a, const RnnState& s) {
    auto fill = [&](float* to, const float* from) {
        std::memset(to, 0, static_cast<size_t>(a.batch * s.padded) * sizeof(float));
        for (int64_t b = 0; from && b < a.batch; ++b)
            std::memcpy(to + b * s.padded, from + b * a.hidden, static_cast<size_t>(a.hidden) * sizeof(float));
    };
    fill(s.h[0], a.initialH);
    if (a.kind == RnnKind::kLstm) fill(s.c, a.initialC);
}

void end(const RnnArgs& a, const RnnState& s) {
    auto copy = [&](float* to, const float* from) {
        for (int64_t b = 0; to && b < a.batch; ++b)
            std::memcpy(to + b * a.hidden, from + b * s.padded, static_cast<size_t>(a.hidden) * sizeof(float));
    };
    copy(a.finalH, s.h[a.steps % 2]);
    if (a.kind == RnnKind::kLstm) copy(a.finalC, s.c);
}

}  // namespace

int64_t rnnPackedFloats(RnnKind kind, int64_t hidden) { return rnnGates(kind) * hidden * paddedUnits(hidden); }

void rnnPack(RnnKind kind, int64_t hidden, const float* r, const int gateOrder[4], bool linearBeforeReset,
             float* packed) {
    int64_t lanes = rnnTable().lanes, padded = paddedUnits(hidden);
    int gates = rnnGates(kind);
    // Panels hold [k][gate][unit]. A GRU that resets h first has its first two gates in one set of panels and the third
    // in another behind it.
    auto pack = [&](int firstGate, int count) {
        for (int64_t u = 0; u < padded; u += 2 * lanes) {
            int64_t width = std::min(2 * lanes, padded - u);
            for (int64_t k = 0; k < hidden; ++k)
                for (int g = firstGate; g < firstGate + count; ++g)
                    for (int64_t i = 0; i < width; ++i)
                        *packed++ = u + i < hidden ? r[(gateOrder[g] * hidden + u + i) * hidden + k] : 0.f;
        }
    };
    if (kind == RnnKind::kGru && !linearBeforeReset) {
        pack(0, 2);
        pack(2, 1);
    } else {
        pack(0, gates);
    }
}

int64_t rnnWorkspaceFloats(const RnnArgs& a) { return 5 * a.batch * paddedUnits(a.hidden); }

void rnn(const RnnArgs* args, int count) {
    const RnnTable& kernels = rnnTable();
    constexpr int kMost = 8;
    ASSERT(count <= kMost);
    RnnState states[kMost];
    int threads = ThreadPool::instance().threads();
    int64_t steps = 0, panels = 0, most = 0;
    int phases = 1;
    for (int i = 0; i < count; ++i) {
        const RnnArgs& a = args[i];
        states[i] = stateOf(a);
        begin(a, states[i]);
        steps = std::max(steps, a.steps);
        phases = std::max(phases, phasesOf(a));
        panels += panelsOf(a.hidden);
        most = std::max(most, a.batch * rnnGates(a.kind) * a.hidden * (2 * a.hidden + 48));
    }
    // A barrier costs a few microseconds; a step must be worth that.
    bool split = threads > count && most >= kArithmeticGrain / 2;
    if (!split) {
        ThreadPool::instance().run(count, [&](int i) {
            const RnnArgs& a = args[i];
            for (int64_t s = 0; s < a.steps; ++s)
                for (int p = 0; p < phasesOf(a); ++p) kernels.step(a, states[i], s, p, 0, panelsOf(a.hidden));
        });
    } else {
        for (int64_t s = 0; s < steps; ++s)
            for (int p = 0; p < phases; ++p) {
                int parts = static_cast<int>(std::min<int64_t>(threads, panels));
                ThreadPool::instance().run(parts, [&](int part) {
                    int64_t from = part * panels / parts, to = (part + 1) * panels / parts, first = 0;
                    for (int i = 0; i < count; first += panelsOf(args[i].hidden), ++i) {
                        const RnnArgs& a = args[i];
                        int64_t b = std::max<int64_t>(from - first, 0), e = std::min(to - first, panelsOf(a.hidden));
                        if (b < e && s < a.steps && p < phasesOf(a)) kernels.step(a, states[i], s, p, b, e);
                    }
                });
            }
    }
    for (int i = 0; i < count; ++i) end(args[i], states[i]);
}

}  // namespace lathe::cpu
