// SPDX-License-Identifier: Apache-2.0
#include "fuzz_testing.h"

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

#include <sys/resource.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "NvOnnxParser.h"
#include "plan/format.h"
#include "plan/plan_testing.h"
#include "plan/sections.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LATHE_SANITIZED 1
extern "C" void __sanitizer_set_death_callback(void (*)()) __attribute__((weak));
// What a hostile file asks for is refused as by a machine that has no more memory.
extern "C" const char* __asan_default_options() { return "allocator_may_return_null=1:max_allocation_size_mb=8192"; }
#endif

namespace lathe::fuzz {

using namespace nvinfer1;

namespace {

char currentCase[256] = "no case";

void say(const char* what) {
    char line[400];
    int n = snprintf(line, sizeof line, "\nfuzz: %s in case: %s\n", what, currentCase);
    if (n > 0 && write(2, line, static_cast<size_t>(n)) < 0) return;
}

void onSignal(int number) {
    say(number == SIGALRM ? "too slow" : "died");
    signal(number, SIG_DFL);
    raise(number == SIGALRM ? SIGKILL : number);
}

void setUpOnce() {
    static bool done = [] {
        signal(SIGALRM, onSignal);
#ifdef LATHE_SANITIZED
        if (__sanitizer_set_death_callback) __sanitizer_set_death_callback([] { say("died"); });
#else
        for (int s : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) signal(s, onSignal);
        rlimit limit{};
        getrlimit(RLIMIT_AS, &limit);
        limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, rlim_t{8} << 30);
        setrlimit(RLIMIT_AS, &limit);
#endif
        return true;
    }();
    (void)done;
}

// Fails on what it is asked for when that is absurd.
class OutputMemory final : public IOutputAllocator {
  public:
    void* reallocateOutputAsync(char const*, void*, uint64_t size, uint64_t, cudaStream_t) override {
        if (size > kMost) return nullptr;
        bytes.resize(size);
        return bytes.data();
    }
    void notifyShape(char const*, Dims const&) noexcept override {}
    static constexpr uint64_t kMost = 64 << 20;
    Bytes bytes;
};

int64_t bytesOf(DataType type) {
    switch (type) {
        case DataType::kINT64: return 8;
        case DataType::kFLOAT:
        case DataType::kINT32: return 4;
        case DataType::kHALF:
        case DataType::kBF16: return 2;
        default: return 1;
    }
}

// -1: unknown or too large.
int64_t volume(const Dims& d) {
    int64_t n = 1;
    if (d.nbDims < 0) return -1;
    for (int i = 0; i < d.nbDims; ++i) {
        if (d.d[i] < 0) return -1;
        if (__builtin_mul_overflow(n, d.d[i], &n) || n > (1 << 22)) return -1;
    }
    return n;
}

}  // namespace

Watch::Watch(const std::string& name, unsigned seconds) {
    setUpOnce();
    snprintf(currentCase, sizeof currentCase, "%s", name.c_str());
#ifdef LATHE_SANITIZED
    seconds *= 5;
#endif
    alarm(seconds);
}

Watch::~Watch() { alarm(0); }

