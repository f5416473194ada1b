// SPDX-License-Identifier: Apache-2.0
// One GPU: its properties and its primary context, which is also the one that the real libcudart uses, so that pointers
// and streams go back and forth between us and programs linked with it.
//
// Every call checks the context's state first: after an error that poisons it (a kernel's bad access, a lost device)
// nothing works there any more, and every later call says so, with the first error's text. The process and the CPU's
// engines live on.
#pragma once

#include <atomic>
#include <mutex>
#include <vector>

#include "device/accelerator.h"
#include "device/cuda/driver.h"

namespace lathe::cuda {

struct GpuInfo {
    int ordinal = 0;
    std::string name;  // "NVIDIA H100 80GB HBM3"
    int sm = 0;        // compute capability: 90 for 9.0
    int smCount = 0;
    int64_t memoryBytes = 0, l2Bytes = 0;
    int sharedPerBlock = 0;  // with opt-in
    int sharedPerSm = 0, threadsPerSm = 0;
    int64_t clockKhz = 0;
    bool hasPools = false;
};

class Gpu final : public device::Accelerator {
  public:
    // Opened once per process and device; lives until the process ends.
    static Result<Gpu*> get(int ordinal);
    static Result<int> count();
    // For tests: with a driver of their own.
    static Result<std::unique_ptr<Gpu>> open(const Driver& driver, int ordinal);
    ~Gpu() override;

    // Makes the context current in this thread for as long as it lives, and puts back what was current before. Calls of
    // Gpu do it themselves; those that launch many kernels do it once around them.
    class Current {
      public:
        explicit Current(const Gpu& gpu);
        ~Current();
        Current(const Current&) = delete;
        Current& operator=(const Current&) = delete;

      private:
        const Gpu& gpu_;
        CuContext before_ = nullptr;
        bool changed_ = false;
    };

    const GpuInfo& info() const { return info_; }
    const Driver& driver() const { return driver_; }
    const DriverApi& api() const { return driver_.api(); }

    // The result of a driver call as a Status; remembers a poisoning one.
    Status check(CuResult result, std::string_view what) const;
    // OK unless the context is poisoned; then which error did it, prefixed by `what`.
    Status usable(std::string_view what) const;

    device::Place place() const override { return device::Place::kDevice; }
    const std::string& model() const override { return info_.name; }
    Result<void*> allocate(int64_t bytes) override;
    void free(void* p) override;
    Status copy(void* to, const void* from, int64_t bytes, device::StreamHandle stream) override;
    Status fill(void* to, uint8_t value, int64_t bytes, device::StreamHandle stream) override;
    Status synchronize(device::StreamHandle stream) override;
    Result<std::unique_ptr<device::Timer>> makeTimer() override;
    Result<std::unique_ptr<device::Stream>> makeStream() override;
    Result<std::unique_ptr<device::Event>> makeEvent() override;
    Status synchronizeAll() override;
    // kDevice (of this or another GPU), kPinned, or kHost.
    int architecture() const override { return info_.sm; }
    Result<device::Place> placeOf(const void* p) const override;
    Result<bool> isCapturing(device::StreamHandle stream) const override;
    Result<std::unique_ptr<device::Recording>> record(device::StreamHandle stream,
                                                      const std::function<Status()>& work) override;
    void* enter() override;
    void leave(void* before) override;

    // Host memory that kernels and copy engines reach.
    Result<void*> allocatePinned(int64_t bytes) const;
    void freePinned(void* p) const;
    struct Memory {
        int64_t free = 0, total = 0;
    };
    Result<Memory> memory() const;

  private:
    Gpu(const Driver& driver) : driver_(driver) {}

    Driver driver_;
    GpuInfo info_;
    CuContext context_ = nullptr;
    mutable std::atomic<bool> poisoned_ = false;
    mutable std::mutex mutex_;
    mutable std::string firstError_;  // guarded by mutex_
};

}  // namespace lathe::cuda
