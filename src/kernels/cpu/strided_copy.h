// SPDX-License-Identifier: Apache-2.0
// One copy between two strided arrays of the same shape: transpose, slice, concatenation and split (a part at an
// offset), expand and tile (source stride 0), depth to space, and their combinations.
#pragma once

#include <cstdint>
#include <span>

#include "base/status.h"
#include "kernels/cpu/nest.h"

namespace lathe::cpu {

class StridedCopy {
  public:
    // Strides are in elements of elementBytes (1, 2, 4, 8 or 16) and may be negative; a source stride may be 0. The
    // data pointers given to run() address element (0, …, 0). Destination elements must be distinct.
    static Result<StridedCopy> make(std::span<const int64_t> dims, std::span<const int64_t> srcStrides,
                                    std::span<const int64_t> dstStrides, int elementBytes);

    // Dense source and destination: destination dimension d is source dimension perm[d].
    static Result<StridedCopy> transpose(std::span<const int64_t> srcDims, std::span<const int> perm, int elementBytes);
    // Dense destination. A source dimension of 1 is repeated; missing leading dimensions count as 1.
    static Result<StridedCopy> expand(std::span<const int64_t> srcDims, std::span<const int64_t> dstDims,
                                      int elementBytes);
    // Dense source and destination: the source repeats[d] times along dimension d. At most four dimensions may repeat
    // with a size above 1.
    static Result<StridedCopy> tile(std::span<const int64_t> srcDims, std::span<const int64_t> repeats,
                                    int elementBytes);
    // [N, C, H, W] with C = b * b * c to [N, c, H * b, W * b]. columnRow: the order of the block's parts within C (the
    // depth-column-row order when false). The inverse, space to depth, takes the dimensions of its own source.
    static Result<StridedCopy> depthToSpace(int64_t n, int64_t c, int64_t h, int64_t w, int64_t block, bool columnRow,
                                            int elementBytes);
    static Result<StridedCopy> spaceToDepth(int64_t n, int64_t c, int64_t h, int64_t w, int64_t block,
                                            int elementBytes);

    void run(const void* src, void* dst) const;

    // "runs", "fill", "transpose" or "strided": for reports and tests.
    const char* kindName() const;

  private:
    enum class Kind { kRuns, kFill, kTranspose, kStrided };
    void runRuns(const char* src, char* dst) const;
    void runTranspose(const char* src, char* dst) const;
    void runElements(const char* src, char* dst) const;

    Nest<2> nest_;  // operand 0 is the destination
    int bytes_ = 0;
    Kind kind_ = Kind::kRuns;
};

}  // namespace lathe::cpu
