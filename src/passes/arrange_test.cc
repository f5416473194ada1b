// SPDX-License-Identifier: Apache-2.0
#include "passes/arrange.h"

#include <gtest/gtest.h>

namespace lathe::passes {
namespace {

using ir::Dim;
using ir::Shape;

TEST(Arrange, ShapeOperands) {
    Dim b = Dim::symbol(0), n = Dim::symbol(1);
    EXPECT_EQ(shapeOperand({b, n, 24}, {b, n, 3, 8}), (std::vector<int64_t>{0, 0, 3, 8}));
    EXPECT_EQ(shapeOperand({b, n, 24}, {b * n, 24}), (std::vector<int64_t>{-1, 24}));
    EXPECT_FALSE(shapeOperand({b * n, 24}, {b, n, 24}));  // two extents are open
    EXPECT_FALSE(shapeOperand({0, 3}, {0, 5}));           // a 0 would copy
}

TEST(Arrange, NeighboursAreJoined) {
    // [2, 3, 4, 5] with the first two axes and the last two exchanged.
    Arrangement a{{2, 3, 4, 5}, {{2, 3}, {0, 1}}};
    EXPECT_FALSE(a.isView());
    EXPECT_EQ(a.shape(), (Shape{20, 6}));
    Arrangement j = a.joined();
    EXPECT_EQ(j.parts, (Shape{6, 20}));
    EXPECT_EQ(j.groups, (std::vector<std::vector<int>>{{1}, {0}}));
    EXPECT_EQ(costOf(a, {2, 3, 4, 5}), 11);  // a reshape and a transpose
    EXPECT_EQ(costOf(a, {6, 20}), 10);
    EXPECT_EQ(costOf({{2, 3}, {{0, 1}}}, {2, 3}), 1);
    EXPECT_EQ(costOf({{2, 3}, {{0}, {1}}}, {2, 3}), 0);
}

}  // namespace
}  // namespace lathe::passes
