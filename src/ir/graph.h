// SPDX-License-Identifier: Apache-2.0
// The intermediate representation: a typed SSA graph. A region is a list of nodes in execution order; nodes of nested
// regions (branches, loop bodies) may read values of the regions around them. A value has one of four origins: a
// parameter of a region, a constant, a node's output, or (an absent optional input) no value at all.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/dtype.h"
#include "ir/attrs.h"
#include "ir/dim.h"
#include "ir/weights.h"

namespace lathe::ir {

class Graph;
class Node;
class Op;
class Region;
class Value;

struct TensorType {
    DType dtype = DType::kFloat;
    Shape shape;
    bool operator==(const TensorType&) const = default;
};
std::string toString(const TensorType& type);  // "f32[s0, 3, 8, 8]"

// One use of a value: input `index` of `node`, or, with node == nullptr, result `index` of `region`.
struct Use {
    Node* node;
    Region* region;
    int index;
};

class Value {
  public:
    int id() const { return id_; }  // unique in its graph; stable until the graph is copied
    const std::string& name() const { return name_; }
    void setName(std::string name) { name_ = std::move(name); }
    const TensorType& type() const { return type_; }
    DType dtype() const { return type_.dtype; }
    const Shape& shape() const { return type_.shape; }
    int rank() const { return static_cast<int>(type_.shape.size()); }
    void setType(TensorType type) { type_ = std::move(type); }

    // The node that makes it, and as which output; null for parameters and constants.
    Node* producer() const { return producer_; }
    int outputIndex() const { return outputIndex_; }
    // The region that it is a parameter of, or null.
    Region* parameterOf() const { return parameterOf_; }
    // Its data when it is a constant, else null.
    const WeightsRef& constant() const { return constant_; }
    bool isConstant() const { return constant_ != nullptr; }
    // What is known of an integer tensor's elements, in row-major order; null when nothing is.
    const std::vector<Dim>* elements() const { return elements_ ? elements_.get() : nullptr; }
    void setElements(std::optional<std::vector<Dim>> elements);

    const std::vector<Use>& uses() const { return uses_; }
    bool hasOneUse() const { return uses_.size() == 1; }
    void replaceAllUsesWith(Value* other);

  private:
    friend class Graph;
    friend class Node;
    friend class Region;
    int id_ = -1;
    std::string name_;
    TensorType type_;
    Node* producer_ = nullptr;
    int outputIndex_ = 0;
    Region* parameterOf_ = nullptr;
    WeightsRef constant_;
    std::unique_ptr<std::vector<Dim>> elements_;
    std::vector<Use> uses_;
};

class Node {
  public:
    int id() const { return id_; }
    const Op& op() const { return *op_; }
    // The source's name for it, for people ("conv1"); need not be unique.
    const std::string& name() const { return name_; }
    void setName(std::string name) { name_ = std::move(name); }
    // Names of all source nodes that this one stands for; passes that merge or replace nodes join the lists.
    std::vector<std::string>& origins() { return origins_; }
    const std::vector<std::string>& origins() const { return origins_; }

    template <class A>
    const A& attrs() const {
        return static_cast<const A&>(*attrs_);
    }
    template <class A>
    A& attrs() {
        return static_cast<A&>(*attrs_);
    }
    const Attrs& anyAttrs() const { return *attrs_; }
    Attrs& anyAttrs() { return *attrs_; }

    const std::vector<Value*>& inputs() const { return inputs_; }  // entries may be null (absent optional inputs)
    Value* input(int i) const { return i < static_cast<int>(inputs_.size()) ? inputs_[i] : nullptr; }
    int inputCount() const { return static_cast<int>(inputs_.size()); }
    void setInput(int i, Value* value);
    void addInput(Value* value);

    const std::vector<Value*>& outputs() const { return outputs_; }
    Value* output(int i = 0) const { return outputs_[i]; }
    int outputCount() const { return static_cast<int>(outputs_.size()); }

