// SPDX-License-Identifier: Apache-2.0
#include "ops/group_norm.h"

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::floats;
using ::testing::HasSubstr;

TEST(GroupNorm, NormalizesGroupsOfChannels) {
    // Groups {1, 1, 5, 5}: mean 3, deviation 2; {0, 0, 0, 8}: mean 2, variance 12.
    auto x = floats({1, 4, 2}, {1, 1, 5, 5, 0, 0, 0, 8});
    auto y = testing::run("group_norm", "num_groups=2 epsilon=0",
                          {x, floats({4}, {1, 2, 1, 1}), floats({4}, {0, 10, 0, 1})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    double f = 1 / std::sqrt(12);
    testing::expectNear((*y)[0], {1, 4, 2}, {-1, -1, 12, 12, -2 * f, -2 * f, 1 - 2 * f, 1 + 6 * f}, 1e-6);
    y = testing::run("group_norm", "num_groups=2 epsilon=4 per_group=true",
                     {x, floats({2}, {1, 2}), floats({2}, {5, 0})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    double g = 1 / std::sqrt(8);
    testing::expectNear((*y)[0], {1, 4, 2}, {5 - 2 * g, 5 - 2 * g, 5 + 2 * g, 5 + 2 * g, -1, -1, -1, 3}, 1e-6);
}

TEST(GroupNorm, ImagesAreApart) {
    auto y = testing::run("group_norm", "epsilon=0",
                          {floats({2, 2}, {1, 3, -5, 5}), floats({2}, {1, 1}), floats({2}, {0, 0})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], {2, 2}, {-1, 1, -1, 1}, 1e-6);
}

TEST(GroupNorm, Refuses) {
    auto error = [](const char* attrs, Shape x, Dim n) {
        return testing::inferError("group_norm", attrs,
                                   {{DType::kFloat, std::move(x)}, {DType::kFloat, {n}}, {DType::kFloat, {n}}});
    };
    EXPECT_THAT(error("num_groups=3", {1, 4, 2}, 4), HasSubstr("4 channels cannot be divided into 3"));
    EXPECT_THAT(error("num_groups=0", {1, 4, 2}, 4), HasSubstr("num_groups is 0"));
    EXPECT_THAT(error("num_groups=2", {1, 4, 2}, 2), HasSubstr("the length is 2, but must be 4"));
    EXPECT_THAT(error("num_groups=2 per_group=true", {1, 4, 2}, 4), HasSubstr("the length is 4, but must be 2"));
    EXPECT_THAT(error("", {4}, 4), HasSubstr("at least N and C"));
}

TEST(GroupNorm, SymbolicShapes) {
    testing::Arg c{DType::kFloat, {32}};
    EXPECT_EQ(ir::toString(testing::inferShape("group_norm", "num_groups=8",
                                               {{DType::kFloat, {Dim::symbol(0), 32, Dim::symbol(1)}}, c, c})),
              "[s0, 32, s1]");
}

}  // namespace
}  // namespace lathe::ops
