// SPDX-License-Identifier: Apache-2.0
// Recurrent layers: LSTM, GRU and the plain recurrence, over whole sequences. The product of the inputs with their
// weights, for all steps at once, is the caller's (a GEMM); here are the recurrent product and the cell, fused: a gate
// never leaves the registers.
#pragma once

#include <cstdint>

#include "kernels/cpu/epilogue.h"

namespace lathe::cpu {

enum class RnnKind : uint8_t {
    kPlain,  // one gate:    h' = f(x + R h)
    kLstm,   // i, o, f, c:  c' = f(f) c + f(i) g(c),  h' = f(o) h(c')
    kGru,    // z, r, h:     h' = (1 - f(z)) g(h) + f(z) h
};
constexpr int rnnGates(RnnKind k) { return k == RnnKind::kLstm ? 4 : k == RnnKind::kGru ? 3 : 1; }

struct RnnActivation {
    Activation kind = Activation::kSigmoid;
    float alpha = 1, beta = 1;
    bool affine = false;  // alpha x + beta instead of kind
};

// One direction of one layer. Gate g, in the order above, is gateOrder[g] in x and in the weights given to packing.
struct RnnArgs {
    RnnKind kind = RnnKind::kLstm;
    int64_t steps = 0, batch = 1, hidden = 0;
    int gateOrder[4] = {0, 1, 2, 3};
    // Products of the inputs with their weights plus all biases (but see recurrentBias): [gates][hidden] at
    // x + step * xStep + batch * xBatch.
    const float* x = nullptr;
    int64_t xStep = 0, xBatch = 0;
    const float* packedR = nullptr;  // rnnPack(); null: x holds the recurrent product too (one step of kPlain or kLstm)
    const float* initialH = nullptr;  // [batch, hidden], dense; null: 0. May be finalH, as may initialC finalC.
    const float* initialC = nullptr;
    float* y = nullptr;  // optional: [hidden] at y + step * yStep + batch * yBatch; 0 past a sequence's length
    int64_t yStep = 0, yBatch = 0;
    float* finalH = nullptr;  // optional, [batch, hidden]
    float* finalC = nullptr;
    const int32_t* lengths = nullptr;  // optional, [batch]: steps of each sequence
    bool reverse = false;              // from a sequence's last step to its first
    const float* peephole = nullptr;   // optional, LSTM: [3][hidden] for i, o, f
    bool inputForget = false;          // LSTM: f = 1 - i
    // GRU: the reset gate multiplies R h + recurrentBias instead of h; recurrentBias [hidden] is then that of gate h.
    bool linearBeforeReset = false;
    const float* recurrentBias = nullptr;
    float clip = 0;         // > 0: what goes into an activation is clamped to [-clip, clip]
    RnnActivation f, g, h;  // defaults set by setDefaultActivations
    void setDefaultActivations() {
        f = {};
        g = h = {Activation::kTanh, 1, 1, false};
        if (kind == RnnKind::kPlain) f = g;
    }
    float* workspace = nullptr;  // rnnWorkspaceFloats(), aligned to 64 bytes
};

// Packed recurrent weights; depend on activeIsa(). r is dense [gates * hidden, hidden], as R h needs it.
int64_t rnnPackedFloats(RnnKind kind, int64_t hidden);
void rnnPack(RnnKind kind, int64_t hidden, const float* r, const int gateOrder[4], bool linearBeforeReset,
             float* packed);

int64_t rnnWorkspaceFloats(const RnnArgs& args);

// Runs `count` independent sequences (the directions of a layer), each in a thread of its own where that is enough to
// do, else split over hidden units with a barrier at each step.
void rnn(const RnnArgs* args, int count);

// Between rnn.cc and isa/rnn.cc. Hidden units are cut into panels of 2 vectors (the last may have 1).
struct RnnState {
    float* h[2];  // [batch][padded hidden]; step s reads h[s % 2] and writes the other
    float* c;
    float* z;      // GRU
    float* reset;  // GRU: r h
    int64_t padded;
};
struct RnnTable {
    int lanes;
    // Panels [begin, end) of one step. GRU without linearBeforeReset has two phases, everything else phase 0 only.
    void (*step)(const RnnArgs& args, const RnnState& state, int64_t step, int phase, int64_t begin, int64_t end);
};

}  // namespace lathe::cpu
