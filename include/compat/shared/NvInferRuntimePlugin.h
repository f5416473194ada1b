// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "NvInferRuntimeBase.h"

namespace nvinfer1 {
inline namespace LATHE_TRT_NAMESPACE {

enum class PluginVersion : uint8_t {
    kV2 = 0,
    kV2_EXT = 1,
    kV2_IOEXT = 2,
    kV2_DYNAMICEXT = 3,
};
template <>
struct impl::EnumMaxImpl<PluginVersion> : impl::EnumCount<4> {};

enum class PluginFieldType : int32_t {
    kFLOAT16 = 0,
    kFLOAT32 = 1,
    kFLOAT64 = 2,
    kINT8 = 3,
    kINT16 = 4,
    kINT32 = 5,
    kCHAR = 6,
    kDIMS = 7,
    kUNKNOWN = 8,
};
template <>
struct impl::EnumMaxImpl<PluginFieldType> : impl::EnumCount<9> {};

using PluginFormat = TensorFormat;

#if LATHE_TRT >= 8
#define LATHE_OUTPUTS void* const*
#define LATHE_PLUGIN_DTOR(Class)         \
  public:                                \
    Class() = default;                   \
    virtual ~Class() noexcept = default; \
                                         \
  protected:                             \
    Class(Class const&) = default;       \
    Class& operator=(Class const&)& = default
#else
#define LATHE_OUTPUTS void**
#define LATHE_PLUGIN_DTOR(Class) \
  protected:                     \
    virtual ~Class() {}
#endif

//! A tensor as a plugin sees it.
struct PluginTensorDesc {
    Dims dims;
    DataType type;
    TensorFormat format;
    float scale;
};

//! A plugin with one type and format for all tensors. Shapes do not count the batch.
class IPluginV2 {
  public:
    virtual int32_t getTensorRTVersion() const TRTNOEXCEPT { return NV_TENSORRT_VERSION; }
    virtual AsciiChar const* getPluginType() const TRTNOEXCEPT = 0;
    virtual AsciiChar const* getPluginVersion() const TRTNOEXCEPT = 0;
    virtual int32_t getNbOutputs() const TRTNOEXCEPT = 0;
    virtual Dims getOutputDimensions(int32_t index, Dims const* inputs, int32_t nbInputDims) TRTNOEXCEPT = 0;
    virtual bool supportsFormat(DataType type, PluginFormat format) const TRTNOEXCEPT = 0;
    virtual void configureWithFormat(Dims const* inputDims, int32_t nbInputs, Dims const* outputDims, int32_t nbOutputs,
                                     DataType type, PluginFormat format, int32_t maxBatchSize) TRTNOEXCEPT = 0;
    virtual int32_t initialize() TRTNOEXCEPT = 0;
    virtual void terminate() TRTNOEXCEPT = 0;
    virtual size_t getWorkspaceSize(int32_t maxBatchSize) const TRTNOEXCEPT = 0;
    virtual int32_t enqueue(int32_t batchSize, void const* const* inputs, LATHE_OUTPUTS outputs, void* workspace,
                            cudaStream_t stream) TRTNOEXCEPT = 0;
    virtual size_t getSerializationSize() const TRTNOEXCEPT = 0;
    virtual void serialize(void* buffer) const TRTNOEXCEPT = 0;
    virtual void destroy() TRTNOEXCEPT = 0;
    virtual IPluginV2* clone() const TRTNOEXCEPT = 0;
    virtual void setPluginNamespace(AsciiChar const* pluginNamespace) TRTNOEXCEPT = 0;
    virtual AsciiChar const* getPluginNamespace() const TRTNOEXCEPT = 0;
    LATHE_PLUGIN_DTOR(IPluginV2);
};

//! A plugin that tells its outputs' types.
class IPluginV2Ext : public IPluginV2 {
  public:
    virtual DataType getOutputDataType(int32_t index, DataType const* inputTypes,
                                       int32_t nbInputs) const TRTNOEXCEPT = 0;
    virtual bool isOutputBroadcastAcrossBatch(int32_t outputIndex, bool const* inputIsBroadcasted,
                                              int32_t nbInputs) const TRTNOEXCEPT = 0;
    virtual bool canBroadcastInputAcrossBatch(int32_t inputIndex) const TRTNOEXCEPT = 0;
    virtual void configurePlugin(Dims const* inputDims, int32_t nbInputs, Dims const* outputDims, int32_t nbOutputs,
                                 DataType const* inputTypes, DataType const* outputTypes, bool const* inputIsBroadcast,
                                 bool const* outputIsBroadcast, PluginFormat floatFormat,
                                 int32_t maxBatchSize) TRTNOEXCEPT = 0;
    virtual void attachToContext(cudnnContext* /*cudnn*/, cublasContext* /*cublas*/,
                                 IGpuAllocator* /*allocator*/) TRTNOEXCEPT {}
    virtual void detachFromContext() TRTNOEXCEPT {}
    IPluginV2Ext* clone() const TRTNOEXCEPT override = 0;
    LATHE_PLUGIN_DTOR(IPluginV2Ext);

  protected:
    int32_t getTensorRTVersion() const TRTNOEXCEPT override {
        return (static_cast<int32_t>(PluginVersion::kV2_EXT) << 24) | (NV_TENSORRT_VERSION & 0xFFFFFF);
    }
    void configureWithFormat(Dims const*, int32_t, Dims const*, int32_t, DataType, PluginFormat,
                             int32_t) TRTNOEXCEPT override {}
};

//! A plugin that chooses type and format of each input and output.
class IPluginV2IOExt : public IPluginV2Ext {
  public:
    virtual void configurePlugin(PluginTensorDesc const* in, int32_t nbInput, PluginTensorDesc const* out,
                                 int32_t nbOutput) TRTNOEXCEPT = 0;
    virtual bool supportsFormatCombination(int32_t pos, PluginTensorDesc const* inOut, int32_t nbInputs,
                                           int32_t nbOutputs) const TRTNOEXCEPT = 0;
    LATHE_PLUGIN_DTOR(IPluginV2IOExt);

  protected:
    int32_t getTensorRTVersion() const TRTNOEXCEPT override {
        return (static_cast<int32_t>(PluginVersion::kV2_IOEXT) << 24) | (NV_TENSORRT_VERSION & 0xFFFFFF);
    }
    void configureWithFormat(Dims const*, int32_t, Dims const*, int32_t, DataType, PluginFormat,
                             int32_t) TRTNOEXCEPT override final {}
    void configurePlugin(Dims const*, int32_t, Dims const*, int32_t, DataType const*, DataType const*, bool const*,
                         bool const*, PluginFormat, int32_t) TRTNOEXCEPT override final {}
    bool supportsFormat(DataType, PluginFormat) const TRTNOEXCEPT override final { return false; }
};

//! One attribute of a plugin.
class PluginField {
  public:
    AsciiChar const* name;
    void const* data;
    PluginFieldType type;
    int32_t length;
    PluginField(AsciiChar const* name_ = nullptr, void const* data_ = nullptr,
                PluginFieldType type_ = PluginFieldType::kUNKNOWN, int32_t length_ = 0) noexcept
        : name(name_), data(data_), type(type_), length(length_) {}
};

//! Attributes of a plugin.
struct PluginFieldCollection {
    int32_t nbFields;
    PluginField const* fields;
};

//! Makes plugins of one type.
class IPluginCreator {
  public:
    virtual int32_t getTensorRTVersion() const TRTNOEXCEPT { return NV_TENSORRT_VERSION; }
    virtual AsciiChar const* getPluginName() const TRTNOEXCEPT = 0;
    virtual AsciiChar const* getPluginVersion() const TRTNOEXCEPT = 0;
    virtual PluginFieldCollection const* getFieldNames() TRTNOEXCEPT = 0;
    virtual IPluginV2* createPlugin(AsciiChar const* name, PluginFieldCollection const* fc) TRTNOEXCEPT = 0;
    virtual IPluginV2* deserializePlugin(AsciiChar const* name, void const* serialData,
                                         size_t serialLength) TRTNOEXCEPT = 0;
    virtual void setPluginNamespace(AsciiChar const* pluginNamespace) TRTNOEXCEPT = 0;
    virtual AsciiChar const* getPluginNamespace() const TRTNOEXCEPT = 0;
    virtual ~IPluginCreator() {}
};

}  // namespace LATHE_TRT_NAMESPACE
}  // namespace nvinfer1
