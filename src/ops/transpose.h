// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// transpose: output axis i is axis perm[i] of x; an empty perm reverses the axes. Any type of at least a byte.
struct TransposeAttrs : ir::AttrsOf<TransposeAttrs> {
    std::vector<int64_t> perm;
    void fields(ir::AttrVisitor& f) { f("perm", perm); }
};

extern const ir::Op* const op_transpose;

}  // namespace lathe::ops
