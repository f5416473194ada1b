// SPDX-License-Identifier: Apache-2.0
#include "ops/registry.h"

#include <unordered_map>
#include <vector>

namespace lathe::ops {

extern const ir::Op* const* const opTable[];
extern const int opTableCount;

std::span<const ir::Op* const> all() {
    static const auto* list = [] {
        auto* v = new std::vector<const ir::Op*>;
        for (int i = 0; i < opTableCount; ++i) v->push_back(*opTable[i]);
        return v;
    }();
    return *list;
}

const ir::Op* find(std::string_view name) {
    static const auto* byName = [] {
        auto* m = new std::unordered_map<std::string_view, const ir::Op*>;
        for (const ir::Op* op : all()) m->emplace(op->name(), op);
        return m;
    }();
    auto at = byName->find(name);
    return at == byName->end() ? nullptr : at->second;
}

}  // namespace lathe::ops
