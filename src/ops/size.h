// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// size: the number of elements of x (any type), an i64 scalar.
struct SizeAttrs : ir::AttrsOf<SizeAttrs> {
    void fields(ir::AttrVisitor&) {}
};

extern const ir::Op* const op_size;

}  // namespace lathe::ops
