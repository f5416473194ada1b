// SPDX-License-Identifier: Apache-2.0
// fp32 matrix products, row-major: C[M,N] = epilogue(A[M,K] B[K,N]).
//
// Three steps: ask for sizes, pack what does not change (weights as B), run. Running allocates nothing; workspace is
// passed in and may be uninitialized. Packed bytes depend on activeIsa() and are not portable between instruction sets.
// Pointers need the alignment of float only; 64 bytes for packed blobs and workspace is faster.
#pragma once

#include <cstdint>

#include "kernels/cpu/epilogue.h"

namespace lathe::cpu {

struct GemmShape {
    int64_t m = 0, n = 0, k = 0;
    bool transA = false;                // A is stored [K, M]
    bool transB = false;                // B is stored [N, K]
    int64_t lda = 0, ldb = 0, ldc = 0;  // floats between rows as stored; at least the row's length
    // A batch of products: element (i, j, l) of it is at i * stride[0] + j * stride[1] + l * stride[2] floats. A stride
    // of 0 repeats an operand; C's products must not overlap.
    static constexpr int kBatchDims = 3;
    int64_t batch[kBatchDims] = {1, 1, 1};
    int64_t strideA[kBatchDims] = {}, strideB[kBatchDims] = {}, strideC[kBatchDims] = {};
    int64_t strideResidual[kBatchDims] = {};
    int64_t strideChannel[kBatchDims] = {};  // of the epilogue's scale and bias

    int64_t batchCount() const { return batch[0] * batch[1] * batch[2]; }
};

// Layout of packed B: panels of kTileColumns columns (16 for avx2, see isa/tile.h), each [K][width] floats,
// zero-padded. The last panel is only as many vectors wide as it needs, so that the blob holds K * roundUp(N, lanes)
// floats.
int64_t packedBBytes(int64_t n, int64_t k);
void packB(int64_t n, int64_t k, const float* b, int64_t ldb, bool transB, float* packed, int threads = 1);

// `threads` here and below: how many threads of the process's pool to use at most.
int64_t gemmWorkspaceBytes(const GemmShape& shape, bool packedB, int threads);

// B given at run time (as stored by shape.transB, ldb).
void gemm(const GemmShape& shape, const float* a, const float* b, float* c, const Epilogue& epilogue, void* workspace,
          int threads);

// B packed by packB. transB and ldb are ignored; strideB counts floats of packed blobs.
void gemmPacked(const GemmShape& shape, const float* a, const float* packedB, float* c, const Epilogue& epilogue,
                void* workspace, int threads);

}  // namespace lathe::cpu
