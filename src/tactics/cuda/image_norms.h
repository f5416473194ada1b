// SPDX-License-Identifier: Apache-2.0
// Normalizations by statistics over axes of an image, or over any axes.
#pragma once

#include "tactics/cuda/image.h"

namespace lathe::tactics {

// One node's normalization in numbers, for concrete dims of its operands.
struct CudaNorm {
    const ir::Value* scale = nullptr;
    const ir::Value* bias = nullptr;
    double epsilon = 1e-5;
    // x in dims (groups of channels are an axis of their own) with a bit for each axis that is reduced, and the strides
    // of scale and bias over these dims.
    ir::Dims dims, scaleStrides, biasStrides;
    uint64_t reduced = 0;
    bool outsideRoot = false;  // epsilon is added to the deviation, not to the variance
    // Of images whose groups of channels are reduced with all positions, and one number a channel: 0 where it isn't so.
    int64_t imageGroups = 0;
};
// For groups of axis 1: dims become [N, groups, C / groups, spatial…]; one number a channel or a group (`perGroup`), or
// none.
CudaNorm cudaGroupNorm(const ir::Dims& x, int64_t groups, bool perGroup, const ir::Value* scale, const ir::Value* bias,
                       double epsilon);

// A candidate for each layout of images that x may have (row-major alone where it is none). Refuses what no kernel
// does.
BindResult bindCudaNorm(const Tactic& tactic, const ir::Node& anchor, const BindContext& c, const CudaNorm& norm);
Result<std::unique_ptr<Kernel>> makeCudaNorm(const Binding& binding, const PrepareContext& c, const CudaNorm& norm);

}  // namespace lathe::tactics
