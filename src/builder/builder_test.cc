// SPDX-License-Identifier: Apache-2.0
#include "builder/builder.h"

#include "builder/builder_testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <thread>

#include "builder/timing_cache.h"
#include "exec/exec_testing.h"
#include "ir/text.h"
#include "ops/registry.h"
#include "plan/format.h"

namespace lathe::builder {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Listener : public Observer {
  public:
    void log(Severity, const std::string& message) override { text += message + "\n"; }
    bool step(const char*, int) override { return !cancel; }
    std::string text;
    bool cancel = false;
};

struct Network {
    std::unique_ptr<ir::Graph> graph;
    IoNames io;
    Options options;
};

Network makeNetwork(const char* text = testing::kPerceptron) {
    Network n;
    auto graph = ir::parse(text, ops::find);
    EXPECT_TRUE(graph.ok()) << graph.status().toString();
    n.graph = graph.take();
    auto describe = [&](const ir::Value& v, bool input, int index) {
        plan::IoTensor io;
        io.name = v.name();
        io.isInput = input;
        io.dtype = v.dtype();
        io.shape = v.shape();
        io.index = index;
        n.io.io.push_back(io);
    };
    int i = 0;
    for (const ir::Value* v : n.graph->body().parameters()) describe(*v, true, i++);
    i = 0;
    for (const ir::Value* v : n.graph->body().results()) describe(*v, false, i++);
    plan::Profile p;
    p.inputs.push_back({{1, 24}, {4, 24}, {9, 24}, {}, {}, {}});
    n.options.profiles = {p};
    return n;
}

TEST(Builder, EngineGivesWhatTheReferenceGives) {
    for (int level : {0, 3}) {
        Network n = makeNetwork();
        n.options.optimizationLevel = level;
        auto reference = n.graph->clone();
        Listener listener;
        auto plan = build(std::move(n.graph), n.io, n.options, listener);
        ASSERT_TRUE(plan.ok()) << plan.status().toString();
        exec::testing::Session session(*(*plan)->programs[0]);
        for (int64_t batch : {1, 4, 9}) {
            ir::SymbolValues sizes(1);
            sizes.set(0, batch);
            auto inputs = exec::testing::randomInputs(*reference, 5, sizes);
            exec::testing::expectSameAsInterpreter(session, *reference, exec::testing::tensorsOf(inputs),
                                                   {.reduction = 64});
        }
        EXPECT_LE((*plan)->programs[0]->steps.size(), 4u) << listener.text;
        EXPECT_EQ((*plan)->fates.size(), 7u);
        EXPECT_EQ((*plan)->fates[1].fate, "fused");
    }
}

// A mask that follows from the length is a constant once the profiles fix the length.
TEST(Builder, ExtentsWithoutAChoiceAreNumbers) {
    constexpr const char* text = R"(symbol s0 "length" input %x 0 range 1 100
graph "places" (%x: f32[s0, 4]) {
  const %column = i64[2] [-1, 1]
  %s = shape(%x) start=0 end=1
  const %scalar = i64[0] []
  %n = reshape(%s, %scalar)
  const %zero = i64[] [0]
  const %one = i64[] [1]
  %r = range(%zero, %n, %one)
  %f = cast(%r) to=f32
  %c = reshape(%f, %column)
  %y = binary(%x, %c) kind=add
  return %y
})";
    for (int64_t longest : {7, 8}) {
        Network n = makeNetwork(text);
        plan::Profile p;
        p.inputs.push_back({{7, 4}, {7, 4}, {longest, 4}, {}, {}, {}});
        n.options.profiles = {p};
        n.options.optimizationLevel = 0;
        auto reference = n.graph->clone();
        Listener listener;
        auto plan = build(std::move(n.graph), n.io, n.options, listener);
        ASSERT_TRUE(plan.ok()) << plan.status().toString();
        EXPECT_EQ((*plan)->programs[0]->steps.size() == 1, longest == 7) << listener.text;
        exec::testing::Session session(*(*plan)->programs[0]);
        ir::SymbolValues sizes(1);
        sizes.set(0, 7);
        auto inputs = exec::testing::randomInputs(*reference, 5, sizes);
        exec::testing::expectSameAsInterpreter(session, *reference, exec::testing::tensorsOf(inputs), {.reduction = 1});
    }
}

