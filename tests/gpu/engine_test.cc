// SPDX-License-Identifier: Apache-2.0
// Engines for a GPU. Building needs none (a cost model takes the place of timing); what runs one is skipped without.
#include <cmath>
#include <random>
#include <thread>

#include "NvOnnxParser.h"
#include "device_testing.h"

namespace lathe_test {
namespace {

using ::testing::HasSubstr;

class Digits : public ::testing::Test {
  protected:
    static constexpr int kImage = 64, kClasses = 10;

    // The plan of the digits network for batches from 1 to 32.
    std::unique_ptr<IHostMemory> build(const char* target, std::initializer_list<BuilderFlag> flags = {},
                                       ITimingCache* cache = nullptr, bool tf32 = true) {
        std::unique_ptr<IBuilder> builder(createInferBuilder(logger));
        std::unique_ptr<INetworkDefinition> network(builder->createNetworkV2(0));
        std::unique_ptr<nvonnxparser::IParser> parser(nvonnxparser::createParser(*network, logger));
        EXPECT_TRUE(parser->parseFromFile(LATHE_DIGITS, 0)) << logger.errors;
        std::unique_ptr<IBuilderConfig> config(builder->createBuilderConfig());
        if (cache) config->setTimingCache(*cache, false);
        for (BuilderFlag f : flags) config->setFlag(f);
        if (!tf32) config->clearFlag(BuilderFlag::kTF32);
        if (target) EXPECT_TRUE(lathe::setTarget(*config, target)) << logger.errors;
        config->setHardwareCompatibilityLevel(compatibility);
        ITensor* in = network->getInput(0);
        auto shape = [&](int64_t batch) {
            Dims d = in->getDimensions();
            d.d[0] = batch;
            return d;
        };
        IOptimizationProfile* profile = builder->createOptimizationProfile();
        profile->setDimensions(in->getName(), OptProfileSelector::kMIN, shape(1));
        profile->setDimensions(in->getName(), OptProfileSelector::kOPT, shape(8));
        profile->setDimensions(in->getName(), OptProfileSelector::kMAX, shape(32));
        config->addOptimizationProfile(profile);
        return std::unique_ptr<IHostMemory>(builder->buildSerializedNetwork(*network, *config));
    }
    std::unique_ptr<ICudaEngine> load(const IHostMemory* plan) {
        if (!plan) return nullptr;
        if (!runtime) runtime.reset(createInferRuntime(logger));
        return std::unique_ptr<ICudaEngine>(runtime->deserializeCudaEngine(plan->data(), plan->size()));
    }
    static std::vector<float> images(int batch, uint32_t seed) {
        std::mt19937 random(seed);
        std::vector<float> x(static_cast<size_t>(batch * kImage));
        for (float& v : x) v = static_cast<float>(random() % 17) / 16;
        return x;
    }
    static bool prepare(IExecutionContext& context, int batch, const Buffer& in, const Buffer& out) {
        const ICudaEngine& e = context.getEngine();
        const char* input = e.getIOTensorName(0);
        Dims d = e.getTensorShape(input);
        d.d[0] = batch;
        return context.setInputShape(input, d) && context.setTensorAddress(input, in.data()) &&
               context.setTensorAddress(e.getIOTensorName(1), out.data());
    }
    std::vector<float> run(IExecutionContext& context, int batch, const std::vector<float>& x, int times = 1) {
        const ICudaEngine& e = context.getEngine();
        Buffer in(e, x.size() * 4), out(e, static_cast<size_t>(batch * kClasses) * 4);
        in.put(x.data());
        EXPECT_TRUE(prepare(context, batch, in, out)) << logger.errors;
        for (int i = 0; i < times; ++i) EXPECT_TRUE(context.enqueueV3(nullptr)) << logger.errors;
        EXPECT_TRUE(lathe::deviceSynchronize());
        std::vector<float> y(static_cast<size_t>(batch * kClasses));
        out.get(y.data());
        return y;
    }
    // Products of 11 bits a factor (TF32, which is on unless a flag clears it), a few in a row.
    static constexpr float kTf32 = 5e-3f;
    static float largestDifference(const std::vector<float>& a, const std::vector<float>& b) {
        float most = 0, scale = 0;
        for (size_t i = 0; i < a.size(); ++i) {
            most = std::max(most, std::abs(a[i] - b[i]));
            scale = std::max(scale, std::abs(b[i]));
            if (std::isnan(a[i])) return INFINITY;
        }
        return most / scale;
    }
    std::vector<float> onCpu(int batch, const std::vector<float>& x) {
        auto plan = build("cpu");
        auto engine = load(plan.get());
        if (!engine) return {};
        std::unique_ptr<IExecutionContext> context(engine->createExecutionContext());
        return run(*context, batch, x);
    }

