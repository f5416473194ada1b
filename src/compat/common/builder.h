// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>

#include "compat/common/engine.h"
#include "compat/common/network.h"

namespace lathe::compat {

class Profile final : public old::IOptimizationProfile {
  public:
    explicit Profile(v10::IOptimizationProfile& real) : real_(real) {}
    v10::IOptimizationProfile& real() const { return real_; }

    bool setDimensions(char const* name, old::OptProfileSelector select, old::Dims dims) noexcept override {
        return real_.setDimensions(name, toNew(select), toNew(dims));
    }
    old::Dims getDimensions(char const* name, old::OptProfileSelector select) const noexcept override {
        return toOld<old::Dims>(real_.getDimensions(name, toNew(select)));
    }
    bool setShapeValues(char const* name, old::OptProfileSelector select, int32_t const* values,
                        int32_t count) noexcept override {
        return real_.setShapeValues(name, toNew(select), values, count);
    }
    int32_t getNbShapeValues(char const* name) const noexcept override { return real_.getNbShapeValues(name); }
    int32_t const* getShapeValues(char const* name, old::OptProfileSelector select) const noexcept override {
        return real_.getShapeValues(name, toNew(select));
    }
    bool setExtraMemoryTarget(float target) noexcept override { return real_.setExtraMemoryTarget(target); }
    float getExtraMemoryTarget() const noexcept override { return real_.getExtraMemoryTarget(); }
    bool isValid() const noexcept override { return real_.isValid(); }

  private:
    v10::IOptimizationProfile& real_;
};

#if LATHE_TRT >= 8
class TimingCache final : public old::ITimingCache {
  public:
    explicit TimingCache(std::unique_ptr<v10::ITimingCache> own) : own_(std::move(own)), real_(own_.get()) {}
    explicit TimingCache(const v10::ITimingCache& real) : real_(const_cast<v10::ITimingCache*>(&real)) {}
    v10::ITimingCache& real() const { return *real_; }
    old::IHostMemory* serialize() const noexcept override { return makeMemory(real_->serialize()); }
    bool combine(old::ITimingCache const& other, bool ignoreMismatch) noexcept override {
        return real_->combine(static_cast<const TimingCache&>(other).real(), ignoreMismatch);
    }
    bool reset() noexcept override { return real_->reset(); }

  private:
    std::unique_ptr<v10::ITimingCache> own_;
    v10::ITimingCache* real_;
};
#endif

class Config final : public old::IBuilderConfig {
  public:
    explicit Config(std::unique_ptr<v10::IBuilderConfig> real, Report report);
    static Config& of(old::IBuilderConfig& c) { return static_cast<Config&>(c); }
    v10::IBuilderConfig& real() { return *real_; }