// Attention as transformers write it out: nothing of it is copied or moved between the two products.
TEST(Builder, AttentionReadsItsProjectionInPlace) {
    constexpr const char* text = R"(symbol s0 "batch" input %x 0 range 1 4
symbol s1 "length" input %x 1 range 1 16
graph "attention" (%x: f32[s0, s1, 24]) {
  const %wq = f32[24, 24] random 1
  const %wk = f32[24, 24] random 2
  const %wv = f32[24, 24] random 3
  const %wo = f32[24, 24] random 4
  const %b = f32[24] random 5
  const %heads = i64[4] [0, 0, 3, 8]
  const %joined = i64[3] [0, 0, 24]
  const %root = f32[] [2.8284271]
  %mq = matmul(%x, %wq) @"q"
  %q = binary(%mq, %b) kind=add
  %k = matmul(%x, %wk) @"k"
  %v = matmul(%x, %wv) @"v"
  %q4 = reshape(%q, %heads)
  %qt = transpose(%q4) perm=[0, 2, 1, 3]
  %k4 = reshape(%k, %heads)
  %kt = transpose(%k4) perm=[0, 2, 3, 1]
  %v4 = reshape(%v, %heads)
  %vt = transpose(%v4) perm=[0, 2, 1, 3]
  %s = matmul(%qt, %kt)
  %d = binary(%s, %root) kind=div
  %p = softmax(%d)
  %o = matmul(%p, %vt)
  %ot = transpose(%o) perm=[0, 2, 1, 3]
  %j = reshape(%ot, %joined)
  %y = matmul(%j, %wo) @"out"
  return %y
})";
    for (int level : {0, 3}) {
        Network n = makeNetwork(text);
        n.options.profiles[0].inputs[0] = {{1, 1, 24}, {2, 7, 24}, {4, 16, 24}, {}, {}, {}};
        n.options.optimizationLevel = level;
        auto reference = n.graph->clone();
        Listener listener;
        auto plan = build(std::move(n.graph), n.io, n.options, listener);
        ASSERT_TRUE(plan.ok()) << plan.status().toString();
        std::string tactics;
        for (const plan::Step& s : (*plan)->programs[0]->steps) tactics += std::string(s.binding.tactic->id()) + "\n";
        EXPECT_THAT(tactics, HasSubstr("cpu.attention.flash"));
        for (const char* moves : {"split", "transpose", "softmax", "concat"})
            EXPECT_THAT(tactics, Not(HasSubstr(moves)));
        exec::testing::Session session(*(*plan)->programs[0]);
        for (auto [batch, length] : {std::pair{1, 1}, {2, 7}, {4, 16}}) {
            ir::SymbolValues sizes(2);
            sizes.set(0, batch);
            sizes.set(1, length);
            auto inputs = exec::testing::randomInputs(*reference, 5, sizes);
            exec::testing::expectSameAsInterpreter(session, *reference, exec::testing::tensorsOf(inputs),
                                                   {.reduction = 64});
        }
    }
}

TEST(Builder, ACompleteCacheFixesThePlan) {
    TimingCache cache;
    std::string choice[2];
    for (std::string& c : choice) {
        Network n = makeNetwork();
        n.options.timingCache = &cache;
        n.options.failOnCacheMiss = &c == &choice[1];
        Listener listener;
        auto plan = build(std::move(n.graph), n.io, n.options, listener);
        ASSERT_TRUE(plan.ok()) << plan.status().toString();
        for (const plan::Step& s : (*plan)->programs[0]->steps)
            c += fmt::format("{} {} {}\n", s.name, s.binding.tactic->id(), s.seconds);
        if (n.options.failOnCacheMiss) {
            EXPECT_THAT(listener.text, HasSubstr(" 0 timings measured"));
        }
    }
    EXPECT_EQ(choice[0], choice[1]);
    cache.clear();
    Network n = makeNetwork();
    n.options.timingCache = &cache;
    n.options.failOnCacheMiss = true;
    Listener listener;
    auto plan = build(std::move(n.graph), n.io, n.options, listener);
    ASSERT_FALSE(plan.ok());
    EXPECT_THAT(plan.status().message(), HasSubstr("timing cache has no entry"));
}

std::vector<std::byte> bytesOf(int level, TimingCache* cache) {
    Network n = makeNetwork();
    n.options.optimizationLevel = level;
    n.options.timingCache = cache;
    Listener listener;
    auto plan = build(std::move(n.graph), n.io, n.options, listener);
    EXPECT_TRUE(plan.ok()) << plan.status().toString();
    if (!plan.ok()) return {};
    auto bytes = plan::write(**plan);
    EXPECT_TRUE(bytes.ok()) << bytes.status().toString();
    return bytes.ok() ? bytes.take() : std::vector<std::byte>();
}

