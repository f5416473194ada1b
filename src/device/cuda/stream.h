// SPDX-License-Identifier: Apache-2.0
// Streams, events, timers and captured graphs of a Gpu, which must outlive them.
#pragma once

#include "device/cuda/gpu.h"

namespace lathe::cuda {

class Event {
  public:
    static Result<Event> create(const Gpu& gpu, bool timing = false);
    ~Event();
    Event(Event&& other) noexcept : gpu_(other.gpu_), event_(std::exchange(other.event_, nullptr)) {}
    Event& operator=(Event&&) = delete;

    CuEvent handle() const { return event_; }
    Status record(CuStream stream) const;
    Status synchronize() const;
    // Work put into `stream` later waits for the recorded point.
    Status wait(CuStream stream) const;

  private:
    Event(const Gpu& gpu, CuEvent event) : gpu_(&gpu), event_(event) {}
    const Gpu* gpu_;
    CuEvent event_;
};

// A graph that can be launched again and again; the addresses in it are those of its capture.
class Graph {
  public:
    ~Graph();
    Graph(Graph&& other) noexcept : gpu_(other.gpu_), exec_(std::exchange(other.exec_, nullptr)) {}
    Graph& operator=(Graph&&) = delete;
    Status launch(CuStream stream) const;

  private:
    friend class Stream;
    Graph(const Gpu& gpu, CuGraphExec exec) : gpu_(&gpu), exec_(exec) {}
    const Gpu* gpu_;
    CuGraphExec exec_;
};

class Stream {
  public:
    // Independent of the default stream.
    static Result<Stream> create(const Gpu& gpu);
    ~Stream();
    Stream(Stream&& other) noexcept : gpu_(other.gpu_), stream_(std::exchange(other.stream_, nullptr)) {}
    Stream& operator=(Stream&&) = delete;

    CuStream handle() const { return stream_; }
    Status synchronize() const;

    // What `work` puts into this stream, as a graph; nothing of it runs. A failing `work` ends the capture too.
    template <class F>
    Result<Graph> capture(F&& work) const {
        return capture(*gpu_, stream_, [&]() -> Status { return work(*this); });
    }
    // The same for the handle of a stream that is not the default one.
    static Result<Graph> capture(const Gpu& gpu, CuStream stream, const std::function<Status()>& work);
    // Whether a stream (of ours or the caller's) is being captured now.
    static Result<bool> isCapturing(const Gpu& gpu, CuStream stream);

  private:
    Stream(const Gpu& gpu, CuStream stream) : gpu_(&gpu), stream_(stream) {}
    const Gpu* gpu_;
    CuStream stream_;
};

class GpuTimer final : public device::Timer {
  public:
    static Result<std::unique_ptr<GpuTimer>> create(const Gpu& gpu);
    Status start(device::StreamHandle stream) override { return start_.record(static_cast<CuStream>(stream)); }
    Status stop(device::StreamHandle stream) override { return stop_.record(static_cast<CuStream>(stream)); }
    Result<double> seconds() override;

  private:
    GpuTimer(const Gpu& gpu, Event start, Event stop) : gpu_(gpu), start_(std::move(start)), stop_(std::move(stop)) {}
    const Gpu& gpu_;
    Event start_, stop_;
};

}  // namespace lathe::cuda
