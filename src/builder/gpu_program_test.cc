// SPDX-License-Identifier: Apache-2.0
// Programs for a GPU without one: placement, covers, transfers and the executor, on a device whose memory the host
// cannot touch and whose kernels are the reference's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "builder/emit.h"
#include "exec/exec_testing.h"
#include "exec/fake_device_testing.h"
#include "exec/layout.h"
#include "exec/target.h"
#include "ir/text.h"
#include "ops/registry.h"
#include "ops/reorder.h"

namespace lathe::builder {
namespace {

using exec::testing::FakeDevice;
using exec::testing::Session;
using tactics::Layout;
using ::testing::HasSubstr;

// Extents don't matter to what these tests bind.
class AnyShape final : public tactics::BindContext {
  public:
    explicit AnyShape(const tactics::Target& target) : target_(target) {}
    const tactics::Target& target() const override { return target_; }
    ir::Dims minDims(const ir::Value& v) const override { return ir::Dims(v.shape().size(), 1); }
    ir::Dims optDims(const ir::Value& v) const override { return minDims(v); }
    ir::Dims maxDims(const ir::Value& v) const override { return minDims(v); }
    bool relaxed() const override { return true; }

  private:
    const tactics::Target& target_;
};

using OnHost = std::function<bool(const ir::Node&)>;

// Every node by the reference tactic: on the host where `onHost` says so or its elements become extents, else disguised
// on the device.
std::unique_ptr<plan::Program> place(const char* text, FakeDevice& device, const OnHost& onHost,
                                     std::vector<plan::IoTensor> io = {}) {
    auto graph = ir::parse(text, ops::find);
    EXPECT_TRUE(graph.ok()) << graph.status().toString();
    auto program = std::make_unique<plan::Program>();
    program->graph = graph.take();
    program->target = exec::absentGpuTarget(90).take();
    plan::placeIo(*program, io);
    plan::Placement placement(*program);
    AnyShape shapes(program->target);
    const tactics::Tactic* reference = tactics::find("cpu.any.reference.v1");
    const tactics::Tactic* there = exec::testing::disguise(*reference, device);
    std::function<Result<std::vector<plan::Step>>(ir::Region&)> make =
        [&](ir::Region& region) -> Result<std::vector<plan::Step>> {
        std::vector<TimedCandidate> list;
        for (const auto& n : region.nodes()) {
            TimedCandidate c;
            tactics::Binding& b = c.candidate.binding;
            if (!n->regions().empty()) {
                b.nodes = {n.get()};
                for (int i = 0; i < n->inputCount(); ++i)
                    if (const ir::Value* v = n->input(i); v && !v->isConstant()) {
                        b.inputs.push_back(v);
                        b.inputLayouts.push_back(placement.ofInput(*n, i));
                    }
                for (const ir::Value* v : n->outputs()) {
                    b.outputs.push_back(v);
                    b.outputLayouts.push_back(placement.of(*v));
                }
            } else {
                bool host = onHost(*n);
                for (const ir::Value* v : n->outputs()) host = host || placement.isRead(*v);
                b = tactics::bindNode(host ? *reference : *there, *n);
                if (host) plan::moveToHost(b);
            }
            list.push_back(std::move(c));
        }
        auto cost = [](const ir::Value&, Layout, Layout) { return 1e-5; };
        Cover cover = TRY(chooseCover(region, list, cost, placement));
        auto bindReorder = [&](const ir::Node& n) -> Result<TimedCandidate> {
            const auto& a = n.attrs<ops::ReorderAttrs>();
            bool moves = a.from == static_cast<int64_t>(Layout::kHost) || a.to == static_cast<int64_t>(Layout::kHost);
            const tactics::Tactic* plain = exec::testing::disguise(*tactics::find("cpu.reorder.plain.v1"), device);
            auto bound = (moves ? tactics::find("cuda.reorder.transfer.v1") : plain)->bind(n, shapes);
            if (bound.candidates.size() != 1) return internalError("no transfer");
            return TimedCandidate{bound.candidates[0], 0};
        };
        auto nested = [&](ir::Node& control) -> Result<std::vector<std::vector<plan::Step>>> {
            std::vector<std::vector<plan::Step>> out;
            for (const auto& r : control.regions()) out.push_back(TRY(make(*r)));
            return out;
        };
        return emitSteps(region, cover, bindReorder, nested, placement);
    };
    auto steps = make(program->graph->body());
    EXPECT_TRUE(steps.ok()) << steps.status().toString();
    if (steps.ok()) program->steps = steps.take();
    return program;
}

bool nowhere(const ir::Node&) { return false; }
OnHost named(std::string name) {
    return [name](const ir::Node& n) { return n.name() == name; };
}

int transfers(const std::vector<plan::Step>& steps, Layout to) {
    int count = 0;
    for (const plan::Step& s : steps) {
        count += s.binding.tactic && std::string_view(s.binding.tactic->id()).find("transfer") != std::string::npos &&
                 s.binding.outputLayouts[0] == to;
        for (const auto& r : s.regions) count += transfers(r, to);
    }
    return count;
}

void expectSame(Session& session, const char* text, std::span<const ir::Tensor> inputs) {
    auto graph = ir::parse(text, ops::find);
    ASSERT_TRUE(graph.ok()) << graph.status().toString();
    exec::testing::expectSameAsInterpreter(session, **graph, inputs);
}

constexpr const char* kChain = R"(graph "chain" (%x: f32[3, 5], %y: f32[5]) {
  const %w = f32[5] random 1
  %a = binary(%x, %y) kind=add @"a"
  %b = unary(%a) kind=relu @"b"
  %c = binary(%b, %w) kind=mul @"c"
  %d = binary(%c, %a) kind=sub @"d"
  return %d, %b
})";

