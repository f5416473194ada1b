// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "base/thread_pool.h"
#include "base/version.h"
#include "exec/exec_testing.h"
#include "ir/text.h"
#include "ops/registry.h"
#include "plan/format.h"
#include "runtime/engine.h"

namespace lathe::runtime {
namespace {

using ::testing::HasSubstr;

// y = softmax(x w) with a batch from 1 to 8; z is y's first row, by an alias.
constexpr const char* kNetwork = R"(symbol s0 "batch" input %x 0 range 0 1000
graph "g" (%x: f32[s0, 12]) {
  const %w = f32[12, 5] random 1
  %h = matmul(%x, %w) @"fc"
  %y = softmax(%h) @"prob"
  return %y
})";

std::shared_ptr<Engine> makeEngine() {
    auto graph = ir::parse(kNetwork, ops::find);
    EXPECT_TRUE(graph.ok()) << graph.status().toString();
    auto plan = std::make_shared<plan::Plan>();
    plan->name = "g";
    plan->libraryVersion = kVersion;
    plan->io.resize(2);
    plan->io[0] = {"x", true, false, DType::kFloat, (*graph)->body().parameters()[0]->shape(), {}, 0};
    plan->io[1] = {"y", false, false, DType::kFloat, (*graph)->body().results()[0]->shape(), {}, 0};
    plan::Profile p;
    p.inputs.push_back({{1, 12}, {4, 12}, {8, 12}, {}, {}, {}});
    plan->profiles = {p};
    plan->programs.push_back(exec::testing::makeProgram(graph.take()));
    auto engine = Engine::create(plan, {});
    EXPECT_TRUE(engine.ok()) << engine.status().toString();
    return engine.take();
}

// The context's answer for rows of a seeded input against the interpreter's.
void checkRun(Context& c, int64_t batch, uint64_t seed) {
    const ir::Graph& graph = *c.engine().plan().programs[0]->graph;
    ir::SymbolValues sizes(1);
    sizes.set(0, batch);
    auto inputs = exec::testing::randomInputs(graph, seed, sizes);
    auto want = ir::interpret(graph, exec::testing::tensorsOf(inputs));
    ASSERT_TRUE(want.ok()) << want.status().toString();
    ASSERT_TRUE(c.setInputShape(0, {batch, 12}).ok());
    EXPECT_EQ(c.shape(1), (ir::Dims{batch, 5}));
    std::vector<float> out(static_cast<size_t>(batch * 5));
    ASSERT_TRUE(c.setAddress(0, inputs[0].tensor.data).ok());
    ASSERT_TRUE(c.setAddress(1, out.data()).ok());
    Status s = c.run();
    ASSERT_TRUE(s.ok()) << s.toString();
    Status same = exec::compare({DType::kFloat, {batch, 5}, out.data()}, (*want)[0].tensor, {.reduction = 12});
    EXPECT_TRUE(same.ok()) << same.message();
}

TEST(Context, RunsEveryShapeOfItsProfile) {
    auto engine = makeEngine();
    for (auto memory : {Context::Memory::kStatic, Context::Memory::kOnProfileChange}) {
        auto c = Context::create(engine, memory);
        ASSERT_TRUE(c.ok()) << c.status().toString();
        EXPECT_EQ((*c)->shape(1), (ir::Dims{-1, 5}));
        EXPECT_EQ((*c)->missingInputs(), (std::vector<std::string>{"x"}));
        for (int64_t batch : {1, 8, 3, 3, 1, 5, 6, 7, 8}) checkRun(**c, batch, static_cast<uint64_t>(batch));
    }
}

TEST(Context, SaysWhatIsMissingOrOutOfRange) {
    auto engine = makeEngine();
    auto c = Context::create(engine, Context::Memory::kUserManaged);
    ASSERT_TRUE(c.ok());
    EXPECT_THAT((*c)->run().message(), HasSubstr("shape of input 'x' is not set"));
    EXPECT_THAT((*c)->setInputShape(0, {9, 12}).message(), HasSubstr("9"));
    EXPECT_THAT((*c)->setInputShape(0, {4, 11}).message(), HasSubstr("11"));
    EXPECT_FALSE((*c)->setInputShape(0, {4}).ok());
    EXPECT_FALSE((*c)->setInputShape(1, {4, 5}).ok());
    ASSERT_TRUE((*c)->setInputShape(0, {4, 12}).ok());
    int64_t need = (*c)->deviceMemoryBytes().value();
    EXPECT_LE(need, engine->deviceMemoryBytes(0).value());
    EXPECT_THAT((*c)->run().message(), HasSubstr("device memory"));
    std::vector<std::byte> room(static_cast<size_t>(need) + 64);
    void* aligned = reinterpret_cast<void*>((reinterpret_cast<uintptr_t>(room.data()) + 63) / 64 * 64);
    ASSERT_TRUE((*c)->setDeviceMemory(aligned, need).ok());
    EXPECT_THAT((*c)->run().message(), HasSubstr("input 'x' is not set"));
    checkRun(**c, 4, 1);
    EXPECT_FALSE(engine->deviceMemoryBytes(1).ok());
    EXPECT_FALSE((*c)->setProfile(1).ok());
}

TEST(Context, AllocatorThatFailsIsOutOfMemory) {
    auto engine = makeEngine();
    Allocator none{[](size_t, size_t, device::StreamHandle) -> void* { return nullptr; },
                   [](void*, device::StreamHandle) {}};
    auto c = Context::create(engine, Context::Memory::kStatic, none);
    ASSERT_FALSE(c.ok());
    EXPECT_EQ(c.status().code(), Code::kFailedAllocation);
}

TEST(Context, OutputAllocatorReceivesTheShape) {
    auto engine = makeEngine();
    auto c = Context::create(engine, Context::Memory::kStatic);
    ASSERT_TRUE(c.ok());
    std::vector<float> in(3 * 12, 0.5f), out;
    ir::Dims seen;
    ASSERT_TRUE((*c)->setInputShape(0, {3, 12}).ok());
    ASSERT_TRUE((*c)->setAddress(0, in.data()).ok());
    ASSERT_TRUE((*c)->setOutputAllocator(
                        1,
                        [&](void*, size_t bytes, size_t) {
                            out.resize(bytes / 4);
                            return out.data();
                        },
                        [&](const ir::Dims& d) { seen = d; })
                    .ok());
    Status s = (*c)->run();
    ASSERT_TRUE(s.ok()) << s.toString();
    EXPECT_EQ(seen, (ir::Dims{3, 5}));
    ASSERT_GE(out.size(), 15u);
    EXPECT_NEAR(out[0] + out[1] + out[2] + out[3] + out[4], 1.f, 1e-5f);
}

TEST(ContextThreads, EightContextsShareAnEngine) {
    auto engine = makeEngine();
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t)
        threads.emplace_back([&, t] {
            auto c = Context::create(engine, Context::Memory::kStatic);
            ASSERT_TRUE(c.ok());
            for (int i = 0; i < 20; ++i) checkRun(**c, 1 + (t + i) % 8, static_cast<uint64_t>(t * 100 + i));
        });
    for (std::thread& t : threads) t.join();
}

