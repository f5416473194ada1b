// SPDX-License-Identifier: Apache-2.0
// The four ops with random results.
#include "ops/random.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using namespace testing;
using ::testing::HasSubstr;

std::vector<double> draw(const char* op, const char* attrs, const std::vector<HostTensor>& inputs = {}) {
    auto y = run(op, attrs, inputs);
    EXPECT_TRUE(y.ok()) << y.status().toString();
    return y.ok() ? valuesOf((*y)[0].tensor) : std::vector<double>();
}

double mean(const std::vector<double>& v) {
    double sum = 0;
    for (double x : v) sum += x;
    return sum / static_cast<double>(v.size());
}

TEST(Random, UniformFollowsTheStream) {
    auto a = draw("random_uniform", "shape=[2, 3] low=-1 high=3 seed=9");
    Philox stream(9);
    ASSERT_EQ(a.size(), 6u);
    for (int i = 0; i < 6; ++i) EXPECT_EQ(a[i], static_cast<float>(-1 + 4 * static_cast<double>(stream.uniform(i))));
    EXPECT_EQ(a, draw("random_uniform", "low=-1 high=3 seed=9", {ints({2}, {2, 3})}));
    EXPECT_NE(a, draw("random_uniform", "shape=[2, 3] low=-1 high=3 seed=10"));
}

TEST(Random, SeedZeroChanges) {
    EXPECT_NE(draw("random_uniform", "shape=[8]"), draw("random_uniform", "shape=[8]"));
    EXPECT_EQ(randomStream(5).block(0), randomStream(5).block(0));
    EXPECT_NE(randomStream(0).block(0), randomStream(0).block(0));
}

TEST(Random, NormalHasItsMoments) {
    auto v = draw("random_normal", "shape=[20000] mean=3 scale=2 seed=1");
    EXPECT_NEAR(mean(v), 3, 0.06);
    for (double& x : v) x = (x - 3) * (x - 3);
    EXPECT_NEAR(mean(v), 4, 0.2);
}

TEST(Random, BernoulliDrawsByProbability) {
    auto v = draw("bernoulli", "seed=2 dtype=i32", {floats({4000}, std::vector<double>(4000, 0.3))});
    EXPECT_NEAR(mean(v), 0.3, 0.03);
    EXPECT_EQ(draw("bernoulli", "seed=2 dtype=bool", {floats({3}, {0, 1, 0})}), (std::vector<double>{0, 1, 0}));
}

TEST(Random, MultinomialDrawsByWeight) {
    auto v = draw("multinomial", "seed=3 sample_size=4000 dtype=i64",
                  {floats({1, 3}, {std::log(0.1), -INFINITY, std::log(0.9)})});
    EXPECT_EQ(std::count(v.begin(), v.end(), 1.), 0);
    EXPECT_NEAR(mean(v), 1.8, 0.05);
}

TEST(Random, ShapesAndRefusals) {
    Dim n = Dim::symbol(0);
    EXPECT_EQ(inferShape("random_normal", "", {shapeTensor({n, 3})}), (Shape{n, 3}));
    EXPECT_EQ(inferShape("multinomial", "sample_size=4", {{DType::kFloat, {n, 3}}}), (Shape{n, 4}));
    EXPECT_EQ(inferShape("bernoulli", "dtype=i8", {{DType::kHalf, {n}}}), (Shape{n}));
    EXPECT_THAT(inferError("random_uniform", "dtype=i32", std::vector<Arg>{}), HasSubstr("i32"));
    EXPECT_THAT(inferError("random_uniform", "low=2", std::vector<Arg>{}), HasSubstr("empty range"));
    EXPECT_THAT(inferError("random_normal", "shape=[-1]", std::vector<Arg>{}), HasSubstr("negative"));
    EXPECT_THAT(inferError("bernoulli", "dtype=i4", {{DType::kFloat, {3}}}), HasSubstr("i4"));
    EXPECT_THAT(inferError("multinomial", "", {{DType::kFloat, {3, 0}}}), HasSubstr("no classes"));
    EXPECT_THAT(inferError("multinomial", "dtype=f32", {{DType::kFloat, {3, 2}}}), HasSubstr("f32"));
}

}  // namespace
}  // namespace lathe::ops
