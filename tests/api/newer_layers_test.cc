// SPDX-License-Identifier: Apache-2.0
// Assertions, quantization in blocks and caches of keys and values through the API.
#include <cmath>

#include "api_testing.h"

namespace lathe_test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Op = ElementWiseOperation;

class NewerLayersTest : public NetworkTest {
  protected:
    void output(ITensor& t, const char* name) {
        t.setName(name);
        network->markOutput(t);
    }
    ITensor& flags(std::vector<int8_t> values) {
        Weights w = pool.weights(std::move(values));
        w.type = DataType::kBOOL;
        return *network->addConstant(dims({w.count}), w)->getOutput(0);
    }
    // An engine for shapes of "x" up to these.
    std::unique_ptr<ICudaEngine> engineFor(std::initializer_list<int64_t> least, std::initializer_list<int64_t> most) {
        std::unique_ptr<IBuilderConfig> config(builder->createBuilderConfig());
        config->setBuilderOptimizationLevel(0);
        IOptimizationProfile* profile = builder->createOptimizationProfile();
        profile->setDimensions("x", OptProfileSelector::kMIN, dims(least));
        profile->setDimensions("x", OptProfileSelector::kOPT, dims(most));
        profile->setDimensions("x", OptProfileSelector::kMAX, dims(most));
        config->addOptimizationProfile(profile);
        std::unique_ptr<ICudaEngine> engine(builder->buildEngineWithConfig(*network, *config));
        EXPECT_TRUE(engine) << logger.errors;
        return engine;
    }
    // Whether a context runs with this x; y's address is kept as well.
    bool runs(ICudaEngine& engine, std::initializer_list<int64_t> shape, std::vector<float> x) {
        std::unique_ptr<IExecutionContext> context(engine.createExecutionContext());
        std::vector<float> y(1000);
        EXPECT_TRUE(context->setInputShape("x", dims(shape)));
        EXPECT_TRUE(context->setTensorAddress("x", x.data()));
        EXPECT_TRUE(context->setTensorAddress("y", y.data()));
        return context->enqueueV3(nullptr);
    }
};

TEST_F(NewerLayersTest, AssertionsOfKnownConditions) {
    ITensor& x = input("x", {3});
    IAssertionLayer* good = network->addAssertion(flags({1, 1}), "never seen");
    ASSERT_TRUE(good);
    EXPECT_EQ(good->getType(), LayerType::kASSERTION);
    EXPECT_EQ(good->getNbOutputs(), 0);
    EXPECT_STREQ(good->getMessage(), "never seen");
    output(*network->addIdentity(x)->getOutput(0), "y");
    feed<float>("x", {3}, {1, 2, 3});
    EXPECT_THAT(result<float>(), ElementsAre(1, 2, 3));

    good->setName("check");
    good->setMessage("extents are even");
    good->setInput(0, flags({1, 0}));
    EXPECT_THAT(buildError(), AllOf(HasSubstr("check"), HasSubstr("the assertion failed: extents are even")));
    good->setInput(0, x);
    EXPECT_THAT(buildError(), AllOf(HasSubstr("check"), HasSubstr("expected bool")));
    good->setMessage(nullptr);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("the message is null"));
    EXPECT_EQ(network->addAssertion(x, nullptr), nullptr);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("the message is null"));
}

// What no shape of the profile allows fails the build; what depends on the shape fails the run.
TEST_F(NewerLayersTest, AssertionsOfShapes) {
    ITensor& x = input("x", {-1, 4});
    ITensor& shape = *network->addShape(x)->getOutput(0);
    ITensor& rest =
        *network
             ->addElementWise(
                 shape,
                 *network
                      ->addElementWise(
                          *network->addElementWise(shape, constant<int64_t>({2}, {2, 2}), Op::kFLOOR_DIV)->getOutput(0),
                          constant<int64_t>({2}, {2, 2}), Op::kPROD)
                      ->getOutput(0),
                 Op::kSUB)
             ->getOutput(0);
    ITensor& even = *network->addElementWise(rest, constant<int64_t>({2}, {0, 0}), Op::kEQUAL)->getOutput(0);
    network->addAssertion(even, "extents are even")->setName("even");
    output(*network->addIdentity(x)->getOutput(0), "y");
    auto engine = engineFor({1, 4}, {8, 4});
    ASSERT_TRUE(engine);
    EXPECT_TRUE(runs(*engine, {2, 4}, std::vector<float>(8)));
    EXPECT_FALSE(runs(*engine, {3, 4}, std::vector<float>(12)));
    EXPECT_THAT(logger.takeErrors(), AllOf(HasSubstr("even"), HasSubstr("the assertion failed: extents are even")));
}

