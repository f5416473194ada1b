// SPDX-License-Identifier: Apache-2.0
#include "ops/cumsum.h"

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::floats;
using ::testing::HasSubstr;
using testing::ints;

void expectCumulative(const char* attrs, const testing::HostTensor& x, double axis,
                      const std::vector<double>& expected) {
    for (Dims dims : {Dims{}, Dims{1}}) {
        auto y = testing::run("cumsum", attrs, {x, ints(dims, {axis})});
        ASSERT_TRUE(y.ok()) << y.status().toString();
        EXPECT_EQ((*y)[0].tensor.dtype, x.tensor.dtype);
        testing::expectNear((*y)[0], x.tensor.dims, expected);
    }
}

TEST(Cumsum, SumsAlongTheAxis) {
    auto x = floats({2, 3}, {1, 2, 3, 4, 5, 6});
    expectCumulative("", x, 1, {1, 3, 6, 4, 9, 15});
    expectCumulative("", x, 0, {1, 2, 3, 5, 7, 9});
    expectCumulative("exclusive=true", x, -1, {0, 1, 3, 0, 4, 9});
    expectCumulative("reverse=true", x, 1, {6, 5, 3, 15, 11, 6});
    expectCumulative("exclusive=true reverse=true", x, 1, {5, 3, 0, 11, 6, 0});
    expectCumulative("", floats({2, 0}, {}), 1, {});
}

TEST(Cumsum, Products) {
    auto x = ints({4}, {2, 3, -1, 5});
    expectCumulative("kind=prod", x, 0, {2, 6, -6, -30});
    expectCumulative("kind=prod exclusive=true", x, 0, {1, 2, 6, -6});
    expectCumulative("kind=prod reverse=true", x, 0, {-30, -15, -5, 5});
}

TEST(Cumsum, IntegersWrapAndHalvesDoNotDrift) {
    expectCumulative("", testing::tensor(DType::kInt32, {2}, {INT32_MAX, 1}), 0, {INT32_MAX, INT32_MIN});
    // 2048 + 1 + 1 is 2050 when the sum isn't rounded at each step.
    expectCumulative("", testing::tensor(DType::kHalf, {3}, {2048, 1, 1}), 0, {2048, 2048, 2050});
}

TEST(Cumsum, Refuses) {
    EXPECT_THAT(testing::inferError("cumsum", "", {{DType::kFloat, {3}}, {DType::kInt64, {2}}}),
                HasSubstr("expected one element"));
    EXPECT_THAT(testing::inferError("cumsum", "", {{DType::kFloat, {3}}, {DType::kFloat, {}}}), HasSubstr("f32"));
    EXPECT_THAT(testing::inferError("cumsum", "", {{DType::kInt8, {3}}, {DType::kInt64, {}}}), HasSubstr("i8"));
    EXPECT_THAT(testing::inferError("cumsum", "", {{DType::kFloat, {3}}, testing::shapeTensor({1})}),
                HasSubstr("axis 1"));
    EXPECT_THAT(testing::runError("cumsum", "", {floats({3}, {1, 2, 3}), ints({}, {-2})}), HasSubstr("axis -2"));
}

TEST(Cumsum, SymbolicShapes) {
    EXPECT_EQ(
        ir::toString(testing::inferShape("cumsum", "", {{DType::kFloat, {Dim::symbol(0), 5}}, {DType::kInt64, {}}})),
        "[s0, 5]");
}

}  // namespace
}  // namespace lathe::ops
