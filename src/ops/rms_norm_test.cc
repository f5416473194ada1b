// SPDX-License-Identifier: Apache-2.0
#include "ops/rms_norm.h"

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::floats;
using ::testing::HasSubstr;

TEST(RmsNorm, DividesByTheRootMeanSquare) {
    auto x = floats({2, 2}, {1, 7, 3, -3});
    auto y = testing::run("rms_norm", "epsilon=0", {x, floats({2}, {1, 10})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], {2, 2}, {0.2, 14, 1, -10}, 1e-6);
    y = testing::run("rms_norm", "epsilon=0 axis=0", {x});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    double f = 1 / std::sqrt(17);
    testing::expectNear((*y)[0], {2, 2}, {f, 7 * f, 3 * f, -3 * f}, 1e-6);
    y = testing::run("rms_norm", "epsilon=11", {x, floats({2, 1}, {1, 2})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], {2, 2}, {1.0 / 6, 7.0 / 6, 6 / std::sqrt(20), -6 / std::sqrt(20)}, 1e-6);
}

TEST(RmsNorm, Refuses) {
    EXPECT_THAT(testing::inferError("rms_norm", "axis=2", {{DType::kFloat, {2, 3}}}), HasSubstr("axis 2"));
    EXPECT_THAT(testing::inferError("rms_norm", "", {{DType::kFloat, {2, 3}}, {DType::kFloat, {2}}}),
                HasSubstr("cannot be broadcast"));
    EXPECT_THAT(testing::inferError("rms_norm", "", {{DType::kFloat, {2, 3}}, {DType::kBf16, {3}}}),
                HasSubstr("f32 and bf16"));
}

TEST(RmsNorm, SymbolicShapes) {
    EXPECT_EQ(
        ir::toString(testing::inferShape("rms_norm", "", {{DType::kBf16, {Dim::symbol(0), 64}}, {DType::kBf16, {64}}})),
        "[s0, 64]");
}

}  // namespace
}  // namespace lathe::ops
