// SPDX-License-Identifier: Apache-2.0
#include "ops/softmax.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

TEST(Softmax, RowsSumToOne) {
    auto y = testing::run("softmax", "axis=-1", {testing::floats({2, 3}, {1, 2, 3, -1, 0, 1000})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], {2, 3}, {0.09003057, 0.24472847, 0.66524096, 0, 0, 1}, 1e-6);
}

TEST(Softmax, LogOfSmallProbabilitiesStaysFinite) {
    auto y = testing::run("softmax", "axis=0 log=true", {testing::floats({2}, {0, 200})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], {2}, {-200, 0}, 1e-5);
}

TEST(Softmax, Refuses) {
    EXPECT_THAT(testing::inferError("softmax", "axis=2", {{DType::kFloat, {2, 3}}}), ::testing::HasSubstr("axis 2"));
    EXPECT_THAT(testing::inferError("softmax", "", {{DType::kInt32, {2}}}), ::testing::HasSubstr("i32"));
}

TEST(Softmax, KeepsSymbolicShapes) {
    Dim n = Dim::symbol(0);
    EXPECT_EQ(testing::inferShape("softmax", "axis=1", {{DType::kFloat, {n, 5}}}), (Shape{n, 5}));
}

}  // namespace
}  // namespace lathe::ops
