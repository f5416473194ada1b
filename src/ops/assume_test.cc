// SPDX-License-Identifier: Apache-2.0
#include "ops/assume.h"

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::floats;
using ::testing::HasSubstr;
using testing::tensor;

TEST(Assume, HandsOnWhatTheConditionAllows) {
    auto y = testing::run("assume", "", {floats({2}, {3, 4}), tensor(DType::kBool, {}, {1})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], {2}, {3, 4});
    auto n = testing::run("assume", "expected=false", {floats({2}, {3, 4}), testing::ints({1}, {0})});
    ASSERT_TRUE(n.ok()) << n.status().toString();
}

TEST(Assume, SaysWhatDoesNotHold) {
    EXPECT_THAT(
        testing::runError("assume", "message=\"the moon is up\"", {floats({2}, {3, 4}), tensor(DType::kBool, {}, {0})}),
        HasSubstr("the moon is up"));
    EXPECT_THAT(testing::runError("assume", "expected=false", {floats({1}, {3}), testing::ints({}, {5})}),
                HasSubstr("does not hold"));
}

TEST(Assume, LooksAtEveryElement) {
    EXPECT_TRUE(testing::run("assume", "", {floats({1}, {3}), tensor(DType::kBool, {3}, {1, 1, 1})}).ok());
    EXPECT_THAT(testing::runError("assume", "message=\"no\"", {floats({1}, {3}), tensor(DType::kBool, {3}, {1, 0, 1})}),
                HasSubstr("no"));
    EXPECT_TRUE(testing::run("assume", "", {floats({1}, {3}), tensor(DType::kBool, {0}, {})}).ok());
}

TEST(Assume, KeepsShapeAndElements) {
    Dim n = Dim::symbol(0);
    EXPECT_EQ(testing::inferElements("assume", "", {testing::shapeTensor({n, 3}), {DType::kBool, {}}}),
              (std::vector<Dim>{n, 3}));
    EXPECT_THAT(testing::inferError("assume", "", {testing::shapeTensor({n}), {DType::kBool, {n}}}),
                HasSubstr("must have a length that is known"));
}

}  // namespace
}  // namespace lathe::ops
