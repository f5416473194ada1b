// SPDX-License-Identifier: Apache-2.0
#include "ops/split.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using namespace testing;
using ::testing::HasSubstr;

TEST(Split, EqualPartsAndSizes) {
    auto x = floats({5, 2}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
    auto y = run("split", "num_outputs=2", {x}, 2);
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {3, 2}, {0, 1, 2, 3, 4, 5});
    expectNear((*y)[1], {2, 2}, {6, 7, 8, 9});
    for (auto constants : {std::vector<int>{}, std::vector<int>{1}}) {
        y = run("split", "axis=-1", {x, ints({3}, {0, 1, 1})}, 3, constants);
        ASSERT_TRUE(y.ok()) << y.status().toString();
        expectNear((*y)[0], {5, 0}, {});
        expectNear((*y)[1], {5, 1}, {0, 2, 4, 6, 8});
        expectNear((*y)[2], {5, 1}, {1, 3, 5, 7, 9});
    }
}

TEST(Split, SymbolsAndElements) {
    Dim n = Dim::symbol(0);
    Inferred i = inferArgs("split", "axis=1", {{DType::kFloat, {2, n * 3}}}, 3);
    ASSERT_TRUE(i.status.ok());
    for (const TensorType& t : i.types) EXPECT_EQ(t.shape, (Shape{2, n}));
    i = inferArgs("split", "", {{DType::kFloat, {n}}, shapeTensor({4, n - 4})}, 2);
    EXPECT_EQ(i.types[1].shape, (Shape{n - 4}));
    i = inferArgs("split", "", {shapeTensor({n, 3, 4}), shapeTensor({1, 2})}, 2);
    EXPECT_EQ(i.elements[0], (std::vector<Dim>{n}));
    EXPECT_EQ(i.elements[1], (std::vector<Dim>{3, 4}));
}

TEST(Split, Refuses) {
    Arg x{DType::kFloat, {5}};
    EXPECT_THAT(inferError("split", "", {x, shapeTensor({2, 3})}), HasSubstr("2 sizes for 1 outputs"));
    EXPECT_THAT(inferError("split", "", {x, shapeTensor({4})}), HasSubstr("add up"));
    EXPECT_THAT(inferError("split", "num_outputs=2", {x}), HasSubstr("num_outputs"));
    EXPECT_THAT(inferArgs("split", "", {x}, 4).status.message(), HasSubstr("too short"));
    EXPECT_THAT(inferArgs("split", "", {x, shapeTensor({6, -1})}, 2).status.message(), HasSubstr("a size of 6"));
    EXPECT_THAT(runError("split", "", {floats({3}, {1, 2, 3}), ints({2}, {1, 1})}, 2), HasSubstr("add up"));
}

}  // namespace
}  // namespace lathe::ops
