// SPDX-License-Identifier: Apache-2.0
// Layers that an application implements.
#include "api/build/expansion.h"
#include "api/build/network.h"
#include "api/run/plugin_adapter.h"
#include "api/run/plugin_registry.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class PluginCore {
  public:
    PluginCore(std::shared_ptr<AdaptedPlugin> plugin, int inputs) : plugin_(std::move(plugin)), inputs_(inputs) {}
    AdaptedPlugin& plugin() const { return *plugin_; }

    Status lower(LayerCore& layer, Lowering& l, bool stronglyTyped) const {
        std::vector<ir::Value*> in;
        std::vector<ir::TensorType> types;
        std::vector<ir::Shape> shapeInputs;
        for (int i = 0; i < static_cast<int>(layer.inputs().size()); ++i) {
            ir::Value* v = l.valueOf(*layer.input(i));
            in.push_back(v);
            if (i < inputs_)
                types.push_back(v->type());
            else
                shapeInputs.push_back(TRY_IN(fmt::format("shape input {}", i - inputs_), elementsOf(*v)));
        }
        auto attrs = std::make_unique<ops::PluginAttrs>();
        attrs->object = plugin_;
        TRY(plugin_->identify(*attrs));
        const std::string name = attrs->describe();
        const uint32_t traits = pluginTraits(attrs->type, attrs->version, attrs->space);
        attrs->host = traits & kHostPointers;
        attrs->device = traits & kDevicePointers;
        plugin_->setCapturable(traits & kCapturable);
        TRY_IN(name, plugin_->describe(types, shapeInputs, *attrs));
        if (attrs->outputTypes.size() != layer.outputs().size())
            return invalidArgument("{} has {} outputs now, and had {} when it was added", name,
                                   attrs->outputTypes.size(), layer.outputs().size());
        if (l.expandsPlugins() && TRY(expandPlugin(layer, *plugin_, *attrs, in, l))) return {};
        const std::vector<int64_t> wanted = attrs->outputTypes;
        if (!TRY_IN(name, fits(types, *attrs)) && !stronglyTyped) {
            // Types are the library's to choose: what computes in half precision gets it.
            for (DType half : {DType::kHalf, DType::kBf16}) {
                std::vector<ir::TensorType> other = types;
                for (ir::TensorType& t : other)
                    if (t.dtype == DType::kFloat) t.dtype = half;
                ops::PluginAttrs tried = *attrs;
                if (!plugin_->describe(other, shapeInputs, tried).ok() || !TRY_IN(name, fits(other, tried))) continue;
                for (size_t i = 0; i < other.size(); ++i) in[i] = TRY(l.asType(in[i], other[i].dtype));
                *attrs = std::move(tried);
                break;
            }
        }
        // What still does not fit is refused when the engine is built.
        ir::Node* n = TRY(l.node("plugin", std::move(attrs), std::move(in), layer.outputCount()));
        for (int o = 0; o < layer.outputCount(); ++o)
            l.setOutput(o, TRY(l.asType(n->output(o), static_cast<DType>(wanted[static_cast<size_t>(o)]))));
        return {};
    }

  private:
    // Elements that are not known yet are symbols here; what they are is asked again by the op's inference.
    static Result<ir::Shape> elementsOf(const ir::Value& v) {
        if (v.dtype() != DType::kInt32 && v.dtype() != DType::kInt64)
            return invalidArgument("it has type {}; expected i32 or i64", toString(v.dtype()));
        if (!ir::isConstant(v.shape())) return unsupported("its shape {} varies", ir::toString(v.shape()));
        if (v.isConstant())
            if (auto known = ir::integerElements(*v.constant())) return ir::Shape(known->begin(), known->end());
        if (v.elements()) return *v.elements();
        return ir::Shape(static_cast<size_t>(ir::volume(ir::constantDims(v.shape()))), ir::Dim::symbol(0));
    }

    Result<bool> fits(const std::vector<ir::TensorType>& inputs, const ops::PluginAttrs& attrs) const {
        ops::PluginShapes shapes = TRY(ops::parsePluginShapes(attrs));
        auto range = [](DType type, const ir::Shape& shape) {
            ops::PluginRange r{type, {}, {}, {}, {}, 0};
            for (const ir::Dim& d : shape) r.dims.push_back(d.valueOr(-1));
            r.min = r.opt = r.max = r.dims;
            return r;
        };
        std::vector<ops::PluginRange> in, out;
        for (const ir::TensorType& t : inputs) in.push_back(range(t.dtype, t.shape));
        for (size_t o = 0; o < shapes.outputs.size(); ++o)
            out.push_back(range(static_cast<DType>(attrs.outputTypes[o]), shapes.outputs[o]));
        return !plugin_->combinations(in, out, 1).empty();
    }

    std::shared_ptr<AdaptedPlugin> plugin_;
    int inputs_;  // the others are shape inputs
};

