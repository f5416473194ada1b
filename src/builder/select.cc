// SPDX-License-Identifier: Apache-2.0
#include "builder/select.h"

#include <algorithm>
#include <chrono>
#include <map>

#include "builder/problem.h"
#include "exec/packed_store.h"
#include "exec/preparation.h"
#include "exec/shapes.h"
#include "exec/standalone.h"
#include "ir/infer.h"
#include "ops/plugin.h"
#include "ops/reorder.h"
#include "tactics/common/reorders.h"
#include "tactics/cuda/launcher.h"

namespace lathe::builder {
namespace {

using tactics::Layout;
using Severity = Observer::Severity;

// A candidate that is this much slower than the best of its group after one probe is out of the race.
constexpr double kRaceFactor = 1.5;
// Steps that take this long need no second look.
constexpr double kSlow = 0.05;
// Seconds that no estimate exceeds: far below what means "impossible".
constexpr double kLongest = 1e9;
// A GPU is kept busy for so long before anything is measured.
constexpr double kWarmUp = 0.05;
using Clock = std::chrono::steady_clock;
// Times within this factor are ties, which the smaller workspace wins.
constexpr double kTie = 1.02;

size_t candidateLimit(const Options& o) {
    static constexpr int limits[] = {1, 2, 4, 8, 16, 32};
    const int limit = limits[std::clamp(o.optimizationLevel, 0, 5)];
    return static_cast<size_t>(o.mostTactics < 0 ? limit : std::clamp(o.mostTactics, 1, limit));
}

bool measures(const Options& o) { return o.optimizationLevel > 0 && o.mostTactics != 0; }

std::string describe(const tactics::Candidate& c) {
    std::string s = c.binding.tactic->id();
    if (!c.binding.params.empty()) s += ir::toString(c.binding.params);
    for (size_t i = 0; i < c.binding.outputLayouts.size(); ++i)
        s += fmt::format("{}{}", i ? "," : " -> ", tactics::toString(c.binding.outputLayouts[i]));
    if (c.binding.nodes.size() > 1) s += fmt::format(" (covers {} nodes)", c.binding.nodes.size());
    return s;
}

// Whether a step can be run by itself at the optimum shapes with made-up data. Shapes of different inputs need not suit
// each other there, bounds of what is found while running may be huge, and the plain kernels refuse data that an op
// forbids.
Status checkMeasurable(const tactics::Binding& b, const plan::ShapeRange& shapes) {
    constexpr int64_t kMostBytes = int64_t{2} << 30;
    if (b.tactic->lastResort()) return unsupported("it is the last resort");
    int64_t bytes = 0;
    for (const auto* list : {&b.inputs, &b.outputs})
        for (const ir::Value* v : *list) {
            const int64_t one = bytesOf(v->dtype(), TRY(ir::checkedVolume(shapes.optDims(*v))));
            if (one > kMostBytes || (bytes += one) > kMostBytes)
                return unsupported("it takes more than {} bytes", kMostBytes);
        }
    for (const ir::Node* n : b.nodes) {
        std::vector<ir::ConcreteInput> inputs;
        std::vector<std::vector<std::byte>> made;
        made.reserve(n->inputs().size());
        for (const ir::Value* v : n->inputs()) {
            ir::ConcreteInput in{DType::kFloat, {}, {}, v != nullptr};
            if (v) {
                in.dtype = v->dtype();
                in.dims = v->isConstant() ? v->constant()->dims() : shapes.optDims(*v);
                const int64_t count = TRY(ir::checkedVolume(in.dims));
                if (v->isConstant()) {
                    if (count <= ir::kMaxElements) in.bytes = TRY(v->constant()->bytes());
                } else if (!isFloating(v->dtype()) && count <= ir::kMaxElements) {
                    // As exec::Standalone fills it.
                    made.emplace_back(static_cast<size_t>(bytesOf(v->dtype(), count)) + 1);
                    auto elements = shapes.optElements(*v);
                    if (elements && static_cast<int64_t>(elements->size()) == count)
                        TRY(exec::writeIntegers(v->dtype(), *elements, made.back().data()));
                    in.bytes = {made.back().data(), made.back().size() - 1};
                }
            }
            inputs.push_back(std::move(in));
        }
        auto types = ir::inferConcrete(*n, inputs);
        if (!types.ok()) {
            if (types.status().code() == Code::kInvalidState) continue;
            return types.status();
        }
        if (n->op().is(ir::Op::kDataDependent)) continue;
        for (int o = 0; o < n->outputCount(); ++o)
            for (size_t d = 0; d < (*types)[static_cast<size_t>(o)].shape.size(); ++d) {
                const ir::Dims expected = shapes.optDims(*n->output(o));
                if (TRY((*types)[static_cast<size_t>(o)].shape[d].eval(ir::SymbolValues())) != expected[d])
                    return invalidArgument("output {} of '{}' would not be {}", o, n->name(), ir::toString(expected));
            }
    }
    return {};
}

// An application's code is not run on made-up data where there is no choice.
bool isSettled(const std::vector<tactics::Candidate>& group) {
    return group.size() == 1 && &group[0].binding.nodes[0]->op() == ops::op_plugin;
}

// Candidates of one anchor that run the same kernel on the same packed weights, and differ only in what is done as it
// stores its result (bias, residual, activation), cost the same but for less than timings can tell. Empty: no such kin.
std::string kinOf(const tactics::Binding& b) {
    if (b.packed.empty() || b.inputs.empty()) return "";
    std::string kin = fmt::format("{}|{}|{}|", b.tactic->id(), b.nodes[0]->id(), b.inputs[0]->id());
    for (int64_t p : b.params) kin += fmt::format("{},", p);
    for (const tactics::PackedWeights& w : b.packed) kin += "|" + w.kind;
    return kin + fmt::format("|{}>{}", static_cast<int>(b.inputLayouts[0]), static_cast<int>(b.outputLayouts[0]));
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
        tactics::Binding& b = control.candidate.binding;
        b.nodes = {&node};
        for (int i = 0; i < node.inputCount(); ++i) {
            const ir::Value* v = node.input(i);
            if (!v || v->isConstant()) continue;
            b.inputs.push_back(v);
            b.inputLayouts.push_back(placement_.ofInput(node, i));
        }
        for (const ir::Value* v : node.outputs()) {
            b.outputs.push_back(v);
            b.outputLayouts.push_back(placement_.of(*v));
        }
        out.push_back(std::move(control));
        return {};
    }
    auto ahead = ahead_.extract(&node);
    Groups groups = TRY(ahead ? std::move(ahead.mapped()) : groupsOf(node));
    return time(node, groups, out);
}

namespace {

bool isOnHost(const tactics::Binding& b) {
    auto host = [](Layout l) { return l == Layout::kHost; };
    return std::any_of(b.inputLayouts.begin(), b.inputLayouts.end(), host) ||
           std::any_of(b.outputLayouts.begin(), b.outputLayouts.end(), host);
}

bool coversAlone(const std::vector<tactics::Candidate>& found) {
    return std::any_of(found.begin(), found.end(), [](const auto& c) { return c.binding.nodes.size() == 1; });
}

// Shape arithmetic: the host does it in less time than a launch takes, and has its result where shapes need it.
bool isShapeArithmetic(const ir::Node& node, const plan::ShapeRange& shapes) {
    constexpr int64_t kMostElements = 256;
    auto small = [&](const ir::Value* v) {
        return !v || v->isConstant() || v->elements() ||
               (!isFloating(v->dtype()) && ir::volume(shapes.maxDims(*v)) <= kMostElements);
    };
    return std::all_of(node.inputs().begin(), node.inputs().end(), small) &&
           std::all_of(node.outputs().begin(), node.outputs().end(), small);
}

}  // namespace

// What lies in host memory is priced by its estimate: the host's steps are short, and what a transfer costs is that it
// waits.
bool Selector::isMeasured(const tactics::Binding& b) const {
    if (!measures(options_)) return false;
    return !shapes_.target().isCuda() || (device_ && !isOnHost(b));
}

// The launches that a candidate would make at the optimum shapes, without a device.
Status Selector::planKernels(const tactics::Binding& b, exec::PackedStore& store,
                             std::vector<cuda::KernelPlan>& plans) const {
    std::map<const ir::Value*, ir::Dims> dims;
    auto dimsOf = [&](const ir::Value& v) -> const ir::Dims& {
        return dims.try_emplace(&v, shapes_.optDims(v)).first->second;
    };
    TRY(b.tactic->prepare(b, exec::PlanPreparation(b, dimsOf, store, plans)));
    return {};
}

Status Selector::checkPrepares(const tactics::Binding& b) const {
    exec::PackedStore store(shapes_.target());
    std::vector<cuda::KernelPlan> plans;
    bool host = tactics::backendOf(*b.tactic) == tactics::Target::Backend::kCpu;
    TRY(planKernels(host ? plan::asOffered(b) : b, store, plans));
    for (const cuda::KernelPlan& p : plans)
        for (const cuda::KernelSource& s : p.sources)
            if (shapes_.target().sm < s.minSm || shapes_.target().sm > s.maxSm)
                return unsupported("{} is for sm_{} to sm_{}", s.name, s.minSm, s.maxSm);
    return {};
}

void Selector::offers(const ir::Node& node, tactics::Target::Backend backend, std::vector<tactics::Candidate>& found,
                      std::string& refusals) {
    bool toHost = shapes_.target().backend != backend;
    auto log = [&](const std::string& message) { observer_.log(Severity::kVerbose, message); };
    for (const tactics::Tactic* t : tactics::forOp(node.op().name(), backend)) {
        if (options_.optimizationLevel < 0 && !t->lastResort() && !node.op().is(ir::Op::kView) &&
            node.op().name() != std::string_view("reorder"))
            continue;  // level -1: the kernels that define what each op means
        tactics::BindResult r = t->bind(node, shapes_);
        for (const std::string& reason : r.refusals) {
            log(fmt::format("{}: {} refused: {}", node.name(), t->id(), reason));
            refusals += fmt::format("\n  {}: {}", t->id(), reason);
        }
        for (tactics::Candidate& c : r.candidates) {
            if (toHost && !plan::moveToHost(c.binding)) continue;
            const tactics::Binding& b = c.binding;
            bool readable = true;
            for (size_t o = 0; o < b.outputs.size(); ++o)
                readable = readable &&
                           !(placement_.isRead(*b.outputs[o]) && b.outputLayouts[o] != placement_.of(*b.outputs[o]));
            if (!readable) {
                refusals += fmt::format("\n  {}: its result becomes an extent, so it must be in host memory", t->id());
                continue;
            }
            if (c.workspaceBytes > options_.workspaceLimit) {
                std::string reason = fmt::format("it needs {} bytes of workspace, the limit is {}", c.workspaceBytes,
                                                 options_.workspaceLimit);
                log(fmt::format("{}: {} refused: {}", node.name(), describe(c), reason));
                refusals += fmt::format("\n  {}: {}", describe(c), reason);
                continue;
            }
            if (!isConvex(c.binding)) continue;
            // What is measured shows then whether it can be prepared.
            if (shapes_.target().isCuda() && !isMeasured(c.binding))
                if (Status s = checkPrepares(c.binding); !s.ok()) {
                    log(fmt::format("{}: {} refused: {}", node.name(), describe(c), s.message()));
                    refusals += fmt::format("\n  {}: {}", t->id(), s.message());
                    continue;
                }
            // Extents without a bound give estimates without one.
            if (!(c.estimate >= 0 && c.estimate < kLongest)) c.estimate = kLongest;
            if (isMeasured(c.binding) && !options_.failOnCacheMiss) {
                // What cannot be measured counts with its estimate.
                if (Status s = checkMeasurable(c.binding, shapes_); !s.ok()) {
                    log(fmt::format("{}: {} is not timed: {}", node.name(), describe(c), s.message()));
                    cache_.put(problemKey(c.binding, shapes_), static_cast<float>(c.estimate));
                }
            }
            found.push_back(std::move(c));
        }
    }
}

Result<Selector::Groups> Selector::groupsOf(const ir::Node& node) {
    using Backend = tactics::Target::Backend;
    std::vector<tactics::Candidate> found;
    std::string refusals;
    offers(node, shapes_.target().backend, found, refusals);
    if (shapes_.target().isCuda()) {
        bool alone = coversAlone(found), shape = isShapeArithmetic(node, shapes_);
        if (!alone || shape) offers(node, Backend::kCpu, found, refusals);
        if (!alone && !shape && warned_.insert(node.op().name()).second)
            observer_.log(
                Severity::kWarning,
                fmt::format("node '{}' ({}) runs on the host, with copies from the GPU and back: no tactic of "
                            "the GPU's runs it alone{}",
                            node.name(), node.op().name(), refusals));
    }
    if (!coversAlone(found))
        return unsupported("no tactic can run node '{}' ({}) on {}:{}", node.name(), node.op().name(),
                           shapes_.target().name(), refusals.empty() ? " none is made for this op" : refusals);
    std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
        if (a.binding.nodes.size() != b.binding.nodes.size()) return a.binding.nodes.size() < b.binding.nodes.size();
        if (a.binding.nodes != b.binding.nodes)
            return std::lexicographical_compare(a.binding.nodes.begin(), a.binding.nodes.end(), b.binding.nodes.begin(),
                                                b.binding.nodes.end(),
                                                [](const ir::Node* x, const ir::Node* y) { return x->id() < y->id(); });
        if (isOnHost(a.binding) != isOnHost(b.binding)) return isOnHost(b.binding);
        return a.estimate < b.estimate;
    });
    Groups groups;
    for (size_t i = 0; i < found.size();) {
        size_t end = i;
        while (end < found.size() && found[end].binding.nodes == found[i].binding.nodes &&
               isOnHost(found[end].binding) == isOnHost(found[i].binding))
            ++end;
        std::vector<tactics::Candidate> group(std::make_move_iterator(found.begin() + static_cast<long>(i)),
                                              std::make_move_iterator(found.begin() + static_cast<long>(end)));
        auto real = [](const tactics::Candidate& c) { return !c.binding.tactic->lastResort(); };
        if (!options_.offerLastResorts && std::any_of(group.begin(), group.end(), real))
            std::erase_if(group, [&](const auto& c) { return !real(c); });
        const size_t limit = candidateLimit(options_);
        for (size_t k = limit; k < group.size(); ++k)
            observer_.log(Severity::kVerbose,
                          fmt::format("{}: {} pruned: estimated at {:.3f} us, and {} others at less", node.name(),
                                      describe(group[k]), group[k].estimate * 1e6, limit));
        if (group.size() > limit) group.resize(limit);
        groups.push_back(std::move(group));
        i = end;
    }
    std::reverse(groups.begin(), groups.end());
    return groups;
}

