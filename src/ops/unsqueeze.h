// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// unsqueeze: x with axes of extent 1 put in, so that they have these numbers in the output. Inputs (x of any type,
// axes? i64 or i32 [n], known when the engine is built); without an axes input the attribute tells.
struct UnsqueezeAttrs : ir::AttrsOf<UnsqueezeAttrs> {
    std::vector<int64_t> axes;
    void fields(ir::AttrVisitor& f) { f("axes", axes); }
};

extern const ir::Op* const op_unsqueeze;

}  // namespace lathe::ops
