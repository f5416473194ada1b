// SPDX-License-Identifier: Apache-2.0
// Builds a network with a plugin out of a library, writes a plan, loads it and runs it.
//   usage: sample_plugin LIBRARY
#include <cmath>
#include <cstdio>
#include <memory>
#include <vector>

#include "NvInfer.h"

using namespace nvinfer1;

namespace {

class Logger final : public ILogger {
    void log(Severity severity, char const* message) noexcept override {
        if (severity <= Severity::kWARNING) std::fprintf(stderr, "%s\n", message);
    }
};

bool run(char const* libraryPath) {
    Logger logger;
    IPluginRegistry& registry = *getPluginRegistry();
    if (!registry.loadLibrary(libraryPath)) return false;

    // A plugin is made by its creator from named fields.
    auto* creator = static_cast<IPluginCreatorV3One*>(registry.getCreator("SoftThreshold", "1"));
    if (!creator) return false;
    float const threshold = 0.25f;
    PluginField const field("threshold", &threshold, PluginFieldType::kFLOAT32, 1);
    PluginFieldCollection const fields{1, &field};
    std::unique_ptr<IPluginV3> plugin(creator->createPlugin("shrink", &fields, TensorRTPhase::kBUILD));
    if (!plugin) return false;

    // A network around it: y = threshold(tanh(x)), with a batch that varies.
    std::unique_ptr<IBuilder> builder(createInferBuilder(logger));
    std::unique_ptr<INetworkDefinition> network(builder->createNetworkV2(0));
    ITensor* x = network->addInput("x", DataType::kFLOAT, Dims{2, {-1, 4}});
    ITensor* t = network->addActivation(*x, ActivationType::kTANH)->getOutput(0);
    IPluginV3Layer* layer = network->addPluginV3(&t, 1, nullptr, 0, *plugin);
    if (!layer) return false;
    layer->setName("shrink");
    layer->getOutput(0)->setName("y");
    network->markOutput(*layer->getOutput(0));
    std::unique_ptr<IBuilderConfig> config(builder->createBuilderConfig());
    IOptimizationProfile* profile = builder->createOptimizationProfile();
    profile->setDimensions("x", OptProfileSelector::kMIN, Dims{2, {1, 4}});
    profile->setDimensions("x", OptProfileSelector::kOPT, Dims{2, {2, 4}});
    profile->setDimensions("x", OptProfileSelector::kMAX, Dims{2, {8, 4}});
    config->addOptimizationProfile(profile);
    std::unique_ptr<IHostMemory> plan(builder->buildSerializedNetwork(*network, *config));
    if (!plan) return false;

    // The plan holds the plugin's name and fields; its code is found in the registry again.
    std::unique_ptr<IRuntime> runtime(createInferRuntime(logger));
    std::unique_ptr<ICudaEngine> engine(runtime->deserializeCudaEngine(plan->data(), plan->size()));
    if (!engine) return false;
    std::unique_ptr<IExecutionContext> context(engine->createExecutionContext());
    for (int64_t batch : {2, 3}) {
        std::vector<float> in, out(static_cast<size_t>(4 * batch));
        for (int64_t i = 0; i < 4 * batch; ++i) in.push_back(0.2f * static_cast<float>(i - 5));
        context->setInputShape("x", Dims{2, {batch, 4}});
        context->setTensorAddress("x", in.data());
        context->setTensorAddress("y", out.data());
        if (!context->enqueueV3(nullptr)) return false;
        for (size_t i = 0; i < in.size(); ++i) {
            float const a = std::tanh(in[i]);
            float const expected = std::copysign(std::fmax(std::fabs(a) - threshold, 0.0f), a);
            if (std::fabs(out[i] - expected) > 1e-5f) {
                std::fprintf(stderr, "element %zu is %g, not %g\n", i, out[i], expected);
                return false;
            }
        }
        std::printf("batch %d: %zu elements as expected\n", static_cast<int>(batch), out.size());
    }
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: sample_plugin LIBRARY\n");
        return 2;
    }
    bool const ok = run(argv[1]);
    std::printf("sample_plugin: %s\n", ok ? "OK" : "failed");
    return ok ? 0 : 1;
}
