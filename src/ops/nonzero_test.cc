// SPDX-License-Identifier: Apache-2.0
#include "ops/nonzero.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using namespace testing;

TEST(Nonzero, ListsPositions) {
    auto y = run("nonzero", "", {floats({2, 3}, {0, 1, -0.0, 2, 0, std::nan("")})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2, 3}, {0, 1, 1, 1, 0, 2});
    y = run("nonzero", "", {tensor(DType::kBool, {2}, {0, 0})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {1, 0}, {});
    y = run("nonzero", "", {ints({}, {5})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {0, 1}, {});
    Shape s = inferShape("nonzero", "", {{DType::kBool, {Dim::symbol(0), 4, 4}}});
    EXPECT_EQ(s, (Shape{3, Dim::symbol(1)}));
}

}  // namespace
}  // namespace lathe::ops
