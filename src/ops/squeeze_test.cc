// SPDX-License-Identifier: Apache-2.0
#include "ops/squeeze.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using namespace testing;
using ::testing::HasSubstr;

TEST(Squeeze, RemovesAxes) {
    auto y = run("squeeze", "axes=[0, -1]", {floats({1, 2, 1, 1}, {5, 6})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2, 1}, {5, 6});
    y = run("squeeze", "", {floats({1, 2, 1}, {5, 6})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2}, {5, 6});
    y = run("squeeze", "", {floats({1, 2, 1}, {5, 6}), ints({1}, {2})}, 1, {1});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {1, 2}, {5, 6});
}

TEST(Squeeze, SymbolsAndElements) {
    Dim n = Dim::symbol(0);
    EXPECT_EQ(inferShape("squeeze", "axes=[1]", {{DType::kFloat, {n, 1}}}), (Shape{n}));
    EXPECT_EQ(inferShape("squeeze", "axes=[0]", {{DType::kFloat, {n, 3}}}), (Shape{3}));  // n must turn out to be 1
    EXPECT_EQ(inferElements("squeeze", "", {shapeTensor({n})}), (std::vector<Dim>{n}));
}

TEST(Squeeze, Refuses) {
    Arg x{DType::kFloat, {2, 1}};
    EXPECT_THAT(inferError("squeeze", "axes=[0]", {x}), HasSubstr("not 1"));
    EXPECT_THAT(inferError("squeeze", "axes=[1, -1]", {x}), HasSubstr("twice"));
    EXPECT_THAT(inferError("squeeze", "", {{DType::kFloat, {Dim::symbol(0)}}}), HasSubstr("while running"));
    EXPECT_THAT(inferError("squeeze", "", {x, {DType::kInt64, {1}}}), HasSubstr("must be known"));
}

}  // namespace
}  // namespace lathe::ops
