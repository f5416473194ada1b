// SPDX-License-Identifier: Apache-2.0
#include "base/cpu_info.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace lathe {
namespace {

TEST(CpuInfo, IsPlausible) {
    const CpuInfo& info = cpuInfo();
    EXPECT_FALSE(info.model.empty());
    EXPECT_LE(info.chosen, info.detected);
    EXPECT_GE(info.l1Bytes, 8 << 10);
    EXPECT_LE(info.l1Bytes, 1 << 20);
    EXPECT_GE(info.l2Bytes, info.l1Bytes);
    EXPECT_GE(info.physicalCores, 1);
    if (!std::getenv("LATHE_TARGET")) {
        EXPECT_EQ(info.chosen, info.detected);
    }
    if (info.avx512Vnni) {
        EXPECT_EQ(info.chosen, Isa::kAvx512);
    }
#if defined(__x86_64__) && defined(__GNUC__)
    if (info.detected >= Isa::kAvx2) {
        EXPECT_TRUE(__builtin_cpu_supports("avx2"));
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        EXPECT_GE(info.detected, Isa::kAvx2);
    }
#endif
}

TEST(CpuInfo, ScopedIsaRestores) {
    Isa before = activeIsa();
    {
        ScopedIsa base(Isa::kBase);
        EXPECT_EQ(activeIsa(), Isa::kBase);
    }
    EXPECT_EQ(activeIsa(), before);
    EXPECT_EQ(before, cpuInfo().chosen);
}

TEST(CpuInfo, UsableCoresAreDistinct) {
    CpuSet set = usableCores();
    ASSERT_GE(set.count, 1);
    EXPECT_EQ(set.count, cpuInfo().physicalCores);
    for (int i = 1; i < set.count && set.cpus[0] >= 0; ++i) EXPECT_LT(set.cpus[i - 1], set.cpus[i]);
}

// The choice is made once per process, so each value of LATHE_TARGET needs its own.
TEST(CpuInfoDeathTest, TargetLowersOnly) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    auto chosenWith = [](const char* target, Isa cap) {
        setenv("LATHE_TARGET", target, 1);
        std::exit(cpuInfo().chosen == std::min(cap, cpuInfo().detected) ? 0 : 1);
    };
    auto zero = ::testing::ExitedWithCode(0);
    EXPECT_EXIT(chosenWith("cpu:base", Isa::kBase), zero, "");
    EXPECT_EXIT(chosenWith("cpu:avx2", Isa::kAvx2), zero, "");
    EXPECT_EXIT(chosenWith("cpu:avx512", Isa::kAvx512), zero, "");
    EXPECT_EXIT(chosenWith("cpu", Isa::kAvx512), zero, "");
}

}  // namespace
}  // namespace lathe
