// SPDX-License-Identifier: Apache-2.0
// Order along one axis of dense [outer, n, inner]. Types: f32, f16, bf16, i8, u8, bool, i32, i64. NaN counts as greater
// than every number.
#pragma once

#include "kernels/cuda/launch.h"

namespace lathe::cuda {

struct OrderShape {
    DType type = DType::kFloat;
    int64_t outer = 1, n = 0, inner = 1;
};

// Position of the greatest (least) element; of equals the first, or the last. Operand 0 to kOutput [outer, inner].
Result<KernelPlan> argExtreme(const OrderShape& shape, DType indexType, bool least, bool lastWins);

// Descending from the greatest, or ascending from the least; equals in order of position. kOutput: values, kOutput + 1:
// indices, [outer, k, inner] both; either may be left out.
Result<KernelPlan> topK(const OrderShape& shape, int64_t k, DType indexType, bool least, bool values, bool indices);

// Running sums (not of bool); integers wrap; narrow floats are summed in f32, f32 in double. kOutput may be operand 0.
Result<KernelPlan> cumulativeSum(const OrderShape& shape, bool exclusive, bool reverse);
// The same with products.
Result<KernelPlan> cumulativeProduct(const OrderShape& shape, bool exclusive, bool reverse);

}  // namespace lathe::cuda
