// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// bitcast: x's bits as elements of another type of the same size.
struct BitcastAttrs : ir::AttrsOf<BitcastAttrs> {
    DType to = DType::kFloat;
    void fields(ir::AttrVisitor& f) { f("to", to); }
};

extern const ir::Op* const op_bitcast;

}  // namespace lathe::ops
