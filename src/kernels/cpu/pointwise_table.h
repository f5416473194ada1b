// SPDX-License-Identifier: Apache-2.0
// The tile kernels under PointwiseLoop. See isa/isa.h for how one set is chosen.
#pragma once

#include <cstdint>

#include "kernels/cpu/pointwise.h"

namespace lathe::cpu {

// d[i] = op(a[i], b[i], c[i]) for 0 <= i < n. d may equal an operand whose elements are of the same size.
struct TileArgs {
    void* d;
    const void* a;
    const void* b;
    const void* c;
    int64_t n;
    float alpha, beta;
};
using TileFn = void (*)(const TileArgs&);
// Between storage with a stride in elements (0: a single element, for loads only) and a tile.
using TileLoadFn = void (*)(const void* storage, int64_t stride, void* tile, int64_t n);
using TileStoreFn = void (*)(const void* tile, void* storage, int64_t stride, int64_t n);

struct PointwiseTable {
    // Null when the op does not take the type. Bit k of `uniform`: operand k is one element that holds for all i.
    TileFn (*op)(PwOp op, PwType type, unsigned uniform);
    // Null when elements of the storage type cannot be addressed (less than a byte) or read.
    TileLoadFn (*load)(DType storage);
    TileStoreFn (*store)(DType storage);
};

const PointwiseTable& pointwiseKernels();

}  // namespace lathe::cpu
