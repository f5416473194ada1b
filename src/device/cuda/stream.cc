// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/stream.h"

namespace lathe::cuda {

Result<Event> Event::create(const Gpu& gpu, bool timing) {
    TRY(gpu.usable("cuEventCreate"));
    Gpu::Current current(gpu);
    CuEvent event = nullptr;
    TRY(gpu.check(gpu.api().eventCreate(&event, timing ? 0 : kEventDisableTiming), "cuEventCreate"));
    return Event(gpu, event);
}

Event::~Event() {
    if (!event_) return;
    Gpu::Current current(*gpu_);
    (void)gpu_->check(gpu_->api().eventDestroy(event_), "cuEventDestroy");
}

Status Event::record(CuStream stream) const {
    TRY(gpu_->usable("cuEventRecord"));
    Gpu::Current current(*gpu_);
    return gpu_->check(gpu_->api().eventRecord(event_, stream), "cuEventRecord");
}

Status Event::synchronize() const {
    TRY(gpu_->usable("cuEventSynchronize"));
    Gpu::Current current(*gpu_);
    return gpu_->check(gpu_->api().eventSynchronize(event_), "cuEventSynchronize");
}

Status Event::wait(CuStream stream) const {
    TRY(gpu_->usable("cuStreamWaitEvent"));
    Gpu::Current current(*gpu_);
    return gpu_->check(gpu_->api().streamWaitEvent(stream, event_, 0), "cuStreamWaitEvent");
}

Graph::~Graph() {
    if (!exec_) return;
    Gpu::Current current(*gpu_);
    (void)gpu_->check(gpu_->api().graphExecDestroy(exec_), "cuGraphExecDestroy");
}

Status Graph::launch(CuStream stream) const {
    TRY(gpu_->usable("cuGraphLaunch"));
    Gpu::Current current(*gpu_);
    return gpu_->check(gpu_->api().graphLaunch(exec_, stream), "cuGraphLaunch");
}

Result<Stream> Stream::create(const Gpu& gpu) {
    TRY(gpu.usable("cuStreamCreate"));
    Gpu::Current current(gpu);
    CuStream stream = nullptr;
    TRY(gpu.check(gpu.api().streamCreate(&stream, kStreamNonBlocking), "cuStreamCreate"));
    return Stream(gpu, stream);
}

Stream::~Stream() {
    if (!stream_) return;
    Gpu::Current current(*gpu_);
    (void)gpu_->check(gpu_->api().streamDestroy(stream_), "cuStreamDestroy");
}

Status Stream::synchronize() const {
    TRY(gpu_->usable("cuStreamSynchronize"));
    Gpu::Current current(*gpu_);
    return gpu_->check(gpu_->api().streamSynchronize(stream_), "cuStreamSynchronize");
}

Result<bool> Stream::isCapturing(const Gpu& gpu, CuStream stream) {
    TRY(gpu.usable("cuStreamIsCapturing"));
    Gpu::Current current(gpu);
    int state = 0;
    TRY(gpu.check(gpu.api().streamIsCapturing(stream, &state), "cuStreamIsCapturing"));
    return state != 0;
}

Result<Graph> Stream::capture(const Gpu& gpu, CuStream stream, const std::function<Status()>& work) {
    TRY(gpu.usable("cuStreamBeginCapture"));
    Gpu::Current current(gpu);
    const DriverApi& api = gpu.api();
    TRY(gpu.check(api.streamBeginCapture(stream, kCaptureThreadLocal), "cuStreamBeginCapture"));
    Status made = work();
    CuGraph graph = nullptr;
    Status ended = gpu.check(api.streamEndCapture(stream, &graph), "cuStreamEndCapture");
    if (made.ok()) made = std::move(ended);
    CuGraphExec exec = nullptr;
    if (made.ok()) made = gpu.check(api.graphInstantiate(&exec, graph, 0), "cuGraphInstantiate");
    if (graph) (void)gpu.check(api.graphDestroy(graph), "cuGraphDestroy");
    if (!made.ok()) return made;
    return Graph(gpu, exec);
}

Result<std::unique_ptr<GpuTimer>> GpuTimer::create(const Gpu& gpu) {
    Event start = TRY(Event::create(gpu, true)), stop = TRY(Event::create(gpu, true));
    return std::unique_ptr<GpuTimer>(new GpuTimer(gpu, std::move(start), std::move(stop)));
}

Result<double> GpuTimer::seconds() {
    TRY(stop_.synchronize());
    Gpu::Current current(gpu_);
    float ms = 0;
    TRY(gpu_.check(gpu_.api().eventElapsedTime(&ms, start_.handle(), stop_.handle()), "cuEventElapsedTime"));
    return ms * 1e-3;
}

}  // namespace lathe::cuda
