// SPDX-License-Identifier: Apache-2.0
// The one device of the host domain, and what no host can do: kernels and graphs.
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <utility>

#include "cuda_profiler_api.h"
#include "gpu.h"
#include "stream.h"

namespace lathe::cudart {
namespace {

int processors() {
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? static_cast<int>(n) : 1;
}

void nameOfProcessor(char (&name)[256]) {
    std::snprintf(name, sizeof name, "host processor");
    if (std::FILE* f = std::fopen("/proc/cpuinfo", "r")) {
        char line[256], model[192];
        while (std::fgets(line, sizeof line, f))
            if (std::sscanf(line, "model name : %191[^\n]", model) == 1) {
                std::snprintf(name, sizeof name, "%s (host)", model);
                break;
            }
        std::fclose(f);
    }
}

cudaError_t checkDevice(int device) { return device == 0 ? cudaSuccess : cudaErrorInvalidDevice; }

unsigned int deviceFlags = cudaDeviceScheduleAuto;
enum cudaFuncCache cacheConfig = cudaFuncCachePreferNone;

// Kernels are code for a GPU.
cudaError_t noKernels() {
    return call([] { return cudaErrorNotSupported; });
}
// The host's queues cannot be recorded: a program that asks gets an error at the first call and can go on without.
cudaError_t noGraphs() {
    return call([] { return cudaErrorNotSupported; });
}
template <class Gpu>
cudaError_t graphs(Gpu&& gpu) {
    return call([] { return cudaErrorNotSupported; }, gpu);
}

// CUdevice_attribute's numbers are cudaDeviceAttr's.
int properties(const Driver& d, cudaDeviceProp* p, int device) {
    if (!p) return cudaErrorInvalidValue;
    if (device < 0 || device >= d.devices) return cudaErrorInvalidDevice;
    std::memset(p, 0, sizeof *p);
    int handle = 0;
    if (int e = d.deviceGet(&handle, device)) return e;
    if (int e = d.deviceGetName(p->name, sizeof p->name - 1, handle)) return e;
    if (int e = d.deviceTotalMem(&p->totalGlobalMem, handle)) return e;
    auto get = [&](int attribute) {
        int value = 0;
        (void)d.deviceGetAttribute(&value, attribute, handle);
        return value;
    };
    p->major = get(cudaDevAttrComputeCapabilityMajor);
    p->minor = get(cudaDevAttrComputeCapabilityMinor);
    p->multiProcessorCount = get(cudaDevAttrMultiProcessorCount);
    p->sharedMemPerBlock = static_cast<size_t>(get(cudaDevAttrMaxSharedMemoryPerBlock));
    p->sharedMemPerMultiprocessor = static_cast<size_t>(get(cudaDevAttrMaxSharedMemoryPerMultiprocessor));
    p->sharedMemPerBlockOptin = static_cast<size_t>(get(cudaDevAttrMaxSharedMemoryPerBlockOptin));
    p->regsPerBlock = get(12);
    p->regsPerMultiprocessor = get(82);
    p->warpSize = get(cudaDevAttrWarpSize);
    p->memPitch = 0x7fffffff;
    p->maxThreadsPerBlock = get(cudaDevAttrMaxThreadsPerBlock);
    p->maxThreadsPerMultiProcessor = get(39);
    for (int i = 0; i < 3; ++i) {
        p->maxThreadsDim[i] = get(2 + i);
        p->maxGridSize[i] = get(5 + i);
    }
    p->totalConstMem = static_cast<size_t>(get(cudaDevAttrTotalConstantMemory));
    p->textureAlignment = p->texturePitchAlignment = p->surfaceAlignment = 512;
    p->l2CacheSize = get(38);
    p->memoryBusWidth = get(37);
    p->concurrentKernels = get(31);
    p->asyncEngineCount = get(40);
    p->unifiedAddressing = get(41);
    p->canMapHostMemory = get(19);
    p->integrated = get(18);
    p->managedMemory = get(83);
    p->memoryPoolsSupported = get(115);
    p->pciBusID = get(33);
    p->pciDeviceID = get(34);
    p->pciDomainID = get(50);
    p->hostNumaId = p->deviceNumaId = -1;
    return cudaSuccess;
}

}  // namespace
}  // namespace lathe::cudart

