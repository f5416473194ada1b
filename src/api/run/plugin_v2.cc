// SPDX-License-Identifier: Apache-2.0
// The V2 kinds of plugins. All but the dynamic one see shapes without their first extent, the batch; the others of
// their extents must be known when the network is built.
#include "api/run/plugin_adapter.h"
#include "api/run/plugin_exprs.h"
#include "api/run/plugin_fields.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

struct DestroyV2 {
    void operator()(IPluginV2* p) const { p->destroy(); }
};
using OwnedV2 = std::unique_ptr<IPluginV2, DestroyV2>;

PluginVersion kindOf(const IPluginV2& p) {
    return static_cast<PluginVersion>(static_cast<uint32_t>(p.getTensorRTVersion()) >> 24);
}
bool isExt(PluginVersion kind) { return kind != PluginVersion::kV2; }

Dims withoutBatch(const ir::Dims& dims) { return toApi(ir::Dims(dims.begin() + (dims.empty() ? 0 : 1), dims.end())); }

template <class D>
std::vector<DynamicPluginTensorDesc> dynamicList(std::span<const D> tensors) {
    std::vector<DynamicPluginTensorDesc> out;
    for (const D& t : tensors) out.push_back(toDynamic(t));
    return out;
}

// Tells a plugin of a static kind what it will work on. `D`: ops::PluginTensor or PluginRange.
template <class D>
void configureStatic(IPluginV2& plugin, PluginVersion kind, std::span<const D> in, std::span<const D> out,
                     int32_t maxBatch) {
    auto n = static_cast<int32_t>(in.size()), m = static_cast<int32_t>(out.size());
    if (kind == PluginVersion::kV2_IOEXT) {
        std::vector<PluginTensorDesc> descs[2];
        for (int k = 0; k < 2; ++k)
            for (const D& t : k ? out : in) {
                descs[k].push_back(toDesc(t));
                descs[k].back().dims = withoutBatch(t.dims);
            }
        static_cast<IPluginV2IOExt&>(plugin).configurePlugin(descs[0].data(), n, descs[1].data(), m);
        return;
    }
    std::vector<Dims> dims[2];
    std::vector<DataType> types[2];
    for (int k = 0; k < 2; ++k)
        for (const D& t : k ? out : in) {
            dims[k].push_back(withoutBatch(t.dims));
            types[k].push_back(toApi(t.dtype));
        }
    auto format = static_cast<PluginFormat>(in[0].format);
    if (kind == PluginVersion::kV2) {
        plugin.configureWithFormat(dims[0].data(), n, dims[1].data(), m, types[0][0], format, maxBatch);
        return;
    }
    std::unique_ptr<bool[]> broadcast(new bool[static_cast<size_t>(std::max(n, m))]());
    static_cast<IPluginV2Ext&>(plugin).configurePlugin(dims[0].data(), n, dims[1].data(), m, types[0].data(),
                                                       types[1].data(), broadcast.get(), broadcast.get(), format,
                                                       maxBatch);
}

class V2Context final : public ops::PluginContext {
  public:
    V2Context(std::shared_ptr<AdaptedPlugin> owner, OwnedV2 plugin, bool fromPlan, ops::PluginMemory* memory)
        : owner_(std::move(owner)),
          resources_(memory, owner_->recorder()),
          plugin_(std::move(plugin)),
          kind_(kindOf(*plugin_)),
          fromPlan_(fromPlan) {
        if (isExt(kind_)) static_cast<IPluginV2Ext&>(*plugin_).attachToContext(nullptr, nullptr, &resources_);
    }
    ~V2Context() override {
        if (isExt(kind_)) static_cast<IPluginV2Ext&>(*plugin_).detachFromContext();
        if (initialized_) plugin_->terminate();
    }

