// SPDX-License-Identifier: Apache-2.0
// Runtimes, engines, contexts, inspectors and the interfaces that they call back.
#include "conformance_testing.h"

namespace lathe_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Profiler final : public IProfiler {
  public:
    void reportLayerTime(char const* layer, float ms) noexcept override {
        names.insert(layer);
        EXPECT_GE(ms, 0);
        ++reports;
    }
    std::set<std::string> names;
    int reports = 0;
};

class Counting final : public IGpuAllocator {
  public:
    void* allocate(uint64_t size, uint64_t alignment, AllocatorFlags) noexcept override {
        ++live;
        void* p = nullptr;
        return posix_memalign(&p, std::max<size_t>(alignment, 64), size) == 0 ? p : nullptr;
    }
    bool deallocate(void* p) noexcept override {
        if (p) --live;
        std::free(p);
        return true;
    }
    int live = 0;
};

class Writer final : public IStreamWriter {
  public:
    int64_t write(void const* data, int64_t n) override {
        bytes.insert(bytes.end(), static_cast<const char*>(data), static_cast<const char*>(data) + n);
        return n;
    }
    std::vector<char> bytes;
};

class EngineMethods : public Conformance {
  protected:
    void SetUp() override {
        Conformance::SetUp();
        runtime.reset(createInferRuntime(logger));
        runtime->setErrorRecorder(&recorder);
    }
    // y = relu(x), of 1 to 8 rows in profile 0 and 4 to 16 in profile 1; s tells the shape of z = reshape(x).
    std::unique_ptr<ICudaEngine> build() {
        std::unique_ptr<INetworkDefinition> n(builder->createNetworkV2(0));
        n->setName("two outputs");
        ITensor* x = n->addInput("x", DataType::kFLOAT, dims({-1, 4}));
        ITensor* s = n->addInput("s", DataType::kINT64, dims({2}));
        ITensor* y = n->addActivation(*x, ActivationType::kRELU)->getOutput(0);
        auto* shuffle = n->addShuffle(*x);
        shuffle->setInput(1, *s);
        ITensor* z = shuffle->getOutput(0);
        y->setName("y");
        z->setName("z");
        n->markOutput(*y);
        n->markOutput(*z);
        std::unique_ptr<IBuilderConfig> config(builder->createBuilderConfig());
        config->setProfilingVerbosity(ProfilingVerbosity::kDETAILED);
        lathe::setTarget(*config, "cpu");
        for (int i = 0; i < 2; ++i) {
            IOptimizationProfile* p = builder->createOptimizationProfile();
            int64_t rows[][3] = {{1, 2, 8}, {4, 8, 16}};
            for (int k = 0; k < 3; ++k) {
                auto select = static_cast<OptProfileSelector>(k);
                EXPECT_TRUE(p->setDimensions("x", select, dims({rows[i][k], 4})));
                int64_t shape[] = {4, rows[i][k]};
                EXPECT_TRUE(p->setShapeValuesV2("s", select, shape, 2));
            }
            EXPECT_EQ(config->addOptimizationProfile(p), i);
        }
        std::unique_ptr<IHostMemory> plan(builder->buildSerializedNetwork(*n, *config));
        if (!plan) return nullptr;
        return std::unique_ptr<ICudaEngine>(runtime->deserializeCudaEngine(plan->data(), plan->size()));
    }
    std::unique_ptr<IRuntime> runtime;
};

