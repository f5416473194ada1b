// SPDX-License-Identifier: Apache-2.0
#include "compat/common/callbacks.h"

#include <map>
#include <memory>
#include <mutex>

namespace lathe::compat {
namespace {

template <class Old, class New>
class Adapter : public New {
  public:
    explicit Adapter(Old& of) : of_(of) {}
    Old& of() const { return of_; }

  protected:
    Old& of_;
};

// The adapter of type A for an object.
template <class A, class Old>
A* adapterOf(Old* of) {
    if (!of) return nullptr;
    static auto& made = *new std::map<Old*, std::unique_ptr<A>>;
    static auto& lock = *new std::mutex;
    std::lock_guard guard(lock);
    auto& slot = made[of];
    if (!slot) slot = std::make_unique<A>(*of);
    return slot.get();
}

class Logger final : public Adapter<old::ILogger, v10::ILogger> {
  public:
    using Adapter::Adapter;
    void log(Severity severity, char const* text) noexcept override {
        of_.log(static_cast<old::ILogger::Severity>(severity), text);
    }
};

class Recorder final : public Adapter<old::IErrorRecorder, v10::IErrorRecorder> {
  public:
    using Adapter::Adapter;
    int32_t getNbErrors() const noexcept override { return of_.getNbErrors(); }
    v10::ErrorCode getErrorCode(int32_t i) const noexcept override { return toNew(of_.getErrorCode(i)); }
    ErrorDesc getErrorDesc(int32_t i) const noexcept override { return of_.getErrorDesc(i); }
    bool hasOverflowed() const noexcept override { return of_.hasOverflowed(); }
    void clear() noexcept override { of_.clear(); }
    bool reportError(v10::ErrorCode code, ErrorDesc text) noexcept override {
        return of_.reportError(toOld<old::ErrorCode>(code), text);
    }
    RefCount incRefCount() noexcept override { return of_.incRefCount(); }
    RefCount decRefCount() noexcept override { return of_.decRefCount(); }
};

class Allocator final : public Adapter<old::IGpuAllocator, v10::IGpuAllocator> {
  public:
    using Adapter::Adapter;
    void* allocate(uint64_t size, uint64_t alignment, v10::AllocatorFlags flags) noexcept override {
        return of_.allocate(size, alignment, flags);
    }
    void* reallocate(void* base, uint64_t alignment, uint64_t size) noexcept override {
#if LATHE_TRT >= 8
        return of_.reallocate(base, alignment, size);
#else
        (void)base, (void)alignment, (void)size;
        return nullptr;
#endif
    }
    bool deallocate(void* memory) noexcept override {
#if LATHE_TRT >= 8
        return of_.deallocate(memory);
#else
        of_.free(memory);
        return true;
#endif
    }
};

class Profiler final : public Adapter<old::IProfiler, v10::IProfiler> {
  public:
    using Adapter::Adapter;
    void reportLayerTime(char const* name, float ms) noexcept override { of_.reportLayerTime(name, ms); }
};

// One class for all algorithms; the interface's name tells which one it is.
class Calibrator final : public Adapter<old::IInt8Calibrator, v10::IInt8Calibrator> {
  public:
    using Adapter::Adapter;
    v10::InterfaceInfo getInterfaceInfo() const noexcept override {
        switch (of_.getAlgorithm()) {
            case old::CalibrationAlgoType::kENTROPY_CALIBRATION: return {"IInt8EntropyCalibrator", 1, 0};
            case old::CalibrationAlgoType::kENTROPY_CALIBRATION_2: return {"IInt8EntropyCalibrator2", 1, 0};
            case old::CalibrationAlgoType::kMINMAX_CALIBRATION: return {"IInt8MinMaxCalibrator", 1, 0};
            default: return {"IInt8Calibrator", 1, 0};
        }
    }
    int32_t getBatchSize() const noexcept override { return of_.getBatchSize(); }
    bool getBatch(void* bindings[], char const* names[], int32_t count) noexcept override {
        return of_.getBatch(bindings, names, count);
    }
    void const* readCalibrationCache(std::size_t& length) noexcept override { return of_.readCalibrationCache(length); }
    void writeCalibrationCache(void const* data, std::size_t length) noexcept override {
        of_.writeCalibrationCache(data, length);
    }
    v10::CalibrationAlgoType getAlgorithm() noexcept override { return toNew(of_.getAlgorithm()); }
};

#if LATHE_TRT >= 8
class OutputAllocator final : public Adapter<old::IOutputAllocator, v10::IOutputAllocator> {
  public:
    using Adapter::Adapter;
    void* reallocateOutput(char const* name, void* memory, uint64_t size, uint64_t alignment) noexcept override {
        return of_.reallocateOutput(name, memory, size, alignment);
    }
    void* reallocateOutputAsync(char const* name, void* memory, uint64_t size, uint64_t alignment,
                                cudaStream_t) override {
        return of_.reallocateOutput(name, memory, size, alignment);
    }
    void notifyShape(char const* name, v10::Dims const& dims) noexcept override {
        of_.notifyShape(name, toOld<old::Dims>(dims));
    }
};
#endif

old::ILogger* theFirstLogger = nullptr;

}  // namespace

v10::ILogger* adapt(old::ILogger* logger) {
    if (logger && !theFirstLogger) theFirstLogger = logger;
    return adapterOf<Logger>(logger);
}
v10::IErrorRecorder* adapt(old::IErrorRecorder* recorder) { return adapterOf<Recorder>(recorder); }
v10::IGpuAllocator* adapt(old::IGpuAllocator* allocator) { return adapterOf<Allocator>(allocator); }
v10::IProfiler* adapt(old::IProfiler* profiler) { return adapterOf<Profiler>(profiler); }
v10::IInt8Calibrator* adapt(old::IInt8Calibrator* calibrator) { return adapterOf<Calibrator>(calibrator); }

old::IErrorRecorder* original(v10::IErrorRecorder* r) { return r ? &static_cast<Recorder*>(r)->of() : nullptr; }
old::IProfiler* original(v10::IProfiler* p) { return p ? &static_cast<Profiler*>(p)->of() : nullptr; }
old::IInt8Calibrator* original(v10::IInt8Calibrator* c) { return c ? &static_cast<Calibrator*>(c)->of() : nullptr; }
old::IGpuAllocator* original(v10::IGpuAllocator* a) { return a ? &static_cast<Allocator*>(a)->of() : nullptr; }
#if LATHE_TRT >= 8
v10::IOutputAllocator* adapt(old::IOutputAllocator* allocator) { return adapterOf<OutputAllocator>(allocator); }
old::IOutputAllocator* original(v10::IOutputAllocator* a) {
    return a ? &static_cast<OutputAllocator*>(a)->of() : nullptr;
}
#endif

old::ILogger* firstLogger() { return theFirstLogger; }

void Report::error(const std::string& where, const std::string& what, old::ErrorCode code) const noexcept {
    std::string text = where + ": " + what;
    if (logger) logger->log(old::ILogger::Severity::kERROR, text.c_str());
    if (recorder) recorder->reportError(code, text.c_str());
}

void Report::warning(const std::string& where, const std::string& what) const noexcept {
    if (logger) logger->log(old::ILogger::Severity::kWARNING, (where + ": " + what).c_str());
}

}  // namespace lathe::compat
