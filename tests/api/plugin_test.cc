// SPDX-License-Identifier: Apache-2.0
// Plugins of every kind from the network to the answer, through plans.
#include "plugin_testing.h"

namespace lathe_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(PluginTest, AV3PluginRunsWithItsFieldsShapesAndWorkspace) {
    Registered<V3Creator<Axpy>> creator;
    {
        ITensor &x = input("x", {-1, 3}), &y = input("y", {-1, 3});
        ILayer* relu = network->addActivation(x, ActivationType::kRELU);
        IPluginV3Layer* layer = addV3({relu->getOutput(0), &y}, Axpy(3));
        ASSERT_TRUE(layer);
        EXPECT_EQ(layer->getType(), LayerType::kPLUGIN_V3);
        EXPECT_EQ(static_cast<Axpy&>(layer->getPlugin()).value, 3);
        EXPECT_EQ(shape(layer), (std::vector<int64_t>{-1, 3}));
        output(layer, 0, "out");
        IOptimizationProfile* p = builder->createOptimizationProfile();
        for (const char* n : {"x", "y"}) {
            p->setDimensions(n, OptProfileSelector::kMIN, dims({1, 3}));
            p->setDimensions(n, OptProfileSelector::kOPT, dims({2, 3}));
            p->setDimensions(n, OptProfileSelector::kMAX, dims({4, 3}));
        }
        config->addOptimizationProfile(p);
    }
    auto bytes = plan();
    ASSERT_TRUE(bytes) << logger.errors;
    EXPECT_GT(counts.configured, 0);
    auto engine = load(*bytes);
    ASSERT_TRUE(engine) << logger.errors;
    counts.enqueued = counts.attached = counts.shapeChanges = 0;
    std::unique_ptr<IExecutionContext> context(engine->createExecutionContext());
    for (int64_t rows : {2, 4, 4, 2}) {
        std::vector<float> x, y, out(static_cast<size_t>(rows) * 3);
        for (int64_t i = 0; i < rows * 3; ++i) {
            x.push_back(static_cast<float>(i) - 4);
            y.push_back(static_cast<float>(i % 2));
        }
        context->setInputShape("x", dims({rows, 3}));
        context->setInputShape("y", dims({rows, 3}));
        context->setTensorAddress("x", x.data());
        context->setTensorAddress("y", y.data());
        context->setTensorAddress("out", out.data());
        ASSERT_TRUE(context->enqueueV3(nullptr)) << logger.errors;
        for (size_t i = 0; i < out.size(); ++i) EXPECT_EQ(out[i], 3 * std::max(x[i], 0.f) + y[i]) << i;
    }
    EXPECT_EQ(counts.attached, 1);  // one clone for the context, whatever its shapes
    EXPECT_EQ(counts.enqueued, 4);
    EXPECT_EQ(counts.shapeChanges, 3);  // 2, 4, (4), 2 rows
    context.reset();
    engine.reset();
    network.reset();
    EXPECT_EQ(counts.live, 0);
}

