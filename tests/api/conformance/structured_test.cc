// SPDX-License-Identifier: Apache-2.0
// Loops, conditionals, attention, and what works on sequences and boxes.
#include "conformance_testing.h"

namespace lathe_test {
namespace {

using StructuredLayers = Conformance;

// x(t + 1) = x(t) / 2 + rows[t], for all rows; the last value and all of them.
TEST_F(StructuredLayers, LoopOverRows) {
    Value rows = numbers({5, 3}), start = numbers({3}, -1, 1, 2);
    auto states = [&](bool reversed) {
        Value all{{5, 3}, {}};
        Value x = start;
        for (int64_t t = 0; t < 5; ++t)
            for (int64_t c = 0; c < 3; ++c) {
                x({c}) = x({c}) / 2 + rows({reversed ? 4 - t : t, c});
                all.v.push_back(x({c}));
            }
        return all;
    };
    for (bool reversed : {false, true}) {
        Value all = states(reversed), final{{3}, {all.v.end() - 3, all.v.end()}};
        gives(
            [&](Net& n) {
                ITensor& in = n.in(rows);
                ILoop* loop = n->addLoop();
                loop->setName("accumulate");
                EXPECT_STREQ(loop->getName(), "accumulate");
                // As many trips as rows.
                ITensor* shape = n->addShape(in)->getOutput(0);
                ITensor* count = n->addGather(*shape, n.constant(integers({}, {0})), 0)->getOutput(0);
                auto* limit =
                    loop->addTripLimit(*n->addCast(*count, DataType::kINT32)->getOutput(0), TripLimit::kCOUNT);
                EXPECT_EQ(limit->getTripLimit(), TripLimit::kCOUNT);
                EXPECT_EQ(limit->getLoop(), loop);
                auto* row = loop->addIterator(in, 1, !reversed);
                row->setAxis(0);
                row->setReverse(reversed);
                EXPECT_EQ(row->getAxis(), 0);
                EXPECT_EQ(row->getReverse(), reversed);
                auto* x = loop->addRecurrence(n.in(start, {}));
                ITensor* half = n->addElementWise(*x->getOutput(0), n.constant(filled({3}, [](auto&) { return 0.5; })),
                                                  ElementWiseOperation::kPROD)
                                    ->getOutput(0);
                ITensor* next = n->addElementWise(*half, *row->getOutput(0), ElementWiseOperation::kSUM)->getOutput(0);
                x->setInput(1, *next);
                auto* last = loop->addLoopOutput(*x->getOutput(0), LoopOutput::kLAST_VALUE);
                EXPECT_EQ(last->getLoopOutput(), LoopOutput::kLAST_VALUE);
                n.out(last);
                auto* all = loop->addLoopOutput(*next, LoopOutput::kCONCATENATE, 1);
                all->setAxis(0);
                EXPECT_EQ(all->getAxis(), 0);
                all->setInput(1, *n->addCast(*count, DataType::kINT32)->getOutput(0));
                n.out(all);
            },
            {final, all});
    }
}

// Doubles until a limit is passed; the number of trips depends on the data.
TEST_F(StructuredLayers, LoopWhile) {
    gives(
        [&](Net& n) {
            ILoop* loop = n->addLoop();
            auto* x = loop->addRecurrence(n.in(integers({}, {3}, DataType::kFLOAT)));
            ITensor* more = n->addElementWise(*x->getOutput(0), n.constant(integers({}, {100}, DataType::kFLOAT)),
                                              ElementWiseOperation::kLESS)
                                ->getOutput(0);
            loop->addTripLimit(*more, TripLimit::kWHILE);
            ITensor* next =
                n->addElementWise(*x->getOutput(0), *x->getOutput(0), ElementWiseOperation::kSUM)->getOutput(0);
            x->setInput(1, *next);
            n.out(loop->addLoopOutput(*x->getOutput(0), LoopOutput::kLAST_VALUE));
        },
        {integers({}, {192}, DataType::kFLOAT)});
}

TEST_F(StructuredLayers, LoopReversedOutput) {
    gives(
        [&](Net& n) {
            ILoop* loop = n->addLoop();
            loop->addTripLimit(n.constant(integers({}, {4})), TripLimit::kCOUNT);
            auto* x = loop->addRecurrence(n.in(integers({2}, {1, 10}, DataType::kFLOAT), {}));
            ITensor* next = n->addElementWise(*x->getOutput(0), n.constant(integers({2}, {1, 1}, DataType::kFLOAT)),
                                              ElementWiseOperation::kSUM)
                                ->getOutput(0);
            x->setInput(1, *next);
            auto* all = loop->addLoopOutput(*x->getOutput(0), LoopOutput::kREVERSE, 0);
            all->setInput(1, n.constant(integers({}, {4})));
            n.out(all);
        },
        {integers({4, 2}, {4, 13, 3, 12, 2, 11, 1, 10}, DataType::kFLOAT)});
}

REFUSES(StructuredLayers, LoopTwoCounts, "'(Unnamed Loop* 0)' has a trip limit of this kind already",
        ILoop* loop = n->addLoop();
        loop->addTripLimit(n.constant(integers({}, {4})), TripLimit::kCOUNT);
        loop->addTripLimit(n.constant(integers({}, {4})), TripLimit::kCOUNT))
REFUSES(StructuredLayers, LoopUnknownLimit, "trip limit 4 does not exist",
        n->addLoop()->addTripLimit(n.constant(integers({}, {4})), static_cast<TripLimit>(4)))
REFUSES(StructuredLayers, LoopUnknownOutput, "loop output 4 does not exist",
        n->addLoop()->addLoopOutput(n.in(numbers({2})), static_cast<LoopOutput>(4)))
REFUSES(StructuredLayers, LoopLastValueOfNoRecurrence,
        "takes the output of a recurrence of this loop, which 'in0' is not",
        n->addLoop()->addLoopOutput(n.in(numbers({2})), LoopOutput::kLAST_VALUE))
REFUSES(StructuredLayers, LoopWithoutLimit, "it has no trip limit", ILoop* loop = n->addLoop();
        auto* x = loop->addRecurrence(n.in(numbers({2})));
        x->setInput(1, *n->addUnary(*x->getOutput(0), UnaryOperation::kNEG)->getOutput(0));
        n.out(loop->addLoopOutput(*x->getOutput(0), LoopOutput::kLAST_VALUE)))
REFUSES(StructuredLayers, LoopRecurrenceWithoutNext, "2) [Recurrence]' has no input 1: the value of the next iteration",
        ILoop* loop = n->addLoop();
        loop->addTripLimit(n.constant(integers({}, {4})), TripLimit::kCOUNT);
        auto* x = loop->addRecurrence(n.in(numbers({2})));
        n.out(loop->addLoopOutput(*x->getOutput(0), LoopOutput::kLAST_VALUE)))
REFUSES(StructuredLayers, LoopGrowingRecurrence, "its type, its number of dimensions and the extents that are known",
        ILoop* loop = n->addLoop();
        loop->addTripLimit(n.constant(integers({}, {4})), TripLimit::kCOUNT);
        auto* x = loop->addRecurrence(n.in(numbers({2}))); ITensor * two[] = {x->getOutput(0), x->getOutput(0)};
        x->setInput(1, *n->addConcatenation(two, 2)->getOutput(0));
        n.out(loop->addLoopOutput(*x->getOutput(0), LoopOutput::kLAST_VALUE)))
REFUSES(StructuredLayers, LoopFloatCount, "the trip count is f32[]; expected a scalar of type i64",
        ILoop* loop = n->addLoop();
        loop->addTripLimit(n.constant(numbers({}, 1, 2)), TripLimit::kCOUNT);
        auto* x = loop->addRecurrence(n.in(numbers({2})));
        x->setInput(1, *n->addUnary(*x->getOutput(0), UnaryOperation::kNEG)->getOutput(0));
        n.out(loop->addLoopOutput(*x->getOutput(0), LoopOutput::kLAST_VALUE)))
REFUSES(StructuredLayers, LoopIteratorAxis, "node '' (gather): axis 3 is outside a tensor of 1 dimensions",
        ILoop* loop = n->addLoop();
        loop->addTripLimit(n.constant(integers({}, {2})), TripLimit::kCOUNT);
        auto* i = loop->addIterator(n.in(numbers({2})), 3);
        auto* all = loop->addLoopOutput(*i->getOutput(0), LoopOutput::kCONCATENATE, 0);
        all->setInput(1, n.constant(integers({}, {2}))); n.out(all))
REFUSES(StructuredLayers, LoopNameNull, "the name is null", n->addLoop()->setName(nullptr))

TEST_F(StructuredLayers, Conditional) {
    Value x = numbers({4, 3});
    for (bool condition : {true, false})
        gives(
            [&](Net& n) {
                IIfConditional* c = n->addIfConditional();
                c->setName("choice");
                EXPECT_STREQ(c->getName(), "choice");
                auto* test = c->setCondition(n.in(integers({}, {condition ? 1.0 : 0.0}, DataType::kBOOL)));
                EXPECT_EQ(test->getConditional(), c);
                ITensor* in = c->addInput(n.in(x))->getOutput(0);
                ITensor* yes = n->addUnary(*in, UnaryOperation::kNEG)->getOutput(0);
                ITensor* no = n->addActivation(*in, ActivationType::kRELU)->getOutput(0);
                n.out(c->addOutput(*yes, *no));
            },
            {mapped(x, [&](double e) { return condition ? -e : std::max(e, 0.0); })});
}
REFUSES(StructuredLayers, ConditionalWithoutCondition, "it has no condition", IIfConditional* c = n->addIfConditional();
        ITensor* in = c->addInput(n.in(numbers({2})))->getOutput(0);
        n.out(c->addOutput(*n->addUnary(*in, UnaryOperation::kNEG)->getOutput(0), *in)))
REFUSES(StructuredLayers, ConditionalOfNumbers, "the condition is f32[]; expected a scalar of type bool",
        IIfConditional* c = n->addIfConditional();
        c->setCondition(n.in(numbers({}))); ITensor* in = c->addInput(n.in(numbers({2})))->getOutput(0);
        n.out(c->addOutput(*n->addUnary(*in, UnaryOperation::kNEG)->getOutput(0), *in)))
REFUSES(StructuredLayers, ConditionalTwoConditions, "'(Unnamed Conditional* 0)' has a condition already",
        IIfConditional* c = n->addIfConditional();
        c->setCondition(n.in(integers({}, {1}, DataType::kBOOL)));
        c->setCondition(n.in(integers({}, {1}, DataType::kBOOL))))
REFUSES(StructuredLayers, ConditionalTypes, "(if): output 0: the branches give f32 and i32",
        IIfConditional* c = n->addIfConditional();
        c->setCondition(n.in(integers({}, {1}, DataType::kBOOL)));
        ITensor* in = c->addInput(n.in(numbers({2})))->getOutput(0);
        n.out(c->addOutput(*n->addUnary(*in, UnaryOperation::kNEG)->getOutput(0),
                           *n->addCast(*in, DataType::kINT32)->getOutput(0))))

// softmax(q k^T) v for each head; the caller scales q.
Value attention(const Value& q, const Value& k, const Value& v, bool causal,
                const std::function<double(int64_t, int64_t, int64_t, int64_t)>& add) {
    int64_t group = q.shape[1] / k.shape[1];
    return filled({q.shape[0], q.shape[1], q.shape[2], v.shape[3]}, [&](const Index& at) {
        double sum = 0, out = 0, most = -INFINITY;
        std::vector<double> w;
        for (int64_t j = 0; j < k.shape[2]; ++j) {
            double s = add(at[0], at[1], at[2], j);
            for (int64_t d = 0; d < q.shape[3]; ++d) s += q({at[0], at[1], at[2], d}) * k({at[0], at[1] / group, j, d});
            if (causal && j > at[2]) s = -INFINITY;
            w.push_back(s);
            most = std::max(most, s);
        }
        for (size_t j = 0; j < w.size(); ++j) {
            double e = std::exp(w[j] - most);
            sum += e;
            out += e * v({at[0], at[1] / group, static_cast<int64_t>(j), at[3]});
        }
        return out / sum;
    });
}

TEST_F(StructuredLayers, Attention) {
    Value q = numbers({2, 4, 5, 8}, -1, 1), k = numbers({2, 4, 5, 8}, -1, 1, 2), v = numbers({2, 4, 5, 8}, -1, 1, 3);
    auto nothing = [](int64_t, int64_t, int64_t, int64_t) { return 0.0; };
    for (bool causal : {false, true})
        gives(
            [&](Net& n) {
                ITensor &a = n.in(q, {0, 2}), &b = n.in(k, {0, 2});
                auto* l = n->addAttention(a, b, n.in(v, {0, 2}), AttentionNormalizationOp::kSOFTMAX, !causal);
                ASSERT_TRUE(l);
                EXPECT_TRUE(l->setCausal(causal));
                EXPECT_EQ(l->getCausal(), causal);
                EXPECT_TRUE(l->setDecomposable(true));
                EXPECT_TRUE(l->getDecomposable());
                EXPECT_TRUE(l->setName("heads"));
                EXPECT_STREQ(l->getName(), "heads");
                EXPECT_EQ(l->getNormalizationOperation(), AttentionNormalizationOp::kSOFTMAX);
                EXPECT_EQ(l->getNbInputs(), 3);
                EXPECT_EQ(l->getNbOutputs(), 1);
                EXPECT_EQ(l->getInput(0), &a);
                n.out(l->getOutput(0));
            },
            {attention(q, k, v, causal, nothing)}, 1e-5);
    Value mask = numbers({2, 1, 5, 5}, -2, 2, 4);
    gives(
        [&](Net& n) {
            ITensor &a = n.in(q), &b = n.in(k);
            auto* l = n->addAttention(a, b, n.in(v), AttentionNormalizationOp::kSOFTMAX, false);
            ITensor& m = n.in(mask);
            EXPECT_TRUE(l->setDecomposable(true));
            EXPECT_TRUE(l->setMask(m));
            EXPECT_EQ(l->getMask(), &m);
            n.out(l->getOutput(0));
        },
        {attention(q, k, v, false,
                   [&](int64_t n, int64_t, int64_t i, int64_t j) {
                       return mask({n, 0, i, j});
                   })},
        1e-5);
    // Two heads of queries for each of keys and values.
    Value fewer = numbers({2, 2, 5, 8}, -1, 1, 5), values = numbers({2, 2, 5, 8}, -1, 1, 6);
    gives(
        [&](Net& n) {
            ITensor &a = n.in(q), &b = n.in(k);
            auto* l = n->addAttention(a, b, n.in(v), AttentionNormalizationOp::kSOFTMAX, false);
            EXPECT_TRUE(l->setDecomposable(true));
            EXPECT_TRUE(l->setInput(1, n.in(fewer)));
            EXPECT_TRUE(l->setInput(2, n.in(values)));
            n.out(l->getOutput(0));
        },
        {attention(q, fewer, values, false, nothing)}, 1e-5);
    // Without normalization: two products.
    gives(
        [&](Net& n) {
            ITensor &a = n.in(q), &b = n.in(k);
            auto* l = n->addAttention(a, b, n.in(v), AttentionNormalizationOp::kSOFTMAX, false);
            EXPECT_TRUE(l->setNormalizationOperation(AttentionNormalizationOp::kNONE));
            EXPECT_TRUE(l->setDecomposable(true));
            n.out(l->getOutput(0));
        },
        {filled(q.shape,
                [&](const Index& at) {
                    double out = 0;
                    for (int64_t j = 0; j < 5; ++j) {
                        double s = 0;
                        for (int64_t d = 0; d < 8; ++d) s += q({at[0], at[1], at[2], d}) * k({at[0], at[1], j, d});
                        out += s * v({at[0], at[1], j, at[3]});
                    }
                    return out;
                })},
        1e-5);
}
REFUSES(StructuredLayers, AttentionRank, "query, key and value need 4 dimensions, but one is [2, 4, 8]",
        n->addAttention(n.in(numbers({2, 4, 8})), n.in(numbers({2, 4, 8})), n.in(numbers({2, 4, 8})),
                        AttentionNormalizationOp::kSOFTMAX, false))
REFUSES(StructuredLayers, AttentionHeadSizes, "(attention): the sizes of query and key heads must be equal: 8 and 16",
        n.out(n->addAttention(n.in(numbers({1, 2, 4, 8})), n.in(numbers({1, 2, 4, 16})), n.in(numbers({1, 2, 4, 8})),
                              AttentionNormalizationOp::kSOFTMAX, false)
                  ->getOutput(0)))
REFUSES(StructuredLayers, AttentionHeads, "(attention): 3 query heads cannot share 2 key heads",
        n.out(n->addAttention(n.in(numbers({1, 3, 4, 8})), n.in(numbers({1, 2, 4, 8})), n.in(numbers({1, 2, 4, 8})),
                              AttentionNormalizationOp::kSOFTMAX, false)
                  ->getOutput(0)))
REFUSES(StructuredLayers, AttentionNormalization, "normalization 5 does not exist",
        n->addAttention(n.in(numbers({1, 2, 4, 8})), n.in(numbers({1, 2, 4, 8})), n.in(numbers({1, 2, 4, 8})),
                        static_cast<AttentionNormalizationOp>(5), false))
REFUSES(StructuredLayers, AttentionInput, "there is no input 7",
        n->addAttention(n.in(numbers({1, 2, 4, 8})), n.in(numbers({1, 2, 4, 8})), n.in(numbers({1, 2, 4, 8})),
                        AttentionNormalizationOp::kSOFTMAX, false)
            ->setInput(7, n.in(numbers({1}))))
REFUSES(StructuredLayers, AttentionName, "the name is null",
        n->addAttention(n.in(numbers({1, 2, 4, 8})), n.in(numbers({1, 2, 4, 8})), n.in(numbers({1, 2, 4, 8})),
                        AttentionNormalizationOp::kSOFTMAX, false)
            ->setName(nullptr))

TEST_F(StructuredLayers, RotaryEmbedding) {
    Value x = numbers({2, 3, 5, 8}), cos = numbers({6, 3}, -1, 1, 2), sin = numbers({6, 3}, -1, 1, 3);
    Value ids = integers({2, 5}, {0, 1, 2, 3, 4, 5, 4, 3, 2, 1}, DataType::kINT64);
    // The first 6 of 8 elements turn, in pairs of neighbours or of halves.
    auto turned = [&](bool interleaved) {
        return filled(x.shape, [&](const Index& at) {
            int64_t d = at[3];
            if (d >= 6) return x(at);
            int64_t pair = interleaved ? d / 2 : d % 3;
            bool second = interleaved ? d % 2 != 0 : d >= 3;
            auto row = static_cast<int64_t>(ids({at[0], at[2]}));
            Index a = at, b = at;
            a[3] = interleaved ? 2 * pair : pair;
            b[3] = interleaved ? 2 * pair + 1 : pair + 3;
            double c = cos({row, pair}), s = sin({row, pair});
            return second ? x(a) * s + x(b) * c : x(a) * c - x(b) * s;
        });
    };
    for (bool interleaved : {false, true})
        gives(
            [&](Net& n) {
                ITensor& t = n.in(x);
                auto* l = n->addRotaryEmbedding(t, n.constant(cos), n.constant(sin), !interleaved, 8);
                l->setInterleaved(interleaved);
                EXPECT_EQ(l->getInterleaved(), interleaved);
                EXPECT_TRUE(l->setRotaryEmbeddingDim(6));
                EXPECT_EQ(l->getRotaryEmbeddingDim(), 6);
                l->setInput(3, n.in(ids));
                n.out(l);
            },
            {turned(interleaved)});
}
REFUSES(StructuredLayers, RotaryOdd, "5 rotated elements; an even number is needed",
        n->addRotaryEmbedding(n.in(numbers({1, 2, 3, 8})), n.constant(numbers({6, 3})), n.constant(numbers({6, 3})),
                              false, 5))
REFUSES(StructuredLayers, RotaryRank, "the input has the shape [3, 8]; 4 dimensions are needed",
        n->addRotaryEmbedding(n.in(numbers({3, 8})), n.constant(numbers({6, 4})), n.constant(numbers({6, 4})), false,
                              0))
REFUSES(StructuredLayers, RotaryCache, "(rotary_embedding): input 2: the number of angles is 5, but must be 4",
        n->addRotaryEmbedding(n.in(numbers({1, 2, 3, 8})), n.constant(numbers({1, 3, 4})),
                              n.constant(numbers({1, 3, 5})), false, 0))

TEST_F(StructuredLayers, NMS) {
    // Corners; the second overlaps the first, the fourth the third.
    Value boxes = integers({1, 4, 4}, {0, 0, 10, 10, 1, 0, 11, 10, 20, 20, 30, 30, 20, 21, 30, 31}, DataType::kFLOAT);
    Value scores = integers({1, 4, 2}, {0.9, 0.1, 0.8, 0.3, 0.7, 0.95, 0.75, 0.6}, DataType::kFLOAT);
    gives(
        [&](Net& n) {
            ITensor& b = n.in(boxes, {});
            auto* l = n->addNMS(b, n.in(scores, {}), n.constant(integers({}, {3})), DataType::kINT32);
            l->setBoundingBoxFormat(BoundingBoxFormat::kCORNER_PAIRS);
            EXPECT_EQ(l->getBoundingBoxFormat(), BoundingBoxFormat::kCORNER_PAIRS);
            l->setTopKBoxLimit(100);
            EXPECT_EQ(l->getTopKBoxLimit(), 100);
            EXPECT_TRUE(l->setIndicesType(DataType::kINT64));
            EXPECT_EQ(l->getIndicesType(), DataType::kINT64);
            l->setInput(3, n.constant(integers({}, {0.5}, DataType::kFLOAT)));
            l->setInput(4, n.constant(integers({}, {0.2}, DataType::kFLOAT)));
            n.out(l);
            n.out(l, 1);
        },
        // Class 0 keeps boxes 0 and 3 (0.75 over 0.7); class 1 boxes 2 and 1.
        {integers({4, 3}, {0, 0, 0, 0, 0, 3, 0, 1, 2, 0, 1, 1}, DataType::kINT64), integers({}, {4})});
}
// Centers and sizes; at most one box of each class, by the older call with 32-bit indices.
TEST_F(StructuredLayers, NMSOfCenters) {
    Value boxes = integers({1, 3, 1, 4}, {5, 5, 10, 10, 6, 5, 10, 10, 50, 50, 4, 4}, DataType::kFLOAT);
    Value scores = integers({1, 3, 1}, {0.5, 0.75, 0.25}, DataType::kFLOAT);
    gives(
        [&](Net& n) {
            ITensor& b = n.in(boxes, {});
            auto* l = n->addNMS(b, n.in(scores, {}), n.constant(integers({}, {2})));
            l->setBoundingBoxFormat(BoundingBoxFormat::kCENTER_SIZES);
            l->setInput(3, n.constant(integers({}, {0.5}, DataType::kFLOAT)));
            n.out(l);
        },
        {integers({2, 3}, {0, 0, 1, 0, 0, 2})});
}
REFUSES(StructuredLayers, NMSBoxes, "(nms): the number of coordinates is 3, but must be 4",
        n->addNMS(n.in(numbers({1, 4, 3})), n.in(numbers({1, 4, 2})), n.constant(integers({}, {3}))))
REFUSES(StructuredLayers, NMSCounts, "(nms): the numbers of boxes and scores must be equal: 4 and 5",
        n->addNMS(n.in(numbers({1, 4, 4})), n.in(numbers({1, 5, 2})), n.constant(integers({}, {3}))))
REFUSES(
    StructuredLayers, NMSLimit, "",
    n->addNMS(n.in(numbers({1, 4, 4})), n.in(numbers({1, 4, 2})), n.constant(integers({}, {3})))->setTopKBoxLimit(0))
REFUSES(StructuredLayers, NMSFormat, "bounding box format 3 does not exist",
        n->addNMS(n.in(numbers({1, 4, 4})), n.in(numbers({1, 4, 2})), n.constant(integers({}, {3})))
            ->setBoundingBoxFormat(static_cast<BoundingBoxFormat>(3)))
REFUSES(StructuredLayers, NMSIndicesType, "indices are kINT32 or kINT64",
        n->addNMS(n.in(numbers({1, 4, 4})), n.in(numbers({1, 4, 2})), n.constant(integers({}, {3})))
            ->setIndicesType(DataType::kBOOL))

}  // namespace
}  // namespace lathe_test