void Selector::compileAhead(const ir::Region& region) {
    if (!device_ || !measures(options_)) return;
    std::vector<cuda::KernelPlan> plans;
    std::set<std::string> seen;
    exec::PackedStore store(shapes_.target());
    for (const auto& node : region.nodes()) {
        if (!node->regions().empty()) continue;
        const Result<Groups>& groups = ahead_.insert_or_assign(node.get(), groupsOf(*node)).first->second;
        if (!groups.ok()) continue;  // candidates() tells
        for (const auto& group : *groups)
            for (const tactics::Candidate& c : group) {
                const tactics::Binding& b = c.binding;
                if (!isMeasured(b)) continue;
                std::string key = problemKey(b, shapes_);
                if (cache_.get(key) >= 0 || !seen.insert(std::move(key)).second) continue;
                (void)planKernels(b, store, plans);  // a failure is told when the candidate is prepared
            }
    }
    cuda::compileAhead(plans, device_->architecture());
}

// All groups of an anchor take turns: the cover compares their times, and the machine's pace changes while they are
// measured. Kin of a candidate that covers more take over its time, so that noise never makes an epilogue look slower
// than a step of its own.
Status Selector::time(const ir::Node& anchor, Groups& groups, std::vector<TimedCandidate>& out) {
    struct Racer {
        tactics::Candidate* candidate;
        std::string key;
        double seconds = -1;
        std::unique_ptr<exec::Standalone> runner;
        const Racer* kin = nullptr;
    };
    exec::PackedStore store(shapes_.target(), {}, device_);  // what groups pack alike is packed once
    std::vector<std::vector<Racer>> races;
    races.reserve(groups.size());
    std::map<std::string, const Racer*> kinsfolk;
    std::vector<double> bests;
    bool measure = measures(options_);
    auto isReal = [](const tactics::Candidate& c) { return !c.binding.tactic->lastResort(); };
    bool anyReal = std::any_of(groups.begin(), groups.end(),
                               [&](const auto& g) { return std::any_of(g.begin(), g.end(), isReal); });
    for (auto& group : groups) {
        std::vector<Racer>& racers = races.emplace_back();
        racers.reserve(group.size());
        for (tactics::Candidate& c : group) {
            Racer r{&c, problemKey(c.binding, shapes_), -1, nullptr};
            std::string kin = measure ? kinOf(c.binding) : "";
            if (auto at = kinsfolk.find(kin); at != kinsfolk.end() && at->second->seconds > -1.5) {
                r.kin = at->second;
                r.seconds = r.kin->seconds;
            } else if (!c.binding.aliases.empty()) {
                r.seconds = 0;  // nothing runs
            } else if (!measure || isSettled(group) || (anyReal && !isReal(c)) ||
                       (shapes_.target().isCuda() && isOnHost(c.binding))) {
                r.seconds = c.estimate;  // a last resort is there for the cover, and slow to measure
            } else if (float known = cache_.get(r.key); known >= 0) {
                r.seconds = known;
                ++fromCache_;
            } else if (!isMeasured(c.binding)) {
                r.seconds = c.estimate;  // on an absent GPU
            } else if (options_.failOnCacheMiss) {
                return makeStatus(Code::kInvalidState, "the timing cache has no entry for node '{}', tactic {}",
                                  anchor.name(), describe(c));
            }
            racers.push_back(std::move(r));
            if (!kin.empty() && !racers.back().kin) kinsfolk[kin] = &racers.back();
        }
        // Probe each once, then race those that are near the best.
        double& best = bests.emplace_back(1e30);
        for (Racer& r : racers) {
            if (r.seconds >= 0) {
                best = std::min(best, r.seconds);
                continue;
            }
            if (r.kin) continue;  // of the same group
            auto runner = exec::Standalone::create(r.candidate->binding, shapes_, &store);
            if (!runner.ok()) {
                // A tactic that cannot be prepared is a refusal like any other, as long as another one is there.
                observer_.log(Severity::kVerbose, fmt::format("{}: {} refused: {}", anchor.name(),
                                                              describe(*r.candidate), runner.status().message()));
                r.seconds = -2;
                if (runner.status().code() == Code::kFailedAllocation && racers.size() == 1) return runner.status();
                continue;
            }
            r.runner = runner.take();
            auto probe = r.runner->seconds();  // warm-up, and enough for what is clearly slow
            // An idle GPU's clocks take their time to come up, and the first candidates would look slow.
            for (auto start = Clock::now(); device_ && !warm_ && probe.ok();) {
                probe = r.runner->seconds();
                warm_ = std::chrono::duration<double>(Clock::now() - start).count() > kWarmUp;
            }
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
    }
    // Short steps need more samples than long ones to be told apart.
    double shortest = bests.empty() ? 1e30 : *std::min_element(bests.begin(), bests.end());
    int rounds = shortest < 1e-4 ? 15 : shortest < 2e-3 ? 8 : 4;
    rounds *= std::max(1, options_.timingIterations);
    for (int round = 0; round < rounds; ++round)
        for (size_t g = 0; g < races.size(); ++g)
            for (Racer& r : races[g]) {
                if (!r.runner || r.seconds >= kSlow || r.seconds > bests[g] * kRaceFactor) continue;
                auto s = r.runner->seconds();
                if (s.ok()) r.seconds = std::min(r.seconds, *s);
            }
    for (auto& racers : races) {
        const Racer* fastest = nullptr;
        for (Racer& r : racers) {
            if (r.kin) r.seconds = r.kin->seconds;
            if (r.seconds < -1.5) continue;
            if (r.runner) {
                ++measured_;
                cache_.put(r.key, static_cast<float>(r.seconds));
                r.seconds = static_cast<float>(r.seconds);  // a rebuild from the cache must see the same number
            }
            observer_.log(Severity::kVerbose,
                          fmt::format("{}: {} {:.3f} us, workspace {} bytes{}", anchor.name(), describe(*r.candidate),
                                      r.seconds * 1e6, r.candidate->workspaceBytes,
                                      r.runner                           ? ""
                                      : r.kin                            ? " (as with a longer epilogue)"
                                      : isMeasured(r.candidate->binding) ? " (timing cache)"
                                                                         : " (estimated)"));
            if (!fastest || r.seconds * kTie < fastest->seconds ||
                (r.seconds < fastest->seconds * kTie &&
                 r.candidate->workspaceBytes < fastest->candidate->workspaceBytes))
                fastest = &r;
        }
        if (fastest)
            observer_.log(Severity::kVerbose, fmt::format("{}: fastest {} {:.3f} us", anchor.name(),
                                                          describe(*fastest->candidate), fastest->seconds * 1e6));
        for (Racer& r : racers)
            if (r.seconds > -1.5) out.push_back({std::move(*r.candidate), r.seconds});
    }
    return {};
}

double Selector::reorderSeconds(const ir::Value& value, Layout from, Layout to) {
    auto isMove = [](Layout a, Layout b) { return a == Layout::kHost && b != Layout::kLinear; };
    bool impossible = !tactics::fits(from, value.rank()) || !tactics::fits(to, value.rank());
    if (!impossible && (isMove(from, to) || isMove(to, from) || tactics::reorderAxis(from, to, value.rank()) < 0))
        return reorderSeconds(value, from, Layout::kLinear) + reorderSeconds(value, Layout::kLinear, to);
    if (impossible) return 1e30;
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
