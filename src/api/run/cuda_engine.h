// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "NvInfer.h"
#include "NvInferImpl.h"
#include "api/common/report.h"
#include "runtime/engine.h"

namespace lathe::api {

// An engine over a plan; the caller deletes it. Errors: the plan cannot run on this machine.
Result<nvinfer1::ICudaEngine*> makeEngine(std::shared_ptr<const plan::Plan> plan, nvinfer1::ILogger* logger,
                                          nvinfer1::IErrorRecorder* recorder, nvinfer1::IGpuAllocator* allocator);

// All steps of a program in the order of execution, nested ones after the step that owns them: what the API calls
// layers.
std::vector<const plan::Step*> flattenSteps(const plan::Program& program);

class CudaEngine final : public nvinfer1::ICudaEngine, public nvinfer1::apiv::VCudaEngine {
  public:
    using Selector = nvinfer1::OptProfileSelector;
    using Dims = nvinfer1::Dims;

    CudaEngine(std::shared_ptr<const runtime::Engine> engine, nvinfer1::ILogger* logger,
               nvinfer1::IErrorRecorder* recorder, nvinfer1::IGpuAllocator* allocator);
    static const CudaEngine& of(const nvinfer1::ICudaEngine& e) { return static_cast<const CudaEngine&>(e); }

    // With the weights that it has now.
    std::shared_ptr<const runtime::Engine> engine() const {
        std::lock_guard lock(mutex_);
        return engine_;
    }
    // After a refit. Contexts that run keep the old one until they are done; generation() tells them.
    void setEngine(std::shared_ptr<const runtime::Engine> engine) {
        std::lock_guard lock(mutex_);
        engine_ = std::move(engine);
        generation_.fetch_add(1, std::memory_order_release);
    }
    int generation() const { return generation_.load(std::memory_order_acquire); }
    // REQUIRES: not while another thread refits the engine.
    const plan::Plan& plan() const { return engine_->plan(); }
    // What no refit changes: a plan without programs and weights. Names given to the user are its.
    const plan::Plan& facts() const { return facts_; }
    // Index into facts().io, or -1.
    int io(char const* name) const;
    const Reporter& reporter() const { return *reporter_; }

