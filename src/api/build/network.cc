// SPDX-License-Identifier: Apache-2.0
#include "api/build/network.h"

#include <algorithm>

#include "ir/infer.h"
#include "ops/registry.h"

namespace lathe::api {

// A graph that grows as layers are lowered into it, and can be cut back to any layer.
class Network::Shadow final : public Lowering {
  public:
    explicit Shadow(const Network& network) : network_(network), graph_(std::make_unique<ir::Graph>()) {
        graph_->name = network.name_;
    }

    Status addInputs() {
        for (const auto& t : network_.inputs_) {
            ir::Shape shape;
            for (int d = 0; d < t->declaredDims.nbDims; ++d) {
                int64_t extent = t->declaredDims.d[d];
                if (extent >= 0) {
                    shape.push_back(extent);
                    continue;
                }
                // Dimensions with one name are equal.
                const std::string& name = t->dimNames[d];
                auto known = name.empty() ? named_.end() : named_.find(name);
                if (known != named_.end()) {
                    shape.push_back(ir::Dim::symbol(known->second));
                    continue;
                }
                ir::SymbolInfo s;
                s.name = name;
                s.index = d;
                ir::SymbolId id = graph_->addSymbol(std::move(s));
                pending_.push_back(id);
                if (!name.empty()) named_[name] = id;
                shape.push_back(ir::Dim::symbol(id));
            }
            ir::Value* v = graph_->body().addParameter({fromApi(t->declaredType), shape}, t->name());
            for (ir::SymbolId id : pending_) graph_->symbols()[id].value = v;
            pending_.clear();
            values_[t.get()] = v;
        }
        return {};
    }

    // Lowers layers [done, end); a layer that fails is remembered, and only those that need it fail too.
    void lowerTo(int end) {
        while (static_cast<int>(marks_.size()) < end) {
            LayerCore& layer = *network_.layers_[marks_.size()];
            marks_.push_back(graph_->body().nodes().size());
            current_ = &layer;
            Status s = lowerOne(layer);
            if (!s.ok())
                for (const auto& t : layer.outputs()) values_.erase(t.get());
            s.prefix(fmt::format("layer '{}'", layer.name()));
            failures_.push_back(std::move(s));
        }
    }

    void cutTo(int position) {
        if (position >= static_cast<int>(marks_.size())) return;
        for (size_t i = position; i < marks_.size(); ++i)
            for (const auto& t : network_.layers_[i]->outputs()) values_.erase(t.get());
        auto& nodes = graph_->body().nodes();
        while (nodes.size() > marks_[position]) graph_->body().erase(nodes.back().get());
        marks_.resize(position);
        failures_.resize(position);
    }

    const Status& failure(int position) const { return failures_[position]; }
    Result<ir::Value*> copy(ir::Value* v, const std::string& name) {
        const ir::Op* op = ops::find("identity");
        if (!op) return internalError("there is no op 'identity'");
        ir::Node* n = graph_->body().append(*op, op->makeAttrs(), {v}, 1, name);
        TRY(ir::inferNode(*n));
        n->output()->setName(name);
        return n->output();
    }
    // Inputs whose elements shapes depend on.
    std::set<const ir::Value*> shapeParameters() const {
        std::set<const ir::Value*> seen, out;
        std::vector<const ir::Value*> open;
        for (const ir::SymbolInfo& s : graph_->symbols())
            if (s.source == ir::SymbolInfo::Source::kElement) open.push_back(s.value);
        while (!open.empty()) {
            const ir::Value* v = open.back();
            open.pop_back();
            // Large and real tensors hold data, not shapes: their elements are read when they have been computed.
            bool small = ir::isConstant(v->shape()) && ir::volume(ir::constantDims(v->shape())) <= ir::kMaxElements;
            if (!small || isFloating(v->dtype()) || !seen.insert(v).second) continue;
            if (v->parameterOf()) out.insert(v);
            if (v->producer())
                for (const ir::Value* in : v->producer()->inputs())
                    if (in) open.push_back(in);
        }
        return out;
    }
    std::unique_ptr<ir::Graph> take() { return std::move(graph_); }
    ir::Value* find(const Tensor& t) const {
        auto at = values_.find(&t);
        return at == values_.end() ? nullptr : at->second;
    }

