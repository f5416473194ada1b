// SPDX-License-Identifier: Apache-2.0
// Plugins of every kind, small ones, for tests. They work on host memory and count what is done with them.
#pragma once

#include <cmath>
#include <cstring>

#include "api_testing.h"

namespace lathe_test {

struct Counts {
    int attached = 0, detached = 0, initialized = 0, terminated = 0, live = 0, shapeChanges = 0, enqueued = 0;
    int lastTactic = -1, configured = 0;
    void clear() { *this = Counts{}; }
};
inline Counts counts;

inline int64_t volumeOf(const Dims& d) {
    int64_t n = 1;
    for (int i = 0; i < d.nbDims; ++i) n *= d.d[i];
    return n;
}

// What a V3 plugin of one float attribute needs; the rest is in the derived class.
template <class D, class Build = IPluginV3OneBuildV2>
class V3Base : public IPluginV3, public IPluginV3OneCore, public Build, public IPluginV3OneRuntime {
  public:
    explicit V3Base(float value) : value(value) { ++counts.live; }
    V3Base(const V3Base& other) : value(other.value) { ++counts.live; }
    ~V3Base() override { --counts.live; }

    IPluginCapability* getCapabilityInterface(PluginCapabilityType type) noexcept override {
        if (type == PluginCapabilityType::kCORE) return static_cast<IPluginV3OneCore*>(this);
        if (type == PluginCapabilityType::kBUILD) return static_cast<Build*>(this);
        return static_cast<IPluginV3OneRuntime*>(this);
    }
    IPluginV3* clone() noexcept override { return new D(static_cast<const D&>(*this)); }
    AsciiChar const* getPluginName() const noexcept override { return D::kName; }
    AsciiChar const* getPluginVersion() const noexcept override { return "1"; }
    AsciiChar const* getPluginNamespace() const noexcept override { return D::kSpace; }
    static constexpr const char* kSpace = "";

    int32_t configurePlugin(DynamicPluginTensorDesc const*, int32_t, DynamicPluginTensorDesc const*,
                            int32_t) noexcept override {
        ++counts.configured;
        return 0;
    }
    int32_t getOutputDataTypes(DataType* out, int32_t n, DataType const* in, int32_t) const noexcept override {
        for (int i = 0; i < n; ++i) out[i] = in[0];
        return 0;
    }
    int32_t getOutputShapes(DimsExprs const* in, int32_t, DimsExprs const*, int32_t, DimsExprs* out, int32_t n,
                            IExprBuilder&) noexcept override {
        for (int i = 0; i < n; ++i) out[i] = in[0];
        return 0;
    }
    bool supportsFormatCombination(int32_t pos, DynamicPluginTensorDesc const* io, int32_t, int32_t) noexcept override {
        return io[pos].desc.format == TensorFormat::kLINEAR && io[pos].desc.type == DataType::kFLOAT;
    }
    int32_t getNbOutputs() const noexcept override { return 1; }
    int32_t setTactic(int32_t tactic) noexcept override {
        counts.lastTactic = tactic;
        return 0;
    }
    int32_t onShapeChange(PluginTensorDesc const*, int32_t, PluginTensorDesc const*, int32_t) noexcept override {
        ++counts.shapeChanges;
        return 0;
    }
    IPluginV3* attachToContext(IPluginResourceContext* context) noexcept override {
        ++counts.attached;
        return context && context->getGpuAllocator() ? clone() : nullptr;
    }
    PluginFieldCollection const* getFieldsToSerialize() noexcept override {
        field_ = PluginField("value", &value, PluginFieldType::kFLOAT32, 1);
        fields_ = {1, &field_};
        return &fields_;
    }
    float value;

  private:
    PluginField field_;
    PluginFieldCollection fields_;
};

template <class P>
class V3Creator final : public IPluginCreatorV3One {
  public:
    IPluginV3* createPlugin(AsciiChar const*, PluginFieldCollection const* fc, TensorRTPhase) noexcept override {
        float value = 0;
        for (int i = 0; fc && i < fc->nbFields; ++i)
            if (!std::strcmp(fc->fields[i].name, "value")) value = *static_cast<float const*>(fc->fields[i].data);
        return new P(value);
    }
    PluginFieldCollection const* getFieldNames() noexcept override { return &fields_; }
    AsciiChar const* getPluginName() const noexcept override { return P::kName; }
    AsciiChar const* getPluginVersion() const noexcept override { return "1"; }
    AsciiChar const* getPluginNamespace() const noexcept override { return P::kSpace; }

