// SPDX-License-Identifier: Apache-2.0
#include "base/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <vector>

#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lathe {
namespace {

// The pool reads LATHE_THREADS once, at its first use; four threads exercise more than two cores would.
class Environment : public ::testing::Environment {
  public:
    void SetUp() override { setenv("LATHE_THREADS", "4", 0); }
};
[[maybe_unused]] ::testing::Environment* const environment = ::testing::AddGlobalTestEnvironment(new Environment);

TEST(ThreadPool, EveryPartOnce) {
    ThreadPool& pool = ThreadPool::instance();
    for (int parts : {0, 1, 2, 3, 4, 5, 7, 16, 100, 1000}) {
        std::vector<int> hits(static_cast<size_t>(parts) + 1, 0);  // plain ints: run() must order the writes
        pool.run(parts, [&](int i) { ++hits[static_cast<size_t>(i)]; });
        for (int i = 0; i < parts; ++i) ASSERT_EQ(hits[static_cast<size_t>(i)], 1) << parts << " parts, part " << i;
        ASSERT_EQ(hits.back(), 0);
    }
}

TEST(ThreadPool, ManySmallJobs) {
    ThreadPool& pool = ThreadPool::instance();
    std::vector<int64_t> sums(8, 0);
    for (int job = 0; job < 20000; ++job) {
        pool.run(8, [&](int i) { sums[static_cast<size_t>(i)] += job; });
    }
    for (int64_t s : sums) EXPECT_EQ(s, int64_t{20000} * 19999 / 2);
}

TEST(ThreadPool, ParallelForCovers) {
    for (int64_t n : {0, 1, 2, 10, 17, 1000, 12345}) {
        for (int64_t grain : {0, 1, 3, 100, 100000}) {
            std::vector<uint8_t> hits(static_cast<size_t>(n), 0);
            std::atomic<bool> small{false};
            parallelFor(n, grain, [&](int64_t begin, int64_t end) {
                if (end - begin < grain && end - begin != n) small = true;
                for (int64_t i = begin; i < end; ++i) ++hits[static_cast<size_t>(i)];
            });
            for (uint8_t h : hits) ASSERT_EQ(h, 1);
            EXPECT_FALSE(small) << n << " by " << grain;
        }
    }
}

TEST(ThreadPool, NestedRunsInline) {
    ThreadPool& pool = ThreadPool::instance();
    std::vector<int> counts(6, 0);
    pool.run(6, [&](int i) {
        std::thread::id outer = std::this_thread::get_id();
        pool.run(5, [&](int) {
            EXPECT_EQ(std::this_thread::get_id(), outer);
            ++counts[static_cast<size_t>(i)];
        });
    });
    for (int c : counts) EXPECT_EQ(c, 5);
}

TEST(ThreadPool, MaxThreads) {
    ThreadPool& pool = ThreadPool::instance();
    std::thread::id self = std::this_thread::get_id();
    int here = 0;
    pool.run(
        10, [&](int) { here += std::this_thread::get_id() == self; }, 1);
    EXPECT_EQ(here, 10);
    std::vector<int> hits(10, 0);
    pool.run(
        10, [&](int i) { ++hits[static_cast<size_t>(i)]; }, 2);
    for (int h : hits) EXPECT_EQ(h, 1);
}

// Callers at the same time: each sees all of its own parts done, whoever has the pool.
TEST(ThreadPool, ConcurrentCallers) {
    ThreadPool& pool = ThreadPool::instance();
    std::vector<std::thread> callers;
    std::atomic<int> wrong{0};
    for (int c = 0; c < 4; ++c) {
        callers.emplace_back([&] {
            for (int job = 0; job < 2000; ++job) {
                int hits[9] = {};
                pool.run(9, [&](int i) { hits[i] += job + 1; });
                for (int h : hits) wrong += h != job + 1;
            }
        });
    }
    for (std::thread& t : callers) t.join();
    EXPECT_EQ(wrong, 0);
}

// A worker that has gone to sleep is woken, and a caller that has to wait long for one sleeps and is woken too.
TEST(ThreadPool, SleepAndWake) {
    ThreadPool& pool = ThreadPool::instance();
    for (int round = 0; round < 20; ++round) {
        std::this_thread::sleep_for(std::chrono::microseconds(round * 50));
        std::vector<int> hits(4, 0);
        pool.run(4, [&](int i) {
            if (i == 3) std::this_thread::sleep_for(std::chrono::milliseconds(2));
            ++hits[static_cast<size_t>(i)];
        });
        for (int h : hits) ASSERT_EQ(h, 1);
    }
}

TEST(ThreadPool, CallerKeepsItsAffinity) {
    cpu_set_t before, after;
    ASSERT_EQ(sched_getaffinity(0, sizeof(before), &before), 0);
    for (int i = 0; i < 100; ++i) ThreadPool::instance().run(8, [](int) {});
    ASSERT_EQ(sched_getaffinity(0, sizeof(after), &after), 0);
    EXPECT_TRUE(CPU_EQUAL(&before, &after));
}

#if !defined(__SANITIZE_THREAD__)  // which does not support starting threads in a forked child
TEST(ThreadPool, ForkedChildHasItsOwn) {
    ThreadPool* parents = &ThreadPool::instance();
    pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        int hits[16] = {};
        ThreadPool::instance().run(16, [&](int i) { ++hits[i]; });
        bool good = &ThreadPool::instance() != parents;
        for (int h : hits) good &= h == 1;
        _exit(good ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
#endif

TEST(ThreadPoolDeathTest, ThreadCountFromEnvironment) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    auto threadsWith = [](const char* text) {
        setenv("LATHE_THREADS", text, 1);
        std::_Exit(ThreadPool::instance().threads());
    };
    EXPECT_EXIT(threadsWith("1"), ::testing::ExitedWithCode(1), "");
    EXPECT_EXIT(threadsWith("3"), ::testing::ExitedWithCode(3), "");
}

}  // namespace
}  // namespace lathe
