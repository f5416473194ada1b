// SPDX-License-Identifier: Apache-2.0
// The CUDA headers of compat/cudart beside CUDA 13's: this file is built against either, with the same expectations.
#include <cuda.h>
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_fp4.h>
#include <cuda_fp8.h>
#include <cuda_profiler_api.h>
#include <cuda_runtime.h>
#include <gtest/gtest.h>
#include <library_types.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

namespace {

template <typename T>
uint32_t bitsOf(T value) {
    uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof(value));
    return bits;
}

template <typename T, typename Code>
T fromCode(Code code) {
    T value;
    static_assert(sizeof(T) == sizeof(Code), "code of another size");
    std::memcpy(static_cast<void*>(&value), &code, sizeof(value));
    return value;
}

float floatOf(uint32_t bits) { return fromCode<float>(bits); }

// Sixteen-bit types: every code that is not NaN comes back from float unchanged, and the values halfway between two
// codes go to the even one.
template <typename T>
void expectSixteenBitType(uint16_t infinity) {
    for (uint32_t i = 0; i < 0x10000U; ++i) {
        auto const code = static_cast<uint16_t>(i);
        float const value = static_cast<float>(fromCode<T>(code));
        if ((code & 0x7FFFU) > infinity) {
            EXPECT_TRUE(std::isnan(value)) << i;
            continue;
        }
        ASSERT_EQ(bitsOf(T(value)), code);
        ASSERT_EQ(bitsOf(T(static_cast<double>(value))), code);
        if ((code & 0x7FFFU) + 1U < infinity) {
            double const next = static_cast<float>(fromCode<T>(static_cast<uint16_t>(code + 1U)));
            double const middle = (static_cast<double>(value) + next) / 2;
            uint32_t const even = code + (code & 1U);
            ASSERT_EQ(bitsOf(T(middle)), even) << i;
            if (static_cast<double>(static_cast<float>(middle)) == middle) {
                ASSERT_EQ(bitsOf(T(static_cast<float>(middle))), even) << i;
            }
            // A double just past the middle must not be rounded twice, by way of a float that is the middle.
            ASSERT_EQ(bitsOf(T(std::nextafter(middle, next))), code + 1U) << i;
        }
    }
    EXPECT_EQ(bitsOf(T(std::numeric_limits<float>::infinity())), infinity);
    EXPECT_EQ(bitsOf(T(-std::numeric_limits<float>::infinity())), infinity | 0x8000U);
    EXPECT_EQ(bitsOf(T(std::numeric_limits<float>::quiet_NaN())), 0x7FFFU);
    EXPECT_EQ(bitsOf(T(std::numeric_limits<double>::max())), infinity);
}

TEST(CudaHeaders, Half) {
    expectSixteenBitType<__half>(0x7C00U);
    EXPECT_EQ(bitsOf(__half(65519.0F)), 0x7BFFU);
    EXPECT_EQ(bitsOf(__half(65520.0F)), 0x7C00U);
    EXPECT_EQ(bitsOf(__half(2049)), 0x6800U);
    EXPECT_EQ(bitsOf(__float2half(1.0F)), 0x3C00U);
    EXPECT_EQ(__half2float(fromCode<__half>(uint16_t{0x3555U})), 0.333251953125F);
    EXPECT_EQ(static_cast<float>(__half(1.5F) + __half(2.25F)), 3.75F);
    EXPECT_TRUE(__half(1.0F) < __half(2.0F));
    EXPECT_EQ(bitsOf(-__half(1.0F)), 0xBC00U);
}

TEST(CudaHeaders, Bfloat16) {
    expectSixteenBitType<__nv_bfloat16>(0x7F80U);
    EXPECT_EQ(bitsOf(__float2bfloat16(1.0F)), 0x3F80U);
    EXPECT_EQ(__bfloat162float(fromCode<__nv_bfloat16>(uint16_t{0x4049U})), 3.140625F);
}

TEST(CudaHeaders, Fp8) {
    for (uint32_t i = 0; i < 0x100U; ++i) {
        auto const code = static_cast<uint8_t>(i);
        auto const e4m3 = fromCode<__nv_fp8_e4m3>(code);
        if ((code & 0x7FU) == 0x7FU) {
            EXPECT_TRUE(std::isnan(static_cast<float>(e4m3)));
        } else {
            EXPECT_EQ(bitsOf(__nv_fp8_e4m3(static_cast<float>(e4m3))), code);
        }
        auto const e5m2 = fromCode<__nv_fp8_e5m2>(code);
        if ((code & 0x7FU) < 0x7CU) {
            EXPECT_EQ(bitsOf(__nv_fp8_e5m2(static_cast<float>(e5m2))), code);
        }
    }
    EXPECT_EQ(static_cast<float>(__nv_fp8_e4m3(1.0e9F)), 448.0F);
    EXPECT_EQ(static_cast<float>(__nv_fp8_e5m2(-1.0e9F)), -57344.0F);
    EXPECT_EQ(static_cast<float>(__nv_fp8_e4m3(464.0F)), 448.0F);
    EXPECT_EQ(static_cast<float>(__nv_fp8_e4m3(17.0F)), 16.0F);
    EXPECT_EQ(static_cast<float>(__nv_fp8_e4m3(19.0F)), 20.0F);
    EXPECT_EQ(static_cast<float>(__nv_fp8_e4m3(floatOf(0x3A800000U))), 0.0F);  // Half of the smallest subnormal.
}

