// SPDX-License-Identifier: Apache-2.0
// IAlgorithmSelector: what it is asked, that it is obeyed, what it is told.
#include <map>
#include <numeric>
#include <set>

#include "api_testing.h"

namespace lathe_test {
namespace {

using ::testing::HasSubstr;

std::string identity(const IAlgorithm& a) {
    const IAlgorithmVariant& v = a.getAlgorithmVariant();
    return std::to_string(v.getImplementation()) + "/" + std::to_string(v.getTactic());
}

class Selector : public IAlgorithmSelector {
  public:
    int32_t selectAlgorithms(IAlgorithmContext const& context, IAlgorithm const* const* choices, int32_t count,
                             int32_t* selection) noexcept override {
        EXPECT_GT(count, 0);
        EXPECT_TRUE(asked.emplace(context.getName(), count).second) << "asked twice: " << context.getName();
        int operands = context.getNbInputs() + context.getNbOutputs();
        std::set<std::string> seen;
        for (int32_t i = 0; i < count; ++i) {
            EXPECT_TRUE(seen.insert(identity(*choices[i])).second) << "two algorithms are the same";
            EXPECT_GE(choices[i]->getTimingMSec(), 0);
            EXPECT_LT(choices[i]->getWorkspaceSize(), std::size_t{1} << 40);
            for (int k = 0; k < operands; ++k) {
                const IAlgorithmIOInfo* info = choices[i]->getAlgorithmIOInfoByIndex(k);
                EXPECT_TRUE(info);
                if (!info) continue;
                EXPECT_LE(info->getDataType(), DataType::kE8M0);
                // Vectorized along a dimension, or -1 and one component an element.
                EXPECT_LT(info->getVectorizedDim(), info->getStrides().nbDims);
                EXPECT_GE(info->getComponentsPerElement(), -1);
                EXPECT_EQ(info->getStrides().nbDims, context.getDimensions(k, OptProfileSelector::kOPT).nbDims);
            }
            EXPECT_EQ(choices[i]->getAlgorithmIOInfoByIndex(operands), nullptr);
        }
        EXPECT_EQ(context.getDimensions(operands, OptProfileSelector::kOPT).nbDims, -1);
        return choose(context, choices, count, selection);
    }
    void reportAlgorithms(IAlgorithmContext const* const* contexts, IAlgorithm const* const* choices,
                          int32_t count) noexcept override {
        ++reports;
        for (int32_t i = 0; i < count; ++i) reported[contexts[i]->getName()] = identity(*choices[i]);
    }
    virtual int32_t choose(IAlgorithmContext const&, IAlgorithm const* const*, int32_t count, int32_t* selection) {
        std::iota(selection, selection + count, 0);
        return count;
    }
    std::map<std::string, int> asked;
    std::map<std::string, std::string> reported;
    int reports = 0;
};

// Takes the choice that the first build did not take, where there is one.
class Contrary : public Selector {
  public:
    int32_t choose(IAlgorithmContext const& context, IAlgorithm const* const* choices, int32_t count,
                   int32_t* selection) override {
        selection[0] = 0;
        if (count > 1 && identity(*choices[0]) == not_[context.getName()]) selection[0] = 1;
        taken[context.getName()] = identity(*choices[selection[0]]);
        return 1;
    }
    std::map<std::string, std::string> not_, taken;
};

class AlgorithmSelectorTest : public NetworkTest {
  protected:
    void SetUp() override {
        NetworkTest::SetUp();
        ITensor& x = input("x", {1, 8, 12, 12});
        std::vector<float> w(16 * 8 * 9);
        for (size_t i = 0; i < w.size(); ++i) w[i] = static_cast<float>(static_cast<int>(i * 7 % 13) - 6) / 16;
        auto* conv = network->addConvolutionNd(x, 16, dims({3, 3}), pool.weights(w), none());
        conv->setName("conv");
        auto* relu = network->addActivation(*conv->getOutput(0), ActivationType::kRELU);
        relu->setName("relu");
        auto* softmax = network->addSoftMax(*relu->getOutput(0));
        softmax->setName("softmax");
        softmax->setAxes(2);
        softmax->getOutput(0)->setName("y");
        network->markOutput(*softmax->getOutput(0));
        std::vector<float> values(8 * 144);
        for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i * 5 % 17) / 8 - 1;
        feed<float>("x", {1, 8, 12, 12}, values);
        config.reset(builder->createBuilderConfig());
    }
    std::unique_ptr<IBuilderConfig> config;
};

TEST_F(AlgorithmSelectorTest, IsAskedObeyedAndTold) {
    Selector any;
    config->setAlgorithmSelector(&any);
    EXPECT_EQ(config->getAlgorithmSelector(), &any);
    auto first = run(config.get());
    ASSERT_EQ(first.size(), 1u) << logger.errors;
    EXPECT_EQ(any.reports, 1);
    EXPECT_EQ(any.reported.size(), any.asked.size());
    for (const auto& [name, choice] : any.reported) EXPECT_TRUE(any.asked.count(name)) << name;

    Contrary other;
    other.not_ = any.reported;
    config.reset(builder->createBuilderConfig());  // other timings, the same questions
    config->setAlgorithmSelector(&other);
    auto second = run(config.get());
    ASSERT_EQ(second.size(), 1u) << logger.errors;
    EXPECT_EQ(other.asked, any.asked);
    EXPECT_EQ(other.reported, other.taken);
    auto a = first["y"].as<float>(), b = second["y"].as<float>();
    ASSERT_EQ(a.size(), b.size());
    for (size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-4);
}

TEST_F(AlgorithmSelectorTest, EmptyAndWrongSelections) {
    struct None : Selector {
        int32_t choose(IAlgorithmContext const&, IAlgorithm const* const*, int32_t, int32_t*) override { return 0; }
    } nothing;
    config->setAlgorithmSelector(&nothing);
    EXPECT_EQ(run(config.get()).size(), 1u) << "the builder chooses";
    EXPECT_EQ(nothing.reported.size(), nothing.asked.size());
    nothing.asked.clear();
    config->setFlag(BuilderFlag::kREJECT_EMPTY_ALGORITHMS);
    EXPECT_EQ(builder->buildSerializedNetwork(*network, *config), nullptr);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("kREJECT_EMPTY_ALGORITHMS"));

