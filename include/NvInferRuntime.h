// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "NvInferImpl.h"
#include "NvInferPluginBase.h"
#include "NvInferRuntimeCommon.h"

// Deprecated names are still declared, so these headers must not warn about their own use of them.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace nvinfer1 {

class IExecutionContext;
class ICudaEngine;
class IPluginFactory;
class IEngineInspector;

//! Base of the objects that the library makes: they are used through pointers, never copied, and never derived from
//! by applications. `delete` releases one where its destructor is public; others belong to the object that made them.
class INoCopy {
  protected:
    INoCopy() = default;
    virtual ~INoCopy() = default;
    INoCopy(INoCopy const& other) = delete;
    INoCopy& operator=(INoCopy const& other) = delete;
    INoCopy(INoCopy&& other) = delete;
    INoCopy& operator=(INoCopy&& other) = delete;
};

//! The runtime that an engine is built for, which restricts what the network may contain.
enum class EngineCapability : int32_t {
    //! No restriction; the engine runs through ICudaEngine.
    kSTANDARD = 0,
    //! Only what the safety-certified runtime supports, on the GPU.
    kSAFETY = 1,
    //! Only what a DLA core runs by itself; such an engine can be serialized but not executed here.
    kDLA_STANDALONE = 2,
};

template <>
struct impl::EnumMaxImpl<EngineCapability> : impl::EnumCount<3> {};

//! A view of constant values: the library reads them through the pointer and does not own them.
//!
//! Weights given to a network must stay valid and unchanged until the build has ended, those given to a refitter
//! until the refit has. Weights with a count of 0 and null values are "empty": an absent bias, for example.
class Weights {
  public:
    //! Type of the values.
    DataType type;

    //! First value; the values are contiguous. Sub-byte types are packed.
    void const* values;

    //! Number of values, not bytes.
    int64_t count;
};

//! A block of host memory that the library allocated, such as a plan. The application deletes it.
class IHostMemory : public INoCopy {
  public:
    virtual ~IHostMemory() noexcept = default;

    //! Start of the block, valid as long as the object.
    void* data() const noexcept { return mImpl->data(); }

    //! Size in bytes.
    std::size_t size() const noexcept { return mImpl->size(); }

    //! Type of the elements; kINT8 for raw bytes.
    DataType type() const noexcept { return mImpl->type(); }

  protected:
    apiv::VHostMemory* mImpl;
};

//! Integer operation that combines two dimension expressions.
enum class DimensionOperation : int32_t {
    kSUM = 0,        //!< first + second
    kPROD = 1,       //!< first * second
    kMAX = 2,        //!< The larger one.
    kMIN = 3,        //!< The smaller one.
    kSUB = 4,        //!< first - second
    kEQUAL = 5,      //!< 1 if equal, else 0
    kLESS = 6,       //!< 1 if first < second, else 0
    kFLOOR_DIV = 7,  //!< first / second, rounded down
    kCEIL_DIV = 8,   //!< first / second, rounded up
};

template <>
struct impl::EnumMaxImpl<DimensionOperation> : impl::EnumCount<9> {};

//! Side on which the data of a tensor lies.
enum class TensorLocation : int32_t {
    kDEVICE = 0,  //!< Device memory.
    kHOST = 1,    //!< Host memory.
};

template <>
struct impl::EnumMaxImpl<TensorLocation> : impl::EnumCount<2> {};

//! A dimension as an integer expression over the input dimensions of a plugin. Made by IExprBuilder, which owns it.
class IDimensionExpr : public INoCopy {
  public:
    //! Whether the value is known at build time.
    bool isConstant() const noexcept { return mImpl->isConstant(); }

    //! The value when isConstant(), else the smallest int64_t.
    int64_t getConstantValue() const noexcept { return mImpl->getConstantValue(); }

  protected:
    apiv::VDimensionExpr* mImpl;
    virtual ~IDimensionExpr() noexcept = default;

  public:
    //! Whether it was made by IExprBuilder::declareSizeTensor().
    bool isSizeTensor() const noexcept { return mImpl->isSizeTensor(); }
};

//! Makes the expressions by which a plugin tells the shapes of its outputs. What it makes is valid only during the
//! call of the plugin that received it.
class IExprBuilder : public INoCopy {
  public:
    //! An expression with the given value.
    IDimensionExpr const* constant(int64_t value) noexcept { return mImpl->constant(value); }

    //! `op` applied to two expressions; nullptr when `op` is no DimensionOperation.
    IDimensionExpr const* operation(DimensionOperation op, IDimensionExpr const& first,
                                    IDimensionExpr const& second) noexcept {
        return mImpl->operation(op, first, second);
    }

  protected:
    apiv::VExprBuilder* mImpl;
    virtual ~IExprBuilder() noexcept = default;

  public:
    //! Declares that output `outputIndex`, a scalar of type kINT32, tells at run time a dimension that the input
    //! shapes do not determine, and returns that dimension. `opt` estimates it, for tuning; `upper` bounds it, for
    //! allocation. Neither may depend on another size tensor.
    IDimensionExpr const* declareSizeTensor(int32_t outputIndex, IDimensionExpr const& opt,
                                            IDimensionExpr const& upper) {
        return mImpl->declareSizeTensor(outputIndex, opt, upper);
    }
};

//! A shape whose dimensions are expressions.
class DimsExprs {
  public:
    //! Rank.
    int32_t nbDims;

    //! Dimensions, outermost first.
    IDimensionExpr const* d[Dims::MAX_DIMS];
};

//! What a plugin is told about an input or output whose shape may vary.
struct DynamicPluginTensorDesc {
    //! Type, format and shape, with -1 for dimensions that are not known yet.
    PluginTensorDesc desc;

    //! Smallest shape of the profile.
    Dims min;

    //! Largest shape of the profile.
    Dims max;

    //! Shape of the profile to tune for.
    Dims opt;
};

//! A plugin whose input shapes may vary.
//!
//! Deprecated (10.0): implement IPluginV3. In a weakly typed network getOutputDataType() sees only kFLOAT and kINT32
//! as input types; which types really flow is settled by supportsFormatCombination(). In a strongly typed network it
//! sees the inferred types.
class TRT_DEPRECATED IPluginV2DynamicExt : public IPluginV2Ext {
  public:
    //! A copy with the same attributes; called during the build and for each execution context.
    IPluginV2DynamicExt* clone() const noexcept override = 0;

    //! Shape of output `outputIndex` as expressions over the input dimensions. Called while the network is analysed;
    //! all shape arithmetic goes through `exprBuilder`.
    virtual DimsExprs getOutputDimensions(int32_t outputIndex, DimsExprs const* inputs, int32_t nbInputs,
                                          IExprBuilder& exprBuilder) noexcept = 0;

    //! Number of supported combinations after which no more are asked for.
    static constexpr int32_t kFORMAT_COMBINATION_LIMIT = 100;

    //! Whether type and format of `inOut[pos]` fit, given those of `inOut[0]` to `inOut[pos - 1]`, which the plugin
    //! has accepted before. Inputs come first, then outputs; entries after `pos` must not be read.
    virtual bool supportsFormatCombination(int32_t pos, PluginTensorDesc const* inOut, int32_t nbInputs,
                                           int32_t nbOutputs) noexcept = 0;

    //! Tells the shapes that follow: during the build, once a format combination and profile, with -1 for open
    //! dimensions and the profile's bounds; before execution, whenever profile or shapes change, with the actual
    //! shapes.
    virtual void configurePlugin(DynamicPluginTensorDesc const* in, int32_t nbInputs,
                                 DynamicPluginTensorDesc const* out, int32_t nbOutputs) noexcept = 0;

    //! Bytes of scratch memory that enqueue() needs for these shapes or smaller ones.
    virtual size_t getWorkspaceSize(PluginTensorDesc const* inputs, int32_t nbInputs, PluginTensorDesc const* outputs,
                                    int32_t nbOutputs) const noexcept = 0;

    //! Puts the work on `stream` and returns; 0 means success, anything else fails the execution. `workspace` has the
    //! size that getWorkspaceSize() asked for. Descriptors hold the actual shapes.
    virtual int32_t enqueue(PluginTensorDesc const* inputDesc, PluginTensorDesc const* outputDesc,
                            void const* const* inputs, void* const* outputs, void* workspace,
                            cudaStream_t stream) noexcept = 0;

  protected:
    int32_t getTensorRTVersion() const noexcept override {
        return (static_cast<int32_t>(PluginVersion::kV2_DYNAMICEXT) << 24 | (NV_TENSORRT_VERSION & 0xFFFFFF));
    }
    virtual ~IPluginV2DynamicExt() noexcept {}

  private:
    void configurePlugin(Dims const*, int32_t, Dims const*, int32_t, DataType const*, DataType const*, bool const*,
                         bool const*, PluginFormat, int32_t) noexcept final {}
    bool supportsFormat(DataType, PluginFormat) const noexcept final { return false; }
    Dims getOutputDimensions(int32_t, Dims const*, int32_t) noexcept final { return Dims{-1, {}}; }
    TRT_DEPRECATED bool isOutputBroadcastAcrossBatch(int32_t, bool const*, int32_t) const noexcept final {
        return false;
    }
    TRT_DEPRECATED bool canBroadcastInputAcrossBatch(int32_t) const noexcept final { return true; }
    size_t getWorkspaceSize(int32_t) const noexcept final { return 0; }
    int32_t enqueue(int32_t, void const* const*, void* const*, void*, cudaStream_t) noexcept final { return 1; }
};

namespace v_1_0 {

//! Application's source of plan bytes, read front to back.
//!
//! The runtime neither keeps nor destroys it. Its use is deprecated (10.7) in favour of IStreamReaderV2.
class IStreamReader : public IVersionedInterface {
  public:
    ~IStreamReader() override = default;
    IStreamReader() = default;

    //! Identifies the interface: kind "IStreamReader", version 1.0.
    InterfaceInfo getInterfaceInfo() const noexcept override { return InterfaceInfo{"IStreamReader", 1, 0}; }

    //! Copies the next `nbBytes` bytes to host memory at `destination`. Returns the number of bytes copied; a
    //! negative value is an error, less than asked for the end of the data.
    virtual int64_t read(void* destination, int64_t nbBytes) = 0;

