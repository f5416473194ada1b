// SPDX-License-Identifier: Apache-2.0
#include "api_testing.h"

#include <cstdlib>

namespace lathe_test {

size_t bytesOf(DataType type) {
    switch (type) {
        case DataType::kINT64: return 8;
        case DataType::kFLOAT:
        case DataType::kINT32: return 4;
        case DataType::kHALF:
        case DataType::kBF16: return 2;
        default: return 1;
    }
}

namespace {

// Gives whatever is asked for.
class Allocator final : public IOutputAllocator {
  public:
    void* reallocateOutputAsync(char const*, void*, uint64_t size, uint64_t, cudaStream_t) override {
        bytes.resize(size);
        return bytes.data();
    }
    void notifyShape(char const*, Dims const& d) noexcept override { shape = d; }
    std::vector<char> bytes;
    Dims shape{};
};

}  // namespace

std::map<std::string, NetworkTest::Answer> NetworkTest::run(IBuilderConfig* given) {
    std::map<std::string, Answer> answers;
    std::unique_ptr<IBuilderConfig> own;
    IBuilderConfig* config = given;
    if (!config) {
        own.reset(builder->createBuilderConfig());
        own->setBuilderOptimizationLevel(0);
        config = own.get();
    }
    std::unique_ptr<IHostMemory> plan(builder->buildSerializedNetwork(*network, *config));
    if (!plan) {
        ADD_FAILURE() << "no plan: " << logger.errors;
        return answers;
    }
    std::unique_ptr<IRuntime> runtime(createInferRuntime(logger));
    std::unique_ptr<ICudaEngine> engine(runtime->deserializeCudaEngine(plan->data(), plan->size()));
    plan.reset();
    if (!engine) {
        ADD_FAILURE() << "no engine: " << logger.errors;
        return answers;
    }
    std::unique_ptr<IExecutionContext> context(engine->createExecutionContext());
    if (!context) {
        ADD_FAILURE() << "no context: " << logger.errors;
        return answers;
    }
    std::map<std::string, Allocator> allocators;
    for (int i = 0; i < engine->getNbIOTensors(); ++i) {
        const char* name = engine->getIOTensorName(i);
        if (engine->getTensorIOMode(name) == TensorIOMode::kINPUT) {
            EXPECT_TRUE(fed.count(name)) << "the test gives no value for " << name;
            EXPECT_TRUE(context->setInputShape(name, fed[name].dims)) << logger.errors;
            EXPECT_TRUE(context->setInputTensorAddress(name, fed[name].bytes.data())) << logger.errors;
        } else {
            EXPECT_TRUE(context->setOutputAllocator(name, &allocators[name])) << logger.errors;
        }
    }
    if (!context->enqueueV3(nullptr)) {
        ADD_FAILURE() << "did not run: " << logger.errors;
        return answers;
    }
    for (auto& [name, a] : allocators) {
        Answer& to = answers[name];
        to.dims = a.shape;
        size_t size = bytesOf(engine->getTensorDataType(name.c_str()));
        for (int64_t d : list(a.shape)) size *= static_cast<size_t>(d);
        EXPECT_LE(size, a.bytes.size());
        to.bytes.assign(a.bytes.begin(), a.bytes.begin() + static_cast<std::ptrdiff_t>(std::min(size, a.bytes.size())));
    }
    return answers;
}

}  // namespace lathe_test
