// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "NvInferPluginBase.h"

// Deprecated names are still declared, so these headers must not warn about their own use of them.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace nvinfer1 {

enum class TensorFormat : int32_t;

namespace v_1_0 {
class IGpuAllocator;
}

using IGpuAllocator = v_1_0::IGpuAllocator;

//! The older name of TensorFormat.
using PluginFormat = TensorFormat;

//! Set in PluginVersion and PluginCreatorVersion for plugins written in Python.
static constexpr int32_t kPLUGIN_VERSION_PYTHON_BIT = 0x40;

//! What a plugin must know of a tensor to read or write its memory.
struct PluginTensorDesc {
    //! Shape.
    Dims dims;

    //! Type of the elements.
    DataType type;

    //! Layout in memory.
    TensorFormat format;

    //! Scale of a kINT8 tensor, -1 where there is none.
    float scale;
};

//! Kind of a V2 plugin: the top byte of getTensorRTVersion(). Deprecated (10.10), with those plugins.
enum class PluginVersion : uint8_t {
    //! IPluginV2
    kV2 TRT_DEPRECATED_ENUM = 0,
    //! IPluginV2Ext
    kV2_EXT TRT_DEPRECATED_ENUM = 1,
    //! IPluginV2IOExt
    kV2_IOEXT TRT_DEPRECATED_ENUM = 2,
    //! IPluginV2DynamicExt
    kV2_DYNAMICEXT TRT_DEPRECATED_ENUM = 3,
    //! IPluginV2DynamicExt written in Python.
    kV2_DYNAMICEXT_PYTHON TRT_DEPRECATED_ENUM = kPLUGIN_VERSION_PYTHON_BIT | 3,
};

//! Kind of a V1 creator. Deprecated (10.10), with those creators.
enum class PluginCreatorVersion : int32_t {
    kV1 TRT_DEPRECATED_ENUM = 0,                                  //!< IPluginCreator
    kV1_PYTHON TRT_DEPRECATED_ENUM = kPLUGIN_VERSION_PYTHON_BIT,  //!< IPluginCreator written in Python.
};

//! A layer that an application implements, of the oldest kind. Deprecated (8.5): implement IPluginV3.
//!
//! Life of a plugin: it is added to a network, which clones it; configured; initialized; enqueued; terminated;
//! destroyed. Type, version and namespace must equal those of its creator, as the plan finds the creator by them;
//! each is at most 1024 bytes long with its terminator. Shapes of this interface lack the batch dimension.
class TRT_DEPRECATED IPluginV2 {
  public:
    //! Kind of the plugin (PluginVersion) in the top byte, version of the headers that it was built with below. The
    //! kinds implement it; applications leave it.
    virtual int32_t getTensorRTVersion() const noexcept { return NV_TENSORRT_VERSION; }

    //! Name of the plugin type.
    virtual AsciiChar const* getPluginType() const noexcept = 0;

    //! Version of the plugin type.
    virtual AsciiChar const* getPluginVersion() const noexcept = 0;

    //! Number of outputs, at least 1.
    virtual int32_t getNbOutputs() const noexcept = 0;

    //! Shape of output `index` for these input shapes; rank -1 when the index is out of range.
    virtual Dims getOutputDimensions(int32_t index, Dims const* inputs, int32_t nbInputDims) noexcept = 0;

    //! Whether the plugin can work with the type and format. Vectorized formats other than kCHW2 and kHWC8 are not
    //! asked for.
    virtual bool supportsFormat(DataType type, PluginFormat format) const noexcept = 0;

    //! Tells shapes, type and format that were chosen, before initialize().
    virtual void configureWithFormat(Dims const* inputDims, int32_t nbInputs, Dims const* outputDims, int32_t nbOutputs,
                                     DataType type, PluginFormat format, int32_t maxBatchSize) noexcept = 0;

    //! Prepares for execution, when the engine is made. 0 means success.
    virtual int32_t initialize() noexcept = 0;

    //! Undoes initialize(), when the engine is deleted.
    virtual void terminate() noexcept = 0;

