// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// qlinear_matmul: a matrix product of quantized values, with matmul's shapes. Inputs: a (i8 or u8), a_scale, a_zero, b,
// b_scale, b_zero, y_scale, y_zero. Scales are f32, f16 or bf16. a's scale and zero point have one element or one for
// each row, b's one or one for each column, y's one. Output: of y_zero's type: the sum times a_scale * b_scale /
// y_scale, rounded to nearest even, plus y_zero, saturated.
struct QlinearMatmulAttrs : ir::AttrsOf<QlinearMatmulAttrs> {
    void fields(ir::AttrVisitor&) {}
};

extern const ir::Op* const op_qlinear_matmul;

}  // namespace lathe::ops
