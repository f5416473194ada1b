// SPDX-License-Identifier: Apache-2.0
// The GPU's domain: libcuda by dlopen, in the primary context, where the real libcudart and libnvinfer work too.
// Streams, events and graphs are the driver's own, and its error numbers are the runtime's.
#pragma once

#include "common.h"

namespace lathe::cudart {

using DriverPointer = unsigned long long;

// CUDA_MEMCPY2D
struct DriverCopy2D {
    static constexpr int kUnified = 4;
    size_t fromX = 0, fromY = 0;
    int fromType = kUnified;
    const void* fromHost = nullptr;
    DriverPointer from = 0;
    void* fromArray = nullptr;
    size_t fromPitch = 0;
    size_t toX = 0, toY = 0;
    int toType = kUnified;
    void* toHost = nullptr;
    DriverPointer to = 0;
    void* toArray = nullptr;
    size_t toPitch = 0;
    size_t width = 0, height = 0;
};

struct Driver {
    int (*init)(unsigned);
    int (*driverGetVersion)(int*);
    int (*deviceGetCount)(int*);
    int (*deviceGet)(int*, int);
    int (*deviceGetName)(char*, int, int);
    int (*deviceGetAttribute)(int*, int, int);
    int (*deviceTotalMem)(size_t*, int);
    int (*deviceGetPCIBusId)(char*, int, int);
    int (*primaryCtxRetain)(void**, int);
    int (*ctxSetCurrent)(void*);
    int (*ctxSynchronize)();
    int (*memAlloc)(DriverPointer*, size_t);
    int (*memFree)(DriverPointer);
    int (*memHostAlloc)(void**, size_t, unsigned);
    int (*memFreeHost)(void*);
    int (*memAllocManaged)(DriverPointer*, size_t, unsigned);
    int (*memAllocAsync)(DriverPointer*, size_t, cudaStream_t);
    int (*memFreeAsync)(DriverPointer, cudaStream_t);
    int (*memHostRegister)(void*, size_t, unsigned);
    int (*memHostUnregister)(void*);
    int (*memHostGetDevicePointer)(DriverPointer*, void*, unsigned);
    int (*memGetInfo)(size_t*, size_t*);
    int (*memcpy)(DriverPointer, DriverPointer, size_t);
    int (*memcpyAsync)(DriverPointer, DriverPointer, size_t, cudaStream_t);
    int (*memcpy2D)(const DriverCopy2D*);
    int (*memcpy2DAsync)(const DriverCopy2D*, cudaStream_t);
    int (*memset)(DriverPointer, unsigned char, size_t);
    int (*memsetAsync)(DriverPointer, unsigned char, size_t, cudaStream_t);
    int (*memset2D)(DriverPointer, size_t, unsigned char, size_t, size_t);
    int (*memset2DAsync)(DriverPointer, size_t, unsigned char, size_t, size_t, cudaStream_t);
    int (*pointerGetAttribute)(void*, int, DriverPointer);
    int (*streamCreate)(cudaStream_t*, unsigned, int);
    int (*streamDestroy)(cudaStream_t);
    int (*streamSynchronize)(cudaStream_t);
    int (*streamQuery)(cudaStream_t);
    int (*streamWaitEvent)(cudaStream_t, cudaEvent_t, unsigned);
    int (*streamGetPriority)(cudaStream_t, int*);
    int (*streamGetFlags)(cudaStream_t, unsigned*);
    int (*streamAddCallback)(cudaStream_t, cudaStreamCallback_t, void*, unsigned);
    int (*launchHostFunc)(cudaStream_t, cudaHostFn_t, void*);
    int (*streamBeginCapture)(cudaStream_t, int);
    int (*streamEndCapture)(cudaStream_t, cudaGraph_t*);
    int (*streamIsCapturing)(cudaStream_t, int*);
    int (*threadExchangeStreamCaptureMode)(int*);
    int (*eventCreate)(cudaEvent_t*, unsigned);
    int (*eventDestroy)(cudaEvent_t);
    int (*eventRecord)(cudaEvent_t, cudaStream_t);
    int (*eventQuery)(cudaEvent_t);
    int (*eventSynchronize)(cudaEvent_t);
    int (*eventElapsedTime)(float*, cudaEvent_t, cudaEvent_t);
    int (*graphInstantiate)(cudaGraphExec_t*, cudaGraph_t, unsigned long long);
    int (*graphUpload)(cudaGraphExec_t, cudaStream_t);
    int (*graphLaunch)(cudaGraphExec_t, cudaStream_t);
    int (*graphExecDestroy)(cudaGraphExec_t);
    int (*graphDestroy)(cudaGraph_t);

    int devices = 0;
    int firstDevice = 0;  // LATHE_TARGET=cuda:1
};

// Null where there is no driver, no GPU, or a driver without one of these functions.
const Driver* driver();
// The device that this thread works on, and making it so. REQUIRES: driver().
int currentDevice();
cudaError_t useDevice(int device);
// Makes the context of currentDevice() current in this thread.
cudaError_t useContext();

inline cudaError_t toError(int driverResult) { return static_cast<cudaError_t>(driverResult); }
inline DriverPointer toDriver(const void* p) { return reinterpret_cast<DriverPointer>(p); }

// As call(host); `gpu` is what the call does in the GPU's domain, with the driver and its context current.
template <class Host, class Gpu>
cudaError_t call(Host&& host, Gpu&& gpu) noexcept {
    if (domain() == Domain::kHost) return call(static_cast<Host&&>(host));
    const Driver* d = driver();
    if (!d) return remember(cudaErrorInitializationError);
    if (cudaError_t e = useContext()) return remember(e);
    return remember(toError(gpu(*d)));
}

}  // namespace lathe::cudart
