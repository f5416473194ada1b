// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "api/build/optimization_profile.h"
#include "api/build/timing_cache.h"
#include "api/common/convert.h"
#include "builder/builder.h"

namespace lathe::api {

// What the user chose for a build. Settings that mean nothing here (DLA, tiling, remote tuning) are kept and given
// back.
class BuilderConfig final : public nvinfer1::IBuilderConfig, public nvinfer1::apiv::VBuilderConfig {
  public:
    explicit BuilderConfig(std::shared_ptr<const Reporter> reporter);
    static BuilderConfig& of(nvinfer1::IBuilderConfig& c) { return static_cast<BuilderConfig&>(c); }
    static const BuilderConfig& of(const nvinfer1::IBuilderConfig& c) { return static_cast<const BuilderConfig&>(c); }

    // For a build of a network with these inputs. Errors: settings that contradict each other or the inputs.
    Result<builder::Options> options(const std::string& name, const std::vector<plan::IoTensor>& inputs) const;
    // The cache that a build reads and adds to; made when there is none and none is forbidden. May be null.
    builder::TimingCache* cacheForBuild();
    // For lathe::setTarget.
    Status setTarget(const char* target);
    const Reporter& reporter() const { return *reporter_; }

    void setAvgTimingIterations(int32_t count) noexcept override;
    int32_t getAvgTimingIterations() const noexcept override { return s_.timingIterations; }
    void setEngineCapability(nvinfer1::EngineCapability capability) noexcept override {
        if (exists("IBuilderConfig::setEngineCapability", capability, "engine capability")) s_.capability = capability;
    }
    nvinfer1::EngineCapability getEngineCapability() const noexcept override { return s_.capability; }
    void setInt8Calibrator(nvinfer1::IInt8Calibrator* calibrator) noexcept override { s_.calibrator = calibrator; }
    nvinfer1::IInt8Calibrator* getInt8Calibrator() const noexcept override { return s_.calibrator; }
    void setFlags(nvinfer1::BuilderFlags flags) noexcept override;
    nvinfer1::BuilderFlags getFlags() const noexcept override { return s_.flags; }
    void clearFlag(nvinfer1::BuilderFlag flag) noexcept override {
        if (exists("IBuilderConfig::clearFlag", flag, "builder flag")) s_.flags &= ~bit(flag);
    }
    void setFlag(nvinfer1::BuilderFlag flag) noexcept override {
        if (exists("IBuilderConfig::setFlag", flag, "builder flag")) s_.flags |= bit(flag);
    }
    bool getFlag(nvinfer1::BuilderFlag flag) const noexcept override { return (s_.flags & bit(flag)) != 0; }
    void setDeviceType(nvinfer1::ILayer const* layer, nvinfer1::DeviceType type) noexcept override;
    nvinfer1::DeviceType getDeviceType(nvinfer1::ILayer const* layer) const noexcept override;
    bool isDeviceTypeSet(nvinfer1::ILayer const* layer) const noexcept override { return s_.devices.count(layer) != 0; }
    void resetDeviceType(nvinfer1::ILayer const* layer) noexcept override { s_.devices.erase(layer); }
    bool canRunOnDLA(nvinfer1::ILayer const*) const noexcept override { return false; }
    void setDLACore(int32_t core) noexcept override { s_.dlaCore = core; }
    int32_t getDLACore() const noexcept override { return s_.dlaCore; }
    void setDefaultDeviceType(nvinfer1::DeviceType type) noexcept override {
        if (exists("IBuilderConfig::setDefaultDeviceType", type, "device type")) s_.defaultDevice = type;
    }
    nvinfer1::DeviceType getDefaultDeviceType() const noexcept override { return s_.defaultDevice; }
    void reset() noexcept override;
    void setProfileStream(const cudaStream_t stream) noexcept override { s_.stream = stream; }
    cudaStream_t getProfileStream() const noexcept override { return s_.stream; }
    int32_t addOptimizationProfile(nvinfer1::IOptimizationProfile const* profile) noexcept override;
    int32_t getNbOptimizationProfiles() const noexcept override { return static_cast<int32_t>(s_.profiles.size()); }
    void setProfilingVerbosity(nvinfer1::ProfilingVerbosity verbosity) noexcept override {
        if (exists("IBuilderConfig::setProfilingVerbosity", verbosity, "verbosity")) s_.verbosity = verbosity;
    }
    nvinfer1::ProfilingVerbosity getProfilingVerbosity() const noexcept override { return s_.verbosity; }
    void setAlgorithmSelector(nvinfer1::IAlgorithmSelector* selector) noexcept override { s_.selector = selector; }
    nvinfer1::IAlgorithmSelector* getAlgorithmSelector() const noexcept override { return s_.selector; }
    bool setCalibrationProfile(nvinfer1::IOptimizationProfile const* profile) noexcept override;
    nvinfer1::IOptimizationProfile const* getCalibrationProfile() noexcept override { return s_.calibrationProfile; }
    void setQuantizationFlags(nvinfer1::QuantizationFlags flags) noexcept override { s_.quantizationFlags = flags; }
    nvinfer1::QuantizationFlags getQuantizationFlags() const noexcept override { return s_.quantizationFlags; }
    void clearQuantizationFlag(nvinfer1::QuantizationFlag flag) noexcept override {
        s_.quantizationFlags &= ~bit(flag);
    }
    void setQuantizationFlag(nvinfer1::QuantizationFlag flag) noexcept override { s_.quantizationFlags |= bit(flag); }
    bool getQuantizationFlag(nvinfer1::QuantizationFlag flag) const noexcept override {
        return (s_.quantizationFlags & bit(flag)) != 0;
    }
    bool setTacticSources(nvinfer1::TacticSources sources) noexcept override;
    nvinfer1::TacticSources getTacticSources() const noexcept override { return s_.tacticSources; }
    nvinfer1::ITimingCache* createTimingCache(void const* blob, std::size_t size) const noexcept override;
    bool setTimingCache(nvinfer1::ITimingCache const& cache, bool ignoreMismatch) noexcept override;
    nvinfer1::ITimingCache const* getTimingCache() const noexcept override;
    void setMemoryPoolLimit(nvinfer1::MemoryPoolType pool, std::size_t size) noexcept override;
    std::size_t getMemoryPoolLimit(nvinfer1::MemoryPoolType pool) const noexcept override;
    void setPreviewFeature(nvinfer1::PreviewFeature feature, bool enable) noexcept override;
    bool getPreviewFeature(nvinfer1::PreviewFeature feature) const noexcept override {
        return (s_.previews & bit(feature)) != 0;
    }
    void setBuilderOptimizationLevel(int32_t level) noexcept override;
    int32_t getBuilderOptimizationLevel() const noexcept override { return s_.level; }
    void setHardwareCompatibilityLevel(nvinfer1::HardwareCompatibilityLevel level) noexcept override {
        if (exists("IBuilderConfig::setHardwareCompatibilityLevel", level, "compatibility level"))
            s_.compatibility = level;
    }
    nvinfer1::HardwareCompatibilityLevel getHardwareCompatibilityLevel() const noexcept override {
        return s_.compatibility;
    }
    void setPluginsToSerialize(char const* const* paths, int32_t count) noexcept override;
    char const* getPluginToSerialize(int32_t index) const noexcept override;
    int32_t getNbPluginsToSerialize() const noexcept override { return static_cast<int32_t>(s_.plugins.size()); }
    void setMaxAuxStreams(int32_t count) noexcept override;
    int32_t getMaxAuxStreams() const noexcept override { return s_.auxStreams; }
    void setProgressMonitor(nvinfer1::IProgressMonitor* monitor) noexcept override { s_.monitor = monitor; }
    nvinfer1::IProgressMonitor* getProgressMonitor() const noexcept override { return s_.monitor; }
    void setRuntimePlatform(nvinfer1::RuntimePlatform platform) noexcept override {
        if (exists("IBuilderConfig::setRuntimePlatform", platform, "platform")) s_.platform = platform;
    }
    nvinfer1::RuntimePlatform getRuntimePlatform() const noexcept override { return s_.platform; }
    void setMaxNbTactics(int32_t count) noexcept override;
    int32_t getMaxNbTactics() const noexcept override { return s_.maxTactics; }
    bool setTilingOptimizationLevel(nvinfer1::TilingOptimizationLevel level) noexcept override;
    nvinfer1::TilingOptimizationLevel getTilingOptimizationLevel() const noexcept override { return s_.tiling; }
    bool setL2LimitForTiling(int64_t size) noexcept override;
    int64_t getL2LimitForTiling() const noexcept override { return s_.tilingL2; }
    bool setRemoteAutoTuningConfig(char const* config) noexcept override;
    char const* getRemoteAutoTuningConfig() const noexcept override {
        return s_.remoteTuning.empty() ? nullptr : s_.remoteTuning.c_str();
    }

