// SPDX-License-Identifier: Apache-2.0
#include "builder/timing_cache.h"

#include <gtest/gtest.h>

namespace lathe::builder {
namespace {

TEST(TimingCache, RoundTripsAndMerges) {
    TimingCache a, b;
    a.put("x", 1.f);
    a.put("y", 2.f);
    b.put("y", 3.f);
    b.put("z", 4.f);
    auto bytes = a.serialize();
    TimingCache c;
    ASSERT_TRUE(c.deserialize(bytes.data(), bytes.size()).ok());
    EXPECT_EQ(c.entries(), a.entries());
    c.merge(b, false);
    EXPECT_EQ(c.get("y"), 2.f);
    c.merge(b, true);
    EXPECT_EQ(c.get("y"), 3.f);
    EXPECT_EQ(c.size(), 3u);
    EXPECT_LT(c.get("nothing"), 0);
    ASSERT_TRUE(c.deserialize(nullptr, 0).ok());
    EXPECT_EQ(c.size(), 0u);
}

TEST(TimingCache, RejectsEveryTruncationAndFlip) {
    TimingCache a;
    for (int i = 0; i < 5; ++i) a.put("key" + std::to_string(i), 0.5f * static_cast<float>(i));
    auto bytes = a.serialize();
    for (size_t n = 1; n < bytes.size(); ++n) {
        TimingCache c;
        EXPECT_FALSE(c.deserialize(bytes.data(), n).ok()) << n;
    }
    for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        auto flipped = bytes;
        flipped[bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
        TimingCache c;
        EXPECT_FALSE(c.deserialize(flipped.data(), flipped.size()).ok()) << bit;
    }
}

}  // namespace
}  // namespace lathe::builder
