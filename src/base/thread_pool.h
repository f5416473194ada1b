// SPDX-License-Identifier: Apache-2.0
// The process's one pool of worker threads, for splitting a kernel over cores.
//
// A job is `parts` independent calls fn(part). Each thread starts with its own contiguous range of parts (the same one
// every time, so that what a part touches stays in that core's cache) and takes from the others' when it is done. Every
// part runs exactly once, and run() returns after the last; what the parts wrote is then visible to the caller.
//
// - A call allocates nothing and takes no lock.
// - The caller works too. A caller that finds the pool busy with another caller's job runs its parts itself, in order;
//   so does a call from inside a part. Hence parts must not wait for each other.
// - Workers are pinned, one to a core, leaving one core free; when the caller turns out to run on a worker's core, that
//   worker moves to the free one. The caller itself is never pinned.
// - Idle workers spin for at most about 50 us, less where that proved useless, then sleep.
// - LATHE_THREADS sets the number of threads, the caller's included (default: usable physical cores; 1 starts none).
//   It may be larger than the number of cores; workers are not pinned then.
// - Threads start at the first use and live until the process ends; nothing is torn down, so use during exit is safe.
//   A forked child starts a pool of its own at its first use. Forking from inside a part is not supported.
#pragma once

#include <cstdint>
#include <type_traits>

namespace lathe {

class ThreadPool {
  public:
    static constexpr int kMaxThreads = 256;

    static ThreadPool& instance();

    // Threads that a job can use, the caller's included; at least 1.
    int threads() const { return threads_; }

    // Calls fn(part) for 0 <= part < parts, on at most maxThreads threads. fn must not throw.
    template <class Fn>
    void run(int parts, Fn&& fn, int maxThreads = kMaxThreads) {
        using Plain = std::remove_reference_t<Fn>;
        if (parts <= 0) return;
        runErased(
            parts, [](void* context, int part) noexcept { (*static_cast<Plain*>(context))(part); },
            const_cast<void*>(static_cast<const void*>(&fn)), maxThreads);
    }

    // Calls fn(begin, end) over disjoint ranges that cover [0, n), each of at least `grain` elements where n allows, a
    // few per thread so that uneven threads even out.
    template <class Fn>
    void parallelFor(int64_t n, int64_t grain, Fn&& fn, int maxThreads = kMaxThreads) {
        if (n <= 0) return;
        int64_t chunks = grain > 1 ? n / grain : n;
        int usable = maxThreads < threads_ ? maxThreads : threads_;
        int64_t most = usable > 1 ? int64_t{4} * usable : 1;
        if (chunks > most) chunks = most;
        if (chunks <= 1) {
            fn(int64_t{0}, n);
            return;
        }
        int64_t base = n / chunks, extra = n % chunks;
        auto chunk = [&](int c) {
            int64_t begin = c * base + (c < extra ? c : extra);
            fn(begin, begin + base + (c < extra ? 1 : 0));
        };
        run(static_cast<int>(chunks), chunk, maxThreads);
    }

  private:
    struct Impl;
    using PartFn = void (*)(void* context, int part) noexcept;

    explicit ThreadPool(int threads);
    ThreadPool(const ThreadPool&) = delete;
    void runErased(int parts, PartFn fn, void* context, int maxThreads);

    const int threads_;
    Impl* const impl_;
};

// ThreadPool::instance().parallelFor(…).
template <class Fn>
void parallelFor(int64_t n, int64_t grain, Fn&& fn) {
    ThreadPool::instance().parallelFor(n, grain, static_cast<Fn&&>(fn));
}

}  // namespace lathe
