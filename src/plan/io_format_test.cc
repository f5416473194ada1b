// SPDX-License-Identifier: Apache-2.0
#include "plan/io_format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lathe::plan {
namespace {

using tactics::Layout;
using ::testing::HasSubstr;

IoTensor tensor(DType type, ir::Shape shape, bool input = true) {
    IoTensor t;
    t.name = "t";
    t.isInput = input;
    t.dtype = type;
    t.shape = std::move(shape);
    return t;
}

TEST(IoFormat, TacticsWorkOnBuffersWhereTheyCan) {
    auto of = [](int64_t format, ir::Shape shape, bool input = true) {
        return layoutOf(format, DType::kHalf, shape, input);
    };
    EXPECT_EQ(of(0, {2, 3}), Layout::kLinear);
    EXPECT_EQ(of(8, {1, 3, 4, 4}), Layout::kChannelsLast);
    EXPECT_EQ(of(12, {1, 3, 2, 4, 4}), Layout::kChannelsLast);
    EXPECT_EQ(of(2, {1, 8, 4, 4}), Layout::kChannelsLast) << "nothing is padded";
    EXPECT_EQ(of(2, {1, 3, 4, 4}), Layout::kHwc8);
    EXPECT_EQ(of(8, {3, 4, 4}), Layout::kHwc) << "axis 0";
    EXPECT_EQ(of(8, {1, 3, 2, 4, 4}), Layout::kHwc) << "axis 2";
    EXPECT_EQ(of(4, {1, 32, 4, 4}), Layout::kBlocked16);
    EXPECT_EQ(of(4, {1, 3, 4, 4}), Layout::kChw16) << "what the caller pads with is not known to be zero";
    EXPECT_EQ(of(4, {1, 3, 4, 4}, false), Layout::kBlocked16);
    EXPECT_EQ(of(2, {1, ir::Dim::symbol(0), 4, 4}), Layout::kHwc8);
}

TEST(IoFormat, ChoosesOneThatIsPossible) {
    EXPECT_EQ(chooseFormat(~0u, tensor(DType::kHalf, {2, 3})).take(), 0);
    EXPECT_EQ(chooseFormat(1u << 5 | 1u << 2, tensor(DType::kHalf, {1, 8, 4, 4})).take(), 2) << "read as it is";
    EXPECT_EQ(chooseFormat(1u << 5 | 1u << 2, tensor(DType::kHalf, {1, 3, 4, 4})).take(), 2) << "the first";
    EXPECT_EQ(chooseFormat(1u << 5 | 1u << 2, tensor(DType::kInt8, {1, 3, 4, 4})).take(), 5) << "the only one";
    auto none = chooseFormat(1u << 3 | 1u << 9, tensor(DType::kInt8, {1, ir::Dim::symbol(0), 4, 4}));
    ASSERT_FALSE(none.ok());
    EXPECT_THAT(none.status().message(), HasSubstr("kCHW4 needs a constant number of channels"));
    EXPECT_THAT(none.status().message(), HasSubstr("kDLA_LINEAR"));
    IoTensor shape = tensor(DType::kFloat, {1, 3, 4, 4});
    shape.isShape = true;
    EXPECT_FALSE(chooseFormat(1u << 8, shape).ok());
}

TEST(IoFormat, Sizes) {
    IoTensor t = tensor(DType::kInt8, {2, 5, 3, 7});
    t.format = 3;
    EXPECT_EQ(bufferBytes(t, {2, 5, 3, 7}), 2 * 8 * 21);
    EXPECT_EQ(bufferStrides(t, {2, 5, 3, 7}), (ir::Dims{42, 21, 7, 1}));
    EXPECT_EQ(factsOf(t).vectorAxis, 1);
    EXPECT_EQ(factsOf(t).width, 4);
    EXPECT_THAT(describeFormat(t), HasSubstr("INT8"));
    t.format = 11;
    EXPECT_EQ(bufferBytes(t, {2, 5, 3, 7}), 2 * 16 * 21);
    EXPECT_EQ(bufferStrides(t, {2, 5, 3, 7}), (ir::Dims{21, 1, 7, 1}));
    EXPECT_EQ(bufferBytes(t, {2, 0, 3, 7}), 0);
}

}  // namespace
}  // namespace lathe::plan
