// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>

#include "NvOnnxParser.h"
#include "frontends/onnx/parser/parser_error.h"

namespace lathe::onnx {

class OnnxRefitter final : public nvonnxparser::IParserRefitter {
  public:
    OnnxRefitter(nvinfer1::IRefitter& refitter, nvinfer1::ILogger& logger) : refitter_(refitter), logger_(logger) {}

    bool refitFromBytes(void const* bytes, size_t size, char const* path) noexcept override;
    bool refitFromFile(char const* path) noexcept override;
    int32_t getNbErrors() const noexcept override { return static_cast<int32_t>(errors_.size()); }
    nvonnxparser::IParserError const* getError(int32_t index) const noexcept override;
    void clearErrors() override { errors_.clear(); }
    bool loadModelProto(void const* bytes, size_t size, char const* path) noexcept override;
    bool loadInitializer(char const* name, void const* data, size_t size) noexcept override;
    bool refitModelProto() noexcept override;

  private:
    // Runs the body of a call; a failure, or an exception such as std::bad_alloc, becomes an error and gives false.
    template <class F>
    bool guarded(const char* where, F&& body) noexcept;
    void failed(const char* where, nvonnxparser::ErrorCode code, const std::string& text);
    Status read(Blob file, const char* path, bool defer);
    Status refit();

    nvinfer1::IRefitter& refitter_;
    nvinfer1::ILogger& logger_;
    Storage storage_;
    Model* model_ = nullptr;  // the newest of the storage
    std::deque<ParserError> errors_;
};

}  // namespace lathe::onnx
