// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// gather: slices of data along `axis`, picked by indices (i64 or i32; negative ones count from the end). Inputs
// (data of any type of at least a byte, indices). The output has the shape data[:axis] + indices[batch_dims:] +
// data[axis + 1:]; the first batch_dims axes of both inputs are equal and go together. 0 <= batch_dims <= axis. An
// index out of range is an error of the run.
struct GatherAttrs : ir::AttrsOf<GatherAttrs> {
    int64_t axis = 0;
    int64_t batchDims = 0;
    void fields(ir::AttrVisitor& f) {
        f("axis", axis);
        f("batch_dims", batchDims);
    }
};

extern const ir::Op* const op_gather;

}  // namespace lathe::ops
