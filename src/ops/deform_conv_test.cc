// SPDX-License-Identifier: Apache-2.0
#include "ops/deform_conv.h"

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::floats;
using ::testing::HasSubstr;

TEST(DeformConv, MovesSamplesBetweenPixelsAndOutOfTheImage) {
    auto x = floats({1, 1, 2, 2}, {1, 2, 3, 4}), w = floats({1, 1, 1, 1}, {10});
    // Down and right of every output: half a pixel right, nothing, one pixel up (outside), half up and half left.
    auto offset = floats({1, 2, 2, 2}, {0, 0, -2, -0.5, 0.5, 0, 0, -0.5});
    auto y = testing::run("deform_conv", "", {x, w, offset, floats({1}, {1})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], {1, 1, 2, 2}, {16, 21, 1, 26}, 1e-5);
    auto masked =
        testing::run("deform_conv", "", {x, w, offset, testing::absent(), floats({1, 1, 2, 2}, {0, 1, 1, 0.5})});
    ASSERT_TRUE(masked.ok()) << masked.status().toString();
    testing::expectNear((*masked)[0], {1, 1, 2, 2}, {0, 20, 0, 12.5}, 1e-5);
}

TEST(DeformConv, RefusesOffsetsOfAnotherShape) {
    auto x = floats({1, 1, 2, 2}, {1, 2, 3, 4}), w = floats({1, 1, 1, 1}, {10});
    EXPECT_THAT(testing::runError("deform_conv", "", {x, w, floats({1, 1, 2, 2}, {0, 0, 0, 0})}),
                HasSubstr("channels of the offsets"));
    EXPECT_THAT(
        testing::runError("deform_conv", "offset_group=0", {x, w, floats({1, 2, 2, 2}, std::vector<double>(8))}),
        HasSubstr("offset_group"));
}

}  // namespace
}  // namespace lathe::ops
