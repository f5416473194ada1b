// SPDX-License-Identifier: Apache-2.0
#include "ir/graph.h"

#include <algorithm>

#include "ir/op.h"

namespace lathe::ir {
namespace {

void removeUse(std::vector<Use>& uses, const Node* node, const Region* region, int index) {
    auto at = std::find_if(uses.begin(), uses.end(),
                           [&](const Use& u) { return u.node == node && u.region == region && u.index == index; });
    ASSERT(at != uses.end());
    uses.erase(at);
}

}  // namespace

std::string toString(const TensorType& type) { return std::string(lathe::toString(type.dtype)) + toString(type.shape); }

void Value::setElements(std::optional<std::vector<Dim>> elements) {
    elements_ = elements ? std::make_unique<std::vector<Dim>>(std::move(*elements)) : nullptr;
}

void Value::replaceAllUsesWith(Value* other) {
    ASSERT(other != this);
    std::vector<Use> uses = uses_;
    for (const Use& u : uses) {
        if (u.node)
            u.node->setInput(u.index, other);
        else
            u.region->setResult(u.index, other);
    }
}

void Node::setInput(int i, Value* value) {
    if (inputs_[i]) removeUse(inputs_[i]->uses_, this, nullptr, i);
    inputs_[i] = value;
    if (value) value->uses_.push_back({this, nullptr, i});
}

void Node::addInput(Value* value) {
    inputs_.push_back(nullptr);
    setInput(inputCount() - 1, value);
}

Region& Node::addRegion() {
    auto region = std::make_unique<Region>();
    region->graph_ = parent_->graph_;
    region->parentNode_ = this;
    regions_.push_back(std::move(region));
    return *regions_.back();
}

bool Node::owns(const Value& value) const {
    if (value.producer() == this) return true;
    const Region* region = value.producer() ? value.producer()->parent() : value.parameterOf();
    for (; region && region->parentNode(); region = region->parentNode()->parent())
        if (region->parentNode() == this) return true;
    return false;
}

Value* Region::addParameter(TensorType type, std::string name) {
    Value* v = graph_->newValue(std::move(type), std::move(name));
    v->parameterOf_ = this;
    v->outputIndex_ = static_cast<int>(parameters_.size());
    parameters_.push_back(v);
    return v;
}

void Region::addResult(Value* value) {
    results_.push_back(nullptr);
    setResult(static_cast<int>(results_.size()) - 1, value);
}

void Region::setResult(int i, Value* value) {
    if (results_[i]) removeUse(results_[i]->uses_, nullptr, this, i);
    results_[i] = value;
    if (value) value->uses_.push_back({nullptr, this, i});
}

void Region::eraseResult(int i) {
    std::vector<Value*> kept = results_;
    kept.erase(kept.begin() + i);
    for (size_t k = 0; k < results_.size(); ++k) setResult(static_cast<int>(k), nullptr);
    results_.clear();
    for (Value* v : kept) addResult(v);
}

Node* Region::append(const Op& op, std::unique_ptr<Attrs> attrs, std::vector<Value*> inputs, int outputs,
                     std::string name, Node* before) {
    auto node = std::make_unique<Node>();
    node->id_ = graph_->nextNode_++;
    node->op_ = &op;
    node->attrs_ = attrs ? std::move(attrs) : op.makeAttrs();
    node->name_ = std::move(name);
    node->parent_ = this;
    for (Value* v : inputs) node->addInput(v);
    for (int i = 0; i < outputs; ++i) {
        Value* v = graph_->newValue({}, {});
        v->producer_ = node.get();
        v->outputIndex_ = i;
        node->outputs_.push_back(v);
    }
    auto at = before ? nodes_.begin() + indexOf(before) : nodes_.end();
    return nodes_.insert(at, std::move(node))->get();
}

void Region::erase(Node* node) {
    for (auto& region : node->regions_) {
        for (size_t i = 0; i < region->results_.size(); ++i) region->setResult(static_cast<int>(i), nullptr);
        while (!region->nodes_.empty()) region->erase(region->nodes_.back().get());
        for (Value* p : region->parameters_) graph_->freeValue(p);
        region->parameters_.clear();
    }
    for (int i = 0; i < node->inputCount(); ++i) node->setInput(i, nullptr);
    for (Value* v : node->outputs_) {
        ASSERT(v->uses_.empty());
        graph_->freeValue(v);
    }
    nodes_.erase(nodes_.begin() + indexOf(node));
}

void Region::move(Node* node, Node* before) {
    int from = indexOf(node);
    std::unique_ptr<Node> held = std::move(nodes_[from]);
    nodes_.erase(nodes_.begin() + from);
    auto at = before ? nodes_.begin() + indexOf(before) : nodes_.end();
    nodes_.insert(at, std::move(held));
}

int Region::indexOf(const Node* node) const {
    // Most look-ups are for a recent node.
    for (size_t i = nodes_.size(); i-- > 0;)
        if (nodes_[i].get() == node) return static_cast<int>(i);
    ASSERT(!"node of this region");
    return -1;
}

Graph::Graph() : body_(std::make_unique<Region>()) { body_->graph_ = this; }

Graph::~Graph() = default;

Value* Graph::newValue(TensorType type, std::string name) {
    auto v = std::make_unique<Value>();
    v->id_ = static_cast<int>(values_.size());
    v->type_ = std::move(type);
    v->name_ = std::move(name);
    values_.push_back(std::move(v));
    return values_.back().get();
}

void Graph::freeValue(Value* value) {
    for (SymbolInfo& s : symbols_)
        if (s.value == value) s.value = nullptr;
    values_[value->id_] = nullptr;
}

Value* Graph::addConstant(WeightsRef weights, std::string name) {
    Value* v = newValue({weights->dtype(), toShape(weights->dims())}, std::move(name));
    if (auto known = integerElements(*weights)) v->setElements(std::vector<Dim>(known->begin(), known->end()));
    v->constant_ = std::move(weights);
    return v;
}

void Graph::pruneConstants() {
    for (auto& v : values_)
        if (v && v->isConstant() && v->uses_.empty()) v = nullptr;
}

SymbolId Graph::addSymbol(SymbolInfo info) {
    symbols_.push_back(std::move(info));
    return static_cast<SymbolId>(symbols_.size()) - 1;
}

namespace {

void cloneRegion(const Region& from, Region& to, std::unordered_map<const Value*, Value*>& map) {
    for (const Value* p : from.parameters()) {
        Value* q = to.addParameter(p->type(), p->name());
        if (p->elements()) q->setElements(*p->elements());
        map[p] = q;
    }
    auto mapped = [&](const Value* v) -> Value* {
        if (!v) return nullptr;
        auto at = map.find(v);
        if (at != map.end()) return at->second;
        ASSERT(v->isConstant());
        return map[v] = to.graph().addConstant(v->constant(), v->name());
    };
    for (const auto& n : from.nodes()) {
        std::vector<Value*> inputs;
        for (const Value* v : n->inputs()) inputs.push_back(mapped(v));
        Node* copy = to.append(n->op(), n->anyAttrs().clone(), inputs, n->outputCount(), n->name());
        copy->origins() = n->origins();
        for (int i = 0; i < n->outputCount(); ++i) {
            Value *a = n->output(i), *b = copy->output(i);
            b->setType(a->type());
            b->setName(a->name());
            if (a->elements()) b->setElements(*a->elements());
            map[a] = b;
        }
        for (const auto& region : n->regions()) cloneRegion(*region, copy->addRegion(), map);
    }
    for (const Value* v : from.results()) to.addResult(mapped(v));
}

void visitNodes(const Region& region, const std::function<void(Node&)>& visit) {
    for (const auto& n : region.nodes()) {
        visit(*n);
        for (const auto& r : n->regions()) visitNodes(*r, visit);
    }
}

}  // namespace

std::unique_ptr<Graph> Graph::clone(std::unordered_map<const Value*, Value*>* map) const {
    auto copy = std::make_unique<Graph>();
    copy->name = name;
    std::unordered_map<const Value*, Value*> local;
    std::unordered_map<const Value*, Value*>& m = map ? *map : local;
    cloneRegion(*body_, *copy->body_, m);
    copy->symbols_ = symbols_;
    for (SymbolInfo& s : copy->symbols_) {
        auto at = m.find(s.value);
        s.value = at == m.end() ? nullptr : at->second;
    }
    return copy;
}

void Graph::forEachNode(const std::function<void(Node&)>& visit) const { visitNodes(*body_, visit); }

}  // namespace lathe::ir