TEST_F(PluginTest, TheFastestTacticIsChosenAndToldToTheContext) {
    Registered<V3Creator<Tactical>> creator(true, "mine");
    output(addV3({&input("x", {8})}, Tactical(1)), 0, "out");
    auto bytes = plan();
    ASSERT_TRUE(bytes) << logger.errors;
    auto engine = load(*bytes);
    ASSERT_TRUE(engine) << logger.errors;
    counts.lastTactic = -1;
    feed<float>("x", {8}, {0, 1, 2, 3, 4, 5, 6, 7});
    auto answers = run(config.get());
    EXPECT_THAT(answers["out"].as<float>(), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
    EXPECT_EQ(counts.lastTactic, 8);
}

TEST_F(PluginTest, TimingsAreCachedOnlyUnderThePluginsOwnId) {
    Registered<V3Creator<Tactical>> creator(true, "mine");
    std::unique_ptr<ITimingCache> cache(config->createTimingCache(nullptr, 0));
    config->setTimingCache(*cache, false);
    output(addV3({&input("x", {8})}, Tactical(1)), 0, "out");
    ASSERT_TRUE(plan()) << logger.errors;
    std::unique_ptr<IHostMemory> bytes(cache->serialize());
    std::string text(static_cast<char*>(bytes->data()), bytes->size());
    EXPECT_THAT(text, HasSubstr("Tactical/1/mine/t"));
}

TEST_F(PluginTest, ASizeTensorGivesTheExtent) {
    Registered<V3Creator<Positive>> creator;
    IPluginV3Layer* layer = addV3({&input("x", {6})}, Positive(0));
    output(layer, 0, "out");
    output(layer, 1, "count");
    ILayer* next = network->addUnary(*layer->getOutput(0), UnaryOperation::kNEG);
    output(next, 0, "negative");
    feed<float>("x", {6}, {1, -2, 3, -4, 0, 6});
    auto answers = run(config.get());
    EXPECT_THAT(answers["out"].as<float>(), ElementsAre(1, 3, 6));
    EXPECT_THAT(list(answers["out"].dims), ElementsAre(3));
    EXPECT_THAT(answers["count"].as<int32_t>(), ElementsAre(3));
    EXPECT_THAT(answers["negative"].as<float>(), ElementsAre(-1, -3, -6));
}

TEST_F(PluginTest, ShapeInputsAreToldByTheirValues) {
    Registered<V3Creator<Repeat>> creator;
    ITensor& times = constant<int32_t>({1}, {3});
    output(addV3({&input("x", {2})}, Repeat(0), {&times}), 0, "out");
    feed<float>("x", {2}, {5, 7});
    auto answers = run(config.get());
    EXPECT_THAT(answers["out"].as<float>(), ElementsAre(5, 7, 5, 7, 5, 7));
}

TEST_F(PluginTest, ShapeInputsMayBeKnownOnlyWhenTheEngineRuns) {
    Registered<V3Creator<Repeat>> creator;
    ITensor &x = input("x", {2}), &times = input("times", {1}, DataType::kINT32);
    output(addV3({&x}, Repeat(0), {&times}), 0, "out");
    IOptimizationProfile* p = builder->createOptimizationProfile();
    int64_t low[] = {1}, high[] = {4};
    ASSERT_TRUE(p->setShapeValuesV2("times", OptProfileSelector::kMIN, low, 1));
    ASSERT_TRUE(p->setShapeValuesV2("times", OptProfileSelector::kOPT, high, 1));
    ASSERT_TRUE(p->setShapeValuesV2("times", OptProfileSelector::kMAX, high, 1));
    config->addOptimizationProfile(p);
    feed<float>("x", {2}, {5, 7});
    feed<int32_t>("times", {1}, {2});
    auto answers = run(config.get());
    EXPECT_THAT(answers["out"].as<float>(), ElementsAre(5, 7, 5, 7));
}

TEST_F(PluginTest, AliasedOutputsShareTheInputsMemory) {
    Registered<V3Creator<InPlace>> creator;
    ITensor& x = input("x", {3});
    ILayer* relu = network->addActivation(x, ActivationType::kRELU);
    ILayer* layer = addV3({relu->getOutput(0)}, InPlace(10));
    output(layer, 0, "out");
    output(relu, 0, "before");  // somebody else still reads it
    EXPECT_EQ(plan(), nullptr);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("kALIASED_PLUGIN_IO_10_03"));
    config->setPreviewFeature(PreviewFeature::kALIASED_PLUGIN_IO_10_03, true);
    feed<float>("x", {3}, {-1, 2, 3});
    auto answers = run(config.get());
    EXPECT_THAT(answers["out"].as<float>(), ElementsAre(10, 12, 13));
    EXPECT_THAT(answers["before"].as<float>(), ElementsAre(0, 2, 3));
}

