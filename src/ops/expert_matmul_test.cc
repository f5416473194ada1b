// SPDX-License-Identifier: Apache-2.0
#include "ops/expert_matmul.h"

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::floats;
using ::testing::HasSubstr;
using testing::tensor;

TEST(ExpertMatmul, EachRowByItsChoice) {
    // Experts: times 1, times 10, swapped.
    auto w = floats({3, 2, 2}, {1, 0, 0, 1, 10, 0, 0, 10, 0, 1, 1, 0});
    auto y = testing::run("expert_matmul", "",
                          {floats({2, 2}, {1, 2, 3, 4}), tensor(DType::kInt32, {2, 2}, {1, 2, 0, 7}), w});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], {2, 2, 2}, {10, 20, 2, 1, 3, 4, 0, 0});
    auto own = testing::run("expert_matmul", "",
                            {floats({1, 2, 2}, {1, 2, 3, 4}), tensor(DType::kInt64, {1, 2}, {2, 1}), w,
                             floats({3, 2}, {9, 9, 0.5, 0.25, 100, 200})});
    ASSERT_TRUE(own.ok()) << own.status().toString();
    testing::expectNear((*own)[0], {1, 2, 2}, {102, 201, 30.5, 40.25});
}

TEST(ExpertMatmul, SaysWhatIsWrong) {
    using testing::Arg;
    Arg x{DType::kFloat, {3, 8}}, choice{DType::kInt32, {3, 2}}, w{DType::kFloat, {4, 8, 5}};
    auto error = [](std::vector<Arg> in) { return testing::inferError("expert_matmul", "", in); };
    EXPECT_EQ(error({x, choice, w}), "");
    EXPECT_THAT(error({Arg{DType::kFloat, {3, 7}}, choice, w}), HasSubstr("the depth of the weights is 8"));
    EXPECT_THAT(error({Arg{DType::kFloat, {2, 8}}, choice, w}), HasSubstr("axis 0 of x is 2"));
    EXPECT_THAT(error({Arg{DType::kFloat, {3, 3, 8}}, choice, w}), HasSubstr("axis 1 of x is 3"));
    EXPECT_THAT(error({Arg{DType::kFloat, {8}}, choice, w}), HasSubstr("x has the shape [8]"));
    EXPECT_THAT(error({x, Arg{DType::kFloat, {3, 2}}, w}), HasSubstr("f32"));
    EXPECT_THAT(error({x, choice, Arg{DType::kHalf, {4, 8, 5}}}), HasSubstr("f16"));
    EXPECT_THAT(error({x, choice, w, Arg{DType::kFloat, {3, 5}}}), HasSubstr("the number of biases is 3"));
}

}  // namespace
}  // namespace lathe::ops
