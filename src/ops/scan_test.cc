// SPDX-License-Identifier: Apache-2.0
#include "ops/scan.h"

#include "ops/graph_testing.h"

namespace lathe::ops {
namespace {

using testing::floats;
using ::testing::HasSubstr;

// Running sums of rows; the row before each sum is stacked too.
const char* const kSums = R"(symbol s0 "n" input %x 0 range 0 9
graph "g" (%start: f32[2], %x: f32[s0, 2]) {
  %last, %sums, %rows = scan(%start, %x) (%p: f32[2], %row: f32[2]) {
    %next = binary(%p, %row) kind=add
    return %next, %next, %row
  }
  return %last, %sums, %rows
})";

TEST(Scan, CarriesAndStacks) {
    EXPECT_EQ(testing::resultType(kSums, 1), "f32[s0, 2]");
    auto r = testing::runGraph(kSums, {floats({2}, {100, 200}), floats({3, 2}, {1, 2, 3, 4, 5, 6})});
    ASSERT_TRUE(r.ok()) << r.status().toString();
    testing::expectNear((*r)[0], {2}, {109, 212});
    testing::expectNear((*r)[1], {3, 2}, {101, 202, 104, 206, 109, 212});
    testing::expectNear((*r)[2], {3, 2}, {1, 2, 3, 4, 5, 6});
    r = testing::runGraph(kSums, {floats({2}, {100, 200}), floats({0, 2}, {})});
    ASSERT_TRUE(r.ok()) << r.status().toString();
    testing::expectNear((*r)[0], {2}, {100, 200});
    testing::expectNear((*r)[1], {0, 2}, {});
}

TEST(Scan, AxesAndDirections) {
    const char* text = R"(graph "g" (%x: f32[2, 3], %y: f32[3]) {
  %a, %b = scan(%x, %y) num_scan_inputs=2 scan_input_axes=[1, 0] scan_input_directions=[0, 1] scan_output_axes=[0, -1] scan_output_directions=[1, 0] (%column: f32[2], %v: f32[]) {
    %s = binary(%column, %v) kind=mul
    return %column, %s
  }
  return %a, %b
})";
    EXPECT_EQ(testing::resultType(text, 0), "f32[3, 2]");
    EXPECT_EQ(testing::resultType(text, 1), "f32[2, 3]");
    auto r = testing::runGraph(text, {floats({2, 3}, {1, 2, 3, 4, 5, 6}), floats({3}, {1, 10, 100})});
    ASSERT_TRUE(r.ok()) << r.status().toString();
    testing::expectNear((*r)[0], {3, 2}, {3, 6, 2, 5, 1, 4});
    testing::expectNear((*r)[1], {2, 3}, {100, 20, 3, 400, 50, 6});
}

TEST(Scan, GrowthIsKnown) {
    const char* text = R"(symbol s0 "n" input %x 0 range 0 9
graph "g" (%start: f32[1], %x: f32[s0, 2]) {
  %last = scan(%start, %x) (%p: f32[1], %row: f32[2]) {
    %next = concat(%p, %row) axis=0
    return %next
  }
  return %last
})";
    EXPECT_EQ(testing::resultType(text), "f32[s0*2 + 1]");
    auto r = testing::runGraph(text, {floats({1}, {7}), floats({2, 2}, {1, 2, 3, 4})});
    ASSERT_TRUE(r.ok()) << r.status().toString();
    testing::expectNear((*r)[0], {5}, {7, 1, 2, 3, 4});
}

TEST(Scan, Refuses) {
    auto error = [](const char* head) {
        return testing::graphError(
            (std::string(head) + " (%p: f32[2], %row: f32[2]) {\n    return %p, %row\n  }\n  return %a, %b\n}")
                .c_str());
    };
    EXPECT_THAT(error("graph \"g\" (%x: f32[2], %y: f32[3, 2]) {\n  %a, %b = scan(%x, %y) num_scan_inputs=3"),
                HasSubstr("num_scan_inputs is 3 with 2 inputs"));
    EXPECT_THAT(error("graph \"g\" (%x: f32[4, 2], %y: f32[3, 2]) {\n  %a, %b = scan(%x, %y) num_scan_inputs=2"),
                HasSubstr("scanned axes' extents"));
    EXPECT_THAT(error("graph \"g\" (%x: f32[2], %y: f32[3, 2]) {\n  %a, %b = scan(%x, %y) scan_input_axes=[2]"),
                HasSubstr("axis 2"));
    EXPECT_THAT(error("graph \"g\" (%x: f32[2], %y: f32[3, 2]) {\n  %a, %b = scan(%x, %y) scan_output_directions=[2]"),
                HasSubstr("'scan_output_directions'"));
    EXPECT_THAT(error("graph \"g\" (%x: f32[2], %y: f32[]) {\n  %a, %b = scan(%x, %y)"), HasSubstr("axis 0"));
}

}  // namespace
}  // namespace lathe::ops
