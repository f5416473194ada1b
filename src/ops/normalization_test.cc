// SPDX-License-Identifier: Apache-2.0
#include "ops/normalization.h"

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::floats;
using ::testing::HasSubstr;

void expectNorm(const char* attrs, const std::vector<testing::HostTensor>& inputs,
                const std::vector<double>& expected) {
    auto y = testing::run("normalization", attrs, inputs);
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], inputs[0].tensor.dims, expected, 1e-6);
}

TEST(Normalization, AnyAxes) {
    auto x = floats({2, 2}, {1, 5, 3, 1});
    expectNorm("axes=[1] epsilon=0", {x}, {-1, 1, 1, -1});
    expectNorm("axes=[0] epsilon=0", {x}, {-1, 1, 1, -1});
    double f = 1 / std::sqrt(2.75 + 1.25);
    expectNorm("axes=[0, 1] epsilon=1.25", {x, floats({1, 2}, {1, 2}), floats({2, 1}, {0, 100})},
               {-1.5 * f, 5 * f, 100 + 0.5 * f, 100 - 3 * f});
    expectNorm("axes=[1] epsilon=0", {x, testing::absent(), floats({1, 1}, {7})}, {6, 8, 8, 6});
}

TEST(Normalization, Groups) {
    auto x = floats({1, 4, 2}, {1, 1, 5, 5, 0, 0, 4, 4});
    expectNorm("axes=[2] groups=2 epsilon=0", {x}, {-1, -1, 1, 1, -1, -1, 1, 1});
    expectNorm("axes=[2] groups=2 epsilon=0", {x, floats({1, 4, 1}, {1, 2, 3, 4})}, {-1, -1, 2, 2, -3, -3, 4, 4});
    // One entry a group.
    expectNorm("axes=[2] groups=2 epsilon=0", {x, floats({1, 2, 1}, {1, 10}), floats({1, 2, 1}, {0, 5})},
               {-1, -1, 1, 1, -5, -5, 15, 15});
    expectNorm("axes=[2] groups=2 epsilon=0", {x, floats({1, 1, 2}, {1, 10})}, {-1, -10, 1, 10, -1, -10, 1, 10});
    // As many groups as channels: each channel alone.
    expectNorm("axes=[2] groups=4 epsilon=1", {x}, {0, 0, 0, 0, 0, 0, 0, 0});
}

TEST(Normalization, Refuses) {
    auto error = [](const char* attrs, Shape x, Shape scale) {
        return testing::inferError("normalization", attrs,
                                   {{DType::kFloat, std::move(x)}, {DType::kFloat, std::move(scale)}});
    };
    EXPECT_THAT(error("", {2, 3}, {1, 3}), HasSubstr("no axes"));
    EXPECT_THAT(error("axes=[2]", {2, 3}, {1, 3}), HasSubstr("axis 2"));
    EXPECT_THAT(error("axes=[1]", {2, 3}, {3}), HasSubstr("expected 2 dimensions"));
    EXPECT_THAT(error("axes=[1]", {2, 3}, {1, 2}), HasSubstr("cannot be broadcast"));
    EXPECT_THAT(error("axes=[2] groups=2", {2, 3, 4}, {1, 3, 1}), HasSubstr("3 channels cannot be divided"));
    EXPECT_THAT(error("axes=[1, 2] groups=3", {2, 3, 4}, {1, 3, 1}), HasSubstr("axes must be all those from 2 on"));
    EXPECT_THAT(error("axes=[1] groups=2", {2, 4}, {1, 4}), HasSubstr("groups need"));
}

TEST(Normalization, SymbolicShapes) {
    EXPECT_EQ(ir::toString(testing::inferShape(
                  "normalization", "axes=[2] groups=4",
                  {{DType::kFloat, {Dim::symbol(0), 32, Dim::symbol(1)}}, {DType::kFloat, {1, 32, 1}}})),
              "[s0, 32, s1]");
}

}  // namespace
}  // namespace lathe::ops
