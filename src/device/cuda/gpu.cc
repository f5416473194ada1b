// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/gpu.h"

#include <array>

#include "device/cuda/stream.h"

namespace lathe::cuda {
namespace {

constexpr int kMaxGpus = 64;

CuStream streamOf(device::StreamHandle s) { return static_cast<CuStream>(s); }
CuPointer address(const void* p) { return reinterpret_cast<CuPointer>(p); }

}  // namespace

Gpu::Current::Current(const Gpu& gpu) : gpu_(gpu) {
    if (gpu.api().ctxGetCurrent(&before_) != kCuSuccess) before_ = nullptr;
    if (before_ == gpu.context_) return;
    changed_ = gpu.api().ctxSetCurrent(gpu.context_) == kCuSuccess;
}

Gpu::Current::~Current() {
    if (changed_) (void)gpu_.api().ctxSetCurrent(before_);
}

Result<int> Gpu::count() {
    const Driver* driver = TRY(Driver::get());
    int n = 0;
    TRY(driver->status(driver->api().deviceGetCount(&n), "cuDeviceGetCount"));
    return n;
}

Result<Gpu*> Gpu::get(int ordinal) {
    const Driver* driver = TRY(Driver::get());
    if (ordinal < 0 || ordinal >= kMaxGpus) return invalidArgument("GPU {} is not in [0, {})", ordinal, kMaxGpus);
    struct Slot {
        std::once_flag once;
        std::unique_ptr<Gpu> gpu;
        Status status;
    };
    static auto* slots = new std::array<Slot, kMaxGpus>;
    Slot& slot = (*slots)[static_cast<size_t>(ordinal)];
    std::call_once(slot.once, [&] {
        Result<std::unique_ptr<Gpu>> opened = open(*driver, ordinal);
        if (opened.ok())
            slot.gpu = opened.take();
        else
            slot.status = opened.status();
    });
    if (!slot.gpu) return Status(slot.status);
    return slot.gpu.get();
}

Result<std::unique_ptr<Gpu>> Gpu::open(const Driver& driver, int ordinal) {
    std::unique_ptr<Gpu> gpu(new Gpu(driver));
    const DriverApi& api = driver.api();
    int count = 0;
    TRY(driver.status(api.deviceGetCount(&count), "cuDeviceGetCount"));
    if (ordinal < 0 || ordinal >= count)
        return makeStatus(Code::kFailedInitialization, "GPU {} does not exist: there are {}", ordinal, count);
    CuDevice device = 0;
    TRY(driver.status(api.deviceGet(&device, ordinal), "cuDeviceGet"));
    char name[256] = {};
    TRY(driver.status(api.deviceGetName(name, sizeof name - 1, device), "cuDeviceGetName"));
    GpuInfo& info = gpu->info_;
    info.ordinal = ordinal;
    info.name = name;
    size_t bytes = 0;
    TRY(driver.status(api.deviceTotalMem(&bytes, device), "cuDeviceTotalMem"));
    info.memoryBytes = static_cast<int64_t>(bytes);
    auto attribute = [&](int id) -> Result<int> {
        int value = 0;
        TRY(driver.status(api.deviceGetAttribute(&value, id, device), "cuDeviceGetAttribute"));
        return value;
    };
    info.sm = TRY(attribute(kAttrMajor)) * 10 + TRY(attribute(kAttrMinor));
    info.smCount = TRY(attribute(kAttrSmCount));
    info.l2Bytes = TRY(attribute(kAttrL2Bytes));
    info.sharedPerBlock = TRY(attribute(kAttrSharedPerBlockOptIn));
    info.sharedPerSm = TRY(attribute(kAttrSharedPerSm));
    info.threadsPerSm = TRY(attribute(kAttrThreadsPerSm));
    info.clockKhz = TRY(attribute(kAttrClockKhz));
    info.hasPools = TRY(attribute(kAttrMemoryPools)) != 0;
    constexpr int kOldest = 75;
    if (info.sm < kOldest)
        return makeStatus(Code::kFailedInitialization, "{} has compute capability {}.{}; at least {}.{} is needed",
                          info.name, info.sm / 10, info.sm % 10, kOldest / 10, kOldest % 10);
    TRY(gpu->check(api.primaryCtxRetain(&gpu->context_, device), "cuDevicePrimaryCtxRetain"));
    return gpu;
}

// Contexts of Gpu::get live until the process ends; only tests' are released.
Gpu::~Gpu() {
    if (context_) (void)api().primaryCtxRelease(info_.ordinal);
}

Status Gpu::check(CuResult result, std::string_view what) const {
    if (result == kCuSuccess) [[likely]]
        return {};
    Status status = driver_.status(result, what);
    if (poisoned_.load(std::memory_order_acquire)) return usable(what);
    if (poisonsContext(result)) {
        std::lock_guard lock(mutex_);
        if (firstError_.empty()) firstError_ = status.message();
        poisoned_.store(true, std::memory_order_release);
    }
    return status;
}

Status Gpu::usable(std::string_view what) const {
    if (!poisoned_.load(std::memory_order_acquire)) [[likely]]
        return {};
    std::lock_guard lock(mutex_);
    return makeStatus(Code::kFailedExecution,
                      "{}: GPU {} ({}) cannot be used any more in this process since an earlier error: {}", what,
                      info_.ordinal, info_.name, firstError_);
}

Result<void*> Gpu::allocate(int64_t bytes) {
    if (bytes < 0) return internalError("allocation of {} bytes", bytes);
    TRY(usable("cuMemAlloc"));
    Current current(*this);
    CuPointer p = 0;
    CuResult r = api().memAlloc(&p, bytes > 0 ? static_cast<size_t>(bytes) : 256);
    if (r == kCuOutOfMemory) {
        size_t free = 0, total = 0;
        (void)api().memGetInfo(&free, &total);
        return makeStatus(Code::kFailedAllocation, "{} bytes on GPU {} ({}): {} of {} bytes are free", bytes,
                          info_.ordinal, info_.name, free, total);
    }
    TRY(check(r, "cuMemAlloc"));
    return reinterpret_cast<void*>(p);
}

void Gpu::free(void* p) {
    if (!p) return;
    Current current(*this);
    (void)check(api().memFree(address(p)), "cuMemFree");
}

Status Gpu::copy(void* to, const void* from, int64_t bytes, device::StreamHandle stream) {
    if (bytes <= 0) return {};
    TRY(usable("cuMemcpyAsync"));
    Current current(*this);
    return check(api().memcpyAsync(address(to), address(from), static_cast<size_t>(bytes), streamOf(stream)),
                 "cuMemcpyAsync");
}

Status Gpu::fill(void* to, uint8_t value, int64_t bytes, device::StreamHandle stream) {
    if (bytes <= 0) return {};
    TRY(usable("cuMemsetD8Async"));
    Current current(*this);
    return check(api().memsetD8Async(address(to), value, static_cast<size_t>(bytes), streamOf(stream)),
                 "cuMemsetD8Async");
}

Status Gpu::synchronize(device::StreamHandle stream) {
    TRY(usable("cuStreamSynchronize"));
    Current current(*this);
    return check(api().streamSynchronize(streamOf(stream)), "cuStreamSynchronize");
}

Result<std::unique_ptr<device::Timer>> Gpu::makeTimer() {
    return std::unique_ptr<device::Timer>(TRY(GpuTimer::create(*this)));
}

Result<std::unique_ptr<device::Stream>> Gpu::makeStream() {
    class Own final : public device::Stream {
      public:
        explicit Own(cuda::Stream stream) : stream_(std::move(stream)) {}
        device::StreamHandle handle() const override { return stream_.handle(); }

      private:
        cuda::Stream stream_;
    };
    return std::unique_ptr<device::Stream>(std::make_unique<Own>(TRY(Stream::create(*this))));
}

Result<std::unique_ptr<device::Event>> Gpu::makeEvent() {
    class Own final : public device::Event {
      public:
        explicit Own(cuda::Event event) : event_(std::move(event)) {}
        Status record(device::StreamHandle stream) override { return event_.record(streamOf(stream)); }
        Status wait(device::StreamHandle stream) override { return event_.wait(streamOf(stream)); }

      private:
        cuda::Event event_;
    };
    return std::unique_ptr<device::Event>(std::make_unique<Own>(TRY(cuda::Event::create(*this))));
}

Status Gpu::synchronizeAll() {
    TRY(usable("cuCtxSynchronize"));
    Current current(*this);
    return check(api().ctxSynchronize(), "cuCtxSynchronize");
}

Result<bool> Gpu::isCapturing(device::StreamHandle stream) const {
    return Stream::isCapturing(*this, streamOf(stream));
}

Result<std::unique_ptr<device::Recording>> Gpu::record(device::StreamHandle stream,
                                                       const std::function<Status()>& work) {
    class Own final : public device::Recording {
      public:
        explicit Own(Graph graph) : graph_(std::move(graph)) {}
        Status launch(device::StreamHandle stream) override { return graph_.launch(streamOf(stream)); }

      private:
        Graph graph_;
    };
    return std::unique_ptr<device::Recording>(
        std::make_unique<Own>(TRY(Stream::capture(*this, streamOf(stream), work))));
}

void* Gpu::enter() {
    CuContext before = nullptr;
    if (api().ctxGetCurrent(&before) != kCuSuccess) before = nullptr;
    if (before != context_) (void)api().ctxSetCurrent(context_);
    return before;
}

void Gpu::leave(void* before) {
    if (before != context_) (void)api().ctxSetCurrent(static_cast<CuContext>(before));
}

Result<void*> Gpu::allocatePinned(int64_t bytes) const {
    if (bytes < 0) return internalError("allocation of {} bytes", bytes);
    TRY(usable("cuMemHostAlloc"));
    Current current(*this);
    void* p = nullptr;
    TRY(check(api().memHostAlloc(&p, bytes > 0 ? static_cast<size_t>(bytes) : 256, 0), "cuMemHostAlloc"));
    return p;
}

void Gpu::freePinned(void* p) const {
    if (!p) return;
    Current current(*this);
    (void)check(api().memFreeHost(p), "cuMemFreeHost");
}

Result<Gpu::Memory> Gpu::memory() const {
    TRY(usable("cuMemGetInfo"));
    Current current(*this);
    size_t free = 0, total = 0;
    TRY(check(api().memGetInfo(&free, &total), "cuMemGetInfo"));
    return Memory{static_cast<int64_t>(free), static_cast<int64_t>(total)};
}

Result<device::Place> Gpu::placeOf(const void* p) const {
    TRY(usable("cuPointerGetAttribute"));
    Current current(*this);
    unsigned kind = 0;
    CuResult r = api().pointerGetAttribute(&kind, kPointerMemoryType, address(p));
    if (r == kCuInvalidValue) return device::Place::kHost;  // memory that the driver does not know
    TRY(check(r, "cuPointerGetAttribute"));
    return kind == kMemoryDevice ? device::Place::kDevice : device::Place::kPinned;
}

}  // namespace lathe::cuda
