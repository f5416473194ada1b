// SPDX-License-Identifier: Apache-2.0
// Streams of the host domain: queues that keep their order. A stream has a thread of its own only once something has to
// wait; until then the caller's thread does the work at once.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

#include "common.h"

namespace lathe::cudart {

class HostStream : public std::enable_shared_from_this<HostStream> {
  public:
    using Task = std::function<void()>;
    HostStream(unsigned int flags, int priority, unsigned long long id) : flags(flags), priority(priority), id(id) {}

    // Runs after everything that is on the stream, in the caller's thread when that is nothing.
    void run(Task task);
    // Runs after everything that is on the stream, in another thread: it may wait for what the caller does next.
    void enqueue(Task task);
    // Waits until all that is on the stream now is done.
    void synchronize();
    bool idle();
    // No more work comes; the thread ends after what is there.
    void close();

    const unsigned int flags;
    const int priority;
    const unsigned long long id;

  private:
    void work();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Task> tasks_;
    bool busy_ = false, hasThread_ = false, closed_ = false;
    unsigned long long added_ = 0, done_ = 0;
};

// Runs on the stream that a handle stands for. The default streams (null, cudaStreamLegacy, cudaStreamPerThread) work
// in the caller's thread; the legacy one first waits for all streams that were not made with cudaStreamNonBlocking.
cudaError_t runOn(cudaStream_t stream, HostStream::Task task);
cudaError_t synchronizeStream(cudaStream_t stream);
void synchronizeAll();

}  // namespace lathe::cudart
