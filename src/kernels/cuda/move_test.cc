// SPDX-License-Identifier: Apache-2.0
// Data movement, reductions, windows and order: geometry and refusals that need no GPU. Results are checked in
// tests/cuda.
#include "kernels/cuda/move.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "kernels/cuda/order.h"
#include "kernels/cuda/reduce.h"
#include "kernels/cuda/rows.h"
#include "kernels/cuda/window.h"

namespace lathe::cuda {
namespace {

const KernelTarget kTarget{80, 108, 163 << 10};

bool defines(const Result<KernelPlan>& p, const char* what) {
    return p.ok() && std::count(p->sources[0].defines.begin(), p->sources[0].defines.end(), what) > 0;
}

TEST(CudaMove, GatherMovesWholeVectors) {
    EXPECT_TRUE(defines(gather({.n = 5, .inner = 8, .indices = 3, .elementBytes = 2}), "U=raw16"));
    EXPECT_TRUE(defines(gather({.n = 5, .inner = 6, .indices = 3, .elementBytes = 2}), "U=u32"));
    EXPECT_TRUE(defines(gather({.n = 5, .inner = 1, .indices = 3, .elementBytes = 1}), "U=u8"));
    EXPECT_TRUE(gather({.n = 0, .inner = 1, .indices = 0})->launches.empty());
}

TEST(CudaMove, RefusesWhatDoesNotFit) {
    int64_t dims[] = {3, 4}, larger[] = {4, 4}, none[] = {0, 4}, amounts[] = {1, 1}, crop[] = {-4, 0};
    EXPECT_EQ(gather({.indexType = DType::kFloat}).status().code(), Code::kUnsupported);
    EXPECT_EQ(gatherElements(dims, larger, 1, 4, DType::kInt64).status().code(), Code::kInvalidArgument);
    EXPECT_TRUE(gatherElements(dims, larger, 0, 4, DType::kInt64).ok()) << "the axis itself may be larger";
    EXPECT_EQ(gatherElements(dims, dims, 2, 4, DType::kInt64).status().code(), Code::kInvalidArgument);
    EXPECT_EQ(gatherNd(dims, 1, 5, 2, 4, DType::kInt64).status().code(), Code::kInvalidArgument);
    EXPECT_EQ(pad(none, amounts, amounts, PadMode::kEdge, false, 4).status().code(), Code::kInvalidArgument);
    EXPECT_EQ(pad(dims, crop, amounts, PadMode::kConstant, false, 4)->launches.size(), 0u) << "cropped to nothing";
    EXPECT_EQ(pad(dims, amounts, amounts, PadMode::kConstant, false, 3).status().code(), Code::kUnsupported);
    EXPECT_EQ(scatterNd(DType::kInt4, dims, 1, 1, ScatterReduction::kAdd, DType::kInt64).status().code(),
              Code::kUnsupported);
}

TEST(CudaReduce, FewLongSumsAreSplit) {
    int64_t tall[] = {4, 1000000}, flat[] = {100000, 16};
    Result<KernelPlan> p = reduce(ReduceOp::kSum, DType::kHalf, tall, 2, kTarget);
    ASSERT_TRUE(p.ok());
    EXPECT_EQ(p->launches.size(), 2u);
    EXPECT_GT(p->workspaceBytes, 0);
    EXPECT_EQ(reduce(ReduceOp::kSum, DType::kHalf, flat, 2, kTarget)->launches.size(), 1u);
    EXPECT_EQ(reduce(ReduceOp::kL2, DType::kInt32, flat, 2, kTarget).status().code(), Code::kUnsupported);
    EXPECT_EQ(reduce(ReduceOp::kSum, DType::kBool, flat, 2, kTarget).status().code(), Code::kUnsupported);
}

TEST(CudaRows, RowsTakeAsManyThreadsAsTheyNeed) {
    auto threads = [](int64_t n) { return softmax(DType::kHalf, 10, n, 1, false)->launches[0].block[0]; };
    EXPECT_EQ(threads(128), 128u) << "several rows a warp";
    EXPECT_EQ(threads(4096), 128u);
    EXPECT_EQ(threads(32768), 1024u);
    EXPECT_EQ(threads(1000000), 512u) << "read once for each pass";
    EXPECT_EQ(softmax(DType::kInt32, 1, 2, 1, false).status().code(), Code::kUnsupported);
    EXPECT_EQ(groupNorm({.batch = 1, .channels = 6, .positions = 4, .groups = 4}, kTarget).status().code(),
              Code::kInvalidArgument);
}

TEST(CudaWindow, RefusesWhatDoesNotFit) {
    PoolShape s{.type = DType::kInt32};
    EXPECT_EQ(pool(s).status().code(), Code::kUnsupported);
    s.type = DType::kHalf;
    s.padBegin[0] = int64_t{1} << 40;
    EXPECT_EQ(pool(s).status().code(), Code::kUnsupported);
    ResizeShape r{.type = DType::kInt64};
    EXPECT_EQ(resize(r).status().code(), Code::kUnsupported);
    r.copy = true;
    EXPECT_TRUE(resize(r).ok());
}

TEST(CudaOrder, TopKSortsWhereItHasRoom) {
    auto entry = [](int64_t n, int64_t k) {
        return topK({DType::kFloat, 1, n, 1}, k, DType::kInt32, false, true, true)->sources[0].entry;
    };
    EXPECT_EQ(entry(4096, 4096), "topK");
    EXPECT_EQ(entry(1000000, 2048), "topK");
    EXPECT_EQ(entry(5000, 2049), "topKByRank");
    EXPECT_EQ(topK({DType::kFloat, 1, 5, 1}, 6, DType::kInt32, false, true, true).status().code(),
              Code::kInvalidArgument);
    EXPECT_EQ(argExtreme({DType::kFloat, 1, 0, 1}, DType::kInt32, false, false).status().code(),
              Code::kInvalidArgument);
    EXPECT_EQ(cumulativeSum({DType::kBool, 1, 4, 1}, false, false).status().code(), Code::kUnsupported);
}

}  // namespace
}  // namespace lathe::cuda
