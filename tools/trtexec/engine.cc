// SPDX-License-Identifier: Apache-2.0
#include "trtexec/engine.h"

#include <fnmatch.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>

#include "Lathe.h"
#include "NvOnnxParser.h"

namespace lathe::trtexec {

using namespace nvinfer1;
using tool::Failure;

namespace {

using Clock = std::chrono::steady_clock;
double secondsSince(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// Hands over ranges that an earlier calibration found; there is no data to calibrate with.
class CachedCalibration : public IInt8EntropyCalibrator2 {
  public:
    explicit CachedCalibration(std::vector<char> cache) : cache_(std::move(cache)) {}
    int32_t getBatchSize() const noexcept override { return 1; }
    bool getBatch(void**, char const**, int32_t) noexcept override { return false; }
    void const* readCalibrationCache(std::size_t& length) noexcept override {
        length = cache_.size();
        return cache_.data();
    }
    void writeCalibrationCache(void const*, std::size_t) noexcept override {}

  private:
    std::vector<char> cache_;
};

// Reads a plan piece by piece.
class FileReader : public IStreamReaderV2 {
  public:
    explicit FileReader(const std::string& path) : in_(path, std::ios::binary) {
        if (!in_) throw Failure("cannot open the file", path);
    }
    int64_t read(void* to, int64_t bytes, cudaStream_t) noexcept override {
        in_.read(static_cast<char*>(to), bytes);
        return in_.bad() ? -1 : in_.gcount();
    }
    bool seek(int64_t offset, SeekPosition where) noexcept override {
        in_.clear();
        static constexpr std::ios_base::seekdir from[] = {std::ios::beg, std::ios::cur, std::ios::end};
        return static_cast<bool>(in_.seekg(offset, from[static_cast<int>(where)]));
    }

  private:
    std::ifstream in_;
};

void parse(const Options& o, INetworkDefinition& network, std::unique_ptr<nvonnxparser::IParser>& parser, Log& log) {
    parser.reset(nvonnxparser::createParser(network, log));
    if (!parser) throw log.failure("creating the parser");
    parser->setFlags((parser->getFlags() | o.setParserFlags) & ~o.clearParserFlags);
    auto start = Clock::now();
    log.info("Start parsing network model.");
    if (!parser->parseFromFile(o.onnx.c_str(), static_cast<int>(ILogger::Severity::kWARNING))) {
        std::string errors;
        for (int i = 0; i < parser->getNbErrors(); ++i)
            errors += (i ? "\n  " : "") + std::string(parser->getError(i)->desc());
        throw Failure(errors.empty() ? "the model cannot be parsed" : errors, o.onnx);
    }
    log.info(fmt::format("Finished parsing network model. Parse time: {:.4g}", secondsSince(start)));
}

void applyFormats(const std::vector<IoFormat>& formats, int count, const char* flag, float range,
                  const std::function<ITensor*(int)>& tensor) {
    if (formats.empty()) return;
    if (formats.size() != 1 && static_cast<int>(formats.size()) != count)
        throw Failure(fmt::format("{} formats for {} tensors", formats.size(), count), flag,
                      "give one for all, or one for each in order");
    for (int i = 0; i < count; ++i) {
        const IoFormat& f = formats[formats.size() == 1 ? 0 : static_cast<size_t>(i)];
        tensor(i)->setType(f.type);
        tensor(i)->setAllowedFormats(f.formats);
        // Nobody can say here what an int8 stands for; as good as any, where times alone matter.
        if (f.type == DataType::kINT8 && !tensor(i)->dynamicRangeIsSet()) tensor(i)->setDynamicRange(-range, range);
    }
}

bool matches(const std::string& pattern, const char* name) {
    return fnmatch(pattern.c_str(), name, 0) == 0 || pattern == name;
}

void applyLayers(const Options& o, INetworkDefinition& network, IBuilderConfig& config) {
    auto each = [&](const auto& list, const char* flag, auto apply) {
        for (const auto& [pattern, value] : list) {
            bool found = false;
            for (int i = 0; i < network.getNbLayers(); ++i) {
                ILayer* layer = network.getLayer(i);
                if (!matches(pattern, layer->getName())) continue;
                found = true;
                apply(*layer, value);
            }
            if (!found) throw Failure(fmt::format("no layer is called '{}'", pattern), flag);
        }
    };
    each(o.layerPrecisions, "--layerPrecisions", [](ILayer& l, DataType t) { l.setPrecision(t); });
    each(o.layerOutputTypes, "--layerOutputTypes", [](ILayer& l, const std::vector<DataType>& types) {
        for (int i = 0; i < l.getNbOutputs(); ++i)
            l.setOutputType(i, types[types.size() == 1 ? 0 : std::min(static_cast<size_t>(i), types.size() - 1)]);
    });
    each(o.layerDevices, "--layerDeviceTypes", [&](ILayer& l, DeviceType d) { config.setDeviceType(&l, d); });
    for (const std::string& name : o.decomposableAttentions) {
        bool found = false;
        for (int i = 0; i < network.getNbLayers(); ++i) {
            ILayer* layer = network.getLayer(i);
            if (layer->getType() != LayerType::kATTENTION_INPUT) continue;
            IAttention* attention = static_cast<IAttentionInputLayer*>(layer)->getAttention();
            if (attention && matches(name, attention->getName())) found = attention->setDecomposable(true) || found;
        }
        if (!found) throw Failure(fmt::format("no attention is called '{}'", name), "--decomposableAttentions");
    }
}

// A shape tensor's "dimensions" on the command line are its values.
bool fillProfile(const Options& o, const ProfileShapes& shapes, INetworkDefinition& network,
                 IOptimizationProfile& profile, Log& log) {
    bool any = false;
    std::vector<std::string> known;
    auto pick = [&](const Shapes& first, const Shapes& second, const Shapes& third, const char* name, Dims& out) {
        for (const Shapes* s : {&first, &second, &third})
            if (auto at = s->find(name); at != s->end()) {
                out = at->second;
                return true;
            }
        return false;
    };
    for (int i = 0; i < network.getNbInputs(); ++i) {
        ITensor* t = network.getInput(i);
        const char* name = t->getName();
        known.emplace_back(name);
        Dims shape = t->getDimensions();
        bool dynamic = tool::isDynamic(shape), values = t->isShapeTensor();
        if (!dynamic && !values) continue;
        any = true;
        Dims min, opt, max;
        if (!pick(shapes.opt, o.shapes, shapes.max, name, opt)) {
            if (values) throw Failure(fmt::format("shape tensor '{}' needs values", name), "--optShapes");
            for (int d = 0; d < shape.nbDims; ++d) shape.d[d] = shape.d[d] < 0 ? 1 : shape.d[d];
            opt = shape;
            log.warning(
                fmt::format("Dynamic dimensions required for input: {}, but no shapes were provided. Automatically "
                            "overriding shape to: {}",
                            name, tool::toString(opt)));
        }
        if (!pick(shapes.min, {}, {}, name, min)) min = opt;
        if (!pick(shapes.max, {}, {}, name, max)) max = opt;
        bool ok = true;
        using S = OptProfileSelector;
        for (auto [select, dims] : {std::pair{S::kMIN, min}, std::pair{S::kOPT, opt}, std::pair{S::kMAX, max}})
            ok = ok && (values ? profile.setShapeValuesV2(name, select, dims.d, dims.nbDims)
                               : profile.setDimensions(name, select, dims));
        if (!ok) throw log.failure(fmt::format("shapes of input '{}'", name));
    }
    for (const Shapes* s : {&shapes.min, &shapes.opt, &shapes.max, &o.shapes})
        for (const auto& [name, dims] : *s)
            if (std::find(known.begin(), known.end(), name) == known.end())
                throw Failure(fmt::format("the model has no input '{}'", name), "--shapes");
    return any;
}

void configure(const Options& o, IBuilder& builder, INetworkDefinition& network, IBuilderConfig& config, Log& log) {
    config.setFlags((config.getFlags() | o.setFlags) & ~o.clearFlags);
    if (o.precisionConstraints == "obey") config.setFlag(BuilderFlag::kOBEY_PRECISION_CONSTRAINTS);
    if (o.precisionConstraints == "prefer") config.setFlag(BuilderFlag::kPREFER_PRECISION_CONSTRAINTS);
    if (!o.target.empty() && !lathe::setTarget(config, o.target.c_str())) throw log.failure("--target");
    for (const auto& [pool, size] : o.pools) config.setMemoryPoolLimit(pool, size);
    config.setEngineCapability(o.capability);
    config.setProfilingVerbosity(o.profilingVerbosity);
    if (o.level >= 0) config.setBuilderOptimizationLevel(o.level);
    if (o.maxTactics >= 0) config.setMaxNbTactics(o.maxTactics);
    if (o.avgTiming >= 0) config.setAvgTimingIterations(o.avgTiming);
    if (o.maxAuxStreams >= 0) config.setMaxAuxStreams(o.maxAuxStreams);
    if (o.hardwareCompatibility) config.setHardwareCompatibilityLevel(*o.hardwareCompatibility);
    if (o.platform) config.setRuntimePlatform(*o.platform);
    if (o.tiling && !config.setTilingOptimizationLevel(*o.tiling)) throw log.failure("--tilingOptimizationLevel");
    if (o.tilingL2 >= 0 && !config.setL2LimitForTiling(o.tilingL2)) throw log.failure("--l2LimitForTiling");
    if (!o.remoteTuning.empty() && !config.setRemoteAutoTuningConfig(o.remoteTuning.c_str()))
        throw log.failure("--remoteAutoTuningConfig");
    if (o.addSources || o.dropSources)
        if (!config.setTacticSources((config.getTacticSources() | o.addSources) & ~o.dropSources))
            throw log.failure("--tacticSources");
    for (auto [feature, on] : o.preview) config.setPreviewFeature(feature, on);
    if (o.dlaCore >= 0) {
        config.setDefaultDeviceType(DeviceType::kDLA);
        config.setDLACore(o.dlaCore);
    }
    std::vector<const char*> plugins;
    for (const std::string& p : o.pluginsToSerialize) plugins.push_back(p.c_str());
    if (!plugins.empty()) config.setPluginsToSerialize(plugins.data(), static_cast<int32_t>(plugins.size()));

    applyFormats(o.inputFormats, network.getNbInputs(), "--inputIOFormats", 2,
                 [&](int i) { return network.getInput(i); });
    applyFormats(o.outputFormats, network.getNbOutputs(), "--outputIOFormats", 4,
                 [&](int i) { return network.getOutput(i); });
    applyLayers(o, network, config);
    for (const ProfileShapes& shapes : o.profiles) {
        IOptimizationProfile* profile = builder.createOptimizationProfile();
        if (!profile) throw log.failure("creating a profile");
        if (fillProfile(o, shapes, network, *profile, log) && config.addOptimizationProfile(profile) < 0)
            throw log.failure("the shapes of a profile");
    }
    if (!o.calibration.opt.empty()) {
        IOptimizationProfile* profile = builder.createOptimizationProfile();
        if (profile && fillProfile(o, o.calibration, network, *profile, log) && !config.setCalibrationProfile(profile))
            throw log.failure("the calibration profile");
    }
    for (const std::string& name : o.debugTensors) {
        ITensor* found = nullptr;
        for (int i = 0; i < network.getNbLayers() && !found; ++i)
            for (int k = 0; k < network.getLayer(i)->getNbOutputs(); ++k)
                if (name == network.getLayer(i)->getOutput(k)->getName()) found = network.getLayer(i)->getOutput(k);
        if (!found) throw Failure(fmt::format("the network has no tensor '{}'", name), "--markDebug");
        if (!network.markDebug(*found)) throw log.failure("--markDebug");
    }
    if (o.markUnfused && !network.markUnfusedTensorsAsDebugTensors())
        throw log.failure("--markUnfusedTensorsAsDebugTensors");
}

std::unique_ptr<IHostMemory> build(const Options& o, Log& log) {
    std::unique_ptr<IBuilder> builder(createInferBuilder(log));
    if (!builder) throw log.failure("creating the builder");
    for (const std::string& p : o.plugins)
        if (!builder->getPluginRegistry().loadLibrary(p.c_str())) throw log.failure("plugin library " + p);
    uint32_t creation =
        o.stronglyTyped ? 1u << static_cast<uint32_t>(NetworkDefinitionCreationFlag::kSTRONGLY_TYPED) : 0;
    std::unique_ptr<INetworkDefinition> network(builder->createNetworkV2(creation));
    std::unique_ptr<IBuilderConfig> config(builder->createBuilderConfig());
    if (!network || !config) throw log.failure("creating the network");
    std::unique_ptr<nvonnxparser::IParser> parser;
    parse(o, *network, parser, log);
    configure(o, *builder, *network, *config, log);
    std::unique_ptr<CachedCalibration> calibration;
    if (!o.calibrationCache.empty()) {
        calibration = std::make_unique<CachedCalibration>(tool::readFile(o.calibrationCache));
        config->setInt8Calibrator(calibration.get());
    }
    std::unique_ptr<ITimingCache> cache;
    if (!o.timingCache.empty()) {
        std::vector<char> bytes;
        if (std::filesystem::exists(o.timingCache)) bytes = tool::readFile(o.timingCache);
        cache.reset(config->createTimingCache(bytes.data(), bytes.size()));
        if (!cache || !config->setTimingCache(*cache, false)) throw log.failure(o.timingCache);
        log.info(fmt::format("Loaded {} bytes of timing cache from {}", bytes.size(), o.timingCache));
    }
    auto start = Clock::now();
    IHostMemory* kernels = nullptr;
    std::unique_ptr<IHostMemory> plan(o.dumpKernelText ? builder->buildSerializedNetwork(*network, *config, kernels)
                                                       : builder->buildSerializedNetwork(*network, *config));
    std::unique_ptr<IHostMemory> kernelText(kernels);
    if (!plan) throw log.failure(o.onnx);
    log.info(fmt::format("Engine built in {:.4g} sec.", secondsSince(start)));
    log.info(fmt::format("Created engine with size: {:.6g} MiB", static_cast<double>(plan->size()) / (1 << 20)));
    if (o.dumpKernelText) {
        if (kernelText && kernelText->size())
            log.info("Kernels:\n" + std::string(static_cast<const char*>(kernelText->data()), kernelText->size()));
        else
            log.warning("--dumpKernelText: the plan has no compiled kernels; it names those of the library");
    }
    if (cache)
        if (std::unique_ptr<IHostMemory> bytes(config->getTimingCache()->serialize()); bytes) {
            tool::writeFile(o.timingCache, bytes->data(), bytes->size());
            log.info(fmt::format("Saved {} bytes of timing cache to {}", bytes->size(), o.timingCache));
        }
    return plan;
}

void refit(const Options& o, ICudaEngine& engine, Log& log) {
    std::unique_ptr<IRefitter> refitter(createInferRefitter(engine, log));
    if (!refitter) throw log.failure("refitting");
    if (o.dumpRefit) {
        int32_t count = refitter->getAllWeights(0, nullptr);
        std::vector<const char*> names(static_cast<size_t>(std::max(count, 0)));
        refitter->getAllWeights(count, names.data());
        log.info(fmt::format("{} refittable weights:", names.size()));
        for (const char* n : names) log.info(fmt::format("  {}", n));
    }
    if (o.refitFromOnnx.empty() && !o.timeRefit) return;
    auto start = Clock::now();
    if (!o.refitFromOnnx.empty()) {
        std::unique_ptr<nvonnxparser::IParserRefitter> parser(nvonnxparser::createParserRefitter(*refitter, log));
        if (!parser || !parser->refitFromFile(o.refitFromOnnx.c_str())) throw log.failure(o.refitFromOnnx);
    } else {
        int32_t count = refitter->getAllWeights(0, nullptr);
        std::vector<const char*> names(static_cast<size_t>(std::max(count, 0)));
        refitter->getAllWeights(count, names.data());
        for (const char* n : names)
            if (!refitter->setNamedWeights(n, refitter->getNamedWeights(n)))
                throw log.failure(fmt::format("weights '{}'", n));
    }
    if (!refitter->refitCudaEngine()) throw log.failure("refitting");
    log.info(fmt::format("Engine refitted in {:.4g} ms.", secondsSince(start) * 1e3));
}

void setBudget(const Options& o, ICudaEngine& engine, Log& log) {
    if (o.weightStreamingBudget.empty()) return;
    const std::string& text = o.weightStreamingBudget;
    int64_t budget;
    if (text == "-1" || text == "-2") {
        budget = text == "-1" ? engine.getStreamableWeightsSize() : engine.getWeightStreamingAutomaticBudget();
    } else if (text.back() == '%') {
        budget = static_cast<int64_t>(static_cast<double>(engine.getStreamableWeightsSize()) *
                                      std::strtod(text.c_str(), nullptr) / 100);
    } else {
        budget = static_cast<int64_t>(tool::parseBytes(text, "--weightStreamingBudget"));
    }
    if (!engine.setWeightStreamingBudgetV2(budget)) throw log.failure("--weightStreamingBudget");
}

}  // namespace

Engine makeEngine(const Options& o, Log& log) {
    Engine e;
    std::unique_ptr<IHostMemory> plan;
    std::vector<char> bytes;
    if (!o.onnx.empty()) {
        plan = build(o, log);
        e.planBytes = plan->size();
        if (!o.saveEngine.empty()) tool::writeFile(o.saveEngine, plan->data(), plan->size());
        if (o.skipInference && !o.dumpLayers && o.exportLayers.empty() && !o.dumpRefit && !o.dumpProfiles) return e;
    } else if (!o.asyncFileReader) {
        bytes = tool::readFile(o.loadEngine);
        e.planBytes = bytes.size();
    }
    if (o.planVersionOnly) {
        if (bytes.empty()) bytes = tool::readFile(o.loadEngine);
        if (!tool::isPlan(bytes) || bytes.size() < 12) throw Failure("this is no plan of this library", o.loadEngine);
        uint32_t version;
        std::memcpy(&version, bytes.data() + 8, sizeof version);
        log.info(fmt::format("Plan was created with plan format version {} (libraries {}.{}.{} read version 1)",
                             version, NV_TENSORRT_MAJOR, NV_TENSORRT_MINOR, NV_TENSORRT_PATCH));
        return e;
    }
    e.runtime.reset(createInferRuntime(log));
    if (!e.runtime) throw log.failure("creating the runtime");
    if (!o.tempdir.empty()) e.runtime->setTemporaryDirectory(o.tempdir.c_str());
    if (o.tempfileControls) e.runtime->setTempfileControlFlags(*o.tempfileControls);
    // What the user asked to be put into plans is code that he trusts; so are plans that he says are such.
    const bool trusted =
        !o.pluginsToSerialize.empty() || ((o.setFlags >> static_cast<uint32_t>(BuilderFlag::kVERSION_COMPATIBLE)) & 1);
    e.runtime->setEngineHostCodeAllowed(trusted);
    if (o.onnx.empty())
        for (const std::string& p : o.plugins)
            if (!e.runtime->getPluginRegistry().loadLibrary(p.c_str())) throw log.failure("plugin library " + p);
    auto start = Clock::now();
    if (plan) {
        e.engine.reset(e.runtime->deserializeCudaEngine(plan->data(), plan->size()));
    } else if (o.asyncFileReader) {
        FileReader reader(o.loadEngine);
        e.engine.reset(e.runtime->deserializeCudaEngine(reader));
        e.planBytes = static_cast<size_t>(std::filesystem::file_size(o.loadEngine));
    } else {
        e.engine.reset(e.runtime->deserializeCudaEngine(bytes.data(), bytes.size()));
    }
    if (!e.engine) throw log.failure(o.onnx.empty() ? o.loadEngine : "the plan just built");
    log.info(fmt::format("Engine deserialized in {:.4g} sec.", secondsSince(start)));
    if (o.dumpRefit || o.timeRefit || !o.refitFromOnnx.empty()) refit(o, *e.engine, log);
    setBudget(o, *e.engine, log);
    return e;
}

}  // namespace lathe::trtexec
