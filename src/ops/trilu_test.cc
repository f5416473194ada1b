// SPDX-License-Identifier: Apache-2.0
#include "ops/trilu.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using namespace testing;
using ::testing::HasSubstr;

TEST(Trilu, KeepsATriangle) {
    auto x = floats({2, 3}, {1, 2, 3, 4, 5, 6});
    auto expect = [&](const char* attrs, double k, const std::vector<double>& expected) {
        auto y = run("trilu", attrs, {x, ints({}, {k})});
        ASSERT_TRUE(y.ok()) << y.status().toString();
        expectNear((*y)[0], {2, 3}, expected);
    };
    expect("", 0, {1, 2, 3, 0, 5, 6});
    expect("", 1, {0, 2, 3, 0, 0, 6});
    expect("", -0x1p62, {1, 2, 3, 4, 5, 6});
    expect("upper=false", 0, {1, 0, 0, 4, 5, 0});
    expect("upper=false", -1, {0, 0, 0, 4, 0, 0});
    expect("upper=false", 0x1p62, {1, 2, 3, 4, 5, 6});
    auto y = run("trilu", "", {ints({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2, 2, 2}, {1, 2, 0, 4, 5, 6, 0, 8});
    EXPECT_THAT(inferError("trilu", "", {{DType::kFloat, {3}}}), HasSubstr("no matrices"));
    EXPECT_THAT(inferError("trilu", "", {{DType::kFloat, {3, 3}}, {DType::kInt64, {2}}}), HasSubstr("scalar"));
    EXPECT_THAT(inferError("trilu", "", {{DType::kFloat, {3, 3}}, {DType::kFloat, {}}}), HasSubstr("f32"));
}

}  // namespace
}  // namespace lathe::ops
