// SPDX-License-Identifier: Apache-2.0
// The formats that inputs and outputs of an engine can have: nvinfer1::TensorFormat, by its numbers, which plans keep.
#pragma once

#include <string>

#include "plan/plan.h"

namespace lathe::plan {

// A bit of a plan's required features: some input or output is not row-major.
inline constexpr uint32_t kIoFormats = 1;

inline constexpr int64_t kIoFormatCount = 13;
// "kHWC8"; of a format that exists.
std::string_view formatName(int64_t format);
// Whether a tensor can have the format, or why not.
Status checkFormat(int64_t format, DType type, const ir::Shape& shape);
// The same of an input or output; shape tensors are row-major.
Status checkFormat(const IoTensor& t);
// REQUIRES: checkFormat(). Where tactics have a layout that is the same, it is that: they work on the caller's buffer.
tactics::Layout layoutOf(int64_t format, DType type, const ir::Shape& shape, bool isInput);
// The one of the formats (bit i: format i) that the tensor gets: row-major where it may be, else one that tactics work
// in, else the first that is possible.
Result<int64_t> chooseFormat(uint32_t allowed, const IoTensor& t);

// What the API tells of it.
struct FormatFacts {
    int vectorAxis = -1;  // the axis whose elements come in vectors of `width`; -1: none
    int width = 1;
};
FormatFacts factsOf(const IoTensor& t);
std::string describeFormat(const IoTensor& t);
// Strides of a tensor's axes; in vectors, where the layout pads channels to a multiple.
ir::Dims stridesOf(tactics::Layout layout, const ir::Dims& dims);
// Bytes of a buffer, its padding included; and its strides.
int64_t bufferBytes(const IoTensor& t, const ir::Dims& dims);
ir::Dims bufferStrides(const IoTensor& t, const ir::Dims& dims);

}  // namespace lathe::plan
