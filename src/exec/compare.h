// SPDX-License-Identifier: Apache-2.0
// Compares two tensors that should be the same up to rounding.
#pragma once

#include "ir/op.h"

namespace lathe::exec {

// For results of sums of `reduction` products of numbers around 1: rounding errors of single precision along the sum,
// and one or two roundings to the result's own type. Integers must be equal.
struct Tolerance {
    int64_t reduction = 1;
    double factor = 1;  // for tactics that are less exact by design
    // For what rounds intermediate results: their error relative to the result's largest value.
    double ofLargest = 0;
};

// OK when every element of `got` is near `want`'s; else says how many are not, and where the worst one is. NaN equals
// NaN, infinities must agree.
Status compare(const ir::Tensor& got, const ir::Tensor& want, const Tolerance& tolerance);

// Spacing of numbers just above 1; 0 for integers.
double epsilonOf(DType t);

}  // namespace lathe::exec
