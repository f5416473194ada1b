// SPDX-License-Identifier: Apache-2.0
// Tactics over images that cover several nodes, and elementwise groups in the layouts of images.
#include <gtest/gtest.h>

#include <cstring>

#include "exec/exec_testing.h"
#include "ir/text.h"
#include "ops/registry.h"

namespace lathe::exec {
namespace {

std::unique_ptr<ir::Graph> parse(const char* text) {
    auto graph = ir::parse(text, ops::find);
    EXPECT_TRUE(graph.ok()) << graph.status().toString();
    return graph.ok() ? graph.take() : nullptr;
}

// How many candidates of the tactic cover `nodes` nodes.
int countCovering(const ir::Graph& graph, const char* tacticId, size_t nodes) {
    auto inputs = testing::randomInputs(graph, 7);
    testing::FixedShapes shapes(graph, testing::tensorsOf(inputs));
    const tactics::Tactic* tactic = tactics::find(tacticId);
    int count = 0;
    for (const auto& n : graph.body().nodes())
        if (std::strcmp(n->op().name(), tactic->anchor()) == 0 || std::strcmp(tactic->anchor(), "*") == 0)
            for (const tactics::Candidate& c : tactic->bind(*n, shapes).candidates)
                count += c.binding.nodes.size() == nodes;
    return count;
}

// The gate of a squeeze-and-excite block in front of a convolution, a residual after it.
TEST(ImageTactics, ConvolutionOfGatedInput) {
    auto graph = parse(R"(graph "gate" (%x: f32[2, 20, 5, 6], %s: f32[2, 20, 1, 1], %r: f32[2, 24, 5, 6]) {
  const %w = f32[24, 20, 1, 1] random 1
  const %b = f32[24] random 2
  %g = binary(%s, %x) kind=mul @"gate"
  %c = conv(%g, %w, %b) @"conv"
  %y = binary(%c, %r) kind=add @"add"
  return %y
})");
    ASSERT_TRUE(graph);
    testing::expectTacticMatches(*graph, "cpu.conv.fp32.v1");
    EXPECT_GT(countCovering(*graph, "cpu.conv.fp32.v1", 3), 0);
}

TEST(ImageTactics, ConvolutionOfConcatenation) {
    auto graph = parse(R"(graph "concat" (%x: f32[2, 32, 7, 6], %z: f32[2, 21, 7, 6]) {
  const %w = f32[24, 53, 3, 3] random 1
  %k = concat(%x, %z) axis=1 @"concat"
  %c = conv(%k, %w) pads=[1, 1, 1, 1] @"conv"
  %y = unary(%c) kind=relu @"relu"
  return %y
})");
    ASSERT_TRUE(graph);
    // Winograd with tiles of 4 loses a few bits.
    testing::expectTacticMatches(*graph, "cpu.conv.fp32.v1", {.reduction = 53 * 9});
    EXPECT_GT(countCovering(*graph, "cpu.conv.fp32.v1", 3), 0);
}

// The same value twice, and a concatenation along another axis, are left alone.
TEST(ImageTactics, OtherInputsStayOutside) {
    auto twice = parse(R"(graph "twice" (%x: f32[1, 16, 7, 6]) {
  const %w = f32[8, 32, 3, 3] random 1
  %k = concat(%x, %x) axis=1 @"concat"
  %y = conv(%k, %w) @"conv"
  return %y
})");
    auto rows = parse(R"(graph "rows" (%x: f32[1, 16, 7, 6], %z: f32[1, 16, 2, 6]) {
  const %w = f32[8, 16, 3, 3] random 1
  %k = concat(%x, %z) axis=2 @"concat"
  %y = conv(%k, %w) @"conv"
  return %y
})");
    auto read = parse(R"(graph "read" (%x: f32[1, 16, 7, 6], %s: f32[1, 16, 1, 1]) {
  const %w = f32[8, 16, 3, 3] random 1
  %k = binary(%x, %s) kind=mul @"gate"
  %y = conv(%k, %w) @"conv"
  return %y, %k
})");
    for (const auto& graph : {std::move(twice), std::move(rows), std::move(read)}) {
        ASSERT_TRUE(graph);
        testing::expectTacticMatches(*graph, "cpu.conv.fp32.v1");
        EXPECT_EQ(countCovering(*graph, "cpu.conv.fp32.v1", 2), 0) << graph->name;
    }
}

