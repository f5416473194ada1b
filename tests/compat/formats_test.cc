// SPDX-License-Identifier: Apache-2.0
// Formats of inputs and outputs, int8 by ranges, and algorithm selectors.
#include <cstring>
#include <map>

#include "compat_testing.h"

namespace compat_testing {
namespace {

uint32_t bit(TensorFormat f) { return 1u << static_cast<uint32_t>(f); }

// int8 [3, 2, 2] in kCHW4 to int8 in kLINEAR: twice the input, with ranges that make it exact.
TEST(Formats, Int8InVectorsBehindABatch) {
    for (bool implicit : {true, false}) {
        Network net(implicit);
        Dims shape = implicit ? dims({3, 2, 2}) : dims({2, 3, 2, 2});
        ITensor* x = net.network->addInput("x", DataType::kFLOAT, shape);
        std::vector<float> two = {2};
        auto* scale = net.network->addScale(*x, ScaleMode::kUNIFORM, weights({}), weights(two), weights({}));
        ASSERT_TRUE(scale);
        ITensor* y = scale->getOutput(0);
        y->setName("y");
        net.network->markOutput(*y);
        x->setType(DataType::kINT8);
        y->setType(DataType::kINT8);
        x->setAllowedFormats(bit(TensorFormat::kCHW4));
        y->setAllowedFormats(bit(TensorFormat::kLINEAR));
        x->setDynamicRange(-127, 127);
        y->setDynamicRange(-254, 254);
        net.config->setFlag(BuilderFlag::kINT8);
        net.builder->setMaxBatchSize(2);
        auto engine = net.build();
        ASSERT_TRUE(engine) << (net.logger.errors.empty() ? "" : net.logger.errors[0]);
        EXPECT_EQ(engine->getBindingFormat(0), TensorFormat::kCHW4);
        EXPECT_EQ(engine->getBindingVectorizedDim(0), implicit ? 0 : 1);
        EXPECT_EQ(engine->getBindingComponentsPerElement(0), 4);
        EXPECT_EQ(engine->getBindingBytesPerComponent(0), 1);
        EXPECT_EQ(engine->getBindingFormat(1), TensorFormat::kLINEAR);
        EXPECT_EQ(engine->getBindingVectorizedDim(1), -1);
        std::vector<int8_t> in(2 * 4 * 4, 99), out(2 * 3 * 4);
        for (int n = 0; n < 2; ++n)
            for (int c = 0; c < 3; ++c)
                for (int p = 0; p < 4; ++p)
                    in[static_cast<std::size_t>((n * 4 + p) * 4 + c)] = static_cast<int8_t>(n * 50 - c * 20 + p);
        Owned<IExecutionContext> context(engine->createExecutionContext());
        void* bindings[] = {in.data(), out.data()};
        ASSERT_TRUE(implicit ? context->execute(2, bindings) : context->executeV2(bindings));
        for (int n = 0; n < 2; ++n)
            for (int c = 0; c < 3; ++c)
                for (int p = 0; p < 4; ++p)
                    EXPECT_EQ(out[static_cast<std::size_t>((n * 3 + c) * 4 + p)], n * 50 - c * 20 + p)
                        << n << ' ' << c << ' ' << p;
    }
}

TEST(Formats, WhatThereIsNotIsRefused) {
    Network net;
    ITensor* x = net.network->addInput("x", DataType::kFLOAT, dims({3, 2, 2}));
    net.network->markOutput(*net.network->addActivation(*x, ActivationType::kRELU)->getOutput(0));
    x->setAllowedFormats(bit(TensorFormat::kHWC8));
    EXPECT_FALSE(net.build());
    EXPECT_TRUE(net.logger.saw("kHWC8"));
}

#if LATHE_TRT >= 7
class Selector : public IAlgorithmSelector {
  public:
    int32_t selectAlgorithms(IAlgorithmContext const& context, IAlgorithm const* const* choices, int32_t count,
                             int32_t* selection) noexcept override {
        ranks.push_back(context.getDimensions(0, OptProfileSelector::kMAX).nbDims);
        for (int32_t i = 0; i < context.getNbInputs() + context.getNbOutputs(); ++i) {
            EXPECT_EQ(choices[0]->getAlgorithmIOInfo(i).getStrides().nbDims,
                      context.getDimensions(i, OptProfileSelector::kMAX).nbDims);
            EXPECT_EQ(choices[0]->getAlgorithmIOInfo(i).getDataType(), DataType::kFLOAT);
        }
        selection[0] = count - 1;
        wanted[context.getName()] = tacticOf(*choices[count - 1]);
        return 1;
    }
    void reportAlgorithms(IAlgorithmContext const* const* contexts, IAlgorithm const* const* choices,
                          int32_t count) noexcept override {
        for (int32_t i = 0; i < count; ++i) reported[contexts[i]->getName()] = tacticOf(*choices[i]);
    }
    static int64_t tacticOf(const IAlgorithm& a) {
        return a.getAlgorithmVariant().getImplementation() ^ a.getAlgorithmVariant().getTactic();
    }
    std::vector<int32_t> ranks;
    std::map<std::string, int64_t> wanted, reported;
};

TEST(AlgorithmSelector, IsObeyed) {
    for (bool implicit : {true, false}) {
        Network net(implicit);
        ITensor* x = net.network->addInput("x", DataType::kFLOAT, implicit ? dims({4, 6, 6}) : dims({1, 4, 6, 6}));
        std::vector<float> kernel = numbers(8 * 4 * 9, 3);
        auto* conv = net.network->addConvolutionNd(*x, 8, dims({3, 3}), weights(kernel), weights({}));
        conv->setName("conv");
        conv->getOutput(0)->setName("y");
        net.network->markOutput(*conv->getOutput(0));
        auto plain = net.build();
        Selector selector;
        net.config->setAlgorithmSelector(&selector);
        EXPECT_EQ(net.config->getAlgorithmSelector(), &selector);
        auto chosen = net.build();
        ASSERT_TRUE(plain && chosen);
        EXPECT_FALSE(selector.wanted.empty());
        EXPECT_EQ(selector.reported, selector.wanted);
        EXPECT_EQ(selector.ranks[0], implicit ? 3 : 4);
        std::vector<float> in = numbers(144, 4);
        expectNear(run(*chosen, in, 128, 1, implicit), run(*plain, in, 128, 1, implicit), 1e-4f);
    }
}
#endif

}  // namespace
}  // namespace compat_testing
