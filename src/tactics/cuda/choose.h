// SPDX-License-Identifier: Apache-2.0
// Lists of what the data chooses, counted on the device. The count is one of the dims at the workspace's start.
#pragma once

#include "tactics/cuda/alone.h"

namespace lathe::tactics {

struct CudaChoice {
    DType type = DType::kBool;  // of the elements: those that are not 0 are chosen
    int64_t elements = 0;
    int flags = 0;                      // operand: the elements
    int list = 0;                       // operand: places, i64
    const ir::Dims* columns = nullptr;  // coordinates in these dims instead, as a matrix [rank, count]
    std::vector<int64_t> dims = {};     // what the host reads; dims[counted] becomes the count
    size_t counted = 0;
    int64_t listOffset = 0, flagsOffset = 0;
    int64_t dimsAt = 0;  // bytes from the workspace's start
};
// The dims of all outputs take the workspace's first 256 bytes, the chunks' counts what follows; several choices in one
// plan share that.
Status addCudaChoice(cuda::KernelPlan& plan, const CudaChoice& choice);

// y[o, k, i] = x[o, list[k], i] for the list in scratch (at `listAt`): operand 0 to kOutput. `most`: entries at the
// most.
Status addCudaTake(cuda::KernelPlan& plan, const AxisSplit& split, int elementBytes, int64_t axis, int64_t most,
                   int64_t listAt = 0);

}  // namespace lathe::tactics
