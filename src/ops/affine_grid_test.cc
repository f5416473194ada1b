// SPDX-License-Identifier: Apache-2.0
#include "ops/affine_grid.h"

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::floats;
using ::testing::HasSubstr;
using testing::ints;

void expectGrid(const char* attrs, const testing::HostTensor& theta, const std::vector<double>& size, const Dims& dims,
                const std::vector<double>& expected) {
    auto y = testing::run("affine_grid", attrs, {theta, ints({static_cast<int64_t>(size.size())}, size)});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], dims, expected, 1e-6);
}

TEST(AffineGrid, Plane) {
    auto same = floats({1, 2, 3}, {1, 0, 0, 0, 1, 0});
    expectGrid("", same, {1, 1, 2, 2}, {1, 2, 2, 2}, {-0.5, -0.5, 0.5, -0.5, -0.5, 0.5, 0.5, 0.5});
    expectGrid("align_corners=true", same, {1, 1, 2, 3}, {1, 2, 3, 2}, {-1, -1, 0, -1, 1, -1, -1, 1, 0, 1, 1, 1});
    expectGrid("align_corners=true", same, {1, 1, 1, 2}, {1, 1, 2, 2}, {-1, 0, 1, 0});
    // x' = 2 y + 3, y' = -x
    expectGrid("align_corners=true", floats({1, 2, 3}, {0, 2, 3, -1, 0, 0}), {1, 1, 2, 2}, {1, 2, 2, 2},
               {1, 1, 1, -1, 5, 1, 5, -1});
}

TEST(AffineGrid, VolumeAndBatches) {
    auto theta = floats({2, 3, 4}, {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 5, 1, 0, 0, 0});
    expectGrid("align_corners=true", theta, {2, 1, 2, 1, 2}, {2, 2, 1, 2, 3},
               {-1, 0, -1, 1, 0, -1, -1, 0, 1, 1, 0, 1, -1, 5, -1, -1, 5, 1, 1, 5, -1, 1, 5, 1});
}

TEST(AffineGrid, Refuses) {
    auto error = [](Shape theta, std::vector<Dim> size) {
        return testing::inferError("affine_grid", "",
                                   {{DType::kFloat, std::move(theta)}, testing::shapeTensor(std::move(size))});
    };
    EXPECT_THAT(error({1, 2, 3}, {1, 1, 4}), HasSubstr("size has 3 elements"));
    EXPECT_THAT(error({1, 3, 4}, {1, 1, 4, 4}), HasSubstr("rows is 3, but must be 2"));
    EXPECT_THAT(error({2, 2, 3}, {1, 1, 4, 4}), HasSubstr("batch sizes"));
    EXPECT_THAT(error({1, 2, 4}, {1, 1, 4, 4}), HasSubstr("columns is 4, but must be 3"));
}

TEST(AffineGrid, SymbolicShapes) {
    Dim n = Dim::symbol(0), h = Dim::symbol(1);
    EXPECT_EQ(ir::toString(testing::inferShape("affine_grid", "",
                                               {{DType::kFloat, {n, 2, 3}}, testing::shapeTensor({n, 3, h, 7})})),
              "[s0, s1, 7, 2]");
}

}  // namespace
}  // namespace lathe::ops
