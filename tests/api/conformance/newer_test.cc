// SPDX-License-Identifier: Apache-2.0
// Layers that came late to version 10: assertions, quantization with computed scales, caches, experts, collectives.
// More of each stands in tests/api/newer_layers_test.cc and experts_test.cc.
#include "conformance_testing.h"

namespace lathe_test {
namespace {

using NewerLayers = Conformance;

TEST_F(NewerLayers, Assertion) {
    Value x = numbers({2, 3});
    gives(
        [&](Net& n) {
            ITensor& t = n.in(x);
            ITensor* shape = n->addShape(t)->getOutput(0);
            ITensor* most = n->addElementWise(*shape, n.constant(integers({2}, {100, 100}, DataType::kINT64)),
                                              ElementWiseOperation::kLESS)
                                ->getOutput(0);
            auto* l = n->addAssertion(*most, "at first");
            l->setMessage("extents are below 100");
            EXPECT_STREQ(l->getMessage(), "extents are below 100");
            n.out(n->addIdentity(t));
        },
        {x});
    failsToRun(
        [&](Net& n) {
            ITensor& t = n.in(numbers({5}));
            ITensor* shape = n->addShape(t)->getOutput(0);
            ITensor* six = n->addElementWise(*shape, n.constant(integers({1}, {6}, DataType::kINT64)),
                                             ElementWiseOperation::kEQUAL)
                               ->getOutput(0);
            n->addAssertion(*six, "there are six");
            n.out(n->addIdentity(t));
        },
        "there are six");
}
REFUSES(NewerLayers, AssertionThatNeverHolds, "the assertion failed: impossible",
        n->addAssertion(n.constant(integers({1}, {0}, DataType::kBOOL)), "impossible");
        n.out(n->addIdentity(n.in(numbers({2})))))
REFUSES(NewerLayers, AssertionOfNumbers, "expected bool", n->addAssertion(n.in(numbers({2})), "numbers");
        n.out(n->addIdentity(*n->getInput(0))))
REFUSES(NewerLayers, AssertionWithoutMessage, "the message is null",
        n->addAssertion(n.constant(integers({1}, {1}, DataType::kBOOL)), nullptr))

// Blocks of 16 in a row: the scale is the largest magnitude over 448, the largest 8-bit float.
TEST_F(NewerLayers, DynamicQuantize) {
    // One element of each block is 448 times a power of two, so scales and their products are exact.
    Value x = filled({2, 32}, [](const Index& at) {
        double scale = at[1] < 16 ? 0.5 : 2;
        return at[1] % 16 == 0 ? 448 * scale : scale * static_cast<double>(at[1] % 5 - 2);
    });
    gives(
        [&](Net& n) {
            auto* l = n->addDynamicQuantizeV2(n.in(x), dims({1, 16}), DataType::kFP8, DataType::kFLOAT);
            EXPECT_EQ(l->getToType(), DataType::kFP8);
            EXPECT_EQ(l->getScaleType(), DataType::kFLOAT);
            EXPECT_THAT(list(l->getBlockShape()), ::testing::ElementsAre(1, 16));
            n.out(l, 1);
            auto* d = n->addDequantize(*l->getOutput(0), *l->getOutput(1), DataType::kFLOAT);
            EXPECT_TRUE(d->setBlockShape(dims({1, 16})));
            n.out(d);
        },
        {filled({2, 2}, [](const Index& at) { return at[1] == 0 ? 0.5 : 2; }), x});
    gives(
        [&](Net& n) {
            auto* l = n->addDynamicQuantize(n.in(x), 0, 8, DataType::kFP8, DataType::kFLOAT);
            l->setAxis(1);
            l->setBlockSize(16);
            l->setToType(DataType::kFP8);
            l->setScaleType(DataType::kFLOAT);
            EXPECT_EQ(l->getAxis(), 1);
            EXPECT_EQ(l->getBlockSize(), 16);
            n.out(l, 1);
        },
        {filled({2, 2}, [](const Index& at) { return at[1] == 0 ? 0.5 : 2; })});
}
REFUSES(NewerLayers, DynamicQuantizeToFloats, "quantization to f32; kFP4, kFP8 and kINT8 are possible",
        n->addDynamicQuantizeV2(n.in(numbers({2, 16})), dims({1, 16}), DataType::kFLOAT, DataType::kFLOAT))
REFUSES(NewerLayers, DynamicQuantizeBlock, "one extent for each axis is needed",
        n.out(n->addDynamicQuantizeV2(n.in(numbers({2, 16})), dims({16}), DataType::kFP8, DataType::kFLOAT)))

// The experts' weights are ones, so an expert gives (sum of x)^2 times its width to each element.
TEST_F(NewerLayers, MoE) {
    const int64_t tokens = 3, hidden = 4, inter = 8;
    Value x = numbers({1, tokens, hidden}, 0, 1), which = integers({1, tokens, 1}, {1, 0, 1}),
          scores = numbers({1, tokens, 1}, 0.5, 1, 3);
    auto ones = [](Index shape) { return filled(shape, [](const Index&) { return 1.0; }); };
    gives(
        [&](Net& n) {
            ITensor &t = n.in(x, {1}), &e = n.in(which, {1});
            auto* l = n->addMoE(t, e, n.in(scores, {1}));
            l->setGatedWeights(n.constant(ones({2, hidden, inter})), n.constant(ones({2, hidden, inter})),
                               n.constant(ones({2, inter, hidden})), MoEActType::kNONE);
            EXPECT_EQ(l->getActivationType(), MoEActType::kNONE);
            l->setSwigluParamBeta(0);
            EXPECT_EQ(l->getSwigluParamBeta(), 0);
            n.out(l);
        },
        {filled(x.shape,
                [&](const Index& at) {
                    double sum = 0;
                    for (int64_t k = 0; k < hidden; ++k) sum += x({0, at[1], k});
                    return sum * sum * static_cast<double>(inter) * scores({0, at[1], 0});
                })},
        1e-5);
}
REFUSES(NewerLayers, MoEWithoutWeights, "it has no weights (setGatedWeights)",
        n.out(n->addMoE(n.in(numbers({1, 2, 4})), n.in(integers({1, 2, 1}, {0, 1})), n.in(numbers({1, 2, 1})))))

TEST_F(NewerLayers, DistCollectiveOfOneProcess) {
    Value x = numbers({2, 3});
    for (auto op :
         {CollectiveOperation::kALL_REDUCE, CollectiveOperation::kALL_GATHER, CollectiveOperation::kREDUCE_SCATTER})
        gives(
            [&](Net& n) {
                bool reduces = op != CollectiveOperation::kALL_GATHER;
                n.out(n->addDistCollective(n.in(x), op, reduces ? ReduceOperation::kSUM : ReduceOperation::kNONE, -1,
                                           nullptr, 0));
            },
            {x});
}
REFUSES(NewerLayers, DistCollectiveUnknown, "operation 9 does not exist",
        (void)n->addDistCollective(n.in(numbers({2})), static_cast<CollectiveOperation>(9), ReduceOperation::kSUM, -1,
                                   nullptr, 0))

}  // namespace
}  // namespace lathe_test