TEST_F(NewerLayersTest, AssertionsOfData) {
    ITensor& x = input("x", {2});
    ITensor& positive = *network->addElementWise(x, constant<float>({2}, {0, 0}), Op::kGREATER)->getOutput(0);
    network->addAssertion(positive, "x is positive")->setName("sign");
    output(*network->addIdentity(x)->getOutput(0), "y");
    auto engine = engineFor({2}, {2});
    ASSERT_TRUE(engine);
    EXPECT_TRUE(runs(*engine, {2}, {1, 2}));
    EXPECT_FALSE(runs(*engine, {2}, {1, -2}));
    EXPECT_THAT(logger.takeErrors(), AllOf(HasSubstr("sign"), HasSubstr("x is positive")));
}

// In a branch it counts only when the branch runs; in a loop each time.
TEST_F(NewerLayersTest, AssertionsInControlFlow) {
    ITensor& x = input("x", {1});
    IIfConditional* branch = network->addIfConditional();
    ITensor& zero = constant<float>({1}, {0});
    ITensor& positive = *network->addElementWise(x, zero, Op::kGREATER)->getOutput(0);
    IShuffleLayer* scalar = network->addShuffle(positive);
    scalar->setReshapeDimensions(dims({}));
    branch->setCondition(*scalar->getOutput(0));
    ITensor& inside = *branch->addInput(x)->getOutput(0);
    ITensor& root = *network->addUnary(inside, UnaryOperation::kSQRT)->getOutput(0);
    ITensor& small = *network->addElementWise(root, constant<float>({1}, {3}), Op::kLESS)->getOutput(0);
    network->addAssertion(small, "roots are small")->setName("root");
    ITensor& minus = *network->addUnary(inside, UnaryOperation::kNEG)->getOutput(0);
    ITensor& below = *network->addElementWise(inside, constant<float>({1}, {100}), Op::kLESS)->getOutput(0);
    network->addAssertion(below, "x is below 100")->setName("either");
    // The root belongs to the first branch by way of its output.
    output(*branch->addOutput(root, minus)->getOutput(0), "y");
    auto engine = engineFor({1}, {1});
    ASSERT_TRUE(engine);
    EXPECT_TRUE(runs(*engine, {1}, {4}));
    EXPECT_TRUE(runs(*engine, {1}, {-100}));
    EXPECT_FALSE(runs(*engine, {1}, {16}));
    EXPECT_THAT(logger.takeErrors(), HasSubstr("roots are small"));
    EXPECT_FALSE(runs(*engine, {1}, {200}));
    EXPECT_THAT(logger.takeErrors(), HasSubstr("x is below 100"));

    ITensor& count = constant<int32_t>({}, {3});
    ILoop* loop = network->addLoop();
    loop->addTripLimit(count, TripLimit::kCOUNT);
    IRecurrenceLayer* sum = loop->addRecurrence(x);
    ITensor& next = *network->addElementWise(*sum->getOutput(0), x, Op::kSUM)->getOutput(0);
    sum->setInput(1, next);
    ITensor& fits = *network->addElementWise(next, constant<float>({1}, {8.5f}), Op::kLESS)->getOutput(0);
    network->addAssertion(fits, "sums are small")->setName("sums");
    output(*loop->addLoopOutput(*sum->getOutput(0), LoopOutput::kLAST_VALUE)->getOutput(0), "sum");
    std::unique_ptr<IBuilderConfig> config(builder->createBuilderConfig());
    config->setBuilderOptimizationLevel(0);
    std::unique_ptr<ICudaEngine> second(builder->buildEngineWithConfig(*network, *config));
    ASSERT_TRUE(second) << logger.errors;
    std::unique_ptr<IExecutionContext> context(second->createExecutionContext());
    float in = 2, y = 0, total = 0;
    context->setTensorAddress("x", &in);
    context->setTensorAddress("y", &y);
    context->setTensorAddress("sum", &total);
    ASSERT_TRUE(context->enqueueV3(nullptr)) << logger.errors;
    EXPECT_EQ(total, 8);
    in = 2.5f;
    EXPECT_FALSE(context->enqueueV3(nullptr));
    EXPECT_THAT(logger.takeErrors(), HasSubstr("sums are small"));
}

