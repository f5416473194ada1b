// SPDX-License-Identifier: Apache-2.0
#include "ops/layer_norm.h"

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::floats;
using ::testing::HasSubstr;

// Mean 3, variance 4; mean 0, variance 1.
const testing::HostTensor kRows = floats({2, 4}, {1, 1, 5, 5, -1, 1, -1, 1});

TEST(LayerNorm, ScalesAndShifts) {
    auto y = testing::run("layer_norm", "epsilon=0", {kRows, floats({4}, {1, 2, 3, 4}), floats({4}, {0, 0, 0, 10})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], {2, 4}, {-1, -2, 3, 14, -1, 2, -3, 14}, 1e-6);
}

TEST(LayerNorm, ScaleAndBiasAreOptional) {
    auto y = testing::run("layer_norm", "epsilon=0", {kRows});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], {2, 4}, {-1, -1, 1, 1, -1, 1, -1, 1}, 1e-6);
    y = testing::run("layer_norm", "epsilon=0", {kRows, testing::absent(), floats({1}, {5})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], {2, 4}, {4, 4, 6, 6, 4, 6, 4, 6}, 1e-6);
}

TEST(LayerNorm, SeveralAxesAndStatistics) {
    auto y =
        testing::run("layer_norm", "axis=0 epsilon=1.5", {floats({2, 2}, {1, 2, 3, 4}), floats({2, 1}, {1, 2})}, 3);
    ASSERT_TRUE(y.ok()) << y.status().toString();
    double f = 1 / std::sqrt(1.25 + 1.5);
    testing::expectNear((*y)[0], {2, 2}, {-1.5 * f, -0.5 * f, 1 * f, 3 * f}, 1e-6);
    testing::expectNear((*y)[1], {1, 1}, {2.5});
    testing::expectNear((*y)[2], {1, 1}, {f}, 1e-6);
}

TEST(LayerNorm, LargeOffsetsKeepTheirVariance) {
    auto y = testing::run("layer_norm", "epsilon=0", {floats({1, 2}, {1e6 - 1, 1e6 + 1})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], {1, 2}, {-1, 1}, 1e-6);
}

TEST(LayerNorm, Refuses) {
    auto error = [](const char* attrs, Shape scale, DType t = DType::kFloat) {
        return testing::inferError("layer_norm", attrs, {{DType::kFloat, {2, 3, 4}}, {t, std::move(scale)}});
    };
    EXPECT_THAT(error("axis=3", {4}), HasSubstr("axis 3"));
    EXPECT_THAT(error("", {3}), HasSubstr("cannot be broadcast to [2, 3, 4]"));
    EXPECT_THAT(error("", {4}, DType::kHalf), HasSubstr("f32 and f16"));
    EXPECT_THAT(testing::inferError("layer_norm", "", {{DType::kInt32, {2, 3}}}), HasSubstr("i32"));
    EXPECT_THAT(testing::inferError("layer_norm", "", {{DType::kFloat, {}}}), HasSubstr("axis -1"));
}

TEST(LayerNorm, SymbolicShapes) {
    Dim n = Dim::symbol(0), s = Dim::symbol(1);
    auto types = testing::infer("layer_norm", "axis=-1", {{DType::kHalf, {n, s, 768}}, {DType::kHalf, {768}}}, 3);
    ASSERT_TRUE(types.ok()) << types.status().toString();
    EXPECT_EQ(ir::toString((*types)[0]), "f16[s0, s1, 768]");
    EXPECT_EQ(ir::toString((*types)[1]), "f32[s0, s1, 1]");
    EXPECT_EQ(ir::toString((*types)[2]), "f32[s0, s1, 1]");
}

}  // namespace
}  // namespace lathe::ops
