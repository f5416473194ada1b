// SPDX-License-Identifier: Apache-2.0
// Loops and conditionals, with answers computed by hand.
#include "api_testing.h"

namespace lathe_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Op = ElementWiseOperation;

class ControlFlowTest : public NetworkTest {
  protected:
    ITensor& binary(ITensor& a, Op op, ITensor& b) { return *network->addElementWise(a, b, op)->getOutput(0); }
};

TEST_F(ControlFlowTest, CountedLoop) {
    ITensor &x = input("x", {3}), &step = input("step", {3});
    ILoop* loop = network->addLoop();
    loop->addTripLimit(constant<int32_t>({}, {4}), TripLimit::kCOUNT);
    IRecurrenceLayer* sum = loop->addRecurrence(x);
    EXPECT_EQ(sum->getLoop(), loop);
    ITensor& next = binary(*sum->getOutput(0), Op::kSUM, step);
    sum->setInput(1, next);
    ILoopOutputLayer* last = loop->addLoopOutput(*sum->getOutput(0), LoopOutput::kLAST_VALUE);
    EXPECT_THAT(shape(last), ElementsAre(3));
    EXPECT_EQ(loop->addLoopOutput(next, LoopOutput::kLAST_VALUE), nullptr);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("kLAST_VALUE takes the output of a recurrence"));
    ILoopOutputLayer* joined = loop->addLoopOutput(next, LoopOutput::kCONCATENATE, 1);
    joined->setInput(1, constant<int32_t>({}, {4}));
    EXPECT_THAT(shape(joined), ElementsAre(3, 4));
    last->getOutput(0)->setName("last");
    joined->getOutput(0)->setName("joined");
    network->markOutput(*last->getOutput(0));
    network->markOutput(*joined->getOutput(0));
    feed<float>("x", {3}, {0, 10, 20});
    feed<float>("step", {3}, {1, 2, 3});
    auto answers = run();
    EXPECT_THAT(answers["last"].as<float>(), ElementsAre(4, 18, 32));
    EXPECT_THAT(answers["joined"].as<float>(), ElementsAre(1, 2, 3, 4, 12, 14, 16, 18, 23, 26, 29, 32));
    EXPECT_THAT(list(answers["joined"].dims), ElementsAre(3, 4));
}

TEST_F(ControlFlowTest, IteratorsAndReversedOutput) {
    ITensor& x = input("x", {4, 2});
    ILoop* loop = network->addLoop();
    loop->addTripLimit(constant<int32_t>({}, {4}), TripLimit::kCOUNT);
    IIteratorLayer* row = loop->addIterator(x);
    IIteratorLayer* back = loop->addIterator(x, 0, true);
    EXPECT_THAT(shape(row), ElementsAre(2));
    ITensor& difference = binary(*row->getOutput(0), Op::kSUB, *back->getOutput(0));
    IRecurrenceLayer* total = loop->addRecurrence(constant<float>({2}, {0, 0}));
    total->setInput(1, binary(*total->getOutput(0), Op::kSUM, *row->getOutput(0)));
    ILoopOutputLayer* reversed = loop->addLoopOutput(difference, LoopOutput::kREVERSE);
    reversed->setInput(1, constant<int32_t>({}, {4}));
    reversed->getOutput(0)->setName("reversed");
    ILoopOutputLayer* sum = loop->addLoopOutput(*total->getOutput(0), LoopOutput::kLAST_VALUE);
    sum->getOutput(0)->setName("sum");
    network->markOutput(*reversed->getOutput(0));
    network->markOutput(*sum->getOutput(0));
    feed<float>("x", {4, 2}, {1, 2, 3, 5, 8, 13, 21, 34});
    auto answers = run();
    EXPECT_THAT(answers["sum"].as<float>(), ElementsAre(33, 54));
    EXPECT_THAT(answers["reversed"].as<float>(), ElementsAre(20, 32, 5, 8, -5, -8, -20, -32));
}

