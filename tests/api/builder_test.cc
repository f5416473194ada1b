// SPDX-License-Identifier: Apache-2.0
// Builder, configuration, profiles, timing caches: defaults, what is kept, what is refused.
#include "api_testing.h"

#include <cmath>
#include <cstring>

namespace lathe_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class BuilderTest : public NetworkTest {
  protected:
    void SetUp() override {
        NetworkTest::SetUp();
        config.reset(builder->createBuilderConfig());
        ASSERT_TRUE(config);
    }
    std::unique_ptr<IBuilderConfig> config;
};

TEST(LibraryTest, Version) {
    EXPECT_EQ(getInferLibVersion(), NV_TENSORRT_VERSION);
    EXPECT_EQ(getInferLibMajorVersion(), NV_TENSORRT_MAJOR);
    EXPECT_EQ(getInferLibMinorVersion(), NV_TENSORRT_MINOR);
    EXPECT_EQ(getInferLibPatchVersion(), NV_TENSORRT_PATCH);
    EXPECT_EQ(getInferLibBuildVersion(), NV_TENSORRT_BUILD);
}

TEST(LibraryTest, ClientsOfOurMajorVersionAreServed) {
    Logger logger;
    for (int version : std::initializer_list<int>{100000, 101303, 101401, NV_TENSORRT_VERSION}) {
        std::unique_ptr<IBuilder> b(static_cast<IBuilder*>(createInferBuilder_INTERNAL(&logger, version)));
        EXPECT_TRUE(b) << version << logger.errors;
        std::unique_ptr<IRuntime> r(static_cast<IRuntime*>(createInferRuntime_INTERNAL(&logger, version)));
        EXPECT_TRUE(r) << version << logger.errors;
    }
    for (int version : std::initializer_list<int>{8601, 99999, NV_TENSORRT_VERSION + 1, 110100}) {
        EXPECT_EQ(createInferBuilder_INTERNAL(&logger, version), nullptr);
        EXPECT_THAT(logger.takeErrors(), HasSubstr(std::to_string(version)));
        EXPECT_EQ(createInferRuntime_INTERNAL(&logger, version), nullptr);
        EXPECT_THAT(logger.takeErrors(), HasSubstr(std::to_string(version)));
    }
    EXPECT_EQ(createInferBuilder_INTERNAL(nullptr, NV_TENSORRT_VERSION), nullptr);
    EXPECT_NE(getLogger(), nullptr);
}

TEST_F(BuilderTest, FormatsThatThereAreNotAreRefused) {
    ITensor& x = input("x", {1, 8, 4, 4});
    IActivationLayer* relu = network->addActivation(x, ActivationType::kRELU);
    network->markOutput(*relu->getOutput(0));
    x.setAllowedFormats(1u << static_cast<int>(TensorFormat::kHWC8));
    EXPECT_EQ(builder->buildSerializedNetwork(*network, *config), nullptr);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("kHWC8 is no format of f32"));
    x.setAllowedFormats(1u << static_cast<int>(TensorFormat::kLINEAR) | 1u << static_cast<int>(TensorFormat::kHWC8));
    std::unique_ptr<IHostMemory> plan(builder->buildSerializedNetwork(*network, *config));
    EXPECT_TRUE(plan);
}

