// SPDX-License-Identifier: Apache-2.0
// Mixtures of experts, and layers that processes share, through the API.
#include <cmath>

#include "api_testing.h"

namespace lathe_test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int64_t kTokens = 5, kHidden = 6, kInter = 16, kExperts = 4, kChosen = 2;

class MoETest : public NetworkTest {
  protected:
    void SetUp() override {
        NetworkTest::SetUp();
        hidden = numbers(kTokens * kHidden, 1);
        gate = numbers(kExperts * kHidden * kInter, 2);
        up = numbers(kExperts * kHidden * kInter, 3);
        down = numbers(kExperts * kInter * kHidden, 4);
        gateBias = numbers(kExperts * kInter, 5);
        upBias = numbers(kExperts * kInter, 6);
        downBias = numbers(kExperts * kHidden, 7);
        scores = numbers(kTokens * kChosen, 8);
        experts = {0, 1, 3, 2, 1, 1, 2, 0, 3, 0};
    }
    static std::vector<float> numbers(int64_t n, int seed) {
        std::vector<float> v(static_cast<size_t>(n));
        for (size_t i = 0; i < v.size(); ++i)
            v[i] = std::sin(static_cast<float>(i * 7 + static_cast<size_t>(seed) * 13)) * 1.5f;
        return v;
    }
    IMoELayer* add(MoEActType activation) {
        IMoELayer* moe = network->addMoE(input("hidden", {1, kTokens, kHidden}),
                                         input("experts", {1, kTokens, kChosen}, DataType::kINT32),
                                         input("scores", {1, kTokens, kChosen}));
        EXPECT_TRUE(moe) << logger.errors;
        moe->setGatedWeights(constant<float>({kExperts, kHidden, kInter}, gate),
                             constant<float>({kExperts, kHidden, kInter}, up),
                             constant<float>({kExperts, kInter, kHidden}, down), activation);
        feed<float>("hidden", {1, kTokens, kHidden}, hidden);
        feed<int32_t>("experts", {1, kTokens, kChosen}, experts);
        feed<float>("scores", {1, kTokens, kChosen}, scores);
        moe->getOutput(0)->setName("y");
        network->markOutput(*moe->getOutput(0));
        return moe;
    }
    // What the layer computes, said once more.
    std::vector<float> expected(bool silu, bool bias, float limit = INFINITY, float alpha = 1, float beta = 0,
                                const std::function<void(std::vector<double>&)>& quantize = {}) const {
        std::vector<float> y;
        for (int64_t t = 0; t < kTokens; ++t) {
            std::vector<double> sum(kHidden, 0);
            for (int64_t j = 0; j < kChosen; ++j) {
                int64_t e = experts[t * kChosen + j];
                std::vector<double> middle;
                for (int64_t n = 0; n < kInter; ++n) {
                    double g = bias ? gateBias[e * kInter + n] : 0, u = bias ? upBias[e * kInter + n] : 0;
                    for (int64_t k = 0; k < kHidden; ++k) {
                        g += static_cast<double>(hidden[t * kHidden + k]) * gate[(e * kHidden + k) * kInter + n];
                        u += static_cast<double>(hidden[t * kHidden + k]) * up[(e * kHidden + k) * kInter + n];
                    }
                    g = std::min<double>(g, limit);
                    u = std::max<double>(std::min<double>(u, limit), -limit);
                    if (silu) g = g / (1 + std::exp(-alpha * g));
                    middle.push_back(g * (u + beta));
                }
                if (quantize) quantize(middle);
                for (int64_t n = 0; n < kHidden; ++n) {
                    double v = bias ? downBias[e * kHidden + n] : 0;
                    for (int64_t k = 0; k < kInter; ++k) v += middle[k] * down[(e * kInter + k) * kHidden + n];
                    sum[n] += v * scores[t * kChosen + j];
                }
            }
            y.insert(y.end(), sum.begin(), sum.end());
        }
        return y;
    }
    void expectNear(const std::vector<float>& got, const std::vector<float>& want, float tolerance) {
        ASSERT_EQ(got.size(), want.size());
        for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], want[i], tolerance) << i;
    }

    std::vector<float> hidden, gate, up, down, gateBias, upBias, downBias, scores;
    std::vector<int32_t> experts;
};

