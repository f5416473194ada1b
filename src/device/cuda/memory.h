// SPDX-License-Identifier: Apache-2.0
// Owned memory: on a GPU, pinned on the host, and a pool that gives and takes in the order of a stream.
#pragma once

#include "device/cuda/gpu.h"

namespace lathe::cuda {

class DeviceBuffer {
  public:
    DeviceBuffer() = default;
    static Result<DeviceBuffer> create(Gpu& gpu, int64_t bytes);
    ~DeviceBuffer() { reset(); }
    DeviceBuffer(DeviceBuffer&& o) noexcept : gpu_(o.gpu_), data_(std::exchange(o.data_, nullptr)), bytes_(o.bytes_) {}
    DeviceBuffer& operator=(DeviceBuffer&& o) noexcept;

    void* data() const { return data_; }
    int64_t bytes() const { return bytes_; }

  private:
    void reset();
    Gpu* gpu_ = nullptr;
    void* data_ = nullptr;
    int64_t bytes_ = 0;
};

class PinnedBuffer {
  public:
    PinnedBuffer() = default;
    static Result<PinnedBuffer> create(const Gpu& gpu, int64_t bytes);
    ~PinnedBuffer();
    PinnedBuffer(PinnedBuffer&& o) noexcept : gpu_(o.gpu_), data_(std::exchange(o.data_, nullptr)), bytes_(o.bytes_) {}
    PinnedBuffer& operator=(PinnedBuffer&&) = delete;

    void* data() const { return data_; }
    int64_t bytes() const { return bytes_; }

  private:
    const Gpu* gpu_ = nullptr;
    void* data_ = nullptr;
    int64_t bytes_ = 0;
};

// Scratch memory whose size is found while running. Neither call waits for the GPU: a block is had and given back at a
// point of the stream. The pool keeps what it has until trim().
class MemoryPool {
  public:
    // Refused (kUnsupported) on GPUs without stream-ordered allocation.
    static Result<MemoryPool> create(const Gpu& gpu);
    ~MemoryPool();
    MemoryPool(MemoryPool&& o) noexcept : gpu_(o.gpu_), pool_(std::exchange(o.pool_, nullptr)) {}
    MemoryPool& operator=(MemoryPool&&) = delete;

    Result<void*> allocate(int64_t bytes, CuStream stream) const;
    Status free(void* p, CuStream stream) const;
    Status trim(int64_t keepBytes) const;

  private:
    MemoryPool(const Gpu& gpu, CuMemPool pool) : gpu_(&gpu), pool_(pool) {}
    const Gpu* gpu_;
    CuMemPool pool_;
};

}  // namespace lathe::cuda
