// SPDX-License-Identifier: Apache-2.0
// Plugins of the older APIs: every kind, with either batch, through plans, and what is wrong with them.
#include "compat_testing.h"

#include <cstring>
#include <stdexcept>

#include "Lathe.h"
#include "NvCaffeParser.h"
#include "NvInferPlugin.h"
#include "NvOnnxParser.h"
#if LATHE_TRT == 6 || LATHE_TRT == 7
#include "NvOnnxParserRuntime.h"
#endif

#if LATHE_TRT >= 8
#define NX noexcept
#define OUTPUTS void* const*
#else
#define NX
#define OUTPUTS void**
#endif

namespace compat_testing {
namespace {

int live = 0, initialized = 0, terminated = 0, attached = 0, detached = 0;
int32_t largestBatch = 0;

int64_t volumeOf(const Dims& d) {
    int64_t n = 1;
    for (int i = 0; i < d.nbDims; ++i) n *= d.d[i];
    return n;
}

// What the kinds have in common: x + value; the number of elements of an entry is known once configured.
struct State {
    float value = 0;
    int64_t each = 0;
    void add(int64_t n, void const* x, void* y) const {
        for (int64_t i = 0; i < n; ++i) static_cast<float*>(y)[i] = static_cast<float const*>(x)[i] + value;
    }
};

template <class D, class I>
class Plugin : public I {
  public:
    explicit Plugin(State s) : state(s) { ++live; }
    virtual ~Plugin() { --live; }
    AsciiChar const* getPluginType() const NX override { return D::name(); }
    AsciiChar const* getPluginVersion() const NX override { return "1"; }
    int32_t getNbOutputs() const NX override { return 1; }
    int32_t initialize() NX override { return ++initialized, 0; }
    void terminate() NX override { ++terminated; }
    size_t getSerializationSize() const NX override { return sizeof state; }
    void serialize(void* buffer) const NX override { std::memcpy(buffer, &state, sizeof state); }
    void destroy() NX override { delete static_cast<D*>(this); }
    I* clone() const NX override {
        D* copy = new D(state);
        copy->setPluginNamespace(space.c_str());
        return copy;
    }
    void setPluginNamespace(AsciiChar const* s) NX override { space = s ? s : ""; }
    AsciiChar const* getPluginNamespace() const NX override { return space.c_str(); }
    State state;
    std::string space;
};

template <class D>
class V2Plugin : public Plugin<D, IPluginV2> {
  public:
    using Plugin<D, IPluginV2>::Plugin;
    using Plugin<D, IPluginV2>::state;
    Dims getOutputDimensions(int32_t, Dims const* in, int32_t) NX override { return in[0]; }
    bool supportsFormat(DataType t, PluginFormat f) const NX override {
        return t == DataType::kFLOAT && static_cast<int>(f) == 0;
    }
    void configureWithFormat(Dims const* in, int32_t, Dims const*, int32_t, DataType, PluginFormat,
                             int32_t batch) NX override {
        state.each = volumeOf(in[0]);
        largestBatch = batch;
    }
    size_t getWorkspaceSize(int32_t) const NX override { return 16; }
    int32_t enqueue(int32_t batch, void const* const* x, OUTPUTS y, void* workspace, cudaStream_t) NX override {
        if (!workspace) return 1;
        state.add(batch * state.each, x[0], y[0]);
        return 0;
    }
};

class V2 : public V2Plugin<V2> {
  public:
    using V2Plugin::V2Plugin;
    static const char* name() { return "CompatV2"; }
};

template <class D, class I>
class ExtPlugin : public Plugin<D, I> {
  public:
    using Plugin<D, I>::Plugin;
    DataType getOutputDataType(int32_t, DataType const* in, int32_t) const NX override { return in[0]; }
    void attachToContext(cudnnContext*, cublasContext*, IGpuAllocator* a) NX override {
        ++attached;
        if (a) a->free(a->allocate(64, 64, 0));
    }
    void detachFromContext() NX override { ++detached; }
};

template <class D, class I>
class StaticPlugin : public ExtPlugin<D, I> {
  public:
    using ExtPlugin<D, I>::ExtPlugin;
    bool isOutputBroadcastAcrossBatch(int32_t, bool const*, int32_t) const NX override { return false; }
    bool canBroadcastInputAcrossBatch(int32_t) const NX override { return false; }
    Dims getOutputDimensions(int32_t, Dims const* in, int32_t) NX override { return in[0]; }
    size_t getWorkspaceSize(int32_t) const NX override { return 0; }
    int32_t enqueue(int32_t batch, void const* const* x, OUTPUTS y, void*, cudaStream_t) NX override {
        this->state.add(batch * this->state.each, x[0], y[0]);
        return 0;
    }
};

class Ext : public StaticPlugin<Ext, IPluginV2Ext> {
  public:
    using StaticPlugin::StaticPlugin;
    static const char* name() { return "CompatExt"; }
    bool supportsFormat(DataType t, PluginFormat f) const NX override {
        return t == DataType::kFLOAT && static_cast<int>(f) == 0;
    }
    void configurePlugin(Dims const* in, int32_t, Dims const*, int32_t, DataType const*, DataType const*, bool const*,
                         bool const*, PluginFormat, int32_t batch) NX override {
        state.each = volumeOf(in[0]);
        largestBatch = batch;
    }
};

class IoExt : public StaticPlugin<IoExt, IPluginV2IOExt> {
  public:
    using StaticPlugin::StaticPlugin;
    static const char* name() { return "CompatIo"; }
    void configurePlugin(PluginTensorDesc const* in, int32_t, PluginTensorDesc const*, int32_t) NX override {
        state.each = volumeOf(in[0].dims);
    }
    bool supportsFormatCombination(int32_t pos, PluginTensorDesc const* io, int32_t, int32_t) const NX override {
        return io[pos].type == DataType::kFLOAT && static_cast<int>(io[pos].format) == 0;
    }
};

// With one more row than its input.
class Dynamic : public ExtPlugin<Dynamic, IPluginV2DynamicExt> {
  public:
    using ExtPlugin::ExtPlugin;
    static const char* name() { return "CompatDynamic"; }
    DimsExprs getOutputDimensions(int32_t, DimsExprs const* in, int32_t, IExprBuilder& e) NX override {
        DimsExprs out = in[0];
        out.d[0] = e.operation(DimensionOperation::kSUM, *in[0].d[0], *e.constant(1));
        if (in[0].d[1]->isConstant() && in[0].d[1]->getConstantValue() != 2) out.nbDims = -1;
        return out;
    }
    bool supportsFormatCombination(int32_t pos, PluginTensorDesc const* io, int32_t, int32_t) NX override {
        return io[pos].type == DataType::kFLOAT && static_cast<int>(io[pos].format) == 0;
    }
    void configurePlugin(DynamicPluginTensorDesc const* in, int32_t n, DynamicPluginTensorDesc const*,
                         int32_t m) NX override {
        if (n != 1 || m != 1 || in[0].max.nbDims != 2) std::abort();
    }
    size_t getWorkspaceSize(PluginTensorDesc const* in, int32_t, PluginTensorDesc const*, int32_t) const NX override {
        return static_cast<size_t>(volumeOf(in[0].dims));
    }
    int32_t enqueue(PluginTensorDesc const* in, PluginTensorDesc const* out, void const* const* x, void* const* y,
                    void* workspace, cudaStream_t) NX override {
        if (!workspace) return 3;
        int64_t n = volumeOf(in[0].dims);
        state.add(n, x[0], y[0]);
        for (int64_t i = n; i < volumeOf(out[0].dims); ++i) static_cast<float*>(y[0])[i] = state.value;
        return 0;
    }
};

template <class P>
class Creator : public IPluginCreator {
  public:
    AsciiChar const* getPluginName() const NX override { return P::name(); }
    AsciiChar const* getPluginVersion() const NX override { return "1"; }
    PluginFieldCollection const* getFieldNames() NX override { return &fields; }
    IPluginV2* createPlugin(AsciiChar const*, PluginFieldCollection const* fc) NX override {
        State s;
        for (int i = 0; fc && i < fc->nbFields; ++i)
            if (!std::strcmp(fc->fields[i].name, "value")) s.value = *static_cast<float const*>(fc->fields[i].data);
        return new P(s);
    }
    IPluginV2* deserializePlugin(AsciiChar const*, void const* data, size_t size) NX override {
        State s;
        if (size != sizeof s) return nullptr;
        std::memcpy(&s, data, size);
        return new P(s);
    }
    void setPluginNamespace(AsciiChar const* s) NX override { space = s ? s : ""; }
    AsciiChar const* getPluginNamespace() const NX override { return space.c_str(); }
    PluginField field{"value", nullptr, PluginFieldType::kFLOAT32, 1};
    PluginFieldCollection fields{1, &field};
    std::string space;
};

class Registered : public V2Plugin<Registered> {
  public:
    using V2Plugin::V2Plugin;
    static const char* name() { return "CompatRegistered"; }
};

// The shipped plugins write to the logger that they were given, for as long as the program runs.
Logger& lasting() {
    static auto& logger = *new Logger;
    return logger;
}

void clear() { initialized = terminated = attached = detached = 0, largestBatch = 0; }
std::string last(const Logger& logger) { return logger.errors.empty() ? "" : logger.errors.back(); }

template <class P>
class StaticKinds : public ::testing::Test {};
using Statics = ::testing::Types<V2, Ext, IoExt>;
TYPED_TEST_SUITE(StaticKinds, Statics);

TYPED_TEST(StaticKinds, RunWithAnImplicitBatchSerializeAndComeBack) {
    lathe::setHostPlugin(TypeParam::name(), "1");
    clear();
    {
        Network net;
        net.builder->setMaxBatchSize(4);
        ITensor* x = net.network->addInput("x", DataType::kFLOAT, dims({3}));
        ITensor* y = net.network->addActivation(*x, ActivationType::kRELU)->getOutput(0);
        TypeParam plugin(State{0.5f, 0});
        IPluginV2Layer* layer = net.network->addPluginV2(&y, 1, plugin);
        ASSERT_TRUE(layer) << last(net.logger);
        EXPECT_EQ(layer->getType(), LayerType::kPLUGIN_V2);
        EXPECT_STREQ(layer->getPlugin().getPluginType(), TypeParam::name());
        EXPECT_NE(&layer->getPlugin(), &plugin);  // the network has a copy
        EXPECT_EQ(list(layer->getOutput(0)->getDimensions()), std::vector<int32_t>({3}));
        net.network->markOutput(*layer->getOutput(0));
        // Nothing is registered: an engine that was just built has its plugins.
        auto engine = net.build();
        ASSERT_TRUE(engine) << last(net.logger);
        EXPECT_EQ(run(*engine, {1, -2, 3, -4, 5, -6}, 6, 2), std::vector<float>({1.5f, .5f, 3.5f, .5f, 5.5f, .5f}));
        if (!std::is_same<TypeParam, IoExt>::value) {
            EXPECT_EQ(largestBatch, 4);
        }
        Owned<IHostMemory> plan(engine->serialize());
        engine.reset();
        EXPECT_EQ(initialized, terminated);
        EXPECT_EQ(attached, detached);

        Owned<IRuntime> runtime(createInferRuntime(net.logger));
        EXPECT_FALSE(runtime->deserializeCudaEngine(plan->data(), plan->size(), nullptr));
        EXPECT_TRUE(net.logger.saw("no creator of it is registered"));
        EXPECT_TRUE(net.logger.saw(TypeParam::name()));
        static Creator<TypeParam> creator;
        ASSERT_TRUE(getPluginRegistry()->registerCreator(creator, ""));
        EXPECT_FALSE(getPluginRegistry()->registerCreator(creator, ""));
        EXPECT_TRUE(getPluginRegistry()->registerCreator(creator, "other"));
        EXPECT_EQ(getPluginRegistry()->getPluginCreator(TypeParam::name(), "1", ""), &creator);
        EXPECT_EQ(getPluginRegistry()->getPluginCreator(TypeParam::name(), "2", ""), nullptr);
        engine.reset(runtime->deserializeCudaEngine(plan->data(), plan->size(), nullptr));
        ASSERT_TRUE(engine) << last(net.logger);
        EXPECT_EQ(run(*engine, {1, -2, 3}, 3, 1), std::vector<float>({1.5f, .5f, 3.5f}));
    }
    EXPECT_EQ(live, 0);
}

TYPED_TEST(StaticKinds, RunWithABatchOfOneAndAnExplicitOne) {
    lathe::setHostPlugin(TypeParam::name(), "1");
    for (bool implicit : {true, false}) {
        Network net(implicit);
        ITensor* x = net.network->addInput("x", DataType::kFLOAT, implicit ? dims({3}) : dims({1, 3}));
        TypeParam plugin(State{2, 0});
        net.network->markOutput(*net.network->addPluginV2(&x, 1, plugin)->getOutput(0));
        auto engine = net.build();
        ASSERT_TRUE(engine) << last(net.logger);
        EXPECT_EQ(run(*engine, {1, -2, 3}, 3, 1, implicit), std::vector<float>({3, 0, 5}));
    }
}

TEST(DynamicPlugin, RunsWithAnExplicitBatchSerializesAndComesBack) {
    lathe::setHostPlugin("CompatDynamic", "1");
    static Creator<Dynamic> creator;
    getPluginRegistry()->registerCreator(creator, "");
    Network net(false);
    ITensor* x = net.network->addInput("x", DataType::kFLOAT, dims({-1, 2}));
    Dynamic plugin(State{0.5f, 0});
    IPluginV2Layer* layer = net.network->addPluginV2(&x, 1, plugin);
    ASSERT_TRUE(layer) << last(net.logger);
    EXPECT_EQ(list(layer->getOutput(0)->getDimensions()), std::vector<int32_t>({-1, 2}));
    net.network->markOutput(*layer->getOutput(0));
    IOptimizationProfile* p = net.builder->createOptimizationProfile();
    for (auto s : {OptProfileSelector::kMIN, OptProfileSelector::kOPT, OptProfileSelector::kMAX})
        p->setDimensions("x", s, dims({s == OptProfileSelector::kMAX ? 4 : 1, 2}));
    net.config->addOptimizationProfile(p);
    auto engine = net.build();
    ASSERT_TRUE(engine) << last(net.logger);
    Owned<IHostMemory> plan(engine->serialize());
    Owned<IRuntime> runtime(createInferRuntime(net.logger));
    for (int round = 0; round < 2; ++round) {
        Owned<IExecutionContext> context(engine->createExecutionContext());
        ASSERT_TRUE(context->setBindingDimensions(0, dims({2, 2})));
        std::vector<float> in{1, 2, 3, 4}, out(6);
        void* bindings[] = {in.data(), out.data()};
        ASSERT_TRUE(context->executeV2(bindings)) << last(net.logger);
        EXPECT_EQ(out, std::vector<float>({1.5f, 2.5f, 3.5f, 4.5f, .5f, .5f}));
        context.reset();
        engine.reset(runtime->deserializeCudaEngine(plan->data(), plan->size(), nullptr));
        ASSERT_TRUE(engine) << last(net.logger);
    }
}

TEST(PluginErrors, AreToldWithTheirReason) {
    Network net;
    ITensor* x = net.network->addInput("x", DataType::kFLOAT, dims({3}));
    V2 plugin(State{1, 0});
    ITensor* none = nullptr;
    EXPECT_FALSE(net.network->addPluginV2(&none, 1, plugin));
    EXPECT_TRUE(net.logger.saw("input 0 is null"));
    EXPECT_FALSE(net.network->addPluginV2(nullptr, 1, plugin));
    // One that is not known to take host pointers.
    lathe::setHostPlugin("CompatV2", "1", "", false);
    net.network->markOutput(*net.network->addPluginV2(&x, 1, plugin)->getOutput(0));
    EXPECT_FALSE(net.build());
    EXPECT_TRUE(net.logger.saw("not known to work on host memory"));
    EXPECT_FALSE(lathe::setHostPlugin("", "1"));
    EXPECT_FALSE(lathe::setPluginTraits("X", "1", "", 0));
    EXPECT_FALSE(lathe::setPluginTraits("X", "1", "", lathe::kCAPTURABLE));
    EXPECT_FALSE(lathe::setPluginTraits("X", "1", "", 64));
    EXPECT_EQ(getPluginRegistry()->getPluginCreator("Nobody", "1", ""), nullptr);
    EXPECT_EQ(getPluginRegistry()->getPluginCreator(nullptr, "1", ""), nullptr);
}

TEST(PluginErrors, ADynamicOneOfAnImpossibleShape) {
    lathe::setHostPlugin("CompatDynamic", "1");
    Network net(false);
    ITensor* x = net.network->addInput("x", DataType::kFLOAT, dims({1, 5}));  // it wants 2
    Dynamic plugin(State{1, 0});
    IPluginV2Layer* layer = net.network->addPluginV2(&x, 1, plugin);
    ASSERT_TRUE(layer);
    EXPECT_EQ(layer->getOutput(0)->getDimensions().nbDims, -1);
    EXPECT_TRUE(net.logger.saw("CompatDynamic")) << last(net.logger);
}

TEST(PluginRegistry, HasTheLibrarysOwnPlugins) {
    ASSERT_TRUE(initLibNvInferPlugins(&lasting(), ""));
    IPluginCreator* creator = getPluginRegistry()->getPluginCreator("LReLU_TRT", "1", "");
    ASSERT_TRUE(creator);
    EXPECT_STREQ(creator->getPluginName(), "LReLU_TRT");
    EXPECT_EQ(creator->getTensorRTVersion(), NV_TENSORRT_VERSION);
    ASSERT_EQ(creator->getFieldNames()->nbFields, 1);
    EXPECT_STREQ(creator->getFieldNames()->fields[0].name, "negSlope");
    int32_t count = 0;
    IPluginCreator* const* all = getPluginRegistry()->getPluginCreatorList(&count);
    EXPECT_NE(std::find(all, all + count, creator), all + count);
    float slope = 0.25f;
    PluginField field("negSlope", &slope, PluginFieldType::kFLOAT32, 1);
    PluginFieldCollection fields{1, &field};
    Owned<IPluginV2> plugin(creator->createPlugin("lrelu", &fields));
    ASSERT_TRUE(plugin);
    Network net;
    net.builder->setMaxBatchSize(2);
    ITensor* x = net.network->addInput("x", DataType::kFLOAT, dims({2}));
    IPluginV2Layer* layer = net.network->addPluginV2(&x, 1, *plugin);
    ASSERT_TRUE(layer) << last(net.logger);
    EXPECT_STREQ(layer->getPlugin().getPluginType(), "LReLU_TRT");
    net.network->markOutput(*layer->getOutput(0));
    auto engine = net.build();
    ASSERT_TRUE(engine) << last(net.logger);
    EXPECT_EQ(run(*engine, {-4, 4, -8, 8}, 4, 2), std::vector<float>({-1, 4, -2, 8}));
    field.type = PluginFieldType::kCHAR;
    EXPECT_FALSE(creator->createPlugin("lrelu", &fields));
    std::vector<char> bytes(plugin->getSerializationSize());
    plugin->serialize(bytes.data());
    Owned<IPluginV2> again(creator->deserializePlugin("lrelu", bytes.data(), bytes.size()));
    EXPECT_TRUE(again);
    EXPECT_FALSE(creator->deserializePlugin("lrelu", bytes.data(), bytes.size() - 1));
}

// A plugin of the application's under the name of a shipped one, whose creator its plans would find.
class Taken : public V2Plugin<Taken> {
  public:
    using V2Plugin::V2Plugin;
    static const char* name() { return "Clip_TRT"; }
};

TEST(PluginErrors, TheNameOfAShippedPluginIsTaken) {
    Network net;
    ASSERT_TRUE(initLibNvInferPlugins(&lasting(), ""));
    ITensor* x = net.network->addInput("x", DataType::kFLOAT, dims({3}));
    Taken plugin(State{1, 0});
    EXPECT_FALSE(net.network->addPluginV2(&x, 1, plugin));
    EXPECT_TRUE(net.logger.saw("'Clip_TRT', version '1'"));
    Creator<Taken> creator;
    EXPECT_FALSE(getPluginRegistry()->registerCreator(creator, ""));
}

using RegisteredCreator = Creator<Registered>;
REGISTER_TENSORRT_PLUGIN(RegisteredCreator);

TEST(PluginRegistry, TakesCreatorsWhileTheProgramStarts) {
    IPluginCreator* creator = getPluginRegistry()->getPluginCreator("CompatRegistered", "1", "");
    ASSERT_TRUE(creator);
    Owned<IPluginV2> plugin(creator->createPlugin("p", nullptr));
    EXPECT_STREQ(plugin->getPluginType(), "CompatRegistered");
}

// A message of protobuf's wire format, with what an ONNX model needs.
std::string field(int number, const std::string& bytes) {
    std::string out{static_cast<char>(number << 3 | 2)};
    for (std::size_t n = bytes.size(); true; n >>= 7) {
        out += static_cast<char>((n & 127) | (n > 127 ? 128 : 0));
        if (n < 128) break;
    }
    return out + bytes;
}
std::string number(int field, int value) { return {static_cast<char>(field << 3), static_cast<char>(value)}; }

std::string tensor(const char* name, std::initializer_list<int> extents) {
    std::string shape;
    for (int e : extents) shape += field(1, number(1, e));
    return field(1, name) + field(2, field(1, number(1, 1) + field(2, shape)));
}

TEST(OnnxPlugins, AreFoundByTheirOperatorsName) {
    lathe::setHostPlugin("CompatRegistered", "1");
    float value = 2.5f;
    std::string bits(reinterpret_cast<const char*>(&value), 4), type{'\xa0', '\x01', '\x01'};  // field 20: FLOAT
    std::string attribute = field(1, "value") + std::string{static_cast<char>(2 << 3 | 5)} + bits + type;
    std::string node =
        field(1, "x") + field(2, "y") + field(3, "special") + field(4, "CompatRegistered") + field(5, attribute);
    std::string graph =
        field(1, node) + field(2, "g") + field(11, tensor("x", {1, 3})) + field(12, tensor("y", {1, 3}));
    std::string model = number(1, 7) + field(7, graph) + field(8, number(2, 11));
    Network net(false);
    nvonnxparser::IParser* parser = nvonnxparser::createParser(*net.network, net.logger);
    ASSERT_TRUE(parser->parse(model.data(), model.size()))
        << (parser->getNbErrors() ? parser->getError(0)->desc() : "");
    auto engine = net.build();
    ASSERT_TRUE(engine) << last(net.logger);
    EXPECT_EQ(run(*engine, {1, -2, 3}, 3, 1, false), std::vector<float>({3.5f, .5f, 5.5f}));
    // The creator makes it again.
    Owned<IHostMemory> plan(engine->serialize());
    Owned<IRuntime> runtime(createInferRuntime(net.logger));
    Owned<ICudaEngine> again(runtime->deserializeCudaEngine(plan->data(), plan->size(), nullptr));
    ASSERT_TRUE(again) << last(net.logger);
    EXPECT_EQ(run(*again, {0, 0, 0}, 3, 1, false), std::vector<float>(3, 2.5f));
    parser->destroy();
}

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
    EXPECT_EQ(live, 0);
}

#if LATHE_TRT >= 8
TEST(PluginRegistry, RefusesLibrariesWithTheReason) {
    Logger logger;
    Owned<IRuntime> runtime(createInferRuntime(logger));
    EXPECT_FALSE(getPluginRegistry()->loadLibrary("/nowhere/plugins.so"));
    EXPECT_FALSE(getPluginRegistry()->loadLibrary(nullptr));
    EXPECT_FALSE(getPluginRegistry()->loadLibrary("libnvinfer.so.10"));
    Creator<V2> creator;
    ASSERT_TRUE(getPluginRegistry()->registerCreator(creator, "gone"));
    EXPECT_TRUE(getPluginRegistry()->deregisterCreator(creator));
    EXPECT_FALSE(getPluginRegistry()->deregisterCreator(creator));
    EXPECT_FALSE(getPluginRegistry()->getPluginCreator("CompatV2", "1", "gone"));
    ASSERT_TRUE(getPluginRegistry()->registerCreator(creator, "gone"));
    EXPECT_TRUE(getPluginRegistry()->deregisterCreator(creator));
}
#else
// As code of version 6 has it.
template <class I>
class FirstKind : public I {
  public:
    explicit FirstKind(float value) : value(value) {}
    int getNbOutputs() const override { return 1; }
    Dims getOutputDimensions(int, const Dims* in, int) override { return in[0]; }
    int initialize() override { return ++initialized, 0; }
    void terminate() override { ++terminated; }
    size_t getWorkspaceSize(int) const override { return 0; }
    int enqueue(int batch, const void* const* x, void** y, void*, cudaStream_t) override {
        if (value < 0) throw std::runtime_error("a negative value");
        for (int64_t i = 0; i < batch * each; ++i)
            static_cast<float*>(y[0])[i] = static_cast<const float*>(x[0])[i] + value;
        return 0;
    }
    size_t getSerializationSize() override { return sizeof value + sizeof each; }
    void serialize(void* buffer) override {
        std::memcpy(buffer, &value, sizeof value);
        std::memcpy(static_cast<char*>(buffer) + sizeof value, &each, sizeof each);
    }
    float value;
    int64_t each = 0;
};

class First : public FirstKind<IPlugin> {
  public:
    using FirstKind::FirstKind;
    void configure(const Dims* in, int, const Dims*, int, int batch) override {
        each = volumeOf(in[0]);
        largestBatch = batch;
    }
};

class FirstExt : public FirstKind<IPluginExt> {
  public:
    using FirstKind::FirstKind;
    bool supportsFormat(DataType t, PluginFormat f) const override {
        return t == DataType::kFLOAT && static_cast<int>(f) == 0;
    }
    void configureWithFormat(const Dims* in, int, const Dims*, int, DataType, PluginFormat, int batch) override {
        each = volumeOf(in[0]);
        largestBatch = batch;
    }
};

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
    EXPECT_EQ(largestBatch, 3);
    EXPECT_EQ(run(*engine, {1, 2, 3, 4}, 4, 2), std::vector<float>({12, 13, 14, 15}));
    Owned<IHostMemory> plan(engine->serialize());
    engine.reset();
    EXPECT_EQ(initialized, terminated);
    EXPECT_GE(initialized, 2);

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
