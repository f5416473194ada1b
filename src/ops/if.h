// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// if: runs region 0 when the condition is true, else region 1; the region's results are the outputs. Input: cond (bool,
// one element). The regions have no parameters and read what they need from around them. The results of both must have
// the same types and ranks; where their extents differ, the output's is data-dependent and at most the larger one. A
// condition that is known already decides alone: the other region is not even looked at.
struct IfAttrs : ir::AttrsOf<IfAttrs> {
    void fields(ir::AttrVisitor&) {}
};

extern const ir::Op* const op_if;

}  // namespace lathe::ops
