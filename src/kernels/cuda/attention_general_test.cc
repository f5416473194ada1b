// SPDX-License-Identifier: Apache-2.0
// What it refuses, and what it launches; needs no GPU. Results are checked in tests/cuda, through its tactic.
#include "kernels/cuda/attention_general.h"

#include <gtest/gtest.h>

namespace lathe::cuda {
namespace {

GeneralAttention sample() {
    GeneralAttention a;
    a.shape = {.heads = 4, .kvHeads = 2, .queries = 3, .keys = 9, .headDim = 300, .valueDim = 5};
    a.past = 6;
    return a;
}

TEST(CudaGeneralAttention, RefusalsSayWhy) {
    auto why = [](const GeneralAttention& a) {
        auto r = attentionGeneral(a);
        return r.ok() ? std::string("accepted") : r.status().message();
    };
    GeneralAttention a = sample();
    EXPECT_EQ(why(a), "accepted");
    a.past = 10;
    EXPECT_NE(why(a).find("10 of 9"), std::string::npos);
    a = sample();
    a.shape.kvHeads = 3;
    EXPECT_NE(why(a).find("4 heads over 3"), std::string::npos);
    a = sample();
    a.lengths = DType::kFloat;
    EXPECT_NE(why(a).find("f32"), std::string::npos);
    a = sample();
    a.shape.type = DType::kInt8;
    EXPECT_NE(why(a).find("i8"), std::string::npos);
}

TEST(CudaGeneralAttention, ScoresAreInTheWorkspace) {
    auto plan = attentionGeneral(sample());
    ASSERT_TRUE(plan.ok()) << plan.status().toString();
    EXPECT_EQ(plan->workspaceBytes, 4 * 3 * 9 * 4);
    EXPECT_EQ(plan->launches.size(), 3u);
    GeneralAttention a = sample();
    a.shape.keys = a.past = 0;
    plan = attentionGeneral(a);
    ASSERT_TRUE(plan.ok()) << plan.status().toString();
    EXPECT_EQ(plan->launches.size(), 1u);  // results are written even where there is nothing to see
    a.shape.queries = 0;
    EXPECT_TRUE(attentionGeneral(a)->launches.empty());
}

}  // namespace
}  // namespace lathe::cuda