// Threads that load the same bytes.
TEST(ContextThreads, EnginesAreLoadedConcurrently) {
    auto bytes = plan::writeBlock(makeEngine()->plan());
    ASSERT_TRUE(bytes.ok()) << bytes.status().toString();
    std::vector<std::thread> threads;
    for (int t = 0; t < 6; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 4; ++i) {
                auto plan = plan::read((*bytes)->bytes(), *bytes);
                ASSERT_TRUE(plan.ok()) << plan.status().toString();
                auto engine = Engine::create(plan.take(), {});
                ASSERT_TRUE(engine.ok()) << engine.status().toString();
                auto c = Context::create(*engine, Context::Memory::kStatic);
                ASSERT_TRUE(c.ok());
                checkRun(**c, 1 + (t + i) % 8, static_cast<uint64_t>(t));
            }
        });
    for (std::thread& t : threads) t.join();
}

// While somebody else's job keeps the pool, a context runs in its caller's thread.
TEST(ContextThreads, ABusyPoolDoesNotStopAContext) {
    auto engine = makeEngine();
    std::atomic<bool> started{false}, done{false};
    std::thread holder([&] {
        ThreadPool::instance().run(2 * ThreadPool::instance().threads(), [&](int) {
            started = true;
            while (!done) std::this_thread::yield();
        });
    });
    while (!started) std::this_thread::yield();
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t)
        threads.emplace_back([&, t] {
            auto c = Context::create(engine, Context::Memory::kOnProfileChange);
            ASSERT_TRUE(c.ok());
            for (int i = 0; i < 5; ++i) checkRun(**c, 1 + i, static_cast<uint64_t>(t));
        });
    for (std::thread& t : threads) t.join();
    done = true;
    holder.join();
}

// What a context asks for in addition comes from the scratch allocator, and goes back there.
TEST(Context, ScratchMemoryComesFromItsOwnAllocator) {
    auto engine = makeEngine();
    auto c = Context::create(engine, Context::Memory::kStatic);
    ASSERT_TRUE(c.ok());
    checkRun(**c, 3, 1);
    int live = 0;
    (*c)->setScratchAllocator({[&](size_t bytes, size_t alignment, device::StreamHandle) {
                                   ++live;
                                   return std::aligned_alloc(alignment, bytes);
                               },
                               [&](void* p, device::StreamHandle) {
                                   --live;
                                   std::free(p);
                               }});
    checkRun(**c, 3, 1);
    checkRun(**c, 5, 1);
    (*c)->setScratchAllocator({});
    EXPECT_EQ(live, 0);
    checkRun(**c, 3, 1);
}

}  // namespace
}  // namespace lathe::runtime
