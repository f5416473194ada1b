// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ops/window.h"

namespace lathe::ops {

// qlinear_conv: a convolution of quantized values. Inputs: x [N, C, spatial…] (i8 or u8), x_scale (f32), x_zero,
// w [M, C / group, kernel…] (i8 or u8), w_scale, w_zero, y_scale, y_zero, bias? i32 [M] in units of x_scale * w_scale.
// w_scale and w_zero have one element or [M], the other scales and zero points one. Output: [N, M, out…] of y_zero's
// type: the sum times x_scale * w_scale / y_scale, rounded to nearest even, plus y_zero, saturated.
struct QlinearConvAttrs : ir::AttrsOf<QlinearConvAttrs>, WindowFields {
    int64_t group = 1;
    void fields(ir::AttrVisitor& f) {
        windowFields(f);
        f("group", group);
    }
};

extern const ir::Op* const op_qlinear_conv;

}  // namespace lathe::ops
