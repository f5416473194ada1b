// SPDX-License-Identifier: Apache-2.0
// The numbers that a planned convolution runs by: plain values between conv*.cc, which plan and split, and
// isa/conv*.cc, which compute. Strides and sizes count floats.
#pragma once

#include <cstdint>

namespace lathe::cpu {

inline constexpr int kMaxConvSources = 4;

// The tensors that the input channels come from, in steps of channels (blocks; one tensor: any).
struct SourceGeometry {
    int count = 1;
    int64_t end[kMaxConvSources] = {};    // first step that is not of this tensor
    int64_t image[kMaxConvSources] = {};  // floats from one image to the next
};

// Direct convolution of one group of one image: rows of output pixels times panels of output channels.
//
// Step k of the sum runs over segments, `segLen` consecutive floats of the input each. Segments are ordered
// (channel step, kernel depth, kernel row, kernel column), with a channel step being a block of channels (blocked
// input), one channel (NCHW), or all of them (NHWC, where it has no loop); kernel columns whose channels are adjacent
// in memory are one segment. The order of k, and so the packed weights, does not depend on that merging:
//   blocked  [channel block][taps][channel of the block]   NHWC  [taps][channel]   NCHW  [channel][taps]
struct DirectGeometry {
    // Input as it is given.
    SourceGeometry sources;
    int64_t inGroup = 0, inChannel = 0, inDepth = 0, inRow = 0, inPixel = 0;
    int64_t inSize[3] = {1, 1, 1};
    int64_t scaleImage = 0, scaleGroup = 0;  // of the channels' scales, where the input is multiplied by them
    // Input as the tiles read it: in place, or a copy with the padding written out, of as many rows as a band needs.
    bool copy = false;
    int64_t bandChannel = 0, bandDepth = 0, bandRow = 0, bandPixel = 0;
    int64_t bandRows = 0;      // input rows of a band
    int64_t bandColumns = 0;   // input columns of a band, padding included
    int64_t channelSteps = 1;  // segments' outermost loop
    int64_t unit = 1;          // floats of a channel step at one pixel
    int64_t kernel[3] = {1, 1, 1}, stride[3] = {1, 1, 1}, dilation[3] = {1, 1, 1}, padBefore[3] = {};
    int64_t segColumns = 1;  // kernel columns that are segments of their own: kernel[2], or 1 where merged
    int64_t segCount = 0, segLen = 0;
    int64_t segsPerBlock = 0;  // segments between two visits of the partial sums
    bool blockedTile = false;  // segLen is the vector's length

    int64_t outImage = 0, outGroup = 0, outDepth = 0, outRow = 0, outPixel = 0, outVector = 0;
    int64_t outSize[3] = {1, 1, 1};  // of what this geometry computes
    bool zeroPad = false;            // blocked output: write the lanes past the last channel

    int64_t oc = 0;  // of one group
    int64_t k = 0;   // length of the sum as packed
    int64_t panels = 0;
    int64_t packedGroup = 0;

    // Split into parts: n x groups x depth x bands x panelParts.
    int64_t bands = 1, rowsPerBand = 1, panelParts = 1;
    int64_t floatsBand = 0;   // workspace of one part: the copy,
    int64_t intsPerPart = 0;  // and tables of offsets
};

// Winograd's minimal filtering F(tile x tile, 3 x 3): blocks of output tiles times parts of the output channels.
struct WinogradGeometry {
    int tile = 0;        // outputs a side: 2 or 4
    int64_t points = 0;  // (tile + 2)^2 products
    int64_t tilesHigh = 0, tilesWide = 0;
    SourceGeometry sources;                         // in vectors of channels
    int64_t inChannel = 0, inRow = 0, inPixel = 0;  // inChannel: from one vector of channels to the next
    int64_t outImage = 0, outRow = 0, outPixel = 0, outVector = 0;
    int64_t inSize[2] = {1, 1}, outSize[2] = {1, 1}, pad[2] = {};  // height, width
    int64_t ic = 0, oc = 0;
    int64_t k = 0;  // ic, rounded up to vectors
    int64_t panels = 0, packedPoint = 0;
    bool zeroPad = false;
    int64_t blocks = 1, tilesPerBlock = 1, panelParts = 1, panelsAtOnce = 1;
    int64_t vectorStep = 0;               // floats from one vector of channels to the next in transformed tensors
    int64_t pointIn = 0, pointOut = 0;    // and from one point to the next
    int64_t floatsIn = 0, floatsOut = 0;  // workspace of one part,
    int64_t intsPerPart = 0;              // and its table of offsets
};

// Rows (depth times height) of a depthwise kernel, at most.
inline constexpr int kDepthwiseLines = 64;

// Depthwise: rows of output pixels times vectors of channels.
struct DepthwiseGeometry {
    int64_t inImage = 0, inDepth = 0, inRow = 0, inPixel = 0, inVector = 0;
    int64_t outImage = 0, outDepth = 0, outRow = 0, outPixel = 0, outVector = 0;
    int64_t inSize[3] = {1, 1, 1}, outSize[3] = {1, 1, 1};
    int64_t kernel[3] = {1, 1, 1}, stride[3] = {1, 1, 1}, dilation[3] = {1, 1, 1}, padBefore[3] = {};
    int64_t channels = 0, vectors = 0;
    bool blocked = false;
    int64_t inside0 = 0, inside1 = 0;  // output columns whose windows lie inside the image
    int64_t rowParts = 1, vectorParts = 1;
    // Narrow images go through a padded copy of one vector's rows; 0 columns: they do not.
    int64_t scratchColumns = 0, scratchFloats = 0;
};

}  // namespace lathe::cpu