  protected:
    IStreamReader(IStreamReader const&) = default;
    IStreamReader(IStreamReader&&) = default;
    IStreamReader& operator=(IStreamReader const&) & = default;
    IStreamReader& operator=(IStreamReader&&) & = default;
};

//! Application's sink for plan bytes. The builder neither keeps nor destroys it.
class IStreamWriter : public IVersionedInterface {
  public:
    ~IStreamWriter() override = default;
    IStreamWriter() = default;

    //! Identifies the interface: kind "IStreamWriter", version 1.0.
    InterfaceInfo getInterfaceInfo() const noexcept final { return InterfaceInfo{"IStreamWriter", 1, 0}; }

    //! Takes `nbBytes` bytes. Returns the number of bytes taken; a negative value or less than `nbBytes` ends the
    //! build in failure.
    virtual int64_t write(void const* data, int64_t nbBytes) = 0;

  protected:
    IStreamWriter(IStreamWriter const&) = default;
    IStreamWriter(IStreamWriter&&) = default;
    IStreamWriter& operator=(IStreamWriter const&) & = default;
    IStreamWriter& operator=(IStreamWriter&&) & = default;
};

}  // namespace v_1_0

using IStreamReader = v_1_0::IStreamReader;
using IStreamWriter = v_1_0::IStreamWriter;

//! What an offset given to IStreamReaderV2::seek() counts from.
enum class SeekPosition : int32_t {
    kSET = 0,  //!< The start.
    kCUR = 1,  //!< The current position.
    kEND = 2,  //!< The end.
};

namespace v_1_0 {

//! Application's source of plan bytes that can seek, and that can write to device memory in stream order (as with
//! GPUDirect Storage).
class IStreamReaderV2 : public IVersionedInterface {
  public:
    ~IStreamReaderV2() override = default;
    IStreamReaderV2() = default;

    //! Identifies the interface: kind "IStreamReaderV2", version 1.0.
    InterfaceInfo getInterfaceInfo() const noexcept override { return InterfaceInfo{"IStreamReaderV2", 1, 0}; }

    //! Copies the next `nbBytes` bytes to `destination`, which may be host or device memory (ask
    //! cudaPointerGetAttributes), at the latest when the work now on `stream` is done. Returns the number of bytes; 0
    //! at the end of the data, negative on error.
    virtual int64_t read(void* destination, int64_t nbBytes, cudaStream_t stream) noexcept = 0;

    //! Moves the position to `offset` bytes from `where`. Returns whether it could.
    virtual bool seek(int64_t offset, SeekPosition where) noexcept = 0;

  protected:
    IStreamReaderV2(IStreamReaderV2 const&) = default;
    IStreamReaderV2(IStreamReaderV2&&) = default;
    IStreamReaderV2& operator=(IStreamReaderV2 const&) & = default;
    IStreamReaderV2& operator=(IStreamReaderV2&&) & = default;
};

}  // namespace v_1_0

using IStreamReaderV2 = v_1_0::IStreamReaderV2;

//! What an execution context offers to the V3 plugins in it; given to IPluginV3OneRuntime::attachToContext().
class IPluginResourceContext {
  public:
    //! Allocator that the context uses. Plugins may allocate from it.
    virtual IGpuAllocator* getGpuAllocator() const noexcept = 0;

    //! Recorder of the context, or nullptr.
    virtual IErrorRecorder* getErrorRecorder() const noexcept = 0;
    virtual ~IPluginResourceContext() noexcept = default;

  protected:
    IPluginResourceContext() = default;
    IPluginResourceContext(IPluginResourceContext const&) = default;
    IPluginResourceContext(IPluginResourceContext&&) = default;
    IPluginResourceContext& operator=(IPluginResourceContext const&) & = default;
    IPluginResourceContext& operator=(IPluginResourceContext&&) & = default;
};

namespace v_1_0 {

//! Identity of a V3 plugin. The three strings must equal those of its creator, as the plan finds the creator by them.
//! Each is at most 1024 bytes long with its terminator.
class IPluginV3OneCore : public IPluginCapability {
  public:
    //! Identifies the interface: kind "PLUGIN_V3ONE_CORE", version 1.0.
    InterfaceInfo getInterfaceInfo() const noexcept override { return InterfaceInfo{"PLUGIN_V3ONE_CORE", 1, 0}; }

    //! Name of the plugin type.
    virtual AsciiChar const* getPluginName() const noexcept = 0;

    //! Version of the plugin type.
    virtual AsciiChar const* getPluginVersion() const noexcept = 0;

    //! Namespace that the creator is registered in.
    virtual AsciiChar const* getPluginNamespace() const noexcept = 0;
};

//! What a V3 plugin tells the builder: types, shapes, formats, tactics. Methods with a body are optional.
class IPluginV3OneBuild : public IPluginCapability {
  public:
    //! What getFormatCombinationLimit() returns by default.
    static constexpr int32_t kDEFAULT_FORMAT_COMBINATION_LIMIT = 100;

    //! Identifies the interface: kind "PLUGIN_V3ONE_BUILD", version 1.0.
    InterfaceInfo getInterfaceInfo() const noexcept override { return InterfaceInfo{"PLUGIN_V3ONE_BUILD", 1, 0}; }

    //! Tells the format combination and the profile's shapes that are about to be tried; dimensions that vary are -1
    //! in `desc.dims`. May be called many times. 0 means success, anything else fails the build.
    virtual int32_t configurePlugin(DynamicPluginTensorDesc const* in, int32_t nbInputs,
                                    DynamicPluginTensorDesc const* out, int32_t nbOutputs) noexcept = 0;

    //! Fills in the types of the outputs for these input types. Size tensors must be kINT32; kBOOL and kUINT8 are not
    //! allowed. 0 means success.
    virtual int32_t getOutputDataTypes(DataType* outputTypes, int32_t nbOutputs, const DataType* inputTypes,
                                       int32_t nbInputs) const noexcept = 0;

    //! Fills in the shapes of the outputs as expressions. `shapeInputs` holds the values of the shape-tensor inputs,
    //! flattened, in place of dimensions. Size tensors must be of rank 0. 0 means success.
    virtual int32_t getOutputShapes(DimsExprs const* inputs, int32_t nbInputs, DimsExprs const* shapeInputs,
                                    int32_t nbShapeInputs, DimsExprs* outputs, int32_t nbOutputs,
                                    IExprBuilder& exprBuilder) noexcept = 0;

    //! Whether type and format of `inOut[pos]` fit, given those of the entries before it, which the plugin has
    //! accepted. Inputs come first, then outputs; entries after `pos` must not be read.
    virtual bool supportsFormatCombination(int32_t pos, DynamicPluginTensorDesc const* inOut, int32_t nbInputs,
                                           int32_t nbOutputs) noexcept = 0;

    //! Number of outputs, at least 1.
    virtual int32_t getNbOutputs() const noexcept = 0;

    //! Bytes of scratch memory that enqueue() needs for shapes up to the given ones. Default 0.
    virtual size_t getWorkspaceSize(DynamicPluginTensorDesc const* /*inputs*/, int32_t /*nbInputs*/,
                                    DynamicPluginTensorDesc const* /*outputs*/, int32_t /*nbOutputs*/) const noexcept {
        return 0;
    }

    //! Fills in the tactics that apply to the combination given to the last configurePlugin(): positive and distinct.
    //! Each is timed. Default: none, and the plugin is timed as it is.
    virtual int32_t getValidTactics(int32_t* /*tactics*/, int32_t /*nbTactics*/) noexcept { return 0; }

    //! Number of tactics that getValidTactics() will write. Default 0.
    virtual int32_t getNbTactics() noexcept { return 0; }

    //! Suffix that makes timings of differently constructed plugins distinct in the timing cache; shapes and formats
    //! are already part of the key. nullptr (the default) keeps the plugin's timings out of the cache.
    virtual char const* getTimingCacheID() noexcept { return nullptr; }

    //! Number of format combinations that are timed at most. Default 100.
    virtual int32_t getFormatCombinationLimit() noexcept { return kDEFAULT_FORMAT_COMBINATION_LIMIT; }

    //! A description of the plugin's attributes for engine inspectors, or nullptr.
    virtual char const* getMetadataString() noexcept { return nullptr; }
};

//! What a V3 plugin does at run time. Methods with a body are optional.
class IPluginV3OneRuntime : public IPluginCapability {
  public:
    //! Identifies the interface: kind "PLUGIN_V3ONE_RUNTIME", version 1.0.
    InterfaceInfo getInterfaceInfo() const noexcept override { return InterfaceInfo{"PLUGIN_V3ONE_RUNTIME", 1, 0}; }

    //! Chooses the tactic for the calls of enqueue() that follow; 0 where the plugin advertised none. 0 means
    //! success.
    virtual int32_t setTactic(int32_t /*tactic*/) noexcept { return 0; }

    //! Tells the actual shapes before enqueue() sees them. Runs on the host and must not enqueue work. 0 means
    //! success.
    virtual int32_t onShapeChange(PluginTensorDesc const* in, int32_t nbInputs, PluginTensorDesc const* out,
                                  int32_t nbOutputs) noexcept = 0;

    //! Puts the work on `stream` and returns; 0 means success. `workspace` has the size that the build facet asked
    //! for.
    virtual int32_t enqueue(PluginTensorDesc const* inputDesc, PluginTensorDesc const* outputDesc,
                            void const* const* inputs, void* const* outputs, void* workspace,
                            cudaStream_t stream) noexcept = 0;

    //! A clone of the plugin for one execution context, which may keep what `context` offers. Called once for each
    //! execution context; nullptr is an error.
    virtual IPluginV3* attachToContext(IPluginResourceContext* context) noexcept = 0;

    //! The fields from which the creator can make this plugin again when the plan is loaded. Must stay valid until
    //! the next call or the plugin's end.
    virtual PluginFieldCollection const* getFieldsToSerialize() noexcept = 0;
};

}  // namespace v_1_0

namespace v_2_0 {

//! IPluginV3OneBuild with aliased outputs.
class IPluginV3OneBuild : public v_1_0::IPluginV3OneBuild {
  public:
    //! Identifies the interface: kind "PLUGIN_V3ONE_BUILD", version 2.0.
    InterfaceInfo getInterfaceInfo() const noexcept override { return InterfaceInfo{"PLUGIN_V3ONE_BUILD", 2, 0}; }