TEST_F(EngineMethods, Runtime) {
    EXPECT_EQ(runtime->getLogger(), &logger);
    EXPECT_EQ(runtime->getErrorRecorder(), &recorder);
    EXPECT_EQ(runtime->getNbDLACores(), 0);
    EXPECT_EQ(runtime->getDLACore(), -1);
    EXPECT_TRUE(runtime->setMaxThreads(2));
    EXPECT_EQ(runtime->getMaxThreads(), 2);
    EXPECT_FALSE(runtime->setMaxThreads(0));
    refused("0 threads");
    EXPECT_FALSE(runtime->getEngineHostCodeAllowed());
    runtime->setEngineHostCodeAllowed(true);
    EXPECT_TRUE(runtime->getEngineHostCodeAllowed());
    runtime->setTemporaryDirectory("/tmp");
    EXPECT_STREQ(runtime->getTemporaryDirectory(), "/tmp");
    TempfileControlFlags flags = 1U << static_cast<int>(TempfileControlFlag::kALLOW_IN_MEMORY_FILES);
    runtime->setTempfileControlFlags(flags);
    EXPECT_EQ(runtime->getTempfileControlFlags(), flags);
    EXPECT_EQ(runtime->loadRuntime("/nowhere/librt.so"), nullptr);
    refused("loadRuntime");
    runtime->setDLACore(1);
    refused("DLA");
    EXPECT_EQ(runtime->deserializeCudaEngine(nullptr, 10), nullptr);
    refused("no bytes");
    EXPECT_EQ(runtime->deserializeCudaEngine("no plan at all", 14), nullptr);
    refused("plan");
    EXPECT_EQ(runtime->deserializeCudaEngine("", 0), nullptr);
    refused("no bytes");
}