    void setMinTimingIterations(int32_t count) noexcept override { minTiming_ = count; }
    int32_t getMinTimingIterations() const noexcept override { return minTiming_; }
    void setAvgTimingIterations(int32_t count) noexcept override { real_->setAvgTimingIterations(count); }
    int32_t getAvgTimingIterations() const noexcept override { return real_->getAvgTimingIterations(); }
    void setEngineCapability(old::EngineCapability c) noexcept override { real_->setEngineCapability(toNew(c)); }
    old::EngineCapability getEngineCapability() const noexcept override {
        return toOld<old::EngineCapability>(real_->getEngineCapability());
    }
    void setInt8Calibrator(old::IInt8Calibrator* c) noexcept override { real_->setInt8Calibrator(adapt(c)); }
    old::IInt8Calibrator* getInt8Calibrator() const noexcept override { return original(real_->getInt8Calibrator()); }
    void setMaxWorkspaceSize(std::size_t size) noexcept override {
        real_->setMemoryPoolLimit(v10::MemoryPoolType::kWORKSPACE, size);
    }
    std::size_t getMaxWorkspaceSize() const noexcept override {
        return real_->getMemoryPoolLimit(v10::MemoryPoolType::kWORKSPACE);
    }
    void setFlags(old::BuilderFlags flags) noexcept override;
    old::BuilderFlags getFlags() const noexcept override { return flags_; }
    void clearFlag(old::BuilderFlag flag) noexcept override { setFlags(flags_ & ~bit(flag)); }
    void setFlag(old::BuilderFlag flag) noexcept override { setFlags(flags_ | bit(flag)); }
    bool getFlag(old::BuilderFlag flag) const noexcept override { return (flags_ & bit(flag)) != 0; }
    void setDeviceType(old::ILayer const* layer, old::DeviceType type) noexcept override {
        real_->setDeviceType(mainOf(layer), toNew(type));
    }
    old::DeviceType getDeviceType(old::ILayer const* layer) const noexcept override {
        return toOld<old::DeviceType>(real_->getDeviceType(mainOf(layer)));
    }
    bool isDeviceTypeSet(old::ILayer const* layer) const noexcept override {
        return real_->isDeviceTypeSet(mainOf(layer));
    }
    void resetDeviceType(old::ILayer const* layer) noexcept override { real_->resetDeviceType(mainOf(layer)); }
    bool canRunOnDLA(old::ILayer const* layer) const noexcept override { return real_->canRunOnDLA(mainOf(layer)); }
    void setDLACore(int32_t core) noexcept override { real_->setDLACore(core); }
    int32_t getDLACore() const noexcept override { return real_->getDLACore(); }
    void setDefaultDeviceType(old::DeviceType type) noexcept override { real_->setDefaultDeviceType(toNew(type)); }
    old::DeviceType getDefaultDeviceType() const noexcept override {
        return toOld<old::DeviceType>(real_->getDefaultDeviceType());
    }
    void reset() noexcept override;
    void destroy() noexcept override { delete this; }
    void setProfileStream(const cudaStream_t stream) noexcept override { real_->setProfileStream(stream); }
    cudaStream_t getProfileStream() const noexcept override { return real_->getProfileStream(); }
    int32_t addOptimizationProfile(old::IOptimizationProfile const* profile) noexcept override {
        return real_->addOptimizationProfile(profile ? &static_cast<const Profile*>(profile)->real() : nullptr);
    }
    int32_t getNbOptimizationProfiles() const noexcept override { return real_->getNbOptimizationProfiles(); }
#if LATHE_TRT >= 7
    void setProfilingVerbosity(old::ProfilingVerbosity v) noexcept override { real_->setProfilingVerbosity(toNew(v)); }
    old::ProfilingVerbosity getProfilingVerbosity() const noexcept override {
        return toOld<old::ProfilingVerbosity>(real_->getProfilingVerbosity());
    }
    void setAlgorithmSelector(old::IAlgorithmSelector* selector) noexcept override { selector_ = selector; }
    old::IAlgorithmSelector* getAlgorithmSelector() const noexcept override { return selector_; }
    bool setCalibrationProfile(old::IOptimizationProfile const* profile) noexcept override {
        calibrationProfile_ = profile;
        return real_->setCalibrationProfile(profile ? &static_cast<const Profile*>(profile)->real() : nullptr);
    }
    old::IOptimizationProfile const* getCalibrationProfile() noexcept override { return calibrationProfile_; }
    void setQuantizationFlags(old::QuantizationFlags flags) noexcept override { real_->setQuantizationFlags(flags); }
    old::QuantizationFlags getQuantizationFlags() const noexcept override { return real_->getQuantizationFlags(); }
    void clearQuantizationFlag(old::QuantizationFlag f) noexcept override { real_->clearQuantizationFlag(toNew(f)); }
    void setQuantizationFlag(old::QuantizationFlag f) noexcept override { real_->setQuantizationFlag(toNew(f)); }
    bool getQuantizationFlag(old::QuantizationFlag f) const noexcept override {
        return real_->getQuantizationFlag(toNew(f));
    }
    bool setTacticSources(old::TacticSources sources) noexcept override { return real_->setTacticSources(sources); }
    old::TacticSources getTacticSources() const noexcept override { return real_->getTacticSources(); }
#endif
#if LATHE_TRT >= 8
    old::ITimingCache* createTimingCache(void const* blob, std::size_t size) const noexcept override;
    bool setTimingCache(old::ITimingCache const& cache, bool ignoreMismatch) noexcept override;
    old::ITimingCache const* getTimingCache() const noexcept override;
    void setMemoryPoolLimit(old::MemoryPoolType pool, std::size_t size) noexcept override {
        real_->setMemoryPoolLimit(toNew(pool), size);
    }
    std::size_t getMemoryPoolLimit(old::MemoryPoolType pool) const noexcept override {
        return real_->getMemoryPoolLimit(toNew(pool));
    }
    // Only kPROFILE_SHARING_0806 is left of them; the others are kept.
    void setPreviewFeature(old::PreviewFeature feature, bool enable) noexcept override;
    bool getPreviewFeature(old::PreviewFeature feature) const noexcept override {
        return (previews_ & (1u << static_cast<uint32_t>(feature))) != 0;
    }
    void setBuilderOptimizationLevel(int32_t level) noexcept override { real_->setBuilderOptimizationLevel(level); }
    int32_t getBuilderOptimizationLevel() noexcept override { return real_->getBuilderOptimizationLevel(); }
    void setHardwareCompatibilityLevel(old::HardwareCompatibilityLevel level) noexcept override {
        real_->setHardwareCompatibilityLevel(toNew(level));
    }
    old::HardwareCompatibilityLevel getHardwareCompatibilityLevel() const noexcept override {
        return toOld<old::HardwareCompatibilityLevel>(real_->getHardwareCompatibilityLevel());
    }
    void setPluginsToSerialize(char const* const* paths, int32_t count) noexcept override {
        real_->setPluginsToSerialize(paths, count);
    }
    char const* getPluginToSerialize(int32_t i) const noexcept override { return real_->getPluginToSerialize(i); }
    int32_t getNbPluginsToSerialize() const noexcept override { return real_->getNbPluginsToSerialize(); }
    void setMaxAuxStreams(int32_t count) noexcept override { real_->setMaxAuxStreams(count); }
    int32_t getMaxAuxStreams() const noexcept override { return real_->getMaxAuxStreams(); }
#endif

