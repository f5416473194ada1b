// SPDX-License-Identifier: Apache-2.0
#include "ops/binary.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::kInf;
using testing::kNan;
using namespace testing;
using ::testing::HasSubstr;

void expectBinary(const char* kind, const std::vector<double>& a, const std::vector<double>& b,
                  const std::vector<double>& out, DType t = DType::kFloat) {
    SCOPED_TRACE(kind);
    Dims dims = {static_cast<int64_t>(a.size())};
    auto y = run("binary", fmt::format("kind={}", kind).c_str(), {tensor(t, dims, a), tensor(t, dims, b)});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], dims, out, 1e-6);
}

TEST(Binary, Floats) {
    expectBinary("add", {1, 2}, {3, -5}, {4, -3});
    expectBinary("sub", {1, 2}, {3, -5}, {-2, 7});
    expectBinary("mul", {1, 2}, {3, -5}, {3, -10});
    expectBinary("div", {1, -1, 0}, {4, 0, 0}, {0.25, -kInf, kNan});
    expectBinary("pow", {2, -2, -8, 0}, {10, 3, 0.5, 0}, {1024, -8, kNan, 1});
    expectBinary("min", {1, kNan, 3}, {2, 1, kNan}, {1, kNan, kNan});
    expectBinary("max", {1, kNan, 3}, {2, 1, kNan}, {2, kNan, kNan});
    expectBinary("floor_div", {7, -7, 7, 1}, {2, 2, -2, 0}, {3, -4, -4, kInf});
    expectBinary("fmod", {7, -7, 7.5}, {3, 3, -2}, {1, -1, 1.5});
    expectBinary("mod", {7, -7, 7.5, -1, 1, 1}, {3, 3, -2, kInf, -kInf, 0}, {1, 2, -0.5, kInf, -kInf, kNan});
    expectBinary("prelu", {-2, 2}, {0.25, 0.25}, {-0.5, 2});
    expectBinary("atan2", {1, -1, 0}, {-1, 0, -1}, {2.3561945, -1.5707963, 3.1415927});
    expectBinary("add", {1024}, {0.25}, {1024}, DType::kHalf);
}

TEST(Binary, Comparisons) {
    expectBinary("equal", {1, 2, kNan}, {1, 3, kNan}, {1, 0, 0});
    expectBinary("less", {1, 2, kNan}, {2, 2, 1}, {1, 0, 0});
    expectBinary("greater", {3, 2, kNan}, {2, 2, 1}, {1, 0, 0});
    expectBinary("less_equal", {3, 2, kNan}, {2, 2, 1}, {0, 1, 0});
    expectBinary("greater_equal", {3, 2, kNan}, {2, 2, 1}, {1, 1, 0});
    expectBinary("less", {200}, {100}, {0}, DType::kUint8);
    expectBinary("less", {-100}, {100}, {1}, DType::kInt8);
    expectBinary("equal", {0, 1, 1}, {0, 0, 1}, {1, 0, 1}, DType::kBool);
}

TEST(Binary, Logic) {
    std::vector<double> a = {0, 0, 1, 1}, b = {0, 1, 0, 1};
    expectBinary("and", a, b, {0, 0, 0, 1}, DType::kBool);
    expectBinary("or", a, b, {0, 1, 1, 1}, DType::kBool);
    expectBinary("xor", a, b, {0, 1, 1, 0}, DType::kBool);
}

TEST(Binary, IntegersNeverTrap) {
    for (DType t : {DType::kInt32, DType::kInt64}) {
        double low = t == DType::kInt32 ? -0x1p31 : -0x1p63;
        expectBinary("div", {7, -7, 7, 5, low, low}, {2, 2, -2, 0, -1, 1}, {3, -3, -3, 0, low, low}, t);
        expectBinary("floor_div", {7, -7, 7, 5, low}, {2, 2, -2, 0, -1}, {3, -4, -4, 0, low}, t);
        expectBinary("mod", {7, -7, 7, -7, 5, low}, {3, 3, -3, -3, 0, -1}, {1, 2, -2, -1, 0, 0}, t);
        expectBinary("fmod", {7, -7, 7, -7, 5, low}, {3, 3, -3, -3, 0, -1}, {1, -1, 1, -1, 0, 0}, t);
    }
    expectBinary("div", {-128, 100}, {-1, 7}, {-128, 14}, DType::kInt8);
    expectBinary("add", {100}, {100}, {-56}, DType::kInt8);
    expectBinary("sub", {3}, {5}, {254}, DType::kUint8);
    expectBinary("mul", {1 << 20}, {1 << 20}, {0}, DType::kInt32);
    expectBinary("pow", {3, -2, 2, -1, 5, 0}, {4, 3, -1, -3, 0, -1}, {81, -8, 0, -1, 1, 0}, DType::kInt64);
    expectBinary("shift_left", {1, 1, 1, -1}, {4, 32, -1, 31}, {16, 0, 0, -0x1p31}, DType::kInt32);
    expectBinary("shift_left", {129, 255}, {1, 8}, {2, 0}, DType::kUint8);
    expectBinary("shift_right", {-8, 8, -8, -8, 8}, {1, 2, 64, -1, 64}, {-4, 2, -1, -1, 0}, DType::kInt64);
    expectBinary("shift_right", {255, 255}, {7, 8}, {1, 0}, DType::kUint8);
    expectBinary("bit_and", {12}, {10}, {8}, DType::kInt32);
    expectBinary("bit_or", {12}, {10}, {14}, DType::kUint8);
    expectBinary("bit_xor", {12}, {-1}, {-13}, DType::kInt32);
    expectBinary("prelu", {-2, 2}, {3, 3}, {-6, 2}, DType::kInt32);
}