TEST_F(EngineMethods, Engine) {
    auto engine = build();
    ASSERT_TRUE(engine) << logger.errors;
    engine->setErrorRecorder(&recorder);
    EXPECT_EQ(engine->getErrorRecorder(), &recorder);
    EXPECT_STREQ(engine->getName(), "two outputs");
    EXPECT_EQ(engine->getNbOptimizationProfiles(), 2);
    EXPECT_EQ(engine->getNbIOTensors(), 4);
    EXPECT_GT(engine->getNbLayers(), 0);
    EXPECT_EQ(engine->getEngineCapability(), EngineCapability::kSTANDARD);
    EXPECT_FALSE(engine->hasImplicitBatchDimension());
    EXPECT_EQ(engine->getProfilingVerbosity(), ProfilingVerbosity::kDETAILED);
    EXPECT_EQ(engine->getHardwareCompatibilityLevel(), HardwareCompatibilityLevel::kNONE);
    EXPECT_EQ(engine->getNbAuxStreams(), 0);
    EXPECT_FALSE(engine->isRefittable());
    EXPECT_FALSE(engine->isDebugTensor("y"));
    EXPECT_EQ(engine->getTacticSources(), engine->getTacticSources());
    EXPECT_THAT(list(engine->getTensorShape("x")), ElementsAre(-1, 4));
    EXPECT_THAT(list(engine->getTensorShape("z")), ElementsAre(-1, -1));
    EXPECT_THAT(list(engine->getProfileShape("x", 1, OptProfileSelector::kMAX)), ElementsAre(16, 4));
    ASSERT_TRUE(engine->getProfileTensorValuesV2("s", 1, OptProfileSelector::kMIN));
    EXPECT_EQ(engine->getProfileTensorValuesV2("s", 1, OptProfileSelector::kMIN)[1], 4);
    ASSERT_TRUE(engine->getProfileTensorValues("s", 0, OptProfileSelector::kMAX));  // narrowed
    EXPECT_EQ(engine->getProfileTensorValues("s", 0, OptProfileSelector::kMAX)[1], 8);
    EXPECT_TRUE(engine->isShapeInferenceIO("s"));
    EXPECT_FALSE(engine->isShapeInferenceIO("x"));
    EXPECT_EQ(engine->getTensorLocation("s"), TensorLocation::kHOST);
    EXPECT_EQ(engine->getTensorLocation("x"), TensorLocation::kDEVICE);
    EXPECT_EQ(engine->getTensorFormat("x"), TensorFormat::kLINEAR);
    EXPECT_EQ(engine->getTensorFormat("x", 1), TensorFormat::kLINEAR);
    EXPECT_THAT(engine->getTensorFormatDesc("x"), HasSubstr("FP32"));
    EXPECT_THAT(engine->getTensorFormatDesc("x", 1), HasSubstr("FP32"));
    EXPECT_EQ(engine->getTensorBytesPerComponent("x"), -1);  // not vectorized
    EXPECT_EQ(engine->getTensorBytesPerComponent("x", 1), -1);
    EXPECT_EQ(engine->getTensorComponentsPerElement("x"), -1);
    EXPECT_EQ(engine->getTensorComponentsPerElement("x", 1), -1);
    EXPECT_EQ(engine->getTensorVectorizedDim("x"), -1);
    EXPECT_EQ(engine->getTensorVectorizedDim("x", 1), -1);
    EXPECT_EQ(engine->getAliasedInputTensor("y"), nullptr);
    EXPECT_GE(engine->getDeviceMemorySizeForProfileV2(1), 0);
    EXPECT_EQ(static_cast<int64_t>(engine->getDeviceMemorySizeForProfile(1)),
              engine->getDeviceMemorySizeForProfileV2(1));
    EXPECT_GE(engine->getDeviceMemorySizeV2(), engine->getDeviceMemorySizeForProfileV2(1));
    EXPECT_GE(engine->getEngineStat(EngineStat::kTOTAL_WEIGHTS_SIZE), 0);
    EXPECT_EQ(engine->getEngineStat(EngineStat::kSTRIPPED_WEIGHTS_SIZE), -1);  // it is not stripped
    // Weights are never streamed.
    EXPECT_EQ(engine->getStreamableWeightsSize(), 0);
    EXPECT_EQ(engine->getWeightStreamingBudgetV2(), 0);
    EXPECT_EQ(engine->getWeightStreamingBudget(), 0);
    EXPECT_EQ(engine->getMinimumWeightStreamingBudget(), 0);
    EXPECT_EQ(engine->getWeightStreamingAutomaticBudget(), 0);
    EXPECT_EQ(engine->getWeightStreamingScratchMemorySize(), 0);
    EXPECT_FALSE(engine->setWeightStreamingBudgetV2(1 << 20));
    refused("stream");
    EXPECT_FALSE(engine->setWeightStreamingBudget(1 << 20));
    refused("stream");
    // Names and numbers that there are not.
    EXPECT_EQ(engine->getIOTensorName(4), nullptr);
    refused("4");
    EXPECT_EQ(engine->getTensorShape("nobody").nbDims, -1);
    refused("nobody");
    EXPECT_EQ(engine->getTensorIOMode("nobody"), TensorIOMode::kNONE);
    refused("nobody");
    engine->getTensorDataType(nullptr);
    refused("null");
    EXPECT_EQ(engine->getProfileShape("x", 2, OptProfileSelector::kMAX).nbDims, -1);
    refused("2");
    EXPECT_EQ(engine->getProfileShape("y", 0, OptProfileSelector::kMAX).nbDims, -1);
    refused("y");
    engine->getEngineStat(static_cast<EngineStat>(12));
    refused("12");
    engine->getDeviceMemorySizeForProfileV2(5);
    refused("5");
}