// Engines tell such extents, and they need not be set.
TEST_F(BuilderTest, ExtentsThatAllProfilesFix) {
    ITensor& a = input("a", {-1, 2});
    ITensor& b = input("b", {-1, 2});
    ITensor* both[] = {&a, &b};
    IConcatenationLayer* c = network->addConcatenation(both, 2);
    c->setAxis(0);
    c->getOutput(0)->setName("c");
    network->markOutput(*c->getOutput(0));
    auto profile = [&](int64_t low, int64_t high) {
        IOptimizationProfile* p = builder->createOptimizationProfile();
        for (auto s : {OptProfileSelector::kMIN, OptProfileSelector::kOPT, OptProfileSelector::kMAX}) {
            p->setDimensions("a", s, dims({3, 2}));
            p->setDimensions("b", s, dims({s == OptProfileSelector::kMIN ? low : high, 2}));
        }
        config->addOptimizationProfile(p);
    };
    std::unique_ptr<IRuntime> runtime(createInferRuntime(logger));
    auto load = [&] {
        std::unique_ptr<IHostMemory> plan(builder->buildSerializedNetwork(*network, *config));
        return std::unique_ptr<ICudaEngine>(plan ? runtime->deserializeCudaEngine(plan->data(), plan->size())
                                                 : nullptr);
    };
    profile(1, 1);
    auto engine = load();
    ASSERT_TRUE(engine) << logger.errors;
    EXPECT_THAT(list(engine->getTensorShape("a")), ElementsAre(3, 2));
    EXPECT_THAT(list(engine->getTensorShape("c")), ElementsAre(4, 2));
    std::unique_ptr<IExecutionContext> context(engine->createExecutionContext());
    EXPECT_TRUE(context->allInputDimensionsSpecified());
    std::vector<float> x = {1, 2, 3, 4, 5, 6}, y = {7, 8}, z(8);
    context->setTensorAddress("a", x.data());
    context->setTensorAddress("b", y.data());
    context->setTensorAddress("c", z.data());
    ASSERT_TRUE(context->enqueueV3(nullptr)) << logger.errors;
    EXPECT_THAT(z, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));

    // Another profile leaves one of them open.
    profile(2, 2);
    engine = load();
    ASSERT_TRUE(engine) << logger.errors;
    EXPECT_THAT(list(engine->getTensorShape("a")), ElementsAre(3, 2));
    EXPECT_THAT(list(engine->getTensorShape("b")), ElementsAre(-1, 2));
    EXPECT_THAT(list(engine->getTensorShape("c")), ElementsAre(-1, 2));
    context.reset(engine->createExecutionContext());
    EXPECT_THAT(list(context->getTensorShape("a")), ElementsAre(3, 2));
    EXPECT_FALSE(context->allInputDimensionsSpecified());
}

TEST_F(BuilderTest, Defaults) {
    EXPECT_EQ(config->getFlags(), 1u << static_cast<int>(BuilderFlag::kTF32));
    EXPECT_TRUE(config->getFlag(BuilderFlag::kTF32));
    EXPECT_EQ(config->getAvgTimingIterations(), 1);
    EXPECT_EQ(config->getBuilderOptimizationLevel(), 3);
    EXPECT_EQ(config->getEngineCapability(), EngineCapability::kSTANDARD);
    EXPECT_EQ(config->getDLACore(), -1);
    EXPECT_EQ(config->getDefaultDeviceType(), DeviceType::kGPU);
    EXPECT_EQ(config->getProfileStream(), nullptr);
    EXPECT_EQ(config->getNbOptimizationProfiles(), 0);
    EXPECT_EQ(config->getProfilingVerbosity(), ProfilingVerbosity::kLAYER_NAMES_ONLY);
    EXPECT_EQ(config->getTimingCache(), nullptr);
    EXPECT_GE(config->getMemoryPoolLimit(MemoryPoolType::kWORKSPACE), size_t{1} << 20);
    EXPECT_EQ(config->getMemoryPoolLimit(MemoryPoolType::kDLA_MANAGED_SRAM), size_t{1} << 20);
    EXPECT_EQ(config->getMaxAuxStreams(), -1);
    EXPECT_EQ(config->getMaxNbTactics(), -1);
    EXPECT_EQ(config->getProgressMonitor(), nullptr);
    EXPECT_EQ(config->getHardwareCompatibilityLevel(), HardwareCompatibilityLevel::kNONE);
    EXPECT_EQ(builder->getMaxThreads(), 1);
    EXPECT_EQ(builder->getNbDLACores(), 0);
    EXPECT_EQ(builder->getLogger(), &logger);
}

