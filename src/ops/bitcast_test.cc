// SPDX-License-Identifier: Apache-2.0
#include "ops/bitcast.h"

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::floats;
using ::testing::HasSubstr;
using testing::tensor;

TEST(Bitcast, KeepsTheBits) {
    auto i = testing::run("bitcast", "to=i32", {floats({2}, {1, -2})});
    ASSERT_TRUE(i.ok()) << i.status().toString();
    testing::expectNear((*i)[0], {2}, {0x3f800000, -1073741824.0});
    auto b = testing::run("bitcast", "to=u8", {tensor(DType::kInt8, {1}, {-1})});
    ASSERT_TRUE(b.ok()) << b.status().toString();
    testing::expectNear((*b)[0], {1}, {255});
}

TEST(Bitcast, RefusesOtherSizesAndBits) {
    EXPECT_THAT(testing::runError("bitcast", "to=i64", {floats({1}, {1})}), HasSubstr("32 bits"));
    EXPECT_THAT(testing::runError("bitcast", "to=bool", {tensor(DType::kInt8, {1}, {2})}), HasSubstr("only 0 and 1"));
}

}  // namespace
}  // namespace lathe::ops
