// SPDX-License-Identifier: Apache-2.0
// Engines and contexts on a device whose memory the host cannot touch.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <climits>
#include <set>

#include "exec/fake_device_testing.h"
#include "exec/target.h"
#include "ir/text.h"
#include "ops/registry.h"
#include "plan/plan_testing.h"
#include "runtime/engine.h"

namespace lathe::runtime {
namespace {

using exec::testing::FakeDevice;
using ::testing::HasSubstr;

constexpr const char* kGpuNetwork = R"(symbol s0 "n" input %x 0 range 1 64
graph "g" (%x: f32[s0, 3], %y: f32[3]) {
  %a = binary(%x, %y) kind=add
  %b = unary(%a) kind=relu
  %c = binary(%b, %x) kind=mul
  return %c
})";

std::unique_ptr<plan::Plan> cpuPlan() {
    auto graph = ir::parse(kGpuNetwork, ops::find);
    EXPECT_TRUE(graph.ok()) << graph.status().toString();
    return plan::testing::makePlan(graph.take());
}

tactics::Target gpuOf(int sm, std::string model) {
    tactics::Target t = exec::absentGpuTarget(sm).take();
    t.model = std::move(model);
    return t;
}

// The same plan for a GPU: each kernel in disguise.
std::unique_ptr<plan::Plan> gpuPlan(FakeDevice& device, int sm = 90, const std::string& model = "Fake GPU") {
    auto plan = cpuPlan();
    plan::Program& program = *plan->programs[0];
    program.target = gpuOf(sm, model);
    for (plan::Step& s : program.steps) s.binding.tactic = exec::testing::disguise(*s.binding.tactic, device);
    plan::placeIo(program, plan->io);
    return plan;
}

Machine machineWith(FakeDevice* device, int sm = 90) {
    Machine m;
    m.host = exec::localTarget();
    m.device = device;
    if (device)
        m.gpu = gpuOf(sm, "Fake GPU");
    else
        m.whyNoGpu = "it was left at home";
    return m;
}

struct Warnings {
    std::string text;
    std::function<void(const std::string&)> take() {
        return [this](const std::string& s) { text += s + "\n"; };
    }
};

// Device memory that is freed at the end.
struct Buffer {
    FakeDevice& device;
    void* data;
    Buffer(FakeDevice& device, size_t floats) : device(device), data(device.allocate(floats * sizeof(float)).take()) {}
    ~Buffer() { device.free(data); }
    void set(const std::vector<float>& v) {
        ASSERT_TRUE(device.copy(data, v.data(), static_cast<int64_t>(v.size() * sizeof(float)), nullptr).ok());
    }
    std::vector<float> get(size_t n) {
        std::vector<float> v(n);
        EXPECT_TRUE(device.copy(v.data(), data, static_cast<int64_t>(n * sizeof(float)), nullptr).ok());
        return v;
    }
};

TEST(GpuEngine, IsRefusedWhereItCannotRunWithBothNamed) {
    FakeDevice device;
    Warnings w;
    auto none = Engine::create(gpuPlan(device), w.take(), machineWith(nullptr));
    ASSERT_FALSE(none.ok());
    EXPECT_THAT(none.status().message(), HasSubstr("cuda:sm_90 (Fake GPU)"));
    EXPECT_THAT(none.status().message(), HasSubstr("it was left at home"));
    auto other = Engine::create(gpuPlan(device), w.take(), machineWith(&device, 80));
    ASSERT_FALSE(other.ok());
    EXPECT_THAT(other.status().message(), HasSubstr("cuda:sm_90 (Fake GPU)"));
    EXPECT_THAT(other.status().message(), HasSubstr("cuda:sm_80 (Fake GPU)"));
    EXPECT_EQ(w.text, "");
}

TEST(GpuEngine, ForLaterGpusRunsOnAllOfThemAndYieldsToTheirOwn) {
    FakeDevice device;
    Warnings w;
    auto later = [&](int64_t shared = 99 << 10) {
        auto plan = gpuPlan(device, 80, "Other GPU");
        plan->programs[0]->target = exec::ampereAndLater(plan->programs[0]->target).take();
        plan->programs[0]->target.sharedPerBlock = static_cast<int>(shared);
        return plan;
    };
    for (int sm : {80, 86, 90, 120}) {
        auto engine = Engine::create(later(), w.take(), machineWith(&device, sm));
        ASSERT_TRUE(engine.ok()) << engine.status().toString();
        EXPECT_EQ((*engine)->program(0).target.name(), "cuda:sm_80+");
    }
    EXPECT_EQ(w.text, "") << "other models were meant";
    auto old = Engine::create(later(), w.take(), machineWith(&device, 75));
    ASSERT_FALSE(old.ok());
    EXPECT_THAT(old.status().message(), HasSubstr("cuda:sm_80+ (Other GPU)"));
    EXPECT_THAT(old.status().message(), HasSubstr("cuda:sm_75 (Fake GPU)"));
    auto large = Engine::create(later(160 << 10), w.take(), machineWith(&device, 86));
    ASSERT_FALSE(large.ok());
    EXPECT_THAT(large.status().message(), HasSubstr("163840 bytes of shared memory"));
    EXPECT_FALSE(exec::ampereAndLater(gpuOf(75, "")).ok());

    auto both = later();
    both->programs.push_back(gpuPlan(device, 90)->programs[0]);
    both->profiles[0].others = {1};
    for (int sm : {90, 80}) {
        auto engine = Engine::create(std::make_unique<plan::Plan>(*both), w.take(), machineWith(&device, sm));
        ASSERT_TRUE(engine.ok()) << engine.status().toString();
        EXPECT_EQ((*engine)->program(0).target.name(), sm == 90 ? "cuda:sm_90" : "cuda:sm_80+");
    }
}

TEST(GpuEngine, WarnsOnAnotherModelUnlessItWasBuiltForAnAbsentOne) {
    FakeDevice device;
    Warnings w;
    ASSERT_TRUE(Engine::create(gpuPlan(device, 90, "Other GPU"), w.take(), machineWith(&device)).ok());
    EXPECT_THAT(w.text, HasSubstr("the plan was built on 'Other GPU', this is 'Fake GPU'"));
    w.text.clear();
    ASSERT_TRUE(Engine::create(gpuPlan(device, 90, ""), w.take(), machineWith(&device)).ok());
    EXPECT_EQ(w.text, "");
}

TEST(GpuEngine, OfTwoTargetsTakesTheOneThatIsThere) {
    for (bool withGpu : {true, false}) {
        FakeDevice device;
        auto plan = cpuPlan();
        plan->programs.push_back(gpuPlan(device)->programs[0]);
        plan->profiles[0].others = {1};
        auto engine = Engine::create(std::move(plan), {}, machineWith(withGpu ? &device : nullptr));
        ASSERT_TRUE(engine.ok()) << engine.status().toString();
        EXPECT_EQ((*engine)->device() != nullptr, withGpu);
        EXPECT_EQ((*engine)->program(0).target.isCuda(), withGpu);
    }
}

struct Rig {
    FakeDevice device;
    std::shared_ptr<Engine> engine = Engine::create(gpuPlan(device), {}, machineWith(&device)).take();
    std::unique_ptr<device::Stream> stream = device.makeStream().take();
};

TEST(GpuContext, RunsInAStreamAndReplaysWithoutAllocatingOrWaiting) {
    Rig rig;
    auto context = Context::create(rig.engine, Context::Memory::kStatic);
    ASSERT_TRUE(context.ok()) << context.status().toString();
    Context& c = **context;
    Buffer x(rig.device, 6), y(rig.device, 3), out(rig.device, 6);
    x.set({1, -2, 3, -4, 5, -6});
    y.set({1, 1, 1});
    ASSERT_TRUE(c.setInputShape(0, {2, 3}).ok());
    ASSERT_TRUE(c.setAddress(0, x.data).ok());
    ASSERT_TRUE(c.setAddress(1, y.data).ok());
    ASSERT_TRUE(c.setAddress(2, out.data).ok());
    int waits = 0, allocations = 0;
    for (int run = 0; run < 5; ++run) {
        Status s = c.run(rig.stream->handle());
        ASSERT_TRUE(s.ok()) << s.toString();
        EXPECT_EQ(out.get(6), (std::vector<float>{2, 0, 12, 0, 30, 0}));
        if (run > 1) {
            EXPECT_EQ(rig.device.waits, waits);
            EXPECT_EQ(rig.device.allocations, allocations);
        }
        waits = rig.device.waits;
        allocations = rig.device.allocations;
    }
    EXPECT_EQ(rig.device.launches, 4);
}

TEST(GpuContext, RefusesHostPointersByName) {
    Rig rig;
    auto context = Context::create(rig.engine, Context::Memory::kStatic);
    ASSERT_TRUE(context.ok());
    Context& c = **context;
    Buffer y(rig.device, 3), out(rig.device, 6);
    std::vector<float> x(6);
    ASSERT_TRUE(c.setInputShape(0, {2, 3}).ok());
    ASSERT_TRUE(c.setAddress(0, x.data()).ok());
    ASSERT_TRUE(c.setAddress(1, y.data).ok());
    ASSERT_TRUE(c.setAddress(2, out.data).ok());
    Status s = c.run(rig.stream->handle());
    ASSERT_FALSE(s.ok());
    EXPECT_THAT(s.message(), HasSubstr("'in0' is at a host address"));
}

TEST(GpuContext, MustBePreparedBeforeACapture) {
    Rig rig;
    auto context = Context::create(rig.engine, Context::Memory::kStatic);
    ASSERT_TRUE(context.ok());
    Context& c = **context;
    Buffer x(rig.device, 6), y(rig.device, 3), out(rig.device, 6);
    x.set({1, 2, 3, 4, 5, 6});
    y.set({0, 0, 0});
    ASSERT_TRUE(c.setInputShape(0, {2, 3}).ok());
    ASSERT_TRUE(c.setAddress(0, x.data).ok());
    ASSERT_TRUE(c.setAddress(1, y.data).ok());
    ASSERT_TRUE(c.setAddress(2, out.data).ok());
    rig.device.setCapturing(rig.stream->handle());
    Status s = c.run(rig.stream->handle());
    ASSERT_FALSE(s.ok());
    EXPECT_EQ(s.code(), Code::kInvalidState);
    EXPECT_THAT(s.message(), HasSubstr("run it once before the capture"));
    rig.device.setCapturing(nullptr);
    ASSERT_TRUE(c.run(rig.stream->handle()).ok());
    // The steps themselves go into the program's capture, never a recording of ours.
    ASSERT_TRUE(c.run(rig.stream->handle()).ok());
    int launches = rig.device.launches;
    rig.device.setCapturing(rig.stream->handle());
    s = c.run(rig.stream->handle());
    EXPECT_TRUE(s.ok()) << s.toString();
    EXPECT_EQ(rig.device.launches, launches);
}

TEST(GpuContext, TakesMemoryFromTheUser) {
    Rig rig;
    auto context = Context::create(rig.engine, Context::Memory::kUserManaged);
    ASSERT_TRUE(context.ok());
    Context& c = **context;
    Buffer x(rig.device, 6), y(rig.device, 3), out(rig.device, 6), arena(rig.device, 4096);
    x.set({1, 2, 3, 4, 5, 6});
    y.set({0, 0, 0});
    ASSERT_TRUE(c.setInputShape(0, {2, 3}).ok());
    ASSERT_TRUE(c.setAddress(0, x.data).ok());
    ASSERT_TRUE(c.setAddress(1, y.data).ok());
    ASSERT_TRUE(c.setAddress(2, out.data).ok());
    EXPECT_FALSE(c.run(nullptr).ok());
    EXPECT_FALSE(c.setDeviceMemory(static_cast<char*>(arena.data) + 64, 4096).ok());
    ASSERT_TRUE(c.setDeviceMemory(arena.data, 4096 * sizeof(float)).ok());
    Status s = c.run(nullptr);
    ASSERT_TRUE(s.ok()) << s.toString();
    EXPECT_EQ(out.get(6), (std::vector<float>{1, 4, 9, 16, 25, 36}));
}

TEST(GpuContext, GivesItsMemoryBack) {
    Rig rig;
    int64_t before = rig.device.allocated();
    for (int k = 0; k < 3; ++k) {
        auto context = Context::create(rig.engine, Context::Memory::kStatic);
        ASSERT_TRUE(context.ok());
    }
    EXPECT_EQ(rig.device.allocated(), before);
}

// The places of what is not zero, doubled: how many shows while running.
constexpr const char* kFinding = R"(graph "g" (%x: f32[6]) {
  %found = nonzero(%x)
  %y = binary(%found, %found) kind=add
  %z = binary(%y, %found) kind=add
  return %z
})";

