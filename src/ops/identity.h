// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// identity: x itself. Any type.
struct IdentityAttrs : ir::AttrsOf<IdentityAttrs> {
    void fields(ir::AttrVisitor&) {}
};

extern const ir::Op* const op_identity;

}  // namespace lathe::ops
