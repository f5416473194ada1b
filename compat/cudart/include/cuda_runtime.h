// SPDX-License-Identifier: Apache-2.0
#pragma once

// The runtime API with the typed forms that C++ programs call.
#include "cuda_runtime_api.h"
#include "library_types.h"
#include "vector_functions.h"

#ifdef __cplusplus

template <typename T>
inline cudaError_t cudaMalloc(T** ptr, size_t size) {
    return ::cudaMalloc(reinterpret_cast<void**>(ptr), size);
}

template <typename T>
inline cudaError_t cudaMallocHost(T** ptr, size_t size, unsigned int flags = 0) {
    return ::cudaHostAlloc(reinterpret_cast<void**>(ptr), size, flags);
}

inline cudaError_t cudaMallocHost(void** ptr, size_t size, unsigned int flags) {
    return ::cudaHostAlloc(ptr, size, flags);
}

template <typename T>
inline cudaError_t cudaHostAlloc(T** ptr, size_t size, unsigned int flags) {
    return ::cudaHostAlloc(reinterpret_cast<void**>(ptr), size, flags);
}

template <typename T>
inline cudaError_t cudaHostGetDevicePointer(T** device, void* host, unsigned int flags) {
    return ::cudaHostGetDevicePointer(reinterpret_cast<void**>(device), host, flags);
}

template <typename T>
inline cudaError_t cudaMallocManaged(T** ptr, size_t size, unsigned int flags = cudaMemAttachGlobal) {
    return ::cudaMallocManaged(reinterpret_cast<void**>(ptr), size, flags);
}

template <typename T>
inline cudaError_t cudaMallocPitch(T** ptr, size_t* pitch, size_t width, size_t height) {
    return ::cudaMallocPitch(reinterpret_cast<void**>(ptr), pitch, width, height);
}

template <typename T>
inline cudaError_t cudaMallocAsync(T** ptr, size_t size, cudaStream_t stream) {
    return ::cudaMallocAsync(reinterpret_cast<void**>(ptr), size, stream);
}

inline cudaError_t cudaMallocAsync(void** ptr, size_t size, cudaMemPool_t pool, cudaStream_t stream) {
    return ::cudaMallocFromPoolAsync(ptr, size, pool, stream);
}

template <typename T>
inline cudaError_t cudaMallocAsync(T** ptr, size_t size, cudaMemPool_t pool, cudaStream_t stream) {
    return ::cudaMallocFromPoolAsync(reinterpret_cast<void**>(ptr), size, pool, stream);
}

inline cudaError_t cudaEventCreate(cudaEvent_t* event, unsigned int flags) {
    return ::cudaEventCreateWithFlags(event, flags);
}

// The five-argument form of CUDA 11. No node and no log are reported.
inline cudaError_t cudaGraphInstantiate(cudaGraphExec_t* exec, cudaGraph_t graph, cudaGraphNode_t* errorNode,
                                        char* logBuffer, size_t bufferSize) {
    if (errorNode != nullptr) {
        *errorNode = nullptr;
    }
    if (logBuffer != nullptr && bufferSize != 0) {
        logBuffer[0] = '\0';
    }
    return ::cudaGraphInstantiate(exec, graph, 0ULL);
}

template <typename T>
inline cudaError_t cudaLaunchKernel(T* func, dim3 grid, dim3 block, void** args, size_t sharedMem = 0,
                                    cudaStream_t stream = nullptr) {
    return ::cudaLaunchKernel(reinterpret_cast<const void*>(func), grid, block, args, sharedMem, stream);
}

template <typename T>
inline cudaError_t cudaFuncSetAttribute(T* func, cudaFuncAttribute attr, int value) {
    return ::cudaFuncSetAttribute(reinterpret_cast<const void*>(func), attr, value);
}

template <typename T>
inline cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attr, T* func) {
    return ::cudaFuncGetAttributes(attr, reinterpret_cast<const void*>(func));
}

template <typename T>
inline cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, T func, int blockSize, size_t sharedMem) {
    return ::cudaOccupancyMaxActiveBlocksPerMultiprocessor(blocks, reinterpret_cast<const void*>(func), blockSize,
                                                           sharedMem);
}

#endif  // __cplusplus