// A user's allocator that works in the order of streams.
struct StreamAllocator {
    explicit StreamAllocator(FakeDevice& device) : device(device) {}
    FakeDevice& device;
    std::set<void*> live;
    std::vector<device::StreamHandle> takes, gives;
    int fewer = INT_MAX;  // allocations that succeed
    size_t shift = 0;

    Allocator get() {
        return {[this](size_t bytes, size_t alignment, device::StreamHandle stream) -> void* {
                    EXPECT_EQ(alignment, 256u);
                    takes.push_back(stream);
                    if (fewer-- <= 0) return nullptr;
                    auto p = device.allocate(static_cast<int64_t>(bytes + shift));
                    if (!p.ok()) return nullptr;
                    live.insert(static_cast<char*>(*p) + shift);
                    return static_cast<char*>(*p) + shift;
                },
                [this](void* p, device::StreamHandle stream) {
                    gives.push_back(stream);
                    EXPECT_EQ(live.erase(p), 1u);
                    device.free(static_cast<char*>(p) - shift);
                }};
    }
};

struct FindingRig {
    FakeDevice device;
    std::shared_ptr<Engine> engine;
    std::unique_ptr<device::Stream> stream = device.makeStream().take();
    std::unique_ptr<Buffer> x, z;
    FindingRig() {
        auto graph = ir::parse(kFinding, ops::find);
        EXPECT_TRUE(graph.ok()) << graph.status().toString();
        auto plan = plan::testing::makePlan(graph.take());
        plan::Program& program = *plan->programs[0];
        program.target = gpuOf(90, "Fake GPU");
        for (plan::Step& s : program.steps) s.binding.tactic = exec::testing::disguise(*s.binding.tactic, device);
        plan::placeIo(program, plan->io);
        engine = Engine::create(std::move(plan), {}, machineWith(&device)).take();
        x = std::make_unique<Buffer>(device, 6);
        z = std::make_unique<Buffer>(device, 12);
        x->set({0, 1, 0, 2, 3, 0});
    }
    void bind(Context& c) {
        EXPECT_TRUE(c.setAddress(0, x->data).ok());
        EXPECT_TRUE(c.setOutputAllocator(
                         1, [this](void*, size_t, size_t) { return z->data; }, [](const ir::Dims&) {})
                        .ok());
    }
    std::vector<int64_t> found() {
        std::vector<int64_t> v(3);
        EXPECT_TRUE(device.copy(v.data(), z->data, 24, nullptr).ok());
        return v;
    }
};

