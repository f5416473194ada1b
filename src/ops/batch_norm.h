// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// batch_norm: (x - mean) / sqrt(var + epsilon) * scale + bias, per channel, with given statistics. Inputs: x [N, C, …]
// floating; scale, bias [C] of one floating type; mean, var [C] of one floating type. Output: x's type and shape.
struct BatchNormAttrs : ir::AttrsOf<BatchNormAttrs> {
    double epsilon = 1e-5;
    void fields(ir::AttrVisitor& f) { f("epsilon", epsilon); }
};

extern const ir::Op* const op_batch_norm;

}  // namespace lathe::ops
