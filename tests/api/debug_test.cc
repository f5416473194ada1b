// SPDX-License-Identifier: Apache-2.0
// Debug tensors through the API.
#include <algorithm>

#include "api_testing.h"

namespace lathe_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Op = ElementWiseOperation;

class Listener final : public IDebugListener {
  public:
    struct Report {
        std::string name;
        DataType type;
        std::vector<int64_t> shape;
        std::vector<float> values;  // of kFLOAT
    };
    bool processDebugTensor(void const* addr, TensorLocation location, DataType type, Dims const& shape,
                            char const* name, cudaStream_t) override {
        EXPECT_EQ(location, TensorLocation::kHOST);
        Report r{name, type, list(shape), {}};
        int64_t count = 1;
        for (int64_t d : r.shape) count *= d;
        const auto* data = static_cast<const float*>(addr);
        if (type == DataType::kFLOAT) r.values.assign(data, data + count);
        reports.push_back(std::move(r));
        return name != failAt;
    }
    std::vector<std::string> names() const {
        std::vector<std::string> out;
        for (const Report& r : reports) out.push_back(r.name);
        return out;
    }
    std::vector<Report> reports;
    std::string failAt;
};

class DebugTest : public NetworkTest {
  protected:
    ITensor& named(ILayer* layer, const char* name) {
        layer->getOutput(0)->setName(name);
        return *layer->getOutput(0);
    }
    ITensor& binary(ITensor& a, Op op, ITensor& b, const char* name) {
        return named(network->addElementWise(a, b, op), name);
    }
    // Builds, loads and makes a context; `floats` are inputs and outputs to bind.
    void prepare(std::map<std::string, std::vector<float>*> floats, bool fp16 = false) {
        std::unique_ptr<IBuilderConfig> config(builder->createBuilderConfig());
        config->setBuilderOptimizationLevel(0);
        if (fp16) config->setFlag(BuilderFlag::kFP16);
        std::unique_ptr<IHostMemory> plan(builder->buildSerializedNetwork(*network, *config));
        ASSERT_TRUE(plan) << logger.errors;
        runtime.reset(createInferRuntime(logger));
        engine.reset(runtime->deserializeCudaEngine(plan->data(), plan->size()));
        ASSERT_TRUE(engine) << logger.errors;
        context.reset(engine->createExecutionContext());
        ASSERT_TRUE(context) << logger.errors;
        for (auto& [name, values] : floats)
            ASSERT_TRUE(context->setTensorAddress(name.c_str(), values->data())) << logger.errors;
        EXPECT_TRUE(context->setDebugListener(&listener));
        EXPECT_EQ(context->getDebugListener(), &listener);
    }
    void TearDown() override {
        context.reset();
        engine.reset();
        runtime.reset();
        NetworkTest::TearDown();
    }

    Listener listener;
    std::unique_ptr<IRuntime> runtime;
    std::unique_ptr<ICudaEngine> engine;
    std::unique_ptr<IExecutionContext> context;
};

