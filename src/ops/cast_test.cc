// SPDX-License-Identifier: Apache-2.0
#include "ops/cast.h"

#include <gtest/gtest.h>

#include "ir/infer.h"
#include "ops/ops_testing.h"
#include "ops/reference_math.h"

namespace lathe::ops {
namespace {

using testing::kInf;
using testing::kNan;
using namespace testing;
using ::testing::HasSubstr;

void expectCast(DType from, const std::vector<double>& in, const char* to, const std::vector<double>& out) {
    SCOPED_TRACE(fmt::format("{} to {}", toString(from), to));
    Dims dims = {static_cast<int64_t>(in.size())};
    auto y = run("cast", fmt::format("to={}", to).c_str(), {tensor(from, dims, in)});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], dims, out);
}

TEST(Cast, FloatsToIntegersTruncateAndSaturate) {
    expectCast(DType::kFloat, {1.9, -1.9, 300, -300, kNan, kInf}, "i8", {1, -1, 127, -128, 0, 127});
    expectCast(DType::kFloat, {-1, 255.9, 256, -kInf}, "u8", {0, 255, 255, 0});
    expectCast(DType::kFloat, {3e9, -3e9, 16777217}, "i32", {2147483647, -2147483648., 16777216});
    expectCast(DType::kHalf, {-2.5, kInf}, "i64", {-2, 0x1p63});
}

TEST(Cast, IntegersKeepLowBits) {
    expectCast(DType::kInt32, {300, -1, 128}, "i8", {44, -1, -128});
    expectCast(DType::kInt64, {4294967297, -1}, "i32", {1, -1});
    expectCast(DType::kInt8, {-1}, "u8", {255});
    expectCast(DType::kInt64, {16777217}, "f32", {16777216});
    expectCast(DType::kInt32, {2049, 70000}, "f16", {2048, kInf});
}

TEST(Cast, Bool) {
    expectCast(DType::kFloat, {0, -0.0, 0.1, kNan, -3}, "bool", {0, 0, 1, 1, 1});
    expectCast(DType::kInt32, {0, 256}, "bool", {0, 1});
    expectCast(DType::kBool, {0, 1}, "f32", {0, 1});
    expectCast(DType::kBool, {0, 1}, "i64", {0, 1});
}

TEST(Cast, NarrowFloats) {
    expectCast(DType::kFloat, {1.0625, 500, -kInf, 0.001953125}, "f8e4m3", {1, 448, -448, 0.001953125});
    expectCast(DType::kFp8, {1.125, -448}, "f16", {1.125, -448});
    expectCast(DType::kFloat, {1 + 0x1p-9, 3.4e38}, "bf16", {1, kInf});
    auto y = run("cast", "to=f8e4m3 saturate=false", {floats({3}, {464, 465, -kInf})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {3}, {448, kNan, kNan});
}

TEST(Cast, FromNibbles) {
    auto storage = std::make_shared<std::array<uint8_t, 2>>(std::array<uint8_t, 2>{0xf3, 0x08});
    ir::HostTensor x{{DType::kInt4, {3}, storage->data()}, storage};
    auto y = run("cast", "to=i32", {x});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    expectNear((*y)[0], {3}, {3, -1, -8});
}

TEST(Cast, FloatConstantsBecomeElements) {
    for (const char* attrs : {"to=i64", "to=i32", "to=bool"}) {
        ir::Graph g;
        ir::Value* w = g.addConstant(ir::makeWeights<float>({4}, {2.9f, -1.5f, 0, kNan}), "w");
        auto a = op_cast->makeAttrs();
        ASSERT_TRUE(ir::parseAttrs(*a, attrs).ok());
        ir::Node* n = g.body().append(*op_cast, std::move(a), {w}, 1, "n");
        g.body().addResult(n->output());
        ASSERT_TRUE(ir::inferGraph(g).ok());
        auto y = ir::interpret(g, {});
        ASSERT_TRUE(y.ok() && n->output()->elements()) << attrs;
        auto values = readIntegers((*y)[0].tensor);
        EXPECT_EQ(*n->output()->elements(), std::vector<Dim>(values.begin(), values.end())) << attrs;
    }
}

TEST(Cast, ElementsFollow) {
    Dim n = Dim::symbol(0);
    using E = std::vector<Dim>;
    EXPECT_EQ(inferElements("cast", "to=i32", {shapeTensor({n, 4294967297})}), (E{n, 1}));
    EXPECT_EQ(inferElements("cast", "to=bool", {shapeTensor({n + 1, 0, 7})}), (E{1, 0, 1}));
    EXPECT_EQ(inferElements("cast", "to=i64", {{DType::kBool, {2}, {{0, 1}}}}), (E{0, 1}));
    EXPECT_FALSE(inferArgs("cast", "to=f32", {shapeTensor({n})}).elements[0].has_value());
    EXPECT_EQ(inferShape("cast", "to=f16", {{DType::kFloat, {n, 3}}}), (Shape{n, 3}));
}

TEST(Cast, Refuses) {
    EXPECT_THAT(inferError("cast", "to=i4", {{DType::kFloat, {2}}}), HasSubstr("i4"));
    EXPECT_THAT(inferError("cast", "to=e8m0", {{DType::kFloat, {2}}}), HasSubstr("quantization"));
}

}  // namespace
}  // namespace lathe::ops
