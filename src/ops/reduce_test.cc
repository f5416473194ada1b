// SPDX-License-Identifier: Apache-2.0
#include "ops/reduce.h"

#include "ir/infer.h"
#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::floats;
using ::testing::HasSubstr;
using testing::ints;

void expectReduce(const std::string& attrs, const testing::HostTensor& x, const Dims& dims,
                  const std::vector<double>& expected) {
    auto y = testing::run("reduce", attrs.c_str(), {x});
    ASSERT_TRUE(y.ok()) << attrs << ": " << y.status().toString();
    EXPECT_EQ((*y)[0].tensor.dtype, x.tensor.dtype);
    testing::expectNear((*y)[0], dims, expected, 1e-5);
}

const testing::HostTensor kX = floats({2, 3}, {1, -2, 4, 3, 0.5, -1});

TEST(Reduce, EveryKind) {
    expectReduce("axes=[1]", kX, {2, 1}, {3, 2.5});
    expectReduce("kind=mean axes=[1]", kX, {2, 1}, {1, 2.5 / 3});
    expectReduce("kind=max axes=[1]", kX, {2, 1}, {4, 3});
    expectReduce("kind=min axes=[1]", kX, {2, 1}, {-2, -1});
    expectReduce("kind=prod axes=[1]", kX, {2, 1}, {-8, -1.5});
    expectReduce("kind=l1 axes=[1]", kX, {2, 1}, {7, 4.5});
    expectReduce("kind=l2 axes=[1]", kX, {2, 1}, {std::sqrt(21), std::sqrt(10.25)});
    expectReduce("kind=sum_square axes=[1]", kX, {2, 1}, {21, 10.25});
    expectReduce("kind=log_sum axes=[1]", kX, {2, 1}, {std::log(3), std::log(2.5)});
    expectReduce(
        "kind=log_sum_exp axes=[1]", kX, {2, 1},
        {std::log(std::exp(1) + std::exp(-2) + std::exp(4)), std::log(std::exp(3) + std::exp(0.5) + std::exp(-1))});
}

TEST(Reduce, Axes) {
    auto x = floats({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
    expectReduce("axes=[0]", x, {1, 2, 2}, {6, 8, 10, 12});
    expectReduce("axes=[-2] keep_dims=false", x, {2, 2}, {4, 6, 12, 14});
    expectReduce("axes=[2, 0] keep_dims=false", x, {2}, {14, 22});
    expectReduce("", x, {1, 1, 1}, {36});
    expectReduce("keep_dims=false", x, {}, {36});
    expectReduce("keep_dims=false", floats({}, {5}), {}, {5});
    // Without axes each element is its own group: the kind's function still applies.
    expectReduce("noop_with_empty_axes=true", kX, {2, 3}, {1, -2, 4, 3, 0.5, -1});
    expectReduce("noop_with_empty_axes=true kind=sum_square", kX, {2, 3}, {1, 4, 16, 9, 0.25, 1});
}

TEST(Reduce, AxesAsAnInput) {
    auto y = testing::run("reduce", "keep_dims=false", {kX, ints({1}, {-1})}, 1, {1});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], {2}, {3, 2.5}, 1e-6);
    // An empty list of axes is as good as none.
    y = testing::run("reduce", "keep_dims=false", {kX, ints({0}, {})}, 1, {1});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], {}, {5.5}, 1e-6);
}

TEST(Reduce, NothingToReduce) {
    auto x = floats({2, 0}, {});
    expectReduce("axes=[1]", x, {2, 1}, {0, 0});
    expectReduce("kind=prod axes=[1]", x, {2, 1}, {1, 1});
    expectReduce("kind=max axes=[1]", x, {2, 1}, {-INFINITY, -INFINITY});
    expectReduce("kind=min axes=[1]", x, {2, 1}, {INFINITY, INFINITY});
    expectReduce("kind=mean axes=[1]", x, {2, 1}, {NAN, NAN});
    expectReduce("kind=log_sum axes=[1]", x, {2, 1}, {-INFINITY, -INFINITY});
    expectReduce("kind=log_sum_exp axes=[1]", x, {2, 1}, {-INFINITY, -INFINITY});
    expectReduce("axes=[0]", x, {1, 0}, {});
    expectReduce("kind=max axes=[0]", testing::tensor(DType::kInt8, {0, 1}, {}), {1, 1}, {-128});
    expectReduce("kind=min axes=[0]", testing::tensor(DType::kInt32, {0, 1}, {}), {1, 1}, {INT32_MAX});
}

TEST(Reduce, LargeAndInfiniteExponents) {
    expectReduce("kind=log_sum_exp", floats({2}, {1000, 1000}), {1}, {static_cast<float>(1000 + std::log(2))});
    expectReduce("kind=log_sum_exp", floats({2}, {-INFINITY, 3}), {1}, {3});
    expectReduce("kind=log_sum_exp", floats({2}, {-INFINITY, -INFINITY}), {1}, {-INFINITY});
    expectReduce("kind=log_sum_exp", floats({2}, {INFINITY, 3}), {1}, {INFINITY});
    expectReduce("kind=log_sum_exp", floats({2}, {NAN, 3}), {1}, {NAN});
}

