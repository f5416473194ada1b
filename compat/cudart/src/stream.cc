// SPDX-License-Identifier: Apache-2.0
#include "stream.h"
#include "gpu.h"

#include <atomic>
#include <chrono>
#include <map>
#include <thread>
#include <vector>

namespace lathe::cudart {

void HostStream::run(Task task) {
    {
        std::unique_lock lock(mutex_);
        if (busy_ || !tasks_.empty()) {
            lock.unlock();
            enqueue(std::move(task));
            return;
        }
        busy_ = true;
        ++added_;
    }
    task();
    std::lock_guard lock(mutex_);
    busy_ = false;
    ++done_;
    changed_.notify_all();
}

void HostStream::enqueue(Task task) {
    std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    ++added_;
    if (!hasThread_) {
        hasThread_ = true;
        std::thread([self = shared_from_this()] { self->work(); }).detach();
    }
    changed_.notify_all();
}

void HostStream::work() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [&] { return (!busy_ && !tasks_.empty()) || (closed_ && tasks_.empty()); });
        if (tasks_.empty()) return;
        Task task = std::move(tasks_.front());
        tasks_.pop_front();
        busy_ = true;
        lock.unlock();
        task();
        task = nullptr;
        lock.lock();
        busy_ = false;
        ++done_;
        changed_.notify_all();
    }
}

void HostStream::synchronize() {
    std::unique_lock lock(mutex_);
    unsigned long long until = added_;
    changed_.wait(lock, [&] { return done_ >= until; });
}

bool HostStream::idle() {
    std::lock_guard lock(mutex_);
    return done_ == added_;
}

void HostStream::close() {
    std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
}

namespace {

class HostEvent {
  public:
    explicit HostEvent(unsigned int flags) : flags(flags) {}
    using Clock = std::chrono::steady_clock;

    unsigned long long record() {
        std::lock_guard lock(mutex_);
        return ++recorded_;
    }
    void complete(unsigned long long number) {
        std::lock_guard lock(mutex_);
        if (number <= completed_) return;
        completed_ = number;
        time_ = Clock::now();
        changed_.notify_all();
    }
    unsigned long long recorded() {
        std::lock_guard lock(mutex_);
        return recorded_;
    }
    bool isComplete(unsigned long long number) {
        std::lock_guard lock(mutex_);
        return completed_ >= number;
    }
    void wait(unsigned long long number) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return completed_ >= number; });
    }
    Clock::time_point time() {
        std::lock_guard lock(mutex_);
        return time_;
    }

    const unsigned int flags;

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    unsigned long long recorded_ = 0, completed_ = 0;
    Clock::time_point time_;
};

// Handles are addresses of the objects; only known ones are followed.
struct Handles {
    std::mutex mutex;
    std::map<const void*, std::shared_ptr<HostStream>> streams;
    std::map<const void*, std::shared_ptr<HostEvent>> events;
    std::atomic<unsigned long long> nextId{3};  // 1 and 2 are the default streams
    static Handles& instance() {
        static auto* handles = new Handles;  // outlives static destructors, which may use streams
        return *handles;
    }
};

bool isDefault(cudaStream_t s) { return !s || s == cudaStreamLegacy || s == cudaStreamPerThread; }

std::shared_ptr<HostStream> findStream(cudaStream_t s) {
    Handles& h = Handles::instance();
    std::lock_guard lock(h.mutex);
    auto at = h.streams.find(s);
    return at == h.streams.end() ? nullptr : at->second;
}

std::shared_ptr<HostEvent> findEvent(cudaEvent_t e) {
    Handles& h = Handles::instance();
    std::lock_guard lock(h.mutex);
    auto at = h.events.find(e);
    return at == h.events.end() ? nullptr : at->second;
}

std::vector<std::shared_ptr<HostStream>> allStreams(bool nonBlockingToo) {
    Handles& h = Handles::instance();
    std::lock_guard lock(h.mutex);
    std::vector<std::shared_ptr<HostStream>> list;
    for (const auto& [handle, s] : h.streams)
        if (nonBlockingToo || !(s->flags & cudaStreamNonBlocking)) list.push_back(s);
    return list;
}

void waitForBlocking(cudaStream_t stream) {
    if (stream == cudaStreamPerThread) return;
    for (const auto& s : allStreams(false)) s->synchronize();
}

// On a default stream in the caller's thread, else by HostStream::enqueue or HostStream::run.
template <class How>
cudaError_t give(cudaStream_t stream, HostStream::Task task, How how) {
    if (isDefault(stream)) {
        waitForBlocking(stream);
        task();
        return cudaSuccess;
    }
    auto s = findStream(stream);
    if (!s) return cudaErrorInvalidResourceHandle;
    ((*s).*how)(std::move(task));
    return cudaSuccess;
}

