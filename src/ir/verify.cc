// SPDX-License-Identifier: Apache-2.0
#include "ir/verify.h"

#include <algorithm>
#include <unordered_set>

#include "ir/infer.h"

namespace lathe::ir {
namespace {

class Verifier {
  public:
    explicit Verifier(const Graph& graph) : graph_(graph) {}

    Status run() {
        TRY(region(graph_.body()));
        return {};
    }

  private:
    Status type(const Value& v) {
        Status s;
        for (const Dim& d : v.shape())
            d.forEachSymbol([&](SymbolId id) {
                if (id < 0 || static_cast<size_t>(id) >= graph_.symbols().size())
                    s = internalError("value '{}' has the dimension {}, whose symbol does not exist", v.name(),
                                      d.toString());
            });
        return s;
    }

    Status reads(const Value* v, const char* what, const std::string& name, const Use& use) {
        if (!v) return {};
        if (!v->isConstant() && !visible_.count(v))
            return internalError(
                "{} '{}' reads value '{}' ({}) before it is defined, or from a region that it is not in", what, name,
                v->name(), v->id());
        bool listed = std::any_of(v->uses().begin(), v->uses().end(), [&](const Use& u) {
            return u.node == use.node && u.region == use.region && u.index == use.index;
        });
        if (!listed) return internalError("{} '{}' is not among the uses of value '{}'", what, name, v->name());
        return {};
    }

    Status region(const Region& r) {
        std::vector<const Value*> own;
        auto define = [&](const Value* v) -> Status {
            if (!visible_.insert(v).second) return internalError("value '{}' is defined twice", v->name());
            own.push_back(v);
            return type(*v);
        };
        for (const Value* p : r.parameters()) TRY(define(p));
        for (const auto& n : r.nodes()) {
            std::string name = fmt::format("{} ({})", n->name(), n->op().name());
            if (n->parent() != &r) return internalError("node '{}' does not know its region", name);
            for (int i = 0; i < n->inputCount(); ++i) TRY(reads(n->input(i), "node", name, {n.get(), nullptr, i}));
            for (const auto& nested : n->regions()) TRY(region(*nested));
            for (const Value* v : n->outputs()) {
                if (v->producer() != n.get())
                    return internalError("output '{}' of node '{}' has another producer", v->name(), name);
                TRY(define(v));
            }
        }
        for (size_t i = 0; i < r.results().size(); ++i)
            TRY(reads(r.results()[i], "region of", r.parentNode() ? r.parentNode()->name() : graph_.name,
                      {nullptr, const_cast<Region*>(&r), static_cast<int>(i)}));
        for (const Value* v : own) visible_.erase(v);
        return {};
    }

    const Graph& graph_;
    std::unordered_set<const Value*> visible_;
};

}  // namespace

Status verify(const Graph& graph) {
    TRY(Verifier(graph).run());
    // Inference over a copy must give the types that stand here.
    std::unordered_map<const Value*, Value*> map;
    auto copy = graph.clone(&map);
    TRY(inferGraph(*copy));
    for (const auto& [from, to] : map)
        if (!(from->type() == to->type()))
            return internalError("value '{}' has the type {}, inference says {}", from->name(), toString(from->type()),
                                 toString(to->type()));
    return {};
}

}  // namespace lathe::ir
