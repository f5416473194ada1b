// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/resize.h"

#include <gtest/gtest.h>

#include <cmath>

#include "kernels/cpu/test_floats.h"
#include "kernels/cpu/test_isas.h"

namespace lathe::cpu {
namespace {

ResizeAxis axis(int64_t in, int64_t out, const ResizeOptions& o, double scale = 0, double a = 0, double b = 1) {
    auto r = ResizeAxis::make(in, out, scale, o, a, b);
    EXPECT_TRUE(r.ok()) << r.status().toString();
    return r.take();
}

// One dimension through the whole class.
std::vector<float> line(const std::vector<float>& x, int64_t out, const ResizeOptions& o, double scale = 0,
                        double a = 0, double b = 1) {
    ResizeAxis axes[3];
    axes[2] = axis(static_cast<int64_t>(x.size()), out, o, scale, a, b);
    auto r = Resize::make(DType::kFloat, 1, 1, axes, o.outside);
    EXPECT_TRUE(r.ok()) << r.status().toString();
    std::vector<float> y(out);
    r->run(x.data(), y.data());
    return y;
}

void near(const std::vector<float>& got, const std::vector<float>& want) {
    ASSERT_EQ(got.size(), want.size());
    for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], want[i], 1e-5) << "element " << i;
}

// Values worked out by hand from the formulas in resize.h.
TEST(Resize, KnownLines) {
    forEachIsa([] {
        using C = ResizeCoordinates;
        using R = ResizeRounding;
        const ResizeMode nearest = ResizeMode::kNearest, linear = ResizeMode::kLinear, cubic = ResizeMode::kCubic;
        std::vector<float> x = {1, 2, 3, 4};
        near(line(x, 8, {.mode = nearest, .coordinates = C::kAsymmetric, .rounding = R::kFloor}),
             {1, 1, 2, 2, 3, 3, 4, 4});
        near(line(x, 8, {.mode = nearest, .coordinates = C::kHalfPixel, .rounding = R::kHalfDown}),
             {1, 1, 2, 2, 3, 3, 4, 4});
        // Positions 0, 0.5, 1, …: the halves go down, up, or to the ceiling.
        near(line(x, 8, {.mode = nearest, .coordinates = C::kAsymmetric, .rounding = R::kHalfDown}),
             {1, 1, 2, 2, 3, 3, 4, 4});
        near(line(x, 8, {.mode = nearest, .coordinates = C::kAsymmetric, .rounding = R::kHalfUp}),
             {1, 2, 2, 3, 3, 4, 4, 4});
        near(line(x, 8, {.mode = nearest, .coordinates = C::kAsymmetric, .rounding = R::kCeil}),
             {1, 2, 2, 3, 3, 4, 4, 4});
        near(line(x, 2, {.mode = nearest, .coordinates = C::kTfHalfPixelNearest, .rounding = R::kFloor}), {2, 4});
        near(line(x, 7, {.mode = linear, .coordinates = C::kAlignCorners}), {1, 1.5f, 2, 2.5f, 3, 3.5f, 4});
        near(line(x, 8, {.mode = linear, .coordinates = C::kHalfPixel}),
             {1, 1.25f, 1.75f, 2.25f, 2.75f, 3.25f, 3.75f, 4});
        near(line(x, 8, {.mode = linear, .coordinates = C::kAsymmetric}), {1, 1.5f, 2, 2.5f, 3, 3.5f, 4, 4});
        near(line(x, 2, {.mode = linear, .coordinates = C::kHalfPixel}), {1.5f, 3.5f});
        near(line(x, 1, {.mode = linear, .coordinates = C::kPytorchHalfPixel}), {1});
        near(line(x, 1, {.mode = linear, .coordinates = C::kHalfPixel}), {2.5f});
        near(line(x, 1, {.mode = linear, .coordinates = C::kHalfPixel, .firstForSingle = true}), {1});
        // A triangle of half width 2 about 0.5 and 2.5: weights 1, 3, 3, 1 over 8, the outer taps on the edge.
        near(line(x, 2, {.mode = linear, .coordinates = C::kHalfPixel, .antialias = true}), {1.625f, 3.375f});
        near(line(x, 2, {.mode = linear, .coordinates = C::kHalfPixel, .excludeOutside = true, .antialias = true}),
             {12 / 7.f, 23 / 7.f});
        // Half way between 2 and 3 with a = -0.75: weights -0.09375, 0.59375, 0.59375, -0.09375.
        near(line(x, 1, {.mode = cubic, .coordinates = C::kHalfPixel}), {2.5f});
        near(line({0, 0, 1, 0}, 1, {.mode = cubic, .coordinates = C::kHalfPixel}), {0.59375f});
        near(line({1, 0, 0, 0}, 1, {.mode = cubic, .coordinates = C::kHalfPixel, .cubic = -0.5f}), {-0.0625f});
        // At 0.5 of {1, 3} the outer taps lie outside: edges repeated, or left out.
        near(line({1, 3}, 1, {.mode = cubic, .coordinates = C::kHalfPixel}), {2});
        near(line({1, 3}, 1, {.mode = cubic, .coordinates = C::kHalfPixel, .excludeOutside = true}), {2});
        // Crop [1/3, 1]: from position 1 to 3; and beyond the end.
        near(line(x, 3, {.mode = linear, .coordinates = C::kCropAndResize}, 0, 1 / 3., 1), {2, 3, 4});
        near(line(x, 3, {.mode = linear, .coordinates = C::kCropAndResize, .extrapolate = true, .outside = -7}, 0,
                  1 / 3., 5 / 3.),
             {2, 4, -7});
        // Half pixel, 4 by 0.6 is 2 and not 2.4: the symmetric variant centres it.
        near(line(x, 2, {.mode = linear, .coordinates = C::kHalfPixelSymmetric}, 0.6), {5 / 3.f, 10 / 3.f});
    });
}

