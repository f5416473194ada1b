// SPDX-License-Identifier: Apache-2.0
// Attributes for lathe::addOp: `Fields()("axis", 1)("kind", "relu")`.
#pragma once

#include <concepts>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "NvInfer.h"

namespace lathe::frontends {

// The name that addOp knows an element type by, "f32".
const char* typeName(nvinfer1::DataType type);

class Fields {
  public:
    Fields& operator()(const char* name, std::integral auto value) {
        if constexpr (std::same_as<decltype(value), bool>) return (*this)(name, value ? "true" : "false");
        return (*this)(name, std::vector<int64_t>{static_cast<int64_t>(value)});
    }
    Fields& operator()(const char* name, std::floating_point auto value) {
        return (*this)(name, std::vector<double>{static_cast<double>(value)});
    }
    Fields& operator()(const char* name, nvinfer1::DataType type) { return (*this)(name, typeName(type)); }
    Fields& operator()(const char* name, const char* text) { return (*this)(name, std::string_view(text)); }
    Fields& operator()(const char* name, const std::string& text) { return (*this)(name, std::string_view(text)); }
    Fields& operator()(const char* name, std::string_view text);
    // Empty lists are left out: they are every list's default.
    Fields& operator()(const char* name, std::vector<int64_t> values);
    Fields& operator()(const char* name, std::vector<double> values);

    // Valid as long as this object or a copy of it is, and unchanged.
    nvinfer1::PluginFieldCollection view() const { return {static_cast<int32_t>(fields_.size()), fields_.data()}; }

  private:
    // What the fields point to. Copies share it, as their fields point there, too.
    struct Values {
        std::deque<std::vector<int64_t>> ints;
        std::deque<std::vector<double>> reals;
        std::deque<std::string> texts;
    };
    std::vector<nvinfer1::PluginField> fields_;
    std::shared_ptr<Values> values_ = std::make_shared<Values>();
};

}  // namespace lathe::frontends
