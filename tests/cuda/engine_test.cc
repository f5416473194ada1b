// SPDX-License-Identifier: Apache-2.0
// Engines on a GPU, from a graph to its answers: built there and elsewhere, in streams, captures and threads.
#include <gmock/gmock.h>

#include <thread>

#include "builder/builder_testing.h"
#include "builder/timing_cache.h"
#include "cuda/cuda_testing.h"
#include "exec/compare.h"
#include "exec/target.h"
#include "ir/interpreter.h"
#include "ir/text.h"
#include "ops/registry.h"
#include "ops/sample.h"
#include "plan/format.h"
#include "runtime/engine.h"

namespace lathe::cuda {
namespace {

using ::testing::HasSubstr;

using builder::testing::kPerceptron;

struct Silent : builder::Observer {
    void log(Severity, const std::string&) override {}
};

std::unique_ptr<ir::Graph> parse(const char* text) {
    auto graph = ir::parse(text, ops::find);
    EXPECT_TRUE(graph.ok()) << graph.status().toString();
    return graph.ok() ? graph.take() : nullptr;
}

// Extents that are open go from 1 over 4 to 9.
std::shared_ptr<const plan::Plan> planFor(const char* text, const builder::BuildTarget& target, int level = 1,
                                          int auxStreams = -1) {
    auto graph = parse(text);
    builder::IoNames io = builder::testing::numberedIo(*graph);
    builder::Options options;
    plan::Profile profile;
    for (const ir::Value* v : graph->body().parameters()) {
        plan::ProfileInput p;
        for (const ir::Dim& d : v->shape()) {
            p.min.push_back(d.valueOr(1));
            p.opt.push_back(d.valueOr(4));
            p.max.push_back(d.valueOr(9));
        }
        profile.inputs.push_back(p);
    }
    options.targets = {target};
    options.profiles = {profile};
    options.optimizationLevel = level;
    options.auxStreams = auxStreams;
    options.relaxed = false;
    Silent silent;
    auto plan = builder::build(std::move(graph), io, options, silent);
    EXPECT_TRUE(plan.ok()) << plan.status().toString();
    return builder::testing::readBack(**plan);
}

builder::BuildTarget here() { return {exec::gpuTarget(*Rig::get().gpu), Rig::get().gpu}; }

std::shared_ptr<runtime::Engine> engineOf(std::shared_ptr<const plan::Plan> plan) {
    runtime::Machine machine;
    machine.host = exec::localTarget();
    machine.device = Rig::get().gpu;
    machine.gpu = exec::gpuTarget(*Rig::get().gpu);
    auto engine = runtime::Engine::create(std::move(plan), {}, machine);
    EXPECT_TRUE(engine.ok()) << engine.status().toString();
    return engine.take();
}

std::unique_ptr<runtime::Context> contextOf(const std::shared_ptr<runtime::Engine>& engine) {
    auto c = runtime::Context::create(engine, runtime::Context::Memory::kStatic);
    EXPECT_TRUE(c.ok()) << c.status().toString();
    return c.take();
}

// Inputs and outputs of one context, on both sides.
class Tensors {
  public:
    Tensors(const char* text, runtime::Context& c, const std::vector<ir::Dims>& shapes) : graph_(parse(text)) {
        Gpu& gpu = *Rig::get().gpu;
        for (size_t i = 0; i < shapes.size(); ++i) {
            inputs_.push_back(ir::allocateTensor(graph_->body().parameters()[i]->dtype(), shapes[i]).take());
            there_.push_back(DeviceBuffer::create(gpu, static_cast<int64_t>(inputs_[i].tensor.byteSize()) + 4).take());
            EXPECT_TRUE(c.setInputShape(static_cast<int>(i), shapes[i]).ok());
            EXPECT_TRUE(c.setAddress(static_cast<int>(i), there_[i].data()).ok());
        }
        for (size_t r = 0; r < graph_->body().results().size(); ++r) {
            int io = static_cast<int>(shapes.size() + r);
            dims_.push_back(c.shape(io));
            int64_t bytes = bytesOf(graph_->body().results()[r]->dtype(), ir::volume(dims_[r]));
            there_.push_back(DeviceBuffer::create(gpu, bytes + 4).take());
            EXPECT_TRUE(c.setAddress(io, there_.back().data()).ok());
        }
    }
    void fill(uint64_t seed, CuStream stream) {
        for (size_t i = 0; i < inputs_.size(); ++i) {
            const ir::Tensor& t = inputs_[i].tensor;
            EXPECT_TRUE(ops::fillRandom(t, isFloating(t.dtype) ? -1 : 0, 1, seed + i).ok());
        }
        upload(stream);
    }
    void upload(CuStream stream) {
        Gpu& gpu = *Rig::get().gpu;
        for (size_t i = 0; i < inputs_.size(); ++i)
            EXPECT_TRUE(gpu.copy(there_[i].data(), inputs_[i].tensor.data,
                                 static_cast<int64_t>(inputs_[i].tensor.byteSize()), stream)
                            .ok());
        EXPECT_TRUE(gpu.synchronize(stream).ok());
    }
    void check(CuStream stream, const std::string& where) {
        Gpu& gpu = *Rig::get().gpu;
        std::vector<ir::Tensor> in;
        for (const ir::HostTensor& t : inputs_) in.push_back(t.tensor);
        auto want = ir::interpret(*graph_, in);
        ASSERT_TRUE(want.ok()) << want.status().toString();
        for (size_t r = 0; r < want->size(); ++r) {
            auto got = ir::allocateTensor((*want)[r].tensor.dtype, dims_[r]);
            ASSERT_TRUE(got.ok());
            ASSERT_TRUE(gpu.copy(got->tensor.data, there_[inputs_.size() + r].data(),
                                 static_cast<int64_t>(got->tensor.byteSize()), stream)
                            .ok());
            ASSERT_TRUE(gpu.synchronize(stream).ok());
            Status same = exec::compare(got->tensor, (*want)[r].tensor, {.reduction = 64, .factor = 4});
            EXPECT_TRUE(same.ok()) << where << ", result " << r << ": " << same.message();
        }
    }
    ir::Tensor& input(size_t i) { return inputs_[i].tensor; }