struct Shape {
    int64_t in[3], out[3];
};

void check(DType type, int64_t images, int64_t vector, const Shape& s, const ResizeOptions& o) {
    ResizeAxis axes[3];
    for (int d = 0; d < 3; ++d)
        axes[d] =
            s.in[d] == 1 && s.out[d] == 1
                ? ResizeAxis{.in = 1, .out = 1, .taps = 1, .index = {}, .weight = {}, .isOutside = {}, .identity = true}
                : axis(s.in[d], s.out[d], o);
    auto r = Resize::make(type, images, vector, axes, o.outside);
    ASSERT_TRUE(r.ok()) << r.status().toString();
    bool integer = isInteger(type);
    FloatBuffer x = FloatBuffer::random(type, images * s.in[0] * s.in[1] * s.in[2] * vector, 3, integer ? 0 : -2,
                                        integer ? 100 : 2);
    FloatBuffer y(type, images * s.out[0] * s.out[1] * s.out[2] * vector);
    r->run(x.data(), y.data());
    int64_t at = 0;
    auto tap = [&](int d, int64_t out, int t) -> std::pair<int64_t, double> {
        if (axes[d].index.empty()) return {out, 1};
        return {axes[d].index[out * axes[d].taps + t], axes[d].weight[out * axes[d].taps + t]};
    };
    for (int64_t n = 0; n < images; ++n)
        for (int64_t od = 0; od < s.out[0]; ++od)
            for (int64_t oh = 0; oh < s.out[1]; ++oh)
                for (int64_t ow = 0; ow < s.out[2]; ++ow)
                    for (int64_t c = 0; c < vector; ++c, ++at) {
                        double want = 0;
                        for (int i = 0; i < axes[0].taps; ++i)
                            for (int j = 0; j < axes[1].taps; ++j)
                                for (int k = 0; k < axes[2].taps; ++k) {
                                    auto [d, wd] = tap(0, od, i);
                                    auto [h, wh] = tap(1, oh, j);
                                    auto [w, ww] = tap(2, ow, k);
                                    want += wd * wh * ww *
                                            x[(((n * s.in[0] + d) * s.in[1] + h) * s.in[2] + w) * vector + c];
                                }
                        if (type == DType::kUint8) want = std::clamp(want, 0., 255.);
                        if (type == DType::kInt8) want = std::clamp(want, -128., 127.);
                        ASSERT_NEAR(y[at], want, integer ? 0.501 : x.relativeError() * std::fabs(want) + 3e-6)
                            << n << " " << od << " " << oh << " " << ow << " " << c;
                    }
}

TEST(Resize, DimensionsLayoutsAndTypes) {
    forEachIsa([] {
        for (ResizeMode mode : {ResizeMode::kNearest, ResizeMode::kLinear, ResizeMode::kCubic})
            for (int64_t vector : {1, 3, 8, 21})
                for (bool antialias : {false, true}) {
                    ResizeOptions o{.mode = mode, .antialias = antialias};
                    check(DType::kFloat, 2, vector, {{1, 7, 9}, {1, 14, 23}}, o);
                    check(DType::kFloat, 2, vector, {{1, 17, 29}, {1, 8, 11}}, o);
                    check(DType::kFloat, 1, vector, {{4, 5, 6}, {7, 5, 3}}, o);
                    for (DType type : {DType::kHalf, DType::kBf16, DType::kInt8, DType::kUint8})
                        check(type, 2, vector, {{1, 7, 9}, {1, 14, 18}}, o);
                }
        check(DType::kFloat, 1, 1, {{1, 1, 9000}, {1, 1, 5000}}, {.mode = ResizeMode::kLinear});
        check(DType::kFloat, 1, 1, {{1, 2, 10000}, {1, 3, 2}}, {.mode = ResizeMode::kLinear, .antialias = true});
    });
    for (DType type : {DType::kInt64, DType::kInt32, DType::kBool}) check(type, 2, 3, {{1, 7, 9}, {1, 14, 5}}, {});
}

TEST(Resize, Refusals) {
    EXPECT_FALSE(ResizeAxis::make(0, 5, 0, {}).ok());
    EXPECT_FALSE(ResizeAxis::make(5, 5, -1, {}).ok());
    EXPECT_FALSE(ResizeAxis::make(5, 5, 0, {.coordinates = ResizeCoordinates::kCropAndResize}, 0, NAN).ok());
    ResizeAxis axes[3];
    axes[2] = axis(4, 8, {.mode = ResizeMode::kLinear});
    EXPECT_FALSE(Resize::make(DType::kInt64, 1, 1, axes).ok());
    axes[2].index.pop_back();
    EXPECT_FALSE(Resize::make(DType::kFloat, 1, 1, axes).ok());
}

}  // namespace
}  // namespace lathe::cpu
