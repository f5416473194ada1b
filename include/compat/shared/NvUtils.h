// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "NvInfer.h"

namespace nvinfer1 {
inline namespace LATHE_TRT_NAMESPACE {
//! Help with weights of other frameworks.
namespace utils {

//! Transposes weights: `data`, as large as the input, takes them with the axes shapeOrder[0], shapeOrder[1], … of
//! `shape`.
TENSORRTAPI bool reshapeWeights(Weights const& input, int32_t const* shape, int32_t const* shapeOrder, void* data,
                                int32_t nbDims) TRTNOEXCEPT;

//! Takes a buffer of `num` parts of `size` bytes; part i becomes what was part order[i].
TENSORRTAPI bool reorderSubBuffers(void* input, int32_t const* order, int32_t num, int32_t size) TRTNOEXCEPT;

//! Transposes each of `num` matrices [height, width].
TENSORRTAPI bool transposeSubBuffers(void* input, DataType type, int32_t num, int32_t height,
                                     int32_t width) TRTNOEXCEPT;

}  // namespace utils
}  // namespace LATHE_TRT_NAMESPACE
}  // namespace nvinfer1