    ir::Graph& graph() override { return *graph_; }
    ir::Region& region() override { return graph_->body(); }
    ir::Value* valueOf(const Tensor& tensor) override { return find(tensor); }

    Result<ir::Value*> weights(const nvinfer1::Weights& w, const ir::Dims& dims, const std::string& fallback) override {
        int64_t count = TRY(ir::checkedVolume(dims));
        std::string name = network_.weightsName(w.values, fallback);
        if (w.count != count)
            return invalidArgument("weights '{}' hold {} values where the shape {} needs {}", name, w.count,
                                   ir::toString(dims), count);
        if (!w.values && count > 0) return invalidArgument("weights '{}' have a null pointer", name);
        DType type = fromApi(w.type);
        std::span<const std::byte> bytes(static_cast<const std::byte*>(w.values),
                                         static_cast<size_t>(bytesOf(type, count)));
        return constant(std::make_shared<ir::Weights>(type, dims, bytes, nullptr, name));
    }
    Result<ir::Value*> constant(ir::WeightsRef weights) override {
        std::string name = weights->name();
        return graph_->addConstant(std::move(weights), std::move(name));
    }
    Result<ir::Node*> node(const char* op, std::unique_ptr<ir::Attrs> attrs, std::vector<ir::Value*> inputs,
                           int outputs) override {
        const ir::Op* known = ops::find(op);
        if (!known) return internalError("there is no op '{}'", op);
        ir::Node* n = graph_->body().append(*known, std::move(attrs), std::move(inputs), outputs, current_->name());
        TRY(ir::inferNode(*n));
        return n;
    }
    void setOutput(int index, ir::Value* value) override {
        const Tensor& t = *current_->outputs()[index];
        if (value->name().empty()) value->setName(t.name());
        values_[&t] = value;
    }

  private:
    Status lowerOne(LayerCore& layer) {
        for (int i = 0; i < static_cast<int>(layer.inputs().size()); ++i) {
            const Tensor* t = layer.input(i);
            if (!t || find(*t)) continue;
            if (t->producer() && t->producer()->position >= layer.position)
                return invalidArgument("input {} ('{}') comes from layer '{}', which is added later", i, t->name(),
                                       t->producer()->name());
            const Status& cause = t->producer() ? failures_[t->producer()->position] : failures_.front();
            return Status(cause.ok() ? Code::kInvalidArgument : cause.code(),
                          fmt::format("input {} ('{}') cannot be computed: {}", i, t->name(), cause.message()));
        }
        TRY(layer.lower(*this));
        for (const auto& t : layer.outputs()) {
            ir::Value* v = find(*t);
            if (!v) return internalError("output {} was not set", t->index());
            std::optional<nvinfer1::DataType> type;
            if (t->typeIsSet) type = t->declaredType;
            if (layer.outputTypeIsSet(t->index())) type = layer.getOutputType(t->index());
            if (type && fromApi(*type) != v->dtype()) {
                if (network_.stronglyTyped())
                    return invalidArgument(
                        "output {} has the type {} in a strongly typed network, and cannot be made {}", t->index(),
                        toString(v->dtype()), toString(fromApi(*type)));
                setOutput(t->index(), TRY(asType(v, fromApi(*type))));
            }
        }
        return {};
    }

