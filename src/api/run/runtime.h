// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "api/run/plugin_libraries.h"
#include "api/run/plugin_registry.h"
#include "plan/plan.h"

namespace lathe::api {

class Runtime final : public nvinfer1::IRuntime, public nvinfer1::apiv::VRuntime {
  public:
    explicit Runtime(nvinfer1::ILogger* logger);

    nvinfer1::IRuntime* getPImpl() noexcept override { return this; }
    nvinfer1::ICudaEngine* deserializeCudaEngine(void const* blob, std::size_t size) noexcept override;
    nvinfer1::ICudaEngine* deserializeCudaEngine(nvinfer1::IStreamReader& reader) noexcept override;
    nvinfer1::ICudaEngine* deserializeCudaEngineV2(nvinfer1::IStreamReaderV2& reader) noexcept override;
    void setDLACore(int32_t core) noexcept override {
        guardedStatus(reporter_, "IRuntime::setDLACore",
                      [&]() -> Status { return unsupported("core {}: there is no DLA", core); });
    }
    int32_t getDLACore() const noexcept override { return -1; }
    int32_t getNbDLACores() const noexcept override { return 0; }
    void setGpuAllocator(nvinfer1::IGpuAllocator* allocator) noexcept override { allocator_ = allocator; }
    void setErrorRecorder(nvinfer1::IErrorRecorder* recorder) noexcept override { reporter_.setRecorder(recorder); }
    nvinfer1::IErrorRecorder* getErrorRecorder() const noexcept override { return reporter_.recorder(); }
    nvinfer1::ILogger* getLogger() const noexcept override { return reporter_.logger(); }
    bool setMaxThreads(int32_t count) noexcept override;
    int32_t getMaxThreads() const noexcept override { return maxThreads_; }
    void setTemporaryDirectory(char const* path) noexcept override;
    char const* getTemporaryDirectory() const noexcept override {
        return temporaryDirectory_.empty() ? nullptr : temporaryDirectory_.c_str();
    }
    void setTempfileControlFlags(nvinfer1::TempfileControlFlags flags) noexcept override { tempfileFlags_ = flags; }
    nvinfer1::TempfileControlFlags getTempfileControlFlags() const noexcept override { return tempfileFlags_; }
    nvinfer1::IPluginRegistry& getPluginRegistry() noexcept override { return registry_; }
    void setPluginRegistryParent(nvinfer1::IPluginRegistry*) noexcept override {}
    nvinfer1::IRuntime* loadRuntime(char const* path) noexcept override;
    void setEngineHostCodeAllowed(bool allowed) noexcept override { hostCode_ = allowed; }
    bool getEngineHostCodeAllowed() const noexcept override { return hostCode_; }

    static Runtime& of(nvinfer1::IRuntime& r) { return static_cast<Runtime&>(r); }
    // lathe::loadEngine() of a file.
    nvinfer1::ICudaEngine* loadFile(char const* path) noexcept;
    // lathe::loadEngine() of memory that stays until release(context) is called.
    nvinfer1::ICudaEngine* loadShared(void const* data, std::size_t size, void (*release)(void*),
                                      void* context) noexcept;

  private:
    // An engine of a plan that was read: with its plugins.
    Result<nvinfer1::ICudaEngine*> engineOf(std::unique_ptr<plan::Plan> plan);
    // `read` copies up to n bytes and says how many; 0 is the end, negative an error.
    nvinfer1::ICudaEngine* fromStream(const std::function<int64_t(void* to, int64_t n)>& read) noexcept;

    Reporter reporter_;
    PluginRegistry registry_;
    PluginLibraries libraries_;
    nvinfer1::IGpuAllocator* allocator_ = nullptr;
    std::string temporaryDirectory_;
    nvinfer1::TempfileControlFlags tempfileFlags_ = 3;
    int32_t maxThreads_ = 1;
    bool hostCode_ = false;
};

}  // namespace lathe::api
