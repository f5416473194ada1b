// SPDX-License-Identifier: Apache-2.0
// Chains of elementwise operations as one generated kernel: fused, broadcasting, casting, 16-byte accesses where
// strides and alignment allow. A program of no instruction is a copy: expand, slice, concatenation and split (a part at
// an offset), tile (source stride 0).
#pragma once

#include <span>

#include "kernels/cuda/launch.h"
#include "kernels/pointwise_program.h"

namespace lathe::cuda {

// strides[k] has dims.size() entries in elements; 0 repeats an input; negative ones are allowed. Distinct indices must
// be distinct elements of an output. Operands: the program's inputs, then its outputs from kOutput on. Addresses are of
// element (0, …, 0) and multiples of `alignment` bytes (at most 16 count). An output may lie on an input of the same
// strides and element size.
Result<KernelPlan> pointwise(const kernels::PointwiseProgram& program, std::span<const int64_t> dims,
                             std::span<const std::span<const int64_t>> inputStrides,
                             std::span<const std::span<const int64_t>> outputStrides, int alignment = 16);
// Dense operands: each input's dims broadcast against the outputs' (aligned at the end; 1 repeats).
Result<KernelPlan> pointwiseDense(const kernels::PointwiseProgram& program, std::span<const int64_t> dims,
                                  std::span<const std::span<const int64_t>> inputDims, int alignment = 16);

// dst[i] = src[i] with strides in elements of 1, 2, 4, 8 or 16 bytes: by tiles in shared memory where the innermost
// dimensions differ, else as above. Operand 0 to kOutput.
Result<KernelPlan> stridedCopy(std::span<const int64_t> dims, std::span<const int64_t> srcStrides,
                               std::span<const int64_t> dstStrides, int elementBytes, int alignment = 16);
Result<KernelPlan> transpose(std::span<const int64_t> srcDims, std::span<const int> perm, int elementBytes);

// `float NAME(float v0)`-like text of a program's instructions: value i of the inputs is in{i}; outputs go to out{o}.
std::string pointwiseBody(const kernels::PointwiseProgram& program);

}  // namespace lathe::cuda
