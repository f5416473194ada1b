// SPDX-License-Identifier: Apache-2.0
#include "ops/unique.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using namespace testing;
using ::testing::HasSubstr;

TEST(Unique, SortedAndByOccurrence) {
    auto x = floats({6}, {2, 1, 1, 3, 4, 3});
    auto y = run("unique", "", {x}, 4);
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {4}, {1, 2, 3, 4});
    expectNear((*y)[1], {4}, {1, 0, 3, 4});
    expectNear((*y)[2], {6}, {1, 0, 0, 2, 3, 2});
    expectNear((*y)[3], {4}, {2, 1, 2, 1});
    y = run("unique", "sorted=false", {x}, 4);
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {4}, {2, 1, 3, 4});
    expectNear((*y)[1], {4}, {0, 1, 3, 4});
    expectNear((*y)[2], {6}, {0, 1, 1, 2, 3, 2});
    expectNear((*y)[3], {4}, {1, 2, 2, 1});
}

TEST(Unique, SlicesAndNan) {
    auto x = ints({3, 2}, {1, 0, 0, 9, 1, 0});
    auto y = run("unique", "has_axis=true axis=0", {x}, 4);
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2, 2}, {0, 9, 1, 0});
    expectNear((*y)[2], {3}, {1, 0, 1});
    y = run("unique", "has_axis=true axis=1 sorted=false", {x}, 2);
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {3, 2}, {1, 0, 0, 9, 1, 0});
    double nan = std::nan("");
    y = run("unique", "", {floats({5}, {nan, 1, nan, -1, 1})}, 4);
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {3}, {-1, 1, nan});
    expectNear((*y)[1], {3}, {3, 1, 0});
    expectNear((*y)[3], {3}, {1, 2, 2});
    EXPECT_THAT(inferError("unique", "", {{DType::kFp8, {3}}}), HasSubstr("f8e4m3"));
}

TEST(Unique, ShapesShareTheCount) {
    Inferred i = inferArgs("unique", "", {{DType::kFloat, {Dim::symbol(0), 3}}}, 4);
    ASSERT_TRUE(i.status.ok()) << i.status.toString();
    EXPECT_EQ(i.types[0].shape, i.types[3].shape);
    EXPECT_EQ(i.types[2].shape, (Shape{Dim::symbol(0) * 3}));
}

}  // namespace
}  // namespace lathe::ops
