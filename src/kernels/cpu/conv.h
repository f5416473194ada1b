// SPDX-License-Identifier: Apache-2.0
// fp32 convolution in 1 to 3 spatial dimensions, with groups, strides, dilations and padding of any side, and the
// common epilogue (its bias and scale go by output channel, its residual lies like the output).
//
//   ConvPlan plan;
//   if (const char* why = planConv(shape, config, threads, plan)) …    // not by this algorithm, and why
//   packConv(plan, weights, packed);                                   // plan.packedBytes, once
//   runConv(plan, in, packed, out, epilogue, workspace);               // plan.workspaceBytes; allocates nothing
//
// packed depends on the algorithm, the input's layout, the shape's channels, groups and kernel, and activeIsa(); not on
// batch, image size, strides, padding, sources, scale or threads. Input and output must not overlap; the residual may
// be the output.
#pragma once

#include <cstdint>

#include "base/cpu_info.h"
#include "kernels/cpu/conv_geometry.h"
#include "kernels/cpu/epilogue.h"
#include "kernels/cpu/layout.h"

namespace lathe::cpu {

// Spatial dimensions are depth, height, width; missing ones have size 1, kernel 1, no padding.
struct ConvShape {
    int64_t n = 1, ic = 1, oc = 1, groups = 1;
    int64_t in[3] = {1, 1, 1};
    int64_t kernel[3] = {1, 1, 1};
    int64_t stride[3] = {1, 1, 1};
    int64_t dilation[3] = {1, 1, 1};
    int64_t padBefore[3] = {}, padAfter[3] = {};

    int64_t out(int d) const {
        return (in[d] + padBefore[d] + padAfter[d] - dilation[d] * (kernel[d] - 1) - 1) / stride[d] + 1;
    }
    int64_t inPixels() const { return in[0] * in[1] * in[2]; }
    int64_t outPixels() const { return out(0) * out(1) * out(2); }
    int64_t taps() const { return kernel[0] * kernel[1] * kernel[2]; }
    bool padded() const {
        return padBefore[0] > 0 || padBefore[1] > 0 || padBefore[2] > 0 || padAfter[0] > 0 || padAfter[1] > 0 ||
               padAfter[2] > 0;
    }
};

enum class ConvAlgorithm : int32_t {
    // Output pixels by output channels in registers, input read in place (or from a padded copy of a band of rows):
    // every kernel size, 1 x 1 included. Input of any layout, output NHWC or blocked.
    kDirect = 0,
    // Output channels by output pixels, columns of the image matrix gathered as the product goes: NCHW to NCHW. The one
    // for plain layout, and for few output channels.
    kIm2col = 1,
    // 3 x 3, stride 1, dilation 1, one group, blocked or NHWC to the same layout: 2.25 and 4 times fewer
    // multiplications
    // for tiles of 2 x 2 and 4 x 4. See conv_winograd.cc for the error bounds.
    kWinograd2 = 2,
    kWinograd4 = 3,
    // One filter a channel (groups == ic == oc), blocked or NHWC to the same layout.
    kDepthwise = 4,
};

struct ConvConfig {
    ConvAlgorithm algorithm = ConvAlgorithm::kDirect;
    Layout in = Layout::kBlocked, out = Layout::kBlocked;
    // Several tensors that follow each other along the channels, as one input: blocked layout, one group, direct or
    // Winograd; all but the last fill their blocks of channels.
    int sources = 1;
    int64_t sourceChannels[kMaxConvSources] = {};
    // The input is multiplied by one number for each channel of each image: direct only.
    bool scaled = false;
};

// What the channels are read from.
struct ConvInput {
    ConvInput() = default;
    ConvInput(const float* only) : x{only} {}
    const float* x[kMaxConvSources] = {};
    const float* scale = nullptr;  // laid out like the input, as an image of one pixel
};

// What a run needs to know; plain values, copyable.
struct ConvPlan {
    ConvShape shape;
    ConvConfig config;
    Isa isa = Isa::kBase;
    int threads = 1;
    int64_t packedBytes = 0;
    int64_t workspaceBytes = 0;
    DirectGeometry direct;
    WinogradGeometry winograd;
    DepthwiseGeometry depthwise;
};

// Null when planned, otherwise why this algorithm cannot do this convolution (a constant string).
const char* planConv(const ConvShape& shape, const ConvConfig& config, int threads, ConvPlan& plan);

// weights: [oc][ic / groups][kernel…], contiguous.
void packConv(const ConvPlan& plan, const float* weights, void* packed);

void runConv(const ConvPlan& plan, const ConvInput& in, const void* packed, float* out, const Epilogue& epilogue,
             void* workspace);

}  // namespace lathe::cpu
