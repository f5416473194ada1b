// SPDX-License-Identifier: Apache-2.0
// Building for a GPU where there is none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "builder/builder_testing.h"
#include "builder/timing_cache.h"
#include "exec/flat_program.h"
#include "exec/preparation.h"
#include "exec/target.h"
#include "ir/text.h"
#include "ops/plugin.h"
#include "ops/registry.h"
#include "plan/format.h"

namespace lathe::builder {
namespace {

using ::testing::HasSubstr;

struct Told : Observer {
    void log(Severity severity, const std::string& message) override {
        if (severity == Severity::kWarning) warnings += message + "\n";
    }
    std::string warnings;
};

// Floats that the GPU computes, and lengths that become extents, which the host must know.
constexpr const char* kGraph = R"(symbol s0 "n" input %x 0 range 1 16
graph "g" (%x: f32[s0, 8]) {
  const %w = f32[8, 8] random 1
  %h = matmul(%x, %w) @"product"
  %p = softmax(%h) axis=1 @"prob"
  %i = nonzero(%p) @"places"
  %t = transpose(%i) perm=[1,0] @"turned"
  %f = cast(%t) to=f32 @"floats"
  return %p, %f
})";

Result<std::unique_ptr<plan::Plan>> buildFor(std::vector<BuildTarget> targets, Told& told, TimingCache* cache = nullptr,
                                             int level = 0) {
    auto graph = TRY(ir::parse(kGraph, ops::find));
    IoNames io = testing::numberedIo(*graph);
    Options options;
    options.targets = std::move(targets);
    options.optimizationLevel = level;
    options.timingCache = cache;
    plan::Profile p;
    p.inputs.push_back({{1, 8}, {4, 8}, {16, 8}, {}, {}, {}});
    options.profiles = {p};
    return build(std::move(graph), io, options, told);
}

TEST(GpuBuild, NeedsNoGpuAndGivesAPlanThatReadsBack) {
    for (int level : {0, 3}) {
        Told told;
        auto plan = buildFor({{exec::absentGpuTarget(90).take(), nullptr}}, told, nullptr, level);
        ASSERT_TRUE(plan.ok()) << plan.status().toString();
        auto bytes = plan::writeBlock(**plan);
        ASSERT_TRUE(bytes.ok()) << bytes.status().toString();
        auto read = plan::read((*bytes)->bytes(), *bytes);
        ASSERT_TRUE(read.ok()) << read.status().toString();
        const plan::Program& program = *(*read)->programs[0];
        EXPECT_EQ(program.target, (*plan)->programs[0]->target);
        EXPECT_EQ(program.target.name(), "cuda:sm_90");
        auto flat = exec::FlatProgram::create(program);
        ASSERT_TRUE(flat.ok()) << flat.status().toString();
        bool onGpu = false;
        for (const exec::FlatStep& s : (*flat)->steps()) onGpu = onGpu || !s.onHost;
        EXPECT_TRUE(onGpu);
        // The same again, byte for byte.
        auto again = plan::writeBlock(**read);
        ASSERT_TRUE(again.ok());
        EXPECT_TRUE(std::equal((*bytes)->bytes().begin(), (*bytes)->bytes().end(), (*again)->bytes().begin(),
                               (*again)->bytes().end()));
    }
}

// Two perceptrons side by side.
constexpr const char* kBranches = R"(graph "g" (%x: f32[8, 64]) {
  const %w1 = f32[64, 64] random 1
  const %w2 = f32[64, 64] random 2
  %a = softmax(%x) axis=1 @"soft"
  %b = matmul(%a, %w1) @"left"
  %c = softmax(%b) axis=1 @"left soft"
  %d = softmax(%x) axis=0 @"right soft"
  %e = matmul(%d, %w2) @"right"
  %f = binary(%c, %e) kind=add @"sum"
  return %f
})";

TEST(GpuBuild, SpreadsBranchesOverStreams) {
    auto streamsOf = [](const char* target, int most) {
        auto graph = ir::parse(kBranches, ops::find);
        EXPECT_TRUE(graph.ok()) << graph.status().toString();
        IoNames io = testing::numberedIo(**graph);
        Options options;
        BuildTarget t;
        t.target = std::string_view(target) == "cpu" ? exec::buildTarget() : exec::absentGpuTarget(90).take();
        options.targets = {t};
        options.optimizationLevel = 0;
        options.auxStreams = most;
        Told told;
        auto plan = build(graph.take(), io, options, told);
        EXPECT_TRUE(plan.ok()) << plan.status().toString();
        auto read = testing::readBack(**plan);
        EXPECT_TRUE(read);
        auto flat = exec::FlatProgram::create(*read->programs[0]);
        EXPECT_TRUE(flat.ok()) << flat.status().toString();
        return (*flat)->streams();
    };
    EXPECT_EQ(streamsOf("cuda", 4), 2);
    EXPECT_EQ(streamsOf("cuda", 1), 2);
    EXPECT_EQ(streamsOf("cuda", 0), 1);
    // Steps of a few microseconds are not worth it.
    EXPECT_EQ(streamsOf("cuda", -1), 1);
    EXPECT_EQ(streamsOf("cpu", 4), 1);
}

