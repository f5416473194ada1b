// SPDX-License-Identifier: Apache-2.0
#include "builder/builder.h"

#include <algorithm>
#include <chrono>
#include <set>

#include "base/version.h"
#include "builder/chooser.h"
#include "builder/emit.h"
#include "builder/select.h"
#include "builder/streams.h"
#include "exec/packed_store.h"
#include "exec/target.h"
#include "ir/infer.h"
#include "ops/plugin.h"
#include "passes/consulted.h"
#include "passes/passes.h"
#include "passes/pipeline.h"

namespace lathe::builder {
namespace {

using Severity = Observer::Severity;

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

class Build {
  public:
    Build(const IoNames& io, const Options& options, Observer& observer)
        : io_(io), options_(options), observer_(observer), targets_(options.targets) {
        if (targets_.empty()) targets_.push_back({exec::buildTarget(), nullptr});
        if (options.chooser) choosing_.emplace(*options.chooser);
    }

    Result<std::unique_ptr<plan::Plan>> run(std::unique_ptr<ir::Graph> graph) {
        double start = now();
        std::vector<plan::Profile> profiles = TRY(completeProfiles(*graph));
        limitSymbols(*graph, profiles);
        settleSymbols(*graph);
        // Infers all shapes anew. Ranges decide comparisons that were open until now (a slice up to 512 of at most
        // 384).
        TRY(passes::pruneBranches(*graph));
        std::vector<std::string> sources;
        graph->forEachNode([&](ir::Node& n) {
            if (n.origins().empty() && !n.name().empty()) n.origins().push_back(n.name());
            for (const std::string& o : n.origins()) sources.push_back(o);
        });

        observer_.phaseStart("Building engine", nullptr, 2 + static_cast<int>(profiles.size()));
        passes::Options passOptions;
        passOptions.disabled = options_.disabledPasses;
        passes::Consulted consulted;
        auto reports = TRY(passes::canonicalize(*graph, passOptions));
        for (const passes::PassReport& r : reports)
            if (r.changed)
                observer_.log(Severity::kVerbose, fmt::format("pass {}: {:.1f} ms", r.name, r.seconds * 1e3));
        TRY(proceed("Building engine", 0));

        auto plan = std::make_unique<plan::Plan>();
        plan->name = options_.name;
        plan->io = io_.io;
        for (plan::IoTensor& t : plan->io) {
            const auto& values = t.isInput ? graph->body().parameters() : graph->body().results();
            t.shape = values[static_cast<size_t>(t.index)]->shape();
        }
        plan->refittable = options_.refittable;
        if (options_.refittable) {
            std::set<std::string> fixed = consulted.names();
            addShapeOperands(*graph, fixed);
            plan->fixedWeights.assign(fixed.begin(), fixed.end());
            plan->roles = options_.roles;
            plan->refit = options_.refit;
            plan->markedWeights = options_.markedWeights;
        }
        plan->profilingVerbosity = options_.profilingVerbosity;
        plan->libraryVersion = kVersion;
        for (size_t p = 0; p < profiles.size(); ++p) {
            // Profiles with the same shapes share a program.
            auto same = std::find_if(plan->profiles.begin(), plan->profiles.end(),
                                     [&](const plan::Profile& q) { return sameShapes(q, profiles[p]); });
            if (same != plan->profiles.end()) {
                profiles[p].program = same->program;
                profiles[p].others = same->others;
            } else {
                profiles[p].program = static_cast<int>(plan->programs.size());
                for (const BuildTarget& t : targets_) {
                    if (&t != &targets_[0]) profiles[p].others.push_back(static_cast<int>(plan->programs.size()));
                    plan->programs.push_back(TRY(makeProgram(*graph, profiles[p], t)));
                }
            }
            plan->profiles.push_back(profiles[p]);
            TRY(proceed("Building engine", 1 + static_cast<int>(p)));
        }
        if (choosing_) choosing_->report();
        TRY(packWeights(*plan));
        recordFates(sources, *plan);
        observer_.phaseFinish("Building engine");
        observer_.log(
            Severity::kInfo,
            fmt::format("built '{}' in {:.2f} s: {} steps, {} timings measured, {} from the timing cache",
                        options_.name, now() - start, plan->programs[0]->steps.size(), measured_, fromCache_));
        return plan;
    }

