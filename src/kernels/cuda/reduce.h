// SPDX-License-Identifier: Apache-2.0
// Reductions over any set of axes.
#pragma once

#include <span>

#include "kernels/cuda/launch.h"

namespace lathe::cuda {

enum class ReduceOp : uint8_t { kSum, kMean, kProd, kMax, kMin, kSumSquare, kL1, kL2, kLogSum, kLogSumExp };

// f32, f16, bf16: gathered in f32. i8, u8, i32, i64: exact but for wrapping, a mean rounded towards zero; kL2, kLogSum
// and kLogSumExp are for floating-point types only. bool: kMax (any), kMin (all). Nothing reduced gives the operation's
// identity. Dense x; y is dense over the dimensions that are not reduced. Bit d of `axes`: dimension d is reduced. The
// result depends on shapes and target alone. Operand 0 to kOutput.
Result<KernelPlan> reduce(ReduceOp op, DType type, std::span<const int64_t> dims, uint32_t axes,
                          const KernelTarget& target);

}  // namespace lathe::cuda
