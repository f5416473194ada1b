// SPDX-License-Identifier: Apache-2.0
#include "exec/stream_order.h"

#include <algorithm>

#include "exec/flat_program.h"
#include "ops/outside.h"

namespace lathe::exec {
namespace {

void atLeast(StreamTicks& ticks, const StreamTicks& others) {
    for (size_t k = 0; k < ticks.size(); ++k) ticks[k] = std::max(ticks[k], others[k]);
}

class Orderer {
  public:
    explicit Orderer(const FlatProgram& program) : program_(program) {}

    Result<StreamOrder> run() {
        const auto& steps = program_.steps();
        for (const FlatStep& s : steps) order_.streams = std::max(order_.streams, s.step->stream + 1);
        if (order_.streams > plan::kMostStreams) return internalError("{} streams", order_.streams);
        if (std::string why = whyOneStream(program_); !why.empty())
            return internalError("steps are in other streams than the caller's, but {}", why);
        size_t streams = static_cast<size_t>(order_.streams);
        order_.before.resize(steps.size());
        order_.waits.resize(steps.size());
        order_.awaited.assign(steps.size(), false);
        order_.joined.assign(streams, false);
        order_.until.resize(program_.graph().values().size());
        madeBy_.assign(order_.until.size(), StreamOrder::kStart);
        last_.assign(streams, StreamOrder::kStart);

        const ir::Region& body = program_.graph().body();
        for (const ir::Value* v : body.parameters()) use(*v, 0, program_.blocks()[0].begin);
        for (size_t i = 0; i < steps.size(); ++i) TRY_IN(fmt::format("step '{}'", steps[i].step->name), step(i));
        for (const ir::Value* v : body.results())
            if (!v->isConstant()) use(*v, 0, program_.blocks()[0].end);
        end();
        return std::move(order_);
    }

  private:
    Status step(size_t index) {
        const FlatStep& s = program_.steps()[index];
        size_t stream = static_cast<size_t>(s.step->stream);
        if (stream > 0 && staysInMainStream(s))
            return internalError("it is in stream {}, but can only be in the caller's", stream);
        const tactics::Binding& b = s.step->binding;
        std::vector<int> reads;
        for (const ir::Value* v : b.inputs) {
            use(*v, stream, s.begin);
            reads.push_back(madeBy_[static_cast<size_t>(v->id())]);
        }
        // The latest first: what they waited for needs no wait of its own.
        std::sort(reads.begin(), reads.end(), std::greater<>());
        StreamTicks before = soFar(stream);
        for (int r : reads) waitFor(r, index, before);
        waitFor(StreamOrder::kStart, index, before);
        order_.before[index] = std::move(before);
        last_[stream] = static_cast<int>(index);
        for (const ir::Value* v : b.outputs) {
            use(*v, stream, s.begin);
            madeBy_[static_cast<size_t>(v->id())] = static_cast<int>(index);
        }
        return {};
    }

    void end() {
        std::vector<int> list(last_.begin() + 1, last_.end());
        std::sort(list.begin(), list.end(), std::greater<>());
        StreamTicks before = soFar(0);
        for (int s : list) {
            if (s < 0 || before[streamOf(s)] >= tickOf(s)) continue;
            order_.joined[streamOf(s)] = true;
            atLeast(before, order_.before[static_cast<size_t>(s)]);
            before[streamOf(s)] = tickOf(s);
        }
    }

    // What is over for the next step of a stream without any wait.
    StreamTicks soFar(size_t stream) const {
        StreamTicks ticks(last_.size(), -1);
        if (stream == 0) ticks[0] = program_.blocks()[0].begin;
        if (int s = last_[stream]; s >= 0) {
            ticks = order_.before[static_cast<size_t>(s)];
            ticks[stream] = tickOf(s);
        }
        return ticks;
    }

    void waitFor(int step, size_t index, StreamTicks& before) {
        size_t stream = streamOf(step);
        if (before[stream] >= tickOf(step)) return;
        if (step >= 0) {
            order_.awaited[static_cast<size_t>(step)] = true;
            atLeast(before, order_.before[static_cast<size_t>(step)]);
        } else {
            order_.startAwaited = true;
        }
        before[stream] = tickOf(step);
        order_.waits[index].push_back(step);
    }

    void use(const ir::Value& v, size_t stream, int tick) {
        StreamTicks& until = order_.until[static_cast<size_t>(v.id())];
        if (until.empty()) until.assign(last_.size(), -1);
        until[stream] = std::max(until[stream], tick);
    }
    size_t streamOf(int step) const {
        return step < 0 ? 0 : static_cast<size_t>(program_.steps()[static_cast<size_t>(step)].step->stream);
    }
    int tickOf(int step) const {
        return step < 0 ? program_.blocks()[0].begin : program_.steps()[static_cast<size_t>(step)].begin;
    }

    const FlatProgram& program_;
    StreamOrder order_;
    std::vector<int> madeBy_;  // by value id: its step, or the start
    std::vector<int> last_;    // by stream: its last step so far
};

}  // namespace

Result<StreamOrder> StreamOrder::create(const FlatProgram& program) { return Orderer(program).run(); }

std::string whyOneStream(const FlatProgram& program) {
    if (!program.program().target.isCuda()) return "the program is not for a GPU";
    for (const FlatStep& s : program.steps()) {
        if (s.isControl()) return fmt::format("'{}' is control flow", s.step->name);
        const tactics::Binding& b = s.step->binding;
        auto isHost = [](tactics::Layout l) { return l == tactics::Layout::kHost; };
        if (s.onHost || std::any_of(b.inputLayouts.begin(), b.inputLayouts.end(), isHost) ||
            std::any_of(b.outputLayouts.begin(), b.outputLayouts.end(), isHost))
            return fmt::format("'{}' works on host memory", s.step->name);
        if (!s.early || s.bindsSymbols ||
            std::any_of(b.outputs.begin(), b.outputs.end(), [&](const ir::Value* v) { return program.isBounded(*v); }))
            return fmt::format("the shapes of '{}' are found while running", s.step->name);
        for (const ir::Node* n : b.nodes)
            for (int o = 0; o < n->outputCount(); ++o)
                if (n->op().mustAlias(*n, o) >= 0) return fmt::format("'{}' writes to its input", s.step->name);
    }
    return {};
}

bool staysInMainStream(const FlatStep& step) {
    const auto& nodes = step.step->binding.nodes;
    return std::any_of(nodes.begin(), nodes.end(), [](const ir::Node* n) {
        return ops::worksOutside(n->op()) || n->op().is(ir::Op::kNondeterministic) || n->op().is(ir::Op::kSideEffect);
    });
}

}  // namespace lathe::exec
