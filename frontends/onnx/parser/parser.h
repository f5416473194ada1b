// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "NvOnnxParser.h"
#include "frontends/onnx/importer/session.h"
#include "frontends/onnx/parser/parser_error.h"

namespace lathe::onnx {

class OnnxParser final : public nvonnxparser::IParser {
  public:
    OnnxParser(nvinfer1::INetworkDefinition& network, nvinfer1::ILogger& logger) : network_(network), logger_(logger) {}

    bool parse(void const* bytes, size_t size, const char* path) noexcept override;
    bool parseFromFile(const char* path, int verbosity) noexcept override;
    bool supportsModel(void const* bytes, size_t size, SubGraphCollection_t& parts, const char* path) noexcept override;
    bool parseWithWeightDescriptors(void const* bytes, size_t size) noexcept override;
    bool supportsOperator(const char* name) const noexcept override;
    int getNbErrors() const noexcept override { return static_cast<int>(errors_.size()); }
    nvonnxparser::IParserError const* getError(int index) const noexcept override;
    void clearErrors() noexcept override { errors_.clear(); }
    char const* const* getUsedVCPluginLibraries(int64_t& count) const noexcept override;
    void setFlags(nvonnxparser::OnnxParserFlags flags) noexcept override { flags_ = flags; }
    nvonnxparser::OnnxParserFlags getFlags() const noexcept override { return flags_; }
    void clearFlag(nvonnxparser::OnnxParserFlag flag) noexcept override { flags_ &= ~bit(flag); }
    void setFlag(nvonnxparser::OnnxParserFlag flag) noexcept override { flags_ |= bit(flag); }
    bool getFlag(nvonnxparser::OnnxParserFlag flag) const noexcept override { return (flags_ & bit(flag)) != 0; }
    nvinfer1::ITensor const* getLayerOutputTensor(char const* name, int64_t i) noexcept override;
    bool supportsModelV2(void const* bytes, size_t size, char const* path) noexcept override;
    int64_t getNbSubgraphs() noexcept override { return static_cast<int64_t>(parts_.size()); }
    bool isSubgraphSupported(int64_t const index) noexcept override;
    int64_t* getSubgraphNodes(int64_t const index, int64_t& length) noexcept override;
    bool loadModelProto(void const* bytes, size_t size, char const* path) noexcept override;
    bool loadInitializer(char const* name, void const* data, size_t size) noexcept override;
    bool parseModelProto() noexcept override;
    bool setBuilderConfig(const nvinfer1::IBuilderConfig* const config) noexcept override;

  private:
    struct Part {
        std::vector<int64_t> nodes;
        bool supported;
    };
    static constexpr uint32_t bit(nvonnxparser::OnnxParserFlag flag) { return 1u << static_cast<int>(flag); }
    // Runs the body of a call; a failure, or an exception such as std::bad_alloc, becomes an error and gives false.
    template <class F>
    bool guarded(const char* where, F&& body) noexcept;
    void addError(ImportError error, const char* where);
    void failed(const char* where, nvonnxparser::ErrorCode code, const std::string& text);
    bool importAll(std::unique_ptr<Model> model, const char* where);
    // Reads without importing; null after an error.
    std::unique_ptr<Model> read(Blob file, const char* path, bool defer, const char* where);

    nvinfer1::INetworkDefinition& network_;
    nvinfer1::ILogger& logger_;
    nvonnxparser::OnnxParserFlags flags_ = 1u << static_cast<int>(nvonnxparser::OnnxParserFlag::kNATIVE_INSTANCENORM);
    Storage storage_;
    std::deque<ParserError> errors_;
    std::vector<Part> parts_;
    std::unordered_map<std::string, std::vector<nvinfer1::ITensor*>> nodeOutputs_;
    std::unique_ptr<Model> loaded_;
    std::vector<std::string> pluginLibraries_;
    std::vector<char const*> pluginLibraryNames_;
};

}  // namespace lathe::onnx
