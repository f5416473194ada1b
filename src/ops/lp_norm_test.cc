// SPDX-License-Identifier: Apache-2.0
#include "ops/lp_norm.h"

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::floats;
using ::testing::HasSubstr;

void expectNorm(const char* attrs, const testing::HostTensor& x, const std::vector<double>& expected) {
    auto y = testing::run("lp_norm", attrs, {x});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], x.tensor.dims, expected, 1e-6);
}

TEST(LpNorm, DividesByTheNorm) {
    auto x = floats({2, 2}, {3, -4, 0, 0});
    expectNorm("", x, {0.6, -0.8, 0, 0});
    expectNorm("p=1", x, {3.0 / 7, -4.0 / 7, 0, 0});
    expectNorm("axis=0", x, {1, -1, 0, 0});
    expectNorm("", floats({0, 2}, {}), {});
    // The sum of squares is beyond f16, the norm isn't.
    expectNorm("", testing::tensor(DType::kHalf, {2}, {30000, 40000}),
               {static_cast<float>(Half(0.6f)), static_cast<float>(Half(0.8f))});
}

TEST(LpNorm, Refuses) {
    EXPECT_THAT(testing::inferError("lp_norm", "p=3", {{DType::kFloat, {2}}}), HasSubstr("p is 3"));
    EXPECT_THAT(testing::inferError("lp_norm", "axis=-2", {{DType::kFloat, {2}}}), HasSubstr("axis -2"));
    EXPECT_THAT(testing::inferError("lp_norm", "", {{DType::kInt64, {2}}}), HasSubstr("i64"));
}

TEST(LpNorm, SymbolicShapes) {
    EXPECT_EQ(ir::toString(testing::inferShape("lp_norm", "axis=0", {{DType::kFloat, {Dim::symbol(0), 5}}})),
              "[s0, 5]");
}

}  // namespace
}  // namespace lathe::ops
