// SPDX-License-Identifier: Apache-2.0
// The plain convolution behind conv, conv_integer and qlinear_conv.
#pragma once

#include <functional>

#include "ops/window.h"

namespace lathe::ops {

// Types, shapes and attributes of a convolution of `x` [N, C, spatial…] with `w` [M, C / group, kernel…], inputs of
// those indices: the output's shape [N, M, out…]. One to three spatial axes.
Result<Shape> convShape(const InferContext& c, int x, int w, const WindowFields& fields, int64_t group);

// Receives `count` sums of output channel `channel` of image `image`, from output position `first` (row-major) on.
using ConvStore = std::function<void(int64_t image, int64_t channel, int64_t first, int64_t count, const double* sums)>;

// Sums of (x - xZero) * w over every window; padding adds nothing. `w` holds [M, C / group, kernel…] as doubles.
// REQUIRES: what convShape accepted.
Status convolve(const Tensor& x, double xZero, const std::vector<double>& w, const Dims& wDims,
                const WindowFields& fields, int64_t group, const ConvStore& store);

}  // namespace lathe::ops
