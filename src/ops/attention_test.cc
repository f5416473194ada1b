// SPDX-License-Identifier: Apache-2.0
#include "ops/attention.h"

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::absent;
using testing::floats;
using ::testing::HasSubstr;

// Every key scores 0 with a query of 0, so what comes out is the mean of the values that a query sees.
testing::HostTensor zeros(Dims dims) {
    int64_t n = ir::volume(dims);
    return floats(std::move(dims), std::vector<double>(n, 0.0));
}

void expectAttention(const char* attrs, const std::vector<testing::HostTensor>& inputs, const Dims& dims,
                     const std::vector<double>& expected) {
    auto y = testing::run("attention", attrs, inputs);
    ASSERT_TRUE(y.ok()) << attrs << ": " << y.status().toString();
    SCOPED_TRACE(attrs);
    testing::expectNear((*y)[0], dims, expected, 1e-5);
}

TEST(Attention, WeighsValuesByScores) {
    // Scores 1 * (ln 3, 0) at scale 1: weights 3/4 and 1/4.
    auto q = floats({1, 1, 1, 1}, {1}), k = floats({1, 1, 2, 1}, {std::log(3.0), 0}),
         v = floats({1, 1, 2, 2}, {4, 8, 0, 16});
    expectAttention("", {q, k, v}, {1, 1, 1, 2}, {3, 10});
    expectAttention("scale=2", {q, k, v}, {1, 1, 1, 2}, {3.6, 8.8});
    // The default scale is 1 / sqrt(4).
    auto q4 = floats({1, 1, 1, 4}, {1, 1, 1, 1}), k4 = floats({1, 1, 2, 4}, {std::log(9.0), 0, 0, 0, 0, 0, 0, 0});
    expectAttention("", {q4, k4, v}, {1, 1, 1, 2}, {3, 10});
    // tanh(ln 3) = 0.8
    double w = 1 / (1 + std::exp(-0.8));
    expectAttention("softcap=1", {q, k, v}, {1, 1, 1, 2}, {4 * w, 8 * w + 16 * (1 - w)});
}

TEST(Attention, HeadsShareKeys) {
    auto q = zeros({1, 4, 1, 1}), k = zeros({1, 2, 2, 1}), v = floats({1, 2, 2, 1}, {1, 3, 10, 30});
    expectAttention("", {q, k, v}, {1, 4, 1, 1}, {2, 2, 20, 20});
}

TEST(Attention, PackedHeads) {
    // [batch, length, heads * size]: the heads of one position lie together.
    auto q = zeros({1, 2, 2}), k = zeros({1, 2, 2}), v = floats({1, 2, 4}, {1, 2, 10, 20, 3, 4, 30, 40});
    expectAttention("q_num_heads=2 kv_num_heads=2", {q, k, v}, {1, 2, 4}, {2, 3, 20, 30, 2, 3, 20, 30});
    auto y = testing::run("attention", "q_num_heads=2 kv_num_heads=2", {q, k, v}, 4);
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[2], {1, 2, 2, 2}, {1, 2, 3, 4, 10, 20, 30, 40});
    EXPECT_EQ((*y)[3].tensor.dims, (Dims{1, 2, 2, 2}));
}

TEST(Attention, CausalAndWindows) {
    auto q = zeros({1, 1, 3, 1}), k = zeros({1, 1, 3, 1}), v = floats({1, 1, 3, 1}, {6, 12, 30});
    expectAttention("", {q, k, v}, {1, 1, 3, 1}, {16, 16, 16});
    expectAttention("is_causal=true", {q, k, v}, {1, 1, 3, 1}, {6, 9, 16});
    expectAttention("left_window=1", {q, k, v}, {1, 1, 3, 1}, {16, 16, 21});
    expectAttention("left_window=0 right_window=0", {q, k, v}, {1, 1, 3, 1}, {6, 12, 30});
    expectAttention("right_window=1 left_window=0", {q, k, v}, {1, 1, 3, 1}, {9, 21, 30});
    // Fewer queries than keys without a cache: the first query is at position 0.
    expectAttention("is_causal=true", {zeros({1, 1, 2, 1}), k, v}, {1, 1, 2, 1}, {6, 9});
}

