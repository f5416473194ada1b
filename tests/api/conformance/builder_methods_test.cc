// SPDX-License-Identifier: Apache-2.0
// Builders, their settings, profiles and timing caches.
#include "conformance_testing.h"

namespace lathe_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class BuilderMethods : public Conformance {
  protected:
    void SetUp() override {
        Conformance::SetUp();
        config.reset(builder->createBuilderConfig());
    }
    std::unique_ptr<INetworkDefinition> relu(int64_t extent = 4) {
        std::unique_ptr<INetworkDefinition> n(builder->createNetworkV2(0));
        ITensor* y =
            n->addActivation(*n->addInput("x", DataType::kFLOAT, dims({extent})), ActivationType::kRELU)->getOutput(0);
        y->setName("y");
        n->markOutput(*y);
        return n;
    }
    std::unique_ptr<IBuilderConfig> config;
};

class Monitor final : public IProgressMonitor {
  public:
    void phaseStart(char const* phase, char const* parent, int32_t steps) noexcept override {
        open.push_back(phase);
        EXPECT_GT(steps, 0);
        if (parent) {
            EXPECT_NE(std::find(open.begin(), open.end(), parent), open.end()) << parent;
        }
        ++phases;
    }
    bool stepComplete(char const* phase, int32_t) noexcept override {
        EXPECT_NE(std::find(open.begin(), open.end(), phase), open.end()) << phase;
        return ++steps < most;
    }
    void phaseFinish(char const* phase) noexcept override {
        auto at = std::find(open.begin(), open.end(), phase);
        ASSERT_NE(at, open.end());
        open.erase(at);
    }
    std::vector<std::string> open;
    int phases = 0, steps = 0, most = 1 << 30;
};

TEST_F(BuilderMethods, Builder) {
    EXPECT_EQ(builder->getErrorRecorder(), &recorder);
    EXPECT_EQ(builder->getLogger(), &logger);
    EXPECT_EQ(builder->getNbDLACores(), 0);
    EXPECT_EQ(builder->getMaxDLABatchSize(), 0);
    EXPECT_TRUE(builder->setMaxThreads(2));
    EXPECT_EQ(builder->getMaxThreads(), 2);
    EXPECT_EQ(&builder->getPluginRegistry(), &builder->getPluginRegistry());
    // Answers of the device: they may be either, but are always the same.
    EXPECT_EQ(builder->platformHasTf32(), builder->platformHasTf32());
    EXPECT_EQ(builder->platformHasFastFp16(), builder->platformHasFastFp16());
    EXPECT_EQ(builder->platformHasFastInt8(), builder->platformHasFastInt8());
    builder->setGpuAllocator(nullptr);
    auto n = relu();
    EXPECT_TRUE(builder->isNetworkSupported(*n, *config));
    IHostMemory* text = nullptr;
    std::unique_ptr<IHostMemory> plan(builder->buildSerializedNetwork(*n, *config, text));
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->type(), DataType::kINT8);
    delete text;  // null unless kernels were written out
    builder->reset();
    EXPECT_EQ(builder->getMaxThreads(), 1);
    EXPECT_FALSE(builder->setMaxThreads(0));
    refused("0");
}

