// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <vector>

#include "compat/common/convert.h"

namespace nvinfer1 {
inline namespace LATHE_TRT_NAMESPACE {
namespace utils {

bool reshapeWeights(Weights const& input, int32_t const* shape, int32_t const* order, void* data,
                    int32_t nbDims) TRTNOEXCEPT {
    std::size_t size = static_cast<std::size_t>(lathe::compat::elementSize(input.type));
    if (!input.values || !shape || !order || !data || nbDims < 1 || nbDims > Dims::MAX_DIMS || size == 0) return false;
    int64_t total = 1, strides[Dims::MAX_DIMS];
    bool seen[Dims::MAX_DIMS] = {};
    for (int32_t i = nbDims - 1; i >= 0; --i) {
        if (shape[i] < 1 || total > input.count / shape[i]) return false;
        strides[i] = total;
        total *= shape[i];
    }
    for (int32_t i = 0; i < nbDims; ++i) {
        if (order[i] < 0 || order[i] >= nbDims || seen[order[i]]) return false;
        seen[order[i]] = true;
    }
    if (total != input.count) return false;
    int64_t index[Dims::MAX_DIMS] = {};
    const char* from = static_cast<const char*>(input.values);
    char* to = static_cast<char*>(data);
    for (int64_t i = 0; i < total; ++i, to += size) {
        int64_t at = 0;
        for (int32_t k = 0; k < nbDims; ++k) at += index[k] * strides[order[k]];
        std::memcpy(to, from + at * static_cast<int64_t>(size), size);
        for (int32_t k = nbDims - 1; k >= 0 && ++index[k] == shape[order[k]]; --k) index[k] = 0;
    }
    return true;
}

bool reorderSubBuffers(void* input, int32_t const* order, int32_t num, int32_t size) TRTNOEXCEPT {
    if (!input || !order || num < 1 || size < 1) return false;
    std::vector<char> copy(static_cast<std::size_t>(num) * static_cast<std::size_t>(size));
    std::memcpy(copy.data(), input, copy.size());
    for (int32_t i = 0; i < num; ++i)
        if (order[i] < 0 || order[i] >= num) return false;
    for (int32_t i = 0; i < num; ++i)
        std::memcpy(static_cast<char*>(input) + int64_t{i} * size, copy.data() + int64_t{order[i]} * size, size);
    return true;
}

bool transposeSubBuffers(void* input, DataType type, int32_t num, int32_t height, int32_t width) TRTNOEXCEPT {
    int64_t size = lathe::compat::elementSize(type);
    if (!input || size == 0 || num < 1 || height < 1 || width < 1) return false;
    int64_t matrix = int64_t{height} * width;
    std::vector<char> copy(static_cast<std::size_t>(matrix * size));
    for (int32_t n = 0; n < num; ++n) {
        char* at = static_cast<char*>(input) + n * matrix * size;
        std::memcpy(copy.data(), at, copy.size());
        for (int64_t h = 0; h < height; ++h)
            for (int64_t w = 0; w < width; ++w)
                std::memcpy(at + (w * height + h) * size, copy.data() + (h * width + w) * size,
                            static_cast<std::size_t>(size));
    }
    return true;
}

}  // namespace utils
}  // namespace LATHE_TRT_NAMESPACE
}  // namespace nvinfer1
