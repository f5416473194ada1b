// SPDX-License-Identifier: Apache-2.0
// Programs in several streams, on a device that runs their work in the worst order that the events allow.
#include "exec/stream_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "exec/exec_testing.h"
#include "exec/fake_device_testing.h"
#include "ir/infer.h"
#include "ir/text.h"
#include "ops/registry.h"
#include "plan/plan_testing.h"

namespace lathe::exec {
namespace {

using ::testing::ElementsAre;
using testing::FakeDevice;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Session;
using testing::tensorsOf;

// Each step's stream, as listed; those that are not are in 0.
using Streams = std::vector<int>;

std::unique_ptr<plan::Program> onDevice(std::unique_ptr<ir::Graph> graph, FakeDevice& device, uint64_t seed,
                                        const Streams& streams = {}) {
    auto program = testing::makeProgram(std::move(graph), seed);
    program->target = absentGpuTarget(90).take();
    for (plan::Step& s : program->steps) {
        if (s.binding.tactic) s.binding.tactic = testing::disguise(*s.binding.tactic, device);
        for (auto& r : s.regions)
            for (plan::Step& n : r)
                if (n.binding.tactic) n.binding.tactic = testing::disguise(*n.binding.tactic, device);
    }
    for (size_t i = 0; i < streams.size(); ++i) program->steps[i].stream = streams[i];
    return program;
}

std::unique_ptr<plan::Program> onDevice(const char* text, FakeDevice& device, const Streams& streams) {
    auto graph = ir::parse(text, ops::find);
    EXPECT_TRUE(graph.ok()) << graph.status().toString();
    return onDevice(graph.take(), device, 0, streams);
}

constexpr const char* kFork = R"(graph "fork" (%x: f32[64]) {
  %a = unary(%x) kind=sin @"a"
  %b = unary(%a) kind=cos @"b"
  %c = unary(%a) kind=tanh @"c"
  %d = unary(%c) kind=exp @"d"
  %e = binary(%b, %d) kind=add @"e"
  return %e
})";

TEST(StreamOrder, WaitsForWhatOtherStreamsMakeAndForNothingTwice) {
    FakeDevice device;
    auto program = onDevice(kFork, device, {0, 0, 1, 1, 0});
    auto flat = FlatProgram::create(*program);
    ASSERT_TRUE(flat.ok()) << flat.status().toString();
    const StreamOrder& order = *(*flat)->order();
    EXPECT_EQ(order.streams, 2);
    EXPECT_THAT(order.waits[0], IsEmpty());
    EXPECT_THAT(order.waits[1], IsEmpty());
    EXPECT_THAT(order.waits[2], ElementsAre(0));
    EXPECT_THAT(order.waits[3], IsEmpty());
    EXPECT_THAT(order.waits[4], ElementsAre(3));
    // Through its wait for a, and stream 1's last step is waited for by e.
    EXPECT_FALSE(order.startAwaited);
    EXPECT_THAT(order.joined, ElementsAre(false, false));
    // Ticks: the start is 0, a is 1.
    EXPECT_THAT(order.before[0], ElementsAre(0, -1));
    EXPECT_THAT(order.before[3], ElementsAre(1, 3));
    EXPECT_THAT(order.before[4], ElementsAre(2, 4));
}

TEST(StreamOrder, ForksFromTheStartAndJoinsWhatNobodyReads) {
    FakeDevice device;
    auto program = onDevice(R"(graph "two" (%x: f32[64], %y: f32[64]) {
  %a = unary(%x) kind=sin
  %b = unary(%y) kind=cos
  return %a, %b
})",
                            device, {1, 2});
    auto flat = FlatProgram::create(*program);
    ASSERT_TRUE(flat.ok()) << flat.status().toString();
    const StreamOrder& order = *(*flat)->order();
    EXPECT_THAT(order.waits[0], ElementsAre(StreamOrder::kStart));
    EXPECT_THAT(order.waits[1], ElementsAre(StreamOrder::kStart));
    EXPECT_TRUE(order.startAwaited);
    EXPECT_THAT(order.joined, ElementsAre(false, true, true));
}

