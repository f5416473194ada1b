// SPDX-License-Identifier: Apache-2.0
// fp32 transposed convolution in 1 to 3 spatial dimensions, with the common epilogue. Use as conv.h: plan, pack, run.
//
// Output position o gets weights[k] in[i] wherever o = i stride + k dilation - padBefore.
#pragma once

#include <cstdint>
#include <vector>

#include "base/cpu_info.h"
#include "kernels/cpu/conv_geometry.h"
#include "kernels/cpu/epilogue.h"
#include "kernels/cpu/layout.h"

namespace lathe::cpu {

struct DeconvShape {
    int64_t n = 1, ic = 1, oc = 1, groups = 1;
    int64_t in[3] = {1, 1, 1};
    int64_t kernel[3] = {1, 1, 1};
    int64_t stride[3] = {1, 1, 1};
    int64_t dilation[3] = {1, 1, 1};
    int64_t padBefore[3] = {}, padAfter[3] = {};  // cut from the full output; negative padAfter adds to it

    int64_t out(int d) const {
        return (in[d] - 1) * stride[d] + dilation[d] * (kernel[d] - 1) + 1 - padBefore[d] - padAfter[d];
    }
    int64_t inPixels() const { return in[0] * in[1] * in[2]; }
    int64_t outPixels() const { return out(0) * out(1) * out(2); }
    int64_t taps() const { return kernel[0] * kernel[1] * kernel[2]; }
};

enum class DeconvAlgorithm : int32_t {
    // One direct convolution for each phase of the output modulo the strides; no multiplication is wasted. Input of any
    // layout, output NHWC or blocked.
    kPhases = 0,
    // A product, then a sum over the overlapping patches: NCHW to NCHW.
    kCol2im = 1,
};

struct DeconvConfig {
    DeconvAlgorithm algorithm = DeconvAlgorithm::kPhases;
    Layout in = Layout::kBlocked, out = Layout::kBlocked;
};

struct DeconvPlan {
    DeconvShape shape;
    DeconvConfig config;
    Isa isa = Isa::kBase;
    int threads = 1;
    int64_t packedBytes = 0;
    int64_t workspaceBytes = 0;
    // kPhases: in the order of the output's first positions, depth outermost.
    struct Phase {
        DirectGeometry geometry;
        int64_t outAt = 0;                                 // floats to its first output
        int64_t packedAt = 0;                              // floats to its weights
        int64_t firstTap[3] = {}, tapStep[3] = {1, 1, 1};  // its kernel's taps in the whole kernel, from the last one
        bool empty[3] = {};                                // no tap falls on it; the geometry has one of weight 0
    };
    std::vector<Phase> phases;
};

// Null when planned, otherwise why this algorithm cannot do it (a constant string). Allocates the plan's vector.
const char* planDeconv(const DeconvShape& shape, const DeconvConfig& config, int threads, DeconvPlan& plan);

// weights: [ic][oc / groups][kernel…], contiguous.
void packDeconv(const DeconvPlan& plan, const float* weights, void* packed);

void runDeconv(const DeconvPlan& plan, const float* in, const void* packed, float* out, const Epilogue& epilogue,
               void* workspace);

}  // namespace lathe::cpu
