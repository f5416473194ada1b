// SPDX-License-Identifier: Apache-2.0
#include "ops/unary.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::kInf;
using testing::kNan;
using namespace testing;
using ::testing::HasSubstr;

void expectUnary(const char* attrs, const std::vector<double>& in, const std::vector<double>& out,
                 double tolerance = 1e-6, DType t = DType::kFloat) {
    SCOPED_TRACE(attrs);
    Dims dims = {static_cast<int64_t>(in.size())};
    auto y = run("unary", attrs, {tensor(t, dims, in)});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], dims, out, tolerance);
}

TEST(Unary, Functions) {
    expectUnary("kind=exp", {0, 1, -kInf}, {1, 2.7182818, 0});
    expectUnary("kind=log", {1, 10, 0, -1}, {0, 2.3025851, -kInf, kNan});
    expectUnary("kind=sqrt", {4, 2, -1}, {2, 1.4142136, kNan});
    expectUnary("kind=reciprocal", {4, -0.5, 0}, {0.25, -2, kInf});
    expectUnary("kind=sign", {-3, 0, 7, kNan}, {-1, 0, 1, kNan});
    expectUnary("kind=ceil", {1.2, -1.2, 2}, {2, -1, 2}, 0);
    expectUnary("kind=floor", {1.2, -1.2, 2}, {1, -2, 2}, 0);
    expectUnary("kind=round", {0.5, 1.5, 2.5, -0.5, -1.5, 2.51}, {0, 2, 2, 0, -2, 3}, 0);
    expectUnary("kind=erf", {0, 1, -2}, {0, 0.84270079, -0.99532227});
    expectUnary("kind=sin", {1}, {0.84147098});
    expectUnary("kind=cos", {1}, {0.54030231});
    expectUnary("kind=tan", {1}, {1.5574077});
    expectUnary("kind=sinh", {1}, {1.1752012});
    expectUnary("kind=cosh", {1}, {1.5430806});
    expectUnary("kind=asin", {0.5, 2}, {0.52359878, kNan});
    expectUnary("kind=acos", {0.5}, {1.0471976});
    expectUnary("kind=atan", {1}, {0.78539816});
    expectUnary("kind=asinh", {1}, {0.88137359});
    expectUnary("kind=acosh", {2}, {1.3169579});
    expectUnary("kind=atanh", {0.5}, {0.54930614});
}

TEST(Unary, Activations) {
    expectUnary("kind=relu", {-1, 0, 2, kNan}, {0, 0, 2, kNan}, 0);
    expectUnary("kind=sigmoid", {0, 2, -800, 800}, {0.5, 0.88079708, 0, 1});
    expectUnary("kind=tanh", {0.5, -40}, {0.46211716, -1});
    expectUnary("kind=leaky_relu alpha=0.25", {-2, 3}, {-0.5, 3}, 0);
    expectUnary("kind=elu alpha=2", {-1, 3, -kInf}, {-1.2642411, 3, -2});
    expectUnary("kind=selu alpha=2 beta=3", {-1, 3, 0}, {-3.7927234, 9, 0});
    expectUnary("kind=softsign", {-3, 1}, {-0.75, 0.5});
    expectUnary("kind=softplus alpha=1 beta=1", {0, 1, 100, -100}, {0.69314718, 1.3132617, 100, 0});
    expectUnary("kind=softplus alpha=2 beta=0.5", {2}, {2.6265233});
    expectUnary("kind=clip alpha=-1 beta=2", {-5, 0.5, 5, kNan}, {-1, 0.5, 2, kNan}, 0);
    expectUnary("kind=clip alpha=3 beta=1", {0}, {1}, 0);
    expectUnary("kind=hard_sigmoid alpha=0.2 beta=0.5", {-9, 1, 9}, {0, 0.7, 1});
    expectUnary("kind=scaled_tanh alpha=2 beta=0.5", {1}, {0.92423431});
    expectUnary("kind=thresholded_relu alpha=1", {0.5, 1, 1.5}, {0, 0, 1.5}, 0);
    expectUnary("kind=gelu_erf", {1, -1, -30}, {0.84134475, -0.15865525, 0});
    expectUnary("kind=gelu_tanh", {1, -1}, {0.84119199, -0.15880801});
    expectUnary("kind=hard_swish", {-4, 1, 4}, {0, 0.66666667, 4});
    expectUnary("kind=silu alpha=1", {1, -1}, {0.73105858, -0.26894142});
    expectUnary("kind=silu", {1}, {0.73105858});
    expectUnary("kind=silu alpha=2", {1}, {0.88079708});
    expectUnary("kind=mish", {1, -2}, {0.86509839, -0.25250148});
    expectUnary("kind=celu alpha=2", {-1, 3}, {-0.78693868, 3});
    expectUnary("kind=shrink alpha=1.5 beta=0.5", {-2, -1, 0, 1.5, 3}, {-1.5, 0, 0, 0, 2.5}, 0);
    expectUnary("kind=log_sigmoid", {0, -100, 100}, {-0.69314718, -100, 0});
}

