// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "api/run/cuda_engine.h"

namespace lathe::api {

class RuntimeConfig final : public nvinfer1::IRuntimeConfig, public nvinfer1::apiv::VRuntimeConfig {
  public:
    using Strategy = nvinfer1::ExecutionContextAllocationStrategy;
    explicit RuntimeConfig(Strategy strategy = Strategy::kSTATIC) : strategy_(strategy) { mImpl = this; }
    nvinfer1::IRuntimeConfig* getPImpl() noexcept override { return this; }
    void setExecutionContextAllocationStrategy(Strategy strategy) noexcept override { strategy_ = strategy; }
    Strategy getExecutionContextAllocationStrategy() const noexcept override { return strategy_; }

  private:
    Strategy strategy_;
};

// Waits for what is on a stream of the CUDA runtime library that the program uses, if it uses one.
void waitForStream(cudaStream_t stream);

Result<nvinfer1::IExecutionContext*> makeContext(const CudaEngine& engine, RuntimeConfig::Strategy strategy,
                                                 nvinfer1::IGpuAllocator* allocator, const Reporter& reporter);

class ExecutionContext final : public nvinfer1::IExecutionContext, public nvinfer1::apiv::VExecutionContext {
  public:
    using Dims = nvinfer1::Dims;

    ExecutionContext(const CudaEngine& engine, std::unique_ptr<runtime::Context> context,
                     RuntimeConfig::Strategy strategy, const Reporter& engineReporter);
    static const ExecutionContext& of(const nvinfer1::IExecutionContext& c) {
        return static_cast<const ExecutionContext&>(c);
    }
    const CudaEngine& cudaEngine() const { return engine_; }
    const runtime::Context& context() const { return *context_; }

    nvinfer1::IExecutionContext* getPImpl() noexcept override { return this; }
    void setDebugSync(bool sync) noexcept override { debugSync_ = sync; }
    bool getDebugSync() const noexcept override { return debugSync_; }
    void setProfiler(nvinfer1::IProfiler* profiler) noexcept override;
    nvinfer1::IProfiler* getProfiler() const noexcept override { return profiler_; }
    nvinfer1::ICudaEngine const& getEngine() const noexcept override { return engine_; }
    void setName(char const* name) noexcept override;
    char const* getName() const noexcept override { return name_.c_str(); }
    void setDeviceMemory(void* memory) noexcept override;
    int32_t getOptimizationProfile() const noexcept override { return context_->profile(); }
    bool allInputDimensionsSpecified() const noexcept override;
    bool allInputShapesSpecified() const noexcept override;
    void setErrorRecorder(nvinfer1::IErrorRecorder* recorder) noexcept override { reporter_.setRecorder(recorder); }
    nvinfer1::IErrorRecorder* getErrorRecorder() const noexcept override { return reporter_.recorder(); }
    bool executeV2(void* const* bindings) noexcept override;
    bool setOptimizationProfileAsync(int32_t profile, cudaStream_t stream) noexcept override;
    void setEnqueueEmitsProfile(bool emits) noexcept override { emitsProfile_ = emits; }
    bool getEnqueueEmitsProfile() const noexcept override { return emitsProfile_; }
    bool reportToProfiler() const noexcept override;
    bool setInputShape(char const* name, Dims const& dims) noexcept override;
    Dims getTensorShape(char const* name) const noexcept override;
    Dims getTensorStrides(char const* name) const noexcept override;
    bool setTensorAddress(char const* name, void* data) noexcept override;
    void const* getTensorAddress(char const* name) const noexcept override;
    bool setInputTensorAddress(char const* name, void const* data) noexcept override;
    bool setOutputTensorAddress(char const* name, void* data) noexcept override;
    int32_t inferShapes(int32_t nbMaxNames, char const** names) noexcept override;
    bool setInputConsumedEvent(cudaEvent_t event) noexcept override;
    cudaEvent_t getInputConsumedEvent() const noexcept override { return inputConsumed_; }
    void* getOutputTensorAddress(char const* name) const noexcept override;
    bool setOutputAllocator(char const* name, nvinfer1::IOutputAllocator* allocator) noexcept override;
    nvinfer1::IOutputAllocator* getOutputAllocator(char const* name) noexcept override;
    int64_t getMaxOutputSize(char const* name) const noexcept override;
    bool setTemporaryStorageAllocator(nvinfer1::IGpuAllocator* allocator) noexcept override;
    nvinfer1::IGpuAllocator* getTemporaryStorageAllocator() const noexcept override { return temporaryAllocator_; }
    bool enqueueV3(cudaStream_t stream) noexcept override;
    void setPersistentCacheLimit(size_t size) noexcept override { persistentCache_ = size; }
    size_t getPersistentCacheLimit() const noexcept override { return persistentCache_; }
    bool setNvtxVerbosity(nvinfer1::ProfilingVerbosity verbosity) noexcept override;
    nvinfer1::ProfilingVerbosity getNvtxVerbosity() const noexcept override { return nvtxVerbosity_; }
    void setAuxStreams(cudaStream_t* streams, int32_t count) noexcept override;
    bool setDebugListener(nvinfer1::IDebugListener* listener) noexcept override;
    nvinfer1::IDebugListener* getDebugListener() noexcept override { return debugListener_; }
    bool setTensorDebugState(char const* name, bool flag) noexcept override;
    bool getDebugState(char const* name) const noexcept override { return name && context_->reportsDebugTensor(name); }
    bool setAllTensorsDebugState(bool flag) noexcept override;
    size_t updateDeviceMemorySizeForShapes() noexcept override;
    void setDeviceMemoryV2(void* memory, int64_t size) noexcept override;
    nvinfer1::IRuntimeConfig* getRuntimeConfig() const noexcept override { return &config_; }
    bool setUnfusedTensorsDebugState(bool flag) noexcept override;
    bool getUnfusedTensorsDebugState() const noexcept override { return context_->reportsUnfused(); }
    bool setCommunicator(void* communicator) noexcept override;

  private:
    // The I/O index of a tensor, of an input only or an output only when asked for.
    Result<int> find(char const* name, nvinfer1::TensorIOMode mode = nvinfer1::TensorIOMode::kNONE) const;
    Status run(cudaStream_t stream);
    // Goes over to the engine's new weights after a refit.
    void followRefits();
    bool setAddress(const char* where, char const* name, nvinfer1::TensorIOMode mode, void* data) noexcept;
    void report(nvinfer1::IProfiler& profiler) const;

    const CudaEngine& engine_;
    int generation_ = -1;  // of the engine that context_ has; -1: it may be any
    std::unique_ptr<runtime::Context> context_;
    mutable RuntimeConfig config_;
    Reporter reporter_;
    std::string name_;
    nvinfer1::IProfiler* profiler_ = nullptr;
    bool emitsProfile_ = true, debugSync_ = false;
    // Of the last run, by step, in the order in which they first ran; times of steps in loops add up.
    std::vector<std::pair<const plan::Step*, double>> times_;
    std::map<const plan::Step*, size_t> timeIndex_;
    bool timesReported_ = true;
    std::vector<nvinfer1::IOutputAllocator*> allocators_;  // by I/O tensor
    nvinfer1::IGpuAllocator* temporaryAllocator_ = nullptr;
    cudaStream_t stream_ = nullptr;  // of the run that is going on
    cudaEvent_t inputConsumed_ = nullptr;
    size_t persistentCache_ = 0;
    nvinfer1::ProfilingVerbosity nvtxVerbosity_;
    nvinfer1::IDebugListener* debugListener_ = nullptr;
};

}  // namespace lathe::api
