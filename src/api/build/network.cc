// SPDX-License-Identifier: Apache-2.0
#include "api/build/network.h"

#include <algorithm>

#include "api/build/attention.h"
#include "api/build/control_flow.h"
#include "api/build/graph_lowering.h"
#include "api/build/sources.h"
#include "api/build/structured_lowering.h"
#include "plan/io_format.h"

namespace lathe::api {

namespace {

// Inputs whose elements shapes depend on.
std::set<const ir::Value*> shapeParameters(const ir::Graph& graph) {
    std::set<const ir::Value*> seen, out;
    std::vector<const ir::Value*> open;
    for (const ir::SymbolInfo& s : graph.symbols())
        if (s.source == ir::SymbolInfo::Source::kElement) open.push_back(s.value);
    while (!open.empty()) {
        const ir::Value* v = open.back();
        open.pop_back();
        // Large and real tensors hold data, not shapes: their elements are read when they have been computed.
        bool small = ir::isConstant(v->shape()) && ir::volume(ir::constantDims(v->shape())) <= ir::kMaxElements;
        if (!small || isFloating(v->dtype()) || !seen.insert(v).second) continue;
        if (v->parameterOf() == &graph.body()) out.insert(v);
        if (v->producer())
            for (const ir::Value* in : v->producer()->inputs())
                if (in) open.push_back(in);
    }
    return out;
}

}  // namespace

Network::Network(nvinfer1::IBuilder& builder, Reporter& builderReporter, nvinfer1::NetworkDefinitionCreationFlags flags)
    : builder_(builder), reporter_(builderReporter.logger()), flags_(flags) {
    mImpl = this;
    reporter_.setRecorder(builderReporter.recorder());
}

Network::~Network() { forgetSources(*this); }

void Network::invalidate(int position) {
    if (!shadow_) return;
    if (position == 0)
        shadow_ = nullptr;
    else
        shadow_->drop(position);
}

Result<const ir::Value*> Network::shadowValue(const Tensor& tensor) const {
    if (!shadow_) {
        auto shadow = std::make_unique<ShadowLowering>(*this);
        TRY(shadow->addInputs());
        shadow_ = std::move(shadow);
    }
    if (tensor.producer()) {
        const Status& s = shadow_->lower(*tensor.producer());
        if (!s.ok()) return s;
    }
    const ir::Value* v = shadow_->find(tensor);
    if (!v) return internalError("tensor '{}' was not lowered", tensor.name());
    return v;
}

Result<ir::TensorType> Network::typeOf(const Tensor& tensor) const { return TRY(shadowValue(tensor))->type(); }

Result<std::optional<std::vector<int64_t>>> Network::integersOf(const Tensor& tensor) const {
    const ir::Value* v = TRY(shadowValue(tensor));
    std::optional<std::vector<int64_t>> out;
    if (!v->elements() || !ir::isConstant(*v->elements())) return out;
    out.emplace();
    for (const ir::Dim& d : *v->elements()) out->push_back(d.value());
    return out;
}

std::set<std::string> Network::layersKeptInFloat() const {
    std::set<std::string> names;
    for (const auto& l : layers_) {
        if (!l->precisionIsSet() || l->getPrecision() != nvinfer1::DataType::kFLOAT) continue;
        names.insert(l->name());
        if (l->getMetadata()[0]) names.insert(l->getMetadata());
    }
    return names;
}

bool Network::quantizesExplicitly() const {
    return std::any_of(layers_.begin(), layers_.end(), [](const auto& l) {
        return l->getType() == nvinfer1::LayerType::kQUANTIZE || l->getType() == nvinfer1::LayerType::kDEQUANTIZE;
    });
}

Result<Network::Lowered> Network::lower(bool int8) const {
    if (outputs_.empty())
        return makeStatus(Code::kInvalidState, "the network has no outputs; mark them with markOutput");
    for (const auto& t : inputs_)
        if (t->isInt8BufferOfFloats() && !(t->hasRange && t->int8Scale() > 0) && !stronglyTyped() &&
            !quantizesExplicitly())
            return makeStatus(Code::kInvalidConfig,
                              "input '{}' was given the type kINT8, which needs a dynamic range "
                              "(ITensor::setDynamicRange) or quantize layers",
                              t->name());
    for (const auto& layer : layers_) TRY_IN(fmt::format("layer '{}'", layer->name()), layer->checkUse());
    std::set<std::string> debugged;
    for (const Tensor* t : debugTensors_)
        if (!debugged.insert(t->name()).second) return invalidArgument("two debug tensors are named '{}'", t->name());
    StructuredLowering lowering(*this, int8);
    TRY(lowering.addInputs());
    TRY(lowering.lowerAll());
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
        io.format = TRY(plan::chooseFormat(t.getAllowedFormats(), io));
        out.io.io.push_back(std::move(io));
        return {};
    };
    std::vector<const ir::Value*> inputs, outputs;
    for (const auto& t : inputs_) inputs.push_back(lowering.valueOf(*t));
    for (Tensor* t : outputs_) outputs.push_back(TRY(lowering.addResult(*t)));
    out.graph = lowering.take();
    out.roles = lowering.takeRoles();
    out.keptFloat = lowering.takeKeptFloat();
    std::set<const ir::Value*> shapes = shapeParameters(*out.graph);
    for (size_t i = 0; i < inputs.size(); ++i)
        TRY(describe(*inputs_[i], *inputs[i], true, shapes.count(inputs[i]) != 0, static_cast<int>(i)));
    for (size_t i = 0; i < outputs.size(); ++i)
        TRY(describe(*outputs_[i], *outputs[i], false, shapeOutputs_.count(outputs_[i]) != 0, static_cast<int>(i)));
    return out;
}

