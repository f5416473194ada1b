// SPDX-License-Identifier: Apache-2.0
#include "ops/eye_like.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using namespace testing;
using ::testing::HasSubstr;

TEST(EyeLike, PutsOnesOnADiagonal) {
    auto eye = [](const char* attrs) { return run("eye_like", attrs, {floats({2, 3}, std::vector<double>(6, 7))}); };
    expectNear((*eye(""))[0], {2, 3}, {1, 0, 0, 0, 1, 0});
    expectNear((*eye("k=2 dtype=f16"))[0], {2, 3}, {0, 0, 1, 0, 0, 0});
    expectNear((*eye("k=-1 dtype=i64"))[0], {2, 3}, {0, 0, 0, 1, 0, 0});
    expectNear((*eye("k=3 dtype=bool"))[0], {2, 3}, std::vector<double>(6));
    expectNear((*eye("k=-9223372036854775808"))[0], {2, 3}, std::vector<double>(6));
    EXPECT_EQ(inferShape("eye_like", "", {{DType::kBool, {Dim::symbol(0), 3}}}), (Shape{Dim::symbol(0), 3}));
    EXPECT_THAT(inferError("eye_like", "", {{DType::kFloat, {3}}}), HasSubstr("2 dimensions"));
    EXPECT_THAT(inferError("eye_like", "dtype=i4", {{DType::kFloat, {3, 3}}}), HasSubstr("i4"));
}

}  // namespace
}  // namespace lathe::ops
