// SPDX-License-Identifier: Apache-2.0
#include "passes/consulted.h"

namespace lathe::passes {
namespace {

thread_local Consulted* current = nullptr;

}  // namespace

Consulted::Consulted() : outer_(current) { current = this; }
Consulted::~Consulted() { current = outer_; }

void Consulted::look(const ir::Weights& weights) {
    if (current) addSourceNames(weights, current->pending_);
}

void Consulted::settle(bool changed) {
    if (!current) return;
    if (changed) current->names_.merge(current->pending_);
    current->pending_.clear();
}

void addSourceNames(const ir::Weights& weights, std::set<std::string>& names) {
    if (!weights.recipe()) {
        if (!weights.name().empty()) names.insert(weights.name());
        return;
    }
    for (const ir::WeightsRef& source : weights.recipe()->sources) addSourceNames(*source, names);
    for (const auto& v : weights.recipe()->graph->values())
        if (v && v->isConstant()) addSourceNames(*v->constant(), names);
}

}  // namespace lathe::passes