bool Network::isOutput(const Tensor& tensor) const {
    return std::find(outputs_.begin(), outputs_.end(), &tensor) != outputs_.end();
}

Result<const void*> Network::keep(const nvinfer1::Weights& w) {
    TRY(mustExist(w.type, "type"));
    if (w.count < 1 || !w.values) return invalidArgument("there are {} values at {}", w.count, w.values);
    auto* from = static_cast<const std::byte*>(w.values);
    return kept_.emplace_back(from, from + bytesOf(fromApi(w.type), w.count)).data();
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
            TRY_IN(fmt::format("input '{}'", name), mustExist(type, "type"));
            ir::Dims dims = TRY(fromApi(dimensions));
            for (int64_t d : dims)
                if (d < -1)
                    return invalidArgument("input '{}' has the extent {}; -1 stands for one that varies", name, d);
            auto t = std::make_unique<Tensor>(*this, nullptr, static_cast<int>(inputs_.size()), name);
            t->declaredDims = dimensions;
            t->declaredType = t->addedType = type;
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
        debugTensors_.erase(&t);
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

bool Network::markDebug(nvinfer1::ITensor& tensor) noexcept {
    return guardedStatus(reporter_, "INetworkDefinition::markDebug", [&]() -> Status {
        Tensor& t = Tensor::of(tensor);
        if (&t.network() != this) return invalidArgument("tensor '{}' belongs to another network", t.name());
        debugTensors_.insert(&t);
        return {};
    });
}
bool Network::unmarkDebug(nvinfer1::ITensor& tensor) noexcept { return debugTensors_.erase(&Tensor::of(tensor)) != 0; }
bool Network::isDebugTensor(nvinfer1::ITensor const& tensor) const noexcept {
    return debugTensors_.count(&Tensor::of(tensor)) != 0;
}
bool Network::markWeightsRefittable(char const* name) noexcept { return name && refittable_.insert(name).second; }
bool Network::unmarkWeightsRefittable(char const* name) noexcept { return name && refittable_.erase(name) != 0; }
bool Network::areWeightsMarkedRefittable(char const* name) const noexcept {
    return name && refittable_.count(name) != 0;
}
bool Network::markUnfusedTensorsAsDebugTensors() noexcept {
    debugsUnfused_ = true;
    return true;
}
bool Network::unmarkUnfusedTensorsAsDebugTensors() noexcept {
    debugsUnfused_ = false;
    return true;
}

}  // namespace lathe::api