// Quantized and dequantized again, so that the values can be looked at.
TEST_F(NewerLayersTest, DynamicQuantizeToFp8AndBack) {
    ITensor& x = input("x", {2, 64});
    IDynamicQuantizeLayer* q = network->addDynamicQuantizeV2(x, dims({1, 32}), DataType::kFP8, DataType::kE8M0);
    ASSERT_TRUE(q) << logger.errors;
    EXPECT_EQ(q->getType(), LayerType::kDYNAMIC_QUANTIZE);
    EXPECT_EQ(q->getToType(), DataType::kFP8);
    EXPECT_EQ(q->getScaleType(), DataType::kE8M0);
    EXPECT_THAT(list(q->getBlockShape()), ElementsAre(1, 32));
    EXPECT_THAT(shape(q, 0), ElementsAre(2, 64));
    EXPECT_THAT(shape(q, 1), ElementsAre(2, 2));
    EXPECT_EQ(q->getOutput(0)->getType(), DataType::kFP8);
    EXPECT_EQ(q->getOutput(1)->getType(), DataType::kE8M0);
    output(*network->addDequantize(*q->getOutput(0), *q->getOutput(1), DataType::kFLOAT)->getOutput(0), "y");
    std::vector<float> values(128);
    for (size_t i = 0; i < values.size(); ++i) values[i] = std::sin(static_cast<float>(i)) * (i < 32 ? 1e-4f : 50.f);
    feed<float>("x", {2, 64}, values);
    auto y = result<float>();
    ASSERT_EQ(y.size(), 128u);
    for (size_t i = 0; i < y.size(); ++i) {
        // Half a unit in the last place of four bits, or of the smallest number with its scale (at most 2 * largest /
        // 448).
        float largest = i < 32 ? 1e-4f : 50.f;
        EXPECT_NEAR(y[i], values[i], std::abs(values[i]) / 16 + largest / 448 * 2 / 1024) << i;
    }
}

// Scales that are quantized themselves: fp4 values, fp8 scales, one number over all.
TEST_F(NewerLayersTest, DynamicQuantizeToFp4InTwoLevels) {
    ITensor& x = input("x", {2, 32});
    ITensor& global = constant<float>({}, {0.01f});
    IDynamicQuantizeLayer* q = network->addDynamicQuantize(x, 1, 16, DataType::kFP4, DataType::kFP8);
    ASSERT_TRUE(q) << logger.errors;
    EXPECT_EQ(q->getAxis(), 1);
    EXPECT_EQ(q->getBlockSize(), 16);
    q->setInput(1, global);
    EXPECT_THAT(shape(q, 1), ElementsAre(2, 2));
    ITensor& scales = *network->addDequantize(*q->getOutput(1), global, DataType::kFLOAT)->getOutput(0);
    IDequantizeLayer* back = network->addDequantize(*q->getOutput(0), scales, DataType::kFLOAT);
    output(*back->getOutput(0), "y");
    std::vector<float> values(64);
    for (size_t i = 0; i < values.size(); ++i) values[i] = std::cos(static_cast<float>(i) * 0.7f) * 3;
    feed<float>("x", {2, 32}, values);
    auto y = result<float>();
    ASSERT_EQ(y.size(), 64u);
    // Steps of fp4 are at most 2 of 6; the scale's own rounding is a sixteenth.
    for (size_t i = 0; i < y.size(); ++i) EXPECT_NEAR(y[i], values[i], 3.f / 6 + 3.f / 16) << i;
}

TEST_F(NewerLayersTest, DynamicQuantizeToInt8ShapesAndErrors) {
    ITensor& x = input("x", {4, 6});
    IDynamicQuantizeLayer* q = network->addDynamicQuantizeV2(x, dims({-1, 3}), DataType::kINT8, DataType::kFLOAT);
    ASSERT_TRUE(q);
    EXPECT_THAT(shape(q, 1), ElementsAre(1, 2));
    output(*q->getOutput(0), "y");
    output(*q->getOutput(1), "scales");
    std::vector<float> values(24);
    for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) - 11;
    feed<float>("x", {4, 6}, values);
    auto answers = run();
    EXPECT_THAT(answers["scales"].as<float>(), ElementsAre(11.f / 127, 12.f / 127));
    EXPECT_EQ(answers["y"].as<int8_t>()[0], -127);
    EXPECT_EQ(answers["y"].as<int8_t>()[23], 127);

    q->setToType(DataType::kHALF);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("quantization to f16"));
    q->setScaleType(DataType::kINT8);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("scales of type i8"));
    q->setBlockShape(dims({0, 3}));
    EXPECT_THAT(logger.takeErrors(), HasSubstr("a block of [0, 3]"));
    EXPECT_EQ(network->addDynamicQuantizeV2(x, dims({}), DataType::kINT8, DataType::kFLOAT), nullptr);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("a block of no dimensions"));
    EXPECT_EQ(network->addDynamicQuantizeV2(x, dims({1, 3}), DataType::kINT32, DataType::kFLOAT), nullptr);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("quantization to i32"));
    EXPECT_EQ(network->addDynamicQuantize(x, 1, 0, DataType::kFP8, DataType::kE8M0), nullptr);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("blocks of 0 elements"));
    q->setBlockShape(dims({1, 4}));
    q->setName("blocks");
    EXPECT_THAT(buildError(), AllOf(HasSubstr("blocks"), HasSubstr("does not divide [4, 6]: axis 1")));
}

