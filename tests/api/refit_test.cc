// SPDX-License-Identifier: Apache-2.0
// Refitting engines: by layer and role, by name, of stripped plans; answers are those of a fresh build.
#include <atomic>
#include <cmath>
#include <thread>

#include "api_testing.h"

namespace lathe_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

// x [1, 3, 6, 6] -> convolution "conv" (8 maps) -> scale "bn" (folded into it) -> ReLU -> sum -> matrix "fc" -> [1, 5]
struct NetWeights {
    std::vector<float> kernel = std::vector<float>(8 * 3 * 3 * 3), bias = std::vector<float>(8),
                       scale = std::vector<float>(8), shift = std::vector<float>(8), matrix = std::vector<float>(8 * 5);
    explicit NetWeights(int seed) {
        unsigned state = static_cast<unsigned>(seed) * 2654435761u + 1;
        for (auto* list : {&kernel, &bias, &scale, &shift, &matrix})
            for (float& v : *list) {
                state = state * 1664525u + 1013904223u;
                v = static_cast<float>(state >> 8) / static_cast<float>(1 << 24) - 0.5f;
            }
    }
};
Weights of(const std::vector<float>& v) { return {DataType::kFLOAT, v.data(), static_cast<int64_t>(v.size())}; }

class RefitTest : public NetworkTest {
  protected:
    void SetUp() override {
        NetworkTest::SetUp();
        runtime.reset(createInferRuntime(logger));
        config.reset(builder->createBuilderConfig());
        cache.reset(config->createTimingCache(nullptr, 0));
        config->setTimingCache(*cache, false);
    }

    std::unique_ptr<IHostMemory> plan(const NetWeights& w, std::initializer_list<BuilderFlag> flags) {
        network.reset(builder->createNetworkV2(0));
        ITensor& x = input("x", {1, 3, 6, 6});
        IConvolutionLayer* conv = network->addConvolutionNd(x, 8, Dims{2, {3, 3}}, of(w.kernel), of(w.bias));
        conv->setName("conv");
        IScaleLayer* bn = network->addScale(*conv->getOutput(0), ScaleMode::kCHANNEL, of(w.shift), of(w.scale), none());
        bn->setName("bn");
        ITensor* y = network->addActivation(*bn->getOutput(0), ActivationType::kRELU)->getOutput(0);
        y = network->addReduce(*y, ReduceOperation::kSUM, 0b1100, false)->getOutput(0);
        IConstantLayer* matrix = network->addConstant(dims({8, 5}), of(w.matrix));
        matrix->setName("fc");
        network->setWeightsName(of(w.matrix), "matrix");
        ILayer* fc =
            network->addMatrixMultiply(*y, MatrixOperation::kNONE, *matrix->getOutput(0), MatrixOperation::kNONE);
        fc->getOutput(0)->setName("out");
        network->markOutput(*fc->getOutput(0));
        if (!marked.empty()) network->markWeightsRefittable(marked.c_str());
        for (BuilderFlag f : {BuilderFlag::kREFIT, BuilderFlag::kREFIT_IDENTICAL, BuilderFlag::kREFIT_INDIVIDUAL,
                              BuilderFlag::kSTRIP_PLAN})
            config->clearFlag(f);
        for (BuilderFlag f : flags) config->setFlag(f);
        return std::unique_ptr<IHostMemory>(builder->buildSerializedNetwork(*network, *config));
    }
    std::unique_ptr<ICudaEngine> load(const std::unique_ptr<IHostMemory>& plan) {
        if (!plan) return nullptr;
        return std::unique_ptr<ICudaEngine>(runtime->deserializeCudaEngine(plan->data(), plan->size()));
    }
    static std::vector<float> answer(IExecutionContext& context) {
        std::vector<float> x(3 * 36), out(5);
        for (size_t i = 0; i < x.size(); ++i) x[i] = std::sin(static_cast<float>(i));
        context.setTensorAddress("x", x.data());
        context.setTensorAddress("out", out.data());
        if (!context.enqueueV3(nullptr)) return {};
        return out;
    }
    static std::vector<float> answer(ICudaEngine& engine) {
        std::unique_ptr<IExecutionContext> context(engine.createExecutionContext());
        return answer(*context);
    }
    static void setAll(IRefitter& r, const NetWeights& w) {
        EXPECT_TRUE(r.setWeights("conv", WeightsRole::kKERNEL, of(w.kernel)));
        EXPECT_TRUE(r.setWeights("conv", WeightsRole::kBIAS, of(w.bias)));
        EXPECT_TRUE(r.setWeights("bn", WeightsRole::kSCALE, of(w.scale)));
        EXPECT_TRUE(r.setWeights("bn", WeightsRole::kSHIFT, of(w.shift)));
        EXPECT_TRUE(r.setNamedWeights("matrix", of(w.matrix)));
    }

