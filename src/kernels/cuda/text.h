// SPDX-License-Identifier: Apache-2.0
// Small helpers of the wrappers.
#pragma once

#include <initializer_list>
#include <numeric>
#include <span>

#include "kernels/cuda/launch.h"
#include "kernels/cuda/params.h"

namespace lathe::cuda {

// params.h and prelude.cu, then `middle`, then the named files.
inline std::string composeText(std::string_view middle, std::initializer_list<std::string_view> files) {
    std::string text(kernelText("params.h"));
    text += kernelText("prelude.cu");
    text += middle;
    for (std::string_view f : files) text += kernelText(f);
    return text;
}

inline std::string defineType(const char* name, DType t) { return fmt::format("{}={}", name, typeName(t)); }

inline bool isPlainFloat(DType t) { return t == DType::kFloat || t == DType::kHalf || t == DType::kBf16; }

// The largest power of two up to `most` that divides every number (zeros don't count).
inline int commonVector(int most, std::initializer_list<int64_t> numbers) {
    int v = most;
    for (int64_t n : numbers)
        while (v > 1 && n % v != 0) v /= 2;
    return v;
}

// A one-dimensional launch of blocks of `threads`; kUnsupported when there would be too many.
inline Status setGrid(Launch& launch, int64_t items, uint32_t threads, const char* what) {
    int64_t blocks = ceilDiv(items, threads);
    if (blocks > INT32_MAX) return unsupported("{}: {} elements are too many for one launch", what, items);
    launch.grid[0] = static_cast<uint32_t>(blocks);
    launch.block[0] = threads;
    return {};
}

// Strides of a dense array, innermost last.
inline std::vector<int64_t> denseStrides(std::span<const int64_t> dims) {
    std::vector<int64_t> s(dims.size());
    int64_t step = 1;
    for (size_t d = dims.size(); d-- > 0; step *= dims[d]) s[d] = step;
    return s;
}

// Fails on a negative dimension, more than kMaxDims of them, or overflow.
inline Result<int64_t> elementCount(std::span<const int64_t> dims, const char* what) {
    if (dims.size() > static_cast<size_t>(kMaxDims))
        return unsupported("{}: {} dimensions, at most {}", what, dims.size(), kMaxDims);
    int64_t n = 1;
    for (int64_t d : dims)
        if (d < 0 || __builtin_mul_overflow(n, d, &n))
            return invalidArgument("{}: dimension {}, or the element count overflows", what, d);
    return n;
}

}  // namespace lathe::cuda