// while (x < limit) x = 2 x, at most 10 times; joined values are padded with zeros.
TEST_F(ControlFlowTest, WhileLoop) {
    ITensor &x = input("x", {}), &limit = input("limit", {});
    ILoop* loop = network->addLoop();
    IRecurrenceLayer* value = loop->addRecurrence(x);
    loop->addTripLimit(constant<int32_t>({}, {10}), TripLimit::kCOUNT);
    loop->addTripLimit(binary(*value->getOutput(0), Op::kLESS, limit), TripLimit::kWHILE);
    value->setInput(1, binary(*value->getOutput(0), Op::kSUM, *value->getOutput(0)));
    ILoopOutputLayer* last = loop->addLoopOutput(*value->getOutput(0), LoopOutput::kLAST_VALUE);
    ILoopOutputLayer* seen = loop->addLoopOutput(*value->getOutput(0), LoopOutput::kCONCATENATE);
    seen->setInput(1, constant<int32_t>({}, {6}));
    last->getOutput(0)->setName("last");
    seen->getOutput(0)->setName("seen");
    network->markOutput(*last->getOutput(0));
    network->markOutput(*seen->getOutput(0));
    feed<float>("x", {}, {3});
    feed<float>("limit", {}, {40});
    auto answers = run();
    EXPECT_THAT(answers["last"].as<float>(), ElementsAre(48));
    EXPECT_THAT(answers["seen"].as<float>(), ElementsAre(3, 6, 12, 24, 0, 0));
    // Not one iteration.
    feed<float>("x", {}, {41});
    answers = run();
    EXPECT_THAT(answers["last"].as<float>(), ElementsAre(41));
    EXPECT_THAT(answers["seen"].as<float>(), ElementsAre(0, 0, 0, 0, 0, 0));
}

// For each row, its running sum: a loop in a loop.
TEST_F(ControlFlowTest, NestedLoops) {
    ITensor& x = input("x", {2, 3});
    ILoop* outer = network->addLoop();
    outer->addTripLimit(constant<int32_t>({}, {2}), TripLimit::kCOUNT);
    ITensor& row = *outer->addIterator(x)->getOutput(0);
    ILoop* inner = network->addLoop();
    inner->addTripLimit(constant<int32_t>({}, {3}), TripLimit::kCOUNT);
    ITensor& element = *inner->addIterator(row)->getOutput(0);
    IRecurrenceLayer* sum = inner->addRecurrence(constant<float>({}, {0}));
    ITensor& next = binary(*sum->getOutput(0), Op::kSUM, element);
    sum->setInput(1, next);
    ILoopOutputLayer* running = inner->addLoopOutput(next, LoopOutput::kCONCATENATE);
    running->setInput(1, constant<int32_t>({}, {3}));
    ILoopOutputLayer* all = outer->addLoopOutput(*running->getOutput(0), LoopOutput::kCONCATENATE);
    all->setInput(1, constant<int32_t>({}, {2}));
    EXPECT_THAT(shape(all), ElementsAre(2, 3));
    network->markOutput(*all->getOutput(0));
    feed<float>("x", {2, 3}, {1, 2, 3, 10, 20, 30});
    EXPECT_THAT(result<float>(), ElementsAre(1, 3, 6, 10, 30, 60));
}

TEST_F(ControlFlowTest, MistakesInLoopsAreNamed) {
    ITensor& x = input("x", {3});
    ILoop* loop = network->addLoop();
    loop->setName("body");
    IRecurrenceLayer* r = loop->addRecurrence(x);
    r->setName("carried");
    ILoopOutputLayer* last = loop->addLoopOutput(*r->getOutput(0), LoopOutput::kLAST_VALUE);
    network->markOutput(*last->getOutput(0));
    std::unique_ptr<IBuilderConfig> config(builder->createBuilderConfig());
    EXPECT_FALSE(builder->isNetworkSupported(*network, *config));
    EXPECT_THAT(logger.takeErrors(), HasSubstr("loop 'body': it has no trip limit"));
    loop->addTripLimit(constant<int32_t>({}, {4}), TripLimit::kCOUNT);
    EXPECT_EQ(loop->addTripLimit(constant<int32_t>({}, {4}), TripLimit::kCOUNT), nullptr);
    logger.takeErrors();
    EXPECT_FALSE(builder->isNetworkSupported(*network, *config));
    EXPECT_THAT(logger.takeErrors(), HasSubstr("recurrence 'carried' has no input 1"));
    ITensor& next = *network->addActivation(*r->getOutput(0), ActivationType::kRELU)->getOutput(0);
    r->setInput(1, next);
    EXPECT_TRUE(builder->isNetworkSupported(*network, *config));
    network->markOutput(next);
    EXPECT_FALSE(builder->isNetworkSupported(*network, *config));
    EXPECT_THAT(logger.takeErrors(), HasSubstr("used outside of loop 'body'"));
}

