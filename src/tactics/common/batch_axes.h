// SPDX-License-Identifier: Apache-2.0
// The batch of a matrix product, as few axes as its operands' strides allow.
#pragma once

#include <vector>

#include "ir/dim.h"

namespace lathe::tactics {

// Elements from one product of the axis to the next, in each operand (0: it is repeated) and the result.
struct BatchAxis {
    int64_t extent, a, b, c;
};

// Innermost first. `a` and `b` are dense and broadcast against each other but for their last two axes; each product
// has `resultElements`. REQUIRES: both have at least two axes.
std::vector<BatchAxis> batchAxesOf(const ir::Dims& a, const ir::Dims& b, int64_t resultElements);

}  // namespace lathe::tactics
