// SPDX-License-Identifier: Apache-2.0
// A device for tests where there is no GPU. Its memory lies apart from the host's and cannot be touched from outside of
// the device's own calls: a test in which host code reads or writes it, or hands it to a CPU kernel, dies of SIGSEGV.
// Streams run at once, or late and in any order that is allowed (runLate()). What runs on it are CPU tactics in
// disguise (disguise()).
#pragma once

#include <set>

#include "device/accelerator.h"
#include "exec/queued_streams_testing.h"
#include "tactics/tactic.h"

namespace lathe::exec::testing {

class FakeDevice final : public device::Accelerator {
  public:
    FakeDevice();
    ~FakeDevice() override;

    // While one of these lives, the device's memory may be touched.
    class Open {
      public:
        explicit Open(const FakeDevice& device);
        ~Open();

      private:
        const FakeDevice& device_;
    };

    device::Place place() const override { return device::Place::kDevice; }
    const std::string& model() const override { return model_; }
    Result<void*> allocate(int64_t bytes) override;
    void free(void* p) override;
    Status copy(void* to, const void* from, int64_t bytes, device::StreamHandle stream) override;
    Status fill(void* to, uint8_t value, int64_t bytes, device::StreamHandle stream) override;
    Status synchronize(device::StreamHandle stream) override;
    Result<std::unique_ptr<device::Timer>> makeTimer() override;
    Result<std::unique_ptr<device::Stream>> makeStream() override;
    Result<std::unique_ptr<device::Event>> makeEvent() override;
    Status synchronizeAll() override;
    int architecture() const override { return 90; }
    Result<device::Place> placeOf(const void* p) const override;
    Result<bool> isCapturing(device::StreamHandle stream) const override {
        return stream && (capturing_ == stream || (queues_ && queues_->isCapturing(stream)));
    }
    // Keeps `work` and calls it at each launch; while it is recorded, nothing runs. After runLate(): keeps what `work`
    // puts into streams.
    Result<std::unique_ptr<device::Recording>> record(device::StreamHandle stream,
                                                      const std::function<Status()>& work) override;
    void* enter() override;
    void leave(void* before) override;

    // As if a program captured the stream.
    void setCapturing(device::StreamHandle stream) { capturing_ = stream; }
    bool isRecording() const { return recording_; }
    // From now on what is put into streams runs when somebody waits for it, in an order that the seed decides. A kernel
    // is not done at once: it holds its memory for a while, with junk in its outputs and workspace, and another that
    // touches that memory meanwhile is an error of whoever waits next.
    QueuedStreams& runLate(uint32_t seed);
    // Null before that.
    QueuedStreams* queues() { return queues_.get(); }
    // Bytes that something on the device reads or writes.
    struct Span {
        const std::byte* data;
        int64_t bytes;
        bool overlaps(const Span& o) const {
            return bytes > 0 && o.bytes > 0 && data < o.data + o.bytes && o.data < data + bytes;
        }
    };
    struct Access {
        std::string name;
        std::vector<Span> reads, writes;
    };
    // REQUIRES of both: inside of queued work.
    Status begin(const Access& access);
    void end(const Access& access);
    // Of every disguised kernel, at least.
    int64_t workspace = 0;
    int64_t allocated() const { return static_cast<int64_t>(blocks_.size()); }
    int copies = 0, waits = 0, kernels = 0, allocations = 0, launches = 0;

  private:
    friend class Open;
    bool owns(const void* p) const;

    std::string model_ = "Fake GPU";
    std::byte* memory_ = nullptr;
    struct Block {
        std::byte* data;
        size_t bytes;
        bool operator<(const Block& o) const { return data < o.data; }
    };
    std::set<Block> blocks_;
    mutable int open_ = 0;
    int current_ = 0;
    bool recording_ = false;
    device::StreamHandle capturing_ = nullptr;
    std::unique_ptr<QueuedStreams> queues_;
    std::vector<const Access*> active_;
};

// A CUDA tactic that binds, packs and prepares as `tactic` of the CPU does, and runs on a FakeDevice, in its memory.
// Operands of layout kHost stay on the host. The objects live as long as the process.
const tactics::Tactic* disguise(const tactics::Tactic& tactic, FakeDevice& device);

}  // namespace lathe::exec::testing
