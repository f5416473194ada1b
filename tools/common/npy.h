// SPDX-License-Identifier: Apache-2.0
// numpy's .npy files (format versions 1 to 3), as far as tensors need them: C order, little-endian.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "NvInfer.h"

namespace lathe::tool {

struct Array {
    nvinfer1::DataType type = nvinfer1::DataType::kFLOAT;
    nvinfer1::Dims dims{};
    std::vector<char> bytes;
};
// Errors: Failure naming the file.
Array readNpy(const std::string& path);
Array parseNpy(const std::vector<char>& file, const std::string& path);
void writeNpy(const std::string& path, const Array& array);
// The arrays of a .npz file by name. Compressed ones are refused.
std::map<std::string, Array> readNpz(const std::string& path);

}  // namespace lathe::tool