    const Network& network_;
    std::unique_ptr<ir::Graph> graph_;
    std::unordered_map<const Tensor*, ir::Value*> values_;
    std::map<std::string, ir::SymbolId> named_;
    std::vector<ir::SymbolId> pending_;
    std::vector<size_t> marks_;  // number of nodes before each lowered layer
    std::vector<Status> failures_;
    LayerCore* current_ = nullptr;
};

Network::Network(nvinfer1::IBuilder& builder, Reporter& builderReporter, nvinfer1::NetworkDefinitionCreationFlags flags)
    : builder_(builder), reporter_(builderReporter.logger()), flags_(flags) {
    mImpl = this;
    reporter_.setRecorder(builderReporter.recorder());
}

Network::~Network() = default;

void Network::invalidate(int position) {
    if (!shadow_) return;
    if (position == 0)
        shadow_ = nullptr;
    else
        shadow_->cutTo(position);
}

Result<const ir::Value*> Network::shadowValue(const Tensor& tensor) const {
    if (!shadow_) {
        shadow_ = std::make_unique<Shadow>(*this);
        TRY(shadow_->addInputs());
    }
    if (tensor.producer()) {
        shadow_->lowerTo(tensor.producer()->position + 1);
        const Status& s = shadow_->failure(tensor.producer()->position);
        if (!s.ok()) return s;
    }
    const ir::Value* v = shadow_->find(tensor);
    if (!v) return internalError("tensor '{}' was not lowered", tensor.name());
    return v;
}

Result<ir::TensorType> Network::typeOf(const Tensor& tensor) const { return TRY(shadowValue(tensor))->type(); }

Result<Network::Lowered> Network::lower() const {
    if (outputs_.empty())
        return makeStatus(Code::kInvalidState, "the network has no outputs; mark them with markOutput");
    Shadow shadow(*this);
    TRY(shadow.addInputs());
    shadow.lowerTo(static_cast<int>(layers_.size()));
    for (size_t i = 0; i < layers_.size(); ++i)
        if (!shadow.failure(static_cast<int>(i)).ok()) return shadow.failure(static_cast<int>(i));
    Lowered out;
    std::set<std::string> names;
    auto describe = [&](const Tensor& t, const ir::Value& v, bool input, bool shape, int index) -> Status {
        if (!names.insert(t.name()).second) return invalidArgument("two inputs or outputs are named '{}'", t.name());
        plan::IoTensor io;
        io.name = t.name();
        io.isInput = input;
        io.isShape = shape;
        io.dtype = v.dtype();
        io.shape = v.shape();
        io.dimNames.assign(t.dimNames.begin(), t.dimNames.begin() + v.rank());
        io.index = index;
        out.io.io.push_back(std::move(io));
        return {};
    };
    std::set<const ir::Value*> results;
    for (Tensor* t : outputs_) {
        ir::Value* v = shadow.find(*t);
        // A result has a buffer of its own, which inputs, constants and other results don't share.
        if (!v->producer() || !results.insert(v).second) v = TRY(shadow.copy(v, t->name()));
        shadow.region().addResult(v);
    }
    std::set<const ir::Value*> shapes = shadow.shapeParameters();
    for (size_t i = 0; i < inputs_.size(); ++i) {
        const ir::Value* v = shadow.find(*inputs_[i]);
        TRY(describe(*inputs_[i], *v, true, shapes.count(v) != 0, static_cast<int>(i)));
    }
    for (size_t i = 0; i < outputs_.size(); ++i)
        TRY(describe(*outputs_[i], *shadow.region().results()[i], false, shapeOutputs_.count(outputs_[i]) != 0,
                     static_cast<int>(i)));
    out.graph = shadow.take();
    return out;
}

bool Network::isOutput(const Tensor& tensor) const {
    return std::find(outputs_.begin(), outputs_.end(), &tensor) != outputs_.end();
}

std::string Network::weightsName(const void* values, const std::string& fallback) const {
    auto at = values ? weightNames_.find(values) : weightNames_.end();
    return at == weightNames_.end() ? fallback : at->second;
}

bool Network::owns(const char* where, std::initializer_list<const nvinfer1::ITensor*> tensors) const noexcept {
    return guardedStatus(reporter_, where, [&]() -> Status {
        int i = 0;
        for (const nvinfer1::ITensor* t : tensors) {
            if (!t) return invalidArgument("input tensor {} is null", i);
            if (&Tensor::of(*t).network() != this)
                return invalidArgument("input tensor {} ('{}') belongs to another network", i, Tensor::of(*t).name());
            ++i;
        }
        return {};
    });
}

std::optional<std::vector<Tensor*>> Network::ownedList(const char* where, nvinfer1::ITensor* const* tensors,
                                                       int32_t count, int32_t least) const noexcept {
    using List = std::optional<std::vector<Tensor*>>;
    return guarded<List>(reporter_, where, std::nullopt, [&]() -> Result<List> {
        if (count < least || (count > 0 && !tensors)) return invalidArgument("{} inputs", count);
        std::vector<Tensor*> out;
        for (int32_t i = 0; i < count; ++i) {
            if (!tensors[i]) return invalidArgument("input {} is null", i);
            Tensor& t = Tensor::of(*tensors[i]);
            if (&t.network() != this) return invalidArgument("input {} ('{}') belongs to another network", i, t.name());
            out.push_back(&t);
        }
        return List(std::move(out));
    });
}

nvinfer1::ITensor* Network::addInput(char const* name, nvinfer1::DataType type,
                                     nvinfer1::Dims const& dimensions) noexcept {
    return guarded<nvinfer1::ITensor*>(
        reporter_, "INetworkDefinition::addInput", nullptr, [&]() -> Result<nvinfer1::ITensor*> {
            if (!name || !*name) return invalidArgument("the name is empty");
            for (const auto& t : inputs_)
                if (t->name() == name) return invalidArgument("an input named '{}' is there already", name);
            ir::Dims dims = TRY(fromApi(dimensions));
            for (int64_t d : dims)
                if (d < -1)
                    return invalidArgument("input '{}' has the extent {}; -1 stands for one that varies", name, d);
            auto t = std::make_unique<Tensor>(*this, nullptr, static_cast<int>(inputs_.size()), name);
            t->declaredDims = dimensions;
            t->declaredType = type;
            t->typeIsSet = true;
            inputs_.push_back(std::move(t));
            invalidate(0);
            return inputs_.back().get();
        });
}

void Network::markOutput(nvinfer1::ITensor& tensor) noexcept {
    guardedStatus(reporter_, "INetworkDefinition::markOutput", [&]() -> Status {
        Tensor& t = Tensor::of(tensor);
        if (&t.network() != this) return invalidArgument("tensor '{}' belongs to another network", t.name());
        if (isOutput(t)) return {};
        outputs_.push_back(&t);
        return {};
    });
}

void Network::unmarkOutput(nvinfer1::ITensor& tensor) noexcept { std::erase(outputs_, &Tensor::of(tensor)); }

int32_t Network::getNbLayers() const noexcept { return static_cast<int32_t>(layers_.size()); }
nvinfer1::ILayer* Network::getLayer(int32_t index) const noexcept {
    return index >= 0 && index < getNbLayers() ? layers_[index]->asLayer : nullptr;
}
int32_t Network::getNbInputs() const noexcept { return static_cast<int32_t>(inputs_.size()); }
nvinfer1::ITensor* Network::getInput(int32_t index) const noexcept {
    return index >= 0 && index < getNbInputs() ? inputs_[index].get() : nullptr;
}
int32_t Network::getNbOutputs() const noexcept { return static_cast<int32_t>(outputs_.size()); }
nvinfer1::ITensor* Network::getOutput(int32_t index) const noexcept {
    return index >= 0 && index < getNbOutputs() ? outputs_[index] : nullptr;
}

void Network::removeTensor(nvinfer1::ITensor& tensor) noexcept {
    guardedStatus(reporter_, "INetworkDefinition::removeTensor", [&]() -> Status {
        Tensor& t = Tensor::of(tensor);
        if (t.producer())
            return invalidArgument("tensor '{}' is the output of layer '{}', which cannot be removed", t.name(),
                                   t.producer()->name());
        for (const auto& layer : layers_)
            for (const Tensor* in : layer->inputs())
                if (in == &t) return invalidArgument("tensor '{}' is an input of layer '{}'", t.name(), layer->name());
        unmarkOutput(tensor);
        std::erase_if(inputs_, [&](const auto& p) { return p.get() == &t; });
        invalidate(0);
        return {};
    });
}

void Network::setName(char const* name) noexcept {
    guardedStatus(reporter_, "INetworkDefinition::setName", [&]() -> Status {
        if (!name) return invalidArgument("the name is null");
        name_ = name;
        return {};
    });
}
char const* Network::getName() const noexcept { return name_.c_str(); }
bool Network::hasImplicitBatchDimension() const noexcept { return false; }

bool Network::markOutputForShapes(nvinfer1::ITensor& tensor) noexcept {
    return guardedStatus(reporter_, "INetworkDefinition::markOutputForShapes", [&]() -> Status {
        Tensor& t = Tensor::of(tensor);
        if (&t.network() != this) return invalidArgument("tensor '{}' belongs to another network", t.name());
        shapeOutputs_.insert(&t);
        if (!isOutput(t)) outputs_.push_back(&t);
        return {};
    });
}
bool Network::unmarkOutputForShapes(nvinfer1::ITensor& tensor) noexcept {
    if (!shapeOutputs_.erase(&Tensor::of(tensor))) return false;
    unmarkOutput(tensor);
    return true;
}

bool Network::setWeightsName(nvinfer1::Weights weights, char const* name) noexcept {
    return guardedStatus(reporter_, "INetworkDefinition::setWeightsName", [&]() -> Status {
        if (!name || !*name) return invalidArgument("the name is empty");
        if (!weights.values) return invalidArgument("weights '{}' have no values", name);
        weightNames_[weights.values] = name;
        return {};
    });
}

void Network::setErrorRecorder(nvinfer1::IErrorRecorder* recorder) noexcept { reporter_.setRecorder(recorder); }
nvinfer1::IErrorRecorder* Network::getErrorRecorder() const noexcept { return reporter_.recorder(); }
nvinfer1::IBuilder& Network::getBuilder() const noexcept { return builder_; }
nvinfer1::NetworkDefinitionCreationFlags Network::getFlags() const noexcept { return flags_; }
bool Network::getFlag(nvinfer1::NetworkDefinitionCreationFlag flag) const noexcept {
    return (flags_ >> static_cast<uint32_t>(flag)) & 1u;
}

bool Network::markDebug(nvinfer1::ITensor&) noexcept {
    notSupported(reporter_, "INetworkDefinition::markDebug", "debug tensors come with a later release");
    return false;
}
bool Network::unmarkDebug(nvinfer1::ITensor&) noexcept { return false; }
bool Network::isDebugTensor(nvinfer1::ITensor const&) const noexcept { return false; }
bool Network::markWeightsRefittable(char const* name) noexcept { return name && refittable_.insert(name).second; }
bool Network::unmarkWeightsRefittable(char const* name) noexcept { return name && refittable_.erase(name) != 0; }
bool Network::areWeightsMarkedRefittable(char const* name) const noexcept {
    return name && refittable_.count(name) != 0;
}
bool Network::markUnfusedTensorsAsDebugTensors() noexcept {
    notSupported(reporter_, "INetworkDefinition::markUnfusedTensorsAsDebugTensors",
                 "debug tensors come with a later release");
    return false;
}
bool Network::unmarkUnfusedTensorsAsDebugTensors() noexcept { return false; }

}  // namespace lathe::api
