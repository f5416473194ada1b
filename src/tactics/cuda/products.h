// SPDX-License-Identifier: Apache-2.0
// Matrix products by our own kernels, with what follows at the store: what matmul, gemm and einsum share.
#pragma once

#include <optional>

#include "kernels/cuda/gemm.h"
#include "tactics/common/epilogue_match.h"
#include "tactics/cuda/work.h"

namespace lathe::tactics {

// numpy's product of operands of these extents, as stored; batch axes are joined where operands cross them evenly.
Result<cuda::GemmShape> matmulShape(DType type, bool transposeA, bool transposeB, ir::Dims a, ir::Dims b);

// A constant right operand [..., k, n] whose kernels want [..., n, k].
bool wantsTransposedB(const ir::Value& b, bool transposeB);
PackedWeights transposedB(const ir::Value& b);
// A constant of one element repeated for n columns.
PackedWeights repeatedScalar(const ir::Value& v, int64_t n);
// Tactic::pack for either.
Status packProductWeights(const PackedWeights& weights, std::span<const std::span<const std::byte>> sources,
                          std::span<std::byte> out);

// One product and its operands. params of its bindings: {tile, splits}.
struct ProductOperands {
    const ir::Value *a = nullptr, *b = nullptr, *bias = nullptr, *residual = nullptr;
    int packedB = -1, packedBias = -1;  // of the binding's packed weights
};
// The kernel with the tile and splits; where these extents don't allow them, with those of the cost model. toScratch:
// the result goes to the work's scratch, from its begin on.
Result<CudaWork> productWork(cuda::GemmShape shape, const cuda::Epilogue& epilogue, const ProductOperands& operands,
                             std::span<const int64_t> params, const Target& target, bool toScratch = false);

}  // namespace lathe::tactics
