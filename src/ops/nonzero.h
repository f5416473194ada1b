// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// nonzero: the positions of the elements that are not 0 (NaN is not 0), in row-major order, as the columns of an
// i64 matrix [rank, count]; count is known only after running. x: any type but those of less than a byte.
struct NonzeroAttrs : ir::AttrsOf<NonzeroAttrs> {
    void fields(ir::AttrVisitor&) {}
};

extern const ir::Op* const op_nonzero;

}  // namespace lathe::ops
