// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "prelude.h"

namespace nvinfer1 {
inline namespace LATHE_TRT_NAMESPACE {

class IErrorRecorder;
class IGpuAllocator;

using char_t = char;
using AsciiChar = char_t;

namespace impl {
template <class T>
struct EnumMaxImpl;
template <int32_t count>
struct EnumCount {
    static constexpr int32_t kVALUE = count;
};
constexpr int32_t byVersion(int32_t trt6, int32_t trt7, int32_t trt8) {
    return LATHE_TRT >= 8 ? trt8 : LATHE_TRT == 7 ? trt7 : trt6;
}
}  // namespace impl

//! Number of enumerators.
template <class T>
constexpr int32_t EnumMax() noexcept {
    return impl::EnumMaxImpl<T>::kVALUE;
}

//! Base of the classes that the library implements. Up to version 7 they go by destroy(); since 8 also by delete.
class INoCopy {
  protected:
    INoCopy() = default;
    virtual ~INoCopy() = default;
    INoCopy(INoCopy const&) = delete;
    INoCopy& operator=(INoCopy const&) = delete;
};

enum class DataType : int32_t {
    kFLOAT = 0,
    kHALF = 1,
    kINT8 = 2,
    kINT32 = 3,
#if LATHE_TRT >= 7
    kBOOL = 4,
#endif
#if LATHE_TRT >= 8
    kUINT8 = 5,
    kFP8 = 6,
#endif
};
template <>
struct impl::EnumMaxImpl<DataType> : impl::EnumCount<impl::byVersion(4, 5, 7)> {};

#if LATHE_TRT < 8
//! What a dimension of Dims is about. Informative only.
enum class DimensionType : int32_t {
    kSPATIAL = 0,
    kCHANNEL = 1,
    kINDEX = 2,
    kSEQUENCE = 3,
};
template <>
struct impl::EnumMaxImpl<DimensionType> : impl::EnumCount<4> {};
#endif

#if LATHE_TRT < 8
//! A shape: at most 8 extents. `type` is kept and given back, and means nothing.
class Dims {
  public:
    static const int MAX_DIMS = 8;
    int32_t nbDims;
    int32_t d[MAX_DIMS];
    DimensionType type[MAX_DIMS];
};
#else
//! A shape: at most 8 extents.
class Dims32 {
  public:
    static constexpr int32_t MAX_DIMS{8};
    int32_t nbDims;
    int32_t d[MAX_DIMS];
};
using Dims = Dims32;
#endif

enum class TensorFormat : int32_t {
    kLINEAR = 0,
    kCHW2 = 1,
    kHWC8 = 2,
    kCHW4 = 3,
    kCHW16 = 4,
    kCHW32 = 5,
#if LATHE_TRT >= 7
    kDHWC8 = 6,
    kCDHW32 = 7,
    kHWC = 8,
#endif
#if LATHE_TRT < 8
    kNCHW = 0,
    kNC2HW2 = 1,
    kNHWC8 = 2,
#endif
#if LATHE_TRT >= 8
    kDLA_LINEAR = 9,
    kDLA_HWC4 = 10,
    kHWC16 = 11,
    kDHWC = 12,
#endif
};
template <>
struct impl::EnumMaxImpl<TensorFormat> : impl::EnumCount<impl::byVersion(6, 9, 13)> {};

#if LATHE_TRT >= 8
enum class AllocatorFlag : int32_t {
    kRESIZABLE = 0,
};
template <>
struct impl::EnumMaxImpl<AllocatorFlag> : impl::EnumCount<1> {};
#endif

enum class TensorLocation : int32_t {
    kDEVICE = 0,
    kHOST = 1,
};
template <>
struct impl::EnumMaxImpl<TensorLocation> : impl::EnumCount<2> {};

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

#if LATHE_TRT >= 8
enum class TensorIOMode : int32_t {
    kNONE = 0,
    kINPUT = 1,
    kOUTPUT = 2,
};
template <>
struct impl::EnumMaxImpl<TensorIOMode> : impl::EnumCount<3> {};
#endif

enum class DeviceType : int32_t {
    kGPU = 0,
    kDLA = 1,
};
template <>
struct impl::EnumMaxImpl<DeviceType> : impl::EnumCount<2> {};

enum class EngineCapability : int32_t {
    kDEFAULT = 0,
    kSAFE_GPU = 1,
    kSAFE_DLA = 2,
#if LATHE_TRT >= 8
    kSTANDARD = 0,
    kSAFETY = 1,
    kDLA_STANDALONE = 2,
#endif
};
template <>
struct impl::EnumMaxImpl<EngineCapability> : impl::EnumCount<3> {};

//! Bit set: 1U << TensorFormat.
using TensorFormats = uint32_t;
#if LATHE_TRT >= 8
using AllocatorFlags = uint32_t;
#endif

//! Gives and takes device memory in the application's place.
class IGpuAllocator {
  public:
#if LATHE_TRT >= 8
    virtual void* allocate(uint64_t const size, uint64_t const alignment, AllocatorFlags const flags) TRTNOEXCEPT = 0;
    virtual void free(void* const memory) TRTNOEXCEPT = 0;
    virtual void* reallocate(void* /*base*/, uint64_t /*alignment*/, uint64_t /*size*/) TRTNOEXCEPT { return nullptr; }
    virtual bool deallocate(void* const memory) TRTNOEXCEPT {
        this->free(memory);
        return true;
    }
#else
    virtual void* allocate(uint64_t size, uint64_t alignment, uint32_t flags) TRTNOEXCEPT = 0;
    virtual void free(void* memory) TRTNOEXCEPT = 0;
#endif
    virtual ~IGpuAllocator() {}
};

//! Takes messages.
class ILogger {
  public:
    enum class Severity : int32_t {
        kINTERNAL_ERROR = 0,
        kERROR = 1,
        kWARNING = 2,
        kINFO = 3,
        kVERBOSE = 4,
    };
    virtual void log(Severity severity, AsciiChar const* msg) TRTNOEXCEPT = 0;
    virtual ~ILogger() {}
};
template <>
struct impl::EnumMaxImpl<ILogger::Severity> : impl::EnumCount<5> {};

//! Collects errors; the application counts the references.
class IErrorRecorder {
  public:
    using ErrorDesc = char const*;
    static constexpr size_t kMAX_DESC_LENGTH{127U};
    using RefCount = int32_t;
    virtual ~IErrorRecorder() noexcept {}
    virtual int32_t getNbErrors() const noexcept = 0;
    virtual ErrorCode getErrorCode(int32_t errorIdx) const noexcept = 0;
    virtual ErrorDesc getErrorDesc(int32_t errorIdx) const noexcept = 0;
    virtual bool hasOverflowed() const noexcept = 0;
    virtual void clear() noexcept = 0;
    virtual bool reportError(ErrorCode val, ErrorDesc desc) noexcept = 0;
    virtual RefCount incRefCount() noexcept = 0;
    virtual RefCount decRefCount() noexcept = 0;
};

}  // namespace LATHE_TRT_NAMESPACE
}  // namespace nvinfer1
