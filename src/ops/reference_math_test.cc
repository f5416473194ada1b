// SPDX-License-Identifier: Apache-2.0
#include "ops/reference_math.h"

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

TEST(ReferenceMath, StoresDoublesWithinTheTypesRange) {
    auto t = ir::allocateTensor(DType::kInt8, {5});
    writeDoubles(t->tensor, {1.9, -1.9, 300, -300, NAN});
    EXPECT_EQ(testing::valuesOf(t->tensor), (std::vector<double>{1, -1, 127, -128, 0}));
    auto l = ir::allocateTensor(DType::kInt64, {2});
    writeDoubles(l->tensor, {1e30, -1e30});
    EXPECT_EQ(l->tensor.as<int64_t>()[0], INT64_MAX);
    EXPECT_EQ(l->tensor.as<int64_t>()[1], INT64_MIN);
    auto h = ir::allocateTensor(DType::kHalf, {2});
    writeDoubles(h->tensor, {0.1, 1e6});
    EXPECT_EQ(readDoubles(h->tensor), (std::vector<double>{0.0999755859375, INFINITY}));
    auto b = ir::allocateTensor(DType::kBool, {2});
    writeDoubles(b->tensor, {0, 0.5});
    EXPECT_EQ(readDoubles(b->tensor), (std::vector<double>{0, 1}));
}

template <class T>
void compareWithThreeLoops(int64_t m, int64_t n, int64_t k) {
    std::vector<T> a(m * (k + 3)), b(k * (n + 1)), c(m * (n + 2), T(5)), expected = c;
    for (size_t i = 0; i < a.size(); ++i) a[i] = T(int64_t(i * 7 % 23) - 11);
    for (size_t i = 0; i < b.size(); ++i) b[i] = T(int64_t(i * 5 % 19) - 9);
    for (int64_t i = 0; i < m; ++i)
        for (int64_t j = 0; j < n; ++j)
            for (int64_t p = 0; p < k; ++p) expected[i * (n + 2) + j] += a[i * (k + 3) + p] * b[p * (n + 1) + j];
    addProduct<T>(m, n, k, a.data(), k + 3, b.data(), n + 1, c.data(), n + 2);
    EXPECT_EQ(c, expected) << m << "x" << n << "x" << k;
}

TEST(ReferenceMath, ProductOfEveryTailSize) {
    for (auto [m, n, k] : {std::array<int64_t, 3>{1, 1, 1},
                           {2, 8, 3},
                           {3, 9, 257},
                           {5, 17, 600},
                           {4, 7, 256},
                           {0, 3, 2},
                           {3, 0, 2},
                           {3, 2, 0}}) {
        compareWithThreeLoops<double>(m, n, k);
        compareWithThreeLoops<uint64_t>(m, n, k);
    }
}

}  // namespace
}  // namespace lathe::ops