TEST(Attention, PastKeysComeFirst) {
    auto q = zeros({1, 1, 2, 1}), k = zeros({1, 1, 2, 1}), v = floats({1, 1, 2, 1}, {10, 20});
    auto pastK = floats({1, 1, 1, 1}, {7}), pastV = floats({1, 1, 1, 1}, {60});
    auto y = testing::run("attention", "is_causal=true", {q, k, v, absent(), pastK, pastV}, 3);
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], {1, 1, 2, 1}, {35, 30}, 1e-5);
    testing::expectNear((*y)[1], {1, 1, 3, 1}, {7, 0, 0});
    testing::expectNear((*y)[2], {1, 1, 3, 1}, {60, 10, 20});
}

TEST(Attention, ValidLengths) {
    auto q = zeros({2, 1, 1, 1}), k = zeros({2, 1, 3, 1}), v = floats({2, 1, 3, 1}, {6, 12, 30, 6, 12, 30});
    expectAttention("", {q, k, v, absent(), absent(), absent(), testing::ints({2}, {1, 2})}, {2, 1, 1, 1}, {6, 9});
    // Two queries of which only one key is valid: the first query is before all keys and sees none.
    expectAttention("is_causal=true",
                    {zeros({1, 1, 2, 1}), zeros({1, 1, 3, 1}), floats({1, 1, 3, 1}, {6, 12, 30}), absent(), absent(),
                     absent(), testing::ints({1}, {1})},
                    {1, 1, 2, 1}, {0, 6});
}

TEST(Attention, Masks) {
    auto q = zeros({1, 2, 2, 1}), k = zeros({1, 2, 2, 1}), v = floats({1, 2, 2, 1}, {2, 6, 20, 60});
    auto mask = [](Dims d, const std::vector<double>& m) { return testing::tensor(DType::kBool, std::move(d), m); };
    expectAttention("", {q, k, v, mask({2, 2}, {1, 0, 1, 1})}, {1, 2, 2, 1}, {2, 4, 20, 40});
    // Nothing to see is 0, not NaN.
    expectAttention("", {q, k, v, mask({1, 2, 1, 2}, {0, 0, 0, 1})}, {1, 2, 2, 1}, {0, 0, 60, 60});
    expectAttention("", {q, k, v, floats({2}, {std::log(3.0), 0})}, {1, 2, 2, 1}, {3, 3, 30, 30});
    expectAttention("", {q, k, v, floats({2}, {-INFINITY, -INFINITY})}, {1, 2, 2, 1}, {0, 0, 0, 0});
    // Keys beyond the mask are hidden.
    expectAttention("", {q, k, v, mask({2, 1}, {1, 1})}, {1, 2, 2, 1}, {2, 2, 20, 20});
    expectAttention("is_causal=true", {q, k, v, mask({2, 2}, {0, 1, 1, 1})}, {1, 2, 2, 1}, {0, 4, 0, 40});
}

TEST(Attention, ScoresAsAnOutput) {
    auto q = floats({1, 1, 1, 1}, {2}), k = floats({1, 1, 2, 1}, {1, 3}), v = zeros({1, 1, 2, 1}),
         bias = floats({2}, {10, -INFINITY});
    auto scores = [&](const char* mode) {
        std::string attrs = std::string("scale=0.5 softcap=2 qk_matmul_output_mode=") + mode;
        auto y = testing::run("attention", attrs.c_str(), {q, k, v, bias}, 4);
        EXPECT_TRUE(y.ok()) << y.status().toString();
        return (*y)[3];
    };
    testing::expectNear(scores("product"), {1, 1, 1, 2}, {1, 3}, 1e-6);
    testing::expectNear(scores("capped"), {1, 1, 1, 2}, {2 * std::tanh(0.5), 2 * std::tanh(1.5)}, 1e-6);
    testing::expectNear(scores("biased"), {1, 1, 1, 2}, {10 + 2 * std::tanh(0.5), -INFINITY}, 1e-6);
    testing::expectNear(scores("softmax"), {1, 1, 1, 2}, {1, 0}, 1e-6);
}

