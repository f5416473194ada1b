// SPDX-License-Identifier: Apache-2.0
#include "ops/rotary_embedding.h"

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::floats;
using ::testing::HasSubstr;
using testing::ints;

void expectRotated(const char* attrs, const std::vector<testing::HostTensor>& inputs,
                   const std::vector<double>& expected) {
    auto y = testing::run("rotary_embedding", attrs, inputs);
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], inputs[0].tensor.dims, expected, 1e-6);
}

TEST(RotaryEmbedding, TurnsPairs) {
    // One quarter turn for the first pair, none for the second.
    auto x = floats({1, 1, 1, 4}, {1, 2, 3, 4}), cosine = floats({1, 1, 2}, {0, 1}), sine = floats({1, 1, 2}, {1, 0});
    expectRotated("", {x, cosine, sine}, {-3, 2, 1, 4});
    expectRotated("interleaved=true", {x, cosine, sine}, {-2, 1, 3, 4});
    expectRotated("rotary_dim=2", {x, floats({1, 1, 1}, {0}), floats({1, 1, 1}, {1})}, {-2, 1, 3, 4});
}

TEST(RotaryEmbedding, PositionsChooseTheAngle) {
    // Rows: no turn, a quarter, a half.
    auto cosine = floats({3, 1}, {1, 0, -1}), sine = floats({3, 1}, {0, 1, 0});
    auto x = floats({1, 2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
    expectRotated("", {x, cosine, sine, ints({1, 2}, {2, 1})}, {-1, -2, -4, 3, -5, -6, -8, 7});
    // The same with [batch, length, heads * size].
    auto packed = floats({1, 2, 4}, {1, 2, 5, 6, 3, 4, 7, 8});
    expectRotated("num_heads=2", {packed, cosine, sine, ints({1, 2}, {2, 1})}, {-1, -2, -5, -6, -4, 3, -8, 7});
    EXPECT_THAT(testing::runError("rotary_embedding", "", {x, cosine, sine, ints({1, 2}, {0, 3})}),
                HasSubstr("is 3; there are 3 positions"));
}

TEST(RotaryEmbedding, Refuses) {
    auto error = [](const char* attrs, Shape x, Shape angles, std::optional<Shape> ids = {}) {
        std::vector<testing::Arg> inputs = {
            {DType::kFloat, std::move(x)}, {DType::kFloat, angles}, {DType::kFloat, angles}};
        if (ids) inputs.push_back({DType::kInt64, *ids});
        return testing::inferError("rotary_embedding", attrs, inputs);
    };
    EXPECT_EQ(error("", {2, 3, 5, 8}, {2, 5, 4}), "");
    EXPECT_THAT(error("", {2, 3, 5, 7}, {2, 5, 4}), HasSubstr("7 elements cannot be paired"));
    EXPECT_THAT(error("", {2, 3, 5, 8}, {2, 5, 3}), HasSubstr("number of angles is 3, but must be 4"));
    EXPECT_THAT(error("rotary_dim=10", {2, 3, 5, 8}, {2, 5, 5}), HasSubstr("rotary_dim is 10"));
    EXPECT_THAT(error("", {2, 5, 8}, {2, 5, 4}), HasSubstr("needs num_heads"));
    EXPECT_THAT(error("num_heads=3", {2, 5, 8}, {2, 5, 4}), HasSubstr("8 cannot be divided into 3"));
    EXPECT_THAT(error("", {2, 3, 5, 8}, {2, 4, 4}), HasSubstr("the length is 4, but must be 5"));
    EXPECT_THAT(error("", {2, 3, 5, 8}, {9, 4}, Shape{2, 4}), HasSubstr("length of position_ids"));
    EXPECT_THAT(error("", {2, 3, 5, 8}, {2, 5, 4}, Shape{2, 5}), HasSubstr("expected 2 dimensions"));
}

TEST(RotaryEmbedding, SymbolicShapes) {
    Dim n = Dim::symbol(0), s = Dim::symbol(1);
    EXPECT_EQ(ir::toString(testing::inferShape("rotary_embedding", "",
                                               {{DType::kHalf, {n, 8, s, 64}},
                                                {DType::kHalf, {4096, 32}},
                                                {DType::kHalf, {4096, 32}},
                                                {DType::kInt64, {n, s}}})),
              "[s0, 8, s1, 64]");
}

}  // namespace
}  // namespace lathe::ops
