// SPDX-License-Identifier: Apache-2.0
#include "common/formats.h"

#include <algorithm>
#include <cstring>

namespace lathe::tool {

using namespace nvinfer1;

BufferFormat::BufferFormat(const ICudaEngine& engine, const IExecutionContext& context, const char* name)
    : linear_(engine.getTensorFormat(name) == TensorFormat::kLINEAR),
      type_(engine.getTensorDataType(name)),
      dims_(context.getTensorShape(name)),
      strides_(context.getTensorStrides(name)),
      vectorDim_(engine.getTensorVectorizedDim(name)) {
    if (vectorDim_ >= 0) width_ = engine.getTensorComponentsPerElement(name);
}

int64_t BufferFormat::bytes() const {
    if (linear_ || isDynamic(dims_)) return bytesOf(type_, dims_);
    Dims padded = dims_;
    if (vectorDim_ >= 0) padded.d[vectorDim_] = (padded.d[vectorDim_] + width_ - 1) / width_ * width_;
    return bytesOf(type_, padded);
}

// Calls visit(row-major position, position in the buffer).
template <class F>
void BufferFormat::forEachElement(F&& visit) const {
    int64_t count = volume(dims_);
    for (int64_t i = 0; i < count; ++i) {
        int64_t rest = i, vector = 0, lane = 0;
        for (int d = dims_.nbDims - 1; d >= 0; --d) {
            int64_t at = rest % dims_.d[d];
            rest /= dims_.d[d];
            if (d == vectorDim_) {
                lane = at % width_;
                at /= width_;
            }
            vector += at * strides_.d[d];
        }
        visit(i, vector * width_ + lane);
    }
}

std::vector<char> BufferFormat::pack(const void* linear) const {
    std::vector<char> out(static_cast<size_t>(bytes()));
    const char* from = static_cast<const char*>(linear);
    if (linear_) {
        std::copy_n(from, out.size(), out.data());
    } else {
        int64_t size = elementBytes(type_);
        forEachElement([&](int64_t a, int64_t b) {
            std::memcpy(out.data() + b * size, from + a * size, static_cast<size_t>(size));
        });
    }
    return out;
}

std::vector<char> BufferFormat::unpack(const void* buffer) const {
    std::vector<char> out(static_cast<size_t>(bytesOf(type_, dims_)));
    const char* from = static_cast<const char*>(buffer);
    if (linear_) {
        std::copy_n(from, out.size(), out.data());
    } else {
        int64_t size = elementBytes(type_);
        forEachElement([&](int64_t a, int64_t b) {
            std::memcpy(out.data() + a * size, from + b * size, static_cast<size_t>(size));
        });
    }
    return out;
}

}  // namespace lathe::tool
