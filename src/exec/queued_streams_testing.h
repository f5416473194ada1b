// SPDX-License-Identifier: Apache-2.0
// Streams for tests whose work runs late, and in the worst order: it is kept until somebody waits for it, and then runs
// in any order that streams and events allow, which a seed decides. Waiting for one stream runs no more of the others
// than it has to (with some seeds). What somebody forgot to order goes wrong here.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "device/accelerator.h"

namespace lathe::exec::testing {

class QueuedStreams {
  public:
    using Handle = device::StreamHandle;
    using Work = std::function<Status()>;
    explicit QueuedStreams(uint32_t seed) : random_(seed), way_(seed % 3) {}

    void put(Handle stream, Work work);
    std::unique_ptr<device::Event> makeEvent();
    // Runs what is needed until the stream has nothing left. Errors: what failed; streams that wait for each other.
    Status finish(Handle stream);
    Status finishAll();

    // What `work` puts into the stream, and into those that fork from it. Errors: those that aren't joined again, an
    // event from outside of the capture.
    Result<std::unique_ptr<device::Recording>> capture(Handle stream, const std::function<Status()>& work);
    bool isCapturing(Handle stream) const { return captured_ && captured_->clocks.contains(stream); }

    // The n-th wait for an event from now on (0: the next one) is left out, to see whether anybody notices.
    void leaveOutWait(int n) { leaveOut_ = n; }
    int waits() const { return waits_; }
    // Whether the stream was ever given something to run itself.
    bool hasUsed(Handle stream) const { return queues_.contains(stream); }

  private:
    struct Point {
        bool reached = false;
        const void* capture = nullptr;
        std::map<Handle, int> clock;  // in a capture: how much of each stream comes before it
    };
    using PointRef = std::shared_ptr<Point>;
    // One of the three.
    struct Op {
        Work work;
        PointRef waits, reaches;
    };
    struct Captured {
        Handle origin = nullptr;
        std::vector<std::pair<Handle, Op>> ops;
        std::map<Handle, std::map<Handle, int>> clocks;  // by stream: how much of each comes before what is next in it
        Status status;
    };
    struct Queue {
        std::vector<Op> ops;
        size_t at = 0;
        uint32_t rank = 0;
        bool isEmpty() const { return at == ops.size(); }
        bool isReady() const { return !isEmpty() && (!ops[at].waits || ops[at].waits->reached); }
    };
    class QueuedEvent;
    class Replay;

    void add(Handle stream, Op op);
    void record(PointRef& point, Handle stream);
    void wait(const PointRef& point, Handle stream);
    Queue& queueOf(Handle stream);
    Queue* pick();
    Status launch(const Captured& what, Handle stream);

    std::mt19937 random_;
    uint32_t way_;
    std::map<Handle, Queue> queues_;
    std::vector<Queue*> inOrder_;                 // of their first use: addresses decide nothing
    std::vector<std::unique_ptr<char>> handles_;  // of replays' own streams
    std::unique_ptr<Captured> captured_;          // what is being captured
    Status failed_;
    int leaveOut_ = -1, waits_ = 0;
};

}  // namespace lathe::exec::testing
