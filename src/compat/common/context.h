// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>

#include "compat/common/engine.h"

namespace lathe::compat {

#if LATHE_TRT >= 8
using Bindings = void* const*;
#else
using Bindings = void**;
#endif

class Context final : public old::IExecutionContext {
  public:
    Context(Engine& engine, std::unique_ptr<v10::IExecutionContext> real) : engine_(engine), real_(std::move(real)) {}
    v10::IExecutionContext& real() const { return *real_; }

    bool execute(int32_t batch, Bindings bindings) noexcept override;
    bool enqueue(int32_t batch, Bindings bindings, cudaStream_t stream, cudaEvent_t* consumed) noexcept override;
    bool executeV2(Bindings bindings) noexcept override;
    bool enqueueV2(Bindings bindings, cudaStream_t stream, cudaEvent_t* consumed) noexcept override;

    void setDebugSync(bool sync) noexcept override { real_->setDebugSync(sync); }
    bool getDebugSync() const noexcept override { return real_->getDebugSync(); }
    void setProfiler(old::IProfiler* profiler) noexcept override { real_->setProfiler(adapt(profiler)); }
    old::IProfiler* getProfiler() const noexcept override { return original(real_->getProfiler()); }
    old::ICudaEngine const& getEngine() const noexcept override { return engine_; }
    void destroy() noexcept override { delete this; }
    void setName(char const* name) noexcept override { real_->setName(name); }
    char const* getName() const noexcept override { return real_->getName(); }
    void setDeviceMemory(void* memory) noexcept override { real_->setDeviceMemory(memory); }
    old::Dims getStrides(int32_t i) const noexcept override;
    bool setOptimizationProfile(int32_t profile) noexcept override {
        return real_->setOptimizationProfileAsync(profile, nullptr);
    }
    int32_t getOptimizationProfile() const noexcept override { return real_->getOptimizationProfile(); }
    bool setBindingDimensions(int32_t i, old::Dims dims) noexcept override;
    old::Dims getBindingDimensions(int32_t i) const noexcept override;
    bool setInputShapeBinding(int32_t i, int32_t const* data) noexcept override;
    bool getShapeBinding(int32_t i, int32_t* data) const noexcept override;
    bool allInputDimensionsSpecified() const noexcept override { return real_->allInputDimensionsSpecified(); }
    bool allInputShapesSpecified() const noexcept override;
    void setErrorRecorder(old::IErrorRecorder* recorder) noexcept override { real_->setErrorRecorder(adapt(recorder)); }
    old::IErrorRecorder* getErrorRecorder() const noexcept override { return original(real_->getErrorRecorder()); }
#if LATHE_TRT >= 7
    bool setOptimizationProfileAsync(int32_t profile, cudaStream_t stream) noexcept override {
        return real_->setOptimizationProfileAsync(profile, stream);
    }
#endif
#if LATHE_TRT >= 8
    old::Dims getTensorStrides(char const* name) const noexcept override { return stridesOf(name); }
    bool setInputShape(char const* name, old::Dims const& dims) noexcept override {
        return explicitOnly("setInputShape") && real_->setInputShape(name, toNew(dims));
    }
    old::Dims getTensorShape(char const* name) const noexcept override {
        return engine_.shown(real_->getTensorShape(name));
    }
    void setEnqueueEmitsProfile(bool emits) noexcept override { real_->setEnqueueEmitsProfile(emits); }
    bool getEnqueueEmitsProfile() const noexcept override { return real_->getEnqueueEmitsProfile(); }
    bool reportToProfiler() const noexcept override { return real_->reportToProfiler(); }
    bool setTensorAddress(char const* name, void* data) noexcept override {
        return real_->setTensorAddress(name, data);
    }
    void const* getTensorAddress(char const* name) const noexcept override { return real_->getTensorAddress(name); }
    bool setInputTensorAddress(char const* name, void const* data) noexcept override {
        return real_->setInputTensorAddress(name, data);
    }
    void* getOutputTensorAddress(char const* name) const noexcept override {
        return real_->getOutputTensorAddress(name);
    }
    int32_t inferShapes(int32_t count, char const** names) noexcept override {
        return real_->inferShapes(count, names);
    }
    bool setInputConsumedEvent(cudaEvent_t event) noexcept override { return real_->setInputConsumedEvent(event); }
    cudaEvent_t getInputConsumedEvent() const noexcept override { return real_->getInputConsumedEvent(); }
    bool setOutputAllocator(char const* name, old::IOutputAllocator* allocator) noexcept override {
        return real_->setOutputAllocator(name, adapt(allocator));
    }
    old::IOutputAllocator* getOutputAllocator(char const* name) const noexcept override {
        return original(real_->getOutputAllocator(name));
    }
    int64_t getMaxOutputSize(char const* name) const noexcept override { return real_->getMaxOutputSize(name); }
    bool setTemporaryStorageAllocator(old::IGpuAllocator* allocator) noexcept override {
        return real_->setTemporaryStorageAllocator(adapt(allocator));
    }
    old::IGpuAllocator* getTemporaryStorageAllocator() const noexcept override {
        return original(real_->getTemporaryStorageAllocator());
    }
    bool enqueueV3(cudaStream_t stream) noexcept override {
        return explicitOnly("enqueueV3") && real_->enqueueV3(stream);
    }
    void setPersistentCacheLimit(size_t size) noexcept override { real_->setPersistentCacheLimit(size); }
    size_t getPersistentCacheLimit() const noexcept override { return real_->getPersistentCacheLimit(); }
    bool setNvtxVerbosity(old::ProfilingVerbosity v) noexcept override { return real_->setNvtxVerbosity(toNew(v)); }
    old::ProfilingVerbosity getNvtxVerbosity() const noexcept override {
        return toOld<old::ProfilingVerbosity>(real_->getNvtxVerbosity());
    }
    void setAuxStreams(cudaStream_t* streams, int32_t count) noexcept override { real_->setAuxStreams(streams, count); }
#endif

  private:
    // With an implicit batch those within one entry, which are known before there is a batch.
    old::Dims stridesOf(char const* name) const;
    bool explicitOnly(const char* what) const;
    // Sets the batch of all inputs; false, with an error, when it cannot be.
    bool setBatch(int32_t batch, const char* where);
    // Hands the bindings of the current profile over; shape inputs come from setInputShapeBinding().
    bool bind(Bindings bindings, const char* where);
    bool run(Bindings bindings, cudaStream_t stream, cudaEvent_t* consumed, const char* where);

    Engine& engine_;
    std::unique_ptr<v10::IExecutionContext> real_;
    std::map<std::string, std::vector<int32_t>> shapeValues_;  // of shape inputs
    bool warned_ = false;
};

}  // namespace lathe::compat
