// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// select: a where the bool tensor cond is true, b elsewhere. Inputs (cond, a, b), broadcast as in numpy; a and b have
// one type, any of at least a byte, which the output has too.
struct SelectAttrs : ir::AttrsOf<SelectAttrs> {
    void fields(ir::AttrVisitor&) {}
};

extern const ir::Op* const op_select;

}  // namespace lathe::ops