using namespace lathe::cudart;

extern "C" {

cudaError_t cudaDeviceReset(void) {
    return call(
        [] {
            synchronizeAll();
            return cudaSuccess;
        },
        [&](const Driver& d) -> int { return d.ctxSynchronize(); });
}
cudaError_t cudaDeviceSynchronize(void) {
    return call(
        [] {
            synchronizeAll();
            return cudaSuccess;
        },
        [&](const Driver& d) -> int { return d.ctxSynchronize(); });
}
cudaError_t cudaDeviceSetLimit(enum cudaLimit limit, size_t) {
    return call([&] { return limit <= cudaLimitPersistingL2CacheSize ? cudaSuccess : cudaErrorUnsupportedLimit; });
}
cudaError_t cudaDeviceGetLimit(size_t* value, enum cudaLimit limit) {
    return call([&] {
        if (!value) return cudaErrorInvalidValue;
        if (limit > cudaLimitPersistingL2CacheSize) return cudaErrorUnsupportedLimit;
        *value = 0;
        return cudaSuccess;
    });
}
cudaError_t cudaDeviceGetCacheConfig(enum cudaFuncCache* config) {
    return call([&] {
        if (!config) return cudaErrorInvalidValue;
        *config = cacheConfig;
        return cudaSuccess;
    });
}
cudaError_t cudaDeviceSetCacheConfig(enum cudaFuncCache config) {
    return call([&] {
        cacheConfig = config;
        return cudaSuccess;
    });
}
cudaError_t cudaDeviceGetStreamPriorityRange(int* least, int* greatest) {
    return call(
        [&] {
            if (least) *least = 0;
            if (greatest) *greatest = 0;
            return cudaSuccess;
        },
        [&](const Driver& d) -> int {
            (void)d;
            if (least) *least = 0;
            if (greatest) *greatest = 0;
            return cudaSuccess;
        });
}
cudaError_t cudaDeviceGetByPCIBusId(int* device, const char* id) {
    return call([&] { return device && id ? cudaErrorInvalidDevice : cudaErrorInvalidValue; });
}
cudaError_t cudaDeviceGetPCIBusId(char* id, int length, int device) {
    return call(
        [&] {
            if (!id || length < 13) return cudaErrorInvalidValue;
            if (device != 0) return cudaErrorInvalidDevice;
            std::snprintf(id, static_cast<size_t>(length), "0000:00:00.0");
            return cudaSuccess;
        },
        [&](const Driver& d) -> int { return id && length > 0 ? d.deviceGetPCIBusId(id, length, device) : 1; });
}

cudaError_t cudaGetDeviceCount(int* count) {
    return call(
        [&] {
            if (!count) return cudaErrorInvalidValue;
            *count = 1;
            return cudaSuccess;
        },
        [&](const Driver& d) -> int {
            if (!count) return cudaErrorInvalidValue;
            *count = d.devices;
            return cudaSuccess;
        });
}

// Of the numbers that speak of a GPU, those that programs divide by or allocate with have a harmless value; the compute
// capability is 0.0, which is that of no GPU.
cudaError_t cudaGetDeviceProperties(struct cudaDeviceProp* p, int device) {
    return call(
        [&] {
            if (!p) return cudaErrorInvalidValue;
            if (device != 0) return cudaErrorInvalidDevice;
            std::memset(p, 0, sizeof *p);
            nameOfProcessor(p->name);
            size_t available = 0;
            cudaMemGetInfo(&available, &p->totalGlobalMem);
            p->sharedMemPerBlock = p->sharedMemPerMultiprocessor = p->sharedMemPerBlockOptin = 48u << 10;
            p->regsPerBlock = p->regsPerMultiprocessor = 65536;
            p->warpSize = 32;
            p->memPitch = 0x7fffffff;
            p->maxThreadsPerBlock = p->maxThreadsPerMultiProcessor = 1024;
            for (int i = 0; i < 3; ++i) {
                p->maxThreadsDim[i] = 1024;
                p->maxGridSize[i] = 65535;
            }
            p->totalConstMem = 64u << 10;
            p->textureAlignment = p->texturePitchAlignment = p->surfaceAlignment = 256;
            p->multiProcessorCount = processors();
            p->integrated = p->canMapHostMemory = p->unifiedAddressing = p->managedMemory = 1;
            p->concurrentManagedAccess = p->pageableMemoryAccess = p->canUseHostPointerForRegisteredMem = 1;
            p->pageableMemoryAccessUsesHostPageTables = p->directManagedMemAccessFromHost = p->hostRegisterSupported =
                1;
            p->concurrentKernels = p->asyncEngineCount = p->memoryPoolsSupported = 1;
            p->maxBlocksPerMultiProcessor = 1;
            long l2 = sysconf(_SC_LEVEL2_CACHE_SIZE);
            p->l2CacheSize = l2 > 0 ? static_cast<int>(l2) : 1 << 20;
            p->hostNumaId = p->deviceNumaId = -1;
            return cudaSuccess;
        },
        [&](const Driver& d) -> int { return properties(d, p, device); });
}

cudaError_t cudaDeviceGetAttribute(int* value, enum cudaDeviceAttr attribute, int device) {
    return call(
        [&] {
            if (!value) return cudaErrorInvalidValue;
            struct cudaDeviceProp p;
            if (cudaError_t e = cudaGetDeviceProperties(&p, device)) return e;
            switch (attribute) {
                case cudaDevAttrMaxThreadsPerBlock: *value = p.maxThreadsPerBlock; break;
                case cudaDevAttrMaxBlockDimX:
                case cudaDevAttrMaxBlockDimY:
                case cudaDevAttrMaxBlockDimZ: *value = p.maxThreadsDim[0]; break;
                case cudaDevAttrMaxGridDimX:
                case cudaDevAttrMaxGridDimY:
                case cudaDevAttrMaxGridDimZ: *value = p.maxGridSize[0]; break;
                case cudaDevAttrMaxSharedMemoryPerBlock:
                case cudaDevAttrMaxSharedMemoryPerMultiprocessor:
                case cudaDevAttrMaxSharedMemoryPerBlockOptin: *value = static_cast<int>(p.sharedMemPerBlock); break;
                case cudaDevAttrTotalConstantMemory: *value = static_cast<int>(p.totalConstMem); break;
                case cudaDevAttrWarpSize: *value = p.warpSize; break;
                case cudaDevAttrMaxPitch: *value = static_cast<int>(p.memPitch); break;
                case cudaDevAttrMaxRegistersPerBlock:
                case cudaDevAttrMaxRegistersPerMultiprocessor: *value = p.regsPerBlock; break;
                case cudaDevAttrClockRate:
                case cudaDevAttrMemoryClockRate: *value = 1000000; break;  // kHz; programs divide by it
                case cudaDevAttrGlobalMemoryBusWidth: *value = 64; break;
                case cudaDevAttrTextureAlignment:
                case cudaDevAttrTexturePitchAlignment:
                case cudaDevAttrSurfaceAlignment: *value = static_cast<int>(p.textureAlignment); break;
                case cudaDevAttrMultiProcessorCount: *value = p.multiProcessorCount; break;
                case cudaDevAttrL2CacheSize: *value = p.l2CacheSize; break;
                case cudaDevAttrMaxThreadsPerMultiProcessor: *value = p.maxThreadsPerMultiProcessor; break;
                case cudaDevAttrMaxBlocksPerMultiprocessor: *value = p.maxBlocksPerMultiProcessor; break;
                case cudaDevAttrIntegrated:
                case cudaDevAttrCanMapHostMemory:
                case cudaDevAttrConcurrentKernels:
                case cudaDevAttrAsyncEngineCount:
                case cudaDevAttrUnifiedAddressing:
                case cudaDevAttrManagedMemory:
                case cudaDevAttrPageableMemoryAccess:
                case cudaDevAttrConcurrentManagedAccess:
                case cudaDevAttrCanUseHostPointerForRegisteredMem:
                case cudaDevAttrPageableMemoryAccessUsesHostPageTables:
                case cudaDevAttrDirectManagedMemAccessFromHost:
                case cudaDevAttrHostRegisterSupported:
                case cudaDevAttrMemoryPoolsSupported: *value = 1; break;
                default: *value = 0;
            }
            return static_cast<int>(attribute) >= 1 && attribute < cudaDevAttrMax ? cudaSuccess : cudaErrorInvalidValue;
        },
        [&](const Driver& d) -> int { return value ? d.deviceGetAttribute(value, attribute, device) : 1; });
}

cudaError_t cudaChooseDevice(int* device, const struct cudaDeviceProp* wanted) {
    return call(
        [&] {
            if (!device || !wanted) return cudaErrorInvalidValue;
            *device = 0;
            return cudaSuccess;
        },
        [&](const Driver& d) -> int {
            (void)d;
            if (!device || !wanted) return cudaErrorInvalidValue;
            *device = currentDevice();
            return cudaSuccess;
        });
}
cudaError_t cudaInitDevice(int device, unsigned int, unsigned int) {
    return call([&] { return checkDevice(device); },
                [&](const Driver& d) -> int {
                    return device >= 0 && device < d.devices ? cudaSuccess : cudaErrorInvalidDevice;
                });
}
cudaError_t cudaSetDevice(int device) {
    return call([&] { return checkDevice(device); },
                [&](const Driver& d) -> int {
                    (void)d;
                    return useDevice(device);
                });
}
cudaError_t cudaGetDevice(int* device) {
    return call(
        [&] {
            if (!device) return cudaErrorInvalidValue;
            *device = 0;
            return cudaSuccess;
        },
        [&](const Driver& d) -> int {
            (void)d;
            if (!device) return cudaErrorInvalidValue;
            *device = currentDevice();
            return cudaSuccess;
        });
}
cudaError_t cudaSetValidDevices(int* devices, int count) {
    return call([&] {
        for (int i = 0; i < count; ++i)
            if (!devices || devices[i] != 0) return cudaErrorInvalidDevice;
        return cudaSuccess;
    });
}
cudaError_t cudaSetDeviceFlags(unsigned int flags) {
    return call(
        [&] {
            if (flags & ~static_cast<unsigned>(cudaDeviceMask)) return cudaErrorInvalidValue;
            deviceFlags = flags;
            return cudaSuccess;
        },
        [&](const Driver& d) -> int {
            (void)d;
            deviceFlags = flags;
            return cudaSuccess;
        });
}
cudaError_t cudaGetDeviceFlags(unsigned int* flags) {
    return call(
        [&] {
            if (!flags) return cudaErrorInvalidValue;
            *flags = deviceFlags;
            return cudaSuccess;
        },
        [&](const Driver& d) -> int {
            (void)d;
            if (!flags) return cudaErrorInvalidValue;
            *flags = deviceFlags;
            return cudaSuccess;
        });
}
cudaError_t cudaDeviceCanAccessPeer(int* can, int device, int peer) {
    return call(
        [&] {
            if (!can) return cudaErrorInvalidValue;
            *can = 0;
            return device == 0 && peer == 0 ? cudaSuccess : cudaErrorInvalidDevice;
        },
        [&](const Driver& d) -> int {
            (void)d;
            if (!can) return cudaErrorInvalidValue;
            *can = 0;
            return cudaSuccess;
        });
}
cudaError_t cudaDeviceEnablePeerAccess(int, unsigned int) {
    return call([] { return cudaErrorInvalidDevice; });
}
cudaError_t cudaDeviceDisablePeerAccess(int) {
    return call([] { return cudaErrorInvalidDevice; });
}
cudaError_t cudaCtxResetPersistingL2Cache(void) {
    return call([] { return cudaSuccess; },
                [&](const Driver& d) -> int {
                    (void)d;
                    return cudaSuccess;
                });
}
// For libnvinfer: whether the library that a program uses is this one.
__attribute__((visibility("default"))) int cudaLatheHost(void) { return domain() == Domain::kHost; }

cudaError_t cudaProfilerStart(void) {
    return call([] { return cudaSuccess; },
                [&](const Driver& d) -> int {
                    (void)d;
                    return cudaSuccess;
                });
}
cudaError_t cudaProfilerStop(void) {
    return call([] { return cudaSuccess; },
                [&](const Driver& d) -> int {
                    (void)d;
                    return cudaSuccess;
                });
}

cudaError_t cudaLaunchKernel(const void*, dim3, dim3, void**, size_t, cudaStream_t) { return noKernels(); }
cudaError_t cudaLaunchCooperativeKernel(const void*, dim3, dim3, void**, size_t, cudaStream_t) { return noKernels(); }
cudaError_t cudaFuncSetCacheConfig(const void*, enum cudaFuncCache) { return noKernels(); }
cudaError_t cudaFuncSetAttribute(const void*, enum cudaFuncAttribute, int) { return noKernels(); }
cudaError_t cudaFuncGetAttributes(struct cudaFuncAttributes*, const void*) { return noKernels(); }
cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int*, const void*, int, size_t) { return noKernels(); }

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, enum cudaStreamCaptureMode mode) {
    return graphs([&](const Driver& d) { return d.streamBeginCapture(stream, mode); });
}
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
    if (graph) *graph = nullptr;
    return graphs([&](const Driver& d) { return graph ? d.streamEndCapture(stream, graph) : 1; });
}
cudaError_t cudaStreamIsCapturing(cudaStream_t stream, enum cudaStreamCaptureStatus* status) {
    return call(
        [&] {
            if (!status) return cudaErrorInvalidValue;
            *status = cudaStreamCaptureStatusNone;
            return cudaSuccess;
        },
        [&](const Driver& d) -> int {
            int state = 0;
            if (!status) return cudaErrorInvalidValue;
            int e = d.streamIsCapturing(stream, &state);
            *status = static_cast<cudaStreamCaptureStatus>(state);
            return e;
        });
}
cudaError_t cudaStreamGetCaptureInfo(cudaStream_t stream, enum cudaStreamCaptureStatus* status, unsigned long long* id,
                                     cudaGraph_t* graph, const cudaGraphNode_t** dependencies,
                                     const cudaGraphEdgeData** edges, size_t* count) {
    if (id) *id = 0;
    if (graph) *graph = nullptr;
    if (dependencies) *dependencies = nullptr;
    if (edges) *edges = nullptr;
    if (count) *count = 0;
    return cudaStreamIsCapturing(stream, status);
}
cudaError_t cudaThreadExchangeStreamCaptureMode(enum cudaStreamCaptureMode* mode) {
    return call(
        [&] {
            static thread_local cudaStreamCaptureMode current = cudaStreamCaptureModeGlobal;
            if (!mode) return cudaErrorInvalidValue;
            std::swap(*mode, current);
            return cudaSuccess;
        },
        [&](const Driver& d) -> int {
            return mode ? d.threadExchangeStreamCaptureMode(reinterpret_cast<int*>(mode)) : 1;
        });
}
cudaError_t cudaGraphCreate(cudaGraph_t*, unsigned int) { return noGraphs(); }
cudaError_t cudaGraphGetNodes(cudaGraph_t, cudaGraphNode_t*, size_t*) { return noGraphs(); }
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* exec, cudaGraph_t graph, unsigned long long flags) {
    return graphs([&](const Driver& d) { return d.graphInstantiate(exec, graph, flags); });
}
cudaError_t cudaGraphInstantiateWithFlags(cudaGraphExec_t* exec, cudaGraph_t graph, unsigned long long flags) {
    return cudaGraphInstantiate(exec, graph, flags);
}
cudaError_t cudaGraphExecUpdate(cudaGraphExec_t, cudaGraph_t, cudaGraphExecUpdateResultInfo*) { return noGraphs(); }
cudaError_t cudaGraphUpload(cudaGraphExec_t exec, cudaStream_t stream) {
    return graphs([&](const Driver& d) { return d.graphUpload(exec, stream); });
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t stream) {
    return graphs([&](const Driver& d) { return d.graphLaunch(exec, stream); });
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec) {
    return graphs([&](const Driver& d) { return d.graphExecDestroy(exec); });
}
cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
    return graphs([&](const Driver& d) { return d.graphDestroy(graph); });
}

}  // extern "C"
