// SPDX-License-Identifier: Apache-2.0
#include "base/dtype.h"

#include <gtest/gtest.h>

namespace lathe {
namespace {

// Every value of a small format must survive a round trip, and a float between two neighbours must go to the nearer.
template <class T, class Bits>
void checkRoundTrip(int count) {
    for (int i = 0; i < count; ++i) {
        T x;
        x.bits = static_cast<Bits>(i);
        float f = x;
        if (std::isnan(f)) {
            EXPECT_TRUE(std::isnan(static_cast<float>(T(f))));
        } else {
            EXPECT_EQ(T(f).bits, x.bits) << i;
        }
    }
}

TEST(DType, HalfRoundTrips) { checkRoundTrip<Half, uint16_t>(65536); }
TEST(DType, BFloat16RoundTrips) { checkRoundTrip<BFloat16, uint16_t>(65536); }
TEST(DType, Fp8RoundTrips) { checkRoundTrip<Fp8, uint8_t>(256); }

TEST(DType, HalfRoundsToNearestEven) {
    EXPECT_EQ(Half(1.f + 0x1p-11f).bits, Half(1.f).bits);          // tie goes to even
    EXPECT_EQ(Half(1.f + 3 * 0x1p-11f).bits, Half(1.f).bits + 2);  // tie goes up to even
    EXPECT_EQ(Half(1.f + 0x1.2p-11f).bits, Half(1.f).bits + 1);    // above the tie
    EXPECT_EQ(Half(65519.f).bits, 0x7bff);
    EXPECT_EQ(Half(65520.f).bits, 0x7c00);
    EXPECT_EQ(Half(0x1p-25f).bits, 0);
    EXPECT_EQ(Half(0x1.8p-25f).bits, 1);
    EXPECT_EQ(Half(-0.f).bits, 0x8000);
}

TEST(DType, Fp8Saturates) {
    EXPECT_EQ(static_cast<float>(Fp8(1000.f)), 448.f);
    EXPECT_EQ(static_cast<float>(Fp8(-1e9f)), -448.f);
    EXPECT_EQ(static_cast<float>(Fp8(17.f)), 16.f);
}

TEST(DType, NamesRoundTrip) {
    for (int i = 0; i < kDTypeCount; ++i)
        EXPECT_EQ(dtypeFromString(toString(static_cast<DType>(i))), static_cast<DType>(i));
    EXPECT_FALSE(dtypeFromString("float").has_value());
    EXPECT_EQ(bytesOf(DType::kInt4, 3), 2);
}

}  // namespace
}  // namespace lathe
