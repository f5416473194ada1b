// SPDX-License-Identifier: Apache-2.0
// The parts that need no GPU, over a driver that the test plays. What runs on one is under tests/cuda.
#include "device/cuda/gpu.h"

#include <gtest/gtest.h>

#include <cstring>

#include "device/cuda/memory.h"
#include "device/cuda/stream.h"

namespace lathe::cuda {
namespace {

// What the fake driver answers next for allocation and synchronization.
CuResult allocResult = 0, syncResult = 0;
int fakeSm = 90;
int synchronizations = 0;

DriverApi fakeApi() {
    DriverApi a{};
    a.getErrorName = [](CuResult r, const char** name) -> CuResult {
        *name = r == 2 ? "CUDA_ERROR_OUT_OF_MEMORY" : "CUDA_ERROR_ILLEGAL_ADDRESS";
        return r == 2 || r == 700 ? 0 : 1;
    };
    a.getErrorString = [](CuResult, const char** text) -> CuResult {
        *text = "the driver's words";
        return 0;
    };
    a.deviceGetCount = [](int* n) -> CuResult { return *n = 1, 0; };
    a.deviceGet = [](CuDevice* d, int i) -> CuResult { return *d = i, 0; };
    a.deviceGetName = [](char* name, int, CuDevice) -> CuResult { return std::strcpy(name, "Test GPU"), 0; };
    a.deviceGetAttribute = [](int* value, int id, CuDevice) -> CuResult {
        *value = id == kAttrMajor ? fakeSm / 10 : id == kAttrMinor ? fakeSm % 10 : 1;
        return 0;
    };
    a.deviceTotalMem = [](size_t* n, CuDevice) -> CuResult { return *n = 1000, 0; };
    a.primaryCtxRetain = [](CuContext* c, CuDevice) -> CuResult { return *c = reinterpret_cast<CuContext>(1), 0; };
    a.primaryCtxRelease = [](CuDevice) -> CuResult { return 0; };
    a.ctxGetCurrent = [](CuContext* c) -> CuResult { return *c = nullptr, 0; };
    a.ctxSetCurrent = [](CuContext) -> CuResult { return 0; };
    a.memGetInfo = [](size_t* free, size_t* total) -> CuResult { return *free = 10, *total = 1000, 0; };
    a.memAlloc = [](CuPointer* p, size_t) -> CuResult { return *p = 4096, allocResult; };
    a.memFree = [](CuPointer) -> CuResult { return 0; };
    a.streamSynchronize = [](CuStream) -> CuResult { return ++synchronizations, syncResult; };
    return a;
}

class FakeGpu : public ::testing::Test {
  protected:
    FakeGpu() {
        allocResult = syncResult = 0;
        fakeSm = 90;
        gpu_ = Gpu::open(driver_, 0).take();
    }
    Driver driver_ = Driver::fromApi(fakeApi());
    std::unique_ptr<Gpu> gpu_;
};

TEST_F(FakeGpu, KnowsItsProperties) {
    EXPECT_EQ(gpu_->info().name, "Test GPU");
    EXPECT_EQ(gpu_->info().sm, 90);
    EXPECT_EQ(gpu_->place(), device::Place::kDevice);
    EXPECT_FALSE(Gpu::open(driver_, 1).ok());
    fakeSm = 61;
    Result<std::unique_ptr<Gpu>> old = Gpu::open(driver_, 0);
    ASSERT_FALSE(old.ok());
    EXPECT_NE(old.status().message().find("6.1"), std::string::npos) << old.status().toString();
}

TEST_F(FakeGpu, OutOfMemorySaysHowMuchAndDoesNotPoison) {
    allocResult = kCuOutOfMemory;
    Result<void*> p = gpu_->allocate(500);
    ASSERT_FALSE(p.ok());
    EXPECT_EQ(p.status().code(), Code::kFailedAllocation);
    EXPECT_NE(p.status().message().find("500 bytes on GPU 0 (Test GPU): 10 of 1000 bytes are free"), std::string::npos)
        << p.status().toString();
    allocResult = 0;
    EXPECT_TRUE(DeviceBuffer::create(*gpu_, 500).ok());
}

TEST_F(FakeGpu, AfterAPoisoningErrorEveryCallSaysSo) {
    syncResult = 700;
    Status first = gpu_->synchronize(nullptr);
    ASSERT_FALSE(first.ok());
    EXPECT_EQ(first.code(), Code::kFailedExecution);
    EXPECT_EQ(first.message(), "cuStreamSynchronize: CUDA_ERROR_ILLEGAL_ADDRESS (700): the driver's words");
    syncResult = 0;
    int before = synchronizations;
    Status later = gpu_->synchronize(nullptr);
    ASSERT_FALSE(later.ok());
    EXPECT_NE(later.message().find("cannot be used any more"), std::string::npos) << later.toString();
    EXPECT_NE(later.message().find("CUDA_ERROR_ILLEGAL_ADDRESS (700)"), std::string::npos) << later.toString();
    EXPECT_EQ(synchronizations, before) << "the driver is not asked again";
    EXPECT_FALSE(gpu_->allocate(1).ok());
    EXPECT_FALSE(gpu_->copy(nullptr, nullptr, 1, nullptr).ok());
    EXPECT_FALSE(gpu_->makeTimer().ok());
    EXPECT_FALSE(Stream::create(*gpu_).ok());
    EXPECT_FALSE(MemoryPool::create(*gpu_).ok());
}

TEST(Driver, AbsentDriverIsOneClearError) {
    Result<const Driver*> d = Driver::get();
    if (d.ok()) GTEST_SKIP() << "there is a driver";
    EXPECT_EQ(d.status().code(), Code::kFailedInitialization);
    EXPECT_NE(d.status().message().find("CUDA driver"), std::string::npos) << d.status().toString();
    EXPECT_EQ(Gpu::get(0).status().message(), d.status().message());
}

TEST(Driver, SomeErrorsPoisonAndOthersDoNot) {
    EXPECT_TRUE(poisonsContext(700));
    EXPECT_TRUE(poisonsContext(719));
    EXPECT_FALSE(poisonsContext(kCuOutOfMemory));
    EXPECT_FALSE(poisonsContext(kCuInvalidValue));
}

}  // namespace
}  // namespace lathe::cuda
