// SPDX-License-Identifier: Apache-2.0
#include "ops/loop.h"

#include "ops/graph_testing.h"

namespace lathe::ops {
namespace {

using testing::boolean;
using testing::floats;
using ::testing::HasSubstr;
using testing::ints;

// Swaps two carried values, stacks the first.
const char* const kSwap = R"(graph "g" (%n: i64[], %a: f32[2], %b: f32[2]) {
  const %true = bool[] [1]
  %x, %y, %all = loop(%n, %true, %a, %b) (%i: i64[], %c: bool[], %p: f32[2], %q: f32[2]) {
    return %c, %q, %p, %p
  }
  return %x, %y, %all
})";

TEST(Loop, CarriedValuesSurviveTheNextTrip) {
    auto a = floats({2}, {1, 2}), b = floats({2}, {3, 4});
    auto r = testing::runGraph(kSwap, {ints({}, {3}), a, b});
    ASSERT_TRUE(r.ok()) << r.status().toString();
    testing::expectNear((*r)[0], {2}, {3, 4});
    testing::expectNear((*r)[1], {2}, {1, 2});
    testing::expectNear((*r)[2], {3, 2}, {1, 2, 3, 4, 1, 2});
    r = testing::runGraph(kSwap, {ints({}, {4}), a, b});
    ASSERT_TRUE(r.ok()) << r.status().toString();
    testing::expectNear((*r)[0], {2}, {1, 2});
    testing::expectNear((*r)[1], {2}, {3, 4});
}

TEST(Loop, NoTripAtAll) {
    auto a = floats({2}, {1, 2}), b = floats({2}, {3, 4});
    for (double n : {0.0, -5.0}) {
        auto r = testing::runGraph(kSwap, {ints({}, {n}), a, b});
        ASSERT_TRUE(r.ok()) << r.status().toString();
        testing::expectNear((*r)[0], {2}, {1, 2});
        testing::expectNear((*r)[1], {2}, {3, 4});
        testing::expectNear((*r)[2], {0, 2}, {});
    }
}

TEST(Loop, ComputedCarriedValuesSurviveToo) {
    // Fibonacci, with both values made by nodes; the captured 100 is added to what is stacked.
    const char* text = R"(graph "g" (%h: f32[]) {
  const %n = i64[] [6]
  const %zero = f32[] [0]
  const %one = f32[] [1]
  %x, %y, %all = loop(%n, -, %zero, %one) (%i: i64[], %c: bool[], %p: f32[], %q: f32[]) {
    const %true = bool[] [1]
    %next = binary(%p, %q) kind=add
    %same = identity(%q)
    %shown = binary(%same, %h) kind=add
    return %true, %same, %next, %shown
  }
  return %x, %y, %all
})";
    EXPECT_EQ(testing::resultType(text, 2), "f32[6]");
    auto r = testing::runGraph(text, {floats({}, {100})});
    ASSERT_TRUE(r.ok()) << r.status().toString();
    testing::expectNear((*r)[0], {}, {8});
    testing::expectNear((*r)[1], {}, {13});
    testing::expectNear((*r)[2], {6}, {101, 101, 102, 103, 105, 108});
}

// Doubles until the value is at least 100.
const char* const kUntil = R"(graph "g" (%n: i64[1], %go: bool[], %x: f32[]) {
  const %hundred = f32[] [100]
  %y, %all = loop(%n, %go, %x) (%i: i64[], %c: bool[], %p: f32[]) {
    %next = binary(%p, %p) kind=add
    %more = binary(%next, %hundred) kind=less
    return %more, %next, %next
  }
  return %y, %all
})";

TEST(Loop, TheConditionEndsIt) {
    EXPECT_EQ(testing::resultType(kUntil, 1), "f32[s0 <= ?]");
    auto r = testing::runGraph(kUntil, {ints({1}, {1000}), boolean(true), floats({}, {20})});
    ASSERT_TRUE(r.ok()) << r.status().toString();
    testing::expectNear((*r)[0], {}, {160});
    testing::expectNear((*r)[1], {3}, {40, 80, 160});
    r = testing::runGraph(kUntil, {ints({1}, {2}), boolean(true), floats({}, {20})});
    ASSERT_TRUE(r.ok()) << r.status().toString();
    testing::expectNear((*r)[1], {2}, {40, 80});
    r = testing::runGraph(kUntil, {ints({1}, {1000}), boolean(false), floats({}, {20})});
    ASSERT_TRUE(r.ok()) << r.status().toString();
    testing::expectNear((*r)[0], {}, {20});
    testing::expectNear((*r)[1], {0}, {});
}