    std::string marked;
    std::unique_ptr<IRuntime> runtime;
    std::unique_ptr<IBuilderConfig> config;
    std::unique_ptr<ITimingCache> cache;
    NetWeights a{1}, b{2};
};

TEST_F(RefitTest, AnswersAreThoseOfAFreshBuild) {
    auto engine = load(plan(a, {BuilderFlag::kREFIT}));
    auto fresh = load(plan(b, {BuilderFlag::kREFIT}));
    auto plain = load(plan(b, {}));
    ASSERT_TRUE(engine && fresh && plain) << logger.errors;
    EXPECT_TRUE(engine->isRefittable());
    EXPECT_FALSE(plain->isRefittable());
    std::unique_ptr<IExecutionContext> context(engine->createExecutionContext());
    const std::vector<float> before = answer(*context), expected = answer(*fresh);
    EXPECT_NE(before, expected);
    std::unique_ptr<IRefitter> refitter(createInferRefitter(*engine, logger));
    ASSERT_TRUE(refitter) << logger.errors;
    setAll(*refitter, b);
    EXPECT_EQ(answer(*context), before);  // nothing has happened yet
    ASSERT_TRUE(refitter->refitCudaEngine()) << logger.errors;
    EXPECT_EQ(answer(*context), expected);  // bit for bit
    EXPECT_EQ(answer(*engine), expected);
    EXPECT_EQ(answer(*plain), expected);
    // What is written now is what was put in.
    std::unique_ptr<IHostMemory> written(engine->serialize());
    auto again = load(written);
    ASSERT_TRUE(again) << logger.errors;
    EXPECT_EQ(answer(*again), expected);
    // Back again, on a stream, with only some of the weights at a time.
    std::unique_ptr<IRefitter> second(createInferRefitter(*again, logger));
    setAll(*second, a);
    EXPECT_TRUE(second->unsetNamedWeights("matrix"));
    ASSERT_TRUE(second->refitCudaEngineAsync(nullptr));
    EXPECT_NE(answer(*again), before);
    EXPECT_TRUE(second->setNamedWeights("matrix", of(a.matrix), TensorLocation::kHOST));
    ASSERT_TRUE(second->refitCudaEngine());
    EXPECT_EQ(answer(*again), before);
}