TEST_F(PluginTest, AliasedInputsOfTheEngineAreNamed) {
    Registered<V3Creator<InPlace>> creator;
    config->setPreviewFeature(PreviewFeature::kALIASED_PLUGIN_IO_10_03, true);
    output(addV3({&input("x", {3})}, InPlace(10)), 0, "out");
    auto bytes = plan();
    ASSERT_TRUE(bytes) << logger.errors;
    auto engine = load(*bytes);
    ASSERT_TRUE(engine);
    EXPECT_STREQ(engine->getAliasedInputTensor("out"), "x");
    EXPECT_EQ(engine->getAliasedInputTensor("x"), nullptr);
    std::unique_ptr<IExecutionContext> context(engine->createExecutionContext());
    float state[3] = {1, 2, 3};  // updated where it lies
    context->setTensorAddress("x", state);
    context->setTensorAddress("out", state);
    ASSERT_TRUE(context->enqueueV3(nullptr) && context->enqueueV3(nullptr)) << logger.errors;
    EXPECT_THAT(state, ElementsAre(21, 22, 23));
}

TEST_F(PluginTest, OtherFormatsAreMadeForIt) {
    Registered<V3Creator<HwcOnly>> creator;
    output(addV3({&input("x", {1, 3, 2, 2})}, HwcOnly(0)), 0, "out");
    feed<float>("x", {1, 3, 2, 2}, std::vector<float>(12, 1.f));
    auto answers = run(config.get());
    EXPECT_THAT(answers["out"].as<float>(), ElementsAre(1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3));
}

template <class P>
class V2KindTest : public PluginTest {};
using Kinds = ::testing::Types<OldV2, OldExt, OldIo>;
TYPED_TEST_SUITE(V2KindTest, Kinds);

TYPED_TEST(V2KindTest, RunsWithADynamicBatch) {
    Registered<V1Creator<TypeParam>> creator;
    ITensor& x = this->input("x", {-1, 2});
    this->output(this->addV2({&x}, TypeParam(0.5f)), 0, "out");
    this->profile("x", {1, 2}, {2, 2}, {3, 2});
    {
        auto bytes = this->plan();
        ASSERT_TRUE(bytes) << this->logger.errors;
        auto engine = this->load(*bytes);
        ASSERT_TRUE(engine) << this->logger.errors;
        counts.initialized = counts.terminated = counts.enqueued = counts.attached = counts.detached = 0;
        std::unique_ptr<IExecutionContext> context(engine->createExecutionContext());
        for (int64_t rows : {3, 1}) {
            std::vector<float> in(static_cast<size_t>(rows) * 2, 1.f), out(in.size());
            context->setInputShape("x", dims({rows, 2}));
            context->setTensorAddress("x", in.data());
            context->setTensorAddress("out", out.data());
            ASSERT_TRUE(context->enqueueV3(nullptr)) << this->logger.errors;
            EXPECT_EQ(out, std::vector<float>(in.size(), 1.5f));
        }
    }
    EXPECT_EQ(counts.initialized, 1);
    EXPECT_EQ(counts.terminated, 1);
    EXPECT_EQ(counts.attached, counts.detached);
    this->network.reset();
    EXPECT_EQ(counts.live, 0);
}

TYPED_TEST(V2KindTest, RefusesExtentsThatVary) {
    ITensor& x = this->input("x", {-1, -1});
    IPluginV2Layer* layer = this->addV2({&x}, TypeParam(0.5f));
    ASSERT_TRUE(layer);
    EXPECT_EQ(layer->getOutput(0)->getDimensions().nbDims, -1);
    EXPECT_THAT(this->logger.takeErrors(), HasSubstr("only IPluginV2DynamicExt"));
}

