// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ops/window.h"

namespace lathe::ops {

// conv_integer: the exact cross-correlation of (x - x_zero) with (w - w_zero). Inputs: x [N, C, spatial…] and
// w [M, C / group, kernel…], each i8 or u8; x_zero? of x's type, one element; w_zero? of w's type, one element or [M].
// Padding adds nothing. Output: [N, M, out…] of i32, which wraps.
struct ConvIntegerAttrs : ir::AttrsOf<ConvIntegerAttrs>, WindowFields {
    int64_t group = 1;
    void fields(ir::AttrVisitor& f) {
        windowFields(f);
        f("group", group);
    }
};

extern const ir::Op* const op_conv_integer;

}  // namespace lathe::ops
