// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// group_norm: (x - mean) / sqrt(variance + epsilon) * scale + bias, with the statistics of each image's groups of
// C / num_groups consecutive channels. Inputs: x [N, C, …] floating; scale, bias [C] of x's type, or with per_group
// [num_groups]. Output: x's type and shape.
struct GroupNormAttrs : ir::AttrsOf<GroupNormAttrs> {
    int64_t numGroups = 1;
    double epsilon = 1e-5;
    bool perGroup = false;
    void fields(ir::AttrVisitor& f) {
        f("num_groups", numGroups);
        f("epsilon", epsilon);
        f("per_group", perGroup);
    }
};

extern const ir::Op* const op_group_norm;

}  // namespace lathe::ops