TEST_F(BuilderTest, SettingsAreKeptAndReset) {
    config->setFlag(BuilderFlag::kREFIT);
    config->clearFlag(BuilderFlag::kTF32);
    EXPECT_EQ(config->getFlags(), 1u << static_cast<int>(BuilderFlag::kREFIT));
    config->setBuilderOptimizationLevel(9);
    EXPECT_EQ(config->getBuilderOptimizationLevel(), 5);
    config->setMemoryPoolLimit(MemoryPoolType::kWORKSPACE, 12345);
    EXPECT_EQ(config->getMemoryPoolLimit(MemoryPoolType::kWORKSPACE), 12345u);
    const char* paths[] = {"a.so", "b.so"};
    config->setPluginsToSerialize(paths, 2);
    EXPECT_EQ(config->getNbPluginsToSerialize(), 2);
    EXPECT_STREQ(config->getPluginToSerialize(1), "b.so");
    config->reset();
    EXPECT_TRUE(config->getFlag(BuilderFlag::kTF32));
    EXPECT_FALSE(config->getFlag(BuilderFlag::kREFIT));
    EXPECT_EQ(config->getBuilderOptimizationLevel(), 3);
    EXPECT_EQ(config->getNbPluginsToSerialize(), 0);
}

TEST_F(BuilderTest, WrongSettingsAreRefused) {
    config->setAvgTimingIterations(0);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("0 iterations"));
    config->setBuilderOptimizationLevel(-1);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("level -1"));
    config->setMemoryPoolLimit(MemoryPoolType::kDLA_LOCAL_DRAM, 5000);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("power of two"));
    EXPECT_FALSE(config->setTacticSources(1u << 9));
    logger.takeErrors();
    EXPECT_FALSE(builder->setMaxThreads(0));
    EXPECT_THAT(logger.takeErrors(), HasSubstr("0 threads"));
    EXPECT_EQ(builder->createNetworkV2(1u << 20), nullptr);
    logger.takeErrors();
    EXPECT_FALSE(lathe::setTarget(*config, "toaster"));
    EXPECT_FALSE(lathe::setTarget(*config, "cuda:sm_90+"));
    EXPECT_FALSE(lathe::setTarget(*config, "cuda:sm_80+x"));
    EXPECT_TRUE(lathe::setTarget(*config, "cuda:sm_90,cuda:sm_80+"));
    EXPECT_THAT(logger.takeErrors(), HasSubstr("'toaster' is no target"));
    EXPECT_TRUE(lathe::setTarget(*config, "cpu"));
}

// Of an engine for a GPU, which need not be there; for the CPU nothing changes.
TEST_F(BuilderTest, AuxiliaryStreams) {
    ITensor& x = input("x", {16, 64});
    ITensor* left = &x;
    ITensor* right = &x;
    for (int i = 0; i < 2; ++i) {
        left = network->addSoftMax(*left)->getOutput(0);
        right = network->addTopK(*right, TopKOperation::kMAX, 8, 2)->getOutput(0);
    }
    network->markOutput(*left);
    network->markOutput(*right);
    config->setBuilderOptimizationLevel(0);
    auto plan = [&](const char* target, int streams) {
        EXPECT_TRUE(lathe::setTarget(*config, target));
        config->setMaxAuxStreams(streams);
        std::unique_ptr<IHostMemory> p(builder->buildSerializedNetwork(*network, *config));
        EXPECT_TRUE(p) << logger.errors;
        return p ? std::string(static_cast<const char*>(p->data()), p->size()) : std::string();
    };
    std::string none = plan("cuda:sm_90", 0);
    EXPECT_NE(plan("cuda:sm_90", 1), none);
    EXPECT_EQ(plan("cuda:sm_90", -1), none);  // small steps
    std::string cpu = plan("cpu", 3);
    EXPECT_EQ(cpu, plan("cpu", 0));
    std::unique_ptr<IRuntime> runtime(createInferRuntime(logger));
    std::unique_ptr<ICudaEngine> engine(runtime->deserializeCudaEngine(cpu.data(), cpu.size()));
    ASSERT_TRUE(engine);
    EXPECT_EQ(engine->getNbAuxStreams(), 0);
}

