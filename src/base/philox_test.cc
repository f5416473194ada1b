// SPDX-License-Identifier: Apache-2.0
#include "base/philox.h"

#include <gtest/gtest.h>

namespace lathe {
namespace {

using Words = std::array<uint32_t, 4>;

// The published test vectors of the generator.
TEST(Philox, KnownAnswers) {
    EXPECT_EQ(Philox(0).block(0), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
    EXPECT_EQ(Philox(~0ull).block(~0ull, ~0ull), (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
    EXPECT_EQ(Philox(0x299f31d0a4093822ull).block(0x85a308d3243f6a88ull, 0x0370734413198a2eull),
              (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, MomentsOfTheStreams) {
    Philox p(42);
    double sum = 0, squares = 0, normalSum = 0, normalSquares = 0;
    constexpr int kCount = 40000;
    for (int i = 0; i < kCount; ++i) {
        double u = p.uniform(i), n = p.normal(i);
        ASSERT_TRUE(u >= 0 && u < 1 && std::isfinite(n));
        sum += u, squares += u * u;
        normalSum += n, normalSquares += n * n;
    }
    EXPECT_NEAR(sum / kCount, 0.5, 0.01);
    EXPECT_NEAR(squares / kCount, 1. / 3, 0.01);
    EXPECT_NEAR(normalSum / kCount, 0, 0.02);
    EXPECT_NEAR(normalSquares / kCount, 1, 0.03);
}

}  // namespace
}  // namespace lathe
