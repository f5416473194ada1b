// SPDX-License-Identifier: Apache-2.0
#include "ops/matmul_integer.h"

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using ::testing::HasSubstr;
using testing::tensor;

TEST(MatmulInteger, SubtractsZeroPointsByRowAndColumn) {
    auto a = tensor(DType::kUint8, {2, 2}, {1, 2, 3, 255}), b = tensor(DType::kInt8, {2, 2}, {1, -1, 2, -128});
    auto plain = testing::run("matmul_integer", "", {a, b});
    ASSERT_TRUE(plain.ok()) << plain.status().toString();
    testing::expectNear((*plain)[0], {2, 2}, {5, -257, 513, -32643});
    auto moved = testing::run("matmul_integer", "",
                              {a, b, tensor(DType::kUint8, {2}, {1, 3}), tensor(DType::kInt8, {2}, {1, 0})});
    ASSERT_TRUE(moved.ok()) << moved.status().toString();
    // a: 0 1 / 0 252; b: 0 -1 / 1 -128.
    testing::expectNear((*moved)[0], {2, 2}, {1, -128, 252, -32256});
}

TEST(MatmulInteger, RefusesWhatDoesNotFit) {
    auto a = tensor(DType::kUint8, {2, 2}, {1, 2, 3, 4});
    EXPECT_THAT(testing::runError("matmul_integer", "", {a, tensor(DType::kUint8, {3, 1}, {1, 2, 3})}),
                HasSubstr("2 and 3"));
    EXPECT_THAT(testing::runError("matmul_integer", "", {a, a, tensor(DType::kUint8, {3}, {1, 2, 3})}),
                HasSubstr("each row"));
}

}  // namespace
}  // namespace lathe::ops
