// SPDX-License-Identifier: Apache-2.0
// Maximum and average pooling over up to three spatial dimensions, and local response normalization.
#pragma once

#include <cstdint>

#include "base/dtype.h"

namespace lathe::cpu {

struct PoolArgs {
    enum class Kind { kMax, kAverage };
    Kind kind = Kind::kMax;
    DType type = DType::kFloat;  // f32, f16, bf16, i8 or u8 (an average of integers rounds to even)
    const void* x = nullptr;
    void* y = nullptr;
    // Dense [images, in…, vector] to [images, out…, vector]. NCHW: images = N * C, vector = 1. Channels last: images =
    // N, vector = C. Blocked by b: images = N * ceil(C / b), vector = b.
    int64_t images = 1, vector = 1;
    // Depth, height, width; sizes of 1 where there is no such dimension. The caller has resolved rounding and padding
    // modes into out and pads.
    int64_t in[3] = {1, 1, 1}, out[3] = {1, 1, 1};
    int64_t kernel[3] = {1, 1, 1}, stride[3] = {1, 1, 1}, dilation[3] = {1, 1, 1};
    int64_t padBegin[3] = {0, 0, 0}, padEnd[3] = {0, 0, 0};
    // Averages divide by the taps within the padded input; else by those within the input itself.
    bool countPadding = false;
    // y = keep * y + weight * result, for blending a maximum with an average.
    float weight = 1, keep = 0;
};
// Whole planes of fp32 take a path of their own.
// A window without a tap in the input gives the lowest number (maximum) or 0 (average).
void pool(const PoolArgs& args);

// y = x / (bias + alpha * s)^beta, with s the sum of squares of the `window` channels around each.
struct LrnArgs {
    const float* x = nullptr;  // dense [batch, channels, positions]
    float* y = nullptr;        // not x
    int64_t batch = 0, channels = 0, positions = 0, window = 1;
    float alpha = 1, beta = 1, bias = 1;
};
void localResponseNorm(const LrnArgs& args);

// The mean or the maximum over the pixels of [images, pixels, vector].
struct PlanesArgs {
    bool max = false;
    const float* x = nullptr;
    float* y = nullptr;
    int64_t images = 0, pixels = 1, vector = 1;
};

struct PoolTable {
    // Output rows [begin, end) of images * out[0] * out[1].
    void (*planes)(const PoolArgs& args, int64_t begin, int64_t end);  // vector == 1
    void (*vectors)(const PoolArgs& args, int64_t begin, int64_t end);
    // Units [begin, end) of images * ceil(vector / wholeColumns).
    void (*whole)(const PlanesArgs& args, int64_t begin, int64_t end);
    int64_t wholeColumns;
    // Positions [begin, end) of one batch entry.
    void (*lrn)(const LrnArgs& args, int64_t batch, int64_t begin, int64_t end);
};

}  // namespace lathe::cpu