TEST_F(EngineMethods, Serialization) {
    auto engine = build();
    ASSERT_TRUE(engine) << logger.errors;
    std::unique_ptr<ISerializationConfig> config(engine->createSerializationConfig());
    EXPECT_EQ(config->getFlags(), 0U);
    EXPECT_TRUE(config->setFlag(SerializationFlag::kEXCLUDE_LEAN_RUNTIME));
    EXPECT_TRUE(config->getFlag(SerializationFlag::kEXCLUDE_LEAN_RUNTIME));
    EXPECT_TRUE(config->clearFlag(SerializationFlag::kEXCLUDE_LEAN_RUNTIME));
    EXPECT_TRUE(config->setFlags(1U << static_cast<int>(SerializationFlag::kEXCLUDE_LEAN_RUNTIME)));
    EXPECT_FALSE(config->setFlags(1U << 20));
    logger.takeErrors();
    recorder.clear();
    std::unique_ptr<IHostMemory> a(engine->serializeWithConfig(*config)), b(engine->serialize());
    ASSERT_TRUE(a && b);
    EXPECT_EQ(a->size(), b->size());
    std::unique_ptr<IRuntimeConfig> how(engine->createRuntimeConfig());
    EXPECT_EQ(how->getExecutionContextAllocationStrategy(), ExecutionContextAllocationStrategy::kSTATIC);
    how->setExecutionContextAllocationStrategy(ExecutionContextAllocationStrategy::kON_PROFILE_CHANGE);
    EXPECT_EQ(how->getExecutionContextAllocationStrategy(), ExecutionContextAllocationStrategy::kON_PROFILE_CHANGE);
    std::unique_ptr<IExecutionContext> context(engine->createExecutionContext(how.get()));
    ASSERT_TRUE(context);
    EXPECT_TRUE(context->getRuntimeConfig());
}

TEST_F(EngineMethods, Inspector) {
    auto engine = build();
    ASSERT_TRUE(engine) << logger.errors;
    std::unique_ptr<IEngineInspector> inspector(engine->createEngineInspector());
    inspector->setErrorRecorder(&recorder);
    EXPECT_EQ(inspector->getErrorRecorder(), &recorder);
    EXPECT_EQ(inspector->getExecutionContext(), nullptr);
    std::unique_ptr<IExecutionContext> context(engine->createExecutionContext());
    EXPECT_TRUE(inspector->setExecutionContext(context.get()));
    EXPECT_EQ(inspector->getExecutionContext(), context.get());
    EXPECT_THAT(inspector->getEngineInformation(LayerInformationFormat::kJSON), HasSubstr("Layers"));
    EXPECT_THAT(inspector->getLayerInformation(0, LayerInformationFormat::kONELINE), HasSubstr("LayerType: "));
    EXPECT_THAT(inspector->getLayerInformation(0, LayerInformationFormat::kJSON), HasSubstr("{"));
    inspector->getLayerInformation(99, LayerInformationFormat::kJSON);
    refused("99");
}

