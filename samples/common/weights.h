// SPDX-License-Identifier: Apache-2.0
// Files of weights as text (.wts), which some samples share.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "NvInfer.h"

namespace samples {

//! The weights, by name. The numbers must live until the engine is built.
using WeightMap = std::map<std::string, std::vector<float>>;

//! Text: the number of entries, then for each one its name, its type (0: float), how many numbers it has, and these as
//! the hexadecimal digits of their bits. False, with a message, when the file is none of the kind.
inline bool readWeights(const std::string& path, WeightMap& weights) {
    std::ifstream file(path);
    size_t entries = 0;
    file >> entries;
    for (size_t i = 0; i < entries && file; ++i) {
        std::string name;
        int type = -1;
        size_t count = 0;
        file >> name >> std::dec >> type >> count;
        if (type != 0 || count > (1u << 24)) file.setstate(std::ios::failbit);
        for (size_t k = 0; k < count && file; ++k) {
            uint32_t bits = 0;
            file >> std::hex >> bits;
            float value;
            static_assert(sizeof value == sizeof bits);
            std::memcpy(&value, &bits, sizeof value);
            weights[name].push_back(value);
        }
    }
    if (file && !weights.empty()) return true;
    std::fprintf(stderr, "%s is missing or no file of weights\n", path.c_str());
    return false;
}

inline nvinfer1::Weights view(const WeightMap& weights, const std::string& name) {
    const std::vector<float>& v = weights.at(name);
    return {nvinfer1::DataType::kFLOAT, v.data(), static_cast<int64_t>(v.size())};
}

}  // namespace samples
