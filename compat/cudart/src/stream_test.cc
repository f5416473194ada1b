// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "cuda_runtime_api.h"

namespace {

// Blocks a stream until it is opened.
struct Gate {
    std::atomic<bool> open{false};
    static void wait(void* self) {
        while (!static_cast<Gate*>(self)->open) std::this_thread::yield();
    }
};

TEST(Stream, ConcurrentWorkKeepsItsOrder) {
    cudaStream_t stream;
    ASSERT_EQ(cudaStreamCreate(&stream), cudaSuccess);
    Gate gate;
    int source = 1, copied = 0, seen = -1;
    struct Args {
        int *copied, *seen;
    } args{&copied, &seen};
    ASSERT_EQ(cudaLaunchHostFunc(stream, Gate::wait, &gate), cudaSuccess);
    ASSERT_EQ(cudaMemcpyAsync(&copied, &source, sizeof source, cudaMemcpyHostToDevice, stream), cudaSuccess);
    ASSERT_EQ(cudaLaunchHostFunc(
                  stream, [](void* a) { *static_cast<Args*>(a)->seen = *static_cast<Args*>(a)->copied; }, &args),
              cudaSuccess);
    EXPECT_EQ(cudaStreamQuery(stream), cudaErrorNotReady);
    EXPECT_EQ(copied, 0) << "the copy must wait for the host function before it";
    gate.open = true;
    ASSERT_EQ(cudaStreamSynchronize(stream), cudaSuccess);
    EXPECT_EQ(seen, 1);
    EXPECT_EQ(cudaStreamQuery(stream), cudaSuccess);
    EXPECT_EQ(cudaStreamDestroy(stream), cudaSuccess);
    EXPECT_EQ(cudaStreamSynchronize(stream), cudaErrorInvalidResourceHandle);
    EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidResourceHandle);
    EXPECT_EQ(cudaGetLastError(), cudaSuccess);
}

TEST(Stream, ConcurrentStreamsMeetAtEvents) {
    cudaStream_t first, second;
    cudaEvent_t event;
    ASSERT_EQ(cudaStreamCreateWithFlags(&first, cudaStreamNonBlocking), cudaSuccess);
    ASSERT_EQ(cudaStreamCreateWithFlags(&second, cudaStreamNonBlocking), cudaSuccess);
    ASSERT_EQ(cudaEventCreate(&event), cudaSuccess);
    Gate gate;
    int value = 0, one = 1, copy = 0;
    cudaLaunchHostFunc(first, Gate::wait, &gate);
    cudaMemcpyAsync(&value, &one, sizeof one, cudaMemcpyDefault, first);
    ASSERT_EQ(cudaEventRecord(event, first), cudaSuccess);
    EXPECT_EQ(cudaEventQuery(event), cudaErrorNotReady);
    ASSERT_EQ(cudaStreamWaitEvent(second, event, 0), cudaSuccess);
    cudaMemcpyAsync(&copy, &value, sizeof value, cudaMemcpyDefault, second);
    EXPECT_EQ(copy, 0);
    gate.open = true;
    ASSERT_EQ(cudaStreamSynchronize(second), cudaSuccess);
    EXPECT_EQ(copy, 1);
    EXPECT_EQ(cudaEventSynchronize(event), cudaSuccess);
    cudaStreamDestroy(first);
    cudaStreamDestroy(second);
    EXPECT_EQ(cudaEventDestroy(event), cudaSuccess);
    EXPECT_EQ(cudaEventDestroy(event), cudaErrorInvalidResourceHandle);
    cudaGetLastError();
}

TEST(Stream, DefaultStreamWaitsForBlockingOnes) {
    cudaStream_t stream;
    ASSERT_EQ(cudaStreamCreate(&stream), cudaSuccess);
    Gate gate;
    int value = 0, one = 1, copy = 0;
    cudaLaunchHostFunc(stream, Gate::wait, &gate);
    cudaMemcpyAsync(&value, &one, sizeof one, cudaMemcpyDefault, stream);
    std::thread opener([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        gate.open = true;
    });
    ASSERT_EQ(cudaMemcpy(&copy, &value, sizeof value, cudaMemcpyDefault), cudaSuccess);
    EXPECT_EQ(copy, 1);
    opener.join();
    cudaStreamDestroy(stream);
}

TEST(Stream, EventsMeasureTime) {
    cudaEvent_t start, end, silent;
    ASSERT_EQ(cudaEventCreate(&start), cudaSuccess);
    ASSERT_EQ(cudaEventCreate(&end), cudaSuccess);
    ASSERT_EQ(cudaEventCreateWithFlags(&silent, cudaEventDisableTiming), cudaSuccess);
    float ms = -1;
    EXPECT_EQ(cudaEventElapsedTime(&ms, start, end), cudaErrorInvalidResourceHandle) << "nothing is recorded";
    cudaEventRecord(start, nullptr);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    cudaEventRecord(end, nullptr);
    cudaEventRecord(silent, nullptr);
    ASSERT_EQ(cudaEventElapsedTime(&ms, start, end), cudaSuccess);
    EXPECT_GE(ms, 2.f);
    EXPECT_EQ(cudaEventElapsedTime(&ms, start, silent), cudaErrorInvalidResourceHandle);
    for (cudaEvent_t e : {start, end, silent}) cudaEventDestroy(e);
    cudaGetLastError();
}

TEST(Stream, CaptureIsRefused) {
    cudaStream_t stream;
    ASSERT_EQ(cudaStreamCreate(&stream), cudaSuccess);
    EXPECT_EQ(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal), cudaErrorNotSupported);
    EXPECT_STREQ(cudaGetErrorName(cudaGetLastError()), "cudaErrorNotSupported");
    cudaStreamCaptureStatus status = cudaStreamCaptureStatusActive;
    EXPECT_EQ(cudaStreamIsCapturing(stream, &status), cudaSuccess);
    EXPECT_EQ(status, cudaStreamCaptureStatusNone);
    cudaStreamDestroy(stream);
}

TEST(Stream, ConcurrentUseOfOneStream) {
    cudaStream_t stream;
    ASSERT_EQ(cudaStreamCreate(&stream), cudaSuccess);
    int count = 0;  // only the stream's order protects it
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 200; ++i)
                cudaLaunchHostFunc(
                    stream, [](void* n) { ++*static_cast<int*>(n); }, &count);
        });
    for (auto& t : threads) t.join();
    ASSERT_EQ(cudaStreamSynchronize(stream), cudaSuccess);
    EXPECT_EQ(count, 800);
    cudaStreamDestroy(stream);
}

}  // namespace
