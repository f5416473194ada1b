// SPDX-License-Identifier: Apache-2.0
// Data movement at computed or given indices. An index that is out of range is never followed: gather gives zeros for
// it, scatter drops the update, and bit 0 of the u32 at operand kFault is set (a plan without that address does the
// same silently). Negative indices count from the end.
#pragma once

#include <span>

#include "kernels/cuda/launch.h"

namespace lathe::cuda {

inline constexpr int kFault = 31;

enum class PadMode : uint8_t { kConstant, kEdge, kReflect, kWrap };
// Dense x (operand 0) to dense y; y's dimension d has before[d] + dims[d] + after[d] elements; negative amounts crop.
// hasValue: operand 1 is one element (kConstant), else zeros.
Result<KernelPlan> pad(std::span<const int64_t> dims, std::span<const int64_t> before, std::span<const int64_t> after,
                       PadMode mode, bool hasValue, int elementBytes);

// Images from one grouping of their channels to another: [outer][groups][inner][width], channel c of group c / width at
// c % width. What y has behind its last channel becomes zero.
struct Regroup {
    int64_t outer = 1, channels = 1, inner = 1, fromGroups = 1, fromWidth = 1, toGroups = 1, toWidth = 1;
};
Result<KernelPlan> regroup(const Regroup& shape, int elementBytes);

// y[b, o, i, …] = x[b, o, index[b, i], …]: x (operand 0) [batch, outer, n, inner], index (operand 1) [batch, indices].
struct GatherShape {
    int64_t batch = 1, outer = 1, n = 0, inner = 1, indices = 0;
    int elementBytes = 4;
    DType indexType = DType::kInt64;  // or i32
};
Result<KernelPlan> gather(const GatherShape& shape);

// y[p] = x[p with p[axis] replaced by index[p]]; other dimensions must not be larger in indexDims.
Result<KernelPlan> gatherElements(std::span<const int64_t> dims, std::span<const int64_t> indexDims, int axis,
                                  int elementBytes, DType indexType);
// Tuples of `depth` indices address the first dimensions of x after `batchDims` that x, index and y share; index is
// [batch…, tuples, depth].
Result<KernelPlan> gatherNd(std::span<const int64_t> dims, int batchDims, int64_t tuples, int depth, int elementBytes,
                            DType indexType);

enum class ScatterReduction : uint8_t { kNone, kAdd, kMul, kMax, kMin };
// kOutput already holds x (a copy, or x's own memory). index is operand 1, updates operand 2. Combining goes in the
// order of the updates; of several plain stores to one place any may win.
Result<KernelPlan> scatterElements(DType type, std::span<const int64_t> dims, std::span<const int64_t> indexDims,
                                   int axis, ScatterReduction reduction, DType indexType);
Result<KernelPlan> scatterNd(DType type, std::span<const int64_t> dims, int64_t tuples, int depth,
                             ScatterReduction reduction, DType indexType);

}  // namespace lathe::cuda
