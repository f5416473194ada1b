// SPDX-License-Identifier: Apache-2.0
#include "api/build/builder_config.h"

#include "Lathe.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "base/cpu_info.h"
#include "device/cuda/gpu.h"
#include "device/domain.h"
#include "exec/target.h"

namespace lathe::api {

using namespace nvinfer1;

namespace {

constexpr uint32_t kFlagMask = (1u << 29) - 1;
constexpr TacticSources kAllSources = (1u << 5) - 1;

std::size_t hostMemory() {
    long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGE_SIZE);
    return pages > 0 && size > 0 ? static_cast<std::size_t>(pages) * static_cast<std::size_t>(size)
                                 : std::size_t{1} << 32;
}

}  // namespace

BuilderConfig::Settings::Settings()
    : tacticSources(bit(TacticSource::kEDGE_MASK_CONVOLUTIONS) | bit(TacticSource::kJIT_CONVOLUTIONS)),
      pools{hostMemory(),           std::size_t{1} << 20, std::size_t{1} << 30,
            std::size_t{512} << 20, hostMemory(),         (std::size_t{1} << 30) - 1} {}

BuilderConfig::BuilderConfig(std::shared_ptr<const Reporter> reporter) : reporter_(std::move(reporter)) {
    mImpl = this;
}

void BuilderConfig::setAvgTimingIterations(int32_t count) noexcept {
    if (count < 1) return refuse("IBuilderConfig::setAvgTimingIterations", invalidArgument("{} iterations", count));
    s_.timingIterations = count;
}

void BuilderConfig::setFlags(BuilderFlags flags) noexcept {
    if (flags & ~kFlagMask)
        return refuse("IBuilderConfig::setFlags", invalidArgument("flags {:#x} do not exist", flags & ~kFlagMask));
    s_.flags = flags;
}

void BuilderConfig::setDeviceType(ILayer const* layer, DeviceType type) noexcept {
    guardedStatus(*reporter_, "IBuilderConfig::setDeviceType", [&]() -> Status {
        if (!layer) return invalidArgument("the layer is null");
        TRY(mustExist(type, "device type"));
        s_.devices[layer] = type;
        return {};
    });
}

DeviceType BuilderConfig::getDeviceType(ILayer const* layer) const noexcept {
    auto at = s_.devices.find(layer);
    return at == s_.devices.end() ? s_.defaultDevice : at->second;
}

void BuilderConfig::reset() noexcept { s_ = Settings(); }

int32_t BuilderConfig::addOptimizationProfile(IOptimizationProfile const* profile) noexcept {
    return guarded<int32_t>(*reporter_, "IBuilderConfig::addOptimizationProfile", -1, [&]() -> Result<int32_t> {
        if (!profile) return invalidArgument("the profile is null");
        if (!profile->isValid())
            return invalidArgument("the profile lacks one of the min, opt and max shapes or values of an input");
        s_.profiles.push_back(&OptimizationProfile::of(*profile));
        return static_cast<int32_t>(s_.profiles.size()) - 1;
    });
}

bool BuilderConfig::setCalibrationProfile(IOptimizationProfile const* profile) noexcept {
    if (profile && !profile->isValid()) return false;
    s_.calibrationProfile = profile;
    return true;
}

bool BuilderConfig::setTacticSources(TacticSources sources) noexcept {
    if (sources & ~kAllSources) {
        refuse("IBuilderConfig::setTacticSources",
               invalidArgument("sources {:#x} do not exist", sources & ~kAllSources));
        return false;
    }
    s_.tacticSources = sources;
    return true;
}

ITimingCache* BuilderConfig::createTimingCache(void const* blob, std::size_t size) const noexcept {
    return guarded<ITimingCache*>(*reporter_, "IBuilderConfig::createTimingCache", nullptr,
                                  [&]() -> Result<ITimingCache*> {
                                      if (!blob && size) return invalidArgument("{} bytes at a null pointer", size);
                                      auto cache = std::make_unique<TimingCache>(reporter_);
                                      TRY(cache->entries().deserialize(static_cast<const std::byte*>(blob), size));
                                      return cache.release();
                                  });
}

// Keys name target and library version, so a cache from elsewhere is merely useless.
bool BuilderConfig::setTimingCache(ITimingCache const& cache, bool) noexcept {
    s_.cache = &TimingCache::of(cache);
    return true;
}

