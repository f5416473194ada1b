// SPDX-License-Identifier: Apache-2.0
// Planning and splitting of the depthwise convolution (isa/conv_depthwise.cc).
#include <algorithm>

#include "base/thread_pool.h"
#include "kernels/cpu/conv_parts.h"

namespace lathe::cpu {
namespace {
int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }
}  // namespace

const char* planDepthwise(ConvPlan& plan) {
    const ConvShape& s = plan.shape;
    if (s.groups != s.ic || s.oc != s.ic) return "not one filter a channel";
    if (s.kernel[0] * s.kernel[1] > kDepthwiseLines) return "the kernel has too many rows";
    if (plan.config.in != plan.config.out || plan.config.in == Layout::kNchw) {
        return "depthwise runs from blocked to blocked or from NHWC to NHWC";
    }
    DepthwiseGeometry& g = plan.depthwise;
    int64_t lanes = channelBlock();
    g.blocked = plan.config.in == Layout::kBlocked;
    g.channels = s.ic;
    g.vectors = ceilDiv(s.ic, lanes);
    for (int d = 0; d < 3; ++d) {
        g.inSize[d] = s.in[d], g.outSize[d] = s.out(d), g.kernel[d] = s.kernel[d], g.stride[d] = s.stride[d];
        g.dilation[d] = s.dilation[d], g.padBefore[d] = s.padBefore[d];
    }
    g.inPixel = g.outPixel = g.blocked ? lanes : s.ic;
    g.inRow = s.in[2] * g.inPixel, g.outRow = s.out(2) * g.outPixel;
    g.inDepth = s.in[1] * g.inRow, g.outDepth = s.out(1) * g.outRow;
    g.inVector = g.blocked ? s.in[0] * g.inDepth : lanes;
    g.outVector = g.blocked ? s.out(0) * g.outDepth : lanes;
    g.inImage = layoutFloats(plan.config.in, 1, s.ic, s.inPixels());
    g.outImage = layoutFloats(plan.config.out, 1, s.oc, s.outPixels());
    // Output columns whose window starts at or after 0 and ends inside.
    g.inside0 = std::min(s.out(2), ceilDiv(s.padBefore[2], s.stride[2]));
    int64_t room = s.in[2] - 1 - s.dilation[2] * (s.kernel[2] - 1) + s.padBefore[2];
    g.inside1 = room < 0 ? 0 : std::min(s.out(2), room / s.stride[2] + 1);
    g.inside1 = std::max(g.inside0, g.inside1);

    // The borders of a row cost several times its middle, so a row of few columns is worth a padded copy. (Kernel and
    // strides are those that have code of their own.)
    bool flat = s.in[0] == 1 && s.kernel[0] == 1 && s.padBefore[0] == 0 && s.padAfter[0] == 0;
    if (flat && s.padded() && s.out(2) <= 20 && s.dilation[2] == 1) {
        g.scratchColumns = (s.out(2) - 1) * s.stride[2] + s.kernel[2];
        int64_t rows = (s.out(1) - 1) * s.stride[1] + (s.kernel[1] - 1) * s.dilation[1] + 1;
        g.scratchFloats = (rows * g.scratchColumns * lanes + 15) / 16 * 16;
        if (g.scratchFloats * 4 > cpuInfo().l2Bytes / 4) g.scratchColumns = g.scratchFloats = 0;
    }
    // Enough parts for all threads, of about 20,000 vector multiply-adds at least. First by rows, as the convolutions
    // before and after split, so that a thread finds its rows in its own cache; padded copies by vectors, because each
    // part copies the rows that its windows share with the next part's.
    double work = static_cast<double>(s.outPixels() * s.taps() * g.vectors * s.n);
    int64_t wanted =
        std::clamp<int64_t>(static_cast<int64_t>(work / 20000), 1, plan.threads > 1 ? 3 * plan.threads : 1);
    int64_t perImage = ceilDiv(wanted, s.n), rows = s.out(0) * s.out(1);
    if (g.scratchColumns > 0) {
        g.vectorParts = std::min(g.vectors, perImage);
        g.rowParts = std::min(rows, ceilDiv(perImage, g.vectorParts));
    } else {
        g.rowParts = std::min(rows, perImage);
        g.vectorParts = std::min(g.vectors, ceilDiv(perImage, g.rowParts));
    }
    plan.packedBytes = g.vectors * lanes * s.taps() * 4;
    plan.workspaceBytes = s.n * g.vectorParts * g.rowParts * g.scratchFloats * 4;
    return nullptr;
}

void packDepthwise(const ConvPlan& plan, const float* weights, float* packed) {
    convTableNow().packDepthwise(weights, plan.shape.ic, plan.shape.taps(), packed);
}

void runDepthwise(const ConvPlan& plan, const float* in, const float* packed, float* out, const Epilogue& epilogue,
                  float* workspace) {
    const ConvTable& t = convTableNow();
    const DepthwiseGeometry& g = plan.depthwise;
    int64_t rows = g.outSize[0] * g.outSize[1];
    int64_t parts = plan.shape.n * g.vectorParts * g.rowParts;
    auto job = [&](int index) {
        Epilogue e = epilogue;
        DepthwisePart p;
        p.geometry = &g;
        p.epilogue = &e;
        p.weights = packed;
        int64_t rowPart = index % g.rowParts, vectorPart = index / g.rowParts % g.vectorParts;
        int64_t image = index / g.rowParts / g.vectorParts;
        p.in = in + image * g.inImage;
        p.out = out + image * g.outImage;
        if (e.residual) e.residual += image * g.outImage;
        p.row0 = rows * rowPart / g.rowParts, p.row1 = rows * (rowPart + 1) / g.rowParts;
        p.v0 = g.vectors * vectorPart / g.vectorParts, p.v1 = g.vectors * (vectorPart + 1) / g.vectorParts;
        if (g.scratchColumns > 0) p.scratch = workspace + index * g.scratchFloats;
        t.depthwise(p);
    };
    ThreadPool::instance().run(static_cast<int>(parts), job, plan.threads);
}

}  // namespace lathe::cpu
