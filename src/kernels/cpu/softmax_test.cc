// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/softmax.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "kernels/cpu/test_floats.h"
#include "kernels/cpu/test_isas.h"

namespace lathe::cpu {
namespace {

void check(DType type, int64_t outer, int64_t n, int64_t inner, bool log, float range, bool inPlace) {
    FloatBuffer x = FloatBuffer::random(type, outer * n * inner, 3, -range, range), y(type, x.size());
    FloatBuffer in = x;
    SoftmaxArgs a;
    a.type = type;
    a.x = x.data();
    a.y = inPlace ? x.data() : y.data();
    a.outer = outer, a.n = n, a.inner = inner, a.log = log;
    softmax(a);
    const FloatBuffer& got = inPlace ? x : y;
    for (int64_t o = 0; o < outer; ++o)
        for (int64_t i = 0; i < inner; ++i) {
            auto at = [&](int64_t k) { return (o * n + k) * inner + i; };
            double top = -1e300, sum = 0;
            for (int64_t k = 0; k < n; ++k) top = std::max(top, in[at(k)]);
            for (int64_t k = 0; k < n; ++k) sum += std::exp(in[at(k)] - top);
            for (int64_t k = 0; k < n; ++k) {
                double want = log ? in[at(k)] - top - std::log(sum) : std::exp(in[at(k)] - top) / sum;
                double allowed = (x.relativeError() + 1e-6) * std::fabs(want) + (log ? 1e-6 : 1e-9) +
                                 (type == DType::kHalf ? 6e-8 : 0);
                ASSERT_NEAR(got[at(k)], want, allowed) << outer << " " << n << " " << inner << " element " << k;
            }
        }
}

TEST(Softmax, AgainstDouble) {
    forEachIsa([] {
        for (DType type : {DType::kFloat, DType::kHalf, DType::kBf16})
            for (bool log : {false, true}) {
                for (int64_t n : {1, 2, 7, 8, 16, 33, 100, 1000, 5000}) check(type, 3, n, 1, log, 4, false);
                check(type, 2, 13, 5, log, 4, false);
                check(type, 2, 130, 17, log, 4, true);
                check(type, 1, 21, 700, log, 30, false);
                check(type, 5, 64, 1, log, 60, true);
            }
    });
}

TEST(Softmax, MaskedElementsWeighNothing) {
    forEachIsa([] {
        const float inf = std::numeric_limits<float>::infinity();
        for (int64_t inner : {1, 3}) {
            std::vector<float> x(20 * inner, -inf), y(x.size());
            for (int64_t i = 0; i < inner; ++i) x[4 * inner + i] = 1, x[9 * inner + i] = 1;
            SoftmaxArgs a;
            a.x = x.data(), a.y = y.data(), a.n = 20, a.inner = inner;
            softmax(a);
            for (int64_t k = 0; k < 20; ++k)
                for (int64_t i = 0; i < inner; ++i) EXPECT_EQ(y[k * inner + i], k == 4 || k == 9 ? 0.5f : 0.f);
            x[0] = std::nanf("");
            softmax(a);
            for (int64_t k = 0; k < 20; ++k) EXPECT_TRUE(std::isnan(y[k * inner]));
        }
    });
}

}  // namespace
}  // namespace lathe::cpu