TEST_F(PluginTest, ADynamicV2PluginTellsItsShapesByExpressions) {
    Registered<V1Creator<OldDynamic>> creator;
    IPluginV2Layer* layer = addV2({&input("x", {-1, 2})}, OldDynamic(0.5f));
    EXPECT_EQ(layer->getType(), LayerType::kPLUGIN_V2);
    EXPECT_EQ(static_cast<OldDynamic&>(layer->getPlugin()).value, 0.5f);
    output(layer, 0, "out");
    profile("x", {1, 2}, {2, 2}, {4, 2});
    auto bytes = plan();
    ASSERT_TRUE(bytes) << logger.errors;
    auto engine = load(*bytes);
    ASSERT_TRUE(engine) << logger.errors;
    std::unique_ptr<IExecutionContext> context(engine->createExecutionContext());
    context->setInputShape("x", dims({3, 2}));
    EXPECT_THAT(list(context->getTensorShape("out")), ElementsAre(4, 2));
    std::vector<float> in(6, 1), out(8);
    context->setTensorAddress("x", in.data());
    context->setTensorAddress("out", out.data());
    ASSERT_TRUE(context->enqueueV3(nullptr)) << logger.errors;
    EXPECT_THAT(out, ElementsAre(1.5, 1.5, 1.5, 1.5, 1.5, 1.5, .5, .5));
}

TEST_F(PluginTest, APlanWhoseCreatorIsMissingIsRefusedByName) {
    std::unique_ptr<IHostMemory> bytes;
    {
        Registered<V3Creator<InPlace>> other;
        Registered<V3Creator<Axpy>> creator;
        ITensor &x = input("x", {2}), &y = input("y", {2});
        ILayer* layer = addV3({&x, &y}, Axpy(1));
        layer->setName("special");
        output(layer, 0, "out");
        bytes = plan();
        ASSERT_TRUE(bytes) << logger.errors;
        EXPECT_TRUE(load(*bytes)) << logger.errors;
    }
    EXPECT_FALSE(load(*bytes));
    std::string errors = logger.takeErrors();
    for (const char* part : {"special", "plugin 'Axpy', version '1'", "no creator"})
        EXPECT_THAT(errors, HasSubstr(part));
    // The runtime's own registry will do.
    V3Creator<Axpy> own;
    runtime->getPluginRegistry().registerCreator(static_cast<IPluginCreatorInterface&>(own), "");
    EXPECT_TRUE(load(*bytes)) << logger.errors;
    runtime->getPluginRegistry().setParentSearchEnabled(false);
    EXPECT_TRUE(load(*bytes)) << logger.errors;
    runtime->getPluginRegistry().deregisterCreator(static_cast<IPluginCreatorInterface&>(own));
}

TEST_F(PluginTest, PluginsThatNeedAGpuAreRefusedOnTheCpu) {
    Registered<V3Creator<Axpy>> creator(false);
    ITensor &x = input("x", {2}), &y = input("y", {2});
    output(addV3({&x, &y}, Axpy(1)), 0, "out");
    EXPECT_FALSE(plan());
    std::string errors = logger.takeErrors();
    EXPECT_THAT(errors, HasSubstr("not known to work on host memory"));
    EXPECT_THAT(errors, HasSubstr("Axpy"));
    lathe::setHostPlugin("Axpy", "1");
    auto bytes = plan();
    ASSERT_TRUE(bytes) << logger.errors;
    lathe::setHostPlugin("Axpy", "1", "", false);
    EXPECT_FALSE(load(*bytes));
    EXPECT_THAT(logger.takeErrors(), HasSubstr("not known here to work on host memory"));
    EXPECT_FALSE(lathe::setHostPlugin(nullptr, "1"));
}

TEST_F(PluginTest, WrongCallsAreTypedErrors) {
    Recorder recorder;
    network->setErrorRecorder(&recorder);
    Axpy plugin(1);
    ITensor* none[] = {nullptr};
    EXPECT_EQ(network->addPluginV3(none, 1, nullptr, 0, plugin), nullptr);
    EXPECT_EQ(network->addPluginV3(nullptr, 1, nullptr, 0, plugin), nullptr);
    EXPECT_EQ(network->addPluginV3(nullptr, -1, nullptr, 0, plugin), nullptr);
    EXPECT_EQ(network->addPluginV3(nullptr, 0, none, 1, plugin), nullptr);
    OldIo old(1);
    EXPECT_EQ(network->addPluginV2(none, 1, old), nullptr);
    EXPECT_EQ(recorder.getNbErrors(), 5);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(recorder.getErrorCode(i), ErrorCode::kINVALID_ARGUMENT);
    network->setErrorRecorder(nullptr);
    logger.takeErrors();
}

