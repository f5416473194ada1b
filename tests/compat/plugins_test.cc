// SPDX-License-Identifier: Apache-2.0
// Plugins of the older APIs: every kind, with either batch, through plans, and what is wrong with them.
#include "plugins_testing.h"

#include "Lathe.h"
#include "NvOnnxParser.h"

namespace compat_testing {
namespace {

class Registered : public V2Plugin<Registered> {
  public:
    using V2Plugin::V2Plugin;
    static const char* name() { return "CompatRegistered"; }
};

// The shipped plugins write to the logger that they were given, for as long as the program runs.
Logger& lasting() {
    static auto& logger = *new Logger;
    return logger;
}

template <class P>
class StaticKinds : public ::testing::Test {};
using Statics = ::testing::Types<V2, Ext, IoExt>;
TYPED_TEST_SUITE(StaticKinds, Statics);

TYPED_TEST(StaticKinds, RunWithAnImplicitBatchSerializeAndComeBack) {
    lathe::setHostPlugin(TypeParam::name(), "1");
    clear();
    {
        Network net;
        net.builder->setMaxBatchSize(4);
        ITensor* x = net.network->addInput("x", DataType::kFLOAT, dims({3}));
        ITensor* y = net.network->addActivation(*x, ActivationType::kRELU)->getOutput(0);
        TypeParam plugin(State{0.5f, 0});
        IPluginV2Layer* layer = net.network->addPluginV2(&y, 1, plugin);
        ASSERT_TRUE(layer) << last(net.logger);
        EXPECT_EQ(layer->getType(), LayerType::kPLUGIN_V2);
        EXPECT_STREQ(layer->getPlugin().getPluginType(), TypeParam::name());
        EXPECT_NE(&layer->getPlugin(), &plugin);  // the network has a copy
        EXPECT_EQ(list(layer->getOutput(0)->getDimensions()), std::vector<int32_t>({3}));
        net.network->markOutput(*layer->getOutput(0));
        // Nothing is registered: an engine that was just built has its plugins.
        auto engine = net.build();
        ASSERT_TRUE(engine) << last(net.logger);
        EXPECT_EQ(run(*engine, {1, -2, 3, -4, 5, -6}, 6, 2), std::vector<float>({1.5f, .5f, 3.5f, .5f, 5.5f, .5f}));
        if (!std::is_same<TypeParam, IoExt>::value) {
            EXPECT_EQ(counts.largestBatch, 4);
        }
        Owned<IHostMemory> plan(engine->serialize());
        engine.reset();
        EXPECT_EQ(counts.initialized, counts.terminated);
        EXPECT_EQ(counts.attached, counts.detached);

        Owned<IRuntime> runtime(createInferRuntime(net.logger));
        EXPECT_FALSE(runtime->deserializeCudaEngine(plan->data(), plan->size(), nullptr));
        EXPECT_TRUE(net.logger.saw("no creator of it is registered"));
        EXPECT_TRUE(net.logger.saw(TypeParam::name()));
        static Creator<TypeParam> creator;
        ASSERT_TRUE(getPluginRegistry()->registerCreator(creator, ""));
        EXPECT_FALSE(getPluginRegistry()->registerCreator(creator, ""));
        EXPECT_TRUE(getPluginRegistry()->registerCreator(creator, "other"));
        EXPECT_EQ(getPluginRegistry()->getPluginCreator(TypeParam::name(), "1", ""), &creator);
        EXPECT_EQ(getPluginRegistry()->getPluginCreator(TypeParam::name(), "2", ""), nullptr);
        engine.reset(runtime->deserializeCudaEngine(plan->data(), plan->size(), nullptr));
        ASSERT_TRUE(engine) << last(net.logger);
        EXPECT_EQ(run(*engine, {1, -2, 3}, 3, 1), std::vector<float>({1.5f, .5f, 3.5f}));
    }
    EXPECT_EQ(counts.live, 0);
}

TYPED_TEST(StaticKinds, RunWithABatchOfOneAndAnExplicitOne) {
    lathe::setHostPlugin(TypeParam::name(), "1");
    for (bool implicit : {true, false}) {
        Network net(implicit);
        ITensor* x = net.network->addInput("x", DataType::kFLOAT, implicit ? dims({3}) : dims({1, 3}));
        TypeParam plugin(State{2, 0});
        net.network->markOutput(*net.network->addPluginV2(&x, 1, plugin)->getOutput(0));
        auto engine = net.build();
        ASSERT_TRUE(engine) << last(net.logger);
        EXPECT_EQ(run(*engine, {1, -2, 3}, 3, 1, implicit), std::vector<float>({3, 0, 5}));
    }
}

TEST(DynamicPlugin, RunsWithAnExplicitBatchSerializesAndComesBack) {
    lathe::setHostPlugin("CompatDynamic", "1");
    static Creator<Dynamic> creator;
    getPluginRegistry()->registerCreator(creator, "");
    Network net(false);
    ITensor* x = net.network->addInput("x", DataType::kFLOAT, dims({-1, 2}));
    Dynamic plugin(State{0.5f, 0});
    IPluginV2Layer* layer = net.network->addPluginV2(&x, 1, plugin);
    ASSERT_TRUE(layer) << last(net.logger);
    EXPECT_EQ(list(layer->getOutput(0)->getDimensions()), std::vector<int32_t>({-1, 2}));
    net.network->markOutput(*layer->getOutput(0));
    IOptimizationProfile* p = net.builder->createOptimizationProfile();
    for (auto s : {OptProfileSelector::kMIN, OptProfileSelector::kOPT, OptProfileSelector::kMAX})
        p->setDimensions("x", s, dims({s == OptProfileSelector::kMAX ? 4 : 1, 2}));
    net.config->addOptimizationProfile(p);
    auto engine = net.build();
    ASSERT_TRUE(engine) << last(net.logger);
    Owned<IHostMemory> plan(engine->serialize());
    Owned<IRuntime> runtime(createInferRuntime(net.logger));
    for (int round = 0; round < 2; ++round) {
        Owned<IExecutionContext> context(engine->createExecutionContext());
        ASSERT_TRUE(context->setBindingDimensions(0, dims({2, 2})));
        std::vector<float> in{1, 2, 3, 4}, out(6);
        void* bindings[] = {in.data(), out.data()};
        ASSERT_TRUE(context->executeV2(bindings)) << last(net.logger);
        EXPECT_EQ(out, std::vector<float>({1.5f, 2.5f, 3.5f, 4.5f, .5f, .5f}));
        context.reset();
        engine.reset(runtime->deserializeCudaEngine(plan->data(), plan->size(), nullptr));
        ASSERT_TRUE(engine) << last(net.logger);
    }
}

TEST(PluginErrors, AreToldWithTheirReason) {
    Network net;
    ITensor* x = net.network->addInput("x", DataType::kFLOAT, dims({3}));
    V2 plugin(State{1, 0});
    ITensor* none = nullptr;
    EXPECT_FALSE(net.network->addPluginV2(&none, 1, plugin));
    EXPECT_TRUE(net.logger.saw("input 0 is null"));
    EXPECT_FALSE(net.network->addPluginV2(nullptr, 1, plugin));
    // One that is not known to take host pointers.
    lathe::setHostPlugin("CompatV2", "1", "", false);
    net.network->markOutput(*net.network->addPluginV2(&x, 1, plugin)->getOutput(0));
    EXPECT_FALSE(net.build());
    EXPECT_TRUE(net.logger.saw("not known to work on host memory"));
    EXPECT_FALSE(lathe::setHostPlugin("", "1"));
    EXPECT_FALSE(lathe::setPluginTraits("X", "1", "", 0));
    EXPECT_FALSE(lathe::setPluginTraits("X", "1", "", lathe::kCAPTURABLE));
    EXPECT_FALSE(lathe::setPluginTraits("X", "1", "", 64));
    EXPECT_EQ(getPluginRegistry()->getPluginCreator("Nobody", "1", ""), nullptr);
    EXPECT_EQ(getPluginRegistry()->getPluginCreator(nullptr, "1", ""), nullptr);
}

TEST(PluginErrors, ADynamicOneOfAnImpossibleShape) {
    lathe::setHostPlugin("CompatDynamic", "1");
    Network net(false);
    ITensor* x = net.network->addInput("x", DataType::kFLOAT, dims({1, 5}));  // it wants 2
    Dynamic plugin(State{1, 0});
    IPluginV2Layer* layer = net.network->addPluginV2(&x, 1, plugin);
    ASSERT_TRUE(layer);
    EXPECT_EQ(layer->getOutput(0)->getDimensions().nbDims, -1);
    EXPECT_TRUE(net.logger.saw("CompatDynamic")) << last(net.logger);
}

TEST(PluginRegistry, HasTheLibrarysOwnPlugins) {
    ASSERT_TRUE(initLibNvInferPlugins(&lasting(), ""));
    IPluginCreator* creator = getPluginRegistry()->getPluginCreator("LReLU_TRT", "1", "");
    ASSERT_TRUE(creator);
    EXPECT_STREQ(creator->getPluginName(), "LReLU_TRT");
    EXPECT_EQ(creator->getTensorRTVersion(), NV_TENSORRT_VERSION);
    ASSERT_EQ(creator->getFieldNames()->nbFields, 1);
    EXPECT_STREQ(creator->getFieldNames()->fields[0].name, "negSlope");
    int32_t count = 0;
    IPluginCreator* const* all = getPluginRegistry()->getPluginCreatorList(&count);
    EXPECT_NE(std::find(all, all + count, creator), all + count);
    float slope = 0.25f;
    PluginField field("negSlope", &slope, PluginFieldType::kFLOAT32, 1);
    PluginFieldCollection fields{1, &field};
    Owned<IPluginV2> plugin(creator->createPlugin("lrelu", &fields));
    ASSERT_TRUE(plugin);
    Network net;
    net.builder->setMaxBatchSize(2);
    ITensor* x = net.network->addInput("x", DataType::kFLOAT, dims({2}));
    IPluginV2Layer* layer = net.network->addPluginV2(&x, 1, *plugin);
    ASSERT_TRUE(layer) << last(net.logger);
    EXPECT_STREQ(layer->getPlugin().getPluginType(), "LReLU_TRT");
    net.network->markOutput(*layer->getOutput(0));
    auto engine = net.build();
    ASSERT_TRUE(engine) << last(net.logger);
    EXPECT_EQ(run(*engine, {-4, 4, -8, 8}, 4, 2), std::vector<float>({-1, 4, -2, 8}));
    field.type = PluginFieldType::kCHAR;
    EXPECT_FALSE(creator->createPlugin("lrelu", &fields));
    std::vector<char> bytes(plugin->getSerializationSize());
    plugin->serialize(bytes.data());
    Owned<IPluginV2> again(creator->deserializePlugin("lrelu", bytes.data(), bytes.size()));
    EXPECT_TRUE(again);
    EXPECT_FALSE(creator->deserializePlugin("lrelu", bytes.data(), bytes.size() - 1));
}

// A plugin of the application's under the name of a shipped one, whose creator its plans would find.
class Taken : public V2Plugin<Taken> {
  public:
    using V2Plugin::V2Plugin;
    static const char* name() { return "Clip_TRT"; }
};

TEST(PluginErrors, TheNameOfAShippedPluginIsTaken) {
    Network net;
    ASSERT_TRUE(initLibNvInferPlugins(&lasting(), ""));
    ITensor* x = net.network->addInput("x", DataType::kFLOAT, dims({3}));
    Taken plugin(State{1, 0});
    EXPECT_FALSE(net.network->addPluginV2(&x, 1, plugin));
    EXPECT_TRUE(net.logger.saw("'Clip_TRT', version '1'"));
    Creator<Taken> creator;
    EXPECT_FALSE(getPluginRegistry()->registerCreator(creator, ""));
}

using RegisteredCreator = Creator<Registered>;
REGISTER_TENSORRT_PLUGIN(RegisteredCreator);

TEST(PluginRegistry, TakesCreatorsWhileTheProgramStarts) {
    IPluginCreator* creator = getPluginRegistry()->getPluginCreator("CompatRegistered", "1", "");
    ASSERT_TRUE(creator);
    Owned<IPluginV2> plugin(creator->createPlugin("p", nullptr));
    EXPECT_STREQ(plugin->getPluginType(), "CompatRegistered");
}

// A message of protobuf's wire format, with what an ONNX model needs.
std::string field(int number, const std::string& bytes) {
    std::string out{static_cast<char>(number << 3 | 2)};
    for (std::size_t n = bytes.size(); true; n >>= 7) {
        out += static_cast<char>((n & 127) | (n > 127 ? 128 : 0));
        if (n < 128) break;
    }
    return out + bytes;
}
std::string number(int field, int value) { return {static_cast<char>(field << 3), static_cast<char>(value)}; }

std::string tensor(const char* name, std::initializer_list<int> extents) {
    std::string shape;
    for (int e : extents) shape += field(1, number(1, e));
    return field(1, name) + field(2, field(1, number(1, 1) + field(2, shape)));
}

TEST(OnnxPlugins, AreFoundByTheirOperatorsName) {
    lathe::setHostPlugin("CompatRegistered", "1");
    float value = 2.5f;
    std::string bits(reinterpret_cast<const char*>(&value), 4), type{'\xa0', '\x01', '\x01'};  // field 20: FLOAT
    std::string attribute = field(1, "value") + std::string{static_cast<char>(2 << 3 | 5)} + bits + type;
    std::string node =
        field(1, "x") + field(2, "y") + field(3, "special") + field(4, "CompatRegistered") + field(5, attribute);
    std::string graph =
        field(1, node) + field(2, "g") + field(11, tensor("x", {1, 3})) + field(12, tensor("y", {1, 3}));
    std::string model = number(1, 7) + field(7, graph) + field(8, number(2, 11));
    Network net(false);
    nvonnxparser::IParser* parser = nvonnxparser::createParser(*net.network, net.logger);
    ASSERT_TRUE(parser->parse(model.data(), model.size()))
        << (parser->getNbErrors() ? parser->getError(0)->desc() : "");
    auto engine = net.build();
    ASSERT_TRUE(engine) << last(net.logger);
    EXPECT_EQ(run(*engine, {1, -2, 3}, 3, 1, false), std::vector<float>({3.5f, .5f, 5.5f}));
    // The creator makes it again.
    Owned<IHostMemory> plan(engine->serialize());
    Owned<IRuntime> runtime(createInferRuntime(net.logger));
    Owned<ICudaEngine> again(runtime->deserializeCudaEngine(plan->data(), plan->size(), nullptr));
    ASSERT_TRUE(again) << last(net.logger);
    EXPECT_EQ(run(*again, {0, 0, 0}, 3, 1, false), std::vector<float>(3, 2.5f));
    parser->destroy();
}

#if LATHE_TRT >= 8
TEST(PluginRegistry, RefusesLibrariesWithTheReason) {
    Logger logger;
    Owned<IRuntime> runtime(createInferRuntime(logger));
    EXPECT_FALSE(getPluginRegistry()->loadLibrary("/nowhere/plugins.so"));
    EXPECT_FALSE(getPluginRegistry()->loadLibrary(nullptr));
    EXPECT_FALSE(getPluginRegistry()->loadLibrary("libnvinfer.so.10"));
    Creator<V2> creator;
    ASSERT_TRUE(getPluginRegistry()->registerCreator(creator, "gone"));
    EXPECT_TRUE(getPluginRegistry()->deregisterCreator(creator));
    EXPECT_FALSE(getPluginRegistry()->deregisterCreator(creator));
    EXPECT_FALSE(getPluginRegistry()->getPluginCreator("CompatV2", "1", "gone"));
    ASSERT_TRUE(getPluginRegistry()->registerCreator(creator, "gone"));
    EXPECT_TRUE(getPluginRegistry()->deregisterCreator(creator));
}
#endif

}  // namespace
}  // namespace compat_testing
