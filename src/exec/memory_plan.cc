// SPDX-License-Identifier: Apache-2.0
#include "exec/memory_plan.h"

#include <algorithm>
#include <numeric>

#include "exec/memory.h"

namespace lathe::exec {

namespace {

// Nothing needs `a` any more when `b` is made.
bool isOver(const Lifetime& a, const Lifetime& b) {
    if (a.until.empty()) return a.last < b.first;
    for (size_t k = 0; k < a.until.size(); ++k)
        if (a.until[k] > b.after[k]) return false;
    return true;
}

}  // namespace

Result<int64_t> placeInArena(std::vector<Lifetime>& blocks) {
    constexpr int64_t kLimit = int64_t{1} << 48;
    std::vector<int> order(blocks.size());
    std::iota(order.begin(), order.end(), 0);
    for (const Lifetime& b : blocks)
        if (b.bytes < 0 || b.bytes > kLimit)
            return makeStatus(Code::kFailedAllocation, "a tensor of {} bytes cannot be placed in memory", b.bytes);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
        const Lifetime &x = blocks[static_cast<size_t>(a)], &y = blocks[static_cast<size_t>(b)];
        return x.bytes != y.bytes ? x.bytes > y.bytes : x.first < y.first;
    });
    std::vector<const Lifetime*> placed;  // by offset
    int64_t total = 0;
    for (int i : order) {
        Lifetime& b = blocks[static_cast<size_t>(i)];
        b.offset = 0;
        if (b.bytes == 0) continue;
        int64_t size = alignUp(b.bytes), best = -1, bestGap = INT64_MAX, end = 0;
        for (const Lifetime* p : placed) {
            if (isOver(*p, b) || isOver(b, *p)) continue;
            int64_t gap = p->offset - end;
            if (gap >= size && gap < bestGap) {
                best = end;
                bestGap = gap;
            }
            end = std::max(end, p->offset + alignUp(p->bytes));
        }
        b.offset = best >= 0 ? best : end;
        if (b.offset > kLimit - size)
            return makeStatus(Code::kFailedAllocation, "the tensors of this network need more than {} bytes", kLimit);
        total = std::max(total, b.offset + size);
        placed.insert(std::upper_bound(placed.begin(), placed.end(), &b,
                                       [](const Lifetime* x, const Lifetime* y) { return x->offset < y->offset; }),
                      &b);
    }
    return total;
}

namespace {

class Planner {
  public:
    Planner(const FlatProgram& program, MemoryPlan& plan, bool lenient)
        : program_(program), plan_(plan), lenient_(lenient) {}

    Status run(std::span<const ir::SymbolValues> symbols) {
        size_t count = program_.graph().values().size();
        plan_.bufferOf.assign(count, -1);
        plan_.bytesOf.assign(count, -1);
        for (const ir::SymbolValues& s : symbols) TRY(measure(s));
        TRY(block(0));
        outputs();
        plan_.arenaBytes = TRY(place(false));
        if (program_.program().target.isCuda()) plan_.hostArenaBytes = TRY(place(true));
        return {};
    }

  private:
    Result<int64_t> place(bool host) {
        int64_t alignment = program_.program().target.isCuda() && !host ? kDeviceAlignment : kAlignment;
        auto isMine = [&](const Buffer& b) { return b.kind == Buffer::Kind::kArena && b.host == host; };
        std::vector<Lifetime> lifetimes;
        for (const Buffer& b : plan_.buffers)
            if (isMine(b))
                lifetimes.push_back(
                    {(b.bytes + alignment - 1) / alignment * alignment, b.first, b.last, 0, b.after, b.until});
        int64_t total = TRY(placeInArena(lifetimes));
        size_t k = 0;
        for (Buffer& b : plan_.buffers)
            if (isMine(b)) b.offset = lifetimes[k++].offset;
        return total;
    }

    Status measure(const ir::SymbolValues& early) {
        ir::SymbolValues bounded = program_.shapes().withBounds(early);
        for (const auto& v : program_.graph().values()) {
            if (!v || v->isConstant() || (!program_.isEarly(*v) && !program_.isBounded(*v))) continue;
            auto size = sizeOf(*v, bounded);
            if (!size.ok() && lenient_) continue;
            int64_t& bytes = plan_.bytesOf[static_cast<size_t>(v->id())];
            bytes = std::max(bytes, TRY_IN(fmt::format("value '{}'", v->name()), std::move(size)));
        }
        return {};
    }

