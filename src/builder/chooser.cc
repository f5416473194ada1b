// SPDX-License-Identifier: Apache-2.0
#include "builder/chooser.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>

namespace lathe::builder {
namespace {

using tactics::Layout;

// Rough seconds of a reorder, alike on every machine.
double reorderEstimate(const plan::ShapeRange& shapes, const ir::Value& v, Layout from, Layout to) {
    if (from == to) return 0;
    if (!tactics::fits(from, v.rank()) || !tactics::fits(to, v.rank())) return 1e30;
    return 1e-6 + 4e-10 * static_cast<double>(ir::volume(shapes.optDims(v)));
}

bool isHosts(const tactics::Binding& b) {
    auto host = [](Layout l) { return l == Layout::kHost; };
    return std::any_of(b.inputLayouts.begin(), b.inputLayouts.end(), host) ||
           std::any_of(b.outputLayouts.begin(), b.outputLayouts.end(), host);
}

bool sameGroup(const TimedCandidate& a, const TimedCandidate& b) {
    return a.candidate.binding.nodes == b.candidate.binding.nodes &&
           isHosts(a.candidate.binding) == isHosts(b.candidate.binding);
}

Chooser::Choice choiceOf(const TimedCandidate& c, const std::vector<const ir::Value*>& operands) {
    const tactics::Binding& b = c.candidate.binding;
    Chooser::Choice out;
    out.seconds = c.seconds;
    out.workspaceBytes = c.candidate.workspaceBytes;
    for (const ir::Value* v : operands) {
        Layout layout = Layout::kLinear;
        for (size_t i = 0; i < b.inputs.size(); ++i)
            if (b.inputs[i] == v) layout = b.inputLayouts[i];
        for (size_t o = 0; o < b.outputs.size(); ++o)
            if (b.outputs[o] == v) layout = b.outputLayouts[o];
        out.layouts.push_back(layout);
    }
    std::string which;
    for (int64_t p : b.params) which += fmt::format("{},", p);
    for (Layout l : out.layouts) which += fmt::format("/{}", static_cast<int>(l));
    // Positive, so that they survive being printed and read as either kind of number.
    auto number = [](std::string_view text) {
        return static_cast<int64_t>(XXH3_64bits(text.data(), text.size()) >> 1);
    };
    out.tacticId = b.tactic->id();
    out.lastResort = b.tactic->lastResort();
    out.implementation = number(out.tacticId);
    out.tactic = number(which);
    return out;
}

}  // namespace

Chooser::Problem Choosing::describe(const Group& group, const plan::ShapeRange& shapes,
                                    std::vector<const ir::Value*>& operands) {
    const tactics::Binding& first = group[0]->candidate.binding;
    Chooser::Problem p;
    for (const ir::Node* n : first.nodes) p.name += (p.name.empty() ? "" : " + ") + n->name();
    // A layer may have become several nodes of its name.
    if (int count = names_[p.name]++; count > 0) p.name += fmt::format(" #{}", count + 1);
    auto add = [&](const ir::Value* v) {
        if (std::find(operands.begin(), operands.end(), v) == operands.end()) operands.push_back(v);
    };
    for (const TimedCandidate* c : group)
        for (const ir::Value* v : c->candidate.binding.inputs) add(v);
    p.inputs = static_cast<int>(operands.size());
    for (const ir::Value* v : first.outputs) add(v);
    for (const ir::Value* v : operands)
        p.operands.push_back({v->dtype(), shapes.minDims(*v), shapes.optDims(*v), shapes.maxDims(*v)});
    return p;
}

Status Choosing::restrict(const ir::Region& region, std::vector<TimedCandidate>& candidates,
                          const plan::ShapeRange& shapes, const plan::Placement& placement) {
    std::vector<TimedCandidate> estimated = candidates;
    for (TimedCandidate& c : estimated)
        c.seconds = c.candidate.binding.tactic && c.candidate.binding.aliases.empty() ? c.candidate.estimate : 0;
    Cover cover = TRY(chooseCover(
        region, estimated,
        [&](const ir::Value& v, Layout from, Layout to) { return reorderEstimate(shapes, v, from, to); }, placement));
    std::vector<TimedCandidate> kept;
    for (const TimedCandidate* taken : cover.chosen) {
        Group group;
        for (const TimedCandidate& c : candidates)
            if (sameGroup(*taken, c)) group.push_back(&c);
        if (!taken->candidate.binding.tactic) {
            for (const TimedCandidate* c : group) kept.push_back(*c);
            continue;
        }
        Asked asked;
        asked.problem = describe(group, shapes, asked.operands);
        std::vector<Chooser::Choice> choices;
        for (const TimedCandidate* c : group) choices.push_back(choiceOf(*c, asked.operands));
        std::vector<int> selected = TRY(chooser_.select(asked.problem, choices));
        for (int i : selected) {
            if (i < 0 || i >= static_cast<int>(group.size()))
                return makeStatus(Code::kInvalidConfig, "'{}': choice {} was selected among {}", asked.problem.name, i,
                                  group.size());
            kept.push_back(*group[static_cast<size_t>(i)]);
        }
        if (selected.empty())
            for (const TimedCandidate* c : group) kept.push_back(*c);
        asked_[taken->candidate.binding.nodes] = std::move(asked);
    }
    candidates = std::move(kept);
    return {};
}

void Choosing::note(const Cover& cover) {
    for (const TimedCandidate* c : cover.chosen) {
        if (!c->candidate.binding.tactic) continue;
        const Asked& asked = asked_.at(c->candidate.binding.nodes);
        problems_.push_back(asked.problem);
        choices_.push_back(choiceOf(*c, asked.operands));
    }
}

}  // namespace lathe::builder
