// SPDX-License-Identifier: Apache-2.0
#include "api_testing.h"

namespace lathe_test {
namespace {

class Creator final : public IPluginCreatorV3One {
  public:
    Creator(const char* name, const char* version) : name_(name), version_(version) {}
    IPluginV3* createPlugin(AsciiChar const*, PluginFieldCollection const*, TensorRTPhase) noexcept override {
        return nullptr;
    }
    PluginFieldCollection const* getFieldNames() noexcept override { return &none_; }
    AsciiChar const* getPluginName() const noexcept override { return name_; }
    AsciiChar const* getPluginVersion() const noexcept override { return version_; }
    AsciiChar const* getPluginNamespace() const noexcept override { return ""; }

  private:
    const char *name_, *version_;
    PluginFieldCollection none_{0, nullptr};
};

class Resource final : public IPluginResource {
  public:
    static inline int live = 0, released = 0;
    Resource() { ++live; }
    Resource(const Resource&) : IPluginResource() { ++live; }
    ~Resource() override { --live; }
    int32_t release() noexcept override {
        ++released;
        return 0;
    }
    IPluginResource* clone() noexcept override { return new Resource(*this); }
};

TEST(PluginRegistryTest, CreatorsAreFoundByNameVersionAndNamespace) {
    IPluginRegistry& registry = *getPluginRegistry();
    EXPECT_EQ(getBuilderPluginRegistry(EngineCapability::kSTANDARD), &registry);
    Creator a("Shrink", "1"), b("Shrink", "2"), again("Shrink", "1");
    EXPECT_TRUE(registry.registerCreator(static_cast<IPluginCreatorInterface&>(a), ""));
    EXPECT_TRUE(registry.registerCreator(static_cast<IPluginCreatorInterface&>(b), ""));
    EXPECT_FALSE(registry.registerCreator(static_cast<IPluginCreatorInterface&>(again), ""));
    EXPECT_TRUE(registry.registerCreator(static_cast<IPluginCreatorInterface&>(again), "mine"));
    EXPECT_EQ(registry.getCreator("Shrink", "1"), &a);
    EXPECT_EQ(registry.getCreator("Shrink", "2", ""), &b);
    EXPECT_EQ(registry.getCreator("Shrink", "1", "mine"), &again);
    EXPECT_EQ(registry.getCreator("Shrink", "3"), nullptr);
    EXPECT_EQ(registry.getPluginCreator("Shrink", "1"), nullptr);  // not of the old kind
    int32_t count = 0;
    IPluginCreatorInterface* const* all = registry.getAllCreators(&count);
    EXPECT_EQ(std::count(all, all + count, &a), 1);
    for (Creator* c : {&a, &b, &again})
        EXPECT_TRUE(registry.deregisterCreator(static_cast<IPluginCreatorInterface&>(*c)));
    EXPECT_FALSE(registry.deregisterCreator(static_cast<IPluginCreatorInterface&>(a)));
    EXPECT_EQ(registry.getCreator("Shrink", "1"), nullptr);
}

TEST(PluginRegistryTest, LocalRegistriesSearchTheGlobalOne) {
    Logger logger;
    std::unique_ptr<IRuntime> runtime(createInferRuntime(logger));
    IPluginRegistry& local = runtime->getPluginRegistry();
    Creator a("Global", "1"), b("Local", "1");
    getPluginRegistry()->registerCreator(static_cast<IPluginCreatorInterface&>(a), "");
    local.registerCreator(static_cast<IPluginCreatorInterface&>(b), "");
    EXPECT_EQ(local.getCreator("Global", "1"), &a);
    EXPECT_EQ(getPluginRegistry()->getCreator("Local", "1"), nullptr);
    int32_t count = 0;
    IPluginCreatorInterface* const* all = local.getAllCreatorsRecursive(&count);
    EXPECT_EQ(std::count(all, all + count, &a), 1);
    EXPECT_EQ(std::count(all, all + count, &b), 1);
    local.setParentSearchEnabled(false);
    EXPECT_EQ(local.getCreator("Global", "1"), nullptr);
    getPluginRegistry()->deregisterCreator(static_cast<IPluginCreatorInterface&>(a));
}

TEST(PluginRegistryTest, ResourcesAreSharedAndCounted) {
    IPluginRegistry& registry = *getPluginRegistry();
    {
        Resource original;
        IPluginResource* one = registry.acquirePluginResource("weights", &original);
        EXPECT_NE(one, &original);
        EXPECT_EQ(registry.acquirePluginResource("weights", &original), one);
    }
    EXPECT_EQ(Resource::live, 1);
    EXPECT_EQ(registry.releasePluginResource("weights"), 0);
    EXPECT_EQ(Resource::released, 0);
    EXPECT_EQ(registry.releasePluginResource("weights"), 0);
    EXPECT_EQ(Resource::released, 1);
    EXPECT_EQ(Resource::live, 0);
    EXPECT_NE(registry.releasePluginResource("weights"), 0);
}

TEST(PluginRegistryTest, LibrariesThatAreNoneAreRefused) {
    EXPECT_EQ(getPluginRegistry()->loadLibrary("/nowhere/libnone.so"), nullptr);
    EXPECT_EQ(getPluginRegistry()->loadLibrary("libm.so.6"), nullptr);
}

}  // namespace
}  // namespace lathe_test
