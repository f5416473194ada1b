// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tactics/cuda/alone.h"

namespace lathe::tactics {

// A type's name in quant.cu, which knows those of half a byte and e8m0 too; empty for others.
inline std::string cudaQuantType(DType t) {
    return t == DType::kInt4   ? "i4"
           : t == DType::kFp4  ? "f4"
           : t == DType::kE8M0 ? "e8m0"
                               : std::string(cuda::typeName(t));
}

// quant.cu's numbers of where an element's scale is: inner, extent, block size, whether there is one alone.
inline std::vector<int64_t> cudaScaleNumbers(const ir::Dims& x, const ir::Dims& scale, int64_t axis, int64_t block) {
    if (block <= 0 && ir::volume(scale) == 1) return {1, 1, 0, 1};
    AxisSplit s = splitAt(x, axis);
    return {s.inner, s.n, block, 0};
}

}  // namespace lathe::tactics
