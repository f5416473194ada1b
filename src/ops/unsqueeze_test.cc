// SPDX-License-Identifier: Apache-2.0
#include "ops/unsqueeze.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using namespace testing;
using ::testing::HasSubstr;

TEST(Unsqueeze, PutsAxesIn) {
    auto y = run("unsqueeze", "axes=[-1, 0]", {floats({2}, {5, 6})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {1, 2, 1}, {5, 6});
    y = run("unsqueeze", "", {floats({2, 2}, {5, 6, 7, 8}), ints({2}, {1, 2})}, 1, {1});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2, 1, 1, 2}, {5, 6, 7, 8});
    Dim n = Dim::symbol(0);
    EXPECT_EQ(inferElements("unsqueeze", "axes=[0]", {{DType::kInt64, {}, {{n}}}}), (std::vector<Dim>{n}));
    EXPECT_EQ(inferShape("unsqueeze", "axes=[1]", {{DType::kFloat, {n, n}}}), (Shape{n, 1, n}));
}

TEST(Unsqueeze, Refuses) {
    Arg x{DType::kFloat, {2, 1}};
    EXPECT_THAT(inferError("unsqueeze", "axes=[3]", {x}), HasSubstr("axis 3"));
    EXPECT_THAT(inferError("unsqueeze", "axes=[0, 0]", {x}), HasSubstr("twice"));
    EXPECT_THAT(inferError("unsqueeze", "axes=[0]", {{DType::kFloat, Shape(8, 1)}}), HasSubstr("8"));
    EXPECT_THAT(inferError("unsqueeze", "", {x, {DType::kInt64, {1}}}), HasSubstr("must be known"));
}

}  // namespace
}  // namespace lathe::ops
