// SPDX-License-Identifier: Apache-2.0
// One engine, several threads: each has a context of its own and takes the next picture that nobody has. See README.md.
#include <atomic>
#include <memory>
#include <thread>

#include "NvOnnxParser.h"
#include "samples/common/digits.h"

using namespace nvinfer1;
using samples::kDigits;
using samples::kPixels;
using samples::kSide;

int main(int argc, char** argv) {
    constexpr int kThreads = 4;
    const std::string folder = samples::dataFolder(argc, argv);
    const samples::Digits digits = samples::readDigits(folder);
    if (digits.count == 0) return 1;

    samples::Logger logger;
    const std::unique_ptr<IBuilder> builder(createInferBuilder(logger));
    const std::unique_ptr<INetworkDefinition> network(builder->createNetworkV2(0));
    const std::unique_ptr<nvonnxparser::IParser> parser(nvonnxparser::createParser(*network, logger));
    if (!parser->parseFromFile((folder + "/digits.onnx").c_str(), 0)) return 1;
    network->getInput(0)->setDimensions(Dims4(1, 1, kSide, kSide));
    const std::unique_ptr<IBuilderConfig> config(builder->createBuilderConfig());
    const std::unique_ptr<IHostMemory> plan(builder->buildSerializedNetwork(*network, *config));
    if (!plan) return 1;
    const std::unique_ptr<IRuntime> runtime(createInferRuntime(logger));
    const std::unique_ptr<ICudaEngine> engine(runtime->deserializeCudaEngine(plan->data(), plan->size()));
    if (!engine) return 1;

    // The engine is constant and shared; what changes while it runs is in the contexts.
    std::atomic<int64_t> next{0}, right{0}, failed{0};
    const auto work = [&] {
        const std::unique_ptr<IExecutionContext> context(engine->createExecutionContext());
        std::vector<float> input(kPixels), output(kDigits);
        context->setTensorAddress("images", input.data());  // host memory: a CPU engine (LATHE_TARGET=cpu)
        context->setTensorAddress("probabilities", output.data());
        for (int64_t i = next++; i < digits.count; i = next++) {
            for (int64_t k = 0; k < kPixels; ++k)
                input[static_cast<size_t>(k)] =
                    static_cast<float>(digits.pixels[static_cast<size_t>(i * kPixels + k)]) / 16;
            if (!context->enqueueV3(nullptr)) ++failed;
            right += samples::best(output.data()) == digits.labels[static_cast<size_t>(i)];
        }
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) threads.emplace_back(work);
    for (std::thread& thread : threads) thread.join();
    return failed ? 1 : samples::report(right, digits.count);
}
