// SPDX-License-Identifier: Apache-2.0
#include "ops/dynamic_quantize_linear.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using namespace testing;
using ::testing::HasSubstr;

void expectDynamic(const std::vector<double>& x, double scale, double zero, const std::vector<double>& expected) {
    Dims dims = {static_cast<int64_t>(x.size())};
    auto y = run("dynamic_quantize_linear", "", {floats(dims, x)}, 3);
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], dims, expected);
    expectNear((*y)[1], {}, {scale}, 1e-7);
    expectNear((*y)[2], {}, {zero});
}

TEST(DynamicQuantizeLinear, FitsTheRange) {
    expectDynamic({0, 2, -3, -2.5, 1.34, 0.5}, 0.019607844, 153, {153, 255, 0, 26, 221, 179});
    expectDynamic({1, 2.1, 1.3, 2.5, 3.34, 4}, 0.015686275, 0, {64, 134, 83, 159, 213, 255});
    expectDynamic({-1, -2.1, -1.3, -2.5, -3.34, -4}, 0.015686275, 255, {191, 121, 172, 96, 42, 0});
    expectDynamic({0, 0}, 1, 0, {0, 0});
    expectDynamic({}, 1, 0, {});
    EXPECT_THAT(inferError("dynamic_quantize_linear", "", {{DType::kHalf, {2}}}), HasSubstr("f16"));
    EXPECT_THAT(inferError("dynamic_quantize_linear", "", {{DType::kFloat, {2}}}), HasSubstr("1 outputs"));
}

}  // namespace
}  // namespace lathe::ops