TEST_F(EngineMethods, Context) {
    auto engine = build();
    ASSERT_TRUE(engine) << logger.errors;
    std::unique_ptr<IExecutionContext> c(engine->createExecutionContext());
    ASSERT_TRUE(c);
    c->setErrorRecorder(&recorder);
    EXPECT_EQ(c->getErrorRecorder(), &recorder);
    EXPECT_EQ(&c->getEngine(), engine.get());
    c->setName("context");
    EXPECT_STREQ(c->getName(), "context");
    c->setDebugSync(true);
    EXPECT_TRUE(c->getDebugSync());
    EXPECT_EQ(c->getOptimizationProfile(), 0);
    EXPECT_FALSE(c->allInputDimensionsSpecified());
    EXPECT_FALSE(c->allInputShapesSpecified());
    const char* missing[4] = {};
    EXPECT_GT(c->inferShapes(4, missing), 0);
    EXPECT_TRUE(missing[0]);
    EXPECT_TRUE(c->setInputShape("x", dims({3, 4})));
    EXPECT_TRUE(c->allInputDimensionsSpecified());
    int64_t shape[] = {4, 3};
    EXPECT_TRUE(c->setInputTensorAddress("s", shape));
    EXPECT_TRUE(c->allInputShapesSpecified());
    EXPECT_EQ(c->inferShapes(4, missing), 0);
    EXPECT_THAT(list(c->getTensorShape("z")), ElementsAre(4, 3));
    EXPECT_THAT(list(c->getTensorStrides("x")), ElementsAre(4, 1));
    EXPECT_GE(c->getMaxOutputSize("y"), 3 * 4 * 4);
    std::vector<float> x = {-1, 2, -3, 4, 5, -6, 7, -8, 9, 10, -11, 12}, y(12), z(12);
    EXPECT_TRUE(c->setTensorAddress("x", x.data()));
    EXPECT_EQ(c->getTensorAddress("x"), x.data());
    EXPECT_TRUE(c->setOutputTensorAddress("y", y.data()));
    EXPECT_EQ(c->getOutputTensorAddress("y"), y.data());
    EXPECT_EQ(c->getOutputAllocator("z"), nullptr);
    EXPECT_TRUE(c->setTensorAddress("z", z.data()));
    Profiler profiler;
    c->setProfiler(&profiler);
    EXPECT_EQ(c->getProfiler(), &profiler);
    EXPECT_TRUE(c->getEnqueueEmitsProfile());
    c->setEnqueueEmitsProfile(false);
    EXPECT_FALSE(c->getEnqueueEmitsProfile());
    EXPECT_TRUE(c->enqueueV3(nullptr)) << logger.errors;
    EXPECT_EQ(profiler.reports, 0);
    EXPECT_TRUE(c->reportToProfiler());
    EXPECT_GT(profiler.reports, 0);
    EXPECT_FALSE(profiler.names.empty());
    EXPECT_THAT(y, ElementsAre(0, 2, 0, 4, 5, 0, 7, 0, 9, 10, 0, 12));
    EXPECT_EQ(z, x);
    EXPECT_TRUE(c->setInputConsumedEvent(nullptr));
    EXPECT_EQ(c->getInputConsumedEvent(), nullptr);
    c->setPersistentCacheLimit(0);
    EXPECT_EQ(c->getPersistentCacheLimit(), 0u);
    EXPECT_TRUE(c->setNvtxVerbosity(ProfilingVerbosity::kNONE));
    EXPECT_EQ(c->getNvtxVerbosity(), ProfilingVerbosity::kNONE);
    c->setAuxStreams(nullptr, 0);
    // An engine for the CPU has no use for any.
    char place[2];
    cudaStream_t aux[]{reinterpret_cast<cudaStream_t>(&place[0]), reinterpret_cast<cudaStream_t>(&place[1])};
    c->setAuxStreams(aux, 2);
    EXPECT_EQ(logger.errors, "");
    c->setAuxStreams(nullptr, 1);
    refused("null address");
    c->setAuxStreams(aux, -1);
    refused("-1 streams");
    aux[1] = aux[0];
    c->setAuxStreams(aux, 2);
    refused("the same");
    c->setAuxStreams(nullptr, 0);
    EXPECT_TRUE(c->setCommunicator(nullptr));
    Counting scratch;
    EXPECT_TRUE(c->setTemporaryStorageAllocator(&scratch));
    EXPECT_EQ(c->getTemporaryStorageAllocator(), &scratch);
    EXPECT_TRUE(c->enqueueV3(nullptr)) << logger.errors;
    EXPECT_TRUE(c->setTemporaryStorageAllocator(nullptr));
    EXPECT_EQ(scratch.live, 0);
    // All addresses at once, in the order of getIOTensorName().
    std::vector<void*> bindings;
    for (int i = 0; i < engine->getNbIOTensors(); ++i)
        bindings.push_back(const_cast<void*>(c->getTensorAddress(engine->getIOTensorName(i))));
    std::fill(y.begin(), y.end(), 0.f);
    EXPECT_TRUE(c->executeV2(bindings.data())) << logger.errors;
    EXPECT_EQ(y[1], 2);
    // The other profile has other limits.
    EXPECT_TRUE(c->setOptimizationProfileAsync(1, nullptr));
    EXPECT_EQ(c->getOptimizationProfile(), 1);
    EXPECT_FALSE(c->setInputShape("x", dims({3, 4})));
    refused("profile");
    EXPECT_FALSE(c->setOptimizationProfileAsync(2, nullptr));
    refused("2");
    EXPECT_FALSE(c->setInputShape("x", dims({5, 5})));
    refused("x");
    EXPECT_FALSE(c->setInputShape("y", dims({5, 4})));
    refused("y");
    EXPECT_FALSE(c->setTensorAddress("nobody", x.data()));
    refused("nobody");
    EXPECT_FALSE(c->setOutputTensorAddress("x", x.data()));
    refused("x");
    EXPECT_FALSE(c->setInputTensorAddress("y", x.data()));
    refused("y");
    EXPECT_FALSE(c->setOutputAllocator("x", nullptr));
    refused("x");
    EXPECT_TRUE(c->setInputShape("x", dims({5, 4})));
    EXPECT_TRUE(c->setTensorAddress("y", nullptr));
    EXPECT_FALSE(c->enqueueV3(nullptr));
    refused("y");
    EXPECT_FALSE(c->executeV2(nullptr));
    refused("null");
    EXPECT_EQ(c->getTensorAddress("nobody"), nullptr);
    refused("nobody");
    EXPECT_EQ(c->getMaxOutputSize("nobody"), -1);
    refused("nobody");
    EXPECT_EQ(c->inferShapes(-1, nullptr), -1);
    refused("-1");
    Dims bad = dims({5});
    bad.nbDims = 12;
    EXPECT_FALSE(c->setInputShape("x", bad));
    refused("12");
}

