// SPDX-License-Identifier: Apache-2.0
#include "builder/streams.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lathe::builder {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

// Branches of `length` steps each between a first and a last step.
std::vector<StreamStep> inception(int branches, int length, double seconds, double fill) {
    std::vector<StreamStep> steps{{seconds, fill, {}}};
    StreamStep last{seconds, fill, {}};
    for (int b = 0; b < branches; ++b) {
        int before = 0;
        for (int i = 0; i < length; ++i) {
            steps.push_back({seconds, fill, {before}});
            before = static_cast<int>(steps.size()) - 1;
        }
        last.after.push_back(before);
    }
    steps.push_back(last);
    return steps;
}

TEST(ChooseStreams, BranchesRunBesideEachOther) {
    auto steps = inception(2, 2, 20e-6, 0.2);
    // The last step goes where it waits least: the second branch began later.
    EXPECT_THAT(chooseStreams(steps, -1), ElementsAre(0, 0, 0, 1, 1, 1));
    EXPECT_THAT(chooseStreams(steps, 1), ElementsAre(0, 0, 0, 1, 1, 0));
    EXPECT_THAT(chooseStreams(steps, 0), Each(0));
    auto four = chooseStreams(inception(4, 3, 20e-6, 0.2), -1);
    EXPECT_EQ(*std::max_element(four.begin(), four.end()), 3);
    auto two = chooseStreams(inception(4, 3, 20e-6, 0.2), 1);
    EXPECT_EQ(*std::max_element(two.begin(), two.end()), 1);
}

TEST(ChooseStreams, NotWhereTheStepsFillTheGpu) {
    EXPECT_THAT(chooseStreams(inception(4, 3, 20e-6, 1), -1), Each(0));
    // The caller's word counts.
    auto forced = chooseStreams(inception(4, 3, 20e-6, 1), 3);
    EXPECT_EQ(*std::max_element(forced.begin(), forced.end()), 3);
}

TEST(ChooseStreams, NotWhereWaitingCostsMore) {
    EXPECT_THAT(chooseStreams(inception(2, 1, 2e-6, 0.1), -1), Each(0));
    EXPECT_THAT(chooseStreams(inception(2, 1, 2e-6, 0.1), 3), ElementsAre(0, 0, 1, 0));
}

TEST(ChooseStreams, ChainsStayWhereTheyAre) {
    std::vector<StreamStep> chain;
    for (int i = 0; i < 20; ++i) chain.push_back({10e-6, 0.1, i ? std::vector<int>{i - 1} : std::vector<int>{}});
    EXPECT_THAT(chooseStreams(chain, -1), Each(0));
    EXPECT_THAT(chooseStreams(chain, 7), Each(0));
    // Residual connections are no branches, and one short branch in many steps is not worth it.
    for (int i = 2; i < 20; i += 3) chain[static_cast<size_t>(i)].after.push_back(i - 2);
    EXPECT_THAT(chooseStreams(chain, 7), Each(0));
    chain.push_back({10e-6, 0.1, {0}});
    EXPECT_THAT(chooseStreams(chain, -1), Each(0));
}

TEST(ChooseStreams, SomeStepsStayAndViewsGoWithWhatTheyView) {
    auto steps = inception(2, 2, 20e-6, 0.2);
    steps[3].stays = steps[4].stays = true;
    auto streams = chooseStreams(steps, 2);
    EXPECT_EQ(streams[3], 0);
    EXPECT_EQ(streams[4], 0);
    steps = inception(2, 2, 20e-6, 0.2);
    steps[4].isView = true;
    streams = chooseStreams(steps, -1);
    EXPECT_EQ(streams[4], streams[3]);
}

TEST(SecondsIn, ShareTheGpu) {
    auto steps = inception(2, 1, 10e-6, 0.5);
    std::vector<int> one(4, 0), two{0, 0, 1, 0};
    EXPECT_NEAR(secondsIn(steps, one), 40e-6, 1e-9);
    // The second branch begins a wait later, and is waited for.
    EXPECT_NEAR(secondsIn(steps, two), 36e-6, 1e-9);
    // The run ends when what is left in the other stream was waited for.
    steps.pop_back();
    EXPECT_NEAR(secondsIn(steps, std::vector<int>{0, 0, 1}), 26e-6, 1e-9);
    // Together they get no more than all of it: 3 us of the one alone, 14 of both at half their speed, 3 of the other.
    EXPECT_NEAR(secondsIn(inception(2, 1, 10e-6, 1), two), 43e-6, 1e-9);
}

}  // namespace
}  // namespace lathe::builder
