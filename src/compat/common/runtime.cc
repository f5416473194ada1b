// SPDX-License-Identifier: Apache-2.0
#include "compat/common/builder.h"
#include "compat/common/engine.h"
#include "compat/common/plugins.h"

namespace lathe::compat {
namespace {

class Runtime final : public old::IRuntime {
  public:
    Runtime(old::ILogger* logger, std::unique_ptr<v10::IRuntime> real) : logger_(logger), real_(std::move(real)) {}

    old::ICudaEngine* deserializeCudaEngine(void const* blob, std::size_t size,
                                            old::IPluginFactory* factory) noexcept override;
    old::ICudaEngine* deserializeCudaEngine(void const* blob, std::size_t size) noexcept override {
        return deserializeCudaEngine(blob, size, nullptr);
    }
    void setDLACore(int32_t core) noexcept override { real_->setDLACore(core); }
    int32_t getDLACore() const noexcept override { return real_->getDLACore(); }
    int32_t getNbDLACores() const noexcept override { return real_->getNbDLACores(); }
    void destroy() noexcept override { delete this; }
    void setGpuAllocator(old::IGpuAllocator* allocator) noexcept override { real_->setGpuAllocator(adapt(allocator)); }
    void setErrorRecorder(old::IErrorRecorder* recorder) noexcept override { real_->setErrorRecorder(adapt(recorder)); }
    old::IErrorRecorder* getErrorRecorder() const noexcept override { return original(real_->getErrorRecorder()); }
#if LATHE_TRT >= 8
    old::ILogger* getLogger() const noexcept override { return logger_; }
    bool setMaxThreads(int32_t count) noexcept override { return real_->setMaxThreads(count); }
    int32_t getMaxThreads() const noexcept override { return real_->getMaxThreads(); }
    void setTemporaryDirectory(char const* path) noexcept override { real_->setTemporaryDirectory(path); }
    char const* getTemporaryDirectory() const noexcept override { return real_->getTemporaryDirectory(); }
    void setTempfileControlFlags(old::TempfileControlFlags flags) noexcept override {
        real_->setTempfileControlFlags(flags);
    }
    old::TempfileControlFlags getTempfileControlFlags() const noexcept override {
        return real_->getTempfileControlFlags();
    }
    old::IPluginRegistry& getPluginRegistry() noexcept override { return pluginRegistry(); }
    old::IRuntime* loadRuntime(char const*) noexcept override {
        Report{logger_, getErrorRecorder()}.error(
            "IRuntime::loadRuntime", "runtimes of other versions cannot be loaded", old::ErrorCode::kUNSUPPORTED_STATE);
        return nullptr;
    }
    void setEngineHostCodeAllowed(bool allowed) noexcept override { real_->setEngineHostCodeAllowed(allowed); }
    bool getEngineHostCodeAllowed() const noexcept override { return real_->getEngineHostCodeAllowed(); }
#endif

