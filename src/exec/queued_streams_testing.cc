// SPDX-License-Identifier: Apache-2.0
#include "exec/queued_streams_testing.h"

#include <algorithm>

namespace lathe::exec::testing {

class QueuedStreams::QueuedEvent final : public device::Event {
  public:
    explicit QueuedEvent(QueuedStreams& owner) : owner_(owner) {}
    Status record(Handle stream) override {
        owner_.record(point_, stream);
        return {};
    }
    Status wait(Handle stream) override {
        owner_.wait(point_, stream);
        return {};
    }

  private:
    QueuedStreams& owner_;
    PointRef point_;
};

class QueuedStreams::Replay final : public device::Recording {
  public:
    Replay(QueuedStreams& owner, Captured what) : owner_(owner), what_(std::move(what)) {}
    Status launch(Handle stream) override { return owner_.launch(what_, stream); }

  private:
    QueuedStreams& owner_;
    Captured what_;
};

std::unique_ptr<device::Event> QueuedStreams::makeEvent() { return std::make_unique<QueuedEvent>(*this); }

QueuedStreams::Queue& QueuedStreams::queueOf(Handle stream) {
    auto [at, isNew] = queues_.try_emplace(stream);
    if (isNew) {
        at->second.rank = static_cast<uint32_t>(random_());
        inOrder_.push_back(&at->second);
    }
    return at->second;
}

void QueuedStreams::add(Handle stream, Op op) {
    if (isCapturing(stream))
        captured_->ops.push_back({stream, std::move(op)});
    else
        queueOf(stream).ops.push_back(std::move(op));
}

void QueuedStreams::put(Handle stream, Work work) {
    if (isCapturing(stream)) ++captured_->clocks[stream][stream];
    add(stream, {std::move(work), nullptr, nullptr});
}

void QueuedStreams::record(PointRef& point, Handle stream) {
    point = std::make_shared<Point>();
    if (isCapturing(stream)) {
        point->capture = captured_.get();
        point->clock = captured_->clocks[stream];
    }
    add(stream, {nullptr, nullptr, point});
}

void QueuedStreams::wait(const PointRef& point, Handle stream) {
    if (leaveOut_ == waits_++) return;
    if (!point) return;
    if (captured_ && point->capture == captured_.get()) {
        // The stream is captured from here on.
        std::map<Handle, int>& clock = captured_->clocks[stream];
        for (auto [other, count] : point->clock) clock[other] = std::max(clock[other], count);
    } else if (isCapturing(stream)) {
        captured_->status = internalError("a captured stream waits for an event from outside of the capture");
        return;
    }
    add(stream, {nullptr, point, nullptr});
}

// A queue whose next operation can run; null where there is none.
QueuedStreams::Queue* QueuedStreams::pick() {
    std::vector<Queue*> ready;
    for (Queue* q : inOrder_)
        if (q->isReady()) ready.push_back(q);
    if (ready.empty()) return nullptr;
    if (way_ == 0) return ready[random_() % ready.size()];
    // One stream runs as far as it can before the next, for good or for a while.
    if (way_ == 2 && random_() % 8 == 0)
        for (Queue* q : inOrder_) q->rank = static_cast<uint32_t>(random_());
    return *std::max_element(ready.begin(), ready.end(), [](Queue* a, Queue* b) { return a->rank < b->rank; });
}

Status QueuedStreams::finish(Handle stream) {
    if (isCapturing(stream)) return internalError("a captured stream is waited for");
    while (!queueOf(stream).isEmpty()) {
        Queue* q = pick();
        if (!q) return internalError("streams wait for each other");
        Op op = std::move(q->ops[q->at++]);
        if (q->isEmpty()) {
            q->ops.clear();
            q->at = 0;
        }
        if (op.reaches) op.reaches->reached = true;
        if (!op.work) continue;
        Status status = op.work();
        if (failed_.ok()) failed_ = std::move(status);
    }
    return failed_;
}

Status QueuedStreams::finishAll() {
    std::vector<Handle> all;
    for (auto& [handle, queue] : queues_) all.push_back(handle);
    for (Handle h : all)
        if (!isCapturing(h)) TRY(finish(h));
    return {};
}

Result<std::unique_ptr<device::Recording>> QueuedStreams::capture(Handle stream, const std::function<Status()>& work) {
    if (captured_) return internalError("a capture inside of another");
    captured_ = std::make_unique<Captured>();
    captured_->origin = stream;
    captured_->clocks[stream];
    Status status = work();
    std::unique_ptr<Captured> made = std::move(captured_);
    TRY(std::move(status));
    TRY(std::move(made->status));
    std::map<Handle, int>& end = made->clocks[stream];
    for (const auto& [other, clock] : made->clocks)
        if (auto own = clock.find(other); own != clock.end() && end[other] < own->second)
            return internalError("a stream that forked in the capture was not joined");
    return std::unique_ptr<device::Recording>(std::make_unique<Replay>(*this, std::move(*made)));
}

// Each captured stream becomes one of the replay's own, between its start and its end in `stream`.
Status QueuedStreams::launch(const Captured& what, Handle stream) {
    std::map<Handle, Handle> streams;
    std::map<Point*, PointRef> points;
    auto copyOf = [&](const PointRef& p) -> PointRef {
        if (!p) return nullptr;
        PointRef& mine = points[p.get()];
        if (!mine) mine = std::make_shared<Point>();
        return mine;
    };
    auto start = std::make_shared<Point>();
    add(stream, {nullptr, nullptr, start});
    for (const auto& [handle, op] : what.ops) {
        Handle& mine = streams[handle];
        if (!mine) {
            handles_.push_back(std::make_unique<char>());
            mine = handles_.back().get();
            add(mine, {nullptr, start, nullptr});
        }
        add(mine, {op.work, copyOf(op.waits), copyOf(op.reaches)});
    }
    for (const auto& [handle, mine] : streams) {
        auto end = std::make_shared<Point>();
        add(mine, {nullptr, nullptr, end});
        add(stream, {nullptr, end, nullptr});
    }
    return {};
}

}  // namespace lathe::exec::testing