TEST(GpuBuild, SeveralTargetsShareAPlan) {
    Told told;
    auto plan = buildFor({{exec::absentGpuTarget(90).take(), nullptr},
                          {exec::buildTarget(), nullptr},
                          {exec::absentGpuTarget(80).take(), nullptr}},
                         told);
    ASSERT_TRUE(plan.ok()) << plan.status().toString();
    ASSERT_EQ((*plan)->programs.size(), 3u);
    EXPECT_EQ((*plan)->profiles[0].program, 0);
    EXPECT_EQ((*plan)->profiles[0].others, (std::vector<int>{1, 2}));
    auto read = testing::readBack(**plan);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->profiles[0].others, (std::vector<int>{1, 2}));
    EXPECT_EQ(read->programs[1]->target.name(), exec::buildTarget().name());
    EXPECT_EQ(read->programs[2]->target.name(), "cuda:sm_80");
}

// Inputs and outputs in vectors: reorders of the GPU's, in a plan that reads back.
TEST(GpuBuild, FormatsOfInputsAndOutputs) {
    auto graph = ir::parse(R"(graph "g" (%x: f16[2, 3, 4, 5]) {
  %y = unary(%x) kind=neg
  return %y
})",
                           ops::find);
    ASSERT_TRUE(graph.ok()) << graph.status().toString();
    IoNames io;
    for (bool input : {true, false}) {
        plan::IoTensor t;
        t.name = input ? "x" : "y";
        t.isInput = input;
        t.dtype = DType::kHalf;
        t.shape = {2, 3, 4, 5};
        t.format = input ? 2 : 5;  // kHWC8, kCHW32
        io.io.push_back(t);
    }
    Options options;
    options.targets = {{exec::absentGpuTarget(80).take(), nullptr}};
    Told told;
    auto plan = build(graph.take(), io, options, told);
    ASSERT_TRUE(plan.ok()) << plan.status().toString();
    EXPECT_EQ(told.warnings, "") << "nothing runs on the host";
    auto read = testing::readBack(**plan);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->io[0].format, 2);
    EXPECT_EQ(read->io[1].format, 5);
    int reorders = 0;
    for (const plan::Step& s : read->programs[0]->steps)
        reorders += std::string_view(s.binding.tactic->id()).starts_with("cuda.reorder.regroup");
    EXPECT_EQ(reorders, 2);
    EXPECT_TRUE(exec::FlatProgram::create(*read->programs[0]).ok());
}

// Plugins by what they take.
class Nothing final : public ops::Plugin {
  public:
    Result<std::vector<ops::PluginChoice>> choices(std::span<const ops::PluginRange> in,
                                                   std::span<const ops::PluginRange> out) override {
        ops::PluginChoice c;
        c.formats.assign(in.size() + out.size(), 0);
        return std::vector{c};
    }
    int64_t workspaceBytes(std::span<const ops::PluginTensor>, std::span<const ops::PluginTensor>) override {
        return 0;
    }
    std::optional<std::string> timingText() override { return std::nullopt; }
    Result<std::unique_ptr<ops::PluginContext>> attach(const std::string&, int64_t, ops::PluginMemory*) override {
        return internalError("nobody runs it");
    }
};

Result<std::unique_ptr<plan::Plan>> buildWithPlugin(const char* takes, const tactics::Target& target, Told& told) {
    auto graph = TRY(ir::parse(fmt::format(R"(graph "g" (%x: f32[2, 8]) {{
  %a = softmax(%x) axis=1
  %b = plugin(%a) type="P" version="1" {} ranks=[2] output_types=[0] shapes="s0|s1" @"special"
  %c = softmax(%b) axis=1
  return %c
}})",
                                           takes),
                               ops::find));
    graph->forEachNode([](ir::Node& n) {
        if (&n.op() == ops::op_plugin) n.attrs<ops::PluginAttrs>().object = std::make_shared<Nothing>();
    });
    IoNames io;
    for (bool input : {true, false}) {
        plan::IoTensor t;
        t.name = input ? "in" : "out";
        t.isInput = input;
        t.shape = {2, 8};
        t.index = 0;
        io.io.push_back(t);
    }
    Options options;
    options.targets = {{target, nullptr}};
    plan::Profile p;
    p.inputs.push_back({{2, 8}, {2, 8}, {2, 8}, {}, {}, {}});
    options.profiles = {p};
    return build(std::move(graph), io, options, told);
}

