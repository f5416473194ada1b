// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>
#include <cstddef>
#include <cstdint>
#include "NvInferVersion.h"

#define TRT_DEPRECATED [[deprecated]]
#define TRT_DEPRECATED_BECAUSE(REASON) [[deprecated(REASON)]]
#define TRT_DEPRECATED_ENUM TRT_DEPRECATED

#if __cplusplus > 201703L
#define TRT_NODISCARD [[nodiscard]]
#define TRT_NODISCARD_BECAUSE(REASON) [[nodiscard(REASON)]]
#elif __cplusplus == 201703L
#define TRT_NODISCARD [[nodiscard]]
#define TRT_NODISCARD_BECAUSE(REASON) [[nodiscard]]
#else
#define TRT_NODISCARD
#define TRT_NODISCARD_BECAUSE(REASON)
#endif

// The library defines TENSORRT_BUILD_LIB while it is built with hidden visibility; users leave it undefined.
#if defined(TENSORRT_BUILD_LIB) && !defined(_MSC_VER)
#define TENSORRTAPI __attribute__((visibility("default")))
#else
#define TENSORRTAPI
#endif

#ifdef _MSC_VER
#define TRT_DEPRECATED_API __declspec(dllexport)
#else
#define TRT_DEPRECATED_API [[deprecated]] __attribute__((visibility("default")))
#endif

// Empty since 8.0, where every virtual became noexcept. Sources written for 6.x and 7.x still spell it.
#define TRTNOEXCEPT

#define NV_TENSORRT_VERSION_INT(major, minor, patch) (10000L * (major) + 100L * (minor) + (patch))
#define NV_TENSORRT_VERSION NV_TENSORRT_VERSION_INT(NV_TENSORRT_MAJOR, NV_TENSORRT_MINOR, NV_TENSORRT_PATCH)

extern "C" {
struct cublasContext;

struct cudnnContext;
}

namespace nvinfer1 {

using char_t = char;
using AsciiChar = char_t;

namespace v_1_0 {
class IErrorRecorder;
}

using IErrorRecorder = v_1_0::IErrorRecorder;

namespace impl {

template <typename T>
struct EnumMaxImpl;

template <int32_t N>
struct EnumCount {
    static constexpr int32_t kVALUE = N;
};
}  // namespace impl

template <typename T>
constexpr int32_t EnumMax() noexcept {
    return impl::EnumMaxImpl<T>::kVALUE;
}

enum class DataType : int32_t {
    kFLOAT = 0,
    kHALF = 1,
    kINT8 = 2,
    kINT32 = 3,
    kBOOL = 4,
    kUINT8 = 5,
    kFP8 = 6,
    kBF16 = 7,
    kINT64 = 8,
    kINT4 = 9,
    kFP4 = 10,
    kE8M0 = 11,
};

template <>
struct impl::EnumMaxImpl<DataType> : impl::EnumCount<12> {};

class Dims64 {
  public:
    static constexpr int32_t MAX_DIMS{8};
    int32_t nbDims;
    int64_t d[MAX_DIMS];
};

using Dims = Dims64;
using InterfaceKind = char const*;

class InterfaceInfo {
  public:
    InterfaceKind kind;
    int32_t major;
    int32_t minor;
};

enum class APILanguage : int32_t { kCPP = 0, kPYTHON = 1 };

template <>
struct impl::EnumMaxImpl<APILanguage> : impl::EnumCount<2> {};

class IVersionedInterface {
  public:
    virtual APILanguage getAPILanguage() const noexcept { return APILanguage::kCPP; }
    virtual InterfaceInfo getInterfaceInfo() const noexcept = 0;
    virtual ~IVersionedInterface() noexcept = default;

  protected:
    IVersionedInterface() = default;
    IVersionedInterface(IVersionedInterface const&) = default;
    IVersionedInterface(IVersionedInterface&&) = default;
    IVersionedInterface& operator=(IVersionedInterface const&) & = default;
    IVersionedInterface& operator=(IVersionedInterface&&) & = default;
};

enum class ErrorCode : int32_t {
    kSUCCESS = 0,
    kUNSPECIFIED_ERROR = 1,
    kINTERNAL_ERROR = 2,
    kINVALID_ARGUMENT = 3,
    kINVALID_CONFIG = 4,
    kFAILED_ALLOCATION = 5,
    kFAILED_INITIALIZATION = 6,
    kFAILED_EXECUTION = 7,
    kFAILED_COMPUTATION = 8,
    kINVALID_STATE = 9,
    kUNSUPPORTED_STATE = 10,
};

template <>
struct impl::EnumMaxImpl<ErrorCode> : impl::EnumCount<11> {};

namespace v_1_0 {

class IErrorRecorder : public IVersionedInterface {
  public:
    InterfaceInfo getInterfaceInfo() const noexcept override { return InterfaceInfo{"IErrorRecorder", 1, 0}; }
    using ErrorDesc = char const*;
    static constexpr size_t kMAX_DESC_LENGTH{127U};
    using RefCount = int32_t;
    IErrorRecorder() = default;
    ~IErrorRecorder() noexcept override = default;
    virtual int32_t getNbErrors() const noexcept = 0;
    virtual ErrorCode getErrorCode(int32_t errorIdx) const noexcept = 0;
    virtual ErrorDesc getErrorDesc(int32_t errorIdx) const noexcept = 0;
    virtual bool hasOverflowed() const noexcept = 0;
    virtual void clear() noexcept = 0;
    virtual bool reportError(ErrorCode val, ErrorDesc desc) noexcept = 0;
    virtual RefCount incRefCount() noexcept = 0;
    virtual RefCount decRefCount() noexcept = 0;

  protected:
    IErrorRecorder(IErrorRecorder const&) = default;
    IErrorRecorder(IErrorRecorder&&) = default;
    IErrorRecorder& operator=(IErrorRecorder const&) & = default;
    IErrorRecorder& operator=(IErrorRecorder&&) & = default;
};

}  // namespace v_1_0

using IErrorRecorder = v_1_0::IErrorRecorder;

enum class TensorIOMode : int32_t { kNONE = 0, kINPUT = 1, kOUTPUT = 2 };

template <>
struct impl::EnumMaxImpl<TensorIOMode> : impl::EnumCount<3> {};

}  // namespace nvinfer1

extern "C" TENSORRTAPI int32_t getInferLibVersion() noexcept;
