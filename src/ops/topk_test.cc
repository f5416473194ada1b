// SPDX-License-Identifier: Apache-2.0
#include "ops/topk.h"

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::floats;
using ::testing::HasSubstr;
using testing::ints;

void expectTopk(const char* attrs, const testing::HostTensor& x, double k, const Dims& dims,
                const std::vector<double>& values, const std::vector<double>& indices) {
    auto y = testing::run("topk", attrs, {x, ints({1}, {k})}, 2);
    ASSERT_TRUE(y.ok()) << y.status().toString();
    EXPECT_EQ((*y)[0].tensor.dtype, x.tensor.dtype);
    EXPECT_EQ((*y)[1].tensor.dtype, DType::kInt64);
    testing::expectNear((*y)[0], dims, values);
    testing::expectNear((*y)[1], dims, indices);
}

TEST(Topk, LargestAndSmallest) {
    auto x = floats({2, 4}, {3, 1, 4, 1, 5, 9, 2, 6});
    expectTopk("", x, 2, {2, 2}, {4, 3, 9, 6}, {2, 0, 1, 3});
    expectTopk("largest=false", x, 3, {2, 3}, {1, 1, 3, 2, 5, 6}, {1, 3, 0, 2, 0, 3});
    expectTopk("axis=0", x, 1, {1, 4}, {5, 9, 4, 6}, {1, 1, 0, 1});
    expectTopk("axis=-2 largest=false", x, 2, {2, 4}, {3, 1, 2, 1, 5, 9, 4, 6}, {0, 0, 1, 0, 1, 1, 0, 1});
}

TEST(Topk, EqualElementsKeepTheirOrder) {
    expectTopk("", ints({5}, {2, 7, 2, 7, 2}), 4, {4}, {7, 7, 2, 2}, {1, 3, 0, 2});
    expectTopk("largest=false", ints({5}, {2, 7, 2, 7, 2}), 4, {4}, {2, 2, 2, 7}, {0, 2, 4, 1});
}

TEST(Topk, NaNIsLargest) {
    expectTopk("", floats({4}, {1, NAN, INFINITY, NAN}), 3, {3}, {NAN, NAN, INFINITY}, {1, 3, 2});
    expectTopk("largest=false", floats({3}, {NAN, 1, -INFINITY}), 3, {3}, {-INFINITY, 1, NAN}, {2, 1, 0});
}

TEST(Topk, LargeIntegersAreComparedExactly) {
    auto x = ints({2}, {0, 0});
    x.tensor.as<int64_t>()[0] = int64_t{1} << 60;
    x.tensor.as<int64_t>()[1] = (int64_t{1} << 60) + 1;
    auto y = testing::run("topk", "", {x, ints({1}, {1})}, 2);
    ASSERT_TRUE(y.ok()) << y.status().toString();
    EXPECT_EQ((*y)[0].tensor.as<int64_t>()[0], (int64_t{1} << 60) + 1);
}

TEST(Topk, NothingAskedOrGiven) {
    expectTopk("", floats({2, 3}, {1, 2, 3, 4, 5, 6}), 0, {2, 0}, {}, {});
    expectTopk("", floats({0, 3}, {}), 2, {0, 2}, {}, {});
}

TEST(Topk, Refuses) {
    auto error = [](const char* attrs, std::vector<Dim> k) {
        return testing::inferError("topk", attrs, {{DType::kFloat, {2, 3}}, testing::shapeTensor(std::move(k))});
    };
    EXPECT_THAT(error("", {4}), HasSubstr("k is 4, but axis 1 has only 3"));
    EXPECT_THAT(error("", {-1}), HasSubstr("k is -1"));
    EXPECT_THAT(error("", {1, 1}), HasSubstr("k has 2 elements"));
    EXPECT_THAT(error("axis=2", {1}), HasSubstr("axis 2"));
    EXPECT_THAT(testing::inferError("topk", "", {{DType::kBool, {3}}, testing::shapeTensor({1})}), HasSubstr("bool"));
    EXPECT_THAT(testing::runError("topk", "", {floats({2}, {1, 2}), ints({1}, {3})}), HasSubstr("k is 3"));
}

TEST(Topk, SymbolicShapes) {
    Dim n = Dim::symbol(0), k = Dim::symbol(1);
    EXPECT_EQ(ir::toString(testing::inferShape("topk", "", {{DType::kFloat, {n, 50}}, testing::shapeTensor({k})})),
              "[s0, s1]");
    EXPECT_EQ(
        ir::toString(testing::inferShape("topk", "axis=0", {{DType::kFloat, {n, 50}}, testing::shapeTensor({7})})),
        "[7, 50]");
    // A k that is computed while running becomes a symbol of its own.
    EXPECT_EQ(ir::toString(testing::inferShape("topk", "", {{DType::kFloat, {n, 50}}, {DType::kInt64, {1}}})),
              "[s0, s1]");
}

}  // namespace
}  // namespace lathe::ops