  private:
    Status proceed(const char* phase, int step) {
        if (observer_.step(phase, step)) return {};
        observer_.phaseFinish(phase);
        return makeStatus(Code::kInvalidState, "the build was cancelled by its progress monitor");
    }

    // Static networks need no profile; then every shape is the network's own.
    Result<std::vector<plan::Profile>> completeProfiles(const ir::Graph& graph) {
        if (!options_.profiles.empty()) return options_.profiles;
        plan::Profile profile;
        const auto& parameters = graph.body().parameters();
        for (size_t i = 0; i < parameters.size(); ++i) {
            if (!ir::isConstant(parameters[i]->shape()))
                return makeStatus(Code::kInvalidConfig,
                                  "input '{}' has the dynamic shape {}, but no optimization profile is given",
                                  io_.io[i].name, ir::toString(parameters[i]->shape()));
            plan::ProfileInput in;
            in.min = in.opt = in.max = ir::constantDims(parameters[i]->shape());
            profile.inputs.push_back(std::move(in));
        }
        return std::vector<plan::Profile>{profile};
    }

    // Real numbers that extents were computed from.
    static void addShapeOperands(const ir::Graph& graph, std::set<std::string>& names) {
        graph.forEachNode([&](ir::Node& n) {
            if (std::string_view(n.op().name()) != "resize" && std::string_view(n.op().name()) != "range") return;
            for (int i = std::string_view(n.op().name()) == "resize" ? 1 : 0; i < n.inputCount(); ++i)
                if (n.input(i) && n.input(i)->isConstant()) passes::addSourceNames(*n.input(i)->constant(), names);
        });
        // Recipes hold such numbers as constants of their own.
        for (const auto& v : graph.values())
            if (v && v->isConstant() && v->constant()->recipe())
                for (const auto& c : v->constant()->recipe()->graph->values())
                    if (c && c->isConstant()) passes::addSourceNames(*c->constant(), names);
    }

    // What all profiles together allow bounds the symbols, which lets passes decide comparisons.
    void limitSymbols(ir::Graph& graph, const std::vector<plan::Profile>& profiles) {
        const auto& parameters = graph.body().parameters();
        for (size_t i = 0; i < parameters.size(); ++i)
            for (int d = 0; d < parameters[i]->rank(); ++d) {
                ir::SymbolId id = parameters[i]->shape()[d].asSymbol();
                if (id < 0) continue;
                int64_t low = INT64_MAX, high = 0;
                for (const plan::Profile& p : profiles) {
                    if (i >= p.inputs.size() || d >= static_cast<int>(p.inputs[i].min.size())) continue;
                    low = std::min(low, p.inputs[i].min[d]);
                    high = std::max(high, p.inputs[i].max[d]);
                }
                ir::SymbolInfo& s = graph.symbols()[id];
                if (low > high) continue;
                s.min = std::max(s.min, low);
                s.max = std::min(s.max, high);
            }
    }

    // Extents of inputs that the profiles leave no choice become numbers, so that everything that the network computes
    // from them is known now.
    static void settleSymbols(ir::Graph& graph) {
        auto settled = [&](ir::SymbolId id) {
            const ir::SymbolInfo& s = graph.symbols()[static_cast<size_t>(id)];
            return s.source == ir::SymbolInfo::Source::kInputDim && s.min == s.max ? ir::Dim(s.min)
                                                                                   : ir::Dim::symbol(id);
        };
        for (ir::Value* v : graph.body().parameters()) {
            ir::TensorType type{v->dtype(), {}};
            for (const ir::Dim& d : v->shape()) type.shape.push_back(d.substitute(settled));
            v->setType(std::move(type));
        }
    }

