// SPDX-License-Identifier: Apache-2.0
#include "builder/streams.h"

#include <algorithm>
#include <map>

#include "exec/flat_program.h"
#include "tactics/cuda/kernel.h"

namespace lathe::builder {
namespace {

// From the end of a step in one stream to the beginning of one in another that waits for it; more than in a graph.
constexpr double kWait = 3e-6;
// No step takes less, so that steps that nobody measured count too.
constexpr double kShortest = 1e-6;
// What another stream must save, of the time without it.
constexpr double kGain = 0.1;
constexpr int kMostByDefault = 3;
constexpr double kThreadsPerSm = 2048;

double lengthOf(const StreamStep& s) { return s.isView ? 0 : std::max(s.seconds, kShortest); }

// Each step goes where it can begin first.
std::vector<int> assign(std::span<const StreamStep> steps, int streams, double wait) {
    std::vector<int> stream(steps.size(), 0);
    std::vector<double> end(steps.size(), 0), isFree(static_cast<size_t>(streams), 0);
    for (size_t i = 0; i < steps.size(); ++i) {
        const StreamStep& s = steps[i];
        auto beginIn = [&](int k) {
            double begin = k > 0 ? wait : 0;  // forked from the first
            for (int a : s.after) {
                size_t at = static_cast<size_t>(a);
                begin = std::max(begin, end[at] + (stream[at] != k ? wait : 0));
            }
            return s.isView ? begin : std::max(begin, isFree[static_cast<size_t>(k)]);
        };
        // Where what it reads is made, the first streams first, then the others.
        std::vector<int> order;
        for (int a : s.after) order.push_back(stream[static_cast<size_t>(a)]);
        std::sort(order.begin(), order.end());
        for (int k = 0; k < streams; ++k) order.push_back(k);
        int best = s.stays ? 0 : order[0];
        for (int k : order)
            if (!s.stays && beginIn(k) < beginIn(best)) best = k;
        stream[i] = best;
        end[i] = beginIn(best) + lengthOf(s);
        if (!s.isView) isFree[static_cast<size_t>(best)] = end[i];
    }
    return stream;
}

// Numbers streams by their first steps, the caller's excepted, without gaps.
void number(std::vector<int>& streams) {
    std::map<int, int> names{{0, 0}};
    for (int& s : streams) s = names.emplace(s, static_cast<int>(names.size())).first->second;
}

}  // namespace

double secondsIn(std::span<const StreamStep> steps, std::span<const int> streams) {
    struct Lane {
        std::vector<size_t> steps;
        size_t at = 0;
        double left = -1;  // of the step that runs; negative: none does
    };
    std::vector<Lane> lanes;
    for (size_t i = 0; i < steps.size(); ++i) {
        size_t k = static_cast<size_t>(streams[i]);
        if (lanes.size() <= k) lanes.resize(k + 1);
        lanes[k].steps.push_back(i);
    }
    constexpr double kNever = 1e30;
    std::vector<double> end(steps.size(), kNever);
    double now = 0;
    // When the lane's next step may begin, by those that have ended.
    auto mayBegin = [&](const Lane& lane) {
        size_t i = lane.steps[lane.at];
        double t = streams[i] > 0 ? kWait : 0;
        for (int a : steps[i].after) {
            size_t at = static_cast<size_t>(a);
            t = std::max(t, end[at] + (streams[at] != streams[i] ? kWait : 0));
        }
        return t;
    };
    while (true) {
        double fill = 0, next = kNever;
        for (Lane& lane : lanes) {
            if (lane.at == lane.steps.size()) continue;
            if (lane.left < 0) {
                double t = mayBegin(lane);
                if (t > now) {
                    next = std::min(next, t - now);
                    continue;
                }
                lane.left = lengthOf(steps[lane.steps[lane.at]]);
            }
            fill += steps[lane.steps[lane.at]].fill;
        }
        double rate = fill > 1 ? 1 / fill : 1;
        for (const Lane& lane : lanes)
            if (lane.left >= 0) next = std::min(next, lane.left / rate);
        if (next == kNever) break;
        now += next;
        for (Lane& lane : lanes) {
            if (lane.left < 0) continue;
            lane.left -= next * rate;
            if (lane.left > 1e-15) continue;
            lane.left = -1;
            end[lane.steps[lane.at++]] = now;
        }
    }
    // The end of the run waits for all of them.
    for (size_t i = 0; i < steps.size(); ++i) now = std::max(now, end[i] + (streams[i] > 0 ? kWait : 0));
    return now;
}

std::vector<int> chooseStreams(std::span<const StreamStep> steps, int most) {
    std::vector<int> best(steps.size(), 0);
    if (most >= 0) {
        best = assign(steps, std::min(most, plan::kMostStreams - 1) + 1, 0);
        number(best);
        return best;
    }
    double seconds = secondsIn(steps, best);
    for (int aux = 1; aux <= kMostByDefault; ++aux) {
        std::vector<int> streams = assign(steps, aux + 1, kWait);
        double with = secondsIn(steps, streams);
        if (with > (1 - kGain) * seconds) continue;
        seconds = with;
        best = std::move(streams);
    }
    number(best);
    return best;
}

Status spreadSteps(plan::Program& program, const plan::ShapeRange& shapes, int most) {
    if (most == 0 || !program.target.isCuda()) return {};
    auto flat = TRY(exec::FlatProgram::create(program));
    if (!exec::whyOneStream(*flat).empty()) return {};
    std::vector<StreamStep> steps;
    std::map<const ir::Value*, int> madeBy;
    double threads = kThreadsPerSm * std::max(1, program.target.smCount);
    for (const exec::FlatStep& f : flat->steps()) {
        const tactics::Binding& b = f.step->binding;
        StreamStep s;
        s.seconds = static_cast<double>(f.step->seconds);
        s.stays = exec::staysInMainStream(f);
        s.isView = b.aliases.size() == b.outputs.size();
        double elements = 0, bytes = 0;
        for (const auto* list : {&b.inputs, &b.outputs})
            for (const ir::Value* v : *list) {
                auto count = static_cast<double>(ir::volume(shapes.optDims(*v)));
                elements = std::max(elements, count);
                bytes += static_cast<double>(bytesOf(v->dtype(), 1)) * count;
            }
        for (const tactics::PackedWeights& w : b.packed) bytes += static_cast<double>(w.bytes);
        double moving = tactics::cudaEstimate(program.target, bytes) - tactics::cudaEstimate(program.target, 0);
        s.fill = std::clamp(std::max(elements / threads, moving / lengthOf(s)), 0.01, 1.0);
        for (const ir::Value* v : b.inputs)
            if (auto at = madeBy.find(v); at != madeBy.end()) s.after.push_back(at->second);
        for (const ir::Value* v : b.outputs) madeBy[v] = static_cast<int>(steps.size());
        steps.push_back(std::move(s));
    }
    std::vector<int> streams = chooseStreams(steps, most);
    for (size_t i = 0; i < streams.size(); ++i) program.steps[i].stream = streams[i];
    return {};
}

}  // namespace lathe::builder
