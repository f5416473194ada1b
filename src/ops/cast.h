// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// cast: every element of x as type `to`; the shape stays.
// From floating types to integers the fraction is dropped, what lies outside the range becomes the nearest end of it,
// and NaN becomes 0. Between integer types the lower bits are kept. To bool: is it not 0 (NaN is not 0). From bool: 0
// or 1. To f8e4m3, values beyond ±448 become ±448 with `saturate`, else NaN. Types: from any; to f32, f16, bf16,
// f8e4m3, i8, u8, i32, i64, bool (narrower ones are made by quantize_linear).
struct CastAttrs : ir::AttrsOf<CastAttrs> {
    DType to = DType::kFloat;
    bool saturate = true;
    void fields(ir::AttrVisitor& f) {
        f("to", to);
        f("saturate", saturate);
    }
};

extern const ir::Op* const op_cast;

}  // namespace lathe::ops
