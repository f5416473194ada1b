// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// loop: runs region 0 again and again, at most `trips` times and as long as the condition is true. Inputs: trips
// (optional, i64 or i32, one element), cond (optional, bool, one element), then the initial carried values. The
// region's parameters: the iteration's number (i64 scalar), the condition (bool scalar), the carried values; its
// results: the next condition (bool, one element), the next carried values, then values to stack. Outputs: the last
// carried values, then for each stacked value a tensor of one entry an iteration, along axis 0 or scan_output_axes's,
// in order or, where scan_output_directions has 1, reversed. Carried values keep their types and ranks; their extents
// may change. All entries of a stack have one shape. How many trips there are is data-dependent unless `trips` is known
// and nothing ends the loop earlier; what sizes a stack whose length has no bound is found while running.
struct LoopAttrs : ir::AttrsOf<LoopAttrs> {
    std::vector<int64_t> scanOutputAxes;
    std::vector<int64_t> scanOutputDirections;
    void fields(ir::AttrVisitor& f) {
        f("scan_output_axes", scanOutputAxes);
        f("scan_output_directions", scanOutputDirections);
    }
};

extern const ir::Op* const op_loop;

}  // namespace lathe::ops