TEST(GpuContext, TakesScratchMemoryInTheOrderOfTheRunsStreamAndGivesItBack) {
    FindingRig rig;
    StreamAllocator user(rig.device);
    auto made = Context::create(rig.engine, Context::Memory::kStatic);
    ASSERT_TRUE(made.ok()) << made.status().toString();
    Context& c = **made;
    rig.bind(c);
    c.setScratchAllocator(user.get());
    auto second = rig.device.makeStream().take();
    for (device::StreamHandle stream : {rig.stream->handle(), second->handle(), device::StreamHandle()}) {
        user.takes.clear();
        user.gives.clear();
        Status s = c.run(stream);
        ASSERT_TRUE(s.ok()) << s.toString();
        EXPECT_EQ(rig.found(), (std::vector<int64_t>{3, 9, 12}));
        EXPECT_FALSE(user.takes.empty());
        EXPECT_THAT(user.takes, ::testing::Each(stream));
        EXPECT_THAT(user.gives, ::testing::Each(stream));
        EXPECT_TRUE(user.live.empty());
    }
    // Of a graph of the program's the memory would be gone when it is launched.
    rig.device.setCapturing(rig.stream->handle());
    EXPECT_EQ(c.run(rig.stream->handle()).code(), Code::kInvalidState);
    rig.device.setCapturing(nullptr);
    // The library's own memory stays for the next run.
    c.setScratchAllocator({});
    ASSERT_TRUE(c.run(rig.stream->handle()).ok());
    int allocations = rig.device.allocations;
    ASSERT_TRUE(c.run(rig.stream->handle()).ok());
    EXPECT_EQ(rig.device.allocations, allocations);
}

