// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// range: start, start + delta, … up to, not including, limit. Inputs (start, limit, delta): scalars (or single
// elements) of one type, i32, i64, f32, f16 or bf16; integers may be computed while running, floats must be
// constants of the engine. The number of elements is max(0, ceil((limit - start) / delta)).
struct RangeAttrs : ir::AttrsOf<RangeAttrs> {
    void fields(ir::AttrVisitor&) {}
};

extern const ir::Op* const op_range;

}  // namespace lathe::ops