TEST_F(RefitTest, WeightsAreListedByLayerAndByName) {
    auto engine = load(plan(a, {BuilderFlag::kREFIT}));
    ASSERT_TRUE(engine) << logger.errors;
    std::unique_ptr<IRefitter> refitter(createInferRefitter(*engine, logger));
    ASSERT_TRUE(refitter);
    char const* layers[8];
    WeightsRole roles[8];
    ASSERT_EQ(refitter->getAll(8, layers, roles), 5);
    std::vector<std::pair<std::string, WeightsRole>> all;
    for (int i = 0; i < 5; ++i) all.emplace_back(layers[i], roles[i]);
    EXPECT_THAT(all,
                UnorderedElementsAre(std::pair("conv", WeightsRole::kKERNEL), std::pair("conv", WeightsRole::kBIAS),
                                     std::pair("bn", WeightsRole::kSCALE), std::pair("bn", WeightsRole::kSHIFT),
                                     std::pair("fc", WeightsRole::kCONSTANT)));
    EXPECT_EQ(refitter->getAll(0, nullptr, nullptr), 5);
    EXPECT_EQ(refitter->getMissing(8, layers, roles), 0);
    char const* names[4];
    ASSERT_EQ(refitter->getAllWeights(4, names), 1);  // those that were named
    EXPECT_STREQ(names[0], "matrix");
    EXPECT_EQ(refitter->getMissingWeights(4, names), 0);
    Weights p = refitter->getWeightsPrototype("matrix");
    EXPECT_EQ(p.count, 40);
    EXPECT_EQ(p.type, DataType::kFLOAT);
    EXPECT_EQ(p.values, nullptr);
    ASSERT_TRUE(refitter->setNamedWeights("matrix", of(b.matrix)));
    EXPECT_EQ(refitter->getNamedWeights("matrix").values, b.matrix.data());
    EXPECT_EQ(refitter->getWeightsLocation("matrix"), TensorLocation::kHOST);
    EXPECT_EQ(refitter->getLogger(), &logger);
    EXPECT_EQ(refitter->getTensorsWithDynamicRange(0, nullptr), 0);
    EXPECT_TRUE(refitter->getWeightsValidation());
    refitter->setWeightsValidation(false);
    EXPECT_FALSE(refitter->getWeightsValidation());
    EXPECT_TRUE(refitter->setMaxThreads(2));
    EXPECT_EQ(refitter->getMaxThreads(), 2);
}

TEST_F(RefitTest, WrongCallsAreTypedErrors) {
    auto engine = load(plan(a, {BuilderFlag::kREFIT}));
    ASSERT_TRUE(engine) << logger.errors;
    Recorder recorder;
    std::unique_ptr<IRefitter> r(createInferRefitter(*engine, logger));
    r->setErrorRecorder(&recorder);
    EXPECT_EQ(r->getErrorRecorder(), &recorder);
    EXPECT_FALSE(r->setWeights("nobody", WeightsRole::kKERNEL, of(b.kernel)));
    EXPECT_FALSE(r->setWeights("conv", WeightsRole::kCONSTANT, of(b.kernel)));
    EXPECT_FALSE(r->setWeights(nullptr, WeightsRole::kKERNEL, of(b.kernel)));
    EXPECT_FALSE(r->setWeights("conv", WeightsRole::kKERNEL, of(b.bias)));
    EXPECT_FALSE(r->setWeights("conv", WeightsRole::kBIAS, Weights{DataType::kHALF, b.bias.data(), 8}));
    EXPECT_FALSE(r->setWeights("conv", WeightsRole::kBIAS, Weights{DataType::kFLOAT, nullptr, 8}));
    EXPECT_FALSE(r->setNamedWeights("nothing", of(b.bias)));
    EXPECT_FALSE(r->setNamedWeights(nullptr, of(b.bias)));
    EXPECT_FALSE(r->unsetNamedWeights("matrix"));
    EXPECT_EQ(r->getNamedWeights("matrix").values, nullptr);
    EXPECT_EQ(r->getWeightsPrototype("nothing").count, -1);
    EXPECT_FALSE(r->setDynamicRange("x", -1, 1));
    EXPECT_FALSE(r->setMaxThreads(0));
    EXPECT_EQ(recorder.getNbErrors(), 13);
    for (int i = 0; i < recorder.getNbErrors(); ++i)
        EXPECT_EQ(recorder.getErrorCode(i), ErrorCode::kINVALID_ARGUMENT) << recorder.getErrorDesc(i);
    r->setErrorRecorder(nullptr);
    logger.takeErrors();
    auto plain = load(plan(a, {}));
    EXPECT_EQ(createInferRefitter(*plain, logger), nullptr);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("kREFIT"));
    EXPECT_FALSE(r->setWeights("conv", WeightsRole::kANY, of(b.kernel)));
    logger.takeErrors();
    EXPECT_TRUE(r->refitCudaEngine());  // with nothing set, nothing changes
}

