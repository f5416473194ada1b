// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// flatten: x as a matrix: the extents before `axis` multiplied, and those from it on. Any type. -rank <= axis <=
// rank.
struct FlattenAttrs : ir::AttrsOf<FlattenAttrs> {
    int64_t axis = 1;
    void fields(ir::AttrVisitor& f) { f("axis", axis); }
};

extern const ir::Op* const op_flatten;

}  // namespace lathe::ops
