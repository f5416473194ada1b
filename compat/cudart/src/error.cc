// SPDX-License-Identifier: Apache-2.0
// Errors and versions.
#include "gpu.h"

namespace lathe::cudart {
namespace {
thread_local cudaError_t lastError = cudaSuccess;
}

cudaError_t remember(cudaError_t error) {
    if (error != cudaSuccess && error != cudaErrorNotReady) lastError = error;
    return error;
}

namespace {

struct Known {
    cudaError_t error;
    const char* name;
    const char* text;
};

#define LATHE_ERROR(error, text) \
    { error, #error, text }
constexpr Known kKnown[] = {
    LATHE_ERROR(cudaSuccess, "no error"),
    LATHE_ERROR(cudaErrorInvalidValue, "an argument has a value that is not allowed"),
    LATHE_ERROR(cudaErrorMemoryAllocation, "out of memory"),
    LATHE_ERROR(cudaErrorInitializationError, "the runtime could not be initialized"),
    LATHE_ERROR(cudaErrorCudartUnloading, "the runtime is being unloaded"),
    LATHE_ERROR(cudaErrorProfilerDisabled, "the profiler is disabled"),
    LATHE_ERROR(cudaErrorInvalidConfiguration, "the launch configuration is not valid"),
    LATHE_ERROR(cudaErrorInvalidPitchValue, "the pitch is smaller than the width"),
    LATHE_ERROR(cudaErrorInvalidSymbol, "there is no such symbol on the device"),
    LATHE_ERROR(cudaErrorInvalidHostPointer, "this is no host pointer"),
    LATHE_ERROR(cudaErrorInvalidDevicePointer, "this is no device pointer"),
    LATHE_ERROR(cudaErrorInvalidMemcpyDirection, "the direction of a copy does not exist"),
    LATHE_ERROR(cudaErrorInsufficientDriver, "the driver is too old for this runtime"),
    LATHE_ERROR(cudaErrorDevicesUnavailable, "the devices are busy or unavailable"),
    LATHE_ERROR(cudaErrorInvalidDeviceFunction, "there is no such device function"),
    LATHE_ERROR(cudaErrorNoDevice, "there is no device"),
    LATHE_ERROR(cudaErrorInvalidDevice, "there is no device of this number"),
    LATHE_ERROR(cudaErrorStartupFailure, "starting up failed"),
    LATHE_ERROR(cudaErrorInvalidKernelImage, "the kernel image is not valid"),
    LATHE_ERROR(cudaErrorNoKernelImageForDevice, "there is no kernel image for this device"),
    LATHE_ERROR(cudaErrorPeerAccessUnsupported, "these devices cannot read each other's memory"),
    LATHE_ERROR(cudaErrorInvalidPtx, "the PTX could not be compiled"),
    LATHE_ERROR(cudaErrorInvalidSource, "the kernel source is not valid"),
    LATHE_ERROR(cudaErrorFileNotFound, "a file was not found"),
    LATHE_ERROR(cudaErrorSharedObjectSymbolNotFound, "a shared library lacks a symbol"),
    LATHE_ERROR(cudaErrorSharedObjectInitFailed, "a shared library could not be initialized"),
    LATHE_ERROR(cudaErrorOperatingSystem, "the operating system refused a call"),
    LATHE_ERROR(cudaErrorInvalidResourceHandle, "this is no valid stream, event or graph"),
    LATHE_ERROR(cudaErrorIllegalState, "a resource is in no state for this call"),
    LATHE_ERROR(cudaErrorSymbolNotFound, "there is no symbol of this name"),
    LATHE_ERROR(cudaErrorNotReady, "the work is not done yet"),
    LATHE_ERROR(cudaErrorIllegalAddress, "an illegal address was used"),
    LATHE_ERROR(cudaErrorLaunchOutOfResources, "a launch asked for too many resources"),
    LATHE_ERROR(cudaErrorLaunchTimeout, "a launch took too long"),
    LATHE_ERROR(cudaErrorPeerAccessAlreadyEnabled, "peer access is enabled already"),
    LATHE_ERROR(cudaErrorPeerAccessNotEnabled, "peer access is not enabled"),
    LATHE_ERROR(cudaErrorContextIsDestroyed, "the context is destroyed"),
    LATHE_ERROR(cudaErrorAssert, "an assertion in a kernel failed"),
    LATHE_ERROR(cudaErrorHostMemoryAlreadyRegistered, "this memory is registered already"),
    LATHE_ERROR(cudaErrorHostMemoryNotRegistered, "this memory is not registered"),
    LATHE_ERROR(cudaErrorMisalignedAddress, "an address is not aligned"),
    LATHE_ERROR(cudaErrorLaunchFailure, "a launch failed"),
    LATHE_ERROR(cudaErrorNotPermitted, "this is not permitted"),
    LATHE_ERROR(cudaErrorNotSupported, "not supported on this device"),
    LATHE_ERROR(cudaErrorSystemNotReady, "the system is not ready"),
    LATHE_ERROR(cudaErrorStreamCaptureUnsupported, "this cannot be captured in a graph"),
    LATHE_ERROR(cudaErrorStreamCaptureInvalidated, "an earlier error ended the capture"),
    LATHE_ERROR(cudaErrorStreamCaptureUnmatched, "the capture was begun on another stream"),
    LATHE_ERROR(cudaErrorCapturedEvent, "the event belongs to a capture"),
    LATHE_ERROR(cudaErrorTimeout, "the wait took too long"),
    LATHE_ERROR(cudaErrorGraphExecUpdateFailure, "the graph cannot be updated this way"),
    LATHE_ERROR(cudaErrorUnknown, "an unknown error"),
};
#undef LATHE_ERROR

const Known* find(cudaError_t error) {
    for (const Known& k : kKnown)
        if (k.error == error) return &k;
    return nullptr;
}

}  // namespace
}  // namespace lathe::cudart

using namespace lathe::cudart;

extern "C" {

cudaError_t cudaGetLastError(void) {
    cudaError_t e = lastError;
    lastError = cudaSuccess;
    return e;
}
cudaError_t cudaPeekAtLastError(void) { return lastError; }

const char* cudaGetErrorName(cudaError_t error) {
    const Known* k = find(error);
    return k ? k->name : "unrecognized error code";
}
const char* cudaGetErrorString(cudaError_t error) {
    const Known* k = find(error);
    return k ? k->text : "unrecognized error code";
}

cudaError_t cudaDriverGetVersion(int* version) {
    if (!version) return remember(cudaErrorInvalidValue);
    if (domain() == Domain::kGpu && driver()) return remember(toError(driver()->driverGetVersion(version)));
    return cudaRuntimeGetVersion(version);
}
cudaError_t cudaRuntimeGetVersion(int* version) {
    if (!version) return remember(cudaErrorInvalidValue);
    *version = CUDART_VERSION;
    return cudaSuccess;
}

// There is no driver to enter.
cudaError_t cudaGetDriverEntryPoint(const char* symbol, void** function, unsigned long long,
                                    enum cudaDriverEntryPointQueryResult* status) {
    if (!symbol || !function) return remember(cudaErrorInvalidValue);
    *function = nullptr;
    if (status) *status = cudaDriverEntryPointSymbolNotFound;
    return status ? cudaSuccess : remember(cudaErrorSymbolNotFound);
}
cudaError_t cudaGetDriverEntryPointByVersion(const char* symbol, void** function, unsigned int,
                                             unsigned long long flags, enum cudaDriverEntryPointQueryResult* status) {
    return cudaGetDriverEntryPoint(symbol, function, flags, status);
}

}  // extern "C"
