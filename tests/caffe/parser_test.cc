// SPDX-License-Identifier: Apache-2.0
// The parser as a program sees it: files, buffers, mean files, recorders, batches.
#include <cstring>
#include <fstream>

#include "caffe_testing.h"

namespace lathe_test {
namespace {

using ::testing::HasSubstr;

class CaffeParserTest : public CaffeTest {
  protected:
    std::string file(const std::string& name, std::string_view content) {
        const std::string path = (folder.path() / name).string();
        std::ofstream(path, std::ios::binary) << content;
        return path;
    }
    TempFolder folder;
};

const char* const kNet = R"(name: "net"
layer { name: "in" type: "Input" top: "data" input_param { shape { dim: 2 dim: 3 dim: 4 dim: 4 } } }
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv" convolution_param { num_output: 2 kernel_size: 3 } }
layer { name: "pool" type: "Pooling" bottom: "conv" top: "pool" pooling_param { kernel_size: 2 } }
layer { name: "flat" type: "Flatten" bottom: "pool" top: "flat" }
layer { name: "shape" type: "Reshape" bottom: "flat" top: "shape" reshape_param { shape { dim: 2 dim: 2 dim: 1 } } }
layer { name: "ip" type: "InnerProduct" bottom: "shape" top: "ip" inner_product_param { num_output: 5 } }
layer { name: "prob" type: "Softmax" bottom: "ip" top: "prob" }
)";

Message netWeights() {
    const auto blob = [](const Ints& extents, uint32_t seed) { return blobMessage(noise(extents, seed)); };
    return Message()
        .message(100, layerMessage("conv", {blob({2, 3, 3, 3}, 1), blob({2}, 2)}))
        .message(100, layerMessage("ip", {blob({5, 2}, 3), blob({5}, 4)}));
}

TEST_F(CaffeParserTest, Files) {
    const std::string deploy = file("net.prototxt", kNet), weights = file("net.caffemodel", netWeights().str());
    const auto* names = parser->parse(deploy.c_str(), weights.c_str(), *network, DataType::kFLOAT);
    ASSERT_TRUE(names) << logger.errors;
    EXPECT_EQ(shape(*names->find("prob")), (Ints{2, 5, 1, 1}));
    EXPECT_EQ(network->getNbOutputs(), 0);
    // A second network by the same parser; the first one's names stay.
    std::unique_ptr<INetworkDefinition> other(builder->createNetworkV2(0));
    const auto* more = parser->parse(deploy.c_str(), weights.c_str(), *other, DataType::kFLOAT);
    ASSERT_TRUE(more) << logger.errors;
    EXPECT_NE(more->find("prob"), names->find("prob"));
    // Without a model.
    other.reset(builder->createNetworkV2(0));
    EXPECT_TRUE(parser->parse(deploy.c_str(), nullptr, *other, DataType::kFLOAT)) << logger.errors;
    other.reset(builder->createNetworkV2(0));
    EXPECT_TRUE(parser->parse(deploy.c_str(), "", *other, DataType::kFLOAT)) << logger.errors;
}

TEST_F(CaffeParserTest, FilesThatCannotBeRead) {
    const std::string deploy = file("net.prototxt", kNet), weights = file("net.caffemodel", netWeights().str());
    EXPECT_EQ(parser->parse(nullptr, weights.c_str(), *network, DataType::kFLOAT), nullptr);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("ICaffeParser::parse: the path of the network is null"));
    EXPECT_EQ(parser->parse("/nowhere.prototxt", weights.c_str(), *network, DataType::kFLOAT), nullptr);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("cannot open '/nowhere.prototxt'"));
    EXPECT_EQ(parser->parse(deploy.c_str(), "/nowhere.caffemodel", *network, DataType::kFLOAT), nullptr);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("cannot open '/nowhere.caffemodel'"));
    // Each in the other's place.
    EXPECT_EQ(parser->parse(weights.c_str(), deploy.c_str(), *network, DataType::kFLOAT), nullptr);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("net.caffemodel: line 1: "));
    EXPECT_EQ(parser->parse(deploy.c_str(), deploy.c_str(), *network, DataType::kFLOAT), nullptr);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("net.prototxt: "));
    EXPECT_EQ(parser->parse(deploy.c_str(), weights.c_str(), *network, DataType::kINT8), nullptr);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("possible are kFLOAT and kHALF"));
    EXPECT_EQ(parser->parseBuffers(nullptr, 0, nullptr, 0, *network, DataType::kFLOAT), nullptr);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("ICaffeParser::parseBuffers: the text of the network is null"));
    const auto* text = reinterpret_cast<const uint8_t*>(kNet);
    EXPECT_EQ(parser->parseBuffers(text, std::strlen(kNet), nullptr, 7, *network, DataType::kFLOAT), nullptr);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("the model is null, with a length of 7"));
    parser->setProtobufBufferSize(100);
    EXPECT_EQ(parser->parse(deploy.c_str(), weights.c_str(), *network, DataType::kFLOAT), nullptr);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("setProtobufBufferSize() allows 100"));
}

