// SPDX-License-Identifier: Apache-2.0
#include "ops/batch_norm.h"

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::floats;
using ::testing::HasSubstr;

TEST(BatchNorm, NormalizesEachChannel) {
    // sqrt(3 + 1) = 2 and sqrt(0.25 - 1 + 1) = 0.5.
    auto y = testing::run("batch_norm", "epsilon=1",
                          {floats({1, 2, 2}, {1, 3, 5, 7}), floats({2}, {4, 1}), floats({2}, {10, 0}),
                           floats({2}, {1, 6}), floats({2}, {3, -0.75})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], {1, 2, 2}, {10, 14, -2, 2}, 1e-6);
}

TEST(BatchNorm, ChannelsRepeatForEachImageAndTypesMayDiffer) {
    auto half = [](Dims d, const std::vector<double>& v) { return testing::tensor(DType::kHalf, std::move(d), v); };
    auto y = testing::run(
        "batch_norm", "epsilon=0",
        {half({2, 2}, {1, 2, 3, 4}), half({2}, {1, 2}), half({2}, {0, 1}), floats({2}, {1, 2}), floats({2}, {1, 4})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    EXPECT_EQ((*y)[0].tensor.dtype, DType::kHalf);
    testing::expectNear((*y)[0], {2, 2}, {0, 1, 2, 3});
}

TEST(BatchNorm, Refuses) {
    auto error = [](Shape x, Dim n, DType stats = DType::kFloat) {
        return testing::inferError("batch_norm", "",
                                   {{DType::kFloat, std::move(x)},
                                    {DType::kFloat, {n}},
                                    {DType::kFloat, {n}},
                                    {DType::kFloat, {n}},
                                    {stats, {n}}});
    };
    EXPECT_THAT(error({1, 3, 4}, 4), HasSubstr("input 1: the length is 4, but must be 3"));
    EXPECT_THAT(error({3}, 3), HasSubstr("at least N and C"));
    EXPECT_THAT(error({1, 3}, 3, DType::kHalf), HasSubstr("inputs 3 and 4 have the types f32 and f16"));
    EXPECT_THAT(error({1, 3}, 3, DType::kInt32), HasSubstr("i32"));
    EXPECT_THAT(testing::inferError("batch_norm", "", {{DType::kFloat, {1, 3}}}), HasSubstr("input 1 is missing"));
}

TEST(BatchNorm, SymbolicShapes) {
    testing::Arg c{DType::kFloat, {8}};
    EXPECT_EQ(ir::toString(testing::inferShape("batch_norm", "",
                                               {{DType::kFloat, {Dim::symbol(0), 8, Dim::symbol(1)}}, c, c, c, c})),
              "[s0, 8, s1]");
}

}  // namespace
}  // namespace lathe::ops
