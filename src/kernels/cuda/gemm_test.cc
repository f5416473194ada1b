// SPDX-License-Identifier: Apache-2.0
// What needs no GPU: which products a tile refuses, and geometry. Results are checked in tests/cuda.
#include "kernels/cuda/gemm.h"

#include <gtest/gtest.h>

#include "kernels/cuda/conv.h"
#include "kernels/cuda/params.h"

namespace lathe::cuda {
namespace {

const KernelTarget kHopper{90, 132, 227 << 10}, kAmpere{86, 82, 99 << 10}, kTuring{75, 40, 64 << 10};

GemmShape shape(int64_t m, int64_t n, int64_t k) {
    return {.m = m, .n = n, .k = k, .transB = true, .lda = k, .ldb = k, .ldc = n};
}

TEST(CudaGemm, RefusalsSayWhy) {
    auto why = [](Result<KernelPlan> r) { return r.ok() ? std::string("accepted") : r.status().message(); };
    GemmShape s = shape(128, 128, 64);
    EXPECT_NE(why(gemm(s, {}, 2, 1, kTuring)).find("sm_80"), std::string::npos);
    EXPECT_NE(why(gemm(s, {}, 14, 1, kAmpere)).find("sm_90"), std::string::npos);
    EXPECT_NE(why(gemm(s, {}, 99, 1, kHopper)).find("no tile 99"), std::string::npos);
    s.transB = false;
    s.ldb = s.n;
    EXPECT_NE(why(gemm(s, {}, 14, 1, kHopper)).find("along k"), std::string::npos);
    s.type = DType::kInt32;
    EXPECT_NE(why(gemm(s, {}, 2, 1, kHopper)).find("i32"), std::string::npos);
    s = shape(-1, 8, 8);
    EXPECT_FALSE(gemm(s, {}, 2, 1, kHopper).ok());
    EXPECT_NE(why(gemm(shape(8, 8, 8), {.bias = DType::kInt8}, 2, 1, kHopper)).find("epilogue"), std::string::npos);
}

TEST(CudaGemm, SplitsTakeWorkspaceAndASecondLaunch) {
    Result<KernelPlan> p = gemm(shape(64, 64, 1024), {}, 7, 4, kHopper);
    ASSERT_TRUE(p.ok()) << p.status().toString();
    EXPECT_EQ(p->launches.size(), 2u);
    EXPECT_EQ(p->workspaceBytes, 4 * 64 * 64 * 4);
    EXPECT_EQ(p->launches[0].grid[1], 4u);
    // No more parts than steps.
    p = gemm(shape(64, 64, 64), {}, 7, 4, kHopper);
    ASSERT_TRUE(p.ok());
    EXPECT_EQ(p->launches.size(), 1u);
    EXPECT_EQ(p->workspaceBytes, 0);
}

TEST(CudaGemm, SourcesDependOnStructureAlone) {
    auto source = [](GemmShape s) { return gemm(s, {}, 2, 1, kHopper).take().sources[0]; };
    KernelSource a = source(shape(128, 256, 512)), b = source(shape(1000, 64, 1024)),
                 odd = source(shape(128, 255, 512));
    EXPECT_EQ(a.text, b.text);
    EXPECT_EQ(a.defines, b.defines);
    EXPECT_NE(a.defines, odd.defines) << "255 columns are not whole vectors";
}

TEST(CudaGemm, NothingToDoIsAnEmptyPlan) {
    Result<KernelPlan> p = gemm(shape(0, 64, 64), {}, 2, 1, kHopper);
    ASSERT_TRUE(p.ok());
    EXPECT_TRUE(p->launches.empty());
}

TEST(CudaGemm, TheChoiceRunsOnItsTarget) {
    for (const KernelTarget& t : {kHopper, kAmpere, kTuring})
        for (DType type : {DType::kFloat, DType::kHalf, DType::kBf16})
            for (bool tf32 : {false, true})
                for (int64_t m : {1, 77, 384, 12288}) {
                    GemmShape s = shape(m, 1024, 1024);
                    s.type = s.outType = type;
                    GemmChoice c = chooseGemm(s, tf32, t);
                    Result<KernelPlan> p = gemm(s, {}, c.tile, c.splits, t);
                    EXPECT_TRUE(p.ok()) << p.status().toString();
                    if (type == DType::kFloat && !tf32) {
                        EXPECT_EQ(gemmTiles()[static_cast<size_t>(c.tile)].kernel, GemmKernel::kSimt);
                    }
                    ConvShape v{.type = type,
                                .outType = type,
                                .n = m,
                                .ic = 64,
                                .oc = 64,
                                .in = {1, 14, 14},
                                .kernel = {1, 3, 3}};
                    c = chooseConv(v, tf32, t);
                    EXPECT_TRUE(conv(v, {}, c.tile, c.splits, t).ok());
                }
}

TEST(CudaConv, RefusesWhatDoesNotFit) {
    ConvShape s{.n = 1, .ic = 6, .oc = 8, .groups = 4, .in = {1, 8, 8}};
    EXPECT_EQ(conv(s, {}, 2, 1, kHopper).status().code(), Code::kInvalidArgument);
    s.groups = 1;
    s.kernel[1] = 20;
    EXPECT_EQ(conv(s, {}, 2, 1, kHopper).status().code(), Code::kInvalidArgument);
    s.kernel[1] = 1;
    EXPECT_TRUE(conv(s, {}, 2, 1, kHopper).ok());
    EXPECT_NE(conv(s, {}, 14, 1, kHopper).status().message().find("16 bytes"), std::string::npos) << "6 channels";
    EXPECT_EQ(depthwise(s, {}).status().code(), Code::kUnsupported);
}

TEST(CudaLaunch, FastDivisionIsExact) {
    for (uint32_t d : {1u, 2u, 3u, 5u, 7u, 12u, 255u, 256u, 1000u, 65535u, 65537u, 1000003u, 0x7fffffffu}) {
        FastDivide f = fastDivide(d);
        auto divide = [&](uint32_t n) {
            return f.multiplier ? static_cast<uint32_t>(static_cast<uint64_t>(n) * f.multiplier >> 32) >> f.shift : n;
        };
        for (uint64_t n : {uint64_t{0}, uint64_t{1}, uint64_t{d} - 1, uint64_t{d}, uint64_t{d} * 2 - 1,
                           uint64_t{0x7fffffff}, uint64_t{0x7ffffffe}, uint64_t{123456789},
                           uint64_t{0x7fffffff} / d * d, uint64_t{0x7fffffff} / d * d - 1})
            if (n < uint64_t{1} << 31) {
                EXPECT_EQ(divide(static_cast<uint32_t>(n)), n / d) << n << " / " << d;
            }
    }
}

TEST(CudaLaunch, LiteralsReadBackExactly) {
    for (float v : {0.1f, -1.0f, 1e-40f, 3.4e38f, 0.0f}) {
        std::string text = literal(v);
        ASSERT_EQ(text.front(), '(');
        EXPECT_EQ(std::strtof(text.substr(1, text.size() - 3).c_str(), nullptr), v) << text;
    }
    EXPECT_EQ(literal(-std::numeric_limits<float>::infinity()), "(-infinity())");
}

}  // namespace
}  // namespace lathe::cuda
