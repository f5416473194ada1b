// SPDX-License-Identifier: Apache-2.0
// What scatter_elements and scatter_nd share.
#pragma once

#include <functional>

#include "ops/common.h"

namespace lathe::ops {

// What becomes of an element that an update meets. Several updates of one element are applied in row-major order.
enum class Scatter : int64_t { kNone, kAdd, kMul, kMax, kMin };
inline constexpr const char* kScatterNames[] = {"none", "add", "mul", "max", "min"};

Status requireScatterType(const InferContext& c, Scatter reduction);

// Copies data to out and applies every update: target(u) is the element of out that update element u meets.
// Floating sums and products are kept in double until all updates are in; integers wrap.
Status scatter(const Tensor& data, const Tensor& updates, const Tensor& out, Scatter reduction,
               const std::function<int64_t(int64_t)>& target);

}  // namespace lathe::ops