    //! Bytes of scratch memory that enqueue() needs for batches up to `maxBatchSize`.
    virtual size_t getWorkspaceSize(int32_t maxBatchSize) const noexcept = 0;

    //! Puts the work on `stream` and returns; 0 means success.
    virtual int32_t enqueue(int32_t batchSize, void const* const* inputs, void* const* outputs, void* workspace,
                            cudaStream_t stream) noexcept = 0;

    //! Number of bytes that serialize() writes.
    virtual size_t getSerializationSize() const noexcept = 0;

    //! Writes what the creator needs to make this plugin again.
    virtual void serialize(void* buffer) const noexcept = 0;

    //! Deletes the plugin, when network, builder or engine no longer need it.
    virtual void destroy() noexcept = 0;

    //! A copy with the same attributes, initialized if this one is; nullptr on failure.
    virtual IPluginV2* clone() const noexcept = 0;

    //! Namespace of the plugin; copied.
    virtual void setPluginNamespace(AsciiChar const* pluginNamespace) noexcept = 0;

    //! The namespace, an empty string by default.
    virtual AsciiChar const* getPluginNamespace() const noexcept = 0;
    IPluginV2() = default;
    virtual ~IPluginV2() noexcept = default;

  protected:
    IPluginV2(IPluginV2 const&) = default;
    IPluginV2(IPluginV2&&) = default;
    IPluginV2& operator=(IPluginV2 const&) & = default;
    IPluginV2& operator=(IPluginV2&&) & = default;
};

//! IPluginV2 whose outputs may differ in type, and which is told of its execution context. Deprecated (8.5):
//! implement IPluginV3.
class TRT_DEPRECATED IPluginV2Ext : public IPluginV2 {
  public:
    //! Type of output `index` for these input types.
    virtual DataType getOutputDataType(int32_t index, DataType const* inputTypes, int32_t nbInputs) const noexcept = 0;

    //! Deprecated (10.0): batches are explicit. Whether an output is the same for the whole batch.
    TRT_DEPRECATED virtual bool isOutputBroadcastAcrossBatch(int32_t outputIndex, bool const* inputIsBroadcasted,
                                                             int32_t nbInputs) const noexcept = 0;

    //! Deprecated (10.0): batches are explicit. Whether an input may be given once for the whole batch.
    TRT_DEPRECATED virtual bool canBroadcastInputAcrossBatch(int32_t inputIndex) const noexcept = 0;

    //! Tells shapes, types and format that were chosen, before initialize().
    virtual void configurePlugin(Dims const* inputDims, int32_t nbInputs, Dims const* outputDims, int32_t nbOutputs,
                                 DataType const* inputTypes, DataType const* outputTypes, bool const* inputIsBroadcast,
                                 bool const* outputIsBroadcast, PluginFormat floatFormat,
                                 int32_t maxBatchSize) noexcept = 0;
    IPluginV2Ext() = default;
    ~IPluginV2Ext() override = default;

    //! Called when an execution context takes the plugin, or gets its resources. Handles are null unless their tactic
    //! source is on.
    virtual void attachToContext(cudnnContext* /*cudnn*/, cublasContext* /*cublas*/,
                                 IGpuAllocator* /*allocator*/) noexcept {}

    //! Called when the execution context is deleted or loses its resources.
    virtual void detachFromContext() noexcept {}

    //! A copy with the same attributes and configuration, initialized if this one is; nullptr on failure.
    IPluginV2Ext* clone() const noexcept override = 0;

  protected:
    IPluginV2Ext(IPluginV2Ext const&) = default;
    IPluginV2Ext(IPluginV2Ext&&) = default;
    IPluginV2Ext& operator=(IPluginV2Ext const&) & = default;
    IPluginV2Ext& operator=(IPluginV2Ext&&) & = default;
    int32_t getTensorRTVersion() const noexcept override {
        return static_cast<int32_t>((static_cast<uint32_t>(PluginVersion::kV2_EXT) << 24U) |
                                    (static_cast<uint32_t>(NV_TENSORRT_VERSION) & 0xFFFFFFU));
    }
    void configureWithFormat(Dims const*, int32_t, Dims const*, int32_t, DataType, PluginFormat,
                             int32_t) noexcept override {}
};

