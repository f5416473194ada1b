// SPDX-License-Identifier: Apache-2.0
// Plugins of every kind of the older APIs, all of which add a number to their input, and what they count.
#pragma once

#include "compat_testing.h"

#include <cstring>
#include <stdexcept>

#include "NvInferPlugin.h"

#if LATHE_TRT >= 8
#define NX noexcept
#define OUTPUTS void* const*
#else
#define NX
#define OUTPUTS void**
#endif

namespace compat_testing {

struct Counts {
    int live = 0, initialized = 0, terminated = 0, attached = 0, detached = 0;
    int32_t largestBatch = 0;
};
inline Counts counts;

inline int64_t volumeOf(const Dims& d) {
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
    explicit Plugin(State s) : state(s) { ++counts.live; }
    virtual ~Plugin() { --counts.live; }
    AsciiChar const* getPluginType() const NX override { return D::name(); }
    AsciiChar const* getPluginVersion() const NX override { return "1"; }
    int32_t getNbOutputs() const NX override { return 1; }
    int32_t initialize() NX override { return ++counts.initialized, 0; }
    void terminate() NX override { ++counts.terminated; }
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
        counts.largestBatch = batch;
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
        ++counts.attached;
        if (a) a->free(a->allocate(64, 64, 0));
    }
    void detachFromContext() NX override { ++counts.detached; }
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
        counts.largestBatch = batch;
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

#if LATHE_TRT < 8
// As code of version 6 has it.
template <class I>
class FirstKind : public I {
  public:
    explicit FirstKind(float value) : value(value) {}
    int getNbOutputs() const override { return 1; }
    Dims getOutputDimensions(int, const Dims* in, int) override { return in[0]; }
    int initialize() override { return ++counts.initialized, 0; }
    void terminate() override { ++counts.terminated; }
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
        counts.largestBatch = batch;
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
        counts.largestBatch = batch;
    }
};
#endif

// All but what lives.
inline void clear() {
    const int live = counts.live;
    counts = {};
    counts.live = live;
}
inline std::string last(const Logger& logger) { return logger.errors.empty() ? "" : logger.errors.back(); }

}  // namespace compat_testing
