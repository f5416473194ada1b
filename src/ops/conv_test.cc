// SPDX-License-Identifier: Apache-2.0
#include "ops/conv.h"

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::floats;
using ::testing::HasSubstr;

std::vector<double> counting(int64_t n, double from = 1) {
    std::vector<double> v(n);
    for (int64_t i = 0; i < n; ++i) v[i] = from + static_cast<double>(i);
    return v;
}

void expectConv(const char* attrs, const std::vector<testing::HostTensor>& inputs, const Dims& dims,
                const std::vector<double>& expected) {
    auto y = testing::run("conv", attrs, inputs);
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], dims, expected, 1e-5);
}

TEST(Conv, SlidesWithoutFlippingTheKernel) {
    // 1·1 + 2·2 + 4·3 + 5·4 = 37
    expectConv("", {floats({1, 1, 3, 3}, counting(9)), floats({1, 1, 2, 2}, {1, 2, 3, 4}), floats({1}, {0.5})},
               {1, 1, 2, 2}, {37.5, 47.5, 67.5, 77.5});
}

TEST(Conv, PaddingAddsNothingAndMayBeUneven) {
    // One zero column before, two after; no rows.
    expectConv("pads=[0, 1, 0, 2]", {floats({1, 1, 1, 3}, {1, 2, 3}), floats({1, 1, 1, 3}, {1, 10, 100})}, {1, 1, 1, 4},
               {210, 321, 32, 3});
}

TEST(Conv, StridesAndDilations) {
    expectConv("strides=[2] dilations=[2]", {floats({1, 1, 7}, counting(7)), floats({1, 1, 2}, {1, 100})}, {1, 1, 3},
               {301, 503, 705});
}

TEST(Conv, GroupsSeeTheirOwnChannels) {
    // Two groups of two input channels, three output channels each.
    expectConv("group=2", {floats({1, 4, 1}, {1, 2, 3, 4}), floats({6, 2, 1}, {1, 0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 1})},
               {1, 6, 1}, {1, 2, 3, 3, 4, 7});
}

TEST(Conv, AutoPad) {
    auto x = floats({1, 1, 4}, {1, 2, 3, 4});
    auto w = floats({1, 1, 2}, {1, 10});
    expectConv("auto_pad=same_upper", {x, w}, {1, 1, 4}, {21, 32, 43, 4});
    expectConv("auto_pad=same_lower", {x, w}, {1, 1, 4}, {10, 21, 32, 43});
    expectConv("auto_pad=valid pads=[5, 5]", {x, w}, {1, 1, 3}, {21, 32, 43});
    // ceil(4 / 3) = 2 windows of 2 need 5 positions: one pad at the end.
    expectConv("auto_pad=same_upper strides=[3]", {x, w}, {1, 1, 2}, {21, 4});
    // Larger strides than the kernel never pad by less than nothing.
    expectConv("auto_pad=same_lower strides=[4]", {x, w}, {1, 1, 1}, {21});
}

TEST(Conv, CeilModeAddsAPartlyCoveredWindow) {
    expectConv("ceil_mode=true strides=[2]", {floats({1, 1, 4}, {1, 2, 3, 4}), floats({1, 1, 3}, {1, 1, 1})}, {1, 1, 2},
               {6, 7});
}

TEST(Conv, ThreeSpatialAxes) {
    expectConv("", {floats({1, 1, 2, 2, 2}, counting(8)), floats({1, 1, 2, 1, 2}, {1, 2, 3, 4})}, {1, 1, 1, 2, 1},
               {1 + 4 + 15 + 24, 3 + 8 + 21 + 32});
}

TEST(Conv, AgreesWithDirectSumsAcrossTiles) {
    // Large enough for several tiles and panels: every output is compared with its own sum.
    const int64_t channels = 70, height = 60, width = 61, outputs = 3;
    std::vector<double> x(channels * height * width), w(outputs * channels * 9);
    for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(i * 37 % 101) - 50;
    for (size_t i = 0; i < w.size(); ++i) w[i] = static_cast<double>(i * 11 % 7) - 3;
    std::vector<double> expected;
    for (int64_t m = 0; m < outputs; ++m)
        for (int64_t oh = 0; oh < height; ++oh)
            for (int64_t ow = 0; ow < width; ++ow) {
                double sum = 0;
                for (int64_t ch = 0; ch < channels; ++ch)
                    for (int64_t k = 0; k < 9; ++k) {
                        int64_t h = oh + k / 3 - 1, v = ow + k % 3 - 1;
                        if (h < 0 || h >= height || v < 0 || v >= width) continue;
                        sum += x[(ch * height + h) * width + v] * w[(m * channels + ch) * 9 + k];
                    }
                expected.push_back(sum);
            }
    expectConv("pads=[1, 1, 1, 1]", {floats({1, channels, height, width}, x), floats({outputs, channels, 3, 3}, w)},
               {1, outputs, height, width}, expected);
}

