// SPDX-License-Identifier: Apache-2.0
// Memory and bytes through the API: who allocates, who frees, where plans come from and go to.
#include "api_testing.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <set>

#include <unistd.h>

namespace lathe_test {
namespace {

using ::testing::HasSubstr;

// Host memory, counted; fails from the `budget`-th allocation on.
class Allocator final : public IGpuAsyncAllocator {
  public:
    void* allocateAsync(uint64_t const size, uint64_t const alignment, AllocatorFlags const,
                        cudaStream_t stream) noexcept override {
        last = size;
        streams.insert(stream);
        if (calls++ >= budget) return nullptr;
        ++live;
        return std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
    }
    bool deallocateAsync(void* const memory, cudaStream_t stream) noexcept override {
        streams.insert(stream);
        if (memory) --live;
        std::free(memory);
        return frees;
    }
    int calls = 0, budget = 1 << 30, live = 0;
    uint64_t last = 0;
    std::set<cudaStream_t> streams;
    bool frees = true;  // what deallocateAsync() answers
};

class MemoryTest : public NetworkTest {
  protected:
    static constexpr int64_t kIn = 64, kOut = 600;
    void SetUp() override {
        NetworkTest::SetUp();
        config.reset(builder->createBuilderConfig());
        config->setBuilderOptimizationLevel(0);
        runtime.reset(createInferRuntime(logger));
        runtime->setErrorRecorder(&recorder);
        for (int64_t i = 0; i < kIn * kOut; ++i) numbers.push_back(static_cast<float>(i * 7 % 13) / 13 - 0.4f);
    }
    void TearDown() override {
        context.reset();
        engine.reset();
        runtime.reset();
        NetworkTest::TearDown();
    }

    // softmax(softmax(x w w^T w)), with a batch from 1 to 32: products need memory for what lies between them.
    void makeNetwork() {
        ITensor& x = input("x", {-1, kIn});
        IConstantLayer* w = network->addConstant(dims({kIn, kOut}), {DataType::kFLOAT, numbers.data(), kIn * kOut});
        w->setName("w");
        network->setWeightsName({DataType::kFLOAT, numbers.data(), kIn * kOut}, "w");
        ITensor* t = network->addMatrixMultiply(x, MatrixOperation::kNONE, *w->getOutput(0), MatrixOperation::kNONE)
                         ->getOutput(0);
        for (MatrixOperation op : {MatrixOperation::kTRANSPOSE, MatrixOperation::kNONE})
            t = network->addMatrixMultiply(*t, MatrixOperation::kNONE, *w->getOutput(0), op)->getOutput(0);
        for (int i = 0; i < 2; ++i) {
            ISoftMaxLayer* s = network->addSoftMax(*t);
            s->setAxes(2);
            t = s->getOutput(0);
        }
        t->setName("y");
        network->markOutput(*t);
        IOptimizationProfile* p = builder->createOptimizationProfile();
        int64_t batches[] = {1, 4, 32};
        for (int s = 0; s < 3; ++s) p->setDimensions("x", static_cast<OptProfileSelector>(s), dims({batches[s], kIn}));
        config->addOptimizationProfile(p);
    }
    std::vector<char> build() {
        std::unique_ptr<IHostMemory> plan(builder->buildSerializedNetwork(*network, *config));
        EXPECT_TRUE(plan) << logger.errors;
        if (!plan) return {};
        EXPECT_EQ(reinterpret_cast<uintptr_t>(plan->data()) % 64, 0u);
        const char* p = static_cast<const char*>(plan->data());
        return {p, p + plan->size()};
    }
    void load(const std::vector<char>& plan) {
        engine.reset(runtime->deserializeCudaEngine(plan.data(), plan.size()));
        ASSERT_TRUE(engine) << logger.errors;
    }
    // An empty answer when the context refuses.
    std::vector<float> run(int64_t batch) {
        std::vector<float> x(static_cast<size_t>(batch * kIn)), y(static_cast<size_t>(batch * kOut));
        for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 11) / 11;
        bool ok = context->setInputShape("x", dims({batch, kIn})) && context->setTensorAddress("x", x.data()) &&
                  context->setTensorAddress("y", y.data()) && context->enqueueV3(nullptr);
        return ok ? y : std::vector<float>();
    }
    std::string path() const {
        return ::testing::TempDir() + "lathe_memory_test." + std::to_string(::getpid()) + ".plan";
    }

