// SPDX-License-Identifier: Apache-2.0
// Memory of the process's device, for programs that have no CUDA of their own: lathe::deviceAllocate() and its kin in
// Lathe.h.
#pragma once

#include <cstddef>

#include "NvInfer.h"

namespace lathe::api {

const char* deviceName() noexcept;
void* deviceAllocate(std::size_t bytes) noexcept;
void deviceFree(void* memory) noexcept;
bool deviceCopy(void* to, const void* from, std::size_t bytes) noexcept;
bool deviceSynchronize() noexcept;
bool runsOnGpu(const nvinfer1::ICudaEngine& engine) noexcept;

}  // namespace lathe::api
