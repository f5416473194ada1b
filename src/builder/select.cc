// SPDX-License-Identifier: Apache-2.0
#include "builder/select.h"

#include <algorithm>
#include <chrono>

#include "builder/problem.h"
#include "exec/standalone.h"
#include "ops/reorder.h"

namespace lathe::builder {
namespace {

using tactics::Layout;
using Severity = Observer::Severity;

// A candidate that is this much slower than the best of its group after one probe is out of the race.
constexpr double kRaceFactor = 1.5;
// Steps that take this long need no second look.
constexpr double kSlow = 0.05;
// Times within this factor are ties, which the smaller workspace wins.
constexpr double kTie = 1.02;

int candidateLimit(int level) {
    static constexpr int limits[] = {1, 2, 4, 8, 16, 32};
    return limits[std::clamp(level, 0, 5)];
}

std::string describe(const tactics::Candidate& c) {
    std::string s = c.binding.tactic->id();
    if (!c.binding.params.empty()) s += ir::toString(c.binding.params);
    for (size_t i = 0; i < c.binding.outputLayouts.size(); ++i)
        s += fmt::format("{}{}", i ? "," : " -> ", tactics::toString(c.binding.outputLayouts[i]));
    if (c.binding.nodes.size() > 1) s += fmt::format(" (covers {} nodes)", c.binding.nodes.size());
    return s;
}

// A covered set is usable only when no value leaves it and comes back in: then it could never run as one step.
bool isConvex(const tactics::Binding& b) {
    auto covered = [&](const ir::Node* n) { return std::find(b.nodes.begin(), b.nodes.end(), n) != b.nodes.end(); };
    if (b.nodes.size() < 2) return true;
    const ir::Region* region = b.nodes[0]->parent();
    int first = INT32_MAX;
    for (const ir::Node* n : b.nodes) {
        if (n->parent() != region) return false;
        first = std::min(first, region->indexOf(n));
    }
    // Walk back from the inputs; only nodes after the first covered one can depend on the set.
    std::vector<const ir::Node*> stack;
    std::vector<const ir::Node*> seen;
    for (const ir::Value* v : b.inputs)
        if (v->producer()) stack.push_back(v->producer());
    while (!stack.empty()) {
        const ir::Node* n = stack.back();
        stack.pop_back();
        if (covered(n)) return false;
        if (n->parent() != region || region->indexOf(n) < first) continue;
        if (std::find(seen.begin(), seen.end(), n) != seen.end()) continue;
        seen.push_back(n);
        if (!n->regions().empty()) return false;  // it may capture anything
        for (const ir::Value* v : n->inputs())
            if (v && v->producer()) stack.push_back(v->producer());
    }
    return true;
}

}  // namespace

Status Selector::candidates(const ir::Node& node, std::vector<TimedCandidate>& out) {
    if (!node.regions().empty()) {
        TimedCandidate control;
        control.candidate.binding.nodes = {&node};
        for (const ir::Value* v : node.inputs())
            if (v && !v->isConstant()) control.candidate.binding.inputs.push_back(v);
        control.candidate.binding.inputLayouts.assign(control.candidate.binding.inputs.size(), Layout::kLinear);
        for (const ir::Value* v : node.outputs()) control.candidate.binding.outputs.push_back(v);
        control.candidate.binding.outputLayouts.assign(node.outputCount(), Layout::kLinear);
        out.push_back(std::move(control));
        return {};
    }
    std::vector<tactics::Candidate> found;
    std::string refusals;
    for (const tactics::Tactic* t : tactics::forOp(node.op().name())) {
        if (options_.optimizationLevel < 0 && !t->lastResort() && !node.op().is(ir::Op::kView) &&
            node.op().name() != std::string_view("reorder"))
            continue;  // level -1: the kernels that define what each op means
        tactics::BindResult r = t->bind(node, shapes_);
        for (const std::string& reason : r.refusals) {
            observer_.log(Severity::kVerbose, fmt::format("{}: {} refused: {}", node.name(), t->id(), reason));
            refusals += fmt::format("\n  {}: {}", t->id(), reason);
        }
        for (tactics::Candidate& c : r.candidates) {
            if (c.workspaceBytes > options_.workspaceLimit) {
                std::string reason = fmt::format("it needs {} bytes of workspace, the limit is {}", c.workspaceBytes,
                                                 options_.workspaceLimit);
                observer_.log(Severity::kVerbose, fmt::format("{}: {} refused: {}", node.name(), describe(c), reason));
                refusals += fmt::format("\n  {}: {}", describe(c), reason);
                continue;
            }
            if (!isConvex(c.binding)) continue;
            found.push_back(std::move(c));
        }
    }
    bool alone = std::any_of(found.begin(), found.end(), [](const auto& c) { return c.binding.nodes.size() == 1; });
    if (!alone)
        return unsupported("no tactic can run node '{}' ({}) on {}:{}", node.name(), node.op().name(),
                           shapes_.target().name(), refusals.empty() ? " none is made for this op" : refusals);
    // Groups that cover the same nodes compete directly; the cover chooses among groups.
    std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
        if (a.binding.nodes.size() != b.binding.nodes.size()) return a.binding.nodes.size() < b.binding.nodes.size();
        if (a.binding.nodes != b.binding.nodes)
            return std::lexicographical_compare(a.binding.nodes.begin(), a.binding.nodes.end(), b.binding.nodes.begin(),
                                                b.binding.nodes.end(),
                                                [](const ir::Node* x, const ir::Node* y) { return x->id() < y->id(); });
        return a.estimate < b.estimate;
    });
    for (size_t i = 0; i < found.size();) {
        size_t end = i;
        while (end < found.size() && found[end].binding.nodes == found[i].binding.nodes) ++end;
        std::vector<tactics::Candidate> group(std::make_move_iterator(found.begin() + static_cast<long>(i)),
                                              std::make_move_iterator(found.begin() + static_cast<long>(end)));
        auto real = [](const tactics::Candidate& c) { return !c.binding.tactic->lastResort(); };
        if (std::any_of(group.begin(), group.end(), real))
            std::erase_if(group, [&](const auto& c) { return !real(c); });
        auto limit = static_cast<size_t>(candidateLimit(options_.optimizationLevel));
        for (size_t k = limit; k < group.size(); ++k)
            observer_.log(Severity::kVerbose,
                          fmt::format("{}: {} pruned: estimated at {:.3f} us, and {} others at less", node.name(),
                                      describe(group[k]), group[k].estimate * 1e6, limit));
        if (group.size() > limit) group.resize(limit);
        TRY(time(node, group, out));
        i = end;
    }
    return {};
}