TEST_F(CaffeParserTest, Recorders) {
    Recorder recorder;
    EXPECT_EQ(parser->getErrorRecorder(), nullptr);
    parser->setErrorRecorder(&recorder);
    EXPECT_EQ(parser->getErrorRecorder(), &recorder);
    EXPECT_EQ(recorder.references, 1);
    EXPECT_EQ(parse(withInput({1, 2}, "layer { name: 'l' type: 'Nothing' bottom: 'data' top: 'y' }")), nullptr);
    ASSERT_EQ(recorder.errors.size(), 1u);
    EXPECT_EQ(recorder.errors[0].first, ErrorCode::kUNSUPPORTED_STATE);
    EXPECT_THAT(recorder.errors[0].second,
                HasSubstr("the network's text: layer 'l' (Nothing, line 3): its type is not known"));
    EXPECT_EQ(logger.takeErrors(), recorder.errors[0].second + "\n");
    parser.reset();
    EXPECT_EQ(recorder.references, 0);
}

TEST_F(CaffeParserTest, MeanFiles) {
    const Array mean = noise({3, 2, 2}, 1);
    const std::string path = file("mean.binaryproto", blobMessage(mean, Form::kLegacyShape).str());
    std::unique_ptr<nvcaffeparser1::IBinaryProtoBlob> blob(parser->parseBinaryProto(path.c_str()));
    ASSERT_TRUE(blob) << processLogger().errors;
    EXPECT_EQ(list(blob->getDimensions()), (Ints{1, 3, 2, 2}));
    EXPECT_EQ(blob->getDataType(), DataType::kFLOAT);
    const auto* values = static_cast<const float*>(blob->getData());
    EXPECT_EQ(Floats(values, values + 12), mean.values);
    auto* other = parser->parseBinaryProto(file("other", blobMessage(mean, Form::kDouble).str()).c_str());
    ASSERT_TRUE(other) << processLogger().errors;
    EXPECT_EQ(list(other->getDimensions()), (Ints{1, 3, 2, 2}));
    other->destroy();

    const auto refused = [&](const std::string& bytes) {
        EXPECT_EQ(parser->parseBinaryProto(file("bad", bytes).c_str()), nullptr);
        return processLogger().takeErrors();
    };
    EXPECT_THAT(refused(blobMessage(mean, Form::kNoShape).str()), HasSubstr("the blob has no shape"));
    EXPECT_THAT(refused(""), HasSubstr("no shape"));
    EXPECT_THAT(refused("text"), HasSubstr("bad: the blob: at byte 0"));
    EXPECT_THAT(refused(Message().varint(1, 1).varint(2, 2).str()), HasSubstr("has 2 elements, but the data 0"));
    EXPECT_THAT(refused(Message().varint(2, -1).str()), HasSubstr("not possible"));
    EXPECT_THAT(refused(Message().varint(2, 0).str()), HasSubstr("no elements"));
    EXPECT_THAT(refused(blobMessage(noise({1, 1, 1, 1, 2}, 1)).str()), HasSubstr("5 dimensions"));
    EXPECT_EQ(parser->parseBinaryProto(nullptr), nullptr);
    EXPECT_THAT(processLogger().takeErrors(), HasSubstr("the path is null"));
}

