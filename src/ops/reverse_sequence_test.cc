// SPDX-License-Identifier: Apache-2.0
#include "ops/reverse_sequence.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using namespace testing;
using ::testing::HasSubstr;

TEST(ReverseSequence, ReversesTheBeginning) {
    auto x = floats({3, 2}, {1, 2, 3, 4, 5, 6});
    auto y = run("reverse_sequence", "", {x, ints({2}, {3, 2})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {3, 2}, {5, 4, 3, 2, 1, 6});
    y = run("reverse_sequence", "batch_axis=0 time_axis=-1", {x, tensor(DType::kInt32, {3}, {0, 1, 2})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {3, 2}, {1, 2, 3, 4, 6, 5});
    EXPECT_THAT(runError("reverse_sequence", "", {x, ints({2}, {4, 0})}), HasSubstr("length of 4"));
    EXPECT_THAT(inferError("reverse_sequence", "time_axis=1", {{DType::kFloat, {3, 2}}, {DType::kInt64, {2}}}),
                HasSubstr("both 1"));
    EXPECT_THAT(inferError("reverse_sequence", "", {{DType::kFloat, {3, 2}}, {DType::kInt64, {3}}}),
                HasSubstr("2 and 3"));
}

}  // namespace
}  // namespace lathe::ops
