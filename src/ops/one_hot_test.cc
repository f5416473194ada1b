// SPDX-License-Identifier: Apache-2.0
#include "ops/one_hot.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using namespace testing;
using ::testing::HasSubstr;

TEST(OneHot, PutsAnAxisIn) {
    auto values = floats({2}, {0, 5});
    auto y = run("one_hot", "", {ints({4}, {0, 2, -1, 3}), ints({}, {3}), values});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {4, 3}, {5, 0, 0, 0, 0, 5, 0, 0, 5, 0, 0, 0});
    y = run("one_hot", "axis=0", {floats({2}, {1.5, 0}), ints({1}, {2}), values});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2, 2}, {0, 5, 5, 0});
    y = run("one_hot", "axis=1", {ints({1, 2}, {1, 0}), ints({}, {2}), values}, 1, {1});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {1, 2, 2}, {0, 5, 5, 0});
    Dim n = Dim::symbol(0);
    EXPECT_EQ(inferShape("one_hot", "axis=-2", {{DType::kInt64, {n, 3}}, shapeTensor({7}), {DType::kInt8, {2}}}),
              (Shape{n, 7, 3}));
}

TEST(OneHot, Refuses) {
    Arg i{DType::kInt64, {2}}, depth = shapeTensor({3}), values{DType::kFloat, {2}};
    EXPECT_THAT(inferError("one_hot", "axis=2", {i, depth, values}), HasSubstr("axis 2"));
    EXPECT_THAT(inferError("one_hot", "", {i, shapeTensor({3, 4}), values}), HasSubstr("2 elements"));
    EXPECT_THAT(inferError("one_hot", "", {i, depth, {DType::kFloat, {3}}}), HasSubstr("3 and 2"));
    EXPECT_THAT(inferError("one_hot", "", {{DType::kBool, {2}}, depth, values}), HasSubstr("bool"));
    EXPECT_THAT(inferError("one_hot", "", {i, shapeTensor({-3}), values}), HasSubstr("negative"));
}

}  // namespace
}  // namespace lathe::ops
