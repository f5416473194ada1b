// SPDX-License-Identifier: Apache-2.0
#include "ops/arg_reduce.h"

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::floats;
using ::testing::HasSubstr;

void expectArg(const char* attrs, const testing::HostTensor& x, const Dims& dims, const std::vector<double>& expected) {
    auto y = testing::run("arg_reduce", attrs, {x});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    EXPECT_EQ((*y)[0].tensor.dtype, DType::kInt64);
    SCOPED_TRACE(attrs);
    testing::expectNear((*y)[0], dims, expected);
}

TEST(ArgReduce, AxesAndKinds) {
    auto x = floats({2, 3}, {1, 5, 2, 7, -3, 7});
    expectArg("axis=1", x, {2, 1}, {1, 0});
    expectArg("axis=1 keep_dims=false", x, {2}, {1, 0});
    expectArg("axis=-1 kind=min", x, {2, 1}, {0, 1});
    expectArg("", x, {1, 3}, {1, 0, 1});
    expectArg("kind=min keep_dims=false", x, {3}, {0, 1, 0});
}

TEST(ArgReduce, TiesAndNaN) {
    auto x = floats({1, 4}, {2, 9, 9, 2});
    expectArg("axis=1", x, {1, 1}, {1});
    expectArg("axis=1 select_last_index=true", x, {1, 1}, {2});
    expectArg("axis=1 kind=min select_last_index=true", x, {1, 1}, {3});
    auto nan = floats({4}, {1, NAN, 5, NAN});
    expectArg("", nan, {1}, {1});
    expectArg("kind=min", nan, {1}, {1});
    expectArg("select_last_index=true", nan, {1}, {3});
    expectArg("kind=min", testing::tensor(DType::kInt8, {3}, {0, -128, 127}), {1}, {1});
}

TEST(ArgReduce, Refuses) {
    EXPECT_THAT(testing::inferError("arg_reduce", "axis=1", {{DType::kFloat, {2}}}), HasSubstr("axis 1"));
    EXPECT_THAT(testing::inferError("arg_reduce", "axis=1", {{DType::kFloat, {2, 0}}}), HasSubstr("empty"));
    EXPECT_THAT(testing::inferError("arg_reduce", "", {{DType::kBool, {2}}}), HasSubstr("bool"));
    expectArg("axis=1", floats({0, 2}, {}), {0, 1}, {});
}

TEST(ArgReduce, SymbolicShapes) {
    Dim n = Dim::symbol(0), s = Dim::symbol(1);
    EXPECT_EQ(ir::toString(testing::inferShape("arg_reduce", "axis=1", {{DType::kFloat, {n, s, 4}}})), "[s0, 1, 4]");
    EXPECT_EQ(ir::toString(testing::inferShape("arg_reduce", "axis=-1 keep_dims=false", {{DType::kFloat, {n, s, 4}}})),
              "[s0, s1]");
}

}  // namespace
}  // namespace lathe::ops
