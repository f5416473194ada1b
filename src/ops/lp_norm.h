// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// lp_norm: x divided by the sum of absolutes (p = 1) or the root of the sum of squares (p = 2) along `axis`; a line of
// norm 0 stays 0. One floating input; the output has its type and shape.
struct LpNormAttrs : ir::AttrsOf<LpNormAttrs> {
    int64_t axis = -1;
    int64_t p = 2;
    void fields(ir::AttrVisitor& f) {
        f("axis", axis);
        f("p", p);
    }
};

extern const ir::Op* const op_lp_norm;

}  // namespace lathe::ops