TEST_F(MoETest, GatedBySiluOrNothing) {
    IMoELayer* moe = add(MoEActType::kSILU);
    EXPECT_EQ(moe->getType(), LayerType::kMOE);
    EXPECT_EQ(moe->getActivationType(), MoEActType::kSILU);
    EXPECT_THAT(shape(moe), ElementsAre(1, kTokens, kHidden));
    expectNear(result<float>(), expected(true, false), 2e-4f);
    moe->setActivationType(MoEActType::kNONE);
    expectNear(result<float>(), expected(false, false), 2e-4f);
}

TEST_F(MoETest, BiasesAndParameters) {
    IMoELayer* moe = add(MoEActType::kSILU);
    moe->setGatedBiases(constant<float>({kExperts, kInter}, gateBias), constant<float>({kExperts, kInter}, upBias),
                        constant<float>({kExperts, kHidden}, downBias));
    EXPECT_EQ(moe->getSwigluParamLimit(), INFINITY);
    EXPECT_EQ(moe->getSwigluParamAlpha(), 1);
    EXPECT_EQ(moe->getSwigluParamBeta(), 0);
    expectNear(result<float>(), expected(true, true), 2e-4f);
    moe->setSwigluParams(1.5f, 1.7f, 1.f);
    EXPECT_EQ(moe->getSwigluParamLimit(), 1.5f);
    EXPECT_EQ(moe->getSwigluParamAlpha(), 1.7f);
    EXPECT_EQ(moe->getSwigluParamBeta(), 1.f);
    expectNear(result<float>(), expected(true, true, 1.5f, 1.7f, 1.f), 2e-4f);
}

// A measured engine takes other kernels; the answer stays.
TEST_F(MoETest, BuiltByTime) {
    add(MoEActType::kSILU);
    std::unique_ptr<IBuilderConfig> config(builder->createBuilderConfig());
    auto answers = run(config.get());
    expectNear(answers["y"].as<float>(), expected(true, false), 2e-4f);
}

TEST_F(MoETest, QuantizedBeforeTheLastProjection) {
    IMoELayer* moe = add(MoEActType::kSILU);
    EXPECT_EQ(moe->getQuantizationToType(), DataType::kFLOAT);
    moe->setQuantizationStatic(constant<float>({}, {0.05f}), DataType::kFP8);
    EXPECT_EQ(moe->getQuantizationToType(), DataType::kFP8);
    // To the nearest of four significant bits.
    auto fp8 = [](double v) {
        if (v == 0) return 0.;
        int e = std::max(std::ilogb(v), -6);
        return std::min(std::max(std::ldexp(std::nearbyint(std::ldexp(v, 3 - e)), e - 3), -448.), 448.);
    };
    expectNear(result<float>(),
               expected(true, false, INFINITY, 1, 0,
                        [&](std::vector<double>& v) {
                            for (double& x : v) x = fp8(x / 0.05) * 0.05;
                        }),
               0.3f);

    moe->setQuantizationDynamicDblQ(constant<float>({}, {0.01f}), DataType::kFP8, dims({1, 1, 8}), DataType::kFP8);
    EXPECT_THAT(list(moe->getQuantizationBlockShape()), ElementsAre(1, 1, 8));
    EXPECT_EQ(moe->getDynQOutputScaleType(), DataType::kFP8);
    expectNear(result<float>(),
               expected(true, false, INFINITY, 1, 0,
                        [&](std::vector<double>& v) {
                            for (size_t b = 0; b < v.size(); b += 8) {
                                double largest = 0;
                                for (size_t i = b; i < b + 8; ++i) largest = std::max(largest, std::abs(v[i]));
                                double scale = fp8(largest / 448 / 0.01) * 0.01;
                                for (size_t i = b; i < b + 8; ++i) v[i] = fp8(v[i] / scale) * scale;
                            }
                        }),
               0.3f);
    moe->setQuantizationBlockShape(dims({1, -1, 8}));
    moe->setName("moe");
    EXPECT_THAT(buildError(), AllOf(HasSubstr("moe"), HasSubstr("joins tokens, which go to different experts")));
}

