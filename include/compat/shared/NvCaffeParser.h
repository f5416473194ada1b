// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "NvInfer.h"

//! The parser of Caffe networks; docs/caffe.md tells what it reads. In a network with an implicit batch, the first
//! dimension of the prototxt's inputs is that batch, whatever extent it has.
namespace nvcaffeparser1 {
inline namespace LATHE_TRT_NAMESPACE {

//! The tensors that a parse made, by the names of Caffe's blobs. Lives as long as the parser and the network.
class IBlobNameToTensor {
  public:
    virtual nvinfer1::ITensor* find(char const* name) const TRTNOEXCEPT = 0;

  protected:
    virtual ~IBlobNameToTensor() {}
};

#if LATHE_TRT >= 8
using BlobDims = nvinfer1::Dims4;
#else
using BlobDims = nvinfer1::DimsNCHW;
#endif

//! A blob of numbers read from a file.
class IBinaryProtoBlob {
  public:
    virtual void const* getData() TRTNOEXCEPT = 0;
    virtual BlobDims getDimensions() TRTNOEXCEPT = 0;
    virtual nvinfer1::DataType getDataType() TRTNOEXCEPT = 0;
    virtual void destroy() TRTNOEXCEPT = 0;
    virtual ~IBinaryProtoBlob() {}
};

#if LATHE_TRT < 8
//! Makes an IPlugin for each layer that isPlugin() claims.
class IPluginFactory {
  public:
    virtual bool isPlugin(char const* layerName) TRTNOEXCEPT = 0;
    virtual nvinfer1::IPlugin* createPlugin(char const* layerName, nvinfer1::Weights const* weights,
                                            int32_t nbWeights) TRTNOEXCEPT = 0;
    virtual ~IPluginFactory() {}
};

//! Makes an IPluginExt for each layer that isPluginExt() claims.
class IPluginFactoryExt : public IPluginFactory {
  public:
    virtual int32_t getVersion() const TRTNOEXCEPT { return NV_TENSORRT_VERSION; }
    virtual bool isPluginExt(char const* layerName) TRTNOEXCEPT = 0;
};
#endif

//! Makes an IPluginV2 for each layer that isPluginV2() claims.
class IPluginFactoryV2 {
  public:
    virtual bool isPluginV2(char const* layerName) TRTNOEXCEPT = 0;
    virtual nvinfer1::IPluginV2* createPlugin(char const* layerName, nvinfer1::Weights const* weights,
                                              int32_t nbWeights, char const* libNamespace = "") TRTNOEXCEPT = 0;
    virtual ~IPluginFactoryV2() {}
};

//! See include/NvCaffeParser.h.
class ICaffeParser {
  public:
    virtual IBlobNameToTensor const* parse(char const* deploy, char const* model, nvinfer1::INetworkDefinition& network,
                                           nvinfer1::DataType weightType) TRTNOEXCEPT = 0;
#if LATHE_TRT >= 8
    virtual IBlobNameToTensor const* parseBuffers(uint8_t const* deployBuffer, std::size_t deployLength,
                                                  uint8_t const* modelBuffer, std::size_t modelLength,
                                                  nvinfer1::INetworkDefinition& network,
                                                  nvinfer1::DataType weightType) TRTNOEXCEPT = 0;
#else
    virtual IBlobNameToTensor const* parseBuffers(char const* deployBuffer, std::size_t deployLength,
                                                  char const* modelBuffer, std::size_t modelLength,
                                                  nvinfer1::INetworkDefinition& network,
                                                  nvinfer1::DataType weightType) TRTNOEXCEPT = 0;
    virtual void setPluginFactory(IPluginFactory* factory) TRTNOEXCEPT = 0;
    virtual void setPluginFactoryExt(IPluginFactoryExt* factory) TRTNOEXCEPT = 0;
#endif
    virtual IBinaryProtoBlob* parseBinaryProto(char const* fileName) TRTNOEXCEPT = 0;
    virtual void setProtobufBufferSize(size_t size) TRTNOEXCEPT = 0;
    virtual void destroy() TRTNOEXCEPT = 0;
    virtual void setPluginFactoryV2(IPluginFactoryV2* factory) TRTNOEXCEPT = 0;
    virtual void setPluginNamespace(char const* libNamespace) TRTNOEXCEPT = 0;
    virtual ~ICaffeParser() {}
    virtual void setErrorRecorder(nvinfer1::IErrorRecorder* recorder) TRTNOEXCEPT = 0;
    virtual nvinfer1::IErrorRecorder* getErrorRecorder() const TRTNOEXCEPT = 0;
};

//! Makes a parser. nullptr when there is no memory.
TENSORRTAPI ICaffeParser* createCaffeParser() TRTNOEXCEPT;

//! Does nothing here.
TENSORRTAPI void shutdownProtobufLibrary() TRTNOEXCEPT;

}  // namespace LATHE_TRT_NAMESPACE
}  // namespace nvcaffeparser1

#ifndef LATHE_COMPAT_LIBRARY
extern "C" TENSORRTAPI void* createNvCaffeParser_INTERNAL() TRTNOEXCEPT LATHE_TRT_ENTRY(createNvCaffeParser_INTERNAL);
#endif