// Runs a host function in stream order, away from the caller's thread unless the stream is a default one.
cudaError_t launch(cudaStream_t stream, HostStream::Task task) {
    return give(stream, std::move(task), &HostStream::enqueue);
}

cudaError_t makeStream(cudaStream_t* stream, unsigned int flags, int priority) {
    if (!stream || (flags & ~static_cast<unsigned>(cudaStreamNonBlocking))) return cudaErrorInvalidValue;
    Handles& h = Handles::instance();
    auto s = std::make_shared<HostStream>(flags, priority, h.nextId++);
    std::lock_guard lock(h.mutex);
    *stream = reinterpret_cast<cudaStream_t>(s.get());
    h.streams.emplace(s.get(), std::move(s));
    return cudaSuccess;
}

}  // namespace

cudaError_t runOn(cudaStream_t stream, HostStream::Task task) {
    return give(stream, std::move(task), &HostStream::run);
}

cudaError_t synchronizeStream(cudaStream_t stream) {
    if (isDefault(stream)) {
        waitForBlocking(stream);
        return cudaSuccess;
    }
    auto s = findStream(stream);
    if (!s) return cudaErrorInvalidResourceHandle;
    s->synchronize();
    return cudaSuccess;
}

void synchronizeAll() {
    for (const auto& s : allStreams(true)) s->synchronize();
}

}  // namespace lathe::cudart

using namespace lathe::cudart;

extern "C" {

cudaError_t cudaStreamCreate(cudaStream_t* stream) {
    return call([&] { return makeStream(stream, 0, 0); },
                [&](const Driver& d) -> int { return d.streamCreate(stream, 0, 0); });
}
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned int flags) {
    return call([&] { return makeStream(stream, flags, 0); },
                [&](const Driver& d) -> int { return d.streamCreate(stream, flags, 0); });
}
cudaError_t cudaStreamCreateWithPriority(cudaStream_t* stream, unsigned int flags, int priority) {
    return call([&] { return makeStream(stream, flags, priority); },
                [&](const Driver& d) -> int { return d.streamCreate(stream, flags, priority); });
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
    return call(
        [&] {
            Handles& h = Handles::instance();
            std::shared_ptr<HostStream> s;
            {
                std::lock_guard lock(h.mutex);
                auto at = h.streams.find(stream);
                if (at == h.streams.end()) return cudaErrorInvalidResourceHandle;
                s = std::move(at->second);
                h.streams.erase(at);
            }
            s->close();
            return cudaSuccess;
        },
        [&](const Driver& d) -> int { return d.streamDestroy(stream); });
}

cudaError_t cudaStreamGetPriority(cudaStream_t stream, int* priority) {
    return call(
        [&] {
            if (!priority) return cudaErrorInvalidValue;
            auto s = findStream(stream);
            if (!s && !isDefault(stream)) return cudaErrorInvalidResourceHandle;
            *priority = s ? s->priority : 0;
            return cudaSuccess;
        },
        [&](const Driver& d) -> int { return d.streamGetPriority(stream, priority); });
}
cudaError_t cudaStreamGetFlags(cudaStream_t stream, unsigned int* flags) {
    return call(
        [&] {
            if (!flags) return cudaErrorInvalidValue;
            auto s = findStream(stream);
            if (!s && !isDefault(stream)) return cudaErrorInvalidResourceHandle;
            *flags = s ? s->flags : cudaStreamDefault;
            return cudaSuccess;
        },
        [&](const Driver& d) -> int { return d.streamGetFlags(stream, flags); });
}
cudaError_t cudaStreamGetId(cudaStream_t stream, unsigned long long* id) {
    return call([&] {
        if (!id) return cudaErrorInvalidValue;
        auto s = findStream(stream);
        if (!s && !isDefault(stream)) return cudaErrorInvalidResourceHandle;
        *id = s ? s->id : stream == cudaStreamPerThread ? 2 : 1;
        return cudaSuccess;
    });
}
cudaError_t cudaStreamGetDevice(cudaStream_t stream, int* device) {
    return call(
        [&] {
            if (!device) return cudaErrorInvalidValue;
            if (!isDefault(stream) && !findStream(stream)) return cudaErrorInvalidResourceHandle;
            *device = 0;
            return cudaSuccess;
        },
        [&](const Driver& d) -> int {
            (void)d;
            *device = currentDevice();
            return cudaSuccess;
        });
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned int) {
    return call(
        [&] {
            auto e = findEvent(event);
            if (!e) return cudaErrorInvalidResourceHandle;
            unsigned long long number = e->recorded();
            if (e->isComplete(number))
                return isDefault(stream) || findStream(stream) ? cudaSuccess : cudaErrorInvalidResourceHandle;
            return launch(stream, [e, number] { e->wait(number); });
        },
        [&](const Driver& d) -> int { return d.streamWaitEvent(stream, event, 0); });
}

