// SPDX-License-Identifier: Apache-2.0
#include "runtime/refit.h"

#include <algorithm>

#include "exec/target.h"
#include "runtime/engine_impl.h"

namespace lathe::runtime {
namespace {

// Every weights object of a plan, sources and constants of recipes included, each once.
std::vector<ir::WeightsRef> allWeights(const plan::Plan& plan) {
    std::vector<ir::WeightsRef> out;
    std::set<const ir::Weights*> seen;
    std::function<void(const ir::WeightsRef&)> add = [&](const ir::WeightsRef& w) {
        if (!seen.insert(w.get()).second) return;
        out.push_back(w);
        if (!w->recipe()) return;
        for (const ir::WeightsRef& source : w->recipe()->sources) add(source);
        for (const auto& v : w->recipe()->graph->values())
            if (v && v->isConstant()) add(v->constant());
    };
    for (const auto& program : plan.programs)
        for (const auto& v : program->graph->values())
            if (v && v->isConstant()) add(v->constant());
    return out;
}

bool mayDecideShapes(const ir::Weights& w) {
    bool integer = w.dtype() == DType::kInt32 || w.dtype() == DType::kInt64 || w.dtype() == DType::kBool;
    return integer && w.count() <= ir::kMaxElements;
}

// Copies of a plan's programs over other weights.
class Replacement {
  public:
    Replacement(const plan::Plan& old, std::map<std::string, ir::WeightsRef> fresh)
        : old_(old), fresh_(std::move(fresh)) {}

    Result<std::shared_ptr<plan::Plan>> run() {
        auto plan = std::make_shared<plan::Plan>(old_);  // its programs are shared until they are replaced
        plan->stripped = false;
        plan->packed.clear();
        tactics::Target here = exec::localTarget();
        for (auto& p : plan->programs) {
            p = TRY(program(*p));
            tactics::Target target = p->target;
            target.threads = here.threads;
            exec::PackedStore store(target, old_.packed);
            TRY(pack(store, p->steps));
            for (plan::Plan::PackedBlob& blob : store.blobs()) {
                auto same = [&](const plan::Plan::PackedBlob& b) { return b.key == blob.key; };
                if (std::none_of(plan->packed.begin(), plan->packed.end(), same))
                    plan->packed.push_back(std::move(blob));
            }
        }
        return plan;
    }

  private:
    // What stands for these weights now: themselves, when nothing that they are made from has changed.
    Result<ir::WeightsRef> replace(const ir::WeightsRef& w) {
        if (auto known = done_.find(w.get()); known != done_.end()) return known->second;
        ir::WeightsRef made = w;
        if (!w->recipe()) {
            auto at = fresh_.find(w->name());
            if (!w->name().empty() && at != fresh_.end()) {
                if (at->second->dtype() != w->dtype() || at->second->count() != w->count())
                    return invalidArgument("weights '{}' stand for tensors of different types or sizes", w->name());
                // The same values may be used in several shapes.
                made = at->second;
                if (made->dims() != w->dims())
                    made = TRY(ir::copyWeights(w->dtype(), w->dims(), TRY(at->second->bytes()), w->name()));
            }
        } else {
            bool changed = false;
            auto recipe = std::make_shared<ir::Recipe>();
            for (const ir::WeightsRef& source : w->recipe()->sources) {
                recipe->sources.push_back(TRY(replace(source)));
                changed = changed || recipe->sources.back() != source;
            }
            recipe->graph = w->recipe()->graph->clone();
            changed = TRY(constants(*recipe->graph, nullptr)) || changed;
            if (changed)
                made = std::make_shared<ir::Weights>(w->dtype(), w->dims(), std::shared_ptr<const ir::Recipe>(recipe),
                                                     w->name());
        }
        return done_[w.get()] = made;
    }

    // Puts new constants into a graph; `moved` receives old value -> new one.
    Result<bool> constants(ir::Graph& graph, std::unordered_map<const ir::Value*, ir::Value*>* moved) {
        std::vector<ir::Value*> list;
        for (const auto& v : graph.values())
            if (v && v->isConstant()) list.push_back(v.get());
        bool changed = false;
        for (ir::Value* v : list) {
            ir::WeightsRef made = TRY(replace(v->constant()));
            if (made == v->constant()) continue;
            ir::Value* fresh = graph.addConstant(std::move(made), v->name());
            v->replaceAllUsesWith(fresh);
            if (moved) (*moved)[v] = fresh;
            changed = true;
        }
        return changed;
    }

