// SPDX-License-Identifier: Apache-2.0
// Shapes and elements, in text and in bytes.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "NvInfer.h"

namespace lathe::tool {

// "1x3x224x224"; "" is a scalar. Errors: Failure about `option`.
nvinfer1::Dims parseDims(const std::string& text, const char* option = "--shapes");
std::string toString(const nvinfer1::Dims& dims);
int64_t volume(const nvinfer1::Dims& dims);
bool isDynamic(const nvinfer1::Dims& dims);

// "input:1x3x224x224" by input; names may hold colons.
using Shapes = std::map<std::string, nvinfer1::Dims>;
Shapes parseShapes(const std::vector<std::string>& list, const char* option);

// Of whole tensors, so that types of four bits round up. Negative for unknown extents.
int64_t bytesOf(nvinfer1::DataType type, const nvinfer1::Dims& dims);
// Bytes of an element; 0 for types of less than a byte.
int elementBytes(nvinfer1::DataType type);
const char* nameOf(nvinfer1::DataType type);

// Seeded numbers that suit any network: around zero for floats; for integers 0 or 1, which are valid indices almost
// everywhere.
void fillRandom(nvinfer1::DataType type, void* data, size_t bytes, uint32_t seed);
// Elements as numbers (types of four and eight bits of floating point: their bits).
std::vector<double> toNumbers(nvinfer1::DataType type, const void* data, int64_t count);

}  // namespace lathe::tool
