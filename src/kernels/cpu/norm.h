// SPDX-License-Identifier: Apache-2.0
// Normalizations: layer, root-mean-square, group and instance.
#pragma once

#include <cstdint>

#include "base/dtype.h"

namespace lathe::cpu {

// y = (s - mean) / sqrt(var + epsilon) * scale + bias over each row of s = x + residual; with rms, mean is 0.
struct LayerNormArgs {
    DType type = DType::kFloat;      // of x, residual, sum and y: f32, f16 or bf16; computed in f32
    const void* x = nullptr;         // [rows, n], rows xStride elements apart
    const void* residual = nullptr;  // optional; rows residualStride apart (0: one row for all)
    void* sum = nullptr;             // optional: receives s, rows sumStride apart; may be x or residual
    void* y = nullptr;               // rows yStride apart; may be x or residual unless that is also sum
    const float* scale = nullptr;    // optional, [n]
    const float* bias = nullptr;     // optional, [n]
    int64_t rows = 0, n = 0;
    int64_t xStride = 0, residualStride = 0, sumStride = 0, yStride = 0;
    float epsilon = 1e-5f;
    bool rms = false;
};
void layerNorm(const LayerNormArgs& args);

// y = (x - mean) / sqrt(var + epsilon) * scale[c] + bias[c], with mean and variance over each group of channels and all
// positions. Instance normalization has as many groups as channels.
struct GroupNormArgs {
    DType type = DType::kFloat;    // of x and y
    const void* x = nullptr;       // [batch, channels, positions], or [batch, positions, channels] when channelsLast
    void* y = nullptr;             // may be x
    const float* scale = nullptr;  // optional, [channels]
    const float* bias = nullptr;   // optional, [channels]
    int64_t batch = 0, channels = 0, positions = 0, groups = 1;  // groups divides channels
    float epsilon = 1e-5f;
    bool channelsLast = false;
    float* workspace = nullptr;  // channelsLast: groupNormWorkspaceFloats()
};
int64_t groupNormWorkspaceFloats(const GroupNormArgs& args);
void groupNorm(const GroupNormArgs& args);

struct NormTable {
    void (*layerRows)(const LayerNormArgs& args, int64_t begin, int64_t end);
    // Groups [begin, end) of batch * groups, channels first.
    void (*groups)(const GroupNormArgs& args, int64_t begin, int64_t end);
    // Channels last: mean and sum of squared deviations of channels [begin, end) of one image; then the affine map.
    void (*channelMoments)(const GroupNormArgs& args, int64_t image, int64_t begin, int64_t end, float* mean,
                           float* deviation);
    void (*channelAffine)(const GroupNormArgs& args, int64_t image, int64_t begin, int64_t end, const float* factor,
                          const float* offset);
};

}  // namespace lathe::cpu
