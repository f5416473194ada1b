// SPDX-License-Identifier: Apache-2.0
#include "frontends/common/fields.h"

namespace lathe::frontends {

using nvinfer1::PluginFieldType;

const char* typeName(nvinfer1::DataType type) {
    using nvinfer1::DataType;
    switch (type) {
        case DataType::kFLOAT: return "f32";
        case DataType::kHALF: return "f16";
        case DataType::kINT8: return "i8";
        case DataType::kINT32: return "i32";
        case DataType::kBOOL: return "bool";
        case DataType::kUINT8: return "u8";
        case DataType::kFP8: return "f8e4m3";
        case DataType::kBF16: return "bf16";
        case DataType::kINT64: return "i64";
        case DataType::kINT4: return "i4";
        case DataType::kFP4: return "f4e2m1";
        case DataType::kE8M0: return "e8m0";
    }
    return "?";
}

Fields& Fields::operator()(const char* name, std::string_view text) {
    values_->texts.emplace_back(text);
    fields_.emplace_back(name, values_->texts.back().data(), PluginFieldType::kCHAR, static_cast<int32_t>(text.size()));
    return *this;
}

Fields& Fields::operator()(const char* name, std::vector<int64_t> values) {
    if (values.empty()) return *this;
    values_->ints.push_back(std::move(values));
    fields_.emplace_back(name, values_->ints.back().data(), PluginFieldType::kINT64,
                         static_cast<int32_t>(values_->ints.back().size()));
    return *this;
}

Fields& Fields::operator()(const char* name, std::vector<double> values) {
    if (values.empty()) return *this;
    values_->reals.push_back(std::move(values));
    fields_.emplace_back(name, values_->reals.back().data(), PluginFieldType::kFLOAT64,
                         static_cast<int32_t>(values_->reals.back().size()));
    return *this;
}

}  // namespace lathe::frontends
