// SPDX-License-Identifier: Apache-2.0
#include "ops/identity.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using namespace testing;

TEST(Identity, CopiesDataAndElements) {
    auto y = run("identity", "", {tensor(DType::kBf16, {2, 2}, {1, -2, 3, 0.5})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2, 2}, {1, -2, 3, 0.5});
    Dim n = Dim::symbol(0);
    EXPECT_EQ(inferElements("identity", "", {shapeTensor({n, 3})}), (std::vector<Dim>{n, 3}));
    EXPECT_EQ(inferShape("identity", "", {{DType::kInt4, {n, 3}}}), (Shape{n, 3}));
}

}  // namespace
}  // namespace lathe::ops
