// SPDX-License-Identifier: Apache-2.0
// What CUDA tactics over images share: convolutions in numbers, weights and channel vectors as their kernels read them.
#pragma once

#include "kernels/cuda/conv.h"
#include "kernels/cuda/small.h"
#include "ops/window.h"
#include "tactics/common/epilogue_match.h"
#include "tactics/common/window_numbers.h"
#include "tactics/cuda/kernel.h"

namespace lathe::tactics {

inline bool isCudaFloat(DType t) { return t == DType::kFloat || t == DType::kHalf || t == DType::kBf16; }

// x: [N, C, spatial…] with one to three spatial axes; w: [M, C / group, kernel…].
Result<cuda::ConvShape> cudaConvShape(const ops::WindowFields& fields, int64_t group, DType type, const ir::Dims& x,
                                      const ir::Dims& w);

// dst, dense over dims, from src at these strides (elements): how pack() brings weights into order.
void gatherBytes(std::span<const std::byte> src, std::span<std::byte> dst, std::span<const int64_t> dims,
                 std::span<const int64_t> srcStrides, int elementBytes);

// A constant of one value a channel (or one for all), packed as f32 [channels].
PackedWeights packedChannels(const ir::Value& v, int64_t channels);
Status packChannels(const Binding& binding, int index, std::span<const std::byte> source, std::span<std::byte> out);

// Weights [M, C, kernel…] packed as [M, kernel…, C].
PackedWeights packedOhwi(const ir::Value& w);
void packOhwi(const ir::Value& w, std::span<const std::byte> source, std::span<std::byte> out);

// A match as a kernel's epilogue; the bias's type is for the caller to set.
cuda::Epilogue cudaEpilogue(const EpilogueMatch& match, DType type);

// Bytes of scratch regions, one behind the other, each aligned to 256.
class ScratchPlan {
  public:
    int64_t take(int64_t bytes) {
        int64_t at = bytes_;
        bytes_ += (bytes + 255) / 256 * 256;
        return at;
    }
    int64_t bytes() const { return bytes_; }

  private:
    int64_t bytes_ = 0;
};

// [images, in…, vector] of dims [N, C, spatial…] in one of the two layouts of images.
struct ImageExtents {
    int64_t images = 1, vector = 1;
};
inline ImageExtents imageExtents(const ir::Dims& dims, Layout layout) {
    return layout == Layout::kChannelsLast ? ImageExtents{dims[0], dims[1]} : ImageExtents{dims[0] * dims[1], 1};
}
inline int64_t positionsOf(const ir::Dims& dims) {
    int64_t n = 1;
    for (size_t d = 2; d < dims.size(); ++d) n *= dims[d];
    return n;
}
inline bool isImageRank(int rank) { return rank >= 3 && rank <= 5; }

}  // namespace lathe::tactics
