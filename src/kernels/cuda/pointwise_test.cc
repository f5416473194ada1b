// SPDX-License-Identifier: Apache-2.0
// What needs no GPU: how a program is laid over threads, and what is refused. Results are checked in tests/cuda.
#include "kernels/cuda/pointwise.h"

#include <gtest/gtest.h>

#include "kernels/cuda/params.h"

namespace lathe::cuda {
namespace {

using kernels::PointwiseProgram;
using kernels::PwOp;

PointwiseProgram addHalves() {
    PointwiseProgram p;
    int a = p.input(DType::kHalf), b = p.input(DType::kHalf);
    p.output(p.unary(PwOp::kRelu, p.binary(PwOp::kAdd, a, b)), DType::kHalf);
    return p;
}

Result<KernelPlan> dense(const PointwiseProgram& p, std::vector<int64_t> dims, std::vector<std::vector<int64_t>> inputs,
                         int alignment = 16) {
    std::vector<std::span<const int64_t>> in(inputs.begin(), inputs.end());
    return pointwiseDense(p, dims, in, alignment);
}

std::string nameOf(const Result<KernelPlan>& plan) {
    return plan.ok() ? plan->sources[0].name : plan.status().toString();
}

TEST(CudaPointwise, VectorsWhereStridesAndAlignmentAllow) {
    PointwiseProgram p = addHalves();
    EXPECT_EQ(nameOf(dense(p, {4, 64}, {{4, 64}, {4, 64}})), "pointwise.r1v8") << "one loop, eight halves";
    EXPECT_EQ(nameOf(dense(p, {4, 64}, {{4, 64}, {64}})), "pointwise.r2v8") << "a row for all";
    EXPECT_EQ(nameOf(dense(p, {3, 5}, {{3, 5}, {3, 5}})), "pointwise.r1v8") << "with a tail";
    EXPECT_EQ(nameOf(dense(p, {3, 5}, {{3, 5}, {5}})), "pointwise.r2v1") << "rows that are no vectors";
    EXPECT_EQ(nameOf(dense(p, {3, 20}, {{3, 20}, {20}})), "pointwise.r2v4");
    EXPECT_EQ(nameOf(dense(p, {4, 64}, {{4, 64}, {4, 64}}, 4)), "pointwise.r1v2");
}

TEST(CudaPointwise, TextIsTheSameForAllExtents) {
    PointwiseProgram p = addHalves();
    EXPECT_EQ(dense(p, {4, 64}, {{4, 64}, {64}})->sources[0].text,
              dense(p, {9, 128}, {{9, 128}, {128}})->sources[0].text);
}

TEST(CudaPointwise, LaunchCoversEverything) {
    Result<KernelPlan> plan = dense(addHalves(), {1000003}, {{1000003}, {1}});
    ASSERT_TRUE(plan.ok());
    const Launch& l = plan->launches[0];
    EXPECT_GE(int64_t{l.grid[0]} * l.block[0] * 8, 1000003);
    EXPECT_LT(int64_t{l.grid[0] - 1} * l.block[0] * 8, 1000003);
    ASSERT_EQ(l.pointers.size(), 3u);
    EXPECT_EQ(l.pointers[2].operand, kOutput);
    EXPECT_LE(l.params.size(), 4096u) << "what a kernel may be given";
    EXPECT_TRUE(dense(addHalves(), {0, 7}, {{0, 7}, {7}})->launches.empty());
}

TEST(CudaPointwise, CopiesKeepBits) {
    PointwiseProgram p;
    p.output(p.input(DType::kHalf), DType::kHalf);
    EXPECT_NE(pointwiseBody(p).find("out0 = in0;"), std::string::npos) << pointwiseBody(p);
}

TEST(CudaPointwise, RefusesWhatDoesNotFit) {
    EXPECT_EQ(dense(addHalves(), {4, 4}, {{4, 4}, {3}}).status().code(), Code::kInvalidArgument);
    EXPECT_EQ(dense(addHalves(), {4, 4}, {{4, 4}}).status().code(), Code::kInvalidArgument);
    EXPECT_EQ(dense(addHalves(), {-1}, {{1}, {1}}).status().code(), Code::kInvalidArgument);
    EXPECT_EQ(dense(addHalves(), {int64_t{1} << 40, int64_t{1} << 40}, {{1}, {1}}).status().code(),
              Code::kInvalidArgument);
    EXPECT_FALSE(dense(PointwiseProgram(), {4}, {}).ok());
    int64_t dims[] = {4, 4};
    EXPECT_EQ(stridedCopy(dims, dims, dims, 3).status().code(), Code::kUnsupported);
    int twice[] = {0, 0};
    EXPECT_EQ(transpose(dims, twice, 4).status().code(), Code::kInvalidArgument);
}

TEST(CudaPointwise, TilesWhereInnermostDimensionsDiffer) {
    int64_t dims[] = {2, 64, 48}, tiny[] = {2, 3, 5};
    int swap[] = {0, 2, 1}, keep[] = {1, 0, 2};
    EXPECT_EQ(nameOf(transpose(dims, swap, 2)), "transpose.b2");
    EXPECT_EQ(nameOf(transpose(dims, keep, 2)).substr(0, 9), "pointwise");
    EXPECT_EQ(nameOf(transpose(tiny, swap, 2)).substr(0, 9), "pointwise");
}

}  // namespace
}  // namespace lathe::cuda