    struct Wrong : Selector {
        int32_t choose(IAlgorithmContext const&, IAlgorithm const* const*, int32_t count, int32_t* selection) override {
            selection[0] = count;
            return 1;
        }
    } wrong;
    config->setAlgorithmSelector(&wrong);
    EXPECT_EQ(builder->buildSerializedNetwork(*network, *config), nullptr);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("was selected among"));
}

// What an editable cache says is taken; the log tells what there was, in the form that programs for TensorRT read.
TEST_F(AlgorithmSelectorTest, EditableTimingCache) {
    config->setFlag(BuilderFlag::kEDITABLE_TIMING_CACHE);
    std::unique_ptr<ITimingCache> cache(config->createTimingCache(nullptr, 0));
    ASSERT_TRUE(config->setTimingCache(*cache, true));
    struct Table {
        std::string key, selected;
        std::vector<std::string> hashes;
    };
    auto build = [&]() -> Table {
        logger.all.clear();
        std::unique_ptr<IHostMemory> plan(builder->buildSerializedNetwork(*network, *config));
        EXPECT_TRUE(plan) << logger.errors;
        Table t;
        std::string all = logger.all;
        size_t at = all.find("Autotuning op softmax(key: 0x");
        EXPECT_NE(at, std::string::npos);
        if (!plan || at == std::string::npos) return t;
        t.key = all.substr(at + 29, 32);
        size_t end = all.find("(tactic hash, cost(in ms)):0x", at);
        t.selected = all.substr(end + 29, 16);
        for (size_t row = all.find(", 0x", at); row < end; row = all.find(", 0x", row + 1))
            t.hashes.push_back(all.substr(row + 4, 16));
        return t;
    };
    Table first = build();
    ASSERT_FALSE(first.hashes.empty());
    TimingCacheKey key;
    for (size_t i = 0; i < 16; ++i)
        key.data[i] = static_cast<uint8_t>(std::stoi(first.key.substr(2 * i, 2), nullptr, 16));
    auto number = [](const std::string& hex) { return std::stoull(hex, nullptr, 16); };
    EXPECT_EQ(cache->query(key).tacticHash, number(first.selected));
    for (const std::string& hash : first.hashes) {
        ASSERT_TRUE(cache->update(key, {number(hash), 1.f})) << logger.errors;
        EXPECT_EQ(cache->query(key).tacticHash, number(hash));
        Table next = build();
        EXPECT_EQ(next.key, first.key);
        EXPECT_EQ(next.selected, hash);
        EXPECT_EQ(next.hashes, first.hashes);
    }
    ASSERT_TRUE(cache->update(key, {12345, 1.f}));
    EXPECT_EQ(builder->buildSerializedNetwork(*network, *config), nullptr);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("does not have it"));
}

}  // namespace
}  // namespace lathe_test
