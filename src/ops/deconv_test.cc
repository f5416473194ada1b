// SPDX-License-Identifier: Apache-2.0
#include "ops/deconv.h"

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::floats;
using ::testing::HasSubstr;

void expectDeconv(const char* attrs, const std::vector<testing::HostTensor>& inputs, const Dims& dims,
                  const std::vector<double>& expected) {
    auto y = testing::run("deconv", attrs, inputs);
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], dims, expected, 1e-5);
}

const testing::HostTensor kSignal = floats({1, 1, 3}, {1, 10, 100});
const testing::HostTensor kTaps = floats({1, 1, 3}, {1, 2, 3});

TEST(Deconv, EveryInputAddsTheKernel) {
    expectDeconv("", {kSignal, kTaps}, {1, 1, 5}, {1, 12, 123, 230, 300});
    expectDeconv("strides=[2]", {kSignal, kTaps, floats({1}, {0.5})}, {1, 1, 7},
                 {1.5, 2.5, 13.5, 20.5, 130.5, 200.5, 300.5});
    expectDeconv("dilations=[2]", {kSignal, kTaps}, {1, 1, 7}, {1, 10, 102, 20, 203, 30, 300});
}

TEST(Deconv, PadsCutAndOutputPaddingAdds) {
    expectDeconv("pads=[1, 2]", {kSignal, kTaps}, {1, 1, 2}, {12, 123});
    expectDeconv("strides=[2] output_padding=[1]", {kSignal, kTaps}, {1, 1, 8}, {1, 2, 13, 20, 130, 200, 300, 0});
    // Output padding is where the pad at the end would have cut.
    expectDeconv("strides=[2] pads=[1, 1] output_padding=[1]", {kSignal, kTaps}, {1, 1, 6}, {2, 13, 20, 130, 200, 300});
}

TEST(Deconv, OutputShapeDecidesThePads) {
    // 5 - 4 = 1: an odd pad goes to the beginning, or for same_upper to the end.
    expectDeconv("output_shape=[4]", {kSignal, kTaps}, {1, 1, 4}, {12, 123, 230, 300});
    expectDeconv("output_shape=[4] auto_pad=same_upper", {kSignal, kTaps}, {1, 1, 4}, {1, 12, 123, 230});
    expectDeconv("output_shape=[7]", {kSignal, kTaps}, {1, 1, 7}, {1, 12, 123, 230, 300, 0, 0});
    expectDeconv("strides=[2] auto_pad=same_upper", {kSignal, kTaps}, {1, 1, 6}, {1, 2, 13, 20, 130, 200});
    expectDeconv("strides=[2] auto_pad=same_lower", {kSignal, kTaps}, {1, 1, 6}, {2, 13, 20, 130, 200, 300});
    expectDeconv("auto_pad=valid pads=[1, 1]", {kSignal, kTaps}, {1, 1, 5}, {1, 12, 123, 230, 300});
}

TEST(Deconv, ChannelsAndGroups) {
    // w [C = 2, M = 2, 1]: y0 = x0 * 1 + x1 * 3, y1 = x0 * 2 + x1 * 4.
    expectDeconv("", {floats({1, 2, 1}, {10, 100}), floats({2, 2, 1}, {1, 2, 3, 4})}, {1, 2, 1}, {310, 420});
    // Two groups of one input channel, two output channels each.
    expectDeconv("group=2", {floats({1, 2, 1}, {10, 100}), floats({2, 2, 1}, {1, 2, 3, 4})}, {1, 4, 1},
                 {10, 20, 300, 400});
}

TEST(Deconv, TwoAxesAndManyImages) {
    expectDeconv("", {floats({2, 1, 1, 2}, {1, 2, 3, 4}), floats({1, 1, 2, 2}, {1, 10, 100, 1000})}, {2, 1, 2, 3},
                 {1, 12, 20, 100, 1200, 2000, 3, 34, 40, 300, 3400, 4000});
    expectDeconv("", {floats({1, 1, 2, 1, 1}, {1, 2}), floats({1, 1, 2, 1, 2}, {1, 2, 3, 4})}, {1, 1, 3, 1, 2},
                 {1, 2, 5, 8, 6, 8});
}

