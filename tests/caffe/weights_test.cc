// SPDX-License-Identifier: Apache-2.0
// How the model's blobs come to their layers: forms, types, and what does not fit.
#include <algorithm>

#include "caffe_testing.h"

namespace lathe_test {
namespace {

using ::testing::HasSubstr;

const char* const kInner =
    "layer { name: 'l' type: 'InnerProduct' bottom: 'data' top: 'y' inner_product_param { num_output: 2 } }";

class CaffeWeightsTest : public CaffeTest {
  protected:
    // What kInner makes of x.
    static Array expected(const Array& x, const Array& w, const Array& b) {
        Array out{{x.at(0), 2, 1, 1}, {}};
        for (size_t n = 0; n < static_cast<size_t>(x.at(0)); ++n)
            for (size_t m = 0; m < 2; ++m) {
                float sum = b.values[m];
                for (size_t k = 0; k < 3; ++k) sum += x.values[n * 3 + k] * w.values[m * 3 + k];
                out.values.push_back(sum);
            }
        return out;
    }
    Array x = noise({2, 3}, 1), w = noise({2, 3}, 2), b = noise({2}, 3);
};

class CaffeFormTest : public CaffeWeightsTest, public ::testing::WithParamInterface<Form> {};

TEST_P(CaffeFormTest, EveryFormOfBlob) {
    if (GetParam() == Form::kHalf) {
        // Numbers that half holds exactly.
        for (Array* a : {&w, &b})
            for (float& v : a->values) v = static_cast<float>(static_cast<int>(v * 64)) / 64;
    }
    model.message(100, layerMessage("l", {blobMessage(w, GetParam()), blobMessage(b, GetParam())}));
    expectClose(answer(withInput(x.extents, kInner), x), expected(x, w, b), 8);
}
INSTANTIATE_TEST_SUITE_P(All, CaffeFormTest,
                         ::testing::Values(Form::kPacked, Form::kSingles, Form::kTwoRuns, Form::kDouble, Form::kHalf,
                                           Form::kLegacyShape, Form::kNoShape));

TEST_F(CaffeWeightsTest, HalfWeights) {
    w.values[0] = 1e6f;
    w.values[1] = 0.1f;
    give("l", {w, b});
    give("conv", {noise({2, 2, 1, 1}, 4), noise({2}, 5)});
    const auto* names = parse(withInput(x.extents, std::string(kInner) + R"(
layer { name: "conv" type: "Convolution" bottom: "y" top: "z" convolution_param { num_output: 2 kernel_size: 1 } })"),
                              DataType::kHALF);
    ASSERT_TRUE(names) << logger.errors;
    EXPECT_THAT(logger.warnings,
                HasSubstr("layer 'l' (InnerProduct, line 3): 1 of the 6 numbers of its kernel are beyond"));
    bool seen = false;
    for (int i = 0; i < network->getNbLayers(); ++i) {
        if (network->getLayer(i)->getType() != LayerType::kCONVOLUTION) continue;
        seen = true;
        const Weights kernel = static_cast<IConvolutionLayer*>(network->getLayer(i))->getKernelWeights();
        EXPECT_EQ(kernel.type, DataType::kHALF);
        EXPECT_EQ(kernel.count, 4);
    }
    EXPECT_TRUE(seen);
    EXPECT_EQ(names->find("data")->getType(), DataType::kFLOAT);
    EXPECT_EQ(names->find("z")->getType(), DataType::kFLOAT);
}

TEST_F(CaffeWeightsTest, HalfWeightsCompute) {
    weightType = DataType::kHALF;
    give("l", {w, b});
    expectClose(answer(withInput(x.extents, kInner), x), expected(x, w, b), 4, 1e-3);
}

TEST_F(CaffeWeightsTest, TheLastLayerOfANameWithBlobsCounts) {
    give("l", {noise({2, 3}, 7), noise({2}, 8)});
    give("l", {w, b});
    model.message(100, layerMessage("l", {}));
    expectClose(answer(withInput(x.extents, kInner), x), expected(x, w, b), 8);
}

TEST_F(CaffeWeightsTest, WithoutAModelWeightsAreMadeUp) {
    const std::string text = withInput({1, 3, 8, 8}, R"(
layer { name: "conv" type: "Convolution" bottom: "data" top: "c" convolution_param { num_output: 4 kernel_size: 3 } }
layer { name: "bn" type: "BatchNorm" bottom: "c" top: "c" }
layer { name: "scale" type: "Scale" bottom: "c" top: "c" scale_param { bias_term: true } }
layer { name: "ip" type: "InnerProduct" bottom: "c" top: "y" inner_product_param { num_output: 10 } })");
    Array first;
    for (int round = 0; round < 2; ++round) {
        network.reset(builder->createNetworkV2(0));
        const auto* names = parser->parseBuffers(reinterpret_cast<const uint8_t*>(text.data()), text.size(), nullptr, 0,
                                                 *network, DataType::kFLOAT);
        ASSERT_TRUE(names) << logger.errors;
        network->markOutput(*names->find("y"));
        feedArray("data", noise({1, 3, 8, 8}, 1));
        const auto answers = run();
        const Array y{list(answers.at("y").dims), answers.at("y").as<float>()};
        EXPECT_GT(*std::max_element(y.values.begin(), y.values.end()), 0.01f);
        if (round) {
            EXPECT_EQ(y.values, first.values);
        }
        first = y;
    }
    EXPECT_THAT(logger.warnings, HasSubstr("no model is given; weights are pseudo-random"));
}

// A factory that claims one layer and keeps what it was given.
class Factory final : public nvcaffeparser1::IPluginFactoryV2 {
  public:
    bool isPluginV2(char const* name) noexcept override { return name == std::string("l"); }
    IPluginV2* createPlugin(char const* name, Weights const* weights, int32_t count,
                            char const* space) noexcept override {
        layer = name;
        nameSpace = space;
        for (int i = 0; i < count; ++i) {
            EXPECT_EQ(weights[i].type, DataType::kFLOAT);
            const auto* values = static_cast<const float*>(weights[i].values);
            blobs.emplace_back(values, values + weights[i].count);
        }
        return nullptr;
    }
    std::string layer, nameSpace;
    std::vector<Floats> blobs;
};

TEST_F(CaffeWeightsTest, FactoriesGetTheWeights) {
    Factory factory;
    parser->setPluginFactoryV2(&factory);
    parser->setPluginNamespace("mine");
    give("l", {w, b});
    EXPECT_EQ(parse(withInput(x.extents, kInner)), nullptr);
    EXPECT_EQ(factory.layer, "l");
    EXPECT_EQ(factory.nameSpace, "mine");
    EXPECT_EQ(factory.blobs, (std::vector<Floats>{w.values, b.values}));
    EXPECT_THAT(logger.takeErrors(),
                HasSubstr("layer 'l' (InnerProduct, line 3): the plugin factory claims it, but made no"));
}

}  // namespace
}  // namespace lathe_test
