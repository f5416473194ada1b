// SPDX-License-Identifier: Apache-2.0
// The 2-D transpose that StridedCopy is built on: dst[c * dstStride + r] = src[r * srcStride + c].
#pragma once

#include <cstdint>

namespace lathe::cpu {

// Strides in elements.
using TransposeFn = void (*)(const void* src, int64_t srcStride, void* dst, int64_t dstStride, int64_t rows,
                             int64_t cols);

struct TransposeTable {
    TransposeFn bytes1, bytes2, bytes4, bytes8;
};

// The kernel for elements of 1, 2, 4 or 8 bytes; null for another size.
TransposeFn transposeKernel(int elementBytes);

}  // namespace lathe::cpu