TEST(GpuBuild, PluginsRunWhereTheirPointersAre) {
    const tactics::Target gpu = exec::absentGpuTarget(90).take();
    struct Case {
        const char *takes, *tactic;
        int reorders;
    };
    for (const Case& c :
         {Case{"device=true", "cuda.plugin.enqueue.v1", 0}, Case{"host=true device=true", "cuda.plugin.enqueue.v1", 0},
          Case{"host=true", "cpu.plugin.enqueue.v1", 2}}) {
        Told told;
        auto plan = buildWithPlugin(c.takes, gpu, told);
        ASSERT_TRUE(plan.ok()) << c.takes << ": " << plan.status().toString();
        auto read = testing::readBack(**plan);
        ASSERT_TRUE(read) << c.takes;
        int reorders = 0;
        std::string tactic;
        for (const plan::Step& s : read->programs[0]->steps) {
            if (&s.binding.nodes[0]->op() == ops::op_plugin) tactic = s.binding.tactic->id();
            reorders += s.binding.nodes[0]->op().name() == std::string_view("reorder");
        }
        EXPECT_EQ(tactic, c.tactic) << c.takes;
        EXPECT_EQ(reorders, c.reorders) << c.takes;
        auto flat = exec::FlatProgram::create(*read->programs[0]);
        EXPECT_TRUE(flat.ok()) << flat.status().toString();
        if (c.reorders)
            EXPECT_THAT(told.warnings, HasSubstr("takes pointers to host memory only"));
        else
            EXPECT_EQ(told.warnings, "") << c.takes;
    }
    Told told;
    auto refused = buildWithPlugin("device=true", exec::buildTarget(), told);
    ASSERT_FALSE(refused.ok());
    EXPECT_THAT(refused.status().message(), HasSubstr("not known to work on host memory"));
    refused = buildWithPlugin("", gpu, told);
    ASSERT_FALSE(refused.ok());
    EXPECT_THAT(refused.status().message(), HasSubstr("special"));
}

// Nothing in it is of one architecture alone, and what each kernel takes, all of them have.
TEST(GpuBuild, ForLaterGpusTakesWhatAllOfThemHave) {
    auto graph = ir::parse(R"(
graph "product" (%x: f16[1024, 512], %w: f16[2048, 512]) {
  %y = gemm(%x, %w) trans_b=true
  return %y
})",
                           ops::find);
    ASSERT_TRUE(graph.ok()) << graph.status().toString();
    for (bool later : {false, true}) {
        Options options;
        tactics::Target target = exec::absentGpuTarget(90).take();
        if (later) target = exec::ampereAndLater(target).take();
        options.targets = {{target, nullptr}};
        Told told;
        auto plan = build((*graph)->clone(), testing::numberedIo(**graph), options, told);
        ASSERT_TRUE(plan.ok()) << plan.status().toString();
        auto read = testing::readBack(**plan);
        ASSERT_TRUE(read);
        const plan::Program& program = *read->programs[0];
        EXPECT_EQ(program.target.name(), later ? "cuda:sm_80+" : "cuda:sm_90");
        EXPECT_EQ(program.target.reach, target.reach);
        exec::PackedStore store(program.target);
        std::vector<cuda::KernelPlan> kernels;
        std::map<const ir::Value*, ir::Dims> dims;
        auto dimsOf = [&](const ir::Value& v) -> const ir::Dims& {
            return dims.try_emplace(&v, ir::constantDims(v.shape())).first->second;
        };
        for (const plan::Step& s : program.steps)
            EXPECT_TRUE(
                s.binding.tactic->prepare(s.binding, exec::PlanPreparation(s.binding, dimsOf, store, kernels)).ok());
        ASSERT_FALSE(kernels.empty());
        bool general = true;
        for (const cuda::KernelPlan& k : kernels)
            for (const cuda::KernelSource& s : k.sources) general &= s.minSm <= 80 && s.maxSm >= 120 && !s.archSpecific;
        EXPECT_EQ(general, later) << "warpgroup products are of sm_90 alone";
    }
}

TEST(GpuBuild, RefusesArchitecturesThatNothingIsKnownOf) {
    auto t = exec::absentGpuTarget(91);
    ASSERT_FALSE(t.ok());
    EXPECT_THAT(t.status().message(), HasSubstr("sm_91"));
}

}  // namespace
}  // namespace lathe::builder