TEST(Reduce, NaNWinsExtremes) {
    expectReduce("kind=max", floats({3}, {1, NAN, 5}), {1}, {NAN});
    expectReduce("kind=min", floats({3}, {NAN, -INFINITY, 5}), {1}, {NAN});
}

TEST(Reduce, Integers) {
    auto x = ints({2, 2}, {7, -2, 3, 4});
    expectReduce("axes=[1]", x, {2, 1}, {5, 7});
    expectReduce("kind=mean axes=[1]", ints({2, 2}, {7, -2, -3, -4}), {2, 1}, {2, -3});
    expectReduce("kind=prod", x, {1, 1}, {-168});
    expectReduce("kind=l1 axes=[1]", x, {2, 1}, {9, 7});
    expectReduce("kind=sum_square axes=[0]", x, {1, 2}, {58, 20});
    expectReduce("kind=l2 axes=[1]", ints({1, 2}, {3, 5}), {1, 1}, {5});
    expectReduce("kind=max", testing::tensor(DType::kBool, {2}, {0, 1}), {1}, {1});
    expectReduce("kind=min", testing::tensor(DType::kUint8, {3}, {255, 3, 9}), {1}, {3});
    expectReduce("", testing::tensor(DType::kInt32, {2}, {INT32_MAX, 1}), {1}, {INT32_MIN});
    auto y = testing::run("reduce", "", {ints({2}, {1, 0})});
    ASSERT_TRUE(y.ok());
    auto big = ints({2}, {0, 1});
    big.tensor.as<int64_t>()[0] = (int64_t{1} << 60) + 1;
    y = testing::run("reduce", "", {big});
    EXPECT_EQ((*y)[0].tensor.as<int64_t>()[0], (int64_t{1} << 60) + 2);
}

TEST(Reduce, HalfSumsRoundOnce) {
    auto half = testing::tensor(DType::kHalf, {4}, {2048, 1, 1, -2048});
    expectReduce("", half, {1}, {2});
}

TEST(Reduce, KnownElementsStayKnown) {
    Dim n = Dim::symbol(0);
    auto elements = [&](const char* attrs, DType t = DType::kInt64) {
        ir::Graph g;
        g.addSymbol({});
        ir::Value* x = g.body().addParameter({t, {3}}, "x");
        x->setElements(std::vector<Dim>{n, 2, n});
        auto a = op_reduce->makeAttrs();
        EXPECT_TRUE(ir::parseAttrs(*a, attrs).ok());
        ir::Node* node = g.body().append(*op_reduce, std::move(a), {x}, 1, "n");
        EXPECT_TRUE(ir::inferNode(*node).ok());
        return node->output()->elements() ? ir::toString(*node->output()->elements()) : "none";
    };
    EXPECT_EQ(elements("kind=prod"), "[s0*s0*2]");
    EXPECT_EQ(elements("axes=[0] keep_dims=false"), "[s0*2 + 2]");
    EXPECT_EQ(elements("kind=max"), "[max(max(2, s0), s0)]");
    EXPECT_EQ(elements("kind=min noop_with_empty_axes=true"), "[s0, 2, s0]");
    EXPECT_EQ(elements("kind=l1"), "none");
}

TEST(Reduce, Refuses) {
    auto error = [](const char* attrs, DType t = DType::kFloat) {
        return testing::inferError("reduce", attrs, {{t, {2, 3}}});
    };
    EXPECT_THAT(error("axes=[2]"), HasSubstr("axis 2"));
    EXPECT_THAT(error("axes=[1, -1]"), HasSubstr("listed twice"));
    EXPECT_THAT(error("", DType::kInt8), HasSubstr("i8"));
    EXPECT_THAT(error("kind=mean", DType::kBool), HasSubstr("bool"));
    EXPECT_THAT(error("kind=log_sum_exp", DType::kInt64), HasSubstr("i64"));
    EXPECT_THAT(testing::inferError("reduce", "", {{DType::kFloat, {2, 3}}, {DType::kInt64, {1}}}),
                HasSubstr("known when the engine is built"));
    EXPECT_THAT(testing::inferError("reduce", "axes=[0]", {{DType::kFloat, {2, 3}}, {DType::kInt64, {1}}}),
                HasSubstr("both"));
    EXPECT_THAT(testing::inferError("reduce", "", {{DType::kFloat, {2, 3}}, {DType::kFloat, {1}}}),
                HasSubstr("input 1 has type f32"));
}

TEST(Reduce, SymbolicShapes) {
    Dim n = Dim::symbol(0), h = Dim::symbol(1);
    auto shape = [&](const char* attrs) {
        return ir::toString(testing::inferShape("reduce", attrs, {{DType::kFloat, {n, 8, h}}}));
    };
    EXPECT_EQ(shape("axes=[2]"), "[s0, 8, 1]");
    EXPECT_EQ(shape("axes=[0] keep_dims=false"), "[8, s1]");
}

}  // namespace
}  // namespace lathe::ops
