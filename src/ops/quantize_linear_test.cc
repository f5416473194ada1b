// SPDX-License-Identifier: Apache-2.0
#include "ops/quantize_linear.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::kInf;
using namespace testing;
using ::testing::HasSubstr;

void expectQuantized(const char* attrs, DType t, const std::vector<double>& x, double scale, double zero,
                     const std::vector<double>& expected) {
    SCOPED_TRACE(attrs);
    Dims dims = {static_cast<int64_t>(x.size())};
    auto y = run("quantize_linear", attrs, {floats(dims, x), floats({}, {scale}), tensor(t, {}, {zero})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    EXPECT_EQ((*y)[0].tensor.dtype, t);
    expectNear((*y)[0], dims, expected);
}

TEST(QuantizeLinear, RoundsAndSaturates) {
    expectQuantized("", DType::kInt8, {0.5, 1.5, 2.5, -2.5, 300, -kInf, std::nan("")}, 1, 0,
                    {0, 2, 2, -2, 127, -128, 0});
    expectQuantized("output_dtype=u8", DType::kUint8, {0, 1, -300, 300, 2.4}, 2, 128, {128, 128, 0, 255, 129});
    expectQuantized("output_dtype=f8e4m3", DType::kFp8, {1.0625, 2000, -kInf}, 1, 0, {1, 448, -448});
    expectQuantized("output_dtype=f8e4m3 saturate=false", DType::kFp8, {1, 2000, 4}, 2, 0, {0.5, std::nan(""), 2});
    // The quotient is an f32: 0.35f / 0.1f is 3.5, although the exact one is less.
    expectQuantized("", DType::kInt8, {0.35}, 0.1, 0, {4});
}

TEST(QuantizeLinear, AxesAndBlocks) {
    auto x = floats({2, 3}, {1, 2, 3, 4, 5, 6});
    auto y = run("quantize_linear", "axis=-2", {x, floats({2}, {1, 0.5}), tensor(DType::kInt8, {2}, {0, 10})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2, 3}, {1, 2, 3, 18, 20, 22});
    y = run("quantize_linear", "axis=1 block_size=2", {x, floats({2, 2}, {1, 0.5, 0.25, 2})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2, 3}, {1, 2, 6, 16, 20, 3});
    y = run("quantize_linear", "axis=0 block_size=2", {x, floats({1, 3}, {1, 0.5, 0.25})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2, 3}, {1, 4, 12, 4, 10, 24});
    y = run("quantize_linear", "", {tensor(DType::kInt32, {2}, {7, -9}), floats({1}, {2})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2}, {4, -4});
}

TEST(QuantizeLinear, Nibbles) {
    auto bytes = [](const char* attrs) {
        auto y = run("quantize_linear", attrs, {floats({3}, {1, -2, 90}), floats({}, {1})});
        EXPECT_TRUE(y.ok()) << y.status().toString();
        const auto* data = static_cast<const uint8_t*>((*y)[0].tensor.data);
        return std::vector<int>{data[0], data[1]};
    };
    EXPECT_EQ(bytes("output_dtype=i4"), (std::vector<int>{0xe1, 0x07}));
    EXPECT_EQ(bytes("output_dtype=f4e2m1"), (std::vector<int>{0xc2, 0x07}));
}

TEST(QuantizeLinear, Refuses) {
    Dim n = Dim::symbol(0);
    Arg x{DType::kFloat, {n, 4}}, scale{DType::kFloat, {}};
    EXPECT_EQ(inferShape("quantize_linear", "axis=0", {x, {DType::kFloat, {n}}}), (Shape{n, 4}));
    EXPECT_THAT(inferError("quantize_linear", "", {x, {DType::kFloat, {3}}}), HasSubstr("do not fit"));
    EXPECT_THAT(inferError("quantize_linear", "block_size=3", {x, {DType::kFloat, {n, 4}}}), HasSubstr("do not fit"));
    EXPECT_THAT(inferError("quantize_linear", "axis=2", {x, {DType::kFloat, {4}}}), HasSubstr("axis 2"));
    EXPECT_THAT(inferError("quantize_linear", "", {x, scale, {DType::kUint8, {}}}), HasSubstr("u8"));
    EXPECT_THAT(inferError("quantize_linear", "axis=1", {x, {DType::kFloat, {4}}, {DType::kInt8, {}}}),
                HasSubstr("zero points"));
    EXPECT_THAT(inferError("quantize_linear", "output_dtype=i32", {x, scale}), HasSubstr("i32"));
    EXPECT_THAT(runError("quantize_linear", "output_dtype=f8e4m3",
                         {floats({1}, {1}), floats({}, {1}), tensor(DType::kFp8, {}, {2})}),
                HasSubstr("zero point"));
}

}  // namespace
}  // namespace lathe::ops
