// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

enum class ResizeMode { kNearest, kLinear, kCubic };
enum class ResizeCoord {
    kHalfPixel,
    kHalfPixelSymmetric,
    kPytorchHalfPixel,
    kAlignCorners,
    kAsymmetric,
    kTfCropAndResize
};
enum class ResizeRounding { kRoundPreferFloor, kRoundPreferCeil, kFloor, kCeil };
enum class ResizeAspect { kStretch, kNotLarger, kNotSmaller };
inline constexpr const char* kResizeModeNames[] = {"nearest", "linear", "cubic"};
inline constexpr const char* kResizeCoordNames[] = {"half_pixel",    "half_pixel_symmetric", "pytorch_half_pixel",
                                                    "align_corners", "asymmetric",           "tf_crop_and_resize"};
inline constexpr const char* kResizeRoundingNames[] = {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"};
inline constexpr const char* kResizeAspectNames[] = {"stretch", "not_larger", "not_smaller"};

// resize: samples x at the places that the output's positions map to, axis by axis. Inputs:
//   x       f32, f16, bf16; nearest also i8, u8, i32
//   roi     (optional) begins of all resized axes, then their ends, as parts of the input; only tf_crop_and_resize has
//   it,
//           and the extents do not depend on it
//   scales  (optional) f32, one a resized axis, known when the engine is built: out = floor(in * scale), where the
//   scale
//           stands for the simplest fraction that rounds to it (0.7f for 7/10, so that 10 becomes 7)
//   sizes   (optional) i64 or i32: the extents themselves; the scale is then out / in
// Exactly one of scales and sizes has elements. `axes` lists the resized axes (empty: all). Output: x's type.
//
// Place of output position o, with s = out / in or the given scale:
//   half_pixel (o + 0.5) / s - 0.5; half_pixel_symmetric: the same, moved so that input and output share their centre
//   when in * s isn't whole; pytorch_half_pixel: 0 for an extent of 1; align_corners o * (in - 1) / (out - 1);
//   asymmetric o / s; tf_crop_and_resize: the roi with aligned corners, and `extrapolation_value` for places outside
//   the input.
// nearest rounds the place as `nearest_mode` says. linear and cubic (with Keys' coefficient `cubic_coeff_a`) weigh the
// neighbours; those outside repeat the edge, or with exclude_outside count nothing. antialias widens both when the
// scale is below 1. With sizes, keep_aspect not_larger (not_smaller) scales every resized axis by the smallest
// (largest) of the size-to-extent ratios, out = round(in * ratio) with halves up.
struct ResizeAttrs : ir::AttrsOf<ResizeAttrs> {
    ResizeMode mode = ResizeMode::kNearest;
    ResizeCoord coord = ResizeCoord::kHalfPixel;
    ResizeRounding nearestMode = ResizeRounding::kRoundPreferFloor;
    double cubicCoeffA = -0.75;
    bool excludeOutside = false;
    double extrapolationValue = 0;
    bool antialias = false;
    std::vector<int64_t> axes;
    ResizeAspect keepAspect = ResizeAspect::kStretch;
    void fields(ir::AttrVisitor& f) {
        f("mode", mode, kResizeModeNames);
        f("coord", coord, kResizeCoordNames);
        f("nearest_mode", nearestMode, kResizeRoundingNames);
        f("cubic_coeff_a", cubicCoeffA);
        f("exclude_outside", excludeOutside);
        f("extrapolation_value", extrapolationValue);
        f("antialias", antialias);
        f("axes", axes);
        f("keep_aspect", keepAspect, kResizeAspectNames);
    }
};

extern const ir::Op* const op_resize;

// For kernels: what each output position of one axis is made of.
struct ResizeTap {
    int64_t index;  // input position
    double weight;
};
struct ResizeAxis {
    int axis = 0;
    int64_t in = 0, out = 0;
    std::vector<std::vector<ResizeTap>> taps;  // one list an output position
    std::vector<bool> outside;                 // positions that get the extrapolation value; empty when none can
};
// The axes that are really resampled. `roi`, `scales` and `sizes` are the inputs' elements (empty when absent).
Result<std::vector<ResizeAxis>> resizePlan(const ResizeAttrs& attrs, const ir::Dims& in, const ir::Dims& out,
                                           std::span<const double> roi, std::span<const double> scales,
                                           std::span<const int64_t> sizes);

}  // namespace lathe::ops