Bytes readFile(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::vector<char> chars((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    Bytes bytes(chars.size());
    if (!chars.empty()) std::memcpy(bytes.data(), chars.data(), chars.size());
    return bytes;
}

Bytes buildDigits(Log& log, int level, ITimingCache* cache) {
    std::unique_ptr<IBuilder> builder(createInferBuilder(log));
    std::unique_ptr<INetworkDefinition> network(builder->createNetworkV2(0));
    std::unique_ptr<nvonnxparser::IParser> parser(nvonnxparser::createParser(*network, log));
    if (!parser->parseFromFile(LATHE_DIGITS, 0)) return {};
    std::unique_ptr<IBuilderConfig> config(builder->createBuilderConfig());
    config->setBuilderOptimizationLevel(level);
    if (cache && !config->setTimingCache(*cache, false)) return {};
    IOptimizationProfile* profile = builder->createOptimizationProfile();
    int64_t batches[] = {1, 8, 64};
    for (int s = 0; s < 3; ++s)
        profile->setDimensions("images", static_cast<OptProfileSelector>(s), Dims4{batches[s], 1, 8, 8});
    config->addOptimizationProfile(profile);
    std::unique_ptr<IHostMemory> plan(builder->buildSerializedNetwork(*network, *config));
    if (!plan) return {};
    const auto* p = static_cast<const std::byte*>(plan->data());
    return Bytes(p, p + plan->size());
}

Outcome runPlan(std::span<const std::byte> plan) {
    using Stage = Outcome::Stage;
    Outcome out;
    Log log;
    auto stop = [&](Stage stage) {
        out.stage = stage;
        out.error = log.last;
        return out;
    };
    std::unique_ptr<IRuntime> runtime(createInferRuntime(log));
    std::unique_ptr<ICudaEngine> engine(runtime->deserializeCudaEngine(plan.data(), plan.size()));
    if (!engine) return stop(Stage::kLoad);
    std::unique_ptr<IExecutionContext> context(engine->createExecutionContext());
    if (!context) return stop(Stage::kContext);
    std::map<std::string, Bytes> inputs;
    std::map<std::string, OutputMemory> outputs;
    for (int i = 0; i < engine->getNbIOTensors(); ++i) {
        const char* name = engine->getIOTensorName(i);
        if (engine->getTensorIOMode(name) != TensorIOMode::kINPUT) {
            if (!context->setOutputAllocator(name, &outputs[name])) return stop(Stage::kShapes);
            continue;
        }
        Dims dims = engine->getProfileShape(name, 0, OptProfileSelector::kOPT);
        int64_t count = volume(dims);
        if (count < 0) return stop(Stage::kTooLarge);
        DataType type = engine->getTensorDataType(name);
        Bytes& data = inputs[name];
        data.resize(static_cast<size_t>(count * bytesOf(type)) + 1);
        for (int64_t k = 0; k < count; ++k) {
            if (type == DataType::kFLOAT) {
                float v = static_cast<float>((k * 7) % 17) / 17;
                std::memcpy(data.data() + k * 4, &v, 4);
            } else {
                data[static_cast<size_t>(k * bytesOf(type))] = static_cast<std::byte>(k % 2);
            }
        }
        if (!context->setInputShape(name, dims) || !context->setTensorAddress(name, data.data()))
            return stop(Stage::kShapes);
    }
    for (auto& [name, memory] : outputs) context->getTensorShape(name.c_str());
    if (!context->enqueueV3(nullptr)) return stop(Stage::kRun);
    for (auto& [name, memory] : outputs) out.outputs[name] = std::move(memory.bytes);
    return stop(Stage::kDone);
}

uint64_t cacheChecksum(std::span<const std::byte> bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

ChecksumFixer::ChecksumFixer(const Bytes& original) {
    auto copy = std::make_shared<Bytes>(original);
    auto plan = plan::read(*copy, copy);
    EXPECT_TRUE(plan.ok()) << plan.status().toString();
    if (!plan.ok()) return;
    for (const auto& program : (*plan)->programs)
        for (const auto& v : program->graph->values())
            if (v && v->isConstant()) {
                const ir::Weights& w = *v->constant();
                weights_[w.contentHash().value()] = {static_cast<int>(w.dtype()), w.dims()};
            }
}

void ChecksumFixer::fix(Bytes& plan) const {
    auto get = [&](size_t at, auto value) {
        std::memcpy(&value, plan.data() + at, sizeof value);
        return value;
    };
    auto put = [&](size_t at, uint64_t value) { std::memcpy(plan.data() + at, &value, 8); };
    if (plan.size() < plan::kHeaderBytes) return;
    uint64_t count = get(12, uint32_t{}), room = (plan.size() - plan::kHeaderBytes) / plan::kEntryBytes;
    size_t structure = 0, structureBytes = 0;
    for (uint64_t pass = 0; pass < 2 && count <= room; ++pass)
        for (uint64_t i = 0; i < count; ++i) {
            size_t entry = plan::kHeaderBytes + i * plan::kEntryBytes;
            uint64_t offset = get(entry + 8, uint64_t{}), size = get(entry + 16, uint64_t{});
            if (offset > plan.size() || size > plan.size() - offset) continue;
            auto bytes = std::span(plan).subspan(offset, size);
            auto kind = static_cast<plan::SectionKind>(get(entry, uint32_t{}));
            if (pass == 0 && kind == plan::SectionKind::kStructure) structure = offset, structureBytes = size;
            if (pass == 0) continue;
            if (kind == plan::SectionKind::kPacked) put(entry + 24, plan::checksum(bytes));
            uint64_t old = get(entry + 24, uint64_t{});
            auto at = weights_.find(old);
            if (kind != plan::SectionKind::kWeights || at == weights_.end()) continue;
            auto type = static_cast<DType>(at->second.dtype);
            if (static_cast<size_t>(lathe::bytesOf(type, ir::volume(at->second.dims))) != size) continue;
            uint64_t hash = ir::Weights(type, at->second.dims, bytes, nullptr, "").contentHash().value();
            if (hash == old) continue;
            put(entry + 24, hash);
            for (size_t k = structure; k + 8 <= structure + structureBytes; k += 8)
                if (get(k, uint64_t{}) == old) put(k, hash);
        }
    plan::testing::fixChecksums(plan);
}

}  // namespace lathe::fuzz
