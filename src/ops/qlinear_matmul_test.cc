// SPDX-License-Identifier: Apache-2.0
#include "ops/qlinear_matmul.h"

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::floats;
using ::testing::HasSubstr;
using testing::tensor;

TEST(QlinearMatmul, RoundsToEvenAndSaturates) {
    auto byte = [](double v) { return tensor(DType::kUint8, {}, {v}); };
    auto a = tensor(DType::kUint8, {1, 2}, {3, 5}), b = tensor(DType::kUint8, {2, 3}, {1, 2, 200, 1, 0, 250});
    // (a - 1) b = 6, 4, 1400, times 0.5 * 0.5 / 1: 1.5 -> 2, 1, 350 -> saturates, plus 7.
    auto y = testing::run("qlinear_matmul", "",
                          {a, floats({}, {0.5}), byte(1), b, floats({1}, {0.5}), byte(0), floats({}, {1}), byte(7)});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], {1, 3}, {9, 8, 255});
    auto z = testing::run("qlinear_matmul", "",
                          {a, floats({}, {0.5}), byte(1), b, floats({}, {0.5}), byte(0), floats({}, {1}),
                           tensor(DType::kInt8, {}, {-7})});
    ASSERT_TRUE(z.ok()) << z.status().toString();
    testing::expectNear((*z)[0], {1, 3}, {-5, -6, 127});
}

TEST(QlinearMatmul, RefusesScalesOfIntegers) {
    auto m = tensor(DType::kUint8, {1, 1}, {1}), zero = tensor(DType::kUint8, {}, {0});
    EXPECT_THAT(testing::runError("qlinear_matmul", "",
                                  {m, testing::ints({}, {1}), zero, m, floats({}, {1}), zero, floats({}, {1}), zero}),
                HasSubstr("i64"));
}

}  // namespace
}  // namespace lathe::ops
