// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>
#include <cstddef>
#include <cstdint>
#include "NvInferVersion.h"

//! Marks what still works but will go in a later major version.
#define TRT_DEPRECATED [[deprecated]]
#define TRT_DEPRECATED_BECAUSE(REASON) [[deprecated(REASON)]]
#define TRT_DEPRECATED_ENUM TRT_DEPRECATED

#if __cplusplus > 201703L
//! Asks the compiler to warn when a result is ignored, where the language has the attribute.
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

//! A version as one integer: 10000 * major + 100 * minor + patch.
#define NV_TENSORRT_VERSION_INT(major, minor, patch) (10000L * (major) + 100L * (minor) + (patch))
//! The version of these headers. Usable in preprocessor conditions; inline factories pass it to the library.
#define NV_TENSORRT_VERSION NV_TENSORRT_VERSION_INT(NV_TENSORRT_MAJOR, NV_TENSORRT_MINOR, NV_TENSORRT_PATCH)

extern "C" {
struct cublasContext;

struct cudnnContext;
}

namespace nvinfer1 {

//! Character type of names and messages in the API.
using char_t = char;

//! A character of a string that holds ASCII only.
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

//! Number of enumerators of T, aliases not counted: valid values are 0 to EnumMax<T>() - 1.
template <typename T>
constexpr int32_t EnumMax() noexcept {
    return impl::EnumMaxImpl<T>::kVALUE;
}

//! Element type of tensors and weights.
//!
//! Sub-byte types are packed: two elements a byte, the earlier element in the low half.
enum class DataType : int32_t {
    //! 32-bit IEEE floating point.
    kFLOAT = 0,
    //! 16-bit IEEE floating point: 5 exponent bits, 10 mantissa bits.
    kHALF = 1,
    //! Signed 8-bit integer. As an activation it is quantized: it stands for a real value through a scale.
    kINT8 = 2,
    //! Signed 32-bit integer.
    kINT32 = 3,
    //! One byte a value: 0 is false, 1 is true, anything else is undefined.
    kBOOL = 4,
    //! Unsigned 8-bit integer, for network inputs and outputs such as images. Never quantized. Converts only from and
    //! to kFLOAT and kHALF: towards floating point exactly, towards kUINT8 by dropping the fraction, which is
    //! undefined for values that do not fit.
    kUINT8 = 5,
    //! 8-bit floating point with 4 exponent and 3 mantissa bits (E4M3, bias 7, no infinities, largest value 448).
    kFP8 = 6,
    //! 16-bit floating point with the exponent of kFLOAT: 8 exponent bits, 7 mantissa bits.
    kBF16 = 7,
    //! Signed 64-bit integer.
    kINT64 = 8,
    //! Signed 4-bit integer, for weights that are quantized in blocks.
    kINT4 = 9,
    //! 4-bit floating point with 2 exponent and 1 mantissa bits (E2M1, largest value 6).
    kFP4 = 10,
    //! A power of two as its 8-bit exponent, without sign: the type of block scales in MX formats.
    kE8M0 = 11,
};

template <>
struct impl::EnumMaxImpl<DataType> : impl::EnumCount<12> {};

//! The shape of a tensor, or a list of per-axis integers such as strides and paddings.
//!
//! A dimension of -1 is not known yet. A rank of -1 marks two special values: with all extents 0 the shape is invalid
//! (an error, or no such tensor); with all extents -1 its rank is unknown.
class Dims64 {
  public:
    //! Highest rank that a tensor can have.
    static constexpr int32_t MAX_DIMS{8};

    //! Rank; entries of `d` from here on are ignored.
    int32_t nbDims;

    //! Extent of each dimension, outermost first.
    int64_t d[MAX_DIMS];
};

//! The current Dims type; 64-bit extents since 10.0.
using Dims = Dims64;

//! Name of an interface family, such as "PLUGIN_V3ONE_BUILD".
using InterfaceKind = char const*;

//! Which interface an object implements. Readers compare kind and major version before they cast.
class InterfaceInfo {
  public:
    //! Interface family, a string that lives as long as the program.
    InterfaceKind kind;

    //! Raised when members are added or changed.
    int32_t major;

    //! Raised for compatible changes.
    int32_t minor;
};

//! Language in which an interface is implemented.
enum class APILanguage : int32_t {
    kCPP = 0,     //!< C++.
    kPYTHON = 1,  //!< Python, through the bindings.
};

template <>
struct impl::EnumMaxImpl<APILanguage> : impl::EnumCount<2> {};

//! Root of the interfaces that an application implements and the library calls.
class IVersionedInterface {
  public:
    //! Language of the implementation. The bindings override this; applications leave it.
    virtual APILanguage getAPILanguage() const noexcept { return APILanguage::kCPP; }

    //! Kind and version of the interface. Each interface implements it; applications leave it.
    virtual InterfaceInfo getInterfaceInfo() const noexcept = 0;
    virtual ~IVersionedInterface() noexcept = default;