TEST_F(RefitTest, AStrippedPlanRunsOnceItsWeightsAreThere) {
    auto whole = plan(a, {BuilderFlag::kREFIT}), stripped = plan(a, {BuilderFlag::kREFIT, BuilderFlag::kSTRIP_PLAN});
    ASSERT_TRUE(whole && stripped) << logger.errors;
    EXPECT_LT(stripped->size(), whole->size());
    auto engine = load(stripped);
    ASSERT_TRUE(engine) << logger.errors;
    std::unique_ptr<IExecutionContext> context(engine->createExecutionContext());
    EXPECT_THAT(answer(*context), ElementsAre());
    EXPECT_THAT(logger.takeErrors(), HasSubstr("refit"));
    std::unique_ptr<IRefitter> r(createInferRefitter(*engine, logger));
    char const* layers[8];
    WeightsRole roles[8];
    ASSERT_EQ(r->getMissing(8, layers, roles), 2);  // short ones stay in
    EXPECT_STREQ(layers[0], "conv");
    EXPECT_EQ(roles[0], WeightsRole::kKERNEL);
    char const* names[2];
    EXPECT_EQ(r->getMissingWeights(2, names), 1);
    EXPECT_FALSE(r->refitCudaEngine());
    std::string errors = logger.takeErrors();
    for (const char* part : {"2 weights are missing", "conv KERNEL", "matrix"}) EXPECT_THAT(errors, HasSubstr(part));
    EXPECT_TRUE(r->setWeights("conv", WeightsRole::kKERNEL, of(a.kernel)));
    EXPECT_EQ(r->getMissing(0, nullptr, nullptr), 1);
    EXPECT_FALSE(r->refitCudaEngine());
    EXPECT_THAT(logger.takeErrors(), HasSubstr("1 weights are missing: 'matrix'"));
    EXPECT_TRUE(r->setNamedWeights("matrix", of(a.matrix)));
    ASSERT_TRUE(r->refitCudaEngine()) << logger.errors;
    EXPECT_EQ(r->getMissingWeights(0, nullptr), 0);
    EXPECT_EQ(answer(*context), answer(*load(whole)));
}

TEST_F(RefitTest, IdenticalMeansIdentical) {
    auto stripped = load(plan(a, {BuilderFlag::kSTRIP_PLAN}));  // kREFIT_IDENTICAL goes without saying
    ASSERT_TRUE(stripped) << logger.errors;
    std::unique_ptr<IRefitter> r(createInferRefitter(*stripped, logger));
    ASSERT_TRUE(r) << logger.errors;
    EXPECT_TRUE(r->setWeights("conv", WeightsRole::kKERNEL, of(b.kernel)));
    EXPECT_TRUE(r->setNamedWeights("matrix", of(a.matrix)));
    EXPECT_FALSE(r->refitCudaEngine());
    EXPECT_THAT(logger.takeErrors(), HasSubstr("kREFIT_IDENTICAL"));
    EXPECT_TRUE(r->setWeights("conv", WeightsRole::kKERNEL, of(a.kernel)));
    ASSERT_TRUE(r->refitCudaEngine()) << logger.errors;
    EXPECT_EQ(answer(*stripped), answer(*load(plan(a, {}))));
}

TEST_F(RefitTest, IndividualMeansTheMarkedOnes) {
    marked = "matrix";
    auto engine = load(plan(a, {BuilderFlag::kREFIT_INDIVIDUAL}));
    ASSERT_TRUE(engine) << logger.errors;
    std::unique_ptr<IRefitter> r(createInferRefitter(*engine, logger));
    char const* names[2];
    ASSERT_EQ(r->getAllWeights(2, names), 1);
    EXPECT_STREQ(names[0], "matrix");
    EXPECT_EQ(r->getAll(0, nullptr, nullptr), 1);
    EXPECT_FALSE(r->setWeights("conv", WeightsRole::kKERNEL, of(b.kernel)));
    logger.takeErrors();
    EXPECT_TRUE(r->setNamedWeights("matrix", of(b.matrix)));
    ASSERT_TRUE(r->refitCudaEngine());
    NetWeights mixed = a;
    mixed.matrix = b.matrix;
    EXPECT_EQ(answer(*engine), answer(*load(plan(mixed, {}))));
}

