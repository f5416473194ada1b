// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "ir/op.h"
#include "passes/passes.h"

namespace lathe::passes {
namespace {

bool sweep(ir::Region& region) {
    bool changed = false;
    for (size_t i = region.nodes().size(); i-- > 0;) {
        ir::Node& n = *region.nodes()[i];
        bool used =
            n.op().is(ir::Op::kSideEffect) ||
            std::any_of(n.outputs().begin(), n.outputs().end(), [](const ir::Value* v) { return !v->uses().empty(); });
        if (!used) {
            region.erase(&n);
            changed = true;
            continue;
        }
        for (const auto& r : n.regions()) changed |= sweep(*r);
    }
    return changed;
}

}  // namespace

void joinOrigins(ir::Node& to, const ir::Node& from) {
    for (const std::string& o : from.origins())
        if (std::find(to.origins().begin(), to.origins().end(), o) == to.origins().end()) to.origins().push_back(o);
}

Result<bool> removeUnused(ir::Graph& graph) {
    bool changed = sweep(graph.body());
    graph.pruneConstants();
    return changed;
}

}  // namespace lathe::passes
