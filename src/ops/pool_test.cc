// SPDX-License-Identifier: Apache-2.0
#include "ops/pool.h"

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::floats;
using ::testing::HasSubstr;

void expectPool(const std::string& attrs, const testing::HostTensor& x, const Dims& dims,
                const std::vector<double>& expected) {
    auto y = testing::run("pool", attrs.c_str(), {x});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], dims, expected, 1e-5);
}

const testing::HostTensor kRow = floats({1, 1, 5}, {3, 1, -4, 1, 5});

TEST(Pool, Max) {
    expectPool("kernel=[2]", kRow, {1, 1, 4}, {3, 1, 1, 5});
    expectPool("kernel=[2] strides=[2]", kRow, {1, 1, 2}, {3, 1});
    expectPool("kernel=[2] strides=[2] ceil_mode=true", kRow, {1, 1, 3}, {3, 1, 5});
    expectPool("kernel=[2] dilations=[3]", kRow, {1, 1, 2}, {3, 5});
    // Padding never wins, not even against negative numbers.
    expectPool("kernel=[2] pads=[1, 1]", floats({1, 1, 2}, {-7, -8}), {1, 1, 3}, {-7, -7, -8});
    expectPool("kernel=[2, 2] strides=[2, 2]", floats({1, 2, 2, 2}, {1, 2, 3, 4, 8, 7, 6, 5}), {1, 2, 1, 1}, {4, 8});
    expectPool("kernel=[2]", floats({1, 1, 3}, {1, NAN, 2}), {1, 1, 2}, {NAN, NAN});
}

TEST(Pool, CeilModeDropsAWindowThatStartsInThePaddingAtTheEnd) {
    // (4 + 1 + 1 - 2) / 2 = 2 exactly. With 5 positions: ceil(5 / 2) = 3, but window 3 would start at 2 * 3 - 1 = 5.
    expectPool("kernel=[2] strides=[2] pads=[1, 1] ceil_mode=true", floats({1, 1, 4}, {1, 2, 3, 4}), {1, 1, 3},
               {1, 3, 4});
    expectPool("kernel=[2] strides=[2] pads=[1, 1] ceil_mode=true", kRow, {1, 1, 3}, {3, 1, 5});
    expectPool("kernel=[1] strides=[3] pads=[0, 2] ceil_mode=true", kRow, {1, 1, 2}, {3, 1});
}

TEST(Pool, CeilAllKeepsTheLastWindow) {
    const std::string all = " ceil_mode=true ceil_all=true";
    expectPool("kernel=[2] strides=[2] pads=[1, 1]" + all, kRow, {1, 1, 4}, {3, 1, 5, -INFINITY});
    expectPool("kernel=[1] strides=[3] pads=[0, 2]" + all, kRow, {1, 1, 3}, {3, 1, -INFINITY});
    // Behind all padding.
    expectPool("kernel=[1] strides=[4]" + all, kRow, {1, 1, 2}, {3, 5});
    expectPool("kernel=[1] strides=[3]" + all, kRow, {1, 1, 3}, {3, 1, -INFINITY});
    expectPool("kind=average kernel=[2] strides=[2] pads=[1, 1]" + all, kRow, {1, 1, 4}, {3, -1.5, 3, 0});
    expectPool("kind=average kernel=[2] strides=[2] pads=[1, 1] count_include_pad=true" + all, kRow, {1, 1, 4},
               {1.5, -1.5, 3, 0});
    EXPECT_THAT(testing::inferError("pool", "kernel=[2] ceil_all=true", {{DType::kFloat, {1, 1, 4}}}),
                HasSubstr("ceil_all has no meaning without ceil_mode"));
    Shape shape = testing::inferShape("pool", ("kernel=[2, 2] strides=[2, 2] pads=[1, 1, 1, 1]" + all).c_str(),
                                      {{DType::kFloat, {Dim::symbol(0), 64, Dim::symbol(1), 112}}});
    for (auto [height, out] : {std::pair<int64_t, int64_t>{4, 3}, {5, 4}, {6, 4}}) {
        ir::SymbolValues values;
        values.set(1, height);
        auto got = shape[2].eval(values);
        ASSERT_TRUE(got.ok());
        EXPECT_EQ(*got, out) << height;
    }
}

TEST(Pool, AverageCountsTheInputOrThePadding) {
    auto x = floats({1, 1, 4}, {2, 4, 6, 8});
    expectPool("kind=average kernel=[2] pads=[1, 1]", x, {1, 1, 5}, {2, 3, 5, 7, 8});
    expectPool("kind=average kernel=[2] pads=[1, 1] count_include_pad=true", x, {1, 1, 5}, {1, 3, 5, 7, 4});
    // The last window has three taps: 8, the padding, and one beyond the padding, which never counts.
    expectPool("kind=average kernel=[3] strides=[3] pads=[0, 1] count_include_pad=true ceil_mode=true", x, {1, 1, 2},
               {4, 4});
    expectPool("kind=average kernel=[3] strides=[3] pads=[0, 1] ceil_mode=true", x, {1, 1, 2}, {4, 8});
    expectPool("kind=average kernel=[2, 2]", floats({1, 1, 2, 3}, {1, 2, 3, 4, 5, 6}), {1, 1, 1, 2}, {3, 4});
}