// Answers that no network can be made from.
class Wrong : public V3Base<Wrong> {
  public:
    using V3Base::V3Base;
    static constexpr const char* kName = "Wrong";
    static inline int what = 0;
    IPluginV3* clone() noexcept override { return what == 1 ? nullptr : V3Base::clone(); }
    int32_t getNbOutputs() const noexcept override { return what == 2 ? 0 : 1; }
    IPluginCapability* getCapabilityInterface(PluginCapabilityType type) noexcept override {
        return what == 3 && type == PluginCapabilityType::kBUILD ? nullptr : V3Base::getCapabilityInterface(type);
    }
    int32_t getOutputDataTypes(DataType* out, int32_t n, DataType const* in, int32_t m) const noexcept override {
        return what == 4 ? 9 : V3Base::getOutputDataTypes(out, n, in, m);
    }
    int32_t getOutputShapes(DimsExprs const* in, int32_t n, DimsExprs const* s, int32_t m, DimsExprs* out, int32_t k,
                            IExprBuilder& e) noexcept override {
        V3Base::getOutputShapes(in, n, s, m, out, k, e);
        if (what == 5) out[0].d[0] = nullptr;
        if (what == 6) out[0].nbDims = 99;
        if (what == 7) out[0].d[0] = e.declareSizeTensor(5, *in[0].d[0], *in[0].d[0]);
        return what == 8 ? 11 : 0;
    }
    bool supportsFormatCombination(int32_t p, DynamicPluginTensorDesc const* io, int32_t n,
                                   int32_t m) noexcept override {
        return what != 9 && V3Base::supportsFormatCombination(p, io, n, m);
    }
    int32_t configurePlugin(DynamicPluginTensorDesc const*, int32_t, DynamicPluginTensorDesc const*,
                            int32_t) noexcept override {
        return what == 10 ? 12 : 0;
    }
    int32_t getNbTactics() noexcept override { return what == 11 ? -4 : what == 12 ? 1 : 0; }
    int32_t getAliasedInput(int32_t) noexcept override { return what == 13 ? 3 : -1; }
    int32_t enqueue(PluginTensorDesc const*, PluginTensorDesc const*, void const* const*, void* const*, void*,
                    cudaStream_t) noexcept override {
        return what == 14 ? 77 : 0;
    }
    int32_t onShapeChange(PluginTensorDesc const*, int32_t, PluginTensorDesc const*, int32_t) noexcept override {
        return what == 15 ? 78 : 0;
    }
    IPluginV3* attachToContext(IPluginResourceContext*) noexcept override { return what == 16 ? nullptr : clone(); }
    int32_t setTactic(int32_t) noexcept override { return what == 17 ? 79 : 0; }
};