TEST_F(BuilderTest, Profiles) {
    IOptimizationProfile* p = builder->createOptimizationProfile();
    using S = OptProfileSelector;
    EXPECT_TRUE(p->setDimensions("x", S::kMIN, dims({1, 4})));
    EXPECT_FALSE(p->isValid());
    EXPECT_EQ(config->addOptimizationProfile(p), -1);
    logger.takeErrors();
    EXPECT_TRUE(p->setDimensions("x", S::kMAX, dims({8, 4})));
    EXPECT_FALSE(p->setDimensions("x", S::kOPT, dims({9, 4})));
    EXPECT_THAT(logger.takeErrors(), HasSubstr("min <= opt <= max"));
    EXPECT_FALSE(p->setDimensions("x", S::kOPT, dims({2})));
    logger.takeErrors();
    EXPECT_TRUE(p->setDimensions("x", S::kOPT, dims({2, 4})));
    EXPECT_TRUE(p->isValid());
    EXPECT_THAT(list(p->getDimensions("x", S::kOPT)), ElementsAre(2, 4));
    EXPECT_EQ(p->getDimensions("y", S::kOPT).nbDims, -1);
    int64_t values[] = {3, 4};
    EXPECT_TRUE(p->setShapeValuesV2("s", S::kMIN, values, 2));
    EXPECT_EQ(p->getNbShapeValues("s"), 2);
    EXPECT_EQ(p->getShapeValues("s", S::kMIN)[1], 4);
    EXPECT_EQ(p->getShapeValuesV2("s", S::kMAX), nullptr);
    EXPECT_FALSE(p->isValid());
    EXPECT_TRUE(p->setShapeValuesV2("s", S::kOPT, values, 2) && p->setShapeValuesV2("s", S::kMAX, values, 2));
    EXPECT_EQ(config->addOptimizationProfile(p), 0);
    EXPECT_EQ(config->getNbOptimizationProfiles(), 1);
    EXPECT_FALSE(p->setExtraMemoryTarget(2));
    EXPECT_THAT(logger.takeErrors(), HasSubstr("from 0 to 1"));
}

TEST_F(BuilderTest, TimingCacheOfWrongBytesIsRefused) {
    char garbage[64] = "not a cache";
    EXPECT_EQ(config->createTimingCache(garbage, sizeof garbage), nullptr);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("LATHETIM"));
    std::unique_ptr<ITimingCache> empty(config->createTimingCache(nullptr, 0));
    ASSERT_TRUE(empty);
    EXPECT_EQ(empty->queryKeys(nullptr, 0), 0);
    std::unique_ptr<IHostMemory> bytes(empty->serialize());
    std::unique_ptr<ITimingCache> again(config->createTimingCache(bytes->data(), bytes->size()));
    EXPECT_TRUE(again);
    EXPECT_TRUE(config->setTimingCache(*again, false));
    EXPECT_EQ(config->getTimingCache(), again.get());
    TimingCacheKey key{};
    EXPECT_EQ(again->query(key).tacticHash, TimingCacheValue::kINVALID_TACTIC_HASH);
    EXPECT_FALSE(again->update(key, {1, 1.f}));
    logger.takeErrors();
}

TEST_F(BuilderTest, ErrorRecordersAreHandedOn) {
    Recorder recorder;
    builder->setErrorRecorder(&recorder);
    std::unique_ptr<INetworkDefinition> n(builder->createNetworkV2(0));
    EXPECT_EQ(n->getErrorRecorder(), &recorder);
    EXPECT_EQ(recorder.references, 2);
    EXPECT_EQ(builder->buildSerializedNetwork(*n, *config), nullptr);
    ASSERT_EQ(recorder.errors.size(), 1u);
    EXPECT_EQ(recorder.errors[0].first, ErrorCode::kINVALID_STATE);
    EXPECT_THAT(recorder.errors[0].second, HasSubstr("no outputs"));
    n.reset();
    builder->setErrorRecorder(nullptr);
    EXPECT_EQ(recorder.references, 0);
    logger.takeErrors();
}

TEST_F(BuilderTest, DynamicInputsNeedAProfile) {
    ITensor& x = input("x", {-1, 3});
    network->markOutput(*network->addActivation(x, ActivationType::kRELU)->getOutput(0));
    EXPECT_EQ(builder->buildSerializedNetwork(*network, *config), nullptr);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("no optimization profile"));
    IOptimizationProfile* p = builder->createOptimizationProfile();
    for (int s = 0; s < 3; ++s) p->setDimensions("x", static_cast<OptProfileSelector>(s), dims({1 + s, 4}));
    config->addOptimizationProfile(p);
    EXPECT_FALSE(builder->isNetworkSupported(*network, *config));
    EXPECT_THAT(logger.takeErrors(), HasSubstr("[1, 4] does not fit"));
}

}  // namespace
}  // namespace lathe_test
