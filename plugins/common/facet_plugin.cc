// SPDX-License-Identifier: Apache-2.0
// Kinds as plugins made of facets (IPluginV3).
#include "plugins/common/host_plugin.h"

namespace lathe::plugins {
namespace {

using namespace nvinfer1;

class FacetPlugin final : public IPluginV3,
                          public IPluginV3OneCore,
                          public IPluginV3OneBuild,
                          public IPluginV3OneRuntime {
  public:
    FacetPlugin(const Kind& kind, Values values, std::string space)
        : kind_(kind), values_(std::move(values)), space_(std::move(space)) {}

    IPluginCapability* getCapabilityInterface(PluginCapabilityType type) noexcept override {
        switch (type) {
            case PluginCapabilityType::kCORE: return static_cast<IPluginV3OneCore*>(this);
            case PluginCapabilityType::kBUILD: return static_cast<IPluginV3OneBuild*>(this);
            case PluginCapabilityType::kRUNTIME: return static_cast<IPluginV3OneRuntime*>(this);
        }
        return nullptr;
    }
    IPluginV3* clone() noexcept override {
        auto* copy = new FacetPlugin(kind_, values_, space_);
        copy->inputs_ = inputs_;
        return copy;
    }

    AsciiChar const* getPluginName() const noexcept override { return kind_.name(); }
    AsciiChar const* getPluginVersion() const noexcept override { return kind_.version(); }
    AsciiChar const* getPluginNamespace() const noexcept override { return space_.c_str(); }

    int32_t configurePlugin(DynamicPluginTensorDesc const*, int32_t, DynamicPluginTensorDesc const*,
                            int32_t) noexcept override {
        return 0;
    }
    int32_t getOutputDataTypes(DataType* out, int32_t n, DataType const* in, int32_t inputs) const noexcept override {
        for (int32_t o = 0; o < n; ++o) out[o] = outputType(kind_, values_, o, in, inputs);
        return 0;
    }
    int32_t getOutputShapes(DimsExprs const* in, int32_t n, DimsExprs const*, int32_t shapeInputs, DimsExprs* out,
                            int32_t outputs, IExprBuilder& e) noexcept override {
        const std::string wrong = shapeInputs ? "it has no shape inputs" : checkShapes(kind_, values_, in, n);
        if (!wrong.empty()) {
            report(std::string(kind_.name()) + ": " + wrong);
            return 1;
        }
        for (int32_t o = 0; o < outputs; ++o) out[o] = kind_.shape(values_, o, in, n, e);
        return 0;
    }
    bool supportsFormatCombination(int32_t pos, DynamicPluginTensorDesc const* io, int32_t inputs,
                                   int32_t) noexcept override {
        std::vector<PluginTensorDesc> descs;
        for (int32_t i = 0; i <= pos; ++i) descs.push_back(io[i].desc);
        return supports(kind_, values_, pos, descs.data(), inputs);
    }
    int32_t getNbOutputs() const noexcept override { return kind_.outputs(values_); }

    int32_t onShapeChange(PluginTensorDesc const*, int32_t n, PluginTensorDesc const*, int32_t) noexcept override {
        inputs_ = n;
        return 0;
    }
    int32_t enqueue(PluginTensorDesc const* inDesc, PluginTensorDesc const* outDesc, void const* const* in,
                    void* const* out, void*, cudaStream_t) noexcept override {
        return runKind(kind_, values_, inDesc, inputs_, outDesc, in, out);
    }
    IPluginV3* attachToContext(IPluginResourceContext*) noexcept override { return clone(); }
    PluginFieldCollection const* getFieldsToSerialize() noexcept override {
        fields_.clear();
        for (const FieldSpec& f : kind_.fields()) {
            auto at = values_.all.find(f.name);
            if (at == values_.all.end()) continue;
            if (isRealField(f.type))
                fields_.emplace_back(f.name, at->second.reals.data(), PluginFieldType::kFLOAT32,
                                     static_cast<int32_t>(at->second.reals.size()));
            else
                fields_.emplace_back(f.name, at->second.integers.data(), PluginFieldType::kINT64,
                                     static_cast<int32_t>(at->second.integers.size()));
        }
        collection_ = {static_cast<int32_t>(fields_.size()), fields_.data()};
        return &collection_;
    }

  private:
    const Kind& kind_;
    const Values values_;
    const Alive alive_{static_cast<IPluginV3*>(this), kind_, values_};
    const std::string space_;
    int32_t inputs_ = 0;
    std::vector<PluginField> fields_;
    PluginFieldCollection collection_{};
};

class FacetCreator final : public IPluginCreatorV3One {
  public:
    explicit FacetCreator(const Kind& kind) : kind_(kind), fields_(fieldNames(kind)) {
        collection_ = {static_cast<int32_t>(fields_.size()), fields_.data()};
    }
    void setSpace(const char* space) { space_ = space; }

    IPluginV3* createPlugin(AsciiChar const* layer, PluginFieldCollection const* fields,
                            TensorRTPhase) noexcept override {
        try {
            Values values;
            const std::string wrong = readValues(kind_, fields, values);
            if (wrong.empty()) return new FacetPlugin(kind_, std::move(values), space_);
            report(std::string(kind_.name()) + " '" + (layer ? layer : "") + "': " + wrong);
        } catch (const std::exception& e) {
            report(std::string(kind_.name()) + ": " + e.what());
        }
        return nullptr;
    }
    PluginFieldCollection const* getFieldNames() noexcept override { return &collection_; }
    AsciiChar const* getPluginName() const noexcept override { return kind_.name(); }
    AsciiChar const* getPluginVersion() const noexcept override { return kind_.version(); }
    AsciiChar const* getPluginNamespace() const noexcept override { return space_.c_str(); }

  private:
    const Kind& kind_;
    std::string space_;
    const std::vector<PluginField> fields_;
    PluginFieldCollection collection_{};
};

}  // namespace

Shipped makeFacetCreator(const Kind& kind) {
    auto* creator = new FacetCreator(kind);
    return {&kind, creator, [creator](const char* space) { creator->setSpace(space); }};
}

}  // namespace lathe::plugins