  private:
    PluginField field_{"value", nullptr, PluginFieldType::kFLOAT32, 1};
    PluginFieldCollection fields_{1, &field_};
};

// value * x + y, by one of three tactics; the third is wrong on purpose when `spoil` is set.
class Axpy : public V3Base<Axpy> {
  public:
    using V3Base::V3Base;
    static constexpr const char* kName = "Axpy";
    size_t getWorkspaceSize(DynamicPluginTensorDesc const* in, int32_t, DynamicPluginTensorDesc const*,
                            int32_t) const noexcept override {
        return static_cast<size_t>(volumeOf(in[0].max)) * sizeof(float);
    }
    int32_t enqueue(PluginTensorDesc const* in, PluginTensorDesc const*, void const* const* x, void* const* y,
                    void* workspace, cudaStream_t) noexcept override {
        ++counts.enqueued;
        int64_t n = volumeOf(in[0].dims);
        auto *a = static_cast<float const*>(x[0]), *b = static_cast<float const*>(x[1]);
        auto* scratch = static_cast<float*>(workspace);
        for (int64_t i = 0; i < n; ++i) scratch[i] = value * a[i];
        for (int64_t i = 0; i < n; ++i) static_cast<float*>(y[0])[i] = scratch[i] + b[i];
        return 0;
    }
};

class Tactical : public V3Base<Tactical> {
  public:
    using V3Base::V3Base;
    static constexpr const char* kName = "Tactical";
    static constexpr const char* kSpace = "mine";
    int32_t getNbTactics() noexcept override { return 2; }
    int32_t getValidTactics(int32_t* tactics, int32_t) noexcept override {
        tactics[0] = 3;
        tactics[1] = 8;
        return 0;
    }
    char const* getTimingCacheID() noexcept override { return "t"; }
    int32_t setTactic(int32_t tactic) noexcept override {
        tactic_ = tactic;
        return V3Base::setTactic(tactic);
    }
    int32_t enqueue(PluginTensorDesc const* in, PluginTensorDesc const*, void const* const* x, void* const* y, void*,
                    cudaStream_t) noexcept override {
        if (tactic_ != 3 && tactic_ != 8) return 5;
        int64_t n = volumeOf(in[0].dims);
        volatile float waste = 0;
        for (int64_t i = 0; i < (tactic_ == 3 ? 200'000 : 0); ++i) waste = waste + 1;  // tactic 8 is the fast one
        for (int64_t i = 0; i < n; ++i) static_cast<float*>(y[0])[i] = static_cast<float const*>(x[0])[i] + value;
        return 0;
    }

  private:
    int32_t tactic_ = 0;
};

// The positive elements of a vector, and how many there are.
class Positive : public V3Base<Positive> {
  public:
    using V3Base::V3Base;
    static constexpr const char* kName = "Positive";
    int32_t getNbOutputs() const noexcept override { return 2; }
    int32_t getOutputDataTypes(DataType* out, int32_t, DataType const* in, int32_t) const noexcept override {
        out[0] = in[0];
        out[1] = DataType::kINT32;
        return 0;
    }
    int32_t getOutputShapes(DimsExprs const* in, int32_t, DimsExprs const*, int32_t, DimsExprs* out, int32_t,
                            IExprBuilder& e) noexcept override {
        // Extents that are known are constants.
        if (in[0].d[0]->isConstant() && in[0].d[0]->getConstantValue() < 0) return 2;
        out[0].nbDims = 1;
        out[0].d[0] = e.declareSizeTensor(1, *e.operation(DimensionOperation::kFLOOR_DIV, *in[0].d[0], *e.constant(2)),
                                          *in[0].d[0]);
        out[1].nbDims = 0;
        return out[0].d[0]->isSizeTensor() ? 0 : 1;
    }
    bool supportsFormatCombination(int32_t pos, DynamicPluginTensorDesc const* io, int32_t, int32_t) noexcept override {
        return io[pos].desc.format == TensorFormat::kLINEAR &&
               io[pos].desc.type == (pos == 2 ? DataType::kINT32 : DataType::kFLOAT);
    }
    int32_t enqueue(PluginTensorDesc const* in, PluginTensorDesc const*, void const* const* x, void* const* y, void*,
                    cudaStream_t) noexcept override {
        int32_t n = 0;
        for (int64_t i = 0; i < in[0].dims.d[0]; ++i)
            if (float v = static_cast<float const*>(x[0])[i]; v > 0) static_cast<float*>(y[0])[n++] = v;
        *static_cast<int32_t*>(y[1]) = n;
        return 0;
    }
};

// x repeated; how often is told by a shape input.
class Repeat : public V3Base<Repeat> {
  public:
    using V3Base::V3Base;
    static constexpr const char* kName = "Repeat";
    int32_t getOutputShapes(DimsExprs const* in, int32_t, DimsExprs const* shapes, int32_t n, DimsExprs* out, int32_t,
                            IExprBuilder& e) noexcept override {
        if (n != 1 || shapes[0].nbDims != 1) return 2;
        out[0] = in[0];
        out[0].d[0] = e.operation(DimensionOperation::kPROD, *in[0].d[0], *shapes[0].d[0]);
        return 0;
    }
    int32_t enqueue(PluginTensorDesc const* in, PluginTensorDesc const* out, void const* const* x, void* const* y,
                    void*, cudaStream_t) noexcept override {
        int64_t n = volumeOf(in[0].dims), all = volumeOf(out[0].dims);
        for (int64_t i = 0; i < all; ++i) static_cast<float*>(y[0])[i] = static_cast<float const*>(x[0])[i % n];
        return 0;
    }
};

// Adds its value to the input's own memory.
class InPlace : public V3Base<InPlace> {
  public:
    using V3Base::V3Base;
    static constexpr const char* kName = "InPlace";
    int32_t getAliasedInput(int32_t output) noexcept override { return output == 0 ? 0 : -1; }
    int32_t enqueue(PluginTensorDesc const* in, PluginTensorDesc const*, void const* const* x, void* const* y, void*,
                    cudaStream_t) noexcept override {
        if (x[0] != y[0]) return 7;
        for (int64_t i = 0; i < volumeOf(in[0].dims); ++i) static_cast<float*>(y[0])[i] += value;
        return 0;
    }
};

// Takes channels-last only: adds the channel's index to each element.
class HwcOnly : public V3Base<HwcOnly, v_1_0::IPluginV3OneBuild> {
  public:
    using V3Base::V3Base;
    static constexpr const char* kName = "HwcOnly";
    bool supportsFormatCombination(int32_t pos, DynamicPluginTensorDesc const* io, int32_t, int32_t) noexcept override {
        return io[pos].desc.format == TensorFormat::kHWC && io[pos].desc.type == DataType::kFLOAT;
    }
    int32_t enqueue(PluginTensorDesc const* in, PluginTensorDesc const*, void const* const* x, void* const* y, void*,
                    cudaStream_t) noexcept override {
        if (in[0].format != TensorFormat::kHWC) return 1;
        int64_t c = in[0].dims.d[1];
        for (int64_t i = 0; i < volumeOf(in[0].dims); ++i)
            static_cast<float*>(y[0])[i] = static_cast<float const*>(x[0])[i] + static_cast<float>(i % c);
        return 0;
    }
};

// What the V2 kinds have in common: x + value.
template <class D, class I>
class V2Base : public I {
  public:
    explicit V2Base(float value) : value(value) { ++counts.live; }
    V2Base(const V2Base& o) : I(o), value(o.value), perSample(o.perSample) { ++counts.live; }
    ~V2Base() override { --counts.live; }
    AsciiChar const* getPluginType() const noexcept override { return D::kName; }
    AsciiChar const* getPluginVersion() const noexcept override { return "1"; }
    int32_t getNbOutputs() const noexcept override { return 1; }
    int32_t initialize() noexcept override {
        ++counts.initialized;
        return 0;
    }
    void terminate() noexcept override { ++counts.terminated; }
    size_t getSerializationSize() const noexcept override { return sizeof value + sizeof perSample; }
    void serialize(void* buffer) const noexcept override {
        std::memcpy(buffer, &value, sizeof value);
        std::memcpy(static_cast<char*>(buffer) + sizeof value, &perSample, sizeof perSample);
    }
    void destroy() noexcept override { delete static_cast<D*>(this); }
    I* clone() const noexcept override { return new D(static_cast<const D&>(*this)); }
    void setPluginNamespace(AsciiChar const* s) noexcept override { space_ = s ? s : ""; }
    AsciiChar const* getPluginNamespace() const noexcept override { return space_.c_str(); }
    void add(int64_t n, void const* x, void* y) const {
        ++counts.enqueued;
        for (int64_t i = 0; i < n; ++i) static_cast<float*>(y)[i] = static_cast<float const*>(x)[i] + value;
    }
    float value;
    int64_t perSample = 0;  // known once configured

  private:
    std::string space_;
};

class OldV2 : public V2Base<OldV2, IPluginV2> {
  public:
    using V2Base::V2Base;
    static constexpr const char* kName = "OldV2";
    Dims getOutputDimensions(int32_t, Dims const* in, int32_t) noexcept override { return in[0]; }
    bool supportsFormat(DataType t, PluginFormat f) const noexcept override {
        return t == DataType::kFLOAT && f == PluginFormat::kLINEAR;
    }
    void configureWithFormat(Dims const* in, int32_t, Dims const*, int32_t, DataType, PluginFormat,
                             int32_t) noexcept override {
        perSample = volumeOf(in[0]);
    }
    size_t getWorkspaceSize(int32_t) const noexcept override { return 0; }
    int32_t enqueue(int32_t batch, void const* const* x, void* const* y, void*, cudaStream_t) noexcept override {
        add(batch * perSample, x[0], y[0]);
        return 0;
    }
};

template <class D, class I>
class ExtBase : public V2Base<D, I> {
  public:
    using V2Base<D, I>::V2Base;
    DataType getOutputDataType(int32_t, DataType const* in, int32_t) const noexcept override { return in[0]; }
    void attachToContext(cudnnContext*, cublasContext*, IGpuAllocator* a) noexcept override {
        counts.attached += a != nullptr;
    }
    void detachFromContext() noexcept override { ++counts.detached; }
};

template <class D, class I>
class StaticExt : public ExtBase<D, I> {
  public:
    using ExtBase<D, I>::ExtBase;
    Dims getOutputDimensions(int32_t, Dims const* in, int32_t) noexcept override { return in[0]; }
    bool isOutputBroadcastAcrossBatch(int32_t, bool const*, int32_t) const noexcept override { return false; }
    bool canBroadcastInputAcrossBatch(int32_t) const noexcept override { return false; }
    size_t getWorkspaceSize(int32_t) const noexcept override { return 0; }
    int32_t enqueue(int32_t batch, void const* const* x, void* const* y, void*, cudaStream_t) noexcept override {
        this->add(batch * this->perSample, x[0], y[0]);
        return 0;
    }
};

class OldExt : public StaticExt<OldExt, IPluginV2Ext> {
  public:
    using StaticExt::StaticExt;
    static constexpr const char* kName = "OldExt";
    bool supportsFormat(DataType t, PluginFormat f) const noexcept override {
        return t == DataType::kFLOAT && f == PluginFormat::kLINEAR;
    }
    void configurePlugin(Dims const* in, int32_t, Dims const*, int32_t, DataType const*, DataType const*, bool const*,
                         bool const*, PluginFormat, int32_t) noexcept override {
        perSample = volumeOf(in[0]);
    }
};

class OldIo : public StaticExt<OldIo, IPluginV2IOExt> {
  public:
    using StaticExt::StaticExt;
    static constexpr const char* kName = "OldIo";
    void configurePlugin(PluginTensorDesc const* in, int32_t, PluginTensorDesc const*, int32_t) noexcept override {
        perSample = volumeOf(in[0].dims);
    }
    bool supportsFormatCombination(int32_t pos, PluginTensorDesc const* io, int32_t, int32_t) const noexcept override {
        return io[pos].type == DataType::kFLOAT && io[pos].format == TensorFormat::kLINEAR;
    }
};

class OldDynamic : public ExtBase<OldDynamic, IPluginV2DynamicExt> {
  public:
    using ExtBase::ExtBase;
    static constexpr const char* kName = "OldDynamic";
    // One more row than the input.
    DimsExprs getOutputDimensions(int32_t, DimsExprs const* in, int32_t, IExprBuilder& e) noexcept override {
        DimsExprs out = in[0];
        out.d[0] = e.operation(DimensionOperation::kSUM, *in[0].d[0], *e.constant(1));
        return out;
    }
    bool supportsFormatCombination(int32_t pos, PluginTensorDesc const* io, int32_t, int32_t) noexcept override {
        return io[pos].type == DataType::kFLOAT && io[pos].format == TensorFormat::kLINEAR;
    }
    void configurePlugin(DynamicPluginTensorDesc const*, int32_t, DynamicPluginTensorDesc const*,
                         int32_t) noexcept override {
        ++counts.configured;
    }
    size_t getWorkspaceSize(PluginTensorDesc const*, int32_t, PluginTensorDesc const*,
                            int32_t) const noexcept override {
        return 64;
    }
    int32_t enqueue(PluginTensorDesc const* in, PluginTensorDesc const* out, void const* const* x, void* const* y,
                    void* workspace, cudaStream_t) noexcept override {
        if (!workspace) return 3;
        int64_t n = volumeOf(in[0].dims);
        add(n, x[0], y[0]);
        for (int64_t i = n; i < volumeOf(out[0].dims); ++i) static_cast<float*>(y[0])[i] = value;
        return 0;
    }
};

template <class P>
class V1Creator final : public IPluginCreator {
  public:
    AsciiChar const* getPluginName() const noexcept override { return P::kName; }
    AsciiChar const* getPluginVersion() const noexcept override { return "1"; }
    PluginFieldCollection const* getFieldNames() noexcept override { return &fields_; }
    IPluginV2* createPlugin(AsciiChar const*, PluginFieldCollection const*) noexcept override { return new P(0); }
    IPluginV2* deserializePlugin(AsciiChar const*, void const* data, size_t size) noexcept override {
        P* p = new P(0);
        if (size != p->getSerializationSize()) {
            p->destroy();
            return nullptr;
        }
        std::memcpy(&p->value, data, sizeof p->value);
        std::memcpy(&p->perSample, static_cast<char const*>(data) + sizeof p->value, sizeof p->perSample);
        return p;
    }
    void setPluginNamespace(AsciiChar const* s) noexcept override { space_ = s ? s : ""; }
    AsciiChar const* getPluginNamespace() const noexcept override { return space_.c_str(); }

  private:
    PluginFieldCollection fields_{0, nullptr};
    std::string space_;
};

// Registers a creator while it lives, and says that its plugins work on host memory.
template <class C>
class Registered {
  public:
    explicit Registered(bool host = true, const char* space = "") {
        getPluginRegistry()->registerCreator(static_cast<IPluginCreatorInterface&>(creator), space);
        lathe::setHostPlugin(creator.getPluginName(), creator.getPluginVersion(), space, host);
    }
    ~Registered() { getPluginRegistry()->deregisterCreator(static_cast<IPluginCreatorInterface&>(creator)); }
    C creator;
};

class PluginTest : public NetworkTest {
  protected:
    void SetUp() override {
        NetworkTest::SetUp();
        config.reset(builder->createBuilderConfig());
        counts.clear();
    }

    template <class P>
    IPluginV3Layer* addV3(std::initializer_list<ITensor*> inputs, P&& plugin,
                          std::initializer_list<ITensor*> shapes = {}) {
        std::vector<ITensor*> in(inputs), sh(shapes);
        return network->addPluginV3(in.data(), static_cast<int32_t>(in.size()), sh.data(),
                                    static_cast<int32_t>(sh.size()), plugin);
    }
    template <class P>
    IPluginV2Layer* addV2(std::initializer_list<ITensor*> inputs, P&& plugin) {
        std::vector<ITensor*> in(inputs);
        return network->addPluginV2(in.data(), static_cast<int32_t>(in.size()), plugin);
    }
    void output(ILayer* layer, int i, const char* name) {
        ASSERT_TRUE(layer) << logger.errors;
        layer->getOutput(i)->setName(name);
        network->markOutput(*layer->getOutput(i));
    }
    void profile(const char* name, std::initializer_list<int64_t> min, std::initializer_list<int64_t> opt,
                 std::initializer_list<int64_t> max) {
        IOptimizationProfile* p = builder->createOptimizationProfile();
        p->setDimensions(name, OptProfileSelector::kMIN, dims(min));
        p->setDimensions(name, OptProfileSelector::kOPT, dims(opt));
        p->setDimensions(name, OptProfileSelector::kMAX, dims(max));
        config->addOptimizationProfile(p);
    }
    std::unique_ptr<IHostMemory> plan() {
        return std::unique_ptr<IHostMemory>(builder->buildSerializedNetwork(*network, *config));
    }
    std::unique_ptr<ICudaEngine> load(const IHostMemory& plan) {
        if (!runtime) runtime.reset(createInferRuntime(logger));
        return std::unique_ptr<ICudaEngine>(runtime->deserializeCudaEngine(plan.data(), plan.size()));
    }

    std::unique_ptr<IBuilderConfig> config;
    std::unique_ptr<IRuntime> runtime;
};

}  // namespace lathe_test
