// SPDX-License-Identifier: Apache-2.0
// Collective layers in two processes with a GPU each, by way of NCCL itself.
#include <dlfcn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "device_testing.h"

namespace lathe_test {
namespace {

constexpr int kRanks = 2;
constexpr int kNoGpu = 77;  // exit status of a rank that has none

// NCCL's own calls that an application makes.
struct Id {
    char bytes[128];
};
struct Nccl {
    int (*getUniqueId)(Id*) = nullptr;
    int (*initRank)(void**, int ranks, Id, int rank) = nullptr;
    int (*destroy)(void*) = nullptr;
    bool found = false;

    Nccl() {
        void* library = dlopen("libnccl.so.2", RTLD_NOW);
        const char* folders = std::getenv("LATHE_CUDA_LIBS");
        std::string list = folders ? folders : "";
        for (size_t at = 0; !library && at < list.size();) {
            size_t end = std::min(list.find(':', at), list.size());
            library = dlopen((list.substr(at, end - at) + "/libnccl.so.2").c_str(), RTLD_NOW);
            at = end + 1;
        }
        if (!library) return;
        auto load = [&](auto& f, const char* name) {
            f = reinterpret_cast<std::remove_reference_t<decltype(f)>>(dlsym(library, name));
            return f != nullptr;
        };
        found = load(getUniqueId, "ncclGetUniqueId") && load(initRank, "ncclCommInitRank") &&
                load(destroy, "ncclCommDestroy");
    }
};

// This program again, as one rank: it says when it has a GPU, and is told the communicator's id.
struct Rank {
    pid_t pid = -1;
    int toIt = -1, fromIt = -1;

