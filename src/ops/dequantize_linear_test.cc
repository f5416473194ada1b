// SPDX-License-Identifier: Apache-2.0
#include "ops/dequantize_linear.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using namespace testing;
using ::testing::HasSubstr;

TEST(DequantizeLinear, ScalesBack) {
    auto y = run("dequantize_linear", "", {tensor(DType::kInt8, {3}, {-128, 0, 127}), floats({}, {0.5})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {3}, {-64, 0, 63.5});
    y = run(
        "dequantize_linear", "axis=1",
        {tensor(DType::kUint8, {2, 2}, {0, 255, 10, 20}), floats({2}, {2, 0.5}), tensor(DType::kUint8, {2}, {128, 5})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2, 2}, {-256, 125, -236, 7.5});
    y = run("dequantize_linear", "axis=0 block_size=2 output_dtype=f16",
            {tensor(DType::kInt8, {3, 1}, {2, 4, 6}), floats({2, 1}, {0.5, 10})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {3, 1}, {1, 2, 60});
    y = run("dequantize_linear", "output_dtype=bf16", {tensor(DType::kFp8, {2}, {1.5, -448}), floats({1}, {2})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2}, {3, -896});
    y = run("dequantize_linear", "",
            {tensor(DType::kInt32, {2}, {-2147483648., 7}), floats({}, {1}), tensor(DType::kInt32, {}, {2147483647})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2}, {-4294967296., -2147483648.}, 300);
}

TEST(DequantizeLinear, NarrowTypesAndScales) {
    auto storage = std::make_shared<std::array<uint8_t, 4>>(std::array<uint8_t, 4>{0xe1, 0x07, 128, 126});
    ir::HostTensor int4{{DType::kInt4, {3}, storage->data()}, storage},
        fp4{{DType::kFp4, {3}, storage->data()}, storage};
    ir::HostTensor powers{{DType::kE8M0, {2}, storage->data() + 2}, storage};  // 2 and 1/2
    auto y = run("dequantize_linear", "", {int4, floats({}, {2})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {3}, {2, -4, 14});
    y = run("dequantize_linear", "axis=0 block_size=2", {fp4, powers});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {3}, {1, -8, 3});
}

TEST(DequantizeLinear, Refuses) {
    Arg x{DType::kInt8, {2, 4}}, scale{DType::kFloat, {}};
    EXPECT_THAT(inferError("dequantize_linear", "", {{DType::kFloat, {2}}, scale}), HasSubstr("f32"));
    EXPECT_THAT(inferError("dequantize_linear", "", {x, {DType::kInt32, {}}}), HasSubstr("i32"));
    EXPECT_THAT(inferError("dequantize_linear", "output_dtype=i8", {x, scale}), HasSubstr("dequantization to i8"));
    EXPECT_THAT(inferError("dequantize_linear", "block_size=2", {x, {DType::kFloat, {2}}}), HasSubstr("do not fit"));
    EXPECT_THAT(inferError("dequantize_linear", "", {x}), HasSubstr("input 1"));
}

}  // namespace
}  // namespace lathe::ops
