// SPDX-License-Identifier: Apache-2.0
// The device layer on a GPU.
#include <cstring>

#include "cuda/cuda_testing.h"

namespace lathe::cuda {
namespace {

Result<KernelPlan> addOne(int64_t n, const char* text) {
    KernelPlan plan;
    plan.sources.push_back({.name = "probe", .entry = "f", .text = text});
    Launch l;
    l.grid[0] = static_cast<uint32_t>(n / 256);
    l.block[0] = 256;
    l.setParams<uint64_t>(0);
    l.pointers = {{0, kOutput, 0}};
    plan.launches.push_back(l);
    return plan;
}
constexpr const char* kAddOne =
    "struct P { int* p; };\nextern \"C\" __global__ void f(const P p) { p.p[blockIdx.x * 256 + threadIdx.x] += 1; }";

TEST(GpuDevice, MemoryIsToldApart) {
    NEEDS_GPU();
    Gpu& gpu = *Rig::get().gpu;
    EXPECT_GE(gpu.info().sm, 75);
    EXPECT_GT(gpu.info().smCount, 0);
    auto before = gpu.memory();
    ASSERT_TRUE(before.ok());
    EXPECT_GT(before->free, 0);
    auto device = DeviceBuffer::create(gpu, 1000);
    auto pinned = PinnedBuffer::create(gpu, 1000);
    ASSERT_TRUE(device.ok() && pinned.ok());
    int local = 0;
    EXPECT_EQ(*gpu.placeOf(device->data()), device::Place::kDevice);
    EXPECT_EQ(*gpu.placeOf(pinned->data()), device::Place::kPinned);
    EXPECT_EQ(*gpu.placeOf(&local), device::Place::kHost);
    auto tooMuch = gpu.allocate(int64_t{1} << 46);
    ASSERT_FALSE(tooMuch.ok());
    EXPECT_EQ(tooMuch.status().code(), Code::kFailedAllocation);
}

TEST(GpuDevice, StreamsEventsAndTimers) {
    NEEDS_GPU();
    Gpu& gpu = *Rig::get().gpu;
    auto a = Stream::create(gpu), b = Stream::create(gpu);
    auto event = Event::create(gpu);
    auto buffer = DeviceBuffer::create(gpu, 1 << 20);
    auto host = PinnedBuffer::create(gpu, 1 << 20);
    auto timer = gpu.makeTimer();
    ASSERT_TRUE(a.ok() && b.ok() && event.ok() && buffer.ok() && host.ok() && timer.ok());
    ASSERT_TRUE((*timer)->start(a->handle()).ok());
    ASSERT_TRUE(gpu.fill(buffer->data(), 42, 1 << 20, a->handle()).ok());
    ASSERT_TRUE(event->record(a->handle()).ok());
    ASSERT_TRUE((*timer)->stop(a->handle()).ok());
    ASSERT_TRUE(event->wait(b->handle()).ok());
    ASSERT_TRUE(gpu.copy(host->data(), buffer->data(), 1 << 20, b->handle()).ok());
    ASSERT_TRUE(b->synchronize().ok());
    EXPECT_EQ(static_cast<unsigned char*>(host->data())[(1 << 20) - 1], 42);
    auto seconds = (*timer)->seconds();
    ASSERT_TRUE(seconds.ok());
    EXPECT_GT(*seconds, 0);
    EXPECT_LT(*seconds, 1);
}

TEST(GpuDevice, PoolGivesMemoryInStreamOrder) {
    NEEDS_GPU();
    Gpu& gpu = *Rig::get().gpu;
    auto pool = MemoryPool::create(gpu);
    if (!pool.ok()) GTEST_SKIP() << pool.status().message();
    auto stream = Stream::create(gpu);
    for (int i = 0; i < 100; ++i) {
        auto p = pool->allocate(1 << 20, stream->handle());
        ASSERT_TRUE(p.ok()) << p.status().toString();
        ASSERT_TRUE(gpu.fill(*p, 1, 1 << 20, stream->handle()).ok());
        ASSERT_TRUE(pool->free(*p, stream->handle()).ok());
    }
    ASSERT_TRUE(stream->synchronize().ok());
    EXPECT_TRUE(pool->trim(0).ok());
}

TEST(GpuDevice, CapturedGraphRunsAgainAndAgain) {
    NEEDS_GPU();
    Gpu& gpu = *Rig::get().gpu;
    auto loaded = LoadedPlan::load(gpu, *addOne(512, kAddOne), Rig::get().cache);
    ASSERT_TRUE(loaded.ok()) << loaded.status().toString();
    auto buffer = DeviceBuffer::create(gpu, 2048);
    auto stream = Stream::create(gpu);
    ASSERT_TRUE(gpu.fill(buffer->data(), 0, 2048, stream->handle()).ok());
    Operands operands;
    operands.set(kOutput, buffer->data());
    ASSERT_TRUE((*loaded)->bind(operands).ok());
    Gpu::Current current(gpu);
    auto graph = stream->capture([&](const Stream& s) -> Status {
        EXPECT_TRUE(*Stream::isCapturing(gpu, s.handle()));
        TRY((*loaded)->run(s.handle()));
        return (*loaded)->run(s.handle());
    });
    ASSERT_TRUE(graph.ok()) << graph.status().toString();
    EXPECT_FALSE(*Stream::isCapturing(gpu, stream->handle()));
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(graph->launch(stream->handle()).ok());
    int32_t result[512];
    ASSERT_TRUE(gpu.copy(result, buffer->data(), 2048, stream->handle()).ok());
    ASSERT_TRUE(stream->synchronize().ok());
    EXPECT_EQ(result[0], 20);
    EXPECT_EQ(result[511], 20);
    auto failing = stream->capture([](const Stream&) -> Status { return invalidArgument("no"); });
    EXPECT_EQ(failing.status().message(), "no");
    EXPECT_FALSE(*Stream::isCapturing(gpu, stream->handle()));
}

// In a process of its own: afterwards the GPU is of no use to it, and the rest of it lives on.
TEST(GpuDeviceDeathTest, BadAccessPoisonsAndTheProcessLivesOn) {
    NEEDS_GPU();
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(
        {
            Gpu& gpu = *Rig::get().gpu;
            auto loaded = LoadedPlan::load(
                gpu,
                *addOne(
                    256,
                    "struct P { int* p; };\nextern \"C\" __global__ void f(const P p) { *(int*)(16ull << 40) = 1; }"),
                Rig::get().cache);
            auto stream = Stream::create(gpu);
            Operands operands;
            bool good = loaded.ok() && (*loaded)->bind(operands).ok();
            {
                Gpu::Current current(gpu);
                good = good && (*loaded)->run(stream->handle()).ok();
            }
            Status first = stream->synchronize();
            good = good && !first.ok() && first.message().find("CUDA_ERROR_ILLEGAL_ADDRESS") != std::string::npos;
            Status later = gpu.allocate(100).status();
            good = good && later.message().find("cannot be used any more") != std::string::npos &&
                   later.message().find("CUDA_ERROR_ILLEGAL_ADDRESS") != std::string::npos;
            std::fprintf(stderr, "%s / %s\n", first.toString().c_str(), later.toString().c_str());
            std::_Exit(good ? 0 : 1);
        },
        ::testing::ExitedWithCode(0), "cannot be used any more");
}

}  // namespace
}  // namespace lathe::cuda
