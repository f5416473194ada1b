// SPDX-License-Identifier: Apache-2.0
// Host memory as the executor wants it: aligned to 64 bytes, and never null, so that empty tensors have addresses too.
#pragma once

#include <cstddef>
#include <memory>

#include "base/status.h"

namespace lathe::exec {

inline constexpr int64_t kAlignment = 64;
// REQUIRES: 0 <= bytes <= INT64_MAX - kAlignment.
// Of what lies in a GPU's memory.
inline constexpr int64_t kDeviceAlignment = 256;
constexpr int64_t alignUp(int64_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

struct FreeMemory {
    void operator()(std::byte* p) const;
};
using Memory = std::unique_ptr<std::byte, FreeMemory>;
// Uninitialized. Errors: out of memory, a negative or absurd size.
Result<Memory> allocate(int64_t bytes);

}  // namespace lathe::exec
