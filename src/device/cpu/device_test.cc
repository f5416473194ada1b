// SPDX-License-Identifier: Apache-2.0
#include "device/cpu/device.h"

#include <gtest/gtest.h>

#include <cstring>

namespace lathe::device {
namespace {

TEST(CpuDevice, AllocatesAlignedMemoryAndCopies) {
    Device& d = cpuDevice();
    EXPECT_EQ(d.place(), Place::kHost);
    Result<void*> a = d.allocate(1000), empty = d.allocate(0);
    ASSERT_TRUE(a.ok() && empty.ok());
    EXPECT_EQ(reinterpret_cast<uintptr_t>(*a) % 256, 0u);
    ASSERT_TRUE(d.fill(*a, 7, 1000, nullptr).ok());
    ASSERT_TRUE(d.copy(static_cast<char*>(*a) + 1, "abc", 3, nullptr).ok());
    EXPECT_EQ(std::memcmp(*a, "\7abc\7", 5), 0);
    d.free(*a);
    d.free(*empty);
    d.free(nullptr);
}

TEST(CpuDevice, RefusesWhatDoesNotFit) {
    Result<void*> p = cpuDevice().allocate(int64_t{1} << 60);
    ASSERT_FALSE(p.ok());
    EXPECT_EQ(p.status().code(), Code::kFailedAllocation);
    EXPECT_EQ(cpuDevice().allocate(-1).status().code(), Code::kInternal);
}

TEST(CpuDevice, TimerMeasuresForwards) {
    auto timer = cpuDevice().makeTimer();
    ASSERT_TRUE(timer.ok());
    ASSERT_TRUE((*timer)->start(nullptr).ok());
    ASSERT_TRUE((*timer)->stop(nullptr).ok());
    Result<double> s = (*timer)->seconds();
    ASSERT_TRUE(s.ok());
    EXPECT_GE(*s, 0.0);
}

}  // namespace
}  // namespace lathe::device