Status Selector::time(const ir::Node& anchor, std::vector<tactics::Candidate>& group,
                      std::vector<TimedCandidate>& out) {
    struct Racer {
        tactics::Candidate* candidate;
        std::string key;
        double seconds = -1;
        std::unique_ptr<exec::Standalone> runner;
    };
    std::vector<Racer> racers;
    bool measure = options_.optimizationLevel > 0;
    for (tactics::Candidate& c : group) {
        Racer r{&c, problemKey(c.binding, shapes_), -1, nullptr};
        if (!c.binding.aliases.empty()) {
            r.seconds = 0;  // nothing runs
        } else if (!measure) {
            r.seconds = c.estimate;
        } else if (float known = cache_.get(r.key); known >= 0) {
            r.seconds = known;
            ++fromCache_;
        } else if (options_.failOnCacheMiss) {
            return makeStatus(Code::kInvalidState, "the timing cache has no entry for node '{}', tactic {}",
                              anchor.name(), describe(c));
        }
        racers.push_back(std::move(r));
    }
    // Probe each once, then race those that are near the best.
    double best = 1e30;
    for (Racer& r : racers) {
        if (r.seconds >= 0) {
            best = std::min(best, r.seconds);
            continue;
        }
        auto runner = exec::Standalone::create(r.candidate->binding, shapes_);
        if (!runner.ok()) {
            // A tactic that cannot be prepared is a refusal like any other, as long as another one is there.
            observer_.log(Severity::kVerbose, fmt::format("{}: {} refused: {}", anchor.name(), describe(*r.candidate),
                                                          runner.status().message()));
            r.seconds = -2;
            if (runner.status().code() == Code::kFailedAllocation && racers.size() == 1) return runner.status();
            continue;
        }
        r.runner = runner.take();
        auto probe = r.runner->seconds();  // warm-up, and enough for what is clearly slow
        if (probe.ok() && *probe < kSlow) probe = r.runner->seconds();
        if (!probe.ok()) {
            observer_.log(Severity::kWarning, fmt::format("{}: {} failed while it was timed: {}", anchor.name(),
                                                          describe(*r.candidate), probe.status().message()));
            r.seconds = -2;
            r.runner = nullptr;
            continue;
        }
        r.seconds = *probe;
        best = std::min(best, r.seconds);
    }
    auto inRace = [&](const Racer& r) { return r.runner && r.seconds < kSlow && r.seconds <= best * kRaceFactor; };
    // Short steps need more samples than long ones to be told apart.
    int rounds = best < 1e-4 ? 9 : best < 2e-3 ? 4 : 2;
    rounds *= std::max(1, options_.timingIterations);
    for (int round = 0; round < rounds; ++round)
        for (Racer& r : racers)
            if (inRace(r)) {
                auto s = r.runner->seconds();
                if (s.ok()) r.seconds = std::min(r.seconds, *s);
            }
    const Racer* fastest = nullptr;
    for (Racer& r : racers) {
        if (r.seconds < -1.5) continue;
        if (r.runner) {
            ++measured_;
            cache_.put(r.key, static_cast<float>(r.seconds));
            r.seconds = static_cast<float>(r.seconds);  // a rebuild from the cache must see the same number
        }
        observer_.log(Severity::kVerbose,
                      fmt::format("{}: {} {:.3f} us, workspace {} bytes{}", anchor.name(), describe(*r.candidate),
                                  r.seconds * 1e6, r.candidate->workspaceBytes,
                                  r.runner  ? ""
                                  : measure ? " (timing cache)"
                                            : " (estimated)"));
        if (!fastest || r.seconds * kTie < fastest->seconds ||
            (r.seconds < fastest->seconds * kTie && r.candidate->workspaceBytes < fastest->candidate->workspaceBytes))
            fastest = &r;
    }
    if (fastest)
        observer_.log(Severity::kVerbose, fmt::format("{}: fastest {} {:.3f} us", anchor.name(),
                                                      describe(*fastest->candidate), fastest->seconds * 1e6));
    for (Racer& r : racers)
        if (r.seconds > -1.5) out.push_back({std::move(*r.candidate), r.seconds});
    return {};
}

