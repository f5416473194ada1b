// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "Lathe.h"
#include "NvOnnxParser.h"
#include "lathe/common.h"

namespace lathe::tool {

using namespace nvinfer1;

namespace {

// "Timing tactics 34/120".
class Progress : public IProgressMonitor {
  public:
    void phaseStart(char const* name, char const*, int32_t steps) noexcept override {
        steps_[name] = steps;
        show(name, 0);
    }
    bool stepComplete(char const* name, int32_t step) noexcept override {
        show(name, step + 1);
        return true;
    }
    void phaseFinish(char const*) noexcept override {}

  private:
    void show(char const* name, int32_t done) noexcept {
        try {
            line_.show(fmt::format("{} {}/{}", name, done, steps_[name]));
        } catch (...) {
        }
    }
    ProgressLine line_;
    std::map<std::string, int> steps_;
};

void setFlags(const BuildOptions& o, IBuilderConfig& config) {
    if (o.fp16 || o.best) config.setFlag(BuilderFlag::kFP16);
    if (o.bf16 || o.best) config.setFlag(BuilderFlag::kBF16);
    if (o.int8 || o.best) config.setFlag(BuilderFlag::kINT8);
    if (o.strict) config.clearFlag(BuilderFlag::kTF32);
}

void setProfile(const BuildOptions& o, IBuilder& builder, INetworkDefinition& network, IBuilderConfig& config,
                Logger& logger) {
    auto opt = parseShapes(o.optShapes.empty() ? o.shapes : o.optShapes, "--shapes");
    auto min = parseShapes(o.minShapes, "--min-shapes"), max = parseShapes(o.maxShapes, "--max-shapes");
    std::string known;
    for (int i = 0; i < network.getNbInputs(); ++i)
        known += (i ? ", " : "") + std::string(network.getInput(i)->getName());
    for (const Shapes* s : {&opt, &min, &max})
        for (const auto& [name, dims] : *s) {
            bool found = false;
            for (int i = 0; i < network.getNbInputs(); ++i) found |= name == network.getInput(i)->getName();
            if (!found)
                throw Failure(fmt::format("the model has no input '{}'", name), "--shapes", "its inputs: " + known);
        }
    IOptimizationProfile* profile = builder.createOptimizationProfile();
    bool dynamic = false;
    for (int i = 0; i < network.getNbInputs(); ++i) {
        ITensor* t = network.getInput(i);
        Dims shape = t->getDimensions();
        auto chosen = opt.find(t->getName());
        if (!isDynamic(shape)) continue;
        dynamic = true;
        auto pick = [&](const Shapes& from, const Dims& otherwise) {
            auto at = from.find(t->getName());
            return at == from.end() ? otherwise : at->second;
        };
        if (chosen == opt.end()) {
            if (max.count(t->getName())) {
                shape = max[t->getName()];
            } else {
                // Without a shape, what varies is 1: the usual meaning of a batch.
                for (int d = 0; d < shape.nbDims; ++d) shape.d[d] = shape.d[d] < 0 ? 1 : shape.d[d];
                fmt::print(stderr, "lathe: input '{}' varies and no shape is given: {} is taken (--shapes={}:…)\n",
                           t->getName(), toString(shape), t->getName());
            }
        } else {
            shape = chosen->second;
        }
        if (!profile->setDimensions(t->getName(), OptProfileSelector::kMIN, pick(min, shape)) ||
            !profile->setDimensions(t->getName(), OptProfileSelector::kOPT, shape) ||
            !profile->setDimensions(t->getName(), OptProfileSelector::kMAX, pick(max, shape)))
            throw Failure(logger.lastError(), fmt::format("shapes of input '{}'", t->getName()));
    }
    if (dynamic && config.addOptimizationProfile(profile) < 0) throw Failure(logger.lastError(), "--shapes");
}

void markExtra(const BuildOptions& o, INetworkDefinition& network) {
    for (const std::string& name : o.extraOutputs)
        for (int i = 0; i < network.getNbLayers(); ++i)
            for (int k = 0; k < network.getLayer(i)->getNbOutputs(); ++k) {
                ITensor* t = network.getLayer(i)->getOutput(k);
                if (t && name == t->getName() && !t->isNetworkOutput()) network.markOutput(*t);
            }
}

}  // namespace

std::vector<char> buildPlan(const BuildOptions& o, Logger& logger) {
    std::unique_ptr<IBuilder> builder(createInferBuilder(logger));
    if (!builder) throw Failure(logger.lastError(), "creating the builder");
    std::unique_ptr<INetworkDefinition> network(builder->createNetworkV2(0));
    std::unique_ptr<nvonnxparser::IParser> parser(nvonnxparser::createParser(*network, logger));
    if (!parser->parseFromFile(o.model.c_str(), 0)) {
        std::string errors;
        for (int i = 0; i < parser->getNbErrors(); ++i)
            errors += (i ? "\n  " : "") + std::string(parser->getError(i)->desc());
        throw Failure(errors, o.model, "lathe reads ONNX models and its own plans");
    }
    markExtra(o, *network);
    std::unique_ptr<IBuilderConfig> config(builder->createBuilderConfig());
    config->setBuilderOptimizationLevel(o.level);
    config->setProfilingVerbosity(ProfilingVerbosity::kDETAILED);
    setFlags(o, *config);
    if (!o.target.empty() && !lathe::setTarget(*config, o.target.c_str()))
        throw Failure(logger.lastError(), "--target=" + o.target);
    if (!o.workspace.empty())
        config->setMemoryPoolLimit(MemoryPoolType::kWORKSPACE, parseBytes(o.workspace, "--workspace"));
    Progress progress;
    config->setProgressMonitor(&progress);
    setProfile(o, *builder, *network, *config, logger);

    std::unique_ptr<ITimingCache> cache;
    if (!o.timingCache.empty()) {
        std::vector<char> bytes;
        if (std::filesystem::exists(o.timingCache)) bytes = readFile(o.timingCache);
        cache.reset(config->createTimingCache(bytes.data(), bytes.size()));
        if (!cache || !config->setTimingCache(*cache, false))
            throw Failure(logger.lastError(), o.timingCache, "delete the file to start a new cache");
    }
    std::unique_ptr<IHostMemory> plan(builder->buildSerializedNetwork(*network, *config));
    if (!plan) throw Failure(logger.lastError(), o.model);
    if (cache) {
        std::unique_ptr<IHostMemory> bytes(config->getTimingCache()->serialize());
        if (bytes) writeFile(o.timingCache, bytes->data(), bytes->size());
    }
    const char* p = static_cast<const char*>(plan->data());
    return std::vector<char>(p, p + plan->size());
}

namespace {

// What runs by the slow kernels that every op has, or on another device than was asked for.
std::vector<std::string> fallbacks(const nlohmann::json& engine) {
    std::string target = engine.value("target", "");
    std::string device = target.substr(0, target.find(':')) + ".";
    std::vector<std::string> out;
    std::function<void(const nlohmann::json&)> visit = [&](const nlohmann::json& steps) {
        for (const auto& s : steps) {
            std::string tactic = s.value("tactic", "");
            bool other = !tactic.empty() && tactic.rfind(device, 0) != 0;
            if (other || tactic.find(".any.reference") != std::string::npos)
                out.push_back(fmt::format("{} ({}) by {}", s.value("name", "?"), s.value("op", "?"), tactic));
            for (const auto& r : s["regions"]) visit(r);
        }
    };
    visit(engine["steps"]);
    return out;
}

// The error budget: the engine's answers beside those of one that computes in plain fp32, on the given data.
void checkBudget(const BuildOptions& o, const std::vector<char>& plan, Logger& logger) {
    if (o.calib.empty())
        throw Failure("an error budget needs data to be checked on", "--max-rel-err", "--calib data.npz");
    BuildOptions exact = o;
    exact.fp16 = exact.bf16 = exact.int8 = exact.best = false;
    exact.strict = true;
    exact.timingCache.clear();
    exact.level = std::min(o.level, 1);
    std::map<std::string, Array> inputs = readNpz(o.calib);
    Engine mine = loadEngine(plan, o.model, logger), reference = loadEngine(buildPlan(exact, logger), o.model, logger);
    Session a(*mine.engine, inputs, {}, logger), b(*reference.engine, inputs, {}, logger);
    a.run();
    b.run();
    auto want = b.outputs();
    double worst = 0;
    std::string where;
    for (const auto& [name, got] : a.outputs()) {
        double e = relativeError(got, want[name]);
        if (!(e <= worst)) {
            worst = e;
            where = name;
        }
    }
    if (!(worst <= o.maxRelErr))
        throw Failure(fmt::format("output '{}' is off by {:.3g} of its largest value, the budget is {:.3g}", where,
                                  worst, o.maxRelErr),
                      o.calib, fmt::format("lathe diff {} --layers shows where the error begins", o.model));
    fmt::print("largest error {:.3g} of the budget {:.3g}\n", worst, o.maxRelErr);
}

}  // namespace

int buildCommand(const BuildOptions& o, const std::string& output, Logger& logger) {
    auto start = std::chrono::steady_clock::now();
    std::vector<char> plan = buildPlan(o, logger);
    double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (o.fallback == "forbid") {
        Engine e = loadEngine(plan, o.model, logger);
        auto json = nlohmann::json::parse(explanation(*e.engine, logger));
        if (auto list = fallbacks(json); !list.empty()) {
            std::string names;
            for (const std::string& n : list) names += "\n  " + n;
            throw Failure(fmt::format("{} steps fall back, which --fallback=forbid rules out:{}", list.size(), names),
                          o.model, "--fallback=allow builds the engine nevertheless");
        }
    }
    if (o.maxRelErr >= 0) checkBudget(o, plan, logger);
    writeFile(output, plan.data(), plan.size());
    fmt::print("{}: {} bytes, built in {:.2f} s\n", output, plan.size(), seconds);
    return 0;
}

}  // namespace lathe::tool
