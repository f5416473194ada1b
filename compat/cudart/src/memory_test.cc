// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <vector>

#include "cuda_runtime_api.h"

namespace {

TEST(Memory, KindsAreKnownByTheirPointers) {
    void *device = nullptr, *host = nullptr, *managed = nullptr;
    ASSERT_EQ(cudaMalloc(&device, 1000), cudaSuccess);
    ASSERT_EQ(cudaMallocHost(&host, 10), cudaSuccess);
    ASSERT_EQ(cudaMallocManaged(&managed, 10, cudaMemAttachGlobal), cudaSuccess);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(device) % 256, 0u);
    cudaPointerAttributes a;
    ASSERT_EQ(cudaPointerGetAttributes(&a, static_cast<char*>(device) + 999), cudaSuccess);
    EXPECT_EQ(a.type, cudaMemoryTypeDevice);
    ASSERT_EQ(cudaPointerGetAttributes(&a, host), cudaSuccess);
    EXPECT_EQ(a.type, cudaMemoryTypeHost);
    ASSERT_EQ(cudaPointerGetAttributes(&a, managed), cudaSuccess);
    EXPECT_EQ(a.type, cudaMemoryTypeManaged);
    ASSERT_EQ(cudaPointerGetAttributes(&a, &a), cudaSuccess);
    EXPECT_EQ(a.type, cudaMemoryTypeUnregistered);
    EXPECT_EQ(cudaFree(host), cudaErrorInvalidValue);
    EXPECT_EQ(cudaFreeHost(device), cudaErrorInvalidValue);
    EXPECT_EQ(cudaFree(device), cudaSuccess);
    EXPECT_EQ(cudaFree(device), cudaErrorInvalidValue) << "freed twice";
    EXPECT_EQ(cudaFree(managed), cudaSuccess);
    EXPECT_EQ(cudaFreeHost(host), cudaSuccess);
    EXPECT_EQ(cudaFree(nullptr), cudaSuccess);
    cudaGetLastError();
}

TEST(Memory, TooMuchIsOutOfMemory) {
    void* p = &p;
    EXPECT_EQ(cudaMalloc(&p, SIZE_MAX / 2), cudaErrorMemoryAllocation);
    EXPECT_EQ(p, nullptr);
    EXPECT_STREQ(cudaGetErrorString(cudaGetLastError()), "out of memory");
    size_t available = 0, total = 0;
    ASSERT_EQ(cudaMemGetInfo(&available, &total), cudaSuccess);
    EXPECT_GT(total, 0u);
    EXPECT_LE(available, total);
}

TEST(Memory, CopiesStayWithinAllocations) {
    void* p = nullptr;
    ASSERT_EQ(cudaMalloc(&p, 16), cudaSuccess);
    std::vector<char> bytes(32, 7);
    EXPECT_EQ(cudaMemcpy(p, bytes.data(), 17, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
    EXPECT_EQ(cudaMemset(static_cast<char*>(p) + 8, 0, 9), cudaErrorInvalidValue);
    EXPECT_EQ(cudaMemcpy(p, bytes.data(), 16, static_cast<cudaMemcpyKind>(9)), cudaErrorInvalidMemcpyDirection);
    ASSERT_EQ(cudaMemcpy(p, bytes.data(), 16, cudaMemcpyHostToDevice), cudaSuccess);
    ASSERT_EQ(cudaMemset(p, 1, 4), cudaSuccess);
    ASSERT_EQ(cudaMemcpy(bytes.data(), p, 16, cudaMemcpyDeviceToHost), cudaSuccess);
    EXPECT_EQ(bytes[3], 1);
    EXPECT_EQ(bytes[4], 7);
    cudaFree(p);
    cudaGetLastError();
}

TEST(Memory, RowsWithPitch) {
    void* p = nullptr;
    size_t pitch = 0;
    ASSERT_EQ(cudaMallocPitch(&p, &pitch, 6, 3), cudaSuccess);
    ASSERT_GE(pitch, 6u);
    char from[3][6], to[3][6] = {};
    std::memset(from, 5, sizeof from);
    ASSERT_EQ(cudaMemcpy2D(p, pitch, from, 6, 6, 3, cudaMemcpyHostToDevice), cudaSuccess);
    ASSERT_EQ(cudaMemset2D(p, pitch, 9, 2, 3), cudaSuccess);
    ASSERT_EQ(cudaMemcpy2D(to, 6, p, pitch, 6, 3, cudaMemcpyDeviceToHost), cudaSuccess);
    EXPECT_EQ(to[2][1], 9);
    EXPECT_EQ(to[2][5], 5);
    EXPECT_EQ(cudaMemcpy2D(to, 5, p, pitch, 6, 3, cudaMemcpyDeviceToHost), cudaErrorInvalidPitchValue);
    cudaFree(p);
    cudaGetLastError();
}

TEST(Memory, StreamOrderedAllocation) {
    cudaStream_t stream;
    ASSERT_EQ(cudaStreamCreate(&stream), cudaSuccess);
    void* p = nullptr;
    ASSERT_EQ(cudaMallocAsync(&p, 100, stream), cudaSuccess);
    ASSERT_EQ(cudaMemsetAsync(p, 3, 100, stream), cudaSuccess);
    EXPECT_EQ(cudaFreeAsync(p, stream), cudaSuccess);
    EXPECT_EQ(cudaFreeAsync(p, stream), cudaErrorInvalidValue);
    EXPECT_EQ(cudaStreamSynchronize(stream), cudaSuccess);
    cudaStreamDestroy(stream);
    cudaGetLastError();
}

TEST(Memory, RegisteredMemory) {
    std::vector<char> own(100);
    ASSERT_EQ(cudaHostRegister(own.data(), own.size(), 0), cudaSuccess);
    EXPECT_EQ(cudaHostRegister(own.data() + 1, 1, 0), cudaErrorHostMemoryAlreadyRegistered);
    EXPECT_EQ(cudaFreeHost(own.data()), cudaErrorInvalidValue);
    EXPECT_EQ(cudaHostUnregister(own.data()), cudaSuccess);
    EXPECT_EQ(cudaHostUnregister(own.data()), cudaErrorHostMemoryNotRegistered);
    cudaGetLastError();
}

}  // namespace