TEST(GpuContext, ScratchMemoryThatIsRefusedIsOutOfMemoryAndNothingLeaks) {
    FindingRig rig;
    StreamAllocator user(rig.device);
    auto made = Context::create(rig.engine, Context::Memory::kStatic);
    ASSERT_TRUE(made.ok()) << made.status().toString();
    Context& c = **made;
    rig.bind(c);
    c.setScratchAllocator(user.get());
    ASSERT_TRUE(c.run(rig.stream->handle()).ok());
    const int needed = static_cast<int>(user.takes.size());
    for (int fewer = 0; fewer < needed; ++fewer) {
        user.fewer = fewer;
        Status s = c.run(rig.stream->handle());
        EXPECT_EQ(s.code(), Code::kFailedAllocation) << s.toString();
        EXPECT_THAT(s.message(), HasSubstr("bytes were asked for"));
        EXPECT_TRUE(user.live.empty());
    }
    user.fewer = INT_MAX;
    user.shift = 64;
    EXPECT_THAT(c.run(rig.stream->handle()).message(), HasSubstr("not aligned to 256 bytes"));
    EXPECT_TRUE(user.live.empty());
    user.shift = 0;
    ASSERT_TRUE(c.run(rig.stream->handle()).ok());
    EXPECT_EQ(rig.found(), (std::vector<int64_t>{3, 9, 12}));
}

