// SPDX-License-Identifier: Apache-2.0
#include "ops/expand.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using namespace testing;
using ::testing::HasSubstr;

TEST(Expand, BroadcastsBothWays) {
    auto x = floats({2, 1}, {1, 2});
    auto y = run("expand", "", {x, ints({2}, {1, 3})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2, 3}, {1, 1, 1, 2, 2, 2});
    y = run("expand", "", {x, ints({3}, {2, 1, 1})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2, 2, 1}, {1, 2, 1, 2});
    y = run("expand", "", {x, ints({2}, {2, 0})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2, 0}, {});
}

TEST(Expand, SymbolsAndElements) {
    Dim n = Dim::symbol(0), m = Dim::symbol(1);
    EXPECT_EQ(inferShape("expand", "", {{DType::kFloat, {n, 1}}, shapeTensor({m, 1, 4})}), (Shape{m, n, 4}));
    EXPECT_EQ(inferShape("expand", "", {{DType::kFloat, {n, 1}}, {DType::kInt32, {1}}}), (Shape{n, Dim::symbol(1)}));
    EXPECT_EQ(inferElements("expand", "", {{DType::kInt64, {}, {{n}}}, shapeTensor({2})}), (std::vector<Dim>{n, n}));
}

TEST(Expand, Refuses) {
    Arg x{DType::kFloat, {2, 3}};
    EXPECT_THAT(inferError("expand", "", {x, shapeTensor({4})}), HasSubstr("broadcast"));
    EXPECT_THAT(inferError("expand", "", {x, shapeTensor({-1, 3})}), HasSubstr("negative"));
    EXPECT_THAT(runError("expand", "", {floats({2}, {1, 2}), ints({1}, {3})}), HasSubstr("broadcast"));
}

}  // namespace
}  // namespace lathe::ops
