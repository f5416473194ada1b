// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// rms_norm: x / sqrt(mean(x^2) + epsilon) * scale, with the mean over all axes from `axis` on. Inputs: x floating;
// scale (optional) of x's type, which broadcasts to x's shape. Output: x's type and shape.
struct RmsNormAttrs : ir::AttrsOf<RmsNormAttrs> {
    int64_t axis = -1;
    double epsilon = 1e-5;
    void fields(ir::AttrVisitor& f) {
        f("axis", axis);
        f("epsilon", epsilon);
    }
};

extern const ir::Op* const op_rms_norm;

}  // namespace lathe::ops