TEST_F(ControlFlowTest, Conditional) {
    ITensor &x = input("x", {2}), &c = input("c", {}, DataType::kBOOL);
    IIfConditional* branch = network->addIfConditional();
    IConditionLayer* condition = branch->setCondition(c);
    EXPECT_EQ(condition->getConditional(), branch);
    EXPECT_EQ(branch->setCondition(c), nullptr);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("has a condition already"));
    ITensor& in = *branch->addInput(x)->getOutput(0);
    ITensor& twice = binary(in, Op::kSUM, in);
    ITensor& square = binary(in, Op::kPROD, in);
    IIfConditionalOutputLayer* out = branch->addOutput(twice, square);
    EXPECT_THAT(shape(out), ElementsAre(2));
    // Behind it, and a value that both sides share.
    network->markOutput(binary(*out->getOutput(0), Op::kSUB, x));
    feed<float>("x", {2}, {3, 5});
    feed<char>("c", {}, {1});
    EXPECT_THAT(result<float>(), ElementsAre(3, 5));
    feed<char>("c", {}, {0});
    EXPECT_THAT(result<float>(), ElementsAre(6, 20));
}

TEST_F(ControlFlowTest, BranchesOfDifferentShape) {
    ITensor &x = input("x", {4}), &c = input("c", {}, DataType::kBOOL);
    IIfConditional* branch = network->addIfConditional();
    branch->setCondition(c);
    ITensor& in = *branch->addInput(x)->getOutput(0);
    ITensor& part = *network->addSlice(in, dims({1}), dims({2}), dims({1}))->getOutput(0);
    IIfConditionalOutputLayer* out = branch->addOutput(part, in);
    EXPECT_THAT(shape(out), ElementsAre(-1));
    network->markOutput(*out->getOutput(0));
    feed<float>("x", {4}, {1, 2, 3, 4});
    feed<char>("c", {}, {1});
    EXPECT_THAT(result<float>(), ElementsAre(2, 3));
    feed<char>("c", {}, {0});
    EXPECT_THAT(result<float>(), ElementsAre(1, 2, 3, 4));
}

// A conditional in a loop: subtract 1 from positive values, else add 10.
TEST_F(ControlFlowTest, ConditionalInALoop) {
    ITensor& x = input("x", {});
    ILoop* loop = network->addLoop();
    loop->addTripLimit(constant<int32_t>({}, {5}), TripLimit::kCOUNT);
    IRecurrenceLayer* r = loop->addRecurrence(x);
    ITensor& value = *r->getOutput(0);
    IIfConditional* branch = network->addIfConditional();
    branch->setCondition(binary(value, Op::kGREATER, constant<float>({}, {0})));
    ITensor& in = *branch->addInput(value)->getOutput(0);
    ITensor& less = binary(in, Op::kSUB, constant<float>({}, {1}));
    ITensor& more = binary(in, Op::kSUM, constant<float>({}, {10}));
    r->setInput(1, *branch->addOutput(less, more)->getOutput(0));
    network->markOutput(*loop->addLoopOutput(value, LoopOutput::kLAST_VALUE)->getOutput(0));
    feed<float>("x", {}, {2});
    // 2 1 0 10 9 8
    EXPECT_THAT(result<float>(), ElementsAre(8));
}

}  // namespace
}  // namespace lathe_test
