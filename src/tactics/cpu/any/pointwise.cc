// SPDX-License-Identifier: Apache-2.0
// A connected group of elementwise nodes in one pass over memory. The group grows from its first node along values of
// one shape; values that others read too become further outputs. Images may lie in any layout of the target.
#include "kernels/cpu/pointwise.h"

#include <algorithm>
#include <cstring>

#include "tactics/cpu/image.h"
#include "tactics/cpu/pointwise_layout.h"
#include "tactics/cpu/pointwise_program.h"
#include "tactics/tactic.h"

namespace lathe::tactics {
namespace {

// Longest group, and the sizes of the shorter ones that are offered besides.
constexpr size_t kMaxNodes = 24;
constexpr size_t kSizes[] = {1, 2, 3, 4, 6, 9, 14, kMaxNodes};

class PointwiseKernel final : public Kernel {
  public:
    PointwiseKernel(cpu::PointwiseLoop loop, std::vector<const void*> fixed, std::vector<int> slots,
                    std::vector<std::vector<float>> storage)
        : loop_(std::move(loop)), pointers_(std::move(fixed)), slots_(std::move(slots)), storage_(std::move(storage)) {}

    Status run(const RunArgs& args) override {
        for (size_t i = 0; i < slots_.size(); ++i)
            if (slots_[i] >= 0) pointers_[i] = args.inputs[slots_[i]];
        loop_.run(pointers_.data(), args.outputs);
        return {};
    }

  private:
    cpu::PointwiseLoop loop_;
    std::vector<const void*> pointers_;        // of the program's inputs; constants stay
    std::vector<int> slots_;                   // which of the step's inputs, -1 for constants
    std::vector<std::vector<float>> storage_;  // of padded constants
};

bool contains(const std::vector<const ir::Node*>& nodes, const ir::Node* n) {
    return std::find(nodes.begin(), nodes.end(), n) != nodes.end();
}

// The binding of these nodes: outputs are the values read outside of them.
Binding bindGroup(const Tactic& tactic, const std::vector<const ir::Node*>& nodes) {
    Binding b;
    b.tactic = &tactic;
    b.nodes = nodes;
    for (const ir::Node* n : nodes)
        for (const ir::Value* v : n->inputs()) {
            if (!v || v->isConstant() || (v->producer() && contains(nodes, v->producer()))) continue;
            if (std::find(b.inputs.begin(), b.inputs.end(), v) == b.inputs.end()) b.inputs.push_back(v);
        }
    for (const ir::Node* n : nodes) {
        const ir::Value* v = n->output();
        bool outside = v->uses().empty() || std::any_of(v->uses().begin(), v->uses().end(), [&](const ir::Use& u) {
                           return !u.node || !contains(nodes, u.node);
                       });
        if (outside) b.outputs.push_back(v);
    }
    b.inputLayouts.assign(b.inputs.size(), Layout::kLinear);
    b.outputLayouts.assign(b.outputs.size(), Layout::kLinear);
    // An input of the output's own shape and element size is read where the output is written, tile by tile.
    for (size_t o = 0; o < b.outputs.size(); ++o)
        for (size_t i = 0; i < b.inputs.size(); ++i)
            if (b.inputs[i]->shape() == b.outputs[o]->shape() &&
                bitsOf(b.inputs[i]->dtype()) == bitsOf(b.outputs[o]->dtype()))
                b.inPlace.push_back({static_cast<int>(o), static_cast<int>(i)});
    return b;
}

class PointwiseTactic final : public Tactic {
  public:
    constexpr PointwiseTactic() : Tactic("cpu.any.pointwise.v1", "*") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        if (!anchor.op().is(ir::Op::kElementwise)) return {};
        if (Status s = pointwise::check(anchor); !s.ok()) return BindResult::refuse(s.message());
        std::vector<const ir::Node*> group = {&anchor};
        BindResult result;
        while (group.size() <= kMaxNodes) {
            if (std::find(std::begin(kSizes), std::end(kSizes), group.size()) != std::end(kSizes))
                offer(group, c, result);
            const ir::Node* next = grow(group);
            if (!next) break;
            group.push_back(next);
        }
        if (std::find(std::begin(kSizes), std::end(kSizes), group.size()) == std::end(kSizes) &&
            group.size() <= kMaxNodes)
            offer(group, c, result);
        if (result.candidates.empty())
            return BindResult::refuse("its operands are too many or of types without kernels");
        return result;
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        pointwise::Translation t = TRY(pointwise::translate(binding));
        const ir::Dims& dims = c.dims(*binding.outputs[0]);
        std::vector<std::span<const int64_t>> inputDims;
        std::vector<const void*> pointers;
        std::vector<int> slots;
        for (const ir::Value* v : t.inputs) {
            inputDims.push_back(c.dims(*v));
            pointers.push_back(v->isConstant() ? static_cast<const void*>(TRY(c.weights(*v)).data()) : nullptr);
            auto at = std::find(binding.inputs.begin(), binding.inputs.end(), v);
            slots.push_back(v->isConstant() ? -1 : static_cast<int>(at - binding.inputs.begin()));
        }
        std::vector<std::vector<float>> storage;
        Layout layout = binding.outputLayouts[0];
        std::optional<cpu::PointwiseLoop> loop;
        if (layout == Layout::kLinear) {
            loop = TRY(cpu::PointwiseLoop::makeDense(t.program, dims, inputDims));
        } else {
            auto operands = TRY(pointwise::operandsIn(layout, binding, t));
            loop = TRY(pointwise::makeLoop(layout, t, operands, c, dims, pointers, storage));
        }
        return std::unique_ptr<Kernel>(std::make_unique<PointwiseKernel>(*std::move(loop), std::move(pointers),
                                                                         std::move(slots), std::move(storage)));
    }

