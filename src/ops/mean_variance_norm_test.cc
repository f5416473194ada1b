// SPDX-License-Identifier: Apache-2.0
#include "ops/mean_variance_norm.h"

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::floats;
using ::testing::HasSubstr;

void expectNormalized(const char* attrs, const testing::HostTensor& x, const std::vector<double>& expected) {
    auto y = testing::run("mean_variance_norm", attrs, {x});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], x.tensor.dims, expected, 1e-5);
}

TEST(MeanVarianceNorm, StandardizesAlongAxes) {
    auto x = floats({2, 2, 1, 2}, {1, 1, 0, 10, 5, 5, 10, 20});
    double f = 1 / std::sqrt(50);
    // Channel 0: mean 3, deviation 2. Channel 1: mean 10, variance 50.
    expectNormalized("", x, {-1, -1, -10 * f, 0, 1, 1, 0, 10 * f});
    expectNormalized("axes=[1]", floats({2, 2}, {1, 3, 7, 7}), {-1, 1, 0, 0});
    expectNormalized("axes=[0, -1]", floats({2, 2}, {1, 1, 5, 5}), {-1, -1, 1, 1});
}

TEST(MeanVarianceNorm, Refuses) {
    EXPECT_THAT(testing::inferError("mean_variance_norm", "", {{DType::kFloat, {2, 3}}}), HasSubstr("axis 2"));
    EXPECT_THAT(testing::inferError("mean_variance_norm", "axes=[0]", {{DType::kInt32, {2, 3}}}), HasSubstr("i32"));
}

TEST(MeanVarianceNorm, SymbolicShapes) {
    EXPECT_EQ(ir::toString(testing::inferShape("mean_variance_norm", "",
                                               {{DType::kFloat, {Dim::symbol(0), 3, 4, Dim::symbol(1)}}})),
              "[s0, 3, 4, s1]");
}

}  // namespace
}  // namespace lathe::ops
