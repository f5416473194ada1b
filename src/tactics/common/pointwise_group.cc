// SPDX-License-Identifier: Apache-2.0
#include "tactics/common/pointwise_group.h"

#include <algorithm>

namespace lathe::tactics::pointwise {
namespace {

// Longest group, and the sizes of the shorter ones that are offered besides.
constexpr size_t kMaxNodes = 24;
constexpr size_t kSizes[] = {1, 2, 3, 4, 6, 9, 14, kMaxNodes};

bool contains(const std::vector<const ir::Node*>& nodes, const ir::Node* n) {
    return std::find(nodes.begin(), nodes.end(), n) != nodes.end();
}

// The first reader of a value of the group that fits into it.
const ir::Node* grow(const std::vector<const ir::Node*>& group, const std::function<bool(const ir::Node&)>& fits) {
    const ir::Shape& shape = group[0]->output()->shape();
    for (const ir::Node* n : group)
        for (const ir::Use& u : n->output()->uses()) {
            if (!u.node || u.node->parent() != n->parent() || contains(group, u.node)) continue;
            if (!u.node->op().is(ir::Op::kElementwise) || u.node->output()->shape() != shape) continue;
            if (fits(*u.node)) return u.node;
        }
    return nullptr;
}

}  // namespace

std::vector<std::vector<const ir::Node*>> groupsFrom(const ir::Node& anchor,
                                                     const std::function<bool(const ir::Node&)>& fits) {
    std::vector<std::vector<const ir::Node*>> out;
    std::vector<const ir::Node*> group = {&anchor};
    const ir::Region* region = anchor.parent();
    for (;;) {
        const ir::Node* next = group.size() < kMaxNodes ? grow(group, fits) : nullptr;
        if (!next || std::find(std::begin(kSizes), std::end(kSizes), group.size()) != std::end(kSizes)) {
            // Execution order: a node may have joined after one that reads it.
            out.push_back(group);
            std::sort(out.back().begin(), out.back().end(),
                      [&](const ir::Node* a, const ir::Node* b) { return region->indexOf(a) < region->indexOf(b); });
        }
        if (!next) return out;
        group.push_back(next);
    }
}

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

}  // namespace lathe::tactics::pointwise
