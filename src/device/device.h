// SPDX-License-Identifier: Apache-2.0
// What exec, builder and runtime need to know of where code runs, whichever backend it is: memory of its own, copies,
// streams, and time. Kernels are launched by the backend's tactics; nothing here knows of them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/status.h"

namespace lathe::device {

// Where a buffer lies. Host code may read and write kHost only; a GPU's kernels read and write kDevice and kPinned.
enum class Place : uint8_t { kHost = 0, kDevice = 1, kPinned = 2 };

// What the API calls cudaStream_t. Null is the default stream; on the CPU every stream is the caller's own thread.
using StreamHandle = void*;

// Time between two points of a stream.
class Timer {
  public:
    virtual ~Timer() = default;
    virtual Status start(StreamHandle stream) = 0;
    virtual Status stop(StreamHandle stream) = 0;
    // Waits for stop's point.
    virtual Result<double> seconds() = 0;
};

class Device {
  public:
    virtual ~Device() = default;
    virtual Place place() const = 0;
    // "AMD EPYC …", "NVIDIA H100 80GB HBM3": part of timing cache keys.
    virtual const std::string& model() const = 0;

    // Aligned to 256 bytes; kFailedAllocation when there is not enough. bytes may be 0.
    virtual Result<void*> allocate(int64_t bytes) = 0;
    // Null is allowed. On a GPU: waits for the work that may still use it.
    virtual void free(void* p) = 0;

    // In the order of the stream; host memory that is not pinned must stay as it is until the stream has come past.
    virtual Status copy(void* to, const void* from, int64_t bytes, StreamHandle stream) = 0;
    virtual Status fill(void* to, uint8_t value, int64_t bytes, StreamHandle stream) = 0;
    virtual Status synchronize(StreamHandle stream) = 0;
    virtual Result<std::unique_ptr<Timer>> makeTimer() = 0;
};

}  // namespace lathe::device
