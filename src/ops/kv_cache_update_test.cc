// SPDX-License-Identifier: Apache-2.0
#include "ops/kv_cache_update.h"

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::floats;
using ::testing::HasSubstr;
using testing::ints;

TEST(KvCacheUpdate, WritesFromTheIndexOn) {
    auto y = testing::run("kv_cache_update", "",
                          {floats({2, 1, 3, 2}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}),
                           floats({2, 1, 2, 2}, {-1, -2, -3, -4, -5, -6, -7, -8}), ints({2}, {0, 2})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], {2, 1, 3, 2}, {-1, -2, -3, -4, 5, 6, 7, 8, 9, 10, -5, -6});
}

TEST(KvCacheUpdate, DropsWhatLiesOutside) {
    for (double at : {3., -2., 9e18, -9e18}) {
        auto y = testing::run("kv_cache_update", "",
                              {floats({1, 1, 3, 1}, {1, 2, 3}), floats({1, 1, 2, 1}, {-1, -2}), ints({1}, {at})});
        ASSERT_TRUE(y.ok()) << y.status().toString();
        testing::expectNear((*y)[0], {1, 1, 3, 1}, {1, 2, 3});
    }
    auto y = testing::run("kv_cache_update", "",
                          {floats({1, 1, 3, 1}, {1, 2, 3}), floats({1, 1, 2, 1}, {-1, -2}), ints({1}, {-1})});
    testing::expectNear((*y)[0], {1, 1, 3, 1}, {-2, 2, 3});
}

TEST(KvCacheUpdate, SaysWhatIsWrong) {
    const testing::Arg cache{DType::kFloat, {2, 3, 8, 4}}, index{DType::kInt32, {2}};
    auto error = [&](const testing::Arg& update, const testing::Arg& at) {
        return testing::inferError("kv_cache_update", "", {cache, update, at});
    };
    EXPECT_THAT(error({DType::kHalf, {2, 3, 1, 4}}, index), HasSubstr("f16"));
    EXPECT_THAT(error({DType::kFloat, {2, 2, 1, 4}}, index), HasSubstr("the update's number of heads is 2"));
    EXPECT_THAT(error({DType::kFloat, {2, 3, 1, 5}}, index), HasSubstr("the update's head size is 5"));
    EXPECT_THAT(error({DType::kFloat, {1, 3, 1, 4}}, index), HasSubstr("the update's batch is 1"));
    EXPECT_THAT(error({DType::kFloat, {2, 3, 4}}, index), HasSubstr("dimensions"));
    EXPECT_THAT(error({DType::kFloat, {2, 3, 1, 4}}, {DType::kInt32, {3}}), HasSubstr("the number of indices is 3"));
    EXPECT_THAT(error({DType::kFloat, {2, 3, 1, 4}}, {DType::kFloat, {2}}), HasSubstr("f32"));
}

}  // namespace
}  // namespace lathe::ops
