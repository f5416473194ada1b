// SPDX-License-Identifier: Apache-2.0
#include "ops/qlinear_conv.h"

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::floats;
using ::testing::HasSubstr;
using testing::tensor;

TEST(QlinearConv, ScalesByChannelAndAddsTheBiasBeforeScaling) {
    auto byte = [](double v) { return tensor(DType::kUint8, {}, {v}); };
    auto x = tensor(DType::kUint8, {1, 1, 1, 3}, {10, 12, 14});
    auto w = tensor(DType::kInt8, {2, 1, 1, 1}, {2, -3});
    auto bias = tensor(DType::kInt32, {2}, {1, -1});
    // x - 10 is 0 2 4. Sums with bias: 1 5 9 and -1 -7 -13, times 0.5 and 1, plus 3.
    auto y = testing::run("qlinear_conv", "",
                          {x, floats({}, {0.5}), byte(10), w, floats({2}, {1, 2}), tensor(DType::kInt8, {}, {0}),
                           floats({}, {1}), byte(3), bias});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], {1, 2, 1, 3}, {3, 5, 7, 2, 0, 0});
}

TEST(QlinearConv, RefusesABiasOfAnotherLength) {
    auto zero = tensor(DType::kUint8, {}, {0}), x = tensor(DType::kUint8, {1, 1, 1, 1}, {1});
    EXPECT_THAT(testing::runError("qlinear_conv", "",
                                  {x, floats({}, {1}), zero, x, floats({}, {1}), zero, floats({}, {1}), zero,
                                   tensor(DType::kInt32, {2}, {1, 1})}),
                HasSubstr("the bias's length"));
}

}  // namespace
}  // namespace lathe::ops