TEST_F(DebugTest, ReportsWhatWouldBeFusedAway) {
    ITensor& x = input("x", {3});
    ITensor& sum = binary(x, Op::kSUM, constant<float>({3}, {1, 1, 1}), "sum");
    ITensor& relu = named(network->addActivation(sum, ActivationType::kRELU), "relu");
    network->markOutput(binary(relu, Op::kPROD, x, "y"));
    EXPECT_FALSE(network->isDebugTensor(sum));
    EXPECT_TRUE(network->markDebug(sum));
    EXPECT_TRUE(network->markDebug(relu));
    EXPECT_TRUE(network->isDebugTensor(sum));
    EXPECT_TRUE(network->unmarkDebug(relu));
    EXPECT_FALSE(network->unmarkDebug(relu));
    EXPECT_TRUE(network->markDebug(x));
    std::vector<float> in = {1, -2, 3}, out(3);
    prepare({{"x", &in}, {"y", &out}});
    EXPECT_TRUE(engine->isDebugTensor("sum"));
    EXPECT_FALSE(engine->isDebugTensor("relu"));
    EXPECT_FALSE(engine->isDebugTensor("y"));

    ASSERT_TRUE(context->enqueueV3(nullptr)) << logger.errors;
    EXPECT_THAT(listener.reports, IsEmpty());
    EXPECT_FALSE(context->getDebugState("sum"));
    EXPECT_TRUE(context->setTensorDebugState("sum", true));
    EXPECT_TRUE(context->getDebugState("sum"));
    ASSERT_TRUE(context->enqueueV3(nullptr)) << logger.errors;
    ASSERT_THAT(listener.names(), ElementsAre("sum"));
    EXPECT_THAT(listener.reports[0].values, ElementsAre(2, -1, 4));
    EXPECT_THAT(listener.reports[0].shape, ElementsAre(3));
    EXPECT_THAT(out, ElementsAre(2, 0, 12));

    listener.reports.clear();
    EXPECT_TRUE(context->setAllTensorsDebugState(true));
    ASSERT_TRUE(context->enqueueV3(nullptr)) << logger.errors;
    ASSERT_THAT(listener.names(), ElementsAre("x", "sum"));
    EXPECT_THAT(listener.reports[0].values, ElementsAre(1, -2, 3));
    listener.failAt = "sum";
    EXPECT_FALSE(context->enqueueV3(nullptr));
    EXPECT_THAT(logger.takeErrors(), HasSubstr("the debug listener failed for 'sum'"));
    listener.reports.clear();
    EXPECT_TRUE(context->setAllTensorsDebugState(false));
    ASSERT_TRUE(context->enqueueV3(nullptr)) << logger.errors;
    EXPECT_TRUE(context->setAllTensorsDebugState(true));
    EXPECT_TRUE(context->setDebugListener(nullptr));
    ASSERT_TRUE(context->enqueueV3(nullptr)) << logger.errors;
    EXPECT_THAT(listener.reports, IsEmpty());
    EXPECT_FALSE(context->setTensorDebugState("relu", true));
    EXPECT_THAT(logger.takeErrors(), HasSubstr("'relu' is not a debug tensor"));
    EXPECT_FALSE(context->setTensorDebugState(nullptr, true));
    EXPECT_THAT(logger.takeErrors(), HasSubstr("is not a debug tensor"));
}

// Its type is the network's, whatever the engine computes in; what is constant or left unused is reported as well.
TEST_F(DebugTest, KeepsTypesAndUnusedTensors) {
    ITensor &x = input("x", {2, 2}), &c = constant<float>({2, 2}, {1, 2, 3, 4});
    c.setName("c");
    ITensor& product =
        named(network->addMatrixMultiply(x, MatrixOperation::kNONE, c, MatrixOperation::kNONE), "product");
    ITensor& unused = named(network->addUnary(x, UnaryOperation::kNEG), "unused");
    network->markOutput(named(network->addActivation(product, ActivationType::kRELU), "y"));
    for (ITensor* t : {&c, &product, &unused}) EXPECT_TRUE(network->markDebug(*t));
    std::vector<float> in = {1, 0, 0, -1}, out(4);
    prepare({{"x", &in}, {"y", &out}}, /*fp16=*/true);
    EXPECT_TRUE(context->setAllTensorsDebugState(true));
    ASSERT_TRUE(context->enqueueV3(nullptr)) << logger.errors;
    std::map<std::string, Listener::Report> by;
    for (const auto& r : listener.reports) by[r.name] = r;
    ASSERT_EQ(by.size(), 3u);
    EXPECT_THAT(by["c"].values, ElementsAre(1, 2, 3, 4));
    EXPECT_THAT(by["product"].values, ElementsAre(1, 2, -3, -4));
    EXPECT_THAT(by["unused"].values, ElementsAre(-1, 0, 0, 1));
}