TEST(StreamOrder, MemoryIsSharedOnlyByWhatCannotRunAtTheSameTime) {
    FakeDevice device;
    auto bytesIn = [&](const Streams& streams) {
        auto program = onDevice(kFork, device, streams);
        auto flat = FlatProgram::create(*program);
        EXPECT_TRUE(flat.ok()) << flat.status().toString();
        auto plan = MemoryPlan::create(**flat, ir::SymbolValues());
        EXPECT_TRUE(plan.ok()) << plan.status().toString();
        return plan->arenaBytes;
    };
    // b, c and d: d takes the room of a, which is over; in two streams b may still read a.
    EXPECT_EQ(bytesIn({}), 3 * 256);
    EXPECT_EQ(bytesIn({0, 0, 1, 1, 0}), 4 * 256);
}

TEST(StreamOrder, StepsThatMustBeInTheCallersStreamAreRefusedElsewhere) {
    FakeDevice device;
    auto refusal = [&](const char* text, const Streams& streams) {
        auto program = onDevice(text, device, streams);
        auto flat = FlatProgram::create(*program);
        return flat.ok() ? std::string() : flat.status().message();
    };
    EXPECT_EQ(refusal(kFork, {0, 0, 31, 1, 0}), "");
    EXPECT_THAT(refusal(R"(graph "r" (%x: f32[8]) {
  %a = unary(%x) kind=sin @"a"
  %r = random_normal() shape=[8] @"dice"
  %b = binary(%a, %r) kind=add
  return %b
})",
                        {0, 1}),
                HasSubstr("can only be in the caller's"));
    EXPECT_THAT(refusal(R"(graph "n" (%x: f32[8]) {
  %a = unary(%x) kind=sin @"a"
  %i = nonzero(%x) @"found"
  return %a, %i
})",
                        {1}),
                HasSubstr("the shapes of 'found' are found while running"));
    auto cpu = testing::makeProgram(ir::parse(kFork, ops::find).take());
    cpu->steps[1].stream = 1;
    auto flat = FlatProgram::create(*cpu);
    ASSERT_FALSE(flat.ok());
    EXPECT_THAT(flat.status().message(), HasSubstr("not for a GPU"));
}

// Branches of elementwise ops and views that fork and meet again anywhere. (No softmax, say: behind a few of those one
// would not see what was wrong before.)
std::unique_ptr<ir::Graph> branches(uint32_t seed) {
    std::mt19937 random(seed);
    auto graph = std::make_unique<ir::Graph>();
    graph->name = "branches";
    ir::Region& body = graph->body();
    ir::Value* x = body.addParameter({}, "x");
    ir::SymbolInfo batch;
    batch.name = "batch";
    batch.value = x;
    batch.min = 1;
    batch.max = 64;
    x->setType({DType::kFloat, {ir::Dim::symbol(graph->addSymbol(batch)), 8}});
    auto add = [&](const char* name, std::vector<ir::Value*> inputs, const char* attrs) {
        const ir::Op* op = ops::find(name);
        auto a = op->makeAttrs();
        EXPECT_TRUE(ir::parseAttrs(*a, attrs).ok()) << attrs;
        ir::Node* n = body.append(*op, std::move(a), std::move(inputs), 1, fmt::format("n{}", body.nodes().size()));
        Status s = ir::inferNode(*n);
        EXPECT_TRUE(s.ok()) << s.toString();
        return n->output();
    };
    std::vector<ir::Value*> ends(2 + random() % 4, x);
    for (int i = 0; i < 24; ++i) {
        ir::Value*& v = ends[random() % ends.size()];
        switch (random() % 6) {
            case 0: v = add("unary", {v}, "kind=sin"); break;
            case 1: v = add("unary", {v}, "kind=sigmoid"); break;
            case 2: v = add("binary", {v, x}, "kind=add"); break;
            case 3: v = add("binary", {x, v}, "kind=sub"); break;
            case 4: v = add("binary", {v, ends[random() % ends.size()]}, "kind=mul"); break;
            // A view, and one back.
            case 5: v = add("squeeze", {add("unsqueeze", {v}, "axes=[0]")}, "axes=[0]"); break;
        }
    }
    for (ir::Value* v : ends)
        if (v != x) body.addResult(v);
    if (body.results().empty()) body.addResult(x);
    return graph;
}

struct Spread {
    std::unique_ptr<ir::Graph> graph;
    std::unique_ptr<plan::Program> program;
};