    //! Index of the input whose memory output `outputIndex` shares, so that the plugin updates it in place, or -1
    //! (the default). An input can be shared by one output only. Takes effect with
    //! PreviewFeature::kALIASED_PLUGIN_IO_10_03; the builder copies an input that others still read.
    virtual int32_t getAliasedInput(int32_t /*outputIndex*/) noexcept { return -1; }
};

}  // namespace v_2_0

using IPluginV3OneCore = v_1_0::IPluginV3OneCore;
using IPluginV3OneBuild = v_1_0::IPluginV3OneBuild;
using IPluginV3OneRuntime = v_1_0::IPluginV3OneRuntime;

//! Build facet with aliased outputs.
using IPluginV3OneBuildV2 = v_2_0::IPluginV3OneBuild;

namespace v_1_0 {

//! Receives layer times from an execution context. Measuring slows execution down.
class IProfiler {
  public:
    //! Called once a layer and inference. `layerName` is the layer's name, or its index in decimal when the engine
    //! was built with ProfilingVerbosity::kNONE; `ms` is the time in milliseconds.
    virtual void reportLayerTime(char const* layerName, float ms) noexcept = 0;
    virtual ~IProfiler() noexcept {}
};

}  // namespace v_1_0

using IProfiler = v_1_0::IProfiler;

//! What weights are to their layer, for refitting by layer name.
enum class WeightsRole : int32_t {
    kKERNEL = 0,    //!< Kernel of a convolution or deconvolution.
    kBIAS = 1,      //!< Bias of a convolution or deconvolution.
    kSHIFT = 2,     //!< Shift of a scale layer.
    kSCALE = 3,     //!< Scale of a scale layer.
    kCONSTANT = 4,  //!< Values of a constant layer.
    kANY = 5,       //!< Any other role.
};

template <>
struct impl::EnumMaxImpl<WeightsRole> : impl::EnumCount<6> {};

//! Kind of device that runs a layer.
enum class DeviceType : int32_t {
    kGPU = 0,  //!< The GPU, or whatever the engine's main target is.
    kDLA = 1,  //!< A DLA core.
};

template <>
struct impl::EnumMaxImpl<DeviceType> : impl::EnumCount<2> {};

//! How a runtime may store code that it has to load as a file.
enum class TempfileControlFlag : int32_t {
    kALLOW_IN_MEMORY_FILES = 0,  //!< Files without a name, in memory.
    kALLOW_TEMPORARY_FILES = 1,  //!< Named files in the temporary directory.
};

template <>
struct impl::EnumMaxImpl<TempfileControlFlag> : impl::EnumCount<2> {};

//! Bit set: 1U << TempfileControlFlag.
using TempfileControlFlags = uint32_t;

//! Layout of a tensor in memory.
//!
//! A format names a vector dimension, most often the third from last (C of NCHW), and a number V of components a
//! vector. "Vector-major" formats split that dimension into ceil(C / V) and V and move the V innermost:
//! [N][C/V][H][W][V]. "Vector-minor" formats move it innermost and pad it to a multiple of V: [N][H][W][C].
enum class TensorFormat : int32_t {
    kLINEAR = 0,      //!< Row-major without padding. For every type.
    kCHW2 = 1,        //!< Vector-major, V = 2, third-last dimension. kHALF and kBF16, rank 3 at least.
    kHWC8 = 2,        //!< Vector-minor, V = 8, third-last dimension. kHALF and kBF16, rank 3 at least.
    kCHW4 = 3,        //!< Vector-major, V = 4, third-last dimension, which must be constant. kINT8, rank 3 at least.
    kCHW16 = 4,       //!< Vector-major, V = 16, third-last dimension. kHALF on DLA.
    kCHW32 = 5,       //!< Vector-major, V = 32, third-last dimension. kINT8, kHALF and kFLOAT, rank 3 at least.
    kDHWC8 = 6,       //!< Vector-minor, V = 8, fourth-last dimension. kHALF and kBF16, rank 4 at least.
    kCDHW32 = 7,      //!< Vector-major, V = 32, fourth-last dimension. kINT8 and kHALF, rank 4 at least.
    kHWC = 8,         //!< Third-last dimension innermost, no padding. kFLOAT and kUINT8, rank 3 at least.
    kDLA_LINEAR = 9,  //!< Row-major with rows padded to 64 bytes. DLA only.
    kDLA_HWC4 = 10,   //!< Channels innermost (1, 3 or 4, three padded to four), rows padded to 64 bytes. DLA only.
    kHWC16 = 11,      //!< Vector-minor, V = 16, third-last dimension. kHALF, kINT8 and kFP8, rank 3 at least.
    kDHWC = 12,       //!< Fourth-last dimension innermost, no padding. kFLOAT, rank 4 at least.
};

template <>
struct impl::EnumMaxImpl<TensorFormat> : impl::EnumCount<13> {};

//! Property of a requested allocation.
enum class AllocatorFlag : int32_t {
    kRESIZABLE = 0,  //!< reallocate() may be called for it.
};

template <>
struct impl::EnumMaxImpl<AllocatorFlag> : impl::EnumCount<1> {};

//! Bit set: 1U << AllocatorFlag.
using AllocatorFlags = uint32_t;

//! Receives the library's messages.
//!
//! The logger given to a builder, runtime, refitter or parser serves everything made from it and must outlive all of
//! that. Calls come from any thread, without a lock of the library held; an implementation must lock for itself.
class ILogger {
  public:
    //! Importance of a message, most important first.
    enum class Severity : int32_t {
        kINTERNAL_ERROR = 0,  //!< A defect of the library; execution cannot go on.
        kERROR = 1,           //!< The operation failed.
        kWARNING = 2,         //!< Something is wrong, but a way around was found.
        kINFO = 3,            //!< What the library is doing.
        kVERBOSE = 4,         //!< Details for debugging.
    };

    //! Takes one message. `msg` is valid during the call only.
    virtual void log(Severity severity, AsciiChar const* msg) noexcept = 0;
    ILogger() = default;
    virtual ~ILogger() = default;

  protected:
    ILogger(ILogger const&) = default;
    ILogger(ILogger&&) = default;
    ILogger& operator=(ILogger const&) & = default;
    ILogger& operator=(ILogger&&) & = default;
};

template <>
struct impl::EnumMaxImpl<ILogger::Severity> : impl::EnumCount<5> {};

namespace v_1_0 {

//! Application's allocator of device memory.
//!
//! Must be safe to call from several threads and outlive its users. An allocator that works in stream order is better
//! derived from IGpuAsyncAllocator, which needs two overrides instead of four.
class IGpuAllocator : public IVersionedInterface {
  public:
    //! Allocates `size` bytes, or returns nullptr. The address must be a multiple of `alignment`, a power of two that
    //! cudaMalloc meets too, or 0 for any. nullptr for a size of 0. `flags` is 0 for now. Deprecated (10.0): the
    //! library calls allocateAsync().
    TRT_DEPRECATED virtual void* allocate(uint64_t const size, uint64_t const alignment,
                                          AllocatorFlags const flags) noexcept = 0;
    ~IGpuAllocator() override = default;
    IGpuAllocator() = default;

    //! Grows an allocation to `newSize` bytes, content kept; returns its new address, or nullptr when it cannot (the
    //! default), the old one then staying valid. `alignment` is that of the first request.
    virtual void* reallocate(void* const /*baseAddr*/, uint64_t /*alignment*/, uint64_t /*newSize*/) noexcept {
        return nullptr;
    }

    //! Frees an allocation of this allocator; nullptr is allowed. Returns whether it could. Deprecated (10.0): the
    //! library calls deallocateAsync().
    TRT_DEPRECATED virtual bool deallocate(void* const memory) noexcept = 0;

    //! allocate() in the order of `stream`: the memory may be used by work put on the stream from now on. Calls
    //! allocate() by default.
    virtual void* allocateAsync(uint64_t const size, uint64_t const alignment, AllocatorFlags const flags,
                                cudaStream_t /*stream*/) noexcept {
        return allocate(size, alignment, flags);
    }

    //! deallocate() in the order of `stream`: the memory must not be reused before the work now on the stream is
    //! done. Calls deallocate() by default.
    virtual bool deallocateAsync(void* const memory, cudaStream_t /*stream*/) noexcept { return deallocate(memory); }

    //! Identifies the interface: kind "IGpuAllocator", version 1.0.
    InterfaceInfo getInterfaceInfo() const noexcept override { return {"IGpuAllocator", 1, 0}; }

  protected:
    IGpuAllocator(IGpuAllocator const&) = default;
    IGpuAllocator(IGpuAllocator&&) = default;
    IGpuAllocator& operator=(IGpuAllocator const&) & = default;
    IGpuAllocator& operator=(IGpuAllocator&&) & = default;
};

}  // namespace v_1_0

using IGpuAllocator = v_1_0::IGpuAllocator;

//! Loads plans. Made by createInferRuntime().
//!
//! It must outlive the engines that it made. Engines inherit its error recorder and allocator.
class IRuntime : public INoCopy {
  public:
    virtual ~IRuntime() noexcept = default;

    //! DLA core that engines run on, 0 to getNbDLACores() - 1; ignored where there is none. Default -1.
    void setDLACore(int32_t dlaCore) noexcept { mImpl->setDLACore(dlaCore); }

    //! Chosen DLA core, or -1.
    int32_t getDLACore() const noexcept { return mImpl->getDLACore(); }

    //! Number of DLA cores that are present.
    int32_t getNbDLACores() const noexcept { return mImpl->getNbDLACores(); }

    //! Allocator for the device memory of this runtime and its engines; nullptr restores the library's own.
    void setGpuAllocator(IGpuAllocator* allocator) noexcept { mImpl->setGpuAllocator(allocator); }

    //! Recorder for this object and those made from it later; nullptr removes it. Counts its references. Without one,
    //! errors go to the logger only.
    void setErrorRecorder(IErrorRecorder* recorder) noexcept { mImpl->setErrorRecorder(recorder); }

    //! The recorder, or nullptr.
    IErrorRecorder* getErrorRecorder() const noexcept { return mImpl->getErrorRecorder(); }

    //! Makes an engine of the `size` bytes of a plan. Returns nullptr, with the reason logged, when they are not a
    //! plan that can run here. The bytes are not needed afterwards. The application deletes the engine.
    ICudaEngine* deserializeCudaEngine(void const* blob, std::size_t size) noexcept {
        return mImpl->deserializeCudaEngine(blob, size);
    }