  private:
    old::ILogger* logger_;
    std::unique_ptr<v10::IRuntime> real_;
};

old::ICudaEngine* Runtime::deserializeCudaEngine(void const* blob, std::size_t size,
                                                 old::IPluginFactory* factory) noexcept {
    std::string error;
    Head head = readHead(blob, size, error);
    if (!error.empty()) {
        Report{logger_, getErrorRecorder()}.error("IRuntime::deserializeCudaEngine", error);
        return nullptr;
    }
    std::size_t skip = head.present ? kHeadSize : 0;
    PluginSource source(factory);
    PluginReport reports({logger_, getErrorRecorder()});
    auto engine = loadEngine(*real_, logger_, static_cast<const char*>(blob) + skip, size - skip, head);
    return engine.release();
}

class Refitter final : public old::IRefitter {
  public:
    Refitter(old::ILogger* logger, v10::IRefitter* real) : logger_(logger), real_(real) {}
    bool setWeights(char const* layer, old::WeightsRole role, old::Weights weights) noexcept override {
        return real_->setWeights(layer, toNew(role), toNew(weights));
    }
    bool refitCudaEngine() noexcept override { return real_->refitCudaEngine(); }
    int32_t getMissing(int32_t size, char const** names, old::WeightsRole* roles) noexcept override {
        return real_->getMissing(size, names, reinterpret_cast<v10::WeightsRole*>(roles));
    }
    int32_t getAll(int32_t size, char const** names, old::WeightsRole* roles) noexcept override {
        return real_->getAll(size, names, reinterpret_cast<v10::WeightsRole*>(roles));
    }
    void destroy() noexcept override { delete this; }
    bool setDynamicRange(char const* name, float min, float max) noexcept override {
        return real_->setDynamicRange(name, min, max);
    }
    float getDynamicRangeMin(char const* name) const noexcept override { return real_->getDynamicRangeMin(name); }
    float getDynamicRangeMax(char const* name) const noexcept override { return real_->getDynamicRangeMax(name); }
    int32_t getTensorsWithDynamicRange(int32_t size, char const** names) const noexcept override {
        return real_->getTensorsWithDynamicRange(size, names);
    }
    void setErrorRecorder(old::IErrorRecorder* recorder) noexcept override { real_->setErrorRecorder(adapt(recorder)); }
    old::IErrorRecorder* getErrorRecorder() const noexcept override { return original(real_->getErrorRecorder()); }
#if LATHE_TRT >= 8
    bool setNamedWeights(char const* name, old::Weights weights) noexcept override {
        return real_->setNamedWeights(name, toNew(weights));
    }
    int32_t getMissingWeights(int32_t size, char const** names) noexcept override {
        return real_->getMissingWeights(size, names);
    }
    int32_t getAllWeights(int32_t size, char const** names) noexcept override {
        return real_->getAllWeights(size, names);
    }
    old::ILogger* getLogger() const noexcept override { return logger_; }
    bool setMaxThreads(int32_t count) noexcept override { return real_->setMaxThreads(count); }
    int32_t getMaxThreads() const noexcept override { return real_->getMaxThreads(); }
#endif

  private:
    [[maybe_unused]] old::ILogger* logger_;
    std::unique_ptr<v10::IRefitter> real_;
};

// What a header of this version may pass: its own number.
bool knownVersion(old::ILogger& logger, int32_t version, const char* where) {
    if (version / 1000 == LATHE_TRT) return true;
    Report{&logger, nullptr}.error(where, "the caller was compiled with headers of version " +
                                              std::to_string(version / 1000) + ", this library is for " +
                                              std::to_string(LATHE_TRT));
    return false;
}

}  // namespace

void* makeBuilder(void* logger, int32_t version) noexcept {
    auto* log = static_cast<old::ILogger*>(logger);
    if (!log || !knownVersion(*log, version, "createInferBuilder")) return nullptr;
    std::unique_ptr<v10::IBuilder> real(
        static_cast<v10::IBuilder*>(::createInferBuilder_INTERNAL(adapt(log), kNewVersion)));
    return real ? static_cast<old::IBuilder*>(new Builder(*log, std::move(real))) : nullptr;
}

void* makeRuntime(void* logger, int32_t version) noexcept {
    auto* log = static_cast<old::ILogger*>(logger);
    if (!log || !knownVersion(*log, version, "createInferRuntime")) return nullptr;
    std::unique_ptr<v10::IRuntime> real(
        static_cast<v10::IRuntime*>(::createInferRuntime_INTERNAL(adapt(log), kNewVersion)));
    return real ? static_cast<old::IRuntime*>(new Runtime(log, std::move(real))) : nullptr;
}

void* makeRefitter(void* engine, void* logger, int32_t version) noexcept {
    auto* log = static_cast<old::ILogger*>(logger);
    if (!engine || !log || !knownVersion(*log, version, "createInferRefitter")) return nullptr;
    auto& real = static_cast<Engine*>(static_cast<old::ICudaEngine*>(engine))->real();
    auto* made = static_cast<v10::IRefitter*>(::createInferRefitter_INTERNAL(&real, adapt(log), kNewVersion));
    return made ? static_cast<old::IRefitter*>(new Refitter(log, made)) : nullptr;
}

}  // namespace lathe::compat