    Recorder recorder;
    Allocator allocator;
    std::vector<float> numbers;
    std::unique_ptr<IBuilderConfig> config;
    std::unique_ptr<IRuntime> runtime;
    std::unique_ptr<ICudaEngine> engine;
    std::unique_ptr<IExecutionContext> context;
};

TEST_F(MemoryTest, EveryWayToLoadGivesTheSameAnswer) {
    makeNetwork();
    std::vector<char> plan = build();
    load(plan);
    context.reset(engine->createExecutionContext());
    std::vector<float> expected = run(5);
    ASSERT_EQ(expected.size(), static_cast<size_t>(5 * kOut));
    auto check = [&](const char* way) {
        ASSERT_TRUE(engine) << way << logger.errors;
        std::unique_ptr<IHostMemory> again(engine->serialize());
        ASSERT_TRUE(again);
        ASSERT_EQ(again->size(), plan.size()) << way;
        EXPECT_EQ(std::memcmp(again->data(), plan.data(), plan.size()), 0) << way;
        context.reset(engine->createExecutionContext());
        EXPECT_EQ(run(5), expected) << way;
        context.reset();
        engine.reset();
    };
    check("blob");

    std::ofstream(path(), std::ios::binary).write(plan.data(), static_cast<std::streamsize>(plan.size()));
    engine.reset(lathe::loadEngine(*runtime, path().c_str()));
    std::remove(path().c_str());
    check("file");

    // Aligned or not.
    int released = 0;
    for (size_t shift : {0, 16, 4, 1}) {
        auto* memory = static_cast<char*>(std::aligned_alloc(64, (plan.size() + shift + 63) / 64 * 64));
        std::memcpy(memory + shift, plan.data(), plan.size());
        struct Owner {
            char* memory;
            int* released;
        } owner{memory, &released};
        engine.reset(lathe::loadEngine(
            *runtime, memory + shift, plan.size(),
            [](void* p) {
                auto* o = static_cast<Owner*>(p);
                std::free(o->memory);
                ++*o->released;
            },
            &owner));
        check("shared");
    }
    EXPECT_EQ(released, 4);

    struct First final : IStreamReader {
        int64_t read(void* to, int64_t n) override {
            int64_t take = std::min<int64_t>(n, static_cast<int64_t>(bytes->size()) - at);
            std::memcpy(to, bytes->data() + at, static_cast<size_t>(take));
            at += take;
            return take;
        }
        const std::vector<char>* bytes;
        int64_t at = 0;
    } first;
    first.bytes = &plan;
    engine.reset(runtime->deserializeCudaEngine(first));
    check("stream");

    // Gives less than is asked for.
    struct Second final : IStreamReaderV2 {
        int64_t read(void* to, int64_t n, cudaStream_t) noexcept override {
            int64_t take = std::min<int64_t>({n, 1000, static_cast<int64_t>(bytes->size()) - at});
            std::memcpy(to, bytes->data() + at, static_cast<size_t>(take));
            at += take;
            return take;
        }
        bool seek(int64_t offset, SeekPosition where) noexcept override {
            at = where == SeekPosition::kSET ? offset : where == SeekPosition::kCUR ? at + offset : -1;
            return at >= 0;
        }
        const std::vector<char>* bytes;
        int64_t at = 0;
    } second;
    second.bytes = &plan;
    engine.reset(runtime->deserializeCudaEngine(second));
    check("stream V2");
}

TEST_F(MemoryTest, StreamsThatEndEarlyOrAnswerNonsenseAreRefused) {
    makeNetwork();
    std::vector<char> plan = build();
    struct Reader final : IStreamReader {
        int64_t read(void* to, int64_t n) override {
            if (nonsense && at > 0) return n + 1;
            int64_t take = std::min<int64_t>(n, static_cast<int64_t>(bytes.size()) - at);
            if (take > 0) std::memcpy(to, bytes.data() + at, static_cast<size_t>(take));
            at += take;
            return take;
        }
        std::vector<char> bytes;
        bool nonsense = false;
        int64_t at = 0;
    };
    for (size_t size : {size_t{0}, size_t{10}, size_t{64}, plan.size() / 2, plan.size() - 1}) {
        Reader r;
        r.bytes.assign(plan.begin(), plan.begin() + static_cast<long>(size));
        EXPECT_EQ(runtime->deserializeCudaEngine(r), nullptr) << size;
        EXPECT_NE(logger.takeErrors(), "");
    }
    Reader r;
    r.bytes = plan;
    r.nonsense = true;
    EXPECT_EQ(runtime->deserializeCudaEngine(r), nullptr);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("stream reader answered"));
    EXPECT_EQ(lathe::loadEngine(*runtime, "/nowhere/x.plan"), nullptr);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("/nowhere/x.plan"));
    bool released = false;
    EXPECT_EQ(lathe::loadEngine(
                  *runtime, "nonsense", 8, [](void* p) { *static_cast<bool*>(p) = true; }, &released),
              nullptr);
    EXPECT_TRUE(released);
    logger.takeErrors();
}

