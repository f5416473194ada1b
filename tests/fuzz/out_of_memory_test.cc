// SPDX-License-Identifier: Apache-2.0
// Memory that runs out at the n-th allocation, for every n: loading a plan, making a context and running it end with an
// error that says so, or with success; never otherwise.
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>

#include "fuzz_testing.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LATHE_SANITIZED 1
#endif

namespace {

// Of this thread: how many allocations still succeed before one fails; negative: all of them do. The one after it
// succeeds again, so that errors can be reported.
thread_local long successes = -1;
thread_local bool failed = false;

bool fails() {
    if (successes < 0) return false;
    if (successes-- > 0) return false;
    failed = true;
    return true;
}

void* get(size_t bytes, size_t alignment = alignof(std::max_align_t)) {
    if (fails()) return nullptr;
    void* p = nullptr;
    if (alignment < sizeof(void*)) alignment = sizeof(void*);
    return posix_memalign(&p, alignment, bytes ? bytes : 1) == 0 ? p : nullptr;
}

void* mustGet(size_t bytes, size_t alignment = alignof(std::max_align_t)) {
    if (void* p = get(bytes, alignment)) return p;
    throw std::bad_alloc();
}

}  // namespace

void* operator new(size_t n) { return mustGet(n); }
void* operator new[](size_t n) { return mustGet(n); }
void* operator new(size_t n, std::align_val_t a) { return mustGet(n, static_cast<size_t>(a)); }
void* operator new[](size_t n, std::align_val_t a) { return mustGet(n, static_cast<size_t>(a)); }
void* operator new(size_t n, const std::nothrow_t&) noexcept { return get(n); }
void* operator new[](size_t n, const std::nothrow_t&) noexcept { return get(n); }
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, size_t) noexcept { std::free(p); }
void operator delete[](void* p, size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, size_t, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, size_t, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, const std::nothrow_t&) noexcept { std::free(p); }
void operator delete[](void* p, const std::nothrow_t&) noexcept { std::free(p); }

#ifndef LATHE_SANITIZED
extern "C" void* aligned_alloc(size_t alignment, size_t bytes) noexcept { return get(bytes, alignment); }
#endif

namespace lathe::fuzz {
namespace {

using namespace nvinfer1;

// Allocates nothing.
class QuietLog final : public ILogger {
  public:
    void log(Severity severity, char const* message) noexcept override {
        if (severity <= Severity::kERROR) snprintf(last, sizeof last, "%s", message);
    }
    char last[512] = "";
};

class QuietRecorder final : public IErrorRecorder {
  public:
    int32_t getNbErrors() const noexcept override { return count; }
    ErrorCode getErrorCode(int32_t) const noexcept override { return code; }
    ErrorDesc getErrorDesc(int32_t) const noexcept override { return ""; }
    bool hasOverflowed() const noexcept override { return false; }
    void clear() noexcept override { count = 0; }
    bool reportError(ErrorCode c, ErrorDesc) noexcept override {
        ++count;
        code = c;
        return false;
    }
    RefCount incRefCount() noexcept override { return 1; }
    RefCount decRefCount() noexcept override { return 1; }
    int32_t count = 0;
    ErrorCode code = ErrorCode::kSUCCESS;
};

// Calls body(n-th allocation fails) for n = 0, 1, …, until it passes without that many allocations.
template <class F>
int forEveryFailure(const char* what, QuietLog& log, QuietRecorder& recorder, F&& body) {
    int tries = 0;
    for (long n = 0; n < 2'000'000; ++n) {
        Watch watch(std::string(what) + ": allocation " + std::to_string(n) + " fails");
        recorder.count = 0;
        failed = false;
        successes = n;
        bool ok = body();
        successes = -1;
        ++tries;
        if (!failed) {
            EXPECT_TRUE(ok) << what << " after " << n << " allocations: " << log.last;
            return tries;
        }
        // What can do without that memory may succeed (a log message).
        if (!ok) {
            EXPECT_GT(recorder.count, 0) << what << ", allocation " << n;
            EXPECT_EQ(recorder.code, ErrorCode::kFAILED_ALLOCATION) << what << ", allocation " << n << ": " << log.last;
        }
    }
    ADD_FAILURE() << what << " never ends";
    return tries;
}

void tryAll() {
    Log loud;
    Bytes plan = buildDigits(loud, 1);
    ASSERT_FALSE(plan.empty()) << loud.last;
    ASSERT_TRUE(runPlan(plan).done());
    QuietLog log;
    QuietRecorder recorder;
    std::unique_ptr<IRuntime> runtime(createInferRuntime(log));
    runtime->setErrorRecorder(&recorder);
    std::unique_ptr<ICudaEngine> engine;
    int loads = forEveryFailure("load", log, recorder, [&] {
        engine.reset(runtime->deserializeCudaEngine(plan.data(), plan.size()));
        return engine != nullptr;
    });
    EXPECT_GT(loads, 100);
    std::unique_ptr<IExecutionContext> context;
    int contexts = forEveryFailure("context", log, recorder, [&] {
        context.reset(engine->createExecutionContext());
        return context != nullptr;
    });
    EXPECT_GT(contexts, 5);
    std::vector<float> images(64 * 64, 0.25f), answers(64 * 10), expected;
    // Each batch is prepared at its first run.
    for (int64_t batch : {8, 3, 64}) {
        int runs = forEveryFailure("run", log, recorder, [&] {
            return context->setInputShape("images", Dims4{batch, 1, 8, 8}) &&
                   context->setTensorAddress("images", images.data()) &&
                   context->setTensorAddress("probabilities", answers.data()) && context->enqueueV3(nullptr);
        });
        EXPECT_GT(runs, 5);
        float sum = 0;
        for (int k = 0; k < 10; ++k) sum += answers[static_cast<size_t>((batch - 1) * 10 + k)];
        EXPECT_NEAR(sum, 1.f, 1e-4f);
        std::fill(answers.begin(), answers.end(), 0.f);
    }
    forEveryFailure("serialize", log, recorder, [&] {
        std::unique_ptr<IHostMemory> again(engine->serialize());
        return again && again->size() == plan.size();
    });
}

TEST(OutOfMemory, IsAnErrorWhereverItHappens) { tryAll(); }

}  // namespace
}  // namespace lathe::fuzz
