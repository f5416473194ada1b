// SPDX-License-Identifier: Apache-2.0
// Attention with everything that the op knows and attention.h's kernels don't: caps, windows, keys and values of the
// past, numbers of valid keys, masks that end early, scores as an output. Plain kernels, scores in the workspace.
#pragma once

#include "kernels/cuda/attention.h"

namespace lathe::cuda {

struct GeneralAttention {
    // `keys` counts those of the past too, which come first; strides of k and v are of the others.
    AttentionShape shape;
    int64_t past = 0;                   // operands 4 and 5: dense [batch, kvHeads, past, headDim] and […, valueDim]
    float cap = 0;                      // above 0: scores become cap * tanh(score / cap)
    int64_t left = -1, right = -1;      // how far a query sees to either side; -1: all the way
    std::optional<DType> lengths = {};  // operand 6: i32 or i64, one number of valid keys for each batch entry
    int64_t maskKeys = 0;               // columns of the mask; keys behind them are hidden
    enum class Show { kNone = 0, kProduct = 1, kCapped = 2, kBiased = 3, kSoftmax = 4 };
    Show show = Show::kNone;  // kOutput + 1: scores at this point, dense, of the shape's type
};

// Operands else as attention()'s. shape.causalOffset is for where there are no lengths.
Result<KernelPlan> attentionGeneral(const GeneralAttention& attention);

}  // namespace lathe::cuda
