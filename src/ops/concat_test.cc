// SPDX-License-Identifier: Apache-2.0
#include "ops/concat.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using namespace testing;
using ::testing::HasSubstr;

TEST(Concat, JoinsAlongTheAxis) {
    auto y = run("concat", "axis=-1", {floats({2, 1}, {1, 2}), floats({2, 2}, {3, 4, 5, 6})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2, 3}, {1, 3, 4, 2, 5, 6});
    y = run("concat", "axis=0", {ints({1, 2}, {1, 2}), ints({0, 2}, {}), ints({2, 2}, {3, 4, 5, 6})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {3, 2}, {1, 2, 3, 4, 5, 6});
}

TEST(Concat, SymbolsAndElements) {
    Dim n = Dim::symbol(0), m = Dim::symbol(1);
    EXPECT_EQ(inferShape("concat", "axis=1", {{DType::kFloat, {n, 2}}, {DType::kFloat, {4, m}}}), (Shape{4, m + 2}));
    EXPECT_EQ(inferElements("concat", "", {shapeTensor({n}), shapeTensor({3, m * 2})}),
              (std::vector<Dim>{n, 3, m * 2}));
    EXPECT_FALSE(inferArgs("concat", "", {shapeTensor({n}), {DType::kInt64, {2}}}).elements[0].has_value());
}

TEST(Concat, Refuses) {
    Arg x{DType::kFloat, {2, 1}};
    EXPECT_THAT(inferError("concat", "", {x, {DType::kFloat, {2, 2}}}), HasSubstr("axis 1 must be equal: 1 and 2"));
    EXPECT_THAT(inferError("concat", "", {x, {DType::kFloat, {2}}}), HasSubstr("expected 2 dimensions"));
    EXPECT_THAT(inferError("concat", "", {x, {DType::kHalf, {2, 1}}}), HasSubstr("f16"));
    EXPECT_THAT(inferError("concat", "", {{DType::kFloat, {}}}), HasSubstr("axis 0"));
    EXPECT_THAT(inferError("concat", "", std::vector<Arg>{}), HasSubstr("missing"));
}

}  // namespace
}  // namespace lathe::ops
