// SPDX-License-Identifier: Apache-2.0
// Plugins of the older APIs that factories make of a Caffe network's layers.
#include "plugins_testing.h"

#include "Lathe.h"
#include "NvCaffeParser.h"

namespace compat_testing {
namespace {

// A layer that a factory makes of a Caffe network: x + value, where the value is in the model or not.
class CaffeV2 : public nvcaffeparser1::IPluginFactoryV2 {
  public:
    bool isPluginV2(char const* layer) NX override { return std::string(layer) == "special"; }
    IPluginV2* createPlugin(char const*, Weights const*, int32_t count, char const*) NX override {
        return count == 0 ? new V2(State{3, 0}) : nullptr;
    }
};

const char kDeploy[] = R"(name: "n"
input: "data" input_shape { dim: 1 dim: 3 dim: 1 dim: 1 }
layer { name: "first" type: "ReLU" bottom: "data" top: "a" }
layer { name: "special" type: "Nobody" bottom: "a" top: "b" }
layer { name: "last" type: "ReLU" bottom: "b" top: "c" }
)";

Owned<ICudaEngine> parseCaffe(Network& net, nvcaffeparser1::ICaffeParser& parser) {
#if LATHE_TRT >= 8
    auto* deploy = reinterpret_cast<const uint8_t*>(kDeploy);
#else
    auto* deploy = kDeploy;
#endif
    auto* blobs = parser.parseBuffers(deploy, sizeof kDeploy - 1, nullptr, 0, *net.network, DataType::kFLOAT);
    if (!blobs) return nullptr;
    net.network->markOutput(*blobs->find("c"));
    net.builder->setMaxBatchSize(2);
    return net.build();
}

TEST(CaffePlugins, ComeFromAFactory) {
    lathe::setHostPlugin("CompatV2", "1");
    {
        Network net;
        Owned<nvcaffeparser1::ICaffeParser> parser(nvcaffeparser1::createCaffeParser());
        EXPECT_FALSE(parseCaffe(net, *parser));
        EXPECT_TRUE(net.logger.saw("special"));
    }
    {
        Network net;
        Owned<nvcaffeparser1::ICaffeParser> parser(nvcaffeparser1::createCaffeParser());
        CaffeV2 factory;
        parser->setPluginFactoryV2(&factory);
        auto engine = parseCaffe(net, *parser);
        ASSERT_TRUE(engine) << last(net.logger);
        EXPECT_EQ(run(*engine, {1, -2, 3, -4, 5, -6}, 6, 2), std::vector<float>({4, 3, 6, 3, 8, 3}));
    }
    EXPECT_EQ(counts.live, 0);
}

#if LATHE_TRT < 8
class CaffeFirst : public nvcaffeparser1::IPluginFactory {
  public:
    bool isPlugin(const char* layer) override { return std::string(layer) == "special"; }
    IPlugin* createPlugin(const char*, const Weights*, int) override { return &plugin; }
    First plugin{3};
};
class CaffeExt : public nvcaffeparser1::IPluginFactoryExt {
  public:
    bool isPlugin(const char* layer) override { return isPluginExt(layer); }
    bool isPluginExt(const char* layer) override { return std::string(layer) == "special"; }
    IPlugin* createPlugin(const char*, const Weights*, int) override { return &plugin; }
    FirstExt plugin{3};
};

TEST(CaffePlugins, ComeFromTheOlderFactories) {
    for (const char* type : {"IPlugin", "IPluginExt"}) lathe::setHostPlugin(type, "1");
    CaffeFirst first;
    CaffeExt ext;
    EXPECT_GT(ext.getVersion(), 0);
    EXPECT_EQ(ext.plugin.getTensorRTVersion(), NV_TENSORRT_VERSION);
    for (int k = 0; k < 2; ++k) {
        Network net;
        Owned<nvcaffeparser1::ICaffeParser> parser(nvcaffeparser1::createCaffeParser());
        if (k == 0)
            parser->setPluginFactory(&first);
        else
            parser->setPluginFactoryExt(&ext);
        auto engine = parseCaffe(net, *parser);
        ASSERT_TRUE(engine) << last(net.logger);
        EXPECT_EQ(run(*engine, {1, -2, 3, -4, 5, -6}, 6, 2), std::vector<float>({4, 3, 6, 3, 8, 3}));
    }
}
#endif

}  // namespace
}  // namespace compat_testing
