// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// gather_elements: along `axis`, each output element is picked by the index at its own place: out[i][j] =
// data[index[i][j]][j] for axis 0. Inputs (data of any type of at least a byte, indices i64 or i32 of the same
// rank, negative ones count from the end); on the other axes indices may be shorter than data. The output has the
// shape of indices. An index out of range is an error of the run.
struct GatherElementsAttrs : ir::AttrsOf<GatherElementsAttrs> {
    int64_t axis = 0;
    void fields(ir::AttrVisitor& f) { f("axis", axis); }
};

extern const ir::Op* const op_gather_elements;

}  // namespace lathe::ops