// x * sigmoid(x) in two nodes is the activation silu, x * hard_sigmoid(x) is hard swish.
TEST(ImageTactics, SpelledOutGates) {
    for (const char* kind : {"sigmoid", "hard_sigmoid alpha=0.2 beta=0.5"}) {
        std::string text = R"(graph "silu" (%x: f32[1, 8, 5, 6]) {
  const %w = f32[20, 8, 3, 3] random 1
  const %b = f32[20] random 2
  %c = conv(%x, %w, %b) @"conv"
  %s = unary(%c) kind=)" + std::string(kind) +
                           R"( @"sigmoid"
  %y = binary(%s, %c) kind=mul @"mul"
  return %y
})";
        auto graph = parse(text.c_str());
        ASSERT_TRUE(graph);
        testing::expectTacticMatches(*graph, "cpu.conv.fp32.v1");
        EXPECT_GT(countCovering(*graph, "cpu.conv.fp32.v1", 3), 0) << kind;
    }
}

int layoutsOffered(const ir::Graph& graph) {
    auto inputs = testing::randomInputs(graph, 7);
    testing::FixedShapes shapes(graph, testing::tensorsOf(inputs));
    int mask = 0;
    for (const tactics::Candidate& c :
         tactics::find("cpu.any.pointwise.v1")->bind(*graph.body().nodes()[0], shapes).candidates)
        mask |= 1 << static_cast<int>(c.binding.outputLayouts[0]);
    return __builtin_popcount(static_cast<unsigned>(mask));
}

TEST(ImageTactics, ElementwiseGroupsInEveryLayout) {
    auto graph = parse(R"(graph "group" (%x: f32[2, 21, 9, 11], %s: f32[2, 21, 1, 1], %z: f32[2, 21, 9, 11]) {
  const %p = f32[21, 1, 1] random 1
  const %k = f32[] random 2
  %a = binary(%x, %p) kind=prelu @"prelu"
  %b = binary(%a, %s) kind=mul @"gate"
  %c = binary(%b, %z) kind=add @"add"
  %d = binary(%c, %k) kind=mul @"half"
  %y = unary(%d) kind=silu alpha=1 @"silu"
  return %y
})");
    ASSERT_TRUE(graph);
    testing::expectTacticMatches(*graph, "cpu.any.pointwise.v1");
    EXPECT_EQ(layoutsOffered(*graph), 3);
}

// exp(0) is not 0, so padded channels would not stay zero; whole blocks have none.
TEST(ImageTactics, PaddedChannelsStayZero) {
    auto padded = parse(R"(graph "padded" (%x: f32[1, 21, 9, 11]) {
  %y = unary(%x) kind=exp @"exp"
  return %y
})");
    auto whole = parse(R"(graph "whole" (%x: f32[1, 32, 9, 11]) {
  %y = unary(%x) kind=exp @"exp"
  return %y
})");
    ASSERT_TRUE(padded && whole);
    EXPECT_EQ(layoutsOffered(*padded), 2);
    EXPECT_EQ(layoutsOffered(*whole), 3);
    testing::expectTacticMatches(*whole, "cpu.any.pointwise.v1");
}

TEST(ImageTactics, ElementwiseWithOtherShapesStaysRowMajor) {
    auto graph = parse(R"(graph "rows" (%x: f32[1, 16, 9, 11], %r: f32[9, 11]) {
  %y = binary(%x, %r) kind=add @"add"
  return %y
})");
    ASSERT_TRUE(graph);
    EXPECT_EQ(layoutsOffered(*graph), 1);
    testing::expectTacticMatches(*graph, "cpu.any.pointwise.v1");
}

}  // namespace
}  // namespace lathe::exec
