// SPDX-License-Identifier: Apache-2.0
// The CUDA driver's functions that this project calls, declared here from their documented signatures: nothing of ours
// includes or links CUDA.
#pragma once

#include <cstddef>
#include <cstdint>

#include "device/cuda/library.h"

namespace lathe::cuda {

using CuResult = int;
using CuDevice = int;
using CuPointer = unsigned long long;
using CuContext = struct CuContextTag*;
using CuModule = struct CuModuleTag*;
using CuFunction = struct CuFunctionTag*;
using CuStream = struct CuStreamTag*;
using CuEvent = struct CuEventTag*;
using CuGraph = struct CuGraphTag*;
using CuGraphExec = struct CuGraphExecTag*;
using CuMemPool = struct CuMemPoolTag*;

inline constexpr CuResult kCuSuccess = 0, kCuInvalidValue = 1, kCuOutOfMemory = 2, kCuNoDevice = 100, kCuNotReady = 600;

// CUdevice_attribute
inline constexpr int kAttrMaxThreadsPerBlock = 1, kAttrSharedPerBlock = 8, kAttrClockKhz = 13, kAttrSmCount = 16,
                     kAttrMemoryClockKhz = 36, kAttrMemoryBusBits = 37, kAttrL2Bytes = 38, kAttrThreadsPerSm = 39,
                     kAttrMajor = 75, kAttrMinor = 76, kAttrSharedPerSm = 81, kAttrSharedPerBlockOptIn = 97,
                     kAttrMemoryPools = 115;
// CUfunction_attribute
inline constexpr int kFuncSharedBytes = 1, kFuncLocalBytes = 3, kFuncRegisters = 4, kFuncMaxDynamicShared = 8;
// CUpointer_attribute
inline constexpr int kPointerMemoryType = 2, kPointerDeviceOrdinal = 9;
inline constexpr unsigned kMemoryHost = 1, kMemoryDevice = 2;
inline constexpr unsigned kStreamNonBlocking = 1, kEventDisableTiming = 2, kCaptureThreadLocal = 1;

// CUlaunchAttribute and CUlaunchConfig
struct CuLaunchAttribute {
    int id = 0;
    int pad = 0;
    union {
        uint32_t cluster[3];
        int flag;
        unsigned char bytes[64] = {};
    };
};
static_assert(sizeof(CuLaunchAttribute) == 72);
inline constexpr int kLaunchCluster = 4, kLaunchProgrammatic = 6;
struct CuLaunchConfig {
    unsigned grid[3], block[3];
    unsigned sharedBytes;
    CuStream stream;
    CuLaunchAttribute* attributes;
    unsigned attributeCount;
};
static_assert(sizeof(CuLaunchConfig) == 56);

struct CuMemPoolProps {
    int allocType = 1;  // pinned to its device
    int handleTypes = 0;
    int locationType = 1;  // a device
    int locationId = 0;
    void* securityAttributes = nullptr;
    size_t maxSize = 0;
    unsigned short usage = 0;
    unsigned char reserved[54] = {};
};
static_assert(sizeof(CuMemPoolProps) == 88);
inline constexpr int kPoolReleaseThreshold = 4;

struct alignas(64) CuTensorMap {
    uint64_t opaque[16];
};
inline constexpr int kTensorU8 = 0, kTensorU16 = 1, kTensorU32 = 2, kTensorF16 = 6, kTensorF32 = 7, kTensorBf16 = 9;

struct DriverApi {
    CuResult (*init)(unsigned);
    CuResult (*driverGetVersion)(int*);
    CuResult (*getErrorName)(CuResult, const char**);
    CuResult (*getErrorString)(CuResult, const char**);
    CuResult (*deviceGetCount)(int*);
    CuResult (*deviceGet)(CuDevice*, int);
    CuResult (*deviceGetName)(char*, int, CuDevice);
    CuResult (*deviceGetAttribute)(int*, int, CuDevice);
    CuResult (*deviceTotalMem)(size_t*, CuDevice);
    CuResult (*primaryCtxRetain)(CuContext*, CuDevice);
    CuResult (*primaryCtxRelease)(CuDevice);
    CuResult (*ctxGetCurrent)(CuContext*);
    CuResult (*ctxSetCurrent)(CuContext);
    CuResult (*ctxSynchronize)();
    CuResult (*memGetInfo)(size_t*, size_t*);
    CuResult (*memAlloc)(CuPointer*, size_t);
    CuResult (*memFree)(CuPointer);
    CuResult (*memHostAlloc)(void**, size_t, unsigned);
    CuResult (*memFreeHost)(void*);
    CuResult (*memcpyAsync)(CuPointer, CuPointer, size_t, CuStream);
    CuResult (*memsetD8Async)(CuPointer, unsigned char, size_t, CuStream);
    CuResult (*pointerGetAttribute)(void*, int, CuPointer);
    CuResult (*memPoolCreate)(CuMemPool*, const CuMemPoolProps*);
    CuResult (*memPoolDestroy)(CuMemPool);
    CuResult (*memPoolSetAttribute)(CuMemPool, int, void*);
    CuResult (*memPoolTrimTo)(CuMemPool, size_t);
    CuResult (*memAllocFromPoolAsync)(CuPointer*, size_t, CuMemPool, CuStream);
    CuResult (*memFreeAsync)(CuPointer, CuStream);
    CuResult (*streamCreate)(CuStream*, unsigned);
    CuResult (*streamDestroy)(CuStream);
    CuResult (*streamSynchronize)(CuStream);
    CuResult (*streamQuery)(CuStream);
    CuResult (*streamWaitEvent)(CuStream, CuEvent, unsigned);
    CuResult (*streamBeginCapture)(CuStream, int);
    CuResult (*streamEndCapture)(CuStream, CuGraph*);
    CuResult (*streamIsCapturing)(CuStream, int*);
    CuResult (*eventCreate)(CuEvent*, unsigned);
    CuResult (*eventDestroy)(CuEvent);
    CuResult (*eventRecord)(CuEvent, CuStream);
    CuResult (*eventSynchronize)(CuEvent);
    CuResult (*eventElapsedTime)(float*, CuEvent, CuEvent);
    CuResult (*graphInstantiate)(CuGraphExec*, CuGraph, unsigned long long);
    CuResult (*graphDestroy)(CuGraph);
    CuResult (*graphExecDestroy)(CuGraphExec);
    CuResult (*graphLaunch)(CuGraphExec, CuStream);
    CuResult (*moduleLoadData)(CuModule*, const void*);
    CuResult (*moduleUnload)(CuModule);
    CuResult (*moduleGetFunction)(CuFunction*, CuModule, const char*);
    CuResult (*funcGetAttribute)(int*, int, CuFunction);
    CuResult (*funcSetAttribute)(CuFunction, int, int);
    CuResult (*launchKernel)(CuFunction, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, CuStream,
                             void**, void**);
    // Absent from older drivers; null then.
    CuResult (*launchKernelEx)(const CuLaunchConfig*, CuFunction, void**, void**);
    CuResult (*tensorMapEncodeTiled)(CuTensorMap*, int type, uint32_t rank, void* address, const uint64_t* dims,
                                     const uint64_t* strides, const uint32_t* box, const uint32_t* elementStrides,
                                     int interleave, int swizzle, int l2Promotion, int outOfBounds);
    CuResult (*tensorMapEncodeIm2col)(CuTensorMap*, int type, uint32_t rank, void* address, const uint64_t* dims,
                                      const uint64_t* strides, const int* lower, const int* upper, uint32_t channels,
                                      uint32_t pixels, const uint32_t* elementStrides, int interleave, int swizzle,
                                      int l2Promotion, int outOfBounds);

    static Result<DriverApi> load(const Library& library);
};

}  // namespace lathe::cuda
