// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// hardmax: 1 for the first largest element along `axis`, 0 for the others. One floating input; the output has its type
// and shape.
struct HardmaxAttrs : ir::AttrsOf<HardmaxAttrs> {
    int64_t axis = -1;
    void fields(ir::AttrVisitor& f) { f("axis", axis); }
};

extern const ir::Op* const op_hardmax;

}  // namespace lathe::ops