    const std::vector<std::unique_ptr<Region>>& regions() const { return regions_; }
    Region& region(int i) const { return *regions_[i]; }
    Region& addRegion();
    Region* parent() const { return parent_; }
    // Whether the value is an output of this node or lives in one of its regions, nested ones included.
    bool owns(const Value& value) const;

  private:
    friend class Graph;
    friend class Region;
    int id_ = -1;
    const Op* op_ = nullptr;
    std::unique_ptr<Attrs> attrs_;
    std::string name_;
    std::vector<std::string> origins_;
    std::vector<Value*> inputs_;
    std::vector<Value*> outputs_;
    std::vector<std::unique_ptr<Region>> regions_;
    Region* parent_ = nullptr;
};

class Region {
  public:
    Graph& graph() const { return *graph_; }
    Node* parentNode() const { return parentNode_; }  // null for the graph's own region
    const std::vector<Value*>& parameters() const { return parameters_; }
    const std::vector<Value*>& results() const { return results_; }
    const std::vector<std::unique_ptr<Node>>& nodes() const { return nodes_; }  // in execution order

    Value* addParameter(TensorType type, std::string name);
    void addResult(Value* value);
    void setResult(int i, Value* value);
    void eraseResult(int i);

    // Appends a node (before `before`, when given) with `outputs` fresh values of unset type. Types come from inference
    // (inferNode in ir/infer.h) or setType.
    Node* append(const Op& op, std::unique_ptr<Attrs> attrs, std::vector<Value*> inputs, int outputs, std::string name,
                 Node* before = nullptr);
    // REQUIRES: none of its outputs is used.
    void erase(Node* node);
    // Moves a node (and what it owns) before another one of the same region.
    void move(Node* node, Node* before);
    int indexOf(const Node* node) const;

  private:
    friend class Graph;
    friend class Node;
    Graph* graph_ = nullptr;
    Node* parentNode_ = nullptr;
    std::vector<Value*> parameters_;
    std::vector<Value*> results_;
    std::vector<std::unique_ptr<Node>> nodes_;
};

// Where an unknown extent or element gets its number from when the engine runs.
struct SymbolInfo {
    enum class Source : int64_t {
        kInputDim,   // axis `index` of the graph's parameter `value`
        kElement,    // element `index` of the integer tensor `value`, read when it has been computed
        kOutputDim,  // axis `index` of `value`: found by the node that makes it, while running
    };
    std::string name;  // "batch", or empty
    Source source = Source::kInputDim;
    Value* value = nullptr;
    int64_t index = 0;
    int64_t min = 0, max = INT64_MAX;  // the range that the profiles allow
    Dim upperBound;                    // of a kOutputDim: never exceeded (sizes its buffer)
};

class Graph {
  public:
    Graph();
    ~Graph();
    Graph(const Graph&) = delete;
    Graph& operator=(const Graph&) = delete;

    std::string name;
    Region& body() { return *body_; }
    const Region& body() const { return *body_; }

    // A constant value. Each call makes a new one; deduplication is a pass's business.
    Value* addConstant(WeightsRef weights, std::string name);
    // Removes constants that nobody uses.
    void pruneConstants();
    const std::vector<std::unique_ptr<Value>>& values() const { return values_; }  // some may be null (erased)

    SymbolId addSymbol(SymbolInfo info);
    std::vector<SymbolInfo>& symbols() { return symbols_; }
    const std::vector<SymbolInfo>& symbols() const { return symbols_; }

    // A deep copy; weights are shared. `map`, when given, receives old value -> new value.
    std::unique_ptr<Graph> clone(std::unordered_map<const Value*, Value*>* map = nullptr) const;

    // Every node, nested ones after the node that owns them.
    void forEachNode(const std::function<void(Node&)>& visit) const;

  private:
    friend class Region;
    friend class Node;
    Value* newValue(TensorType type, std::string name);
    void freeValue(Value* value);
    std::unique_ptr<Region> body_;
    std::vector<std::unique_ptr<Value>> values_;
    std::vector<SymbolInfo> symbols_;
    int nextNode_ = 0;
};

}  // namespace lathe::ir
