// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// instance_norm: (x - mean) / sqrt(variance + epsilon) * scale + bias, with the statistics of each image's each
// channel. Inputs: x [N, C, spatial…] floating; scale, bias [C] of x's type. Output: x's type and shape.
struct InstanceNormAttrs : ir::AttrsOf<InstanceNormAttrs> {
    double epsilon = 1e-5;
    void fields(ir::AttrVisitor& f) { f("epsilon", epsilon); }
};

extern const ir::Op* const op_instance_norm;

}  // namespace lathe::ops
