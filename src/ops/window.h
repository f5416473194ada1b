// SPDX-License-Identifier: Apache-2.0
// Sliding windows over the spatial axes of an N, C, spatial… tensor: what convolution and pooling share.
#pragma once

#include <span>

#include "ops/common.h"

namespace lathe::ops {

enum class AutoPad { kNotSet, kSameUpper, kSameLower, kValid };
inline constexpr const char* kAutoPadNames[] = {"notset", "same_upper", "same_lower", "valid"};

// Attributes of a window. An empty list is the default on every axis (stride 1, dilation 1, no padding; the kernel as
// the op says). `pads` lists all begins, then all ends. `auto_pad` other than notset takes the place of `pads`: the
// same_ ones give ceil(in / stride) windows, an odd row of padding goes to the end (upper) or the beginning (lower).
// `ceil_mode` rounds the number of windows up, but drops a last window that would start in the padding at the end, or
// behind it; `ceil_all`, which needs `ceil_mode`, keeps it.
struct WindowFields {
    std::vector<int64_t> kernel, strides, dilations, pads;
    AutoPad autoPad = AutoPad::kNotSet;
    bool ceilMode = false, ceilAll = false;

    void windowFields(ir::AttrVisitor& f) {
        f("kernel", kernel);
        f("strides", strides);
        f("dilations", dilations);
        f("pads", pads);
        f("auto_pad", autoPad, kAutoPadNames);
        f("ceil_mode", ceilMode);
        f("ceil_all", ceilAll);
    }
};

// One spatial axis: window o covers the input positions o * stride - padBegin + k * dilation for 0 <= k < kernel.
struct WindowAxis {
    Dim in, out, padBegin, padEnd;
    int64_t kernel = 1, stride = 1, dilation = 1;

    int64_t extent() const { return (kernel - 1) * dilation + 1; }  // input positions that a window spans
};

// The list's entry, or `otherwise` for an empty list. Errors: another length than `axes`, a value below `least`.
Result<std::vector<int64_t>> windowList(const char* name, const std::vector<int64_t>& list, size_t axes,
                                        int64_t otherwise, int64_t least);
// The kernel's extents, which must be known: from the attribute, or, when that is empty, from the weights' shape; when
// both are there, they must agree.
Result<std::vector<int64_t>> kernelExtents(const std::vector<int64_t>& attribute, std::span<const Dim> weights);

// Resolves padding and output extents. Errors: lists of the wrong length, values out of range, a window that is larger
// than the padded input.
Result<std::vector<WindowAxis>> resolveWindow(const WindowFields& fields, std::span<const Dim> spatial,
                                              std::span<const int64_t> kernel);

}  // namespace lathe::ops