TEST_F(BuilderMethods, ConfigEveryValueIsKept) {
    IBuilderConfig& c = *config;
    c.setAvgTimingIterations(5);
    EXPECT_EQ(c.getAvgTimingIterations(), 5);
    c.setEngineCapability(EngineCapability::kSTANDARD);
    EXPECT_EQ(c.getEngineCapability(), EngineCapability::kSTANDARD);
    EXPECT_EQ(c.getInt8Calibrator(), nullptr);
    c.setInt8Calibrator(nullptr);
    c.setFlags(1U << static_cast<int>(BuilderFlag::kFP16) | 1U << static_cast<int>(BuilderFlag::kTF32));
    EXPECT_TRUE(c.getFlag(BuilderFlag::kFP16));
    EXPECT_EQ(c.getFlags(), 1U << static_cast<int>(BuilderFlag::kFP16) | 1U << static_cast<int>(BuilderFlag::kTF32));
    c.clearFlag(BuilderFlag::kFP16);
    EXPECT_FALSE(c.getFlag(BuilderFlag::kFP16));
    auto n = relu();
    ILayer* l = n->getLayer(0);
    EXPECT_FALSE(c.isDeviceTypeSet(l));
    EXPECT_EQ(c.getDeviceType(l), DeviceType::kGPU);
    c.setDeviceType(l, DeviceType::kGPU);
    EXPECT_TRUE(c.isDeviceTypeSet(l));
    c.resetDeviceType(l);
    EXPECT_FALSE(c.isDeviceTypeSet(l));
    EXPECT_FALSE(c.canRunOnDLA(l));
    c.setDefaultDeviceType(DeviceType::kGPU);
    EXPECT_EQ(c.getDefaultDeviceType(), DeviceType::kGPU);
    EXPECT_EQ(c.getDLACore(), -1);
    c.setProfileStream(nullptr);
    EXPECT_EQ(c.getProfileStream(), nullptr);
    c.setProfilingVerbosity(ProfilingVerbosity::kDETAILED);
    EXPECT_EQ(c.getProfilingVerbosity(), ProfilingVerbosity::kDETAILED);
    c.setQuantizationFlag(QuantizationFlag::kCALIBRATE_BEFORE_FUSION);
    EXPECT_TRUE(c.getQuantizationFlag(QuantizationFlag::kCALIBRATE_BEFORE_FUSION));
    EXPECT_EQ(c.getQuantizationFlags(), 1U);
    c.clearQuantizationFlag(QuantizationFlag::kCALIBRATE_BEFORE_FUSION);
    EXPECT_EQ(c.getQuantizationFlags(), 0U);
    c.setQuantizationFlags(1);
    EXPECT_EQ(c.getQuantizationFlags(), 1U);
    TacticSources sources = 1U << static_cast<int>(TacticSource::kEDGE_MASK_CONVOLUTIONS);
    EXPECT_TRUE(c.setTacticSources(sources));
    EXPECT_EQ(c.getTacticSources(), sources);
    EXPECT_FALSE(c.getPreviewFeature(PreviewFeature::kALIASED_PLUGIN_IO_10_03));
    c.setPreviewFeature(PreviewFeature::kALIASED_PLUGIN_IO_10_03, true);
    EXPECT_TRUE(c.getPreviewFeature(PreviewFeature::kALIASED_PLUGIN_IO_10_03));
    c.setBuilderOptimizationLevel(4);
    EXPECT_EQ(c.getBuilderOptimizationLevel(), 4);
    c.setHardwareCompatibilityLevel(HardwareCompatibilityLevel::kAMPERE_PLUS);
    EXPECT_EQ(c.getHardwareCompatibilityLevel(), HardwareCompatibilityLevel::kAMPERE_PLUS);
    c.setMaxAuxStreams(2);
    EXPECT_EQ(c.getMaxAuxStreams(), 2);
    Monitor monitor;
    c.setProgressMonitor(&monitor);
    EXPECT_EQ(c.getProgressMonitor(), &monitor);
    c.setRuntimePlatform(RuntimePlatform::kSAME_AS_BUILD);
    EXPECT_EQ(c.getRuntimePlatform(), RuntimePlatform::kSAME_AS_BUILD);
    c.setMaxNbTactics(3);
    EXPECT_EQ(c.getMaxNbTactics(), 3);
    EXPECT_TRUE(c.setTilingOptimizationLevel(TilingOptimizationLevel::kFAST));
    EXPECT_EQ(c.getTilingOptimizationLevel(), TilingOptimizationLevel::kFAST);
    EXPECT_TRUE(c.setL2LimitForTiling(1 << 20));
    EXPECT_EQ(c.getL2LimitForTiling(), 1 << 20);
    EXPECT_EQ(c.getCalibrationProfile(), nullptr);
    IOptimizationProfile* calibration = builder->createOptimizationProfile();
    EXPECT_TRUE(c.setCalibrationProfile(calibration));
    EXPECT_EQ(c.getCalibrationProfile(), calibration);
    c.setDLACore(-1);
    c.setMemoryPoolLimit(MemoryPoolType::kWORKSPACE, 1 << 20);
    EXPECT_EQ(c.getMemoryPoolLimit(MemoryPoolType::kWORKSPACE), size_t{1} << 20);
    c.reset();
    EXPECT_EQ(c.getBuilderOptimizationLevel(), 3);
    EXPECT_EQ(c.getProgressMonitor(), nullptr);
    EXPECT_EQ(c.getQuantizationFlags(), 0U);
}

