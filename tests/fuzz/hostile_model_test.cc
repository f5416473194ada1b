// SPDX-License-Identifier: Apache-2.0
// The digits model, cut and with flipped bits, through the ONNX parser and, where it is taken, the builder and a run.
#include <random>

#include "NvOnnxParser.h"
#include "fuzz_testing.h"

namespace lathe::fuzz {
namespace {

using namespace nvinfer1;

// Whether the model was parsed; what was parsed is built and run, or refused with a message.
bool tryModel(const Bytes& model) {
    Log log;
    std::unique_ptr<IBuilder> builder(createInferBuilder(log));
    std::unique_ptr<INetworkDefinition> network(builder->createNetworkV2(0));
    std::unique_ptr<nvonnxparser::IParser> parser(nvonnxparser::createParser(*network, log));
    if (!parser->parse(model.data(), model.size())) {
        EXPECT_GT(parser->getNbErrors(), 0);
        return false;
    }
    std::unique_ptr<IBuilderConfig> config(builder->createBuilderConfig());
    config->setBuilderOptimizationLevel(0);
    IOptimizationProfile* profile = builder->createOptimizationProfile();
    for (int i = 0; i < network->getNbInputs(); ++i) {
        ITensor* t = network->getInput(i);
        Dims d = t->getDimensions();
        for (int k = 0; k < d.nbDims; ++k)
            if (d.d[k] < 0) d.d[k] = 3;
        for (int s = 0; s < 3; ++s) profile->setDimensions(t->getName(), static_cast<OptProfileSelector>(s), d);
    }
    config->addOptimizationProfile(profile);
    std::unique_ptr<IHostMemory> plan(builder->buildSerializedNetwork(*network, *config));
    if (!plan) {
        EXPECT_FALSE(log.last.empty());
        return true;
    }
    Outcome o = runPlan({static_cast<const std::byte*>(plan->data()), plan->size()});
    EXPECT_NE(o.stage, Outcome::Stage::kLoad) << o.error;
    return true;
}

void flip(int flips, uint32_t seed) {
    const Bytes good = readFile(LATHE_DIGITS);
    ASSERT_GT(good.size(), 1000u);
    ASSERT_TRUE(tryModel(good));
    std::mt19937_64 random(seed);
    // Most bytes are weights: half of the flips go to the others, at both ends of the file.
    int parsed = 0;
    for (int i = 0; i < flips; ++i) {
        size_t at = random() % good.size();
        if (i % 2) at = random() % 2 ? random() % 2048 : good.size() - 1 - random() % 2048;
        at = std::min(at, good.size() - 1);
        int bit = static_cast<int>(random() % 8);
        Watch watch("flip " + std::to_string(i) + ": bit " + std::to_string(bit) + " of byte " + std::to_string(at));
        Bytes bad = good;
        bad[at] ^= std::byte{1} << bit;
        parsed += tryModel(bad);
    }
    EXPECT_GT(parsed, 0);
    EXPECT_LT(parsed, flips);
}

TEST(HostileModel, CutAnywhereIsRefusedOrHarmless) {
    const Bytes good = readFile(LATHE_DIGITS);
    for (size_t i = 0; i < 200; ++i) {
        size_t size = good.size() * i / 200;
        Watch watch("cut at byte " + std::to_string(size));
        tryModel(Bytes(good.begin(), good.begin() + static_cast<long>(size)));
    }
}
TEST(HostileModel, FlippedBitsAreRefusedOrHarmless) { flip(300, 8); }
TEST(SlowHostileModel, FlippedBitsAreRefusedOrHarmless) { flip(10'000, 9); }

}  // namespace
}  // namespace lathe::fuzz