    //! The same, from a stream. Deprecated (10.7): pass an IStreamReaderV2.
    TRT_DEPRECATED ICudaEngine* deserializeCudaEngine(IStreamReader& streamReader) {
        return mImpl->deserializeCudaEngine(streamReader);
    }

    //! The same, from a stream that can seek and write to device memory; it saves host memory for large weights.
    ICudaEngine* deserializeCudaEngine(IStreamReaderV2& streamReader) {
        return mImpl->deserializeCudaEngineV2(streamReader);
    }

    //! The logger that the runtime was made with.
    ILogger* getLogger() const noexcept { return mImpl->getLogger(); }

    //! Threads that the runtime may use, the calling one included. Default 1. Returns false, with kINVALID_ARGUMENT,
    //! when less than 1.
    bool setMaxThreads(int32_t maxThreads) noexcept { return mImpl->setMaxThreads(maxThreads); }

    //! Number of threads that may be used.
    int32_t getMaxThreads() const noexcept { return mImpl->getMaxThreads(); }

    //! Directory for temporary files, at most 4096 bytes with the terminator; nullptr (the default) takes TMPDIR,
    //! then /tmp. It should not be writable by other users.
    void setTemporaryDirectory(char const* path) noexcept { mImpl->setTemporaryDirectory(path); }

    //! The directory that was set, or nullptr.
    char const* getTemporaryDirectory() const noexcept { return mImpl->getTemporaryDirectory(); }

    //! Ways in which code may be stored for loading. Default: all of them.
    void setTempfileControlFlags(TempfileControlFlags flags) noexcept { mImpl->setTempfileControlFlags(flags); }

    //! The allowed ways.
    TempfileControlFlags getTempfileControlFlags() const noexcept { return mImpl->getTempfileControlFlags(); }

    //! Registry local to this runtime. Searches go on in the global one unless that is switched off.
    IPluginRegistry& getPluginRegistry() noexcept { return mImpl->getPluginRegistry(); }

    //! Loads another version of the runtime from the shared library at `path`, to run version-compatible plans of
    //! that version. Returns nullptr when it cannot. The application deletes the result, after the engines made by
    //! it.
    IRuntime* loadRuntime(char const* path) noexcept { return mImpl->loadRuntime(path); }

    //! Whether plans may contain code that runs on the host, such as a lean runtime or plugin libraries. Default
    //! false; allow it only for plans that you trust.
    void setEngineHostCodeAllowed(bool allowed) noexcept { mImpl->setEngineHostCodeAllowed(allowed); }

    //! Whether host code in plans is allowed.
    bool getEngineHostCodeAllowed() const noexcept { return mImpl->getEngineHostCodeAllowed(); }

  protected:
    apiv::VRuntime* mImpl;
};

//! Replaces the weights of an engine that was built with BuilderFlag::kREFIT or one of its kinds. Made by
//! createInferRefitter().
//!
//! Set all weights that getMissingWeights() names, then refit. Execution contexts of the engine stay valid; nothing
//! of the engine may be executing meanwhile.
class IRefitter : public INoCopy {
  public:
    virtual ~IRefitter() noexcept = default;

    //! New weights for a layer and role. Returns false when there is no such layer or role, or when count or type
    //! differ from the original. The values must stay unchanged until the refit has returned.
    bool setWeights(char const* layerName, WeightsRole role, Weights weights) noexcept {
        return mImpl->setWeights(layerName, role, weights);
    }

    //! Puts the new weights into the engine and waits. Returns false when weights are missing or fail validation;
    //! part of the weights may then be replaced already. Afterwards the application may free the weights that it set,
    //! once they are unset.
    bool refitCudaEngine() noexcept { return mImpl->refitCudaEngine(); }

    //! Number of weights still to set before a refit. Of these the first `size` are written to `layerNames` and
    //! `roles`, each of which may be null. Names belong to the engine.
    int32_t getMissing(int32_t size, char const** layerNames, WeightsRole* roles) noexcept {
        return mImpl->getMissing(size, layerNames, roles);
    }

    //! Like getMissing(), for all weights that can be refitted.
    int32_t getAll(int32_t size, char const** layerNames, WeightsRole* roles) noexcept {
        return mImpl->getAll(size, layerNames, roles);
    }

    //! Deprecated (10.1): use explicit quantization. New range of an int8 tensor; false when the engine has no such
    //! tensor.
    TRT_DEPRECATED bool setDynamicRange(char const* tensorName, float min, float max) noexcept {
        return mImpl->setDynamicRange(tensorName, min, max);
    }

    //! Deprecated (10.1). Lower end of a tensor's range.
    TRT_DEPRECATED float getDynamicRangeMin(char const* tensorName) const noexcept {
        return mImpl->getDynamicRangeMin(tensorName);
    }

    //! Deprecated (10.1). Upper end of a tensor's range.
    TRT_DEPRECATED float getDynamicRangeMax(char const* tensorName) const noexcept {
        return mImpl->getDynamicRangeMax(tensorName);
    }

    //! Deprecated (10.1). Number of tensors whose range can be refitted; the first `size` names are written to
    //! `tensorNames` unless it is null.
    TRT_DEPRECATED int32_t getTensorsWithDynamicRange(int32_t size, char const** tensorNames) const noexcept {
        return mImpl->getTensorsWithDynamicRange(size, tensorNames);
    }

    //! Recorder for this object; nullptr removes it. Counts its references.
    void setErrorRecorder(IErrorRecorder* recorder) noexcept { mImpl->setErrorRecorder(recorder); }

    //! The recorder, or nullptr.
    IErrorRecorder* getErrorRecorder() const noexcept { return mImpl->getErrorRecorder(); }

    //! New weights, in host memory, for the name given by INetworkDefinition::setWeightsName() or by the ONNX model.
    //! Returns false when the name is unknown, or when count or type differ from getWeightsPrototype(). The values
    //! must stay unchanged until the refit has returned.
    bool setNamedWeights(char const* name, Weights weights) noexcept { return mImpl->setNamedWeights(name, weights); }

    //! Number of named weights still to set before a refit; the first `size` names are written to `weightsNames`
    //! unless it is null. Names belong to the engine.
    int32_t getMissingWeights(int32_t size, char const** weightsNames) noexcept {
        return mImpl->getMissingWeights(size, weightsNames);
    }

    //! Like getMissingWeights(), for all named weights that can be refitted.
    int32_t getAllWeights(int32_t size, char const** weightsNames) noexcept {
        return mImpl->getAllWeights(size, weightsNames);
    }

    //! The logger that the refitter was made with.
    ILogger* getLogger() const noexcept { return mImpl->getLogger(); }

    //! Threads that the refitter may use, the calling one included. Default 1. Returns false when less than 1.
    bool setMaxThreads(int32_t maxThreads) noexcept { return mImpl->setMaxThreads(maxThreads); }

    //! Number of threads that may be used.
    int32_t getMaxThreads() const noexcept { return mImpl->getMaxThreads(); }

    //! setNamedWeights() with weights in host or device memory, as `location` says.
    bool setNamedWeights(char const* name, Weights weights, TensorLocation location) noexcept {
        return mImpl->setNamedWeightsWithLocation(name, weights, location);
    }

    //! Weights that were set under the name; empty weights, with an error reported, when none were.
    Weights getNamedWeights(char const* weightsName) const noexcept { return mImpl->getNamedWeights(weightsName); }

    //! Where the weights set under the name lie; kHOST, with an error reported, when none were set.
    TensorLocation getWeightsLocation(char const* weightsName) const noexcept {
        return mImpl->getWeightsLocation(weightsName);
    }

    //! Forgets the weights set under the name, so that their memory can be freed. Returns false when none were set.
    bool unsetNamedWeights(char const* weightsName) noexcept { return mImpl->unsetNamedWeights(weightsName); }

    //! Whether a refit checks values that are narrowed or made sparse. Default true; false is faster.
    void setWeightsValidation(bool weightsValidation) noexcept { mImpl->setWeightsValidation(weightsValidation); }

    //! Whether values are checked.
    bool getWeightsValidation() const noexcept { return mImpl->getWeightsValidation(); }

    //! refitCudaEngine() in the order of `stream`. Host weights may be freed on return, device weights once the
    //! stream has passed. Work of the engine on other streams must be done.
    bool refitCudaEngineAsync(cudaStream_t stream) noexcept { return mImpl->refitCudaEngineAsync(stream); }

    //! Type and count that weights of this name must have, with null values; a count of -1 when the name is unknown.
    Weights getWeightsPrototype(char const* weightsName) const noexcept {
        return mImpl->getWeightsPrototype(weightsName);
    }

  protected:
    apiv::VRefitter* mImpl;
};

//! Which value of a profile is meant.
enum class OptProfileSelector : int32_t {
    kMIN = 0,  //!< Smallest value that is allowed at run time.
    kOPT = 1,  //!< Value that kernels are tuned for.
    kMAX = 2,  //!< Largest value that is allowed at run time.
};

template <>
struct impl::EnumMaxImpl<OptProfileSelector> : impl::EnumCount<3> {};

//! Range of input shapes, and of values of shape inputs, that an engine must accept, with the values to tune for.
//!
//! A network with dynamic inputs needs at least one profile, and each profile must cover each of those inputs. Made
//! and owned by IBuilder::createOptimizationProfile(); given to IBuilderConfig::addOptimizationProfile().
class IOptimizationProfile : public INoCopy {
  public:
    //! Shape of an input for one selector; set all three. Ranks must agree with the network's, min <= opt <= max in
    //! every dimension, and all three must equal the network's dimension where that is not -1. Returns false when the
    //! call contradicts earlier ones; whether it fits the network is checked at the build.
    bool setDimensions(char const* inputName, OptProfileSelector select, Dims const& dims) noexcept {
        return mImpl->setDimensions(inputName, select, dims);
    }

    //! The shape that was set, or rank -1.
    Dims getDimensions(char const* inputName, OptProfileSelector select) const noexcept {
        return mImpl->getDimensions(inputName, select);
    }

    //! Deprecated (10.11): setShapeValuesV2().
    TRT_DEPRECATED bool setShapeValues(char const* inputName, OptProfileSelector select, int32_t const* values,
                                       int32_t nbValues) noexcept {
        return mImpl->setShapeValues(inputName, select, values, nbValues);
    }

