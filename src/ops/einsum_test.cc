// SPDX-License-Identifier: Apache-2.0
#include "ops/einsum.h"

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::floats;
using ::testing::HasSubstr;

std::string quoted(const char* equation) { return std::string("equation=\"") + equation + "\""; }

void expectEinsum(const char* equation, const std::vector<testing::HostTensor>& inputs, const Dims& dims,
                  const std::vector<double>& expected) {
    auto y = testing::run("einsum", quoted(equation).c_str(), inputs);
    ASSERT_TRUE(y.ok()) << equation << ": " << y.status().toString();
    SCOPED_TRACE(equation);
    testing::expectNear((*y)[0], dims, expected, 1e-5);
}

const testing::HostTensor kEinsumA = floats({2, 3}, {1, 2, 3, 4, 5, 6}),
                          kEinsumB = floats({3, 2}, {1, 0, 0, 1, 10, 100});

TEST(Einsum, Products) {
    expectEinsum("ij,jk->ik", {kEinsumA, kEinsumB}, {2, 2}, {31, 302, 64, 605});
    expectEinsum("ij,jk->ki", {kEinsumA, kEinsumB}, {2, 2}, {31, 64, 302, 605});
    expectEinsum("ij,jk", {kEinsumA, kEinsumB}, {2, 2}, {31, 302, 64, 605});
    expectEinsum(" i j , j k -> i k ", {kEinsumA, kEinsumB}, {2, 2}, {31, 302, 64, 605});
    expectEinsum("ij,ji->", {kEinsumA, kEinsumB}, {}, {1 + 30 + 5 + 600});
    expectEinsum("i,j->ij", {floats({2}, {1, 2}), floats({2}, {10, 100})}, {2, 2}, {10, 100, 20, 200});
    expectEinsum("bij,bjk->bik", {floats({2, 1, 2}, {1, 2, 3, 4}), floats({2, 2, 1}, {1, 10, 100, 1000})}, {2, 1, 1},
                 {21, 4300});
    expectEinsum("ij,jk,k->i", {kEinsumA, kEinsumB, floats({2}, {1, 10})}, {2}, {3051, 6114});
}

TEST(Einsum, OneInput) {
    expectEinsum("ij->ji", {kEinsumA}, {3, 2}, {1, 4, 2, 5, 3, 6});
    expectEinsum("ij->j", {kEinsumA}, {3}, {5, 7, 9});
    expectEinsum("ij->", {kEinsumA}, {}, {21});
    auto square = floats({2, 2}, {1, 2, 3, 4});
    expectEinsum("ii->i", {square}, {2}, {1, 4});
    expectEinsum("ii", {square}, {}, {5});
    expectEinsum("ba", {kEinsumA}, {3, 2}, {1, 4, 2, 5, 3, 6});
    expectEinsum("aB", {kEinsumA}, {3, 2}, {1, 4, 2, 5, 3, 6});
}

TEST(Einsum, SumsOfOneInputOnly) {
    expectEinsum("ij,k->i", {kEinsumA, floats({2}, {1, 10})}, {2}, {66, 165});
    expectEinsum("ii,k->k", {floats({2, 2}, {1, 2, 3, 4}), floats({2}, {1, 10})}, {2}, {5, 50});
}

TEST(Einsum, Ellipsis) {
    auto x = floats({2, 1, 2}, {1, 2, 3, 4});
    expectEinsum("...ij->...ji", {x}, {2, 2, 1}, {1, 2, 3, 4});
    expectEinsum("...j,j->...", {x, floats({2}, {1, 10})}, {2, 1}, {21, 43});
    expectEinsum("...,...", {x, floats({2}, {1, 10})}, {2, 1, 2}, {1, 20, 3, 40});
    expectEinsum("i...->...i", {x}, {1, 2, 2}, {1, 3, 2, 4});
    expectEinsum("...ij,...jk->...ik", {x, floats({2, 1}, {1, 10})}, {2, 1, 1}, {21, 43});
}

