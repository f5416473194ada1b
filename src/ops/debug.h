// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// debug: x itself, which a run's listener is told of (tactics/outside.h). It keeps x from being fused away.
struct DebugAttrs : ir::AttrsOf<DebugAttrs> {
    std::string name;  // of the tensor, for the listener
    void fields(ir::AttrVisitor& f) { f("name", name); }
};

extern const ir::Op* const op_debug;

}  // namespace lathe::ops
