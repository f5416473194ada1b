// SPDX-License-Identifier: Apache-2.0
// A Caffe network of handwritten digits: parsed, its mean subtracted in the network, built into a plan, and run on all
// pictures that training never saw. See README.md.
#include <memory>

#include "NvCaffeParser.h"
#include "samples/common/digits.h"

using namespace nvinfer1;
using samples::kDigits;
using samples::kPixels;
using samples::kSide;

namespace {

constexpr int64_t kMaxBatch = 64;

// Parses the network, puts the subtraction of the mean before its first layer, and builds a plan.
std::unique_ptr<IHostMemory> build(ILogger& logger, const std::string& folder) {
    const std::unique_ptr<IBuilder> builder(createInferBuilder(logger));
    const std::unique_ptr<INetworkDefinition> network(builder->createNetworkV2(0));
    const std::unique_ptr<IBuilderConfig> config(builder->createBuilderConfig());
    // The parser holds the weights: it must live until the plan is built. So must the mean.
    const std::unique_ptr<nvcaffeparser1::ICaffeParser> parser(nvcaffeparser1::createCaffeParser());
    const nvcaffeparser1::IBlobNameToTensor* blobs = parser->parse(
        (folder + "/digits.prototxt").c_str(), (folder + "/digits.caffemodel").c_str(), *network, DataType::kFLOAT);
    if (!blobs) return nullptr;
    network->markOutput(*blobs->find("prob"));

    const std::unique_ptr<nvcaffeparser1::IBinaryProtoBlob> mean(
        parser->parseBinaryProto((folder + "/digits_mean.binaryproto").c_str()));
    if (!mean) return nullptr;
    const Dims4 meanDims = mean->getDimensions();
    const Weights meanWeights{mean->getDataType(), mean->getData(), meanDims.d[1] * meanDims.d[2] * meanDims.d[3]};
    IConstantLayer* constant = network->addConstant(meanDims, meanWeights);
    IElementWiseLayer* subtract =
        network->addElementWise(*network->getInput(0), *constant->getOutput(0), ElementWiseOperation::kSUB);
    network->getLayer(0)->setInput(0, *subtract->getOutput(0));

    // The prototxt says one picture; here any number up to kMaxBatch goes.
    network->getInput(0)->setDimensions(Dims4{-1, 1, kSide, kSide});
    IOptimizationProfile* profile = builder->createOptimizationProfile();
    profile->setDimensions("data", OptProfileSelector::kMIN, Dims4{1, 1, kSide, kSide});
    profile->setDimensions("data", OptProfileSelector::kOPT, Dims4{kMaxBatch, 1, kSide, kSide});
    profile->setDimensions("data", OptProfileSelector::kMAX, Dims4{kMaxBatch, 1, kSide, kSide});
    config->addOptimizationProfile(profile);
    return std::unique_ptr<IHostMemory>(builder->buildSerializedNetwork(*network, *config));
}

void draw(const uint8_t* picture) {
    for (int64_t row = 0; row < kSide; ++row) {
        for (int64_t column = 0; column < kSide; ++column) {
            const char shade = " .:-=+*#%@"[std::min(picture[row * kSide + column] * 10 / 17, 9)];
            std::printf("%c%c", shade, shade);
        }
        std::printf("\n");
    }
}

}  // namespace

int main(int argc, char** argv) {
    // The folder with digits.prototxt and the other files of samples/data.
    const std::string folder = samples::dataFolder(argc, argv);
    const samples::Digits digits = samples::readDigits(folder);
    if (digits.count == 0) return 1;

    samples::Logger logger;
    const std::unique_ptr<IHostMemory> plan = build(logger, folder);
    if (!plan) return 1;
    const std::unique_ptr<IRuntime> runtime(createInferRuntime(logger));
    const std::unique_ptr<ICudaEngine> engine(runtime->deserializeCudaEngine(plan->data(), plan->size()));
    if (!engine) return 1;
    const std::unique_ptr<IExecutionContext> context(engine->createExecutionContext());
    std::vector<float> input(kMaxBatch * kPixels), output(kMaxBatch * kDigits);
    context->setTensorAddress("data", input.data());  // host memory: a CPU engine (LATHE_TARGET=cpu)
    context->setTensorAddress("prob", output.data());

    int64_t right = 0;
    for (int64_t begin = 0; begin < digits.count; begin += kMaxBatch) {
        const int64_t batch = std::min(kMaxBatch, digits.count - begin);
        std::copy_n(digits.pixels.begin() + begin * kPixels, batch * kPixels, input.begin());
        if (!context->setInputShape("data", Dims4{batch, 1, kSide, kSide}) || !context->enqueueV3(nullptr)) return 1;
        for (int64_t i = 0; i < batch; ++i)
            right += samples::best(&output[static_cast<size_t>(i * kDigits)]) ==
                     digits.labels[static_cast<size_t>(begin + i)];
        if (begin > 0) continue;
        draw(digits.pixels.data());
        for (int64_t digit = 0; digit < kDigits; ++digit) {
            const float probability = output[static_cast<size_t>(digit)];
            std::printf("%ld: %.3f %s\n", digit, static_cast<double>(probability),
                        std::string(static_cast<size_t>(probability * 20), '*').c_str());
        }
    }
    return samples::report(right, digits.count);
}
