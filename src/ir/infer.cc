// SPDX-License-Identifier: Apache-2.0
#include "ir/infer.h"

namespace lathe::ir {
namespace {

// Inference over a graph: types come from values, unknown extents become symbols.
class GraphContext : public InferContext {
  public:
    explicit GraphContext(Node& node) : node_(node), graph_(node.parent()->graph()) {}

    const Node& node() const override { return node_; }
    int inputCount() const override { return node_.inputCount(); }
    bool has(int i) const override { return node_.input(i) != nullptr; }
    const TensorType& input(int i) const override { return node_.input(i)->type(); }
    const std::vector<Dim>* elements(int i) const override { return node_.input(i)->elements(); }
    Result<std::span<const std::byte>> constantBytes(int i) const override {
        const Value* v = node_.input(i);
        return v->isConstant() ? v->constant()->bytes()
                               : Result<std::span<const std::byte>>(std::span<const std::byte>());
    }
    void setOutput(int i, TensorType type) override {
        if (!hasOutput(i)) return;
        node_.output(i)->setType(std::move(type));
        node_.output(i)->setElements(std::nullopt);
    }
    void setElements(int i, std::vector<Dim> elements) override {
        if (hasOutput(i) && static_cast<int64_t>(elements.size()) <= kMaxElements)
            node_.output(i)->setElements(std::move(elements));
    }
    Dim dataDependentDim(int output, int axis, const Dim& upperBound) override {
        return hasOutput(output) ? extentSymbol(node_.output(output), axis, upperBound) : upperBound;
    }
    Dim parameterDim(int region, int parameter, int axis, const Dim& upperBound) override {
        return extentSymbol(node_.region(region).parameters()[parameter], axis, upperBound);
    }
    Result<std::vector<Dim>> elementsOrSymbols(int i) override {
        Value* v = node_.input(i);
        if (const auto* known = v->elements()) return *known;
        if (!ir::isConstant(v->shape()))
            return unsupported(
                "input {} ('{}') must have a length that is known when the engine is built, but its shape is {}", i,
                v->name(), ir::toString(v->shape()));
        int64_t count = TRY(checkedVolume(constantDims(v->shape())));
        if (count > kMaxElements)
            return unsupported("input {} ('{}') has {} elements; at most {} can be used as a shape", i, v->name(),
                               count, kMaxElements);
        // As above, the same symbols however often this is asked.
        std::vector<Dim> out(count, Dim(-1));
        for (size_t id = 0; id < graph_.symbols().size(); ++id) {
            const SymbolInfo& s = graph_.symbols()[id];
            if (s.source == SymbolInfo::Source::kElement && s.value == v && s.index >= 0 && s.index < count)
                out[s.index] = Dim::symbol(static_cast<SymbolId>(id));
        }
        for (int64_t k = 0; k < count; ++k) {
            if (!out[k].isConstant()) continue;
            SymbolInfo s;
            s.source = SymbolInfo::Source::kElement;
            s.value = v;
            s.index = k;
            s.min = v->dtype() == DType::kInt32 ? INT32_MIN : v->dtype() == DType::kBool ? 0 : INT64_MIN;
            s.max = v->dtype() == DType::kInt32 ? INT32_MAX : v->dtype() == DType::kBool ? 1 : INT64_MAX;
            out[k] = Dim::symbol(graph_.addSymbol(std::move(s)));
        }
        // Other readers of the same tensor must see the same symbols.
        v->setElements(out);
        return out;
    }
    Dim::Range symbolRange(SymbolId id) const override {
        if (static_cast<size_t>(id) >= graph_.symbols().size()) return {};
        const SymbolInfo& s = graph_.symbols()[id];
        if (s.source == SymbolInfo::Source::kElement) return {s.min, s.max};
        return {std::max<int64_t>(s.min, 0), std::min(s.max, kMaxExtent)};
    }
    Status inferRegion(int region, std::span<const TensorType> parameters) override {
        if (region < 0 || region >= static_cast<int>(node_.regions().size()))
            return invalidArgument("it has {} regions, region {} is needed", node_.regions().size(), region);
        Region& r = node_.region(region);
        if (r.parameters().size() != parameters.size())
            return internalError("region {} has {} parameters, {} types were given", region, r.parameters().size(),
                                 parameters.size());
        for (size_t i = 0; i < parameters.size(); ++i) {
            r.parameters()[i]->setType(parameters[i]);
            r.parameters()[i]->setElements(std::nullopt);
        }
        return ir::inferRegion(r);
    }
    // An op sets all the outputs that it can have; a node may be made with fewer by mistake.
    Status missingOutput() const {
        if (missing_ < 0) return {};
        return invalidArgument("it has {} outputs, output {} is needed", node_.outputCount(), missing_);
    }

