// SPDX-License-Identifier: Apache-2.0
#include "api/run/device_memory.h"

#include "api/run/cuda_engine.h"
#include "api/run/library.h"
#include "device/cpu/device.h"
#include "device/cuda/gpu.h"
#include "device/domain.h"

namespace lathe::api {
namespace {

device::Device& processDevice() {
    if (cuda::Gpu* gpu = device::domainGpu()) return *gpu;
    return device::cpuDevice();
}

// There is no object whose error recorder could take it.
bool tell(const char* where, const Status& status) noexcept {
    if (status.ok()) return true;
    if (nvinfer1::ILogger* logger = firstLogger())
        logger->log(nvinfer1::ILogger::Severity::kERROR, fmt::format("{}: {}", where, status.message()).c_str());
    return false;
}

}  // namespace

const char* deviceName() noexcept {
    static const auto* name = [] {
        cuda::Gpu* gpu = device::domainGpu();
        return new std::string(gpu ? fmt::format("cuda:sm_{} ({})", gpu->info().sm, gpu->info().name) : "cpu");
    }();
    return name->c_str();
}

void* deviceAllocate(std::size_t bytes) noexcept {
    auto p = processDevice().allocate(static_cast<int64_t>(bytes));
    tell("lathe::deviceAllocate", p.ok() ? Status() : p.status());
    return p.ok() ? *p : nullptr;
}

void deviceFree(void* memory) noexcept { processDevice().free(memory); }

bool deviceCopy(void* to, const void* from, std::size_t bytes) noexcept {
    device::Device& d = processDevice();
    return tell("lathe::deviceCopy", d.copy(to, from, static_cast<int64_t>(bytes), nullptr)) && deviceSynchronize();
}

bool runsOnGpu(const nvinfer1::ICudaEngine& engine) noexcept {
    return CudaEngine::of(engine).engine()->device() != nullptr;
}

bool deviceSynchronize() noexcept { return tell("lathe::deviceSynchronize", processDevice().synchronize(nullptr)); }

}  // namespace lathe::api
