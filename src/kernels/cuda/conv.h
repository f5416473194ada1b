// SPDX-License-Identifier: Apache-2.0
// NHWC convolution in 1 to 3 spatial dimensions with groups, strides, dilations and padding of any side, and the common
// epilogue: as an implicit matrix product over the tiles of gemm.h, and depthwise.
#pragma once

#include "kernels/cuda/gemm.h"

namespace lathe::cuda {

// Spatial dimensions are depth, height, width; missing ones have size 1, kernel 1, no padding.
struct ConvShape {
    DType type = DType::kHalf, outType = DType::kHalf;
    int64_t n = 1, ic = 1, oc = 1, groups = 1;
    int64_t in[3] = {1, 1, 1}, kernel[3] = {1, 1, 1}, stride[3] = {1, 1, 1}, dilation[3] = {1, 1, 1};
    int64_t padBefore[3] = {}, padAfter[3] = {};

    int64_t out(int d) const {
        return (in[d] + padBefore[d] + padAfter[d] - dilation[d] * (kernel[d] - 1) - 1) / stride[d] + 1;
    }
};

// x: [n, in…, ic]; weights: [oc, kernel…, ic / groups]; y and the residual: [n, out…, oc]. Operands as gemm()'s.
Result<KernelPlan> conv(const ConvShape& shape, const Epilogue& epilogue, int tile, int splits,
                        const KernelTarget& target);
GemmChoice chooseConv(const ConvShape& shape, bool tf32, const KernelTarget& target);
std::vector<RankedTile> rankConv(const ConvShape& shape, bool tf32, const KernelTarget& target);

// groups == ic == oc; weights: [kernel…, channels].
Result<KernelPlan> depthwise(const ConvShape& shape, const Epilogue& epilogue);

}  // namespace lathe::cuda