class PluginV2 final : public LayerBase<IPluginV2Layer, apiv::VPluginV2Layer> {
  public:
    PluginV2(Network& network, std::vector<Tensor*> inputs, std::shared_ptr<AdaptedPlugin> plugin)
        : LayerBase(network, LayerType::kPLUGIN_V2, inputs, plugin->outputCount()),
          core_(std::move(plugin), static_cast<int>(inputs.size())) {}
    IPluginV2& getPlugin() noexcept override { return *core_.plugin().v2(); }
    Status lower(Lowering& l) override { return core_.lower(*this, l, network().stronglyTyped()); }

  private:
    PluginCore core_;
};

class PluginV3 final : public LayerBase<IPluginV3Layer, apiv::VPluginV3Layer> {
  public:
    PluginV3(Network& network, std::vector<Tensor*> inputs, int shapeInputs, std::shared_ptr<AdaptedPlugin> plugin)
        : LayerBase(network, LayerType::kPLUGIN_V3, inputs, plugin->outputCount()),
          core_(std::move(plugin), static_cast<int>(inputs.size()) - shapeInputs) {}
    IPluginV3& getPlugin() noexcept override { return *core_.plugin().v3(); }
    Status lower(Lowering& l) override { return core_.lower(*this, l, network().stronglyTyped()); }

  private:
    PluginCore core_;
};

// A clone of the application's plugin, checked as far as it can be without its inputs.
template <class P>
Result<std::shared_ptr<AdaptedPlugin>> takePlugin(P& plugin) {
    auto adapted = TRY(adaptPlugin(plugin.clone(), false));
    ops::PluginAttrs attrs;
    TRY(adapted->identify(attrs));
    int outputs = adapted->outputCount();
    if (outputs < 1 || outputs > 10'000) return invalidArgument("{} has {} outputs", attrs.describe(), outputs);
    return adapted;
}

}  // namespace

IPluginV2Layer* Network::addPluginV2(ITensor* const* inputs, int32_t nbInputs, IPluginV2& plugin) noexcept {
    const char* where = "INetworkDefinition::addPluginV2";
    std::optional<std::vector<Tensor*>> tensors = ownedList(where, inputs, nbInputs, 0);
    if (!tensors) return nullptr;
    using Taken = std::shared_ptr<AdaptedPlugin>;
    Taken taken = guarded<Taken>(reporter_, where, nullptr, [&] { return takePlugin(plugin); });
    return taken ? add<PluginV2>(std::move(*tensors), std::move(taken)) : nullptr;
}

IPluginV3Layer* Network::addPluginV3(ITensor* const* inputs, int32_t nbInputs, ITensor* const* shapeInputs,
                                     int32_t nbShapeInputs, IPluginV3& plugin) noexcept {
    const char* where = "INetworkDefinition::addPluginV3";
    std::optional<std::vector<Tensor*>> tensors = ownedList(where, inputs, nbInputs, 0);
    std::optional<std::vector<Tensor*>> shapes = ownedList(where, shapeInputs, nbShapeInputs, 0);
    if (!tensors || !shapes) return nullptr;
    tensors->insert(tensors->end(), shapes->begin(), shapes->end());
    using Taken = std::shared_ptr<AdaptedPlugin>;
    Taken taken = guarded<Taken>(reporter_, where, nullptr, [&] { return takePlugin(plugin); });
    return taken ? add<PluginV3>(std::move(*tensors), static_cast<int>(shapes->size()), std::move(taken)) : nullptr;
}

}  // namespace lathe::api