TEST(GpuContext, TakesAllMemoryFromTheUsersAllocator) {
    FindingRig rig;
    StreamAllocator user(rig.device);
    {
        auto made = Context::create(rig.engine, Context::Memory::kOnProfileChange, user.get());
        ASSERT_TRUE(made.ok()) << made.status().toString();
        rig.bind(**made);
        Status s = (*made)->run(rig.stream->handle());
        ASSERT_TRUE(s.ok()) << s.toString();
        EXPECT_EQ(rig.found(), (std::vector<int64_t>{3, 9, 12}));
        // What the shapes need stays.
        EXPECT_EQ(user.live.size(), 1u);
        EXPECT_THAT(user.takes, ::testing::Each(rig.stream->handle()));
    }
    EXPECT_TRUE(user.live.empty());
    // Memory that is taken before there is a run is there for all streams.
    int waits = rig.device.waits;
    user.takes.clear();
    auto made = Context::create(rig.engine, Context::Memory::kStatic, user.get());
    ASSERT_TRUE(made.ok()) << made.status().toString();
    EXPECT_THAT(user.takes, ::testing::ElementsAre(nullptr));
    EXPECT_GT(rig.device.waits, waits);
    made->reset();
    EXPECT_TRUE(user.live.empty());
}

// A value in the middle that a listener is told of.
struct DebugRig {
    FakeDevice device;
    std::shared_ptr<Engine> engine;
    std::unique_ptr<device::Stream> stream = device.makeStream().take();
    std::unique_ptr<Context> context;
    std::unique_ptr<Buffer> x, out;
    std::vector<std::string> told;

