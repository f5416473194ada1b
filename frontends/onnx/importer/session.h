// SPDX-License-Identifier: Apache-2.0
// What all nodes of one import share: the network, the errors found so far, and the constants' memory.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <set>
#include <source_location>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "NvInfer.h"
#include "NvOnnxParser.h"
#include "base/status.h"
#include "frontends/common/layer_host.h"
#include "frontends/onnx/model/model.h"

namespace lathe::onnx {

// An error with its place in the model; what IParserError tells.
struct ImportError {
    nvonnxparser::ErrorCode code = nvonnxparser::ErrorCode::kINTERNAL_ERROR;
    std::string description;
    std::string file;
    std::string function;
    int line = 0;
    int node = -1;
    std::string nodeName;
    std::string nodeOperator;
    std::vector<std::string> functionStack;
};

nvonnxparser::ErrorCode toErrorCode(Code code);

// Memory that networks refer to: it must outlive the parser's last build. Lives in the parser, across imports.
class Storage {
  public:
    Model& keep(std::unique_ptr<Model> model);
    // A constant that stands in no file.
    const Tensor& keep(Tensor tensor);
    // Fresh memory, aligned for every element type.
    std::byte* allocate(size_t bytes);
    // A tensor's elements as weights of the API: in place where the file has them aligned, else copied or converted.
    // `warning` gets what the user should know about that. REQUIRES: the tensor stays where it is.
    Result<nvinfer1::Weights> weights(const Tensor& tensor, std::string& warning);

  private:
    std::deque<std::unique_ptr<Model>> models_;
    std::deque<std::vector<std::max_align_t>> buffers_;
    std::deque<Tensor> tensors_;
    std::unordered_map<const Tensor*, nvinfer1::Weights> weights_;
};

class Session final : public frontends::LayerHost {
  public:
    Session(nvinfer1::INetworkDefinition& network, nvinfer1::ILogger& logger, Storage& storage,
            nvonnxparser::OnnxParserFlags flags)
        : LayerHost(network, "ONNX"), logger(logger), storage(storage), flags(flags) {}

    nvinfer1::ILogger& logger;
    Storage& storage;
    nvonnxparser::OnnxParserFlags flags;
    std::vector<ImportError> errors;
    // Of the main graph's nodes by index: what became of them.
    enum class Fate : uint8_t { kImported, kFailed, kBlocked };
    std::vector<Fate> fates;
    // If nodes whose branches cannot both be there, since they give different numbers of dimensions: which one is taken
    // (0: then), under the condition that it is the one that runs. See importer/choices.h.
    using Choices = std::unordered_map<const Node*, int>;
    const Choices* choices = nullptr;
    // While such choices are sought: the first node that needs one.
    bool seeking = false;
    const Node* open = nullptr;
    // Outputs of the first node of each name, null where it has none.
    std::unordered_map<std::string, std::vector<nvinfer1::ITensor*>> nodeOutputs;

    std::byte* allocate(size_t bytes) override { return storage.allocate(bytes); }
    bool flag(nvonnxparser::OnnxParserFlag f) const { return (flags >> static_cast<int>(f)) & 1u; }
    void log(nvinfer1::ILogger::Severity severity, const std::string& text) const;
    // Once for each text.
    void warn(const std::string& text);
    void report(ImportError error);

    Result<nvinfer1::Weights> weights(const Tensor& tensor);
    // A constant layer, called as the tensor is. `name` goes to the layer, the tensor and the weights.
    Result<nvinfer1::ITensor*> addConstant(const Tensor& tensor, const std::string& name);

  private:
    std::set<std::string> warned_;
};

using frontends::toDims;
using frontends::toString;

}  // namespace lathe::onnx
