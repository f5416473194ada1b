// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// constant_of_shape: a tensor of the shape (input, i64 or i32 [rank]) whose elements are all `value`, converted as
// cast does. For i64, |value| <= 2^53 (a double holds no more; use expand of a constant there).
struct ConstantOfShapeAttrs : ir::AttrsOf<ConstantOfShapeAttrs> {
    double value = 0;
    DType dtype = DType::kFloat;
    void fields(ir::AttrVisitor& f) {
        f("value", value);
        f("dtype", dtype);
    }
};

extern const ir::Op* const op_constant_of_shape;

}  // namespace lathe::ops
