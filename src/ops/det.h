// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// det: determinants. Input: x [batch…, n, n] floating. Output: [batch…] of x's type.
struct DetAttrs : ir::AttrsOf<DetAttrs> {
    void fields(ir::AttrVisitor&) {}
};

extern const ir::Op* const op_det;

}  // namespace lathe::ops