    Status setShapes(std::span<const ops::PluginTensor> inputs, std::span<const ops::PluginTensor> outputs) override {
        in_.clear();
        out_.clear();
        for (const auto& t : inputs) in_.push_back(toDesc(t));
        for (const auto& t : outputs) out_.push_back(toDesc(t));
        batch_ = inputs.empty() || inputs[0].dims.empty() ? 1 : static_cast<int32_t>(inputs[0].dims[0]);
        if (kind_ == PluginVersion::kV2_DYNAMICEXT) {
            auto in = dynamicList(inputs), out = dynamicList(outputs);
            static_cast<IPluginV2DynamicExt&>(*plugin_).configurePlugin(in.data(), static_cast<int32_t>(in.size()),
                                                                        out.data(), static_cast<int32_t>(out.size()));
        } else if (!fromPlan_) {
            configureStatic(*plugin_, kind_, inputs, outputs, batch_);
        }
        // In an engine the plugin that this is a clone of was initialized.
        if (!fromPlan_ && !initialized_) {
            if (int32_t rc = plugin_->initialize())
                return makeStatus(Code::kFailedInitialization, "initialize() answers {}", rc);
            initialized_ = true;
        }
        return {};
    }

    Status enqueue(std::span<const ops::PluginTensor>, std::span<const ops::PluginTensor>, const void* const* in,
                   void* const* out, void* workspace, void* stream) override {
        auto s = static_cast<cudaStream_t>(stream);
        int32_t rc = kind_ == PluginVersion::kV2_DYNAMICEXT ? static_cast<IPluginV2DynamicExt&>(*plugin_).enqueue(
                                                                  in_.data(), out_.data(), in, out, workspace, s)
                                                            : plugin_->enqueue(batch_, in, out, workspace, s);
        if (rc) return makeStatus(Code::kFailedExecution, "enqueue() answers {}", rc);
        return {};
    }

  private:
    const std::shared_ptr<AdaptedPlugin> owner_;
    PluginResources resources_;
    const OwnedV2 plugin_;
    const PluginVersion kind_;
    const bool fromPlan_;
    bool initialized_ = false;
    std::vector<PluginTensorDesc> in_, out_;
    int32_t batch_ = 1;
};

class V2Plugin final : public AdaptedPlugin {
  public:
    V2Plugin(OwnedV2 plugin, bool fromPlan)
        : plugin_(std::move(plugin)), kind_(kindOf(*plugin_)), fromPlan_(fromPlan) {}
    ~V2Plugin() override {
        if (initialized_) plugin_->terminate();
    }
    IPluginV2* v2() override { return plugin_.get(); }
    int outputCount() override { return plugin_->getNbOutputs(); }
    std::optional<std::string> timingText() override { return std::nullopt; }

    Status identify(ops::PluginAttrs& a) override {
        a.type = textOf(plugin_->getPluginType());
        a.version = textOf(plugin_->getPluginVersion());
        a.space = textOf(plugin_->getPluginNamespace());
        a.kind = static_cast<int64_t>(kind_);
        if (a.type.empty()) return invalidArgument("the plugin has no type");
        return {};
    }

    Status describe(std::span<const ir::TensorType> inputs, std::span<const ir::Shape> shapeInputs,
                    ops::PluginAttrs& a) override {
        if (!shapeInputs.empty()) return unsupported("a plugin of this kind has no shape inputs");
        std::lock_guard lock(mutex_);
        int outputs = plugin_->getNbOutputs();
        if (outputs < 1) return invalidArgument("the plugin has {} outputs", outputs);
        a.ranks.clear();
        a.outputTypes.clear();
        for (const ir::TensorType& t : inputs) a.ranks.push_back(static_cast<int64_t>(t.shape.size()));
        std::vector<DataType> types = typesOf(inputs);
        for (int o = 0; o < outputs; ++o) {
            DataType t = types.empty() ? DataType::kFLOAT : types[0];
            if (isExt(kind_))
                t = static_cast<IPluginV2Ext&>(*plugin_).getOutputDataType(o, types.data(),
                                                                           static_cast<int32_t>(types.size()));
            a.outputTypes.push_back(static_cast<int64_t>(t));
        }
        ops::PluginShapes shapes;
        if (kind_ == PluginVersion::kV2_DYNAMICEXT) {
            ExprBuilder exprs;
            std::vector<DimsExprs> in;
            for (const ir::TensorType& t : inputs) in.push_back(exprs.inputs(t.shape));
            exprs.endInputs();
            for (int o = 0; o < outputs; ++o)
                shapes.outputs.push_back(
                    TRY_IN(fmt::format("output {}", o),
                           ExprBuilder::shapeOf(static_cast<IPluginV2DynamicExt&>(*plugin_).getOutputDimensions(
                               o, in.data(), static_cast<int32_t>(in.size()), exprs))));
            if (!exprs.sizeOutputs().empty()) return unsupported("a plugin of this kind has no size tensors");
        } else {
            TRY(staticShapes(inputs, outputs, shapes));
        }
        ops::printPluginShapes(shapes, a);
        return {};
    }

