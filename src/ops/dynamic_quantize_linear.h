// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// dynamic_quantize_linear: x (f32) as u8 with a scale and zero point that fit its range. Outputs (y u8 with the
// shape of x; scale, a f32 scalar; zero_point, a u8 scalar). With low = min(0, smallest) and high = max(0, largest
// element): scale = (high - low) / 255 (1 when that is 0), zero_point = round(-low / scale), y = round(x / scale) +
// zero_point, all in f32, halves rounded to even, brought into [0, 255].
struct DynamicQuantizeLinearAttrs : ir::AttrsOf<DynamicQuantizeLinearAttrs> {
    void fields(ir::AttrVisitor&) {}
};

extern const ir::Op* const op_dynamic_quantize_linear;

}  // namespace lathe::ops
