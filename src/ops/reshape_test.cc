// SPDX-License-Identifier: Apache-2.0
#include "ops/reshape.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using namespace testing;
using ::testing::HasSubstr;

std::string reshaped(const Shape& x, std::vector<Dim> shape, const char* attrs = "") {
    return ir::toString(inferShape("reshape", attrs, {{DType::kFloat, x}, shapeTensor(std::move(shape))}));
}

TEST(Reshape, KeepsOrder) {
    for (auto constants : {std::vector<int>{}, std::vector<int>{1}}) {
        auto y = run("reshape", "", {floats({2, 3}, {1, 2, 3, 4, 5, 6}), ints({2}, {3, -1})}, 1, constants);
        ASSERT_TRUE(y.ok()) << y.status().toString();
        expectNear((*y)[0], {3, 2}, {1, 2, 3, 4, 5, 6});
    }
    auto y = run("reshape", "", {floats({1, 1}, {7}), ints({0}, {})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {}, {7});
}

TEST(Reshape, ZeroCopiesOrIsZero) {
    auto dims = [](Dims x, std::vector<double> shape, const char* attrs) {
        auto y =
            run("reshape", attrs,
                {floats(x, std::vector<double>(ir::volume(x))), ints({static_cast<int64_t>(shape.size())}, shape)});
        return y.ok() ? ir::toString((*y)[0].tensor.dims) : y.status().message();
    };
    EXPECT_EQ(dims({2, 3, 4}, {0, -1}, ""), "[2, 12]");
    EXPECT_EQ(dims({2, 3, 4}, {4, 0, 2}, ""), "[4, 3, 2]");
    EXPECT_EQ(dims({0, 4}, {-1, 4}, ""), "[0, 4]");
    EXPECT_EQ(dims({0, 4}, {0, -1}, ""), "[0, 4]");
    EXPECT_EQ(dims({0, 4}, {3, 0}, "allow_zero=true"), "[3, 0]");
    EXPECT_THAT(dims({0, 4}, {0, -1}, "allow_zero=true"), HasSubstr("-1"));
    EXPECT_THAT(dims({2, 3}, {4, 2}, ""), HasSubstr("elements"));
    EXPECT_THAT(dims({2, 3}, {4, -1}, ""), HasSubstr("divide"));
    EXPECT_THAT(dims({2, 3}, {-1, -1}, ""), HasSubstr("more than one"));
    EXPECT_THAT(dims({2, 3}, {-2, -3}, ""), HasSubstr("negative"));
    EXPECT_THAT(dims({6}, {6, 0}, ""), HasSubstr("copy"));
}

TEST(Reshape, SymbolicShapes) {
    Dim n = Dim::symbol(0), m = Dim::symbol(1);
    EXPECT_EQ(reshaped({n, 768}, {0, -1, 64}), "[s0, 12, 64]");
    EXPECT_EQ(reshaped({n, m, 12, 64}, {n, -1, 768}), "[s0, s1, 768]");
    EXPECT_EQ(reshaped({n, m, 12, 64}, {n, m, 768}), "[s0, s1, 768]");
    EXPECT_EQ(reshaped({n, m}, {-1}), "[s0*s1]");
    EXPECT_EQ(reshaped({n * 4, 2}, {n, -1}), "[s0, 8]");
    // A shape that is computed while running: any element can be 0 or -1.
    Arg unknown{DType::kInt64, {2}};
    Inferred i = inferArgs("reshape", "", {{DType::kFloat, {n, 6}}, unknown});
    ASSERT_TRUE(i.status.ok()) << i.status.toString();
    ir::SymbolValues v;
    auto at = [&](int64_t e0, int64_t e1) {
        v.set(0, 4);
        v.set(1, e0);
        v.set(2, e1);
        auto dims = ir::evalShape(i.types[0].shape, v);
        return dims.ok() ? ir::toString(*dims) : dims.status().message();
    };
    EXPECT_EQ(at(8, 3), "[8, 3]");
    EXPECT_EQ(at(-1, 3), "[8, 3]");
    EXPECT_EQ(at(12, -1), "[12, 2]");
    EXPECT_EQ(at(0, -1), "[4, 6]");
    EXPECT_EQ(at(0, 0), "[4, 6]");
    EXPECT_EQ(at(-1, 0), "[4, 6]");
}

TEST(Reshape, ElementsFollow) {
    Dim n = Dim::symbol(0);
    EXPECT_EQ(inferElements("reshape", "", {shapeTensor({n, 3}), shapeTensor({1, 2})}), (std::vector<Dim>{n, 3}));
}

TEST(Reshape, Refuses) {
    Arg x{DType::kFloat, {2}};
    EXPECT_THAT(inferError("reshape", "", {x, {DType::kFloat, {1}}}), HasSubstr("f32"));
    EXPECT_THAT(inferError("reshape", "", {x, {DType::kInt64, {Dim::symbol(0)}}}), HasSubstr("length"));
    EXPECT_THAT(inferError("reshape", "", {x, shapeTensor(std::vector<Dim>(9, 1))}), HasSubstr("dimensions"));
    EXPECT_THAT(inferError("reshape", "", {x}), HasSubstr("input 1"));
}

}  // namespace
}  // namespace lathe::ops
