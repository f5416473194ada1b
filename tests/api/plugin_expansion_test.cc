// SPDX-License-Identifier: Apache-2.0
// Plugins that become layers when an engine is built: lathe::setPluginExpansion(). What the shipped ones become is
// compared with their loops in conformance/shipped_plugins_test.cc.
#include <cstdlib>

#include "plugin_testing.h"

namespace lathe_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// value * x + y, as Axpy computes it.
bool expandAxpy(lathe::PluginToExpand* p) {
    auto* axpy = dynamic_cast<Axpy*>(p->v3);
    if (!axpy || p->v2 || p->nbInputs != 2 || p->nbOutputs != 1) return false;
    ITensor &x = *p->inputs[0], &y = *p->inputs[1];
    // The weights outlive what they are copied from.
    float value = axpy->value;
    Weights kept = lathe::keepWeights(*p->network, {DataType::kFLOAT, &value, 1});
    value = -1;
    Dims ones = x.getDimensions();
    std::fill(ones.d, ones.d + ones.nbDims, 1);
    ITensor* factor = p->network->addConstant(ones, kept)->getOutput(0);
    ILayer* product = p->network->addElementWise(x, *factor, ElementWiseOperation::kPROD);
    product->setName("product");
    p->outputs[0] = p->network->addElementWise(*product->getOutput(0), y, ElementWiseOperation::kSUM)->getOutput(0);
    return true;
}

class PluginExpansionTest : public PluginTest {
  protected:
    void TearDown() override {
        lathe::setPluginExpansion("Axpy", "1", "", nullptr);
        lathe::setPluginExpansion("OldDynamic", "1", "", nullptr);
        PluginTest::TearDown();
    }
    // Axpy(3) of two inputs of this shape.
    void addAxpy(std::initializer_list<int64_t> shape) {
        ILayer* layer = addV3({&input("x", shape), &input("y", shape)}, Axpy(3));
        ASSERT_TRUE(layer);
        layer->setName("the plugin");
        output(layer, 0, "out");
    }
    std::string explained(const IHostMemory& plan) {
        auto engine = load(plan);
        if (!engine) return "no engine: " + logger.errors;
        std::unique_ptr<IHostMemory> text(lathe::explain(*engine));
        return {static_cast<const char*>(text->data()), text->size()};
    }
    void computes() {
        feed<float>("x", {3}, {1, 2, 3});
        feed<float>("y", {3}, {10, 20, 30});
        EXPECT_THAT(run(config.get())["out"].as<float>(), ElementsAre(13, 26, 39));
    }
};

TEST_F(PluginExpansionTest, LayersTakeThePluginsPlace) {
    EXPECT_FALSE(lathe::setPluginExpansion(nullptr, "1", "", expandAxpy));
    EXPECT_FALSE(lathe::setPluginExpansion("", "1", "", expandAxpy));
    EXPECT_TRUE(lathe::setPluginExpansion("Axpy", "1", "", expandAxpy));
    // Neither for building nor for loading is there a creator.
    addAxpy({3});
    computes();
    EXPECT_EQ(counts.enqueued, 0);
    auto bytes = plan();
    ASSERT_TRUE(bytes) << logger.errors;
    EXPECT_THAT(logger.all, HasSubstr("layer 'the plugin': plugin 'Axpy', version '1' is made of 3 layers"));
    const std::string text = explained(*bytes);
    EXPECT_THAT(text, Not(HasSubstr("\"op\": \"plugin\"")));
    EXPECT_THAT(text, HasSubstr("the plugin/"));
    EXPECT_THAT(text, HasSubstr("{\"name\": \"the plugin\", \"fate\": \"executed\""));
}

TEST_F(PluginExpansionTest, CanBeSwitchedOff) {
    Registered<V3Creator<Axpy>> creator;
    lathe::setPluginExpansion("Axpy", "1", "", expandAxpy);
    addAxpy({3});
    setenv("LATHE_EXPAND_PLUGINS", "0", 1);
    computes();
    unsetenv("LATHE_EXPAND_PLUGINS");
    EXPECT_EQ(counts.enqueued, 1);
    lathe::setPluginExpansion("Axpy", "1", "", nullptr);
    computes();
    EXPECT_EQ(counts.enqueued, 2);
    EXPECT_THAT(logger.all, Not(HasSubstr("is made of")));
}

