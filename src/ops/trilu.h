// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// trilu: the upper triangle (or, with upper=false, the lower one) of the last two axes of x, the rest set to 0.
// Inputs (x of any type of at least a byte, k? i64 scalar, 0 when absent): kept are elements with column - row >= k
// (upper) or <= k (lower).
struct TriluAttrs : ir::AttrsOf<TriluAttrs> {
    bool upper = true;
    void fields(ir::AttrVisitor& f) { f("upper", upper); }
};

extern const ir::Op* const op_trilu;

}  // namespace lathe::ops
