// SPDX-License-Identifier: Apache-2.0
// Plugins of a library, of either interface, in engines for the CPU and for a GPU.
#include "device_testing.h"

namespace lathe_test {
namespace {

using ::testing::HasSubstr;

class GpuPlugins : public ::testing::Test {
  protected:
    void SetUp() override {
        library = getPluginRegistry()->loadLibrary(LATHE_GPU_PLUGINS);
        ASSERT_TRUE(library);
    }
    void TearDown() override {
        runtime.reset();
        getPluginRegistry()->deregisterLibrary(library);
    }

    // relu, swapped halves, a row of zeros, minus.
    std::unique_ptr<IHostMemory> build(const char* target) {
        std::unique_ptr<IBuilder> builder(createInferBuilder(logger));
        std::unique_ptr<INetworkDefinition> network(builder->createNetworkV2(0));
        std::unique_ptr<IBuilderConfig> config(builder->createBuilderConfig());
        if (target) EXPECT_TRUE(lathe::setTarget(*config, target)) << logger.errors;
        ITensor* t = network->addInput("x", DataType::kFLOAT, Dims2(-1, 2));
        t = network->addActivation(*t, ActivationType::kRELU)->getOutput(0);
        auto* v3 = static_cast<IPluginCreatorV3One*>(getPluginRegistry()->getCreator("SwapHalves", "1"));
        auto* v2 = static_cast<IPluginCreator*>(getPluginRegistry()->getCreator("ZeroRow", "1"));
        std::unique_ptr<IPluginV3> swap(v3->createPlugin("swap", nullptr, TensorRTPhase::kBUILD));
        t = network->addPluginV3(&t, 1, nullptr, 0, *swap)->getOutput(0);
        IPluginV2* row = v2->createPlugin("row", nullptr);
        t = network->addPluginV2(&t, 1, *row)->getOutput(0);
        row->destroy();
        t = network->addUnary(*t, UnaryOperation::kNEG)->getOutput(0);
        t->setName("y");
        network->markOutput(*t);
        IOptimizationProfile* p = builder->createOptimizationProfile();
        p->setDimensions("x", OptProfileSelector::kMIN, Dims2(1, 2));
        p->setDimensions("x", OptProfileSelector::kOPT, Dims2(2, 2));
        p->setDimensions("x", OptProfileSelector::kMAX, Dims2(8, 2));
        config->addOptimizationProfile(p);
        std::unique_ptr<IHostMemory> plan(builder->buildSerializedNetwork(*network, *config));
        EXPECT_TRUE(plan) << logger.errors;
        return plan;
    }

    void run(const IHostMemory& plan) {
        if (!runtime) runtime.reset(createInferRuntime(logger));
        std::unique_ptr<ICudaEngine> engine(runtime->deserializeCudaEngine(plan.data(), plan.size()));
        ASSERT_TRUE(engine) << logger.errors;
        Buffer x(*engine, 64), y(*engine, 72);
        std::unique_ptr<IExecutionContext> context(engine->createExecutionContext());
        context->setTensorAddress("x", x.data());
        context->setTensorAddress("y", y.data());
        for (int rows : {2, 4, 4, 4, 2}) {
            std::vector<float> in, want(static_cast<size_t>(rows) * 2 + 2), out(want.size(), 7.f);
            for (int i = 0; i < rows * 2; ++i) in.push_back(static_cast<float>(i - 1));
            for (int i = 0; i < rows * 2; ++i)
                want[static_cast<size_t>(i)] = -std::max(0.f, in[static_cast<size_t>((i + rows) % (rows * 2))]);
            x.put(in.data(), in.size() * 4);
            ASSERT_TRUE(context->setInputShape("x", Dims2(rows, 2)));
            ASSERT_TRUE(context->enqueueV3(nullptr)) << logger.errors;
            ASSERT_TRUE(lathe::deviceSynchronize());
            y.get(out.data(), out.size() * 4);
            EXPECT_EQ(out, want) << rows;
        }
    }

    Logger logger;
    IPluginRegistry::PluginLibraryHandle library = nullptr;
    std::unique_ptr<IRuntime> runtime;
};

TEST_F(GpuPlugins, RunOnTheHost) {
    auto plan = build("cpu");
    ASSERT_TRUE(plan);
    run(*plan);
}

TEST_F(GpuPlugins, RunOnAGpu) {
    if (std::string(lathe::deviceName()).rfind("cuda", 0) != 0)
        GTEST_SKIP() << "there is no GPU here: " << lathe::deviceName();
    auto plan = build("cuda");
    ASSERT_TRUE(plan);
    EXPECT_EQ(logger.warnings, "");
    run(*plan);
    // Those that take host pointers only run there too, with copies.
    for (const char* name : {"SwapHalves", "ZeroRow"}) ASSERT_TRUE(lathe::setHostPlugin(name, "1"));
    plan = build("cuda");
    ASSERT_TRUE(plan);
    EXPECT_THAT(logger.warnings, HasSubstr("runs on the host"));
    run(*plan);
}

TEST_F(GpuPlugins, ArePlannedWithoutAGpu) {
    for (const char* target : {"cuda:sm_75", "cuda:sm_90", "cuda:sm_90,cpu"}) EXPECT_TRUE(build(target)) << target;
    EXPECT_EQ(logger.warnings, "");
    for (const char* name : {"SwapHalves", "ZeroRow"}) ASSERT_TRUE(lathe::setHostPlugin(name, "1"));
    EXPECT_TRUE(build("cuda:sm_90"));
    EXPECT_THAT(logger.warnings, HasSubstr("takes pointers to host memory only"));
}

TEST_F(GpuPlugins, APlanForTwoTargetsRunsHere) {
    std::string name = lathe::deviceName();
    auto plan = build((name.substr(0, name.find(' ')) + (name.rfind("cuda", 0) ? ",cuda:sm_90" : ",cpu")).c_str());
    ASSERT_TRUE(plan);
    run(*plan);
}

}  // namespace
}  // namespace lathe_test
