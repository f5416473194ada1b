// SPDX-License-Identifier: Apache-2.0
#include "base/thread_pool.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <thread>

#include <pthread.h>
#ifdef __linux__
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include "base/cpu_info.h"

namespace lathe {
namespace {

thread_local bool insidePart = false;

int64_t nowNs() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

inline void pause() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static_assert(sizeof(std::atomic<uint32_t>) == 4);

// Sleeps while word == expected; may wake early.
void sleepOn(std::atomic<uint32_t>& word, uint32_t expected) {
#ifdef __linux__
    syscall(SYS_futex, reinterpret_cast<uint32_t*>(&word), FUTEX_WAIT_PRIVATE, expected, nullptr, nullptr, 0);
#else
    word.wait(expected);
#endif
}

void wake(std::atomic<uint32_t>& word) {
#ifdef __linux__
    syscall(SYS_futex, reinterpret_cast<uint32_t*>(&word), FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
#else
    word.notify_one();
#endif
}

constexpr int64_t kMaxSpinNs = 50'000;
constexpr int64_t kMinSpinNs = 4'000;
constexpr int64_t kCallerSpinNs = 30'000;

int wantedThreads() {
    int n = cpuInfo().physicalCores;
    if (const char* text = std::getenv("LATHE_THREADS")) {
        char* end = nullptr;
        long value = std::strtol(text, &end, 10);
        if (end != text && *end == 0 && value >= 1)
            n = static_cast<int>(std::min<long>(value, ThreadPool::kMaxThreads));
    }
    return std::clamp(n, 1, ThreadPool::kMaxThreads);
}

}  // namespace

// State of one job at a time. A claim is a compare-and-swap on a slot's range, and no job can end while one of its
// parts is claimed but not reported in pending; so whoever claims a part owns a part of the current job, and may read
// fn and context after the claim, even when it came here on the signal of an earlier job.
struct ThreadPool::Impl {
    static constexpr uint32_t kCallerSleeps = 1u << 31;  // in pending

    struct alignas(128) Slot {
        std::atomic<uint64_t> range{0};   // next part (lower half), end (upper half)
        std::atomic<uint32_t> asleep{0};  // 1 while the worker sleeps or is about to
        std::atomic<int> tid{0};
        std::atomic<int> core{0};  // where it is pinned, an index into cores.cpus; the job's caller changes it
    };

    alignas(128) std::atomic<bool> busy{false};
    alignas(128) std::atomic<uint32_t> pending{0};
    alignas(128) PartFn fn = nullptr;
    void* context = nullptr;
    int participants = 0;
    int slotCount = 0;
    std::unique_ptr<Slot[]> slots;
    CpuSet cores;
    bool pinned = false;
    int freeCore = 0;

    // Slots are written by the caller before any claim can succeed, so their number may be read at any time.
    bool claim(Slot& slot, int& part) {
        uint64_t r = slot.range.load(std::memory_order_relaxed);
        while (static_cast<uint32_t>(r) < static_cast<uint32_t>(r >> 32)) {
            if (slot.range.compare_exchange_weak(r, r + 1, std::memory_order_acquire, std::memory_order_relaxed)) {
                part = static_cast<int>(static_cast<uint32_t>(r));
                return true;
            }
        }
        return false;
    }

    // Runs parts until none is unclaimed, starting with the thread's own; reports them all at the end.
    void work(int self) {
        uint32_t done = 0;
        int part;
        for (int i = 0; i < slotCount; ++i) {
            int at = self + i < slotCount ? self + i : self + i - slotCount;
            while (claim(slots[at], part)) {
                fn(context, part);
                ++done;
            }
        }
        if (done == 0) return;
        if (pending.fetch_sub(done, std::memory_order_acq_rel) - done == kCallerSleeps) wake(pending);
    }

    static bool hasWork(const Slot& slot) {
        uint64_t r = slot.range.load(std::memory_order_seq_cst);
        return static_cast<uint32_t>(r) < static_cast<uint32_t>(r >> 32);
    }

    void workerLoop(int self) {
        insidePart = true;  // a job started from inside a part runs inline
        Slot& slot = slots[self];
#ifdef __linux__
        slot.tid.store(static_cast<int>(syscall(SYS_gettid)), std::memory_order_seq_cst);
        for (int core = -1; pinned && core != slot.core.load(std::memory_order_seq_cst);) {
            core = slot.core.load(std::memory_order_seq_cst);
            setAffinity(0, core);
        }
#endif
        int64_t spinNs = kMaxSpinNs;
        for (;;) {
            int64_t start = nowNs();
            bool found = false;
            do {
                for (int i = 0; i < 32 && !found; ++i) {
                    found = hasWork(slot);
                    if (!found) pause();
                }
            } while (!found && nowNs() - start < spinNs);
            if (found) {
                spinNs = std::min(kMaxSpinNs, spinNs * 2);
            } else {
                slot.asleep.store(1, std::memory_order_seq_cst);
                while (!hasWork(slot) && slot.asleep.load(std::memory_order_seq_cst) == 1) sleepOn(slot.asleep, 1);
                slot.asleep.store(0, std::memory_order_seq_cst);
                bool soon = nowNs() - start < 4 * kMaxSpinNs;
                spinNs = soon ? kMaxSpinNs : std::max(kMinSpinNs, spinNs / 2);
            }
            work(self);
        }
    }