TEST(Builder, TwentyBuildsFromOneCacheGiveTheSameBytes) {
    TimingCache cache;
    bytesOf(3, &cache);
    auto first = bytesOf(3, &cache);
    ASSERT_FALSE(first.empty());
    for (int i = 0; i < 19; ++i) ASSERT_EQ(bytesOf(3, &cache), first) << i;
}

TEST(BuilderThreads, BuildsDoNotDisturbEachOther) {
    TimingCache shared;
    auto expected = bytesOf(0, nullptr);
    ASSERT_FALSE(expected.empty());
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            EXPECT_EQ(bytesOf(0, nullptr), expected);
            EXPECT_FALSE(bytesOf(1 + t % 2, &shared).empty());
        });
    for (std::thread& t : threads) t.join();
}

// A product with weights that are too large to be kept besides their packed form.
TEST(Builder, WeightsThatAreReadPackedAreWrittenOnce) {
    constexpr const char* text = R"(symbol s0 "batch" input %x 0 range 0 1000
graph "wide" (%x: f32[s0, 24]) {
  const %w = f32[24, 2000] random 1
  const %v = f32[24, 2000] random 2
  %h = matmul(%x, %w) @"fc"
  return %h, %v
})";
    constexpr size_t kBytes = 24 * 2000 * sizeof(float);
    for (bool keep : {false, true}) {
        Network n = makeNetwork(text);
        n.options.optimizationLevel = 0;
        auto reference = n.graph->clone();
        Listener listener;
        auto plan = build(std::move(n.graph), n.io, n.options, listener);
        ASSERT_TRUE(plan.ok()) << plan.status().toString();
        ASSERT_EQ((*plan)->packed.size(), 1u);
        size_t packed = (*plan)->packed[0].bytes.size();
        auto bytes = plan::writeBlock(**plan, {.compact = !keep});
        ASSERT_TRUE(bytes.ok()) << bytes.status().toString();
        size_t size = (*bytes)->bytes().size();
        // %v is a result, and stays in any case.
        EXPECT_GT(size, packed + (keep ? 2 : 1) * kBytes);
        EXPECT_LT(size, packed + (keep ? 3 : 2) * kBytes);
        auto loaded = plan::read((*bytes)->bytes(), *bytes);
        ASSERT_TRUE(loaded.ok()) << loaded.status().toString();
        auto again = plan::write(**loaded);
        ASSERT_TRUE(again.ok());
        EXPECT_TRUE(std::ranges::equal(*again, (*bytes)->bytes()));
        exec::PackedStore store((*loaded)->programs[0]->target, (*loaded)->packed);
        for (const plan::Step& s : (*loaded)->programs[0]->steps)
            for (size_t i = 0; i < s.binding.packed.size(); ++i)
                EXPECT_TRUE(store.get(s.binding, static_cast<int>(i)).ok());

        // Damaged packed weights are packed anew, or named.
        std::vector<std::byte> bad((*bytes)->bytes().begin(), (*bytes)->bytes().end());
        size_t at = static_cast<size_t>((*loaded)->packed[0].bytes.data() - (*bytes)->bytes().data());
        bad[at + 100] ^= std::byte{1};
        auto damaged = plan::read(bad, nullptr);
        ASSERT_TRUE(damaged.ok()) << damaged.status().toString();
        exec::PackedStore other((*damaged)->programs[0]->target, (*damaged)->packed);
        for (const plan::Step& s : (*damaged)->programs[0]->steps) {
            if (s.binding.packed.empty()) continue;
            auto got = other.get(s.binding, 0);
            EXPECT_EQ(got.ok(), keep);
            if (got.ok())
                EXPECT_TRUE(std::ranges::equal(*got, (*loaded)->packed[0].bytes));
            else
                EXPECT_THAT(got.status().message(), HasSubstr("checksum is wrong"));
        }
    }
}

