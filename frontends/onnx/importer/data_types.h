// SPDX-License-Identifier: Apache-2.0
// Between ONNX's element types and the API's.
#pragma once

#include <optional>

#include "NvInfer.h"
#include "frontends/onnx/model/data_type.h"

namespace lathe::onnx {

// The API's type of the same elements; nothing where it has none.
std::optional<nvinfer1::DataType> toApi(DataType type);

// As toApi, but DOUBLE is computed as float: a network has no double. Inputs and outputs are never of this kind.
std::optional<nvinfer1::DataType> toComputed(DataType type);

bool isFloat(nvinfer1::DataType type);    // float, half or bfloat16
bool isInteger(nvinfer1::DataType type);  // of 8 bits and more

}  // namespace lathe::onnx
