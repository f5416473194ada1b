// SPDX-License-Identifier: Apache-2.0
// A plugin library with one plugin: SoftThreshold, y = sign(x) * max(|x| - threshold, 0), for tensors of any shape on
// the CPU. What each function is for, and when it is called, is told in docs/plugins.md.
#include <cmath>
#include <cstring>

#include "NvInferRuntime.h"

using namespace nvinfer1;

namespace {

constexpr char const* kName = "SoftThreshold";
constexpr char const* kVersion = "1";

class SoftThreshold final : public IPluginV3,
                            public IPluginV3OneCore,
                            public IPluginV3OneBuild,
                            public IPluginV3OneRuntime {
  public:
    explicit SoftThreshold(float threshold) : threshold_(threshold) {}

    // The plugin itself.
    IPluginCapability* getCapabilityInterface(PluginCapabilityType type) noexcept override {
        switch (type) {
            case PluginCapabilityType::kCORE: return static_cast<IPluginV3OneCore*>(this);
            case PluginCapabilityType::kBUILD: return static_cast<IPluginV3OneBuild*>(this);
            case PluginCapabilityType::kRUNTIME: return static_cast<IPluginV3OneRuntime*>(this);
        }
        return nullptr;
    }
    IPluginV3* clone() noexcept override { return new SoftThreshold(threshold_); }

    // Who it is: a plan finds the creator by these three.
    AsciiChar const* getPluginName() const noexcept override { return kName; }
    AsciiChar const* getPluginVersion() const noexcept override { return kVersion; }
    AsciiChar const* getPluginNamespace() const noexcept override { return ""; }

    // What the builder asks.
    int32_t getNbOutputs() const noexcept override { return 1; }
    int32_t getOutputDataTypes(DataType* outputs, int32_t, DataType const* inputs, int32_t) const noexcept override {
        outputs[0] = inputs[0];
        return 0;
    }
    int32_t getOutputShapes(DimsExprs const* inputs, int32_t, DimsExprs const*, int32_t, DimsExprs* outputs, int32_t,
                            IExprBuilder&) noexcept override {
        outputs[0] = inputs[0];
        return 0;
    }
    bool supportsFormatCombination(int32_t pos, DynamicPluginTensorDesc const* inOut, int32_t,
                                   int32_t) noexcept override {
        return inOut[pos].desc.type == DataType::kFLOAT && inOut[pos].desc.format == TensorFormat::kLINEAR;
    }
    int32_t configurePlugin(DynamicPluginTensorDesc const*, int32_t, DynamicPluginTensorDesc const*,
                            int32_t) noexcept override {
        return 0;
    }

    // What an engine asks.
    PluginFieldCollection const* getFieldsToSerialize() noexcept override {
        field_ = PluginField("threshold", &threshold_, PluginFieldType::kFLOAT32, 1);
        fields_ = {1, &field_};
        return &fields_;
    }
    IPluginV3* attachToContext(IPluginResourceContext*) noexcept override { return clone(); }
    int32_t onShapeChange(PluginTensorDesc const*, int32_t, PluginTensorDesc const*, int32_t) noexcept override {
        return 0;
    }
    int32_t enqueue(PluginTensorDesc const* inputDesc, PluginTensorDesc const*, void const* const* inputs,
                    void* const* outputs, void*, cudaStream_t) noexcept override {
        int64_t count = 1;
        for (int32_t d = 0; d < inputDesc[0].dims.nbDims; ++d) count *= inputDesc[0].dims.d[d];
        auto const* x = static_cast<float const*>(inputs[0]);
        auto* y = static_cast<float*>(outputs[0]);
        for (int64_t i = 0; i < count; ++i) y[i] = std::copysign(std::fmax(std::fabs(x[i]) - threshold_, 0.0f), x[i]);
        return 0;
    }

  private:
    float threshold_;
    PluginField field_;
    PluginFieldCollection fields_;
};

class SoftThresholdCreator final : public IPluginCreatorV3One {
  public:
    IPluginV3* createPlugin(AsciiChar const*, PluginFieldCollection const* fields, TensorRTPhase) noexcept override {
        float threshold = 0.5f;
        for (int32_t i = 0; fields && i < fields->nbFields; ++i) {
            PluginField const& f = fields->fields[i];
            if (std::strcmp(f.name, "threshold") || f.type != PluginFieldType::kFLOAT32 || f.length != 1)
                return nullptr;
            threshold = *static_cast<float const*>(f.data);
        }
        return new SoftThreshold(threshold);
    }
    PluginFieldCollection const* getFieldNames() noexcept override { return &fields_; }
    AsciiChar const* getPluginName() const noexcept override { return kName; }
    AsciiChar const* getPluginVersion() const noexcept override { return kVersion; }
    AsciiChar const* getPluginNamespace() const noexcept override { return ""; }

  private:
    PluginField field_{"threshold", nullptr, PluginFieldType::kFLOAT32, 1};
    PluginFieldCollection fields_{1, &field_};
};

}  // namespace

#define PLUGIN_EXPORT __attribute__((visibility("default")))

extern "C" {

// What IPluginRegistry::loadLibrary() registers.
PLUGIN_EXPORT IPluginCreatorInterface* const* getCreators(int32_t& count) {
    static SoftThresholdCreator creator;
    static IPluginCreatorInterface* const creators[] = {&creator};
    count = 1;
    return creators;
}

// Where messages may be sent; this library has none.
PLUGIN_EXPORT void setLoggerFinder(ILoggerFinder*) {}

// An extension of Lathe: the plugins of this library work on host memory.
PLUGIN_EXPORT bool latheHostPointers() { return true; }

}  // extern "C"