TEST(Conv, HalfPrecisionRoundsOnceAtTheEnd) {
    // 2048 + 1 - 2048 would lose the 1 in f16 sums.
    auto half = [](Dims d, const std::vector<double>& v) { return testing::tensor(DType::kHalf, std::move(d), v); };
    expectConv("", {half({1, 3, 1}, {2048, 1, 2048}), half({1, 3, 1}, {1, 1, -1})}, {1, 1, 1}, {1});
}

TEST(Conv, EmptyTensors) {
    expectConv("", {floats({0, 1, 3}, {}), floats({2, 1, 3}, counting(6))}, {0, 2, 1}, {});
    expectConv("", {floats({1, 0, 3}, {}), floats({2, 0, 3}, {}), floats({2}, {4, 5})}, {1, 2, 1}, {4, 5});
}

TEST(Conv, Refuses) {
    auto error = [](const char* attrs, Shape x, Shape w, DType t = DType::kFloat) {
        return testing::inferError("conv", attrs, {{t, std::move(x)}, {t, std::move(w)}});
    };
    EXPECT_THAT(error("", {1, 4, 5, 5}, {2, 3, 3, 3}), HasSubstr("input channels is 4, but must be 3"));
    EXPECT_THAT(error("group=2", {1, 4, 5, 5}, {3, 2, 3, 3}), HasSubstr("3 output channels"));
    EXPECT_THAT(error("group=0", {1, 4, 5, 5}, {3, 2, 3, 3}), HasSubstr("group is 0"));
    EXPECT_THAT(error("", {1, 4, 5, 5}, {3, 4, 3}), HasSubstr("expected 4 dimensions"));
    EXPECT_THAT(error("", {1, 4}, {3, 4}), HasSubstr("spatial"));
    EXPECT_THAT(error("", {1, 4, 2, 5}, {3, 4, 3, 3}), HasSubstr("does not fit"));
    EXPECT_THAT(error("strides=[1]", {1, 4, 5, 5}, {3, 4, 3, 3}), HasSubstr("'strides' has 1 values where 2"));
    EXPECT_THAT(error("strides=[1, 0]", {1, 4, 5, 5}, {3, 4, 3, 3}), HasSubstr("between 1 and"));
    EXPECT_THAT(error("pads=[1, 1, -1, 1]", {1, 4, 5, 5}, {3, 4, 3, 3}), HasSubstr("'pads'"));
    EXPECT_THAT(error("kernel=[3, 2]", {1, 4, 5, 5}, {3, 4, 3, 3}), HasSubstr("is 3, but must be 2"));
    EXPECT_THAT(error("", {1, 4, 5, 5}, {3, 4, 3, Dim::symbol(0)}), HasSubstr("known when the engine is built"));
    EXPECT_THAT(error("", {1, 4, 5, 5}, {3, 4, 3, 3}, DType::kInt32), HasSubstr("i32"));
    EXPECT_THAT(testing::inferError("conv", "", {{DType::kFloat, {1, 4, 5}}, {DType::kHalf, {3, 4, 3}}}),
                HasSubstr("f32 and f16"));
    EXPECT_THAT(
        testing::inferError("conv", "", {{DType::kFloat, {1, 4, 5}}, {DType::kFloat, {3, 4, 3}}, {DType::kFloat, {2}}}),
        HasSubstr("bias"));
    EXPECT_THAT(testing::inferError("conv", "", {{DType::kFloat, {1, 4, 5}}}), HasSubstr("input 1 is missing"));
}

TEST(Conv, SymbolicShapes) {
    Dim n = Dim::symbol(0), h = Dim::symbol(1);
    auto shape = [&](const char* attrs) {
        return ir::toString(
            testing::inferShape("conv", attrs, {{DType::kFloat, {n, 3, h, 224}}, {DType::kFloat, {64, 3, 7, 7}}}));
    };
    EXPECT_EQ(shape("strides=[2, 2] pads=[3, 3, 3, 3]"), "[s0, 64, floordiv(s1 + -1, 2) + 1, 112]");
    EXPECT_EQ(shape("pads=[3, 3, 3, 3]"), "[s0, 64, s1, 224]");
    EXPECT_EQ(shape("auto_pad=same_upper strides=[2, 2]"), "[s0, 64, ceildiv(s1, 2), 112]");
    EXPECT_EQ(ir::toString(testing::inferShape("conv", "",
                                               {{DType::kFloat, {n, Dim::symbol(2), h}}, {DType::kFloat, {8, 4, 1}}})),
              "[s0, 8, s1]");
}

}  // namespace
}  // namespace lathe::ops