cudaError_t cudaStreamAddCallback(cudaStream_t stream, cudaStreamCallback_t callback, void* data, unsigned int flags) {
    return call(
        [&] {
            if (!callback || flags) return cudaErrorInvalidValue;
            return launch(stream, [=] { callback(stream, cudaSuccess, data); });
        },
        [&](const Driver& d) -> int { return d.streamAddCallback(stream, callback, data, flags); });
}
cudaError_t cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t function, void* data) {
    return call(
        [&] {
            if (!function) return cudaErrorInvalidValue;
            return launch(stream, [=] { function(data); });
        },
        [&](const Driver& d) -> int { return d.launchHostFunc(stream, function, data); });
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
    return call([&] { return synchronizeStream(stream); },
                [&](const Driver& d) -> int { return d.streamSynchronize(stream); });
}
cudaError_t cudaStreamQuery(cudaStream_t stream) {
    return call(
        [&] {
            if (isDefault(stream)) {
                for (const auto& s : allStreams(false))
                    if (!s->idle()) return cudaErrorNotReady;
                return cudaSuccess;
            }
            auto s = findStream(stream);
            if (!s) return cudaErrorInvalidResourceHandle;
            return s->idle() ? cudaSuccess : cudaErrorNotReady;
        },
        [&](const Driver& d) -> int { return d.streamQuery(stream); });
}
cudaError_t cudaStreamAttachMemAsync(cudaStream_t stream, void*, size_t, unsigned int) {
    return call([&] { return isDefault(stream) || findStream(stream) ? cudaSuccess : cudaErrorInvalidResourceHandle; });
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned int flags) {
    return call(
        [&] {
            if (!event || flags > 7u) return cudaErrorInvalidValue;
            auto e = std::make_shared<HostEvent>(flags);
            Handles& h = Handles::instance();
            std::lock_guard lock(h.mutex);
            *event = reinterpret_cast<cudaEvent_t>(e.get());
            h.events.emplace(e.get(), std::move(e));
            return cudaSuccess;
        },
        [&](const Driver& d) -> int { return d.eventCreate(event, flags); });
}
cudaError_t cudaEventCreate(cudaEvent_t* event) { return cudaEventCreateWithFlags(event, cudaEventDefault); }

cudaError_t cudaEventDestroy(cudaEvent_t event) {
    return call(
        [&] {
            Handles& h = Handles::instance();
            std::lock_guard lock(h.mutex);
            return h.events.erase(event) ? cudaSuccess : cudaErrorInvalidResourceHandle;
        },
        [&](const Driver& d) -> int { return d.eventDestroy(event); });
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
    return call(
        [&] {
            auto e = findEvent(event);
            if (!e || (!isDefault(stream) && !findStream(stream))) return cudaErrorInvalidResourceHandle;
            unsigned long long number = e->record();
            return runOn(stream, [e, number] { e->complete(number); });
        },
        [&](const Driver& d) -> int { return d.eventRecord(event, stream); });
}
cudaError_t cudaEventRecordWithFlags(cudaEvent_t event, cudaStream_t stream, unsigned int) {
    return cudaEventRecord(event, stream);
}
cudaError_t cudaEventQuery(cudaEvent_t event) {
    return call(
        [&] {
            auto e = findEvent(event);
            if (!e) return cudaErrorInvalidResourceHandle;
            return e->isComplete(e->recorded()) ? cudaSuccess : cudaErrorNotReady;
        },
        [&](const Driver& d) -> int { return d.eventQuery(event); });
}
cudaError_t cudaEventSynchronize(cudaEvent_t event) {
    return call(
        [&] {
            auto e = findEvent(event);
            if (!e) return cudaErrorInvalidResourceHandle;
            e->wait(e->recorded());
            return cudaSuccess;
        },
        [&](const Driver& d) -> int { return d.eventSynchronize(event); });
}
cudaError_t cudaEventElapsedTime(float* ms, cudaEvent_t start, cudaEvent_t end) {
    return call(
        [&] {
            auto a = findEvent(start), b = findEvent(end);
            if (!ms) return cudaErrorInvalidValue;
            if (!a || !b || ((a->flags | b->flags) & cudaEventDisableTiming) || !a->recorded() || !b->recorded())
                return cudaErrorInvalidResourceHandle;
            if (!a->isComplete(a->recorded()) || !b->isComplete(b->recorded())) return cudaErrorNotReady;
            *ms = std::chrono::duration<float, std::milli>(b->time() - a->time()).count();
            return cudaSuccess;
        },
        [&](const Driver& d) -> int { return d.eventElapsedTime(ms, start, end); });
}

}  // extern "C"
