// SPDX-License-Identifier: Apache-2.0
// Matrix products, row-major: C[M,N] = epilogue(A[M,K] B[K,N]), accumulated in f32.
#pragma once

#include <span>

#include "kernels/cuda/epilogue.h"

namespace lathe::cuda {

struct GemmShape {
    DType type = DType::kHalf;     // of A and B: f16, bf16 or f32
    DType outType = DType::kHalf;  // of C
    int64_t m = 0, n = 0, k = 0;
    bool transA = false;                         // A is stored [K, M]
    bool transB = false;                         // B is stored [N, K]
    int64_t lda = 0, ldb = 0, ldc = 0, ldr = 0;  // elements between rows as stored; ldr: the residual's
    // A batch of products: element (i, j, l) of it is at i * stride[0] + j * stride[1] + l * stride[2] elements. A
    // stride of 0 repeats an operand; C's products must not overlap.
    int64_t batch[3] = {1, 1, 1};
    int64_t strideA[3] = {}, strideB[3] = {}, strideC[3] = {}, strideR[3] = {};
    int64_t strideChannel[3] = {};  // of the epilogue's scale and bias
    // Every operand's address is a multiple of this many bytes.
    int alignment = 16;
};

enum class GemmKernel : int32_t {
    kSimt = 0,  // plain fp32 arithmetic, any architecture
    kMma = 1,   // mma.sync, sm_80 and later; f32 as TF32
    kWgmma = 2  // warpgroup products and tensor maps, sm_90 alone; f16 and bf16
};
// One way to tile a product. Numbers in plans are indices of gemmTiles(): append, never renumber.
struct GemmTile {
    GemmKernel kernel;
    int bm, bn, bk;  // a block's tile; for f32 operands of kMma, bk is halved
    int wm, wn;      // a warp's (kMma), a thread's (kSimt)
    int stages;
};
std::span<const GemmTile> gemmTiles();

// Operands: kOperandA … kOperandResidual (epilogue.h), kOutput. splits > 1: parts of K in blocks of their own, joined
// in a fixed order by a second launch. Refused (kUnsupported, with the reason) where the tile does not do it.
Result<KernelPlan> gemm(const GemmShape& shape, const Epilogue& epilogue, int tile, int splits,
                        const KernelTarget& target);

// A tile and splits that are likely to be fast, for where nothing is measured.
struct GemmChoice {
    int tile = 0, splits = 1;
};
GemmChoice chooseGemm(const GemmShape& shape, bool tf32, const KernelTarget& target);

// Every tile that may do the product with the splits that suit it, likely fastest first: what is worth measuring.
struct RankedTile {
    GemmChoice choice;
    double seconds = 0;  // by a cost model
};
std::vector<RankedTile> rankGemm(const GemmShape& shape, bool tf32, const KernelTarget& target);

}  // namespace lathe::cuda