//! IPluginV2Ext that chooses types and formats for each input and output. Deprecated (10.0): implement IPluginV3.
class TRT_DEPRECATED IPluginV2IOExt : public IPluginV2Ext {
  public:
    //! Tells shape, type and format of each input and output, before initialize().
    virtual void configurePlugin(PluginTensorDesc const* in, int32_t nbInput, PluginTensorDesc const* out,
                                 int32_t nbOutput) noexcept = 0;

    //! Whether type and format of `inOut[pos]` fit, given those of `inOut[0]` to `inOut[pos - 1]`, which the plugin
    //! has accepted before. Inputs come first, then outputs; entries after `pos` must not be read.
    virtual bool supportsFormatCombination(int32_t pos, PluginTensorDesc const* inOut, int32_t nbInputs,
                                           int32_t nbOutputs) const noexcept = 0;
    IPluginV2IOExt() = default;
    ~IPluginV2IOExt() override = default;

  protected:
    IPluginV2IOExt(IPluginV2IOExt const&) = default;
    IPluginV2IOExt(IPluginV2IOExt&&) = default;
    IPluginV2IOExt& operator=(IPluginV2IOExt const&) & = default;
    IPluginV2IOExt& operator=(IPluginV2IOExt&&) & = default;
    int32_t getTensorRTVersion() const noexcept override {
        return static_cast<int32_t>((static_cast<uint32_t>(PluginVersion::kV2_IOEXT) << 24U) |
                                    (static_cast<uint32_t>(NV_TENSORRT_VERSION) & 0xFFFFFFU));
    }

  private:
    void configurePlugin(Dims const*, int32_t, Dims const*, int32_t, DataType const*, DataType const*, bool const*,
                         bool const*, PluginFormat, int32_t) noexcept final {}
    bool supportsFormat(DataType, PluginFormat) const noexcept final { return false; }
};

namespace v_1_0 {

//! Makes V2 plugins. Deprecated (10.0): implement IPluginCreatorV3One. Strings are at most 1024 bytes long with their
//! terminator.
class TRT_DEPRECATED IPluginCreator : public IPluginCreatorInterface {
  public:
    //! Name of the plugin type.
    virtual AsciiChar const* getPluginName() const noexcept = 0;

    //! Version of the plugin type.
    virtual AsciiChar const* getPluginVersion() const noexcept = 0;

    //! The fields that createPlugin() takes.
    virtual PluginFieldCollection const* getFieldNames() noexcept = 0;

    //! A new plugin with the given attributes, for a layer called `name`; nullptr on error. The caller destroys it.
    virtual IPluginV2* createPlugin(AsciiChar const* name, PluginFieldCollection const* fc) noexcept = 0;

    //! A plugin from what IPluginV2::serialize() wrote; nullptr on error.
    virtual IPluginV2* deserializePlugin(AsciiChar const* name, void const* serialData,
                                         size_t serialLength) noexcept = 0;

    //! Namespace of the creator; copied. Called at registration.
    virtual void setPluginNamespace(AsciiChar const* pluginNamespace) noexcept = 0;

    //! Namespace of the creator.
    virtual AsciiChar const* getPluginNamespace() const noexcept = 0;
    IPluginCreator() = default;
    ~IPluginCreator() override = default;

  protected:
    IPluginCreator(IPluginCreator const&) = default;
    IPluginCreator(IPluginCreator&&) = default;
    IPluginCreator& operator=(IPluginCreator const&) & = default;
    IPluginCreator& operator=(IPluginCreator&&) & = default;

  public:
    //! Identifies the interface: kind "PLUGIN CREATOR_V1", version 1.0.
    InterfaceInfo getInterfaceInfo() const noexcept override { return InterfaceInfo{"PLUGIN CREATOR_V1", 1, 0}; }
};

}  // namespace v_1_0

using IPluginCreator = v_1_0::IPluginCreator;

}  // namespace nvinfer1

#pragma GCC diagnostic pop
