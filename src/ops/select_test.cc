// SPDX-License-Identifier: Apache-2.0
#include "ops/select.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using namespace testing;
using ::testing::HasSubstr;

TEST(Select, BroadcastsAllThree) {
    auto y = run("select", "", {tensor(DType::kBool, {2, 1}, {1, 0}), floats({3}, {1, 2, 3}), floats({}, {-7})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2, 3}, {1, 2, 3, -7, -7, -7});
    y = run("select", "", {tensor(DType::kBool, {2}, {1, 0}), ints({2}, {4, 5}), ints({2}, {6, 7})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2}, {4, 7});
}

TEST(Select, ElementsFollow) {
    Dim n = Dim::symbol(0);
    using E = std::vector<Dim>;
    Arg known{DType::kBool, {3}, {{0, 1, 0}}}, unknown{DType::kInt64, {3}};
    EXPECT_EQ(inferElements("select", "", {known, shapeTensor({1, 2, 3}), shapeTensor({n, n, 5})}), (E{n, 2, 5}));
    EXPECT_EQ(inferElements("select", "", {{DType::kBool, {1}, {{0}}}, unknown, shapeTensor({n, n, 5})}), (E{n, n, 5}));
    EXPECT_FALSE(inferArgs("select", "", {known, unknown, shapeTensor({n, n, 5})}).elements[0].has_value());
    // A condition that depends on an extent.
    Dim isOne = Dim::apply(Dim::Fn::kEqual, n, 1);
    EXPECT_EQ(inferElements("select", "", {{DType::kBool, {1}, {{isOne}}}, shapeTensor({4}), shapeTensor({n})}),
              (E{ir::select(isOne, 4, n)}));
}

TEST(Select, Refuses) {
    Arg cond{DType::kBool, {2}}, x{DType::kFloat, {2}};
    EXPECT_THAT(inferError("select", "", {x, x, x}), HasSubstr("bool"));
    EXPECT_THAT(inferError("select", "", {cond, x, {DType::kHalf, {2}}}), HasSubstr("f16"));
    EXPECT_THAT(inferError("select", "", {cond, x, {DType::kFloat, {3}}}), HasSubstr("broadcast"));
}

}  // namespace
}  // namespace lathe::ops
