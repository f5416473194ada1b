// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/cuda/gemm_parts.h"

namespace lathe::cuda {

// A product on sm_90's warpgroup instructions, operands through tensor maps. Refused for other architectures, types, and
// operands that such maps cannot describe (rows that are not multiples of 16 bytes, more than one moving batch stride).
Result<KernelPlan> gemmWgmma(const GemmShape& shape, const TileProblem& problem, const GemmTile& tile, const Epilogue& epilogue,
                             int splits, const KernelTarget& target);

}  // namespace lathe::cuda
