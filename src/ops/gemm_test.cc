// SPDX-License-Identifier: Apache-2.0
#include "ops/gemm.h"

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::floats;
using ::testing::HasSubstr;

void expectGemm(const char* attrs, const std::vector<testing::HostTensor>& inputs, const Dims& dims,
                const std::vector<double>& expected) {
    auto y = testing::run("gemm", attrs, inputs);
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], dims, expected, 1e-6);
}

const testing::HostTensor kGemmA = floats({2, 2}, {1, 2, 3, 4}), kGemmB = floats({2, 3}, {1, 0, 2, 0, 1, 10});

TEST(Gemm, ScalesProductAndAddend) {
    expectGemm("", {kGemmA, kGemmB}, {2, 3}, {1, 2, 22, 3, 4, 46});
    expectGemm("alpha=2 beta=10", {kGemmA, kGemmB, floats({3}, {1, 2, 3})}, {2, 3}, {12, 24, 74, 16, 28, 122});
    expectGemm("alpha=0", {kGemmA, kGemmB, floats({2, 1}, {5, 6})}, {2, 3}, {5, 5, 5, 6, 6, 6});
    expectGemm("", {kGemmA, kGemmB, floats({}, {-1})}, {2, 3}, {0, 1, 21, 2, 3, 45});
    expectGemm("", {kGemmA, kGemmB, floats({2, 3}, {1, 2, 3, 4, 5, 6})}, {2, 3}, {2, 4, 25, 7, 9, 52});
}

TEST(Gemm, Transposes) {
    auto at = floats({2, 2}, {1, 3, 2, 4}), bt = floats({3, 2}, {1, 0, 0, 1, 2, 10});
    expectGemm("trans_a=true", {at, kGemmB}, {2, 3}, {1, 2, 22, 3, 4, 46});
    expectGemm("trans_b=true", {kGemmA, bt}, {2, 3}, {1, 2, 22, 3, 4, 46});
    expectGemm("trans_a=true trans_b=true", {at, bt}, {2, 3}, {1, 2, 22, 3, 4, 46});
}

TEST(Gemm, EmptySumLeavesTheAddend) {
    expectGemm("", {floats({2, 0}, {}), floats({0, 2}, {}), floats({2}, {7, 8})}, {2, 2}, {7, 8, 7, 8});
}

TEST(Gemm, Refuses) {
    auto error = [](Shape a, Shape b, Shape add) {
        return testing::inferError(
            "gemm", "",
            {{DType::kFloat, std::move(a)}, {DType::kFloat, std::move(b)}, {DType::kFloat, std::move(add)}});
    };
    EXPECT_THAT(error({2, 3}, {4, 5}, {5}), HasSubstr("summed extents are 3 and 4"));
    EXPECT_THAT(error({1, 2, 3}, {3, 5}, {5}), HasSubstr("expected 2 dimensions"));
    EXPECT_THAT(error({2, 3}, {3, 5}, {4}), HasSubstr("cannot be broadcast to [2, 5]"));
    EXPECT_THAT(error({2, 3}, {3, 5}, {1, 2, 5}), HasSubstr("cannot be broadcast to [2, 5]"));
    EXPECT_THAT(error({1, 3}, {3, 5}, {2, 5}), HasSubstr("cannot be broadcast to [1, 5]"));
    EXPECT_THAT(testing::inferError("gemm", "", {{DType::kInt32, {2, 3}}, {DType::kInt32, {3, 2}}}), HasSubstr("i32"));
}

TEST(Gemm, SymbolicShapes) {
    EXPECT_EQ(ir::toString(testing::inferShape(
                  "gemm", "trans_b=true",
                  {{DType::kFloat, {Dim::symbol(0), 512}}, {DType::kFloat, {10, 512}}, {DType::kFloat, {10}}})),
              "[s0, 10]");
}

}  // namespace
}  // namespace lathe::ops
