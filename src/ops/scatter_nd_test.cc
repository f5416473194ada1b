// SPDX-License-Identifier: Apache-2.0
#include "ops/scatter_nd.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using namespace testing;
using ::testing::HasSubstr;

TEST(ScatterNd, ReplacesAndReduces) {
    auto expect = [&](const char* attrs, const std::vector<double>& expected) {
        auto y = run("scatter_nd", attrs,
                     {floats({3, 2}, {1, 2, 3, 4, 5, 6}), ints({2, 1}, {2, -1}), floats({2, 2}, {10, 1, 20, 30})});
        ASSERT_TRUE(y.ok()) << y.status().toString();
        expectNear((*y)[0], {3, 2}, expected);
    };
    expect("", {1, 2, 3, 4, 20, 30});
    expect("reduction=add", {1, 2, 3, 4, 35, 37});
    expect("reduction=mul", {1, 2, 3, 4, 1000, 180});
    expect("reduction=max", {1, 2, 3, 4, 20, 30});
    expect("reduction=min", {1, 2, 3, 4, 5, 1});
    auto y = run("scatter_nd", "", {ints({2, 2}, {1, 2, 3, 4}), tensor(DType::kInt32, {1, 2}, {1, 0}), ints({1}, {9})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2, 2}, {1, 2, 9, 4});
    y = run("scatter_nd", "", {floats({2}, {1, 2}), ints({0, 1}, {}), floats({0}, {})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2}, {1, 2});
}

TEST(ScatterNd, Refuses) {
    Arg x{DType::kFloat, {3, 2}}, i{DType::kInt64, {4, 1}};
    EXPECT_THAT(inferError("scatter_nd", "", {x, i, {DType::kFloat, {4, 3}}}), HasSubstr("2 and 3"));
    EXPECT_THAT(inferError("scatter_nd", "", {x, i, {DType::kFloat, {4}}}), HasSubstr("expected 2 dimensions"));
    EXPECT_THAT(inferError("scatter_nd", "", {x, {DType::kInt64, {4, 3}}, {DType::kFloat, {4}}}),
                HasSubstr("3 coordinates"));
    EXPECT_THAT(runError("scatter_nd", "", {floats({2}, {1, 2}), ints({1, 1}, {-3}), floats({1}, {0})}),
                HasSubstr("index -3"));
}

}  // namespace
}  // namespace lathe::ops