double Selector::reorderSeconds(const ir::Value& value, Layout from, Layout to) {
    if (value.rank() < 3) return 1e30;
    ir::Dims dims = shapes_.optDims(value);
    std::string key = fmt::format("{}{}:{}>{}", toString(value.dtype()), ir::toString(dims), static_cast<int>(from),
                                  static_cast<int>(to));
    if (auto at = reorders_.find(key); at != reorders_.end()) return at->second;
    // A reorder is timed as a node of its own, in a graph of its own with the optimum shape.
    ir::Graph graph;
    ir::Value* x = graph.body().addParameter({value.dtype(), ir::toShape(dims)}, "x");
    auto attrs = std::make_unique<ops::ReorderAttrs>();
    attrs->from = static_cast<int64_t>(from);
    attrs->to = static_cast<int64_t>(to);
    ir::Node* n = graph.body().append(*ops::op_reorder, std::move(attrs), {x}, 1, "reorder");
    n->output()->setType(x->type());
    double seconds = 1e30;
    if (auto timed = bindReorder(*n); timed.ok()) seconds = timed->seconds;
    return reorders_[key] = seconds;
}

Result<TimedCandidate> Selector::bindReorder(const ir::Node& reorder) {
    std::vector<TimedCandidate> found;
    TRY(candidates(reorder, found));
    const auto& a = reorder.attrs<ops::ReorderAttrs>();
    const TimedCandidate* best = nullptr;
    for (const TimedCandidate& c : found) {
        const tactics::Binding& b = c.candidate.binding;
        if (b.inputLayouts[0] != static_cast<Layout>(a.from) || b.outputLayouts[0] != static_cast<Layout>(a.to))
            continue;
        if (!best || c.seconds < best->seconds) best = &c;
    }
    if (!best) return internalError("no tactic reorders layout {} to {}", a.from, a.to);
    return *best;
}

}  // namespace lathe::builder
