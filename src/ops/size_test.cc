// SPDX-License-Identifier: Apache-2.0
#include "ops/size.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using namespace testing;

TEST(Size, CountsElements) {
    auto y = run("size", "", {tensor(DType::kBool, {2, 3}, std::vector<double>(6))});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {}, {6});
    Dim n = Dim::symbol(0);
    EXPECT_EQ(inferElements("size", "", {{DType::kFp4, {n, 3, n}}}), (std::vector<Dim>{n * n * 3}));
    EXPECT_EQ(inferElements("size", "", {{DType::kFloat, {}}}), (std::vector<Dim>{1}));
}

}  // namespace
}  // namespace lathe::ops
