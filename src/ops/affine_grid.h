// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// affine_grid: places for grid_sample under an affine map. Inputs: theta [N, 2, 3] or [N, 3, 4] floating, size (i64 or
// i32, [4] or [5]: N, C and the spatial extents). Output: [N, spatial…, 2 or 3] of theta's type: theta times (x, y, 1)
// or (x, y, z, 1), where each coordinate runs over its axis from -1 to 1, at the centres of the outermost elements
// (align_corners; 0 on an axis of one) or at their outer edges.
struct AffineGridAttrs : ir::AttrsOf<AffineGridAttrs> {
    bool alignCorners = false;
    void fields(ir::AttrVisitor& f) { f("align_corners", alignCorners); }
};

extern const ir::Op* const op_affine_grid;

}  // namespace lathe::ops