TEST_F(BuilderMethods, ConfigRefuses) {
    IBuilderConfig& c = *config;
    auto n = relu();
    c.setAvgTimingIterations(-1);
    refused("-1");
    c.setFlag(static_cast<BuilderFlag>(60));
    refused("60");
    c.clearFlag(static_cast<BuilderFlag>(60));
    refused("60");
    c.setFlags(1U << 30);
    refused("0x40000000");
    c.setDeviceType(nullptr, DeviceType::kGPU);
    refused("the layer is null");
    c.setDeviceType(n->getLayer(0), static_cast<DeviceType>(3));
    refused("device type 3");
    c.setEngineCapability(static_cast<EngineCapability>(4));
    refused("engine capability 4");
    c.setBuilderOptimizationLevel(-1);
    refused("level -1");
    c.setBuilderOptimizationLevel(6);  // above the highest is the highest
    EXPECT_EQ(c.getBuilderOptimizationLevel(), 5);
    c.setMemoryPoolLimit(static_cast<MemoryPoolType>(77), 1);
    refused("77");
    c.setPreviewFeature(static_cast<PreviewFeature>(9), true);
    refused("9");
    c.setHardwareCompatibilityLevel(static_cast<HardwareCompatibilityLevel>(7));
    refused("7");
    EXPECT_FALSE(c.setTilingOptimizationLevel(static_cast<TilingOptimizationLevel>(8)));
    refused("8");
    EXPECT_FALSE(c.setL2LimitForTiling(-2));
    refused("-2");
    c.setProfilingVerbosity(static_cast<ProfilingVerbosity>(5));
    refused("5");
    EXPECT_EQ(c.addOptimizationProfile(nullptr), -1);
    refused("null");
    EXPECT_EQ(c.createTimingCache("nonsense", 8), nullptr);
    refused("timing cache");
    c.setPluginsToSerialize(nullptr, 2);
    refused("2 paths");
    c.setMaxAuxStreams(-5);
    refused("-5");
    c.setMaxNbTactics(-7);
    refused("-7");
    EXPECT_FALSE(c.setRemoteAutoTuningConfig("ssh://user@host"));
    refused("this machine");
    EXPECT_EQ(c.getRemoteAutoTuningConfig(), nullptr);
}

// What settings ask for that no build can do is told by the build.
TEST_F(BuilderMethods, SettingsThatNoBuildCanMeet) {
    auto kept = relu();
    auto fails = [&](const std::function<void(IBuilderConfig&)>& set, const char* part) {
        SCOPED_TRACE(part);
        config->reset();
        set(*config);
        auto n = relu();
        std::unique_ptr<IHostMemory> plan(builder->buildSerializedNetwork(*n, *config));
        EXPECT_FALSE(plan);
        refused(part);
    };
    fails([](IBuilderConfig& c) { c.setDefaultDeviceType(DeviceType::kDLA); }, "DLA");
    fails([&](IBuilderConfig& c) { c.setDeviceType(kept->getLayer(0), DeviceType::kDLA); }, "DLA");
    fails([](IBuilderConfig& c) { c.setEngineCapability(EngineCapability::kSAFETY); }, "engine capability 1");
    fails([](IBuilderConfig& c) { c.setRuntimePlatform(RuntimePlatform::kWINDOWS_AMD64); }, "platform");
    fails(
        [](IBuilderConfig& c) {
            c.setFlag(BuilderFlag::kREFIT);
            c.setFlag(BuilderFlag::kREFIT_IDENTICAL);
        },
        "kREFIT_IDENTICAL");
    fails(
        [](IBuilderConfig& c) {
            c.setFlag(BuilderFlag::kOBEY_PRECISION_CONSTRAINTS);
            c.setFlag(BuilderFlag::kPREFER_PRECISION_CONSTRAINTS);
        },
        "kPREFER_PRECISION_CONSTRAINTS");
}

TEST_F(BuilderMethods, ProgressIsToldAndBuildsCanBeStopped) {
    Monitor monitor;
    config->setProgressMonitor(&monitor);
    auto n = relu();
    std::unique_ptr<IHostMemory> plan(builder->buildSerializedNetwork(*n, *config));
    EXPECT_TRUE(plan) << logger.errors;
    EXPECT_GT(monitor.phases, 0);
    EXPECT_GT(monitor.steps, 0);
    EXPECT_THAT(monitor.open, ElementsAre());
    monitor.most = 1;
    monitor.steps = 0;
    plan.reset(builder->buildSerializedNetwork(*n, *config));
    EXPECT_FALSE(plan);
    refused("cancelled by its progress monitor");
    EXPECT_THAT(monitor.open, ElementsAre());
}

