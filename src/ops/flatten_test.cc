// SPDX-License-Identifier: Apache-2.0
#include "ops/flatten.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using namespace testing;
using ::testing::HasSubstr;

TEST(Flatten, SplitsAtTheAxis) {
    auto y = run("flatten", "axis=-1", {floats({1, 2, 3}, {1, 2, 3, 4, 5, 6})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2, 3}, {1, 2, 3, 4, 5, 6});
    Dim n = Dim::symbol(0);
    Arg x{DType::kHalf, {n, 3, 4}};
    EXPECT_EQ(inferShape("flatten", "", {x}), (Shape{n, 12}));
    EXPECT_EQ(inferShape("flatten", "axis=3", {x}), (Shape{n * 12, 1}));
    EXPECT_EQ(inferShape("flatten", "axis=0", {x}), (Shape{1, n * 12}));
    EXPECT_EQ(inferShape("flatten", "axis=0", {{DType::kFloat, {}}}), (Shape{1, 1}));
    EXPECT_THAT(inferError("flatten", "axis=4", {x}), HasSubstr("axis 4"));
    EXPECT_EQ(inferElements("flatten", "", {shapeTensor({n, 3})}), (std::vector<Dim>{n, 3}));
}

}  // namespace
}  // namespace lathe::ops