// A random graph's steps, in random streams; elementwise ones in place where that may be.
Spread spreadAtRandom(uint32_t seed, FakeDevice& device, int streams) {
    Spread s;
    s.graph = seed % 3 == 0 ? plan::testing::randomGraph(seed) : branches(seed);
    s.program = onDevice(s.graph->clone(), device, seed % 2 ? 0 : seed);
    std::mt19937 random(seed);
    for (plan::Step& step : s.program->steps) {
        step.stream = static_cast<int>(random() % static_cast<uint32_t>(streams));
        if (std::string_view(step.binding.nodes[0]->op().name()) == "unary") step.binding.inPlace = {{0, 0}};
    }
    return s;
}

Status same(const std::vector<ir::HostTensor>& got, const std::vector<ir::HostTensor>& want) {
    for (size_t r = 0; r < want.size(); ++r)
        TRY_IN(fmt::format("result {}", r), compare(got[r].tensor, want[r].tensor, {.reduction = 64}));
    return {};
}

// Runs with new inputs each time: step by step, recorded, replayed.
Status runAll(const Spread& s, Session& session, uint32_t seed, int runs = 4) {
    for (int run = 0; run < runs; ++run) {
        ir::SymbolValues symbols(s.graph->symbols().size());
        for (size_t i = 0; i < s.graph->symbols().size(); ++i) symbols.set(static_cast<ir::SymbolId>(i), 3);
        auto inputs = testing::randomInputs(*s.graph, seed * 10 + static_cast<uint32_t>(run), symbols);
        auto want = TRY(ir::interpret(*s.graph, tensorsOf(inputs)));
        auto got = TRY(session.run(tensorsOf(inputs)));
        TRY_IN(fmt::format("run {}", run), same(got, want));
    }
    return {};
}

TEST(SpreadSteps, GiveWhatTheInterpreterGivesInAnyOrder) {
    int64_t replays = 0;
    for (uint32_t seed = 1; seed <= 90; ++seed) {
        SCOPED_TRACE(seed);
        FakeDevice device;
        device.workspace = 512;
        Spread s = spreadAtRandom(seed, device, 2 + static_cast<int>(seed % 4));
        device.runLate(seed);
        Session session(*s.program, &device);
        Status status = runAll(s, session, seed);
        ASSERT_TRUE(status.ok()) << status.toString();
        replays += session.prepared().replays();
    }
    EXPECT_EQ(replays, 90 * 3);
}

// The test above means something only if it sees what is missing: of graphs without unused steps, whose views are
// copies, every single wait.
TEST(SpreadSteps, MissingWaitsAreSeen) {
    int waits = 0, seen = 0;
    for (uint32_t graph = 1; graph <= 24; ++graph) {
        if (graph % 2 == 0 || graph % 3 == 0) continue;
        FakeDevice counting;
        int count = 0;
        {
            Spread s = spreadAtRandom(graph, counting, 3);
            auto& queues = counting.runLate(graph);
            Session session(*s.program, &counting);
            ASSERT_TRUE(runAll(s, session, graph, 1).ok());
            count = queues.waits();
        }
        for (int n = 0; n < count; ++n) {
            bool noticed = false;
            for (uint32_t seed = 1; seed <= 60 && !noticed; ++seed) {
                FakeDevice device;
                Spread s = spreadAtRandom(graph, device, 3);
                device.runLate(seed).leaveOutWait(n);
                Session session(*s.program, &device);
                noticed = !runAll(s, session, seed, 1).ok();
            }
            ++waits;
            seen += noticed;
        }
    }
    EXPECT_GT(waits, 50);
    EXPECT_EQ(seen, waits);
}

// A wrong memory plan: as if the steps were in one stream.
TEST(SpreadSteps, SharedMemoryIsSeen) {
    int noticed = 0;
    for (uint32_t seed = 1; seed <= 30; ++seed) {
        FakeDevice device;
        Spread s = spreadAtRandom(seed, device, 3);
        auto one = s.program->steps;
        for (plan::Step& step : s.program->steps) step.stream = 0;
        auto flat = FlatProgram::create(*s.program);
        ASSERT_TRUE(flat.ok());
        ir::SymbolValues symbols(s.graph->symbols().size());
        for (size_t i = 0; i < s.graph->symbols().size(); ++i) symbols.set(static_cast<ir::SymbolId>(i), 3);
        auto plan = MemoryPlan::create(**flat, symbols);
        ASSERT_TRUE(plan.ok());
        s.program->steps = one;
        device.runLate(seed);
        Session session(*s.program, &device);
        session.largest = *plan;
        session.reserved = plan->arenaBytes;
        noticed += !runAll(s, session, seed, 2).ok();
    }
    EXPECT_GT(noticed, 5);
}

