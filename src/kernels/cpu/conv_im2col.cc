// SPDX-License-Identifier: Apache-2.0
// Convolution as a product: weights [oc][ic taps] times the matrix of image patches [ic taps][pixels], which is
// gathered panel by panel. A 1 x 1 convolution without strides and padding is the plain product. One GEMM batch holds
// the images and groups. Packed weights are the weights.
#include <cstring>

#include "kernels/cpu/conv_parts.h"
#include "kernels/cpu/gemm.h"
#include "kernels/cpu/gemm_table.h"

namespace lathe::cpu {
namespace {

GemmShape productOf(const ConvShape& s) {
    GemmShape g;
    int64_t ic = s.ic / s.groups, oc = s.oc / s.groups;
    g.m = oc;
    g.n = s.outPixels();
    g.k = ic * s.taps();
    g.lda = g.k;
    g.ldb = g.ldc = g.n;
    g.batch[0] = s.n;
    g.batch[1] = s.groups;
    g.strideA[1] = oc * g.k;
    g.strideB[0] = s.ic * s.inPixels();
    g.strideB[1] = ic * s.inPixels();
    g.strideC[0] = g.strideResidual[0] = s.oc * g.n;
    g.strideC[1] = g.strideResidual[1] = oc * g.n;
    g.strideChannel[1] = oc;
    return g;
}

bool isPlainProduct(const ConvShape& s) {
    return s.taps() == 1 && !s.padded() && s.stride[0] == 1 && s.stride[1] == 1 && s.stride[2] == 1;
}

}  // namespace

const char* planIm2col(ConvPlan& plan) {
    const ConvShape& s = plan.shape;
    if (plan.config.in != Layout::kNchw || plan.config.out != Layout::kNchw) return "im2col is for NCHW to NCHW";
    GemmShape g = productOf(s);
    plan.packedBytes = s.oc * g.k * 4;
    plan.workspaceBytes = isPlainProduct(s) ? gemmWorkspaceBytes(g, false, plan.threads)
                                            : gemmGatherWorkspaceBytes(g, convTableNow().packPatches, plan.threads);
    return nullptr;
}

void packIm2col(const ConvPlan& plan, const float* weights, float* packed) {
    std::memcpy(packed, weights, static_cast<size_t>(plan.packedBytes));
}

void runIm2col(const ConvPlan& plan, const float* in, const float* packed, float* out, const Epilogue& epilogue,
               float* workspace) {
    const ConvShape& s = plan.shape;
    GemmShape g = productOf(s);
    Epilogue e = epilogue;
    e.perRow = true;
    e.ldResidual = g.ldc;
    if (isPlainProduct(s)) {
        gemm(g, packed, in, out, e, workspace, plan.threads);
        return;
    }
    PatchSource source;
    for (int d = 0; d < 3; ++d) {
        source.in[d] = s.in[d], source.kernel[d] = s.kernel[d], source.stride[d] = s.stride[d];
        source.dilation[d] = s.dilation[d], source.padBefore[d] = s.padBefore[d], source.out[d] = s.out(d);
    }
    gemmGather(g, packed, in, convTableNow().packPatches, &source, out, e, workspace, plan.threads);
}

}  // namespace lathe::cpu
