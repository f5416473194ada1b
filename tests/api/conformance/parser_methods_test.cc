// SPDX-License-Identifier: Apache-2.0
// The ONNX parser's interfaces on the digits network, and the older options object.
#include <fstream>

#include "NvOnnxConfig.h"
#include "NvOnnxParser.h"
#include "conformance_testing.h"

namespace lathe_test {
namespace {

using nvonnxparser::ErrorCode;
using ::testing::HasSubstr;

class ParserMethods : public Conformance {
  protected:
    void SetUp() override {
        Conformance::SetUp();
        network.reset(builder->createNetworkV2(0));
        parser.reset(nvonnxparser::createParser(*network, logger));
        ASSERT_TRUE(parser);
        std::ifstream file(LATHE_DIGITS, std::ios::binary);
        model.assign(std::istreambuf_iterator<char>(file), {});
        ASSERT_GT(model.size(), 1000u);
    }
    void TearDown() override {
        parser.reset();
        network.reset();
        Conformance::TearDown();
    }
    // Errors of parsing are the parser's; the logger has them too.
    std::string takeError(ErrorCode code) {
        EXPECT_GE(parser->getNbErrors(), 1);
        if (parser->getNbErrors() < 1) return "";
        const nvonnxparser::IParserError* e = parser->getError(0);
        EXPECT_EQ(static_cast<int>(e->code()), static_cast<int>(code)) << e->desc();
        std::string text = e->desc();
        parser->clearErrors();
        EXPECT_EQ(parser->getNbErrors(), 0);
        logger.takeErrors();
        return text;
    }
    std::unique_ptr<INetworkDefinition> network;
    std::unique_ptr<nvonnxparser::IParser> parser;
    std::vector<char> model;
};

TEST_F(ParserMethods, Parse) {
    EXPECT_GT(getNvOnnxParserVersion(), 0);
    std::unique_ptr<IBuilderConfig> config(builder->createBuilderConfig());
    EXPECT_TRUE(parser->setBuilderConfig(config.get()));
    EXPECT_TRUE(parser->parse(model.data(), model.size(), LATHE_DIGITS)) << logger.errors;
    EXPECT_EQ(network->getNbInputs(), 1);
    EXPECT_EQ(network->getNbOutputs(), 1);
    int64_t libraries = 7;
    parser->getUsedVCPluginLibraries(libraries);
    EXPECT_EQ(libraries, 0);
    // The tensor of a node's output, by the node's name.
    const char* name = nullptr;
    for (int i = 0; i < network->getNbLayers() && !name; ++i)
        if (const char* meta = network->getLayer(i)->getMetadata(); meta && *meta)
            name = network->getLayer(i)->getName();
    ASSERT_TRUE(name);
    EXPECT_TRUE(parser->getLayerOutputTensor(name, 0)) << name;
    EXPECT_EQ(parser->getLayerOutputTensor("nobody", 0), nullptr);
    EXPECT_EQ(parser->getLayerOutputTensor(name, 99), nullptr);
    logger.takeErrors();
}

TEST_F(ParserMethods, EveryWayIn) {
    EXPECT_TRUE(parser->parseFromFile(LATHE_DIGITS, 0)) << logger.errors;
    network.reset(builder->createNetworkV2(0));
    parser.reset(nvonnxparser::createParser(*network, logger));
    EXPECT_TRUE(parser->parseWithWeightDescriptors(model.data(), model.size())) << logger.errors;
    network.reset(builder->createNetworkV2(0));
    parser.reset(nvonnxparser::createParser(*network, logger));
    EXPECT_TRUE(parser->loadModelProto(model.data(), model.size())) << logger.errors;
    EXPECT_FALSE(parser->loadInitializer("no such initializer", model.data(), 4));
    parser->clearErrors();
    logger.takeErrors();
    EXPECT_TRUE(parser->parseModelProto()) << logger.errors;
    EXPECT_EQ(network->getNbOutputs(), 1);
}

TEST_F(ParserMethods, Support) {
    EXPECT_TRUE(parser->supportsOperator("Conv"));
    EXPECT_FALSE(parser->supportsOperator("NoSuchOperator"));
    SubGraphCollection_t groups;
    EXPECT_TRUE(parser->supportsModel(model.data(), model.size(), groups, LATHE_DIGITS)) << logger.errors;
    ASSERT_EQ(groups.size(), 1u);
    EXPECT_TRUE(groups[0].second);
    // The network holds the model now; another takes it again.
    parser->clearErrors();
    std::unique_ptr<INetworkDefinition> fresh(builder->createNetworkV2(0));
    parser.reset(nvonnxparser::createParser(*fresh, logger));
    network.swap(fresh);
    EXPECT_TRUE(parser->supportsModelV2(model.data(), model.size(), LATHE_DIGITS));
    EXPECT_EQ(parser->getNbSubgraphs(), 1);
    EXPECT_TRUE(parser->isSubgraphSupported(0));
    int64_t length = 0;
    const int64_t* nodes = parser->getSubgraphNodes(0, length);
    ASSERT_TRUE(nodes);
    EXPECT_EQ(length, static_cast<int64_t>(groups[0].first.size()));
    EXPECT_FALSE(parser->isSubgraphSupported(5));
    parser->getSubgraphNodes(5, length);
    EXPECT_EQ(length, 0);
    parser->clearErrors();
    logger.takeErrors();
}

TEST_F(ParserMethods, Flags) {
    using Flag = nvonnxparser::OnnxParserFlag;
    EXPECT_EQ(nvonnxparser::EnumMax<Flag>(), 5);
    EXPECT_GT(nvonnxparser::EnumMax<ErrorCode>(), 13);
    parser->setFlag(Flag::kNATIVE_INSTANCENORM);
    EXPECT_TRUE(parser->getFlag(Flag::kNATIVE_INSTANCENORM));
    parser->clearFlag(Flag::kNATIVE_INSTANCENORM);
    EXPECT_FALSE(parser->getFlag(Flag::kNATIVE_INSTANCENORM));
    parser->setFlags(1U << static_cast<int>(Flag::kNATIVE_INSTANCENORM));
    EXPECT_EQ(parser->getFlags(), 1U << static_cast<int>(Flag::kNATIVE_INSTANCENORM));
}

TEST_F(ParserMethods, ErrorsTellNodeAndPlace) {
    EXPECT_FALSE(parser->parse("nonsense", 8));
    EXPECT_NE(takeError(ErrorCode::kMODEL_DESERIALIZE_FAILED), "");
    EXPECT_FALSE(parser->parse(nullptr, 8));
    EXPECT_GT(parser->getNbErrors(), 0);
    parser->clearErrors();
    EXPECT_FALSE(parser->parseFromFile("/nowhere/model.onnx", 0));
    ASSERT_EQ(parser->getNbErrors(), 1);
    const nvonnxparser::IParserError* e = parser->getError(0);
    EXPECT_THAT(e->desc(), HasSubstr("/nowhere/model.onnx"));
    EXPECT_TRUE(e->file());
    EXPECT_GE(e->line(), 0);
    EXPECT_TRUE(e->func());
    EXPECT_EQ(e->node(), -1);
    EXPECT_TRUE(e->nodeName());
    EXPECT_TRUE(e->nodeOperator());
    EXPECT_EQ(e->localFunctionStackSize(), 0);
    e->localFunctionStack();
    EXPECT_EQ(parser->getError(5), nullptr);
    parser->clearErrors();
    logger.takeErrors();
}

TEST_F(ParserMethods, Refitter) {
    ASSERT_TRUE(parser->parse(model.data(), model.size()));
    std::unique_ptr<IBuilderConfig> config(builder->createBuilderConfig());
    config->setFlag(BuilderFlag::kREFIT);
    lathe::setTarget(*config, "cpu");
    IOptimizationProfile* p = builder->createOptimizationProfile();
    Dims d = network->getInput(0)->getDimensions();
    for (int k = 0; k < 3; ++k) {
        d.d[0] = k + 1;
        p->setDimensions(network->getInput(0)->getName(), static_cast<OptProfileSelector>(k), d);
    }
    config->addOptimizationProfile(p);
    std::unique_ptr<IHostMemory> plan(builder->buildSerializedNetwork(*network, *config));
    ASSERT_TRUE(plan) << logger.errors;
    std::unique_ptr<IRuntime> runtime(createInferRuntime(logger));
    std::unique_ptr<ICudaEngine> engine(runtime->deserializeCudaEngine(plan->data(), plan->size()));
    ASSERT_TRUE(engine && engine->isRefittable());
    std::unique_ptr<IRefitter> refitter(createInferRefitter(*engine, logger));
    std::unique_ptr<nvonnxparser::IParserRefitter> from(nvonnxparser::createParserRefitter(*refitter, logger));
    ASSERT_TRUE(from);
    EXPECT_TRUE(from->refitFromBytes(model.data(), model.size())) << logger.errors;
    EXPECT_TRUE(refitter->refitCudaEngine()) << logger.errors;
    EXPECT_TRUE(from->refitFromFile(LATHE_DIGITS)) << logger.errors;
    EXPECT_TRUE(refitter->refitCudaEngine()) << logger.errors;
    EXPECT_TRUE(from->loadModelProto(model.data(), model.size())) << logger.errors;
    EXPECT_TRUE(from->refitModelProto()) << logger.errors;
    EXPECT_TRUE(refitter->refitCudaEngine()) << logger.errors;
    EXPECT_FALSE(from->loadInitializer("no such initializer", model.data(), 4));
    EXPECT_FALSE(from->refitFromBytes("nonsense", 8));
    ASSERT_GE(from->getNbErrors(), 1);
    EXPECT_TRUE(from->getError(0));
    from->clearErrors();
    EXPECT_EQ(from->getNbErrors(), 0);
    EXPECT_TRUE(std::isnan(refitter->getDynamicRangeMin("nobody")));
    EXPECT_TRUE(std::isnan(refitter->getDynamicRangeMax("nobody")));
    logger.takeErrors();
}

TEST(OnnxConfig, KeepsWhatItIsTold) {
    std::unique_ptr<nvonnxparser::IOnnxConfig> c(nvonnxparser::createONNXConfig());
    ASSERT_TRUE(c);
    c->setModelDtype(DataType::kHALF);
    EXPECT_EQ(c->getModelDtype(), DataType::kHALF);
    c->setModelFileName("m.onnx");
    EXPECT_STREQ(c->getModelFileName(), "m.onnx");
    c->setVerbosityLevel(2);
    c->addVerbosity();
    EXPECT_EQ(c->getVerbosityLevel(), 3);
    c->reduceVerbosity();
    EXPECT_EQ(c->getVerbosityLevel(), 2);
    c->setTextFileName("m.txt");
    EXPECT_STREQ(c->getTextFileName(), "m.txt");
    c->setFullTextFileName("full.txt");
    EXPECT_STREQ(c->getFullTextFileName(), "full.txt");
    c->setPrintLayerInfo(true);
    EXPECT_TRUE(c->getPrintLayerInfo());
}

}  // namespace
}  // namespace lathe_test
