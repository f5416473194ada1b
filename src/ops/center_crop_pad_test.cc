// SPDX-License-Identifier: Apache-2.0
#include "ops/center_crop_pad.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using namespace testing;
using ::testing::HasSubstr;

TEST(CenterCropPad, BothSides) {
    auto x = floats({3, 2}, {1, 2, 3, 4, 5, 6});
    auto y = run("center_crop_pad", "", {x, ints({2}, {2, 5})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2, 5}, {0, 1, 2, 0, 0, 0, 3, 4, 0, 0});
    y = run("center_crop_pad", "axes=[-1]", {x, ints({1}, {1})}, 1, {1});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {3, 1}, {1, 3, 5});
    y = run("center_crop_pad", "axes=[0]", {x, ints({1}, {0})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {0, 2}, {});
    Dim n = Dim::symbol(0);
    EXPECT_EQ(inferShape("center_crop_pad", "axes=[1]", {{DType::kFloat, {n, 4}}, shapeTensor({n})}), (Shape{n, n}));
    EXPECT_THAT(inferError("center_crop_pad", "", {{DType::kFloat, {2, 4}}, shapeTensor({2})}),
                HasSubstr("1 extents for 2"));
    EXPECT_THAT(inferError("center_crop_pad", "axes=[0]", {{DType::kFloat, {2, 4}}, shapeTensor({-2})}),
                HasSubstr("negative"));
}

}  // namespace
}  // namespace lathe::ops
