// SPDX-License-Identifier: Apache-2.0
// Finds what can be computed as a kernel stores its result: bias, residual, activation.
#pragma once

#include "kernels/activation.h"
#include "tactics/tactic.h"

namespace lathe::tactics {

struct EpilogueMatch {
    std::vector<const ir::Node*> nodes;   // those covered beyond the start, in order
    const ir::Value* result = nullptr;    // what the kernel stores
    const ir::Value* bias = nullptr;      // a constant, one value a channel (or one for all)
    const ir::Value* residual = nullptr;  // of the result's shape, read at run time
    bool residualAfter = false;
    kernels::Activation activation = kernels::Activation::kNone;
    float alpha = 1, beta = 1;
};

// Every chain bias → residual → activation → residual from `start` on (each part optional), the empty one first.
// The activation may be spelled out as x * sigmoid(x). Channels lie along `channelAxis` of start's shape. `biasTaken`:
// the anchor has a bias of its own.
std::vector<EpilogueMatch> matchEpilogues(const ir::Value& start, int channelAxis, bool biasTaken);

// The match that a binding was made from: the one from `start` whose result is `result`.
Result<EpilogueMatch> findEpilogue(const ir::Value& start, const ir::Value& result, int channelAxis, bool biasTaken);

}  // namespace lathe::tactics
