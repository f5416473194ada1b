// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// topk: the k largest (or smallest) elements along an axis, in order. Inputs: x (f32, f16, bf16, i8, u8, i32, i64), k
// (i64 or i32, one element, between 0 and the axis's extent). Outputs: the values, of x's type, and their i64 indices
// on the axis; the axis has extent k. Of equal elements the first comes first; NaN counts as larger than everything.
// `sorted` false allows any order.
struct TopkAttrs : ir::AttrsOf<TopkAttrs> {
    int64_t axis = -1;
    bool largest = true;
    bool sorted = true;
    void fields(ir::AttrVisitor& f) {
        f("axis", axis);
        f("largest", largest);
        f("sorted", sorted);
    }
};

extern const ir::Op* const op_topk;

}  // namespace lathe::ops
