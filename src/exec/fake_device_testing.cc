// SPDX-License-Identifier: Apache-2.0
#include "exec/fake_device_testing.h"

#include <sys/mman.h>

#include <chrono>
#include <cstring>
#include <map>

namespace lathe::exec::testing {
namespace {

constexpr size_t kMemory = size_t{256} << 20, kBlock = 256;

class FakeTimer final : public device::Timer {
  public:
    Status start(device::StreamHandle) override {
        begin_ = Clock::now();
        return {};
    }
    Status stop(device::StreamHandle) override {
        end_ = Clock::now();
        return {};
    }
    Result<double> seconds() override { return std::chrono::duration<double>(end_ - begin_).count(); }

  private:
    using Clock = std::chrono::steady_clock;
    Clock::time_point begin_, end_;
};

class FakeStream final : public device::Stream {
  public:
    device::StreamHandle handle() const override { return const_cast<FakeStream*>(this); }
};

class FakeRecording final : public device::Recording {
  public:
    FakeRecording(FakeDevice& device, std::function<Status()> work) : device_(device), work_(std::move(work)) {}
    Status launch(device::StreamHandle) override {
        ++device_.launches;
        device::Current current(&device_);
        return work_();
    }

  private:
    FakeDevice& device_;
    std::function<Status()> work_;
};

class DisguisedKernel final : public tactics::Kernel {
  public:
    DisguisedKernel(FakeDevice& device, std::unique_ptr<tactics::Kernel> kernel)
        : device_(device), kernel_(std::move(kernel)) {}
    int64_t workspaceBytes() const override { return kernel_->workspaceBytes(); }
    Recording recording() const override { return kernel_->recording(); }
    Status run(const tactics::RunArgs& args) override {
        if (device_.isRecording()) return {};
        ++device_.kernels;
        FakeDevice::Open open(device_);
        return kernel_->run(args);
    }

  private:
    FakeDevice& device_;
    std::unique_ptr<tactics::Kernel> kernel_;
};

class Disguised final : public tactics::Tactic {
  public:
    Disguised(const std::string& id, const tactics::Tactic& tactic, FakeDevice& device)
        : Tactic(id.c_str(), tactic.anchor()), tactic_(tactic), device_(device) {}
    tactics::BindResult bind(const ir::Node& anchor, const tactics::BindContext& c) const override {
        tactics::BindResult result = tactic_.bind(anchor, c);
        for (tactics::Candidate& candidate : result.candidates) candidate.binding.tactic = this;
        return result;
    }
    Status pack(const tactics::Binding& binding, int index, std::span<const std::span<const std::byte>> sources,
                std::span<std::byte> out, const tactics::Target& target) const override {
        return tactic_.pack(binding, index, sources, out, target);
    }
    Result<std::unique_ptr<tactics::Kernel>> prepare(const tactics::Binding& binding,
                                                     const tactics::PrepareContext& c) const override {
        return std::unique_ptr<tactics::Kernel>(
            std::make_unique<DisguisedKernel>(device_, TRY(tactic_.prepare(binding, c))));
    }

  private:
    const tactics::Tactic& tactic_;
    FakeDevice& device_;
};

}  // namespace

const tactics::Tactic* disguise(const tactics::Tactic& tactic, FakeDevice& device) {
    static auto* ids = new std::map<const tactics::Tactic*, std::string>;
    std::string& id = (*ids)[&tactic];
    if (id.empty()) id = std::string("cuda.fake.") + tactic.id();
    return new Disguised(id, tactic, device);
}

FakeDevice::FakeDevice() {
    void* p = mmap(nullptr, kMemory, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    ASSERT(p != MAP_FAILED);
    memory_ = static_cast<std::byte*>(p);
}
FakeDevice::~FakeDevice() { munmap(memory_, kMemory); }

FakeDevice::Open::Open(const FakeDevice& device) : device_(device) {
    if (device_.open_++ == 0) mprotect(device_.memory_, kMemory, PROT_READ | PROT_WRITE);
}
FakeDevice::Open::~Open() {
    if (--device_.open_ == 0) mprotect(device_.memory_, kMemory, PROT_NONE);
}

bool FakeDevice::owns(const void* p) const {
    return p >= static_cast<const void*>(memory_) && p < static_cast<const void*>(memory_ + kMemory);
}

Result<void*> FakeDevice::allocate(int64_t bytes) {
    size_t size = (static_cast<size_t>(std::max<int64_t>(bytes, 1)) + kBlock - 1) / kBlock * kBlock;
    std::byte* at = memory_;
    for (const Block& b : blocks_) {
        if (static_cast<size_t>(b.data - at) >= size) break;
        at = b.data + b.bytes;
    }
    if (bytes < 0 || size > static_cast<size_t>(memory_ + kMemory - at))
        return makeStatus(Code::kFailedAllocation, "{} bytes on a fake device", bytes);
    blocks_.insert({at, size});
    ++allocations;
    Open open(*this);
    std::memset(at, 0xa5, size);
    return static_cast<void*>(at);
}

void FakeDevice::free(void* p) {
    if (p) blocks_.erase(Block{static_cast<std::byte*>(p), 0});
}

Status FakeDevice::copy(void* to, const void* from, int64_t bytes, device::StreamHandle) {
    if (recording_ || bytes <= 0) return {};
    ++copies;
    Open open(*this);
    std::memmove(to, from, static_cast<size_t>(bytes));
    return {};
}

Status FakeDevice::fill(void* to, uint8_t value, int64_t bytes, device::StreamHandle) {
    if (recording_ || bytes <= 0) return {};
    Open open(*this);
    std::memset(to, value, static_cast<size_t>(bytes));
    return {};
}

Status FakeDevice::synchronize(device::StreamHandle stream) {
    if (recording_ || (stream && stream == capturing_)) return internalError("a captured stream is waited for");
    ++waits;
    return {};
}

Result<std::unique_ptr<device::Timer>> FakeDevice::makeTimer() {
    return std::unique_ptr<device::Timer>(std::make_unique<FakeTimer>());
}
Result<std::unique_ptr<device::Stream>> FakeDevice::makeStream() {
    return std::unique_ptr<device::Stream>(std::make_unique<FakeStream>());
}
Result<device::Place> FakeDevice::placeOf(const void* p) const {
    return owns(p) ? device::Place::kDevice : device::Place::kHost;
}

Result<std::unique_ptr<device::Recording>> FakeDevice::record(device::StreamHandle,
                                                              const std::function<Status()>& work) {
    recording_ = true;
    Status status = work();
    recording_ = false;
    TRY(std::move(status));
    return std::unique_ptr<device::Recording>(std::make_unique<FakeRecording>(*this, work));
}

void* FakeDevice::enter() {
    ++current_;
    return nullptr;
}
void FakeDevice::leave(void*) { --current_; }

}  // namespace lathe::exec::testing
