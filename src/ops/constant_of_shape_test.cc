// SPDX-License-Identifier: Apache-2.0
#include "ops/constant_of_shape.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using namespace testing;
using ::testing::HasSubstr;

TEST(ConstantOfShape, Fills) {
    auto y = run("constant_of_shape", "value=-2.5", {ints({2}, {2, 2})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2, 2}, {-2.5, -2.5, -2.5, -2.5});
    for (const char* attrs : {"value=1 dtype=bool", "value=1.5 dtype=i64", "value=1 dtype=f16"}) {
        y = run("constant_of_shape", attrs, {ints({1}, {2})});
        ASSERT_TRUE(y.ok()) << y.status().toString();
        expectNear((*y)[0], {2}, {1, 1});
    }
    y = run("constant_of_shape", "value=300 dtype=u8", {ints({0}, {})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {}, {255});
}

TEST(ConstantOfShape, SymbolsAndElements) {
    Dim n = Dim::symbol(0);
    EXPECT_EQ(inferShape("constant_of_shape", "", {shapeTensor({n, 3})}), (Shape{n, 3}));
    EXPECT_EQ(inferElements("constant_of_shape", "value=-7 dtype=i64", {shapeTensor({2})}), (std::vector<Dim>{-7, -7}));
    EXPECT_EQ(inferElements("constant_of_shape", "value=4 dtype=bool", {shapeTensor({1})}), (std::vector<Dim>{1}));
}

TEST(ConstantOfShape, Refuses) {
    EXPECT_THAT(inferError("constant_of_shape", "", {shapeTensor({-1})}), HasSubstr("negative"));
    EXPECT_THAT(inferError("constant_of_shape", "value=1e17 dtype=i64", {shapeTensor({1})}), HasSubstr("exact"));
    EXPECT_THAT(inferError("constant_of_shape", "dtype=i4", {shapeTensor({1})}), HasSubstr("i4"));
    EXPECT_THAT(inferError("constant_of_shape", "", {shapeTensor({int64_t{1} << 32})}), HasSubstr("beyond"));
    EXPECT_THAT(inferError("constant_of_shape", "", {shapeTensor(std::vector<Dim>(4, 1 << 30))}),
                HasSubstr("more elements"));
}

}  // namespace
}  // namespace lathe::ops
