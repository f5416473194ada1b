// SPDX-License-Identifier: Apache-2.0
// Padding and cropping in any dimension.
#pragma once

#include <cstdint>
#include <span>

#include "base/status.h"
#include "kernels/cpu/nest.h"

namespace lathe::cpu {

enum class PadMode : uint8_t {
    kConstant,
    kEdge,     // the nearest element
    kReflect,  // mirrored, the edge itself not repeated
    kWrap,     // periodic
};

class Pad {
  public:
    // Dense x and y; y's dimension d has before[d] + dims[d] + after[d] elements. Negative amounts crop. All modes but
    // kConstant need something to repeat: dims[d] > 0 where padded.
    static Result<Pad> make(std::span<const int64_t> dims, std::span<const int64_t> before,
                            std::span<const int64_t> after, PadMode mode, int elementBytes);
    // value: one element (kConstant); null: zeros. x and y must not overlap.
    void run(const void* x, void* y, const void* value) const;

  private:
    // The innermost dimension is never padded; it is made of whole runs.
    struct Dim {
        int64_t in = 1, out = 1, before = 0, stride = 0;  // stride in runs of x
    };
    int64_t source(const Dim& d, int64_t at) const;

    PadMode mode_ = PadMode::kConstant;
    int rank_ = 0;
    Dim dims_[kMaxNestDims];
    int64_t run_ = 1;  // elements
    int bytes_ = 4;
    int64_t rows_ = 0;
};

}  // namespace lathe::cpu
