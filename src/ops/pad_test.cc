// SPDX-License-Identifier: Apache-2.0
#include "ops/pad.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using namespace testing;
using ::testing::HasSubstr;

void expectPad(const char* mode, double before, double after, const std::vector<double>& expected) {
    SCOPED_TRACE(fmt::format("{} {} {}", mode, before, after));
    auto y = run("pad", fmt::format("mode={}", mode).c_str(), {ints({4}, {1, 2, 3, 4}), ints({2}, {before, after})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {static_cast<int64_t>(expected.size())}, expected);
}

TEST(Pad, Modes) {
    expectPad("constant", 1, 2, {0, 1, 2, 3, 4, 0, 0});
    expectPad("edge", 2, 1, {1, 1, 1, 2, 3, 4, 4});
    expectPad("reflect", 3, 2, {4, 3, 2, 1, 2, 3, 4, 3, 2});
    expectPad("reflect", 0, 7, {1, 2, 3, 4, 3, 2, 1, 2, 3, 4, 3});
    expectPad("wrap", 2, 5, {3, 4, 1, 2, 3, 4, 1, 2, 3, 4, 1});
    expectPad("constant", -1, -2, {2});
    expectPad("constant", -1, 1, {2, 3, 4, 0});
    expectPad("constant", -5, 2, {0});
    expectPad("reflect", -1, 1, {2, 3, 4, 3});
    expectPad("edge", 0, 0, {1, 2, 3, 4});
}

TEST(Pad, ValueAndAxes) {
    auto x = floats({1, 2}, {1, 2});
    auto y = run("pad", "", {x, ints({4}, {1, 0, 0, 1}), floats({}, {-7})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2, 3}, {-7, -7, -7, 1, 2, -7});
    y = run("pad", "", {x, ints({2}, {1, 0}), absent(), tensor(DType::kInt32, {1}, {-1})}, 1, {3});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {1, 3}, {0, 1, 2});
}

TEST(Pad, SymbolsAndElements) {
    Dim n = Dim::symbol(0), m = Dim::symbol(1);
    EXPECT_EQ(inferShape("pad", "", {{DType::kFloat, {n, 4}}, shapeTensor({1, m, 2, 0})}), (Shape{n + 3, m + 4}));
    EXPECT_EQ(inferElements("pad", "", {shapeTensor({n, 4}), shapeTensor({1, 0}), {DType::kInt64, {}, {{m}}}}),
              (std::vector<Dim>{m, n, 4}));
}

TEST(Pad, Refuses) {
    Arg x{DType::kFloat, {4, 4}};
    EXPECT_THAT(inferError("pad", "", {x, shapeTensor({1, 1})}), HasSubstr("2 pads for 2 axes"));
    EXPECT_THAT(inferError("pad", "", {x, shapeTensor({0, -3, 0, -2})}), HasSubstr("negative"));
    EXPECT_THAT(inferError("pad", "", {x, shapeTensor({INT64_MAX, 0, INT64_MAX, 0})}), HasSubstr("a pad of"));
    EXPECT_THAT(inferError("pad", "", {x, shapeTensor({0, 0, 0, 0}), {DType::kInt32, {}}}), HasSubstr("i32"));
    EXPECT_THAT(inferError("pad", "mode=edge", {{DType::kFloat, {0}}, shapeTensor({1, 0})}), HasSubstr("no elements"));
    EXPECT_THAT(runError("pad", "mode=reflect", {floats({0}, {}), ints({2}, {1, 0})}), HasSubstr("no elements"));
}

}  // namespace
}  // namespace lathe::ops
