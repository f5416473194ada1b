// SPDX-License-Identifier: Apache-2.0
// Normalizations by statistics of the data itself, as kernels see them: over groups of an image's channels, or over
// rows.
#pragma once

#include "tactics/common/operands.h"

namespace lathe::tactics {

// One node's normalization. Scale and bias are null where there are none.
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

Norm rmsNormOf(const ir::Node& n);
Norm groupNormOf(const ir::Node& n);
Norm instanceNormOf(const ir::Node& n);
Norm layerNormOf(const ir::Node& n);
// The addition of two values of one type that makes what n normalizes, or null: its other operand may be a residual.
const ir::Node* residualBefore(const ir::Node& n);

// The general normalization, where its axes are rows, planes or groups of channels.
struct NormForm {
    Norm norm;
    bool rows = false;
};
Result<NormForm> normalizationOf(const ir::Node& n);

}  // namespace lathe::tactics
