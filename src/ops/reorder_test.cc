// SPDX-License-Identifier: Apache-2.0
#include "ops/reorder.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

TEST(Reorder, IsTheIdentityOnValues) {
    auto y = testing::run("reorder", "from=0 to=1", {testing::floats({1, 2, 2}, {1, 2, 3, 4})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], {1, 2, 2}, {1, 2, 3, 4});
}

TEST(Reorder, Refuses) {
    EXPECT_THAT(testing::inferError("reorder", "to=1", {{DType::kFloat, {2, 3}}}), ::testing::HasSubstr("no channels"));
    EXPECT_THAT(testing::inferError("reorder", "to=19", {{DType::kFloat, {2, 3, 4}}}), ::testing::HasSubstr("19"));
    EXPECT_THAT(testing::inferError("reorder", "to=12", {{DType::kFloat, {2, 3, 4}}}),
                ::testing::HasSubstr("no channels"));
}

}  // namespace
}  // namespace lathe::ops
