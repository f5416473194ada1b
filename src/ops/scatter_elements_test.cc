// SPDX-License-Identifier: Apache-2.0
#include "ops/scatter_elements.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using namespace testing;
using ::testing::HasSubstr;

TEST(ScatterElements, ReplacesAndReduces) {
    auto x = floats({3, 2}, {1, 2, 3, 4, 5, 6});
    auto indices = ints({2, 2}, {0, 2, 0, -1});
    auto updates = floats({2, 2}, {10, 20, 30, 40});
    auto expect = [&](const char* attrs, const std::vector<double>& expected) {
        auto y = run("scatter_elements", attrs, {x, indices, updates});
        ASSERT_TRUE(y.ok()) << y.status().toString();
        expectNear((*y)[0], {3, 2}, expected);
    };
    expect("axis=0", {30, 2, 3, 4, 5, 40});
    expect("axis=0 reduction=add", {41, 2, 3, 4, 5, 66});
    expect("axis=0 reduction=mul", {300, 2, 3, 4, 5, 4800});
    expect("axis=0 reduction=max", {30, 2, 3, 4, 5, 40});
    expect("axis=0 reduction=min", {1, 2, 3, 4, 5, 6});
    auto y = run("scatter_elements", "axis=1",
                 {ints({1, 3}, {1, 2, 3}), tensor(DType::kInt32, {1, 1}, {-2}), ints({1, 1}, {9})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {1, 3}, {1, 9, 3});
    y = run("scatter_elements", "reduction=add",
            {tensor(DType::kInt8, {1}, {100}), ints({1}, {0}), tensor(DType::kInt8, {1}, {100})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {1}, {-56});
}

TEST(ScatterElements, Refuses) {
    Arg x{DType::kFloat, {3, 2}}, i{DType::kInt64, {2, 2}};
    EXPECT_EQ(inferShape("scatter_elements", "", {{DType::kFloat, {Dim::symbol(0), 2}}, i, {DType::kFloat, {2, 2}}}),
              (Shape{Dim::symbol(0), 2}));
    EXPECT_THAT(inferError("scatter_elements", "", {x, i, {DType::kFloat, {2, 1}}}), HasSubstr("2 and 1"));
    EXPECT_THAT(inferError("scatter_elements", "", {x, i, {DType::kHalf, {2, 2}}}), HasSubstr("f16"));
    EXPECT_THAT(inferError("scatter_elements", "", {x, {DType::kInt64, {2, 3}}, {DType::kFloat, {2, 3}}}),
                HasSubstr("longer"));
    Arg b{DType::kBool, {2}}, j{DType::kInt64, {1}};
    EXPECT_THAT(inferError("scatter_elements", "reduction=add", {b, j, {DType::kBool, {1}}}), HasSubstr("bool"));
    EXPECT_THAT(runError("scatter_elements", "", {floats({2}, {1, 2}), ints({1}, {2}), floats({1}, {0})}),
                HasSubstr("index 2"));
}

}  // namespace
}  // namespace lathe::ops