TEST(Binary, PowerTakesAnotherExponentType) {
    auto y = run("binary", "kind=pow", {floats({2}, {-3, 4}), ints({}, {3})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2}, {-27, 64});
    y = run("binary", "kind=pow", {tensor(DType::kInt32, {3}, {4, 2, 10}), floats({3}, {0.5, -1, 40})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    EXPECT_EQ((*y)[0].tensor.dtype, DType::kInt32);
    expectNear((*y)[0], {3}, {2, 0, 2147483647});
}

TEST(Binary, Broadcasts) {
    auto y = run("binary", "kind=sub", {floats({2, 1}, {10, 20}), floats({3}, {1, 2, 3})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {2, 3}, {9, 8, 7, 19, 18, 17});
    y = run("binary", "kind=sub", {floats({}, {1}), floats({}, {3})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {}, {-2});
    y = run("binary", "kind=sub", {floats({0, 2}, {}), floats({1, 2}, {1, 2})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {0, 2}, {});
}

TEST(Binary, SymbolicShapes) {
    Dim n = Dim::symbol(0), m = Dim::symbol(1);
    EXPECT_EQ(inferShape("binary", "", {{DType::kFloat, {n, 4}}, {DType::kFloat, {n, 1}}}), (Shape{n, 4}));
    EXPECT_EQ(inferShape("binary", "", {{DType::kFloat, {n}}, {DType::kFloat, {m}}}), (Shape{broadcast(n, m)}));
}

std::vector<Dim> elements(const char* kind, std::vector<Dim> a, std::vector<Dim> b) {
    return inferElements("binary", fmt::format("kind={}", kind).c_str(),
                         {shapeTensor(std::move(a)), shapeTensor(std::move(b))});
}

TEST(Binary, ElementsFollow) {
    Dim n = Dim::symbol(0), m = Dim::symbol(1);
    using E = std::vector<Dim>;
    EXPECT_EQ(elements("add", {n, 2}, {1}), (E{n + 1, 3}));
    EXPECT_EQ(elements("sub", {n}, {m}), (E{n - m}));
    EXPECT_EQ(elements("mul", {n}, {m}), (E{n * m}));
    EXPECT_EQ(elements("div", {n, n * 4, 7}, {2, 4, -2}), (E{floorDiv(n, 2), n, -3}));
    EXPECT_EQ(elements("mod", {n, 7}, {2, 0}), (E{mod(n, 2), 0}));
    EXPECT_EQ(elements("max", {n, n, n}, {0, 1, m}), (E{n, max(n, 1), max(n, m)}));
    EXPECT_EQ(elements("min", {n, n + 3}, {0, n}), (E{0, n}));
    EXPECT_EQ(elements("equal", {n, n, 3}, {-1, n, 3}), (E{0, 1, 1}));
    EXPECT_EQ(elements("greater_equal", {n, n}, {0, n + 1}), (E{1, 0}));
    EXPECT_EQ(elements("pow", {2, 3}, {10, 2}), (E{1024, 9}));
    EXPECT_FALSE(inferArgs("binary", "kind=pow", {shapeTensor({n}), shapeTensor({2})}).elements[0].has_value());
    // 32-bit constants wrap as the kernel does.
    Arg big{DType::kInt32, {1}, {{1 << 30}}};
    EXPECT_EQ(inferElements("binary", "kind=mul", {big, big}), (E{0}));
    EXPECT_EQ(inferElements("binary", "kind=greater", {big, {DType::kInt32, {}, {{4}}}}), (E{1}));
}

TEST(Binary, Refuses) {
    EXPECT_THAT(inferError("binary", "", {{DType::kFloat, {2}}, {DType::kFloat, {3}}}), HasSubstr("broadcast"));
    EXPECT_THAT(inferError("binary", "", {{DType::kFloat, {2}}, {DType::kHalf, {2}}}), HasSubstr("f16"));
    EXPECT_THAT(inferError("binary", "kind=and", {{DType::kFloat, {2}}, {DType::kFloat, {2}}}), HasSubstr("bool"));
    EXPECT_THAT(inferError("binary", "kind=bit_or", {{DType::kFloat, {2}}, {DType::kFloat, {2}}}), HasSubstr("f32"));
    EXPECT_THAT(inferError("binary", "kind=less", {{DType::kBool, {2}}, {DType::kBool, {2}}}), HasSubstr("bool"));
    EXPECT_THAT(inferError("binary", "", {{DType::kFloat, {2}}}), HasSubstr("input 1 is missing"));
}

}  // namespace
}  // namespace lathe::ops
