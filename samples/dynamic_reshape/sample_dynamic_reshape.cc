// SPDX-License-Identifier: Apache-2.0
// Two engines: one brings pictures of any size to what the other, a classifier, wants. See README.md.
#include <memory>

#include "NvOnnxParser.h"
#include "samples/common/digits.h"

using namespace nvinfer1;
using samples::kDigits;
using samples::kPixels;
using samples::kSide;

namespace {

using Engine = std::unique_ptr<ICudaEngine>;
constexpr int64_t kLargest = 64;

Engine load(IRuntime& runtime, IBuilder& builder, INetworkDefinition& network, IBuilderConfig& config) {
    const std::unique_ptr<IHostMemory> plan(builder.buildSerializedNetwork(network, config));
    return plan ? Engine(runtime.deserializeCudaEngine(plan->data(), plan->size())) : nullptr;
}

// Resizes [1, 1, height, width], both of which vary.
Engine resizer(IRuntime& runtime, IBuilder& builder) {
    const std::unique_ptr<INetworkDefinition> network(builder.createNetworkV2(0));
    const std::unique_ptr<IBuilderConfig> config(builder.createBuilderConfig());
    ITensor* picture = network->addInput("picture", DataType::kFLOAT, Dims4(1, 1, -1, -1));
    IResizeLayer* resize = network->addResize(*picture);
    resize->setOutputDimensions(Dims4(1, 1, kSide, kSide));
    resize->setResizeMode(InterpolationMode::kLINEAR);
    resize->setCoordinateTransformation(ResizeCoordinateTransformation::kHALF_PIXEL);
    resize->getOutput(0)->setName("resized");
    network->markOutput(*resize->getOutput(0));
    IOptimizationProfile* profile = builder.createOptimizationProfile();
    profile->setDimensions("picture", OptProfileSelector::kMIN, Dims4(1, 1, 1, 1));
    profile->setDimensions("picture", OptProfileSelector::kOPT, Dims4(1, 1, 16, 16));
    profile->setDimensions("picture", OptProfileSelector::kMAX, Dims4(1, 1, kLargest, kLargest));
    config->addOptimizationProfile(profile);
    return load(runtime, builder, *network, *config);
}

Engine classifier(IRuntime& runtime, IBuilder& builder, ILogger& logger, const std::string& folder) {
    const std::unique_ptr<INetworkDefinition> network(builder.createNetworkV2(0));
    const std::unique_ptr<IBuilderConfig> config(builder.createBuilderConfig());
    const std::unique_ptr<nvonnxparser::IParser> parser(nvonnxparser::createParser(*network, logger));
    if (!parser->parseFromFile((folder + "/digits.onnx").c_str(), 0)) return nullptr;
    network->getInput(0)->setDimensions(Dims4(1, 1, kSide, kSide));
    return load(runtime, builder, *network, *config);
}

}  // namespace

int main(int argc, char** argv) {
    const std::string folder = samples::dataFolder(argc, argv);
    const samples::Digits digits = samples::readDigits(folder);
    if (digits.count == 0) return 1;
    samples::Logger logger;
    const std::unique_ptr<IBuilder> builder(createInferBuilder(logger));
    const std::unique_ptr<IRuntime> runtime(createInferRuntime(logger));
    const Engine first = resizer(*runtime, *builder), second = classifier(*runtime, *builder, logger, folder);
    if (!first || !second) return 1;

    const std::unique_ptr<IExecutionContext> resize(first->createExecutionContext());
    const std::unique_ptr<IExecutionContext> classify(second->createExecutionContext());
    // Host memory: CPU engines (LATHE_TARGET=cpu). What one writes, the other reads.
    std::vector<float> picture(kLargest * kLargest), resized(kPixels), output(kDigits);
    resize->setTensorAddress("picture", picture.data());
    resize->setTensorAddress("resized", resized.data());
    classify->setTensorAddress("images", resized.data());
    classify->setTensorAddress("probabilities", output.data());
    int64_t right = 0;
    for (int64_t i = 0; i < digits.count; ++i) {
        // The pictures have 8x8 pixels; here each comes with its pixels doubled, tripled, and so on.
        const int64_t factor = 1 + i % 8, side = kSide * factor;
        for (int64_t y = 0; y < side; ++y)
            for (int64_t x = 0; x < side; ++x)
                picture[static_cast<size_t>(y * side + x)] =
                    static_cast<float>(
                        digits.pixels[static_cast<size_t>(i * kPixels + y / factor * kSide + x / factor)]) /
                    16;
        if (!resize->setInputShape("picture", Dims4(1, 1, side, side)) || !resize->enqueueV3(nullptr) ||
            !classify->enqueueV3(nullptr))
            return 1;
        right += samples::best(output.data()) == digits.labels[static_cast<size_t>(i)];
    }
    return samples::report(right, digits.count);
}
