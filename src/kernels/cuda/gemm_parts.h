// SPDX-License-Identifier: Apache-2.0
// What GEMM and convolution share: the tiles' text and geometry.
#pragma once

#include "kernels/cuda/gemm.h"

namespace lathe::cuda {

// How operands may be read, and the product's size.
struct TileProblem {
    DType type = DType::kHalf, outType = DType::kHalf;
    int64_t m = 0, n = 0, k = 0, batches = 1;
    bool aAlongK = true, bAlongK = true;
    int va = 1, vb = 1,
        vc = 1;          // elements aligned together: of A's rows, B's, and of C with all that goes along with it
    std::string middle;  // text before the kernel's: geometry of a convolution
    std::string what;    // for names and messages
};
struct TileGeometry {
    int tilesM = 0, tilesN = 0, splits = 1, kPerSplit = 0, bk = 0;
    uint32_t sharedBytes = 0, threads = 0;
};
// Fails where the tile does not fit problem or target.
Result<TileGeometry> tileGeometry(const TileProblem& p, const GemmTile& tile, int splits, const KernelTarget& target);
// By a cost model, cheapest first; wgmmaSteps: of 64 along k that those tiles take, 0 where they may not be taken.
std::vector<RankedTile> rankTiles(const TileProblem& p, bool tf32, int64_t wgmmaSteps, const KernelTarget& target);
// Sources and launches over a parameter block that is complete but for addresses.
Result<KernelPlan> tilePlan(const TileProblem& p, const GemmTile& tile, const TileGeometry& g, const Epilogue& e,
                            std::vector<std::byte> params, std::vector<PointerAt> pointers);

}  // namespace lathe::cuda
