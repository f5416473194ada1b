// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// concat: the inputs (one or more, all of one type of at least a byte) one after the other along `axis`; their
// other extents are equal.
struct ConcatAttrs : ir::AttrsOf<ConcatAttrs> {
    int64_t axis = 0;
    void fields(ir::AttrVisitor& f) { f("axis", axis); }
};

extern const ir::Op* const op_concat;

}  // namespace lathe::ops
