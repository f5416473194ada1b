// SPDX-License-Identifier: Apache-2.0
#include "ops/grid_sample.h"

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::floats;
using ::testing::HasSubstr;

// Reads a row of four elements, 10, 20, 30, 40, at these places.
void expectRow(const char* attrs, const std::vector<double>& places, const std::vector<double>& expected) {
    int64_t n = static_cast<int64_t>(places.size());
    auto y = testing::run("grid_sample", attrs, {floats({1, 1, 4}, {10, 20, 30, 40}), floats({1, n, 1}, places)});
    ASSERT_TRUE(y.ok()) << attrs << ": " << y.status().toString();
    SCOPED_TRACE(attrs);
    testing::expectNear((*y)[0], {1, 1, n}, expected, 1e-4);
}

TEST(GridSample, WhereMinusOneAndOneAre) {
    // The outer edges are half an element beyond the outermost centres.
    expectRow("", {-1, -0.75, 0, 0.75, 1}, {5, 10, 25, 40, 20});
    expectRow("align_corners=true", {-1, -0.5, 0, 1}, {10, 17.5, 25, 40});
}

TEST(GridSample, PaddingModes) {
    // With aligned corners these are the elements -1.5, -3, 4.5 and 7.
    std::vector<double> places = {-2, -3, 2, 11.0 / 3};
    expectRow("align_corners=true", places, {0, 0, 0, 0});
    expectRow("align_corners=true padding=border", places, {10, 10, 40, 40});
    // Reflected at the centres: 1.5, 3, 1.5, 1.
    expectRow("align_corners=true padding=reflection", places, {25, 40, 25, 20});
    // Reflected at the edges: element -1 is 0 again, -2 is 1, 4.5 is 2.5, 9 is 1.
    expectRow("padding=reflection", {-1.25, -1.75, 1.5, 3.75}, {10, 20, 35, 20});
    expectRow("padding=zeros", {-1.25, 1.25}, {0, 0});
}

TEST(GridSample, NearestRoundsHalvesToEven) {
    // Elements 0.5, 1.5, 2.5, 0.4: 2x + 1.5, in numbers that binary fractions hold.
    expectRow("mode=nearest align_corners=false", {-0.5, 0, 0.5, -0.55}, {10, 30, 30, 10});
    expectRow("mode=nearest align_corners=true", {-1.5, 1.4}, {0, 0});
    expectRow("mode=nearest align_corners=true padding=border", {-1.5, 1.4}, {10, 40});
}

TEST(GridSample, Cubic) {
    // Halfway between 20 and 30: weights -0.09375, 0.59375 on both sides; at the border the missing one is 0 or 40.
    double middle = -0.09375 * 50 + 0.59375 * 50;
    expectRow("mode=cubic align_corners=true", {0, 2.0 / 3}, {middle, -0.09375 * 20 + 0.59375 * 70});
    expectRow("mode=cubic align_corners=true padding=border", {0, 2.0 / 3}, {middle, -0.09375 * 60 + 0.59375 * 70});
    expectRow("mode=cubic align_corners=true padding=reflection", {2.0 / 3}, {-0.09375 * 50 + 0.59375 * 70});
}

TEST(GridSample, CoordinatesOfTheLastAxisComeFirst) {
    auto x = floats({1, 1, 2, 3}, {1, 2, 3, 4, 5, 6});
    auto y = testing::run("grid_sample", "align_corners=true", {x, floats({1, 1, 3, 2}, {1, -1, -1, 1, 0, 0})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], {1, 1, 1, 3}, {3, 4, 3.5}, 1e-5);
    auto volume = floats({1, 1, 2, 1, 2}, {1, 2, 3, 4});
    y = testing::run("grid_sample", "align_corners=true", {volume, floats({1, 1, 1, 2, 3}, {1, 0, -1, -1, 0, 1})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], {1, 1, 1, 1, 2}, {2, 3}, 1e-5);
}

TEST(GridSample, ChannelsAndImages) {
    auto y = testing::run("grid_sample", "", {floats({2, 2, 1}, {1, 2, 3, 4}), floats({2, 1, 1}, {0, 0.5})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], {2, 2, 1}, {1, 2, 2.25, 3}, 1e-5);
}

TEST(GridSample, PlacesThatAreNone) {
    expectRow("", {NAN, INFINITY, -INFINITY, 1e30}, {0, 0, 0, 0});
    expectRow("padding=border", {INFINITY, -INFINITY, 1e30}, {40, 10, 40});
}

TEST(GridSample, Refuses) {
    auto error = [](Shape x, Shape grid) {
        return testing::inferError("grid_sample", "",
                                   {{DType::kFloat, std::move(x)}, {DType::kFloat, std::move(grid)}});
    };
    EXPECT_THAT(error({1, 1, 4, 4}, {1, 2, 2, 3}), HasSubstr("coordinates is 3, but must be 2"));
    EXPECT_THAT(error({1, 1, 4, 4}, {1, 2, 2}), HasSubstr("expected 4 dimensions"));
    EXPECT_THAT(error({2, 1, 4, 4}, {1, 2, 2, 2}), HasSubstr("batch sizes"));
    EXPECT_THAT(error({1, 1, 0, 4}, {1, 2, 2, 2}), HasSubstr("nothing to read"));
    EXPECT_THAT(error({1, 4}, {1, 2}), HasSubstr("spatial"));
    EXPECT_THAT(testing::inferError("grid_sample", "", {{DType::kInt32, {1, 1, 4}}, {DType::kFloat, {1, 2, 1}}}),
                HasSubstr("i32"));
}

TEST(GridSample, SymbolicShapes) {
    Dim n = Dim::symbol(0), h = Dim::symbol(1);
    EXPECT_EQ(ir::toString(testing::inferShape("grid_sample", "",
                                               {{DType::kFloat, {n, 16, 8, 8}}, {DType::kFloat, {n, h, 5, 2}}})),
              "[s0, 16, s1, 5]");
}

}  // namespace
}  // namespace lathe::ops
