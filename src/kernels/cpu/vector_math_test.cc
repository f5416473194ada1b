// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/vector_math.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <vector>

#include "base/dtype.h"
#include "kernels/cpu/test_isas.h"

namespace lathe::cpu {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

using Map = void (*)(const float*, float*, int64_t);

// Largest error over [lo, hi] in units of the reference's float spacing; `floorAbs` is an absolute error that always
// passes.
double worstUlps(Map map, const std::function<double(double)>& ref, float lo, float hi, double floorAbs = 0) {
    const int n = 200003;
    std::vector<float> x(n), y(n);
    for (int i = 0; i < n; ++i) x[i] = lo + (hi - lo) * (static_cast<float>(i) / (n - 1));
    map(x.data(), y.data(), n);
    double worst = 0;
    for (int i = 0; i < n; ++i) {
        double want = ref(x[i]);
        double error = std::abs(want - y[i]);
        if (error <= floorAbs) continue;
        float magnitude = std::max(std::abs(static_cast<float>(want)), 1.17549435e-38f);
        double ulp = std::nextafter(magnitude, kInf) - magnitude;
        if (!(error / ulp <= worst)) worst = error / ulp;
    }
    return worst;
}

double sigmoidRef(double x) { return 1 / (1 + std::exp(-x)); }

TEST(VectorMath, Accuracy) {
    forEachIsa([] {
        const VectorMathTable& m = vectorMath();
        EXPECT_LE(worstUlps(
                      m.exp, [](double x) { return std::exp(x); }, -87, 88.7f),
                  2);
        EXPECT_LE(worstUlps(
                      m.exp, [](double x) { return std::exp(x); }, -1, 1),
                  1.5);
        EXPECT_LE(worstUlps(
                      m.expm1, [](double x) { return std::expm1(x); }, -87, 87),
                  3);
        EXPECT_LE(worstUlps(
                      m.expm1, [](double x) { return std::expm1(x); }, -1e-3f, 1e-3f),
                  2);
        EXPECT_LE(worstUlps(
                      m.expm1, [](double x) { return std::expm1(x); }, -2, 2),
                  3);
        EXPECT_LE(worstUlps(
                      m.log, [](double x) { return std::log(x); }, 1e-30f, 4),
                  2);
        EXPECT_LE(worstUlps(
                      m.log, [](double x) { return std::log(x); }, 0.9f, 1.1f),
                  2);
        EXPECT_LE(worstUlps(
                      m.log, [](double x) { return std::log(x); }, 1e-42f, 1e-38f),
                  2);
        EXPECT_LE(worstUlps(
                      m.log, [](double x) { return std::log(x); }, 1, 1e38f),
                  2);
        EXPECT_LE(worstUlps(
                      m.log1p, [](double x) { return std::log1p(x); }, -0.5f, 3),
                  4);
        EXPECT_LE(worstUlps(
                      m.log1p, [](double x) { return std::log1p(x); }, -1e-6f, 1e-6f),
                  2);
        EXPECT_LE(worstUlps(
                      m.tanh, [](double x) { return std::tanh(x); }, -12, 12),
                  4);
        EXPECT_LE(worstUlps(
                      m.tanh, [](double x) { return std::tanh(x); }, -0.01f, 0.01f),
                  3);
        EXPECT_LE(worstUlps(
                      m.erf, [](double x) { return std::erf(x); }, -5, 5),
                  3);
        EXPECT_LE(worstUlps(
                      m.erf, [](double x) { return std::erf(x); }, -0.01f, 0.01f),
                  3);
        EXPECT_LE(worstUlps(m.sigmoid, sigmoidRef, -80, 80), 4);
        EXPECT_LE(worstUlps(
                      m.silu, [](double x) { return x * sigmoidRef(x); }, -80, 80),
                  5);
        auto gelu = [](double x) { return 0.5 * x * std::erfc(-x / std::sqrt(2.0)); };
        EXPECT_LE(worstUlps(m.geluErf, gelu, -4, 10), 32);
        EXPECT_LE(worstUlps(m.geluErf, gelu, -1, 1), 8);
        EXPECT_LE(worstUlps(m.geluErf, gelu, -100, 100, 1e-7), 4);
        auto geluTanh = [](double x) {
            return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
        };
        EXPECT_LE(worstUlps(m.geluTanh, geluTanh, -100, 100, 1e-7), 4);
        EXPECT_LE(worstUlps(
                      m.softplus, [](double x) { return std::log1p(std::exp(x)); }, -80, 80),
                  5);
        auto mish = [](double x) { return x * std::tanh(std::log1p(std::exp(x))); };
        EXPECT_LE(worstUlps(m.mish, mish, -80, 80), 6);
    });
}

TEST(VectorMath, SpecialValues) {
    forEachIsa([] {
        const VectorMathTable& m = vectorMath();
        float nan = std::numeric_limits<float>::quiet_NaN();
        auto at = [](Map map, float x) {
            float y = -1;
            map(&x, &y, 1);
            return y;
        };
        for (Map map : {m.exp, m.expm1, m.log, m.log1p, m.tanh, m.erf, m.sigmoid, m.silu, m.geluErf, m.geluTanh,
                        m.softplus, m.mish}) {
            EXPECT_TRUE(std::isnan(at(map, nan)));
        }
        EXPECT_EQ(at(m.exp, kInf), kInf);
        EXPECT_EQ(at(m.exp, -kInf), 0);
        EXPECT_EQ(at(m.exp, 0), 1);
        EXPECT_EQ(at(m.exp, 89), kInf);
        EXPECT_EQ(at(m.exp, -105), 0);
        EXPECT_NEAR(at(m.exp, -100), std::exp(-100.0), 3e-45);
        EXPECT_EQ(at(m.log, 0), -kInf);
        EXPECT_EQ(at(m.log, kInf), kInf);
        EXPECT_TRUE(std::isnan(at(m.log, -1)));
        EXPECT_EQ(at(m.log1p, 0), 0);
        EXPECT_EQ(at(m.log1p, kInf), kInf);
        EXPECT_EQ(at(m.tanh, kInf), 1);
        EXPECT_EQ(at(m.tanh, -kInf), -1);
        EXPECT_EQ(at(m.erf, kInf), 1);
        EXPECT_EQ(at(m.erf, -kInf), -1);
        EXPECT_EQ(at(m.sigmoid, kInf), 1);
        EXPECT_EQ(at(m.sigmoid, -kInf), 0);
        EXPECT_EQ(at(m.geluErf, kInf), kInf);
        EXPECT_EQ(at(m.geluErf, -kInf), 0);
        EXPECT_EQ(at(m.geluErf, -1e30f), 0);
        EXPECT_EQ(at(m.geluErf, 1e30f), 1e30f);
        EXPECT_EQ(at(m.softplus, kInf), kInf);
        EXPECT_EQ(at(m.softplus, -kInf), 0);
        EXPECT_EQ(at(m.mish, 1e30f), 1e30f);
        EXPECT_EQ(at(m.silu, 1e30f), 1e30f);
    });
}

// Whole range of half and bfloat16, and the narrowing of every value between neighbours.
TEST(VectorMath, NarrowFloats) {
    std::vector<uint16_t> all(65536);
    for (int i = 0; i < 65536; ++i) all[i] = static_cast<uint16_t>(i);
    std::vector<float> probes;
    for (int i = 0; i < 65536; ++i) {
        for (float base :
             {static_cast<float>(std::bit_cast<Half>(all[i])), static_cast<float>(std::bit_cast<BFloat16>(all[i]))}) {
            uint32_t u = std::bit_cast<uint32_t>(base);
            for (uint32_t step : {0u, 1u, 0x0fffu, 0x1000u, 0x1001u, 0x7fffu, 0x8000u, 0x8001u}) {
                probes.push_back(std::bit_cast<float>(u + step));
            }
        }
    }
    forEachIsa([&] {
        const VectorMathTable& m = vectorMath();
        std::vector<float> wide(65536);
        m.f16ToF32(all.data(), wide.data(), 65536);
        int bad = 0;
        for (int i = 0; i < 65536; ++i) {
            float want = std::bit_cast<Half>(all[i]);
            bad += std::isnan(want) ? !std::isnan(wide[i])
                                    : std::bit_cast<uint32_t>(want) != std::bit_cast<uint32_t>(wide[i]);
        }
        EXPECT_EQ(bad, 0);
        m.bf16ToF32(all.data(), wide.data(), 65536);
        for (int i = 0; i < 65536; ++i) bad += std::bit_cast<uint32_t>(wide[i]) != static_cast<uint32_t>(i) << 16;
        EXPECT_EQ(bad, 0);

        int n = static_cast<int>(probes.size());
        std::vector<uint16_t> narrow(n);
        m.f32ToF16(probes.data(), narrow.data(), n);
        for (int i = 0; i < n; ++i) {
            Half want(probes[i]);
            if (std::isnan(probes[i])) {
                bad += !std::isnan(static_cast<float>(std::bit_cast<Half>(narrow[i])));
            } else {
                bad += want.bits != narrow[i];
            }
        }
        EXPECT_EQ(bad, 0);
        m.f32ToBf16(probes.data(), narrow.data(), n);
        for (int i = 0; i < n; ++i) {
            if (std::isnan(probes[i])) {
                bad += !std::isnan(static_cast<float>(std::bit_cast<BFloat16>(narrow[i])));
            } else {
                bad += BFloat16(probes[i]).bits != narrow[i];
            }
        }
        EXPECT_EQ(bad, 0);
    });
}

TEST(VectorMath, NarrowIntegers) {
    std::vector<float> x = {0,      0.5f,    1.5f,    2.5f, -0.5f,  -1.5f,  126.5f, 127.4f, 127.6f, 128,  1e20f,
                            -1e20f, -127.5f, -128.4f, -129, 254.5f, 255.5f, 300,    -1,     kInf,   -kInf};
    forEachIsa([&] {
        std::vector<int8_t> s(x.size());
        std::vector<uint8_t> u(x.size());
        vectorMath().f32ToI8(x.data(), s.data(), static_cast<int64_t>(x.size()));
        vectorMath().f32ToU8(x.data(), u.data(), static_cast<int64_t>(x.size()));
        for (size_t i = 0; i < x.size(); ++i) {
            float r = std::nearbyint(x[i]);
            EXPECT_EQ(s[i], static_cast<int>(std::clamp(r, -128.0f, 127.0f))) << x[i];
            EXPECT_EQ(u[i], static_cast<int>(std::clamp(r, 0.0f, 255.0f))) << x[i];
        }
    });
}

// Nothing past the end is written, whatever the length.
TEST(VectorMath, Tails) {
    forEachIsa([] {
        for (int n = 0; n <= 40; ++n) {
            std::vector<float> x(n, 0.0f), y(n + 1, 7.0f);
            vectorMath().exp(x.data(), y.data(), n);
            for (int i = 0; i < n; ++i) ASSERT_EQ(y[i], 1.0f);
            ASSERT_EQ(y[n], 7.0f);
            std::vector<uint16_t> h(n + 1, 7);
            vectorMath().f32ToF16(y.data(), h.data(), n);
            for (int i = 0; i < n; ++i) ASSERT_EQ(h[i], 0x3c00);
            ASSERT_EQ(h[n], 7);
        }
    });
}

}  // namespace
}  // namespace lathe::cpu