TEST_F(BuilderMethods, Profile) {
    IOptimizationProfile* p = builder->createOptimizationProfile();
    EXPECT_TRUE(p->setDimensions("x", OptProfileSelector::kMIN, dims({1})));
    EXPECT_TRUE(p->setDimensions("x", OptProfileSelector::kMAX, dims({9})));
    EXPECT_TRUE(p->setDimensions("x", OptProfileSelector::kOPT, dims({3})));
    EXPECT_THAT(list(p->getDimensions("x", OptProfileSelector::kMAX)), ElementsAre(9));
    EXPECT_EQ(p->getDimensions("y", OptProfileSelector::kMAX).nbDims, -1);
    int32_t values[] = {2, 3};
    for (auto s : {OptProfileSelector::kMIN, OptProfileSelector::kOPT, OptProfileSelector::kMAX})
        EXPECT_TRUE(p->setShapeValues("s", s, values, 2));
    EXPECT_EQ(p->getNbShapeValues("s"), 2);
    EXPECT_EQ(p->getNbShapeValues("t"), -1);
    ASSERT_TRUE(p->getShapeValues("s", OptProfileSelector::kOPT));
    EXPECT_EQ(p->getShapeValues("s", OptProfileSelector::kOPT)[1], 3);
    ASSERT_TRUE(p->getShapeValuesV2("s", OptProfileSelector::kOPT));
    EXPECT_EQ(p->getShapeValuesV2("s", OptProfileSelector::kOPT)[1], 3);
    EXPECT_EQ(p->getExtraMemoryTarget(), 1.0f);
    EXPECT_TRUE(p->setExtraMemoryTarget(0.5f));
    EXPECT_EQ(p->getExtraMemoryTarget(), 0.5f);
    EXPECT_TRUE(p->isValid());
    EXPECT_FALSE(p->setExtraMemoryTarget(2));
    refused("2");
    EXPECT_FALSE(p->setDimensions(nullptr, OptProfileSelector::kMIN, dims({1})));
    refused("name is empty");
    EXPECT_FALSE(p->setDimensions("x", static_cast<OptProfileSelector>(4), dims({1})));
    refused("4");
    EXPECT_FALSE(p->setDimensions("x", OptProfileSelector::kMIN, dims({-1})));
    refused("-1");
    int64_t more[] = {1, 2, 3};
    EXPECT_FALSE(p->setShapeValuesV2("s", OptProfileSelector::kMIN, more, 3));
    refused("3");
    EXPECT_FALSE(p->setShapeValuesV2("s", OptProfileSelector::kMIN, nullptr, 2));
    refused("null");
    EXPECT_FALSE(p->setDimensions("x", OptProfileSelector::kMIN, dims({5})));
    refused("min <= opt <= max");
    IOptimizationProfile* empty = builder->createOptimizationProfile();
    EXPECT_TRUE(empty->setDimensions("x", OptProfileSelector::kMIN, dims({5})));
    EXPECT_FALSE(empty->isValid());
    logger.takeErrors();
    recorder.clear();
}

TEST_F(BuilderMethods, TimingCache) {
    std::unique_ptr<ITimingCache> cache(config->createTimingCache(nullptr, 0));
    ASSERT_TRUE(cache);
    EXPECT_TRUE(config->setTimingCache(*cache, false));
    EXPECT_EQ(config->getTimingCache(), cache.get());
    std::unique_ptr<INetworkDefinition> n(builder->createNetworkV2(0));
    Pool pool;
    ITensor* x = n->addInput("x", DataType::kFLOAT, dims({1, 3, 16, 16}));
    auto* conv = n->addConvolutionNd(*x, 8, DimsHW{3, 3}, pool.weights(std::vector<float>(216)), none());
    n->markOutput(*conv->getOutput(0));
    std::unique_ptr<IHostMemory> plan(builder->buildSerializedNetwork(*n, *config));
    ASSERT_TRUE(plan) << logger.errors;
    std::unique_ptr<IHostMemory> blob(cache->serialize());
    ASSERT_TRUE(blob);
    EXPECT_GT(blob->size(), 0u);
    std::unique_ptr<ITimingCache> again(config->createTimingCache(blob->data(), blob->size()));
    ASSERT_TRUE(again) << logger.errors;
    int64_t count = cache->queryKeys(nullptr, 0);
    EXPECT_EQ(again->queryKeys(nullptr, 0), count);
    std::unique_ptr<ITimingCache> joined(config->createTimingCache(nullptr, 0));
    EXPECT_TRUE(joined->combine(*again, false)) << logger.errors;
    std::unique_ptr<IHostMemory> same(joined->serialize());
    EXPECT_EQ(same->size(), blob->size());
    EXPECT_TRUE(joined->reset());
    EXPECT_EQ(joined->queryKeys(nullptr, 0), 0);
    std::vector<TimingCacheKey> keys(static_cast<size_t>(std::max<int64_t>(count, 0)));
    if (!keys.empty()) {
        EXPECT_EQ(cache->queryKeys(keys.data(), count), count);
        TimingCacheValue v = cache->query(keys[0]);
        EXPECT_GE(v.timingMSec, 0);
    }
}

}  // namespace
}  // namespace lathe_test