ITimingCache const* BuilderConfig::getTimingCache() const noexcept { return s_.cache ? s_.cache : s_.ownCache.get(); }

builder::TimingCache* BuilderConfig::cacheForBuild() {
    if (getFlag(BuilderFlag::kDISABLE_TIMING_CACHE)) return nullptr;
    if (s_.cache) return &s_.cache->entries();
    if (!s_.ownCache) s_.ownCache = std::make_shared<TimingCache>(reporter_);
    return &s_.ownCache->entries();
}

void BuilderConfig::setMemoryPoolLimit(MemoryPoolType pool, std::size_t size) noexcept {
    const char* where = "IBuilderConfig::setMemoryPoolLimit";
    auto i = static_cast<uint32_t>(pool);
    if (i >= kPools) return refuse(where, invalidArgument("memory pool {} does not exist", i));
    bool dla = pool == MemoryPoolType::kDLA_MANAGED_SRAM || pool == MemoryPoolType::kDLA_LOCAL_DRAM ||
               pool == MemoryPoolType::kDLA_GLOBAL_DRAM;
    if (dla && (size < 4096 || (size & (size - 1))))
        return refuse(where, invalidArgument("{} bytes; a power of two from 4096 on is needed", size));
    if (pool == MemoryPoolType::kTACTIC_SHARED_MEMORY && size >= (std::size_t{1} << 30))
        return refuse(where, invalidArgument("{} bytes; less than {} are needed", size, std::size_t{1} << 30));
    // More workspace than there is: as if all were allowed.
    s_.pools[i] = size;
}

std::size_t BuilderConfig::getMemoryPoolLimit(MemoryPoolType pool) const noexcept {
    auto i = static_cast<uint32_t>(pool);
    return i < kPools ? s_.pools[i] : 0;
}

void BuilderConfig::setPreviewFeature(PreviewFeature feature, bool enable) noexcept {
    if (!exists("IBuilderConfig::setPreviewFeature", feature, "preview feature")) return;
    s_.previews = enable ? s_.previews | bit(feature) : s_.previews & ~bit(feature);
}

void BuilderConfig::setBuilderOptimizationLevel(int32_t level) noexcept {
    if (level < 0) return refuse("IBuilderConfig::setBuilderOptimizationLevel", invalidArgument("level {}", level));
    s_.level = std::min(level, 5);
}

void BuilderConfig::setPluginsToSerialize(char const* const* paths, int32_t count) noexcept {
    guardedStatus(*reporter_, "IBuilderConfig::setPluginsToSerialize", [&]() -> Status {
        if (count < 0 || (count > 0 && !paths)) return invalidArgument("{} paths", count);
        std::vector<std::string> list;
        for (int32_t i = 0; i < count; ++i) {
            if (!paths[i]) return invalidArgument("path {} is null", i);
            if (std::find(list.begin(), list.end(), paths[i]) != list.end())
                return invalidArgument("'{}' comes twice", paths[i]);
            list.emplace_back(paths[i]);
        }
        s_.plugins = std::move(list);
        return {};
    });
}

char const* BuilderConfig::getPluginToSerialize(int32_t index) const noexcept {
    return index >= 0 && index < getNbPluginsToSerialize() ? s_.plugins[index].c_str() : nullptr;
}

void BuilderConfig::setMaxAuxStreams(int32_t count) noexcept {
    if (count < -1) return refuse("IBuilderConfig::setMaxAuxStreams", invalidArgument("{} streams", count));
    s_.auxStreams = count;
}

void BuilderConfig::setMaxNbTactics(int32_t count) noexcept {
    if (count < -1) return refuse("IBuilderConfig::setMaxNbTactics", invalidArgument("{} tactics", count));
    s_.maxTactics = count;
}

bool BuilderConfig::setTilingOptimizationLevel(TilingOptimizationLevel level) noexcept {
    if (!exists("IBuilderConfig::setTilingOptimizationLevel", level, "tiling optimization level")) return false;
    s_.tiling = level;
    return true;
}

bool BuilderConfig::setL2LimitForTiling(int64_t size) noexcept {
    if (size < 0) {
        refuse("IBuilderConfig::setL2LimitForTiling", invalidArgument("{} bytes", size));
        return false;
    }
    s_.tilingL2 = size;
    return true;
}

