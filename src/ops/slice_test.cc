// SPDX-License-Identifier: Apache-2.0
#include "ops/slice.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using namespace testing;
using ::testing::HasSubstr;

// Slices 0, 1, …, 6, through every combination of constant and computed bounds.
void expectSlice(double start, double end, double step, const std::vector<double>& expected) {
    SCOPED_TRACE(fmt::format("{}:{}:{}", start, end, step));
    for (auto constants : {std::vector<int>{}, std::vector<int>{1, 2, 3, 4}, std::vector<int>{4}}) {
        auto y =
            run("slice", "",
                {floats({7}, {0, 1, 2, 3, 4, 5, 6}), ints({1}, {start}), ints({1}, {end}), absent(), ints({1}, {step})},
                1, constants);
        ASSERT_TRUE(y.ok()) << y.status().toString();
        expectNear((*y)[0], {static_cast<int64_t>(expected.size())}, expected);
    }
}

TEST(Slice, FollowsTheRules) {
    expectSlice(1, 4, 1, {1, 2, 3});
    expectSlice(0, 0x1p62, 1, {0, 1, 2, 3, 4, 5, 6});
    expectSlice(-3, -1, 1, {4, 5});
    expectSlice(-100, 2, 1, {0, 1});
    expectSlice(1, 7, 2, {1, 3, 5});
    expectSlice(5, 2, 1, {});
    expectSlice(9, 12, 1, {});
    expectSlice(-1, -100, -1, {6, 5, 4, 3, 2, 1, 0});
    expectSlice(100, 1, -2, {6, 4, 2});
    expectSlice(-100, -100, -1, {0});  // starts are clamped to the first element, not past it
    expectSlice(2, 5, -1, {});
    expectSlice(6, -0x1p62, -5, {6, 1});
    expectSlice(2, 3, 1000, {2});
}

TEST(Slice, AxesAndEmptyAxes) {
    auto y =
        run("slice", "", {floats({2, 3}, {0, 1, 2, 3, 4, 5}), ints({2}, {1, 0}), ints({2}, {3, 1}), ints({2}, {-1, 0})},
            1, {3});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {1, 2}, {1, 2});
    y = run("slice", "", {floats({0, 2}, {}), ints({2}, {-1, -1}), ints({2}, {-9, -9}), absent(), ints({2}, {-1, -1})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {0, 2}, {});
}

std::string sliced(const Dim& extent, const Dim& start, const Dim& end, const Dim& step = 1) {
    Arg none{.absent = true};
    return inferShape(
               "slice", "",
               {{DType::kFloat, {extent}}, shapeTensor({start}), shapeTensor({end}), none, shapeTensor({step})})[0]
        .toString();
}

TEST(Slice, SymbolicExtents) {
    Dim n = Dim::symbol(0), m = Dim::symbol(1);
    EXPECT_EQ(sliced(n, 0, INT64_MAX), "s0");
    EXPECT_EQ(sliced(n, 0, INT32_MAX), "s0");
    EXPECT_EQ(sliced(n, 0, -1), "max(0, s0 + -1)");
    EXPECT_EQ(sliced(n + 1, 0, -1), "s0");
    EXPECT_EQ(sliced(n + 1, 1, INT64_MAX), "s0");
    EXPECT_EQ(sliced(n + 1, -1, INT64_MAX), "1");
    EXPECT_EQ(sliced(n, -1, INT64_MIN, -1), "s0");
    EXPECT_EQ(sliced(n, 0, 5), "min(5, s0)");
    EXPECT_EQ(sliced(n * 2, 0, INT64_MAX, 2), "s0");
    EXPECT_EQ(sliced(n * 2, 0, n), "s0");
    EXPECT_EQ(sliced(n + m, n, INT64_MAX), "s1");
    EXPECT_EQ(sliced(n + m, m, m + n), "s0");
}

TEST(Slice, ElementsFollow) {
    Dim n = Dim::symbol(0), m = Dim::symbol(1);
    using E = std::vector<Dim>;
    EXPECT_EQ(inferElements("slice", "", {shapeTensor({n, 3, m}), shapeTensor({1}), shapeTensor({9})}), (E{3, m}));
    EXPECT_EQ(inferElements(
                  "slice", "",
                  {shapeTensor({n, 3, m}), shapeTensor({-1}), shapeTensor({-9}), shapeTensor({0}), shapeTensor({-2})}),
              (E{m, n}));
}

TEST(Slice, Refuses) {
    Arg x{DType::kFloat, {4, 4}};
    EXPECT_THAT(inferError("slice", "", {x, shapeTensor({0}), shapeTensor({0, 1})}), HasSubstr("1, 2"));
    EXPECT_THAT(inferError("slice", "", {x, shapeTensor({0}), shapeTensor({1}), shapeTensor({2})}),
                HasSubstr("axis 2"));
    EXPECT_THAT(inferError("slice", "", {x, shapeTensor({0}), shapeTensor({1}), {DType::kInt64, {1}}}),
                HasSubstr("must be known"));
    EXPECT_THAT(inferError("slice", "", {x, shapeTensor({0}), shapeTensor({1}), shapeTensor({0}), shapeTensor({0})}),
                HasSubstr("step of 0"));
    EXPECT_THAT(inferError("slice", "", {x, shapeTensor({0, 0, 0}), shapeTensor({1, 1, 1})}), HasSubstr("axis 2"));
}

}  // namespace
}  // namespace lathe::ops
