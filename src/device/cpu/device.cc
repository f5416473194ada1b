// SPDX-License-Identifier: Apache-2.0
#include "device/cpu/device.h"

#include <chrono>
#include <cstdlib>
#include <cstring>

#include "base/cpu_info.h"

namespace lathe::device {
namespace {

class CpuTimer final : public Timer {
  public:
    Status start(StreamHandle) override {
        begin_ = end_ = Clock::now();
        return {};
    }
    Status stop(StreamHandle) override {
        end_ = Clock::now();
        return {};
    }
    Result<double> seconds() override { return std::chrono::duration<double>(end_ - begin_).count(); }

  private:
    using Clock = std::chrono::steady_clock;
    Clock::time_point begin_, end_;
};

class CpuDevice final : public Device {
  public:
    Place place() const override { return Place::kHost; }
    const std::string& model() const override { return cpuInfo().model; }

    Result<void*> allocate(int64_t bytes) override {
        constexpr size_t kAlignment = 256;
        if (bytes < 0) return internalError("allocation of {} bytes", bytes);
        void* p = nullptr;
        if (posix_memalign(&p, kAlignment, bytes > 0 ? static_cast<size_t>(bytes) : 1) != 0)
            return makeStatus(Code::kFailedAllocation, "{} bytes of host memory are not to be had", bytes);
        return p;
    }
    void free(void* p) override { std::free(p); }

    Status copy(void* to, const void* from, int64_t bytes, StreamHandle) override {
        if (bytes > 0) std::memmove(to, from, static_cast<size_t>(bytes));
        return {};
    }
    Status fill(void* to, uint8_t value, int64_t bytes, StreamHandle) override {
        if (bytes > 0) std::memset(to, value, static_cast<size_t>(bytes));
        return {};
    }
    Status synchronize(StreamHandle) override { return {}; }
    Result<std::unique_ptr<Timer>> makeTimer() override { return std::unique_ptr<Timer>(std::make_unique<CpuTimer>()); }
};

}  // namespace

Device& cpuDevice() {
    static CpuDevice* device = new CpuDevice;
    return *device;
}

}  // namespace lathe::device
