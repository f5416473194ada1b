// SPDX-License-Identifier: Apache-2.0
// Between gemm.cc, which plans and splits, and isa/gemm.cc, which computes.
#pragma once

#include <cstdint>

#include "kernels/cpu/epilogue.h"

namespace lathe::cpu {

// How one thread's share of a product is cut. Lengths in elements; kBlock is a multiple of 8 unless it is all of K.
struct GemmBlocks {
    int64_t kBlock = 0;
    int64_t mBlock = 0;      // rows of A at a time
    int64_t panelBlock = 0;  // panels of B at a time, where they are packed on the way or sums are parked in C
    int64_t rowBlock = 0;    // rows of C whose sums are parked at a time
    bool copyA = false;      // into [mBlock][kBlock + kPadA], free of cache conflicts (and transposed)
    bool copyB = false;      // into panels
    bool dots = false;       // few rows and B stored [N, K]: dot products, no packing
    static constexpr int64_t kPadA = 16;
};

// Packs columns [n0, n1) and rows [k0, k1) of an operand B that exists only as `context` and `b`, like
// GemmTable::packB.
using GemmPack = void (*)(const void* context, const float* b, int64_t n0, int64_t n1, int64_t k0, int64_t k1,
                          float* to);

// Rows [m0, m1) and panels [p0, p1) of C.
struct GemmPart {
    const float* a = nullptr;
    const float* b = nullptr;
    float* c = nullptr;
    int64_t n = 0, k = 0;
    // Rows of a packed panel, and the first that counts: more than k, and not 0, where this is a share of a longer sum.
    int64_t packedK = 0, packedFirst = 0;
    int64_t lda = 0, ldb = 0, ldc = 0;
    bool transA = false, transB = false;
    bool packedB = false;
    GemmPack pack = nullptr;  // instead of B in memory
    const void* packContext = nullptr;
    int64_t m0 = 0, m1 = 0, p0 = 0, p1 = 0;
    const Epilogue* epilogue = nullptr;  // its residual is this product's
    GemmBlocks blocks;
    float* copyOfA = nullptr;
    float* copyOfB = nullptr;
    // Where sums wait for the next piece of K: [panelBlock][rowBlock rounded up to tiles][tileColumns]; null for in C.
    float* parked = nullptr;
};

struct GemmTable {
    int lanes = 0;
    int tileRows = 0;
    int tileColumns = 0;
    void (*part)(const GemmPart& p);
    // The epilogue on the sum of `count` matrices [m][ld] of floats, `stride` apart, for columns [n0, n1). REQUIRES: n0
    // is a multiple of tileColumns, ld of lanes.
    void (*reduce)(const float* sums, int64_t count, int64_t stride, int64_t ld, int64_t m, int64_t n0, int64_t n1,
                   float* c, int64_t ldc, const Epilogue& epilogue);
    // Packs columns [n0, n1) of rows [k0, k1) of B (as stored) into panels of k1 - k0 rows, one after another.
    // REQUIRES: n0 is a multiple of tileColumns.
    void (*packB)(const float* b, int64_t ldb, bool transB, int64_t n0, int64_t n1, int64_t k0, int64_t k1, float* to);
};

struct GemmShape;

// gemm() with B made by `pack` as it goes: b moves by the batch's strideB, ldb and transB mean nothing.
int64_t gemmGatherWorkspaceBytes(const GemmShape& shape, GemmPack pack, int threads);
void gemmGather(const GemmShape& shape, const float* a, const float* b, GemmPack pack, const void* context, float* c,
                const Epilogue& epilogue, void* workspace, int threads);

}  // namespace lathe::cpu