// In a loop, each iteration's; what only running tells has the extents that it has.
TEST_F(DebugTest, InLoopsAndWithFoundExtents) {
    ITensor& x = input("x", {4});
    ILoop* loop = network->addLoop();
    loop->addTripLimit(constant<int32_t>({}, {3}), TripLimit::kCOUNT);
    IRecurrenceLayer* total = loop->addRecurrence(x);
    ITensor& next = binary(*total->getOutput(0), Op::kSUM, x, "next");
    total->setInput(1, next);
    ITensor& last = *loop->addLoopOutput(*total->getOutput(0), LoopOutput::kLAST_VALUE)->getOutput(0);
    last.setName("last");
    network->markOutput(last);
    ITensor& found = named(network->addNonZero(x, DataType::kINT64), "found");
    network->markOutput(named(network->addReduce(found, ReduceOperation::kSUM, 3, false), "places"));
    for (ITensor* t : {&next, &found, &last}) EXPECT_TRUE(network->markDebug(*t));
    std::vector<float> in = {1, 0, 2, 0}, out(4), places(2);
    prepare({{"x", &in}, {"last", &out}, {"places", &places}});
    EXPECT_TRUE(context->setAllTensorsDebugState(true));
    ASSERT_TRUE(context->enqueueV3(nullptr)) << logger.errors;
    std::vector<std::vector<float>> steps;
    for (const auto& r : listener.reports) {
        if (r.name == "next") steps.push_back(r.values);
        if (r.name == "last") {
            EXPECT_THAT(r.values, ElementsAre(4, 0, 8, 0));
        }
        if (r.name == "found") {
            EXPECT_EQ(r.type, DataType::kINT64);
            EXPECT_THAT(r.shape, ElementsAre(1, 2));
        }
    }
    ASSERT_EQ(listener.reports.size(), 5u);
    EXPECT_THAT(steps, ElementsAre(ElementsAre(2, 0, 4, 0), ElementsAre(3, 0, 6, 0), ElementsAre(4, 0, 8, 0)));
}

TEST_F(DebugTest, UnfusedTensors) {
    ITensor& x = input("x", {1, 16, 8, 8});
    Weights w = pool.weights(std::vector<float>(16 * 16, 0.25f));
    ITensor& conv = named(network->addConvolutionNd(x, 16, dims({1, 1}), w, none()), "conv");
    ITensor& pooled = named(network->addPoolingNd(conv, PoolingType::kMAX, dims({2, 2})), "pooled");
    network->markOutput(named(network->addSoftMax(pooled), "y"));
    std::vector<float> in(16 * 64), out(16 * 49);
    for (size_t i = 0; i < in.size(); ++i) in[i] = static_cast<float>(i % 64);
    prepare({{"x", &in}, {"y", &out}});
    EXPECT_FALSE(context->setUnfusedTensorsDebugState(true));
    EXPECT_THAT(logger.takeErrors(), HasSubstr("did not mark its unfused tensors"));
    EXPECT_FALSE(context->getUnfusedTensorsDebugState());

    EXPECT_TRUE(network->markUnfusedTensorsAsDebugTensors());
    prepare({{"x", &in}, {"y", &out}});
    EXPECT_TRUE(context->setUnfusedTensorsDebugState(true));
    EXPECT_TRUE(context->getUnfusedTensorsDebugState());
    ASSERT_TRUE(context->enqueueV3(nullptr)) << logger.errors;
    auto names = listener.names();
    ASSERT_TRUE(std::count(names.begin(), names.end(), "conv")) << ::testing::PrintToString(names);
    for (const auto& r : listener.reports) {
        if (r.name != "conv") continue;
        // Row-major, however the steps lay it out: each channel is four times the image.
        EXPECT_THAT(r.shape, ElementsAre(1, 16, 8, 8));
        for (size_t i = 0; i < r.values.size(); ++i) ASSERT_EQ(r.values[i], 4.f * static_cast<float>(i % 64)) << i;
    }
    size_t all = listener.reports.size();
    EXPECT_TRUE(context->setUnfusedTensorsDebugState(false));
    ASSERT_TRUE(context->enqueueV3(nullptr)) << logger.errors;
    EXPECT_EQ(listener.reports.size(), all);
    EXPECT_TRUE(network->unmarkUnfusedTensorsAsDebugTensors());
}

TEST_F(DebugTest, SaysWhatIsWrong) {
    ITensor& x = input("x", {2});
    ITensor &a = named(network->addUnary(x, UnaryOperation::kNEG), "same"),
            &b = named(network->addUnary(a, UnaryOperation::kABS), "same");
    network->markOutput(named(network->addUnary(b, UnaryOperation::kEXP), "y"));
    network->markDebug(a);
    network->markDebug(b);
    std::unique_ptr<IBuilderConfig> config(builder->createBuilderConfig());
    std::unique_ptr<IHostMemory> plan(builder->buildSerializedNetwork(*network, *config));
    EXPECT_FALSE(plan);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("two debug tensors are named 'same'"));
    std::unique_ptr<INetworkDefinition> other(builder->createNetworkV2(0));
    EXPECT_FALSE(other->markDebug(x));
    EXPECT_THAT(logger.takeErrors(), HasSubstr("belongs to another network"));
}

}  // namespace
}  // namespace lathe_test
