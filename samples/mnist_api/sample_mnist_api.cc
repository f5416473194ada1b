// SPDX-License-Identifier: Apache-2.0
// A network of handwritten digits, made layer by layer with the network API from a file of weights. See README.md.
#include <memory>

#include "samples/common/blocks.h"
#include "samples/common/digits.h"

using namespace nvinfer1;
using samples::block;
using samples::halve;
using samples::kDigits;
using samples::kSide;
using samples::view;
using samples::WeightMap;

namespace {

constexpr int64_t kMaxBatch = 64;

std::unique_ptr<IHostMemory> build(ILogger& logger, const WeightMap& weights) {
    const std::unique_ptr<IBuilder> builder(createInferBuilder(logger));
    const std::unique_ptr<INetworkDefinition> network(builder->createNetworkV2(0));
    ITensor* x = network->addInput("images", DataType::kFLOAT, Dims4(-1, 1, kSide, kSide));
    // Pixels go from 0 to 16, those of the training went from 0 to 1.
    const float factor = 1.f / 16;
    x = network->addScale(*x, ScaleMode::kUNIFORM, Weights{}, Weights{DataType::kFLOAT, &factor, 1}, Weights{})
            ->getOutput(0);
    x = block(*network, *x, weights, 1, 16);
    x = halve(*network, *block(*network, *x, weights, 2, 32));
    x = halve(*network, *block(*network, *x, weights, 3, 64));
    IShuffleLayer* flat = network->addShuffle(*x);
    flat->setReshapeDimensions(Dims2(0, -1));
    IConstantLayer* matrix = network->addConstant(Dims2(kDigits, 256), view(weights, "dense"));
    IMatrixMultiplyLayer* dense = network->addMatrixMultiply(*flat->getOutput(0), MatrixOperation::kNONE,
                                                             *matrix->getOutput(0), MatrixOperation::kTRANSPOSE);
    IConstantLayer* bias = network->addConstant(Dims2(1, kDigits), view(weights, "bias"));
    IElementWiseLayer* sum =
        network->addElementWise(*dense->getOutput(0), *bias->getOutput(0), ElementWiseOperation::kSUM);
    ISoftMaxLayer* softmax = network->addSoftMax(*sum->getOutput(0));
    softmax->setAxes(1u << 1);
    softmax->getOutput(0)->setName("probabilities");
    network->markOutput(*softmax->getOutput(0));

    const std::unique_ptr<IBuilderConfig> config(builder->createBuilderConfig());
    config->setMemoryPoolLimit(MemoryPoolType::kWORKSPACE, 16 << 20);
    IOptimizationProfile* profile = builder->createOptimizationProfile();
    profile->setDimensions("images", OptProfileSelector::kMIN, Dims4(1, 1, kSide, kSide));
    profile->setDimensions("images", OptProfileSelector::kOPT, Dims4(kMaxBatch, 1, kSide, kSide));
    profile->setDimensions("images", OptProfileSelector::kMAX, Dims4(kMaxBatch, 1, kSide, kSide));
    config->addOptimizationProfile(profile);
    return std::unique_ptr<IHostMemory>(builder->buildSerializedNetwork(*network, *config));
}

}  // namespace

int main(int argc, char** argv) {
    const std::string folder = samples::dataFolder(argc, argv);
    const samples::Digits digits = samples::readDigits(folder);
    WeightMap weights;
    if (digits.count == 0 || !samples::readWeights(folder + "/digits.wts", weights)) return 1;

    samples::Logger logger;
    const std::unique_ptr<IHostMemory> plan = build(logger, weights);
    if (!plan) return 1;
    const std::unique_ptr<IRuntime> runtime(createInferRuntime(logger));
    const std::unique_ptr<ICudaEngine> engine(runtime->deserializeCudaEngine(plan->data(), plan->size()));
    if (!engine) return 1;
    const std::unique_ptr<IExecutionContext> context(engine->createExecutionContext());
    std::vector<float> input(kMaxBatch * samples::kPixels), output(kMaxBatch * samples::kDigits);
    context->setTensorAddress("images", input.data());  // host memory: a CPU engine (LATHE_TARGET=cpu)
    context->setTensorAddress("probabilities", output.data());
    int64_t right = 0;
    for (int64_t begin = 0; begin < digits.count; begin += kMaxBatch) {
        const int64_t batch = std::min(kMaxBatch, digits.count - begin);
        std::copy_n(digits.pixels.begin() + begin * samples::kPixels, batch * samples::kPixels, input.begin());
        if (!context->setInputShape("images", Dims4(batch, 1, samples::kSide, samples::kSide)) ||
            !context->enqueueV3(nullptr))
            return 1;
        for (int64_t i = 0; i < batch; ++i)
            right += samples::best(&output[static_cast<size_t>(i * samples::kDigits)]) ==
                     digits.labels[static_cast<size_t>(begin + i)];
    }
    return samples::report(right, digits.count);
}
