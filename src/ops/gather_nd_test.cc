// SPDX-License-Identifier: Apache-2.0
#include "ops/gather_nd.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using namespace testing;
using ::testing::HasSubstr;

TEST(GatherNd, ReadsPositions) {
    auto x = floats({2, 3}, {1, 2, 3, 4, 5, 6});
    auto y = run("gather_nd", "", {x, ints({2, 2}, {0, 2, -1, 0})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2}, {3, 4});
    y = run("gather_nd", "", {x, ints({2, 1, 1}, {1, 0})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2, 1, 3}, {4, 5, 6, 1, 2, 3});
    y = run("gather_nd", "batch_dims=1", {floats({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8}), ints({2, 1}, {1, 0})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2, 2}, {3, 4, 5, 6});
    y = run("gather_nd", "", {x, ints({2, 0}, {})});  // no coordinates: all of x, for each position
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2, 2, 3}, {1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6});
}

TEST(GatherNd, Symbols) {
    Dim n = Dim::symbol(0), m = Dim::symbol(1);
    EXPECT_EQ(inferShape("gather_nd", "batch_dims=1", {{DType::kFloat, {n, 5, 7}}, {DType::kInt64, {n, m, 1}}}),
              (Shape{n, m, 7}));
}

TEST(GatherNd, Refuses) {
    Arg x{DType::kFloat, {2, 3}};
    EXPECT_THAT(inferError("gather_nd", "", {x, {DType::kInt64, {4, 3}}}), HasSubstr("3 coordinates"));
    EXPECT_THAT(inferError("gather_nd", "batch_dims=1", {x, {DType::kInt64, {2, 2}}}), HasSubstr("batch_dims 1"));
    EXPECT_THAT(inferError("gather_nd", "", {x, {DType::kInt64, {4, Dim::symbol(0)}}}), HasSubstr("must be known"));
    EXPECT_THAT(inferError("gather_nd", "", {x, {DType::kInt64, {}}}), HasSubstr("scalar"));
    EXPECT_THAT(runError("gather_nd", "", {floats({2}, {1, 2}), ints({1, 1}, {2})}), HasSubstr("index 2"));
}

}  // namespace
}  // namespace lathe::ops
