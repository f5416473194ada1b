// SPDX-License-Identifier: Apache-2.0
// One algorithm each; conv.cc and deconv.cc choose. Not for use outside this folder.
#pragma once

#include "kernels/cpu/conv.h"
#include "kernels/cpu/conv_table.h"

namespace lathe::cpu {

const ConvTable& convTableNow();

// Parts run in this many jobs, each with its own workspace: all at once where they are few, else some per thread.
inline int64_t jobsOf(int64_t parts, int threads) {
    int64_t most = threads > 1 ? int64_t{4} * threads : 1;
    return parts < most ? parts : most;
}

// Direct convolution of any geometry, the one of a ConvShape (conv.cc) or of one phase of a transposed convolution
// (deconv.cc). `g` comes with sizes, kernel, strides, dilation, padding and output strides; the rest is filled in.
struct DirectProblem {
    int64_t n = 1, groups = 1;
    int64_t ic = 1, oc = 1;  // of all groups
    Layout in = Layout::kBlocked, out = Layout::kBlocked;
    bool scaled = false;
    int sources = 1;
    int64_t sourceChannels[kMaxConvSources] = {};  // where there are several
};
// REQUIRES: the channels of several sources add up, and fill their blocks but for the last one's.
SourceGeometry planSources(const DirectProblem& problem, int64_t pixels);
const char* planDirect(const DirectProblem& problem, int threads, DirectGeometry& g);
int64_t directWorkspaceFloats(const DirectProblem& problem, const DirectGeometry& g, int threads);
void runDirect(const DirectProblem& problem, const DirectGeometry& g, int threads, const ConvInput& in,
               const float* packed, float* out, const Epilogue& epilogue, float* workspace);
void packDirectGroups(const DirectProblem& problem, const DirectGeometry& g, const float* weights, float* packed);

// Fills g.out* strides for an output of `size` in `layout`.
void outputStrides(Layout layout, int64_t oc, int64_t groups, const int64_t (&size)[3], DirectGeometry& g);

const char* planIm2col(ConvPlan& plan);
void packIm2col(const ConvPlan& plan, const float* weights, float* packed);
void runIm2col(const ConvPlan& plan, const float* in, const float* packed, float* out, const Epilogue& epilogue,
               float* workspace);

const char* planWinograd(ConvPlan& plan);
void packWinograd(const ConvPlan& plan, const float* weights, float* packed);
void runWinograd(const ConvPlan& plan, const ConvInput& in, const float* packed, float* out, const Epilogue& epilogue,
                 float* workspace);

const char* planDepthwise(ConvPlan& plan);
void packDepthwise(const ConvPlan& plan, const float* weights, float* packed);
void runDepthwise(const ConvPlan& plan, const float* in, const float* packed, float* out, const Epilogue& epilogue,
                  float* workspace);

}  // namespace lathe::cpu
