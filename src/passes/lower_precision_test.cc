// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "ir/interpreter.h"
#include "ir/text.h"
#include "ir/verify.h"
#include "ops/registry.h"
#include "passes/passes.h"
#include "passes/rewrite.h"

namespace lathe::passes {
namespace {

std::unique_ptr<ir::Graph> lowered(const char* text, PrecisionChoice choice = {}) {
    auto g = ir::parse(text, ops::find);
    EXPECT_TRUE(g.ok()) << g.status().toString();
    if (!g.ok()) return nullptr;
    auto changed = lowerPrecision(**g, choice);
    EXPECT_TRUE(changed.ok()) << changed.status().toString();
    EXPECT_TRUE(ir::verify(**g).ok()) << ir::verify(**g).toString();
    return g.take();
}

int count(const ir::Graph& g, const char* op, DType type) {
    int n = 0;
    g.forEachNode([&](ir::Node& node) { n += isOp(&node, op) && node.output()->dtype() == type; });
    return n;
}

constexpr const char* kDense = R"(graph "g" (%x: f32[2, 3]) {
  const %w = f32[3, 2] [1, 2, 3, 4, 5, 6]
  const %b = f32[2] [0.5, -0.5]
  %m = matmul(%x, %w) @"m"
  %s = binary(%m, %b) @"s"
  %y = softmax(%s) @"y"
  return %y
})";

TEST(LowerPrecision, ComputesInTheNarrowTypeBetweenCasts) {
    auto g = lowered(kDense);
    ASSERT_TRUE(g);
    EXPECT_EQ(count(*g, "matmul", DType::kHalf), 1);
    EXPECT_EQ(count(*g, "softmax", DType::kHalf), 1);
    EXPECT_EQ(count(*g, "cast", DType::kHalf), 1);   // of x
    EXPECT_EQ(count(*g, "cast", DType::kFloat), 1);  // of the result
    EXPECT_EQ(g->body().results()[0]->dtype(), DType::kFloat);
    std::vector<float> x = {0.1f, 0.2f, -0.3f, 0.4f, -0.5f, 0.6f};
    std::vector<ir::Tensor> inputs = {{DType::kFloat, {2, 3}, x.data()}};
    auto plain = ir::parse(kDense, ops::find);
    auto want = ir::interpret(**plain, inputs), got = ir::interpret(*g, inputs);
    ASSERT_TRUE(want.ok() && got.ok());
    for (int i = 0; i < 4; ++i)
        EXPECT_NEAR((*got)[0].tensor.as<float>()[i], (*want)[0].tensor.as<float>()[i], 4e-3) << i;
}

TEST(LowerPrecision, Bf16) {
    auto g = lowered(kDense, {.to = DType::kBf16});
    ASSERT_TRUE(g);
    EXPECT_EQ(count(*g, "matmul", DType::kBf16), 1);
}

TEST(LowerPrecision, WhatIsKeptStaysBetweenCasts) {
    auto g = lowered(kDense, {.keep = [](const ir::Node& n) { return n.name() == "s"; }});
    ASSERT_TRUE(g);
    EXPECT_EQ(count(*g, "matmul", DType::kHalf), 1);
    EXPECT_EQ(count(*g, "binary", DType::kFloat), 1);
    EXPECT_EQ(count(*g, "softmax", DType::kHalf), 1);
}

// A mask of the lowest f32 must not become infinite: 0 times it would no longer be 0.
TEST(LowerPrecision, FiniteWeightsStayFinite) {
    auto g = lowered(R"(graph "g" (%x: f32[2]) {
  const %lowest = f32[] [-3.4028235e38]
  %y = binary(%x, %lowest) kind=mul
  return %y
})");
    ASSERT_TRUE(g);
    std::vector<float> x = {0, 1};
    std::vector<ir::Tensor> inputs = {{DType::kFloat, {2}, x.data()}};
    auto got = ir::interpret(*g, inputs);
    ASSERT_TRUE(got.ok()) << got.status().toString();
    EXPECT_EQ(std::abs((*got)[0].tensor.as<float>()[0]), 0);
    EXPECT_EQ((*got)[0].tensor.as<float>()[1], -65504);
}

TEST(LowerPrecision, PositionsAndRegionsKeepTheirTypes) {
    auto g = lowered(R"(graph "g" (%x: f32[1, 2, 4, 4], %c: bool[]) {
  const %scales = f32[4] [1, 1, 1.5, 1.5]
  %r = resize(%x, -, %scales)
  %z = if(%c) () {
    %t = unary(%r) kind=exp
    return %t
  } () {
    %e = unary(%r) kind=neg
    return %e
  }
  return %z
})");
    ASSERT_TRUE(g);
    EXPECT_EQ(count(*g, "resize", DType::kHalf), 1);
    EXPECT_EQ(count(*g, "if", DType::kFloat), 1);
    EXPECT_EQ(count(*g, "unary", DType::kHalf), 2);
}

}  // namespace
}  // namespace lathe::passes
