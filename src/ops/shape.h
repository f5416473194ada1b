// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// shape: the extents of axes [start, end) of x (any type) as i64. Negative bounds count from the end; both are
// clamped to the rank.
struct ShapeAttrs : ir::AttrsOf<ShapeAttrs> {
    int64_t start = 0;
    int64_t end = INT64_MAX;
    void fields(ir::AttrVisitor& f) {
        f("start", start);
        f("end", end);
    }
};

extern const ir::Op* const op_shape;

}  // namespace lathe::ops
