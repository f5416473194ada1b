// SPDX-License-Identifier: Apache-2.0
#include "api/build/builder.h"

#include <algorithm>

#include "api/build/algorithms.h"
#include "api/build/observer.h"
#include "api/build/sources.h"
#include "api/common/host_memory.h"
#include "api/run/cuda_engine.h"
#include "api/run/library.h"
#include "api/run/plugin_loading.h"
#include "base/cpu_info.h"
#include "ops/dist_collective.h"
#include "ops/plugin.h"
#include "ops/reorder.h"
#include "plan/format.h"
#include "plan/io_format.h"

namespace lathe::api {

using namespace nvinfer1;

Builder::Builder(ILogger* logger)
    : reporter_(std::make_shared<Reporter>(logger)), registry_(&globalPluginRegistry(), logger) {
    mImpl = this;
}

bool Builder::platformHasFastFp16() const noexcept { return cpuInfo().avx512Fp16; }
bool Builder::platformHasFastInt8() const noexcept { return activeIsa() >= Isa::kAvx2; }

IBuilderConfig* Builder::createBuilderConfig() noexcept {
    return guarded<IBuilderConfig*>(*reporter_, "IBuilder::createBuilderConfig", nullptr,
                                    [&]() -> Result<IBuilderConfig*> { return new BuilderConfig(reporter_); });
}

INetworkDefinition* Builder::createNetworkV2(NetworkDefinitionCreationFlags flags) noexcept {
    return guarded<INetworkDefinition*>(*reporter_, "IBuilder::createNetworkV2", nullptr,
                                        [&]() -> Result<INetworkDefinition*> {
                                            if (flags >> 4) return invalidArgument("flags {:#x} do not exist", flags);
                                            return new Network(*this, *reporter_, flags);
                                        });
}

IOptimizationProfile* Builder::createOptimizationProfile() noexcept {
    return guarded<IOptimizationProfile*>(*reporter_, "IBuilder::createOptimizationProfile", nullptr,
                                          [&]() -> Result<IOptimizationProfile*> {
                                              profiles_.push_back(std::make_unique<OptimizationProfile>(reporter_));
                                              return profiles_.back().get();
                                          });
}

// Profiles stay: configurations may hold them.
void Builder::reset() noexcept {
    allocator_ = nullptr;
    maxThreads_ = 1;
}

bool Builder::setMaxThreads(int32_t count) noexcept {
    return guardedStatus(*reporter_, "IBuilder::setMaxThreads", [&]() -> Status {
        if (count < 1) return invalidArgument("{} threads", count);
        maxThreads_ = count;
        return {};
    });
}

namespace {

// With kDIRECT_IO: inputs and outputs whose formats no kernel works in are told, as their reorders cost time.
void tellReorders(const plan::Plan& plan, const Reporter& reporter) {
    const plan::Program& program = *plan.programs[0];
    const ir::Region& body = program.graph->body();
    auto tell = [&](const plan::IoTensor& io, const plan::Step& step) {
        reporter.log(
            ILogger::Severity::kWARNING,
            fmt::format("kDIRECT_IO: {} '{}' in {} needs the step '{}', as no kernel here works in that format",
                        io.isInput ? "input" : "output", io.name, plan::formatName(io.format), step.name)
                .c_str());
    };
    for (const plan::Step& s : program.steps) {
        const tactics::Binding& b = s.binding;
        if (!b.tactic || b.nodes.size() != 1 || &b.nodes[0]->op() != ops::op_reorder || !b.aliases.empty()) continue;
        for (const plan::IoTensor& io : plan.io) {
            const auto& values = io.isInput ? body.parameters() : body.results();
            const ir::Value* v = values[static_cast<size_t>(io.index)];
            if (io.format && v == (io.isInput ? b.inputs[0] : b.outputs[0])) tell(io, s);
        }
    }
}

// Outputs that share an input's memory are a preview feature.
Status checkAliases(const ir::Graph& graph, const IBuilderConfig& config) {
    if (config.getPreviewFeature(PreviewFeature::kALIASED_PLUGIN_IO_10_03)) return {};
    Status s;
    graph.forEachNode([&](ir::Node& n) {
        for (int o = 0; &n.op() == ops::op_plugin && o < n.outputCount(); ++o)
            if (n.op().mustAlias(n, o) >= 0)
                s = makeStatus(Code::kInvalidConfig,
                               "layer '{}': output {} of the plugin shares the memory of input {}, which needs "
                               "PreviewFeature::kALIASED_PLUGIN_IO_10_03",
                               n.name(), o, n.op().mustAlias(n, o));
    });
    return s;
}

// So is communication between processes.
Status checkCollectives(const ir::Graph& graph, const IBuilderConfig& config) {
    if (config.getPreviewFeature(PreviewFeature::kMULTIDEVICE_RUNTIME_10_16)) return {};
    Status s;
    graph.forEachNode([&](ir::Node& n) {
        if (&n.op() == ops::op_dist_collective)
            s = makeStatus(Code::kInvalidConfig,
                           "layer '{}': {} processes take part, which needs "
                           "PreviewFeature::kMULTIDEVICE_RUNTIME_10_16",
                           n.name(), n.attrs<ops::DistCollectiveAttrs>().ranks);
    });
    return s;
}

}  // namespace

Result<std::unique_ptr<plan::Plan>> Builder::build(Network& network, BuilderConfig& config) {
    Network::Lowered lowered = TRY(network.lower(config.getFlag(BuilderFlag::kINT8)));
    std::vector<plan::IoTensor> inputs;
    for (const plan::IoTensor& io : lowered.io.io)
        if (io.isInput) inputs.push_back(io);
    TRY(checkAliases(*lowered.graph, config));
    TRY(checkCollectives(*lowered.graph, config));
    builder::Options options = TRY(config.options(network.getName(), inputs));
    options.timingCache = config.cacheForBuild();
    if (network.stronglyTyped()) options.narrow = DType::kFloat;
    if (config.getFlag(BuilderFlag::kOBEY_PRECISION_CONSTRAINTS) ||
        config.getFlag(BuilderFlag::kPREFER_PRECISION_CONSTRAINTS))
        options.keepFloat = network.layersKeptInFloat();
    options.keepFloat.merge(lowered.keptFloat);
    options.roles = std::move(lowered.roles);
    options.markedWeights.assign(network.markedWeights().begin(), network.markedWeights().end());
    std::optional<SelectorChooser> chooser;
    if (IAlgorithmSelector* selector = config.getAlgorithmSelector()) {
        chooser.emplace(*selector, config.getFlag(BuilderFlag::kREJECT_EMPTY_ALGORITHMS));
        options.chooser = &*chooser;
    }
    std::optional<CacheChooser> editable;
    if (config.getFlag(BuilderFlag::kEDITABLE_TIMING_CACHE) && options.timingCache && !options.chooser) {
        options.chooser = &editable.emplace(*options.timingCache, *reporter_);
        options.offerLastResorts = true;
    }
    BuildObserver observer(*reporter_, config.getProgressMonitor());
    auto plan = TRY(builder::build(std::move(lowered.graph), lowered.io, options, observer));
    if (config.getFlag(BuilderFlag::kDIRECT_IO)) tellReorders(*plan, *reporter_);
    plan->debugUnfused = network.debugsUnfused();
    for (int32_t i = 0; i < config.getNbPluginsToSerialize(); ++i) {
        const std::string path = config.getPluginToSerialize(i);
        auto file = TRY_IN("IBuilderConfig::setPluginsToSerialize", MappedFile::open(path));
        plan->libraries.push_back({path.substr(path.rfind('/') + 1), file, file->bytes(), 0});
    }
    for (const std::string& name : notedSources(network)) {
        auto same = [&](const plan::NodeFate& f) { return f.node == name; };
        if (std::none_of(plan->fates.begin(), plan->fates.end(), same))
            plan->fates.push_back({name, "removed", "it needed no layer: a constant, or it hands on what it gets"});
    }
    return plan;
}

namespace {

plan::WriteOptions writeOptions(const plan::Plan& plan, const IBuilderConfig& config) {
    plan::WriteOptions how;
    how.withWeights = how.withPacked = !config.getFlag(BuilderFlag::kSTRIP_PLAN);
    // Source weights are for refitting, and for other versions of the library to pack anew.
    how.compact = !plan.refittable && !config.getFlag(BuilderFlag::kVERSION_COMPATIBLE);
    return how;
}

}  // namespace

IHostMemory* Builder::buildSerializedNetwork(INetworkDefinition& network, IBuilderConfig& config) noexcept {
    return guarded<IHostMemory*>(*reporter_, "IBuilder::buildSerializedNetwork", nullptr,
                                 [&]() -> Result<IHostMemory*> {
                                     auto plan = TRY(build(Network::of(network), BuilderConfig::of(config)));
                                     return makeHostMemory(TRY(plan::writeBlock(*plan, writeOptions(*plan, config))));
                                 });
}

bool Builder::buildSerializedNetworkToStream(INetworkDefinition& network, IBuilderConfig& config,
                                             IStreamWriter& writer) noexcept {
    return guardedStatus(*reporter_, "IBuilder::buildSerializedNetworkToStream", [&]() -> Status {
        auto plan = TRY(build(Network::of(network), BuilderConfig::of(config)));
        return plan::write(*plan, writeOptions(*plan, config), [&](std::span<const std::byte> bytes) -> Status {
            int64_t size = static_cast<int64_t>(bytes.size());
            int64_t taken = size ? writer.write(bytes.data(), size) : 0;
            if (taken == size) return {};
            return makeStatus(Code::kFailedExecution, "the stream writer took {} of {} bytes", taken, size);
        });
    });
}

IHostMemory* Builder::buildSerializedNetworkWithKernelText(INetworkDefinition& network, IBuilderConfig& config,
                                                           IHostMemory*& kernelText) noexcept {
    kernelText = nullptr;  // only safety engines have one
    return buildSerializedNetwork(network, config);
}

ICudaEngine* Builder::buildEngineWithConfig(INetworkDefinition& network, IBuilderConfig& config) noexcept {
    return guarded<ICudaEngine*>(*reporter_, "IBuilder::buildEngineWithConfig", nullptr, [&]() -> Result<ICudaEngine*> {
        if (config.getFlag(BuilderFlag::kVERSION_COMPATIBLE))
            return makeStatus(Code::kInvalidConfig, "with kVERSION_COMPATIBLE, build a plan and load it");
        // By way of its bytes: the plan that the builder makes refers to the network's weights, which need not stay.
        auto made = TRY(build(Network::of(network), BuilderConfig::of(config)));
        auto bytes = TRY(plan::writeBlock(*made, writeOptions(*made, config)));
        made.reset();
        auto plan = TRY(plan::read(bytes->bytes(), bytes));
        TRY(loadPlugins(*plan, registry_, reporter_->recorder()));
        return makeEngine(std::move(plan), reporter_->logger(), reporter_->recorder(), allocator_);
    });
}

bool Builder::isNetworkSupported(INetworkDefinition const& network, IBuilderConfig const& config) const noexcept {
    return guardedStatus(*reporter_, "IBuilder::isNetworkSupported", [&]() -> Status {
        Network::Lowered lowered = TRY(static_cast<const Network&>(network).lower(config.getFlag(BuilderFlag::kINT8)));
        std::vector<plan::IoTensor> inputs;
        for (const plan::IoTensor& io : lowered.io.io)
            if (io.isInput) inputs.push_back(io);
        TRY(BuilderConfig::of(config).options(network.getName(), inputs));
        return {};
    });
}

void* createBuilder(void* logger, int32_t version) noexcept {
    Reporter reporter(static_cast<ILogger*>(logger));
    return guarded<IBuilder*>(reporter, "createInferBuilder", nullptr, [&]() -> Result<IBuilder*> {
        TRY(checkClient(logger, version));
        return new Builder(reporter.logger());
    });
}

}  // namespace lathe::api

extern "C" {

__attribute__((visibility("default"))) void* createInferBuilder_INTERNAL(void* logger, int32_t version) noexcept {
    return lathe::api::createBuilder(logger, version);
}

__attribute__((visibility("default"))) nvinfer1::IPluginRegistry* getBuilderPluginRegistry(
    nvinfer1::EngineCapability capability) noexcept {
    return capability == nvinfer1::EngineCapability::kSTANDARD ? &lathe::api::globalPluginRegistry() : nullptr;
}

// There are no safety engines, hence no registry for them.
__attribute__((visibility("default"))) nvinfer1::safe::IPluginRegistry* getBuilderSafePluginRegistry(
    nvinfer1::EngineCapability) noexcept {
    return nullptr;
}

__attribute__((visibility("default"))) bool setInternalLibraryPath(char const* path) noexcept {
    // Everything is in one library; there is nothing to look for elsewhere.
    return path != nullptr;
}

}  // extern "C"
