// SPDX-License-Identifier: Apache-2.0
#include "ops/col2im.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using namespace testing;
using ::testing::HasSubstr;

TEST(Col2im, SumsOverlaps) {
    // Two-element blocks at 0, 1, 2 of an axis of 4.
    auto y = run("col2im", "", {floats({1, 2, 3}, {1, 2, 3, 10, 20, 30}), ints({1}, {4}), ints({1}, {2})}, 1, {2});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {1, 1, 4}, {1, 12, 23, 30});
    // Every second position; the first block begins in the padding.
    y = run("col2im", "strides=[2] pads=[1, 0]", {floats({1, 2, 2}, {1, 2, 10, 20}), ints({1}, {3}), ints({1}, {2})}, 1,
            {1, 2});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {1, 1, 3}, {10, 2, 20});
    // Two channels of 2 x 2 images from one 1 x 2 block a row.
    y = run("col2im", "", {floats({1, 4, 2}, {1, 2, 3, 4, 5, 6, 7, 8}), ints({2}, {2, 2}), ints({2}, {1, 2})}, 1,
            {1, 2});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {1, 2, 2, 2}, {1, 3, 2, 4, 5, 7, 6, 8});
}

TEST(Col2im, Refuses) {
    Arg x{DType::kFloat, {1, 4, 2}};
    EXPECT_THAT(inferError("col2im", "", {x, shapeTensor({4}), shapeTensor({3})}), HasSubstr("no multiple"));
    EXPECT_THAT(inferError("col2im", "", {x, shapeTensor({4}), shapeTensor({2})}), HasSubstr("3 and 2"));
    EXPECT_THAT(inferError("col2im", "", {x, shapeTensor({4}), {DType::kInt64, {1}}}), HasSubstr("must be known"));
    EXPECT_THAT(inferError("col2im", "strides=[0]", {x, shapeTensor({4}), shapeTensor({2})}),
                HasSubstr("axis 0 is out of range"));
    EXPECT_THAT(inferError("col2im", "", {x, shapeTensor({4, 4}), shapeTensor({2})}), HasSubstr("image of 2"));
    EXPECT_EQ(inferShape("col2im", "", {{DType::kFloat, {Dim::symbol(0), 4, 3}}, shapeTensor({4}), shapeTensor({2})}),
              (Shape{Dim::symbol(0), 2, 4}));
}

}  // namespace
}  // namespace lathe::ops
