// SPDX-License-Identifier: Apache-2.0
#include "compat_testing.h"

namespace compat_testing {
namespace {

// A small classifier, written so that it serves both kinds of batch: axes are counted from the channels on.
struct Classifier : Network {
    Classifier(bool implicit, int32_t batch) : Network(implicit) {
        int32_t first = implicit ? 0 : 1;
        Dims shape = implicit ? dims({1, 12, 12}) : dims({batch, 1, 12, 12});
        ITensor* x = network->addInput("x", DataType::kFLOAT, shape);
        auto* conv = network->addConvolutionNd(*x, 4, DimsHW(3, 3), weights(kernel), weights(bias));
        conv->setPaddingNd(DimsHW(1, 1));
        auto* relu = network->addActivation(*conv->getOutput(0), ActivationType::kRELU);
        auto* pool = network->addPoolingNd(*relu->getOutput(0), PoolingType::kMAX, DimsHW(2, 2));
        pool->setStrideNd(DimsHW(2, 2));
        auto* scale = network->addScale(*pool->getOutput(0), ScaleMode::kCHANNEL, weights(shift), weights(factor), {});
        ITensor* parts[] = {pool->getOutput(0), scale->getOutput(0)};
        auto* joined = network->addConcatenation(parts, 2);
        joined->setAxis(first);
        auto* full = network->addFullyConnected(*joined->getOutput(0), 10, weights(matrix), weights(offset));
        auto* shuffle = network->addShuffle(*full->getOutput(0));
        shuffle->setReshapeDimensions(implicit ? dims({2, 5}) : dims({0, 2, 5}));
        Permutation swap{};
        for (int i = 0; i < 4; ++i) swap.order[i] = i;
        std::swap(swap.order[first], swap.order[first + 1]);
        shuffle->setSecondTranspose(swap);
        // A constant meets every entry of the batch.
        auto* table = network->addConstant(implicit ? dims({5, 2}) : dims({1, 5, 2}), weights(added));
        auto* sum = network->addElementWise(*shuffle->getOutput(0), *table->getOutput(0), ElementWiseOperation::kSUM);
        auto* product = network->addMatrixMultiply(*sum->getOutput(0), MatrixOperation::kNONE, *table->getOutput(0),
                                                   MatrixOperation::kTRANSPOSE);
        auto* soft = network->addSoftMax(*product->getOutput(0));
        soft->setAxes(1u << (first + 1));
        auto* mean = network->addReduce(*soft->getOutput(0), ReduceOperation::kMAX, 1u << first, false);
        mean->getOutput(0)->setName("y");
        network->markOutput(*mean->getOutput(0));
    }
    std::vector<float> kernel = numbers(36), bias = numbers(4, 2), shift = numbers(4, 3), factor = numbers(4, 4),
                       matrix = numbers(10 * 288, 5), offset = numbers(10, 6), added = numbers(10, 7);
};

TEST(ImplicitBatch, AgreesWithExplicit) {
    Classifier implicit(true, 0);
    implicit.builder->setMaxBatchSize(32);
    EXPECT_EQ(implicit.builder->getMaxBatchSize(), 32);
    EXPECT_TRUE(implicit.network->hasImplicitBatchDimension());
    EXPECT_EQ(list(implicit.network->getOutput(0)->getDimensions()), std::vector<int32_t>({5}));
    auto engine = implicit.build();
    ASSERT_TRUE(engine) << (implicit.logger.errors.empty() ? "" : implicit.logger.errors.back());
    EXPECT_EQ(engine->getMaxBatchSize(), 32);
    EXPECT_EQ(list(engine->getBindingDimensions(0)), std::vector<int32_t>({1, 12, 12}));
    EXPECT_EQ(list(engine->getBindingDimensions(1)), std::vector<int32_t>({5}));
    for (int32_t batch : {1, 7, 32}) {
        Classifier fixed(false, batch);
        auto other = fixed.build();
        ASSERT_TRUE(other) << (fixed.logger.errors.empty() ? "" : fixed.logger.errors.back());
        std::vector<float> in = numbers(static_cast<std::size_t>(batch) * 144, 11);
        auto got = run(*engine, in, static_cast<std::size_t>(batch) * 5, batch);
        auto want = run(*other, in, static_cast<std::size_t>(batch) * 5, batch, false);
        expectNear(got, want, 1e-5f);
    }
}

TEST(ImplicitBatch, MoreThanBuiltForIsRefused) {
    Classifier net(true, 0);
    net.builder->setMaxBatchSize(32);
    auto engine = net.build();
    ASSERT_TRUE(engine);
    Owned<IExecutionContext> context(engine->createExecutionContext());
    // Within one entry, before any batch was run.
    EXPECT_EQ(list(context->getStrides(0)), std::vector<int32_t>({144, 12, 1}));
    EXPECT_EQ(list(context->getStrides(1)), std::vector<int32_t>({1}));
    std::vector<float> in(33 * 144), out(33 * 5, -1.f);
    void* bindings[] = {in.data(), out.data()};
    EXPECT_FALSE(context->execute(33, bindings));
    EXPECT_TRUE(net.logger.saw("33"));
    EXPECT_FALSE(context->enqueue(33, bindings, nullptr, nullptr));
    EXPECT_FALSE(context->execute(0, bindings));
    EXPECT_FALSE(context->executeV2(bindings));
    EXPECT_EQ(out[0], -1.f);
}

TEST(ImplicitBatch, PlanComesBack) {
    Classifier net(true, 0);
    net.builder->setMaxBatchSize(8);
    auto engine = net.build();
    ASSERT_TRUE(engine);
    Owned<IHostMemory> plan(engine->serialize());
    Owned<IRuntime> runtime(createInferRuntime(net.logger));
    Owned<ICudaEngine> again(runtime->deserializeCudaEngine(plan->data(), plan->size(), nullptr));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->getMaxBatchSize(), 8);
    std::vector<float> in = numbers(5 * 144, 12);
    EXPECT_EQ(run(*again, in, 25, 5), run(*engine, in, 25, 5));