  private:
    bool hasOutput(int i) {
        if (i >= 0 && i < node_.outputCount()) return true;
        missing_ = i;
        return false;
    }
    // Inferring twice must give the same symbol, or every user of the shape would see a new one.
    Dim extentSymbol(Value* value, int axis, const Dim& upperBound) {
        for (size_t i = 0; i < graph_.symbols().size(); ++i) {
            SymbolInfo& s = graph_.symbols()[i];
            if (s.source == SymbolInfo::Source::kOutputDim && s.value == value && s.index == axis) {
                s.upperBound = upperBound;
                return Dim::symbol(static_cast<SymbolId>(i));
            }
        }
        SymbolInfo s;
        s.source = SymbolInfo::Source::kOutputDim;
        s.value = value;
        s.index = axis;
        s.upperBound = upperBound;
        return Dim::symbol(graph_.addSymbol(std::move(s)));
    }

    Node& node_;
    Graph& graph_;
    int missing_ = -1;
};

// The same rules on numbers.
class NumberContext : public InferContext {
  public:
    NumberContext(const Node& node, std::span<const ConcreteInput> inputs) : node_(node), inputs_(inputs) {
        for (const ConcreteInput& in : inputs) {
            types_.push_back({in.dtype, toShape(in.dims)});
            elements_.emplace_back();
            bool integer = in.dtype == DType::kInt64 || in.dtype == DType::kInt32 || in.dtype == DType::kBool;
            if (!in.present || !in.bytes.data() || !integer || volume(in.dims) > kMaxElements) continue;
            auto known = integerElements(Weights(in.dtype, in.dims, in.bytes, nullptr, {}));
            if (known) elements_.back().emplace(known->begin(), known->end());
        }
        outputs_.resize(node.outputCount());
    }
    const Node& node() const override { return node_; }
    int inputCount() const override { return static_cast<int>(inputs_.size()); }
    bool has(int i) const override { return i < inputCount() && inputs_[i].present; }
    const TensorType& input(int i) const override { return types_[i]; }
    const std::vector<Dim>* elements(int i) const override { return elements_[i] ? &*elements_[i] : nullptr; }
    Result<std::span<const std::byte>> constantBytes(int i) const override { return inputs_[i].bytes; }
    void setOutput(int i, TensorType type) override {
        if (i >= 0 && i < static_cast<int>(outputs_.size())) outputs_[i] = std::move(type);
    }
    void setElements(int, std::vector<Dim>) override {}
    Dim dataDependentDim(int, int, const Dim& upperBound) override { return upperBound; }
    Dim parameterDim(int, int, int, const Dim& upperBound) override { return upperBound; }
    Result<std::vector<Dim>> elementsOrSymbols(int i) override {
        if (elements_[i]) return *elements_[i];
        if (volume(inputs_[i].dims) == 0) return std::vector<Dim>();
        return makeStatus(Code::kInvalidState, "the elements of input {} are needed, but not in host memory", i);
    }
    Status inferRegion(int, std::span<const TensorType>) override {
        return internalError("regions have no shapes of their own before they run");
    }
    std::vector<TensorType>& outputs() { return outputs_; }

  private:
    const Node& node_;
    std::span<const ConcreteInput> inputs_;
    std::vector<TensorType> types_;
    std::vector<std::optional<std::vector<Dim>>> elements_;
    std::vector<TensorType> outputs_;
};

Status checkOutput(const Node& node, int i, const TensorType& type) {
    if (type.shape.size() > static_cast<size_t>(kMaxRank))
        return unsupported("output {} has {} dimensions; at most {} are supported", i, type.shape.size(), kMaxRank);
    for (const Dim& d : type.shape) {
        if (d.isConstant() && d.value() < 0)
            return invalidArgument("output {} would have the shape {}, with a negative extent", i,
                                   toString(type.shape));
        if (d.isConstant() && d.value() > kMaxExtent)
            return unsupported("output {} would have the shape {}, with an extent beyond {}", i, toString(type.shape),
                               kMaxExtent);
    }
    if (isConstant(type.shape)) TRY_IN(fmt::format("output {}", i), checkedVolume(constantDims(type.shape)));
    (void)node;
    return {};
}

}  // namespace

Status inferNode(Node& node) {
    GraphContext c(node);
    auto run = [&]() -> Status {
        TRY(node.op().infer(c));
        TRY(c.missingOutput());
        for (int i = 0; i < node.outputCount(); ++i) TRY(checkOutput(node, i, node.output(i)->type()));
        return {};
    };
    TRY_IN(fmt::format("node '{}' ({})", node.name(), node.op().name()), run());
    return {};
}

Status inferRegion(Region& region) {
    for (const auto& n : region.nodes()) TRY(inferNode(*n));
    return {};
}

Status inferGraph(Graph& graph) { return inferRegion(graph.body()); }

Result<std::vector<TensorType>> inferConcrete(const Node& node, std::span<const ConcreteInput> inputs) {
    NumberContext c(node, inputs);
    TRY(node.op().infer(c));
    for (size_t i = 0; i < c.outputs().size(); ++i) {
        TRY(checkOutput(node, static_cast<int>(i), c.outputs()[i]));
        // Impossible shapes (a failed broadcast) stay unfolded; evaluating them says why.
        for (const Dim& d : c.outputs()[i].shape) TRY(d.eval(SymbolValues()));
    }
    return std::move(c.outputs());
}

}  // namespace lathe::ir
