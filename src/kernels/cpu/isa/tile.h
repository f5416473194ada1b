// SPDX-License-Identifier: Apache-2.0
// The register tile under GEMM, convolution and Winograd: a few rows of A times one panel of B, then the epilogue.
// Included by isa/*.cc only.
//
// Row i, step k of A is a[i][seg[k / segLen] + k % segLen], so A may be a matrix in place (one segment), pixels of an
// image under the taps of a filter (a segment for each tap and channel block), or a copy.
//
// A packed panel of B holds, for k = 0, 1, …, `vectors * kLanes` consecutive columns, contiguously; columns past the
// end of B are zero. Panels have kTileColumns columns, the last one of a matrix only as many vectors as it needs.
#pragma once

#include "kernels/cpu/epilogue.h"
#include "kernels/cpu/isa/simd.h"

namespace lathe::cpu::LATHE_ISA {

#if defined(LATHE_TILE_ROWS)  // for trying others
inline constexpr int kTileRows = LATHE_TILE_ROWS, kTileVectors = LATHE_TILE_VECTORS;
#elif defined(LATHE_ISA_avx512)
inline constexpr int kTileRows = 12, kTileVectors = 2;
#elif defined(LATHE_ISA_avx2)
inline constexpr int kTileRows = 6, kTileVectors = 2;
#else
inline constexpr int kTileRows = 4, kTileVectors = 1;
#endif
inline constexpr int kTileColumns = kTileVectors * kLanes;

enum TileFlags : uint32_t {
    kAddPartial = 1,  // start from what partial holds
    kFinish = 2,      // apply the epilogue and write to c; otherwise write the sums to partial
    kZeroPad = 4,     // the lanes past `columns` exist in c, and become 0
};

// The part of an epilogue that is the same for all tiles of a call.
struct TileEpilogue {
    float accScale = 1.0f;
    const float* scale = nullptr;
    const float* bias = nullptr;
    bool perRow = false;  // scale and bias go by row0 + i instead of column0 + lane
    const float* residual = nullptr;
    bool residualAfter = false;
    Activation activation = Activation::kNone;
    float alpha = 1.0f, beta = 1.0f;
    float low = 0, high = 0;  // the clamp, where activation is one
    bool plain = true;        // nothing but the clamp's absence: store as it is
};

struct Tile {
    const float* const* a = nullptr;
    const int32_t* seg = nullptr;
    int segs = 1;
    int segLen = 0;
    const float* b = nullptr;
    int64_t bStep = 0;  // floats from one k to the next; used by kTileStrided only
    // Element (row i, vector v) of c is at c + cRow[i] + v * cVec; of partial and the residual likewise.
    float* c = nullptr;
    const int64_t* cRow = nullptr;
    int64_t cVec = kLanes;
    float* partial = nullptr;
    const int64_t* partialRow = nullptr;
    int64_t partialVec = kLanes;
    const float* residual = nullptr;
    const int64_t* residualRow = nullptr;
    int64_t residualVec = kLanes;
    int columns = 0;      // valid columns, of the vectors' lanes
    int64_t column0 = 0;  // index of the first into scale and bias
    int64_t row0 = 0;     // index of the first row into scale and bias per row
    uint32_t flags = 0;
    const TileEpilogue* epilogue = nullptr;
};

enum TileKind : int {
    kTilePacked = 0,   // packed panel, segments of any length
    kTileBlocked = 1,  // packed panel, segments of kLanes
    kTileStrided = 2,  // B in place: bStep; REQUIRES columns to fill the vectors
    kTileKinds = 3,
};

using TileFn = void (*)(const Tile&);

struct TileTable {
    TileFn fn[kTileKinds][kTileRows][kTileVectors];  // [kind][rows - 1][vectors - 1]
    // What fn does after its sums, for sums from elsewhere: `rows` rows of `vecs` vectors, contiguous, clobbered.
    // REQUIRES: columns > (vecs - 1) * kLanes.
    void (*finish)(const Tile& t, float* sums, int rows, int vecs);
};
extern const TileTable tileTable;

TileEpilogue makeTileEpilogue(const Epilogue& e);

}  // namespace lathe::cpu::LATHE_ISA
