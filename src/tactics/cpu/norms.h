// SPDX-License-Identifier: Apache-2.0
// Normalizations by statistics of the data itself: over groups of an image's channels, or over rows.
#pragma once

#include "tactics/cpu/operands.h"

namespace lathe::tactics {

// One node's normalization. Scale and bias (null: none) are constants of any floating type that broadcast as said, or
// f32 values of the run with exactly one element a channel or element of a row.
struct Norm {
    const ir::Value* scale = nullptr;
    const ir::Value* bias = nullptr;
    float epsilon = 1e-5f;
    // Over images: channels along axis 1 in so many groups; 0: a group a channel. Scale and bias have one element a
    // channel or, with `perGroup`, one a group (constants only).
    int64_t groups = 0;
    bool perGroup = false;
    // Over rows: the axes from this one on. Scale and bias broadcast to them.
    int firstAxis = 0;
    bool rms = false;
};

BindResult bindImageNorm(const Tactic& tactic, const ir::Node& anchor, const BindContext& c, const Norm& norm);
Result<std::unique_ptr<Kernel>> makeImageNorm(const Binding& binding, const PrepareContext& c, const Norm& norm);

BindResult bindRowNorm(const Tactic& tactic, const ir::Node& anchor, const BindContext& c, const Norm& norm);
Result<std::unique_ptr<Kernel>> makeRowNorm(const Binding& binding, const PrepareContext& c, const Norm& norm);

}  // namespace lathe::tactics
