// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/module.h"

#include <mutex>

namespace lathe::cuda {

Result<Module> Module::load(const Gpu& gpu, std::span<const std::byte> image) {
    TRY(gpu.usable("cuModuleLoadData"));
    Gpu::Current current(gpu);
    CuModule module = nullptr;
    TRY(gpu.check(gpu.api().moduleLoadData(&module, image.data()), "cuModuleLoadData"));
    return Module(gpu, module);
}

Module::~Module() {
    if (!module_) return;
    Gpu::Current current(*gpu_);
    (void)gpu_->check(gpu_->api().moduleUnload(module_), "cuModuleUnload");
}

Result<CuFunction> Module::function(const char* name, uint32_t dynamicShared) const {
    TRY(gpu_->usable("cuModuleGetFunction"));
    Gpu::Current current(*gpu_);
    const DriverApi& api = gpu_->api();
    CuFunction f = nullptr;
    TRY_IN(name, gpu_->check(api.moduleGetFunction(&f, module_, name), "cuModuleGetFunction"));
    constexpr uint32_t kWithoutAsking = 48 << 10;
    if (dynamicShared > kWithoutAsking) {
        if (dynamicShared > static_cast<uint32_t>(gpu_->info().sharedPerBlock))
            return unsupported("{}: {} bytes of shared memory, and {} has {} for a block", name, dynamicShared,
                               gpu_->info().name, gpu_->info().sharedPerBlock);
        // Modules are shared, and another launch of this function may want more.
        static std::mutex mutex;
        std::lock_guard lock(mutex);
        int allowed = 0;
        TRY_IN(name, gpu_->check(api.funcGetAttribute(&allowed, kFuncMaxDynamicShared, f), "cuFuncGetAttribute"));
        if (allowed >= static_cast<int>(dynamicShared)) return f;
        TRY_IN(name, gpu_->check(api.funcSetAttribute(f, kFuncMaxDynamicShared, static_cast<int>(dynamicShared)),
                                 "cuFuncSetAttribute"));
    }
    return f;
}

Result<Module::Resources> Module::resources(CuFunction f) const {
    Gpu::Current current(*gpu_);
    Resources r;
    const DriverApi& api = gpu_->api();
    TRY(gpu_->check(api.funcGetAttribute(&r.registers, kFuncRegisters, f), "cuFuncGetAttribute"));
    TRY(gpu_->check(api.funcGetAttribute(&r.localBytes, kFuncLocalBytes, f), "cuFuncGetAttribute"));
    TRY(gpu_->check(api.funcGetAttribute(&r.sharedBytes, kFuncSharedBytes, f), "cuFuncGetAttribute"));
    return r;
}

Status launch(const Gpu& gpu, CuFunction f, const LaunchShape& s, const void* params, CuStream stream) {
    TRY(gpu.usable("cuLaunchKernel"));
    void* pointers[] = {const_cast<void*>(params)};
    if (s.cluster[0] * s.cluster[1] * s.cluster[2] == 1) [[likely]]
        return gpu.check(gpu.api().launchKernel(f, s.grid[0], s.grid[1], s.grid[2], s.block[0], s.block[1], s.block[2],
                                                s.sharedBytes, stream, pointers, nullptr),
                         "cuLaunchKernel");
    if (!gpu.api().launchKernelEx) return unsupported("clusters of blocks: the CUDA driver is too old");
    CuLaunchAttribute cluster;
    cluster.id = kLaunchCluster;
    for (int i = 0; i < 3; ++i) cluster.cluster[i] = s.cluster[i];
    CuLaunchConfig config{};
    for (int i = 0; i < 3; ++i) {
        config.grid[i] = s.grid[i];
        config.block[i] = s.block[i];
    }
    config.sharedBytes = s.sharedBytes;
    config.stream = stream;
    config.attributes = &cluster;
    config.attributeCount = 1;
    return gpu.check(gpu.api().launchKernelEx(&config, f, pointers, nullptr), "cuLaunchKernelEx");
}

}  // namespace lathe::cuda