class KVCacheTest : public NewerLayersTest {
  protected:
    IKVCacheUpdateLayer* add(int64_t length = 1) {
        ITensor &cache = input("cache", {2, 1, 4, 2}), &update = input("update", {2, 1, length, 2}),
                &at = input("at", {2}, DataType::kINT32);
        return network->addKVCacheUpdate(cache, update, at, KVCacheMode::kLINEAR);
    }
};

TEST_F(KVCacheTest, WritesIntoTheCallersMemory) {
    IKVCacheUpdateLayer* layer = add();
    ASSERT_TRUE(layer) << logger.errors;
    EXPECT_EQ(layer->getType(), LayerType::kKVCACHE_UPDATE);
    EXPECT_EQ(layer->getCacheMode(), KVCacheMode::kLINEAR);
    EXPECT_THAT(shape(layer), ElementsAre(2, 1, 4, 2));
    ITensor& whole = *layer->getOutput(0);
    output(whole, "cache_out");
    output(*network->addReduce(whole, ReduceOperation::kSUM, 0xc, false)->getOutput(0), "sum");
    std::unique_ptr<IBuilderConfig> config(builder->createBuilderConfig());
    config->setBuilderOptimizationLevel(0);
    std::unique_ptr<ICudaEngine> engine(builder->buildEngineWithConfig(*network, *config));
    ASSERT_TRUE(engine) << logger.errors;
    EXPECT_STREQ(engine->getAliasedInputTensor("cache_out"), "cache");
    EXPECT_EQ(engine->getAliasedInputTensor("sum"), nullptr);
    std::unique_ptr<IExecutionContext> context(engine->createExecutionContext());
    std::vector<float> cache(16, 1), update = {10, 20, 30, 40}, sum(2), other(16);
    std::vector<int32_t> at = {0, 3};
    context->setTensorAddress("cache", cache.data());
    context->setTensorAddress("cache_out", cache.data());
    context->setTensorAddress("update", update.data());
    context->setTensorAddress("at", at.data());
    context->setTensorAddress("sum", sum.data());
    ASSERT_TRUE(context->enqueueV3(nullptr)) << logger.errors;
    EXPECT_THAT(cache, ElementsAre(10, 20, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 30, 40));
    EXPECT_THAT(sum, ElementsAre(36, 76));
    at = {1, 4};
    ASSERT_TRUE(context->enqueueV3(nullptr)) << logger.errors;
    EXPECT_THAT(cache, ElementsAre(10, 20, 10, 20, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 30, 40));
    // Elsewhere the whole of it is written.
    context->setTensorAddress("cache_out", other.data());
    at = {3, 0};
    ASSERT_TRUE(context->enqueueV3(nullptr)) << logger.errors;
    EXPECT_THAT(other, ElementsAre(10, 20, 10, 20, 1, 1, 10, 20, 30, 40, 1, 1, 1, 1, 30, 40));
}

TEST_F(KVCacheTest, SaysWhatIsWrong) {
    IKVCacheUpdateLayer* layer = add();
    layer->setName("kv");
    EXPECT_FALSE(layer->setCacheMode(static_cast<KVCacheMode>(1)));
    EXPECT_THAT(logger.takeErrors(), HasSubstr("cache mode 1 does not exist"));
    ITensor &cache = *network->getInput(0), &update = *network->getInput(1), &at = *network->getInput(2);
    EXPECT_EQ(network->addKVCacheUpdate(cache, update, at, static_cast<KVCacheMode>(2)), nullptr);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("cache mode 2 does not exist"));
    ITensor& after = *network->addIdentity(*layer->getOutput(0))->getOutput(0);
    output(after, "after");
    EXPECT_THAT(buildError(), AllOf(HasSubstr("kv"), HasSubstr("must be an output of the network")));
    output(*layer->getOutput(0), "cache_out");
    ILayer* reader = network->addIdentity(cache);
    reader->setName("reader");
    EXPECT_THAT(buildError(), AllOf(HasSubstr("kv"), HasSubstr("layer 'reader' reads the cache 'cache' too")));
    reader->setInput(0, update);
    network->markOutput(cache);
    EXPECT_THAT(buildError(), HasSubstr("is an output of the network as it was before the update"));
    network->unmarkOutput(cache);
    layer->setInput(0, after);
    EXPECT_THAT(buildError(), HasSubstr("it must be an input of the network"));
    layer->setInput(0, cache);
    layer->setInput(2, update);
    EXPECT_THAT(buildError(), AllOf(HasSubstr("kv"), HasSubstr("f32")));
}

}  // namespace
}  // namespace lathe_test
