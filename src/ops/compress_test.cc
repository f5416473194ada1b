// SPDX-License-Identifier: Apache-2.0
#include "ops/compress.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using namespace testing;
using ::testing::HasSubstr;

TEST(Compress, KeepsWhatIsTrue) {
    auto x = floats({2, 3}, {1, 2, 3, 4, 5, 6});
    auto y = run("compress", "has_axis=true axis=-1", {x, tensor(DType::kBool, {3}, {1, 0, 1})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2, 2}, {1, 3, 4, 6});
    y = run("compress", "has_axis=true", {x, tensor(DType::kBool, {1}, {1})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {1, 3}, {1, 2, 3});
    y = run("compress", "", {x, tensor(DType::kBool, {8}, {0, 1, 0, 0, 1, 0, 1, 1})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2}, {2, 5});
    EXPECT_THAT(inferError("compress", "has_axis=true axis=2", {{DType::kFloat, {2, 3}}, {DType::kBool, {3}}}),
                HasSubstr("axis 2"));
    EXPECT_THAT(inferError("compress", "", {{DType::kFloat, {2, 3}}, {DType::kInt64, {3}}}), HasSubstr("i64"));
}

}  // namespace
}  // namespace lathe::ops
