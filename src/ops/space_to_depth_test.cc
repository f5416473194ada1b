// SPDX-License-Identifier: Apache-2.0
#include "ops/space_to_depth.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using namespace testing;
using ::testing::HasSubstr;

TEST(SpaceToDepth, UndoesDepthToSpace) {
    auto y = run("space_to_depth", "block_size=2", {floats({1, 1, 2, 4}, {0, 2, 1, 3, 4, 6, 5, 7})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {1, 4, 1, 2}, {0, 1, 2, 3, 4, 5, 6, 7});
    y = run("space_to_depth", "block_size=2", {floats({1, 2, 2, 2}, {0, 2, 4, 6, 1, 3, 5, 7})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {1, 8, 1, 1}, {0, 1, 2, 3, 4, 5, 6, 7});
    y = run("space_to_depth", "block_size=2 mode=crd", {floats({1, 2, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {1, 8, 1, 1}, {0, 1, 2, 3, 4, 5, 6, 7});
    Dim n = Dim::symbol(0), h = Dim::symbol(1);
    EXPECT_EQ(inferShape("space_to_depth", "block_size=2", {{DType::kFloat, {n, 3, h * 2, 4}}}), (Shape{n, 12, h, 2}));
    EXPECT_THAT(inferError("space_to_depth", "block_size=2", {{DType::kFloat, {1, 1, 3, 4}}}), HasSubstr("divide"));
}

}  // namespace
}  // namespace lathe::ops
