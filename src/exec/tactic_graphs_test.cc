// SPDX-License-Identifier: Apache-2.0
// Tactics in graphs of more than one node: what they store at the end of a kernel, and what only shapes tell.
#include <gtest/gtest.h>

#include "exec/exec_testing.h"
#include "ir/text.h"
#include "kernels/cpu/onednn.h"
#include "ops/registry.h"

namespace lathe::exec {
namespace {

std::unique_ptr<ir::Graph> graphOf(const char* text) {
    auto graph = ir::parse(text, ops::find);
    EXPECT_TRUE(graph.ok()) << graph.status().toString();
    return graph.ok() ? graph.take() : nullptr;
}

// The tactic binds, gives what the interpreter gives, and at least `candidates` candidates are offered.
void expectMatches(const char* text, const char* tactic, int candidates = 1) {
    auto graph = graphOf(text);
    ASSERT_NE(graph, nullptr);
    auto inputs = testing::randomInputs(*graph, 5);
    const tactics::Tactic* t = tactics::find(tactic);
    ASSERT_NE(t, nullptr) << tactic;
    auto r = testing::compareTactic(*graph, *t, testing::tensorsOf(inputs), {.reduction = 256}, text);
    EXPECT_GE(r.candidates, candidates) << ::testing::PrintToString(r.refusals);
}

void expectRefusal(const char* text, const char* tactic, const char* reason) {
    auto graph = graphOf(text);
    ASSERT_NE(graph, nullptr);
    auto inputs = testing::randomInputs(*graph, 5);
    auto r = testing::compareTactic(*graph, *tactics::find(tactic), testing::tensorsOf(inputs), {}, text);
    EXPECT_EQ(r.candidates, 0);
    EXPECT_THAT(r.refusals, ::testing::Contains(::testing::HasSubstr(reason)));
}

TEST(TacticGraphs, DeconvStoresBiasResidualAndActivation) {
    // Five choices of layouts, times none, bias, residual, activation.
    expectMatches(R"(graph "g" (%x: f32[1, 16, 5, 6], %r: f32[1, 24, 10, 12]) {
  const %w = f32[16, 24, 2, 2] random 3
  const %b = f32[24, 1, 1] random 4
  %y = deconv(%x, %w) strides=[2, 2]
  %z = binary(%y, %b) kind=add
  %s = binary(%z, %r) kind=add
  %t = unary(%s) kind=relu
  return %t
})",
                  "cpu.deconv.fp32.v1", 20);
}

TEST(TacticGraphs, DeconvRefusesPaddingThatShapesDecide) {
    // Padding follows from the input's extent; one set of packed phases cannot serve both.
    auto graph = graphOf(R"(graph "g" (%x: f32[1, 8, 4, 4]) {
  const %w = f32[8, 8, 3, 3] random 3
  %y = deconv(%x, %w) strides=[2, 2] output_shape=[7, 7]
  return %y
})");
    ASSERT_NE(graph, nullptr);
    class Range final : public tactics::BindContext {
      public:
        const tactics::Target& target() const override { return target_; }
        ir::Dims minDims(const ir::Value&) const override { return {1, 8, 4, 4}; }
        ir::Dims optDims(const ir::Value&) const override { return {1, 8, 4, 4}; }
        ir::Dims maxDims(const ir::Value&) const override { return {1, 8, 6, 6}; }
        bool relaxed() const override { return true; }

      private:
        tactics::Target target_ = buildTarget();
    };
    auto r = tactics::find("cpu.deconv.fp32.v1")->bind(*graph->body().nodes()[0], Range());
    EXPECT_THAT(r.refusals, ::testing::Contains(::testing::HasSubstr("phases")));
    for (const tactics::Candidate& c : r.candidates) EXPECT_EQ(c.binding.params[0], 1) << "only patches can";
}

TEST(TacticGraphs, ChannelsJoinInEveryLayout) {
    expectMatches(R"(graph "g" (%x: f32[2, 16, 3, 5], %y: f32[2, 32, 3, 5], %z: f32[2, 5, 3, 5]) {
  %c = concat(%x, %y, %z) axis=1
  return %c
})",
                  "cpu.concat.channels.v1", 2);
    // Only the last input may end within a block.
    expectMatches(R"(graph "g" (%x: f32[2, 5, 4], %y: f32[2, 8, 4]) {
  %c = concat(%x, %y, %x) axis=-2
  return %c
})",
                  "cpu.concat.channels.v1", 1);
    expectRefusal(R"(graph "g" (%x: f32[2, 5, 4], %y: f32[2, 5, 4]) {
  %c = concat(%x, %y) axis=0
  return %c
})",
                  "cpu.concat.channels.v1", "channels");
}