  private:
    // The first reader of a value of the group that fits into it.
    static const ir::Node* grow(const std::vector<const ir::Node*>& group) {
        const ir::Shape& shape = group[0]->output()->shape();
        for (const ir::Node* n : group)
            for (const ir::Use& u : n->output()->uses()) {
                if (!u.node || u.node->parent() != n->parent() || contains(group, u.node)) continue;
                if (!u.node->op().is(ir::Op::kElementwise) || u.node->output()->shape() != shape) continue;
                if (pointwise::check(*u.node).ok()) return u.node;
            }
        return nullptr;
    }

    void offer(std::vector<const ir::Node*> group, const BindContext& c, BindResult& result) const {
        // Execution order: a node may have joined after one that reads it.
        const ir::Region* region = group[0]->parent();
        std::sort(group.begin(), group.end(),
                  [&](const ir::Node* a, const ir::Node* b) { return region->indexOf(a) < region->indexOf(b); });
        Candidate candidate;
        candidate.binding = bindGroup(*this, group);
        const Binding& b = candidate.binding;
        auto translation = pointwise::translate(b);
        if (!translation.ok()) return;
        double elements = static_cast<double>(ir::volume(c.optDims(*b.outputs[0])));
        candidate.estimate = 3e-7 + elements * (2e-10 * static_cast<double>(b.inputs.size() + b.outputs.size()) +
                                                1e-10 * static_cast<double>(b.nodes.size()));
        result.candidates.push_back(candidate);
        for (Layout layout : {blockedLayout(c.target()), Layout::kChannelsLast}) {
            auto operands = pointwise::operandsIn(layout, b, *translation);
            if (!operands.ok()) continue;
            Candidate other = candidate;
            Binding& o = other.binding;
            o.outputLayouts.assign(o.outputs.size(), layout);
            for (size_t i = 0; i < o.inputs.size(); ++i) {
                auto at = std::find(translation->inputs.begin(), translation->inputs.end(), o.inputs[i]);
                bool scalar =
                    at != translation->inputs.end() &&
                    (*operands)[static_cast<size_t>(at - translation->inputs.begin())] == pointwise::Operand::kScalar;
                o.inputLayouts[i] = scalar ? Layout::kLinear : layout;
            }
            result.candidates.push_back(std::move(other));
        }
    }
};

}  // namespace

LATHE_TACTIC(cpu_any_pointwise, PointwiseTactic)

}  // namespace lathe::tactics