TEST(GpuProgram, RunsOnTheDeviceAloneAndIsRecordedWhenAddressesRepeat) {
    FakeDevice device;
    auto program = place(kChain, device, nowhere);
    EXPECT_EQ(program->steps.size(), 4u);
    Session s(*program, &device);
    for (int run = 0; run < 4; ++run) {
        auto inputs = exec::testing::randomInputs(*program->graph, 3 + static_cast<uint64_t>(run));
        expectSame(s, kChain, exec::testing::tensorsOf(inputs));
        EXPECT_EQ(s.prepared().waitingStep(), nullptr);
        EXPECT_EQ(s.prepared().replays(), run == 0 ? 0 : run);
    }
    EXPECT_EQ(device.launches, 3);
    EXPECT_EQ(device.kernels, 4 * 4);
}

TEST(GpuProgram, AStepOnTheHostIsFedAndReadBack) {
    FakeDevice device;
    auto program = place(kChain, device, named("b"));
    EXPECT_EQ(transfers(program->steps, Layout::kHost), 1);
    EXPECT_EQ(transfers(program->steps, Layout::kLinear), 1);
    Session s(*program, &device);
    for (int run = 0; run < 3; ++run) {
        auto inputs = exec::testing::randomInputs(*program->graph, 3 + static_cast<uint64_t>(run));
        expectSame(s, kChain, exec::testing::tensorsOf(inputs));
    }
    ASSERT_NE(s.prepared().waitingStep(), nullptr);
    EXPECT_THAT(s.prepared().waitingStep()->name, HasSubstr("reorder"));
    EXPECT_EQ(s.prepared().replays(), 0);
}

TEST(GpuProgram, CannotBeCapturedWhereItWaits) {
    FakeDevice device;
    auto program = place(kChain, device, named("b"));
    Session s(*program, &device);
    auto inputs = exec::testing::randomInputs(*program->graph, 3);
    device.setCapturing(s.stream());
    auto r = s.run(exec::testing::tensorsOf(inputs));
    ASSERT_FALSE(r.ok());
    EXPECT_EQ(r.status().code(), Code::kInvalidState);
    EXPECT_THAT(r.status().message(), HasSubstr("cannot be captured"));
}

// What the host computes from its own inputs goes up before a recording, anew each time.
TEST(GpuProgram, HostInputsAreSentAgainBeforeAReplay) {
    constexpr const char* text = R"(graph "g" (%x: f32[4], %n: f32[4]) {
  %h = unary(%n) kind=neg @"host"
  %a = unary(%x) kind=relu @"a"
  %b = binary(%a, %x) kind=mul @"b"
  %c = binary(%b, %h) kind=add @"c"
  return %c, %h
})";
    FakeDevice device;
    plan::IoTensor shape;
    shape.isInput = shape.isShape = true;
    shape.index = 1;
    plan::IoTensor out;
    out.isShape = true;
    out.index = 1;
    auto program = place(text, device, named("host"), {shape, out});
    EXPECT_TRUE(program->hostParameters[1]);
    EXPECT_TRUE(program->hostResults[1]);
    Session s(*program, &device);
    std::vector<ir::HostTensor> inputs = exec::testing::randomInputs(*program->graph, 1);
    for (int run = 0; run < 4; ++run) {
        for (int k = 0; k < 4; ++k) inputs[1].tensor.as<float>()[k] = static_cast<float>(10 * run + k);
        expectSame(s, text, exec::testing::tensorsOf(inputs));
    }
    EXPECT_EQ(s.prepared().waitingStep(), nullptr);
}

constexpr const char* kLoop = R"(graph "g" (%n: i64[1], %x: f32[3], %k: f32[3]) {
  %y, %z, %all = loop(%n, -, %x, %x) (%i: i64[], %c: bool[], %p: f32[3], %q: f32[3]) {
    const %true = bool[] [1]
    %f = cast(%i) to=f32
    %next = binary(%p, %k) kind=add
    %with = binary(%next, %f) kind=add
    return %true, %q, %with, %with
  }
  %r = binary(%y, %z) kind=add
  return %r, %all
})";

