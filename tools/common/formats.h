// SPDX-License-Identifier: Apache-2.0
// Buffers of inputs and outputs in formats other than row-major: their size, and elements into them and out of them.
#pragma once

#include <vector>

#include "common/tensors.h"

namespace lathe::tool {

class BufferFormat {
  public:
    BufferFormat() = default;
    // What the context knows of the tensor now.
    BufferFormat(const nvinfer1::ICudaEngine& engine, const nvinfer1::IExecutionContext& context, const char* name);

    bool isLinear() const { return linear_; }
    // Its padding included; negative for unknown extents.
    int64_t bytes() const;
    // Row-major elements into a buffer (padding becomes zero), and back. REQUIRES: bytes() >= 0.
    std::vector<char> pack(const void* linear) const;
    std::vector<char> unpack(const void* buffer) const;

  private:
    template <class F>
    void forEachElement(F&& visit) const;
    bool linear_ = true;
    nvinfer1::DataType type_{};
    nvinfer1::Dims dims_{}, strides_{};
    int vectorDim_ = -1;
    int64_t width_ = 1;
};

}  // namespace lathe::tool