TEST(CudaHeaders, Fp4) {
    float const values[] = {0.0F, 0.5F, 1.0F, 1.5F, 2.0F, 3.0F, 4.0F, 6.0F};
    for (uint32_t i = 0; i < 16U; ++i) {
        float const value = (i & 8U) != 0U ? -values[i & 7U] : values[i];
        EXPECT_EQ(static_cast<float>(fromCode<__nv_fp4_e2m1>(static_cast<uint8_t>(i))), value);
        EXPECT_EQ(bitsOf(__nv_fp4_e2m1(value)), i);
    }
    EXPECT_EQ(static_cast<float>(__nv_fp4_e2m1(100.0F)), 6.0F);
    EXPECT_EQ(static_cast<float>(__nv_fp4_e2m1(2.5F)), 2.0F);
    EXPECT_EQ(static_cast<float>(__nv_fp4_e2m1(5.0F)), 4.0F);
}

TEST(CudaHeaders, Layouts) {
    EXPECT_EQ(sizeof(cudaDeviceProp), 1008U);
    EXPECT_EQ(offsetof(cudaDeviceProp, totalGlobalMem), 288U);
    EXPECT_EQ(offsetof(cudaDeviceProp, memoryBusWidth), 592U);
    EXPECT_EQ(offsetof(cudaDeviceProp, cooperativeLaunch), 668U);
    EXPECT_EQ(offsetof(cudaDeviceProp, hostNumaMultinodeIpcSupported), 780U);
    EXPECT_EQ(sizeof(cudaPointerAttributes), 88U);
    EXPECT_EQ(sizeof(cudaFuncAttributes), 144U);
    EXPECT_EQ(sizeof(cudaMemLocation), 8U);
    EXPECT_EQ(sizeof(cudaMemPoolProps), 88U);
    EXPECT_EQ(sizeof(CUlaunchConfig), 56U);
    EXPECT_EQ(sizeof(CUlaunchAttribute), 72U);
    EXPECT_EQ(alignof(CUtensorMap), 128U);
    EXPECT_EQ(sizeof(dim3), 12U);
    EXPECT_EQ(sizeof(float4), 16U);
    EXPECT_EQ(alignof(float4), 16U);
    EXPECT_EQ(alignof(float3), 4U);
    EXPECT_EQ(alignof(double2), 16U);
    EXPECT_EQ(sizeof(__half2), 4U);
    EXPECT_EQ(alignof(__half2), 4U);
    EXPECT_TRUE((std::is_same<cudaStream_t, CUstream>::value));
    EXPECT_TRUE((std::is_same<cudaEvent_t, CUevent>::value));
    EXPECT_EQ(CUDART_VERSION, 13000);
    EXPECT_EQ(CUDA_VERSION, 13000);
}

TEST(CudaHeaders, Values) {
    EXPECT_EQ(cudaErrorMemoryAllocation, 2);
    EXPECT_EQ(cudaErrorInvalidDevice, 101);
    EXPECT_EQ(cudaErrorNoDevice, 100);
    EXPECT_EQ(cudaErrorInsufficientDriver, 35);
    EXPECT_EQ(cudaErrorNotReady, 600);
    EXPECT_EQ(cudaErrorStreamCaptureUnsupported, 900);
    EXPECT_EQ(cudaErrorStreamCaptureInvalidated, 901);
    EXPECT_EQ(cudaErrorUnknown, 999);
    EXPECT_EQ(cudaMemcpyDefault, 4);
    EXPECT_EQ(cudaMemoryTypeManaged, 3);
    EXPECT_EQ(cudaStreamCaptureModeRelaxed, 2);
    EXPECT_EQ(cudaDevAttrComputeCapabilityMajor, 75);
    EXPECT_EQ(cudaDevAttrMultiProcessorCount, 16);
    EXPECT_EQ(cudaDevAttrClockRate, 13);
    EXPECT_EQ(cudaDevAttrMemoryPoolsSupported, 115);
    EXPECT_EQ(cudaLimitPersistingL2CacheSize, 6);
    EXPECT_EQ(CUDA_R_16BF, 14);
    EXPECT_EQ(CUDA_R_8F_E4M3, 28);
    EXPECT_EQ(CUDA_ERROR_NOT_FOUND, 500);
    EXPECT_EQ(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, 76);
    EXPECT_EQ(CU_POINTER_ATTRIBUTE_MEMORY_TYPE, 2);
}

}  // namespace