    Result<std::vector<ops::PluginChoice>> choices(std::span<const ops::PluginRange> inputs,
                                                   std::span<const ops::PluginRange> outputs) override {
        auto combos = combinations(inputs, outputs, IPluginV2DynamicExt::kFORMAT_COMBINATION_LIMIT);
        if (combos.empty()) return unsupported("it takes no combination of formats that this library has");
        std::lock_guard lock(mutex_);
        std::vector<ops::PluginChoice> out;
        for (auto& formats : combos) {
            std::vector<ops::PluginRange> in(inputs.begin(), inputs.end()), made(outputs.begin(), outputs.end());
            for (size_t i = 0; i < in.size(); ++i) in[i].format = formats[i];
            for (size_t o = 0; o < made.size(); ++o) made[o].format = formats[in.size() + o];
            OwnedV2 copy(plugin_->clone());
            if (!copy) return makeStatus(Code::kFailedInitialization, "clone() answers null");
            ops::PluginChoice choice;
            if (kind_ == PluginVersion::kV2_DYNAMICEXT) {
                auto a = dynamicList<ops::PluginRange>(in), b = dynamicList<ops::PluginRange>(made);
                static_cast<IPluginV2DynamicExt&>(*copy).configurePlugin(a.data(), static_cast<int32_t>(a.size()),
                                                                         b.data(), static_cast<int32_t>(b.size()));
            } else {
                configureStatic<ops::PluginRange>(*copy, kind_, in, made, static_cast<int32_t>(in[0].max[0]));
            }
            choice.workspaceBytes = askWorkspace(*copy, largest(in), largest(made));
            // A plugin without a state may still copy nothing to where it is told: never to null.
            std::vector<std::byte> bytes(copy->getSerializationSize() + 1);
            copy->serialize(bytes.data());
            bytes.pop_back();
            choice.state = packSerialized(bytes);
            choice.formats = std::move(formats);
            out.push_back(std::move(choice));
        }
        return out;
    }

    int64_t workspaceBytes(std::span<const ops::PluginTensor> inputs,
                           std::span<const ops::PluginTensor> outputs) override {
        std::lock_guard lock(mutex_);
        return askWorkspace(*plugin_, inputs, outputs);
    }

    Result<std::unique_ptr<ops::PluginContext>> attach(const std::string&, int64_t,
                                                       ops::PluginMemory* memory) override {
        std::lock_guard lock(mutex_);
        if (fromPlan_ && !initialized_) {
            if (int32_t rc = plugin_->initialize())
                return makeStatus(Code::kFailedInitialization, "initialize() answers {}", rc);
            initialized_ = true;
        }
        OwnedV2 copy(plugin_->clone());
        if (!copy) return makeStatus(Code::kFailedInitialization, "clone() answers null");
        if (kindOf(*copy) != kind_) return makeStatus(Code::kFailedInitialization, "clone() answers another kind");
        return std::unique_ptr<ops::PluginContext>(
            std::make_unique<V2Context>(shared_from_this(), std::move(copy), fromPlan_, memory));
    }

  protected:
    bool oneFormat() const override { return kind_ == PluginVersion::kV2 || kind_ == PluginVersion::kV2_EXT; }

    bool supports(int pos, std::span<const ops::PluginRange> tensors, int inputs) override {
        int outputs = static_cast<int>(tensors.size()) - inputs;
        const ops::PluginRange& t = tensors[static_cast<size_t>(pos)];
        if (oneFormat())
            return (kind_ != PluginVersion::kV2 || t.dtype == tensors[0].dtype) &&
                   plugin_->supportsFormat(toApi(t.dtype), static_cast<PluginFormat>(t.format));
        std::vector<PluginTensorDesc> descs;
        for (const ops::PluginRange& r : tensors) {
            descs.push_back(toDesc(r));
            if (kind_ == PluginVersion::kV2_IOEXT) descs.back().dims = withoutBatch(r.dims);
        }
        if (kind_ == PluginVersion::kV2_IOEXT)
            return static_cast<IPluginV2IOExt&>(*plugin_).supportsFormatCombination(pos, descs.data(), inputs, outputs);
        return static_cast<IPluginV2DynamicExt&>(*plugin_).supportsFormatCombination(pos, descs.data(), inputs,
                                                                                     outputs);
    }

