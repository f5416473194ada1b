// SPDX-License-Identifier: Apache-2.0
#include <unordered_map>

#include "ir/op.h"
#include "passes/passes.h"

namespace lathe::passes {
namespace {

constexpr size_t kSmallConstant = 4096;

// Keys of what is visible: nested regions see those of the regions around them.
using Seen = std::unordered_map<std::string, ir::Node*>;

std::string keyOf(const ir::Node& n) {
    std::string key =
        std::string(n.op().name()) + "|" + ir::printAttrs(n.anyAttrs()) + "|" + std::to_string(n.outputCount());
    for (const ir::Value* v : n.inputs()) key += "|" + (v ? std::to_string(v->id()) : "-");
    return key;
}

bool mergeRegion(ir::Region& region, Seen seen) {
    bool changed = false;
    for (size_t i = 0; i < region.nodes().size();) {
        ir::Node& n = *region.nodes()[i];
        if (n.op().is(ir::Op::kRegions)) {
            for (const auto& r : n.regions()) changed |= mergeRegion(*r, seen);
        } else if (!n.op().is(ir::Op::kNondeterministic) && !n.op().is(ir::Op::kSideEffect)) {
            auto [at, fresh] = seen.emplace(keyOf(n), &n);
            if (!fresh) {
                for (int k = 0; k < n.outputCount(); ++k) n.output(k)->replaceAllUsesWith(at->second->output(k));
                joinOrigins(*at->second, n);
                region.erase(&n);
                changed = true;
                continue;
            }
        }
        ++i;
    }
    return changed;
}

Result<bool> mergeConstants(ir::Graph& graph) {
    bool changed = false;
    std::unordered_map<std::string, ir::Value*> seen;
    for (size_t i = 0; i < graph.values().size(); ++i) {
        ir::Value* v = graph.values()[i].get();
        if (!v || !v->isConstant() || v->uses().empty()) continue;
        std::string key;
        if (v->constant()->byteSize() <= kSmallConstant && v->constant()->name().empty()) {
            auto bytes = TRY(v->constant()->bytes());
            key = toString(v->type()) + std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        } else {
            key = "@" + std::to_string(reinterpret_cast<uintptr_t>(v->constant().get()));
        }
        auto [at, fresh] = seen.emplace(std::move(key), v);
        if (fresh) continue;
        v->replaceAllUsesWith(at->second);
        changed = true;
    }
    return changed;
}

}  // namespace

Result<bool> mergeEqualNodes(ir::Graph& graph) {
    bool changed = TRY(mergeConstants(graph));
    return mergeRegion(graph.body(), {}) || changed;
}

}  // namespace lathe::passes
