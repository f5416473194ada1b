// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "NvInfer.h"

#define UFF_REQUIRED_VERSION_MAJOR 0
#define UFF_REQUIRED_VERSION_MINOR 6
#if LATHE_TRT >= 7
#define UFF_REQUIRED_VERSION_PATCH 9
#else
#define UFF_REQUIRED_VERSION_PATCH 5
#endif

//! UFF was a format of TensorFlow networks whose description was never published. Programs compile and link against
//! this parser; its parse functions fail and say so.
namespace nvuffparser {
inline namespace LATHE_TRT_NAMESPACE {

enum class UffInputOrder : int32_t {
    kNCHW = 0,
    kNHWC = 1,
    kNC = 2,
};

enum class FieldType : int32_t {
    kFLOAT = 0,
    kINT32 = 1,
    kCHAR = 2,
    kDIMS = 4,
    kDATATYPE = 5,
    kUNKNOWN = 6,
};

//! One attribute of a plugin node.
class TENSORRTAPI FieldMap {
  public:
    char const* name{};
    void const* data{};
    FieldType type{FieldType::kUNKNOWN};
    int32_t length{1};
    FieldMap(char const* name, void const* data, FieldType const type, int32_t length = 1) TRTNOEXCEPT;
    FieldMap() = default;
};

//! Attributes of a plugin node.
struct FieldCollection {
    int32_t nbFields;
    FieldMap const* fields;
};

#if LATHE_TRT < 8
class IPluginFactory {
  public:
    virtual bool isPlugin(char const* layerName) TRTNOEXCEPT = 0;
    virtual nvinfer1::IPlugin* createPlugin(char const* layerName, nvinfer1::Weights const* weights, int32_t nbWeights,
                                            FieldCollection const fc) TRTNOEXCEPT = 0;
    virtual ~IPluginFactory() {}
};

class IPluginFactoryExt : public IPluginFactory {
  public:
    virtual int32_t getVersion() const TRTNOEXCEPT { return NV_TENSORRT_VERSION; }
    virtual bool isPluginExt(char const* layerName) TRTNOEXCEPT = 0;
};
#endif

class IUffParser {
  public:
    virtual bool registerInput(char const* inputName, nvinfer1::Dims inputDims,
                               UffInputOrder inputOrder) TRTNOEXCEPT = 0;
    virtual bool registerOutput(char const* outputName) TRTNOEXCEPT = 0;
    virtual bool parse(char const* file, nvinfer1::INetworkDefinition& network,
                       nvinfer1::DataType weightsType = nvinfer1::DataType::kFLOAT) TRTNOEXCEPT = 0;
    virtual bool parseBuffer(char const* buffer, std::size_t size, nvinfer1::INetworkDefinition& network,
                             nvinfer1::DataType weightsType = nvinfer1::DataType::kFLOAT) TRTNOEXCEPT = 0;
    virtual void destroy() TRTNOEXCEPT = 0;
    virtual int32_t getUffRequiredVersionMajor() TRTNOEXCEPT = 0;
    virtual int32_t getUffRequiredVersionMinor() TRTNOEXCEPT = 0;
    virtual int32_t getUffRequiredVersionPatch() TRTNOEXCEPT = 0;
#if LATHE_TRT < 8
    virtual void setPluginFactory(IPluginFactory* factory) TRTNOEXCEPT = 0;
    virtual void setPluginFactoryExt(IPluginFactoryExt* factory) TRTNOEXCEPT = 0;
#endif
    virtual void setPluginNamespace(char const* libNamespace) TRTNOEXCEPT = 0;
    virtual ~IUffParser() {}
    virtual void setErrorRecorder(nvinfer1::IErrorRecorder* recorder) TRTNOEXCEPT = 0;
    virtual nvinfer1::IErrorRecorder* getErrorRecorder() const TRTNOEXCEPT = 0;
};

TENSORRTAPI IUffParser* createUffParser() TRTNOEXCEPT;
TENSORRTAPI void shutdownProtobufLibrary(void) TRTNOEXCEPT;

}  // namespace LATHE_TRT_NAMESPACE
}  // namespace nvuffparser

#ifndef LATHE_COMPAT_LIBRARY
extern "C" TENSORRTAPI void* createNvUffParser_INTERNAL() TRTNOEXCEPT LATHE_TRT_ENTRY(createNvUffParser_INTERNAL);
#endif