    std::vector<char> bytes(static_cast<char*>(plan->data()), static_cast<char*>(plan->data()) + plan->size());
    for (std::size_t keep : {8u, 40u, 64u, 100u})
        EXPECT_FALSE(runtime->deserializeCudaEngine(bytes.data(), keep, nullptr)) << keep;
    for (std::size_t at : {8u, 12u, 15u, 16u, 30u}) {
        std::vector<char> damaged = bytes;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x80);
        EXPECT_FALSE(runtime->deserializeCudaEngine(damaged.data(), damaged.size(), nullptr)) << at;
    }
}

TEST(ImplicitBatch, StreamsAndEvents) {
    Classifier net(true, 0);
    net.builder->setMaxBatchSize(4);
    auto engine = net.build();
    ASSERT_TRUE(engine);
    Owned<IExecutionContext> context(engine->createExecutionContext());
    std::vector<float> in = numbers(3 * 144, 13), out(15);
    void* bindings[] = {in.data(), out.data()};
    cudaStream_t stream;
    cudaEvent_t consumed;
    ASSERT_EQ(cudaStreamCreate(&stream), cudaSuccess);
    ASSERT_EQ(cudaEventCreate(&consumed), cudaSuccess);
    EXPECT_TRUE(context->enqueue(3, bindings, stream, &consumed));
    EXPECT_EQ(cudaEventSynchronize(consumed), cudaSuccess);
    EXPECT_EQ(cudaStreamSynchronize(stream), cudaSuccess);
    EXPECT_EQ(out, run(*engine, in, 15, 3));
    cudaEventDestroy(consumed);
    cudaStreamDestroy(stream);
}

TEST(ImplicitBatch, WhatNeedsAnExplicitOneIsRefused) {
    Network net;
    ITensor* x = net.network->addInput("x", DataType::kFLOAT, dims({3}));
    EXPECT_FALSE(net.network->addShape(*x));
    EXPECT_FALSE(net.network->addInput("y", DataType::kFLOAT, dims({-1, 3})));
    net.builder->setMaxBatchSize(2);
    std::vector<float> three = numbers(3);
    auto* alone = net.network->addConstant(dims({3}), weights(three));
    net.network->markOutput(*alone->getOutput(0));
    EXPECT_FALSE(net.build());
    EXPECT_TRUE(net.logger.saw("does not depend on an input"));
}

TEST(ImplicitBatch, LayersWithAxes) {
    for (bool implicit : {true, false}) {
        Network net(implicit);
        int32_t first = implicit ? 0 : 1;
        auto shape = [&](std::initializer_list<int32_t> tail) {
            Dims d = dims(tail);
            if (implicit) return d;
            for (int i = d.nbDims; i > 0; --i) d.d[i] = d.d[i - 1];
            d.d[0] = 2;
            ++d.nbDims;
            return d;
        };
        ITensor* x = net.network->addInput("x", DataType::kFLOAT, shape({2, 3, 4}));
        auto* slice = net.network->addSlice(*x, implicit ? dims({0, 1, 0}) : dims({0, 0, 1, 0}), shape({2, 2, 4}),
                                            implicit ? dims({1, 1, 1}) : dims({1, 1, 1, 1}));
        auto* resize = net.network->addResize(*slice->getOutput(0));
        resize->setOutputDimensions(shape({2, 4, 8}));
        resize->setResizeMode(ResizeMode::kNEAREST);
        auto* top = net.network->addTopK(*resize->getOutput(0), TopKOperation::kMAX, 2, 1u << (first + 2));
        std::vector<int32_t> picks{1, 0, 1};
        auto* indices =
            net.network->addConstant(implicit ? dims({3}) : dims({3}), Weights{DataType::kINT32, picks.data(), 3});
        auto* gather = net.network->addGather(*top->getOutput(0), *indices->getOutput(0), first);
        EXPECT_EQ(gather->getGatherAxis(), first);
        auto* unary = net.network->addUnary(*gather->getOutput(0), UnaryOperation::kNEG);
        net.network->markOutput(*unary->getOutput(0));
        EXPECT_EQ(list(unary->getOutput(0)->getDimensions()), list(shape({3, 4, 2})));
        net.builder->setMaxBatchSize(4);
        auto engine = net.build();
        ASSERT_TRUE(engine) << net.logger.errors.back();
        std::vector<float> in = numbers(48, 21), want;
        auto at = [&](int n, int c, int h, int w) {
            return in[static_cast<std::size_t>(((n * 2 + c) * 3 + h) * 4 + w)];
        };
        for (int n = 0; n < 2; ++n)
            for (int c : {1, 0, 1})
                for (int h = 0; h < 4; ++h) {
                    std::vector<float> row;
                    for (int w = 0; w < 8; ++w) row.push_back(at(n, c, 1 + h / 2, w / 2));
                    std::sort(row.rbegin(), row.rend());
                    want.push_back(-row[0]);
                    want.push_back(-row[1]);
                }
        expectNear(run(*engine, in, want.size(), 2, implicit), want, 0);
    }
}

}  // namespace
}  // namespace compat_testing
