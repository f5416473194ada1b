// SPDX-License-Identifier: Apache-2.0
#include "ops/lrn.h"

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::floats;
using ::testing::HasSubstr;

void expectLrn(const char* attrs, const std::vector<double>& expected) {
    auto y = testing::run("lrn", attrs, {floats({1, 4, 1}, {1, 2, 3, 4})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], {1, 4, 1}, expected, 1e-6);
}

TEST(Lrn, DividesByTheNeighbouringChannels) {
    expectLrn("size=1 alpha=1 beta=1 bias=0", {1, 0.5, 1.0 / 3, 0.25});
    // Sums of squares of three channels: 5, 14, 29, 25.
    expectLrn("size=3 alpha=3 beta=1 bias=0", {1.0 / 5, 2.0 / 14, 3.0 / 29, 4.0 / 25});
    expectLrn("size=3 alpha=6 beta=0.5 bias=2",
              {1 / std::sqrt(12), 2 / std::sqrt(30), 3 / std::sqrt(60), 4 / std::sqrt(52)});
    // An even size reaches one further to the end: the channel itself and the one after it.
    expectLrn("size=2 alpha=2 beta=1 bias=0", {1.0 / 5, 2.0 / 13, 3.0 / 25, 4.0 / 16});
    expectLrn("size=100 alpha=100 beta=1 bias=0", {1.0 / 30, 2.0 / 30, 3.0 / 30, 4.0 / 30});
}

TEST(Lrn, Refuses) {
    EXPECT_THAT(testing::inferError("lrn", "size=0", {{DType::kFloat, {1, 4, 3}}}), HasSubstr("size is 0"));
    EXPECT_THAT(testing::inferError("lrn", "", {{DType::kFloat, {4}}}), HasSubstr("at least N and C"));
    EXPECT_THAT(testing::inferError("lrn", "", {{DType::kInt32, {1, 4}}}), HasSubstr("i32"));
}

TEST(Lrn, SymbolicShapes) {
    EXPECT_EQ(
        ir::toString(testing::inferShape("lrn", "size=5", {{DType::kFloat, {Dim::symbol(0), 96, Dim::symbol(1)}}})),
        "[s0, 96, s1]");
}

}  // namespace
}  // namespace lathe::ops
