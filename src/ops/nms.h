// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// nms: non-maximum suppression. Inputs: boxes [batch, boxes, 4] floating, scores [batch, classes, boxes] of the same
// type, max_out (optional, i64 or i32, one element; without it nothing is selected), iou (optional floating, one
// element, default 0), score (optional floating, one element; without it every score will do). Output: i64 [n, 3] of
// batch, class and box index. For each batch entry and class, boxes with a score above `score` are taken in order of
// falling scores (of equal ones the first first); one whose intersection over union with one already taken exceeds
// `iou` is dropped; at most max_out are taken. Boxes are two corners y, x (in any order), or with center_point_box x
// and y of the centre, width, height.
struct NmsAttrs : ir::AttrsOf<NmsAttrs> {
    bool centerPointBox = false;
    void fields(ir::AttrVisitor& f) { f("center_point_box", centerPointBox); }
};

extern const ir::Op* const op_nms;

}  // namespace lathe::ops