    //! Number of values set for the shape input, or -1.
    int32_t getNbShapeValues(char const* inputName) const noexcept { return mImpl->getNbShapeValues(inputName); }

    //! Deprecated (10.11): getShapeValuesV2().
    TRT_DEPRECATED int32_t const* getShapeValues(char const* inputName, OptProfileSelector select) const noexcept {
        return mImpl->getShapeValues(inputName, select);
    }

    //! Additional weight memory that this profile may cost, from 0 (none) to 1 (no limit, the default). A hint;
    //! ignored for the first profile. Returns false when out of range.
    bool setExtraMemoryTarget(float target) noexcept { return mImpl->setExtraMemoryTarget(target); }

    //! The target, 1 by default.
    float getExtraMemoryTarget() const noexcept { return mImpl->getExtraMemoryTarget(); }

    //! Whether the profile is complete and consistent by itself.
    bool isValid() const noexcept { return mImpl->isValid(); }

    //! Values of a shape input for one selector; set all three, with the same `nbValues`, which is the tensor's
    //! volume (at most 64). min <= opt <= max for each value. The network must be executable with the opt values. The
    //! values are copied.
    bool setShapeValuesV2(char const* inputName, OptProfileSelector select, int64_t const* values,
                          int32_t nbValues) noexcept {
        return mImpl->setShapeValuesV2(inputName, select, values, nbValues);
    }

    //! The values that were set, or nullptr. They belong to the profile.
    int64_t const* getShapeValuesV2(char const* inputName, OptProfileSelector select) const noexcept {
        return mImpl->getShapeValuesV2(inputName, select);
    }

  protected:
    apiv::VOptimizationProfile* mImpl;
    virtual ~IOptimizationProfile() noexcept = default;
};

//! Family of kernels that the builder may choose from.
enum class TacticSource : int32_t {
    //! cuBLAS. Deprecated (10.0); off by default.
    kCUBLAS TRT_DEPRECATED_ENUM = 0,
    //! cuBLASLt. Deprecated (9.0); off by default.
    kCUBLAS_LT TRT_DEPRECATED_ENUM = 1,
    //! cuDNN. Deprecated (10.0); off by default.
    kCUDNN TRT_DEPRECATED_ENUM = 2,
    //! Convolutions with precomputed border tables: faster, more memory. On by default.
    kEDGE_MASK_CONVOLUTIONS = 3,
    //! Convolutions compiled during the build, with fused epilogues. On by default.
    kJIT_CONVOLUTIONS = 4,
};

template <>
struct impl::EnumMaxImpl<TacticSource> : impl::EnumCount<5> {};

//! Bit set: 1U << TacticSource.
using TacticSources = uint32_t;

//! How much an engine tells about its layers, in profiles, inspectors and NVTX ranges.
enum class ProfilingVerbosity : int32_t {
    kLAYER_NAMES_ONLY = 0,  //!< Layer names. The default.
    kNONE = 1,              //!< Nothing.
    kDETAILED = 2,          //!< Names, shapes, types, tactics and parameters.
};

template <>
struct impl::EnumMaxImpl<ProfilingVerbosity> : impl::EnumCount<3> {};

//! Bit set: 1U << SerializationFlag.
using SerializationFlags = uint32_t;

//! What ICudaEngine::serializeWithConfig() writes.
enum class SerializationFlag : int32_t {
    kEXCLUDE_WEIGHTS = 0,       //!< Leaves out the weights that can be refitted.
    kEXCLUDE_LEAN_RUNTIME = 1,  //!< Leaves out the lean runtime of a version-compatible plan.
    kINCLUDE_REFIT = 2,         //!< Keeps a refitted, stripped engine refittable when its weights are written.
};

template <>
struct impl::EnumMaxImpl<SerializationFlag> : impl::EnumCount<3> {};

//! Options for serializing an engine. No flag is set at first.
class ISerializationConfig : public INoCopy {
  public:
    virtual ~ISerializationConfig() noexcept = default;

    //! Sets exactly these flags. Returns false when one is unknown.
    bool setFlags(SerializationFlags serializationFlags) noexcept { return mImpl->setFlags(serializationFlags); }

    //! The flags that are set.
    SerializationFlags getFlags() const noexcept { return mImpl->getFlags(); }

    //! Clears one flag. Returns false when it is unknown.
    bool clearFlag(SerializationFlag serializationFlag) noexcept { return mImpl->clearFlag(serializationFlag); }

    //! Sets one flag more. Returns false when it is unknown.
    bool setFlag(SerializationFlag serializationFlag) noexcept { return mImpl->setFlag(serializationFlag); }

    //! Whether the flag is set.
    bool getFlag(SerializationFlag serializationFlag) const noexcept { return mImpl->getFlag(serializationFlag); }

  protected:
    apiv::VSerializationConfig* mImpl;
};

//! Who allocates the activation memory of an execution context, and when.
enum class ExecutionContextAllocationStrategy : int32_t {
    kSTATIC = 0,             //!< The context, once, enough for every profile. The default.
    kON_PROFILE_CHANGE = 1,  //!< The context, anew for each profile that is selected.
    kUSER_MANAGED = 2,       //!< The application, by setDeviceMemoryV2().
};

template <>
struct impl::EnumMaxImpl<ExecutionContextAllocationStrategy> : impl::EnumCount<3> {};

//! Options for creating an execution context. Made by ICudaEngine::createRuntimeConfig(); the application deletes it.
class IRuntimeConfig : public INoCopy {
  public:
    virtual ~IRuntimeConfig() noexcept = default;

    //! Strategy for activation memory. Default kSTATIC.
    void setExecutionContextAllocationStrategy(ExecutionContextAllocationStrategy strategy) noexcept {
        mImpl->setExecutionContextAllocationStrategy(strategy);
    }

    //! The strategy.
    ExecutionContextAllocationStrategy getExecutionContextAllocationStrategy() const noexcept {
        return mImpl->getExecutionContextAllocationStrategy();
    }

  protected:
    apiv::VRuntimeConfig* mImpl;
};

//! Figure that ICudaEngine::getEngineStat() tells.
enum class EngineStat : int32_t {
    kTOTAL_WEIGHTS_SIZE = 0,     //!< Bytes of all weights.
    kSTRIPPED_WEIGHTS_SIZE = 1,  //!< Bytes of the weights that a stripped plan lacks.
};

template <>
struct impl::EnumMaxImpl<EngineStat> : impl::EnumCount<2> {};

//! A network compiled for execution. Immutable but for refitting and streaming budgets: contexts made from it may run
//! in parallel.
//!
//! Inputs and outputs are known by name. A function that takes a tensor name and finds no such input or output says
//! so by its return value and reports an error. Names are at most 4096 bytes long with the terminator.
class ICudaEngine : public INoCopy {
  public:
    virtual ~ICudaEngine() noexcept = default;

    //! Shape of an input or output, -1 for dimensions that vary; rank -1 when there is no such tensor.
    Dims getTensorShape(char const* tensorName) const noexcept { return mImpl->getTensorShape(tensorName); }

    //! Type of the elements in the buffer of an input or output; kFLOAT when there is no such tensor.
    DataType getTensorDataType(char const* tensorName) const noexcept { return mImpl->getTensorDataType(tensorName); }

    //! Number of layers after optimization, which may fuse and drop layers of the network. Layer indices of profilers
    //! and inspectors run below it.
    int32_t getNbLayers() const noexcept { return mImpl->getNbLayers(); }

    //! The engine as a plan, which the application deletes; nullptr on failure.
    IHostMemory* serialize() const noexcept { return mImpl->serialize(); }

    //! A new context, at profile 0, with activation memory as `strategy` says; nullptr on failure. The application
    //! deletes it, before the engine.
    IExecutionContext* createExecutionContext(
        ExecutionContextAllocationStrategy strategy = ExecutionContextAllocationStrategy::kSTATIC) noexcept {
        return mImpl->createExecutionContext(strategy);
    }

    //! Side on which the buffer of an input or output must lie; kHOST for most shape tensors; kDEVICE when there is
    //! no such tensor.
    TensorLocation getTensorLocation(char const* tensorName) const noexcept {
        return mImpl->getTensorLocation(tensorName);
    }

    //! Whether the values of an input are needed to compute shapes, or those of an output come from shape
    //! computation, so that IExecutionContext::inferShapes() reads or writes them.
    bool isShapeInferenceIO(char const* tensorName) const noexcept { return mImpl->isShapeInferenceIO(tensorName); }

    //! Whether the name is that of an input, an output, or neither.
    TensorIOMode getTensorIOMode(char const* tensorName) const noexcept { return mImpl->getTensorIOMode(tensorName); }

    //! Name of the input with which an output must share its buffer, as the output of a KV-cache update does; nullptr
    //! for other tensors.
    TRT_NODISCARD char const* getAliasedInputTensor(char const* tensorName) const noexcept {
        return mImpl->getAliasedInputTensor(tensorName);
    }

    //! Deprecated (10.0): createExecutionContext() with kUSER_MANAGED.
    TRT_DEPRECATED IExecutionContext* createExecutionContextWithoutDeviceMemory() noexcept {
        return mImpl->createExecutionContextWithoutDeviceMemory();
    }

    //! A new context with the options of `runtimeConfig`.
    IExecutionContext* createExecutionContext(IRuntimeConfig* runtimeConfig) noexcept {
        return mImpl->createExecutionContextWithRuntimeConfig(runtimeConfig);
    }

    //! Options for the other createExecutionContext(), with their defaults. The application deletes it.
    IRuntimeConfig* createRuntimeConfig() noexcept { return mImpl->createRuntimeConfig(); }

    //! Deprecated (10.1): getDeviceMemorySizeV2().
    TRT_DEPRECATED size_t getDeviceMemorySize() const noexcept { return mImpl->getDeviceMemorySize(); }

    //! Deprecated (10.1): getDeviceMemorySizeForProfileV2().
    TRT_DEPRECATED size_t getDeviceMemorySizeForProfile(int32_t profileIndex) const noexcept {
        return mImpl->getDeviceMemorySizeForProfile(profileIndex);
    }

    //! Bytes of activation memory that a context needs at most, over all profiles. Includes the scratch memory of
    //! weight streaming, hence depends on its budget.
    int64_t getDeviceMemorySizeV2() const noexcept { return mImpl->getDeviceMemorySizeV2(); }