TEST(TacticGraphs, TransposeOfAxesOfOneElementIsAView) {
    auto graph = graphOf(R"(graph "g" (%x: f32[7, 2, 1, 3]) {
  %y = transpose(%x) perm=[0, 2, 1, 3]
  %z = transpose(%y) perm=[2, 0, 1, 3]
  return %z
})");
    ASSERT_NE(graph, nullptr);
    auto inputs = testing::randomInputs(*graph, 5);
    testing::FixedShapes shapes(*graph, testing::tensorsOf(inputs));
    const tactics::Tactic* view = tactics::find("cpu.transpose.view.v1");
    auto first = view->bind(*graph->body().nodes()[0], shapes);
    ASSERT_EQ(first.candidates.size(), 1u);
    EXPECT_EQ(first.candidates[0].binding.aliases, (std::vector<std::pair<int, int>>{{0, 0}}));
    EXPECT_TRUE(view->bind(*graph->body().nodes()[1], shapes).candidates.empty());
    testing::compareTactic(*graph, *view, testing::tensorsOf(inputs), {}, "view");
}

TEST(TacticGraphs, VectorsMultiply) {
    expectMatches(R"(graph "g" (%x: f32[2, 6, 12], %r: f32[2, 6]) {
  const %v = f32[12] random 3
  const %b = f32[1] [0.5]
  %y = matmul(%x, %v)
  %z = binary(%y, %b) kind=add
  %s = binary(%z, %r) kind=add
  return %s
})",
                  "cpu.matmul.gemm.v1", 3);
    // A value a row is no bias of the product's one column.
    expectMatches(R"(graph "g" (%x: f32[2, 6, 12]) {
  const %v = f32[12] random 3
  const %b = f32[6] random 4
  %y = matmul(%x, %v)
  %z = binary(%y, %b) kind=add
  return %z
})",
                  "cpu.matmul.gemm.v1", 1);
    expectMatches(R"(graph "g" (%x: f32[12], %r: f32[7]) {
  const %w = f32[12, 7] random 3
  const %b = f32[7] random 4
  %y = matmul(%x, %w)
  %z = binary(%y, %b) kind=add
  %s = binary(%z, %r) kind=add
  return %s
})",
                  "cpu.matmul.gemm.v1", 3);
}

TEST(TacticGraphs, ResizeTakesInfinityAtItsOwnPlace) {
    // Weights of 0 beside an infinite element must not make NaN of it.
    auto graph = graphOf(R"(graph "g" (%x: f32[1, 1, 2, 3]) {
  const %s = f32[4] [1, 1, 2, 2]
  %y = resize(%x, -, %s) mode=linear coord=asymmetric
  return %y
})");
    ASSERT_NE(graph, nullptr);
    auto x = ir::allocateTensor(DType::kFloat, {1, 1, 2, 3});
    ASSERT_TRUE(x.ok());
    float values[] = {1, INFINITY, 2, 3, 4, -5};
    std::copy_n(values, 6, x->tensor.as<float>());
    ir::Tensor inputs[] = {x->tensor};
    testing::expectTacticMatches(*graph, "cpu.resize.taps.v1", inputs);
}

TEST(TacticGraphs, ScattersMayRunInPlaceAndRefuseRoundedSums) {
    auto graph = graphOf(R"(graph "g" (%x: f32[5, 4], %u: f32[2, 4]) {
  const %i = i64[2, 1] [3, 0]
  %y = scatter_nd(%x, %i, %u)
  return %y
})");
    ASSERT_NE(graph, nullptr);
    auto inputs = testing::randomInputs(*graph, 5);
    testing::FixedShapes shapes(*graph, testing::tensorsOf(inputs));
    auto r = tactics::find("cpu.scatter_nd.indexed.v1")->bind(*graph->body().nodes()[0], shapes);
    ASSERT_EQ(r.candidates.size(), 1u);
    EXPECT_EQ(r.candidates[0].binding.inPlace, (std::vector<std::pair<int, int>>{{0, 0}}));
    expectRefusal(R"(graph "g" (%x: f16[5, 4], %u: f16[2, 4]) {
  const %i = i64[2, 1] [3, 0]
  %y = scatter_nd(%x, %i, %u) reduction=add
  return %y
})",
                  "cpu.scatter_nd.indexed.v1", "rounded");
}