TEST_F(PluginExpansionTest, ShapesThatVaryStay) {
    lathe::setPluginExpansion("Axpy", "1", "", expandAxpy);
    ITensor &x = input("x", {-1, 2}), &y = input("y", {-1, 2});
    for (ITensor* t : {&x, &y}) t->setDimensionName(0, "rows");
    output(addV3({&x, &y}, Axpy(3)), 0, "out");
    IOptimizationProfile* p = builder->createOptimizationProfile();
    for (const char* n : {"x", "y"}) {
        p->setDimensions(n, OptProfileSelector::kMIN, dims({1, 2}));
        p->setDimensions(n, OptProfileSelector::kOPT, dims({2, 2}));
        p->setDimensions(n, OptProfileSelector::kMAX, dims({4, 2}));
    }
    config->addOptimizationProfile(p);
    feed<float>("x", {2, 2}, {1, 2, 3, 4});
    feed<float>("y", {2, 2}, {10, 20, 30, 40});
    EXPECT_THAT(run(config.get())["out"].as<float>(), ElementsAre(13, 26, 39, 52));
    EXPECT_EQ(logger.warnings, "");
}

// x and y may broadcast, which the plugin knows nothing of: its output has x's shape.
TEST_F(PluginExpansionTest, APluginWhoseShapeCannotBeProvenStays) {
    Registered<V3Creator<Axpy>> creator;
    lathe::setPluginExpansion("Axpy", "1", "", expandAxpy);
    addAxpy({-1});
    IOptimizationProfile* p = builder->createOptimizationProfile();
    for (const char* n : {"x", "y"})
        for (auto s : {OptProfileSelector::kMIN, OptProfileSelector::kOPT, OptProfileSelector::kMAX})
            p->setDimensions(n, s, dims({s == OptProfileSelector::kMIN ? 1 : 3}));
    config->addOptimizationProfile(p);
    computes();
    EXPECT_EQ(counts.enqueued, 1);
    EXPECT_THAT(logger.warnings,
                HasSubstr("layer 'the plugin': plugin 'Axpy', version '1' is not made of layers, and stays a plugin: "
                          "output 0 is f32["));
}

TEST_F(PluginExpansionTest, OthersOfTheNameAndThoseThatAreRefusedStay) {
    Registered<V3Creator<Axpy>> creator;
    addAxpy({3});
    lathe::setPluginExpansion("Axpy", "1", "", [](lathe::PluginToExpand*) { return false; });
    computes();
    EXPECT_EQ(logger.warnings, "");
    lathe::setPluginExpansion("Axpy", "1", "", [](lathe::PluginToExpand* p) {
        p->network->addSoftMax(*p->inputs[0])->setAxes(64);
        p->outputs[0] = lathe::addOp(*p->network, "no_such_op", p->inputs, 2) ? p->inputs[0] : nullptr;
        return true;
    });
    computes();
    EXPECT_THAT(logger.warnings, HasSubstr("there is no op 'no_such_op'"));
    logger.warnings.clear();
    lathe::setPluginExpansion("Axpy", "1", "", [](lathe::PluginToExpand*) { return true; });
    computes();
    EXPECT_THAT(logger.warnings, HasSubstr("an output is none of its layers'"));
    logger.warnings.clear();
    lathe::setPluginExpansion("Axpy", "1", "", [](lathe::PluginToExpand* p) {
        IIfConditional* branch = p->network->addIfConditional();
        p->outputs[0] = branch->addInput(*p->inputs[0])->getOutput(0);
        return true;
    });
    computes();
    EXPECT_THAT(logger.warnings, HasSubstr("it belongs to a loop or conditional"));
    logger.warnings.clear();
    // What is refused only as a layer is lowered.
    lathe::setPluginExpansion("Axpy", "1", "", [](lathe::PluginToExpand* p) {
        p->outputs[0] = lathe::addOp(*p->network, "matmul", p->inputs, 1) ? p->inputs[0] : nullptr;
        return true;
    });
    computes();
    EXPECT_THAT(logger.warnings, HasSubstr("its layer '(Unnamed Layer* 0) [Plugin]': "));
    EXPECT_EQ(counts.enqueued, 5);
}