TEST_F(MoETest, SaysWhatIsWrong) {
    ITensor &x = input("x", {1, 2, 4}), &e = input("e", {1, 2, 1}, DataType::kINT32), &s = input("s", {1, 2, 1});
    IMoELayer* moe = network->addMoE(x, e, s);
    moe->setName("moe");
    network->markOutput(*moe->getOutput(0));
    EXPECT_THAT(buildError(), AllOf(HasSubstr("moe"), HasSubstr("it has no weights")));
    ITensor &w = constant<float>({2, 4, 3}, std::vector<float>(24)),
            &d = constant<float>({2, 3, 4}, std::vector<float>(24));
    moe->setGatedWeights(w, d, d, MoEActType::kSILU);
    EXPECT_THAT(buildError(), AllOf(HasSubstr("the up projection"), HasSubstr("the depth of the weights is 3")));
    moe->setGatedWeights(w, w, d, MoEActType::kSILU);
    moe->setInput(1, s);
    EXPECT_THAT(buildError(), AllOf(HasSubstr("moe"), HasSubstr("f32")));
    moe->setInput(1, e);
    moe->setInput(3, w);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("input 3 cannot be set"));
    moe->setActivationType(static_cast<MoEActType>(7));
    EXPECT_THAT(logger.takeErrors(), HasSubstr("activation 7 does not exist"));
    moe->setQuantizationToType(DataType::kINT8);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("quantization to i8"));
    moe->setDynQOutputScaleType(DataType::kHALF);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("scales of type f16"));
    moe->setQuantizationBlockShape(dims({1, 16}));
    EXPECT_THAT(logger.takeErrors(), HasSubstr("a block of [1, 16]"));
    moe->setSwigluParamLimit(-1);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("a limit of -1"));
    moe->setSwigluParamAlpha(NAN);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("Alpha of nan"));
    moe->setQuantizationToType(DataType::kFP8);
    EXPECT_THAT(buildError(), AllOf(HasSubstr("moe"), HasSubstr("it has no scale")));
}

class CollectiveTest : public NetworkTest {
  protected:
    std::string buildError(IBuilderConfig& config) {
        std::unique_ptr<IHostMemory> plan(builder->buildSerializedNetwork(*network, config));
        EXPECT_FALSE(plan);
        return logger.takeErrors();
    }
};

