// SPDX-License-Identifier: Apache-2.0
#include "api/run/execution_context.h"

#include <dlfcn.h>

#include <atomic>
#include <mutex>

#include "api/common/convert.h"
#include "plan/io_format.h"

namespace lathe::api {

using namespace nvinfer1;

namespace {

// Functions of the CUDA runtime library that the program uses (a real one, or the host's in build/lib/compat), if it
// uses one. Streams and events are theirs; we link neither.
class CudaRuntime {
  public:
    // Looks again until there is one: programs open it whenever they like.
    static const CudaRuntime& instance() {
        static CudaRuntime* runtime = new CudaRuntime;
        if (!runtime->found_.load(std::memory_order_acquire)) runtime->look();
        return *runtime;
    }
    int (*streamSynchronize)(cudaStream_t) = nullptr;
    int (*eventRecord)(cudaEvent_t, cudaStream_t) = nullptr;
    // Work of the program may wait on streams of the host, and is to be done before what comes on the default stream.
    // Asking a real one for that could start up a GPU that nobody wants.
    bool isHosts = false;

  private:
    void look() {
        std::lock_guard lock(mutex_);
        if (found_) return;
        // Null is RTLD_DEFAULT. A library that was opened for itself (as from Python) is not among the global symbols.
        void* library = RTLD_DEFAULT;
        if (!dlsym(RTLD_DEFAULT, "cudaStreamSynchronize"))
            for (const char* name : {"libcudart.so.13", "libcudart.so.12", "libcudart.so.11.0"})
                if (!library) library = dlopen(name, RTLD_LAZY | RTLD_NOLOAD);
        streamSynchronize = reinterpret_cast<int (*)(cudaStream_t)>(dlsym(library, "cudaStreamSynchronize"));
        eventRecord = reinterpret_cast<int (*)(cudaEvent_t, cudaStream_t)>(dlsym(library, "cudaEventRecord"));
        auto* lathes = reinterpret_cast<int (*)()>(dlsym(library, "cudaLatheHost"));
        isHosts = lathes && lathes();
        if (streamSynchronize) found_.store(true, std::memory_order_release);
    }
    std::mutex mutex_;
    std::atomic<bool> found_{false};
};

runtime::Allocator adapt(IGpuAllocator* allocator, ILogger* logger) {
    if (!allocator) return {};
    return {[allocator](size_t bytes, size_t alignment, void* stream) {
                return allocator->allocateAsync(bytes, alignment, 0, static_cast<cudaStream_t>(stream));
            },
            [allocator, logger](void* memory, void* stream) {
                if (!allocator->deallocateAsync(memory, static_cast<cudaStream_t>(stream)) && logger)
                    logger->log(ILogger::Severity::kWARNING, "the allocator could not free memory of a context");
            }};
}

}  // namespace

void waitForStream(cudaStream_t stream) {
    const CudaRuntime& cuda = CudaRuntime::instance();
    if (cuda.streamSynchronize && (stream || cuda.isHosts)) cuda.streamSynchronize(stream);
}

void ExecutionContext::followRefits() {
    if (int now = engine_.generation(); now != generation_) {
        generation_ = now;
        context_->adopt(engine_.engine());
    }
}

Result<IExecutionContext*> makeContext(const CudaEngine& engine, RuntimeConfig::Strategy strategy,
                                       IGpuAllocator* allocator, const Reporter& reporter) {
    using Memory = runtime::Context::Memory;
    TRY(mustExist(strategy, "allocation strategy"));
    static constexpr Memory kMemory[] = {Memory::kStatic, Memory::kOnProfileChange, Memory::kUserManaged};
    auto context = TRY(runtime::Context::create(engine.engine(), kMemory[static_cast<int>(strategy)],
                                                adapt(allocator, reporter.logger())));
    return new ExecutionContext(engine, std::move(context), strategy, reporter);
}

ExecutionContext::ExecutionContext(const CudaEngine& engine, std::unique_ptr<runtime::Context> context,
                                   RuntimeConfig::Strategy strategy, const Reporter& engineReporter)
    : engine_(engine),
      context_(std::move(context)),
      config_(strategy),
      reporter_(engineReporter.logger()),
      allocators_(engine.facts().io.size(), nullptr),
      nvtxVerbosity_(engine.getProfilingVerbosity()) {
    mImpl = this;
    reporter_.setRecorder(engineReporter.recorder());
}

Result<int> ExecutionContext::find(char const* name, TensorIOMode mode) const {
    int i = engine_.io(name);
    if (i < 0) return invalidArgument("there is no input or output '{}'", name ? name : "");
    bool isInput = engine_.facts().io[i].isInput;
    if (mode == TensorIOMode::kINPUT && !isInput) return invalidArgument("'{}' is an output", name);
    if (mode == TensorIOMode::kOUTPUT && isInput) return invalidArgument("'{}' is an input", name);
    return i;
}

void ExecutionContext::setName(char const* name) noexcept {
    guardedStatus(reporter_, "IExecutionContext::setName", [&]() -> Status {
        name_ = name ? name : "";
        return {};
    });
}

void ExecutionContext::setProfiler(IProfiler* profiler) noexcept {
    guardedStatus(reporter_, "IExecutionContext::setProfiler", [&]() -> Status {
        profiler_ = profiler;
        if (!profiler) {
            context_->setStepListener(nullptr);
            return {};
        }
        context_->setStepListener([this](const plan::Step& step, double seconds) {
            auto [at, isNew] = timeIndex_.emplace(&step, times_.size());
            if (isNew)
                times_.emplace_back(&step, seconds);
            else
                times_[at->second].second += seconds;
        });
        return {};
    });
}

void ExecutionContext::report(IProfiler& profiler) const {
    int index = 0;
    for (const auto& [step, seconds] : times_) {
        std::string name =
            engine_.getProfilingVerbosity() == ProfilingVerbosity::kNONE ? std::to_string(index) : step->name;
        profiler.reportLayerTime(name.c_str(), static_cast<float>(seconds * 1e3));
        ++index;
    }
}

bool ExecutionContext::reportToProfiler() const noexcept {
    return guardedStatus(reporter_, "IExecutionContext::reportToProfiler", [&]() -> Status {
        if (!profiler_) return makeStatus(Code::kInvalidState, "no profiler is set");
        if (!timesReported_) {
            report(*profiler_);
            const_cast<ExecutionContext*>(this)->timesReported_ = true;
        }
        return {};
    });
}

void ExecutionContext::setDeviceMemory(void* memory) noexcept {
    setDeviceMemoryV2(memory, engine_.getDeviceMemorySizeForProfileV2(context_->profile()));
}

void ExecutionContext::setDeviceMemoryV2(void* memory, int64_t size) noexcept {
    guardedStatus(reporter_, "IExecutionContext::setDeviceMemoryV2",
                  [&] { return context_->setDeviceMemory(memory, size); });
}

size_t ExecutionContext::updateDeviceMemorySizeForShapes() noexcept {
    return guarded<size_t>(reporter_, "IExecutionContext::updateDeviceMemorySizeForShapes", 0, [&]() -> Result<size_t> {
        followRefits();
        return static_cast<size_t>(TRY(context_->deviceMemoryBytes()));
    });
}

bool ExecutionContext::allInputDimensionsSpecified() const noexcept {
    const auto& io = engine_.facts().io;
    for (size_t i = 0; i < io.size(); ++i)
        if (io[i].isInput)
            for (int64_t d : context_->shape(static_cast<int>(i)))
                if (d < 0) return false;
    return true;
}

bool ExecutionContext::allInputShapesSpecified() const noexcept {
    const auto& io = engine_.facts().io;
    for (size_t i = 0; i < io.size(); ++i)
        if (io[i].isInput && io[i].isShape && !context_->address(static_cast<int>(i))) return false;
    return true;
}

bool ExecutionContext::setOptimizationProfileAsync(int32_t profile, cudaStream_t stream) noexcept {
    return guardedStatus(reporter_, "IExecutionContext::setOptimizationProfileAsync",
                         [&] { return context_->setProfile(profile, stream); });
}

bool ExecutionContext::setInputShape(char const* name, Dims const& dims) noexcept {
    return guardedStatus(reporter_, "IExecutionContext::setInputShape", [&]() -> Status {
        int i = TRY(find(name, TensorIOMode::kINPUT));
        return context_->setInputShape(i, TRY(fromApi(dims)));
    });
}

nvinfer1::Dims ExecutionContext::getTensorShape(char const* name) const noexcept {
    return guarded<Dims>(reporter_, "IExecutionContext::getTensorShape", invalidDims(),
                         [&]() -> Result<Dims> { return toApi(context_->shape(TRY(find(name)))); });
}

nvinfer1::Dims ExecutionContext::getTensorStrides(char const* name) const noexcept {
    return guarded<Dims>(reporter_, "IExecutionContext::getTensorStrides", invalidDims(), [&]() -> Result<Dims> {
        int i = TRY(find(name));
        ir::Dims dims = context_->shape(i);
        for (int64_t d : dims)
            if (d < 0) return invalidDims();
        return toApi(plan::bufferStrides(engine_.facts().io[i], dims));
    });
}

bool ExecutionContext::setAddress(const char* where, char const* name, TensorIOMode mode, void* data) noexcept {
    return guardedStatus(reporter_, where,
                         [&]() -> Status { return context_->setAddress(TRY(find(name, mode)), data); });
}

bool ExecutionContext::setTensorAddress(char const* name, void* data) noexcept {
    return setAddress("IExecutionContext::setTensorAddress", name, TensorIOMode::kNONE, data);
}
bool ExecutionContext::setInputTensorAddress(char const* name, void const* data) noexcept {
    return setAddress("IExecutionContext::setInputTensorAddress", name, TensorIOMode::kINPUT, const_cast<void*>(data));
}
bool ExecutionContext::setOutputTensorAddress(char const* name, void* data) noexcept {
    return setAddress("IExecutionContext::setOutputTensorAddress", name, TensorIOMode::kOUTPUT, data);
}
void const* ExecutionContext::getTensorAddress(char const* name) const noexcept {
    return guarded<void const*>(reporter_, "IExecutionContext::getTensorAddress", nullptr,
                                [&]() -> Result<void const*> { return context_->address(TRY(find(name))); });
}
void* ExecutionContext::getOutputTensorAddress(char const* name) const noexcept {
    return guarded<void*>(reporter_, "IExecutionContext::getOutputTensorAddress", nullptr,
                          [&]() -> Result<void*> { return context_->address(TRY(find(name, TensorIOMode::kOUTPUT))); });
}

int32_t ExecutionContext::inferShapes(int32_t nbMaxNames, char const** names) noexcept {
    return guarded<int32_t>(reporter_, "IExecutionContext::inferShapes", -1, [&]() -> Result<int32_t> {
        if (nbMaxNames < 0) return invalidArgument("space for {} names", nbMaxNames);
        if (nbMaxNames > 0 && !names) return invalidArgument("{} names at a null pointer", nbMaxNames);
        std::vector<std::string> missing = context_->missingInputs();
        for (size_t i = 0; i < missing.size() && static_cast<int32_t>(i) < nbMaxNames; ++i)
            names[i] = engine_.facts().io[engine_.io(missing[i].c_str())].name.c_str();
        return static_cast<int32_t>(missing.size());
    });
}

bool ExecutionContext::setInputConsumedEvent(cudaEvent_t event) noexcept {
    inputConsumed_ = event;
    return true;
}

bool ExecutionContext::setOutputAllocator(char const* name, IOutputAllocator* allocator) noexcept {
    return guardedStatus(reporter_, "IExecutionContext::setOutputAllocator", [&]() -> Status {
        int i = TRY(find(name, TensorIOMode::kOUTPUT));
        const char* known = engine_.facts().io[i].name.c_str();
        if (allocator)
            TRY(context_->setOutputAllocator(
                i,
                [this, allocator, known](void* current, size_t bytes, size_t alignment) {
                    return allocator->reallocateOutputAsync(known, current, bytes, alignment, stream_);
                },
                [allocator, known](const ir::Dims& dims) { allocator->notifyShape(known, toApi(dims)); }));
        else
            TRY(context_->setOutputAllocator(i, nullptr, nullptr));
        allocators_[i] = allocator;
        return {};
    });
}

IOutputAllocator* ExecutionContext::getOutputAllocator(char const* name) noexcept {
    return guarded<IOutputAllocator*>(
        reporter_, "IExecutionContext::getOutputAllocator", nullptr,
        [&]() -> Result<IOutputAllocator*> { return allocators_[TRY(find(name, TensorIOMode::kOUTPUT))]; });
}

int64_t ExecutionContext::getMaxOutputSize(char const* name) const noexcept {
    return guarded<int64_t>(reporter_, "IExecutionContext::getMaxOutputSize", -1, [&]() -> Result<int64_t> {
        int i = TRY(find(name, TensorIOMode::kOUTPUT));
        ir::Dims dims = context_->shape(i);
        for (int64_t d : dims)
            if (d < 0) return -1;
        return plan::bufferBytes(engine_.facts().io[i], dims);
    });
}

bool ExecutionContext::setTemporaryStorageAllocator(IGpuAllocator* allocator) noexcept {
    return guardedStatus(reporter_, "IExecutionContext::setTemporaryStorageAllocator", [&]() -> Status {
        context_->setScratchAllocator(adapt(allocator, reporter_.logger()));
        temporaryAllocator_ = allocator;
        return {};
    });
}

// On the CPU, work of earlier calls on the stream comes first; the run itself is done when this returns, so that every
// order that a stream promises holds. On a GPU, the work is put into the stream.
Status ExecutionContext::run(cudaStream_t stream) {
    const CudaRuntime& cuda = CudaRuntime::instance();
    bool onGpu = engine_.engine()->device() != nullptr;
    if (!onGpu && cuda.streamSynchronize && (stream || cuda.isHosts)) cuda.streamSynchronize(stream);
    followRefits();
    stream_ = stream;
    times_.clear();
    timeIndex_.clear();
    TRY(context_->run(stream));
    if (inputConsumed_ && cuda.eventRecord) cuda.eventRecord(inputConsumed_, stream);
    timesReported_ = false;
    return {};
}

bool ExecutionContext::enqueueV3(cudaStream_t stream) noexcept {
    return guardedStatus(reporter_, "IExecutionContext::enqueueV3", [&]() -> Status {
        TRY(run(stream));
        if (profiler_ && emitsProfile_) {
            report(*profiler_);
            timesReported_ = true;
        }
        return {};
    });
}

bool ExecutionContext::executeV2(void* const* bindings) noexcept {
    return guardedStatus(reporter_, "IExecutionContext::executeV2", [&]() -> Status {
        if (!bindings) return invalidArgument("the bindings are null");
        for (size_t i = 0; i < engine_.facts().io.size(); ++i)
            TRY(context_->setAddress(static_cast<int>(i), bindings[i]));
        TRY(run(nullptr));
        if (auto* device = engine_.engine()->device()) TRY(device->synchronize(nullptr));
        if (profiler_) {
            report(*profiler_);
            timesReported_ = true;
        }
        return {};
    });
}

void ExecutionContext::setAuxStreams(cudaStream_t* streams, int32_t count) noexcept {
    guardedStatus(reporter_, "IExecutionContext::setAuxStreams", [&]() -> Status {
        if (count < 0) return invalidArgument("{} streams", count);
        if (count > 0 && !streams) return invalidArgument("{} streams at a null address", count);
        return context_->setAuxStreams(std::vector<device::StreamHandle>(streams, streams + count));
    });
}

bool ExecutionContext::setNvtxVerbosity(ProfilingVerbosity verbosity) noexcept {
    // kNONE shows least, kDETAILED most.
    auto detail = [](ProfilingVerbosity v) {
        return v == ProfilingVerbosity::kNONE ? 0 : v == ProfilingVerbosity::kDETAILED ? 2 : 1;
    };
    if (detail(verbosity) > detail(engine_.getProfilingVerbosity())) return false;
    nvtxVerbosity_ = verbosity;
    return true;
}

bool ExecutionContext::setDebugListener(IDebugListener* listener) noexcept {
    return guardedStatus(reporter_, "IExecutionContext::setDebugListener", [&]() -> Status {
        debugListener_ = listener;
        if (!listener) {
            context_->setDebugListener(nullptr);
            return {};
        }
        context_->setDebugListener([this, listener](const tactics::DebugTensor& t) -> Status {
            TensorLocation location = t.onDevice ? TensorLocation::kDEVICE : TensorLocation::kHOST;
            if (listener->processDebugTensor(t.data, location, toApi(t.dtype), toApi(t.dims), t.name.c_str(), stream_))
                return {};
            return makeStatus(Code::kFailedExecution, "the debug listener failed for '{}'", t.name);
        });
        return {};
    });
}

bool ExecutionContext::setTensorDebugState(char const* name, bool flag) noexcept {
    return guardedStatus(reporter_, "IExecutionContext::setTensorDebugState",
                         [&] { return context_->reportDebugTensor(name ? name : "", flag); });
}

bool ExecutionContext::setAllTensorsDebugState(bool flag) noexcept {
    return guardedStatus(reporter_, "IExecutionContext::setAllTensorsDebugState", [&]() -> Status {
        for (const std::string& name : engine_.debugTensors()) TRY(context_->reportDebugTensor(name, flag));
        return {};
    });
}

bool ExecutionContext::setUnfusedTensorsDebugState(bool flag) noexcept {
    return guardedStatus(reporter_, "IExecutionContext::setUnfusedTensorsDebugState",
                         [&] { return context_->reportUnfused(flag); });
}

bool ExecutionContext::setCommunicator(void* communicator) noexcept {
    return guardedStatus(reporter_, "IExecutionContext::setCommunicator",
                         [&] { return context_->setCommunicator(communicator); });
}

}  // namespace lathe::api