TEST_F(EngineMethods, MemoryOfTheUser) {
    auto engine = build();
    ASSERT_TRUE(engine) << logger.errors;
    std::unique_ptr<IExecutionContext> c(
        engine->createExecutionContext(ExecutionContextAllocationStrategy::kUSER_MANAGED));
    ASSERT_TRUE(c);
    c->setErrorRecorder(&recorder);
    EXPECT_TRUE(c->setInputShape("x", dims({2, 4})));
    int64_t shape[] = {2, 4};
    EXPECT_TRUE(c->setTensorAddress("s", shape));
    EXPECT_GE(engine->getDeviceMemorySizeV2(), static_cast<int64_t>(c->updateDeviceMemorySizeForShapes()));
    std::vector<char> memory(static_cast<size_t>(engine->getDeviceMemorySizeV2()) + 256);
    c->setDeviceMemoryV2(memory.data() + (256 - reinterpret_cast<uintptr_t>(memory.data()) % 256),
                         engine->getDeviceMemorySizeV2());
    c->setDeviceMemory(memory.data() + (256 - reinterpret_cast<uintptr_t>(memory.data()) % 256));
    std::vector<float> x(8, 1), y(8), z(8);
    EXPECT_TRUE(c->setTensorAddress("x", x.data()));
    EXPECT_TRUE(c->setTensorAddress("y", y.data()));
    EXPECT_TRUE(c->setTensorAddress("z", z.data()));
    EXPECT_TRUE(c->enqueueV3(nullptr)) << logger.errors;
    EXPECT_EQ(y, x);
}

TEST_F(EngineMethods, BuilderGivesEnginesAndStreams) {
    std::unique_ptr<INetworkDefinition> n(builder->createNetworkV2(0));
    n->markOutput(*n->addIdentity(*n->addInput("x", DataType::kFLOAT, dims({4})))->getOutput(0));
    std::unique_ptr<IBuilderConfig> config(builder->createBuilderConfig());
    lathe::setTarget(*config, "cpu");
    Writer writer;
    EXPECT_TRUE(builder->buildSerializedNetworkToStream(*n, *config, writer));
    std::unique_ptr<ICudaEngine> a(runtime->deserializeCudaEngine(writer.bytes.data(), writer.bytes.size()));
    EXPECT_TRUE(a) << logger.errors;
    std::unique_ptr<ICudaEngine> b(builder->buildEngineWithConfig(*n, *config));
    EXPECT_TRUE(b) << logger.errors;
}

}  // namespace
}  // namespace lathe_test