TEST(TacticGraphs, OneDnnStoresWhatOursStore) {
    if (cpu::onednn::version().empty()) GTEST_SKIP() << cpu::onednn::absence();
    int64_t batch = localTarget().threads;
    for (int64_t n : {int64_t{1}, batch}) {
        expectMatches(fmt::format(R"(graph "g" (%x: f32[{0}, 32, 13, 11], %r: f32[{0}, 64, 7, 6]) {{
  const %w = f32[64, 32, 3, 3] random 3
  const %b = f32[64, 1, 1] random 4
  %y = conv(%x, %w) strides=[2, 2] pads=[1, 1, 1, 1]
  %z = binary(%y, %b) kind=add
  %s = binary(%z, %r) kind=add
  %t = unary(%s) kind=relu
  return %t
}})",
                                  n)
                          .c_str(),
                      "cpu.conv.onednn.v1", 4);
        expectMatches(fmt::format(R"(graph "g" (%x: f32[{0}, 32, 9, 8], %r: f32[{0}, 64, 9, 8]) {{
  const %w = f32[64, 32, 1, 1] random 3
  const %b = f32[64] random 4
  %y = conv(%x, %w, %b)
  %t = unary(%y) kind=hard_swish
  %s = binary(%t, %r) kind=add
  return %s
}})",
                                  n)
                          .c_str(),
                      "cpu.conv.onednn.v1", 3);
        expectMatches(fmt::format(R"(graph "g" (%x: f32[{0}, 32, 5, 6]) {{
  const %w = f32[32, 64, 2, 2] random 3
  const %b = f32[64] random 4
  %y = deconv(%x, %w, %b) strides=[2, 2]
  %t = unary(%y) kind=relu
  return %t
}})",
                                  n)
                          .c_str(),
                      "cpu.deconv.onednn.v1", 1);
    }
    for (int64_t rows : {int64_t{1}, 8 * batch + 3}) {
        expectMatches(fmt::format(R"(graph "g" (%x: f32[{0}, 96], %r: f32[{0}, {1}]) {{
  const %w = f32[{1}, 96] random 3
  const %b = f32[{1}] random 4
  %y = matmul(%x, %w) transpose_b=true
  %z = binary(%y, %b) kind=add
  %t = unary(%z) kind=gelu_erf
  %s = binary(%t, %r) kind=add
  return %s
}})",
                                  rows, 64 * batch)
                          .c_str(),
                      "cpu.matmul.onednn.v1", 2);
    }
}

TEST(TacticGraphs, WhatOnlyTheRunTellsIsRefused) {
    expectRefusal(R"(graph "g" (%x: f32[4, 3], %p: i64[4]) {
  %y = pad(%x, %p)
  return %y
})",
                  "cpu.pad.runs.v1", "pads are not known");
    expectRefusal(R"(graph "g" (%x: f32[3, 4]) {
  %y = strided_slice(%x) start=[1, 1] size=[2, 7] mode=clamp
  return %y
})",
                  "cpu.strided_slice.strided.v1", "outside");
}

TEST(TacticGraphs, ALengthOutOfRangeIsAnError) {
    auto graph = graphOf(R"(graph "g" (%x: f32[3, 2, 4], %l: i32[2]) {
  const %w = f32[1, 12, 4] random 3
  const %r = f32[1, 12, 3] random 4
  %y = lstm(%x, %w, %r, -, %l)
  return %y
})");
    ASSERT_NE(graph, nullptr);
    auto inputs = testing::randomInputs(*graph, 5);
    testing::FixedShapes shapes(*graph, testing::tensorsOf(inputs));
    auto r = tactics::find("cpu.lstm.fused.v1")->bind(*graph->body().nodes()[0], shapes);
    ASSERT_EQ(r.candidates.size(), 1u);
    auto alone = Standalone::create(r.candidates[0].binding, shapes);
    ASSERT_TRUE(alone.ok()) << alone.status().toString();
    inputs[1].tensor.as<int32_t>()[1] = 4;
    ASSERT_TRUE((*alone)->setInput(0, inputs[0].tensor).ok());
    ASSERT_TRUE((*alone)->setInput(1, inputs[1].tensor).ok());
    Status s = (*alone)->run();
    EXPECT_FALSE(s.ok());
    EXPECT_THAT(s.message(), ::testing::HasSubstr("length is 4"));
}

}  // namespace
}  // namespace lathe::exec
