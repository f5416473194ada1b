// SPDX-License-Identifier: Apache-2.0
// Plugins between processes: libraries in plans, and all that can be wrong with what a plan finds when it is loaded.
#include <dlfcn.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "plugin_testing.h"

namespace lathe_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

class LibraryInPlan : public PluginTest {
  protected:
    void SetUp() override {
        PluginTest::SetUp();
        folder = fs::path(::testing::TempDir()) / "lathe_plugin_plan";
        fs::remove_all(folder);
        fs::create_directories(folder);
    }
    void TearDown() override {
        fs::remove_all(folder);
        PluginTest::TearDown();
    }

    // A plan with a plugin of the test library, which is registered only while it is built.
    std::unique_ptr<IHostMemory> build(bool withLibrary, const char* path = LATHE_TEST_PLUGINS) {
        IPluginRegistry& registry = builder->getPluginRegistry();
        IPluginRegistry::PluginLibraryHandle library = registry.loadLibrary(LATHE_TEST_PLUGINS);
        EXPECT_TRUE(library);
        float two = 2;
        PluginField field("value", &two, PluginFieldType::kFLOAT32, 1);
        PluginFieldCollection fields{1, &field};
        auto* creator = static_cast<IPluginCreatorV3One*>(registry.getCreator("Axpy", "1"));
        {
            std::unique_ptr<IPluginV3> axpy(creator->createPlugin("a", &fields, TensorRTPhase::kBUILD));
            if (!network) network.reset(builder->createNetworkV2(0));
            ITensor* in[] = {&input("x", {2}), &input("y", {2})};
            output(network->addPluginV3(in, 2, nullptr, 0, *axpy), 0, "out");
        }
        if (withLibrary) config->setPluginsToSerialize(&path, 1);
        auto bytes = plan();
        network.reset();
        registry.deregisterLibrary(library);
        return bytes;
    }
    std::unique_ptr<ICudaEngine> loadBy(IRuntime& runtime, const IHostMemory& bytes) {
        return std::unique_ptr<ICudaEngine>(runtime.deserializeCudaEngine(bytes.data(), bytes.size()));
    }
    std::unique_ptr<IRuntime> newRuntime(bool allowed) {
        std::unique_ptr<IRuntime> r(createInferRuntime(logger));
        r->setEngineHostCodeAllowed(allowed);
        return r;
    }
    void runs(ICudaEngine& engine) {
        std::unique_ptr<IExecutionContext> context(engine.createExecutionContext());
        float x[] = {1, 2}, y[] = {10, 20}, out[2];
        context->setTensorAddress("x", x);
        context->setTensorAddress("y", y);
        context->setTensorAddress("out", out);
        ASSERT_TRUE(context->enqueueV3(nullptr)) << logger.errors;
        EXPECT_THAT(out, ElementsAre(12, 24));
    }
    fs::path folder;
};

