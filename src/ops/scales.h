// SPDX-License-Identifier: Apache-2.0
// Scales of quantize_linear and dequantize_linear: one for all, one for each index along an axis, or one for each
// block.
#pragma once

#include "ops/elements.h"

namespace lathe::ops {

// Checks inputs 1 (scale) and 2 (zero point of type `quantized`, optional) against x, input 0.
Status requireScales(const InferContext& c, int64_t axis, int64_t blockSize, DType quantized);

// Where the scale and zero point of an element of x are.
class ScaleIndex {
  public:
    static Result<ScaleIndex> make(const Dims& x, const Dims& scale, int64_t axis, int64_t blockSize);
    int64_t operator()(int64_t i) const {
        int64_t along = i / inner_ % extent_;
        if (block_ == 0) return single_ ? 0 : along;
        return (i / (inner_ * extent_) * ((extent_ + block_ - 1) / block_) + along / block_) * inner_ + i % inner_;
    }

  private:
    int64_t inner_ = 1, extent_ = 1, block_ = 0;
    bool single_ = false;
};

}  // namespace lathe::ops