    Result<std::shared_ptr<plan::Program>> program(const plan::Program& old) {
        auto out = std::make_shared<plan::Program>();
        std::unordered_map<const ir::Value*, ir::Value*> values, moved;
        out->graph = old.graph->clone(&values);
        std::vector<const ir::Node*> before;
        old.graph->forEachNode([&](ir::Node& n) { before.push_back(&n); });
        std::unordered_map<const ir::Node*, const ir::Node*> nodes;
        size_t at = 0;
        out->graph->forEachNode([&](ir::Node& n) {
            if (at < before.size()) nodes[before[at]] = &n;
            ++at;
        });
        if (at != before.size()) return internalError("a copy has {} nodes of {}", at, before.size());
        TRY(constants(*out->graph, &moved));
        for (auto& [from, to] : values)
            if (auto m = moved.find(to); m != moved.end()) to = m->second;
        out->target = old.target;
        out->relaxed = old.relaxed;
        out->hostParameters = old.hostParameters;
        out->hostResults = old.hostResults;
        out->steps = TRY(steps(old.steps, nodes, values));
        out->graph->pruneConstants();
        return out;
    }

    using Nodes = std::unordered_map<const ir::Node*, const ir::Node*>;
    using Values = std::unordered_map<const ir::Value*, ir::Value*>;
    Result<std::vector<plan::Step>> steps(const std::vector<plan::Step>& list, const Nodes& nodes,
                                          const Values& values) {
        std::vector<plan::Step> out = list;
        auto node = [&](const ir::Node*& n) -> Status {
            auto at = nodes.find(n);
            if (at == nodes.end()) return internalError("a step refers to a node that is not in its graph");
            n = at->second;
            return {};
        };
        auto each = [&](std::vector<const ir::Value*>& list) -> Status {
            for (const ir::Value*& v : list) {
                auto at = values.find(v);
                if (at == values.end()) return internalError("a step refers to a value that is not in its graph");
                v = at->second;
            }
            return {};
        };
        for (plan::Step& s : out) {
            if (s.control) TRY(node(s.control));
            for (const ir::Node*& n : s.binding.nodes) TRY(node(n));
            TRY(each(s.binding.inputs));
            TRY(each(s.binding.outputs));
            for (tactics::PackedWeights& p : s.binding.packed) TRY(each(p.sources));
            for (auto& region : s.regions) region = TRY(steps(region, nodes, values));
        }
        return out;
    }

    static Status pack(exec::PackedStore& store, const std::vector<plan::Step>& steps) {
        for (const plan::Step& s : steps) {
            for (size_t i = 0; i < s.binding.packed.size(); ++i)
                TRY_IN(s.name, store.get(s.binding, static_cast<int>(i)));
            for (const auto& region : s.regions) TRY(pack(store, region));
        }
        return {};
    }

    const plan::Plan& old_;
    const std::map<std::string, ir::WeightsRef> fresh_;
    std::unordered_map<const ir::Weights*, ir::WeightsRef> done_;
};

}  // namespace

Result<std::map<std::string, Refittable>> refittableWeights(const plan::Plan& plan) {
    std::map<std::string, Refittable> out;
    if (!plan.refittable) return out;
    auto listed = [](const std::vector<std::string>& names, const std::string& name) {
        return std::find(names.begin(), names.end(), name) != names.end();
    };
    for (const ir::WeightsRef& w : allWeights(plan)) {
        if (w->recipe() || w->name().empty() || mayDecideShapes(*w) || listed(plan.fixedWeights, w->name())) continue;
        if (plan.refit == plan::Plan::Refit::kIndividual && !listed(plan.markedWeights, w->name())) continue;
        out.try_emplace(w->name(),
                        Refittable{w->dtype(), w->count(), w->isMissing(), TRY(w->contentHash()), w->dims()});
    }
    return out;
}

Result<std::shared_ptr<const Engine>> refit(const Engine& engine,
                                            const std::map<std::string, std::span<const std::byte>>& values) {
    const plan::Plan& plan = engine.plan();
    if (!plan.refittable)
        return makeStatus(Code::kInvalidState, "the engine was not built to be refitted (BuilderFlag::kREFIT)");
    auto known = TRY(refittableWeights(plan));
    std::map<std::string, ir::WeightsRef> fresh;
    for (const auto& [name, bytes] : values) {
        auto at = known.find(name);
        if (at == known.end()) return invalidArgument("the engine has no weights '{}' that can be refitted", name);
        const Refittable& r = at->second;
        ir::WeightsRef w = TRY(ir::copyWeights(r.dtype, r.dims, bytes, name));
        if (plan.refit == plan::Plan::Refit::kIdentical && TRY(w->contentHash()) != r.hash)
            return invalidArgument(
                "weights '{}' differ from those that the engine was built with, which kREFIT_IDENTICAL promised", name);
        fresh[name] = std::move(w);
    }
    std::string missing;
    int count = 0;
    for (const auto& [name, r] : known)
        if (r.missing && !fresh.count(name)) {
            missing += fmt::format("{}'{}'", missing.empty() ? "" : ", ", name);
            ++count;
        }
    if (count) return makeStatus(Code::kInvalidState, "{} weights are missing: {}", count, missing);
    auto made = TRY(Replacement(plan, std::move(fresh)).run());
    return std::shared_ptr<const Engine>(TRY(Engine::create(std::move(made), nullptr)));
}

}  // namespace lathe::runtime
