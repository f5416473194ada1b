// SPDX-License-Identifier: Apache-2.0
// Between conv*.cc and isa/conv*.cc.
#pragma once

#include <cstdint>

#include "kernels/cpu/conv_geometry.h"
#include "kernels/cpu/epilogue.h"

namespace lathe::cpu {

// Output rows [row0, row1) of one depth and panels [p0, p1) of one group of one image.
struct DirectPart {
    const DirectGeometry* geometry = nullptr;
    const float* in[kMaxConvSources] = {};  // of the image and group
    const float* scale = nullptr;           // of the image's and group's channels, or null
    const float* weights = nullptr;         // of the group
    float* out = nullptr;                   // of the image and group
    const Epilogue* epilogue = nullptr;     // residual, scale and bias of the image and group
    bool aliased = false;                   // the residual is the output: no partial sums there
    int64_t depth = 0, row0 = 0, row1 = 0, p0 = 0, p1 = 0;
    float* band = nullptr;
    int32_t* tables = nullptr;
};

// Matrix of image patches [ic * taps][pixels], as GEMM's operand B.
struct PatchSource {
    int64_t in[3], kernel[3], stride[3], dilation[3], padBefore[3], out[3];
};

// Output rows [row0, row1) (depth times height) and vectors of channels [v0, v1) of one image.
struct DepthwisePart {
    const DepthwiseGeometry* geometry = nullptr;
    const float* in = nullptr;
    const float* weights = nullptr;
    float* out = nullptr;
    const Epilogue* epilogue = nullptr;  // residual of the image
    int64_t row0 = 0, row1 = 0, v0 = 0, v1 = 0;
    float* scratch = nullptr;  // where the geometry asks for it
};

// Output tiles [t0, t1) (row by row) and panels [p0, p1) of one image.
struct WinogradPart {
    const WinogradGeometry* geometry = nullptr;
    const float* in[kMaxConvSources] = {};
    const float* weights = nullptr;
    float* out = nullptr;
    const Epilogue* epilogue = nullptr;  // residual of the image
    int64_t t0 = 0, t1 = 0, p0 = 0, p1 = 0;
    // Both as [point][vector of channels][tile][lane], points and vectors as far apart as the geometry says.
    float* transformedIn = nullptr;
    float* transformedOut = nullptr;  // of panelsAtOnce panels
    int32_t* segments = nullptr;      // one for each vector of input channels
};

// Sum of the patches [taps][in pixels] of one output channel into its plane.
struct Col2imShape {
    int64_t in[3], out[3], kernel[3], stride[3], dilation[3], padBefore[3];
};

struct ConvTable {
    int lanes = 0;
    int tileRows = 0;
    int tileColumns = 0;
    void (*direct)(const DirectPart& p);
    // Packs one group's weights [oc][ic][taps] for the direct convolution; order as in DirectGeometry with `unit`
    // channels to a channel step (0 for NHWC: taps outermost).
    void (*packDirect)(const float* weights, int64_t oc, int64_t ic, int64_t taps, int64_t unit, float* to);
    // A GemmPack (gemm_table.h) whose context is a PatchSource and whose b is one group's planes of one image.
    void (*packPatches)(const void* context, const float* b, int64_t n0, int64_t n1, int64_t k0, int64_t k1, float* to);
    void (*depthwise)(const DepthwisePart& p);
    // [channels][taps] into [vector of channels][taps][lane].
    void (*packDepthwise)(const float* weights, int64_t channels, int64_t taps, float* to);
    void (*winograd)(const WinogradPart& p);
    // [oc][ic][3][3] into [point][panel][k][width].
    void (*packWinograd)(const float* weights, const WinogradGeometry& g, float* to);
    // epilogue: scale and bias point at the channel's; line holds a row of the output, rounded up to 16, and 16 more.
    void (*col2im)(const Col2imShape& s, const float* patches, float* out, const Epilogue& epilogue, float* line);
    void (*convert)(int from, int to, int64_t c, int64_t spatial, int64_t s0, int64_t s1, const float* src, float* dst);
};

}  // namespace lathe::cpu