  private:
    static constexpr int kPools = 6;
    struct Settings {
        Settings();
        int32_t timingIterations = 1, level = 3, dlaCore = -1, auxStreams = -1, maxTactics = -1;
        nvinfer1::EngineCapability capability = nvinfer1::EngineCapability::kSTANDARD;
        nvinfer1::IInt8Calibrator* calibrator = nullptr;
        nvinfer1::BuilderFlags flags = bit(nvinfer1::BuilderFlag::kTF32);
        std::map<const nvinfer1::ILayer*, nvinfer1::DeviceType> devices;
        nvinfer1::DeviceType defaultDevice = nvinfer1::DeviceType::kGPU;
        cudaStream_t stream = nullptr;
        std::vector<const OptimizationProfile*> profiles;
        nvinfer1::ProfilingVerbosity verbosity = nvinfer1::ProfilingVerbosity::kLAYER_NAMES_ONLY;
        nvinfer1::IAlgorithmSelector* selector = nullptr;
        nvinfer1::IOptimizationProfile const* calibrationProfile = nullptr;
        nvinfer1::QuantizationFlags quantizationFlags = 0;
        nvinfer1::TacticSources tacticSources;
        const TimingCache* cache = nullptr;     // the user's
        std::shared_ptr<TimingCache> ownCache;  // made by a build
        std::size_t pools[kPools];
        uint32_t previews = bit(nvinfer1::PreviewFeature::kPROFILE_SHARING_0806);
        nvinfer1::HardwareCompatibilityLevel compatibility = nvinfer1::HardwareCompatibilityLevel::kNONE;
        std::vector<std::string> plugins;
        nvinfer1::IProgressMonitor* monitor = nullptr;
        nvinfer1::RuntimePlatform platform = nvinfer1::RuntimePlatform::kSAME_AS_BUILD;
        nvinfer1::TilingOptimizationLevel tiling = nvinfer1::TilingOptimizationLevel::kNONE;
        int64_t tilingL2 = -1;
        std::string remoteTuning;
        std::string target;
    };
    template <class E>
    static constexpr uint32_t bit(E flag) {
        return 1u << static_cast<uint32_t>(flag);
    }
    void refuse(const char* where, const Status& status) const noexcept { reporter_->error(where, status); }
    // Whether the enumeration has this value; else an error.
    template <class E>
    bool exists(const char* where, E value, const char* what) const noexcept {
        return guardedStatus(*reporter_, where, [&] { return mustExist(value, what); });
    }

    std::shared_ptr<const Reporter> reporter_;
    Settings s_;
};

}  // namespace lathe::api