    //! The same for one profile.
    int64_t getDeviceMemorySizeForProfileV2(int32_t profileIndex) const noexcept {
        return mImpl->getDeviceMemorySizeForProfileV2(profileIndex);
    }

    //! Whether an IRefitter can replace weights.
    bool isRefittable() const noexcept { return mImpl->isRefittable(); }

    //! Bytes of one component of a vectorized format; -1 for other formats and unknown names. Profile 0.
    int32_t getTensorBytesPerComponent(char const* tensorName) const noexcept {
        return mImpl->getTensorBytesPerComponent(tensorName);
    }

    //! The same for a given profile.
    int32_t getTensorBytesPerComponent(char const* tensorName, int32_t profileIndex) const noexcept {
        return mImpl->getTensorBytesPerComponentV2(tensorName, profileIndex);
    }

    //! Number of components in a vector (V of TensorFormat); -1 for formats that are not vectorized and unknown
    //! names. Profile 0.
    int32_t getTensorComponentsPerElement(char const* tensorName) const noexcept {
        return mImpl->getTensorComponentsPerElement(tensorName);
    }

    //! The same for a given profile.
    int32_t getTensorComponentsPerElement(char const* tensorName, int32_t profileIndex) const noexcept {
        return mImpl->getTensorComponentsPerElementV2(tensorName, profileIndex);
    }

    //! Format of an input or output; kLINEAR when there is no such tensor. Profile 0.
    TensorFormat getTensorFormat(char const* tensorName) const noexcept { return mImpl->getTensorFormat(tensorName); }

    //! The same for a given profile.
    TensorFormat getTensorFormat(char const* tensorName, int32_t profileIndex) const noexcept {
        return mImpl->getTensorFormatV2(tensorName, profileIndex);
    }

    //! Format of an input or output in words, as for printing; an empty string when there is no such tensor. Profile
    //! 0.
    char const* getTensorFormatDesc(char const* tensorName) const noexcept {
        return mImpl->getTensorFormatDesc(tensorName);
    }

    //! The same for a given profile.
    char const* getTensorFormatDesc(char const* tensorName, int32_t profileIndex) const noexcept {
        return mImpl->getTensorFormatDescV2(tensorName, profileIndex);
    }

    //! Index of the dimension that is vectorized, or -1 when none is or there is no such tensor. Profile 0.
    int32_t getTensorVectorizedDim(char const* tensorName) const noexcept {
        return mImpl->getTensorVectorizedDim(tensorName);
    }

    //! The same for a given profile.
    int32_t getTensorVectorizedDim(char const* tensorName, int32_t profileIndex) const noexcept {
        return mImpl->getTensorVectorizedDimV2(tensorName, profileIndex);
    }

    //! Name of the network that the engine was built from.
    char const* getName() const noexcept { return mImpl->getName(); }

    //! Number of profiles, at least 1.
    int32_t getNbOptimizationProfiles() const noexcept { return mImpl->getNbOptimizationProfiles(); }

    //! Shape of an input in a profile; rank -1 when profile or input do not exist.
    Dims getProfileShape(char const* tensorName, int32_t profileIndex, OptProfileSelector select) const noexcept {
        return mImpl->getProfileShape(tensorName, profileIndex, select);
    }

    //! Deprecated (10.11): getProfileTensorValuesV2(). Values that were set by setShapeValues(); nullptr for others.
    TRT_DEPRECATED int32_t const* getProfileTensorValues(char const* tensorName, int32_t profileIndex,
                                                         OptProfileSelector select) const noexcept {
        return mImpl->getProfileTensorValues(tensorName, profileIndex, select);
    }

    //! Capability that the engine was built for.
    EngineCapability getEngineCapability() const noexcept { return mImpl->getEngineCapability(); }

    //! Recorder for this object and contexts made later; nullptr removes it. Counts its references.
    void setErrorRecorder(IErrorRecorder* recorder) noexcept { mImpl->setErrorRecorder(recorder); }

    //! The recorder, or nullptr.
    IErrorRecorder* getErrorRecorder() const noexcept { return mImpl->getErrorRecorder(); }

    //! Deprecated (10.0). Always false.
    TRT_DEPRECATED bool hasImplicitBatchDimension() const noexcept { return mImpl->hasImplicitBatchDimension(); }

    //! Tactic sources that the engine really uses; others could be left out of the next build.
    TacticSources getTacticSources() const noexcept { return mImpl->getTacticSources(); }

    //! Verbosity that the engine was built with.
    ProfilingVerbosity getProfilingVerbosity() const noexcept { return mImpl->getProfilingVerbosity(); }

    //! A new inspector of this engine. The application deletes it.
    IEngineInspector* createEngineInspector() const noexcept { return mImpl->createEngineInspector(); }

    //! Number of inputs and outputs together.
    int32_t getNbIOTensors() const noexcept { return mImpl->getNbIOTensors(); }

    //! Name of input or output `index`; nullptr when out of range. Belongs to the engine. The order is also that of
    //! the pointers for IExecutionContext::executeV2().
    char const* getIOTensorName(int32_t index) const noexcept { return mImpl->getIOTensorName(index); }

    //! Compatibility that the engine was built with.
    HardwareCompatibilityLevel getHardwareCompatibilityLevel() const noexcept {
        return mImpl->getHardwareCompatibilityLevel();
    }

    //! Number of auxiliary streams that execution uses; at most the maximum set for the build.
    int32_t getNbAuxStreams() const noexcept { return mImpl->getNbAuxStreams(); }

    //! Options for serializeWithConfig(), with no flag set. The application deletes it.
    ISerializationConfig* createSerializationConfig() noexcept { return mImpl->createSerializationConfig(); }

    //! The engine as a plan, as `config` asks. Leaving out weights requires an engine that can be refitted.
    IHostMemory* serializeWithConfig(ISerializationConfig& config) const noexcept {
        return mImpl->serializeWithConfig(config);
    }

    //! Deprecated (10.1): setWeightStreamingBudgetV2(). Here -1 means automatic and 0 means off.
    TRT_DEPRECATED bool setWeightStreamingBudget(int64_t gpuMemoryBudget) noexcept {
        return mImpl->setWeightStreamingBudget(gpuMemoryBudget);
    }

    //! Deprecated (10.1): getWeightStreamingBudgetV2().
    TRT_DEPRECATED int64_t getWeightStreamingBudget() const noexcept { return mImpl->getWeightStreamingBudget(); }

    //! Deprecated (10.1). Smallest budget of the old call, enough for the largest weight; 0 is the smallest now.
    TRT_DEPRECATED int64_t getMinimumWeightStreamingBudget() const noexcept {
        return mImpl->getMinimumWeightStreamingBudget();
    }

    //! Bytes of the weights that can be streamed; 0 unless built with BuilderFlag::kWEIGHT_STREAMING.
    int64_t getStreamableWeightsSize() const noexcept { return mImpl->getStreamableWeightsSize(); }

    //! Device memory in bytes, 0 at least, in which weights may stay; the rest is copied from the host when needed.
    //! At getStreamableWeightsSize() or more (the default) nothing is streamed. Returns false when it cannot be set,
    //! as while contexts exist. Requires BuilderFlag::kWEIGHT_STREAMING.
    bool setWeightStreamingBudgetV2(int64_t gpuMemoryBudget) noexcept {
        return mImpl->setWeightStreamingBudgetV2(gpuMemoryBudget);
    }

    //! The budget in bytes; getStreamableWeightsSize() when nothing is streamed.
    int64_t getWeightStreamingBudgetV2() const noexcept { return mImpl->getWeightStreamingBudgetV2(); }

    //! A budget that fits the device memory free now. It does not know what else the application will allocate.
    int64_t getWeightStreamingAutomaticBudget() const noexcept { return mImpl->getWeightStreamingAutomaticBudget(); }

    //! Scratch bytes that each context needs for streaming with the current budget; 0 when nothing is streamed.
    int64_t getWeightStreamingScratchMemorySize() const noexcept {
        return mImpl->getWeightStreamingScratchMemorySize();
    }

    //! Whether the tensor was marked as a debug tensor in the network.
    bool isDebugTensor(char const* name) const noexcept { return mImpl->isDebugTensor(name); }

    //! Values of a shape input in a profile; nullptr when profile or input do not exist, or when it is not a shape
    //! input.
    int64_t const* getProfileTensorValuesV2(char const* tensorName, int32_t profileIndex,
                                            OptProfileSelector select) const noexcept {
        return mImpl->getProfileTensorValuesV2(tensorName, profileIndex, select);
    }

    //! A figure in bytes; -1 when it does not apply, as the stripped size of an engine that is not stripped.
    int64_t getEngineStat(EngineStat stat) const noexcept { return mImpl->getEngineStat(stat); }

  protected:
    apiv::VCudaEngine* mImpl;
};

namespace v_1_0 {

//! Application's allocator for an output whose size is known only during execution. Called by
//! IExecutionContext::enqueueV3().
class IOutputAllocator : public IVersionedInterface {
  public:
    //! Identifies the interface: kind "IOutputAllocator", version 1.0.
    InterfaceInfo getInterfaceInfo() const noexcept override { return {"IOutputAllocator", 1, 0}; }

    //! Deprecated (10.0): override reallocateOutputAsync(). Returns nullptr by default.
    TRT_DEPRECATED virtual void* reallocateOutput(char const* /*tensorName*/, void* /*currentMemory*/,
                                                  uint64_t /*size*/, uint64_t /*alignment*/) noexcept {
        return nullptr;
    }

    //! Memory for an output of `size` bytes (positive, even for an empty tensor), aligned to `alignment`, usable in
    //! the order of `stream`; nullptr fails the execution. `currentMemory` is the address set for the tensor, which
    //! may be returned when it is large enough, or freed. Calls reallocateOutput() by default.
    virtual void* reallocateOutputAsync(char const* tensorName, void* currentMemory, uint64_t size, uint64_t alignment,
                                        cudaStream_t /*stream*/) {
        return reallocateOutput(tensorName, currentMemory, size, alignment);
    }

    //! Tells the shape of the output, after the memory was asked for and before enqueueV3() returns.
    virtual void notifyShape(char const* tensorName, Dims const& dims) noexcept = 0;
};

}  // namespace v_1_0

using IOutputAllocator = v_1_0::IOutputAllocator;