bool BuilderConfig::setRemoteAutoTuningConfig(char const* config) noexcept {
    return guardedStatus(*reporter_, "IBuilderConfig::setRemoteAutoTuningConfig", [&]() -> Status {
        if (config && *config) return unsupported("'{}': tactics are timed on this machine only", config);
        s_.remoteTuning = config ? config : "";
        return {};
    });
}

namespace {

Result<builder::BuildTarget> targetNamed(const std::string& name) {
    if (name == "cpu" || name == "cpu:reference" || name == fmt::format("cpu:{}", toString(activeIsa())))
        return builder::BuildTarget{exec::buildTarget(), nullptr};
    if (name == "cpu:base" || name == "cpu:avx2" || name == "cpu:avx512")
        return unsupported("target '{}': this process builds for 'cpu:{}'; set LATHE_TARGET to build for less", name,
                           toString(activeIsa()));
    cuda::Gpu* gpu = device::domainGpu();
    if (name == "cuda") {
        if (!gpu)
            return unsupported("target 'cuda': there is no GPU here ({}); name an architecture, such as 'cuda:sm_90'",
                               device::whyNoGpu());
        return builder::BuildTarget{exec::gpuTarget(*gpu), gpu};
    }
    constexpr std::string_view kCuda = "cuda:sm_";
    int sm = 0;
    if (name.starts_with(kCuda)) {
        const char *first = name.data() + kCuda.size(), *last = name.data() + name.size();
        auto read = std::from_chars(first, last, sm);
        bool later = read.ec == std::errc() && last - read.ptr == 1 && *read.ptr == '+';
        if (later && sm != 80) return unsupported("target '{}': of several architectures there is 'cuda:sm_80+'", name);
        if (later && gpu && gpu->info().sm >= sm)
            return builder::BuildTarget{TRY(exec::ampereAndLater(exec::gpuTarget(*gpu))), gpu};
        if (later) return builder::BuildTarget{TRY(exec::ampereAndLater(TRY(exec::absentGpuTarget(sm)))), nullptr};
        if (read.ec == std::errc() && read.ptr == last) {
            if (gpu && gpu->info().sm == sm) return builder::BuildTarget{exec::gpuTarget(*gpu), gpu};
            return builder::BuildTarget{TRY(exec::absentGpuTarget(sm)), nullptr};
        }
    }
    return invalidArgument("'{}' is no target", name);
}

// What IBuilderConfig::setHardwareCompatibilityLevel says of a target. On a CPU it is kept, and means nothing.
Status widen(tactics::Target& t, HardwareCompatibilityLevel level) {
    using Reach = tactics::Target::Reach;
    static_assert(static_cast<int>(Reach::kAmpereAndLater) ==
                  static_cast<int>(HardwareCompatibilityLevel::kAMPERE_PLUS));
    static_assert(static_cast<int>(Reach::kSameArchitecture) ==
                  static_cast<int>(HardwareCompatibilityLevel::kSAME_COMPUTE_CAPABILITY));
    if (level == HardwareCompatibilityLevel::kNONE || t.reach == Reach::kAmpereAndLater) return {};
    if (t.isCuda() && level == HardwareCompatibilityLevel::kAMPERE_PLUS)
        t = TRY_IN("hardware compatibility level kAMPERE_PLUS", exec::ampereAndLater(t));
    t.reach = static_cast<Reach>(level);
    return {};
}

// Names with commas between them; none: the process's device.
Result<std::vector<builder::BuildTarget>> targetsNamed(const std::string& names) {
    std::vector<builder::BuildTarget> out;
    for (size_t at = 0; at < names.size();) {
        size_t end = std::min(names.find(',', at), names.size());
        out.push_back(TRY(targetNamed(names.substr(at, end - at))));
        at = end + 1;
    }
    if (out.empty())
        if (cuda::Gpu* gpu = TRY(device::domain())) out.push_back({exec::gpuTarget(*gpu), gpu});
    return out;
}

}  // namespace

Status BuilderConfig::setTarget(const char* target) {
    std::string names = target ? target : "";
    if (!names.empty()) TRY(targetsNamed(names));
    s_.target = names;
    return {};
}