TEST_F(MemoryTest, PlansGoToStreams) {
    makeNetwork();
    std::vector<char> plan = build();
    struct Writer final : IStreamWriter {
        int64_t write(void const* data, int64_t n) override {
            int64_t take = std::min<int64_t>(n, room - static_cast<int64_t>(bytes.size()));
            const char* p = static_cast<const char*>(data);
            bytes.insert(bytes.end(), p, p + take);
            return take;
        }
        int64_t room = INT64_MAX;
        std::vector<char> bytes;
    } writer;
    ASSERT_TRUE(builder->buildSerializedNetworkToStream(*network, *config, writer)) << logger.errors;
    EXPECT_EQ(writer.bytes, plan);
    Writer full;
    full.room = 1000;
    EXPECT_FALSE(builder->buildSerializedNetworkToStream(*network, *config, full));
    EXPECT_THAT(logger.takeErrors(), HasSubstr("stream writer took"));
}

// Weights that kernels read packed need not be there twice.
TEST_F(MemoryTest, PlansHoldLargeWeightsOnceUnlessTheyAreNeededAgain) {
    makeNetwork();
    const size_t weights = static_cast<size_t>(kIn * kOut) * sizeof(float);
    size_t once = build().size();
    EXPECT_GE(once, 2 * weights);  // packed as w and as its transpose
    EXPECT_LT(once, weights * 5 / 2);
    for (BuilderFlag flag : {BuilderFlag::kREFIT, BuilderFlag::kVERSION_COMPATIBLE}) {
        config->setFlag(flag);
        EXPECT_GE(build().size(), 3 * weights);
        config->clearFlag(flag);
    }
    EXPECT_EQ(build().size(), once);
}

TEST_F(MemoryTest, EnginesOfTheBuilderNeedTheNetworkNoMore) {
    makeNetwork();
    load(build());
    context.reset(engine->createExecutionContext());
    std::vector<float> expected = run(3);
    context.reset();
    engine.reset(builder->buildEngineWithConfig(*network, *config));
    ASSERT_TRUE(engine) << logger.errors;
    network.reset();
    std::fill(numbers.begin(), numbers.end(), 0.f);
    context.reset(engine->createExecutionContext());
    EXPECT_EQ(run(3), expected);
}

TEST_F(MemoryTest, TheUsersAllocatorGivesAllDeviceMemory) {
    makeNetwork();
    runtime->setGpuAllocator(&allocator);
    load(build());
    context.reset(engine->createExecutionContext());
    ASSERT_TRUE(context);
    EXPECT_GT(allocator.live, 0);
    EXPECT_FALSE(run(32).empty());
    EXPECT_FALSE(run(2).empty());
    context.reset();
    EXPECT_EQ(allocator.live, 0);
}

