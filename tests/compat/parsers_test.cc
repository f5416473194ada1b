// SPDX-License-Identifier: Apache-2.0
// The parsers, on the digits of samples/data.
#include <cstring>
#include <fstream>
#include <iterator>

#include "compat_testing.h"

#include "NvCaffeParser.h"
#include "NvInferPlugin.h"
#include "NvOnnxParser.h"
#include "NvUffParser.h"
#include "NvUtils.h"

namespace compat_testing {
namespace {

const std::string kData = LATHE_DATA;

std::string read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

struct Digits {
    Digits() {
        std::string pictures = read(kData + "/digits-images.idx3-ubyte"),
                    kinds = read(kData + "/digits-labels.idx1-ubyte");
        for (std::size_t i = 16; i < pictures.size(); ++i)
            pixels.push_back(static_cast<float>(static_cast<uint8_t>(pictures[i])));
        for (std::size_t i = 8; i < kinds.size(); ++i) labels.push_back(static_cast<uint8_t>(kinds[i]));
    }
    // Of the first 200, in batches of 8, the share that the engine classifies correctly.
    double accuracy(ICudaEngine& engine, float factor) {
        int right = 0;
        for (std::size_t at = 0; at < 200; at += 8) {
            std::vector<float> in(pixels.begin() + static_cast<long>(at * 64),
                                  pixels.begin() + static_cast<long>((at + 8) * 64));
            for (float& v : in) v *= factor;
            std::vector<float> out = run(engine, in, 80, 8);
            if (out.size() != 80) return 0;
            for (std::size_t i = 0; i < 8; ++i) {
                auto first = out.begin() + static_cast<long>(i * 10);
                right += std::max_element(first, first + 10) - first == labels[at + i];
            }
        }
        return right / 200.0;
    }
    std::vector<float> pixels;
    std::vector<int> labels;
};

void subtractMean(Network& net, nvcaffeparser1::IBinaryProtoBlob& mean) {
    auto d = mean.getDimensions();
    EXPECT_EQ(list(d), std::vector<int32_t>({1, 1, 8, 8}));
    EXPECT_EQ(mean.getDataType(), DataType::kFLOAT);
    auto* constant = net.network->addConstant(Dims3(d.d[1], d.d[2], d.d[3]),
                                              Weights{mean.getDataType(), mean.getData(), d.d[1] * d.d[2] * d.d[3]});
    auto* subtract =
        net.network->addElementWise(*net.network->getInput(0), *constant->getOutput(0), ElementWiseOperation::kSUB);
    net.network->getLayer(0)->setInput(0, *subtract->getOutput(0));
}

TEST(CaffeParser, ClassifiesDigits) {
    Network net;
    nvcaffeparser1::ICaffeParser* parser = nvcaffeparser1::createCaffeParser();
    parser->setProtobufBufferSize(100 << 20);
    parser->setPluginNamespace("");
    parser->setErrorRecorder(nullptr);
    EXPECT_EQ(parser->getErrorRecorder(), nullptr);
    parser->setPluginFactoryV2(nullptr);
#if LATHE_TRT < 8
    parser->setPluginFactory(nullptr);
    parser->setPluginFactoryExt(nullptr);
#endif
    const nvcaffeparser1::IBlobNameToTensor* blobs = parser->parse(
        (kData + "/digits.prototxt").c_str(), (kData + "/digits.caffemodel").c_str(), *net.network, DataType::kFLOAT);
    ASSERT_TRUE(blobs);
    EXPECT_EQ(list(net.network->getInput(0)->getDimensions()), std::vector<int32_t>({1, 8, 8}));
    EXPECT_GT(net.network->getNbLayers(), 5);
    EXPECT_EQ(net.network->getLayer(0)->getType(), LayerType::kCONVOLUTION);
    EXPECT_EQ(blobs->find("nothing"), nullptr);
    ITensor* prob = blobs->find("prob");
    ASSERT_TRUE(prob);
    net.network->markOutput(*prob);
    nvcaffeparser1::IBinaryProtoBlob* mean = parser->parseBinaryProto((kData + "/digits_mean.binaryproto").c_str());
    ASSERT_TRUE(mean);
    subtractMean(net, *mean);
    net.builder->setMaxBatchSize(32);
    auto engine = net.build();
    ASSERT_TRUE(engine) << net.logger.errors.back();
    mean->destroy();
    parser->destroy();
    EXPECT_GE(Digits().accuracy(*engine, 1), 0.97);
}

TEST(CaffeParser, Buffers) {
    Network net;
    Owned<nvcaffeparser1::ICaffeParser> parser(nvcaffeparser1::createCaffeParser());
    std::string deploy = read(kData + "/digits.prototxt"), model = read(kData + "/digits.caffemodel");
#if LATHE_TRT >= 8
    using Byte = uint8_t;
#else
    using Byte = char;
#endif
    auto bytes = [](const std::string& s) { return reinterpret_cast<const Byte*>(s.data()); };
    EXPECT_TRUE(
        parser->parseBuffers(bytes(deploy), deploy.size(), bytes(model), model.size(), *net.network, DataType::kFLOAT));
    Network other;
    EXPECT_FALSE(parser->parseBuffers(bytes(deploy), 40, bytes(model), model.size(), *other.network, DataType::kFLOAT));
    nvcaffeparser1::shutdownProtobufLibrary();
}

TEST(UffParser, SaysWhyItRefuses) {
    Network net;
    nvuffparser::IUffParser* parser = nvuffparser::createUffParser();
    ASSERT_TRUE(parser);
    EXPECT_TRUE(parser->registerInput("in", Dims3(1, 28, 28), nvuffparser::UffInputOrder::kNCHW));
    EXPECT_TRUE(parser->registerOutput("out"));
    EXPECT_FALSE(parser->parse("model.uff", *net.network, DataType::kFLOAT));
    EXPECT_TRUE(net.logger.saw("never published"));
    EXPECT_FALSE(parser->parseBuffer("abc", 3, *net.network));
    EXPECT_EQ(parser->getUffRequiredVersionMajor(), UFF_REQUIRED_VERSION_MAJOR);
    EXPECT_EQ(parser->getUffRequiredVersionMinor(), UFF_REQUIRED_VERSION_MINOR);
    EXPECT_EQ(parser->getUffRequiredVersionPatch(), UFF_REQUIRED_VERSION_PATCH);
    parser->setPluginNamespace("");
    parser->setErrorRecorder(nullptr);
    EXPECT_EQ(parser->getErrorRecorder(), nullptr);
#if LATHE_TRT < 8
    parser->setPluginFactory(nullptr);
    parser->setPluginFactoryExt(nullptr);
#endif
    parser->destroy();
    int32_t one = 1;
    nvuffparser::FieldMap field("axis", &one, nvuffparser::FieldType::kINT32);
    nvuffparser::FieldCollection fields{1, &field};
    EXPECT_EQ(fields.fields[0].length, 1);
    nvuffparser::shutdownProtobufLibrary();
}

TEST(OnnxParser, ClassifiesDigits) {
    Network net(LATHE_TRT < 7);  // version 6 read models into networks with an implicit batch, too
    nvonnxparser::IParser* parser = nvonnxparser::createParser(*net.network, net.logger);
    ASSERT_TRUE(parser);
    ASSERT_TRUE(parser->parseFromFile((kData + "/digits.onnx").c_str(), static_cast<int>(ILogger::Severity::kWARNING)))
        << (parser->getNbErrors() ? parser->getError(0)->desc() : "");
    EXPECT_EQ(parser->getNbErrors(), 0);
    EXPECT_TRUE(parser->supportsOperator("Conv"));
#if LATHE_TRT == 7
    EXPECT_EQ(parser->getRefitMap(nullptr, nullptr, nullptr), 0);
#endif
#if LATHE_TRT < 7
    net.builder->setMaxBatchSize(8);
    auto engine = net.build();
    ASSERT_TRUE(engine) << net.logger.errors.back();
    EXPECT_GE(Digits().accuracy(*engine, 1 / 16.f), 0.97);
#else
    IOptimizationProfile* profile = net.builder->createOptimizationProfile();
    for (auto s : {OptProfileSelector::kMIN, OptProfileSelector::kOPT, OptProfileSelector::kMAX})
        profile->setDimensions("images", s, Dims4(1, 1, 8, 8));
    net.config->addOptimizationProfile(profile);
    auto engine = net.build();
    ASSERT_TRUE(engine) << net.logger.errors.back();
    Digits digits;
    Owned<IExecutionContext> context(engine->createExecutionContext());
    ASSERT_TRUE(context->setBindingDimensions(0, Dims4(1, 1, 8, 8)));
    std::vector<float> in(digits.pixels.begin(), digits.pixels.begin() + 64), out(10);
    for (float& v : in) v /= 16;
    void* bindings[] = {in.data(), out.data()};
    ASSERT_TRUE(context->executeV2(bindings));
    EXPECT_EQ(std::max_element(out.begin(), out.end()) - out.begin(), digits.labels[0]);

    Network implicit;
    Owned<nvonnxparser::IParser> other(nvonnxparser::createParser(*implicit.network, implicit.logger));
    EXPECT_FALSE(other->parseFromFile((kData + "/digits.onnx").c_str(), 0));
    ASSERT_EQ(other->getNbErrors(), 1);
    EXPECT_TRUE(std::strstr(other->getError(0)->desc(), "explicit"));
    other->clearErrors();
    EXPECT_EQ(other->getNbErrors(), 0);
#endif
    EXPECT_FALSE(parser->parse("no model", 8));
    parser->destroy();
}

TEST(Plugins, Registry) {
    Logger logger;
    EXPECT_TRUE(initLibNvInferPlugins(&logger, ""));
    int32_t count = -1;
    getPluginRegistry()->getPluginCreatorList(&count);
    EXPECT_GE(count, 0);
    EXPECT_EQ(getPluginRegistry()->getPluginCreator("nothing", "1"), nullptr);
}

TEST(Utils, Weights) {
    std::vector<float> in(24), out(24);
    for (std::size_t i = 0; i < 24; ++i) in[i] = static_cast<float>(i);
    int32_t shape[] = {2, 3, 4}, order[] = {2, 0, 1};
    ASSERT_TRUE(utils::reshapeWeights(weights(in), shape, order, out.data(), 3));
    for (std::size_t a = 0; a < 2; ++a)
        for (std::size_t b = 0; b < 3; ++b)
            for (std::size_t c = 0; c < 4; ++c) EXPECT_EQ(out[(c * 2 + a) * 3 + b], in[(a * 3 + b) * 4 + c]);
    int32_t twice[] = {0, 0, 1}, large[] = {2, 3, 5};
    EXPECT_FALSE(utils::reshapeWeights(weights(in), shape, twice, out.data(), 3));
    EXPECT_FALSE(utils::reshapeWeights(weights(in), large, order, out.data(), 3));
    out = in;
    ASSERT_TRUE(utils::transposeSubBuffers(out.data(), DataType::kFLOAT, 2, 3, 4));
    EXPECT_EQ(out[12 + 1], in[12 + 4]);
    out = in;
    int32_t parts[] = {1, 0, 2};
    ASSERT_TRUE(utils::reorderSubBuffers(out.data(), parts, 3, 8 * sizeof(float)));
    EXPECT_EQ(out[0], 8.f);
    EXPECT_EQ(out[23], 23.f);
}

}  // namespace
}  // namespace compat_testing
