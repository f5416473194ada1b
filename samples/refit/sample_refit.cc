// SPDX-License-Identifier: Apache-2.0
// New weights for an engine that is built already. See README.md.
#include <memory>

#include "samples/common/blocks.h"
#include "samples/common/digits.h"

using namespace nvinfer1;
using samples::block;
using samples::halve;
using samples::view;
using samples::WeightMap;

namespace {

constexpr int64_t kMaxBatch = 64;

// The classifier of the digits, to be refitted.
std::unique_ptr<IHostMemory> build(ILogger& logger, const WeightMap& weights) {
    const std::unique_ptr<IBuilder> builder(createInferBuilder(logger));
    const std::unique_ptr<INetworkDefinition> network(builder->createNetworkV2(0));
    ITensor* x = network->addInput("images", DataType::kFLOAT, Dims4(-1, 1, samples::kSide, samples::kSide));
    // Pixels go from 0 to 16, those of the training went from 0 to 1.
    IScaleLayer* pixels = network->addScale(*x, ScaleMode::kUNIFORM, Weights{}, view(weights, "scale0"), Weights{});
    pixels->setName("norm0");
    x = pixels->getOutput(0);
    x = block(*network, *x, weights, 1, 16);
    x = halve(*network, *block(*network, *x, weights, 2, 32));
    x = halve(*network, *block(*network, *x, weights, 3, 64));
    IShuffleLayer* flat = network->addShuffle(*x);
    flat->setReshapeDimensions(Dims2(0, -1));
    IConstantLayer* matrix = network->addConstant(Dims2(samples::kDigits, 256), view(weights, "dense"));
    matrix->setName("dense");
    IMatrixMultiplyLayer* dense = network->addMatrixMultiply(*flat->getOutput(0), MatrixOperation::kNONE,
                                                             *matrix->getOutput(0), MatrixOperation::kTRANSPOSE);
    IConstantLayer* bias = network->addConstant(Dims2(1, samples::kDigits), view(weights, "bias"));
    bias->setName("bias");
    ITensor* scores =
        network->addElementWise(*dense->getOutput(0), *bias->getOutput(0), ElementWiseOperation::kSUM)->getOutput(0);
    scores->setName("scores");
    network->markOutput(*scores);
    // A name of our own for some weights; others are called by layer and role.
    network->setWeightsName(view(weights, "dense"), "the last matrix");

    const std::unique_ptr<IBuilderConfig> config(builder->createBuilderConfig());
    config->setFlag(BuilderFlag::kREFIT);
    IOptimizationProfile* profile = builder->createOptimizationProfile();
    profile->setDimensions("images", OptProfileSelector::kMIN, Dims4(1, 1, samples::kSide, samples::kSide));
    profile->setDimensions("images", OptProfileSelector::kOPT, Dims4(kMaxBatch, 1, samples::kSide, samples::kSide));
    profile->setDimensions("images", OptProfileSelector::kMAX, Dims4(kMaxBatch, 1, samples::kSide, samples::kSide));
    config->addOptimizationProfile(profile);
    return std::unique_ptr<IHostMemory>(builder->buildSerializedNetwork(*network, *config));
}

// How many pictures are classified correctly; negative on failure.
int64_t classify(IExecutionContext& context, const samples::Digits& digits) {
    std::vector<float> input(kMaxBatch * samples::kPixels), output(kMaxBatch * samples::kDigits);
    context.setTensorAddress("images", input.data());  // host memory: a CPU engine (LATHE_TARGET=cpu)
    context.setTensorAddress("scores", output.data());
    int64_t right = 0;
    for (int64_t begin = 0; begin < digits.count; begin += kMaxBatch) {
        const int64_t batch = std::min(kMaxBatch, digits.count - begin);
        std::copy_n(digits.pixels.begin() + begin * samples::kPixels, batch * samples::kPixels, input.begin());
        if (!context.setInputShape("images", Dims4(batch, 1, samples::kSide, samples::kSide)) ||
            !context.enqueueV3(nullptr))
            return -1;
        for (int64_t i = 0; i < batch; ++i)
            right += samples::best(&output[static_cast<size_t>(i * samples::kDigits)]) ==
                     digits.labels[static_cast<size_t>(begin + i)];
    }
    return right;
}

// What can be refitted, or what the refitter still wants: layers and the weights' roles in them.
struct Place {
    std::string layer;
    WeightsRole role;
};
std::vector<Place> list(IRefitter& refitter, bool missing) {
    const auto ask = [&](int32_t size, const char** layers, WeightsRole* roles) {
        return missing ? refitter.getMissing(size, layers, roles) : refitter.getAll(size, layers, roles);
    };
    const int32_t count = ask(0, nullptr, nullptr);
    std::vector<const char*> layers(static_cast<size_t>(count));
    std::vector<WeightsRole> roles(static_cast<size_t>(count));
    ask(count, layers.data(), roles.data());
    std::vector<Place> places;
    for (size_t i = 0; i < layers.size(); ++i) places.push_back({layers[i], roles[i]});
    return places;
}

// The name of a place's weights in the file.
std::string nameOf(const Place& place) {
    if (place.role == WeightsRole::kSCALE) return "scale" + place.layer.substr(4);
    if (place.role == WeightsRole::kSHIFT) return "shift" + place.layer.substr(4);
    return place.layer;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string folder = samples::dataFolder(argc, argv);
    const samples::Digits digits = samples::readDigits(folder);
    WeightMap weights;
    if (digits.count == 0 || !samples::readWeights(folder + "/digits.wts", weights)) return 1;

    weights["scale0"] = {1.f / 16};

    // An engine of the right network with weights that nobody trained.
    WeightMap dummy = weights;
    for (const char* name : {"conv3", "shift3", "dense"}) std::fill(dummy[name].begin(), dummy[name].end(), 0.01f);
    samples::Logger logger;
    const std::unique_ptr<IHostMemory> plan = build(logger, dummy);
    if (!plan) return 1;
    const std::unique_ptr<IRuntime> runtime(createInferRuntime(logger));
    const std::unique_ptr<ICudaEngine> engine(runtime->deserializeCudaEngine(plan->data(), plan->size()));
    if (!engine) return 1;
    const std::unique_ptr<IExecutionContext> context(engine->createExecutionContext());
    const int64_t before = classify(*context, digits);
    std::printf("before: %ld of %ld pictures are classified correctly\n", static_cast<long>(before),
                static_cast<long>(digits.count));
    if (before < 0 || before * 2 > digits.count) return 1;

    // The trained ones in their place: by layer and role, or by name.
    const std::unique_ptr<IRefitter> refitter(createInferRefitter(*engine, logger));
    std::printf("can be refitted:");
    for (const Place& place : list(*refitter, false)) std::printf(" %s", nameOf(place).c_str());
    std::printf("\n");
    if (!refitter->setWeights("conv3", WeightsRole::kKERNEL, view(weights, "conv3")) ||
        !refitter->setWeights("norm3", WeightsRole::kSHIFT, view(weights, "shift3")) ||
        !refitter->setNamedWeights("the last matrix", view(weights, "dense")))
        return 1;
    // Weights that others were computed from may be wanted as well; here they stay what they are.
    for (const Place& place : list(*refitter, true))
        if (!refitter->setWeights(place.layer.c_str(), place.role, view(weights, nameOf(place)))) return 1;
    if (!refitter->refitCudaEngine()) return 1;
    // The contexts that are there run with the new weights from their next call on.
    return samples::report(classify(*context, digits), digits.count);
}
