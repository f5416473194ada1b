// SPDX-License-Identifier: Apache-2.0
#include "api/run/runtime.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "api/run/cuda_engine.h"
#include "api/run/library.h"
#include "api/run/plugin_loading.h"
#include "base/block.h"
#include "plan/format.h"
#include "plan/sections.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

// Calls release(context) when the last one who needs the bytes is gone.
struct Lease {
    void (*release)(void*);
    void* context;
    ~Lease() {
        if (release) release(context);
    }
};

}  // namespace

Runtime::Runtime(ILogger* logger) : reporter_(logger), registry_(&globalPluginRegistry(), logger) { mImpl = this; }

bool Runtime::setMaxThreads(int32_t count) noexcept {
    return guardedStatus(reporter_, "IRuntime::setMaxThreads", [&]() -> Status {
        if (count < 1) return invalidArgument("{} threads", count);
        maxThreads_ = count;
        return {};
    });
}

void Runtime::setTemporaryDirectory(char const* path) noexcept {
    guardedStatus(reporter_, "IRuntime::setTemporaryDirectory", [&]() -> Status {
        if (path && std::strlen(path) >= 4096) return invalidArgument("the path has 4096 characters or more");
        temporaryDirectory_ = path ? path : "";
        return {};
    });
}

IRuntime* Runtime::loadRuntime(char const*) noexcept {
    notSupported(reporter_, "IRuntime::loadRuntime",
                 "plans are read by the library version that is linked; there are no runtimes to load beside it");
    return nullptr;
}

Result<ICudaEngine*> Runtime::engineOf(std::unique_ptr<plan::Plan> plan) {
    if (!plan->libraries.empty()) {
        if (!hostCode_) return libraries_.refuse(*plan);
        TRY(libraries_.load(*plan, registry_, temporaryDirectory_, tempfileFlags_));
    }
    TRY(loadPlugins(*plan, registry_, reporter_.recorder()));
    return makeEngine(std::move(plan), reporter_.logger(), reporter_.recorder(), allocator_);
}

// The caller may free the blob afterwards.
ICudaEngine* Runtime::deserializeCudaEngine(void const* blob, std::size_t size) noexcept {
    return guarded<ICudaEngine*>(reporter_, "IRuntime::deserializeCudaEngine", nullptr, [&]() -> Result<ICudaEngine*> {
        if (!blob || size == 0) return invalidArgument("there are no bytes");
        std::span<const std::byte> bytes(static_cast<const std::byte*>(blob), size);
        // What is no plan is not copied.
        if (uint64_t total = TRY(plan::planBytes(bytes)); total != size)
            return invalidArgument("the plan should have {} bytes, but {} are here", total, size);
        auto block = TRY(Block::create(size));
        std::memcpy(block->bytes().data(), blob, size);
        auto plan = TRY(plan::read(block->bytes(), block));
        return engineOf(std::move(plan));
    });
}

ICudaEngine* Runtime::loadFile(char const* path) noexcept {
    return guarded<ICudaEngine*>(reporter_, "lathe::loadEngine", nullptr, [&]() -> Result<ICudaEngine*> {
        if (!path) return invalidArgument("the path is null");
        auto file = TRY(MappedFile::open(path));
        auto plan = TRY_IN(path, plan::read(file->bytes(), file));
        return engineOf(std::move(plan));
    });
}

ICudaEngine* Runtime::loadShared(void const* data, std::size_t size, void (*release)(void*), void* context) noexcept {
    return guarded<ICudaEngine*>(reporter_, "lathe::loadEngine", nullptr, [&]() -> Result<ICudaEngine*> {
        Lease given{release, context};
        auto lease = std::make_shared<Lease>(nullptr, nullptr);
        std::swap(lease->release, given.release);
        lease->context = context;
        if (!data || size == 0) return invalidArgument("there are no bytes");
        auto plan = TRY(plan::read({static_cast<const std::byte*>(data), size}, lease));
        return engineOf(std::move(plan));
    });
}

// The header says how much memory is needed; the rest is read straight into its place.
ICudaEngine* Runtime::fromStream(const std::function<int64_t(void*, int64_t)>& read) noexcept {
    return guarded<ICudaEngine*>(reporter_, "IRuntime::deserializeCudaEngine", nullptr, [&]() -> Result<ICudaEngine*> {
        // Readers may need memory of their own for what they are asked for.
        constexpr uint64_t kPiece = 4 << 20;
        uint64_t at = 0;
        // Fills `to`, as far as the stream goes.
        auto fill = [&](std::span<std::byte> to) -> Result<size_t> {
            size_t done = 0;
            while (done < to.size()) {
                auto want = static_cast<int64_t>(std::min<uint64_t>(kPiece, to.size() - done));
                int64_t got = read(to.data() + done, want);
                if (got < 0 || got > want)
                    return makeStatus(Code::kFailedExecution, "the stream reader answered {} at byte {}, asked for {}",
                                      got, at, want);
                if (got == 0) break;
                done += static_cast<size_t>(got);
                at += static_cast<uint64_t>(got);
            }
            return done;
        };
        std::array<std::byte, plan::kHeaderBytes> header;
        size_t have = TRY(fill(header));
        if (have == 0) return invalidArgument("the stream is empty");
        uint64_t total = TRY(plan::planBytes(std::span(header).first(have)));
        if (total < header.size()) return invalidArgument("the plan is damaged: it should have {} bytes", total);
        auto block = TRY(Block::create(total));
        std::memcpy(block->bytes().data(), header.data(), header.size());
        TRY(fill(block->bytes().subspan(header.size())));
        if (at != total)
            return invalidArgument("the plan should have {} bytes, but the stream ends after {}", total, at);
        auto plan = TRY(plan::read(block->bytes(), block));
        return engineOf(std::move(plan));
    });
}

ICudaEngine* Runtime::deserializeCudaEngine(IStreamReader& reader) noexcept {
    return fromStream([&](void* to, int64_t n) { return reader.read(to, n); });
}

ICudaEngine* Runtime::deserializeCudaEngineV2(IStreamReaderV2& reader) noexcept {
    return fromStream([&](void* to, int64_t n) { return reader.read(to, n, nullptr); });
}

// Of the entry points in api/run/library.h: `runtime` is an nvinfer1::IRuntime*.
void* loadEngineFile(void* runtime, char const* path) noexcept {
    return runtime ? Runtime::of(*static_cast<IRuntime*>(runtime)).loadFile(path) : nullptr;
}

void* loadEngineShared(void* runtime, void const* data, std::size_t size, void (*release)(void*),
                       void* context) noexcept {
    if (runtime) return Runtime::of(*static_cast<IRuntime*>(runtime)).loadShared(data, size, release, context);
    if (release) release(context);
    return nullptr;
}

}  // namespace lathe::api
