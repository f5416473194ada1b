// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/model/data_type.h"

#include <gtest/gtest.h>

namespace lathe::onnx {
namespace {

TEST(DataType, NamesAndSizes) {
    EXPECT_EQ(toString(DataType::kFloat), "FLOAT");
    EXPECT_EQ(toString(DataType::kFloat6E3M2), "FLOAT6E3M2");
    EXPECT_EQ(bitsOf(DataType::kComplex128), 128);
    EXPECT_EQ(bitsOf(DataType::kBfloat16), 16);
    EXPECT_EQ(bitsOf(DataType::kBool), 8);
    EXPECT_EQ(bitsOf(DataType::kFloat4E2M1), 4);
    EXPECT_EQ(bitsOf(DataType::kInt2), 2);
    EXPECT_EQ(bitsOf(DataType::kFloat6E2M3), 6);
    for (int32_t t = 1; t <= kDataTypeLast; ++t) {
        EXPECT_NE(toString(static_cast<DataType>(t)), "") << t;
        EXPECT_EQ(bitsOf(static_cast<DataType>(t)) == 0, static_cast<DataType>(t) == DataType::kString) << t;
    }
}

TEST(DataType, UnknownValues) {
    for (const int32_t t : {-1, kDataTypeLast + 1, INT32_MAX, INT32_MIN}) {
        EXPECT_FALSE(isKnown(static_cast<DataType>(t)));
        EXPECT_EQ(bitsOf(static_cast<DataType>(t)), 0);
        EXPECT_EQ(toString(static_cast<DataType>(t)), "?");
    }
    EXPECT_FALSE(isKnown(DataType::kUndefined));
}

}  // namespace
}  // namespace lathe::onnx
