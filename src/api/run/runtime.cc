// SPDX-License-Identifier: Apache-2.0
#include "api/run/runtime.h"

#include <cstdlib>
#include <cstring>

#include "api/run/cuda_engine.h"
#include "plan/format.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

// Bytes with the alignment that a plan's sections have in a file.
struct Bytes {
    static constexpr size_t kAlignment = 4096;
    std::byte* data = nullptr;
    size_t size = 0, capacity = 0;
    ~Bytes() { std::free(data); }

    Status reserve(size_t n) {
        if (n <= capacity) return {};
        size_t grown = (std::max(n, 2 * capacity) + kAlignment - 1) / kAlignment * kAlignment;
        auto* p = static_cast<std::byte*>(std::aligned_alloc(kAlignment, grown));
        if (!p) return makeStatus(Code::kFailedAllocation, "{} bytes for the plan", grown);
        if (size) std::memcpy(p, data, size);
        std::free(data);
        data = p;
        capacity = grown;
        return {};
    }
};

}  // namespace

Runtime::Runtime(ILogger* logger) : reporter_(logger), registry_(&globalPluginRegistry()) { mImpl = this; }

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

ICudaEngine* Runtime::deserializeCudaEngine(void const* blob, std::size_t size) noexcept {
    return guarded<ICudaEngine*>(reporter_, "IRuntime::deserializeCudaEngine", nullptr, [&]() -> Result<ICudaEngine*> {
        if (!blob || size == 0) return invalidArgument("there are no bytes");
        auto bytes = std::make_shared<Bytes>();
        TRY(bytes->reserve(size));
        std::memcpy(bytes->data, blob, size);
        bytes->size = size;
        auto plan = TRY(plan::read({bytes->data, size}, bytes));
        return makeEngine(std::move(plan), reporter_.logger(), reporter_.recorder(), allocator_);
    });
}

ICudaEngine* Runtime::fromStream(const std::function<int64_t(void*, int64_t)>& read) noexcept {
    return guarded<ICudaEngine*>(reporter_, "IRuntime::deserializeCudaEngine", nullptr, [&]() -> Result<ICudaEngine*> {
        constexpr int64_t kPiece = 4 << 20;
        auto bytes = std::make_shared<Bytes>();
        for (;;) {
            TRY(bytes->reserve(bytes->size + kPiece));
            int64_t got = read(bytes->data + bytes->size, kPiece);
            if (got < 0 || got > kPiece)
                return makeStatus(Code::kFailedExecution, "the stream reader answered {} at byte {}", got, bytes->size);
            bytes->size += static_cast<size_t>(got);
            if (got < kPiece) break;
        }
        if (bytes->size == 0) return invalidArgument("the stream is empty");
        auto plan = TRY(plan::read({bytes->data, bytes->size}, bytes));
        return makeEngine(std::move(plan), reporter_.logger(), reporter_.recorder(), allocator_);
    });
}

ICudaEngine* Runtime::deserializeCudaEngine(IStreamReader& reader) noexcept {
    return fromStream([&](void* to, int64_t n) { return reader.read(to, n); });
}

// May answer less than asked for before the end, which 0 marks.
ICudaEngine* Runtime::deserializeCudaEngineV2(IStreamReaderV2& reader) noexcept {
    return fromStream([&](void* to, int64_t n) {
        int64_t done = 0;
        while (done < n) {
            int64_t got = reader.read(static_cast<char*>(to) + done, n - done, nullptr);
            if (got < 0 || got > n - done) return int64_t{-1};
            if (got == 0) break;
            done += got;
        }
        return done;
    });
}

}  // namespace lathe::api
