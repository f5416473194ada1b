// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/memory.h"

namespace lathe::cuda {

Result<DeviceBuffer> DeviceBuffer::create(Gpu& gpu, int64_t bytes) {
    DeviceBuffer b;
    b.data_ = TRY(gpu.allocate(bytes));
    b.gpu_ = &gpu;
    b.bytes_ = bytes;
    return b;
}

DeviceBuffer& DeviceBuffer::operator=(DeviceBuffer&& o) noexcept {
    if (this != &o) {
        reset();
        gpu_ = o.gpu_;
        data_ = std::exchange(o.data_, nullptr);
        bytes_ = std::exchange(o.bytes_, 0);
    }
    return *this;
}

void DeviceBuffer::reset() {
    if (data_) gpu_->free(data_);
    data_ = nullptr;
}

Result<PinnedBuffer> PinnedBuffer::create(const Gpu& gpu, int64_t bytes) {
    PinnedBuffer b;
    b.data_ = TRY(gpu.allocatePinned(bytes));
    b.gpu_ = &gpu;
    b.bytes_ = bytes;
    return b;
}

PinnedBuffer::~PinnedBuffer() {
    if (data_) gpu_->freePinned(data_);
}

Result<MemoryPool> MemoryPool::create(const Gpu& gpu) {
    if (!gpu.info().hasPools) return unsupported("{} has no stream-ordered allocation", gpu.info().name);
    TRY(gpu.usable("cuMemPoolCreate"));
    Gpu::Current current(gpu);
    CuMemPoolProps props;
    props.locationId = gpu.info().ordinal;
    CuMemPool pool = nullptr;
    TRY(gpu.check(gpu.api().memPoolCreate(&pool, &props), "cuMemPoolCreate"));
    MemoryPool result(gpu, pool);
    uint64_t keepAll = UINT64_MAX;
    TRY(gpu.check(gpu.api().memPoolSetAttribute(pool, kPoolReleaseThreshold, &keepAll), "cuMemPoolSetAttribute"));
    return result;
}

MemoryPool::~MemoryPool() {
    if (!pool_) return;
    Gpu::Current current(*gpu_);
    (void)gpu_->check(gpu_->api().memPoolDestroy(pool_), "cuMemPoolDestroy");
}

Result<void*> MemoryPool::allocate(int64_t bytes, CuStream stream) const {
    if (bytes < 0) return internalError("allocation of {} bytes", bytes);
    TRY(gpu_->usable("cuMemAllocFromPoolAsync"));
    Gpu::Current current(*gpu_);
    CuPointer p = 0;
    size_t size = bytes > 0 ? static_cast<size_t>(bytes) : 256;
    TRY(gpu_->check(gpu_->api().memAllocFromPoolAsync(&p, size, pool_, stream), "cuMemAllocFromPoolAsync"));
    return reinterpret_cast<void*>(p);
}

Status MemoryPool::free(void* p, CuStream stream) const {
    if (!p) return {};
    TRY(gpu_->usable("cuMemFreeAsync"));
    Gpu::Current current(*gpu_);
    return gpu_->check(gpu_->api().memFreeAsync(reinterpret_cast<CuPointer>(p), stream), "cuMemFreeAsync");
}

Status MemoryPool::trim(int64_t keepBytes) const {
    TRY(gpu_->usable("cuMemPoolTrimTo"));
    Gpu::Current current(*gpu_);
    return gpu_->check(gpu_->api().memPoolTrimTo(pool_, static_cast<size_t>(keepBytes)), "cuMemPoolTrimTo");
}

}  // namespace lathe::cuda