  protected:
    IVersionedInterface() = default;
    IVersionedInterface(IVersionedInterface const&) = default;
    IVersionedInterface(IVersionedInterface&&) = default;
    IVersionedInterface& operator=(IVersionedInterface const&) & = default;
    IVersionedInterface& operator=(IVersionedInterface&&) & = default;
};

//! What kind of error is reported to an IErrorRecorder.
enum class ErrorCode : int32_t {
    //! No error.
    kSUCCESS = 0,
    //! An error that no other code describes.
    kUNSPECIFIED_ERROR = 1,
    //! A defect of the library. Its state is unknown now; do not go on using it.
    kINTERNAL_ERROR = 2,
    //! An argument is wrong by itself, such as a null pointer or an index out of range.
    kINVALID_ARGUMENT = 3,
    //! Arguments are fine one by one but do not fit together, such as shapes that cannot be concatenated.
    kINVALID_CONFIG = 4,
    //! Host or device memory could not be had. More memory may help.
    kFAILED_ALLOCATION = 5,
    //! Something that the library depends on, such as a driver, is absent or did not start.
    kFAILED_INITIALIZATION = 6,
    //! Execution broke off. The results of this run are not valid; the next run may succeed.
    kFAILED_EXECUTION = 7,
    //! Execution ended, but its data is corrupt, for example by an integer overflow.
    kFAILED_COMPUTATION = 8,
    //! The call is not allowed now: calls came in a wrong order, or settings contradict each other.
    kINVALID_STATE = 9,
    //! The request is valid but cannot be met on this device or within the limits given.
    kUNSUPPORTED_STATE = 10,
};

template <>
struct impl::EnumMaxImpl<ErrorCode> : impl::EnumCount<11> {};

namespace v_1_0 {

//! Collects errors for the application, as code and text.
//!
//! A recorder is handed on: objects made from one that has a recorder use it too, unless they are given their own.
//! Calls come from any thread, so an implementation must lock for itself; the library holds no lock of its own while
//! calling. It must outlive every object that uses it.
class IErrorRecorder : public IVersionedInterface {
  public:
    //! Identifies the interface: kind "IErrorRecorder", version 1.0.
    InterfaceInfo getInterfaceInfo() const noexcept override { return InterfaceInfo{"IErrorRecorder", 1, 0}; }

    //! A zero-terminated error text.
    using ErrorDesc = char const*;

    //! Longest text, in bytes without the terminator, that a safety runtime records. No limit otherwise.
    static constexpr size_t kMAX_DESC_LENGTH{127U};

    //! Type of the reference count.
    using RefCount = int32_t;
    IErrorRecorder() = default;
    ~IErrorRecorder() noexcept override = default;

    //! Number of errors held, from the last clear() on. Stays at the recorder's capacity once that is reached.
    virtual int32_t getNbErrors() const noexcept = 0;

    //! Code of error `errorIdx`, counted from 0, oldest first; kUNSPECIFIED_ERROR when the index is out of range.
    virtual ErrorCode getErrorCode(int32_t errorIdx) const noexcept = 0;

    //! Text of error `errorIdx`; an empty string when the index is out of range.
    virtual ErrorDesc getErrorDesc(int32_t errorIdx) const noexcept = 0;

    //! Whether errors were dropped because the recorder was full.
    virtual bool hasOverflowed() const noexcept = 0;

    //! Forgets all errors, and that any were dropped.
    virtual void clear() noexcept = 0;

    //! Called by the library for each error. `desc` is valid during the call only, so copy it. Returns true when the
    //! error is fatal, which asks the library to stop the current operation; false is a hint to go on.
    virtual bool reportError(ErrorCode val, ErrorDesc desc) noexcept = 0;

    //! Called when a library object starts to use the recorder. Returns the new count.
    virtual RefCount incRefCount() noexcept = 0;

    //! Called when a library object stops using the recorder; pairs with incRefCount(). Returns the new count.
    virtual RefCount decRefCount() noexcept = 0;

  protected:
    IErrorRecorder(IErrorRecorder const&) = default;
    IErrorRecorder(IErrorRecorder&&) = default;
    IErrorRecorder& operator=(IErrorRecorder const&) & = default;
    IErrorRecorder& operator=(IErrorRecorder&&) & = default;
};

}  // namespace v_1_0

using IErrorRecorder = v_1_0::IErrorRecorder;

//! Role of a tensor in an engine.
enum class TensorIOMode : int32_t {
    kNONE = 0,    //!< Neither input nor output, or no tensor of that name.
    kINPUT = 1,   //!< Input of the engine.
    kOUTPUT = 2,  //!< Output of the engine.
};

template <>
struct impl::EnumMaxImpl<TensorIOMode> : impl::EnumCount<3> {};

}  // namespace nvinfer1

//! Version of the library that is linked, in the form of NV_TENSORRT_VERSION. Compare with the macro to find a
//! mismatch.
extern "C" TENSORRTAPI int32_t getInferLibVersion() noexcept;
