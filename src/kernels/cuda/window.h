// SPDX-License-Identifier: Apache-2.0
// Pooling and resampling of dense [images, in…, vector] tensors. NCHW: images = N * C, vector = 1; channels last:
// images = N, vector = C.
#pragma once

#include "kernels/cuda/launch.h"

namespace lathe::cuda {

struct PoolShape {
    enum class Kind { kMax, kAverage };
    Kind kind = Kind::kMax;
    DType type = DType::kFloat;  // f32, f16, bf16, i8 or u8 (an average of integers rounds to even)
    int64_t images = 1, vector = 1;
    // Depth, height, width; sizes of 1 where there is no such dimension.
    int64_t in[3] = {1, 1, 1}, out[3] = {1, 1, 1};
    int64_t kernel[3] = {1, 1, 1}, stride[3] = {1, 1, 1}, dilation[3] = {1, 1, 1};
    int64_t padBegin[3] = {0, 0, 0}, padEnd[3] = {0, 0, 0};
    bool countPadding = false;
    float weight = 1, keep = 0;  // y = keep * y + weight * result
};
// A window without a tap in the input gives the lowest number (maximum) or 0 (average). Operand 0 to kOutput.
Result<KernelPlan> pool(const PoolShape& shape);

// Output o along axis d is the sum over t of weight_d[o * taps + t] * x[index_d[o * taps + t]]. Operands: 0 x; 1, 2, 3
// the index tables (i32) of depth, height, width; 4, 5, 6 their weights (f32); 7, 8, 9, where given, a byte an output
// that is 1 where it lies outside and takes `outsideValue`. copy: one tap of weight 1 each (nearest), any type.
struct ResizeShape {
    DType type = DType::kFloat;  // interpolating: f32, f16, bf16, i8, u8
    int64_t images = 1, vector = 1;
    int64_t in[3] = {1, 1, 1}, out[3] = {1, 1, 1};
    int taps[3] = {1, 1, 1};
    bool copy = false;
    bool outside[3] = {false, false, false};
    float outsideValue = 0;
};
Result<KernelPlan> resize(const ResizeShape& shape);

}  // namespace lathe::cuda