    static bool sameShapes(const plan::Profile& a, const plan::Profile& b) {
        return std::equal(a.inputs.begin(), a.inputs.end(), b.inputs.begin(), b.inputs.end(),
                          [](const auto& x, const auto& y) {
                              return x.min == y.min && x.opt == y.opt && x.max == y.max && x.minValues == y.minValues &&
                                     x.optValues == y.optValues && x.maxValues == y.maxValues;
                          });
    }

    Result<std::shared_ptr<plan::Program>> makeProgram(const ir::Graph& canonical, const plan::Profile& profile,
                                                       const BuildTarget& where) {
        auto program = std::make_shared<plan::Program>();
        program->graph = canonical.clone();
        program->target = where.target;
        program->relaxed = options_.relaxed;
        TRY(lowerPrecision(*program));
        plan::placeIo(*program, io_.io);
        plan::Placement placement(*program);
        auto shapes =
            TRY(plan::ShapeRange::create(*program->graph, io_.io, profile, program->target, options_.relaxed));
        TRY(ops::settlePlugins(*program->graph, {[&](const ir::Value& v) { return shapes->minDims(v); },
                                                 [&](const ir::Value& v) { return shapes->optDims(v); },
                                                 [&](const ir::Value& v) { return shapes->maxDims(v); }}));
        Selector selector(options_, *shapes, placement, options_.timingCache ? *options_.timingCache : ownCache_,
                          observer_, where.device);
        program->steps = TRY(makeSteps(program->graph->body(), selector, placement));
        TRY_IN("spreading steps over streams", spreadSteps(*program, *shapes, options_.auxStreams));
        int aux = 0;
        for (const plan::Step& s : program->steps) aux = std::max(aux, s.stream);
        if (aux > 0) observer_.log(Severity::kVerbose, fmt::format("branches run in {} auxiliary streams", aux));
        measured_ += selector.measured();
        fromCache_ += selector.fromCache();
        return program;
    }

    // The CPU's kernels of narrow types are no faster than those of f32, so there the flags change nothing.
    Status lowerPrecision(plan::Program& program) {
        if (options_.narrow == DType::kFloat || !program.target.isCuda()) return {};
        passes::PrecisionChoice choice;
        choice.to = options_.narrow;
        choice.keep = [&](const ir::Node& n) {
            auto kept = [&](const std::string& name) { return options_.keepFloat.contains(name); };
            return kept(n.name()) || std::any_of(n.origins().begin(), n.origins().end(), kept);
        };
        TRY_IN("lowering the precision", passes::lowerPrecision(*program.graph, choice));
        return {};
    }

    Result<std::vector<plan::Step>> makeSteps(ir::Region& region, Selector& selector,
                                              const plan::Placement& placement) {
        std::vector<TimedCandidate> candidates;
        bool top = region.parentNode() == nullptr;
        if (top) observer_.phaseStart("Timing tactics", "Building engine", static_cast<int>(region.nodes().size()));
        int at = 0;
        selector.compileAhead(region);
        for (const auto& n : region.nodes()) {
            TRY(selector.candidates(*n, candidates));
            if (top) TRY(proceed("Timing tactics", at++));
        }
        if (top) observer_.phaseFinish("Timing tactics");
        auto reorder = [&](const ir::Value& v, tactics::Layout from, tactics::Layout to) {
            return selector.reorderSeconds(v, from, to);
        };
        if (choosing_) TRY(choosing_->restrict(region, candidates, selector.shapes(), placement));
        Cover cover = TRY(chooseCover(region, candidates, reorder, placement));
        if (choosing_) choosing_->note(cover);
        if (top)
            observer_.log(Severity::kVerbose,
                          fmt::format("cover: {} steps, {:.3f} ms expected", cover.chosen.size(), cover.seconds * 1e3));
        auto bindReorder = [&](const ir::Node& n) { return selector.bindReorder(n); };
        auto nested = [&](ir::Node& control) -> Result<std::vector<std::vector<plan::Step>>> {
            std::vector<std::vector<plan::Step>> out;
            for (const auto& r : control.regions()) out.push_back(TRY(makeSteps(*r, selector, placement)));
            return out;
        };
        return emitSteps(region, cover, bindReorder, nested, placement);
    }

