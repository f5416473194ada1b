// SPDX-License-Identifier: Apache-2.0
// Reading and writing at indices that are data. Every index is checked before anything is read or written through it: a
// bad one is an error, never an access out of bounds. Negative indices count from the end.
#pragma once

#include <cstdint>
#include <span>

#include "base/dtype.h"
#include "base/status.h"
#include "kernels/cpu/nest.h"

namespace lathe::cpu {

// y[o, i, …] = x[o, index[i], …]: x is [outer, n, inner], y [outer, indices, inner], dense, elements of any size.
// With a batch, x, index and y have a leading dimension of `batch`.
struct GatherArgs {
    const void* x = nullptr;
    const void* index = nullptr;
    DType indexType = DType::kInt64;  // i64 or i32
    void* y = nullptr;
    int64_t batch = 1, outer = 1, n = 0, inner = 1, indices = 0;
    int elementBytes = 4;
};
Status gather(const GatherArgs& args);

// y[p] = x[p with p[axis] replaced by index[p]]; index and y have indexDims, x has dims; both dense. Dimensions other
// than the axis must not be larger in indexDims.
struct GatherElementsArgs {
    const void* x = nullptr;
    const void* index = nullptr;
    DType indexType = DType::kInt64;
    void* y = nullptr;
    std::span<const int64_t> dims, indexDims;
    int axis = 0;
    int elementBytes = 4;  // 1, 2, 4 or 8
};
Status gatherElements(const GatherElementsArgs& args);

// Tuples of `depth` indices address the first dimensions of x after `batchDims` that x, index and y share. index is
// [batch…, tuples, depth], y [batch…, tuples, slice], dense; `batch` is the product of the shared dimensions.
struct GatherNdArgs {
    const void* x = nullptr;
    const void* index = nullptr;
    DType indexType = DType::kInt64;
    void* y = nullptr;
    std::span<const int64_t> dims;  // of x, all of them
    int batchDims = 0;
    int64_t tuples = 0;  // of each batch entry
    int depth = 1;
    int elementBytes = 4;
};
Status gatherNd(const GatherNdArgs& args);

enum class ScatterReduction : uint8_t { kNone, kAdd, kMul, kMax, kMin };

// y = x, then y[p with p[axis] replaced by index[p]] (op)= updates[p], in the order of p. y may be x.
struct ScatterElementsArgs {
    DType type = DType::kFloat;  // of x, updates and y; with kNone any type of whole bytes
    const void* x = nullptr;
    const void* index = nullptr;
    DType indexType = DType::kInt64;
    const void* updates = nullptr;  // indexDims
    void* y = nullptr;
    std::span<const int64_t> dims, indexDims;
    int axis = 0;
    ScatterReduction reduction = ScatterReduction::kNone;
};
Status scatterElements(const ScatterElementsArgs& args);

// y = x, then the slices of y that the tuples address (op)= updates, in order. y may be x.
struct ScatterNdArgs {
    DType type = DType::kFloat;
    const void* x = nullptr;
    const void* index = nullptr;  // [tuples, depth]
    DType indexType = DType::kInt64;
    const void* updates = nullptr;  // [tuples, slice]
    void* y = nullptr;
    std::span<const int64_t> dims;
    int64_t tuples = 0;
    int depth = 1;
    ScatterReduction reduction = ScatterReduction::kNone;
};
Status scatterNd(const ScatterNdArgs& args);

}  // namespace lathe::cpu