    void setAffinity([[maybe_unused]] int tid, [[maybe_unused]] int core) {
#ifdef __linux__
        cpu_set_t mask;
        CPU_ZERO(&mask);
        CPU_SET(cores.cpus[core], &mask);
        sched_setaffinity(tid, sizeof(mask), &mask);
#endif
    }

    // Moves a worker away from the core that the caller runs on. REQUIRES: busy is held.
    void yieldCallersCore() {
#ifdef __linux__
        int cpu = sched_getcpu();
        if (cpu < 0 || cpu >= CpuSet::kMax) return;
        int core = cores.coreOf[cpu];
        if (core < 0 || core == freeCore) return;
        for (int i = 1; i < slotCount; ++i) {
            if (slots[i].core.load(std::memory_order_relaxed) != core) continue;
            slots[i].core.store(freeCore, std::memory_order_seq_cst);
            if (int tid = slots[i].tid.load(std::memory_order_seq_cst)) setAffinity(tid, freeCore);
            freeCore = core;
            return;
        }
#endif
    }

    void waitForEnd() {
        int64_t start = 0;
        for (int i = 0;; ++i) {
            uint32_t left = pending.load(std::memory_order_acquire);
            if (left == 0) return;
            pause();
            if ((i & 63) != 63) continue;
            int64_t now = nowNs();
            if (start == 0) start = now;
            if (now - start < kCallerSpinNs) continue;
            if (!pending.compare_exchange_strong(left, left | kCallerSleeps, std::memory_order_acq_rel)) continue;
            for (left |= kCallerSleeps; left != kCallerSleeps; left = pending.load(std::memory_order_acquire)) {
                sleepOn(pending, left);
            }
            return;
        }
    }

    void start() {
        for (int i = 1; i < slotCount; ++i) {
            pthread_t thread;
            auto* argument = new std::pair<Impl*, int>(this, i);
            int rc = pthread_create(
                &thread, nullptr,
                [](void* p) -> void* {
                    auto [impl, self] = *static_cast<std::pair<Impl*, int>*>(p);
                    delete static_cast<std::pair<Impl*, int>*>(p);
                    impl->workerLoop(self);
                    return nullptr;
                },
                argument);
            if (rc != 0) {  // the parts of a missing worker are taken by the others
                delete argument;
                continue;
            }
            pthread_detach(thread);
        }
    }
};

namespace {
std::atomic<ThreadPool*> thePool{nullptr};
}  // namespace

ThreadPool::ThreadPool(int threads) : threads_(threads), impl_(new Impl) {
    impl_->slotCount = threads;
    impl_->slots = std::make_unique<Impl::Slot[]>(static_cast<size_t>(threads));
    for (int i = 0; i < threads; ++i) impl_->slots[i].core = i;
    impl_->cores = usableCores();
    impl_->pinned = threads > 1 && threads <= impl_->cores.count && impl_->cores.cpus[0] >= 0;
}

ThreadPool& ThreadPool::instance() {
    if (ThreadPool* pool = thePool.load(std::memory_order_acquire)) return *pool;
    ThreadPool* fresh = new ThreadPool(wantedThreads());
    ThreadPool* expected = nullptr;
    if (!thePool.compare_exchange_strong(expected, fresh, std::memory_order_acq_rel)) {
        delete fresh->impl_;
        delete fresh;
        return *expected;
    }
    static std::atomic<bool> registered{false};
    if (!registered.exchange(true)) {
        // The child has none of the workers; it leaves the parent's pool alone and makes its own.
        pthread_atfork(nullptr, nullptr, [] { thePool.store(nullptr, std::memory_order_relaxed); });
    }
    fresh->impl_->start();
    return *fresh;
}

void ThreadPool::runErased(int parts, PartFn fn, void* context, int maxThreads) {
    int participants = std::min({threads_, parts, maxThreads});
    Impl& im = *impl_;
    if (participants <= 1 || insidePart || im.busy.exchange(true, std::memory_order_acquire)) {
        for (int i = 0; i < parts; ++i) fn(context, i);
        return;
    }
    insidePart = true;
    if (im.pinned) im.yieldCallersCore();
    im.fn = fn;
    im.context = context;
    im.pending.store(static_cast<uint32_t>(parts), std::memory_order_relaxed);
    auto bound = [&](int i) { return static_cast<uint64_t>(parts) * static_cast<uint64_t>(i) / participants; };
    for (int i = participants - 1; i >= 0; --i) {
        im.slots[i].range.store(bound(i) | bound(i + 1) << 32, std::memory_order_seq_cst);
    }
    for (int i = 1; i < participants; ++i) {
        std::atomic<uint32_t>& asleep = im.slots[i].asleep;
        if (asleep.load(std::memory_order_seq_cst) == 1 && asleep.exchange(0, std::memory_order_seq_cst) == 1) {
            wake(asleep);
        }
    }
    im.work(0);
    im.waitForEnd();
    insidePart = false;
    im.busy.store(false, std::memory_order_release);
}

}  // namespace lathe
