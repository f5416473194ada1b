// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// reorder: the same tensor in another memory layout (tactics::Layout's values). As mathematics it is the identity; only
// the builder makes it, between steps that want different layouts.
struct ReorderAttrs : ir::AttrsOf<ReorderAttrs> {
    int64_t from = 0, to = 0;
    void fields(ir::AttrVisitor& f) {
        f("from", from);
        f("to", to);
    }
};

extern const ir::Op* const op_reorder;

}  // namespace lathe::ops
