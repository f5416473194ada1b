// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ir/text.h"
#include "ir/verify.h"
#include "ops/registry.h"
#include "passes/passes.h"
#include "passes/rewrite.h"

namespace lathe::passes {
namespace {

constexpr const char* kGraph = R"(symbol s0 "n" input %x 0 range 1 8
graph "g" (%x: f32[s0], %c: bool[]) {
  const %one = i64[1] [1]
  %r = if(%c) () {
    %s = shape(%x)
    %e = binary(%s, %one) kind=equal
    %a = assume(%x, %e) message="it is not one"
    return %a
  } () {
    %b = unary(%x) kind=neg
    return %b
  }
  return %r
})";

TEST(PruneBranches, ABranchThatTheExtentsForbidIsEmptiedBehindACheck) {
    auto g = ir::parse(kGraph, ops::find);
    ASSERT_TRUE(g.ok()) << g.status().toString();
    ir::SymbolInfo& extent = (*g)->symbols()[0];
    extent.min = extent.max = 2;
    auto changed = pruneBranches(**g);
    ASSERT_TRUE(changed.ok()) << changed.status().toString();
    EXPECT_TRUE(*changed);
    ASSERT_TRUE(ir::verify(**g).ok()) << ir::verify(**g).toString();
    const auto& nodes = (*g)->body().nodes();
    ASSERT_EQ(nodes.size(), 2u);
    EXPECT_TRUE(isOp(nodes[0].get(), "assume"));
    EXPECT_THAT(ir::printAttrs(nodes[0]->anyAttrs()), ::testing::HasSubstr("it is not one"));
    EXPECT_EQ(nodes[1]->region(0).nodes().size(), 1u);
    EXPECT_EQ(nodes[1]->output()->type().shape, nodes[1]->region(1).results()[0]->type().shape);
    // The check is not folded away, though its answer is known.
    ASSERT_TRUE(foldConstants(**g).ok());
    ASSERT_TRUE(removeUnused(**g).ok());
    EXPECT_EQ((*g)->body().nodes().size(), 2u);
}

TEST(PruneBranches, BranchesThatMayRunStay) {
    auto g = ir::parse(kGraph, ops::find);
    ASSERT_TRUE(g.ok()) << g.status().toString();
    auto changed = pruneBranches(**g);
    ASSERT_TRUE(changed.ok()) << changed.status().toString();
    EXPECT_FALSE(*changed);
    EXPECT_EQ((*g)->body().nodes().size(), 1u);
}

}  // namespace
}  // namespace lathe::passes
