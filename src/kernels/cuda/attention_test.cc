// SPDX-License-Identifier: Apache-2.0
// Which attention a kernel refuses, and why; needs no GPU. Results are checked in tests/cuda.
#include "kernels/cuda/attention.h"

#include <gtest/gtest.h>

namespace lathe::cuda {
namespace {

const KernelTarget kHopper{90, 132, 227 << 10}, kAda{89, 128, 99 << 10}, kTuring{75, 40, 64 << 10};

AttentionShape shape(int64_t dim) {
    AttentionShape s{.heads = 4, .kvHeads = 4, .queries = 100, .keys = 100, .headDim = dim, .valueDim = dim};
    s.q = s.k = s.v = s.out = {100 * 4 * dim, dim, 4 * dim};
    return s;
}

TEST(CudaAttention, RefusalsSayWhy) {
    auto why = [](const Result<KernelPlan>& r) { return r.ok() ? std::string("accepted") : r.status().message(); };
    EXPECT_EQ(why(attention(shape(64), kAda)), "accepted");
    EXPECT_EQ(why(attentionWgmma(shape(64), kHopper)), "accepted");
    EXPECT_EQ(why(attentionPlain(shape(64))), "accepted");
    EXPECT_NE(why(attention(shape(64), kTuring)).find("sm_75"), std::string::npos);
    EXPECT_NE(why(attentionWgmma(shape(64), kAda)).find("sm_89"), std::string::npos);
    EXPECT_NE(why(attention(shape(160), kAda)).find("160"), std::string::npos);
    EXPECT_NE(why(attention(shape(60), kAda)).find("60"), std::string::npos);
    EXPECT_NE(why(attentionPlain(shape(300))).find("256"), std::string::npos);
    AttentionShape s = shape(64);
    s.type = DType::kFloat;
    EXPECT_NE(why(attention(s, kAda)).find("f32"), std::string::npos);
    EXPECT_EQ(why(attentionPlain(s)), "accepted");
    s = shape(64);
    s.k.row = 260;
    EXPECT_NE(why(attention(s, kAda)).find("260"), std::string::npos);
    s.kvHeads = 3;
    EXPECT_EQ(attention(s, kAda).status().code(), Code::kInvalidArgument);
    s = shape(64);
    s.mask = DType::kInt8;
    EXPECT_NE(why(attentionPlain(s)).find("i8"), std::string::npos);
    // Batch entries that share their keys have no tensor map.
    s = shape(64);
    s.batch = 2;
    s.k.batch = 0;
    EXPECT_NE(why(attentionWgmma(s, kHopper)).find("strides"), std::string::npos);
    EXPECT_EQ(why(attention(s, kHopper)), "accepted");
}

TEST(CudaAttention, NothingToDoIsAnEmptyPlan) {
    AttentionShape s = shape(64);
    s.queries = 0;
    EXPECT_TRUE(attention(s, kAda)->launches.empty());
    EXPECT_TRUE(attentionPlain(s)->launches.empty());
}

}  // namespace
}  // namespace lathe::cuda
