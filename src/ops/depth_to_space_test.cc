// SPDX-License-Identifier: Apache-2.0
#include "ops/depth_to_space.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using namespace testing;
using ::testing::HasSubstr;

TEST(DepthToSpace, MakesBlocks) {
    std::vector<double> x(8);
    for (int i = 0; i < 8; ++i) x[i] = i;
    auto y = run("depth_to_space", "block_size=2", {floats({1, 8, 1, 1}, x)});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {1, 2, 2, 2}, {0, 2, 4, 6, 1, 3, 5, 7});
    y = run("depth_to_space", "block_size=2 mode=crd", {floats({1, 8, 1, 1}, x)});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {1, 2, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7});
    y = run("depth_to_space", "block_size=2", {floats({1, 4, 1, 2}, x)});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {1, 1, 2, 4}, {0, 2, 1, 3, 4, 6, 5, 7});
    Dim n = Dim::symbol(0), h = Dim::symbol(1);
    EXPECT_EQ(inferShape("depth_to_space", "block_size=3", {{DType::kInt8, {n, 18, h, 4}}}), (Shape{n, 2, h * 3, 12}));
    EXPECT_THAT(inferError("depth_to_space", "block_size=3", {{DType::kFloat, {1, 8, 2, 2}}}), HasSubstr("8 channels"));
    EXPECT_THAT(inferError("depth_to_space", "block_size=0", {{DType::kFloat, {1, 8, 2, 2}}}),
                HasSubstr("block size of 0"));
    EXPECT_THAT(inferError("depth_to_space", "", {{DType::kFloat, {8, 2, 2}}}), HasSubstr("4 dimensions"));
}

}  // namespace
}  // namespace lathe::ops