TEST(Loop, AConditionBoundsAKnownNumberOfTrips) {
    const char* text = R"(graph "g" (%x: f32[]) {
  const %n = i64[] [8]
  const %hundred = f32[] [100]
  %y, %all = loop(%n, -, %x) (%i: i64[], %c: bool[], %p: f32[]) {
    %next = binary(%p, %p) kind=add
    %more = binary(%next, %hundred) kind=less
    return %more, %next, %next
  }
  return %y, %all
})";
    EXPECT_EQ(testing::resultType(text, 1), "f32[s0 <= 8]");
}

TEST(Loop, TheIterationCounts) {
    const char* text = R"(graph "g" () {
  const %n = i64[] [4]
  %all = loop(%n) (%i: i64[], %c: bool[]) {
    const %true = bool[1] [1]
    %twice = binary(%i, %i) kind=add
    return %true, %twice
  }
  return %all
})";
    auto r = testing::runGraph(text, {});
    ASSERT_TRUE(r.ok()) << r.status().toString();
    testing::expectNear((*r)[0], {4}, {0, 2, 4, 6});
}

// Appends a captured row each time.
const char* const kGrow = R"(symbol s0 "n" input %x 0 range 0 9
symbol s1 "trips" element %n 0 range 0 9
graph "g" (%n: i64[], %x: f32[s0, 2], %row: f32[1, 2]) {
  const %true = bool[] [1]
  %y = loop(%n, %true, %x) (%i: i64[], %c: bool[], %p: f32[s0, 2]) {
    %next = concat(%p, %row) axis=0
    return %c, %next
  }
  return %y
})";

TEST(Loop, CarriedValuesMayGrow) {
    auto r = testing::runGraph(kGrow, {ints({}, {3}), floats({1, 2}, {1, 2}), floats({1, 2}, {8, 9})});
    ASSERT_TRUE(r.ok()) << r.status().toString();
    testing::expectNear((*r)[0], {4, 2}, {1, 2, 8, 9, 8, 9, 8, 9});
    r = testing::runGraph(kGrow, {ints({}, {0}), floats({0, 2}, {}), floats({1, 2}, {8, 9})});
    ASSERT_TRUE(r.ok()) << r.status().toString();
    testing::expectNear((*r)[0], {0, 2}, {});
}

TEST(Loop, SteadyGrowthIsKnown) {
    const char* text = R"(symbol s0 "n" input %x 0 range 0 9
graph "g" (%x: f32[s0, 2], %row: f32[3, 2]) {
  const %n = i64[] [5]
  %y = loop(%n, -, %x) (%i: i64[], %c: bool[], %p: f32[s0, 2]) {
    const %true = bool[] [1]
    %next = concat(%p, %row) axis=0
    return %true, %next
  }
  return %y
})";
    EXPECT_EQ(testing::resultType(text), "f32[s0 + 15, 2]");
}

TEST(Loop, StacksAlongAnotherAxisAndBackwards) {
    const char* text = R"(graph "g" (%x: f32[2]) {
  const %n = i64[] [3]
  %y, %all, %back = loop(%n, -, %x) scan_output_axes=[1, -1] scan_output_directions=[0, 1] (%i: i64[], %c: bool[], %p: f32[2]) {
    const %true = bool[] [1]
    %next = binary(%p, %p) kind=add
    return %true, %next, %p, %next
  }
  return %all, %back
})";
    EXPECT_EQ(testing::resultType(text), "f32[2, 3]");
    auto r = testing::runGraph(text, {floats({2}, {1, 10})});
    ASSERT_TRUE(r.ok()) << r.status().toString();
    testing::expectNear((*r)[0], {2, 3}, {1, 2, 4, 10, 20, 40});
    testing::expectNear((*r)[1], {2, 3}, {8, 4, 2, 80, 40, 20});
}