TEST(Attention, Refuses) {
    auto error = [](const char* attrs, Shape q, Shape k, Shape v, std::vector<testing::Arg> more = {}) {
        std::vector<testing::Arg> inputs = {
            {DType::kFloat, std::move(q)}, {DType::kFloat, std::move(k)}, {DType::kFloat, std::move(v)}};
        inputs.insert(inputs.end(), more.begin(), more.end());
        return testing::inferError("attention", attrs, inputs);
    };
    Shape q{1, 4, 3, 8}, k{1, 2, 5, 8};
    testing::Arg none{.absent = true}, past{DType::kFloat, {1, 2, 9, 8}}, lengths{DType::kInt64, {1}};
    EXPECT_EQ(error("", q, k, k), "");
    EXPECT_THAT(error("", q, {1, 3, 5, 8}, {1, 3, 5, 8}), HasSubstr("4 query heads cannot share 3"));
    EXPECT_THAT(error("", q, {1, 2, 5, 4}, k), HasSubstr("sizes of query and key heads"));
    EXPECT_THAT(error("", q, k, {1, 2, 6, 8}), HasSubstr("numbers of keys and values"));
    EXPECT_THAT(error("", {1, 3, 8}, {1, 3, 8}, {1, 3, 8}), HasSubstr("q_num_heads"));
    EXPECT_THAT(error("q_num_heads=3 kv_num_heads=1", {1, 3, 8}, {1, 3, 8}, {1, 3, 8}),
                HasSubstr("8 cannot be divided into 3 heads"));
    EXPECT_THAT(error("", q, k, k, {none, past}), HasSubstr("given together"));
    EXPECT_THAT(error("", q, k, k, {none, past, past, lengths}), HasSubstr("cannot be given together"));
    EXPECT_THAT(error("", q, k, k, {{DType::kBool, {3, 6}}}), HasSubstr("6 columns for 5 keys"));
    EXPECT_THAT(error("", q, k, k, {{DType::kBool, {2, 5}}}), HasSubstr("cannot be broadcast"));
    EXPECT_THAT(error("", q, k, k, {{DType::kInt32, {3, 5}}}), HasSubstr("f32 and i32"));
    EXPECT_THAT(error("left_window=-2", q, k, k), HasSubstr("window is -2"));
    EXPECT_THAT(error("softcap=-1", q, k, k), HasSubstr("softcap is -1"));
}

TEST(Attention, SymbolicShapes) {
    Dim n = Dim::symbol(0), s = Dim::symbol(1), p = Dim::symbol(2);
    testing::Arg none{.absent = true}, past{DType::kHalf, {n, 4, p, 64}};
    auto i = testing::inferArgs("attention", "is_causal=true",
                                {{DType::kHalf, {n, 16, s, 64}},
                                 {DType::kHalf, {n, 4, s, 64}},
                                 {DType::kHalf, {n, 4, s, 64}},
                                 none,
                                 past,
                                 past},
                                4);
    ASSERT_TRUE(i.status.ok()) << i.status.toString();
    EXPECT_EQ(ir::toString(i.types[0]), "f16[s0, 16, s1, 64]");
    EXPECT_EQ(ir::toString(i.types[1]), "f16[s0, 4, s1 + s2, 64]");
    EXPECT_EQ(ir::toString(i.types[3]), "f16[s0, 16, s1, s1 + s2]");
    EXPECT_EQ(ir::toString(testing::inferShape(
                  "attention", "q_num_heads=8 kv_num_heads=8",
                  {{DType::kFloat, {n, s, 512}}, {DType::kFloat, {n, p, 512}}, {DType::kFloat, {n, p, 256}}})),
              "[s0, s1, 256]");
}

}  // namespace
}  // namespace lathe::ops
