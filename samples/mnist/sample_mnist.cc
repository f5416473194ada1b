// SPDX-License-Identifier: Apache-2.0
// A Caffe network of handwritten digits: parsed, its mean subtracted in the network, built into a plan, and run on all
// pictures that training never saw. See README.md.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "NvCaffeParser.h"
#include "NvInfer.h"

using namespace nvinfer1;

namespace {

constexpr int64_t kMaxBatch = 64;
constexpr int64_t kSide = 8, kPixels = kSide * kSide, kDigits = 10;

class Logger final : public ILogger {
  public:
    void log(Severity severity, char const* text) noexcept override {
        if (severity <= Severity::kWARNING) std::fprintf(stderr, "%s\n", text);
    }
};

// The numbers of an IDX file of bytes, and its first extent.
struct Idx {
    int64_t count = 0;
    std::vector<uint8_t> bytes;
};
bool readIdx(const std::string& path, uint32_t magic, int64_t bytesEach, Idx& out) {
    std::ifstream file(path, std::ios::binary);
    const std::vector<char> all((std::istreambuf_iterator<char>(file)), {});
    const auto word = [&](size_t at) {
        uint32_t value = 0;
        for (size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<uint8_t>(all[at + i]);
        return value;
    };
    const size_t header = 4 + 4 * (magic & 0xff);
    if (all.size() < header || word(0) != magic) {
        std::fprintf(stderr, "%s is missing or no IDX file of the kind %x\n", path.c_str(), magic);
        return false;
    }
    out.count = word(4);
    if (all.size() != header + static_cast<size_t>(out.count * bytesEach)) {
        std::fprintf(stderr, "%s is not of the length that its header says\n", path.c_str());
        return false;
    }
    out.bytes.assign(all.begin() + static_cast<std::ptrdiff_t>(header), all.end());
    return true;
}

// Parses the network, puts the subtraction of the mean before its first layer, and builds a plan.
std::unique_ptr<IHostMemory> build(Logger& logger, const std::string& folder) {
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
    const std::string folder = argc > 1 ? argv[1] : LATHE_SAMPLE_DATA;
    Idx pictures, labels;
    if (!readIdx(folder + "/digits-images.idx3-ubyte", 0x803, kPixels, pictures) ||
        !readIdx(folder + "/digits-labels.idx1-ubyte", 0x801, 1, labels) || labels.count != pictures.count) {
        return 1;
    }

    Logger logger;
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
    for (int64_t begin = 0; begin < pictures.count; begin += kMaxBatch) {
        const int64_t batch = std::min(kMaxBatch, pictures.count - begin);
        std::copy_n(pictures.bytes.begin() + begin * kPixels, batch * kPixels, input.begin());
        if (!context->setInputShape("data", Dims4{batch, 1, kSide, kSide}) || !context->enqueueV3(nullptr)) return 1;
        for (int64_t i = 0; i < batch; ++i) {
            const auto first = output.begin() + i * kDigits;
            right += std::max_element(first, first + kDigits) - first == labels.bytes[static_cast<size_t>(begin + i)];
        }
        if (begin > 0) continue;
        draw(pictures.bytes.data());
        for (int64_t digit = 0; digit < kDigits; ++digit) {
            const float probability = output[static_cast<size_t>(digit)];
            std::printf("%ld: %.3f %s\n", digit, static_cast<double>(probability),
                        std::string(static_cast<size_t>(probability * 20), '*').c_str());
        }
    }
    const double accuracy = 100.0 * static_cast<double>(right) / static_cast<double>(pictures.count);
    std::printf("%ld of %ld pictures are classified correctly (%.2f %%)\n", right, pictures.count, accuracy);
    return accuracy >= 97 ? 0 : 1;
}