TEST(SpreadSteps, GoIntoTheProgramsCaptureAndBack) {
    for (uint32_t seed = 1; seed <= 40; ++seed) {
        SCOPED_TRACE(seed);
        FakeDevice device;
        device.workspace = 256;
        Spread s = spreadAtRandom(seed, device, 3);
        device.runLate(seed);
        auto flat = FlatProgram::create(*s.program).take();
        PackedStore store(s.program->target, {}, &device);
        KernelCache kernels(flat->steps().size());
        Scratch scratch(Allocator::of(device)), hostScratch(Allocator::system());
        AuxStreams aux(&device);
        auto stream = device.makeStream().take();
        ir::SymbolValues symbols(s.graph->symbols().size());
        for (size_t i = 0; i < s.graph->symbols().size(); ++i) symbols.set(static_cast<ir::SymbolId>(i), 3);
        auto prepared = Prepared::create(
            {flat.get(), &store, &kernels, &scratch, &device, &hostScratch, nullptr, nullptr, &aux}, symbols);
        ASSERT_TRUE(prepared.ok()) << prepared.status().toString();
        // Memory of all inputs and outputs.
        auto inputs = testing::randomInputs(*s.graph, seed, symbols);
        std::vector<const void*> in;
        std::vector<void*> out;
        for (const auto& t : inputs) in.push_back(device.allocate(static_cast<int64_t>(t.tensor.byteSize())).take());
        auto want = ir::interpret(*s.graph, tensorsOf(inputs)).take();
        for (const auto& t : want) out.push_back(device.allocate(static_cast<int64_t>(t.tensor.byteSize())).take());
        void* arena = device.allocate((*prepared)->arenaBytes()).take();
        RunBindings b;
        b.inputs = in;
        b.outputs = out;
        b.arena = static_cast<std::byte*>(arena);
        b.stream = stream->handle();
        auto graph = device.record(stream->handle(), [&] { return (*prepared)->run(b); });
        ASSERT_TRUE(graph.ok()) << graph.status().toString();
        EXPECT_EQ(device.kernels, 0);
        for (uint64_t run = 0; run < 2; ++run) {
            inputs = testing::randomInputs(*s.graph, seed + run, symbols);
            want = ir::interpret(*s.graph, tensorsOf(inputs)).take();
            for (size_t i = 0; i < in.size(); ++i)
                ASSERT_TRUE(device
                                .copy(const_cast<void*>(in[i]), inputs[i].tensor.data,
                                      static_cast<int64_t>(inputs[i].tensor.byteSize()), stream->handle())
                                .ok());
            ASSERT_TRUE((*graph)->launch(stream->handle()).ok());
            auto got = ir::interpret(*s.graph, tensorsOf(inputs)).take();
            for (size_t r = 0; r < out.size(); ++r)
                ASSERT_TRUE(device
                                .copy(got[r].tensor.data, out[r], static_cast<int64_t>(got[r].tensor.byteSize()),
                                      stream->handle())
                                .ok());
            Status done = device.synchronize(stream->handle());
            ASSERT_TRUE(done.ok()) << done.toString();
            Status status = same(got, want);
            ASSERT_TRUE(status.ok()) << status.toString();
        }
        for (const void* p : in) device.free(const_cast<void*>(p));
        for (void* p : out) device.free(p);
        device.free(arena);
    }
}

TEST(SpreadSteps, UseTheCallersStreamsWhereThereAreAny) {
    FakeDevice device;
    Spread s{ir::parse(kFork, ops::find).take(), onDevice(kFork, device, {0, 0, 1, 2, 0})};
    auto& queues = device.runLate(1);
    Session session(*s.program, &device);
    auto mine = device.makeStream().take();
    session.aux().use({mine->handle()});
    Status status = runAll(s, session, 1, 1);
    ASSERT_TRUE(status.ok()) << status.toString();
    EXPECT_TRUE(queues.hasUsed(mine->handle()));
    EXPECT_FALSE(queues.hasUsed(session.aux().own(0)));
    EXPECT_TRUE(queues.hasUsed(session.aux().own(1)));
}

}  // namespace
}  // namespace lathe::exec