    Result<int64_t> sizeOf(const ir::Value& v, const ir::SymbolValues& symbols) const {
        ir::Dims dims = TRY(ir::evalShape(v.shape(), symbols));
        int64_t count = TRY(ir::checkedVolume(dims));
        if (count > kMostElements)
            return makeStatus(Code::kFailedAllocation, "a tensor of shape {} is too large", ir::toString(dims));
        return tactics::bytesOf(program_.formatOf(v), dims);
    }

    int& bufferOf(const ir::Value& v) { return plan_.bufferOf[static_cast<size_t>(v.id())]; }
    int64_t bytesOf(const ir::Value& v) const { return plan_.bytesOf[static_cast<size_t>(v.id())]; }

    // `step`: that makes it, by a kernel.
    void fresh(const ir::Value& v, int tick, int block, bool control = false, int step = -1) {
        Buffer b;
        if (const StreamOrder* order = program_.order()) {
            b.after = step < 0 ? StreamTicks(static_cast<size_t>(order->streams), -1)
                               : order->before[static_cast<size_t>(step)];
            b.until = order->until[static_cast<size_t>(v.id())];
        }
        b.bytes = std::max<int64_t>(bytesOf(v), 0);
        b.first = tick;
        b.last = program_.lastUse(v);
        b.block = block;
        b.host = program_.program().target.isCuda() && program_.isOnHost(v);
        // What a control step makes has no bound worth reserving.
        if (!(program_.isEarly(v) || (program_.isBounded(v) && !control))) {
            b.kind = Buffer::Kind::kScratch;
            b.bytes = 0;
        }
        bufferOf(v) = static_cast<int>(plan_.buffers.size());
        plan_.buffers.push_back(b);
    }

    void join(const ir::Value& v, int buffer) {
        bufferOf(v) = buffer;
        Buffer& b = plan_.buffers[static_cast<size_t>(buffer)];
        b.last = std::max(b.last, program_.lastUse(v));
        if (const StreamOrder* order = program_.order())
            for (size_t k = 0; k < b.until.size(); ++k)
                b.until[k] = std::max(b.until[k], order->until[static_cast<size_t>(v.id())][k]);
        if (b.kind != Buffer::Kind::kScratch) b.bytes = std::max(b.bytes, bytesOf(v));
    }

    Status block(int index) {
        const FlatBlock& blk = program_.blocks()[static_cast<size_t>(index)];
        for (size_t i = 0; i < blk.region->parameters().size(); ++i) {
            const ir::Value& v = *blk.region->parameters()[i];
            fresh(v, blk.begin, index);
            if (index != 0) continue;
            Buffer& b = plan_.buffers.back();
            b.kind = Buffer::Kind::kInput;
            b.index = static_cast<int>(i);
        }
        for (int s : blk.steps) {
            const FlatStep& step = program_.steps()[static_cast<size_t>(s)];
            if (!step.isControl()) {
                TRY(kernel(s, index));
                continue;
            }
            for (const ir::Value* v : step.step->control->outputs()) fresh(*v, step.begin, index, true);
            for (int b : step.blocks) TRY(block(b));
        }
        return {};
    }

    Status kernel(int number, int index) {
        const FlatStep& step = program_.steps()[static_cast<size_t>(number)];
        const tactics::Binding& b = step.step->binding;
        for (size_t o = 0; o < b.outputs.size(); ++o) {
            const ir::Value& v = *b.outputs[o];
            int shared = -1;
            for (auto [out, in] : b.aliases)
                if (out == static_cast<int>(o)) shared = bufferOf(*b.inputs[static_cast<size_t>(in)]);
            if (shared >= 0) {
                const Buffer& buffer = plan_.buffers[static_cast<size_t>(shared)];
                // At the corners of a profile the extents of different inputs need not suit each other; there a view
                // may be larger than what it views, whose buffer grows (in join). A run with such shapes is refused.
                if (!lenient_ && buffer.kind != Buffer::Kind::kScratch && buffer.kind != Buffer::Kind::kArena &&
                    bytesOf(v) > buffer.bytes)
                    return internalError("step '{}': '{}' takes {} bytes of a buffer of {}", step.step->name, v.name(),
                                         bytesOf(v), buffer.bytes);
                join(v, shared);
                continue;
            }
            for (auto [out, in] : b.inPlace)
                if (out == static_cast<int>(o) && shared < 0 && mayTakeOver(number, v, in))
                    shared = bufferOf(*b.inputs[static_cast<size_t>(in)]);
            if (shared >= 0)
                join(v, shared);
            else
                // What goes up to the device may be copied before the steps that come before it (Prepared).
                fresh(v, step.goesUp && index == 0 ? 0 : step.begin, index, false, number);
        }
        return {};
    }

