// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// one_hot: a new axis of length `depth` put in as output axis `axis`; on it, the element that the index names gets
// values[1] and the others values[0]. Inputs (indices of any numeric type, fractions are dropped; depth i64 or i32
// scalar, which may be computed while running; values [2] of any type of at least a byte). Indices in [-depth, 0)
// count from the end; an index outside [-depth, depth) gives only values[0].
struct OneHotAttrs : ir::AttrsOf<OneHotAttrs> {
    int64_t axis = -1;
    void fields(ir::AttrVisitor& f) { f("axis", axis); }
};

extern const ir::Op* const op_one_hot;

}  // namespace lathe::ops
