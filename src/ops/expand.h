// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// expand: x broadcast with a shape, in both directions: where the shape says 1, the extent of x stays. Inputs (x of
// any type of at least a byte, shape i64 or i32 [n]), which may be computed while running.
struct ExpandAttrs : ir::AttrsOf<ExpandAttrs> {
    void fields(ir::AttrVisitor&) {}
};

extern const ir::Op* const op_expand;

}  // namespace lathe::ops
