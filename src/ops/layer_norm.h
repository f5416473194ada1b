// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// layer_norm: (x - mean) / sqrt(variance + epsilon) * scale + bias, with the statistics of all axes from `axis` on.
// Inputs: x floating; scale, bias (both optional) of x's type, which broadcast to x's shape. Output 0: x's type and
// shape. Optional outputs 1 and 2, f32: the mean and 1 / sqrt(variance + epsilon), shaped as x with 1 for the
// normalized axes.
struct LayerNormAttrs : ir::AttrsOf<LayerNormAttrs> {
    int64_t axis = -1;
    double epsilon = 1e-5;
    void fields(ir::AttrVisitor& f) {
        f("axis", axis);
        f("epsilon", epsilon);
    }
};

extern const ir::Op* const op_layer_norm;

}  // namespace lathe::ops
