// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <map>

#include "NvOnnxParser.h"
#include "lathe/common.h"

namespace lathe::tool {

using namespace nvinfer1;

namespace {

std::map<std::string, Dims> parseShapes(const std::vector<std::string>& list, const char* option) {
    std::map<std::string, Dims> out;
    for (const std::string& item : list) {
        size_t colon = item.rfind(':');
        if (colon == std::string::npos)
            throw Failure(fmt::format("'{}' names no input", item), option, "write it as input:1x3x224x224");
        out[item.substr(0, colon)] = parseDims(item.substr(colon + 1));
    }
    return out;
}

size_t parseBytes(const std::string& text) {
    char* rest = nullptr;
    double v = std::strtod(text.c_str(), &rest);
    double unit = 1;
    switch (*rest) {
        case 0: break;
        case 'K':
        case 'k':
            unit = 1 << 10;
            ++rest;
            break;
        case 'M':
        case 'm':
            unit = 1 << 20;
            ++rest;
            break;
        case 'G':
        case 'g':
            unit = 1 << 30;
            ++rest;
            break;
        default: unit = -1;
    }
    if (rest == text.c_str() || *rest || unit < 0 || v < 0)
        throw Failure(fmt::format("'{}' is no size", text), "--workspace", "write it as 512M or 2G");
    return static_cast<size_t>(v * unit);
}

// A line on a terminal: "building … Timing tactics 34/120".
class Progress : public IProgressMonitor {
  public:
    explicit Progress(bool show) : show_(show && isatty(2)) {}
    ~Progress() override {
        if (show_) fmt::print(stderr, "\r\x1b[K");
    }
    void phaseStart(char const* name, char const*, int32_t steps) noexcept override { steps_[name] = steps; }
    bool stepComplete(char const* name, int32_t step) noexcept override {
        if (show_) fmt::print(stderr, "\r\x1b[K{} {}/{}", name, step + 1, steps_[name]);
        return true;
    }
    void phaseFinish(char const*) noexcept override {}

  private:
    bool show_;
    std::map<std::string, int> steps_;
};

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
        throw Failure(errors, o.model);
    }
    std::unique_ptr<IBuilderConfig> config(builder->createBuilderConfig());
    config->setBuilderOptimizationLevel(o.level);
    config->setProfilingVerbosity(ProfilingVerbosity::kDETAILED);
    if (o.strict) config->clearFlag(BuilderFlag::kTF32);
    if (!o.workspace.empty()) config->setMemoryPoolLimit(MemoryPoolType::kWORKSPACE, parseBytes(o.workspace));
    Progress progress(o.progress);
    config->setProgressMonitor(&progress);

    auto opt = parseShapes(o.optShapes.empty() ? o.shapes : o.optShapes, "--shapes");
    auto min = parseShapes(o.minShapes, "--min-shapes"), max = parseShapes(o.maxShapes, "--max-shapes");
    IOptimizationProfile* profile = builder->createOptimizationProfile();
    bool dynamic = false;
    for (int i = 0; i < network->getNbInputs(); ++i) {
        ITensor* t = network->getInput(i);
        Dims shape = t->getDimensions();
        bool varies = false;
        for (int d = 0; d < shape.nbDims; ++d) varies |= shape.d[d] < 0;
        auto chosen = opt.find(t->getName());
        if (!varies) continue;
        dynamic = true;
        if (chosen == opt.end()) {
            // Without a shape, what varies is 1: the usual meaning of a batch.
            for (int d = 0; d < shape.nbDims; ++d) shape.d[d] = shape.d[d] < 0 ? 1 : shape.d[d];
            fmt::print(stderr, "lathe: input '{}' varies and no shape is given: {} is taken (--shapes={}:…)\n",
                       t->getName(), toString(shape), t->getName());
        } else {
            shape = chosen->second;
        }
        auto pick = [&](const std::map<std::string, Dims>& from) {
            auto at = from.find(t->getName());
            return at == from.end() ? shape : at->second;
        };
        if (!profile->setDimensions(t->getName(), OptProfileSelector::kMIN, pick(min)) ||
            !profile->setDimensions(t->getName(), OptProfileSelector::kOPT, shape) ||
            !profile->setDimensions(t->getName(), OptProfileSelector::kMAX, pick(max)))
            throw Failure(logger.lastError(), fmt::format("shapes of input '{}'", t->getName()));
    }
    if (dynamic) config->addOptimizationProfile(profile);

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

}  // namespace lathe::tool
