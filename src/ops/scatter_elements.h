// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ops/scatter.h"

namespace lathe::ops {

// scatter_elements: data with elements replaced by, or reduced with, those of updates: for axis 0,
// out[index[i][j]][j] = updates[i][j]. Inputs (data of any type of at least a byte, for reductions f32, f16, bf16, i8,
// u8, i32 or i64; indices i64 or i32 of the same rank, negative ones count from the end; updates of the shape of
// indices); on the other axes indices may be shorter than data. An index out of range is an error of the run.
struct ScatterElementsAttrs : ir::AttrsOf<ScatterElementsAttrs> {
    int64_t axis = 0;
    Scatter reduction = Scatter::kNone;
    void fields(ir::AttrVisitor& f) {
        f("axis", axis);
        f("reduction", reduction, kScatterNames);
    }
};

extern const ir::Op* const op_scatter_elements;

}  // namespace lathe::ops