TEST_F(PluginExpansionTest, OutputsThatDifferAreErrors) {
    Registered<V3Creator<Axpy>> creator;
    addAxpy({3});
    lathe::setPluginExpansion("Axpy", "1", "", [](lathe::PluginToExpand* p) {
        p->outputs[0] = p->network->addCast(*p->inputs[0], DataType::kHALF)->getOutput(0);
        return true;
    });
    EXPECT_THAT(buildError(), HasSubstr("layer 'the plugin': plugin 'Axpy', version '1': output 0 of its layers is "
                                        "f16[3], the plugin's f32[3]"));
    lathe::setPluginExpansion("Axpy", "1", "", [](lathe::PluginToExpand* p) {
        p->outputs[0] = p->network->addConcatenation(p->inputs, 2)->getOutput(0);
        return true;
    });
    EXPECT_THAT(buildError(), HasSubstr("output 0 of its layers is f32[6], the plugin's f32[3]"));
}

TEST_F(PluginExpansionTest, ConstantsAreKnown) {
    lathe::setPluginExpansion("OldDynamic", "1", "", [](lathe::PluginToExpand* p) {
        int64_t known[2] = {};
        if (!p->v2 || p->v3 || lathe::knownIntegers(*p->inputs[1], known, 2) != 2 || known[0] != 5 || known[1] != -7)
            return false;
        // A further row of what the constant says.
        ITensor* value = p->network->addCast(*p->inputs[1], DataType::kFLOAT)->getOutput(0);
        value = p->network->addReduce(*value, ReduceOperation::kSUM, 1, true)->getOutput(0);
        ITensor* rows[] = {p->inputs[0], value};
        p->outputs[0] = p->network->addConcatenation(rows, 2)->getOutput(0);
        return true;
    });
    output(addV2({&input("x", {2}), &constant<int32_t>({2}, {5, -7})}, OldDynamic(1)), 0, "out");
    feed<float>("x", {2}, {1, 2});
    EXPECT_THAT(run(config.get())["out"].as<float>(), ElementsAre(1, 2, -2));
    EXPECT_THAT(logger.all, HasSubstr("is made of"));
}

// A library says it of its own.
TEST_F(PluginExpansionTest, LibrariesAreAsked) {
    IPluginRegistry& registry = builder->getPluginRegistry();
    IPluginRegistry::PluginLibraryHandle library = registry.loadLibrary(LATHE_TEST_PLUGINS);
    ASSERT_TRUE(library);
    float two = 2;
    PluginField field("value", &two, PluginFieldType::kFLOAT32, 1);
    PluginFieldCollection fields{1, &field};
    auto* creator = static_cast<IPluginCreatorV3One*>(registry.getCreator("Axpy", "1"));
    {
        std::unique_ptr<IPluginV3> axpy(creator->createPlugin("a", &fields, TensorRTPhase::kBUILD));
        ITensor* in[] = {&input("x", {2}), &input("y", {2})};
        output(network->addPluginV3(in, 2, nullptr, 0, *axpy), 0, "out");
    }
    EXPECT_TRUE(plan()) << logger.errors;
    ASSERT_TRUE(getenv("LATHE_TEST_EXPAND"));
    unsetenv("LATHE_TEST_EXPAND");
    network.reset();
    registry.deregisterLibrary(library);
    // Its function is forgotten with it.
    network.reset(builder->createNetworkV2(0));
    Registered<V3Creator<Axpy>> own;
    addAxpy({3});
    computes();
    EXPECT_EQ(getenv("LATHE_TEST_EXPAND"), nullptr);
}

}  // namespace
}  // namespace lathe_test
