// SPDX-License-Identifier: Apache-2.0
#include "exec/fake_device_testing.h"

#include <sys/mman.h>

#include <algorithm>
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
    DisguisedKernel(FakeDevice& device, std::shared_ptr<tactics::Kernel> kernel, const tactics::Binding& binding,
                    const tactics::PrepareContext& c)
        : device_(device),
          kernel_(std::move(kernel)),
          name_(binding.nodes[0]->name()),
          isIdle_(binding.aliases.size() == binding.outputs.size()) {
        for (size_t i = 0; i < binding.inputs.size(); ++i)
            inputBytes_.push_back(sizeOf(*binding.inputs[i], binding.inputLayouts[i], c));
        for (size_t o = 0; o < binding.outputs.size(); ++o)
            outputBytes_.push_back(sizeOf(*binding.outputs[o], binding.outputLayouts[o], c));
    }
    int64_t workspaceBytes() const override { return std::max(device_.workspace, kernel_->workspaceBytes()); }
    Recording recording() const override { return kernel_->recording(); }
    Status run(const tactics::RunArgs& args) override {
        if (device_.queues() && !args.outputDims) return put(args);
        if (device_.isRecording()) return {};
        ++device_.kernels;
        FakeDevice::Open open(device_);
        return kernel_->run(args);
    }

  private:
    // A run that is under way.
    struct Run {
        std::shared_ptr<tactics::Kernel> kernel;
        std::vector<const void*> inputs;
        std::vector<void*> outputs;
        tactics::RunArgs args;
        FakeDevice::Access access;
    };

    static int64_t sizeOf(const ir::Value& v, tactics::Layout layout, const tactics::PrepareContext& c) {
        return tactics::bytesOf({v.dtype(), layout}, c.dims(v));
    }

    Status put(const tactics::RunArgs& args) {
        if (isIdle_) return {};
        auto run = std::make_shared<Run>();
        run->kernel = kernel_;
        run->access.name = name_;
        for (size_t i = 0; i < inputBytes_.size(); ++i) {
            run->inputs.push_back(args.inputs[i]);
            run->access.reads.push_back({static_cast<const std::byte*>(args.inputs[i]), inputBytes_[i]});
        }
        for (size_t o = 0; o < outputBytes_.size(); ++o) {
            run->outputs.push_back(args.outputs[o]);
            run->access.writes.push_back({static_cast<const std::byte*>(args.outputs[o]), outputBytes_[o]});
        }
        run->access.writes.push_back({static_cast<const std::byte*>(args.workspace), workspaceBytes()});
        run->args = args;
        run->args.inputs = run->inputs.data();
        run->args.outputs = run->outputs.data();
        device_.queues()->put(args.stream, [&device = device_, run]() -> Status {
            TRY(device.begin(run->access));
            FakeDevice::Open open(device);
            for (const FakeDevice::Span& w : run->access.writes) {
                auto isOver = [&](const FakeDevice::Span& r) { return r.overlaps(w); };
                // What is computed in place still needs its input.
                if (w.bytes > 0 && std::none_of(run->access.reads.begin(), run->access.reads.end(), isOver))
                    std::memset(const_cast<std::byte*>(w.data), 0xff, static_cast<size_t>(w.bytes));
            }
            return {};
        });
        device_.queues()->put(args.stream, [&device = device_, run]() -> Status {
            ++device.kernels;
            device.end(run->access);
            FakeDevice::Open open(device);
            return run->kernel->run(run->args);
        });
        return {};
    }

    FakeDevice& device_;
    std::shared_ptr<tactics::Kernel> kernel_;
    std::string name_;
    bool isIdle_;  // all its outputs are its inputs
    std::vector<int64_t> inputBytes_, outputBytes_;
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
            std::make_unique<DisguisedKernel>(device_, TRY(tactic_.prepare(binding, c)), binding, c));
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
    if (queues_) (void)queues_->finishAll();
    if (p) blocks_.erase(Block{static_cast<std::byte*>(p), 0});
}

Status FakeDevice::copy(void* to, const void* from, int64_t bytes, device::StreamHandle stream) {
    if (recording_ || bytes <= 0) return {};
    auto work = [this, to, from, bytes]() -> Status {
        ++copies;
        Access access{"a copy", {{static_cast<const std::byte*>(from), bytes}}, {{static_cast<std::byte*>(to), bytes}}};
        TRY(begin(access));
        end(access);
        Open open(*this);
        std::memmove(to, from, static_cast<size_t>(bytes));
        return {};
    };
    if (!queues_) return work();
    queues_->put(stream, work);
    return {};
}

Status FakeDevice::fill(void* to, uint8_t value, int64_t bytes, device::StreamHandle stream) {
    if (recording_ || bytes <= 0) return {};
    auto work = [this, to, value, bytes]() -> Status {
        Open open(*this);
        std::memset(to, value, static_cast<size_t>(bytes));
        return {};
    };
    if (!queues_) return work();
    queues_->put(stream, work);
    return {};
}

Status FakeDevice::synchronize(device::StreamHandle stream) {
    if (recording_ || (stream && stream == capturing_)) return internalError("a captured stream is waited for");
    ++waits;
    return queues_ ? queues_->finish(stream) : Status();
}

Status FakeDevice::synchronizeAll() { return queues_ ? queues_->finishAll() : synchronize(nullptr); }

QueuedStreams& FakeDevice::runLate(uint32_t seed) {
    queues_ = std::make_unique<QueuedStreams>(seed);
    return *queues_;
}

Status FakeDevice::begin(const Access& access) {
    auto clash = [](const std::vector<Span>& a, const std::vector<Span>& b) {
        for (const Span& x : a)
            for (const Span& y : b)
                if (x.overlaps(y)) return true;
        return false;
    };
    for (const Access* other : active_)
        if (clash(access.writes, other->writes) || clash(access.writes, other->reads) ||
            clash(access.reads, other->writes))
            return internalError("'{}' and '{}' run at the same time in the same memory", access.name, other->name);
    active_.push_back(&access);
    return {};
}

void FakeDevice::end(const Access& access) { std::erase(active_, &access); }

Result<std::unique_ptr<device::Timer>> FakeDevice::makeTimer() {
    return std::unique_ptr<device::Timer>(std::make_unique<FakeTimer>());
}
Result<std::unique_ptr<device::Stream>> FakeDevice::makeStream() {
    return std::unique_ptr<device::Stream>(std::make_unique<FakeStream>());
}

// Streams that run at once need none.
Result<std::unique_ptr<device::Event>> FakeDevice::makeEvent() {
    class Idle final : public device::Event {
        Status record(device::StreamHandle) override { return {}; }
        Status wait(device::StreamHandle) override { return {}; }
    };
    return queues_ ? queues_->makeEvent() : std::unique_ptr<device::Event>(std::make_unique<Idle>());
}

Result<device::Place> FakeDevice::placeOf(const void* p) const {
    return owns(p) ? device::Place::kDevice : device::Place::kHost;
}

Result<std::unique_ptr<device::Recording>> FakeDevice::record(device::StreamHandle stream,
                                                              const std::function<Status()>& work) {
    if (queues_) return queues_->capture(stream, work);
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
