// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "NvOnnxParser.h"
#include "frontends/onnx/importer/session.h"

namespace lathe::onnx {

class ParserError final : public nvonnxparser::IParserError {
  public:
    explicit ParserError(ImportError error) : error_(std::move(error)) {
        for (const std::string& name : error_.functionStack) stack_.push_back(name.c_str());
    }
    ParserError(const ParserError&) = delete;
    ParserError& operator=(const ParserError&) = delete;
    virtual ~ParserError() = default;

    nvonnxparser::ErrorCode code() const override { return error_.code; }
    char const* desc() const override { return error_.description.c_str(); }
    char const* file() const override { return error_.file.c_str(); }
    int line() const override { return error_.line; }
    char const* func() const override { return error_.function.c_str(); }
    int node() const override { return error_.node; }
    char const* nodeName() const override { return error_.nodeName.c_str(); }
    char const* nodeOperator() const override { return error_.nodeOperator.c_str(); }
    char const* const* localFunctionStack() const override { return stack_.empty() ? nullptr : stack_.data(); }
    int32_t localFunctionStackSize() const override { return static_cast<int32_t>(stack_.size()); }

  private:
    ImportError error_;
    std::vector<char const*> stack_;
};

}  // namespace lathe::onnx