TEST_F(PluginTest, WhatAPluginDoesWrongIsToldWithItsPlace) {
    Registered<V3Creator<Wrong>> creator;
    const char* expected[] = {"",
                              "null",
                              "0 outputs",
                              "PLUGIN_V3ONE_BUILD",
                              "getOutputDataTypes() answers 9",
                              "null expression",
                              "rank 99",
                              "output 5",
                              "getOutputShapes() answers 11",
                              "no combination of formats",
                              "configurePlugin() answers 12",
                              "getNbTactics() answers -4",
                              "getValidTactics() answers 0",
                              "getAliasedInput(0) answers 3",
                              "enqueue() answers 77",
                              "onShapeChange() answers 78",
                              "attachToContext() answers null",
                              "setTactic(0) answers 79"};
    for (int what = 1; what < 18; ++what) {
        SCOPED_TRACE(what);
        Wrong::what = 0;
        network.reset(builder->createNetworkV2(0));
        Wrong plugin(0);
        ITensor& x = input("x", {2});
        Wrong::what = what;
        ITensor* in[] = {&x};
        IPluginV3Layer* layer = network->addPluginV3(in, 1, nullptr, 0, plugin);
        EXPECT_EQ(layer == nullptr, what < 4);
        if (layer) {
            output(layer, 0, "out");
            auto bytes = plan();
            EXPECT_EQ(bytes == nullptr, what < 14);
            if (bytes) {
                auto engine = load(*bytes);
                ASSERT_TRUE(engine) << logger.errors;
                std::unique_ptr<IExecutionContext> context(engine->createExecutionContext());
                float a[2] = {}, b[2] = {};
                context->setTensorAddress("x", a);
                context->setTensorAddress("out", b);
                EXPECT_FALSE(context->enqueueV3(nullptr));
                Wrong::what = 0;  // the context is still good
                std::string errors = logger.takeErrors();
                EXPECT_THAT(errors, HasSubstr(expected[what]));
                logger.errors = errors;
                EXPECT_TRUE(context->enqueueV3(nullptr));
            }
        }
        EXPECT_THAT(logger.takeErrors(), HasSubstr(expected[what]));
    }
    Wrong::what = 0;
}

TEST_F(PluginTest, LibrariesBringPluginsOfEitherInterface) {
    IPluginRegistry& registry = *getPluginRegistry();
    IPluginRegistry::PluginLibraryHandle library = registry.loadLibrary(LATHE_TEST_PLUGINS);
    ASSERT_TRUE(library);
    auto* v3 = static_cast<IPluginCreatorV3One*>(registry.getCreator("Axpy", "1"));
    auto* v2 = static_cast<IPluginCreator*>(registry.getCreator("OldDynamic", "1"));
    ASSERT_TRUE(v3 && v2);
    float two = 2;
    PluginField field("value", &two, PluginFieldType::kFLOAT32, 1);
    PluginFieldCollection fields{1, &field};
    std::unique_ptr<IPluginV3> axpy(v3->createPlugin("a", &fields, TensorRTPhase::kBUILD));
    IPluginV2* dynamic = v2->createPlugin("b", nullptr);
    ITensor &x = input("x", {2, 2}), &y = input("y", {2, 2});
    ITensor* in[] = {&x, &y};
    ILayer* first = network->addPluginV3(in, 2, nullptr, 0, *axpy);
    ITensor* middle[] = {first->getOutput(0)};
    output(network->addPluginV2(middle, 1, *dynamic), 0, "out");
    dynamic->destroy();
    axpy.reset();
    auto bytes = plan();
    ASSERT_TRUE(bytes) << logger.errors;
    feed<float>("x", {2, 2}, {1, 2, 3, 4});
    feed<float>("y", {2, 2}, {10, 10, 10, 10});
    auto answers = run(config.get());
    EXPECT_THAT(answers["out"].as<float>(), ElementsAre(12, 14, 16, 18, 0, 0));
    network.reset();
    registry.deregisterLibrary(library);
    EXPECT_EQ(registry.getCreator("Axpy", "1"), nullptr);
    EXPECT_FALSE(load(*bytes));
    EXPECT_THAT(logger.takeErrors(), HasSubstr("Axpy"));
    lathe::setHostPlugin("Axpy", "1", "", false);
    lathe::setHostPlugin("OldDynamic", "1", "", false);
}

TEST_F(PluginTest, APlanThatSaysAnotherShapeThanThePluginIsRefused) {
    Registered<V3Creator<Repeat>> creator;
    output(addV3({&input("x", {2})}, Repeat(0), {&constant<int32_t>({1}, {3})}), 0, "out");
    auto bytes = plan();
    ASSERT_TRUE(bytes) << logger.errors;
    EXPECT_TRUE(load(*bytes)) << logger.errors;
}

}  // namespace
}  // namespace lathe_test
