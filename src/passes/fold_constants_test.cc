// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "ir/text.h"
#include "ir/verify.h"
#include "ops/registry.h"
#include "passes/passes.h"

namespace lathe::passes {
namespace {

TEST(FoldConstants, NodesBecomeDerivedWeightsWithARecipe) {
    auto g = ir::parse(R"(graph "g" (%x: f32[2]) {
  const %w "w" = f32[2] [1, 1]
  %a = softmax(%w) @"a"
  %b = softmax(%a) log=true @"b"
  return %b
})",
                       ops::find);
    ASSERT_TRUE(g.ok()) << g.status().toString();
    auto changed = foldConstants(**g);
    ASSERT_TRUE(changed.ok()) << changed.status().toString();
    EXPECT_TRUE(*changed);
    ASSERT_TRUE(removeUnused(**g).ok());
    EXPECT_TRUE((*g)->body().nodes().empty());
    const ir::WeightsRef& w = (*g)->body().results()[0]->constant();
    ASSERT_NE(w, nullptr);
    ASSERT_NE(w->recipe(), nullptr);
    EXPECT_EQ(w->recipe()->sources[0]->recipe()->sources[0]->name(), "w");
    auto values = w->as<float>();
    ASSERT_TRUE(values.ok());
    EXPECT_NEAR((*values)[0], -0.6931472f, 1e-6);
}

TEST(FoldConstants, KnownElementsBecomeConstants) {
    auto g = ir::parse(R"(symbol s0 "n" input %x 0 range 1 8
graph "g" (%x: f32[s0, 3]) {
  const %i = i64[1] [1]
  %s = shape(%x)
  %d = gather(%s, %i)
  return %d, %s
})",
                       ops::find);
    ASSERT_TRUE(g.ok()) << g.status().toString();
    ASSERT_TRUE(foldConstants(**g).ok());
    EXPECT_TRUE(ir::verify(**g).ok());
    ASSERT_TRUE((*g)->body().results()[0]->isConstant());
    EXPECT_FALSE((*g)->body().results()[1]->isConstant());
    EXPECT_EQ((*(*g)->body().results()[0]->constant()->as<int64_t>())[0], 3);
}

}  // namespace
}  // namespace lathe::passes
