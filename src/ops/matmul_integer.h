// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// matmul_integer: the exact product of (a - a_zero) and (b - b_zero), with matmul's shapes. Inputs: a and b, each i8 or
// u8; a_zero? of a's type, one element or one for each row; b_zero? of b's type, one element or one for each column.
// Output: i32, which wraps.
struct MatmulIntegerAttrs : ir::AttrsOf<MatmulIntegerAttrs> {
    void fields(ir::AttrVisitor&) {}
};

extern const ir::Op* const op_matmul_integer;

}  // namespace lathe::ops
