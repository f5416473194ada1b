// SPDX-License-Identifier: Apache-2.0
#include "ops/nms.h"

#include "ir/infer.h"
#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::floats;
using ::testing::HasSubstr;
using testing::ints;

// Boxes 0 and 1 overlap by 0.9 / 1.1, 0 and 2 by 0.5 / 1.5; 3 is far off.
const testing::HostTensor kBoxes = floats({1, 4, 4}, {0, 0, 1, 1, 0, 0.1, 1, 1.1, 1, 0.5, 0, 1.5, 5, 5, 6, 6});
const testing::HostTensor kScores = floats({1, 1, 4}, {0.8, 0.9, 0.7, 0.1});

void expectSelected(const char* attrs, const std::vector<testing::HostTensor>& inputs,
                    const std::vector<double>& expected) {
    auto y = testing::run("nms", attrs, inputs);
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], {static_cast<int64_t>(expected.size()) / 3, 3}, expected);
}

TEST(Nms, DropsWhatOverlapsABetterBox) {
    auto all = ints({1}, {10});
    expectSelected("", {kBoxes, kScores, all, floats({1}, {0.5})}, {0, 0, 1, 0, 0, 2, 0, 0, 3});
    expectSelected("", {kBoxes, kScores, all, floats({1}, {0.3})}, {0, 0, 1, 0, 0, 3});
    expectSelected("", {kBoxes, kScores, all, floats({1}, {0.9})}, {0, 0, 1, 0, 0, 0, 0, 0, 2, 0, 0, 3});
    expectSelected("", {kBoxes, kScores, all}, {0, 0, 1, 0, 0, 3});
}

TEST(Nms, Limits) {
    expectSelected("", {kBoxes, kScores, ints({}, {2}), floats({}, {0.9})}, {0, 0, 1, 0, 0, 0});
    expectSelected("", {kBoxes, kScores, ints({}, {10}), floats({}, {0.5}), floats({}, {0.7})}, {0, 0, 1});
    expectSelected("", {kBoxes, kScores, ints({}, {10}), testing::absent(), floats({}, {0.95})}, {});
    expectSelected("", {kBoxes, kScores, ints({}, {0}), floats({}, {0.5})}, {});
    expectSelected("", {kBoxes, kScores, ints({}, {-3}), floats({}, {0.5})}, {});
    expectSelected("", {kBoxes, kScores}, {});
}

TEST(Nms, CentersAndEqualScores) {
    auto boxes = floats({1, 3, 4}, {0.5, 0.5, 1, 1, 0.6, 0.5, 1, 1, 9, 9, 1, 1});
    expectSelected("center_point_box=true", {boxes, floats({1, 1, 3}, {1, 1, 1}), ints({}, {9}), floats({}, {0.5})},
                   {0, 0, 0, 0, 0, 2});
}

TEST(Nms, ClassesAndBatchesAreApart) {
    auto boxes = floats({2, 1, 4}, {0, 0, 1, 1, 0, 0, 1, 1});
    expectSelected("", {boxes, floats({2, 2, 1}, {1, 2, 3, 4}), ints({}, {1})}, {0, 0, 0, 0, 1, 0, 1, 0, 0, 1, 1, 0});
}

TEST(Nms, BoxesWithoutAreaNeverOverlap) {
    auto boxes = floats({1, 2, 4}, {0, 0, 0, 1, 0, 0, 0, 1});
    expectSelected("", {boxes, floats({1, 1, 2}, {1, 2}), ints({}, {5})}, {0, 0, 1, 0, 0, 0});
}

TEST(Nms, Refuses) {
    auto error = [](Shape boxes, Shape scores, Shape limit = {}) {
        return testing::inferError(
            "nms", "",
            {{DType::kFloat, std::move(boxes)}, {DType::kFloat, std::move(scores)}, {DType::kInt64, std::move(limit)}});
    };
    EXPECT_THAT(error({1, 4, 5}, {1, 1, 4}), HasSubstr("coordinates is 5, but must be 4"));
    EXPECT_THAT(error({1, 4, 4}, {1, 1, 5}), HasSubstr("numbers of boxes and scores"));
    EXPECT_THAT(error({2, 4, 4}, {1, 1, 4}), HasSubstr("batch sizes"));
    EXPECT_THAT(error({4, 4}, {1, 1, 4}), HasSubstr("expected 3 dimensions"));
    EXPECT_THAT(error({1, 4, 4}, {1, 1, 4}, {2}), HasSubstr("expected one element"));
}

TEST(Nms, TheNumberIsBounded) {
    ir::Graph g;
    ir::Value* boxes = g.body().addParameter({DType::kFloat, {2, 100, 4}}, "boxes");
    ir::Value* scores = g.body().addParameter({DType::kFloat, {2, 3, 100}}, "scores");
    for (auto [limit, bound] : {std::pair<int64_t, int64_t>{7, 42}, {1000, 600}, {-1, 0}}) {
        ir::Value* max = g.addConstant(ir::makeWeights<int64_t>({1}, {limit}), "max");
        ir::Node* n = g.body().append(*op_nms, op_nms->makeAttrs(), {boxes, scores, max}, 1, "n");
        ASSERT_TRUE(ir::inferNode(*n).ok());
        ir::SymbolId id = n->output()->shape()[0].asSymbol();
        ASSERT_GE(id, 0);
        EXPECT_EQ(g.symbols()[id].upperBound, Dim(bound));
    }
}

}  // namespace
}  // namespace lathe::ops
