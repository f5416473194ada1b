// SPDX-License-Identifier: Apache-2.0
#include "api/build/expansion.h"

#include <algorithm>
#include <unordered_map>

#include "Lathe.h"
#include "api/run/plugin_registry.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

// What is refused while an expansion adds its layers, which is no error of the build.
class FirstError final : public ILogger {
  public:
    void log(Severity severity, AsciiChar const* text) noexcept override {
        if (severity <= Severity::kERROR && text_.empty() && text) text_ = text;
    }
    const std::string& text() const { return text_; }

  private:
    std::string text_;
};

// The network that an expansion fills. Weights of the graph refer to it, so it lives as long as they do.
struct Draft {
    Draft(IBuilder& builder, NetworkDefinitionCreationFlags flags) : network(builder, reporter, flags) {}
    FirstError log;
    Reporter reporter{&log};
    Network network;
    std::vector<ITensor*> inputs, outputs;
};

// Elements of an input that the network's layers already fix.
std::optional<std::vector<int64_t>> knownElements(const ir::Value& v) {
    if (v.dtype() != DType::kInt32 && v.dtype() != DType::kInt64) return std::nullopt;
    if (v.isConstant()) return ir::integerElements(*v.constant());
    if (!v.elements() || !ir::isConstant(*v.elements())) return std::nullopt;
    std::vector<int64_t> out;
    for (const ir::Dim& d : *v.elements()) out.push_back(d.value());
    return out;
}

Result<ITensor*> addDraftInput(Draft& draft, const ir::Value& v, size_t index) {
    if (auto known = knownElements(v); known && !known->empty() && ir::isConstant(v.shape())) {
        std::vector<int32_t> narrow(known->begin(), known->end());
        const bool wide = v.dtype() == DType::kInt64;
        Weights w{toApi(v.dtype()), wide ? static_cast<const void*>(known->data()) : narrow.data(),
                  static_cast<int64_t>(known->size())};
        w.values = TRY(draft.network.keep(w));
        IConstantLayer* constant = draft.network.addConstant(toApi(v.shape()), w);
        if (!constant) return unsupported("input {}: {}", index, draft.log.text());
        return constant->getOutput(0);
    }
    ITensor* t = draft.network.addInput(fmt::format("input {}", index).c_str(), toApi(v.dtype()), toApi(v.shape()));
    if (!t) return unsupported("input {}: {}", index, draft.log.text());
    for (size_t d = 0; d < v.shape().size(); ++d)
        if (!v.shape()[d].isConstant()) Tensor::of(*t).dimNames[d] = v.shape()[d].toString();
    return t;
}

// Lowers the layers of a draft to where the plugin's layer is lowered.
class DraftLowering final : public Lowering {
  public:
    DraftLowering(std::shared_ptr<Draft> draft, const LayerCore& plugin, Lowering& outer)
        : draft_(std::move(draft)), plugin_(plugin), outer_(outer) {}

    ir::Graph& graph() override { return outer_.graph(); }
    ir::Region& region() override { return outer_.region(); }
    void bind(const ITensor& tensor, ir::Value* value) { values_[&Tensor::of(tensor)] = value; }
    ir::Value* valueOf(const Tensor& tensor) override {
        auto at = values_.find(&tensor);
        return at == values_.end() ? nullptr : at->second;
    }
    Result<ir::Value*> weights(const Weights& w, const ir::Dims& dims, const std::string&) override {
        const DType type = fromApi(w.type);
        const int64_t count = TRY(ir::checkedVolume(dims));
        if (w.count != count || (count > 0 && !w.values))
            return invalidArgument("weights hold {} values where the shape {} needs {}", w.values ? w.count : 0,
                                   ir::toString(dims), count);
        std::span<const std::byte> bytes(static_cast<const std::byte*>(w.values),
                                         static_cast<size_t>(bytesOf(type, count)));
        return constant(std::make_shared<ir::Weights>(type, dims, bytes, draft_, ""));
    }
    Result<ir::Value*> constant(ir::WeightsRef weights) override { return outer_.constant(std::move(weights)); }
    Result<ir::Node*> node(const char* op, std::unique_ptr<ir::Attrs> attrs, std::vector<ir::Value*> inputs,
                           int outputs) override {
        ir::Node* n = TRY(outer_.node(op, std::move(attrs), std::move(inputs), outputs));
        // Layers that the expansion gave no name are told by what they do.
        const std::string& own = current_->name();
        n->setName(own.starts_with("(Unnamed Layer*") ? fmt::format("{}/{}_{}", plugin_.name(), op, current_->position)
                                                      : fmt::format("{}/{}", plugin_.name(), own));
        if (n->origins().empty()) n->origins() = {plugin_.name()};
        if (current_->precisionIsSet() && current_->getPrecision() == DataType::kFLOAT) outer_.keepFloat(n->name());
        return n;
    }
    void setOutput(int index, ir::Value* value) override { values_[current_->outputs()[index].get()] = value; }

    Status lowerAll() {
        for (const auto& layer : draft_->network.layers()) {
            current_ = layer.get();
            TRY_IN(fmt::format("its layer '{}'", layer->name()), lowerOne(*layer));
        }
        return {};
    }

