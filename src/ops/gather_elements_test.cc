// SPDX-License-Identifier: Apache-2.0
#include "ops/gather_elements.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using namespace testing;
using ::testing::HasSubstr;

TEST(GatherElements, PicksAlongTheAxis) {
    auto x = floats({2, 3}, {1, 2, 3, 4, 5, 6});
    auto y = run("gather_elements", "axis=1", {x, ints({2, 2}, {2, 0, -1, 1})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2, 2}, {3, 1, 6, 5});
    y = run("gather_elements", "axis=0", {x, tensor(DType::kInt32, {1, 2}, {1, 0})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {1, 2}, {4, 2});
    Dim n = Dim::symbol(0), m = Dim::symbol(1);
    EXPECT_EQ(inferShape("gather_elements", "axis=1", {{DType::kFloat, {n, 9}}, {DType::kInt64, {n, m}}}),
              (Shape{n, m}));
}

TEST(GatherElements, Refuses) {
    auto x = floats({2, 3}, {1, 2, 3, 4, 5, 6});
    EXPECT_THAT(runError("gather_elements", "axis=1", {x, ints({1, 1}, {3})}), HasSubstr("index 3"));
    EXPECT_THAT(inferError("gather_elements", "axis=1", {{DType::kFloat, {2, 3}}, {DType::kInt64, {3, 3}}}),
                HasSubstr("longer than data"));
    EXPECT_THAT(inferError("gather_elements", "", {{DType::kFloat, {2, 3}}, {DType::kInt64, {3}}}),
                HasSubstr("expected 2 dimensions"));
    EXPECT_THAT(inferError("gather_elements", "", {{DType::kFloat, {2}}, {DType::kFloat, {2}}}), HasSubstr("f32"));
}

}  // namespace
}  // namespace lathe::ops
