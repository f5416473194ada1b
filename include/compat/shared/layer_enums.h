// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "NvInferRuntime.h"

namespace nvinfer1 {
inline namespace LATHE_TRT_NAMESPACE {

enum class LayerType : int32_t {
#if LATHE_TRT < 7
    kCONVOLUTION = 0,
    kFULLY_CONNECTED = 1,
    kACTIVATION = 2,
    kPOOLING = 3,
    kLRN = 4,
    kSCALE = 5,
    kSOFTMAX = 6,
    kDECONVOLUTION = 7,
    kCONCATENATION = 8,
    kELEMENTWISE = 9,
    kPLUGIN = 10,
    kRNN = 11,
    kUNARY = 12,
    kPADDING = 13,
    kSHUFFLE = 14,
    kREDUCE = 15,
    kTOPK = 16,
    kGATHER = 17,
    kMATRIX_MULTIPLY = 18,
    kRAGGED_SOFTMAX = 19,
    kCONSTANT = 20,
    kRNN_V2 = 21,
    kIDENTITY = 22,
    kPLUGIN_V2 = 23,
    kSLICE = 24,
    kSHAPE = 25,
    kPARAMETRIC_RELU = 26,
    kRESIZE = 27,
#elif LATHE_TRT == 7
    kCONVOLUTION = 0,
    kFULLY_CONNECTED = 1,
    kACTIVATION = 2,
    kPOOLING = 3,
    kLRN = 4,
    kSCALE = 5,
    kSOFTMAX = 6,
    kDECONVOLUTION = 7,
    kCONCATENATION = 8,
    kELEMENTWISE = 9,
    kPLUGIN = 10,
    kRNN = 11,
    kUNARY = 12,
    kPADDING = 13,
    kSHUFFLE = 14,
    kREDUCE = 15,
    kTOPK = 16,
    kGATHER = 17,
    kMATRIX_MULTIPLY = 18,
    kRAGGED_SOFTMAX = 19,
    kCONSTANT = 20,
    kRNN_V2 = 21,
    kIDENTITY = 22,
    kPLUGIN_V2 = 23,
    kSLICE = 24,
    kSHAPE = 25,
    kPARAMETRIC_RELU = 26,
    kRESIZE = 27,
    kTRIP_LIMIT = 28,
    kRECURRENCE = 29,
    kITERATOR = 30,
    kLOOP_OUTPUT = 31,
    kSELECT = 32,
    kFILL = 33,
#elif LATHE_TRT >= 8
    kCONVOLUTION = 0,
    kFULLY_CONNECTED = 1,
    kACTIVATION = 2,
    kPOOLING = 3,
    kLRN = 4,
    kSCALE = 5,
    kSOFTMAX = 6,
    kDECONVOLUTION = 7,
    kCONCATENATION = 8,
    kELEMENTWISE = 9,
    kPLUGIN = 10,
    kUNARY = 11,
    kPADDING = 12,
    kSHUFFLE = 13,
    kREDUCE = 14,
    kTOPK = 15,
    kGATHER = 16,
    kMATRIX_MULTIPLY = 17,
    kRAGGED_SOFTMAX = 18,
    kCONSTANT = 19,
    kRNN_V2 = 20,
    kIDENTITY = 21,
    kPLUGIN_V2 = 22,
    kSLICE = 23,
    kSHAPE = 24,
    kPARAMETRIC_RELU = 25,
    kRESIZE = 26,
    kTRIP_LIMIT = 27,
    kRECURRENCE = 28,
    kITERATOR = 29,
    kLOOP_OUTPUT = 30,
    kSELECT = 31,
    kFILL = 32,
    kQUANTIZE = 33,
    kDEQUANTIZE = 34,
    kCONDITION = 35,
    kCONDITIONAL_INPUT = 36,
    kCONDITIONAL_OUTPUT = 37,
    kSCATTER = 38,
    kEINSUM = 39,
    kASSERTION = 40,
    kONE_HOT = 41,
    kNON_ZERO = 42,
    kGRID_SAMPLE = 43,
    kNMS = 44,
    kREVERSE_SEQUENCE = 45,
    kNORMALIZATION = 46,
    kCAST = 47,
#endif
};
template <>
struct impl::EnumMaxImpl<LayerType> : impl::EnumCount<impl::byVersion(28, 34, 48)> {};

enum class ActivationType : int32_t {
    kRELU = 0,
    kSIGMOID = 1,
    kTANH = 2,
    kLEAKY_RELU = 3,
    kELU = 4,
    kSELU = 5,
    kSOFTSIGN = 6,
    kSOFTPLUS = 7,
    kCLIP = 8,
    kHARD_SIGMOID = 9,
    kSCALED_TANH = 10,
    kTHRESHOLDED_RELU = 11,
};
template <>
struct impl::EnumMaxImpl<ActivationType> : impl::EnumCount<12> {};

enum class PaddingMode : int32_t {
    kEXPLICIT_ROUND_DOWN = 0,
    kEXPLICIT_ROUND_UP = 1,
    kSAME_UPPER = 2,
    kSAME_LOWER = 3,
    kCAFFE_ROUND_DOWN = 4,
    kCAFFE_ROUND_UP = 5,
};
template <>
struct impl::EnumMaxImpl<PaddingMode> : impl::EnumCount<6> {};

enum class PoolingType : int32_t {
    kMAX = 0,
    kAVERAGE = 1,
    kMAX_AVERAGE_BLEND = 2,
};
template <>
struct impl::EnumMaxImpl<PoolingType> : impl::EnumCount<3> {};

enum class ScaleMode : int32_t {
    kUNIFORM = 0,
    kCHANNEL = 1,
    kELEMENTWISE = 2,
};
template <>
struct impl::EnumMaxImpl<ScaleMode> : impl::EnumCount<3> {};

enum class ElementWiseOperation : int32_t {
    kSUM = 0,
    kPROD = 1,
    kMAX = 2,
    kMIN = 3,
    kSUB = 4,
    kDIV = 5,
    kPOW = 6,
    kFLOOR_DIV = 7,
#if LATHE_TRT >= 7
    kAND = 8,
    kOR = 9,
    kXOR = 10,
    kEQUAL = 11,
    kGREATER = 12,
    kLESS = 13,
#endif
};
template <>
struct impl::EnumMaxImpl<ElementWiseOperation> : impl::EnumCount<impl::byVersion(8, 14, 14)> {};

#if LATHE_TRT >= 8
enum class GatherMode : int32_t {
    kDEFAULT = 0,
    kELEMENT = 1,
    kND = 2,
};
template <>
struct impl::EnumMaxImpl<GatherMode> : impl::EnumCount<3> {};
#endif

enum class RNNOperation : int32_t {
    kRELU = 0,
    kTANH = 1,
    kLSTM = 2,
    kGRU = 3,
};
template <>
struct impl::EnumMaxImpl<RNNOperation> : impl::EnumCount<4> {};

enum class RNNDirection : int32_t {
    kUNIDIRECTION = 0,
    kBIDIRECTION = 1,
};
template <>
struct impl::EnumMaxImpl<RNNDirection> : impl::EnumCount<2> {};

enum class RNNInputMode : int32_t {
    kLINEAR = 0,
    kSKIP = 1,
};
template <>
struct impl::EnumMaxImpl<RNNInputMode> : impl::EnumCount<2> {};

enum class RNNGateType : int32_t {
    kINPUT = 0,
    kOUTPUT = 1,
    kFORGET = 2,
    kUPDATE = 3,
    kRESET = 4,
    kCELL = 5,
    kHIDDEN = 6,
};
template <>
struct impl::EnumMaxImpl<RNNGateType> : impl::EnumCount<7> {};

enum class UnaryOperation : int32_t {
    kEXP = 0,
    kLOG = 1,
    kSQRT = 2,
    kRECIP = 3,
    kABS = 4,
    kNEG = 5,
    kSIN = 6,
    kCOS = 7,
    kTAN = 8,
    kSINH = 9,
    kCOSH = 10,
    kASIN = 11,
    kACOS = 12,
    kATAN = 13,
    kASINH = 14,
    kACOSH = 15,
    kATANH = 16,
    kCEIL = 17,
    kFLOOR = 18,
#if LATHE_TRT >= 7
    kERF = 19,
    kNOT = 20,
#endif
#if LATHE_TRT >= 8
    kSIGN = 21,
    kROUND = 22,
    kISINF = 23,
#endif
};
template <>
struct impl::EnumMaxImpl<UnaryOperation> : impl::EnumCount<impl::byVersion(19, 21, 24)> {};

enum class ReduceOperation : int32_t {
    kSUM = 0,
    kPROD = 1,
    kMAX = 2,
    kMIN = 3,
    kAVG = 4,
};
template <>
struct impl::EnumMaxImpl<ReduceOperation> : impl::EnumCount<5> {};

#if LATHE_TRT == 7
//! What a slice reads out of range.
enum class SliceMode : int32_t {
    kDEFAULT = 0,
    kWRAP = 1,
};
template <>
struct impl::EnumMaxImpl<SliceMode> : impl::EnumCount<2> {};
#endif

#if LATHE_TRT >= 8
enum class SampleMode : int32_t {
    kSTRICT_BOUNDS = 0,
    kDEFAULT = 0,
    kWRAP = 1,
    kCLAMP = 2,
    kFILL = 3,
    kREFLECT = 4,
};
template <>
struct impl::EnumMaxImpl<SampleMode> : impl::EnumCount<5> {};
#endif

enum class TopKOperation : int32_t {
    kMAX = 0,
    kMIN = 1,
};
template <>
struct impl::EnumMaxImpl<TopKOperation> : impl::EnumCount<2> {};

enum class MatrixOperation : int32_t {
    kNONE = 0,
    kTRANSPOSE = 1,
    kVECTOR = 2,
};
template <>
struct impl::EnumMaxImpl<MatrixOperation> : impl::EnumCount<3> {};

#if LATHE_TRT < 8
//! How a resize layer interpolates.
enum class ResizeMode : int32_t {
    kNEAREST = 0,
    kLINEAR = 1,
};
template <>
struct impl::EnumMaxImpl<ResizeMode> : impl::EnumCount<2> {};
#endif

#if LATHE_TRT >= 8
enum class InterpolationMode : int32_t {
    kNEAREST = 0,
    kLINEAR = 1,
    kCUBIC = 2,
};
template <>
struct impl::EnumMaxImpl<InterpolationMode> : impl::EnumCount<3> {};
#endif

#if LATHE_TRT >= 8
enum class ResizeCoordinateTransformation : int32_t {
    kALIGN_CORNERS = 0,
    kASYMMETRIC = 1,
    kHALF_PIXEL = 2,
};
template <>
struct impl::EnumMaxImpl<ResizeCoordinateTransformation> : impl::EnumCount<3> {};
#endif

#if LATHE_TRT >= 8
enum class ResizeSelector : int32_t {
    kFORMULA = 0,
    kUPPER = 1,
};
template <>
struct impl::EnumMaxImpl<ResizeSelector> : impl::EnumCount<2> {};
#endif

#if LATHE_TRT >= 8
enum class ResizeRoundMode : int32_t {
    kHALF_UP = 0,
    kHALF_DOWN = 1,
    kFLOOR = 2,
    kCEIL = 3,
};
template <>
struct impl::EnumMaxImpl<ResizeRoundMode> : impl::EnumCount<4> {};
#endif

#if LATHE_TRT >= 7
enum class LoopOutput : int32_t {
    kLAST_VALUE = 0,
    kCONCATENATE = 1,
    kREVERSE = 2,
};
template <>
struct impl::EnumMaxImpl<LoopOutput> : impl::EnumCount<3> {};
#endif

#if LATHE_TRT >= 7
enum class TripLimit : int32_t {
    kCOUNT = 0,
    kWHILE = 1,
};
template <>
struct impl::EnumMaxImpl<TripLimit> : impl::EnumCount<2> {};
#endif

#if LATHE_TRT >= 7
enum class FillOperation : int32_t {
    kLINSPACE = 0,
    kRANDOM_UNIFORM = 1,
#if LATHE_TRT >= 8
    kRANDOM_NORMAL = 2,
#endif
};
template <>
struct impl::EnumMaxImpl<FillOperation> : impl::EnumCount<impl::byVersion(1, 2, 3)> {};
#endif

#if LATHE_TRT >= 8
enum class ScatterMode : int32_t {
    kELEMENT = 0,
    kND = 1,
};
template <>
struct impl::EnumMaxImpl<ScatterMode> : impl::EnumCount<2> {};
#endif

#if LATHE_TRT >= 8
enum class BoundingBoxFormat : int32_t {
    kCORNER_PAIRS = 0,
    kCENTER_SIZES = 1,
};
template <>
struct impl::EnumMaxImpl<BoundingBoxFormat> : impl::EnumCount<2> {};
#endif

enum class CalibrationAlgoType : int32_t {
    kLEGACY_CALIBRATION = 0,
    kENTROPY_CALIBRATION = 1,
    kENTROPY_CALIBRATION_2 = 2,
    kMINMAX_CALIBRATION = 3,
};
template <>
struct impl::EnumMaxImpl<CalibrationAlgoType> : impl::EnumCount<4> {};

#if LATHE_TRT >= 7
enum class QuantizationFlag : int32_t {
    kCALIBRATE_BEFORE_FUSION = 0,
};
template <>
struct impl::EnumMaxImpl<QuantizationFlag> : impl::EnumCount<1> {};
#endif

enum class BuilderFlag : int32_t {
    kFP16 = 0,
    kINT8 = 1,
    kDEBUG = 2,
    kGPU_FALLBACK = 3,
    kSTRICT_TYPES = 4,
    kREFIT = 5,
#if LATHE_TRT >= 7
    kDISABLE_TIMING_CACHE = 6,
    kTF32 = 7,
#endif
#if LATHE_TRT >= 8
    kSPARSE_WEIGHTS = 8,
    kSAFETY_SCOPE = 9,
    kOBEY_PRECISION_CONSTRAINTS = 10,
    kPREFER_PRECISION_CONSTRAINTS = 11,
    kDIRECT_IO = 12,
    kREJECT_EMPTY_ALGORITHMS = 13,
    kENABLE_TACTIC_HEURISTIC = 14,
    kVERSION_COMPATIBLE = 15,
    kEXCLUDE_LEAN_RUNTIME = 16,
    kFP8 = 17,
#endif
};
template <>
struct impl::EnumMaxImpl<BuilderFlag> : impl::EnumCount<impl::byVersion(6, 8, 18)> {};

#if LATHE_TRT >= 8
enum class MemoryPoolType : int32_t {
    kWORKSPACE = 0,
    kDLA_MANAGED_SRAM = 1,
    kDLA_LOCAL_DRAM = 2,
    kDLA_GLOBAL_DRAM = 3,
    kTACTIC_DRAM = 4,
};
template <>
struct impl::EnumMaxImpl<MemoryPoolType> : impl::EnumCount<5> {};
#endif

#if LATHE_TRT >= 8
enum class PreviewFeature : int32_t {
    kFASTER_DYNAMIC_SHAPES_0805 = 0,
    kDISABLE_EXTERNAL_TACTIC_SOURCES_FOR_CORE_0805 = 1,
    kPROFILE_SHARING_0806 = 2,
};
template <>
struct impl::EnumMaxImpl<PreviewFeature> : impl::EnumCount<3> {};
#endif

enum class NetworkDefinitionCreationFlag : int32_t {
    kEXPLICIT_BATCH = 0,
    kEXPLICIT_PRECISION = 1,
};
template <>
struct impl::EnumMaxImpl<NetworkDefinitionCreationFlag> : impl::EnumCount<2> {};

#if LATHE_TRT >= 8
using ResizeMode = InterpolationMode;
using SliceMode = SampleMode;
#endif

}  // namespace LATHE_TRT_NAMESPACE
}  // namespace nvinfer1
