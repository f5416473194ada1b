// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "NvInferRuntimeCommon.h"

namespace nvinfer1 {
inline namespace LATHE_TRT_NAMESPACE {

class IExecutionContext;
class ICudaEngine;
class IEngineInspector;
class IPluginFactory;
class IPluginRegistry;

//! A view of numbers.
class Weights {
  public:
    DataType type;
    void const* values;
    int64_t count;
};

//! A block of memory that the library made.
class IHostMemory : public INoCopy {
  public:
    virtual void* data() const noexcept = 0;
    virtual std::size_t size() const noexcept = 0;
    virtual DataType type() const noexcept = 0;
    virtual void destroy() noexcept = 0;
};

enum class DimensionOperation : int32_t {
    kSUM = 0,
    kPROD = 1,
    kMAX = 2,
    kMIN = 3,
    kSUB = 4,
    kEQUAL = 5,
    kLESS = 6,
    kFLOOR_DIV = 7,
    kCEIL_DIV = 8,
};
template <>
struct impl::EnumMaxImpl<DimensionOperation> : impl::EnumCount<9> {};

class IDimensionExpr : public INoCopy {
  public:
    virtual bool isConstant() const noexcept = 0;
    virtual int32_t getConstantValue() const noexcept = 0;
};

class IExprBuilder : public INoCopy {
  public:
    virtual IDimensionExpr const* constant(int32_t value) noexcept = 0;
    virtual IDimensionExpr const* operation(DimensionOperation op, IDimensionExpr const& first,
                                            IDimensionExpr const& second) noexcept = 0;
};

//! A shape in symbols.
class DimsExprs {
  public:
    int32_t nbDims;
    IDimensionExpr const* d[Dims::MAX_DIMS];
};

//! A tensor as a plugin sees it before shapes are known: -1 for extents that vary.
struct DynamicPluginTensorDesc {
    PluginTensorDesc desc;
    Dims min;
    Dims max;
};

//! A plugin for networks with an explicit batch.
class IPluginV2DynamicExt : public IPluginV2Ext {
  public:
    IPluginV2DynamicExt* clone() const TRTNOEXCEPT override = 0;
    virtual DimsExprs getOutputDimensions(int32_t outputIndex, DimsExprs const* inputs, int32_t nbInputs,
                                          IExprBuilder& exprBuilder) TRTNOEXCEPT = 0;
    static constexpr int32_t kFORMAT_COMBINATION_LIMIT = 100;
    virtual bool supportsFormatCombination(int32_t pos, PluginTensorDesc const* inOut, int32_t nbInputs,
                                           int32_t nbOutputs) TRTNOEXCEPT = 0;
    virtual void configurePlugin(DynamicPluginTensorDesc const* in, int32_t nbInputs,
                                 DynamicPluginTensorDesc const* out, int32_t nbOutputs) TRTNOEXCEPT = 0;
    virtual size_t getWorkspaceSize(PluginTensorDesc const* inputs, int32_t nbInputs, PluginTensorDesc const* outputs,
                                    int32_t nbOutputs) const TRTNOEXCEPT = 0;
    virtual int32_t enqueue(PluginTensorDesc const* inputDesc, PluginTensorDesc const* outputDesc,
                            void const* const* inputs, void* const* outputs, void* workspace,
                            cudaStream_t stream) TRTNOEXCEPT = 0;
    LATHE_PLUGIN_DTOR(IPluginV2DynamicExt);

  protected:
    int32_t getTensorRTVersion() const TRTNOEXCEPT override {
        return (static_cast<int32_t>(PluginVersion::kV2_DYNAMICEXT) << 24) | (NV_TENSORRT_VERSION & 0xFFFFFF);
    }
    Dims getOutputDimensions(int32_t, Dims const*, int32_t) TRTNOEXCEPT override final {
        Dims none{};
        none.nbDims = -1;
        return none;
    }
    bool isOutputBroadcastAcrossBatch(int32_t, bool const*, int32_t) const TRTNOEXCEPT override final { return false; }
    bool canBroadcastInputAcrossBatch(int32_t) const TRTNOEXCEPT override final { return true; }
    bool supportsFormat(DataType, PluginFormat) const TRTNOEXCEPT override final { return false; }
    void configurePlugin(Dims const*, int32_t, Dims const*, int32_t, DataType const*, DataType const*, bool const*,
                         bool const*, PluginFormat, int32_t) TRTNOEXCEPT override final {}
    size_t getWorkspaceSize(int32_t) const TRTNOEXCEPT override final { return 0; }
    int32_t enqueue(int32_t, void const* const*, LATHE_OUTPUTS, void*, cudaStream_t) TRTNOEXCEPT override final {
        return 1;
    }
};

#if LATHE_TRT < 8
//! A plugin of the first kind: float in NCHW only, deserialized by an IPluginFactory.
class IPlugin {
  public:
    virtual int32_t getNbOutputs() const TRTNOEXCEPT = 0;
    virtual Dims getOutputDimensions(int32_t index, Dims const* inputs, int32_t nbInputDims) TRTNOEXCEPT = 0;
    virtual void configure(Dims const* inputDims, int32_t nbInputs, Dims const* outputDims, int32_t nbOutputs,
                           int32_t maxBatchSize) TRTNOEXCEPT = 0;
    virtual int32_t initialize() TRTNOEXCEPT = 0;
    virtual void terminate() TRTNOEXCEPT = 0;
    virtual size_t getWorkspaceSize(int32_t maxBatchSize) const TRTNOEXCEPT = 0;
    virtual int32_t enqueue(int32_t batchSize, void const* const* inputs, void** outputs, void* workspace,
                            cudaStream_t stream) TRTNOEXCEPT = 0;
    virtual size_t getSerializationSize() TRTNOEXCEPT = 0;
    virtual void serialize(void* buffer) TRTNOEXCEPT = 0;
    virtual ~IPlugin() {}
};

//! An IPlugin that chooses its type and format.
class IPluginExt : public IPlugin {
  public:
    virtual int32_t getTensorRTVersion() const TRTNOEXCEPT { return NV_TENSORRT_VERSION; }
    virtual bool supportsFormat(DataType type, PluginFormat format) const TRTNOEXCEPT = 0;
    virtual void configureWithFormat(Dims const* inputDims, int32_t nbInputs, Dims const* outputDims, int32_t nbOutputs,
                                     DataType type, PluginFormat format, int32_t maxBatchSize) TRTNOEXCEPT = 0;
    virtual ~IPluginExt() {}

  protected:
    void configure(Dims const*, int32_t, Dims const*, int32_t, int32_t) TRTNOEXCEPT override final {}
};

//! Makes the IPlugins of a serialized engine.
class IPluginFactory {
  public:
    virtual IPlugin* createPlugin(char const* layerName, void const* serialData, size_t serialLength) TRTNOEXCEPT = 0;
    virtual ~IPluginFactory() {}
};
#endif

enum class WeightsRole : int32_t {
    kKERNEL = 0,
    kBIAS = 1,
    kSHIFT = 2,
    kSCALE = 3,
    kCONSTANT = 4,
#if LATHE_TRT >= 8
    kANY = 5,
#endif
};
template <>
struct impl::EnumMaxImpl<WeightsRole> : impl::EnumCount<impl::byVersion(5, 5, 6)> {};

#if LATHE_TRT >= 8
enum class TempfileControlFlag : int32_t {
    kALLOW_IN_MEMORY_FILES = 0,
    kALLOW_TEMPORARY_FILES = 1,
};
template <>
struct impl::EnumMaxImpl<TempfileControlFlag> : impl::EnumCount<2> {};
#endif
using TempfileControlFlags = uint32_t;

enum class OptProfileSelector : int32_t {
    kMIN = 0,
    kOPT = 1,
    kMAX = 2,
};
template <>
struct impl::EnumMaxImpl<OptProfileSelector> : impl::EnumCount<3> {};

//! The range of shapes that an engine is built for.
class IOptimizationProfile : public INoCopy {
  public:
    virtual bool setDimensions(char const* inputName, OptProfileSelector select, Dims dims) noexcept = 0;
    virtual Dims getDimensions(char const* inputName, OptProfileSelector select) const noexcept = 0;
    virtual bool setShapeValues(char const* inputName, OptProfileSelector select, int32_t const* values,
                                int32_t nbValues) noexcept = 0;
    virtual int32_t getNbShapeValues(char const* inputName) const noexcept = 0;
    virtual int32_t const* getShapeValues(char const* inputName, OptProfileSelector select) const noexcept = 0;
    virtual bool setExtraMemoryTarget(float target) noexcept = 0;
    virtual float getExtraMemoryTarget() const noexcept = 0;
    virtual bool isValid() const noexcept = 0;
};

#if LATHE_TRT >= 7
enum class TacticSource : int32_t {
    kCUBLAS = 0,
    kCUBLAS_LT = 1,
#if LATHE_TRT >= 8
    kCUDNN = 2,
    kEDGE_MASK_CONVOLUTIONS = 3,
    kJIT_CONVOLUTIONS = 4,
#endif
};
template <>
struct impl::EnumMaxImpl<TacticSource> : impl::EnumCount<impl::byVersion(1, 2, 5)> {};
#endif
using TacticSources = uint32_t;

#if LATHE_TRT >= 7
enum class ProfilingVerbosity : int32_t {
    kNONE = 1,
    kDEFAULT = 0,
    kVERBOSE = 2,
#if LATHE_TRT >= 8
    kLAYER_NAMES_ONLY = 0,
    kDETAILED = 2,
#endif
};
template <>
struct impl::EnumMaxImpl<ProfilingVerbosity> : impl::EnumCount<3> {};
#endif

#if LATHE_TRT >= 8
enum class HardwareCompatibilityLevel : int32_t {
    kNONE = 0,
    kAMPERE_PLUS = 1,
};
template <>
struct impl::EnumMaxImpl<HardwareCompatibilityLevel> : impl::EnumCount<2> {};
#endif

//! Takes the time of each layer.
class IProfiler {
  public:
    virtual void reportLayerTime(char const* layerName, float ms) TRTNOEXCEPT = 0;
    virtual ~IProfiler() {}
};

//! Loads engines.
class IRuntime : public INoCopy {
  public:
    virtual ICudaEngine* deserializeCudaEngine(void const* blob, std::size_t size,
                                               IPluginFactory* pluginFactory) noexcept = 0;
    virtual void setDLACore(int32_t dlaCore) noexcept = 0;
    virtual int32_t getDLACore() const noexcept = 0;
    virtual int32_t getNbDLACores() const noexcept = 0;
    virtual void destroy() noexcept = 0;
    virtual void setGpuAllocator(IGpuAllocator* allocator) noexcept = 0;
    virtual void setErrorRecorder(IErrorRecorder* recorder) noexcept = 0;
    virtual IErrorRecorder* getErrorRecorder() const noexcept = 0;
    virtual ICudaEngine* deserializeCudaEngine(void const* blob, std::size_t size) noexcept = 0;
#if LATHE_TRT >= 8
    virtual ILogger* getLogger() const noexcept = 0;
    virtual bool setMaxThreads(int32_t maxThreads) noexcept = 0;
    virtual int32_t getMaxThreads() const noexcept = 0;
    virtual void setTemporaryDirectory(char const* path) noexcept = 0;
    virtual char const* getTemporaryDirectory() const noexcept = 0;
    virtual void setTempfileControlFlags(TempfileControlFlags flags) noexcept = 0;
    virtual TempfileControlFlags getTempfileControlFlags() const noexcept = 0;
    virtual IPluginRegistry& getPluginRegistry() noexcept = 0;
    virtual IRuntime* loadRuntime(char const* path) noexcept = 0;
    virtual void setEngineHostCodeAllowed(bool allowed) noexcept = 0;
    virtual bool getEngineHostCodeAllowed() const noexcept = 0;
#endif
};

//! Replaces weights of an engine.
class IRefitter : public INoCopy {
  public:
    virtual bool setWeights(char const* layerName, WeightsRole role, Weights weights) noexcept = 0;
    virtual bool refitCudaEngine() noexcept = 0;
    virtual int32_t getMissing(int32_t size, char const** layerNames, WeightsRole* roles) noexcept = 0;
    virtual int32_t getAll(int32_t size, char const** layerNames, WeightsRole* roles) noexcept = 0;
    virtual void destroy() noexcept = 0;
    virtual bool setDynamicRange(char const* tensorName, float min, float max) noexcept = 0;
    virtual float getDynamicRangeMin(char const* tensorName) const noexcept = 0;
    virtual float getDynamicRangeMax(char const* tensorName) const noexcept = 0;
    virtual int32_t getTensorsWithDynamicRange(int32_t size, char const** tensorNames) const noexcept = 0;
    virtual void setErrorRecorder(IErrorRecorder* recorder) noexcept = 0;
    virtual IErrorRecorder* getErrorRecorder() const noexcept = 0;
#if LATHE_TRT >= 8
    virtual bool setNamedWeights(char const* name, Weights weights) noexcept = 0;
    virtual int32_t getMissingWeights(int32_t size, char const** weightsNames) noexcept = 0;
    virtual int32_t getAllWeights(int32_t size, char const** weightsNames) noexcept = 0;
    virtual ILogger* getLogger() const noexcept = 0;
    virtual bool setMaxThreads(int32_t maxThreads) noexcept = 0;
    virtual int32_t getMaxThreads() const noexcept = 0;
#endif
};

//! An engine. Bindings are the inputs and outputs; with several optimization profiles, those of profile p are the p-th
//! block of getNbBindings() / getNbOptimizationProfiles() bindings.
class ICudaEngine : public INoCopy {
  public:
    virtual int32_t getNbBindings() const noexcept = 0;
    virtual int32_t getBindingIndex(char const* name) const noexcept = 0;
    virtual char const* getBindingName(int32_t bindingIndex) const noexcept = 0;
    virtual bool bindingIsInput(int32_t bindingIndex) const noexcept = 0;
    virtual Dims getBindingDimensions(int32_t bindingIndex) const noexcept = 0;
    virtual DataType getBindingDataType(int32_t bindingIndex) const noexcept = 0;
    virtual int32_t getMaxBatchSize() const noexcept = 0;
    virtual int32_t getNbLayers() const noexcept = 0;
    virtual IHostMemory* serialize() const noexcept = 0;
    virtual IExecutionContext* createExecutionContext() noexcept = 0;
    virtual void destroy() noexcept = 0;
    virtual TensorLocation getLocation(int32_t bindingIndex) const noexcept = 0;
    virtual IExecutionContext* createExecutionContextWithoutDeviceMemory() noexcept = 0;
    virtual size_t getDeviceMemorySize() const noexcept = 0;
    virtual bool isRefittable() const noexcept = 0;
    virtual int32_t getBindingBytesPerComponent(int32_t bindingIndex) const noexcept = 0;
    virtual int32_t getBindingComponentsPerElement(int32_t bindingIndex) const noexcept = 0;
    virtual TensorFormat getBindingFormat(int32_t bindingIndex) const noexcept = 0;
    virtual char const* getBindingFormatDesc(int32_t bindingIndex) const noexcept = 0;
    virtual int32_t getBindingVectorizedDim(int32_t bindingIndex) const noexcept = 0;
    virtual char const* getName() const noexcept = 0;
    virtual int32_t getNbOptimizationProfiles() const noexcept = 0;
    virtual Dims getProfileDimensions(int32_t bindingIndex, int32_t profileIndex,
                                      OptProfileSelector select) const noexcept = 0;
    virtual int32_t const* getProfileShapeValues(int32_t profileIndex, int32_t inputIndex,
                                                 OptProfileSelector select) const noexcept = 0;
    virtual bool isShapeBinding(int32_t bindingIndex) const noexcept = 0;
    virtual bool isExecutionBinding(int32_t bindingIndex) const noexcept = 0;
    virtual EngineCapability getEngineCapability() const noexcept = 0;
    virtual void setErrorRecorder(IErrorRecorder* recorder) noexcept = 0;
    virtual IErrorRecorder* getErrorRecorder() const noexcept = 0;
#if LATHE_TRT >= 7
    virtual bool hasImplicitBatchDimension() const noexcept = 0;
#endif
#if LATHE_TRT < 8
    virtual std::size_t getWorkspaceSize() const noexcept = 0;
#endif
#if LATHE_TRT >= 8
    virtual Dims getTensorShape(char const* tensorName) const noexcept = 0;
    virtual DataType getTensorDataType(char const* tensorName) const noexcept = 0;
    virtual TensorLocation getTensorLocation(char const* tensorName) const noexcept = 0;
    virtual bool isShapeInferenceIO(char const* tensorName) const noexcept = 0;
    virtual TensorIOMode getTensorIOMode(char const* tensorName) const noexcept = 0;
    virtual int32_t getTensorBytesPerComponent(char const* tensorName) const noexcept = 0;
    virtual int32_t getTensorBytesPerComponent(char const* tensorName, int32_t profileIndex) const noexcept = 0;
    virtual int32_t getTensorComponentsPerElement(char const* tensorName) const noexcept = 0;
    virtual int32_t getTensorComponentsPerElement(char const* tensorName, int32_t profileIndex) const noexcept = 0;
    virtual TensorFormat getTensorFormat(char const* tensorName) const noexcept = 0;
    virtual TensorFormat getTensorFormat(char const* tensorName, int32_t profileIndex) const noexcept = 0;
    virtual char const* getTensorFormatDesc(char const* tensorName) const noexcept = 0;
    virtual char const* getTensorFormatDesc(char const* tensorName, int32_t profileIndex) const noexcept = 0;
    virtual int32_t getTensorVectorizedDim(char const* tensorName) const noexcept = 0;
    virtual int32_t getTensorVectorizedDim(char const* tensorName, int32_t profileIndex) const noexcept = 0;
    virtual Dims getProfileShape(char const* tensorName, int32_t profileIndex,
                                 OptProfileSelector select) const noexcept = 0;
    virtual TacticSources getTacticSources() const noexcept = 0;
    virtual ProfilingVerbosity getProfilingVerbosity() const noexcept = 0;
    virtual IEngineInspector* createEngineInspector() const noexcept = 0;
    virtual int32_t getNbIOTensors() const noexcept = 0;
    virtual char const* getIOTensorName(int32_t index) const noexcept = 0;
    virtual HardwareCompatibilityLevel getHardwareCompatibilityLevel() const noexcept = 0;
    virtual int32_t getNbAuxStreams() const noexcept = 0;
#endif
};

#if LATHE_TRT >= 8
//! Gives memory for outputs whose size the data decides.
class IOutputAllocator {
  public:
    virtual int32_t getInterfaceVersion() const noexcept { return 1; }
    virtual void* reallocateOutput(char const* tensorName, void* currentMemory, uint64_t size,
                                   uint64_t alignment) noexcept = 0;
    virtual void notifyShape(char const* tensorName, Dims const& dims) noexcept = 0;
    virtual ~IOutputAllocator() = default;
};
#endif

//! Runs an engine: execute() and enqueue() for an implicit batch, the others for an explicit one.
class IExecutionContext : public INoCopy {
  public:
    virtual void setDebugSync(bool sync) noexcept = 0;
    virtual bool getDebugSync() const noexcept = 0;
    virtual void setProfiler(IProfiler* profiler) noexcept = 0;
    virtual IProfiler* getProfiler() const noexcept = 0;
    virtual ICudaEngine const& getEngine() const noexcept = 0;
    virtual void destroy() noexcept = 0;
    virtual void setName(char const* name) noexcept = 0;
    virtual char const* getName() const noexcept = 0;
    virtual void setDeviceMemory(void* memory) noexcept = 0;
    virtual Dims getStrides(int32_t bindingIndex) const noexcept = 0;
    virtual bool setOptimizationProfile(int32_t profileIndex) noexcept = 0;
    virtual int32_t getOptimizationProfile() const noexcept = 0;
    virtual bool setBindingDimensions(int32_t bindingIndex, Dims dimensions) noexcept = 0;
    virtual Dims getBindingDimensions(int32_t bindingIndex) const noexcept = 0;
    virtual bool setInputShapeBinding(int32_t bindingIndex, int32_t const* data) noexcept = 0;
    virtual bool getShapeBinding(int32_t bindingIndex, int32_t* data) const noexcept = 0;
    virtual bool allInputDimensionsSpecified() const noexcept = 0;
    virtual bool allInputShapesSpecified() const noexcept = 0;
    virtual void setErrorRecorder(IErrorRecorder* recorder) noexcept = 0;
    virtual IErrorRecorder* getErrorRecorder() const noexcept = 0;
#if LATHE_TRT >= 7
    virtual bool setOptimizationProfileAsync(int32_t profileIndex, cudaStream_t stream) noexcept = 0;
#endif
#if LATHE_TRT < 8
    virtual bool execute(int32_t batchSize, void** bindings) noexcept = 0;
    virtual bool enqueue(int32_t batchSize, void** bindings, cudaStream_t stream,
                         cudaEvent_t* inputConsumed) noexcept = 0;
    virtual bool executeV2(void** bindings) noexcept = 0;
    virtual bool enqueueV2(void** bindings, cudaStream_t stream, cudaEvent_t* inputConsumed) noexcept = 0;
#endif
#if LATHE_TRT >= 8
    virtual bool execute(int32_t batchSize, void* const* bindings) noexcept = 0;
    virtual bool enqueue(int32_t batchSize, void* const* bindings, cudaStream_t stream,
                         cudaEvent_t* inputConsumed) noexcept = 0;
    virtual Dims getTensorStrides(char const* tensorName) const noexcept = 0;
    virtual bool setInputShape(char const* tensorName, Dims const& dims) noexcept = 0;
    virtual Dims getTensorShape(char const* tensorName) const noexcept = 0;
    virtual bool executeV2(void* const* bindings) noexcept = 0;
    virtual bool enqueueV2(void* const* bindings, cudaStream_t stream, cudaEvent_t* inputConsumed) noexcept = 0;
    virtual void setEnqueueEmitsProfile(bool enqueueEmitsProfile) noexcept = 0;
    virtual bool getEnqueueEmitsProfile() const noexcept = 0;
    virtual bool reportToProfiler() const noexcept = 0;
    virtual bool setTensorAddress(char const* tensorName, void* data) noexcept = 0;
    virtual void const* getTensorAddress(char const* tensorName) const noexcept = 0;
    virtual bool setInputTensorAddress(char const* tensorName, void const* data) noexcept = 0;
    virtual void* getOutputTensorAddress(char const* tensorName) const noexcept = 0;
    virtual int32_t inferShapes(int32_t nbMaxNames, char const** tensorNames) noexcept = 0;
    virtual bool setInputConsumedEvent(cudaEvent_t event) noexcept = 0;
    virtual cudaEvent_t getInputConsumedEvent() const noexcept = 0;
    virtual bool setOutputAllocator(char const* tensorName, IOutputAllocator* outputAllocator) noexcept = 0;
    virtual IOutputAllocator* getOutputAllocator(char const* tensorName) const noexcept = 0;
    virtual int64_t getMaxOutputSize(char const* tensorName) const noexcept = 0;
    virtual bool setTemporaryStorageAllocator(IGpuAllocator* allocator) noexcept = 0;
    virtual IGpuAllocator* getTemporaryStorageAllocator() const noexcept = 0;
    virtual bool enqueueV3(cudaStream_t stream) noexcept = 0;
    virtual void setPersistentCacheLimit(size_t size) noexcept = 0;
    virtual size_t getPersistentCacheLimit() const noexcept = 0;
    virtual bool setNvtxVerbosity(ProfilingVerbosity verbosity) noexcept = 0;
    virtual ProfilingVerbosity getNvtxVerbosity() const noexcept = 0;
    virtual void setAuxStreams(cudaStream_t* auxStreams, int32_t nbStreams) noexcept = 0;
#endif
};

#if LATHE_TRT >= 8
enum class LayerInformationFormat : int32_t {
    kONELINE = 0,
    kJSON = 1,
};
template <>
struct impl::EnumMaxImpl<LayerInformationFormat> : impl::EnumCount<2> {};
#endif

#if LATHE_TRT >= 8
class IEngineInspector : public INoCopy {
  public:
    virtual bool setExecutionContext(IExecutionContext const* context) noexcept = 0;
    virtual IExecutionContext const* getExecutionContext() const noexcept = 0;
    virtual char const* getLayerInformation(int32_t layerIndex, LayerInformationFormat format) const noexcept = 0;
    virtual char const* getEngineInformation(LayerInformationFormat format) const noexcept = 0;
    virtual void setErrorRecorder(IErrorRecorder* recorder) noexcept = 0;
    virtual IErrorRecorder* getErrorRecorder() const noexcept = 0;
};
#endif

#if LATHE_TRT >= 8
//! Finds the logger of plugins in libraries of their own.
class ILoggerFinder {
  public:
    virtual ILogger* findLogger() = 0;

  protected:
    virtual ~ILoggerFinder() = default;
};
#endif

}  // namespace LATHE_TRT_NAMESPACE
}  // namespace nvinfer1

#ifndef LATHE_COMPAT_LIBRARY
extern "C" TENSORRTAPI void* createInferRuntime_INTERNAL(void* logger, int32_t version) TRTNOEXCEPT
    LATHE_TRT_ENTRY(createInferRuntime_INTERNAL);
extern "C" TENSORRTAPI void* createInferRefitter_INTERNAL(void* engine, void* logger, int32_t version) TRTNOEXCEPT
    LATHE_TRT_ENTRY(createInferRefitter_INTERNAL);

namespace nvinfer1 {
inline namespace LATHE_TRT_NAMESPACE {
namespace {

inline IRuntime* createInferRuntime(ILogger& logger) TRTNOEXCEPT {
    return static_cast<IRuntime*>(createInferRuntime_INTERNAL(&logger, NV_TENSORRT_VERSION));
}

inline IRefitter* createInferRefitter(ICudaEngine& engine, ILogger& logger) TRTNOEXCEPT {
    return static_cast<IRefitter*>(createInferRefitter_INTERNAL(&engine, &logger, NV_TENSORRT_VERSION));
}

}  // namespace

}  // namespace LATHE_TRT_NAMESPACE
}  // namespace nvinfer1
#endif