TEST(Unary, PredicatesGiveBool) {
    std::vector<double> x = {1, kInf, -kInf, kNan};
    expectUnary("kind=is_nan", x, {0, 0, 0, 1});
    expectUnary("kind=is_inf alpha=1 beta=1", x, {0, 1, 1, 0});
    expectUnary("kind=is_inf alpha=1", x, {0, 1, 0, 0});
    expectUnary("kind=is_inf beta=1", x, {0, 0, 1, 0});
    EXPECT_EQ((*infer("unary", "kind=is_nan", {{DType::kHalf, {3}}}))[0].dtype, DType::kBool);
    expectUnary("kind=not", {0, 1}, {1, 0}, 0, DType::kBool);
}

TEST(Unary, IntegersWrapAndKeepTheirType) {
    expectUnary("kind=neg", {-128, 5}, {-128, -5}, 0, DType::kInt8);
    expectUnary("kind=abs", {-128, -5, 5}, {-128, 5, 5}, 0, DType::kInt8);
    expectUnary("kind=sign", {200, 0}, {1, 0}, 0, DType::kUint8);
    expectUnary("kind=bit_not", {0, 250}, {255, 5}, 0, DType::kUint8);
    expectUnary("kind=bit_not", {0, 5, -1}, {-1, -6, 0}, 0, DType::kInt64);
    expectUnary("kind=relu", {-3, 3}, {0, 3}, 0, DType::kInt32);
    expectUnary("kind=clip alpha=-1.5 beta=2.5", {-3, 0, 3}, {-1, 0, 2}, 0, DType::kInt32);
    expectUnary("kind=clip alpha=-inf beta=1e30", {-128, 127}, {-128, 127}, 0, DType::kInt8);
}

TEST(Unary, HalfRoundsOnce) {
    expectUnary("kind=exp", {1}, {2.71875}, 0, DType::kHalf);
    expectUnary("kind=exp", {1}, {2.71875}, 0, DType::kBf16);
    expectUnary("kind=exp", {12}, {kInf}, 0, DType::kHalf);
}

TEST(Unary, ElementsFollow) {
    Dim n = Dim::symbol(0);
    EXPECT_EQ(inferElements("unary", "kind=neg", {shapeTensor({n, 3})}), (std::vector<Dim>{n * -1, -3}));
    EXPECT_EQ(inferElements("unary", "kind=abs", {shapeTensor({n, -3})}), (std::vector<Dim>{n, 3}));
    EXPECT_EQ(inferElements("unary", "kind=clip alpha=1 beta=4", {shapeTensor({9, 0})}), (std::vector<Dim>{4, 1}));
    EXPECT_EQ(inferElements("unary", "kind=not", {{DType::kBool, {2}, {{0, 1}}}}), (std::vector<Dim>{1, 0}));
}

TEST(Unary, Refuses) {
    EXPECT_THAT(inferError("unary", "kind=exp", {{DType::kInt32, {2}}}), HasSubstr("i32"));
    EXPECT_THAT(inferError("unary", "kind=not", {{DType::kFloat, {2}}}), HasSubstr("f32"));
    EXPECT_THAT(inferError("unary", "kind=neg", {{DType::kUint8, {2}}}), HasSubstr("u8"));
    EXPECT_THAT(inferError("unary", "kind=bit_not", {{DType::kBool, {2}}}), HasSubstr("bool"));
    EXPECT_THAT(inferError("unary", "kind=cube", {{DType::kFloat, {2}}}), HasSubstr("cube"));
    EXPECT_THAT(inferError("unary", "", std::vector<Arg>{}), HasSubstr("input 0 is missing"));
}

}  // namespace
}  // namespace lathe::ops
