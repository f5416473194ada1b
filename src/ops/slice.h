// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// slice: along each listed axis, every steps[i]-th element from starts[i] up to, not including, ends[i]. Inputs (x,
// starts, ends, axes?, steps?), x of any type of at least a byte, the others i64 or i32 [n]; without axes, the
// first n; without steps, 1.
// Negative starts and ends count from the end; all are then clamped: with a positive step to [0, extent], with a
// negative one starts to [0, extent - 1] and ends to [-1, extent - 1]. Starts, ends and steps may be computed while
// running.
struct SliceAttrs : ir::AttrsOf<SliceAttrs> {
    void fields(ir::AttrVisitor&) {}
};

extern const ir::Op* const op_slice;

}  // namespace lathe::ops