TEST_F(LibraryInPlan, IsThereOnlyOnRequestAndLoadedOnlyWhereItIsAllowed) {
    auto plain = build(false), with = build(true);
    ASSERT_TRUE(plain && with) << logger.errors;
    EXPECT_GT(with->size(), plain->size() + 10'000);
    auto strict = newRuntime(false);
    EXPECT_FALSE(strict->getEngineHostCodeAllowed());
    EXPECT_FALSE(loadBy(*strict, *plain));
    EXPECT_THAT(logger.takeErrors(), HasSubstr("no creator of that name"));
    EXPECT_FALSE(loadBy(*strict, *with));
    std::string errors = logger.takeErrors();
    EXPECT_THAT(errors, HasSubstr("setEngineHostCodeAllowed"));
    EXPECT_THAT(errors, HasSubstr(fs::path(LATHE_TEST_PLUGINS).filename().string()));

    auto open = newRuntime(true);
    auto engine = loadBy(*open, *with);
    ASSERT_TRUE(engine) << logger.errors;
    runs(*engine);
    EXPECT_EQ(getPluginRegistry()->getCreator("Axpy", "1"), nullptr);  // of that runtime alone
    auto second = loadBy(*open, *with);
    ASSERT_TRUE(second) << logger.errors;
    // What was loaded is written again; and it runs after its runtime is gone.
    std::unique_ptr<IHostMemory> again(engine->serialize());
    ASSERT_EQ(again->size(), with->size());
    EXPECT_EQ(std::memcmp(again->data(), with->data(), with->size()), 0);
    open.reset();
    runs(*second);
    // What the program has registered itself goes first.
    auto own = newRuntime(true);
    V3Creator<Axpy> creator;
    own->getPluginRegistry().registerCreator(static_cast<IPluginCreatorInterface&>(creator), "");
    auto mine = loadBy(*own, *with);
    ASSERT_TRUE(mine) << logger.errors;
    counts.enqueued = 0;
    runs(*mine);
    EXPECT_EQ(counts.enqueued, 1);  // in this program's own code
    mine.reset();
    own->getPluginRegistry().deregisterCreator(static_cast<IPluginCreatorInterface&>(creator));
    auto other = newRuntime(true);
    auto third = loadBy(*other, *again);
    ASSERT_TRUE(third) << logger.errors;
    runs(*third);
}

TEST_F(LibraryInPlan, GoesByWayOfTheFilesThatAreAllowed) {
    auto with = build(true);
    ASSERT_TRUE(with) << logger.errors;
    auto bit = [](TempfileControlFlag f) { return 1u << static_cast<uint32_t>(f); };
    auto none = newRuntime(true);
    none->setTempfileControlFlags(0);
    EXPECT_FALSE(loadBy(*none, *with));
    EXPECT_THAT(logger.takeErrors(), HasSubstr("neither files in memory nor temporary files are allowed"));
    auto files = newRuntime(true);
    files->setTempfileControlFlags(bit(TempfileControlFlag::kALLOW_TEMPORARY_FILES));
    files->setTemporaryDirectory((folder / "nowhere").c_str());
    EXPECT_FALSE(loadBy(*files, *with));
    EXPECT_THAT(logger.takeErrors(), HasSubstr((folder / "nowhere").string()));
    files->setTemporaryDirectory(folder.c_str());
    auto engine = loadBy(*files, *with);
    ASSERT_TRUE(engine) << logger.errors;
    EXPECT_TRUE(fs::is_empty(folder));  // nothing stays
    runs(*engine);
    auto memory = newRuntime(true);
    memory->setTempfileControlFlags(bit(TempfileControlFlag::kALLOW_IN_MEMORY_FILES));
    memory->setTemporaryDirectory((folder / "nowhere").c_str());
    engine = loadBy(*memory, *with);
    ASSERT_TRUE(engine) << logger.errors;
    runs(*engine);
}

TEST_F(LibraryInPlan, DamageIsFound) {
    auto with = build(true);
    ASSERT_TRUE(with) << logger.errors;
    std::string bytes(static_cast<const char*>(with->data()), with->size());
    const size_t at = bytes.find(
        "\x7f"
        "ELF");
    ASSERT_NE(at, std::string::npos);
    bytes[at + 5000] = static_cast<char>(bytes[at + 5000] ^ 1);
    auto open = newRuntime(true);
    EXPECT_EQ(open->deserializeCudaEngine(bytes.data(), bytes.size()), nullptr);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("is damaged: its checksum is wrong"));
}

TEST_F(LibraryInPlan, MustBeALibrary) {
    EXPECT_FALSE(build(true, (folder / "missing.so").c_str()));
    EXPECT_THAT(logger.takeErrors(), HasSubstr("missing.so"));
    EXPECT_FALSE(build(true, folder.c_str()));
    EXPECT_THAT(logger.takeErrors(), HasSubstr(folder.string()));
    std::ofstream(folder / "text.so") << "no library at all";
    auto with = build(true, (folder / "text.so").c_str());
    ASSERT_TRUE(with) << logger.errors;
    auto open = newRuntime(true);
    EXPECT_FALSE(loadBy(*open, *with));
    EXPECT_THAT(logger.takeErrors(), HasSubstr("'text.so' of the plan is no shared library"));
    std::ofstream(folder / "broken.so") << "\x7f"
                                           "ELF and nothing behind it";
    with = build(true, (folder / "broken.so").c_str());
    EXPECT_FALSE(loadBy(*open, *with));
    EXPECT_THAT(logger.takeErrors(), HasSubstr("'broken.so' of the plan"));
    // A library, but none of plugins.
    Dl_info self{};
    ASSERT_TRUE(dladdr(reinterpret_cast<void*>(&getInferLibVersion), &self));
    with = build(true, self.dli_fname);
    EXPECT_FALSE(loadBy(*open, *with));
    EXPECT_THAT(logger.takeErrors(), HasSubstr("no function getCreators"));
}

