// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// unique: the distinct elements of x, or with has_axis its distinct slices along `axis`. Outputs (y; for each of
// its entries the first position in x; for each entry of x its position in y; how often each occurs), the last
// three i64 vectors; trailing ones may be left out. With sorted, y is in ascending order (slices: lexicographic),
// else in the order of first occurrence. Types: f32, f16, bf16, i8, u8, i32, i64, bool. All NaNs are one
// value, the largest. The extent of y is known only after running.
struct UniqueAttrs : ir::AttrsOf<UniqueAttrs> {
    bool hasAxis = false;
    int64_t axis = 0;
    bool sorted = true;
    void fields(ir::AttrVisitor& f) {
        f("has_axis", hasAxis);
        f("axis", axis);
        f("sorted", sorted);
    }
};

extern const ir::Op* const op_unique;

}  // namespace lathe::ops
