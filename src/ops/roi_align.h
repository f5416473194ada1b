// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

enum class RoiAlignMode { kAvg, kMax };
enum class RoiAlignCoord { kHalfPixel, kOutputHalfPixel };
inline constexpr const char* kRoiAlignModeNames[] = {"avg", "max"};
inline constexpr const char* kRoiAlignCoordNames[] = {"half_pixel", "output_half_pixel"};

// roi_align: each region of interest, cut into output_height by output_width bins, sampled bilinearly. Inputs: x [N, C,
// H, W] floating, rois [R, 4] of x's type (x1, y1, x2, y2, scaled by spatial_scale), batch_indices [R] (i64 or i32):
// the image of each. Output: [R, C, output_height, output_width] of x's type. A bin has sampling_ratio^2 samples, or
// with 0 as many as elements, rounded up; samples more than one element outside are 0. half_pixel takes half an element
// off the coordinates; without it regions are at least one element large. avg takes the samples' mean; max the largest
// of all weighted neighbours of the samples.
struct RoiAlignAttrs : ir::AttrsOf<RoiAlignAttrs> {
    RoiAlignMode mode = RoiAlignMode::kAvg;
    int64_t outputHeight = 1;
    int64_t outputWidth = 1;
    int64_t samplingRatio = 0;
    double spatialScale = 1;
    RoiAlignCoord coord = RoiAlignCoord::kHalfPixel;
    void fields(ir::AttrVisitor& f) {
        f("mode", mode, kRoiAlignModeNames);
        f("output_height", outputHeight);
        f("output_width", outputWidth);
        f("sampling_ratio", samplingRatio);
        f("spatial_scale", spatialScale);
        f("coord", coord, kRoiAlignCoordNames);
    }
};

extern const ir::Op* const op_roi_align;

}  // namespace lathe::ops