  private:
    static constexpr uint32_t bit(old::BuilderFlag flag) { return 1u << static_cast<uint32_t>(flag); }
    static const v10::ILayer* mainOf(const old::ILayer* layer);

    std::unique_ptr<v10::IBuilderConfig> real_;
    Report report_;
    int32_t minTiming_ = 1;
    old::BuilderFlags flags_ = 0;
#if LATHE_TRT >= 7
    old::IAlgorithmSelector* selector_ = nullptr;
    const old::IOptimizationProfile* calibrationProfile_ = nullptr;
#endif
#if LATHE_TRT >= 8
    uint32_t previews_ = 1u << static_cast<uint32_t>(old::PreviewFeature::kPROFILE_SHARING_0806);
    mutable std::unique_ptr<TimingCache> cache_;
#endif
};

class Builder final : public old::IBuilder {
  public:
    Builder(old::ILogger& logger, std::unique_ptr<v10::IBuilder> real);
    old::ILogger* logger() const { return logger_; }
    Report report() const { return {logger_, getErrorRecorder()}; }

    void setMaxBatchSize(int32_t batch) noexcept override;
    int32_t getMaxBatchSize() const noexcept override { return maxBatch_; }
    bool platformHasFastFp16() const noexcept override { return real_->platformHasFastFp16(); }
    bool platformHasFastInt8() const noexcept override { return real_->platformHasFastInt8(); }
    void destroy() noexcept override { delete this; }
    int32_t getMaxDLABatchSize() const noexcept override { return real_->getMaxDLABatchSize(); }
    int32_t getNbDLACores() const noexcept override { return real_->getNbDLACores(); }
    void setGpuAllocator(old::IGpuAllocator* allocator) noexcept override {
        allocator_ = allocator;
        real_->setGpuAllocator(adapt(allocator));
    }
    old::IBuilderConfig* createBuilderConfig() noexcept override;
    old::ICudaEngine* buildEngineWithConfig(old::INetworkDefinition& network,
                                            old::IBuilderConfig& config) noexcept override;
    old::INetworkDefinition* createNetworkV2(old::NetworkDefinitionCreationFlags flags) noexcept override;
    old::IOptimizationProfile* createOptimizationProfile() noexcept override;
    void setErrorRecorder(old::IErrorRecorder* recorder) noexcept override { real_->setErrorRecorder(adapt(recorder)); }
    old::IErrorRecorder* getErrorRecorder() const noexcept override { return original(real_->getErrorRecorder()); }
    void reset() noexcept override;
#if LATHE_TRT >= 7
    bool platformHasTf32() const noexcept override { return real_->platformHasTf32(); }
#endif
#if LATHE_TRT < 8
    old::INetworkDefinition* createNetwork() noexcept override { return createNetworkV2(0); }
    void setMaxWorkspaceSize(std::size_t size) noexcept override { modes_->setMaxWorkspaceSize(size); }
    std::size_t getMaxWorkspaceSize() const noexcept override { return modes_->getMaxWorkspaceSize(); }
    void setHalf2Mode(bool on) noexcept override { setFp16Mode(on); }
    bool getHalf2Mode() const noexcept override { return getFp16Mode(); }
    void setDebugSync(bool on) noexcept override { mode(old::BuilderFlag::kDEBUG, on); }
    bool getDebugSync() const noexcept override { return modes_->getFlag(old::BuilderFlag::kDEBUG); }
    void setMinFindIterations(int32_t count) noexcept override { modes_->setMinTimingIterations(count); }
    int32_t getMinFindIterations() const noexcept override { return modes_->getMinTimingIterations(); }
    void setAverageFindIterations(int32_t count) noexcept override { modes_->setAvgTimingIterations(count); }
    int32_t getAverageFindIterations() const noexcept override { return modes_->getAvgTimingIterations(); }
    old::ICudaEngine* buildCudaEngine(old::INetworkDefinition& network) noexcept override {
        return buildEngineWithConfig(network, *modes_);
    }
    void setInt8Mode(bool on) noexcept override { mode(old::BuilderFlag::kINT8, on); }
    bool getInt8Mode() const noexcept override { return modes_->getFlag(old::BuilderFlag::kINT8); }
    void setInt8Calibrator(old::IInt8Calibrator* c) noexcept override { modes_->setInt8Calibrator(c); }
    void setDeviceType(old::ILayer* layer, old::DeviceType t) noexcept override { modes_->setDeviceType(layer, t); }
    old::DeviceType getDeviceType(old::ILayer const* layer) const noexcept override {
        return modes_->getDeviceType(layer);
    }
    bool isDeviceTypeSet(old::ILayer const* layer) const noexcept override { return modes_->isDeviceTypeSet(layer); }
    void resetDeviceType(old::ILayer* layer) noexcept override { modes_->resetDeviceType(layer); }
    bool canRunOnDLA(old::ILayer const* layer) const noexcept override { return modes_->canRunOnDLA(layer); }
    void setDefaultDeviceType(old::DeviceType type) noexcept override { modes_->setDefaultDeviceType(type); }
    old::DeviceType getDefaultDeviceType() const noexcept override { return modes_->getDefaultDeviceType(); }
    void allowGPUFallback(bool on) noexcept override { mode(old::BuilderFlag::kGPU_FALLBACK, on); }
    void setDLACore(int32_t core) noexcept override { modes_->setDLACore(core); }
    int32_t getDLACore() const noexcept override { return modes_->getDLACore(); }
    void reset(old::INetworkDefinition&) noexcept override { reset(); }
    void setFp16Mode(bool on) noexcept override { mode(old::BuilderFlag::kFP16, on); }
    bool getFp16Mode() const noexcept override { return modes_->getFlag(old::BuilderFlag::kFP16); }
    void setStrictTypeConstraints(bool on) noexcept override { mode(old::BuilderFlag::kSTRICT_TYPES, on); }
    bool getStrictTypeConstraints() const noexcept override { return modes_->getFlag(old::BuilderFlag::kSTRICT_TYPES); }
    void setRefittable(bool on) noexcept override { mode(old::BuilderFlag::kREFIT, on); }
    bool getRefittable() const noexcept override { return modes_->getFlag(old::BuilderFlag::kREFIT); }
    void setEngineCapability(old::EngineCapability c) noexcept override { modes_->setEngineCapability(c); }
    old::EngineCapability getEngineCapability() const noexcept override { return modes_->getEngineCapability(); }
#else
    old::IHostMemory* buildSerializedNetwork(old::INetworkDefinition& network,
                                             old::IBuilderConfig& config) noexcept override;
    bool isNetworkSupported(old::INetworkDefinition const& network,
                            old::IBuilderConfig const& config) const noexcept override;
    old::ILogger* getLogger() const noexcept override { return logger_; }
    bool setMaxThreads(int32_t count) noexcept override { return real_->setMaxThreads(count); }
    int32_t getMaxThreads() const noexcept override { return real_->getMaxThreads(); }
    old::IPluginRegistry& getPluginRegistry() noexcept override;
#endif

  private:
    void mode(old::BuilderFlag flag, bool on) { on ? modes_->setFlag(flag) : modes_->clearFlag(flag); }
    // The network's plan, in bytes of the library. Null, with an error, on failure.
    std::unique_ptr<v10::IHostMemory> buildPlan(Network& network, Config& config);
    // The configuration to build an implicit batch with: a copy of `config` with a profile for it.
    std::unique_ptr<v10::IBuilderConfig> withBatchProfile(Network& network, v10::IBuilderConfig& config);

    old::ILogger* logger_;
    std::unique_ptr<v10::IBuilder> real_;
    std::unique_ptr<Config> modes_;  // what the builder's own setters set
    old::IGpuAllocator* allocator_ = nullptr;
    int32_t maxBatch_ = 1;
    std::vector<std::unique_ptr<Profile>> profiles_;
};

}  // namespace lathe::compat