TEST(Loop, LoopsInLoopsAndNoStaleExtents) {
    // The inner loop runs i times and stacks; its sum is carried. Without inner trips its stack is empty although an
    // earlier one wasn't.
    const char* text = R"(symbol s0 "w" input %x 0 range 1 9
graph "g" (%counts: i64[3], %x: f32[s0]) {
  const %n = i64[] [3]
  const %zero = f32[] [0]
  %sum, %lengths = loop(%n, -, %zero) (%i: i64[], %c: bool[], %p: f32[]) {
    const %true = bool[] [1]
    %trips = gather(%counts, %i) axis=0
    %stack = loop(%trips) (%j: i64[], %d: bool[]) {
      const %yes = bool[] [1]
      return %yes, %x
    }
    %part = reduce(%stack) keep_dims=false
    %next = binary(%p, %part) kind=add
    %shape = shape(%stack)
    return %true, %next, %shape
  }
  return %sum, %lengths
})";
    auto r = testing::runGraph(text, {ints({3}, {2, 0, 1}), floats({2}, {1, 10})});
    ASSERT_TRUE(r.ok()) << r.status().toString();
    testing::expectNear((*r)[0], {}, {33});
    testing::expectNear((*r)[1], {3, 2}, {2, 2, 0, 2, 1, 2});
}

TEST(Loop, Refuses) {
    EXPECT_THAT(testing::graphError(R"(graph "g" (%x: f32[]) {
  %y = loop(-, -, %x) (%i: i64[], %c: bool[], %p: f32[]) {
    return %c, %p
  }
  return %y
})"),
                HasSubstr("never ends"));
    EXPECT_THAT(testing::graphError(R"(graph "g" (%n: i64[], %x: f32[]) {
  %y = loop(%n, -, %x) (%i: i64[], %c: bool[], %p: f32[]) {
    return %c, %i
  }
  return %y
})"),
                HasSubstr("carried value 0 is f32 at first, but i64"));
    EXPECT_THAT(testing::graphError(R"(graph "g" (%n: i64[], %x: f32[2]) {
  %y = loop(%n, -, %x) (%i: i64[], %c: bool[], %p: f32[2]) {
    %q = reduce(%p) keep_dims=false
    return %c, %q
  }
  return %y
})"),
                HasSubstr("number of dimensions must not change"));
    EXPECT_THAT(testing::graphError(R"(graph "g" (%n: i64[], %x: f32[]) {
  %y = loop(%n, -, %x) (%i: i64[], %c: bool[]) {
    return %c
  }
  return %y
})"),
                HasSubstr("the body has 2 parameters; expected 3"));
    EXPECT_THAT(testing::graphError(R"(graph "g" (%n: i64[], %x: f32[]) {
  %y = loop(%n, -, %x) (%i: i64[], %c: bool[], %p: f32[]) {
    return %i, %p
  }
  return %y
})"),
                HasSubstr("condition has type i64"));
    EXPECT_THAT(testing::graphError(R"(graph "g" (%n: i64[2], %x: f32[]) {
  %y = loop(%n, -, %x) (%i: i64[], %c: bool[], %p: f32[]) {
    return %c, %p
  }
  return %y
})"),
                HasSubstr("number of trips has the shape [2]"));
}

TEST(Loop, StackedShapesMustAgreeWhileRunning) {
    const char* text = R"(symbol s0 "n" input %x 0 range 0 9
graph "g" (%n: i64[], %x: f32[s0]) {
  %y, %all = loop(%n, -, %x) (%i: i64[], %c: bool[], %p: f32[s0]) {
    const %true = bool[] [1]
    %next = concat(%p, %p) axis=0
    return %true, %next, %next
  }
  return %y, %all
})";
    EXPECT_THAT(testing::graphError(text, {ints({}, {2}), floats({1}, {1})}), HasSubstr("cannot be stacked"));
    EXPECT_EQ(testing::graphError(text, {ints({}, {1}), floats({1}, {1})}), "");
}

}  // namespace
}  // namespace lathe::ops