  private:
    static std::vector<ops::PluginTensor> largest(const std::vector<ops::PluginRange>& ranges) {
        std::vector<ops::PluginTensor> out;
        for (const auto& r : ranges) out.push_back({r.dtype, r.max, r.format});
        return out;
    }

    int64_t askWorkspace(const IPluginV2& plugin, std::span<const ops::PluginTensor> inputs,
                         std::span<const ops::PluginTensor> outputs) const {
        if (kind_ != PluginVersion::kV2_DYNAMICEXT)
            return static_cast<int64_t>(plugin.getWorkspaceSize(static_cast<int32_t>(inputs[0].dims[0])));
        std::vector<PluginTensorDesc> in, out;
        for (const auto& t : inputs) in.push_back(toDesc(t));
        for (const auto& t : outputs) out.push_back(toDesc(t));
        return static_cast<int64_t>(static_cast<const IPluginV2DynamicExt&>(plugin).getWorkspaceSize(
            in.data(), static_cast<int32_t>(in.size()), out.data(), static_cast<int32_t>(out.size())));
    }

    Status staticShapes(std::span<const ir::TensorType> inputs, int outputs, ops::PluginShapes& shapes) {
        if (inputs.empty()) return unsupported("a plugin of this kind needs an input, whose first extent is the batch");
        std::vector<Dims> in;
        for (size_t i = 0; i < inputs.size(); ++i) {
            const ir::Shape& s = inputs[i].shape;
            if (s.empty()) return unsupported("input {} is a scalar, which has no batch", i);
            if (!(s[0] == inputs[0].shape[0]))
                return unsupported("input {} has the batch {}, input 0 {}", i, s[0].toString(),
                                   inputs[0].shape[0].toString());
            for (size_t d = 1; d < s.size(); ++d)
                if (!s[d].isConstant())
                    return unsupported(
                        "extent {} of input {} varies ({}): of the V2 plugins only IPluginV2DynamicExt takes that", d,
                        i, ir::toString(s));
            in.push_back(toApi(ir::Shape(s.begin() + 1, s.end())));
        }
        const ir::Dim& batch = inputs[0].shape[0];
        for (int o = 0; o < outputs; ++o) {
            Dims d = plugin_->getOutputDimensions(o, in.data(), static_cast<int32_t>(in.size()));
            ir::Dims dims = TRY_IN(fmt::format("output {}", o), fromApi(d));
            ir::Shape& s = shapes.outputs.emplace_back();
            s.push_back(batch.isConstant() ? batch : ir::Dim::symbol(0));
            s.insert(s.end(), dims.begin(), dims.end());
        }
        return {};
    }

    const OwnedV2 plugin_;
    const PluginVersion kind_;
    const bool fromPlan_;
    bool initialized_ = false;
};

}  // namespace

Result<std::shared_ptr<AdaptedPlugin>> adaptPlugin(IPluginV2* owned, bool fromPlan) {
    if (!owned) return makeStatus(Code::kFailedInitialization, "there is no plugin (null)");
    OwnedV2 plugin(owned);
    PluginVersion kind = kindOf(*plugin);
    if (kind > PluginVersion::kV2_DYNAMICEXT && kind != PluginVersion::kV2_DYNAMICEXT_PYTHON)
        return unsupported("plugins of kind {} are not known", static_cast<int>(kind));
    if (kind == PluginVersion::kV2_DYNAMICEXT_PYTHON)
        return unsupported("IPluginV2DynamicExt plugins written in Python are not supported");
    return std::shared_ptr<AdaptedPlugin>(std::make_shared<V2Plugin>(std::move(plugin), fromPlan));
}

}  // namespace lathe::api