TEST_F(LibraryInPlan, PathsAreChecked) {
    const char* twice[] = {LATHE_TEST_PLUGINS, LATHE_TEST_PLUGINS};
    config->setPluginsToSerialize(twice, 2);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("comes twice"));
    const char* none[] = {nullptr};
    config->setPluginsToSerialize(none, 1);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("path 0 is null"));
    config->setPluginsToSerialize(nullptr, 2);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("2 paths"));
    config->setPluginsToSerialize(nullptr, -1);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("-1 paths"));
    EXPECT_EQ(config->getNbPluginsToSerialize(), 0);
}

// A creator under Axpy's name that is not what the plan needs.
enum class MakerAnswer { kNull, kOtherPlugin, kOtherShape, kNoRuntimeFacet, kOtherInterface, kOtherNamespace };

class OtherShape : public V3Base<OtherShape> {
  public:
    using V3Base::V3Base;
    static constexpr const char* kName = "Axpy";
    int32_t getOutputShapes(DimsExprs const* in, int32_t, DimsExprs const*, int32_t, DimsExprs* out, int32_t,
                            IExprBuilder& e) noexcept override {
        out[0] = in[0];
        out[0].d[0] = e.constant(1);
        return 0;
    }
    int32_t enqueue(PluginTensorDesc const*, PluginTensorDesc const*, void const* const*, void* const*, void*,
                    cudaStream_t) noexcept override {
        return 0;
    }
};
class NoRuntime : public OtherShape {
  public:
    using OtherShape::OtherShape;
    IPluginCapability* getCapabilityInterface(PluginCapabilityType t) noexcept override {
        return t == PluginCapabilityType::kRUNTIME ? nullptr : OtherShape::getCapabilityInterface(t);
    }
};
class OtherSpace : public Axpy {
  public:
    using Axpy::Axpy;
    AsciiChar const* getPluginNamespace() const noexcept override { return "elsewhere"; }
};

class AnsweringCreator final : public IPluginCreatorV3One {
  public:
    explicit AnsweringCreator(MakerAnswer answer) : answer_(answer) {}
    IPluginV3* createPlugin(AsciiChar const*, PluginFieldCollection const*, TensorRTPhase) noexcept override {
        switch (answer_) {
            case MakerAnswer::kOtherPlugin: return new Tactical(1);
            case MakerAnswer::kOtherShape: return new OtherShape(1);
            case MakerAnswer::kNoRuntimeFacet: return new NoRuntime(1);
            case MakerAnswer::kOtherNamespace: return new OtherSpace(1);
            default: return nullptr;
        }
    }
    PluginFieldCollection const* getFieldNames() noexcept override { return &none_; }
    AsciiChar const* getPluginName() const noexcept override { return "Axpy"; }
    AsciiChar const* getPluginVersion() const noexcept override { return "1"; }
    AsciiChar const* getPluginNamespace() const noexcept override { return ""; }

  private:
    const MakerAnswer answer_;
    PluginFieldCollection none_{0, nullptr};
};
class OldUnderItsName : public OldDynamic {
  public:
    using OldDynamic::OldDynamic;
    static constexpr const char* kName = "Axpy";
};

class WrongCreator : public PluginTest {
  protected:
    std::unique_ptr<IHostMemory> axpyPlan() {
        Registered<V3Creator<Axpy>> creator;
        ITensor &x = input("x", {2}), &y = input("y", {2});
        ILayer* layer = addV3({&x, &y}, Axpy(1));
        layer->setName("special");
        output(layer, 0, "out");
        return plan();
    }
    void refused(const IHostMemory& bytes, IPluginCreatorInterface& creator, const char* reason) {
        ASSERT_TRUE(getPluginRegistry()->registerCreator(creator, ""));
        EXPECT_FALSE(load(bytes));
        std::string errors = logger.takeErrors();
        for (const char* part : {"special", "'Axpy', version '1'", reason}) EXPECT_THAT(errors, HasSubstr(part));
        getPluginRegistry()->deregisterCreator(creator);
    }
};

TEST_F(WrongCreator, IsRefusedWithLayerPluginAndReason) {
    auto bytes = axpyPlan();
    ASSERT_TRUE(bytes) << logger.errors;
    for (auto [answer, reason] : {std::pair{MakerAnswer::kNull, "there is no plugin (null)"},
                                  std::pair{MakerAnswer::kOtherPlugin, "its creator makes plugin 'Tactical'"},
                                  std::pair{MakerAnswer::kOtherShape, "describes its outputs in another way"},
                                  std::pair{MakerAnswer::kNoRuntimeFacet, "no facet kRUNTIME"},
                                  std::pair{MakerAnswer::kOtherNamespace, "namespace 'elsewhere'"}}) {
        AnsweringCreator creator(answer);
        refused(*bytes, creator, reason);
    }
    V1Creator<OldUnderItsName> old;
    refused(*bytes, old, "of kind 'PLUGIN CREATOR_V1', the plugin an IPluginV3");
}

