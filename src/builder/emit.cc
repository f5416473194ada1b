// SPDX-License-Identifier: Apache-2.0
#include "builder/emit.h"

#include <algorithm>
#include <map>

#include "ops/reorder.h"
#include "tactics/common/reorders.h"

namespace lathe::builder {
namespace {

using tactics::Layout;

class Emitter {
  public:
    Emitter(ir::Region& region, const BindReorder& bindReorder, const NestedSteps& nested,
            const plan::Placement& placement)
        : region_(region), bindReorder_(bindReorder), nested_(nested), placement_(placement) {}

    Result<std::vector<plan::Step>> run(const Cover& cover) {
        for (const TimedCandidate* c : cover.chosen) TRY(emit(*c));
        // Results that no step of this region makes, wanted elsewhere than where they are.
        for (size_t r = 0; r < region_.results().size(); ++r) {
            ir::Value* v = region_.results()[r];
            if (!v) continue;
            Layout want = placement_.ofResult(region_, static_cast<int>(r));
            if (v->isConstant() && !tactics::isRowMajor(want))
                return unsupported("output '{}' is a constant, which can only be row-major, not {}", v->name(),
                                   tactics::toString(want));
            if (v->isConstant()) continue;
            ir::Value* there = TRY(inLayout(v, want));
            if (there != v) region_.setResult(static_cast<int>(r), there);
        }
        // The region's nodes in the order of the steps: `nodes_` lists them as they were emitted.
        for (const ir::Node* n : nodes_) region_.move(const_cast<ir::Node*>(n), nullptr);
        return std::move(steps_);
    }

  private:
    Layout layoutOf(const ir::Value* v) const {
        auto at = layout_.find(v);
        return at == layout_.end() ? placement_.of(*v) : at->second;
    }

    // The value in layout `want`, made by a reorder when it isn't there yet.
    Result<ir::Value*> inLayout(ir::Value* v, Layout want) {
        Layout have = layoutOf(v);
        if (have == want) return v;
        // Only row-major values go from one memory to the other, and a reorder moves one axis.
        if ((have == Layout::kHost && want != Layout::kLinear) || (want == Layout::kHost && have != Layout::kLinear) ||
            tactics::reorderAxis(have, want, v->rank()) < 0)
            return inLayout(TRY(inLayout(v, Layout::kLinear)), want);
        auto key = std::make_pair(static_cast<const ir::Value*>(v), want);
        if (auto at = reordered_.find(key); at != reordered_.end()) return at->second;
        auto attrs = std::make_unique<ops::ReorderAttrs>();
        attrs->from = static_cast<int64_t>(have);
        attrs->to = static_cast<int64_t>(want);
        ir::Node* n = region_.append(*ops::op_reorder, std::move(attrs), {v}, 1, fmt::format("reorder({})", v->name()));
        n->output()->setType(v->type());
        n->output()->setName(fmt::format("{}:{}", v->name(), tactics::toString(want)));
        TimedCandidate timed = TRY(bindReorder_(*n));
        addStep(timed);
        reordered_[key] = n->output();
        layout_[n->output()] = want;
        return n->output();
    }

    void addStep(const TimedCandidate& c) {
        plan::Step step;
        step.binding = c.candidate.binding;
        step.seconds = static_cast<float>(c.seconds);
        step.workspaceBytes = c.candidate.workspaceBytes;
        for (const ir::Node* n : c.candidate.binding.nodes) {
            step.name += (step.name.empty() ? "" : " + ") + n->name();
            nodes_.push_back(n);
        }
        steps_.push_back(std::move(step));
    }

    Status emit(const TimedCandidate& original) {
        TimedCandidate c = original;
        tactics::Binding& b = c.candidate.binding;
        for (size_t i = 0; i < b.inputs.size(); ++i) {
            ir::Value* from = const_cast<ir::Value*>(b.inputs[i]);
            ir::Value* to = TRY(inLayout(from, b.inputLayouts[i]));
            if (to == from) continue;
            for (const ir::Node* n : b.nodes)
                for (int k = 0; k < n->inputCount(); ++k)
                    if (n->input(k) == from) const_cast<ir::Node*>(n)->setInput(k, to);
            b.inputs[i] = to;
        }
        for (size_t o = 0; o < b.outputs.size(); ++o) layout_[b.outputs[o]] = b.outputLayouts[o];
        if (!b.tactic) {
            ir::Node& control = *const_cast<ir::Node*>(b.nodes[0]);
            plan::Step step;
            step.name = control.name();
            step.control = &control;
            step.regions = TRY(nested_(control));
            steps_.push_back(std::move(step));
            nodes_.push_back(&control);
            return {};
        }
        addStep(c);
        for (const ir::Value* output : b.outputs) {
            // Results and readers in nested regions want it where the placement says.
            ir::Value* v = const_cast<ir::Value*>(output);
            std::vector<ir::Use> uses = v->uses();
            for (const ir::Use& u : uses) {
                if (u.node && u.node->parent() == &region_) continue;
                Layout want =
                    u.node || u.region != &region_ ? placement_.of(*v) : placement_.ofResult(region_, u.index);
                ir::Value* there = TRY(inLayout(v, want));
                if (there == v) continue;
                if (u.node)
                    u.node->setInput(u.index, there);
                else
                    u.region->setResult(u.index, there);
            }
        }
        return {};
    }

    ir::Region& region_;
    const BindReorder& bindReorder_;
    const NestedSteps& nested_;
    const plan::Placement& placement_;
    std::vector<plan::Step> steps_;
    std::vector<const ir::Node*> nodes_;
    std::map<const ir::Value*, Layout> layout_;
    std::map<std::pair<const ir::Value*, Layout>, ir::Value*> reordered_;
};

}  // namespace

Result<std::vector<plan::Step>> emitSteps(ir::Region& region, const Cover& cover, const BindReorder& bindReorder,
                                          const NestedSteps& nested, const plan::Placement& placement) {
    return Emitter(region, bindReorder, nested, placement).run(cover);
}

}  // namespace lathe::builder
