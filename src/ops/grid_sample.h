// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

enum class GridSampleMode { kLinear, kNearest, kCubic };
enum class GridSamplePadding { kZeros, kBorder, kReflection };
inline constexpr const char* kGridSampleModeNames[] = {"linear", "nearest", "cubic"};
inline constexpr const char* kGridSamplePaddingNames[] = {"zeros", "border", "reflection"};

// grid_sample: reads x at given places. Inputs: x [N, C, spatial…] floating with one to three spatial axes, grid [N,
// out…, spatial rank] floating. Output: [N, C, out…] of x's type. The last axis of grid names a place by the
// coordinates of the last spatial axis first; -1 and 1 are the centres of the outermost elements (align_corners) or
// their outer edges. nearest rounds halves to even; cubic has Keys' coefficient -0.75. What lies outside is 0, or the
// border's elements, or those that reflection (at the centres or edges, as align_corners says) leads to.
struct GridSampleAttrs : ir::AttrsOf<GridSampleAttrs> {
    GridSampleMode mode = GridSampleMode::kLinear;
    GridSamplePadding padding = GridSamplePadding::kZeros;
    bool alignCorners = false;
    void fields(ir::AttrVisitor& f) {
        f("mode", mode, kGridSampleModeNames);
        f("padding", padding, kGridSamplePaddingNames);
        f("align_corners", alignCorners);
    }
};

extern const ir::Op* const op_grid_sample;

}  // namespace lathe::ops
