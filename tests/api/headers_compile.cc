// SPDX-License-Identifier: Apache-2.0
// Compiled in C++14, 17 and 20 with warnings as errors: the public headers stay clean for their users.
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_fp4.h>
#include <cuda_fp8.h>
#include <cuda_profiler_api.h>
#include <cuda_runtime.h>

#include "NvCaffeParser.h"
#include "NvInfer.h"
#include "NvInferPlugin.h"
#include "NvOnnxConfig.h"
#include "NvOnnxParser.h"
#include "impl/NvInferPythonPlugin.h"

// Never linked: shows that calls as programs write them compile, overloads and default arguments included.
void callsCompile(cudaStream_t stream, cudaEvent_t event) {
    float* device = nullptr;
    static_cast<void>(cudaMalloc(&device, 16));
    static_cast<void>(cudaMallocHost(&device, 16));
    static_cast<void>(cudaMallocManaged(&device, 16));
    static_cast<void>(cudaMallocAsync(&device, 16, stream));
    static_cast<void>(cudaMemcpyAsync(device, device, 16, cudaMemcpyDefault));
    static_cast<void>(cudaStreamWaitEvent(stream, event));
    static_cast<void>(cudaEventRecord(event));
    cudaGraph_t graph = nullptr;
    cudaGraphExec_t exec = nullptr;
    static_cast<void>(cudaStreamEndCapture(stream, &graph));
    static_cast<void>(cudaGraphInstantiate(&exec, graph, 0));
    static_cast<void>(cudaGraphInstantiate(&exec, graph, nullptr, nullptr, 0));
    static_cast<void>(cudaGraphLaunch(exec, stream));
    cudaStreamCaptureStatus status{};
    static_cast<void>(cudaStreamIsCapturing(stream, &status));
    static_cast<void>(cudaLaunchHostFunc(
        stream, [](void*) {}, nullptr));
    static_cast<void>(cudaProfilerStart());
}
