// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/strided_copy.h"

#include <gtest/gtest.h>

#include <cstring>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "kernels/cpu/test_isas.h"

namespace lathe::cpu {
namespace {

using Ints = std::vector<int64_t>;

std::vector<uint8_t> randomBytes(size_t n, unsigned seed) {
    std::mt19937 rng(seed);
    std::vector<uint8_t> v(n);
    for (auto& b : v) b = static_cast<uint8_t>(rng());
    return v;
}

// The specification: one element after the other. Bases are where element (0, …, 0) lies.
void naive(const uint8_t* src, uint8_t* dst, const Ints& dims, const Ints& ss, const Ints& ds, int bytes) {
    int64_t count = 1;
    for (int64_t n : dims) count *= n;
    for (int64_t i = 0; i < count; ++i) {
        int64_t rest = i, s = 0, d = 0;
        for (size_t k = dims.size(); k-- > 0;) {
            int64_t at = rest % dims[k];
            rest /= dims[k];
            s += at * ss[k];
            d += at * ds[k];
        }
        std::memcpy(dst + d * bytes, src + s * bytes, static_cast<size_t>(bytes));
    }
}

// Lowest and highest offset that the strides reach.
std::pair<int64_t, int64_t> extent(const Ints& dims, const Ints& strides) {
    int64_t lo = 0, hi = 0;
    for (size_t d = 0; d < dims.size(); ++d) {
        if (dims[d] == 0) return {0, 0};
        (strides[d] < 0 ? lo : hi) += (dims[d] - 1) * strides[d];
    }
    return {lo, hi};
}

// One byte of misalignment, so that vector accesses may not assume any.
void check(const Ints& dims, const Ints& ss, const Ints& ds, int bytes, const char* kind = nullptr) {
    auto [slo, shi] = extent(dims, ss);
    auto [dlo, dhi] = extent(dims, ds);
    std::vector<uint8_t> src = randomBytes(static_cast<size_t>((shi - slo + 1) * bytes + 1), 7);
    std::vector<uint8_t> want(static_cast<size_t>((dhi - dlo + 1) * bytes + 1), 0xcc), got = want;
    const uint8_t* s = src.data() + 1 - slo * bytes;
    naive(s, want.data() + 1 - dlo * bytes, dims, ss, ds, bytes);
    auto copy = StridedCopy::make(dims, ss, ds, bytes);
    ASSERT_TRUE(copy.ok()) << copy.status().toString();
    if (kind) {
        EXPECT_STREQ(copy->kindName(), kind);
    }
    copy->run(s, got.data() + 1 - dlo * bytes);
    ASSERT_EQ(want, got) << copy->kindName() << ", " << bytes << " bytes";
}

Ints dense(const Ints& dims) {
    Ints s(dims.size());
    denseStrides(dims, s.data());
    return s;
}

TEST(StridedCopy, TransposesOfEverySize) {
    forEachIsa([] {
        for (int bytes : {1, 2, 4, 8, 16})
            for (Ints dims : {Ints{1, 1}, Ints{3, 5}, Ints{8, 8}, Ints{17, 31}, Ints{64, 64}, Ints{65, 130},
                              Ints{3, 2000}, Ints{2000, 3}, Ints{300, 301}}) {
                Ints to = {1, dims[0]};
                check(dims, dense(dims), to, bytes);
            }
    });
}

TEST(StridedCopy, Permutations) {
    forEachIsa([] {
        Ints src = {3, 5, 7, 9};
        std::vector<int> perm = {0, 1, 2, 3};
        do {
            for (int bytes : {1, 4, 8}) {
                Ints strides = dense(src), dims, from;
                for (int p : perm) dims.push_back(src[p]), from.push_back(strides[p]);
                check(dims, from, dense(dims), bytes);
                auto c = StridedCopy::transpose(src, perm, bytes);
                ASSERT_TRUE(c.ok());
                std::vector<uint8_t> a = randomBytes(945 * bytes, 3), b(a.size()), want(a.size());
                naive(a.data(), want.data(), dims, from, dense(dims), bytes);
                c->run(a.data(), b.data());
                ASSERT_EQ(b, want);
            }
        } while (std::next_permutation(perm.begin(), perm.end()));
    });
}

TEST(StridedCopy, RandomStrides) {
    std::mt19937 rng(11);
    for (int i = 0; i < 400; ++i) {
        int rank = static_cast<int>(rng() % 6);
        Ints dims, ss(rank), ds(rank);
        std::vector<int> order(rank);
        std::iota(order.begin(), order.end(), 0);
        std::shuffle(order.begin(), order.end(), rng);
        for (int d = 0; d < rank; ++d) dims.push_back(1 + rng() % 7);
        // Distinct destination elements: dense in a random order, with gaps and reversals.
        int64_t step = 1 + rng() % 2;
        for (int d : order) {
            ds[d] = rng() % 4 == 0 ? -step : step;
            step = step * dims[d] + rng() % 3;
        }
        int64_t from = 1;
        for (int d = rank - 1; d >= 0; --d) {
            ss[d] = rng() % 5 == 0 ? 0 : rng() % 5 == 0 ? -from : from;
            from = from * dims[d] + (rng() % 3 == 0);
        }
        int sizes[] = {1, 2, 4, 8, 16};
        check(dims, ss, ds, sizes[rng() % 5]);
    }
}

TEST(StridedCopy, KindsAndJoinedElements) {
    check({4, 5, 64, 2}, {640, 2, 10, 1}, {640, 128, 2, 1}, 4, "transpose");  // pairs of floats as 8-byte elements
    check({6, 1000}, {2000, 1}, {1000, 1}, 4, "runs");
    check({6, 1000}, {1, 0}, {1000, 1}, 4, "fill");
    check({6, 1000}, {3000, 3}, {1000, 1}, 4, "strided");
    check({100000}, {1}, {1}, 4, "runs");
    check({300000}, {-1}, {1}, 2, "strided");
    check({3, 224, 224}, {1, 672, 3}, {50176, 224, 1}, 1, "transpose");
    check({}, {}, {}, 4);
    check({3, 0, 2}, {0, 2, 1}, {0, 2, 1}, 4);
}

TEST(StridedCopy, ExpandAndTile) {
    for (int bytes : {1, 4, 8}) {
        Ints src = {3, 1, 5}, dst = {2, 3, 4, 5};
        auto c = StridedCopy::expand(src, dst, bytes);
        ASSERT_TRUE(c.ok());
        std::vector<uint8_t> a = randomBytes(15 * bytes, 3), b(120 * bytes), want(120 * bytes);
        naive(a.data(), want.data(), dst, {0, 5, 0, 1}, dense(dst), bytes);
        c->run(a.data(), b.data());
        EXPECT_EQ(b, want);
    }
    for (Ints repeats :
         {Ints{1, 1, 1, 1}, Ints{2, 3, 1, 4}, Ints{1, 3, 2, 1}, Ints{5, 1, 1, 1}, Ints{1, 1, 1, 7}, Ints{0, 1, 1, 1}}) {
        Ints src = {2, 3, 4, 5}, dst;
        int64_t total = 1;
        for (int d = 0; d < 4; ++d) dst.push_back(src[d] * repeats[d]), total *= dst[d];
        auto c = StridedCopy::tile(src, repeats, 4);
        ASSERT_TRUE(c.ok()) << c.status().toString();
        std::vector<int32_t> a(120), b(total, -1);
        std::iota(a.begin(), a.end(), 0);
        c->run(a.data(), b.data());
        for (int64_t i = 0; i < total; ++i) {
            int64_t rest = i, at = 0, step = 1;
            for (int d = 3; d >= 0; --d) {
                at += rest % dst[d] % src[d] * step;
                rest /= dst[d];
                step *= src[d];
            }
            ASSERT_EQ(b[i], a[at]) << i;
        }
    }
}

TEST(StridedCopy, DepthToSpaceAndBack) {
    const int64_t n = 2, depth = 3, h = 4, w = 5, k = 2, c = depth * k * k;
    std::vector<float> x(n * c * h * w), y(x.size()), back(x.size());
    std::iota(x.begin(), x.end(), 0.f);
    for (bool columnRow : {false, true}) {
        auto copy = StridedCopy::depthToSpace(n, c, h, w, k, columnRow, 4);
        ASSERT_TRUE(copy.ok());
        copy->run(x.data(), y.data());
        for (int64_t b = 0; b < n; ++b)
            for (int64_t d = 0; d < depth; ++d)
                for (int64_t i = 0; i < h * k; ++i)
                    for (int64_t j = 0; j < w * k; ++j) {
                        int64_t part = i % k * k + j % k;
                        int64_t channel = columnRow ? d * k * k + part : part * depth + d;
                        ASSERT_EQ(y[((b * depth + d) * h * k + i) * w * k + j],
                                  x[((b * c + channel) * h + i / k) * w + j / k]);
                    }
        if (columnRow) continue;
        auto inverse = StridedCopy::spaceToDepth(n, depth, h * k, w * k, k, 4);
        ASSERT_TRUE(inverse.ok());
        inverse->run(y.data(), back.data());
        EXPECT_EQ(back, x);
    }
}

TEST(StridedCopy, Refusals) {
    EXPECT_FALSE(StridedCopy::make(Ints{2, 3}, Ints{3, 1}, Ints{3}, 4).ok());
    EXPECT_FALSE(StridedCopy::make(Ints{2}, Ints{1}, Ints{1}, 3).ok());
    EXPECT_FALSE(StridedCopy::make(Ints{2}, Ints{1}, Ints{0}, 4).ok());
    EXPECT_FALSE(StridedCopy::make(Ints{-2}, Ints{1}, Ints{1}, 4).ok());
    EXPECT_FALSE(StridedCopy::make(Ints(9, 1), Ints(9, 1), Ints(9, 1), 4).ok());
    EXPECT_FALSE(StridedCopy::transpose(Ints{2, 3}, std::vector<int>{0, 0}, 4).ok());
    EXPECT_FALSE(StridedCopy::transpose(Ints{2, 3}, std::vector<int>{0, 2}, 4).ok());
    EXPECT_FALSE(StridedCopy::expand(Ints{2, 3}, Ints{3, 3}, 4).ok());
    EXPECT_FALSE(StridedCopy::depthToSpace(1, 6, 2, 2, 2, false, 4).ok());
}

}  // namespace
}  // namespace lathe::cpu
