// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>
#include <vector>
#include "NvInfer.h"

#undef NV_ONNX_PARSER_MAJOR
#undef NV_ONNX_PARSER_MINOR
#undef NV_ONNX_PARSER_PATCH
#undef NV_ONNX_PARSER_VERSION
#define NV_ONNX_PARSER_MAJOR 0
#define NV_ONNX_PARSER_MINOR 1
#define NV_ONNX_PARSER_PATCH 0
#define NV_ONNX_PARSER_VERSION 100

class onnxTensorDescriptorV1;

//! The parser of ONNX networks; see include/NvOnnxParser.h. The network needs an explicit batch from version 7 on.
//! Inputs and outputs of type int64 become int32, as older versions know no int64.
namespace nvonnxparser {
inline namespace LATHE_TRT_NAMESPACE {

using SubGraph_t = std::pair<std::vector<size_t>, bool>;
using SubGraphCollection_t = std::vector<SubGraph_t>;

enum class ErrorCode : int32_t {
    kSUCCESS = 0,
    kINTERNAL_ERROR = 1,
    kMEM_ALLOC_FAILED = 2,
    kMODEL_DESERIALIZE_FAILED = 3,
    kINVALID_VALUE = 4,
    kINVALID_GRAPH = 5,
    kINVALID_NODE = 6,
    kUNSUPPORTED_GRAPH = 7,
    kUNSUPPORTED_NODE = 8,
};

template <class T>
constexpr int32_t EnumMax();
template <>
constexpr int32_t EnumMax<ErrorCode>() {
    return 9;
}

#if LATHE_TRT >= 8
using OnnxParserFlags = uint32_t;
enum class OnnxParserFlag : int32_t {
    kNATIVE_INSTANCENORM = 0,
};
template <>
constexpr int32_t EnumMax<OnnxParserFlag>() {
    return 1;
}
#endif

//! One error of a parse.
class IParserError {
  public:
    virtual ErrorCode code() const = 0;
    virtual char const* desc() const = 0;
    virtual char const* file() const = 0;
    virtual int line() const = 0;
    virtual char const* func() const = 0;
    virtual int node() const = 0;

  protected:
    virtual ~IParserError() {}
};

//! See include/NvOnnxParser.h.
class IParser {
  public:
    virtual bool parse(void const* serialized_onnx_model, size_t serialized_onnx_model_size,
                       char const* model_path = nullptr) = 0;
    virtual bool parseFromFile(char const* onnxModelFile, int verbosity) = 0;
#if LATHE_TRT >= 7
    virtual bool supportsModel(void const* serialized_onnx_model, size_t serialized_onnx_model_size,
                               SubGraphCollection_t& sub_graph_collection, char const* model_path = nullptr) = 0;
#else
    virtual bool supportsModel(void const* serialized_onnx_model, size_t serialized_onnx_model_size) = 0;
#endif
#if LATHE_TRT >= 8
    virtual bool parseWithWeightDescriptors(void const* serialized_onnx_model, size_t serialized_onnx_model_size) = 0;
    virtual char const* const* getUsedVCPluginLibraries(int64_t& nbPluginLibs) const noexcept = 0;
    virtual void setFlags(OnnxParserFlags onnxParserFlags) noexcept = 0;
    virtual OnnxParserFlags getFlags() const noexcept = 0;
    virtual void clearFlag(OnnxParserFlag onnxParserFlag) noexcept = 0;
    virtual void setFlag(OnnxParserFlag onnxParserFlag) noexcept = 0;
    virtual bool getFlag(OnnxParserFlag onnxParserFlag) const noexcept = 0;
#else
    virtual bool parseWithWeightDescriptors(void const* serialized_onnx_model, size_t serialized_onnx_model_size,
                                            uint32_t weight_count,
                                            onnxTensorDescriptorV1 const* weight_descriptors) = 0;
#endif
#if LATHE_TRT == 7
    virtual int getRefitMap(char const** weightNames, char const** layerNames, nvinfer1::WeightsRole* roles) = 0;
#endif
    virtual bool supportsOperator(char const* op_name) const = 0;
    virtual void destroy() = 0;
    virtual int getNbErrors() const = 0;
    virtual IParserError const* getError(int index) const = 0;
    virtual void clearErrors() = 0;
    virtual ~IParser() {}
};

#if LATHE_TRT < 8
//! For IRuntime::deserializeCudaEngine(). This library's parser makes no IPlugin, so it is never asked for one.
class IPluginFactory : public nvinfer1::IPluginFactory {
  public:
    virtual void destroy() = 0;

  protected:
    virtual ~IPluginFactory() {}
};
#endif

}  // namespace LATHE_TRT_NAMESPACE
}  // namespace nvonnxparser

#ifndef LATHE_COMPAT_LIBRARY
extern "C" TENSORRTAPI void* createNvOnnxParser_INTERNAL(void* network, void* logger, int version)
    LATHE_TRT_ENTRY(createNvOnnxParser_INTERNAL);
#if LATHE_TRT < 8
extern "C" TENSORRTAPI void* createNvOnnxParserPluginFactory_INTERNAL(void* logger, int version)
    LATHE_TRT_ENTRY(createNvOnnxParserPluginFactory_INTERNAL);
#endif
extern "C" TENSORRTAPI int getNvOnnxParserVersion() LATHE_TRT_ENTRY(getNvOnnxParserVersion);

namespace nvonnxparser {
inline namespace LATHE_TRT_NAMESPACE {
namespace {

inline IParser* createParser(nvinfer1::INetworkDefinition& network, nvinfer1::ILogger& logger) {
    return static_cast<IParser*>(createNvOnnxParser_INTERNAL(&network, &logger, NV_ONNX_PARSER_VERSION));
}
#if LATHE_TRT < 8
inline IPluginFactory* createPluginFactory(nvinfer1::ILogger& logger) {
    return static_cast<IPluginFactory*>(createNvOnnxParserPluginFactory_INTERNAL(&logger, NV_ONNX_PARSER_VERSION));
}
#endif

}  // namespace
}  // namespace LATHE_TRT_NAMESPACE
}  // namespace nvonnxparser
#endif