    nvinfer1::ICudaEngine* getPImpl() noexcept override { return this; }
    int32_t getNbLayers() const noexcept override { return layers_; }
    nvinfer1::IHostMemory* serialize() const noexcept override;
    nvinfer1::IExecutionContext* createExecutionContext(
        nvinfer1::ExecutionContextAllocationStrategy strategy) noexcept override;
    nvinfer1::IExecutionContext* createExecutionContextWithoutDeviceMemory() noexcept override;
    size_t getDeviceMemorySize() const noexcept override { return static_cast<size_t>(getDeviceMemorySizeV2()); }
    bool isRefittable() const noexcept override { return facts().refittable; }
    char const* getName() const noexcept override { return facts().name.c_str(); }
    int32_t getNbOptimizationProfiles() const noexcept override { return static_cast<int32_t>(facts_.profiles.size()); }
    int32_t const* getProfileTensorValues(char const* name, int32_t profile, Selector select) const noexcept override;
    nvinfer1::EngineCapability getEngineCapability() const noexcept override {
        return nvinfer1::EngineCapability::kSTANDARD;
    }
    void setErrorRecorder(nvinfer1::IErrorRecorder* recorder) noexcept override { reporter_->setRecorder(recorder); }
    nvinfer1::IErrorRecorder* getErrorRecorder() const noexcept override { return reporter_->recorder(); }
    bool hasImplicitBatchDimension() const noexcept override { return false; }
    nvinfer1::TacticSources getTacticSources() const noexcept override { return 0; }
    nvinfer1::ProfilingVerbosity getProfilingVerbosity() const noexcept override {
        return static_cast<nvinfer1::ProfilingVerbosity>(facts().profilingVerbosity);
    }
    nvinfer1::IEngineInspector* createEngineInspector() const noexcept override;
    Dims getTensorShape(char const* name) const noexcept override;
    nvinfer1::DataType getTensorDataType(char const* name) const noexcept override;
    nvinfer1::TensorLocation getTensorLocation(char const* name) const noexcept override;
    bool isShapeInferenceIO(char const* name) const noexcept override;
    nvinfer1::TensorIOMode getTensorIOMode(char const* name) const noexcept override;
    int32_t getTensorBytesPerComponent(char const* name) const noexcept override;
    int32_t getTensorComponentsPerElement(char const* name) const noexcept override;
    nvinfer1::TensorFormat getTensorFormat(char const* name) const noexcept override;
    char const* getTensorFormatDesc(char const* name) const noexcept override;
    int32_t getTensorVectorizedDim(char const* name) const noexcept override;
    Dims getProfileShape(char const* name, int32_t profile, Selector select) const noexcept override;
    int32_t getNbIOTensors() const noexcept override { return static_cast<int32_t>(facts().io.size()); }
    char const* getIOTensorName(int32_t index) const noexcept override;
    nvinfer1::HardwareCompatibilityLevel getHardwareCompatibilityLevel() const noexcept override {
        return static_cast<nvinfer1::HardwareCompatibilityLevel>(facts().programs.front()->target.reach);
    }
    int32_t getNbAuxStreams() const noexcept override { return auxStreams_; }
    int32_t getTensorBytesPerComponentV2(char const* name, int32_t) const noexcept override {
        return getTensorBytesPerComponent(name);
    }
    int32_t getTensorComponentsPerElementV2(char const* name, int32_t) const noexcept override {
        return getTensorComponentsPerElement(name);
    }
    nvinfer1::TensorFormat getTensorFormatV2(char const* name, int32_t) const noexcept override {
        return getTensorFormat(name);
    }
    char const* getTensorFormatDescV2(char const* name, int32_t) const noexcept override {
        return getTensorFormatDesc(name);
    }
    int32_t getTensorVectorizedDimV2(char const* name, int32_t) const noexcept override {
        return getTensorVectorizedDim(name);
    }
    nvinfer1::ISerializationConfig* createSerializationConfig() noexcept override;
    nvinfer1::IHostMemory* serializeWithConfig(nvinfer1::ISerializationConfig& config) const noexcept override;
    size_t getDeviceMemorySizeForProfile(int32_t profile) const noexcept override {
        return static_cast<size_t>(getDeviceMemorySizeForProfileV2(profile));
    }
    nvinfer1::IRefitter* createRefitter(nvinfer1::ILogger& logger) noexcept override;
    // Weights are not streamed: there is nothing that could be.
    bool setWeightStreamingBudget(int64_t budget) noexcept override { return setWeightStreamingBudgetV2(budget); }
    int64_t getWeightStreamingBudget() const noexcept override { return 0; }
    int64_t getMinimumWeightStreamingBudget() const noexcept override { return 0; }
    int64_t getStreamableWeightsSize() const noexcept override { return 0; }
    bool isDebugTensor(char const* name) const noexcept override { return name && debugTensors_.contains(name); }
    const std::set<std::string, std::less<>>& debugTensors() const { return debugTensors_; }
    bool setWeightStreamingBudgetV2(int64_t budget) noexcept override;
    int64_t getWeightStreamingBudgetV2() const noexcept override { return 0; }
    int64_t getWeightStreamingAutomaticBudget() const noexcept override { return 0; }
    int64_t getWeightStreamingScratchMemorySize() const noexcept override { return 0; }
    int64_t getDeviceMemorySizeV2() const noexcept override;
    int64_t getDeviceMemorySizeForProfileV2(int32_t profile) const noexcept override;
    int64_t const* getProfileTensorValuesV2(char const* name, int32_t profile, Selector select) const noexcept override;
    nvinfer1::IExecutionContext* createExecutionContextWithRuntimeConfig(
        nvinfer1::IRuntimeConfig* config) noexcept override;
    nvinfer1::IRuntimeConfig* createRuntimeConfig() noexcept override;
    int64_t getEngineStat(nvinfer1::EngineStat stat) const noexcept override;
    char const* getAliasedInputTensor(char const* name) const noexcept override;

  private:
    const plan::IoTensor* find(char const* name) const;
    // Null when there is no such profile, input or selector.
    const plan::ProfileInput* profileInput(char const* name, int32_t profile, Selector select) const;
    nvinfer1::IHostMemory* serializeAs(const char* where, bool withWeights) const noexcept;

    std::set<std::string, std::less<>> debugTensors_;
    mutable std::mutex mutex_;  // guards engine_
    std::shared_ptr<const runtime::Engine> engine_;
    std::atomic<int> generation_{0};
    plan::Plan facts_;
    std::shared_ptr<Reporter> reporter_;
    nvinfer1::IGpuAllocator* allocator_;
    int32_t layers_ = 0, auxStreams_ = 0;
    std::vector<std::string> formats_;                                        // by I/O tensor
    std::vector<std::vector<std::array<std::vector<int32_t>, 3>>> values32_;  // by profile, input and selector
};

}  // namespace lathe::api