TEST(Pool, LpAndBlend) {
    expectPool("kind=lp kernel=[2]", floats({1, 1, 3}, {3, -4, 0}), {1, 1, 2}, {5, 4});
    expectPool("kind=lp kernel=[2] p=1", floats({1, 1, 3}, {3, -4, 0}), {1, 1, 2}, {7, 4});
    expectPool("kind=max_average_blend blend=0.25 kernel=[2]", floats({1, 1, 2}, {2, 6}), {1, 1, 1},
               {0.75 * 6 + 0.25 * 4});
}

TEST(Pool, IntegerMaximum) {
    auto y = testing::run("pool", "kernel=[2]", {testing::tensor(DType::kInt8, {1, 1, 3}, {-128, -5, 127})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    EXPECT_EQ((*y)[0].tensor.dtype, DType::kInt8);
    testing::expectNear((*y)[0], {1, 1, 2}, {-5, 127});
}

TEST(Pool, IndicesOfMaximaInBothOrders) {
    // The second channel's maxima: 9 at (0, 1) and 9 again at (1, 2); the first of equals counts.
    auto x = floats({1, 2, 2, 3}, {1, 2, 3, 4, 5, 6, 0, 9, 1, 2, 3, 9});
    auto y = testing::run("pool", "kernel=[2, 2]", {x}, 2);
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], {1, 2, 1, 2}, {5, 6, 9, 9});
    testing::expectNear((*y)[1], {1, 2, 1, 2}, {4, 5, 7, 7});
    EXPECT_EQ((*y)[1].tensor.dtype, DType::kInt64);
    y = testing::run("pool", "kernel=[2, 2] storage_order=1", {x}, 2);
    ASSERT_TRUE(y.ok()) << y.status().toString();
    // (row, column) -> row + 2 * column: (1, 1), (1, 2) | 6 + (0, 1).
    testing::expectNear((*y)[1], {1, 2, 1, 2}, {3, 5, 8, 8});
}

TEST(Pool, Refuses) {
    auto error = [](const char* attrs, Shape x, DType t = DType::kFloat) {
        return testing::inferError("pool", attrs, {{t, std::move(x)}});
    };
    EXPECT_THAT(error("", {1, 1, 4}), HasSubstr("'kernel' is missing"));
    EXPECT_THAT(error("kernel=[2]", {1, 1, 4, 4}), HasSubstr("'kernel' has 1 values where 2"));
    EXPECT_THAT(error("kernel=[0]", {1, 1, 4}), HasSubstr("'kernel' is [0]"));
    EXPECT_THAT(error("kernel=[5]", {1, 1, 4}), HasSubstr("does not fit"));
    EXPECT_THAT(error("kernel=[2] kind=average", {1, 1, 4}, DType::kInt8), HasSubstr("i8"));
    EXPECT_THAT(error("kernel=[2]", {1, 1, 4}, DType::kInt64), HasSubstr("i64"));
    EXPECT_THAT(error("kernel=[2] kind=lp p=0", {1, 1, 4}), HasSubstr("p is 0"));
    EXPECT_THAT(error("kernel=[2] storage_order=2", {1, 1, 4}), HasSubstr("storage_order is 2"));
    EXPECT_THAT(error("kernel=[2]", {4, 4}), HasSubstr("spatial"));
    auto two = testing::infer("pool", "kernel=[2] kind=average", {{DType::kFloat, {1, 1, 4}}}, 2);
    EXPECT_THAT(two.status().toString(), HasSubstr("only max pooling"));
}

TEST(Pool, SymbolicShapes) {
    Dim n = Dim::symbol(0), h = Dim::symbol(1);
    auto shape = [&](const char* attrs) {
        return ir::toString(testing::inferShape("pool", attrs, {{DType::kFloat, {n, 64, h, 112}}}));
    };
    EXPECT_EQ(shape("kernel=[3, 3] strides=[2, 2] pads=[1, 1, 1, 1]"), "[s0, 64, floordiv(s1 + -1, 2) + 1, 56]");
    EXPECT_EQ(shape("kernel=[2, 2]"), "[s0, 64, s1 + -1, 111]");
    // The rounded-up count loses its last window where that would start in the padding.
    Shape ceil = testing::inferShape("pool", "kernel=[2, 2] strides=[2, 2] pads=[1, 1, 1, 1] ceil_mode=true",
                                     {{DType::kFloat, {n, 64, h, 112}}});
    for (auto [height, out] : {std::pair<int64_t, int64_t>{4, 3}, {5, 3}, {6, 4}}) {
        ir::SymbolValues values;
        values.set(1, height);
        auto got = ceil[2].eval(values);
        ASSERT_TRUE(got.ok());
        EXPECT_EQ(*got, out) << height;
    }
}

}  // namespace
}  // namespace lathe::ops