    // Nobody reads the input's buffer after this step, and this step reads it through that input alone.
    bool mayTakeOver(int number, const ir::Value& out, int input) {
        const FlatStep& step = program_.steps()[static_cast<size_t>(number)];
        const tactics::Binding& b = step.step->binding;
        const ir::Value& in = *b.inputs[static_cast<size_t>(input)];
        const Buffer& buffer = plan_.buffers[static_cast<size_t>(bufferOf(in))];
        if (buffer.kind != Buffer::Kind::kArena || buffer.last != step.begin) return false;
        // Readers in other streams have been waited for.
        if (const StreamOrder* order = program_.order())
            for (size_t k = 0; k < buffer.until.size(); ++k)
                if (static_cast<int>(k) != step.step->stream &&
                    buffer.until[k] > order->before[static_cast<size_t>(number)][k])
                    return false;
        if (bytesOf(out) < 0 || bytesOf(out) != bytesOf(in)) return false;
        for (size_t i = 0; i < b.inputs.size(); ++i)
            if (static_cast<int>(i) != input && bufferOf(*b.inputs[i]) == bufferOf(in)) return false;
        for (const ir::Value* v : b.outputs)
            if (bufferOf(*v) == bufferOf(in)) return false;
        return true;
    }

    // Gives results the caller's memory where that is possible.
    void outputs() {
        const auto& results = program_.graph().body().results();
        plan_.copied.assign(results.size(), true);
        for (const ir::Value* v : results) plan_.resultOf.push_back(v->id());
        for (size_t r = 0; r < results.size(); ++r) {
            const ir::Value& v = *results[r];
            if (v.isConstant() || !program_.isEarly(v)) continue;
            Buffer& b = plan_.buffers[static_cast<size_t>(bufferOf(v))];
            // Earlier members of the buffer would be written to the caller's memory too, so they must not be larger.
            if (b.kind != Buffer::Kind::kArena || b.bytes != bytesOf(v)) continue;
            b.kind = Buffer::Kind::kOutput;
            b.index = static_cast<int>(r);
            plan_.copied[r] = false;
        }
    }

    static constexpr int64_t kMostElements = int64_t{1} << 44;
    const FlatProgram& program_;
    MemoryPlan& plan_;
    const bool lenient_;
};

}  // namespace

Result<MemoryPlan> MemoryPlan::create(const FlatProgram& program, const ir::SymbolValues& symbols) {
    MemoryPlan plan;
    TRY(Planner(program, plan, false).run({&symbols, 1}));
    return plan;
}

Result<MemoryPlan> MemoryPlan::forRange(const FlatProgram& program, std::span<const ir::SymbolValues> corners) {
    MemoryPlan plan;
    TRY(Planner(program, plan, true).run(corners));
    return plan;
}

bool MemoryPlan::fits(const MemoryPlan& actual) const {
    if (actual.bufferOf.size() != bufferOf.size()) return false;
    for (size_t v = 0; v < bufferOf.size(); ++v) {
        if (bufferOf[v] < 0 || actual.bytesOf[v] < 0) continue;
        const Buffer& b = buffers[static_cast<size_t>(bufferOf[v])];
        if (b.kind == Buffer::Kind::kArena && actual.bytesOf[v] > b.bytes) return false;
        // The caller's memory has the output's own size, which this plan knows only at its largest.
        if (b.kind == Buffer::Kind::kOutput &&
            actual.bytesOf[v] > actual.bytesOf[static_cast<size_t>(resultOf[static_cast<size_t>(b.index)])])
            return false;
    }
    return true;
}

}  // namespace lathe::exec
