// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "NvCaffeParser.h"
#include "frontends/caffe/importer/session.h"

namespace lathe::caffe {

// The tensors of one import by the names of their blobs.
class BlobNames final : public nvcaffeparser1::IBlobNameToTensor {
  public:
    nvinfer1::ITensor* find(char const* name) const noexcept override;
    std::unordered_map<std::string, nvinfer1::ITensor*> tensors;
};

class BinaryBlob final : public nvcaffeparser1::IBinaryProtoBlob {
  public:
    void const* getData() noexcept override { return values.data(); }
    nvinfer1::Dims4 getDimensions() noexcept override { return dims; }
    nvinfer1::DataType getDataType() noexcept override { return nvinfer1::DataType::kFLOAT; }
    void destroy() noexcept override { delete this; }
    std::vector<float> values;
    nvinfer1::Dims4 dims;
};

class CaffeParser final : public nvcaffeparser1::ICaffeParser {
  public:
    ~CaffeParser() noexcept override;
    nvcaffeparser1::IBlobNameToTensor const* parse(char const* deploy, char const* model,
                                                   nvinfer1::INetworkDefinition& network,
                                                   nvinfer1::DataType weightType) noexcept override;
    nvcaffeparser1::IBlobNameToTensor const* parseBuffers(uint8_t const* deploy, std::size_t deployLength,
                                                          uint8_t const* model, std::size_t modelLength,
                                                          nvinfer1::INetworkDefinition& network,
                                                          nvinfer1::DataType weightType) noexcept override;
    nvcaffeparser1::IBinaryProtoBlob* parseBinaryProto(char const* fileName) noexcept override;
    void setProtobufBufferSize(size_t size) noexcept override { limit_ = size; }
    void destroy() noexcept override { delete this; }
    void setPluginFactoryV2(nvcaffeparser1::IPluginFactoryV2* factory) noexcept override { plugins_ = factory; }
    void setPluginNamespace(char const* libNamespace) noexcept override;
    void setErrorRecorder(nvinfer1::IErrorRecorder* recorder) noexcept override;
    nvinfer1::IErrorRecorder* getErrorRecorder() const noexcept override { return recorder_; }

    // See lathe::setFreeBatch().
    void setFreeBatch(bool free) noexcept { freeBatch_ = free; }

  private:
    // A file, or a caller's buffer, and how messages call it.
    struct Source {
        std::string name;
        Blob bytes;
    };
    // Runs the body of a call; a failure, or an exception such as std::bad_alloc, is reported and gives null.
    template <class T, class F>
    T* guarded(const char* where, nvinfer1::ILogger* logger, F&& body) noexcept;
    void report(const char* where, nvinfer1::ILogger* logger, const Status& status) noexcept;
    // `model` is null where weights are to be made up.
    Result<BlobNames*> import(const Source& deploy, const Source* model, nvinfer1::INetworkDefinition& network,
                              nvinfer1::DataType weightType);

    Storage storage_;
    std::deque<BlobNames> results_;
    std::string namespace_;
    nvcaffeparser1::IPluginFactoryV2* plugins_ = nullptr;
    nvinfer1::IErrorRecorder* recorder_ = nullptr;
    size_t limit_ = static_cast<size_t>(-1);
    bool freeBatch_ = false;
};

}  // namespace lathe::caffe