    explicit Rank(int rank) {
        int down[2], up[2];
        if (pipe(down) || pipe(up)) return;
        pid = fork();
        if (pid == 0) {
            dup2(down[0], 0);
            dup2(up[1], 3);
            for (int f : {down[0], down[1], up[0], up[1]})
                if (f > 3) close(f);
            for (const char* name : {"GTEST_TOTAL_SHARDS", "GTEST_SHARD_INDEX"}) unsetenv(name);
            setenv("CUDA_VISIBLE_DEVICES", std::to_string(rank).c_str(), 1);
            setenv("LATHE_TEST_RANK", std::to_string(rank).c_str(), 1);
            execl("/proc/self/exe", "gpu_test", "--gtest_filter=GpuCollectives.OneRank", nullptr);
            _exit(1);
        }
        close(down[0]);
        close(up[1]);
        toIt = down[1];
        fromIt = up[0];
    }
    ~Rank() {
        if (pid > 0) kill(pid, SIGKILL);
        end();
        close(toIt);
        close(fromIt);
    }
    Rank(const Rank&) = delete;
    Rank& operator=(const Rank&) = delete;
    bool isReady() const {
        char c = 0;
        return read(fromIt, &c, 1) == 1 && c == 'r';
    }
    int end() {
        if (pid <= 0) return 1;
        int status = 1;
        waitpid(pid, &status, 0);
        pid = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
    }
};

TEST(GpuCollectives, TwoProcesses) {
    NEEDS_GPU();
    Nccl nccl;
    if (!nccl.found) GTEST_SKIP() << "there is no libnccl.so.2";
    Rank first(0), second(1);
    bool ready[] = {first.isReady(), second.isReady()};
    if (!ready[1] && second.end() == kNoGpu) GTEST_SKIP() << "there is one GPU";
    ASSERT_TRUE(ready[0] && ready[1]);
    Id id;
    ASSERT_EQ(nccl.getUniqueId(&id), 0);
    for (Rank* r : {&first, &second}) ASSERT_EQ(write(r->toIt, &id, sizeof id), static_cast<ssize_t>(sizeof id));
    EXPECT_EQ(first.end(), 0);
    EXPECT_EQ(second.end(), 0);
}

// What rank r gives: [4, 3] of r * 100 + number.
float given(int rank, int i) { return static_cast<float>(rank * 100 + i); }

TEST(GpuCollectives, OneRank) {
    const char* text = std::getenv("LATHE_TEST_RANK");
    if (!text) GTEST_SKIP() << "a part of TwoProcesses";
    const int rank = std::atoi(text);
    if (!onGpu()) _exit(kNoGpu);
    ASSERT_EQ(write(3, "r", 1), 1);
    Id id;
    ASSERT_EQ(read(0, &id, sizeof id), static_cast<ssize_t>(sizeof id));
    Nccl nccl;
    void* communicator = nullptr;
    ASSERT_EQ(nccl.initRank(&communicator, kRanks, id, rank), 0);

    Logger logger;
    std::unique_ptr<IBuilder> builder(createInferBuilder(logger));
    std::unique_ptr<INetworkDefinition> network(builder->createNetworkV2(0));
    std::unique_ptr<IBuilderConfig> config(builder->createBuilderConfig());
    config->setPreviewFeature(PreviewFeature::kMULTIDEVICE_RUNTIME_10_16, true);
    ITensor* x = network->addInput("x", DataType::kFLOAT, Dims2(4, 3));
    // Between layers of the GPU's own, so that the collectives are in the stream's order.
    ITensor* in = network->addUnary(*x, UnaryOperation::kNEG)->getOutput(0);
    using C = CollectiveOperation;
    using R = ReduceOperation;
    struct Case {
        C operation;
        R reduce;
        int64_t root;
        const char* name;
    };
    constexpr std::array<Case, 5> kCases{{{C::kALL_REDUCE, R::kSUM, 0, "sum"},
                                          {C::kALL_REDUCE, R::kMAX, 0, "max"},
                                          {C::kALL_GATHER, R::kNONE, 0, "all"},
                                          {C::kBROADCAST, R::kNONE, 1, "second"},
                                          {C::kREDUCE_SCATTER, R::kSUM, 0, "part"}}};
    for (const Case& c : kCases) {
        IDistCollectiveLayer* layer = network->addDistCollective(*in, c.operation, c.reduce, c.root, nullptr, 0);
        ASSERT_TRUE(layer) << logger.errors;
        ASSERT_TRUE(layer->setNbRanks(kRanks));
        ITensor* y = network->addUnary(*layer->getOutput(0), UnaryOperation::kNEG)->getOutput(0);
        y->setName(c.name);
        network->markOutput(*y);
    }
    std::unique_ptr<IHostMemory> plan(builder->buildSerializedNetwork(*network, *config));
    ASSERT_TRUE(plan) << logger.errors;
    std::unique_ptr<IRuntime> runtime(createInferRuntime(logger));
    std::unique_ptr<ICudaEngine> engine(runtime->deserializeCudaEngine(plan->data(), plan->size()));
    ASSERT_TRUE(engine) << logger.errors;
    std::unique_ptr<IExecutionContext> context(engine->createExecutionContext());
    ASSERT_TRUE(context->setCommunicator(communicator));
    Buffer input(*engine, 12 * 4);
    ASSERT_TRUE(context->setTensorAddress("x", input.data()));
    std::vector<std::unique_ptr<Buffer>> outputs;
    for (const Case& c : kCases) {
        outputs.push_back(std::make_unique<Buffer>(*engine, 24 * 4));
        ASSERT_TRUE(context->setTensorAddress(c.name, outputs.back()->data()));
    }
    // NEG twice around: of -x the sum is minus the sum, the largest minus the smallest.
    std::vector<std::vector<float>> want(kCases.size());
    for (int i = 0; i < 12; ++i) {
        want[0].push_back(given(0, i) + given(1, i));
        want[1].push_back(std::min(given(0, i), given(1, i)));
        want[3].push_back(given(1, i));
    }
    for (int r = 0; r < kRanks; ++r)
        for (int i = 0; i < 12; ++i) want[2].push_back(given(r, i));
    for (int i = 6 * rank; i < 6 * rank + 6; ++i) want[4].push_back(given(0, i) + given(1, i));
    for (int run = 0; run < 5; ++run) {  // the last ones are recordings
        std::vector<float> mine;
        for (int i = 0; i < 12; ++i) mine.push_back(given(rank, i));
        input.put(mine.data());
        ASSERT_TRUE(context->enqueueV3(nullptr)) << logger.errors;
        ASSERT_TRUE(lathe::deviceSynchronize());
        for (size_t k = 0; k < kCases.size(); ++k) {
            std::vector<float> got(want[k].size());
            outputs[k]->get(got.data(), got.size() * 4);
            EXPECT_EQ(got, want[k]) << kCases[k].name << " of rank " << rank << ", run " << run;
        }
    }
    context.reset();
    EXPECT_EQ(nccl.destroy(communicator), 0);
}

}  // namespace
}  // namespace lathe_test