// The batch may change after parsing wherever the file does not write it into a shape.
TEST_F(CaffeParserTest, TheBatchCanBeChangedAfterwards) {
    std::string text = kNet;
    text.replace(text.find("dim: 2 dim: 2 dim: 1"), 6, "dim: 0");
    const Array x = noise({2, 3, 4, 4}, 9);
    model = netWeights();
    const Array two = answer(text, x, "prob");
    network.reset(builder->createNetworkV2(0));
    const auto* names = parse(text);
    ASSERT_TRUE(names) << logger.errors;
    names->find("data")->setDimensions(dims({-1, 3, 4, 4}));
    EXPECT_EQ(shape(*names->find("prob")), (Ints{-1, 5, 1, 1}));
    network->markOutput(*names->find("prob"));
    std::unique_ptr<IBuilderConfig> config(builder->createBuilderConfig());
    config->setBuilderOptimizationLevel(0);
    IOptimizationProfile* profile = builder->createOptimizationProfile();
    profile->setDimensions("data", OptProfileSelector::kMIN, dims({1, 3, 4, 4}));
    profile->setDimensions("data", OptProfileSelector::kOPT, dims({2, 3, 4, 4}));
    profile->setDimensions("data", OptProfileSelector::kMAX, dims({8, 3, 4, 4}));
    config->addOptimizationProfile(profile);
    for (const int64_t batch : {1, 2, 5}) {
        Array some{{batch, 3, 4, 4}, {}};
        for (int64_t i = 0; i < batch * 48; ++i) some.values.push_back(x.values[static_cast<size_t>(i % 96)]);
        feedArray("data", some);
        auto answers = run(config.get());
        Array expected{{batch, 5, 1, 1}, {}};
        for (int64_t i = 0; i < batch * 5; ++i) expected.values.push_back(two.values[static_cast<size_t>(i % 10)]);
        expectClose({list(answers["prob"].dims), answers["prob"].as<float>()}, expected, 30);
    }
}

TEST_F(CaffeParserTest, TheBatchCanBeLeftOpen) {
    lathe::setFreeBatch(*parser, true);
    model = netWeights();
    // Also the 2 that the Reshape writes for the batch is one.
    const auto* names = parse(kNet);
    ASSERT_TRUE(names) << logger.errors;
    EXPECT_EQ(shape(*names->find("data")), (Ints{-1, 3, 4, 4}));
    EXPECT_EQ(shape(*names->find("shape")), (Ints{-1, 2, 1}));
    EXPECT_EQ(shape(*names->find("prob")), (Ints{-1, 5, 1, 1}));
    const auto refused = [&](const std::string& layer) {
        network.reset(builder->createNetworkV2(0));
        EXPECT_EQ(parse(withInput({2, 3, 4, 4}, layer)), nullptr);
        return logger.takeErrors();
    };
    EXPECT_THAT(refused("layer { name: 'l' type: 'Slice' bottom: 'data' top: 'a' top: 'b' slice_param { axis: 0 } }"),
                HasSubstr("slices of the batch, which varies"));
    EXPECT_THAT(refused("layer { name: 'l' type: 'Reduction' bottom: 'data' top: 'a' }"), HasSubstr("batch"));
    EXPECT_THAT(
        refused(
            "layer { name: 'l' type: 'Reshape' bottom: 'data' top: 'a' reshape_param { shape { dim: 3 dim: -1 } } }"),
        HasSubstr("its shape makes a batch of 3 out of one of 2"));
    EXPECT_THAT(refused("layer { name: 'l' type: 'Scale' bottom: 'data' top: 'a' scale_param { axis: 0 } }"),
                HasSubstr("along the batch"));
}

TEST_F(CaffeParserTest, EntryPoints) {
    nvcaffeparser1::shutdownProtobufLibrary();
    auto* made = static_cast<nvcaffeparser1::ICaffeParser*>(createNvCaffeParser_INTERNAL());
    ASSERT_TRUE(made);
    made->destroy();
}

}  // namespace
}  // namespace lathe_test
