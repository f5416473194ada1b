// SPDX-License-Identifier: Apache-2.0
#include "compat/common/builder.h"

#include <optional>

#include "compat/common/algorithms.h"
#include "compat/common/plan.h"
#include "compat/common/plugins.h"

namespace lathe::compat {

Config::Config(std::unique_ptr<v10::IBuilderConfig> real, Report report) : real_(std::move(real)), report_(report) {
#if LATHE_TRT >= 7
    flags_ = bit(old::BuilderFlag::kTF32);
#endif
}

const v10::ILayer* Config::mainOf(const old::ILayer* layer) {
    auto* made = dynamic_cast<const Layer*>(layer);
    return made ? &made->main() : nullptr;
}

void Config::setFlags(old::BuilderFlags flags) noexcept {
    flags_ = flags;
    uint32_t known = 0;
    for (const FlagPair& p : kFlags) {
        known |= bit(p.before);
        flags& bit(p.before) ? real_->setFlag(p.now) : real_->clearFlag(p.now);
    }
#if LATHE_TRT >= 8
    // What kSTRICT_TYPES stood for.
    if (flags & bit(old::BuilderFlag::kSTRICT_TYPES) && !getFlag(old::BuilderFlag::kOBEY_PRECISION_CONSTRAINTS))
        real_->setFlag(v10::BuilderFlag::kPREFER_PRECISION_CONSTRAINTS);
#endif
        // TF32 was the rule before it could be chosen.
#if LATHE_TRT < 7
    real_->setFlag(v10::BuilderFlag::kTF32);
#endif
}

void Config::reset() noexcept {
    real_->reset();
    minTiming_ = 1;
#if LATHE_TRT >= 7
    selector_ = nullptr;
    calibrationProfile_ = nullptr;
    setFlags(bit(old::BuilderFlag::kTF32));
#else
    setFlags(0);
#endif
#if LATHE_TRT >= 8
    cache_.reset();
#endif
}

#if LATHE_TRT >= 8
old::ITimingCache* Config::createTimingCache(void const* blob, std::size_t size) const noexcept {
    std::unique_ptr<v10::ITimingCache> made(real_->createTimingCache(blob, size));
    return made ? new TimingCache(std::move(made)) : nullptr;
}

bool Config::setTimingCache(old::ITimingCache const& cache, bool ignoreMismatch) noexcept {
    return real_->setTimingCache(static_cast<const TimingCache&>(cache).real(), ignoreMismatch);
}

old::ITimingCache const* Config::getTimingCache() const noexcept {
    const v10::ITimingCache* now = real_->getTimingCache();
    if (!now) return nullptr;
    if (!cache_ || &cache_->real() != now) cache_ = std::make_unique<TimingCache>(*now);
    return cache_.get();
}

void Config::setPreviewFeature(old::PreviewFeature feature, bool enable) noexcept {
    uint32_t mask = 1u << static_cast<uint32_t>(feature);
    previews_ = enable ? previews_ | mask : previews_ & ~mask;
    if (feature == old::PreviewFeature::kPROFILE_SHARING_0806)
        real_->setPreviewFeature(v10::PreviewFeature::kPROFILE_SHARING_0806, enable);
}
#endif

Builder::Builder(old::ILogger& logger, std::unique_ptr<v10::IBuilder> real) : logger_(&logger), real_(std::move(real)) {
    modes_ = std::make_unique<Config>(std::unique_ptr<v10::IBuilderConfig>(real_->createBuilderConfig()), report());
    modes_->reset();
}

void Builder::setMaxBatchSize(int32_t batch) noexcept {
    if (batch < 1) return report().error("IBuilder::setMaxBatchSize", "a batch of " + std::to_string(batch));
    maxBatch_ = batch;
}

old::IBuilderConfig* Builder::createBuilderConfig() noexcept {
    std::unique_ptr<v10::IBuilderConfig> made(real_->createBuilderConfig());
    return made ? new Config(std::move(made), report()) : nullptr;
}

old::INetworkDefinition* Builder::createNetworkV2(old::NetworkDefinitionCreationFlags flags) noexcept {
    auto has = [&](old::NetworkDefinitionCreationFlag f) { return ((flags >> static_cast<uint32_t>(f)) & 1u) != 0; };
    if (flags >> 2)
        return report().error("IBuilder::createNetworkV2", "flags " + std::to_string(flags) + " do not exist"), nullptr;
    std::unique_ptr<v10::INetworkDefinition> made(real_->createNetworkV2(0));
    if (!made) return nullptr;
    return new Network(*this, std::move(made), !has(old::NetworkDefinitionCreationFlag::kEXPLICIT_BATCH),
                       has(old::NetworkDefinitionCreationFlag::kEXPLICIT_PRECISION));
}

old::IOptimizationProfile* Builder::createOptimizationProfile() noexcept {
    v10::IOptimizationProfile* made = real_->createOptimizationProfile();
    if (!made) return nullptr;
    profiles_.push_back(std::make_unique<Profile>(*made));
    return profiles_.back().get();
}

void Builder::reset() noexcept {
    real_->reset();
    modes_->reset();
    maxBatch_ = 1;
}

// A configuration keeps the profiles that it is given, and one for a batch belongs to one network only.
std::unique_ptr<v10::IBuilderConfig> Builder::withBatchProfile(Network& network, v10::IBuilderConfig& config) {
    std::unique_ptr<v10::IBuilderConfig> copy(real_->createBuilderConfig());
    v10::IOptimizationProfile* profile = real_->createOptimizationProfile();
    if (!copy || !profile) return nullptr;
    copy->setFlags(config.getFlags());
    copy->setAvgTimingIterations(config.getAvgTimingIterations());
    copy->setEngineCapability(config.getEngineCapability());
    copy->setInt8Calibrator(config.getInt8Calibrator());
    copy->setDLACore(config.getDLACore());
    copy->setDefaultDeviceType(config.getDefaultDeviceType());
    for (int32_t i = 0; i < network.real().getNbLayers(); ++i)
        if (const v10::ILayer* layer = network.real().getLayer(i); config.isDeviceTypeSet(layer))
            copy->setDeviceType(layer, config.getDeviceType(layer));
    copy->setProfileStream(config.getProfileStream());
    copy->setProfilingVerbosity(config.getProfilingVerbosity());
    copy->setQuantizationFlags(config.getQuantizationFlags());
    copy->setTacticSources(config.getTacticSources());
    if (const v10::ITimingCache* cache = config.getTimingCache()) copy->setTimingCache(*cache, true);
    copy->setMemoryPoolLimit(v10::MemoryPoolType::kWORKSPACE,
                             config.getMemoryPoolLimit(v10::MemoryPoolType::kWORKSPACE));
    copy->setBuilderOptimizationLevel(config.getBuilderOptimizationLevel());
    copy->setHardwareCompatibilityLevel(config.getHardwareCompatibilityLevel());
    copy->setMaxAuxStreams(config.getMaxAuxStreams());
    std::vector<char const*> plugins;
    for (int32_t i = 0; i < config.getNbPluginsToSerialize(); ++i) plugins.push_back(config.getPluginToSerialize(i));
    if (!plugins.empty()) copy->setPluginsToSerialize(plugins.data(), static_cast<int32_t>(plugins.size()));

    for (int32_t i = 0; i < network.real().getNbInputs(); ++i) {
        v10::ITensor& input = *network.real().getInput(i);
        v10::Dims dims = input.getDimensions();
        for (v10::OptProfileSelector s :
             {v10::OptProfileSelector::kMIN, v10::OptProfileSelector::kOPT, v10::OptProfileSelector::kMAX}) {
            dims.d[0] = s == v10::OptProfileSelector::kMIN ? 1 : maxBatch_;
            if (!profile->setDimensions(input.getName(), s, dims)) return nullptr;
        }
    }
    if (copy->addOptimizationProfile(profile) < 0) return nullptr;
    return copy;
}

std::unique_ptr<v10::IHostMemory> Builder::buildPlan(Network& network, Config& config) {
    PluginReport reports(network.report());
    network.adopt();
    if (network.implicit()) network.fixBatch(maxBatch_ == 1);
    if (!network.complete()) return nullptr;
    if (!network.convertInterface()) return network.restoreInterface(), nullptr;
    std::unique_ptr<v10::IBuilderConfig> own;
    if (network.implicit()) {
        own = withBatchProfile(network, config.real());
        if (!own) return network.restoreInterface(), nullptr;
    }
    v10::IBuilderConfig& used = own ? *own : config.real();
#if LATHE_TRT >= 7
    std::optional<AlgorithmSelector> selector;
    if (old::IAlgorithmSelector* s = config.getAlgorithmSelector())
        used.setAlgorithmSelector(&selector.emplace(*s, network.implicit()));
#endif
    std::unique_ptr<v10::IHostMemory> plan(real_->buildSerializedNetwork(network.real(), used));
    used.setAlgorithmSelector(nullptr);
    network.restoreInterface();
    if (network.implicit()) network.fixBatch(false);
    return plan;
}

old::ICudaEngine* Builder::buildEngineWithConfig(old::INetworkDefinition& network,
                                                 old::IBuilderConfig& config) noexcept {
    Network& n = Network::of(network);
    n.adopt();
    PluginReport reports(n.report());
    LivePlugins plugins(n);
    auto plan = buildPlan(n, Config::of(config));
    if (!plan) return nullptr;
    Head head{n.implicit(), maxBatch_};
    auto engine = loadEngine(logger_, getErrorRecorder(), allocator_, plan->data(), plan->size(), head);
    return engine ? engine.release() : nullptr;
}

#if LATHE_TRT >= 8
old::IHostMemory* Builder::buildSerializedNetwork(old::INetworkDefinition& network,
                                                  old::IBuilderConfig& config) noexcept {
    Network& n = Network::of(network);
    auto plan = buildPlan(n, Config::of(config));
    if (!plan) return nullptr;
    return n.implicit() ? makeMemory(maxBatch_, *plan) : makeMemory(plan.release());
}

bool Builder::isNetworkSupported(old::INetworkDefinition const& network,
                                 old::IBuilderConfig const& config) const noexcept {
    auto& n = const_cast<Network&>(static_cast<const Network&>(network));
    auto& c = const_cast<Config&>(static_cast<const Config&>(config));
    n.adopt();
    if (n.implicit()) n.fixBatch(maxBatch_ == 1);
    if (!n.complete()) return false;
    if (!n.implicit()) return real_->isNetworkSupported(n.real(), c.real());
    auto own = const_cast<Builder*>(this)->withBatchProfile(n, c.real());
    return own && real_->isNetworkSupported(n.real(), *own);
}

old::IPluginRegistry& Builder::getPluginRegistry() noexcept { return pluginRegistry(); }
#endif

}  // namespace lathe::compat
