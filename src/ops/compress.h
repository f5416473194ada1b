// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// compress: the slices of x along `axis` (with has_axis; else the elements of the flattened x) at which the bool
// vector cond is true. Inputs (x of any type of at least a byte, cond [n]); what lies beyond n is left out, as is
// what of cond lies beyond x. The output extent is known only after running.
struct CompressAttrs : ir::AttrsOf<CompressAttrs> {
    bool hasAxis = false;
    int64_t axis = 0;
    void fields(ir::AttrVisitor& f) {
        f("has_axis", hasAxis);
        f("axis", axis);
    }
};

extern const ir::Op* const op_compress;

}  // namespace lathe::ops