TEST(Deconv, IsTheTransposeOfConvolution) {
    // <conv(u, w), v> == <u, deconv(v, w)>, over several tiles.
    const int64_t channels = 60, outputs = 65, height = 31, width = 29;
    std::vector<double> u(channels * height * width), w(outputs * channels * 9), v;
    for (size_t i = 0; i < u.size(); ++i) u[i] = static_cast<double>(i * 37 % 17) - 8;
    for (size_t i = 0; i < w.size(); ++i) w[i] = static_cast<double>(i * 11 % 7) - 3;
    auto wt = floats({outputs, channels, 3, 3}, w);
    const char* attrs = "pads=[1, 0, 1, 0] strides=[2, 1]";
    auto forward = testing::run("conv", attrs, {floats({1, channels, height, width}, u), wt});
    ASSERT_TRUE(forward.ok()) << forward.status().toString();
    std::vector<double> cu = testing::valuesOf((*forward)[0].tensor);
    for (size_t i = 0; i < cu.size(); ++i) v.push_back(static_cast<double>(i * 13 % 5) - 2);
    auto backward = testing::run("deconv", attrs, {floats((*forward)[0].tensor.dims, v), wt});
    ASSERT_TRUE(backward.ok()) << backward.status().toString();
    EXPECT_EQ((*backward)[0].tensor.dims, (Dims{1, channels, height, width}));
    std::vector<double> dv = testing::valuesOf((*backward)[0].tensor);
    double left = 0, right = 0;
    for (size_t i = 0; i < cu.size(); ++i) left += cu[i] * v[i];
    for (size_t i = 0; i < dv.size(); ++i) right += dv[i] * u[i];
    EXPECT_NEAR(left, right, 1e-6 * std::abs(left));
}

TEST(Deconv, Refuses) {
    auto error = [](const char* attrs, Shape x, Shape w) {
        return testing::inferError("deconv", attrs, {{DType::kFloat, std::move(x)}, {DType::kFloat, std::move(w)}});
    };
    EXPECT_THAT(error("", {1, 4, 5}, {3, 2, 3}), HasSubstr("input channels is 4, but must be 3"));
    EXPECT_THAT(error("group=2", {1, 3, 5}, {3, 2, 3}), HasSubstr("3 input channels"));
    EXPECT_THAT(error("pads=[4, 4]", {1, 3, 5}, {3, 2, 3}), HasSubstr("take more than the 7 positions"));
    EXPECT_THAT(error("output_padding=[-1]", {1, 3, 5}, {3, 2, 3}), HasSubstr("'output_padding'"));
    EXPECT_THAT(error("ceil_mode=true", {1, 3, 5}, {3, 2, 3}), HasSubstr("ceil_mode"));
    EXPECT_THAT(error("", {3, 5}, {3, 2}), HasSubstr("spatial"));
    EXPECT_THAT(error("output_shape=[3, 3]", {1, 3, 5}, {3, 2, 3}), HasSubstr("'output_shape' has 2 values where 1"));
}

TEST(Deconv, SymbolicShapes) {
    Dim n = Dim::symbol(0), h = Dim::symbol(1);
    auto shape = [&](const char* attrs) {
        return ir::toString(
            testing::inferShape("deconv", attrs, {{DType::kFloat, {n, 64, h, 7}}, {DType::kFloat, {64, 16, 4, 4}}}));
    };
    EXPECT_EQ(shape("strides=[2, 2] pads=[1, 1, 1, 1]"), "[s0, 16, s1*2, 14]");
    EXPECT_EQ(shape("strides=[2, 2] auto_pad=same_upper group=2"), "[s0, 32, s1*2, 14]");
    EXPECT_EQ(shape("strides=[2, 2] output_shape=[20, 14]"), "[s0, 16, 20, 14]");
}

}  // namespace
}  // namespace lathe::ops