TEST_F(MemoryTest, AnAllocatorThatFailsIsNamedWithItsBytes) {
    makeNetwork();
    runtime->setGpuAllocator(&allocator);
    load(build());
    allocator.calls = allocator.budget = 0;
    recorder.clear();
    context.reset(engine->createExecutionContext());
    EXPECT_FALSE(context);
    EXPECT_GT(allocator.calls, 0);
    ASSERT_FALSE(recorder.errors.empty());
    EXPECT_EQ(recorder.errors.back().first, ErrorCode::kFAILED_ALLOCATION);
    EXPECT_THAT(recorder.errors.back().second, HasSubstr(std::to_string(allocator.last)));
    EXPECT_EQ(allocator.live, 0);
    logger.takeErrors();
}

// Memory whose size only running shows is taken in the order of the run's stream, and all of it is back when the call
// returns.
TEST_F(MemoryTest, TemporaryStorageIsTakenInTheOrderOfTheStream) {
    ITensor& x = input("x", {6});
    ITensor* t = network->addNonZero(x, DataType::kINT64)->getOutput(0);
    t = network->addCast(*t, DataType::kFLOAT)->getOutput(0);
    for (int i = 0; i < 3; ++i) {
        ISoftMaxLayer* s = network->addSoftMax(*t);
        s->setAxes(2);
        t = s->getOutput(0);
    }
    t->setName("y");
    network->markOutput(*t);
    load(build());
    if (lathe::runsOnGpu(*engine)) GTEST_SKIP() << "the engine runs on a GPU, the test's memory is the host's";
    struct Output final : IOutputAllocator {
        void* reallocateOutput(char const*, void*, uint64_t size, uint64_t) noexcept override {
            bytes.resize(size);
            return bytes.data();
        }
        void notifyShape(char const*, Dims const& d) noexcept override { dims = d; }
        std::vector<char> bytes = std::vector<char>(1);
        Dims dims{};
    } output;
    std::vector<float> in = {0, 1, 0, 2, 3, 0};
    context.reset(engine->createExecutionContext());
    context->setTensorAddress("x", in.data());
    context->setOutputAllocator("y", &output);
    ASSERT_TRUE(context->setTemporaryStorageAllocator(&allocator));
    char places[2];
    for (char& place : places) {
        auto stream = reinterpret_cast<cudaStream_t>(&place);
        allocator.streams.clear();
        ASSERT_TRUE(context->enqueueV3(stream)) << logger.errors;
        EXPECT_EQ(allocator.streams, std::set<cudaStream_t>{stream});
        EXPECT_EQ(allocator.live, 0);
        EXPECT_EQ(output.dims.d[1], 3);
    }
    const int needed = allocator.calls / 2;
    ASSERT_GT(needed, 0);
    context->setErrorRecorder(&recorder);
    for (int budget = 0; budget < needed; ++budget) {
        allocator.calls = 0;
        allocator.budget = budget;
        recorder.clear();
        EXPECT_FALSE(context->enqueueV3(nullptr));
        EXPECT_EQ(allocator.live, 0);
        ASSERT_FALSE(recorder.errors.empty());
        EXPECT_EQ(recorder.errors.back().first, ErrorCode::kFAILED_ALLOCATION);
        EXPECT_THAT(recorder.errors.back().second, HasSubstr(std::to_string(allocator.last) + " bytes"));
    }
    logger.takeErrors();
    allocator.budget = 1 << 30;
    allocator.frees = false;
    EXPECT_TRUE(context->enqueueV3(nullptr)) << logger.errors;
    EXPECT_THAT(logger.warnings, HasSubstr("could not free memory"));
    // The library's own again.
    ASSERT_TRUE(context->setTemporaryStorageAllocator(nullptr));
    allocator.calls = 0;
    EXPECT_TRUE(context->enqueueV3(nullptr)) << logger.errors;
    EXPECT_EQ(allocator.calls, 0);
}

