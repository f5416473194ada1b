// SPDX-License-Identifier: Apache-2.0
#include "ops/max_unpool.h"

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::floats;
using ::testing::HasSubstr;
using testing::ints;

constexpr const char* kWindow = "kernel=[2, 2] strides=[2, 2]";

TEST(MaxUnpool, PutsEachElementBack) {
    auto y = testing::run("max_unpool", kWindow, {floats({1, 1, 1, 2}, {5, 6}), ints({1, 1, 1, 2}, {5, 2})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], {1, 1, 2, 4}, {0, 0, 6, 0, 0, 5, 0, 0});
}

TEST(MaxUnpool, AnOutputShapeAddsZerosAtTheEnd) {
    auto y = testing::run("max_unpool", kWindow,
                          {floats({1, 1, 1, 1}, {5}), ints({1, 1, 1, 1}, {3}), ints({4}, {1, 1, 2, 3})}, 1, {2});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], {1, 1, 2, 3}, {0, 0, 0, 0, 5, 0});
}

TEST(MaxUnpool, RefusesIndicesOutside) {
    EXPECT_THAT(testing::runError("max_unpool", kWindow, {floats({1, 1, 1, 1}, {5}), ints({1, 1, 1, 1}, {4})}),
                HasSubstr("outside of 4 elements"));
    EXPECT_THAT(testing::runError("max_unpool", kWindow, {floats({1, 1, 1, 1}, {5}), ints({1, 1, 1, 1}, {-1})}),
                HasSubstr("outside of 4 elements"));
    EXPECT_THAT(testing::runError("max_unpool", "kernel=[2]", {floats({1, 1, 1, 1}, {5}), ints({1, 1, 1, 1}, {0})}),
                HasSubstr("1 extents for 2"));
}

}  // namespace
}  // namespace lathe::ops
