// SPDX-License-Identifier: Apache-2.0
#include "ops/tile.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using namespace testing;
using ::testing::HasSubstr;

TEST(Tile, Repeats) {
    for (auto constants : {std::vector<int>{}, std::vector<int>{1}}) {
        auto y = run("tile", "", {floats({2, 1}, {1, 2}), ints({2}, {2, 3})}, 1, constants);
        ASSERT_TRUE(y.ok()) << y.status().toString();
        expectNear((*y)[0], {4, 3}, {1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2});
    }
    auto y = run("tile", "", {floats({2}, {1, 2}), ints({1}, {0})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {0}, {});
    Dim n = Dim::symbol(0), m = Dim::symbol(1);
    EXPECT_EQ(inferShape("tile", "", {{DType::kFloat, {n, 3}}, shapeTensor({m, 2})}), (Shape{n * m, 6}));
    EXPECT_EQ(inferElements("tile", "", {shapeTensor({n, 3}), shapeTensor({2})}), (std::vector<Dim>{n, 3, n, 3}));
}

TEST(Tile, Refuses) {
    Arg x{DType::kFloat, {2, 2}};
    EXPECT_THAT(inferError("tile", "", {x, shapeTensor({2})}), HasSubstr("1 repeats for 2"));
    EXPECT_THAT(inferError("tile", "", {x, shapeTensor({2, -1})}), HasSubstr("-1 repeats"));
    EXPECT_THAT(inferError("tile", "", {x, shapeTensor({int64_t{1} << 40, 1})}), HasSubstr("beyond"));
}

}  // namespace
}  // namespace lathe::ops
