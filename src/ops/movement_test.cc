// SPDX-License-Identifier: Apache-2.0
#include "ops/movement.h"

#include <gtest/gtest.h>

#include "ops/graph_testing.h"

namespace lathe::ops {
namespace {

// Offset and parts of each axis, "2 + [s0:768][12:64][64:1]"; an axis without parts is "[]".
std::string text(const View& v) {
    std::string s = v.base->name() + " + " + v.offset.toString() + " ";
    for (const auto& axis : v.axes) {
        s += "[";
        for (size_t i = 0; i < axis.size(); ++i)
            s += (i ? " " : "") + axis[i].extent.toString() + ":" + axis[i].stride.toString();
        s += "]";
    }
    return s;
}

std::string viewOfResult(const char* graph) {
    auto g = ir::parse(graph, find);
    if (!g.ok()) return g.status().message();
    return text(viewOf(*(*g)->body().results()[0], [](const ir::Node&) { return true; }));
}

TEST(Movement, PartOfAMergedProjection) {
    EXPECT_EQ(viewOfResult(R"(symbol s0 "b" input %x 0 range 1 8
symbol s1 "n" input %x 1 range 1 8
graph "g" (%x: f32[s0, s1, 192]) {
  const %shape = i64[4] [0, 0, 4, 16]
  %a, %b, %c = split(%x) axis=2
  %r = reshape(%b, %shape)
  %t = transpose(%r) perm=[0, 2, 1, 3]
  return %t
})"),
              "x + 64 [s0:s1*192][4:16][s1:192][16:1]");
}

TEST(Movement, AxesThatWereJoinedComeApartAgain) {
    // As networks do that keep the sequence first.
    EXPECT_EQ(viewOfResult(R"(symbol s0 "b" input %x 1 range 1 8
graph "g" (%x: f32[7, s0, 24]) {
  const %joined = i64[3] [7, -1, 8]
  const %four = i64[4] [-1, 3, 7, 8]
  %a = reshape(%x, %joined)
  %b = transpose(%a) perm=[1, 0, 2]
  %c = reshape(%b, %four)
  return %c
})"),
              "x + 0 [s0:24][3:8][7:s0*24][8:1]");
}

TEST(Movement, SlicesAndGathers) {
    EXPECT_EQ(viewOfResult(R"(graph "g" (%x: f32[3, 10, 4]) {
  const %one = i64[] [-1]
  const %start = i64[1] [-7]
  const %end = i64[1] [100]
  const %axis = i64[1] [0]
  const %step = i64[1] [2]
  %a = gather(%x, %one) axis=0
  %b = slice(%a, %start, %end, %axis, %step)
  return %b
})"),
              "x + 92 [4:8][4:1]");
    // Where the slice begins depends on an extent: the view starts after it.
    EXPECT_EQ(viewOfResult(R"(symbol s0 "n" input %x 0 range 1 8
graph "g" (%x: f32[s0, 4]) {
  const %start = i64[1] [-2]
  const %end = i64[1] [100]
  %a = slice(%x, %start, %end)
  return %a
})")
                  .find("x +"),
              std::string::npos);
}

TEST(Movement, ExpandedAxesHaveNoStride) {
    EXPECT_EQ(viewOfResult(R"(graph "g" (%x: f32[2, 3, 5, 8]) {
  const %five = i64[5] [2, 3, 4, 5, 8]
  const %four = i64[4] [2, 12, 5, 8]
  %a = unsqueeze(%x) axes=[2]
  %b = expand(%a, %five)
  %c = reshape(%b, %four)
  return %c
})"),
              "x + 0 [2:120][3:40 4:0][5:8][8:1]");
}

TEST(Movement, WhatIsNoViewStartsAnew) {
    // Four columns cannot be cut as 3 and the rest.
    EXPECT_EQ(viewOfResult(R"(graph "g" (%x: f32[6, 4]) {
  const %shape = i64[2] [3, 8]
  %t = transpose(%x) perm=[1, 0]
  %r = reshape(%t, %shape)
  %u = transpose(%r) perm=[1, 0]
  return %u
})"),
              "r + 0 [8:1][3:8]");
}

TEST(Movement, Strides) {
    EXPECT_EQ(*strideOf({}), ir::Dim(0));
    EXPECT_EQ(*strideOf({{4, 12}, {3, 4}}), ir::Dim(4));
    EXPECT_FALSE(strideOf({{4, 20}, {3, 4}}));
}

}  // namespace
}  // namespace lathe::ops
