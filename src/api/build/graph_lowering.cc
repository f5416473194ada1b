// SPDX-License-Identifier: Apache-2.0
#include "api/build/graph_lowering.h"

#include <algorithm>

#include "ir/infer.h"
#include "ops/registry.h"

namespace lathe::api {
namespace {

// "KERNEL" of "conv1 KERNEL": the part of a weights' name that tells its role.
int64_t roleNamed(std::string_view role) {
    using nvinfer1::WeightsRole;
    WeightsRole r = role == "KERNEL"     ? WeightsRole::kKERNEL
                    : role == "BIAS"     ? WeightsRole::kBIAS
                    : role == "SHIFT"    ? WeightsRole::kSHIFT
                    : role == "SCALE"    ? WeightsRole::kSCALE
                    : role == "CONSTANT" ? WeightsRole::kCONSTANT
                                         : WeightsRole::kANY;
    return static_cast<int64_t>(r);
}

bool isPlainFloat(DType t) { return t == DType::kFloat || t == DType::kHalf || t == DType::kBf16; }

}  // namespace

GraphLowering::GraphLowering(const Network& network, bool int8)
    : network_(network), graph_(std::make_unique<ir::Graph>()), int8_(int8) {
    graph_->name = network.getName();
}

Status GraphLowering::addInputs() {
    std::map<std::string, ir::SymbolId> named;
    for (const auto& t : network_.inputs()) {
        ir::Shape shape;
        std::vector<ir::SymbolId> fresh;
        for (int d = 0; d < t->declaredDims.nbDims; ++d) {
            int64_t extent = t->declaredDims.d[d];
            if (extent >= 0) {
                shape.push_back(extent);
                continue;
            }
            const std::string& name = t->dimNames[d];
            auto known = name.empty() ? named.end() : named.find(name);
            if (known != named.end()) {
                shape.push_back(ir::Dim::symbol(known->second));
                continue;
            }
            ir::SymbolInfo s;
            s.name = name;
            s.index = d;
            ir::SymbolId id = graph_->addSymbol(std::move(s));
            fresh.push_back(id);
            if (!name.empty()) named[name] = id;
            shape.push_back(ir::Dim::symbol(id));
        }
        ir::Value* v = graph_->body().addParameter({fromApi(t->declaredType), shape}, t->name());
        for (ir::SymbolId id : fresh) graph_->symbols()[id].value = v;
        bind(*t, v);
    }
    return {};
}

Result<ir::Value*> GraphLowering::weights(const nvinfer1::Weights& w, const ir::Dims& dims,
                                          const std::string& fallback) {
    int64_t count = TRY(ir::checkedVolume(dims));
    std::string name = network_.weightsName(w.values, fallback);
    if (current_ && fallback.size() > current_->name().size())
        roles_.push_back(
            {current_->name(), roleNamed(fallback.substr(current_->name().size() + 1)), name, name != fallback});
    if (w.count != count)
        return invalidArgument("weights '{}' hold {} values where the shape {} needs {}", name, w.count,
                               ir::toString(dims), count);
    if (!w.values && count > 0) return invalidArgument("weights '{}' have a null pointer", name);
    DType type = fromApi(w.type);
    std::span<const std::byte> bytes(static_cast<const std::byte*>(w.values),
                                     static_cast<size_t>(bytesOf(type, count)));
    return constant(std::make_shared<ir::Weights>(type, dims, bytes, nullptr, name));
}

Result<ir::Value*> GraphLowering::constant(ir::WeightsRef weights) {
    std::string name = weights->name();
    return graph_->addConstant(std::move(weights), std::move(name));
}

Result<ir::Node*> GraphLowering::node(const char* op, std::unique_ptr<ir::Attrs> attrs, std::vector<ir::Value*> inputs,
                                      int outputs) {
    const ir::Op* known = ops::find(op);
    if (!known) return internalError("there is no op '{}'", op);
    ir::Node* n = region().append(*known, std::move(attrs), std::move(inputs), outputs,
                                  current_ ? current_->name() : "", before());
    // A front end's note of the node that the layer was made for is what explanations speak of.
    if (current_ && current_->getMetadata()[0]) n->origins() = {current_->getMetadata()};
    TRY(ir::inferNode(*n));
    return n;
}

Result<ir::Value*> GraphLowering::quantized(const Tensor& t, ir::Value* real) {
    ir::Value* scale = TRY(scalar(DType::kFloat, t.int8Scale()));
    ir::Value* x = TRY(asType(real, DType::kFloat));
    return emit("quantize_linear", fmt::format("output_dtype={}", toString(DType::kInt8)), {x, scale});
}

Result<ir::Value*> GraphLowering::dequantized(const Tensor& t, ir::Value* int8, DType real) {
    // Without a range only shapes are asked for: a build refuses it (Network::lower).
    ir::Value* scale = TRY(scalar(DType::kFloat, t.int8Scale() > 0 ? t.int8Scale() : 1));
    ir::Value* x =
        TRY(emit("dequantize_linear", fmt::format("output_dtype={}", toString(DType::kFloat)), {int8, scale}));
    return asType(x, real);
}

// The type that setType() gives an input is that of its buffer: layers read the type that it was added with, unless the
// network is strongly typed.
ir::Value* GraphLowering::asAdded(const Tensor& t, ir::Value* v) {
    DType added = t.producer() ? v->dtype() : fromApi(t.addedType);
    if (added == v->dtype() || !isPlainFloat(added) || !isPlainFloat(v->dtype())) return v;
    auto inside = asType(v, added);
    return inside.ok() ? *inside : v;
}

ir::Value* GraphLowering::valueOf(const Tensor& t) {
    ir::Value* v = lookUp(t);
    if (!v || !current_ || network_.stronglyTyped()) return v;
    bool hasScale = t.hasRange && t.int8Scale() > 0;
    bool isInt8 = v->dtype() == DType::kInt8 && t.isDeclaredInt8() && (hasScale || t.isInt8BufferOfFloats());
    bool rounds = int8_ && hasScale && isFloating(v->dtype()) && current_->precisionIsSet() &&
                  current_->getPrecision() == nvinfer1::DataType::kINT8;
    // Layers that quantize are what counts where there are any.
    if ((!isInt8 && !rounds) || network_.quantizesExplicitly()) return asAdded(t, v);
    auto read = [&]() -> Result<ir::Value*> {
        if (isInt8) return dequantized(t, v, DType::kFloat);
        return dequantized(t, TRY(quantized(t, v)), v->dtype());
    }();
    return read.ok() ? *read : v;  // it fails only where memory does, and so will what comes next
}

void GraphLowering::setOutput(int index, ir::Value* value) {
    const Tensor& t = *current_->outputs()[index];
    if (value->name().empty()) value->setName(t.name());
    bind(t, value);
}

Status GraphLowering::lowerLayer(LayerCore& layer) {
    LayerCore* outer = std::exchange(current_, &layer);
    Status s = [&]() -> Status {
        TRY(layer.lower(*this));
        for (const auto& t : layer.outputs()) {
            ir::Value* v = lookUp(*t);
            if (!v) return internalError("output {} was not set", t->index());
            std::optional<nvinfer1::DataType> type;
            if (t->typeIsSet) type = t->declaredType;
            if (layer.outputTypeIsSet(t->index())) type = layer.getOutputType(t->index());
            if (!type || fromApi(*type) == v->dtype()) continue;
            if (network_.stronglyTyped())
                return invalidArgument("output {} has the type {} in a strongly typed network, and cannot be made {}",
                                       t->index(), toString(v->dtype()), toString(fromApi(*type)));
            if (*type == nvinfer1::DataType::kINT8 && isFloating(v->dtype())) {
                if (!t->hasRange || !(t->int8Scale() > 0))
                    return makeStatus(Code::kInvalidConfig,
                                      "output {} ('{}') is to be int8, which needs a dynamic range "
                                      "(ITensor::setDynamicRange) or a quantize layer",
                                      t->index(), t->name());
                setOutput(t->index(), TRY(quantized(*t, v)));
                continue;
            }
            setOutput(t->index(), TRY(asType(v, fromApi(*type))));
        }
        return {};
    }();
    current_ = outer;
    return s;
}

const Status& ShadowLowering::lower(const LayerCore& wanted) {
    states_.resize(network_.layers().size(), State::kNew);
    failures_.resize(network_.layers().size());
    std::vector<int> stack = {wanted.position};
    while (!stack.empty()) {
        size_t at = static_cast<size_t>(stack.back());
        LayerCore& layer = *network_.layers()[at];
        if (states_[at] == State::kNew) {
            // First what makes its inputs; a layer that waits already would need itself, which lowerOne reports.
            states_[at] = State::kWaiting;
            for (int i = 0; i < static_cast<int>(layer.inputs().size()); ++i) {
                const Tensor* t = layer.input(i);
                if (!t || !t->producer() || layer.isBackEdge(i)) continue;
                if (states_[static_cast<size_t>(t->producer()->position)] == State::kNew)
                    stack.push_back(t->producer()->position);
            }
            continue;
        }
        stack.pop_back();
        if (states_[at] == State::kDone) continue;
        order_.push_back({static_cast<int>(at), graph_->body().nodes().size()});
        Status s = lowerOne(layer);
        if (!s.ok())
            for (const auto& t : layer.outputs()) values_.erase(t.get());
        s.prefix(fmt::format("layer '{}'", layer.name()));
        failures_[at] = std::move(s);
        states_[at] = State::kDone;
    }
    return failures_[static_cast<size_t>(wanted.position)];
}

void ShadowLowering::drop(int position) {
    auto from = std::find_if(order_.begin(), order_.end(), [&](const Lowered& l) { return l.position == position; });
    if (from == order_.end()) return;
    auto& nodes = graph_->body().nodes();
    while (nodes.size() > from->nodes) graph_->body().erase(nodes.back().get());
    for (auto l = from; l != order_.end(); ++l) {
        states_[static_cast<size_t>(l->position)] = State::kNew;
        for (const auto& t : network_.layers()[static_cast<size_t>(l->position)]->outputs()) values_.erase(t.get());
    }
    order_.erase(from, order_.end());
}

ir::Value* ShadowLowering::find(const Tensor& t) const {
    auto at = values_.find(&t);
    return at == values_.end() ? nullptr : at->second;
}

Result<ir::Value*> ShadowLowering::opaque(const ir::TensorType& type) { return graph_->body().addParameter(type, ""); }

Result<ir::Dim> ShadowLowering::unknownExtent() { return ir::Dim::symbol(graph_->addSymbol(ir::SymbolInfo())); }

Status ShadowLowering::lowerOne(LayerCore& layer) {
    for (int i = 0; i < static_cast<int>(layer.inputs().size()); ++i) {
        const Tensor* t = layer.input(i);
        if (!t || find(*t) || layer.isBackEdge(i)) continue;
        if (!t->producer()) return internalError("network input '{}' is unknown", t->name());
        size_t producer = static_cast<size_t>(t->producer()->position);
        if (states_[producer] != State::kDone)
            return invalidArgument("input {} ('{}') comes from layer '{}', which needs this layer itself", i, t->name(),
                                   t->producer()->name());
        const Status& cause = failures_[producer];
        return Status(cause.ok() ? Code::kInvalidArgument : cause.code(),
                      fmt::format("input {} ('{}') cannot be computed: {}", i, t->name(), cause.message()));
    }
    return lowerLayer(layer);
}

}  // namespace lathe::api
