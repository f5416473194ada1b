// SPDX-License-Identifier: Apache-2.0
#include "ops/transpose.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using namespace testing;
using ::testing::HasSubstr;

TEST(Transpose, Permutes) {
    auto y = run("transpose", "", {floats({2, 3}, {1, 2, 3, 4, 5, 6})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {3, 2}, {1, 4, 2, 5, 3, 6});
    y = run("transpose", "perm=[1, 2, 0]", {ints({2, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2, 2, 2}, {0, 4, 1, 5, 2, 6, 3, 7});
    Dim n = Dim::symbol(0);
    EXPECT_EQ(inferShape("transpose", "perm=[0, -1, 1]", {{DType::kFloat, {n, 3, 4}}}), (Shape{n, 4, 3}));
    EXPECT_EQ(inferElements("transpose", "", {{DType::kInt64, {2, 2}, {{n, 1, 2, 3}}}}),
              (std::vector<Dim>{n, 2, 1, 3}));
}

TEST(Transpose, Refuses) {
    EXPECT_THAT(inferError("transpose", "perm=[0]", {{DType::kFloat, {2, 3}}}), HasSubstr("1 axes"));
    EXPECT_THAT(inferError("transpose", "perm=[0, 0]", {{DType::kFloat, {2, 3}}}), HasSubstr("twice"));
    EXPECT_THAT(inferError("transpose", "", {{DType::kInt4, {2, 3}}}), HasSubstr("i4"));
}

}  // namespace
}  // namespace lathe::ops
