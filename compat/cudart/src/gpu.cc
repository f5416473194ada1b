// SPDX-License-Identifier: Apache-2.0
#include "gpu.h"

#include <dlfcn.h>

#include <cstdlib>
#include <cstring>
#include <mutex>
#include <vector>

namespace lathe::cudart {
namespace {

template <class F>
bool load(void* library, const char* name, F*& out) {
    out = reinterpret_cast<F*>(dlsym(library, name));
    return out != nullptr;
}

bool loadAll(void* l, Driver& d) {
    return load(l, "cuInit", d.init) && load(l, "cuDriverGetVersion", d.driverGetVersion) &&
           load(l, "cuDeviceGetCount", d.deviceGetCount) && load(l, "cuDeviceGet", d.deviceGet) &&
           load(l, "cuDeviceGetName", d.deviceGetName) && load(l, "cuDeviceGetAttribute", d.deviceGetAttribute) &&
           load(l, "cuDeviceTotalMem_v2", d.deviceTotalMem) && load(l, "cuDeviceGetPCIBusId", d.deviceGetPCIBusId) &&
           load(l, "cuDevicePrimaryCtxRetain", d.primaryCtxRetain) && load(l, "cuCtxSetCurrent", d.ctxSetCurrent) &&
           load(l, "cuCtxSynchronize", d.ctxSynchronize) && load(l, "cuMemAlloc_v2", d.memAlloc) &&
           load(l, "cuMemFree_v2", d.memFree) && load(l, "cuMemHostAlloc", d.memHostAlloc) &&
           load(l, "cuMemFreeHost", d.memFreeHost) && load(l, "cuMemAllocManaged", d.memAllocManaged) &&
           load(l, "cuMemAllocAsync", d.memAllocAsync) && load(l, "cuMemFreeAsync", d.memFreeAsync) &&
           load(l, "cuMemHostRegister_v2", d.memHostRegister) && load(l, "cuMemHostUnregister", d.memHostUnregister) &&
           load(l, "cuMemHostGetDevicePointer_v2", d.memHostGetDevicePointer) &&
           load(l, "cuMemGetInfo_v2", d.memGetInfo) && load(l, "cuMemcpy", d.memcpy) &&
           load(l, "cuMemcpyAsync", d.memcpyAsync) && load(l, "cuMemcpy2DUnaligned_v2", d.memcpy2D) &&
           load(l, "cuMemcpy2DAsync_v2", d.memcpy2DAsync) && load(l, "cuMemsetD8_v2", d.memset) &&
           load(l, "cuMemsetD8Async", d.memsetAsync) && load(l, "cuMemsetD2D8_v2", d.memset2D) &&
           load(l, "cuMemsetD2D8Async", d.memset2DAsync) && load(l, "cuPointerGetAttribute", d.pointerGetAttribute) &&
           load(l, "cuStreamCreateWithPriority", d.streamCreate) && load(l, "cuStreamDestroy_v2", d.streamDestroy) &&
           load(l, "cuStreamSynchronize", d.streamSynchronize) && load(l, "cuStreamQuery", d.streamQuery) &&
           load(l, "cuStreamWaitEvent", d.streamWaitEvent) && load(l, "cuStreamGetPriority", d.streamGetPriority) &&
           load(l, "cuStreamGetFlags", d.streamGetFlags) && load(l, "cuStreamAddCallback", d.streamAddCallback) &&
           load(l, "cuLaunchHostFunc", d.launchHostFunc) && load(l, "cuStreamBeginCapture_v2", d.streamBeginCapture) &&
           load(l, "cuStreamEndCapture", d.streamEndCapture) && load(l, "cuStreamIsCapturing", d.streamIsCapturing) &&
           load(l, "cuThreadExchangeStreamCaptureMode", d.threadExchangeStreamCaptureMode) &&
           load(l, "cuEventCreate", d.eventCreate) && load(l, "cuEventDestroy_v2", d.eventDestroy) &&
           load(l, "cuEventRecord", d.eventRecord) && load(l, "cuEventQuery", d.eventQuery) &&
           load(l, "cuEventSynchronize", d.eventSynchronize) && load(l, "cuEventElapsedTime", d.eventElapsedTime) &&
           load(l, "cuGraphInstantiateWithFlags", d.graphInstantiate) && load(l, "cuGraphUpload", d.graphUpload) &&
           load(l, "cuGraphLaunch", d.graphLaunch) && load(l, "cuGraphExecDestroy", d.graphExecDestroy) &&
           load(l, "cuGraphDestroy", d.graphDestroy);
}

bool canOpen(std::initializer_list<const char*> names) {
    for (const char* name : names)
        if (dlopen(name, RTLD_LAZY | RTLD_LOCAL)) return true;
    return false;
}

thread_local int threadDevice = -1;

// Primary contexts, retained once for as long as the process lives.
cudaError_t contextOf(int device, void*& context) {
    static std::mutex mutex;
    static auto* contexts = new std::vector<void*>;
    const Driver& d = *driver();
    std::lock_guard lock(mutex);
    contexts->resize(static_cast<size_t>(d.devices), nullptr);
    void*& known = (*contexts)[static_cast<size_t>(device)];
    if (!known) {
        int handle = 0;
        if (int e = d.deviceGet(&handle, device)) return toError(e);
        if (int e = d.primaryCtxRetain(&known, handle)) return toError(e);
    }
    context = known;
    return cudaSuccess;
}

}  // namespace

const Driver* driver() {
    static const Driver* loaded = []() -> const Driver* {
        void* library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
        auto* d = new Driver();
        if (!library || !loadAll(library, *d) || d->init(0) || d->deviceGetCount(&d->devices) || d->devices < 1) {
            delete d;
            return nullptr;
        }
        const char* target = std::getenv("LATHE_TARGET");
        if (target && std::strncmp(target, "cuda:", 5) == 0) d->firstDevice = std::atoi(target + 5);
        if (d->firstDevice < 0 || d->firstDevice >= d->devices) d->firstDevice = 0;
        return d;
    }();
    return loaded;
}

// libnvinfer's rule (docs/architecture.md, decision 6) by its own word where it is loaded.
Domain domain() {
    static const Domain chosen = [] {
        if (auto* name = reinterpret_cast<const char* (*)()>(dlsym(RTLD_DEFAULT, "latheDeviceName")))
            return std::strncmp(name(), "cuda", 4) == 0 ? Domain::kGpu : Domain::kHost;
        const char* target = std::getenv("LATHE_TARGET");
        if (target && std::strncmp(target, "cpu", 3) == 0) return Domain::kHost;
        if (target && std::strncmp(target, "cuda", 4) == 0) return Domain::kGpu;
        // Engines on a GPU need its compiler too.
        bool usable = driver() && canOpen({"libnvrtc.so.13", "libnvrtc.so.12"});
        return usable ? Domain::kGpu : Domain::kHost;
    }();
    return chosen;
}

int currentDevice() { return threadDevice < 0 ? driver()->firstDevice : threadDevice; }

cudaError_t useDevice(int device) {
    if (device < 0 || device >= driver()->devices) return cudaErrorInvalidDevice;
    threadDevice = device;
    return useContext();
}

cudaError_t useContext() {
    void* context = nullptr;
    if (cudaError_t e = contextOf(currentDevice(), context)) return e;
    return toError(driver()->ctxSetCurrent(context));
}

}  // namespace lathe::cudart
