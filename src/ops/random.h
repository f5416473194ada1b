// SPDX-License-Identifier: Apache-2.0
// What the ops with random results share.
#pragma once

#include "base/philox.h"
#include "ops/elements.h"

namespace lathe::ops {

// The stream of a seed attribute: 0 stands for another one at every call, which differs from process to process.
Philox randomStream(int64_t seed);

// The output shape of an op that takes it from input 0 (i64 or i32), or from its attribute when there is none.
Result<Shape> randomShape(InferContext& c, const std::vector<int64_t>& attribute);

}  // namespace lathe::ops