TEST(Builder, RefusesBadProfilesAndCancels) {
    auto failure = [](const std::function<void(Network&, Listener&)>& change) {
        Network n = makeNetwork();
        Listener listener;
        change(n, listener);
        auto plan = build(std::move(n.graph), n.io, n.options, listener);
        return plan.ok() ? std::string() : plan.status().toString();
    };
    EXPECT_THAT(failure([](Network& n, Listener&) { n.options.profiles.clear(); }),
                HasSubstr("no optimization profile"));
    EXPECT_THAT(failure([](Network& n, Listener&) { n.options.profiles[0].inputs[0].opt[0] = 20; }),
                HasSubstr("axis 0: 1 ≤ 20 ≤ 9"));
    EXPECT_THAT(failure([](Network& n, Listener&) { n.options.profiles[0].inputs[0].min[1] = 23; }),
                HasSubstr("axis 1"));
    EXPECT_THAT(failure([](Network& n, Listener&) { n.options.profiles[0].inputs[0].max.pop_back(); }),
                HasSubstr("dimensions"));
    EXPECT_THAT(failure([](Network&, Listener& l) { l.cancel = true; }), HasSubstr("cancelled"));
    EXPECT_THAT(failure([](Network& n, Listener&) { n.options.disabledPasses = {"nothing"}; }),
                HasSubstr("no pass 'nothing'"));
}

// How many candidates there were for each set of nodes that a tactic covers, most first, and what was measured.
struct Timings {
    std::vector<size_t> counts;
    int measured = 0;
    std::string choice;
};

Timings timingsWith(int mostTactics, TimingCache* cache = nullptr, bool failOnMiss = false) {
    Network n = makeNetwork(R"(graph "g" (%x: f32[1, 16, 20, 20]) {
  const %w = f32[32, 16, 3, 3] random 1
  %y = conv(%x, %w) pads=[1, 1, 1, 1] @"conv"
  return %y
})");
    n.options.profiles.clear();
    n.options.mostTactics = mostTactics;
    n.options.timingCache = cache;
    n.options.failOnCacheMiss = failOnMiss;
    Listener listener;
    auto plan = build(std::move(n.graph), n.io, n.options, listener);
    EXPECT_TRUE(plan.ok()) << plan.status().toString();
    Timings t;
    // "<node>: <tactic> 1.234 us, workspace …" for each candidate of a group, then "<node>: fastest …".
    size_t now = 0;
    std::istringstream lines(listener.text);
    for (std::string line; std::getline(lines, line);) {
        if (line.find(" us, workspace ") != std::string::npos) {
            ++now;
            t.measured += line.find('(', line.find(" us, workspace ")) == std::string::npos;
        }
        if (line.find(": fastest ") != std::string::npos) {
            t.counts.push_back(now);
            now = 0;
        }
    }
    std::sort(t.counts.rbegin(), t.counts.rend());
    if (plan.ok())
        for (const plan::Step& s : (*plan)->programs[0]->steps) t.choice += s.binding.tactic->id() + std::string(" ");
    return t;
}

TEST(Builder, MostTacticsLimitsWhatIsTimed) {
    Timings all = timingsWith(-1);
    ASSERT_FALSE(all.counts.empty());
    EXPECT_GT(all.counts[0], 2u);
    EXPECT_GT(all.measured, 0);
    int before = all.measured;
    for (int most : {2, 1}) {
        TimingCache cache;
        Timings some = timingsWith(most, &cache);
        ASSERT_FALSE(some.counts.empty());
        EXPECT_EQ(some.counts[0], static_cast<size_t>(most));
        EXPECT_GT(some.measured, 0);
        EXPECT_LT(some.measured, before);
        before = some.measured;
        // The same ones again: all of them are in the cache.
        Timings again = timingsWith(most, &cache, /*failOnMiss=*/true);
        EXPECT_EQ(again.measured, 0);
        EXPECT_EQ(again.counts, some.counts);
        EXPECT_EQ(again.choice, some.choice);
    }
    Timings none = timingsWith(0);
    EXPECT_EQ(none.measured, 0);
    EXPECT_EQ(none.counts[0], 1u);
    EXPECT_EQ(timingsWith(1000).counts[0], all.counts[0]);
}

TEST(Builder, WorkspaceLimitExcludesAndSaysSo) {
    Network n = makeNetwork(R"(graph "g" (%x: f32[40, 50], %y: f32[50, 60]) {
  %o = matmul(%x, %y) @"product"
  return %o
})");
    n.options.profiles.clear();
    n.options.workspaceLimit = 0;
    Listener listener;
    auto plan = build(std::move(n.graph), n.io, n.options, listener);
    ASSERT_TRUE(plan.ok()) << plan.status().toString();
    EXPECT_THAT(listener.text, HasSubstr("bytes of workspace, the limit is 0"));
    EXPECT_STREQ((*plan)->programs[0]->steps[0].binding.tactic->id(), "cpu.any.reference.v1");
}

}  // namespace
}  // namespace lathe::builder
