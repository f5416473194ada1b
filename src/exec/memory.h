// SPDX-License-Identifier: Apache-2.0
// Host memory as the executor wants it: aligned to 64 bytes, and never null, so that empty tensors have addresses too;
// and where contexts get memory from.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "base/status.h"
#include "device/device.h"

namespace lathe::exec {

inline constexpr int64_t kAlignment = 64;
// Of what lies in a GPU's memory.
inline constexpr int64_t kDeviceAlignment = 256;
// REQUIRES: 0 <= bytes <= INT64_MAX - kAlignment.
constexpr int64_t alignUp(int64_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

struct FreeMemory {
    void operator()(std::byte* p) const;
};
using Memory = std::unique_ptr<std::byte, FreeMemory>;
// Uninitialized. Errors: out of memory, a negative or absurd size.
Result<Memory> allocate(int64_t bytes);

// Gets memory from the user (IGpuAllocator) or from the system; `allocate` answers null on failure. Both work in the
// order of a stream: memory may be used by what is put there after `allocate`, and used again after what was put there
// before `deallocate`.
struct Allocator {
    std::function<void*(size_t bytes, size_t alignment, device::StreamHandle stream)> allocate;
    std::function<void(void* memory, device::StreamHandle stream)> deallocate;
    // Whether what a run takes may stay for the next one. Else it is given back at the run's end.
    bool keeps = false;

    static Allocator system();
    // Of the device's own memory.
    static Allocator of(device::Device& device);
};

}  // namespace lathe::exec
