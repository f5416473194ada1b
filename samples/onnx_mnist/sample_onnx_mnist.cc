// SPDX-License-Identifier: Apache-2.0
// An ONNX network of handwritten digits: parsed, built, run. See README.md.
#include <memory>

#include "NvOnnxParser.h"
#include "samples/common/digits.h"

using namespace nvinfer1;
using samples::kDigits;
using samples::kPixels;
using samples::kSide;

int main(int argc, char** argv) {
    constexpr int64_t kMaxBatch = 64;
    const std::string folder = samples::dataFolder(argc, argv);
    const samples::Digits digits = samples::readDigits(folder);
    if (digits.count == 0) return 1;

    samples::Logger logger;
    const std::unique_ptr<IBuilder> builder(createInferBuilder(logger));
    const std::unique_ptr<INetworkDefinition> network(builder->createNetworkV2(0));
    const std::unique_ptr<nvonnxparser::IParser> parser(nvonnxparser::createParser(*network, logger));
    if (!parser->parseFromFile((folder + "/digits.onnx").c_str(), static_cast<int>(ILogger::Severity::kWARNING))) {
        for (int i = 0; i < parser->getNbErrors(); ++i) std::fprintf(stderr, "%s\n", parser->getError(i)->desc());
        return 1;
    }
    // The model leaves its batch open: the profile says what comes.
    const std::unique_ptr<IBuilderConfig> config(builder->createBuilderConfig());
    IOptimizationProfile* profile = builder->createOptimizationProfile();
    profile->setDimensions("images", OptProfileSelector::kMIN, Dims4(1, 1, kSide, kSide));
    profile->setDimensions("images", OptProfileSelector::kOPT, Dims4(kMaxBatch, 1, kSide, kSide));
    profile->setDimensions("images", OptProfileSelector::kMAX, Dims4(kMaxBatch, 1, kSide, kSide));
    config->addOptimizationProfile(profile);
    const std::unique_ptr<IHostMemory> plan(builder->buildSerializedNetwork(*network, *config));
    if (!plan) return 1;

    const std::unique_ptr<IRuntime> runtime(createInferRuntime(logger));
    const std::unique_ptr<ICudaEngine> engine(runtime->deserializeCudaEngine(plan->data(), plan->size()));
    if (!engine) return 1;
    const std::unique_ptr<IExecutionContext> context(engine->createExecutionContext());
    std::vector<float> input(kMaxBatch * kPixels), output(kMaxBatch * kDigits);
    context->setTensorAddress("images", input.data());  // host memory: a CPU engine (LATHE_TARGET=cpu)
    context->setTensorAddress("probabilities", output.data());
    int64_t right = 0;
    for (int64_t begin = 0; begin < digits.count; begin += kMaxBatch) {
        const int64_t batch = std::min(kMaxBatch, digits.count - begin);
        for (int64_t i = 0; i < batch * kPixels; ++i)
            input[static_cast<size_t>(i)] =
                static_cast<float>(digits.pixels[static_cast<size_t>(begin * kPixels + i)]) / 16;
        if (!context->setInputShape("images", Dims4(batch, 1, kSide, kSide)) || !context->enqueueV3(nullptr)) return 1;
        for (int64_t i = 0; i < batch; ++i)
            right += samples::best(&output[static_cast<size_t>(i * kDigits)]) ==
                     digits.labels[static_cast<size_t>(begin + i)];
    }
    return samples::report(right, digits.count);
}
