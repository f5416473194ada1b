// SPDX-License-Identifier: Apache-2.0
// Softmax and normalizations. All compute in f32; x is f32, f16 or bf16.
#pragma once

#include <optional>

#include "kernels/cuda/launch.h"

namespace lathe::cuda {

// Along n of dense [outer, n, inner]. Operand 0 to kOutput, which may be the same memory.
Result<KernelPlan> softmax(DType type, int64_t outer, int64_t n, int64_t inner, bool log);

// y = (s - mean) / sqrt(var + epsilon) * scale + bias over each row of s = x + residual; with rms, mean is 0.
struct LayerNormShape {
    DType type = DType::kFloat;  // of x, residual, sum and y
    int64_t rows = 0, n = 0;
    int64_t xStride = 0, residualStride = 0, yStride = 0, sumStride = 0;  // elements between rows
    bool residual = false;                                                // operand 1; stride 0: one row for all
    bool sum = false;                                                     // kOutput + 1 receives s
    std::optional<DType> affine = {};                                     // type of scale and bias
    bool scale = false, bias = false;                                     // operands 2 and 3, [n]
    // kOutput + 2 and + 3, f32, a number a row: the mean, and 1 / sqrt(var + epsilon).
    bool mean = false, inverse = false;
    float epsilon = 1e-5f;
    bool rms = false;
};
// Operand 0 to kOutput.
Result<KernelPlan> layerNorm(const LayerNormShape& shape);

// Mean and variance over each group of channels and all positions of an image; instance normalization has as many
// groups as channels. x is [batch, channels, positions], or [batch, positions, channels] when channelsLast.
struct GroupNormShape {
    DType type = DType::kFloat;
    int64_t batch = 0, channels = 0, positions = 0, groups = 1;
    bool channelsLast = false;
    std::optional<DType> affine = {};
    bool scale = false, bias = false;  // operands 2 and 3, [channels]
    float epsilon = 1e-5f;
};
Result<KernelPlan> groupNorm(const GroupNormShape& shape, const KernelTarget& target);

}  // namespace lathe::cuda
