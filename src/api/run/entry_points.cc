// SPDX-License-Identifier: Apache-2.0
// The C entry points of the runtime. Compiled into liblathe_runtime, and once more into libnvinfer, so that programs
// linked with only one of them find all; both lead to the one implementation in liblathe_runtime.
#include "api/run/device_memory.h"
#include "api/run/explain.h"
#include "api/run/library.h"
#include "api/run/plugin_registry.h"

#define LATHE_EXPORT __attribute__((visibility("default")))

extern "C" {

LATHE_EXPORT void* createInferRuntime_INTERNAL(void* logger, int32_t version) noexcept {
    return lathe::api::createRuntime(logger, version);
}
LATHE_EXPORT void* createInferRefitter_INTERNAL(void* engine, void* logger, int32_t version) noexcept {
    return lathe::api::createRefitter(engine, logger, version);
}
LATHE_EXPORT void* latheLoadEngineFile(void* runtime, char const* path) noexcept {
    return lathe::api::loadEngineFile(runtime, path);
}
LATHE_EXPORT void* latheLoadEngineShared(void* runtime, void const* data, std::size_t size, void (*release)(void*),
                                         void* context) noexcept {
    return lathe::api::loadEngineShared(runtime, data, size, release, context);
}
LATHE_EXPORT nvinfer1::IPluginRegistry* getPluginRegistry() noexcept { return &lathe::api::globalPluginRegistry(); }
LATHE_EXPORT nvinfer1::ILogger* getLogger() noexcept { return lathe::api::firstLogger(); }
LATHE_EXPORT int32_t getInferLibVersion() noexcept { return NV_TENSORRT_VERSION; }
LATHE_EXPORT int32_t getInferLibMajorVersion() noexcept { return NV_TENSORRT_MAJOR; }
LATHE_EXPORT int32_t getInferLibMinorVersion() noexcept { return NV_TENSORRT_MINOR; }
LATHE_EXPORT int32_t getInferLibPatchVersion() noexcept { return NV_TENSORRT_PATCH; }
LATHE_EXPORT void* latheExplain(void const* engine, int32_t profile) noexcept {
    return engine ? lathe::api::explain(*static_cast<nvinfer1::ICudaEngine const*>(engine), profile) : nullptr;
}
LATHE_EXPORT char const* latheDeviceName() noexcept { return lathe::api::deviceName(); }
LATHE_EXPORT void* latheDeviceAllocate(std::size_t bytes) noexcept { return lathe::api::deviceAllocate(bytes); }
LATHE_EXPORT void latheDeviceFree(void* memory) noexcept { lathe::api::deviceFree(memory); }
LATHE_EXPORT bool latheDeviceCopy(void* to, void const* from, std::size_t bytes) noexcept {
    return lathe::api::deviceCopy(to, from, bytes);
}
LATHE_EXPORT bool latheDeviceSynchronize() noexcept { return lathe::api::deviceSynchronize(); }
LATHE_EXPORT bool latheRunsOnGpu(void const* engine) noexcept {
    return engine && lathe::api::runsOnGpu(*static_cast<nvinfer1::ICudaEngine const*>(engine));
}
LATHE_EXPORT bool latheSetPluginTraits(char const* name, char const* version, char const* space,
                                       uint32_t traits) noexcept {
    using namespace lathe::api;
    if (!name || !*name || traits > (kHostPointers | kDevicePointers | kCapturable) ||
        !(traits & (kHostPointers | kDevicePointers)))
        return false;
    setPluginTraits(name, version ? version : "", space ? space : "", traits);
    return true;
}
LATHE_EXPORT bool latheSetHostPlugin(char const* name, char const* version, char const* space, bool host) noexcept {
    return latheSetPluginTraits(name, version, space, host ? lathe::api::kHostPointers : lathe::api::kDevicePointers);
}
LATHE_EXPORT bool latheSetPluginExpansion(char const* name, char const* version, char const* space,
                                          bool (*expand)(lathe::PluginToExpand*)) noexcept {
    if (!name || !*name) return false;
    lathe::api::setPluginExpansion(name, version ? version : "", space ? space : "", expand);
    return true;
}
LATHE_EXPORT int32_t getInferLibBuildVersion() noexcept { return NV_TENSORRT_BUILD; }

}  // extern "C"
