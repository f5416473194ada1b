// SPDX-License-Identifier: Apache-2.0
// Machine code on a GPU, and launching it.
#pragma once

#include <span>

#include "device/cuda/gpu.h"

namespace lathe::cuda {

struct LaunchShape {
    uint32_t grid[3] = {1, 1, 1}, block[3] = {1, 1, 1};
    uint32_t cluster[3] = {1, 1, 1};  // more than one block: sm_90 and later
    uint32_t sharedBytes = 0;         // dynamic
};

// A loaded cubin or PTX; its functions live as long as it does.
class Module {
  public:
    static Result<Module> load(const Gpu& gpu, std::span<const std::byte> image);
    ~Module();
    Module(Module&& o) noexcept : gpu_(o.gpu_), module_(std::exchange(o.module_, nullptr)) {}
    Module& operator=(Module&&) = delete;

    // Allows launches with up to `dynamicShared` bytes of shared memory.
    Result<CuFunction> function(const char* name, uint32_t dynamicShared) const;

    struct Resources {
        int registers = 0, localBytes = 0, sharedBytes = 0;
    };
    Result<Resources> resources(CuFunction function) const;

  private:
    Module(const Gpu& gpu, CuModule module) : gpu_(&gpu), module_(module) {}
    const Gpu* gpu_;
    CuModule module_;
};

// params: the kernel's one parameter, a struct passed by value. REQUIRES: gpu is current in this thread (Gpu::Current).
Status launch(const Gpu& gpu, CuFunction function, const LaunchShape& shape, const void* params, CuStream stream);

}  // namespace lathe::cuda