    DebugRig() {
        auto graph = ir::parse(R"(graph "g" (%x: f32[4]) {
  %a = unary(%x) kind=neg
  %d = debug(%a) name="negative"
  %b = unary(%a) kind=relu
  return %b
})",
                               ops::find);
        EXPECT_TRUE(graph.ok()) << graph.status().toString();
        auto plan = plan::testing::makePlan(graph.take());
        plan->debugUnfused = true;
        plan::Program& program = *plan->programs[0];
        program.target = gpuOf(90, "Fake GPU");
        for (plan::Step& s : program.steps) {
            bool debug = std::string(s.binding.tactic->anchor()) == "debug";
            s.binding.tactic =
                debug ? tactics::find("cuda.debug.listener.v1") : exec::testing::disguise(*s.binding.tactic, device);
        }
        plan::placeIo(program, plan->io);
        engine = Engine::create(std::move(plan), {}, machineWith(&device)).take();
        context = Context::create(engine, Context::Memory::kStatic).take();
        x = std::make_unique<Buffer>(device, 4);
        out = std::make_unique<Buffer>(device, 4);
        x->set({1, -2, 3, -4});
        EXPECT_TRUE(context->setAddress(0, x->data).ok());
        EXPECT_TRUE(context->setAddress(1, out->data).ok());
        context->setDebugListener([this](const tactics::DebugTensor& t) -> Status {
            EXPECT_TRUE(t.onDevice);
            EXPECT_EQ(t.stream, stream->handle());
            std::vector<float> values(4);
            TRY(device.copy(values.data(), t.data, 16, t.stream));
            told.push_back(t.name);
            for (float v : values) told.back() += fmt::format(" {}", v);
            return {};
        });
    }
    Status run() {
        told.clear();
        return context->run(stream->handle());
    }
};

TEST(GpuContext, RecordingsHideNoDebugTensor) {
    DebugRig rig;
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(rig.run().ok());
    EXPECT_TRUE(rig.told.empty());
    int launches = rig.device.launches;
    EXPECT_GT(launches, 0);
    ASSERT_TRUE(rig.context->reportDebugTensor("negative", true).ok());
    for (int i = 0; i < 3; ++i) {
        Status s = rig.run();
        ASSERT_TRUE(s.ok()) << s.toString();
        EXPECT_EQ(rig.told, (std::vector<std::string>{"negative -1 2 -3 4"}));
        EXPECT_EQ(rig.out->get(4), (std::vector<float>{0, 2, 0, 4}));
    }
    EXPECT_EQ(rig.device.launches, launches);
    rig.device.setCapturing(rig.stream->handle());
    Status s = rig.run();
    EXPECT_EQ(s.code(), Code::kInvalidState);
    EXPECT_THAT(s.message(), HasSubstr("debug tensors are reported by the host"));
    rig.device.setCapturing(nullptr);
    ASSERT_TRUE(rig.context->reportDebugTensor("negative", false).ok());
    ASSERT_TRUE(rig.run().ok());
    EXPECT_EQ(rig.device.launches, launches + 1);
    EXPECT_FALSE(rig.context->reportDebugTensor("positive", true).ok());
}

TEST(GpuContext, TellsOfEveryTensorThatAStepMakes) {
    DebugRig rig;
    ASSERT_TRUE(rig.context->reportUnfused(true).ok());
    for (int i = 0; i < 3; ++i) {
        Status s = rig.run();
        ASSERT_TRUE(s.ok()) << s.toString();
        EXPECT_EQ(rig.told, (std::vector<std::string>{"a -1 2 -3 4", "b 0 2 0 4"}));
    }
}

