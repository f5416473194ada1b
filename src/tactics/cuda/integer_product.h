// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tactics/cuda/alone.h"

namespace lathe::tactics {

// quant.cu's integerProduct of two matrices or batches of them, with matmul's shapes: types, sizes, and how the batches
// lie.
Result<cuda::SmallKernel> cudaIntegerProduct(const ir::Value& a, const ir::Value& b, const ir::Dims& aDims,
                                             const ir::Dims& bDims);

}  // namespace lathe::tactics
