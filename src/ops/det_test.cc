// SPDX-License-Identifier: Apache-2.0
#include "ops/det.h"

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::floats;
using ::testing::HasSubstr;

void expectDet(const testing::HostTensor& x, const Dims& dims, const std::vector<double>& expected) {
    auto y = testing::run("det", "", {x});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], dims, expected, 1e-5);
}

TEST(Det, Determinants) {
    expectDet(floats({2, 2}, {1, 2, 3, 4}), {}, {-2});
    expectDet(floats({3, 3}, {2, 0, 0, 0, 3, 0, 0, 0, 4}), {}, {24});
    // The first pivot is 0; rows must change places.
    expectDet(floats({3, 3}, {0, 1, 2, 1, 0, 3, 4, -3, 8}), {}, {-2});
    expectDet(floats({2, 2, 2}, {1, 2, 2, 4, 0, 1, 1, 0}), {2}, {0, -1});
    expectDet(floats({2, 1, 1}, {5, -3}), {2}, {5, -3});
    // The product of no factors.
    expectDet(floats({0, 0}, {}), {}, {1});
    expectDet(floats({0, 2, 2}, {}), {0}, {});
    expectDet(floats({2, 2}, {NAN, 1, 1, 1}), {}, {NAN});
}

TEST(Det, Refuses) {
    EXPECT_THAT(testing::inferError("det", "", {{DType::kFloat, {2, 3}}}), HasSubstr("rows and columns"));
    EXPECT_THAT(testing::inferError("det", "", {{DType::kFloat, {2}}}), HasSubstr("square"));
    EXPECT_THAT(testing::inferError("det", "", {{DType::kInt32, {2, 2}}}), HasSubstr("i32"));
}

TEST(Det, SymbolicShapes) {
    EXPECT_EQ(ir::toString(testing::inferShape("det", "", {{DType::kFloat, {Dim::symbol(0), 3, 3}}})), "[s0]");
}

}  // namespace
}  // namespace lathe::ops