  private:
    std::unique_ptr<ir::Graph> graph_;
    std::vector<ir::HostTensor> inputs_;
    std::vector<DeviceBuffer> there_;
    std::vector<ir::Dims> dims_;
};

TEST(GpuEngines, RunEveryShapeOfAProfileAndAgain) {
    NEEDS_GPU();
    auto engine = engineOf(planFor(kPerceptron, here()));
    auto c = contextOf(engine);
    auto stream = Stream::create(*Rig::get().gpu);
    ASSERT_TRUE(stream.ok());
    for (int64_t batch : {1, 9, 4, 4, 2, 3, 5, 6, 7, 8, 1}) {
        Tensors t(kPerceptron, *c, {{batch, 24}});
        for (int run = 0; run < 3; ++run) {
            t.fill(static_cast<uint64_t>(batch * 10 + run), stream->handle());
            Status s = c->run(stream->handle());
            ASSERT_TRUE(s.ok()) << s.toString();
            t.check(stream->handle(), fmt::format("batch {}, run {}", batch, run));
        }
    }
}

TEST(GpuEngines, PlansBuiltWithoutTheGpuRunOnIt) {
    NEEDS_GPU();
    auto absent = exec::absentGpuTarget(Rig::get().gpu->info().sm);
    if (!absent.ok()) GTEST_SKIP() << absent.status().message();
    auto engine = engineOf(planFor(kPerceptron, {*absent, nullptr}, 0));
    auto c = contextOf(engine);
    auto stream = Stream::create(*Rig::get().gpu);
    ASSERT_TRUE(stream.ok());
    Tensors t(kPerceptron, *c, {{4, 24}});
    t.fill(7, stream->handle());
    Status s = c->run(stream->handle());
    ASSERT_TRUE(s.ok()) << s.toString();
    t.check(stream->handle(), "built without a GPU");
}

TEST(GpuEngines, AreCapturedIntoTheProgramsGraph) {
    NEEDS_GPU();
    Gpu& gpu = *Rig::get().gpu;
    auto engine = engineOf(planFor(kPerceptron, here()));
    auto c = contextOf(engine);
    auto stream = Stream::create(gpu);
    ASSERT_TRUE(stream.ok());
    ASSERT_TRUE(c->setInputShape(0, {4, 24}).ok());
    auto unprepared = stream->capture([&](const Stream& s) { return c->run(s.handle()); });
    ASSERT_FALSE(unprepared.ok());
    EXPECT_THAT(unprepared.status().message(), HasSubstr("run it once before the capture"));
    Tensors t(kPerceptron, *c, {{4, 24}});
    t.fill(1, stream->handle());
    ASSERT_TRUE(c->run(stream->handle()).ok());
    auto graph = stream->capture([&](const Stream& s) { return c->run(s.handle()); });
    ASSERT_TRUE(graph.ok()) << graph.status().toString();
    for (uint64_t seed : {2, 3}) {
        t.fill(seed, stream->handle());
        ASSERT_TRUE(graph->launch(stream->handle()).ok());
        t.check(stream->handle(), "a captured run");
    }
}

// Four branches of several steps each.
constexpr const char* kBranches = R"(symbol s0 "batch" input %x 0 range 1 9
graph "branches" (%x: f32[s0, 64]) {
  const %w1 = f32[64, 512] random 1
  const %w2 = f32[512, 64] random 2
  const %w3 = f32[64, 64] random 3
  %s = softmax(%x) axis=1 @"soft"
  %a1 = matmul(%s, %w1) @"a1"
  %a2 = softmax(%a1) axis=1 @"a2"
  %a3 = matmul(%a2, %w2) @"a3"
  %b1 = layer_norm(%s) @"b1"
  %b2 = matmul(%b1, %w3) @"b2"
  %b3 = softmax(%b2) axis=1 @"b3"
  %c1 = matmul(%s, %w3) @"c1"
  %c2 = layer_norm(%c1) @"c2"
  %d1 = softmax(%x) axis=1 @"d1"
  %d2 = matmul(%d1, %w3) @"d2"
  %d3 = layer_norm(%d2) @"d3"
  %e = binary(%a3, %b3) kind=add @"e"
  %f = binary(%c2, %d3) kind=mul @"f"
  %g = binary(%e, %f) kind=add @"g"
  return %g, %c2
})";

TEST(GpuEngines, SpreadBranchesOverStreams) {
    NEEDS_GPU();
    Gpu& gpu = *Rig::get().gpu;
    auto engine = engineOf(planFor(kBranches, here(), 1, 3));
    ASSERT_GE(engine->auxStreams(), 1);
    ASSERT_LE(engine->auxStreams(), 3);
    auto stream = Stream::create(gpu), mine = Stream::create(gpu);
    ASSERT_TRUE(stream.ok() && mine.ok());
    for (bool given : {false, true}) {
        auto c = contextOf(engine);
        if (given) {
            ASSERT_TRUE(c->setAuxStreams({mine->handle()}).ok());
        }
        for (int64_t batch : {4, 9, 4, 1}) {
            Tensors t(kBranches, *c, {{batch, 64}});
            // Step by step, recorded, replayed.
            for (int run = 0; run < 20; ++run) {
                t.fill(static_cast<uint64_t>(batch * 100 + run), stream->handle());
                Status s = c->run(stream->handle());
                ASSERT_TRUE(s.ok()) << s.toString();
                t.check(stream->handle(), fmt::format("batch {}, run {}", batch, run));
            }
            auto graph = stream->capture([&](const Stream& s) { return c->run(s.handle()); });
            ASSERT_TRUE(graph.ok()) << graph.status().toString();
            for (uint64_t seed : {2, 3}) {
                t.fill(seed, stream->handle());
                ASSERT_TRUE(graph->launch(stream->handle()).ok());
                t.check(stream->handle(), "a captured run");
            }
            // Runs behind each other, without waits between them.
            t.fill(77, stream->handle());
            for (int run = 0; run < 10; ++run) ASSERT_TRUE(c->run(stream->handle()).ok());
            t.check(stream->handle(), "the last of many runs");
            c->setStepListener([](const plan::Step&, double) {});
            ASSERT_TRUE(c->run(stream->handle()).ok());
            t.check(stream->handle(), "a run that tells of its steps");
            c->setStepListener(nullptr);
        }
    }
}

TEST(GpuEngines, ContextsOfThreadsDoNotDisturbEachOther) {
    NEEDS_GPU();
    auto engine = engineOf(planFor(kPerceptron, here()));
    std::vector<std::thread> threads;
    for (uint64_t k = 0; k < 4; ++k)
        threads.emplace_back([&, k] {
            auto c = contextOf(engine);
            auto stream = Stream::create(*Rig::get().gpu);
            ASSERT_TRUE(stream.ok());
            for (int64_t batch : {4, 9, 4}) {
                Tensors t(kPerceptron, *c, {{batch, 24}});
                for (int run = 0; run < 20; ++run) {
                    t.fill(100 * k + static_cast<uint64_t>(run), stream->handle());
                    ASSERT_TRUE(c->run(stream->handle()).ok());
                    t.check(stream->handle(), "a thread");
                }
            }
        });
    for (std::thread& t : threads) t.join();
}

TEST(GpuEngines, LeakNothingInAThousandRuns) {
    NEEDS_GPU();
    Gpu& gpu = *Rig::get().gpu;
    auto engine = engineOf(planFor(kPerceptron, here()));
    auto stream = Stream::create(gpu);
    ASSERT_TRUE(stream.ok());
    auto c = contextOf(engine);
    // Other processes' memory comes and goes: what this one loses would be missing after every round.
    int64_t before = 0, leastLost = INT64_MAX;
    for (int round = 0; round < 6; ++round) {
        for (int64_t batch : {4, 9}) {
            Tensors t(kPerceptron, *c, {{batch, 24}});
            t.fill(1, stream->handle());
            for (int run = 0; run < 100; ++run) ASSERT_TRUE(c->run(stream->handle()).ok());
            ASSERT_TRUE(stream->synchronize().ok());
        }
        auto memory = gpu.memory();
        ASSERT_TRUE(memory.ok());
        if (round == 0)
            before = memory->free;
        else
            leastLost = std::min(leastLost, before - memory->free);
    }
    EXPECT_LT(leastLost, 4 << 20);  // the driver gives pages of 2 MiB
}

TEST(GpuEngines, TellOfAnIndexOutOfRangeAtTheNextRun) {
    NEEDS_GPU();
    constexpr const char* text = R"(graph "g" (%table: f32[5, 3], %i: i64[4]) {
  %y = gather(%table, %i) axis=0
  return %y
})";
    auto engine = engineOf(planFor(text, here()));
    auto c = contextOf(engine);
    auto stream = Stream::create(*Rig::get().gpu);
    ASSERT_TRUE(stream.ok());
    Tensors t(text, *c, {{5, 3}, {4}});
    t.fill(1, stream->handle());
    ASSERT_TRUE(c->run(stream->handle()).ok());
    t.check(stream->handle(), "indices in range");
    if (engine->program(0).steps.size() != 1) GTEST_SKIP() << "the gather does not run on the GPU alone";
    t.input(1).as<int64_t>()[2] = 77;
    t.upload(stream->handle());
    (void)c->run(stream->handle());
    ASSERT_TRUE(stream->synchronize().ok());
    Status s = c->run(stream->handle());
    ASSERT_FALSE(s.ok());
    EXPECT_EQ(s.code(), Code::kFailedComputation);
    // Once told, it goes on.
    t.fill(1, stream->handle());
    (void)c->run(stream->handle());
    ASSERT_TRUE(stream->synchronize().ok());
    (void)c->run(stream->handle());
    s = c->run(stream->handle());
    EXPECT_TRUE(s.ok()) << s.toString();
}

constexpr const char* kLoop = R"(graph "g" (%n: i64[1], %x: f32[3], %k: f32[3]) {
  %y, %all = loop(%n, -, %x) (%i: i64[], %c: bool[], %p: f32[3]) {
    const %true = bool[] [1]
    %f = cast(%i) to=f32
    %next = binary(%p, %k) kind=add
    %with = binary(%next, %f) kind=add
    return %true, %with, %with
  }
  return %y
})";

TEST(GpuEngines, RunLoops) {
    NEEDS_GPU();
    auto engine = engineOf(planFor(kLoop, here()));
    auto c = contextOf(engine);
    auto stream = Stream::create(*Rig::get().gpu);
    ASSERT_TRUE(stream.ok());
    Tensors t(kLoop, *c, {{1}, {3}, {3}});
    for (int64_t trips : {3, 0, 7}) {
        t.fill(5, stream->handle());
        t.input(0).as<int64_t>()[0] = trips;
        t.upload(stream->handle());
        Status s = c->run(stream->handle());
        ASSERT_TRUE(s.ok()) << s.toString();
        t.check(stream->handle(), fmt::format("{} trips", trips));
    }
}

}  // namespace
}  // namespace lathe::cuda
