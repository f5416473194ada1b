// SPDX-License-Identifier: Apache-2.0
#include "ops/block_quantize.h"

#include "ops/narrow.h"
#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::floats;
using ::testing::HasSubstr;

std::vector<double> numbers(const ir::HostTensor& t) {
    std::vector<double> out;
    for (int64_t i = 0; i < t.tensor.count(); ++i) out.push_back(loadNumber(t.tensor.dtype, t.tensor.data, i));
    return out;
}

TEST(BlockQuantize, ScalesFitTheLargestOfEachBlock) {
    auto r = testing::run("block_quantize", "block=[1, 2] output_dtype=i8",
                          {floats({2, 4}, {1, -127, 0.5, 0.25, 0, 0, 254, -127})}, 2);
    ASSERT_TRUE(r.ok()) << r.status().toString();
    EXPECT_EQ(numbers((*r)[0]), (std::vector<double>{1, -127, 127, 64, 0, 0, 127, -64}));
    testing::expectNear((*r)[1], {2, 2}, {1, 0.5 / 127, 0, 2}, 1e-9);
}

// The scale is stored in units of g, and what is divided by is the stored one.
TEST(BlockQuantize, DividesByTheRoundedScale) {
    auto r = testing::run("block_quantize", "block=[4] output_dtype=f4e2m1 scale_dtype=f8e4m3",
                          {floats({8}, {6, 3, 1.5, -0.75, 0.06, 0.03, 0, -0.06}), floats({}, {0.01})}, 2);
    ASSERT_TRUE(r.ok()) << r.status().toString();
    // 6 / 6 / 0.01 = 100 lies between 96 and 104, nearer to 96 as the float 0.01 is a little more; 0.06 / 6 / 0.01 = 1.
    EXPECT_EQ(numbers((*r)[1]), (std::vector<double>{96, 1}));
    EXPECT_EQ(numbers((*r)[0]), (std::vector<double>{6, 3, 1.5, -1, 6, 3, 0, -6}));
}

TEST(BlockQuantize, PowersOfTwoAreNotLess) {
    auto r = testing::run("block_quantize", "block=[2] scale_dtype=e8m0",
                          {floats({10}, {448, 0, 449, 1, 0, 0, 1e-45, 0, 896, 7})}, 2);
    ASSERT_TRUE(r.ok()) << r.status().toString();
    EXPECT_EQ(numbers((*r)[1]), (std::vector<double>{1, 2, 0x1p-127, 0x1p-127, 2}));
    EXPECT_EQ(numbers((*r)[0])[0], 448);
    EXPECT_EQ(numbers((*r)[0])[2], 224);
    EXPECT_EQ(numbers((*r)[0])[4], 0);
}

TEST(BlockQuantize, WholeAxesAndSquares) {
    auto r = testing::run("block_quantize", "block=[-1, 2] output_dtype=i8",
                          {floats({2, 4}, {1, 2, 3, 4, 5, 6, 7, 127})}, 2);
    ASSERT_TRUE(r.ok()) << r.status().toString();
    testing::expectNear((*r)[1], {1, 2}, {6. / 127, 1}, 1e-8);
    Dim n = Dim::symbol(0);
    auto types = testing::infer("block_quantize", "block=[1, 32]", {{DType::kHalf, {n, 64}}}, 2);
    ASSERT_TRUE(types.ok()) << types.status().toString();
    EXPECT_EQ((*types)[1].shape, (Shape{n, 2}));
}

TEST(BlockQuantize, SaysWhatIsWrong) {
    auto error = [](const char* attrs, DType t, Shape shape) {
        return testing::inferError("block_quantize", attrs, {{t, std::move(shape)}});
    };
    EXPECT_THAT(error("block=[1, 5]", DType::kFloat, {2, 8}), HasSubstr("does not divide [2, 8]: axis 1"));
    EXPECT_THAT(error("block=[8]", DType::kFloat, {2, 8}), HasSubstr("one extent for each axis"));
    EXPECT_THAT(error("block=[0, 8]", DType::kFloat, {2, 8}), HasSubstr("axis 0 has no extent"));
    EXPECT_THAT(error("block=[1]", DType::kInt32, {2}), HasSubstr("i32"));
    EXPECT_THAT(error("block=[1] output_dtype=u8", DType::kFloat, {2}), HasSubstr("quantization to u8"));
    EXPECT_THAT(error("block=[1] scale_dtype=bf16", DType::kFloat, {2}), HasSubstr("scales of type bf16"));
}

}  // namespace
}  // namespace lathe::ops
