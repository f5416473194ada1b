// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/cuda/conv.h"
#include "kernels/cuda/gemm_wgmma.h"
#include "kernels/cuda/params.h"

namespace lathe::cuda {

// Why sm_90's warpgroup kernel does not do this convolution; null when it does.
const char* convWgmmaRefusal(const ConvShape& shape, const KernelTarget& target);
// `params`: complete but for tiles and addresses.
Result<KernelPlan> convWgmma(const ConvShape& shape, const ConvParams& params, const TileProblem& problem,
                             const GemmTile& tile, const Epilogue& epilogue, int splits, const KernelTarget& target);

}  // namespace lathe::cuda