  private:
    Status lowerOne(LayerCore& layer) {
        if (layer.outputCount() == 1 && valueOf(*layer.outputs()[0])) return {};  // of an input that is known
        if (layer.asBoundary()) return unsupported("it belongs to a loop or conditional");
        for (const Tensor* t : layer.inputs())
            if (t && !valueOf(*t)) return invalidArgument("tensor '{}' is made by a later layer", t->name());
        TRY(layer.checkUse());
        TRY(layer.lower(*this));
        for (const auto& t : layer.outputs()) {
            ir::Value* v = valueOf(*t);
            if (!v) return internalError("output {} was not set", t->index());
            if (layer.outputTypeIsSet(t->index()))
                setOutput(t->index(), TRY(asType(v, fromApi(layer.getOutputType(t->index())))));
        }
        return {};
    }

    const std::shared_ptr<Draft> draft_;
    const LayerCore& plugin_;
    Lowering& outer_;
    std::unordered_map<const Tensor*, ir::Value*> values_;
    const LayerCore* current_ = nullptr;
};

// Whether the value can take the place of the plugin's output: false when that cannot be proven.
Result<bool> fits(const ir::Value& made, const ir::TensorType& wanted, size_t index) {
    const ir::Shape& shape = made.shape();
    bool same = made.dtype() == wanted.dtype && shape.size() == wanted.shape.size(), proven = true;
    for (size_t d = 0; same && d < shape.size(); ++d) {
        if (shape[d] == wanted.shape[d]) continue;
        same = !shape[d].isConstant() || !wanted.shape[d].isConstant();
        proven = false;
    }
    if (!same)
        return invalidArgument("output {} of its layers is {}, the plugin's {}", index, ir::toString(made.type()),
                               ir::toString(wanted));
    return proven;
}

}  // namespace

Result<bool> expandPlugin(LayerCore& layer, AdaptedPlugin& plugin, const ops::PluginAttrs& attrs,
                          const std::vector<ir::Value*>& inputs, Lowering& l) {
    const PluginExpansion expand = pluginExpansion(attrs.type, attrs.version, attrs.space);
    if (!expand || !attrs.sizes.empty()) return false;
    if (std::any_of(attrs.aliases.begin(), attrs.aliases.end(), [](int64_t a) { return a >= 0; })) return false;
    const Reporter& reporter = layer.network().reporter();
    auto stays = [&](const std::string& why) {
        reporter.log(ILogger::Severity::kWARNING,
                     fmt::format("layer '{}': {} is not made of layers, and stays a plugin: {}", layer.name(),
                                 attrs.describe(), why)
                         .c_str());
        return false;
    };

    auto draft = std::make_shared<Draft>(layer.network().getBuilder(), layer.network().getFlags());
    DraftLowering lowering(draft, layer, l);
    for (size_t i = 0; i < inputs.size(); ++i) {
        auto t = addDraftInput(*draft, *inputs[i], i);
        if (!t.ok()) return stays(t.status().message());
        draft->inputs.push_back(*t);
        lowering.bind(**t, inputs[i]);
    }
    draft->outputs.resize(attrs.outputTypes.size());
    PluginToExpand call{&draft->network,
                        plugin.v2(),
                        plugin.v3(),
                        draft->inputs.data(),
                        static_cast<int32_t>(draft->inputs.size()),
                        draft->outputs.data(),
                        static_cast<int32_t>(draft->outputs.size())};
    const bool expanded = expand(&call);
    if (!draft->log.text().empty()) return stays(draft->log.text());
    if (!expanded) return false;
    for (const ITensor* t : draft->outputs)
        if (!t || &Tensor::of(*t).network() != &draft->network) return stays("an output is none of its layers'");

    // The plugin's own node tells what the outputs are to be.
    ir::Node* told = TRY(l.node("plugin", attrs.clone(), inputs, layer.outputCount()));
    std::vector<ir::TensorType> wanted;
    for (const ir::Value* v : told->outputs()) wanted.push_back(v->type());
    const int mark = told->id();
    auto eraseFrom = [&](int id) {
        auto& nodes = l.region().nodes();
        for (size_t i = nodes.size(); i-- > 0;)
            if (nodes[i]->id() >= id) l.region().erase(nodes[i].get());
    };
    l.region().erase(told);

    std::vector<ir::Value*> made;
    auto lower = [&]() -> Result<std::string> {
        if (Status s = lowering.lowerAll(); !s.ok()) return std::string(s.message());
        for (const ITensor* t : draft->outputs) made.push_back(lowering.valueOf(Tensor::of(*t)));
        for (size_t o = 0; o < made.size(); ++o)
            if (!TRY(fits(*made[o], wanted[o], o)))
                return fmt::format("output {} is {} of the plugin, {} of the layers, which need not be the same", o,
                                   ir::toString(wanted[o]), ir::toString(made[o]->type()));
        return std::string();
    };
    const std::string why = TRY_IN(attrs.describe(), lower());
    if (!why.empty()) {
        eraseFrom(mark);
        return stays(why);
    }
    for (size_t o = 0; o < made.size(); ++o) l.setOutput(static_cast<int>(o), made[o]);
    reporter.log(ILogger::Severity::kVERBOSE, fmt::format("layer '{}': {} is made of {} layers", layer.name(),
                                                          attrs.describe(), draft->network.layers().size())
                                                  .c_str());
    return true;
}

}  // namespace lathe::api

extern "C" __attribute__((visibility("default"))) void const* latheKeepWeights(
    void* network, nvinfer1::Weights const* weights) noexcept {
    if (!network || !weights) return nullptr;
    auto& n = lathe::api::Network::of(*static_cast<nvinfer1::INetworkDefinition*>(network));
    return lathe::api::guarded<const void*>(n.reporter(), "lathe::keepWeights", nullptr,
                                            [&] { return n.keep(*weights); });
}
