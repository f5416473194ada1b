// SPDX-License-Identifier: Apache-2.0
#include "ops/instance_norm.h"

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::floats;
using ::testing::HasSubstr;

TEST(InstanceNorm, NormalizesEveryPlane) {
    auto x = floats({2, 2, 2}, {1, 5, 0, 2, 10, 10, -3, 3});
    auto y = testing::run("instance_norm", "epsilon=0", {x, floats({2}, {1, 10}), floats({2}, {0, 5})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], {2, 2, 2}, {-1, 1, -5, 15, NAN, NAN, -5, 15}, 1e-6);
    y = testing::run("instance_norm", "epsilon=5", {x, floats({2}, {3, 1}), floats({2}, {0, 5})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    double f = 1 / std::sqrt(6), g = 1 / std::sqrt(14);
    testing::expectNear((*y)[0], {2, 2, 2}, {-2, 2, 5 - f, 5 + f, 0, 0, 5 - 3 * g, 5 + 3 * g}, 1e-6);
}

TEST(InstanceNorm, Refuses) {
    auto error = [](Shape x, Dim n) {
        return testing::inferError("instance_norm", "",
                                   {{DType::kFloat, std::move(x)}, {DType::kFloat, {n}}, {DType::kFloat, {n}}});
    };
    EXPECT_THAT(error({2, 3}, 3), HasSubstr("spatial"));
    EXPECT_THAT(error({2, 3, 4}, 2), HasSubstr("the length is 2, but must be 3"));
    EXPECT_THAT(testing::inferError("instance_norm", "",
                                    {{DType::kHalf, {2, 3, 4}}, {DType::kFloat, {3}}, {DType::kHalf, {3}}}),
                HasSubstr("f16 and f32"));
}

TEST(InstanceNorm, SymbolicShapes) {
    testing::Arg c{DType::kFloat, {8}};
    EXPECT_EQ(ir::toString(testing::inferShape("instance_norm", "",
                                               {{DType::kFloat, {Dim::symbol(0), 8, Dim::symbol(1)}}, c, c})),
              "[s0, 8, s1]");
}

}  // namespace
}  // namespace lathe::ops