// What a plan says that it wants, changed in its bytes: every byte of its structure in turn, with right checksums or
// not, must be an error or an engine that runs; here without right ones, so each is an error.
TEST_F(WrongCreator, DamagedPlansAreRefused) {
    auto bytes = axpyPlan();
    ASSERT_TRUE(bytes) << logger.errors;
    Registered<V3Creator<Axpy>> creator;
    std::string plan(static_cast<const char*>(bytes->data()), bytes->size());
    if (!runtime) runtime.reset(createInferRuntime(logger));
    const size_t at = plan.find("Axpy");
    ASSERT_NE(at, std::string::npos);
    for (size_t i = 0; i < 4; ++i) {
        std::string damaged = plan;
        damaged[at + i] = '?';
        EXPECT_EQ(runtime->deserializeCudaEngine(damaged.data(), damaged.size()), nullptr);
    }
    for (size_t size : {size_t{0}, size_t{1}, size_t{63}, plan.size() / 2, plan.size() - 1})
        EXPECT_EQ(runtime->deserializeCudaEngine(plan.data(), size), nullptr) << size;
    EXPECT_EQ(runtime->deserializeCudaEngine(nullptr, 10), nullptr);
    EXPECT_NE(logger.takeErrors(), "");
}

// A creator whose kind nobody knows.
class Unknown final : public IPluginCreatorInterface {
  public:
    InterfaceInfo getInterfaceInfo() const noexcept override { return InterfaceInfo{"PLUGIN CREATOR_V9", 9, 0}; }
    APILanguage getAPILanguage() const noexcept override { return APILanguage::kCPP; }
};
class Nameless final : public IPluginCreatorV3One {
  public:
    IPluginV3* createPlugin(AsciiChar const*, PluginFieldCollection const*, TensorRTPhase) noexcept override {
        return nullptr;
    }
    PluginFieldCollection const* getFieldNames() noexcept override { return nullptr; }
    AsciiChar const* getPluginName() const noexcept override { return nullptr; }
    AsciiChar const* getPluginVersion() const noexcept override { return nullptr; }
    AsciiChar const* getPluginNamespace() const noexcept override { return nullptr; }
};

TEST(PluginRegistryErrors, AreRecordedWithTheirReason) {
    Logger logger;
    std::unique_ptr<IRuntime> runtime(createInferRuntime(logger));
    IPluginRegistry& registry = runtime->getPluginRegistry();
    Recorder recorder;
    registry.setErrorRecorder(&recorder);
    auto told = [&](const char* reason) {
        EXPECT_THAT(logger.takeErrors(), HasSubstr(reason));
        ASSERT_EQ(recorder.errors.size(), 1u) << reason;
        EXPECT_THAT(recorder.errors[0].second, HasSubstr(reason));
        recorder.errors.clear();
    };
    Unknown unknown;
    EXPECT_FALSE(registry.registerCreator(unknown, ""));
    told("'PLUGIN CREATOR_V9' are not known");
    Nameless nameless;
    EXPECT_FALSE(registry.registerCreator(static_cast<IPluginCreatorInterface&>(nameless), ""));
    told("no name");
    V3Creator<Axpy> creator, other;
    auto& c = static_cast<IPluginCreatorInterface&>(creator);
    EXPECT_TRUE(registry.registerCreator(c, "a"));
    EXPECT_FALSE(registry.registerCreator(static_cast<IPluginCreatorInterface&>(other), "a"));
    told("'Axpy', version '1', namespace 'a' is registered already");
    EXPECT_FALSE(registry.deregisterCreator(static_cast<IPluginCreatorInterface&>(other)));
    EXPECT_TRUE(registry.deregisterCreator(c));
    EXPECT_FALSE(registry.deregisterCreator(c));
    EXPECT_EQ(registry.loadLibrary(nullptr), nullptr);
    told("the path is empty");
    EXPECT_EQ(registry.loadLibrary(""), nullptr);
    told("the path is empty");
    EXPECT_EQ(registry.loadLibrary("/nowhere/lib.so"), nullptr);
    told("/nowhere/lib.so");
    EXPECT_EQ(registry.loadLibrary("libnvinfer.so.10"), nullptr);
    told("'libnvinfer.so.10' has no function getCreators");
    registry.deregisterLibrary(nullptr);
    told("not one of loadLibrary");
    int here = 0;
    registry.deregisterLibrary(&here);
    told("not one of loadLibrary");
    EXPECT_EQ(registry.acquirePluginResource(nullptr, nullptr), nullptr);
    told("the key is null");
    EXPECT_EQ(registry.acquirePluginResource("k", nullptr), nullptr);
    told("resource 'k' is not registered");
    EXPECT_EQ(registry.releasePluginResource("k"), -1);
    EXPECT_EQ(registry.releasePluginResource(nullptr), -1);
    for (auto [name, version] : {std::pair{(const char*)nullptr, "1"}, std::pair{"Axpy", (const char*)nullptr},
                                 std::pair{"Nobody", "1"}, std::pair{"Axpy", "9"}, std::pair{"", ""}})
        EXPECT_EQ(registry.getCreator(name, version, "a"), nullptr);
    EXPECT_EQ(registry.getCreator("Axpy", "1", "nowhere"), nullptr);
    EXPECT_TRUE(recorder.errors.empty());
    registry.setErrorRecorder(nullptr);
    EXPECT_EQ(recorder.references, 0);
}

