// SPDX-License-Identifier: Apache-2.0
// splitAffine and foldScale together: what is left of a network that begins with convolution, batch norm and gemm.
#include <gtest/gtest.h>

#include "ir/text.h"
#include "ir/verify.h"
#include "ops/registry.h"
#include "passes/passes_testing.h"
#include "passes/pipeline.h"

namespace lathe::passes {
namespace {

TEST(Affine, BatchNormAndGemmDisappearIntoWeights) {
    auto g = ir::parse(R"(symbol s0 "n" input %x 0 range 1 8
graph "g" (%x: f32[s0, 2, 5, 5]) {
  const %w "w" = f32[3, 2, 3, 3] random 1
  const %scale = f32[3] [1, 2, 3]
  const %bias = f32[3] [0.5, 0, -1]
  const %mean = f32[3] [0.1, 0.2, 0.3]
  const %var = f32[3] [1, 2, 4]
  const %fw "fw" = f32[4, 27] random 2
  const %fb "fb" = f32[4] [1, 2, 3, 4]
  %c = conv(%x, %w) @"conv"
  %n = batch_norm(%c, %scale, %bias, %mean, %var) epsilon=0.001 @"norm"
  %r = unary(%n) kind=relu @"relu"
  %f = flatten(%r) @"flat"
  %y = gemm(%f, %fw, %fb) trans_b=true alpha=2 @"fc"
  return %y
})",
                       ops::find);
    ASSERT_TRUE(g.ok()) << g.status().toString();
    auto original = (*g)->clone();
    auto reports = canonicalize(**g, {});
    ASSERT_TRUE(reports.ok()) << reports.status().toString();
    std::string kinds;
    (*g)->forEachNode([&](ir::Node& n) { kinds += std::string(n.op().name()) + " "; });
    EXPECT_EQ(kinds, "conv unary flatten matmul binary ") << ir::print(**g);
    EXPECT_EQ((*g)->body().nodes()[0]->origins(), (std::vector<std::string>{}));
    testing::expectSameAnswers(*original, **g);
}

}  // namespace
}  // namespace lathe::passes
