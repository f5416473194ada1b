// SPDX-License-Identifier: Apache-2.0
#include "ops/if.h"

#include "ops/graph_testing.h"

namespace lathe::ops {
namespace {

using testing::boolean;
using testing::floats;
using ::testing::HasSubstr;
using testing::ints;

TEST(If, RunsOneBranchWithCapturedValues) {
    const char* text = R"(graph "g" (%c: bool[], %x: f32[2], %y: f32[2]) {
  %s = binary(%x, %y) kind=add
  %r, %k = if(%c) () {
    %a = binary(%s, %x) kind=mul
    return %a, %x
  } () {
    const %w = f32[2] [7, 8]
    return %w, %s
  }
  return %r, %k
})";
    auto x = floats({2}, {1, 2}), y = floats({2}, {10, 20});
    auto then = testing::runGraph(text, {boolean(true), x, y});
    ASSERT_TRUE(then.ok()) << then.status().toString();
    testing::expectNear((*then)[0], {2}, {11, 44});
    testing::expectNear((*then)[1], {2}, {1, 2});
    auto otherwise = testing::runGraph(text, {boolean(false), x, y});
    ASSERT_TRUE(otherwise.ok()) << otherwise.status().toString();
    testing::expectNear((*otherwise)[0], {2}, {7, 8});
    testing::expectNear((*otherwise)[1], {2}, {11, 22});
}

TEST(If, NestedBranches) {
    const char* text = R"(graph "g" (%c: bool[1], %d: bool[], %x: f32[]) {
  %r = if(%c) () {
    %i = if(%d) () {
      return %x
    } () {
      %a = unary(%x) kind=neg
      return %a
    }
    %j = binary(%i, %i) kind=add
    return %j
  } () {
    %b = unary(%x) kind=abs
    return %b
  }
  return %r
})";
    for (bool c : {true, false})
        for (bool d : {true, false}) {
            auto r = testing::runGraph(text,
                                       {testing::tensor(DType::kBool, {1}, {double(c)}), boolean(d), floats({}, {-3})});
            ASSERT_TRUE(r.ok()) << r.status().toString();
            testing::expectNear((*r)[0], {}, {c ? d ? -6.0 : 6.0 : 3.0});
        }
}

const char* const kTwoLengths = R"(symbol s0 "n" input %x 0 range 1 9
graph "g" (%c: bool[], %x: f32[s0, 3], %y: f32[5, 3]) {
  %r = if(%c) () {
    return %x
  } () {
    return %y
  }
  %z = unary(%r) kind=neg
  return %z
})";

TEST(If, DifferentExtentsAreBoundedByTheLarger) {
    EXPECT_EQ(testing::resultType(kTwoLengths), "f32[s1 <= max(5, s0), 3]");
    auto y = floats({5, 3}, std::vector<double>(15, 2));
    auto r = testing::runGraph(kTwoLengths, {boolean(true), floats({1, 3}, {1, 2, 3}), y});
    ASSERT_TRUE(r.ok()) << r.status().toString();
    testing::expectNear((*r)[0], {1, 3}, {-1, -2, -3});
    r = testing::runGraph(kTwoLengths, {boolean(false), floats({1, 3}, {1, 2, 3}), y});
    ASSERT_TRUE(r.ok()) << r.status().toString();
    testing::expectNear((*r)[0], {5, 3}, std::vector<double>(15, -2));
}

TEST(If, ExtentsFoundInABranchDoNotLeaveIt) {
    const char* text = R"(graph "g" (%c: bool[], %x: f32[6], %i: i64[1, 4]) {
  %r = if(%c) () {
    %n = nonzero(%x)
    return %n
  } () {
    return %i
  }
  return %r
})";
    EXPECT_EQ(testing::resultType(text), "i64[1, s1 <= 6]");
    auto r = testing::runGraph(text, {boolean(true), floats({6}, {0, 5, 0, 0, 7, 0}), ints({1, 4}, {9, 9, 9, 9})});
    ASSERT_TRUE(r.ok()) << r.status().toString();
    testing::expectNear((*r)[0], {1, 2}, {1, 4});
}

TEST(If, AKnownConditionDecidesAlone) {
    // The other branch gives another shape, which would not fit.
    const char* text = R"(graph "g" (%x: f32[2]) {
  const %c = bool[] [0]
  %r = if(%c) () {
    %a = reduce(%x) keep_dims=false
    return %a
  } () {
    %b = unary(%x) kind=neg
    return %b
  }
  return %r
})";
    EXPECT_EQ(testing::resultType(text), "f32[2]");
    auto r = testing::runGraph(text, {floats({2}, {1, 2})});
    ASSERT_TRUE(r.ok()) << r.status().toString();
    testing::expectNear((*r)[0], {2}, {-1, -2});
}

TEST(If, ShapesThatBothBranchesKnowStayKnown) {
    const char* text = R"(symbol s0 "n" input %x 0 range 1 9
graph "g" (%c: bool[], %x: f32[s0, 3], %v: f32[s0]) {
  %r = if(%c) () {
    %a = shape(%x) start=0 end=1
    return %a
  } () {
    %b = shape(%v)
    return %b
  }
  %z = expand(%v, %r)
  return %z
})";
    EXPECT_EQ(testing::resultType(text), "f32[s0]");
}

TEST(If, Refuses) {
    EXPECT_THAT(
        testing::graphError(
            "graph \"g\" (%c: f32[]) {\n  %r = if(%c) () {\n return %c\n } () {\n return %c\n }\n  return %r\n}"),
        HasSubstr("input 0 has type f32"));
    EXPECT_THAT(
        testing::graphError(
            "graph \"g\" (%c: bool[2]) {\n  %r = if(%c) () {\n return %c\n } () {\n return %c\n }\n  return %r\n}"),
        HasSubstr("expected one element"));
    EXPECT_THAT(testing::graphError("graph \"g\" (%c: bool[]) {\n  %r = if(%c) () {\n return %c\n }\n  return %r\n}"),
                HasSubstr("1 regions; expected two"));
    EXPECT_THAT(testing::graphError("graph \"g\" (%c: bool[], %x: f32[]) {\n  %r = if(%c) () {\n return %c\n } () {\n "
                                    "return %x\n }\n  return %r\n}"),
                HasSubstr("the branches give bool and f32"));
    EXPECT_THAT(testing::graphError("graph \"g\" (%c: bool[], %x: bool[1]) {\n  %r = if(%c) () {\n return %c\n } () "
                                    "{\n return %x\n }\n  return %r\n}"),
                HasSubstr("different numbers of dimensions"));
    EXPECT_THAT(
        testing::graphError(
            "graph \"g\" (%c: bool[]) {\n  %r = if(%c) () {\n return %c, %c\n } () {\n return %c\n }\n  return %r\n}"),
        HasSubstr("region 0 has 2 results for 1 outputs"));
}

}  // namespace
}  // namespace lathe::ops