TEST(Einsum, ExtentsOfOneAreRepeated) {
    expectEinsum("ij,ij->ij", {kEinsumA, floats({1, 3}, {1, 10, 100})}, {2, 3}, {1, 20, 300, 4, 50, 600});
    // Also where the repeated axis is summed.
    expectEinsum("ij,j->i", {kEinsumA, floats({1}, {10})}, {2}, {60, 150});
    expectEinsum("j,ij->i", {floats({1}, {10}), kEinsumA}, {2}, {60, 150});
    expectEinsum("ij,ij->", {floats({1, 1}, {2}), kEinsumA}, {}, {42});
    expectEinsum("j,j,j->", {floats({1}, {2}), floats({1}, {3}), floats({2}, {1, 10})}, {}, {66});
}

TEST(Einsum, IntegersWrap) {
    auto y = testing::run("einsum", quoted("i,i->").c_str(),
                          {testing::ints({2}, {3037000499, 1}), testing::ints({2}, {3037000499, 1})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    EXPECT_EQ((*y)[0].tensor.as<int64_t>()[0], int64_t{3037000499} * 3037000499 + 1);
    expectEinsum("i,i->i", {testing::tensor(DType::kInt32, {1}, {65536}), testing::tensor(DType::kInt32, {1}, {65536})},
                 {1}, {0});
}

TEST(Einsum, EmptySums) {
    expectEinsum("ij,jk->ik", {floats({2, 0}, {}), floats({0, 1}, {})}, {2, 1}, {0, 0});
    expectEinsum("ij->i", {floats({2, 0}, {})}, {2}, {0, 0});
}

TEST(Einsum, Refuses) {
    auto error = [](const char* equation, std::vector<Shape> shapes) {
        std::vector<testing::Arg> inputs;
        for (Shape& s : shapes) inputs.push_back({DType::kFloat, std::move(s)});
        return testing::inferError("einsum", quoted(equation).c_str(), inputs);
    };
    EXPECT_THAT(error("ij,jk->ik", {{2, 3}}), HasSubstr("2 terms for 1 inputs"));
    EXPECT_THAT(error("ij->ij", {{2, 3, 4}}), HasSubstr("does not fit an input of 3 dimensions"));
    EXPECT_THAT(error("i...jk->i", {{2, 3}}), HasSubstr("does not fit"));
    EXPECT_THAT(error("ij->ik", {{2, 3}}), HasSubstr("no input has the output's label 'k'"));
    EXPECT_THAT(error("ij->ii", {{2, 3}}), HasSubstr("label 'i' twice"));
    EXPECT_THAT(error("...i->i", {{2, 3}}), HasSubstr("missing in the output"));
    EXPECT_THAT(error("i1->i", {{2, 3}}), HasSubstr("expected letters"));
    EXPECT_THAT(error("i......->i", {{2, 3}}), HasSubstr("at most one"));
    EXPECT_THAT(error("ij,jk->ik", {{2, 3}, {4, 5}}), HasSubstr("cannot be broadcast"));
    EXPECT_THAT(error("ii->i", {{2, 3}}), HasSubstr("cannot be broadcast"));
    EXPECT_THAT(testing::inferError("einsum", quoted("i->i").c_str(), {{DType::kInt8, {2}}}), HasSubstr("i8"));
}

TEST(Einsum, SymbolicShapes) {
    Dim n = Dim::symbol(0), s = Dim::symbol(1);
    EXPECT_EQ(ir::toString(testing::inferShape("einsum", quoted("bhid,bhjd->bhij").c_str(),
                                               {{DType::kFloat, {n, 12, s, 64}}, {DType::kFloat, {n, 12, s, 64}}})),
              "[s0, 12, s1, s1]");
    EXPECT_EQ(ir::toString(testing::inferShape("einsum", quoted("...d,de->...e").c_str(),
                                               {{DType::kFloat, {n, s, 768}}, {DType::kFloat, {768, 32}}})),
              "[s0, s1, 32]");
}

}  // namespace
}  // namespace lathe::ops
