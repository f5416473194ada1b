// SPDX-License-Identifier: Apache-2.0
// Lowers a whole network for a build, loops and conditionals as nodes with regions.
//
// Layers don't say what they lie in. A layer belongs to a loop when it depends on an iteration (a recurrence or
// iterator) and is not behind one of the loop's outputs; to a branch when it depends on an input of the conditional and
// one of its outputs needs it from that side. A loop or conditional is a unit: when one of its boundary layers belongs
// to another construct, its outputs do as well. Everything else stays outside and is computed once; nodes inside read
// it from there.
//
// A loop becomes (the op's rules are ONNX's: a condition for the first iteration comes from outside, each iteration
// computes the one for the next):
//   loop(count?, condition?, initial values…) { (i, _, carried…) -> condition', next…, joined values… }
// A kWHILE limit is computed inside from the current values, before the iteration. So the layers that it needs are
// lowered twice more: with the initial values in front of the loop, and with the next values at the end of the body.
#pragma once

#include <set>

#include "api/build/control_flow.h"
#include "api/build/graph_lowering.h"

namespace lathe::api {

class StructuredLowering final : public GraphLowering {
  public:
    explicit StructuredLowering(const Network& network, bool int8 = false);

    // After addInputs(). Errors name the layer.
    Status lowerAll();
    // Makes a tensor a result of the graph. A result has a buffer of its own, which inputs, constants and other results
    // don't share.
    Result<const ir::Value*> addResult(const Tensor& tensor);

    ir::Region& region() override { return *scope_->region; }
    bool expandsPlugins() const override { return expands_; }
    void keepFloat(const std::string& node) override { keptFloat_.insert(node); }
    std::set<std::string> takeKeptFloat() { return std::move(keptFloat_); }

  private:
    using Layers = std::set<const LayerCore*>;
    // A place where nodes are put: the graph's body, the body of a loop, a branch.
    struct Scope {
        ir::Region* region = nullptr;
        ir::Node* before = nullptr;  // the node whose region is being filled, or null
        Scope* parent = nullptr;
        const Layers* members = nullptr;  // null: everything
        std::unordered_map<const Tensor*, ir::Value*> values;
    };

    // As seen from the current scope.
    ir::Value* lookUp(const Tensor& tensor) override;
    void bind(const Tensor& tensor, ir::Value* value) override { scope_->values[&tensor] = value; }
    ir::Node* before() const override { return scope_->before; }

    // Members: what belongs to a construct.
    void findMembers();
    void placeAssertions(const ConditionalCore& c);
    Layers reachable(std::vector<const Tensor*> seeds, const std::vector<BoundaryCore*>& own) const;
    Layers neededBy(const Tensor& tensor, const Layers& among) const;
    bool insideOfOther(const LayerCore& layer, const Scope& scope) const;
    Scope& home(const LayerCore& layer, Scope& scope) const;
    Scope& homeOfUnit(const std::vector<BoundaryCore*>& boundaries, Scope& scope) const;

    // Lowers what the tensor needs; its value as seen from the scope.
    Result<ir::Value*> require(const Tensor& tensor, Scope& scope);
    // lowerLayer, and what reports its outputs.
    Status lowerAndReport(LayerCore& layer);
    // A node that reports the value in the current scope, where the tensor is a debug tensor.
    Status report(const Tensor& tensor, ir::Value* value);
    // The same for every layer that belongs to the scope and nothing deeper, in their order: deep networks must not
    // need a deep stack.
    Status fill(Scope& scope);
    Status lowerLoop(const LoopCore& loop, Scope& scope);
    Status lowerConditional(const ConditionalCore& conditional, Scope& scope);
    Result<ir::Value*> iteratorSlice(const IteratorCore& iterator, ir::Value* iteration, ir::Value* count, Scope& home);
    Result<ir::Value*> whileCondition(const LoopCore& loop, Scope& scope);
    Result<ir::Value*> whileConditionIn(const LoopCore& loop, Scope& scope);
    Result<ir::Value*> joined(const LoopOutputCore& output, ir::Value* stacked, bool exact, Scope& home);
    // An own copy where the value would be shared with another result or comes from outside of the region.
    Result<ir::Value*> ownResult(ir::Value* value, ir::Region& region, std::set<const ir::Value*>& taken);
    // Runs `f` with a scope as the current one.
    template <class F>
    auto in(Scope& scope, F&& f) {
        Scope* outer = std::exchange(scope_, &scope);
        auto r = f();
        scope_ = outer;
        return r;
    }

    Scope root_;
    Scope* scope_ = &root_;
    std::map<const LoopCore*, Layers> loopMembers_;
    std::map<const ConditionalCore*, Layers> conditionalMembers_, thenMembers_, elseMembers_;
    std::set<const void*> underway_;  // layers and constructs that are being lowered: meeting one again is a cycle
    std::set<const ir::Value*> results_;
    const bool expands_;  // unless LATHE_EXPAND_PLUGINS is 0
    std::set<std::string> keptFloat_;
    const Scope* twice_ = nullptr;  // what is lowered there is lowered elsewhere as well, and reported there
};

}  // namespace lathe::api
