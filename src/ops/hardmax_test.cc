// SPDX-License-Identifier: Apache-2.0
#include "ops/hardmax.h"

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::floats;
using ::testing::HasSubstr;

void expectHardmax(const char* attrs, const testing::HostTensor& x, const std::vector<double>& expected) {
    auto y = testing::run("hardmax", attrs, {x});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], x.tensor.dims, expected);
}

TEST(Hardmax, MarksTheFirstLargest) {
    auto x = floats({2, 3}, {1, 3, 3, -1, -5, -2});
    expectHardmax("", x, {0, 1, 0, 1, 0, 0});
    expectHardmax("axis=0", x, {1, 1, 1, 0, 0, 0});
    expectHardmax("", floats({3}, {1, NAN, NAN}), {0, 1, 0});
    expectHardmax("", floats({0, 3}, {}), {});
    expectHardmax("axis=1", floats({3, 0}, {}), {});
}

TEST(Hardmax, Refuses) {
    EXPECT_THAT(testing::inferError("hardmax", "axis=1", {{DType::kFloat, {2}}}), HasSubstr("axis 1"));
    EXPECT_THAT(testing::inferError("hardmax", "", {{DType::kInt32, {2}}}), HasSubstr("i32"));
}

TEST(Hardmax, SymbolicShapes) {
    EXPECT_EQ(ir::toString(testing::inferShape("hardmax", "", {{DType::kFloat, {Dim::symbol(0), 5}}})), "[s0, 5]");
}

}  // namespace
}  // namespace lathe::ops