    // The chosen steps' weights in their kernels' form: the plan's cache, so that loading packs nothing.
    Status packWeights(plan::Plan& plan) {
        for (const auto& program : plan.programs) {
            exec::PackedStore store(program->target);
            std::function<Status(const std::vector<plan::Step>&)> visit =
                [&](const std::vector<plan::Step>& steps) -> Status {
                for (const plan::Step& s : steps) {
                    for (size_t i = 0; i < s.binding.packed.size(); ++i)
                        TRY_IN(s.name, store.get(s.binding, static_cast<int>(i)));
                    for (const auto& r : s.regions) TRY(visit(r));
                }
                return {};
            };
            TRY(visit(program->steps));
            for (plan::Plan::PackedBlob& blob : store.blobs()) {
                auto same = [&](const plan::Plan::PackedBlob& b) { return b.key == blob.key; };
                if (std::none_of(plan.packed.begin(), plan.packed.end(), same)) plan.packed.push_back(std::move(blob));
            }
        }
        return {};
    }

    // "conv1" of a front end's "[ONNX Layer: conv1]".
    static std::string sourceName(const std::string& origin) {
        size_t colon = origin.find(" Layer: ");
        if (origin.empty() || origin[0] != '[' || origin.back() != ']' || colon == std::string::npos) return origin;
        return origin.substr(colon + 8, origin.size() - colon - 9);
    }

    void recordFates(const std::vector<std::string>& sources, plan::Plan& plan) {
        std::map<std::string, plan::NodeFate> fates;
        std::function<void(const std::vector<plan::Step>&)> visit = [&](const std::vector<plan::Step>& steps) {
            for (const plan::Step& s : steps) {
                std::vector<const ir::Node*> nodes = s.binding.nodes;
                if (s.control) nodes.push_back(s.control);
                std::set<std::string> names;
                for (const ir::Node* n : nodes)
                    for (const std::string& o : n->origins()) names.insert(sourceName(o));
                for (const std::string& n : names)
                    fates.emplace(n, plan::NodeFate{n, names.size() > 1 ? "fused" : "executed", s.name});
                for (const auto& r : s.regions) visit(r);
            }
        };
        visit(plan.programs[0]->steps);
        std::set<std::string> done;
        for (const std::string& origin : sources) {
            std::string name = sourceName(origin);
            if (!done.insert(name).second) continue;
            auto at = fates.find(name);
            plan.fates.push_back(
                at != fates.end() ? at->second
                                  : plan::NodeFate{name, "removed", "constant, unused, or the same as another node"});
        }
    }

    const IoNames& io_;
    const Options& options_;
    Observer& observer_;
    std::vector<BuildTarget> targets_;
    TimingCache ownCache_;
    std::optional<Choosing> choosing_;
    int measured_ = 0, fromCache_ = 0;
};

}  // namespace

Result<std::unique_ptr<plan::Plan>> build(std::unique_ptr<ir::Graph> graph, const IoNames& io, const Options& options,
                                          Observer& observer) {
    if (io.io.size() != graph->body().parameters().size() + graph->body().results().size())
        return internalError("{} I/O tensors are named, the network has {}", io.io.size(),
                             graph->body().parameters().size() + graph->body().results().size());
    return Build(io, options, observer).run(std::move(graph));
}

}  // namespace lathe::builder
