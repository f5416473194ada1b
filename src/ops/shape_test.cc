// SPDX-License-Identifier: Apache-2.0
#include "ops/shape.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using namespace testing;

TEST(Shape, GivesExtents) {
    auto y = run("shape", "", {tensor(DType::kBool, {2, 0, 3}, {})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {3}, {2, 0, 3});
    Dim n = Dim::symbol(0);
    using E = std::vector<Dim>;
    Arg x{DType::kFp4, {n, 3, n * 2}};
    EXPECT_EQ(inferElements("shape", "", {x}), (E{n, 3, n * 2}));
    EXPECT_EQ(inferElements("shape", "start=-1", {x}), (E{n * 2}));
    EXPECT_EQ(inferElements("shape", "start=-9 end=-1", {x}), (E{n, 3}));
    EXPECT_EQ(inferElements("shape", "start=2 end=1", {x}), (E{}));
    EXPECT_EQ(inferElements("shape", "", {{DType::kFloat, {}}}), (E{}));
}

}  // namespace
}  // namespace lathe::ops