// A profile's memory is taken in the order of the stream that the profile is changed with.
TEST_F(MemoryTest, ProfilesTakeMemoryInTheOrderOfTheirStream) {
    makeNetwork();
    IOptimizationProfile* p = builder->createOptimizationProfile();
    for (int s = 0; s < 3; ++s) p->setDimensions("x", static_cast<OptProfileSelector>(s), dims({2, kIn}));
    config->addOptimizationProfile(p);
    runtime->setGpuAllocator(&allocator);
    load(build());
    context.reset(engine->createExecutionContext(ExecutionContextAllocationStrategy::kON_PROFILE_CHANGE));
    ASSERT_TRUE(context);
    char place;
    auto stream = reinterpret_cast<cudaStream_t>(&place);
    allocator.streams.clear();
    ASSERT_TRUE(context->setOptimizationProfileAsync(1, stream)) << logger.errors;
    EXPECT_EQ(allocator.streams, std::set<cudaStream_t>{stream});
    EXPECT_FALSE(run(2).empty());
    context.reset();
    EXPECT_EQ(allocator.live, 0);
}

TEST_F(MemoryTest, MemoryOfTheUsersIsEnoughForTheShapesThatItWasAskedFor) {
    makeNetwork();
    load(build());
    std::vector<float> small, large;
    context.reset(engine->createExecutionContext());
    small = run(2);
    large = run(32);
    int64_t most = engine->getDeviceMemorySizeV2();
    EXPECT_GT(most, 0);
    EXPECT_EQ(most, engine->getDeviceMemorySizeForProfileV2(0));
    EXPECT_EQ(static_cast<size_t>(most), engine->getDeviceMemorySize());
    context.reset(engine->createExecutionContextWithoutDeviceMemory());
    ASSERT_TRUE(context);
    EXPECT_TRUE(run(2).empty());
    EXPECT_THAT(logger.takeErrors(), HasSubstr("device memory"));
    std::vector<char> room(static_cast<size_t>(most) + 64);
    void* p = reinterpret_cast<void*>((reinterpret_cast<uintptr_t>(room.data()) + 63) / 64 * 64);
    // Less than the profile may need, as much as these shapes do.
    ASSERT_TRUE(context->setInputShape("x", dims({2, kIn})));
    auto some = static_cast<int64_t>(context->updateDeviceMemorySizeForShapes());
    EXPECT_GT(some, 0);
    EXPECT_LT(some, most);
    context->setDeviceMemoryV2(p, some);
    EXPECT_EQ(run(2), small);
    EXPECT_TRUE(run(32).empty());
    EXPECT_THAT(logger.takeErrors(), HasSubstr(std::to_string(some)));
    context->setDeviceMemoryV2(p, most);
    EXPECT_EQ(run(32), large);
    EXPECT_EQ(run(2), small);
    context->setDeviceMemoryV2(static_cast<char*>(p) + 1, most - 1);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("aligned"));
    context.reset(engine->createExecutionContext(ExecutionContextAllocationStrategy::kON_PROFILE_CHANGE));
    ASSERT_TRUE(context);
    EXPECT_EQ(run(32), large);
}

TEST_F(MemoryTest, StrippedPlansSayWhatTheyLack) {
    makeNetwork();
    config->setFlag(BuilderFlag::kREFIT);
    config->setFlag(BuilderFlag::kSTRIP_PLAN);
    std::vector<char> plan = build();
    EXPECT_LT(plan.size(), static_cast<size_t>(kIn * kOut) * sizeof(float));
    load(plan);
    context.reset(engine->createExecutionContext());
    ASSERT_TRUE(context) << logger.errors;
    EXPECT_TRUE(run(2).empty());
    EXPECT_THAT(logger.takeErrors(), HasSubstr("'w' are not in this plan"));
}

}  // namespace
}  // namespace lathe_test