namespace v_1_0 {

//! Receives values of debug tensors.
class IDebugListener : public IVersionedInterface {
  public:
    //! Identifies the interface: kind "IDebugListener", version 1.0.
    InterfaceInfo getInterfaceInfo() const noexcept override { return {"IDebugListener", 1, 0}; }

    //! Called when an enabled debug tensor has its value. The memory at `addr` is valid during the call only; device
    //! data is ordered by `stream`. Returning false fails the execution.
    virtual bool processDebugTensor(void const* addr, TensorLocation location, DataType type, Dims const& shape,
                                    char const* name, cudaStream_t stream) = 0;
    ~IDebugListener() override = default;
};

}  // namespace v_1_0

using IDebugListener = v_1_0::IDebugListener;

//! One execution of an engine at a time: bound buffers, chosen profile, actual shapes, activation memory.
//!
//! A context belongs to one thread at a time; use several contexts to run in parallel. It must be deleted before its
//! engine.
class IExecutionContext : public INoCopy {
  public:
    virtual ~IExecutionContext() noexcept = default;

    //! Whether executeV2() waits and logs after each layer.
    void setDebugSync(bool sync) noexcept { mImpl->setDebugSync(sync); }

    //! Whether layers are run one by one.
    bool getDebugSync() const noexcept { return mImpl->getDebugSync(); }

    //! Receiver of layer times; nullptr removes it.
    void setProfiler(IProfiler* profiler) noexcept { mImpl->setProfiler(profiler); }

    //! The profiler, or nullptr.
    IProfiler* getProfiler() const noexcept { return mImpl->getProfiler(); }

    //! The engine of this context.
    ICudaEngine const& getEngine() const noexcept { return mImpl->getEngine(); }

    //! Name for messages; copied.
    void setName(char const* name) noexcept { mImpl->setName(name); }

    //! The name, or an empty string.
    char const* getName() const noexcept { return mImpl->getName(); }

    //! Deprecated (10.1): setDeviceMemoryV2(), which also takes the scratch memory of weight streaming.
    void setDeviceMemory(void* memory) noexcept { mImpl->setDeviceMemory(memory); }

    //! Activation memory for a context with kUSER_MANAGED: `size` bytes at `memory`, device-aligned, at least what
    //! the engine or updateDeviceMemorySizeForShapes() asks for; may be null when that is 0. It is in use until the
    //! enqueued work is done and must not be shared with work that runs meanwhile.
    void setDeviceMemoryV2(void* memory, int64_t size) noexcept { mImpl->setDeviceMemoryV2(memory, size); }

    //! Strides of an input or output, in elements (a vector of a vectorized format counts as one); rank -1 when there
    //! is no such tensor or its shape is not known yet.
    Dims getTensorStrides(char const* tensorName) const noexcept { return mImpl->getTensorStrides(tensorName); }

  public:
    //! Index of the profile in use.
    int32_t getOptimizationProfile() const noexcept { return mImpl->getOptimizationProfile(); }

    //! Shape of an input for the executions that follow. It must lie in the profile and agree with the network's
    //! fixed dimensions. Returns false otherwise, or when there is no such input.
    bool setInputShape(char const* tensorName, Dims const& dims) noexcept {
        return mImpl->setInputShape(tensorName, dims);
    }

    //! Current shape of an input or output: -1 for dimensions that are not determined yet, because inputs are missing
    //! or because they depend on data; rank -1 when there is no such tensor.
    Dims getTensorShape(char const* tensorName) const noexcept { return mImpl->getTensorShape(tensorName); }

    //! Whether every dynamic input has its shape. inferShapes() tells more.
    bool allInputDimensionsSpecified() const noexcept { return mImpl->allInputDimensionsSpecified(); }

    //! Deprecated (10.0): inferShapes(). Whether every shape input has its values.
    TRT_DEPRECATED bool allInputShapesSpecified() const noexcept { return mImpl->allInputShapesSpecified(); }

    //! Recorder for this object; nullptr removes it. Counts its references.
    void setErrorRecorder(IErrorRecorder* recorder) noexcept { mImpl->setErrorRecorder(recorder); }

    //! The recorder, or nullptr.
    IErrorRecorder* getErrorRecorder() const noexcept { return mImpl->getErrorRecorder(); }

    //! Runs the network and waits for it. `bindings` holds the buffers of all inputs and outputs, in the order of
    //! ICudaEngine::getIOTensorName(). Returns whether it succeeded.
    bool executeV2(void* const* bindings) noexcept { return mImpl->executeV2(bindings); }

    //! Selects a profile; copies that it needs go on `stream`, which the application must order before the execution.
    //! To be called before the shapes of the profile are set. Returns false when the index is out of range.
    bool setOptimizationProfileAsync(int32_t profileIndex, cudaStream_t stream) noexcept {
        return mImpl->setOptimizationProfileAsync(profileIndex, stream);
    }

    //! Whether enqueueV3() waits and reports to the profiler by itself (the default) or leaves it to
    //! reportToProfiler().
    void setEnqueueEmitsProfile(bool enqueueEmitsProfile) noexcept {
        mImpl->setEnqueueEmitsProfile(enqueueEmitsProfile);
    }

    //! Whether enqueueV3() reports by itself.
    bool getEnqueueEmitsProfile() const noexcept { return mImpl->getEnqueueEmitsProfile(); }

    //! Reports the layer times of the last enqueueV3(), whose stream must still exist. Does nothing when enqueueV3()
    //! has done it. Returns false without a profiler and during stream capture.
    bool reportToProfiler() const noexcept { return mImpl->reportToProfiler(); }

    //! Buffer of an input or output, nullptr to unbind it. Its side is that of ICudaEngine::getTensorLocation(), its
    //! alignment 256 bytes on the device, its size enough for the shape. Every input needs one before execution;
    //! every output needs one or an IOutputAllocator. Values of host shape inputs are read when shapes are inferred
    //! and when the execution is enqueued. Returns false when there is no such tensor.
    bool setTensorAddress(char const* tensorName, void* data) noexcept {
        return mImpl->setTensorAddress(tensorName, data);
    }

    //! Buffer bound to an input or output, or nullptr.
    void const* getTensorAddress(char const* tensorName) const noexcept { return mImpl->getTensorAddress(tensorName); }

    //! setTensorAddress() for outputs only.
    bool setOutputTensorAddress(char const* tensorName, void* data) noexcept {
        return mImpl->setOutputTensorAddress(tensorName, data);
    }

    //! setTensorAddress() for inputs only, which are not written to.
    bool setInputTensorAddress(char const* tensorName, void const* data) noexcept {
        return mImpl->setInputTensorAddress(tensorName, data);
    }

    //! Buffer bound to an output, or nullptr.
    void* getOutputTensorAddress(char const* tensorName) const noexcept {
        return mImpl->getOutputTensorAddress(tensorName);
    }

    //! Computes all shapes that can be known, and writes outputs that hold shape values and have a buffer. Returns 0
    //! on success; the number of inputs whose shape or values are missing, the first `nbMaxNames` of them named in
    //! `tensorNames`; or -1 for other errors, such as a negative dimension or null `tensorNames` with a positive
    //! `nbMaxNames`.
    int32_t inferShapes(int32_t nbMaxNames, char const** tensorNames) noexcept {
        return mImpl->inferShapes(nbMaxNames, tensorNames);
    }

    //! Activation memory in bytes for the current profile and shapes, all of which must be set; 0 on error. The
    //! memory for it must then be given anew by setDeviceMemoryV2().
    size_t updateDeviceMemorySizeForShapes() noexcept { return mImpl->updateDeviceMemorySizeForShapes(); }

    //! Event that enqueueV3() records once the inputs may be overwritten; nullptr for none. Returns whether it
    //! succeeded.
    bool setInputConsumedEvent(cudaEvent_t event) noexcept { return mImpl->setInputConsumedEvent(event); }

    //! The event, or nullptr.
    cudaEvent_t getInputConsumedEvent() const noexcept { return mImpl->getInputConsumedEvent(); }

    //! Allocator for an output; nullptr removes it. Returns false when there is no such output.
    bool setOutputAllocator(char const* tensorName, IOutputAllocator* outputAllocator) noexcept {
        return mImpl->setOutputAllocator(tensorName, outputAllocator);
    }

    //! The allocator of an output, or nullptr.
    IOutputAllocator* getOutputAllocator(char const* tensorName) const noexcept {
        return mImpl->getOutputAllocator(tensorName);
    }

    //! Largest size in bytes that an output can have for the current profile and input shapes; -1 when those are not
    //! set or there is no such output.
    int64_t getMaxOutputSize(char const* tensorName) const noexcept { return mImpl->getMaxOutputSize(tensorName); }

    //! Allocator for scratch memory whose size is known only during execution; nullptr restores the default. All of
    //! it is freed in stream order by the time the work is done. Returns whether it succeeded.
    bool setTemporaryStorageAllocator(IGpuAllocator* allocator) noexcept {
        return mImpl->setTemporaryStorageAllocator(allocator);
    }

    //! The allocator, or nullptr.
    IGpuAllocator* getTemporaryStorageAllocator() const noexcept { return mImpl->getTemporaryStorageAllocator(); }

    //! Puts one inference on `stream`. Returns true when all work was enqueued; errors of the device show later.
    //! Until the stream has passed, bound buffers must not be changed or freed; inputs are free earlier, at the event
    //! of setInputConsumedEvent(). The default stream costs extra synchronization. An engine that streams weights, or
    //! that has to read sizes back, waits inside the call and cannot be captured in a CUDA graph.
    bool enqueueV3(cudaStream_t stream) noexcept { return mImpl->enqueueV3(stream); }

    //! Bytes of L2 cache that activations may occupy persistently. Default 0.
    void setPersistentCacheLimit(size_t size) noexcept { mImpl->setPersistentCacheLimit(size); }

    //! The limit in bytes.
    size_t getPersistentCacheLimit() const noexcept { return mImpl->getPersistentCacheLimit(); }

    //! Detail of NVTX ranges; at most the verbosity that the engine was built with, which is the default. Returns
    //! false otherwise.
    bool setNvtxVerbosity(ProfilingVerbosity verbosity) noexcept { return mImpl->setNvtxVerbosity(verbosity); }

    //! Detail of NVTX ranges.
    ProfilingVerbosity getNvtxVerbosity() const noexcept { return mImpl->getNvtxVerbosity(); }

