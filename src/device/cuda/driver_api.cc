// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/driver_api.h"

namespace lathe::cuda {

Result<DriverApi> DriverApi::load(const Library& l) {
    DriverApi a{};
    TRY(l.load("cuInit", a.init));
    TRY(l.load("cuDriverGetVersion", a.driverGetVersion));
    TRY(l.load("cuGetErrorName", a.getErrorName));
    TRY(l.load("cuGetErrorString", a.getErrorString));
    TRY(l.load("cuDeviceGetCount", a.deviceGetCount));
    TRY(l.load("cuDeviceGet", a.deviceGet));
    TRY(l.load("cuDeviceGetName", a.deviceGetName));
    TRY(l.load("cuDeviceGetAttribute", a.deviceGetAttribute));
    TRY(l.load("cuDeviceTotalMem_v2", a.deviceTotalMem));
    TRY(l.load("cuDevicePrimaryCtxRetain", a.primaryCtxRetain));
    TRY(l.load("cuDevicePrimaryCtxRelease_v2", a.primaryCtxRelease));
    TRY(l.load("cuCtxGetCurrent", a.ctxGetCurrent));
    TRY(l.load("cuCtxSetCurrent", a.ctxSetCurrent));
    TRY(l.load("cuCtxSynchronize", a.ctxSynchronize));
    TRY(l.load("cuMemGetInfo_v2", a.memGetInfo));
    TRY(l.load("cuMemAlloc_v2", a.memAlloc));
    TRY(l.load("cuMemFree_v2", a.memFree));
    TRY(l.load("cuMemHostAlloc", a.memHostAlloc));
    TRY(l.load("cuMemFreeHost", a.memFreeHost));
    TRY(l.load("cuMemcpyAsync", a.memcpyAsync));
    TRY(l.load("cuMemsetD8Async", a.memsetD8Async));
    TRY(l.load("cuPointerGetAttribute", a.pointerGetAttribute));
    TRY(l.load("cuMemPoolCreate", a.memPoolCreate));
    TRY(l.load("cuMemPoolDestroy", a.memPoolDestroy));
    TRY(l.load("cuMemPoolSetAttribute", a.memPoolSetAttribute));
    TRY(l.load("cuMemPoolTrimTo", a.memPoolTrimTo));
    TRY(l.load("cuMemAllocFromPoolAsync", a.memAllocFromPoolAsync));
    TRY(l.load("cuMemFreeAsync", a.memFreeAsync));
    TRY(l.load("cuStreamCreate", a.streamCreate));
    TRY(l.load("cuStreamDestroy_v2", a.streamDestroy));
    TRY(l.load("cuStreamSynchronize", a.streamSynchronize));
    TRY(l.load("cuStreamQuery", a.streamQuery));
    TRY(l.load("cuStreamWaitEvent", a.streamWaitEvent));
    TRY(l.load("cuStreamBeginCapture_v2", a.streamBeginCapture));
    TRY(l.load("cuStreamEndCapture", a.streamEndCapture));
    TRY(l.load("cuStreamIsCapturing", a.streamIsCapturing));
    TRY(l.load("cuEventCreate", a.eventCreate));
    TRY(l.load("cuEventDestroy_v2", a.eventDestroy));
    TRY(l.load("cuEventRecord", a.eventRecord));
    TRY(l.load("cuEventSynchronize", a.eventSynchronize));
    // CUDA 13 drivers keep the old name beside _v2.
    TRY(l.load("cuEventElapsedTime", a.eventElapsedTime));
    TRY(l.load("cuGraphInstantiateWithFlags", a.graphInstantiate));
    TRY(l.load("cuGraphDestroy", a.graphDestroy));
    TRY(l.load("cuGraphExecDestroy", a.graphExecDestroy));
    TRY(l.load("cuGraphLaunch", a.graphLaunch));
    TRY(l.load("cuModuleLoadData", a.moduleLoadData));
    TRY(l.load("cuModuleUnload", a.moduleUnload));
    TRY(l.load("cuModuleGetFunction", a.moduleGetFunction));
    TRY(l.load("cuFuncGetAttribute", a.funcGetAttribute));
    TRY(l.load("cuFuncSetAttribute", a.funcSetAttribute));
    TRY(l.load("cuLaunchKernel", a.launchKernel));
    a.launchKernelEx = reinterpret_cast<decltype(a.launchKernelEx)>(l.symbol("cuLaunchKernelEx"));
    a.tensorMapEncodeTiled = reinterpret_cast<decltype(a.tensorMapEncodeTiled)>(l.symbol("cuTensorMapEncodeTiled"));
    a.tensorMapEncodeIm2col = reinterpret_cast<decltype(a.tensorMapEncodeIm2col)>(l.symbol("cuTensorMapEncodeIm2col"));
    return a;
}

}  // namespace lathe::cuda
