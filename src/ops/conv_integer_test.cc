// SPDX-License-Identifier: Apache-2.0
#include "ops/conv_integer.h"

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using ::testing::HasSubstr;
using testing::tensor;

TEST(ConvInteger, SubtractsZeroPointsAndPadsWithNothing) {
    auto x = tensor(DType::kUint8, {1, 1, 2, 2}, {2, 3, 4, 255});
    auto w = tensor(DType::kInt8, {2, 1, 2, 2}, {1, 1, 1, 1, -1, 0, 0, 2});
    auto plain = testing::run("conv_integer", "", {x, w});
    ASSERT_TRUE(plain.ok()) << plain.status().toString();
    testing::expectNear((*plain)[0], {1, 2, 1, 1}, {264, 508});
    auto moved = testing::run("conv_integer", "pads=[1, 1, 0, 0]",
                              {x, w, tensor(DType::kUint8, {}, {1}), tensor(DType::kInt8, {2}, {0, 1})});
    ASSERT_TRUE(moved.ok()) << moved.status().toString();
    // x - 1 is 1 2 3 254; the second channel's taps less 1 are -2 -1 -1 1.
    testing::expectNear((*moved)[0], {1, 2, 2, 2}, {1, 3, 4, 260, 1, 1, 2, 247});
}

TEST(ConvInteger, RefusesOtherTypesAndWrongZeroPoints) {
    auto x = tensor(DType::kUint8, {1, 1, 2, 2}, {2, 3, 4, 5}), w = tensor(DType::kUint8, {1, 1, 1, 1}, {1});
    EXPECT_THAT(testing::runError("conv_integer", "", {testing::floats({1, 1, 2, 2}, {1, 2, 3, 4}), w}),
                HasSubstr("f32"));
    EXPECT_THAT(testing::runError("conv_integer", "", {x, w, tensor(DType::kInt8, {}, {1})}), HasSubstr("i8"));
    EXPECT_THAT(testing::runError("conv_integer", "", {x, w, testing::absent(), tensor(DType::kUint8, {2}, {1, 1})}),
                HasSubstr("each output channel is 2"));
}

}  // namespace
}  // namespace lathe::ops
