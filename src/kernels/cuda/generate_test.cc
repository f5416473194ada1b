// SPDX-License-Identifier: Apache-2.0
// What these kernels refuse, and why; needs no GPU. Results are checked in tests/cuda, through their tactics.
#include "kernels/cuda/generate.h"

#include <gtest/gtest.h>

namespace lathe::cuda {
namespace {

std::string why(const Result<KernelPlan>& r) { return r.ok() ? std::string("accepted") : r.status().message(); }

TEST(CudaGenerate, RefusalsSayWhy) {
    EXPECT_EQ(why(range(DType::kHalf, 7)), "accepted");
    EXPECT_NE(why(range(DType::kInt8, 7)).find("i8"), std::string::npos);
    EXPECT_NE(why(oneHot(1, 2, 3, DType::kFp8, 4)).find("f8"), std::string::npos);
    EXPECT_NE(why(oneHot(1, 2, 3, DType::kInt64, 3)).find("3 bytes"), std::string::npos);
    EXPECT_NE(why(trilu(1, 2, 3, true, DType::kFloat, 4)).find("f32"), std::string::npos);
    RotateShape r{.length = 3, .size = 8, .half = 5};
    EXPECT_NE(why(rotate(r)).find("5 pairs of 8"), std::string::npos);
    r.half = 4;
    EXPECT_EQ(why(rotate(r)), "accepted");
    r.type = DType::kInt32;
    EXPECT_NE(why(rotate(r)).find("i32"), std::string::npos);
}

TEST(CudaGenerate, SlicesWantTheNumbersThatTheyTakeFromOperands) {
    int64_t dims[] = {4, 5}, zeros[] = {0, 0}, ones[] = {1, 1};
    int none[] = {-1, -1}, second[] = {-1, 0};
    SliceShape s{.in = dims, .out = dims, .starts = zeros, .steps = ones, .startAt = none, .stepAt = none};
    EXPECT_EQ(why(slice(s)), "accepted");
    s.startAt = second;
    EXPECT_NE(why(slice(s)).find("axis 1"), std::string::npos);
    s.startType = DType::kInt32;
    EXPECT_EQ(why(slice(s)), "accepted");
    s.startType = DType::kFloat;
    EXPECT_NE(why(slice(s)).find("f32"), std::string::npos);
    s.steps = {};
    EXPECT_EQ(slice(s).status().code(), Code::kInvalidArgument);
}

TEST(CudaGenerate, NothingToDoLaunchesNothing) {
    EXPECT_TRUE(range(DType::kFloat, 0)->launches.empty());
    EXPECT_TRUE(oneHot(0, 2, 3, DType::kInt64, 4)->launches.empty());
    EXPECT_TRUE(trilu(2, 0, 3, true, std::nullopt, 4)->launches.empty());
    int64_t in[] = {0, 3}, out[] = {2, 0};
    int at[] = {0, 1};
    EXPECT_TRUE(padComputed(in, out, at, DType::kInt64, PadMode::kConstant, false, 2)->launches.empty());
}

TEST(CudaGenerate, ContractionsHaveOneToFourOperands) {
    ContractShape c{.type = DType::kInt32, .outputDims = {3}, .sumDims = {4}, .strides = {{4, 1}, {0, 1}}};
    EXPECT_EQ(why(contract(c)), "accepted");
    c.strides.assign(5, {4, 1});
    EXPECT_NE(why(contract(c)).find("5 operands"), std::string::npos);
    c.strides = {{4}};
    EXPECT_EQ(contract(c).status().code(), Code::kInvalidArgument);
    c.strides = {{4, 1}};
    c.type = DType::kBool;
    EXPECT_NE(why(contract(c)).find("bool"), std::string::npos);
}

}  // namespace
}  // namespace lathe::cuda