    Logger logger;
    std::unique_ptr<IRuntime> runtime;
    HardwareCompatibilityLevel compatibility = HardwareCompatibilityLevel::kNONE;
};

TEST_F(Digits, ArePlannedForEveryArchitectureWithoutAGpu) {
    for (const char* target : {"cuda:sm_75", "cuda:sm_80", "cuda:sm_90", "cuda:sm_120"}) {
        auto plan = build(target);
        ASSERT_TRUE(plan) << target << ": " << logger.errors;
        EXPECT_THAT(logger.warnings, Not(HasSubstr("runs on the host"))) << target;
    }
    EXPECT_TRUE(build("cuda:sm_90", {BuilderFlag::kFP16})) << logger.errors;
    EXPECT_TRUE(build("cuda:sm_90", {BuilderFlag::kBF16})) << logger.errors;
}

TEST_F(Digits, AnArchitectureOlderThanAllKernelsIsRefused) {
    std::unique_ptr<IBuilder> builder(createInferBuilder(logger));
    std::unique_ptr<IBuilderConfig> config(builder->createBuilderConfig());
    EXPECT_FALSE(lathe::setTarget(*config, "cuda:sm_61"));
    EXPECT_THAT(logger.takeErrors(), HasSubstr("sm_61"));
}

TEST_F(Digits, APlanForAnotherDeviceIsRefusedWithBothNamed) {
    auto plan = build("cuda:sm_75");
    ASSERT_TRUE(plan) << logger.errors;
    auto engine = load(plan.get());
    if (engine) GTEST_SKIP() << "this GPU is the one that the plan is for: " << lathe::deviceName();
    std::string errors = logger.takeErrors();
    EXPECT_THAT(errors, HasSubstr("cuda:sm_75"));
    EXPECT_THAT(errors, HasSubstr(onGpu() ? "cuda:sm_" : "cpu"));
}

TEST_F(Digits, APlanForAllLaterGpusIsRefusedOnTheCpuByItsName) {
    compatibility = HardwareCompatibilityLevel::kAMPERE_PLUS;
    EXPECT_FALSE(build("cuda:sm_75"));
    EXPECT_THAT(logger.takeErrors(), AllOf(HasSubstr("kAMPERE_PLUS"), HasSubstr("cuda:sm_75 is before sm_80")));
    auto cpu = build("cpu");
    auto engine = load(cpu.get());
    ASSERT_TRUE(engine) << logger.errors;
    EXPECT_EQ(engine->getHardwareCompatibilityLevel(), HardwareCompatibilityLevel::kAMPERE_PLUS);
    auto plan = build("cuda:sm_90");
    ASSERT_TRUE(plan) << logger.errors;
    if (onGpu()) GTEST_SKIP() << "this GPU is one of them: " << lathe::deviceName();
    EXPECT_FALSE(load(plan.get()));
    EXPECT_THAT(logger.takeErrors(), HasSubstr("built for cuda:sm_80+"));
}

TEST_F(Digits, APlanForTwoTargetsRunsWhereOneOfThemIs) {
    auto plan = build("cuda:sm_90,cpu");
    ASSERT_TRUE(plan) << logger.errors;
    auto engine = load(plan.get());
    ASSERT_TRUE(engine) << logger.errors;
    std::vector<float> x = images(3, 1), want = onCpu(3, x);
    std::unique_ptr<IExecutionContext> context(engine->createExecutionContext());
    ASSERT_TRUE(context) << logger.errors;
    EXPECT_LT(largestDifference(run(*context, 3, x), want), kTf32);
}

TEST_F(Digits, GpuAnswersAreTheCpus) {
    NEEDS_GPU();
    auto plan = build(nullptr);
    auto engine = load(plan.get());
    ASSERT_TRUE(engine) << logger.errors;
    EXPECT_TRUE(lathe::runsOnGpu(*engine));
    std::unique_ptr<IExecutionContext> context(engine->createExecutionContext());
    for (int batch : {1, 8, 31, 8}) {
        std::vector<float> x = images(batch, static_cast<uint32_t>(batch));
        EXPECT_LT(largestDifference(run(*context, batch, x), onCpu(batch, x)), kTf32) << batch;
    }
    EXPECT_EQ(logger.errors, "");
}

TEST_F(Digits, GpuInPlainF32) {
    NEEDS_GPU();
    auto plan = build(nullptr, {}, nullptr, /*tf32=*/false);
    auto engine = load(plan.get());
    ASSERT_TRUE(engine) << logger.errors;
    std::unique_ptr<IExecutionContext> context(engine->createExecutionContext());
    std::vector<float> x = images(8, 2);
    EXPECT_LT(largestDifference(run(*context, 8, x), onCpu(8, x)), 1e-4f);
}

TEST_F(Digits, GpuInHalfPrecision) {
    NEEDS_GPU();
    std::vector<float> x = images(8, 3), want = onCpu(8, x);
    for (BuilderFlag flag : {BuilderFlag::kFP16, BuilderFlag::kBF16}) {
        auto plan = build(nullptr, {flag});
        auto engine = load(plan.get());
        ASSERT_TRUE(engine) << logger.errors;
        std::unique_ptr<IExecutionContext> context(engine->createExecutionContext());
        EXPECT_LT(largestDifference(run(*context, 8, x), want), flag == BuilderFlag::kFP16 ? 1e-2f : 6e-2f);
    }
}

TEST_F(Digits, GpuPlanBuiltWithoutTimingRunsOnTheGpuThatItIsFor) {
    NEEDS_GPU();
    std::string name = lathe::deviceName();
    std::string target = name.substr(0, name.find(' '));
    auto plan = build(target.c_str());
    ASSERT_TRUE(plan) << logger.errors;
    auto engine = load(plan.get());
    ASSERT_TRUE(engine) << logger.errors;
    std::unique_ptr<IExecutionContext> context(engine->createExecutionContext());
    std::vector<float> x = images(5, 4);
    EXPECT_LT(largestDifference(run(*context, 5, x), onCpu(5, x)), kTf32);
}

TEST_F(Digits, GpuPlanForAllLaterGpusRunsHere) {
    NEEDS_GPU();
    compatibility = HardwareCompatibilityLevel::kAMPERE_PLUS;
    auto plan = build(nullptr, {BuilderFlag::kFP16});
    auto engine = load(plan.get());
    ASSERT_TRUE(engine) << logger.errors;
    EXPECT_EQ(engine->getHardwareCompatibilityLevel(), HardwareCompatibilityLevel::kAMPERE_PLUS);
    std::unique_ptr<IExecutionContext> context(engine->createExecutionContext());
    std::vector<float> x = images(8, 3);
    EXPECT_LT(largestDifference(run(*context, 8, x, 4), onCpu(8, x)), 1e-2f);
}

TEST_F(Digits, GpuBuildsFromACompleteTimingCacheAreEqual) {
    NEEDS_GPU();
    std::unique_ptr<IBuilder> builder(createInferBuilder(logger));
    std::unique_ptr<IBuilderConfig> config(builder->createBuilderConfig());
    std::unique_ptr<ITimingCache> cache(config->createTimingCache(nullptr, 0));
    ASSERT_TRUE(build(nullptr, {}, cache.get()));
    auto a = build(nullptr, {}, cache.get()), b = build(nullptr, {}, cache.get());
    ASSERT_TRUE(a && b);
    ASSERT_EQ(a->size(), b->size());
    EXPECT_EQ(std::memcmp(a->data(), b->data(), a->size()), 0);
}

TEST_F(Digits, GpuContextsShareAnEngineOnEightThreads) {
    NEEDS_GPU();
    auto plan = build(nullptr);
    auto engine = load(plan.get());
    ASSERT_TRUE(engine) << logger.errors;
    std::vector<std::vector<float>> got(8), want;
    for (int t = 0; t < 8; ++t) want.push_back(onCpu(1 + t, images(1 + t, static_cast<uint32_t>(t))));
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t)
        threads.emplace_back([&, t] {
            std::unique_ptr<IExecutionContext> context(engine->createExecutionContext());
            got[static_cast<size_t>(t)] = run(*context, 1 + t, images(1 + t, static_cast<uint32_t>(t)), 20);
        });
    for (std::thread& t : threads) t.join();
    for (size_t t = 0; t < 8; ++t) EXPECT_LT(largestDifference(got[t], want[t]), kTf32) << t;
}

}  // namespace
}  // namespace lathe_test
