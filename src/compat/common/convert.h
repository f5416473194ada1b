// SPDX-License-Identifier: Apache-2.0
// Values of one API as those of the other. toNew(x) gives the library's; toOld<T>(x) the older API's T.
#pragma once

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "compat/common/api.h"

namespace lathe::compat {

template <class T>
struct Convert {  // numbers and pointers to numbers
    static T toNew(T v) { return v; }
    template <class U>
    static T toOld(U v) {
        return static_cast<T>(v);
    }
};

template <class T>
auto toNew(const T& v) {
    return Convert<T>::toNew(v);
}
template <class T, class U>
T toOld(const U& v) {
    return Convert<T>::toOld(v);
}

// Enumerations with the same values in all versions.
#define LATHE_SAME_ENUM(Name)                                                     \
    template <>                                                                   \
    struct Convert<old::Name> {                                                   \
        static v10::Name toNew(old::Name v) { return static_cast<v10::Name>(v); } \
        static old::Name toOld(v10::Name v) { return static_cast<old::Name>(v); } \
    };
LATHE_SAME_ENUM(TensorLocation)
LATHE_SAME_ENUM(TensorFormat)
LATHE_SAME_ENUM(ErrorCode)
LATHE_SAME_ENUM(DeviceType)
LATHE_SAME_ENUM(EngineCapability)
LATHE_SAME_ENUM(WeightsRole)
LATHE_SAME_ENUM(OptProfileSelector)
LATHE_SAME_ENUM(ActivationType)
LATHE_SAME_ENUM(PoolingType)
LATHE_SAME_ENUM(ScaleMode)
LATHE_SAME_ENUM(ElementWiseOperation)
LATHE_SAME_ENUM(UnaryOperation)
LATHE_SAME_ENUM(ReduceOperation)
LATHE_SAME_ENUM(TopKOperation)
LATHE_SAME_ENUM(MatrixOperation)
LATHE_SAME_ENUM(CalibrationAlgoType)
LATHE_SAME_ENUM(DimensionOperation)
LATHE_SAME_ENUM(PluginFieldType)
LATHE_SAME_ENUM(PaddingMode)
#if LATHE_TRT >= 7
LATHE_SAME_ENUM(TacticSource)
LATHE_SAME_ENUM(ProfilingVerbosity)
LATHE_SAME_ENUM(QuantizationFlag)
LATHE_SAME_ENUM(LoopOutput)
LATHE_SAME_ENUM(TripLimit)
LATHE_SAME_ENUM(FillOperation)
#endif
#if LATHE_TRT >= 8
LATHE_SAME_ENUM(TensorIOMode)
LATHE_SAME_ENUM(HardwareCompatibilityLevel)
LATHE_SAME_ENUM(LayerInformationFormat)
LATHE_SAME_ENUM(GatherMode)
LATHE_SAME_ENUM(SampleMode)
LATHE_SAME_ENUM(InterpolationMode)
LATHE_SAME_ENUM(ResizeCoordinateTransformation)
LATHE_SAME_ENUM(ResizeSelector)
LATHE_SAME_ENUM(ResizeRoundMode)
LATHE_SAME_ENUM(ScatterMode)
LATHE_SAME_ENUM(BoundingBoxFormat)
LATHE_SAME_ENUM(MemoryPoolType)
#else
template <>
struct Convert<old::ResizeMode> {
    static v10::InterpolationMode toNew(old::ResizeMode v) { return static_cast<v10::InterpolationMode>(v); }
    static old::ResizeMode toOld(v10::InterpolationMode v) { return static_cast<old::ResizeMode>(v); }
};
#endif
#if LATHE_TRT == 7
template <>
struct Convert<old::SliceMode> {
    static v10::SampleMode toNew(old::SliceMode v) { return static_cast<v10::SampleMode>(v); }
    static old::SliceMode toOld(v10::SampleMode v) { return static_cast<old::SliceMode>(v); }
};
#endif
#undef LATHE_SAME_ENUM

// Types that the older version lacks: integers are its int32, floating points its float.
template <>
struct Convert<old::DataType> {
    static v10::DataType toNew(old::DataType v) { return static_cast<v10::DataType>(v); }
    static old::DataType toOld(v10::DataType v) {
        if (static_cast<int32_t>(v) < old::EnumMax<old::DataType>()) return static_cast<old::DataType>(v);
        return v == v10::DataType::kBF16 ? old::DataType::kFLOAT : old::DataType::kINT32;
    }
};

template <>
struct Convert<old::LayerType> {
    static old::LayerType toOld(v10::LayerType v);
};

template <>
struct Convert<old::Dims> {
    static v10::Dims toNew(const old::Dims& v) {
        v10::Dims out{};
        out.nbDims = v.nbDims;
        for (int i = 0; i < std::min(v.nbDims, old::Dims::MAX_DIMS + 0); ++i) out.d[i] = v.d[i];
        return out;
    }
    static old::Dims toOld(const v10::Dims& v) {
        old::Dims out{};
        out.nbDims = v.nbDims;
        for (int i = 0; i < v.nbDims; ++i) out.d[i] = static_cast<int32_t>(std::min<int64_t>(v.d[i], INT32_MAX));
#if LATHE_TRT < 8
        if (v.nbDims >= 3) out.type[v.nbDims - 3] = old::DimensionType::kCHANNEL;
        if (v.nbDims >= 4) out.type[v.nbDims - 4] = old::DimensionType::kINDEX;
#endif
        return out;
    }
};
template <>
struct Convert<old::DimsHW> : Convert<old::Dims> {
    // -1 where there are not two.
    static old::DimsHW toOld(const v10::Dims& v) {
        if (v.nbDims != 2) return {-1, -1};
        return {static_cast<int32_t>(v.d[0]), static_cast<int32_t>(v.d[1])};
    }
};

template <>
struct Convert<old::Weights> {
    static v10::Weights toNew(const old::Weights& v) { return {compat::toNew(v.type), v.values, v.count}; }
    static old::Weights toOld(const v10::Weights& v) {
        return {compat::toOld<old::DataType>(v.type), v.values, v.count};
    }
};

// Flags of a build, one by one. A flag that means nothing to the library is kept by the configuration alone.
struct FlagPair {
    old::BuilderFlag before;
    v10::BuilderFlag now;
};
inline constexpr FlagPair kFlags[] = {
    {old::BuilderFlag::kFP16, v10::BuilderFlag::kFP16},
    {old::BuilderFlag::kINT8, v10::BuilderFlag::kINT8},
    {old::BuilderFlag::kDEBUG, v10::BuilderFlag::kDEBUG},
    {old::BuilderFlag::kGPU_FALLBACK, v10::BuilderFlag::kGPU_FALLBACK},
    {old::BuilderFlag::kREFIT, v10::BuilderFlag::kREFIT},
#if LATHE_TRT < 8
    {old::BuilderFlag::kSTRICT_TYPES, v10::BuilderFlag::kPREFER_PRECISION_CONSTRAINTS},
#endif
#if LATHE_TRT >= 7
    {old::BuilderFlag::kDISABLE_TIMING_CACHE, v10::BuilderFlag::kDISABLE_TIMING_CACHE},
    {old::BuilderFlag::kTF32, v10::BuilderFlag::kTF32},
#endif
#if LATHE_TRT >= 8
    {old::BuilderFlag::kSPARSE_WEIGHTS, v10::BuilderFlag::kSPARSE_WEIGHTS},
    {old::BuilderFlag::kSAFETY_SCOPE, v10::BuilderFlag::kSAFETY_SCOPE},
    {old::BuilderFlag::kOBEY_PRECISION_CONSTRAINTS, v10::BuilderFlag::kOBEY_PRECISION_CONSTRAINTS},
    {old::BuilderFlag::kPREFER_PRECISION_CONSTRAINTS, v10::BuilderFlag::kPREFER_PRECISION_CONSTRAINTS},
    {old::BuilderFlag::kDIRECT_IO, v10::BuilderFlag::kDIRECT_IO},
    {old::BuilderFlag::kREJECT_EMPTY_ALGORITHMS, v10::BuilderFlag::kREJECT_EMPTY_ALGORITHMS},
    {old::BuilderFlag::kVERSION_COMPATIBLE, v10::BuilderFlag::kVERSION_COMPATIBLE},
    {old::BuilderFlag::kEXCLUDE_LEAN_RUNTIME, v10::BuilderFlag::kEXCLUDE_LEAN_RUNTIME},
    {old::BuilderFlag::kFP8, v10::BuilderFlag::kFP8},
#endif
};

// Number of elements.
int64_t volume(const old::Dims& dims);
int64_t volume(const v10::Dims& dims);
// dims with one more extent in front.
v10::Dims withFront(int64_t front, const v10::Dims& dims);
// dims without the first extent; errors (rank -1) and scalars stay.
v10::Dims withoutFront(const v10::Dims& dims);
// Bytes of one element; 0 for types that are smaller.
int elementSize(old::DataType type);

}  // namespace lathe::compat