TEST_F(RefitTest, ValuesThatDecidedTheBuildCannotBeChanged) {
    // x * 0.5 * (1 + erf(x / sqrt(2))): one op when the constants are what they are.
    const std::vector<float> half{0.5f}, one{1}, root{1.41421356f}, gain{1.25f};
    ITensor& x = input("x", {4});
    auto constantOf = [&](const std::vector<float>& v, const char* name) {
        network->setWeightsName(of(v), name);
        return network->addConstant(dims({1}), of(v))->getOutput(0);
    };
    auto binary = [&](ITensor* p, ITensor* q, ElementWiseOperation op) {
        return network->addElementWise(*p, *q, op)->getOutput(0);
    };
    ITensor* e = binary(&x, constantOf(root, "root"), ElementWiseOperation::kDIV);
    e = network->addUnary(*e, UnaryOperation::kERF)->getOutput(0);
    e = binary(e, constantOf(one, "one"), ElementWiseOperation::kSUM);
    e = binary(binary(&x, e, ElementWiseOperation::kPROD), constantOf(half, "half"), ElementWiseOperation::kPROD);
    e = binary(e, constantOf(gain, "gain"), ElementWiseOperation::kPROD);
    e->setName("out");
    network->markOutput(*e);
    config->setFlag(BuilderFlag::kREFIT);
    auto engine = load(std::unique_ptr<IHostMemory>(builder->buildSerializedNetwork(*network, *config)));
    ASSERT_TRUE(engine) << logger.errors;
    std::unique_ptr<IRefitter> r(createInferRefitter(*engine, logger));
    char const* names[4];
    ASSERT_EQ(r->getAllWeights(4, names), 1);
    EXPECT_STREQ(names[0], "gain");
    EXPECT_FALSE(r->setNamedWeights("half", of(gain)));
    EXPECT_THAT(logger.takeErrors(), HasSubstr("decided how the engine was built"));
    const std::vector<float> two{2};
    ASSERT_TRUE(r->setNamedWeights("gain", of(two)));
    ASSERT_TRUE(r->refitCudaEngine()) << logger.errors;
    std::unique_ptr<IExecutionContext> context(engine->createExecutionContext());
    float in[4] = {-1, 0, 1, 2}, out[4];
    context->setTensorAddress("x", in);
    context->setTensorAddress("out", out);
    ASSERT_TRUE(context->enqueueV3(nullptr));
    for (int i = 0; i < 4; ++i) EXPECT_NEAR(out[i], in[i] * (1 + std::erf(in[i] / std::sqrt(2.f))), 1e-5) << i;
}

TEST_F(RefitTest, ThreadsThatRunSeeTheOldOrTheNewWeights) {
    auto engine = load(plan(a, {BuilderFlag::kREFIT}));
    auto other = load(plan(b, {BuilderFlag::kREFIT}));
    ASSERT_TRUE(engine && other) << logger.errors;
    const std::vector<float> first = answer(*engine), second = answer(*other);
    std::atomic<bool> stop{false};
    std::atomic<int> runs{0}, wrong{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 2; ++t)
        threads.emplace_back([&] {
            std::unique_ptr<IExecutionContext> context(engine->createExecutionContext());
            while (!stop) {
                std::vector<float> y = answer(*context);
                wrong += y != first && y != second;
                ++runs;
            }
        });
    std::unique_ptr<IRefitter> r(createInferRefitter(*engine, logger));
    for (int k = 0; k < 10; ++k) {
        setAll(*r, k % 2 ? a : b);
        EXPECT_TRUE(r->refitCudaEngine());
        for (int seen = runs; runs < seen + 4;) std::this_thread::yield();
    }
    stop = true;
    for (std::thread& t : threads) t.join();
    EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace lathe_test