// Work runs late, so that nothing is right by chance.
TEST(GpuContext, SpreadsStepsOverStreams) {
    FakeDevice device;
    auto plan = gpuPlan(device);
    auto& steps = plan->programs[0]->steps;
    ASSERT_EQ(steps.size(), 3u);
    steps[1].stream = 2;
    auto engine = Engine::create(std::move(plan), {}, machineWith(&device));
    ASSERT_TRUE(engine.ok()) << engine.status().toString();
    EXPECT_EQ((*engine)->auxStreams(), 2);
    auto& queues = device.runLate(1);
    auto stream = device.makeStream().take(), mine = device.makeStream().take(), other = device.makeStream().take();
    auto context = Context::create(*engine, Context::Memory::kStatic);
    ASSERT_TRUE(context.ok());
    Context& c = **context;
    void* memory[3];
    for (int i = 0; i < 3; ++i) {
        memory[i] = device.allocate(64).take();
        ASSERT_TRUE(c.setAddress(i, memory[i]).ok());
    }
    ASSERT_TRUE(c.setInputShape(0, {2, 3}).ok());
    EXPECT_THAT(c.setAuxStreams({mine->handle(), nullptr}).message(), HasSubstr("stream 1 is the default stream"));
    EXPECT_THAT(c.setAuxStreams({mine->handle(), other->handle(), mine->handle()}).message(),
                HasSubstr("auxiliary streams 0 and 2 are the same"));
    for (int run = 0; run < 6; ++run) {
        // Its own, then two of the caller's, with a step listener one stream for all, then its own again.
        if (run == 2) {
            EXPECT_TRUE(c.setAuxStreams({mine->handle(), other->handle()}).ok());
            ASSERT_TRUE(c.setAddress(2, memory[2] = device.allocate(64).take()).ok());  // nothing is recorded yet
        }
        c.setStepListener(run == 4 ? [](const plan::Step&, double) {} : Context::StepListener());
        if (run == 5) {
            EXPECT_TRUE(c.setAuxStreams({}).ok());
        }
        std::vector<float> x{1, -2, 3, -4, 5, -6}, y{1, 1, static_cast<float>(run)}, out(6), want(6);
        for (size_t i = 0; i < 6; ++i) want[i] = std::max(x[i] + y[i % 3], 0.0f) * x[i];
        ASSERT_TRUE(device.copy(memory[0], x.data(), 24, stream->handle()).ok());
        ASSERT_TRUE(device.copy(memory[1], y.data(), 12, stream->handle()).ok());
        EXPECT_EQ(queues.hasUsed(other->handle()), run > 2);
        Status s = c.run(stream->handle());
        ASSERT_TRUE(s.ok()) << s.toString();
        ASSERT_TRUE(device.copy(out.data(), memory[2], 24, stream->handle()).ok());
        s = device.synchronize(stream->handle());
        ASSERT_TRUE(s.ok()) << s.toString();
        EXPECT_EQ(out, want) << run;
    }
}

TEST(GpuContext, TakesACommunicatorWhereACpuDoesNot) {
    DebugRig rig;
    int communicator = 0;
    EXPECT_TRUE(rig.context->setCommunicator(&communicator).ok());
    auto cpu = Engine::create(cpuPlan(), {}, machineWith(nullptr));
    ASSERT_TRUE(cpu.ok());
    auto context = Context::create(*cpu, Context::Memory::kStatic);
    ASSERT_TRUE(context.ok());
    EXPECT_THAT((*context)->setCommunicator(&communicator).message(), HasSubstr("the engine runs on the CPU"));
    EXPECT_TRUE((*context)->setCommunicator(nullptr).ok());
}

}  // namespace
}  // namespace lathe::runtime
