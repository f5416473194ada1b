// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/cuda/gemm_parts.h"

namespace lathe::cuda {

// Text of `wgmma(d, a, b, add)`: one asynchronous product of 64 rows, n columns and 16 elements of k.
std::string wgmmaText(DType type, int n);
// Sources' defines, launch and the joining of split parts, which products and convolutions share. `params`: TileParams
// of gemm_wgmma.cu without addresses, its `g` (GemmParams or ConvParams, gBytes of them) at gAt.
struct WgmmaPlan {
    std::vector<std::byte> params;
    uint32_t gAt = 0, gBytes = 0;
    std::vector<PointerAt> pointers;  // into g
    std::vector<TensorMapAt> maps;
    int64_t work = 0;
    int splits = 1, cluster = 1;
};
Result<KernelPlan> finishWgmma(WgmmaPlan w, const TileProblem& problem, const GemmTile& tile, const Epilogue& epilogue,
                               const KernelTarget& target);
// Blocks that share tiles of B.
int wgmmaCluster(const GemmTile& tile, int tilesM, int64_t tiles, const KernelTarget& target);

// A product on sm_90's warpgroup instructions, operands through tensor maps. Refused for other architectures, types,
// and operands that such maps cannot describe (rows that are not multiples of 16 bytes, more than one moving batch
// stride).
Result<KernelPlan> gemmWgmma(const GemmShape& shape, const TileProblem& problem, const GemmTile& tile,
                             const Epilogue& epilogue, int splits, const KernelTarget& target);

}  // namespace lathe::cuda