TEST(PluginTraits, AreCheckedAndKept) {
    EXPECT_FALSE(lathe::setPluginTraits(nullptr, "1", "", lathe::kHOST_POINTERS));
    EXPECT_FALSE(lathe::setPluginTraits("", "1", "", lathe::kHOST_POINTERS));
    EXPECT_FALSE(lathe::setPluginTraits("T", "1", "", 0));
    EXPECT_FALSE(lathe::setPluginTraits("T", "1", "", lathe::kCAPTURABLE));
    EXPECT_FALSE(lathe::setPluginTraits("T", "1", "", 8 | lathe::kHOST_POINTERS));
    EXPECT_FALSE(lathe::setHostPlugin("", "1"));
    EXPECT_TRUE(lathe::setPluginTraits("T", nullptr, nullptr, lathe::kHOST_POINTERS | lathe::kDEVICE_POINTERS));
    EXPECT_TRUE(lathe::setPluginTraits("T", nullptr, nullptr, lathe::kDEVICE_POINTERS));
}

// What a plugin learns of its context, when it is built and when it is loaded.
class Curious : public Axpy {
  public:
    using Axpy::Axpy;
    static constexpr const char* kName = "Axpy";
    static inline IErrorRecorder* recorder = nullptr;
    static inline bool allocated = false;
    IPluginV3* clone() noexcept override { return new Curious(value); }
    IPluginV3* attachToContext(IPluginResourceContext* c) noexcept override {
        recorder = c->getErrorRecorder();
        IGpuAllocator* a = c->getGpuAllocator();
        void* p = a->allocate(100, 256, 0);
        allocated = p && reinterpret_cast<uintptr_t>(p) % 256 == 0 && !a->allocate(1, 3 << 10, 0);
        a->deallocate(p);
        return clone();
    }
};

class PluginContextTest : public PluginTest {};

TEST_F(PluginContextTest, LearnsItsContextsErrorRecorderAndAllocator) {
    Registered<V3Creator<Curious>> creator;
    ITensor &x = input("x", {2}), &y = input("y", {2});
    output(addV3({&x, &y}, Curious(1)), 0, "out");
    auto bytes = plan();
    ASSERT_TRUE(bytes) << logger.errors;
    runtime.reset(createInferRuntime(logger));
    Recorder recorder;
    runtime->setErrorRecorder(&recorder);
    auto engine = load(*bytes);
    ASSERT_TRUE(engine) << logger.errors;
    std::unique_ptr<IExecutionContext> context(engine->createExecutionContext());
    float in[2] = {1, 2}, out[2];
    for (const char* n : {"x", "y"}) context->setTensorAddress(n, in);
    context->setTensorAddress("out", out);
    ASSERT_TRUE(context->enqueueV3(nullptr)) << logger.errors;
    EXPECT_EQ(Curious::recorder, &recorder);
    EXPECT_TRUE(Curious::allocated);
    context.reset();
    engine.reset();
    runtime.reset();
    EXPECT_EQ(recorder.references, 0);
}

}  // namespace
}  // namespace lathe_test
