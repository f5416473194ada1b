// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// split: x cut along `axis` into as many outputs as the node has. Inputs (x of any type of at least a byte, sizes?
// i64 or i32 [outputs], which may be computed while running). Without sizes every output gets ceil(extent /
// outputs), the last one what is left. num_outputs, unless 0, must be the number of outputs.
struct SplitAttrs : ir::AttrsOf<SplitAttrs> {
    int64_t axis = 0;
    int64_t numOutputs = 0;
    void fields(ir::AttrVisitor& f) {
        f("axis", axis);
        f("num_outputs", numOutputs);
    }
};

extern const ir::Op* const op_split;

}  // namespace lathe::ops