TEST(GpuProgram, LoopsKeepTheirStateOnTheDevice) {
    for (bool bodyOnHost : {false, true}) {
        FakeDevice device;
        auto program = place(kLoop, device, [&](const ir::Node& n) {
            return bodyOnHost && n.op().name() == std::string_view("binary") && n.parent()->parentNode();
        });
        Session s(*program, &device);
        for (int64_t trips : {3, 0, 5}) {
            auto inputs = exec::testing::randomInputs(*program->graph, 9);
            inputs[0].tensor.as<int64_t>()[0] = trips;
            expectSame(s, kLoop, exec::testing::tensorsOf(inputs));
        }
        ASSERT_NE(s.prepared().waitingStep(), nullptr);
    }
}

constexpr const char* kBranch = R"(graph "g" (%c: bool[1], %x: f32[2, 3]) {
  %w = unary(%x) kind=exp
  %y = if(%c) () {
    %a = unary(%w) kind=neg
    return %a
  } () {
    return %x
  }
  return %y
})";

TEST(GpuProgram, BranchesAskTheHostWhichWay) {
    FakeDevice device;
    auto program = place(kBranch, device, nowhere);
    EXPECT_EQ(transfers(program->steps, Layout::kHost), 1);
    Session s(*program, &device);
    for (bool which : {true, false}) {
        auto inputs = exec::testing::randomInputs(*program->graph, 9);
        inputs[0].tensor.as<bool>()[0] = which;
        expectSame(s, kBranch, exec::testing::tensorsOf(inputs));
    }
}

// Formats of inputs and outputs: steps read row-major values, also in branches, and results go back.
TEST(GpuProgram, FormatsOfInputsAndOutputs) {
    constexpr const char* kText = R"(graph "g" (%c: bool[1], %x: f32[2, 3, 4]) {
  %w = unary(%x) kind=exp
  %y = if(%c) () {
    %a = unary(%w) kind=neg
    return %a
  } () {
    return %x
  }
  return %y, %w
})";
    std::vector<plan::IoTensor> io(4);
    for (size_t i = 0; i < 4; ++i) {
        io[i].isInput = i < 2;
        io[i].index = static_cast<int>(i % 2);
        io[i].format = i == 1 || i == 2 ? 8 : 0;  // kHWC of x and y
    }
    FakeDevice device;
    auto program = place(kText, device, nowhere, io);
    const tactics::Format hwc{DType::kFloat, Layout::kHwc};
    const ir::Dims dims = {2, 3, 4};
    Session s(*program, &device);
    for (bool which : {true, false}) {
        auto inputs = exec::testing::randomInputs(*program->graph, 9);
        inputs[0].tensor.as<bool>()[0] = which;
        auto packed = exec::testing::randomInputs(*program->graph, 9);
        packed[0].tensor.as<bool>()[0] = which;
        ASSERT_TRUE(exec::fromLinear(hwc, dims, inputs[1].tensor.data, packed[1].tensor.data).ok());
        auto outputs = s.run(exec::testing::tensorsOf(packed));
        ASSERT_TRUE(outputs.ok()) << outputs.status().toString();
        std::vector<float> y(24);
        ASSERT_TRUE(exec::toLinear(hwc, dims, (*outputs)[0].tensor.data, y.data()).ok());
        for (size_t i = 0; i < 24; ++i) {
            float x = inputs[1].tensor.as<float>()[i];
            EXPECT_FLOAT_EQ((*outputs)[1].tensor.as<float>()[i], std::exp(x)) << i;
            EXPECT_FLOAT_EQ(y[i], which ? -std::exp(x) : x) << i;
        }
    }
}

constexpr const char* kFound = R"(graph "g" (%x: f32[6]) {
  %i = nonzero(%x)
  %t = transpose(%i) perm=[1,0]
  %f = cast(%t) to=f32
  %y = unary(%f) kind=neg
  return %y
})";

TEST(GpuProgram, ExtentsThatAreFoundWhileRunning) {
    for (bool followersOnHost : {false, true}) {
        FakeDevice device;
        auto program = place(kFound, device, [&](const ir::Node& n) {
            return n.op().name() == std::string_view("nonzero") ||
                   (followersOnHost && n.op().name() == std::string_view("cast"));
        });
        Session s(*program, &device);
        auto inputs = exec::testing::randomInputs(*program->graph, 9);
        for (int k = 0; k < 6; k += 2) inputs[0].tensor.as<float>()[k] = 0;
        expectSame(s, kFound, exec::testing::tensorsOf(inputs));
        inputs[0].tensor.as<float>()[1] = 0;
        expectSame(s, kFound, exec::testing::tensorsOf(inputs));
    }
}

TEST(GpuProgram, RefusesMemoryOfTheWrongPlace) {
    FakeDevice device;
    auto program = place(kChain, device, nowhere);
    plan::Step& step = program->steps[0];
    step.binding = tactics::bindNode(*tactics::find("cpu.any.reference.v1"), *step.binding.nodes[0]);
    auto flat = exec::FlatProgram::create(*program);
    ASSERT_FALSE(flat.ok());
    EXPECT_THAT(flat.status().message(), HasSubstr("works on the GPU's memory"));
}

}  // namespace
}  // namespace lathe::builder
