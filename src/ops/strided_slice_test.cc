// SPDX-License-Identifier: Apache-2.0
#include "ops/strided_slice.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using namespace testing;
using ::testing::HasSubstr;

void expectSlice(const char* mode, double start, int64_t size, double stride, const std::vector<double>& expected) {
    SCOPED_TRACE(fmt::format("{} {} {} {}", mode, start, size, stride));
    auto x = floats({4}, {0, 1, 2, 3});
    auto y = run("strided_slice",
                 fmt::format("start=[{}] size=[{}] stride=[{}] mode={}", start, size, stride, mode).c_str(), {x});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {size}, expected);
    // The same, computed while running.
    y = run("strided_slice", fmt::format("mode={}", mode).c_str(),
            {x, ints({1}, {start}), ints({1}, {static_cast<double>(size)}), ints({1}, {stride})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {size}, expected);
}

TEST(StridedSlice, Modes) {
    expectSlice("strict", 1, 2, 2, {1, 3});
    expectSlice("strict", 3, 4, -1, {3, 2, 1, 0});
    expectSlice("strict", 2, 3, 0, {2, 2, 2});
    expectSlice("strict", 9, 0, 1, {});
    expectSlice("wrap", -1, 6, 1, {3, 0, 1, 2, 3, 0});
    expectSlice("wrap", 1, 4, -3, {1, 2, 3, 0});
    expectSlice("clamp", -2, 7, 1, {0, 0, 0, 1, 2, 3, 3});
    expectSlice("fill", -1, 6, 1, {0, 0, 1, 2, 3, 0});
    expectSlice("reflect", -2, 8, 1, {2, 1, 0, 1, 2, 3, 2, 1});
}

TEST(StridedSlice, FillValueAndAxes) {
    auto y = run("strided_slice", "start=[1] size=[2] axes=[0] mode=fill",
                 {floats({2, 2}, {1, 2, 3, 4}), absent(), absent(), absent(), floats({}, {9})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2, 2}, {3, 4, 9, 9});
    y = run("strided_slice", "start=[3] size=[2] mode=fill",
            {floats({0}, {}), absent(), absent(), absent(), floats({1}, {9})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2}, {9, 9});
    y = run("strided_slice", "start=[-3] size=[3] mode=reflect", {floats({1}, {5})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {3}, {5, 5, 5});
}

TEST(StridedSlice, SymbolsAndElements) {
    Dim n = Dim::symbol(0), m = Dim::symbol(1);
    Arg x{DType::kFloat, {n, 4}}, none{.absent = true};
    EXPECT_EQ(inferShape("strided_slice", "start=[0, 1] stride=[1, 1]", {x, none, shapeTensor({m, 3})}), (Shape{m, 3}));
    EXPECT_EQ(inferElements("strided_slice", "start=[1] size=[2]", {shapeTensor({3, n, m})}), (std::vector<Dim>{n, m}));
    EXPECT_EQ(inferElements("strided_slice", "start=[2] size=[2] mode=fill", {shapeTensor({3, n, m})}),
              (std::vector<Dim>{m, 0}));
}

TEST(StridedSlice, Refuses) {
    Arg x{DType::kFloat, {4}}, none{.absent = true};
    EXPECT_THAT(inferError("strided_slice", "start=[3] size=[2]", {x}), HasSubstr("axis 0: index 4 is outside"));
    EXPECT_THAT(inferError("strided_slice", "start=[0] size=[2, 2]", {x}), HasSubstr("1, 2 and 1 elements for 1 axes"));
    EXPECT_THAT(inferError("strided_slice", "start=[0] size=[-1]", {x}), HasSubstr("negative"));
    EXPECT_THAT(inferError("strided_slice", "start=[0] size=[1] mode=wrap", {{DType::kFloat, {0}}}),
                HasSubstr("empty axis"));
    EXPECT_THAT(inferError("strided_slice", "start=[9223372036854775807] size=[3] mode=wrap", {x}),
                HasSubstr("range of indices"));
    EXPECT_THAT(runError("strided_slice", "", {floats({2}, {1, 2}), ints({1}, {-1}), ints({1}, {1})}),
                HasSubstr("index -1"));
    EXPECT_THAT(inferError("strided_slice", "start=[0] size=[1]", {x, none, none, none, {DType::kInt32, {}}}),
                HasSubstr("i32"));
}

}  // namespace
}  // namespace lathe::ops
