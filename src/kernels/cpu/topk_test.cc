// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/topk.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "kernels/cpu/test_floats.h"

namespace lathe::cpu {
namespace {

const DType kTypes[] = {DType::kFloat, DType::kHalf,  DType::kBf16, DType::kInt8,
                        DType::kUint8, DType::kInt32, DType::kInt64};

double greatestNan(double x) { return std::isnan(x) ? 1e300 : x; }

TEST(TopK, ArgExtreme) {
    for (DType type : kTypes)
        for (int64_t inner : {1, 3, 200})
            for (int64_t n : {1, 2, 77})
                for (bool least : {false, true})
                    for (bool last : {false, true}) {
                        const int64_t outer = 3;
                        // A small range, so that there are equals.
                        FloatBuffer x = FloatBuffer::random(type, outer * n * inner, 3, 0, 6);
                        if (type == DType::kFloat)
                            for (int64_t i = 0; i < x.size(); ++i) x.set(i, std::floor(static_cast<float>(x[i])) - 3);
                        if (type == DType::kFloat && n > 10) x.set(5 * inner, NAN);
                        ArgExtremeArgs a;
                        a.type = type, a.x = x.data();
                        a.outer = outer, a.n = n, a.inner = inner, a.least = least, a.lastWins = last;
                        std::vector<int64_t> got(outer * inner);
                        std::vector<int32_t> narrow(outer * inner);
                        a.index = got.data();
                        ASSERT_TRUE(argExtreme(a).ok());
                        a.index = narrow.data(), a.indexType = DType::kInt32;
                        ASSERT_TRUE(argExtreme(a).ok());
                        for (int64_t o = 0; o < outer; ++o)
                            for (int64_t i = 0; i < inner; ++i) {
                                int64_t best = 0;
                                auto at = [&](int64_t k) { return greatestNan(x[(o * n + k) * inner + i]); };
                                for (int64_t k = 1; k < n; ++k) {
                                    bool better = least ? at(k) < at(best) : at(k) > at(best);
                                    if (better || (last && at(k) == at(best))) best = k;
                                }
                                ASSERT_EQ(got[o * inner + i], best);
                                ASSERT_EQ(narrow[o * inner + i], best);
                            }
                    }
}

TEST(TopK, GreatestAndLeast) {
    for (DType type : kTypes)
        for (int64_t inner : {1, 4})
            for (auto [n, k] :
                 std::vector<std::pair<int64_t, int64_t>>{{1, 1}, {5, 5}, {300, 7}, {300, 60}, {300, 300}, {4000, 1}})
                for (bool least : {false, true}) {
                    const int64_t outer = 2;
                    FloatBuffer x = FloatBuffer::random(type, outer * n * inner, 3, isFloating(type) ? -60 : 0, 60);
                    if (type == DType::kFloat && n > 10)
                        x.set(5 * inner, NAN), x.set(6 * inner, -0.f), x.set(7 * inner, 0);
                    FloatBuffer value(type, outer * k * inner);
                    std::vector<int32_t> index(outer * k * inner);
                    TopKArgs a;
                    a.type = type, a.x = x.data(), a.value = value.data(), a.index = index.data();
                    a.outer = outer, a.n = n, a.inner = inner, a.k = k, a.least = least;
                    std::vector<int64_t> workspace(topKWorkspaceBytes(a) / 8 + 1);
                    a.workspace = workspace.data();
                    ASSERT_TRUE(topK(a).ok());
                    for (int64_t o = 0; o < outer; ++o)
                        for (int64_t i = 0; i < inner; ++i) {
                            std::vector<int64_t> order(n);
                            std::iota(order.begin(), order.end(), 0);
                            auto at = [&](int64_t p) { return greatestNan(x[(o * n + p) * inner + i]); };
                            std::stable_sort(order.begin(), order.end(), [&](int64_t p, int64_t q) {
                                return least ? at(p) < at(q) : at(p) > at(q);
                            });
                            for (int64_t r = 0; r < k; ++r) {
                                int64_t to = (o * k + r) * inner + i;
                                ASSERT_EQ(index[to], order[r]) << toString(type) << " n " << n << " k " << k;
                                ASSERT_EQ(greatestNan(value[to]), at(order[r]));
                            }
                        }
                }
}

TEST(TopK, CumulativeSum) {
    for (DType type : kTypes)
        for (int64_t inner : {1, 5, 300})
            for (bool exclusive : {false, true})
                for (bool reverse : {false, true}) {
                    const int64_t outer = 2, n = 37;
                    FloatBuffer x = FloatBuffer::random(type, outer * n * inner, 3, 0, isFloating(type) ? 1 : 9), y = x;
                    CumulativeSumArgs a;
                    a.type = type, a.x = y.data(), a.y = y.data();
                    a.outer = outer, a.n = n, a.inner = inner, a.exclusive = exclusive, a.reverse = reverse;
                    ASSERT_TRUE(cumulativeSum(a).ok());
                    for (int64_t o = 0; o < outer; ++o)
                        for (int64_t i = 0; i < inner; ++i) {
                            double sum = 0;
                            for (int64_t k = 0; k < n; ++k) {
                                int64_t at = (o * n + (reverse ? n - 1 - k : k)) * inner + i;
                                double want = exclusive ? sum : sum + x[at];
                                sum += x[at];
                                if (type == DType::kInt8) want = static_cast<int8_t>(static_cast<int64_t>(want));
                                if (type == DType::kUint8) want = static_cast<uint8_t>(static_cast<int64_t>(want));
                                ASSERT_NEAR(y[at], want,
                                            (x.relativeError() + 1e-7) * std::fabs(want) * (isFloating(type)));
                            }
                        }
                }
    CumulativeSumArgs bad;
    bad.type = DType::kBool;
    EXPECT_FALSE(cumulativeSum(bad).ok());
}

}  // namespace
}  // namespace lathe::cpu
