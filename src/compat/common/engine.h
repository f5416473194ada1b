// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "compat/common/callbacks.h"
#include "compat/common/plan.h"

namespace lathe::compat {

// Null for null.
old::IHostMemory* makeMemory(v10::IHostMemory* real);
// A plan with the head of one with an implicit batch.
old::IHostMemory* makeMemory(int32_t maxBatch, const v10::IHostMemory& plan);

class Engine final : public old::ICudaEngine {
  public:
    // REQUIRES: with an implicit batch, what loadEngine() checks.
    Engine(std::unique_ptr<v10::ICudaEngine> real, Head head, old::ILogger* logger);
    v10::ICudaEngine& real() const { return *real_; }
    bool implicit() const { return head_.present; }
    int offset() const { return implicit() ? 1 : 0; }
    Report report() const { return {logger_, getErrorRecorder()}; }

    // Inputs and outputs, the inputs first.
    int32_t tensors() const { return static_cast<int32_t>(names_.size()); }
    const std::string& name(int32_t tensor) const { return names_[tensor]; }
    bool isInput(int32_t tensor) const;
    // The tensor of a binding; nullptr, with an error, for one that does not exist.
    char const* tensorOf(int32_t binding, const char* where) const;
    old::Dims shown(const v10::Dims& dims) const { return toOld<old::Dims>(implicit() ? withoutFront(dims) : dims); }

