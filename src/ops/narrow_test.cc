// SPDX-License-Identifier: Apache-2.0
#include "ops/narrow.h"

#include <gtest/gtest.h>

namespace lathe::ops {
namespace {

TEST(Narrow, Int4AndFp4HoldTwoToAByteLowerFirst) {
    uint8_t bytes[2] = {0, 0};
    for (int i = 0; i < 4; ++i) storeInt4(bytes, i, i - 2);
    EXPECT_EQ(bytes[0], 0xfe);
    EXPECT_EQ(bytes[1], 0x10);
    for (int i = 0; i < 4; ++i) EXPECT_EQ(loadInteger(DType::kInt4, bytes, i), i - 2);
    storeInt4(bytes, 1, 7);
    EXPECT_EQ(bytes[0], 0x7e);
    storeFp4(bytes, 0, -1.5);
    EXPECT_EQ(loadFloating(DType::kFp4, bytes, 0), -1.5);
    EXPECT_EQ(bytes[0], 0x7b);
}

TEST(Narrow, Fp4RoundsToNearestEven) {
    auto round = [](double v) {
        uint8_t byte = 0;
        storeFp4(&byte, 0, v);
        return loadFloating(DType::kFp4, &byte, 0);
    };
    const double in[] = {0.25, 0.26, 0.75, 1.25, 1.75, 2.5, 3.5, 5, 5.01, 7, -0.2, INFINITY};
    const double out[] = {0, 0.5, 1, 1, 2, 2, 4, 4, 6, 6, 0, 6};
    for (int i = 0; i < 12; ++i) EXPECT_EQ(round(in[i]), out[i]) << in[i];
}

TEST(Narrow, ExponentsAndFp8) {
    uint8_t codes[] = {0, 127, 130, 255};
    EXPECT_EQ(loadFloating(DType::kE8M0, codes, 0), 0x1p-127);
    EXPECT_EQ(loadFloating(DType::kE8M0, codes, 1), 1);
    EXPECT_EQ(loadFloating(DType::kE8M0, codes, 2), 8);
    EXPECT_TRUE(std::isnan(loadFloating(DType::kE8M0, codes, 3)));
    EXPECT_EQ(fp8WithoutSaturation(464), 448.f);
    EXPECT_TRUE(std::isnan(static_cast<float>(fp8WithoutSaturation(465))));
    EXPECT_TRUE(std::isnan(static_cast<float>(fp8WithoutSaturation(-INFINITY))));
    EXPECT_EQ(loadNumber(DType::kFp8, &(const Fp8&)Fp8(-13.f), 0), -13);
}

}  // namespace
}  // namespace lathe::ops
