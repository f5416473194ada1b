// SPDX-License-Identifier: Apache-2.0
#include "tactics/tactic.h"

#include <algorithm>
#include <cstring>
#include <unordered_map>

namespace lathe::tactics {

extern const Tactic* const* const tacticTable[];
extern const int tacticTableCount;

std::string Target::name() const {
    static constexpr const char* names[] = {"cpu:base", "cpu:avx2", "cpu:avx512"};
    if (isCuda()) return fmt::format("cuda:sm_{}{}", sm, reach == Reach::kAmpereAndLater ? "+" : "");
    return names[static_cast<int>(isa)];
}

Result<const void*> PrepareContext::resident(int) const { return internalError("the CPU has no device memory"); }
Result<const void*> PrepareContext::residentWeights(const ir::Value&) const {
    return internalError("the CPU has no device memory");
}

const ir::Node* BindContext::onlyUser(const ir::Value& v) const { return v.hasOneUse() ? v.uses()[0].node : nullptr; }

std::optional<std::vector<int64_t>> BindContext::optElements(const ir::Value& v) const {
    if (!v.elements()) return std::nullopt;
    std::vector<int64_t> out;
    for (const ir::Dim& d : *v.elements()) {
        if (!d.isConstant()) return std::nullopt;
        out.push_back(d.value());
    }
    return out;
}

Status Tactic::pack(const Binding&, int, std::span<const std::span<const std::byte>>, std::span<std::byte>,
                    const Target&) const {
    return internalError("tactic {} packs no weights", id_);
}

std::span<const Tactic* const> all() {
    static const auto* list = [] {
        auto* v = new std::vector<const Tactic*>;
        for (int i = 0; i < tacticTableCount; ++i) v->push_back(*tacticTable[i]);
        std::sort(v->begin(), v->end(),
                  [](const Tactic* a, const Tactic* b) { return std::strcmp(a->id(), b->id()) < 0; });
        return v;
    }();
    return *list;
}

const Tactic* find(std::string_view id) {
    static const auto* byId = [] {
        auto* m = new std::unordered_map<std::string_view, const Tactic*>;
        for (const Tactic* t : all()) m->emplace(t->id(), t);
        return m;
    }();
    auto at = byId->find(id);
    return at == byId->end() ? nullptr : at->second;
}

Target::Backend backendOf(const Tactic& tactic) {
    return std::string_view(tactic.id()).starts_with("cuda.") ? Target::Backend::kCuda : Target::Backend::kCpu;
}

std::vector<const Tactic*> forOp(std::string_view op, Target::Backend backend) {
    std::vector<const Tactic*> out;
    for (const Tactic* t : all())
        if (backendOf(*t) == backend && (op == t->anchor() || std::strcmp(t->anchor(), "*") == 0)) out.push_back(t);
    return out;
}

Binding bindNode(const Tactic& tactic, const ir::Node& node) {
    Binding b;
    b.tactic = &tactic;
    b.nodes = {&node};
    for (const ir::Value* v : node.inputs())
        if (v && !v->isConstant() && std::find(b.inputs.begin(), b.inputs.end(), v) == b.inputs.end())
            b.inputs.push_back(v);
    for (const ir::Value* v : node.outputs()) b.outputs.push_back(v);
    b.inputLayouts.assign(b.inputs.size(), Layout::kLinear);
    b.outputLayouts.assign(b.outputs.size(), Layout::kLinear);
    return b;
}

}  // namespace lathe::tactics
