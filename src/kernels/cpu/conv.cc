// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/conv.h"

#include <algorithm>

#include "base/status.h"
#include "kernels/cpu/conv_parts.h"
#include "kernels/cpu/isa/isa.h"

LATHE_ISA_TABLE(ConvTable, convTable)

namespace lathe::cpu {
namespace {

DirectProblem directProblem(const ConvPlan& plan) {
    DirectProblem p;
    p.n = plan.shape.n, p.groups = plan.shape.groups, p.ic = plan.shape.ic, p.oc = plan.shape.oc;
    p.in = plan.config.in, p.out = plan.config.out;
    p.scaled = plan.config.scaled;
    p.sources = plan.config.sources;
    std::copy_n(plan.config.sourceChannels, kMaxConvSources, p.sourceChannels);
    return p;
}

const char* planDirectShape(ConvPlan& plan) {
    const ConvShape& s = plan.shape;
    DirectGeometry& g = plan.direct;
    for (int d = 0; d < 3; ++d) {
        g.inSize[d] = s.in[d], g.outSize[d] = s.out(d), g.kernel[d] = s.kernel[d], g.stride[d] = s.stride[d];
        g.dilation[d] = s.dilation[d], g.padBefore[d] = s.padBefore[d];
    }
    outputStrides(plan.config.out, s.oc, s.groups, g.outSize, g);
    DirectProblem problem = directProblem(plan);
    if (const char* why = planDirect(problem, plan.threads, g)) return why;
    plan.packedBytes = s.groups * g.packedGroup * 4;
    plan.workspaceBytes = directWorkspaceFloats(problem, g, plan.threads) * 4;
    return nullptr;
}

}  // namespace

const ConvTable& convTableNow() { return convTable(); }

SourceGeometry planSources(const DirectProblem& problem, int64_t pixels) {
    SourceGeometry s;
    if (problem.sources == 1) {
        s.end[0] = INT64_MAX;
        s.image[0] = layoutFloats(problem.in, 1, problem.ic, pixels);
        return s;
    }
    s.count = problem.sources;
    int64_t at = 0, lanes = channelBlock();
    for (int i = 0; i < s.count; ++i) {
        s.end[i] = at += (problem.sourceChannels[i] + lanes - 1) / lanes;
        s.image[i] = layoutFloats(problem.in, 1, problem.sourceChannels[i], pixels);
    }
    return s;
}

void outputStrides(Layout layout, int64_t oc, int64_t groups, const int64_t (&size)[3], DirectGeometry& g) {
    int64_t lanes = channelBlock(), spatial = size[0] * size[1] * size[2];
    bool blocked = layout == Layout::kBlocked;
    g.outPixel = blocked ? lanes : oc;
    g.outVector = blocked ? spatial * lanes : lanes;
    g.outRow = size[2] * g.outPixel;
    g.outDepth = size[1] * g.outRow;
    g.outGroup = blocked ? oc / groups * spatial : oc / groups;
    g.outImage = layoutFloats(layout, 1, oc, spatial);
}

const char* planConv(const ConvShape& shape, const ConvConfig& config, int threads, ConvPlan& plan) {
    const ConvShape& s = shape;
    if (s.n < 1 || s.ic < 1 || s.oc < 1 || s.groups < 1) return "a size is not positive";
    if (s.ic % s.groups != 0 || s.oc % s.groups != 0) return "channels do not divide into the groups";
    for (int d = 0; d < 3; ++d) {
        if (s.in[d] < 1 || s.kernel[d] < 1 || s.stride[d] < 1 || s.dilation[d] < 1) return "a size is not positive";
        if (s.padBefore[d] < 0 || s.padAfter[d] < 0) return "padding is negative";
        if (s.in[d] + s.padBefore[d] + s.padAfter[d] < s.dilation[d] * (s.kernel[d] - 1) + 1)
            return "the output is empty";
    }
    const ConvConfig& c = config;
    bool winograd = c.algorithm == ConvAlgorithm::kWinograd2 || c.algorithm == ConvAlgorithm::kWinograd4;
    if (c.scaled && c.algorithm != ConvAlgorithm::kDirect) return "only the direct algorithm scales its input";
    if (c.sources != 1) {
        if (c.algorithm != ConvAlgorithm::kDirect && !winograd) return "this algorithm reads one input";
        if (c.in != Layout::kBlocked || s.groups != 1 || c.scaled)
            return "several inputs must be blocked, of one group, and unscaled";
        if (c.sources < 1 || c.sources > kMaxConvSources) return "there are too many inputs";
        int64_t sum = 0;
        for (int i = 0; i < c.sources; ++i) {
            if (c.sourceChannels[i] < 1) return "an input has no channels";
            if (i + 1 < c.sources && c.sourceChannels[i] % channelBlock() != 0)
                return "an input's channels do not fill channel blocks";
            sum += c.sourceChannels[i];
        }
        if (sum != s.ic) return "the inputs' channels do not add up";
    }
    plan = ConvPlan();
    plan.shape = shape;
    plan.config = config;
    plan.isa = activeIsa();
    plan.threads = std::max(threads, 1);
    switch (config.algorithm) {
        case ConvAlgorithm::kDirect: return planDirectShape(plan);
        case ConvAlgorithm::kIm2col: return planIm2col(plan);
        case ConvAlgorithm::kWinograd2:
        case ConvAlgorithm::kWinograd4: return planWinograd(plan);
        case ConvAlgorithm::kDepthwise: return planDepthwise(plan);
    }
    return "no such algorithm";
}

void packConv(const ConvPlan& plan, const float* weights, void* packed) {
    ASSERT(plan.isa == activeIsa());
    float* to = static_cast<float*>(packed);
    switch (plan.config.algorithm) {
        case ConvAlgorithm::kDirect: return packDirectGroups(directProblem(plan), plan.direct, weights, to);
        case ConvAlgorithm::kIm2col: return packIm2col(plan, weights, to);
        case ConvAlgorithm::kWinograd2:
        case ConvAlgorithm::kWinograd4: return packWinograd(plan, weights, to);
        case ConvAlgorithm::kDepthwise: return packDepthwise(plan, weights, to);
    }
}

void runConv(const ConvPlan& plan, const ConvInput& in, const void* packed, float* out, const Epilogue& epilogue,
             void* workspace) {
    ASSERT(plan.isa == activeIsa());
    const float* weights = static_cast<const float*>(packed);
    float* space = static_cast<float*>(workspace);
    switch (plan.config.algorithm) {
        case ConvAlgorithm::kDirect:
            return runDirect(directProblem(plan), plan.direct, plan.threads, in, weights, out, epilogue, space);
        case ConvAlgorithm::kIm2col: return runIm2col(plan, in.x[0], weights, out, epilogue, space);
        case ConvAlgorithm::kWinograd2:
        case ConvAlgorithm::kWinograd4: return runWinograd(plan, in, weights, out, epilogue, space);
        case ConvAlgorithm::kDepthwise: return runDepthwise(plan, in.x[0], weights, out, epilogue, space);
    }
}

}  // namespace lathe::cpu