    int32_t getNbBindings() const noexcept override { return static_cast<int32_t>(bindings_.size()); }
    int32_t getBindingIndex(char const* name) const noexcept override;
    char const* getBindingName(int32_t i) const noexcept override;
    bool bindingIsInput(int32_t i) const noexcept override;
    old::Dims getBindingDimensions(int32_t i) const noexcept override;
    old::DataType getBindingDataType(int32_t i) const noexcept override;
    int32_t getMaxBatchSize() const noexcept override { return head_.present ? head_.maxBatch : 1; }
    int32_t getNbLayers() const noexcept override { return real_->getNbLayers(); }
    old::IHostMemory* serialize() const noexcept override;
    old::IExecutionContext* createExecutionContext() noexcept override;
    void destroy() noexcept override { delete this; }
    old::TensorLocation getLocation(int32_t i) const noexcept override;
    old::IExecutionContext* createExecutionContextWithoutDeviceMemory() noexcept override;
    size_t getDeviceMemorySize() const noexcept override { return real_->getDeviceMemorySize(); }
    bool isRefittable() const noexcept override { return real_->isRefittable(); }
    int32_t getBindingBytesPerComponent(int32_t i) const noexcept override;
    int32_t getBindingComponentsPerElement(int32_t i) const noexcept override;
    old::TensorFormat getBindingFormat(int32_t i) const noexcept override;
    char const* getBindingFormatDesc(int32_t i) const noexcept override;
    int32_t getBindingVectorizedDim(int32_t i) const noexcept override;
    char const* getName() const noexcept override { return real_->getName(); }
    int32_t getNbOptimizationProfiles() const noexcept override { return real_->getNbOptimizationProfiles(); }
    old::Dims getProfileDimensions(int32_t i, int32_t profile, old::OptProfileSelector select) const noexcept override;
    int32_t const* getProfileShapeValues(int32_t profile, int32_t input,
                                         old::OptProfileSelector select) const noexcept override;
    bool isShapeBinding(int32_t i) const noexcept override;
    bool isExecutionBinding(int32_t i) const noexcept override;
    old::EngineCapability getEngineCapability() const noexcept override {
        return toOld<old::EngineCapability>(real_->getEngineCapability());
    }
    void setErrorRecorder(old::IErrorRecorder* recorder) noexcept override { real_->setErrorRecorder(adapt(recorder)); }
    old::IErrorRecorder* getErrorRecorder() const noexcept override { return original(real_->getErrorRecorder()); }
#if LATHE_TRT >= 7
    bool hasImplicitBatchDimension() const noexcept override { return implicit(); }
#endif
#if LATHE_TRT < 8
    std::size_t getWorkspaceSize() const noexcept override { return real_->getDeviceMemorySize(); }
#else
    old::Dims getTensorShape(char const* name) const noexcept override { return shown(real_->getTensorShape(name)); }
    old::DataType getTensorDataType(char const* name) const noexcept override {
        return toOld<old::DataType>(real_->getTensorDataType(name));
    }
    old::TensorLocation getTensorLocation(char const* name) const noexcept override {
        return toOld<old::TensorLocation>(real_->getTensorLocation(name));
    }
    bool isShapeInferenceIO(char const* name) const noexcept override { return real_->isShapeInferenceIO(name); }
    old::TensorIOMode getTensorIOMode(char const* name) const noexcept override {
        return toOld<old::TensorIOMode>(real_->getTensorIOMode(name));
    }
    int32_t getTensorBytesPerComponent(char const* name) const noexcept override {
        return real_->getTensorBytesPerComponent(name);
    }
    int32_t getTensorBytesPerComponent(char const* name, int32_t profile) const noexcept override {
        return real_->getTensorBytesPerComponent(name, profile);
    }
    int32_t getTensorComponentsPerElement(char const* name) const noexcept override {
        return real_->getTensorComponentsPerElement(name);
    }
    int32_t getTensorComponentsPerElement(char const* name, int32_t profile) const noexcept override {
        return real_->getTensorComponentsPerElement(name, profile);
    }
    old::TensorFormat getTensorFormat(char const* name) const noexcept override {
        return toOld<old::TensorFormat>(real_->getTensorFormat(name));
    }
    old::TensorFormat getTensorFormat(char const* name, int32_t profile) const noexcept override {
        return toOld<old::TensorFormat>(real_->getTensorFormat(name, profile));
    }
    char const* getTensorFormatDesc(char const* name) const noexcept override {
        return real_->getTensorFormatDesc(name);
    }
    char const* getTensorFormatDesc(char const* name, int32_t profile) const noexcept override {
        return real_->getTensorFormatDesc(name, profile);
    }
    int32_t getTensorVectorizedDim(char const* name) const noexcept override {
        return shownDim(real_->getTensorVectorizedDim(name));
    }
    int32_t getTensorVectorizedDim(char const* name, int32_t profile) const noexcept override {
        return shownDim(real_->getTensorVectorizedDim(name, profile));
    }
    old::Dims getProfileShape(char const* name, int32_t profile, old::OptProfileSelector s) const noexcept override {
        return shown(real_->getProfileShape(name, profile, toNew(s)));
    }
    old::TacticSources getTacticSources() const noexcept override { return real_->getTacticSources(); }
    old::ProfilingVerbosity getProfilingVerbosity() const noexcept override {
        return toOld<old::ProfilingVerbosity>(real_->getProfilingVerbosity());
    }
    old::IEngineInspector* createEngineInspector() const noexcept override;
    int32_t getNbIOTensors() const noexcept override { return real_->getNbIOTensors(); }
    char const* getIOTensorName(int32_t i) const noexcept override { return real_->getIOTensorName(i); }
    old::HardwareCompatibilityLevel getHardwareCompatibilityLevel() const noexcept override {
        return toOld<old::HardwareCompatibilityLevel>(real_->getHardwareCompatibilityLevel());
    }
    int32_t getNbAuxStreams() const noexcept override { return real_->getNbAuxStreams(); }
#endif

  private:
    int32_t shownDim(int32_t dim) const { return dim < 0 ? dim : dim - offset(); }

    std::unique_ptr<v10::ICudaEngine> real_;
    Head head_;
    old::ILogger* logger_;
    std::vector<std::string> names_;     // of the tensors
    std::vector<std::string> bindings_;  // of the bindings: names_ once for each profile
};

// Loads a plan without a head; `head` says what one said. Null, with an error, on failure.
std::unique_ptr<Engine> loadEngine(old::ILogger* logger, old::IErrorRecorder* recorder, old::IGpuAllocator* allocator,
                                   const void* data, std::size_t size, Head head);
// The same by a runtime that is there.
std::unique_ptr<Engine> loadEngine(v10::IRuntime& runtime, old::ILogger* logger, const void* data, std::size_t size,
                                   Head head);

}  // namespace lathe::compat
