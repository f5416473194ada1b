// SPDX-License-Identifier: Apache-2.0
#include "ops/gather.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using namespace testing;
using ::testing::HasSubstr;

TEST(Gather, PicksSlices) {
    auto x = floats({3, 2}, {1, 2, 3, 4, 5, 6});
    auto y = run("gather", "", {x, ints({2, 2}, {0, 2, -1, 1})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2, 2, 2}, {1, 2, 5, 6, 5, 6, 3, 4});
    y = run("gather", "axis=1", {x, ints({}, {-2})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {3}, {1, 3, 5});
    y = run("gather", "axis=0", {x, tensor(DType::kInt32, {0}, {})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {0, 2}, {});
}

TEST(Gather, BatchAxesGoTogether) {
    auto y = run("gather", "axis=1 batch_dims=1", {floats({2, 3}, {1, 2, 3, 4, 5, 6}), ints({2, 2}, {2, 0, 1, 1})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2, 2}, {3, 1, 5, 5});
    y = run("gather", "axis=2 batch_dims=1", {floats({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8}), ints({2, 1}, {1, 0})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2, 2, 1}, {2, 4, 5, 7});
}

TEST(Gather, SymbolsAndElements) {
    Dim n = Dim::symbol(0), m = Dim::symbol(1);
    EXPECT_EQ(inferShape("gather", "axis=1", {{DType::kFloat, {n, 5, 7}}, {DType::kInt32, {m, 2}}}),
              (Shape{n, m, 2, 7}));
    EXPECT_EQ(inferShape("gather", "axis=1 batch_dims=1", {{DType::kFloat, {n, 5}}, {DType::kInt32, {n, m}}}),
              (Shape{n, m}));
    using E = std::vector<Dim>;
    Arg shape = shapeTensor({n, 3, m});
    EXPECT_EQ(inferElements("gather", "", {shape, {DType::kInt64, {}, {{-1}}}}), (E{m}));
    EXPECT_EQ(inferElements("gather", "", {shape, shapeTensor({0, 2})}), (E{n, m}));
}

TEST(Gather, Refuses) {
    Arg x{DType::kFloat, {3, 2}};
    EXPECT_THAT(inferError("gather", "axis=2", {x, shapeTensor({0})}), HasSubstr("axis 2"));
    EXPECT_THAT(inferError("gather", "", {x, x}), HasSubstr("f32"));
    EXPECT_THAT(inferError("gather", "", {x, shapeTensor({3})}), HasSubstr("index 3"));
    EXPECT_THAT(inferError("gather", "batch_dims=1", {x, shapeTensor({1})}), HasSubstr("batch_dims"));
    EXPECT_THAT(runError("gather", "", {floats({2}, {1, 2}), ints({1}, {-3})}), HasSubstr("index -3"));
}

}  // namespace
}  // namespace lathe::ops
