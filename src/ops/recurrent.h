// SPDX-License-Identifier: Apache-2.0
// What lstm, gru and rnn share: attributes, shapes, activations, and the walk over directions, steps and batch entries.
#pragma once

#include <functional>
#include <span>

#include "ops/common.h"

namespace lathe::ops {

enum class RecurrentDirection { kForward, kReverse, kBidirectional };
inline constexpr const char* kRecurrentDirectionNames[] = {"forward", "reverse", "bidirectional"};

// Inputs, with D directions (2 when bidirectional), G gates, H hidden units:
//   0 x  [seq, batch, input]            layout 1: [batch, seq, input]
//   1 w  [D, G * H, input]
//   2 r  [D, G * H, H]
//   3 b  [D, 2 * G * H] (optional): the biases of x * w, then those of h * r
//   4 sequence_lens [batch] i32 (optional): entries end earlier; their later outputs are 0
//   5 initial_h [D, batch, H] (optional, else 0)   layout 1: [batch, D, H]
// Outputs (as many as the node has): y [seq, D, batch, H] (layout 1: [batch, seq, D, H]), y_h like initial_h: the state
// after each entry's last step. A reverse direction starts at each entry's own end. All floating tensors have one type.
// hidden_size 0 takes r's. clip above 0 keeps the inputs of activations within [-clip, clip]. `activations` lists
// names, separated by commas, for each direction (or once for both); empty is the op's default: Relu, Tanh, Sigmoid,
// Affine (alpha x + beta), LeakyRelu, ThresholdedRelu, ScaledTanh, HardSigmoid, Elu, Softsign, Softplus. Those that
// have parameters take them from `alpha` and `beta` in turn, and their defaults when the lists have ended.
struct RecurrentFields {
    int64_t hiddenSize = 0;
    RecurrentDirection direction = RecurrentDirection::kForward;
    int64_t layout = 0;
    double clip = 0;
    std::string activations;
    std::vector<double> alpha, beta;

    void recurrentFields(ir::AttrVisitor& f) {
        f("hidden_size", hiddenSize);
        f("direction", direction, kRecurrentDirectionNames);
        f("layout", layout);
        f("clip", clip);
        f("activations", activations);
        f("alpha", alpha);
        f("beta", beta);
    }
    int directions() const { return direction == RecurrentDirection::kBidirectional ? 2 : 1; }
};

struct Activation {
    enum class Kind {
        kRelu,
        kTanh,
        kSigmoid,
        kAffine,
        kLeakyRelu,
        kThresholdedRelu,
        kScaledTanh,
        kHardSigmoid,
        kElu,
        kSoftsign,
        kSoftplus
    };
    Kind kind = Kind::kTanh;
    double alpha = 0, beta = 0;
    double clip = 0;
    double operator()(double x) const;
};

// directions() times `defaults`' number of activations, by direction. Errors: unknown names, wrong numbers.
Result<std::vector<Activation>> recurrentActivations(const RecurrentFields& fields,
                                                     std::span<const char* const> defaults);

// Checks inputs 0 to 5 and the first `states` outputs after y, and sets the outputs' types. For lstm, initial_c (input
// 6, like initial_h) and p (input 7, [D, 3 * H]) are checked too when `states` is 2.
Status inferRecurrent(InferContext& c, const RecurrentFields& fields, int gates, int states);

// One step of one direction, for all batch entries: computes nextH (and nextC) from h (and c).
struct RecurrentStep {
    int direction = 0;
    int64_t batch = 0, hidden = 0;
    std::vector<const double*> x;             // by batch entry: x * w with its bias, [gates * hidden]
    const double* r = nullptr;                // transposed: [hidden, gates * hidden]
    const double* rBias = nullptr;            // [gates * hidden]
    const double *h = nullptr, *c = nullptr;  // [batch, hidden]
    double *nextH = nullptr, *nextC = nullptr;
};
using RecurrentCell = std::function<void(const RecurrentStep&)>;

// Runs `cell` over everything and stores the outputs. REQUIRES: what inferRecurrent accepted.
Status runRecurrent(RefContext& c, const RecurrentFields& fields, int gates, int states, const RecurrentCell& cell);

}  // namespace lathe::ops
