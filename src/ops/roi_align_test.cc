// SPDX-License-Identifier: Apache-2.0
#include "ops/roi_align.h"

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::floats;
using ::testing::HasSubstr;
using testing::ints;

// 0 1 2 3 / 10 11 12 13 / …: what is read at (y, x) between the elements is 10 y + x.
testing::HostTensor ramp() {
    std::vector<double> v;
    for (int y = 0; y < 4; ++y)
        for (int x = 0; x < 4; ++x) v.push_back(10 * y + x);
    return floats({1, 1, 4, 4}, v);
}

void expectRoi(const char* attrs, const std::vector<double>& roi, const Dims& dims,
               const std::vector<double>& expected) {
    auto y = testing::run("roi_align", attrs, {ramp(), floats({1, 4}, roi), ints({1}, {0})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    SCOPED_TRACE(attrs);
    testing::expectNear((*y)[0], dims, expected, 1e-5);
}

TEST(RoiAlign, BinsAndSamples) {
    // x from 0.5 to 2.5, y from 0.5 to 1.5 in element coordinates (half an element less than given).
    expectRoi("sampling_ratio=1", {1, 1, 3, 2}, {1, 1, 1, 1}, {11.5});
    expectRoi("sampling_ratio=2", {1, 1, 3, 2}, {1, 1, 1, 1}, {11.5});
    expectRoi("sampling_ratio=1 output_width=2", {1, 1, 3, 2}, {1, 1, 1, 2}, {11, 12});
    expectRoi("output_width=2 output_height=1", {1, 1, 3, 2}, {1, 1, 1, 2}, {11, 12});
    expectRoi("sampling_ratio=1 coord=output_half_pixel", {1, 1, 3, 2}, {1, 1, 1, 1}, {17});
    expectRoi("sampling_ratio=1 spatial_scale=0.5", {2, 2, 6, 4}, {1, 1, 1, 1}, {11.5});
}

TEST(RoiAlign, SmallAndBackwardRegions) {
    // At least one element without half_pixel; with it a region may be empty.
    expectRoi("sampling_ratio=1 coord=output_half_pixel", {1, 1, 1, 1}, {1, 1, 1, 1}, {16.5});
    expectRoi("sampling_ratio=1", {1.5, 1.5, 1.5, 1.5}, {1, 1, 1, 1}, {11});
    // Adaptive sampling of nothing has no samples.
    expectRoi("", {1.5, 1.5, 1.5, 1.5}, {1, 1, 1, 1}, {0});
}

TEST(RoiAlign, OutsideIsClampedForOneElementAndThenZero) {
    expectRoi("sampling_ratio=1 coord=output_half_pixel", {-1.5, 0.5, -0.1, 1.5}, {1, 1, 1, 1}, {10});
    expectRoi("sampling_ratio=1 coord=output_half_pixel", {-4, 0.5, -2, 1.5}, {1, 1, 1, 1}, {0});
    expectRoi("sampling_ratio=1 coord=output_half_pixel", {3, 2.5, 4.4, 3.5}, {1, 1, 1, 1}, {33});
}

TEST(RoiAlign, MaxOfWeightedNeighbours) {
    // One sample on element (1, 1), one at (1, 1.5): half of 11 and half of 12.
    expectRoi("mode=max sampling_ratio=1", {1, 1, 2, 2}, {1, 1, 1, 1}, {11});
    expectRoi("mode=max sampling_ratio=1", {1, 1, 3, 2}, {1, 1, 1, 1}, {6});
    // Samples at x = 1 and 2.
    expectRoi("mode=max output_height=1", {1, 1, 3, 2}, {1, 1, 1, 1}, {12});
}

TEST(RoiAlign, ImagesAndChannels) {
    auto x = floats({2, 2, 1, 1}, {1, 2, 3, 4});
    auto y = testing::run(
        "roi_align", "sampling_ratio=1",
        {x, floats({3, 4}, {0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1}), testing::tensor(DType::kInt32, {3}, {1, 0, 1})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], {3, 2, 1, 1}, {3, 4, 1, 2, 3, 4});
    EXPECT_THAT(testing::runError("roi_align", "", {x, floats({1, 4}, {0, 0, 1, 1}), ints({1}, {2})}),
                HasSubstr("batch index 0 is 2"));
    EXPECT_THAT(testing::runError("roi_align", "", {x, floats({1, 4}, {0, 0, 1e9, 1e9}), ints({1}, {0})}),
                HasSubstr("too many samples"));
}

TEST(RoiAlign, Refuses) {
    auto error = [](const char* attrs, Shape rois, Dim n) {
        return testing::inferError(
            "roi_align", attrs,
            {{DType::kFloat, {1, 3, 8, 8}}, {DType::kFloat, std::move(rois)}, {DType::kInt64, {n}}});
    };
    EXPECT_THAT(error("", {2, 5}, 2), HasSubstr("coordinates is 5, but must be 4"));
    EXPECT_THAT(error("", {2, 4}, 3), HasSubstr("numbers of regions"));
    EXPECT_THAT(error("output_height=0", {2, 4}, 2), HasSubstr("at least one bin"));
    EXPECT_THAT(error("sampling_ratio=-1", {2, 4}, 2), HasSubstr("sampling_ratio is -1"));
}

TEST(RoiAlign, SymbolicShapes) {
    Dim n = Dim::symbol(0), r = Dim::symbol(1);
    EXPECT_EQ(ir::toString(testing::inferShape(
                  "roi_align", "output_height=7 output_width=7",
                  {{DType::kFloat, {n, 256, 50, 50}}, {DType::kFloat, {r, 4}}, {DType::kInt64, {r}}})),
              "[s1, 256, 7, 7]");
}

}  // namespace
}  // namespace lathe::ops
