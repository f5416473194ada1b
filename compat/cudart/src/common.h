// SPDX-License-Identifier: Apache-2.0
// What the parts of the shim share: errors, and which device the process works on.
#pragma once

#include "cuda_runtime_api.h"

namespace lathe::cudart {

// Decision 6 of docs/architecture.md: one device domain a process, fixed at the first call. On the host, "device
// memory" is host memory and streams are in-order queues.
enum class Domain { kHost, kGpu };
Domain domain();

// Remembers a failure as the thread's last error; success leaves it alone.
cudaError_t remember(cudaError_t error);

// Every call of the API goes through here. `host` is what the call does on the host.
//
// In the GPU domain the same call belongs to the driver: that is a second function beside `host` (gpu.h). Where there
// is none, such a process is told that the call is not supported, and never gets a host pointer by mistake.
template <class Host>
cudaError_t call(Host&& host) noexcept {
    if (domain() == Domain::kGpu) return remember(cudaErrorNotSupported);
    try {
        return remember(host());
    } catch (...) {
        return remember(cudaErrorMemoryAllocation);  // nothing else throws here
    }
}

}  // namespace lathe::cudart
