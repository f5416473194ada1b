// SPDX-License-Identifier: Apache-2.0
// Handles of a library of NVIDIA's: one for each GPU, made in its context when first asked for, never destroyed.
#pragma once

#include <map>
#include <mutex>

#include "device/cuda/gpu.h"

namespace lathe::cuda {

class Handles {
  public:
    // `create`: Status(void**), called with the GPU current.
    template <class Create>
    Result<void*> of(const Gpu& gpu, Create&& create) {
        std::lock_guard lock(mutex_);
        void*& handle = made_[&gpu];
        if (!handle) {
            Gpu::Current current(gpu);
            TRY(create(&handle));
        }
        return handle;
    }

  private:
    std::mutex mutex_;
    std::map<const Gpu*, void*> made_;
};

}  // namespace lathe::cuda