    //! Streams to run parallel branches on, instead of ones that the library makes. Only the first
    //! ICudaEngine::getNbAuxStreams() are used; missing ones are made. They are joined with the main stream at both
    //! ends of each enqueueV3().
    void setAuxStreams(cudaStream_t* auxStreams, int32_t nbStreams) noexcept {
        mImpl->setAuxStreams(auxStreams, nbStreams);
    }

    //! Receiver of debug tensors; nullptr removes it. Returns whether it succeeded.
    bool setDebugListener(IDebugListener* listener) noexcept { return mImpl->setDebugListener(listener); }

    //! The listener, or nullptr.
    IDebugListener* getDebugListener() noexcept { return mImpl->getDebugListener(); }

    //! Whether a debug tensor is reported. Default false. Returns false when the tensor was not marked.
    bool setTensorDebugState(char const* name, bool flag) noexcept { return mImpl->setTensorDebugState(name, flag); }

    //! Whether a debug tensor of this name exists and is reported.
    bool getDebugState(char const* name) const noexcept { return mImpl->getDebugState(name); }

    //! Options that the context was made with.
    IRuntimeConfig* getRuntimeConfig() const noexcept { return mImpl->getRuntimeConfig(); }

    //! Whether every debug tensor is reported. Returns whether it succeeded.
    bool setAllTensorsDebugState(bool flag) noexcept { return mImpl->setAllTensorsDebugState(flag); }

    //! Whether the tensors of INetworkDefinition::markUnfusedTensorsAsDebugTensors() are reported. Default false.
    //! Returns whether it succeeded.
    bool setUnfusedTensorsDebugState(bool flag) noexcept { return mImpl->setUnfusedTensorsDebugState(flag); }

    //! Whether those tensors are reported.
    bool getUnfusedTensorsDebugState() const noexcept { return mImpl->getUnfusedTensorsDebugState(); }

    //! NCCL communicator (an ncclComm_t that is initialized) for collective layers. It must outlive the context.
    //! Returns whether it succeeded.
    bool setCommunicator(void* communicator) noexcept { return mImpl->setCommunicator(communicator); }

  protected:
    apiv::VExecutionContext* mImpl;
};

//! Form of an inspector's text.
enum class LayerInformationFormat : int32_t {
    kONELINE = 0,  //!< One line a layer.
    kJSON = 1,     //!< JSON.
};

template <>
struct impl::EnumMaxImpl<LayerInformationFormat> : impl::EnumCount<2> {};

//! Describes the layers of an engine; how much depends on the ProfilingVerbosity of the build. Made by
//! ICudaEngine::createEngineInspector().
class IEngineInspector : public INoCopy {
  public:
    virtual ~IEngineInspector() noexcept = default;

    //! Context whose actual shapes are shown; nullptr (the default) shows -1 for dimensions that vary. Returns false
    //! when it is not a context of this engine.
    bool setExecutionContext(IExecutionContext const* context) noexcept { return mImpl->setExecutionContext(context); }

    //! The context, or nullptr.
    IExecutionContext const* getExecutionContext() const noexcept { return mImpl->getExecutionContext(); }

    //! Text about one layer, index below ICudaEngine::getNbLayers(). Belongs to the inspector and is valid until its
    //! next call.
    char const* getLayerInformation(int32_t layerIndex, LayerInformationFormat format) const noexcept {
        return mImpl->getLayerInformation(layerIndex, format);
    }

    //! Text about all layers. Belongs to the inspector and is valid until its next call.
    char const* getEngineInformation(LayerInformationFormat format) const noexcept {
        return mImpl->getEngineInformation(format);
    }

    //! Recorder for this object; nullptr removes it. Counts its references.
    void setErrorRecorder(IErrorRecorder* recorder) noexcept { mImpl->setErrorRecorder(recorder); }

    //! The recorder, or nullptr.
    IErrorRecorder* getErrorRecorder() const noexcept { return mImpl->getErrorRecorder(); }

  protected:
    apiv::VEngineInspector* mImpl;
};

}  // namespace nvinfer1

//! What createInferRuntime() calls. `logger` is an ILogger*, `version` the NV_TENSORRT_VERSION of the caller's
//! headers.
extern "C" TENSORRTAPI void* createInferRuntime_INTERNAL(void* logger, int32_t version) noexcept;

//! What createInferRefitter() calls. `engine` is an ICudaEngine*.
extern "C" TENSORRTAPI void* createInferRefitter_INTERNAL(void* engine, void* logger, int32_t version) noexcept;

//! The process's plugin registry. It lives as long as the process.
extern "C" TENSORRTAPI nvinfer1::IPluginRegistry* getPluginRegistry() noexcept;

//! Logger of functions that have none of their own: that of the object made first, or nullptr before.
extern "C" TENSORRTAPI nvinfer1::ILogger* getLogger() noexcept;

namespace nvinfer1 {

namespace {
//! Makes a runtime. `logger` must outlive it and all that it makes. nullptr on failure. The application deletes the
//! result.
inline IRuntime* createInferRuntime(ILogger& logger) noexcept {
    return static_cast<IRuntime*>(createInferRuntime_INTERNAL(&logger, NV_TENSORRT_VERSION));
}

//! Makes a refitter of `engine`, which must outlive it. nullptr when the engine cannot be refitted. The application
//! deletes the result.
inline IRefitter* createInferRefitter(ICudaEngine& engine, ILogger& logger) noexcept {
    return static_cast<IRefitter*>(createInferRefitter_INTERNAL(&engine, &logger, NV_TENSORRT_VERSION));
}

}  // namespace

//! Registers a default-constructed plugin creator of type T in the global registry, with an empty namespace.
template <typename T>
class PluginRegistrar {
  public:
    PluginRegistrar() { getPluginRegistry()->registerCreator(instance, ""); }

  private:
    T instance{};
};

}  // namespace nvinfer1

//! Registers creator class `name` when the library that contains this line is loaded.
#define REGISTER_TENSORRT_PLUGIN(name) \
    static nvinfer1::PluginRegistrar<name> pluginRegistrar##name {}

namespace nvinfer1 {

//! Finds the logger that fits the running plugin call, for plugins in libraries that a version-compatible plan
//! carries.
class ILoggerFinder {
  public:
    //! Logger of the engine or context that called the plugin on this thread.
    virtual ILogger* findLogger() = 0;

  protected:
    virtual ~ILoggerFinder() = default;
};

namespace v_1_0 {

//! Application's allocator of device memory in stream order: override allocateAsync() and deallocateAsync().
//!
//! Must be safe to call from several threads and outlive its users.
class IGpuAsyncAllocator : public IGpuAllocator {
  public:
    IGpuAsyncAllocator() = default;
    ~IGpuAsyncAllocator() override = default;

    //! Allocates `size` bytes that work put on the stream from now on may use, or returns nullptr. Alignment and
    //! flags are as for IGpuAllocator::allocate().
    void* allocateAsync(uint64_t const size, uint64_t const alignment, AllocatorFlags const flags,
                        cudaStream_t /*stream*/) noexcept override = 0;

    //! Frees an allocation once the work now on the stream is done; nullptr is allowed. Returns whether it could.
    bool deallocateAsync(void* const memory, cudaStream_t /*stream*/) noexcept override = 0;

    //! Deprecated (10.0). allocateAsync() on the default stream.
    TRT_DEPRECATED void* allocate(uint64_t const size, uint64_t const alignment,
                                  AllocatorFlags const flags) noexcept override {
        return allocateAsync(size, alignment, flags, nullptr);
    }

    //! Deprecated (10.0). deallocateAsync() on the default stream.
    TRT_DEPRECATED bool deallocate(void* const memory) noexcept override { return deallocateAsync(memory, nullptr); }

    //! Identifies the interface: kind "IGpuAllocator", version 1.0.
    InterfaceInfo getInterfaceInfo() const noexcept override { return {"IGpuAllocator", 1, 0}; }
};

//! Makes V3 plugins. The strings are at most 1024 bytes long with their terminator.
class IPluginCreatorV3One : public IPluginCreatorInterface {
  public:
    //! Identifies the interface: kind "PLUGIN CREATOR_V3ONE", version 1.0.
    InterfaceInfo getInterfaceInfo() const noexcept override { return InterfaceInfo{"PLUGIN CREATOR_V3ONE", 1, 0}; }

    //! A new plugin, or nullptr on error. In the build phase `fc` holds the attributes as getFieldNames() lists them
    //! and the caller owns the plugin; in the runtime phase it holds what IPluginV3OneRuntime::getFieldsToSerialize()
    //! gave, and the library owns it.
    virtual IPluginV3* createPlugin(AsciiChar const* name, PluginFieldCollection const* fc,
                                    TensorRTPhase phase) noexcept = 0;

    //! The fields that createPlugin() takes in the build phase.
    virtual PluginFieldCollection const* getFieldNames() noexcept = 0;

    //! Name of the plugin type.
    virtual AsciiChar const* getPluginName() const noexcept = 0;

    //! Version of the plugin type.
    virtual AsciiChar const* getPluginVersion() const noexcept = 0;

    //! Namespace of the creator.
    virtual AsciiChar const* getPluginNamespace() const noexcept = 0;
    IPluginCreatorV3One() = default;
    virtual ~IPluginCreatorV3One() = default;

  protected:
    IPluginCreatorV3One(IPluginCreatorV3One const&) = default;
    IPluginCreatorV3One(IPluginCreatorV3One&&) = default;
    IPluginCreatorV3One& operator=(IPluginCreatorV3One const&) & = default;
    IPluginCreatorV3One& operator=(IPluginCreatorV3One&&) & = default;
};

}  // namespace v_1_0

using IGpuAsyncAllocator = v_1_0::IGpuAsyncAllocator;
using IPluginCreatorV3One = v_1_0::IPluginCreatorV3One;

}  // namespace nvinfer1

//! Major version of the linked library.
extern "C" TENSORRTAPI int32_t getInferLibMajorVersion() noexcept;

//! Minor version of the linked library.
extern "C" TENSORRTAPI int32_t getInferLibMinorVersion() noexcept;

//! Patch version of the linked library.
extern "C" TENSORRTAPI int32_t getInferLibPatchVersion() noexcept;

//! Build number of the linked library.
extern "C" TENSORRTAPI int32_t getInferLibBuildVersion() noexcept;

#pragma GCC diagnostic pop
