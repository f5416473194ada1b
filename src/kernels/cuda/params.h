// SPDX-License-Identifier: Apache-2.0
// Parameter blocks of kernels: read by the C++ wrappers and, put before every kernel's text, by NVRTC. Plain types
// only.
#ifndef __CUDACC_RTC__
#pragma once
namespace lathe::cuda {
#endif

// n / d for 0 <= n < 2^31 is (n * multiplier) >> (32 + shift) with d = 1 as multiplier 0.
struct FastDivide {
    unsigned divisor, multiplier, shift;
};

constexpr int kMaxDims = 8;
constexpr int kMaxOperands = 16;

// Flat loops over `count` groups of elements; strides in elements, innermost dimension last.
struct PointwiseParams {
    long long count;  // vectors (partly filled last one included)
    long long elements;
    FastDivide dims[kMaxDims];                  // of all dimensions but the outermost, in vectors for the innermost
    long long longDims[kMaxDims];               // the same as numbers
    void* data[kMaxOperands];                   // inputs, then outputs
    long long strides[kMaxOperands][kMaxDims];  // per step of the loop: the innermost one's are for a whole vector
    long long inner[kMaxOperands];              // between elements of a vector
};

// dst[…] = src[…] as a transpose of the last two of `rank` dims.
struct TransposeParams {
    const void* src;
    void* dst;
    long long rows, cols;  // src is [rows][cols], dst [cols][rows]
    long long srcRow, dstRow;
    FastDivide batch[3];
    long long batchSrc[4], batchDst[4];
};

// Images in groups of channels: [outer][groups][inner][width], both sides with widths and groups of their own.
struct RegroupParams {
    const void* x;
    void* y;
    long long elements;  // of y, its padding included
    long long channels, inner;
    long long fromGroups, fromWidth, toGroups, toWidth;
};

struct RowParams {
    const void* x;
    const void* residual;
    const void* scale;
    const void* bias;
    void* y;
    void* sum;
    float* mean;
    float* inverse;
    long long rows, n;
    long long xStride, residualStride, yStride, sumStride;
    float epsilon;
    long long channelLength;  // elements of a row that share scale and bias
    long long rowGroups;      // row r starts at channel (r % rowGroups) * rowChannels
    long long rowChannels;
};

struct ColumnParams {
    const void* x;
    void* y;
    const void* scale;
    const void* bias;
    float* partial;
    long long outer, n, inner;
    long long splits, perSplit;
    long long groups, channelsPerGroup;
    float epsilon;
    float factor;
};

struct ReduceParams {
    const void* x;
    void* y;
    long long outputs, perOutput;
    int keptRank, reducedRank;
    long long keptDims[kMaxDims], keptStrides[kMaxDims];
    long long reducedDims[kMaxDims], reducedStrides[kMaxDims];
    long long splits, perSplit;  // splits > 1: y is [splits][outputs] partial results
    double meanCount;
};

struct PadParams {
    const void* x;
    void* y;
    const void* value;
    long long elements;
    int rank;
    long long in[kMaxDims], out[kMaxDims], before[kMaxDims], stride[kMaxDims];
};

struct GatherParams {
    const void* x;
    const void* index;
    const void* updates;
    void* y;
    unsigned* fault;  // bit 0 is set when an index is out of range; may be null
    long long elements;
    long long batch, outer, n, inner, indices;
    int rank, depth;
    long long dims[kMaxDims], strides[kMaxDims], indexDims[kMaxDims];
    long long axisStride, indexAxisStride, tuples, slice, batchStride, lines;
};

struct PoolParams {
    const void* x;
    void* y;
    long long elements;  // vectors of output
    long long vector;    // channels (of a group of V)
    int in[3], out[3], kernel[3], stride[3], dilation[3], padBegin[3], padEnd[3];
    float weight, keep;
};

struct ResizeParams {
    const void* x;
    void* y;
    const int* index[3];
    const float* weight[3];
    const unsigned char* outside[3];
    long long elements, vector;
    int in[3], out[3], taps[3];
    float outsideValue;
};

struct TopKParams {
    const void* x;
    void* value;
    void* index;
    long long outer, n, inner, k;
};

struct GemmParams {
    const void* a;
    const void* b;
    void* c;
    const void* scale;
    const void* bias;
    const void* residual;
    float* partial;  // split-K: [splits][batch][m][n]
    int m, n, k;
    long long lda, ldb, ldc, ldr;
    int batch1, batch2;  // of the batch's inner dimensions
    long long strideA[3], strideB[3], strideC[3], strideR[3], strideChannel[3];
    int tilesM, tilesN, splits, kPerSplit;
    float accScale;
};

struct alignas(64) TensorMap {
    unsigned long long opaque[16];
};
struct WgmmaParams {
    TensorMap a, b;
    GemmParams g;
    int movesA, movesB;  // 1 where a batch's products have operands of their own
    int clustersM;       // tilesM over the blocks of a cluster
    long long work;      // cluster-wide tiles of all batches and splits
};

// C's rows are output pixels, its columns the output channels of one group.
struct ConvParams {
    const void* x;
    const void* w;
    void* y;
    const void* scale;
    const void* bias;
    const void* residual;
    float* partial;
    int n;
    int in[3], out[3];
    int pixels;  // n * out…
    FastDivide divOut[3];
    long long xStride;  // channels of all groups
    long long yStride;
    int tilesM, tilesN, splits, kPerSplit;
    float accScale;
};

struct WgmmaConvParams {
    TensorMap a, b;
    ConvParams g;
    int clustersM;
    long long work;
};

struct DepthwiseParams {
    const void* x;
    const void* w;
    void* y;
    const void* scale;
    const void* bias;
    const void* residual;
    int n, channels;
    int in[3], out[3];
    long long vectors;
    float accScale;
};

struct RangeParams {
    const void* start;
    const void* delta;
    void* y;
    long long count;
};

struct OneHotParams {
    const void* index;
    const void* values;
    void* y;
    long long elements, n, inner;
};

struct TriluParams {
    const void* x;
    const void* k;
    void* y;
    long long elements, rows, columns;
};

struct RotateParams {
    const void* x;
    const void* cosine;
    const void* sine;
    const void* ids;
    void* y;
    unsigned* fault;
    long long elements, heads, length, size, half, positions;
    int packed;
};

struct SliceParams {
    const void* x;
    const void* startValues;
    const void* stepValues;
    const void* fill;
    void* y;
    unsigned* fault;
    long long elements;
    long long in[kMaxDims], out[kMaxDims], stride[kMaxDims], starts[kMaxDims], steps[kMaxDims];
    int startAt[kMaxDims], stepAt[kMaxDims];
};

struct ComputedPadParams {
    const void* x;
    const void* pads;
    const void* value;
    void* y;
    long long elements;
    long long in[kMaxDims], out[kMaxDims], stride[kMaxDims];
    int at[kMaxDims];
};

constexpr int kMaxContracted = 4;
struct ContractParams {
    const void* in[kMaxContracted];
    void* y;
    long long outputs, terms;
    int outputRank, sumRank;
    long long outputDims[kMaxDims], sumDims[kMaxDims];
    long long outputStrides[kMaxContracted][kMaxDims], sumStrides[kMaxContracted][kMaxDims];
};

struct AttentionParams {
    const void* q;
    const void* k;
    const void* v;
    const void* mask;
    void* out;
    int heads, headsPerKv, queries, keys;
    long long qBatch, qHead, qRow, kBatch, kHead, kRow, vBatch, vHead, vRow, oBatch, oHead, oRow;
    long long maskBatch, maskHead, maskQuery, maskKey;
    long long causalOffset;
    float scale, hidden;
};

struct GeneralAttentionParams {
    const void* q;
    const void* k;
    const void* v;
    const void* mask;
    const void* pastK;
    const void* pastV;
    const void* lengths;
    float* scores;
    void* shown;
    void* out;
    long long scoreCount, outputs;  // elements
    long long heads, kvHeads, headsPerKv, queries, keys, past, size, valueSize, maskKeys;
    long long qBatch, qHead, qRow, kBatch, kHead, kRow, vBatch, vHead, vRow, oBatch, oHead, oRow;
    long long maskBatch, maskHead, maskQuery, maskKey;
    long long offset, left, right;
    float scale, cap, hidden;
};

struct WgmmaAttentionParams {
    TensorMap q, k, v;
    AttentionParams g;
    int blocks;  // of queries
    long long work;
};

// Of the kernels of small.h: what the numbers are is said above each of them.
struct SmallParams {
    void* data[12];
    long long items;
    long long n[48];
    double f[8];
};

#ifndef __CUDACC_RTC__
}  // namespace lathe::cuda
#endif
