// SPDX-License-Identifier: Apache-2.0
// Positions given by the last axis of an index tensor, as gather_nd and scatter_nd have them.
#pragma once

#include "ops/move.h"

namespace lathe::ops {

// The length of the last axis of `indices`, which must be known, and its type checked.
Result<int> coordinateCount(const InferContext& c, int data, int indices);

struct Positions {
    std::vector<int64_t> offsets;  // in elements of the data, one a position
    int64_t slice = 1;             // elements that each position names
};
// The first `batch` axes of data and indices go together. REQUIRES: they are equal.
Result<Positions> positionsOf(const Dims& data, const Tensor& indices, int64_t batch);

}  // namespace lathe::ops
