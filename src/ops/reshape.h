// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// reshape: x with another shape, in the same row-major order. Inputs (x of any type, shape i64 or i32 [rank]).
// In `shape`, -1 (at most once) takes what is left; 0 copies the extent of x at that axis, unless allow_zero makes
// it an extent of 0. The shape may be computed while running; then its length must be known.
struct ReshapeAttrs : ir::AttrsOf<ReshapeAttrs> {
    bool allowZero = false;
    void fields(ir::AttrVisitor& f) { f("allow_zero", allowZero); }
};

extern const ir::Op* const op_reshape;

}  // namespace lathe::ops