Result<builder::Options> BuilderConfig::options(const std::string& name,
                                                const std::vector<plan::IoTensor>& inputs) const {
    using Severity = ILogger::Severity;
    if (s_.capability != EngineCapability::kSTANDARD)
        return unsupported("engine capability {}: only kSTANDARD engines can be built",
                           static_cast<int>(s_.capability));
    if (s_.defaultDevice == DeviceType::kDLA && !getFlag(BuilderFlag::kGPU_FALLBACK))
        return unsupported(
            "the default device is a DLA core, and there is none; kGPU_FALLBACK would allow another device");
    for (const auto& [layer, device] : s_.devices)
        if (device == DeviceType::kDLA && !getFlag(BuilderFlag::kGPU_FALLBACK))
            return unsupported(
                "a layer is to run on a DLA core, and there is none; kGPU_FALLBACK would allow another device");
    if (s_.platform != RuntimePlatform::kSAME_AS_BUILD)
        return unsupported("runtime platform {}: plans can be built for the platform of the build only",
                           static_cast<int>(s_.platform));
    int refits =
        getFlag(BuilderFlag::kREFIT) + getFlag(BuilderFlag::kREFIT_IDENTICAL) + getFlag(BuilderFlag::kREFIT_INDIVIDUAL);
    if (refits > 1)
        return makeStatus(Code::kInvalidConfig,
                          "only one of kREFIT, kREFIT_IDENTICAL and kREFIT_INDIVIDUAL may be set");
    if (getFlag(BuilderFlag::kOBEY_PRECISION_CONSTRAINTS) && getFlag(BuilderFlag::kPREFER_PRECISION_CONSTRAINTS))
        return makeStatus(Code::kInvalidConfig,
                          "kOBEY_PRECISION_CONSTRAINTS and kPREFER_PRECISION_CONSTRAINTS are both set");
    if (getFlag(BuilderFlag::kINT8) && s_.calibrator)
        reporter_->log(
            Severity::kWARNING,
            "the calibrator is not used: layers without quantize and dequantize layers around them compute in kFLOAT");

    builder::Options o;
    o.name = name;
    for (size_t i = 0; i < s_.profiles.size(); ++i)
        o.profiles.push_back(TRY_IN(fmt::format("profile {}", i), s_.profiles[i]->forInputs(inputs)));
    std::size_t workspace = s_.pools[static_cast<int>(MemoryPoolType::kWORKSPACE)];
    o.workspaceLimit = workspace > static_cast<std::size_t>(INT64_MAX) ? INT64_MAX : static_cast<int64_t>(workspace);
    o.auxStreams = s_.auxStreams;
    o.optimizationLevel = s_.level;
    o.mostTactics = s_.maxTactics;
    o.timingIterations = s_.timingIterations;
    o.relaxed = getFlag(BuilderFlag::kTF32);
    // The range of f16 is the smaller one, its precision the better.
    if (getFlag(BuilderFlag::kFP16))
        o.narrow = DType::kHalf;
    else if (getFlag(BuilderFlag::kBF16))
        o.narrow = DType::kBf16;
    o.refittable = refits != 0 || getFlag(BuilderFlag::kSTRIP_PLAN);
    // Stripped weights come back as they were, unless another flag says that they may change.
    if (getFlag(BuilderFlag::kREFIT_IDENTICAL) || refits == 0) o.refit = plan::Plan::Refit::kIdentical;
    if (getFlag(BuilderFlag::kREFIT_INDIVIDUAL)) o.refit = plan::Plan::Refit::kIndividual;
    o.stripWeights = getFlag(BuilderFlag::kSTRIP_PLAN);
    o.failOnCacheMiss = getFlag(BuilderFlag::kERROR_ON_TIMING_CACHE_MISS);
    o.profilingVerbosity = static_cast<int64_t>(s_.verbosity);
    o.targets = TRY(targetsNamed(s_.target));
    if (o.targets.empty()) o.targets.push_back({exec::buildTarget(), nullptr});
    for (builder::BuildTarget& t : o.targets) TRY(widen(t.target, s_.compatibility));
    if (s_.target == "cpu:reference") o.optimizationLevel = -1;
    return o;
}

}  // namespace lathe::api

extern "C" __attribute__((visibility("default"))) bool latheSetTarget(void* config, char const* target) noexcept {
    if (!config) return false;
    auto& c = lathe::api::BuilderConfig::of(*static_cast<nvinfer1::IBuilderConfig*>(config));
    return lathe::api::guardedStatus(c.reporter(), "lathe::setTarget", [&] { return c.setTarget(target); });
}
