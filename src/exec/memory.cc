// SPDX-License-Identifier: Apache-2.0
#include "exec/memory.h"

#include <cstdlib>

namespace lathe::exec {

void FreeMemory::operator()(std::byte* p) const { std::free(p); }

Result<Memory> allocate(int64_t bytes) {
    if (bytes < 0 || bytes > (INT64_MAX >> 2))
        return makeStatus(Code::kFailedAllocation, "{} bytes of memory cannot be allocated", bytes);
    void* p = std::aligned_alloc(kAlignment, static_cast<size_t>(bytes ? alignUp(bytes) : kAlignment));
    if (!p) return makeStatus(Code::kFailedAllocation, "out of memory: {} bytes were asked for", bytes);
    return Memory(static_cast<std::byte*>(p));
}

}  // namespace lathe::exec
