// SPDX-License-Identifier: Apache-2.0
#include "ops/matmul.h"

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::floats;
using ::testing::HasSubstr;

void expectProduct(const char* attrs, const testing::HostTensor& a, const testing::HostTensor& b, const Dims& dims,
                   const std::vector<double>& expected) {
    auto y = testing::run("matmul", attrs, {a, b});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    EXPECT_EQ((*y)[0].tensor.dtype, a.tensor.dtype);
    testing::expectNear((*y)[0], dims, expected, 1e-6);
}

const testing::HostTensor kA = floats({2, 3}, {1, 2, 3, 4, 5, 6});
const testing::HostTensor kB = floats({3, 2}, {1, 10, 100, 1000, 0.5, -1});

TEST(Matmul, TwoMatrices) { expectProduct("", kA, kB, {2, 2}, {202.5, 2007, 507, 5034}); }

TEST(Matmul, TransposedOperands) {
    auto at = floats({3, 2}, {1, 4, 2, 5, 3, 6}), bt = floats({2, 3}, {1, 100, 0.5, 10, 1000, -1});
    expectProduct("transpose_a=true", at, kB, {2, 2}, {202.5, 2007, 507, 5034});
    expectProduct("transpose_b=true", kA, bt, {2, 2}, {202.5, 2007, 507, 5034});
    expectProduct("transpose_a=true transpose_b=true", at, bt, {2, 2}, {202.5, 2007, 507, 5034});
}

TEST(Matmul, VectorsLoseTheirAxis) {
    expectProduct("", floats({3}, {1, 2, 3}), floats({3}, {4, 5, 6}), {}, {32});
    expectProduct("", floats({3}, {1, 1, 1}), kB, {2}, {101.5, 1009});
    expectProduct("", kA, floats({3}, {1, 0, -1}), {2}, {-2, -2});
    expectProduct("", floats({2, 1, 2}, {1, 2, 3, 4}), floats({2}, {1, 10}), {2, 1}, {21, 43});
}

TEST(Matmul, BatchesBroadcast) {
    // a [2, 1, 1, 2], b [3, 2, 1] -> [2, 3, 1, 1]
    expectProduct("", floats({2, 1, 1, 2}, {1, 2, 3, 4}), floats({3, 2, 1}, {1, 0, 0, 1, 1, 1}), {2, 3, 1, 1},
                  {1, 2, 3, 3, 4, 7});
    // One b for every batch of a, and one a for every batch of b.
    expectProduct("", floats({2, 1, 2}, {1, 2, 3, 4}), floats({2, 1}, {1, 10}), {2, 1, 1}, {21, 43});
    expectProduct("", floats({1, 2}, {1, 10}), floats({2, 2, 1}, {1, 2, 3, 4}), {2, 1, 1}, {21, 43});
    expectProduct("", floats({2, 1}, {1, 10}), floats({1, 1, 1, 1}, {3}), {1, 1, 2, 1}, {3, 30});
    expectProduct("transpose_a=true", floats({2, 1, 2}, {1, 2, 3, 4}), floats({1, 1}, {10}), {2, 2, 1},
                  {10, 20, 30, 40});
}

TEST(Matmul, ManyBlocks) {
    // m, n and k beyond one block; each row of a is a multiple of the first, each column of b too.
    const int64_t m = 40, n = 70, k = 20000;
    std::vector<double> a(m * k), b(k * n), expected(m * n);
    double dot = 0;
    for (int64_t p = 0; p < k; ++p) {
        double x = static_cast<double>(p % 5) - 2, y = static_cast<double>(p % 7) - 2;
        dot += x * y;
        for (int64_t i = 0; i < m; ++i) a[i * k + p] = x * static_cast<double>(i % 3);
        for (int64_t j = 0; j < n; ++j) b[p * n + j] = y * static_cast<double>(j % 4);
    }
    for (int64_t i = 0; i < m; ++i)
        for (int64_t j = 0; j < n; ++j)
            expected[i * n + j] = dot * static_cast<double>(i % 3) * static_cast<double>(j % 4);
    expectProduct("", floats({m, k}, a), floats({k, n}, b), {m, n}, expected);
}

TEST(Matmul, IntegersAreExactAndWrap) {
    using testing::ints;
    // 3037000500² + 1 is beyond 2^53, where doubles are no longer exact.
    expectProduct("", ints({1, 2}, {3037000499, 1}), ints({2, 1}, {3037000499, 1}), {1, 1},
                  {3037000499.0 * 3037000499.0 + 1});
    auto y = testing::run("matmul", "", {ints({1, 2}, {3037000499, 1}), ints({2, 1}, {3037000499, 1})});
    EXPECT_EQ((*y)[0].tensor.as<int64_t>()[0], int64_t{3037000499} * 3037000499 + 1);
    auto i32 = [](Dims d, const std::vector<double>& v) { return testing::tensor(DType::kInt32, std::move(d), v); };
    expectProduct("", i32({1, 1}, {65536}), i32({1, 2}, {65536, -3}), {1, 2}, {0, -196608});
}

TEST(Matmul, EmptySumsAreZero) {
    expectProduct("", floats({2, 0}, {}), floats({0, 3}, {}), {2, 3}, {0, 0, 0, 0, 0, 0});
    expectProduct("", floats({0, 2}, {}), floats({2, 3}, {1, 2, 3, 4, 5, 6}), {0, 3}, {});
    expectProduct("", floats({0, 1, 2}, {}), floats({0, 2, 1}, {}), {0, 1, 1}, {});
}

TEST(Matmul, Refuses) {
    auto error = [](const char* attrs, Shape a, Shape b, DType t = DType::kFloat) {
        return testing::inferError("matmul", attrs, {{t, std::move(a)}, {t, std::move(b)}});
    };
    EXPECT_THAT(error("", {2, 3}, {2, 3}), HasSubstr("summed extents are 3 and 2"));
    EXPECT_THAT(error("transpose_a=true", {2, 3}, {4, 3}), HasSubstr("summed extents are 2 and 4"));
    EXPECT_THAT(error("", {5, 2, 3}, {4, 3, 1}), HasSubstr("cannot be broadcast"));
    EXPECT_THAT(error("", {}, {2}), HasSubstr("at least one axis"));
    EXPECT_THAT(error("transpose_b=true", {2, 3}, {3}), HasSubstr("cannot be transposed"));
    EXPECT_THAT(error("", {2, 3}, {3, 2}, DType::kInt8), HasSubstr("i8"));
    EXPECT_THAT(testing::inferError("matmul", "", {{DType::kFloat, {2, 3}}, {DType::kHalf, {3, 2}}}),
                HasSubstr("f32 and f16"));
}

TEST(Matmul, SymbolicShapes) {
    Dim n = Dim::symbol(0), s = Dim::symbol(1);
    auto shape = [&](const char* attrs, Shape a, Shape b) {
        return ir::toString(
            testing::inferShape("matmul", attrs, {{DType::kFloat, std::move(a)}, {DType::kFloat, std::move(b)}}));
    };
    EXPECT_EQ(shape("", {n, s, 768}, {768, 3072}), "[s0, s1, 3072]");
    EXPECT_EQ(shape("transpose_b=true", {n, 12, s, 64}, {n, 12, s, 64}), "[s0, 12, s1, s1]");
    EXPECT_EQ(shape("", {n, 12, s, s}, {1, 12, s, 64}), "[s0, 12, s1, 64]");
    EXPECT_EQ(shape("", {s}, {n, 5, 4}), "[s0, 4]");
}

}  // namespace
}  // namespace lathe::ops
