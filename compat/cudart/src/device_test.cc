// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstring>

#include "cuda_runtime_api.h"

namespace {

TEST(Device, TheHostIsTheOnlyOne) {
    int count = 0, device = -1, value = 0;
    ASSERT_EQ(cudaGetDeviceCount(&count), cudaSuccess);
    EXPECT_EQ(count, 1);
    ASSERT_EQ(cudaSetDevice(0), cudaSuccess);
    ASSERT_EQ(cudaGetDevice(&device), cudaSuccess);
    EXPECT_EQ(device, 0);
    EXPECT_EQ(cudaSetDevice(1), cudaErrorInvalidDevice);
    EXPECT_EQ(cudaPeekAtLastError(), cudaErrorInvalidDevice);
    EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidDevice);
    cudaDeviceProp p;
    ASSERT_EQ(cudaGetDeviceProperties(&p, 0), cudaSuccess);
    EXPECT_GT(std::strlen(p.name), 0u);
    EXPECT_GT(p.totalGlobalMem, 0u);
    EXPECT_GE(p.multiProcessorCount, 1);
    EXPECT_EQ(p.major, 0) << "the host is no GPU";
    ASSERT_EQ(cudaDeviceGetAttribute(&value, cudaDevAttrMultiProcessorCount, 0), cudaSuccess);
    EXPECT_EQ(value, p.multiProcessorCount);
    EXPECT_EQ(cudaDeviceGetAttribute(&value, static_cast<cudaDeviceAttr>(9999), 0), cudaErrorInvalidValue);
    EXPECT_EQ(cudaDeviceSynchronize(), cudaSuccess);
    cudaGetLastError();
}

TEST(Device, KernelsAndGraphsAreRefused) {
    EXPECT_EQ(cudaLaunchKernel(nullptr, dim3(1), dim3(1), nullptr, 0, nullptr), cudaErrorNotSupported);
    cudaGraph_t graph;
    EXPECT_EQ(cudaGraphCreate(&graph, 0), cudaErrorNotSupported);
    cudaGetLastError();
}

}  // namespace
