// SPDX-License-Identifier: Apache-2.0
// The kinds of plugins that only versions 6 and 7 have: IPlugin and IPluginExt, which belong to the application.
#include "plugins_testing.h"

#if LATHE_TRT < 8
#include "Lathe.h"
#include "NvOnnxParserRuntime.h"

namespace compat_testing {
namespace {

IPluginLayer* add(INetworkDefinition& n, ITensor* x, First& p) { return n.addPlugin(&x, 1, p); }
IPluginLayer* add(INetworkDefinition& n, ITensor* x, FirstExt& p) { return n.addPluginExt(&x, 1, p); }

template <class P>
class Factory : public IPluginFactory {
  public:
    IPlugin* createPlugin(const char* layer, const void* bytes, size_t size) override {
        if (refuse || size != 12) return nullptr;
        float value;
        std::memcpy(&value, bytes, sizeof value);
        names.push_back(layer);
        made.emplace_back(new P(value));
        std::memcpy(&made.back()->each, static_cast<const char*>(bytes) + 4, 8);
        return made.back().get();
    }
    bool refuse = false;
    std::vector<std::string> names;
    std::vector<std::unique_ptr<P> > made;
};

template <class P>
class FirstKinds : public ::testing::Test {};
using Firsts = ::testing::Types<First, FirstExt>;
TYPED_TEST_SUITE(FirstKinds, Firsts);

TYPED_TEST(FirstKinds, RunSerializeAndComeBackByAFactory) {
    for (const char* type : {"IPlugin", "IPluginExt"}) lathe::setHostPlugin(type, "1");
    clear();
    Network net;
    net.builder->setMaxBatchSize(3);
    ITensor* x = net.network->addInput("x", DataType::kFLOAT, dims({2}));
    TypeParam one(1), ten(10);
    IPluginLayer* a = add(*net.network, x, one);
    ASSERT_TRUE(a) << last(net.logger);
    a->setName("one");
    EXPECT_EQ(a->getType(), LayerType::kPLUGIN);
    EXPECT_EQ(&a->getPlugin(), &one);  // the application's own object
    IPluginLayer* b = add(*net.network, a->getOutput(0), ten);
    b->setName("ten");
    net.network->markOutput(*b->getOutput(0));
    Owned<ICudaEngine> engine(net.builder->buildCudaEngine(*net.network));
    ASSERT_TRUE(engine) << last(net.logger);
    EXPECT_EQ(counts.largestBatch, 3);
    EXPECT_EQ(run(*engine, {1, 2, 3, 4}, 4, 2), std::vector<float>({12, 13, 14, 15}));
    Owned<IHostMemory> plan(engine->serialize());
    engine.reset();
    EXPECT_EQ(counts.initialized, counts.terminated);
    EXPECT_GE(counts.initialized, 2);

    Owned<IRuntime> runtime(createInferRuntime(net.logger));
    EXPECT_FALSE(runtime->deserializeCudaEngine(plan->data(), plan->size(), nullptr));
    EXPECT_TRUE(net.logger.saw("deserializeCudaEngine() was given none"));
    Factory<TypeParam> factory;
    factory.refuse = true;
    EXPECT_FALSE(runtime->deserializeCudaEngine(plan->data(), plan->size(), &factory));
    EXPECT_TRUE(net.logger.saw("the IPluginFactory answers null"));
    auto* none = nvonnxparser::createPluginFactory(net.logger);
    EXPECT_FALSE(runtime->deserializeCudaEngine(plan->data(), plan->size(), none));
    none->destroy();
    factory.refuse = false;
    engine.reset(runtime->deserializeCudaEngine(plan->data(), plan->size(), &factory));
    ASSERT_TRUE(engine) << last(net.logger);
    EXPECT_EQ(factory.names, std::vector<std::string>({"one", "ten"}));
    EXPECT_EQ(run(*engine, {1, 2}, 2, 1), std::vector<float>({12, 13}));
    // What a plugin throws is an error like others.
    factory.made[0]->value = -1;
    Owned<IExecutionContext> context(engine->createExecutionContext());
    std::vector<float> in(2), out(2);
    void* bindings[] = {in.data(), out.data()};
    EXPECT_FALSE(context->execute(1, bindings));
    EXPECT_TRUE(net.logger.saw("a negative value"));
    context.reset();
    engine.reset();
}

}  // namespace
}  // namespace compat_testing
#endif