TEST_F(CollectiveTest, OneProcessGetsWhatItGave) {
    ITensor& x = input("x", {4, 2});
    using C = CollectiveOperation;
    using R = ReduceOperation;
    int i = 0;
    for (auto [op, reduce] :
         {std::pair(C::kALL_REDUCE, R::kSUM), std::pair(C::kALL_GATHER, R::kNONE), std::pair(C::kBROADCAST, R::kNONE),
          std::pair(C::kREDUCE, R::kAVG), std::pair(C::kREDUCE_SCATTER, R::kMAX)}) {
        int64_t own[] = {0};
        IDistCollectiveLayer* layer = network->addDistCollective(x, op, reduce, 0, i % 2 ? own : nullptr, i % 2);
        ASSERT_TRUE(layer) << logger.errors;
        EXPECT_EQ(layer->getType(), LayerType::kDIST_COLLECTIVE);
        EXPECT_THAT(shape(layer), ElementsAre(4, 2));
        layer->getOutput(0)->setName(std::string(1, static_cast<char>('a' + i++)).c_str());
        network->markOutput(*layer->getOutput(0));
    }
    feed<float>("x", {4, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
    auto answers = run();
    ASSERT_EQ(answers.size(), 5u);
    for (auto& [name, y] : answers) EXPECT_THAT(y.as<float>(), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8)) << name;
}

TEST_F(CollectiveTest, SeveralProcessesNeedGpus) {
    ITensor& x = input("x", {4, 2});
    IDistCollectiveLayer* gather =
        network->addDistCollective(x, CollectiveOperation::kALL_GATHER, ReduceOperation::kNONE, 0, nullptr, 0);
    gather->setName("gather");
    EXPECT_TRUE(gather->setNbRanks(2));
    EXPECT_EQ(gather->getNbRanks(), 2);
    EXPECT_THAT(shape(gather), ElementsAre(8, 2));
    network->markOutput(*gather->getOutput(0));
    std::unique_ptr<IBuilderConfig> config(builder->createBuilderConfig());
    config->setBuilderOptimizationLevel(0);
    EXPECT_THAT(buildError(*config), AllOf(HasSubstr("gather"), HasSubstr("kMULTIDEVICE_RUNTIME_10_16")));
    config->setPreviewFeature(PreviewFeature::kMULTIDEVICE_RUNTIME_10_16, true);
    ASSERT_TRUE(lathe::setTarget(*config, "cpu"));
    EXPECT_THAT(buildError(*config), AllOf(HasSubstr("gather"), HasSubstr("2 ranks take part"), HasSubstr("NCCL")));
    ASSERT_TRUE(lathe::setTarget(*config, "cuda:sm_90"));
    std::unique_ptr<IHostMemory> plan(builder->buildSerializedNetwork(*network, *config));
    EXPECT_TRUE(plan) << logger.errors;
}

TEST_F(CollectiveTest, SaysWhatIsWrong) {
    ITensor& x = input("x", {3, 2});
    using C = CollectiveOperation;
    using R = ReduceOperation;
    auto error = [&](C op, R reduce, std::vector<int64_t> group, int64_t size) {
        EXPECT_EQ(network->addDistCollective(x, op, reduce, 0, group.empty() ? nullptr : group.data(), size), nullptr);
        return logger.takeErrors();
    };
    EXPECT_THAT(error(static_cast<C>(5), R::kSUM, {}, 0), HasSubstr("operation 5 does not exist"));
    EXPECT_THAT(error(C::kALL_REDUCE, R::kNONE, {}, 0), HasSubstr("for an operation that reduces"));
    EXPECT_THAT(error(C::kALL_GATHER, R::kSUM, {}, 0), HasSubstr("does not reduce"));
    EXPECT_THAT(error(C::kALL_GATHER, R::kNONE, {}, 2), HasSubstr("a group of 2 ranks"));
    EXPECT_THAT(error(C::kALL_GATHER, R::kNONE, {0}, -1), HasSubstr("a group of -1 ranks"));
    int64_t group[] = {1, 2};
    IDistCollectiveLayer* layer = network->addDistCollective(x, C::kREDUCE_SCATTER, R::kSUM, 0, group, 2);
    layer->setName("part");
    network->markOutput(*layer->getOutput(0));
    std::unique_ptr<IBuilderConfig> config(builder->createBuilderConfig());
    EXPECT_THAT(buildError(*config), AllOf(HasSubstr("part"), HasSubstr("rank 1 is number 0 of the group")));
    EXPECT_TRUE(layer->setNbRanks(3));
    EXPECT_THAT(buildError(*config), HasSubstr("it has 3 ranks (setNbRanks), but its group 2"));
    IDistCollectiveLayer* parts = network->addDistCollective(x, C::kREDUCE_SCATTER, R::kSUM, 0, nullptr, 0);
    EXPECT_TRUE(parts->setNbRanks(2));
    EXPECT_EQ(parts->getOutput(0)->getDimensions().nbDims, -1);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("no equal parts"));
    ILayer* other = network->addIdentity(x);
    EXPECT_FALSE(other->setNbRanks(2));
    EXPECT_THAT(logger.takeErrors(), HasSubstr("only a collective layer's work"));
    EXPECT_FALSE(other->setNbRanks(0));
    EXPECT_THAT(logger.takeErrors(), HasSubstr("0 ranks"));
}

}  // namespace
}  // namespace lathe_test
