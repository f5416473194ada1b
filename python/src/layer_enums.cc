// SPDX-License-Identifier: Apache-2.0
// Enumerations of layers.
#include "common.h"

namespace lathe::python {

using namespace nvinfer1;

void bindLayerEnums(nb::module_& m) {
    using L = LayerType;
    bindEnum<L>(m, "LayerType",
                {{"CONVOLUTION", L::kCONVOLUTION},
                 {"CAST", L::kCAST},
                 {"ACTIVATION", L::kACTIVATION},
                 {"POOLING", L::kPOOLING},
                 {"LRN", L::kLRN},
                 {"SCALE", L::kSCALE},
                 {"SOFTMAX", L::kSOFTMAX},
                 {"DECONVOLUTION", L::kDECONVOLUTION},
                 {"CONCATENATION", L::kCONCATENATION},
                 {"ELEMENTWISE", L::kELEMENTWISE},
                 {"PLUGIN", L::kPLUGIN},
                 {"UNARY", L::kUNARY},
                 {"PADDING", L::kPADDING},
                 {"SHUFFLE", L::kSHUFFLE},
                 {"REDUCE", L::kREDUCE},
                 {"TOPK", L::kTOPK},
                 {"GATHER", L::kGATHER},
                 {"MATRIX_MULTIPLY", L::kMATRIX_MULTIPLY},
                 {"RAGGED_SOFTMAX", L::kRAGGED_SOFTMAX},
                 {"CONSTANT", L::kCONSTANT},
                 {"IDENTITY", L::kIDENTITY},
                 {"PLUGIN_V2", L::kPLUGIN_V2},
                 {"SLICE", L::kSLICE},
                 {"SHAPE", L::kSHAPE},
                 {"PARAMETRIC_RELU", L::kPARAMETRIC_RELU},
                 {"RESIZE", L::kRESIZE},
                 {"TRIP_LIMIT", L::kTRIP_LIMIT},
                 {"RECURRENCE", L::kRECURRENCE},
                 {"ITERATOR", L::kITERATOR},
                 {"LOOP_OUTPUT", L::kLOOP_OUTPUT},
                 {"SELECT", L::kSELECT},
                 {"FILL", L::kFILL},
                 {"QUANTIZE", L::kQUANTIZE},
                 {"DEQUANTIZE", L::kDEQUANTIZE},
                 {"CONDITION", L::kCONDITION},
                 {"CONDITIONAL_INPUT", L::kCONDITIONAL_INPUT},
                 {"CONDITIONAL_OUTPUT", L::kCONDITIONAL_OUTPUT},
                 {"SCATTER", L::kSCATTER},
                 {"EINSUM", L::kEINSUM},
                 {"ASSERTION", L::kASSERTION},
                 {"ONE_HOT", L::kONE_HOT},
                 {"NON_ZERO", L::kNON_ZERO},
                 {"GRID_SAMPLE", L::kGRID_SAMPLE},
                 {"NMS", L::kNMS},
                 {"REVERSE_SEQUENCE", L::kREVERSE_SEQUENCE},
                 {"NORMALIZATION", L::kNORMALIZATION},
                 {"PLUGIN_V3", L::kPLUGIN_V3},
                 {"SQUEEZE", L::kSQUEEZE},
                 {"UNSQUEEZE", L::kUNSQUEEZE},
                 {"CUMULATIVE", L::kCUMULATIVE},
                 {"DYNAMIC_QUANTIZE", L::kDYNAMIC_QUANTIZE},
                 {"ATTENTION_INPUT", L::kATTENTION_INPUT},
                 {"ATTENTION_OUTPUT", L::kATTENTION_OUTPUT},
                 {"ROTARY_EMBEDDING", L::kROTARY_EMBEDDING},
                 {"KVCACHE_UPDATE", L::kKVCACHE_UPDATE},
                 {"MOE", L::kMOE},
                 {"DIST_COLLECTIVE", L::kDIST_COLLECTIVE}});
    using A = ActivationType;
    bindEnum<A>(m, "ActivationType",
                {{"RELU", A::kRELU},
                 {"SIGMOID", A::kSIGMOID},
                 {"TANH", A::kTANH},
                 {"LEAKY_RELU", A::kLEAKY_RELU},
                 {"ELU", A::kELU},
                 {"SELU", A::kSELU},
                 {"SOFTSIGN", A::kSOFTSIGN},
                 {"SOFTPLUS", A::kSOFTPLUS},
                 {"CLIP", A::kCLIP},
                 {"HARD_SIGMOID", A::kHARD_SIGMOID},
                 {"SCALED_TANH", A::kSCALED_TANH},
                 {"THRESHOLDED_RELU", A::kTHRESHOLDED_RELU},
                 {"GELU_ERF", A::kGELU_ERF},
                 {"GELU_TANH", A::kGELU_TANH}});
    using P = PaddingMode;
    bindEnum<P>(m, "PaddingMode",
                {{"EXPLICIT_ROUND_DOWN", P::kEXPLICIT_ROUND_DOWN},
                 {"EXPLICIT_ROUND_UP", P::kEXPLICIT_ROUND_UP},
                 {"SAME_UPPER", P::kSAME_UPPER},
                 {"SAME_LOWER", P::kSAME_LOWER}});
    bindEnum<PoolingType>(m, "PoolingType",
                          {{"MAX", PoolingType::kMAX},
                           {"AVERAGE", PoolingType::kAVERAGE},
                           {"MAX_AVERAGE_BLEND", PoolingType::kMAX_AVERAGE_BLEND}});
    bindEnum<ScaleMode>(
        m, "ScaleMode",
        {{"UNIFORM", ScaleMode::kUNIFORM}, {"CHANNEL", ScaleMode::kCHANNEL}, {"ELEMENTWISE", ScaleMode::kELEMENTWISE}});
    using E = ElementWiseOperation;
    bindEnum<E>(m, "ElementWiseOperation",
                {{"SUM", E::kSUM},
                 {"PROD", E::kPROD},
                 {"MAX", E::kMAX},
                 {"MIN", E::kMIN},
                 {"SUB", E::kSUB},
                 {"DIV", E::kDIV},
                 {"POW", E::kPOW},
                 {"FLOOR_DIV", E::kFLOOR_DIV},
                 {"AND", E::kAND},
                 {"OR", E::kOR},
                 {"XOR", E::kXOR},
                 {"EQUAL", E::kEQUAL},
                 {"GREATER", E::kGREATER},
                 {"LESS", E::kLESS}});
    bindEnum<GatherMode>(
        m, "GatherMode",
        {{"DEFAULT", GatherMode::kDEFAULT}, {"ELEMENT", GatherMode::kELEMENT}, {"ND", GatherMode::kND}});
    using U = UnaryOperation;
    bindEnum<U>(
        m, "UnaryOperation",
        {{"EXP", U::kEXP},     {"LOG", U::kLOG},     {"SQRT", U::kSQRT},   {"RECIP", U::kRECIP}, {"ABS", U::kABS},
         {"NEG", U::kNEG},     {"SIN", U::kSIN},     {"COS", U::kCOS},     {"TAN", U::kTAN},     {"SINH", U::kSINH},
         {"COSH", U::kCOSH},   {"ASIN", U::kASIN},   {"ACOS", U::kACOS},   {"ATAN", U::kATAN},   {"ASINH", U::kASINH},
         {"ACOSH", U::kACOSH}, {"ATANH", U::kATANH}, {"CEIL", U::kCEIL},   {"FLOOR", U::kFLOOR}, {"ERF", U::kERF},
         {"NOT", U::kNOT},     {"SIGN", U::kSIGN},   {"ROUND", U::kROUND}, {"ISINF", U::kISINF}, {"ISNAN", U::kISNAN}});
    using R = ReduceOperation;
    bindEnum<R>(m, "ReduceOperation",
                {{"SUM", R::kSUM},
                 {"PROD", R::kPROD},
                 {"MAX", R::kMAX},
                 {"MIN", R::kMIN},
                 {"AVG", R::kAVG},
                 {"NONE", R::kNONE}});
    using C = CollectiveOperation;
    bindEnum<C>(m, "CollectiveOperation",
                {{"ALL_REDUCE", C::kALL_REDUCE},
                 {"ALL_GATHER", C::kALL_GATHER},
                 {"BROADCAST", C::kBROADCAST},
                 {"REDUCE", C::kREDUCE},
                 {"REDUCE_SCATTER", C::kREDUCE_SCATTER}});
    using S = SampleMode;
    bindEnum<S>(m, "SampleMode",
                {{"STRICT_BOUNDS", S::kSTRICT_BOUNDS},
                 {"WRAP", S::kWRAP},
                 {"CLAMP", S::kCLAMP},
                 {"FILL", S::kFILL},
                 {"REFLECT", S::kREFLECT}});
    bindEnum<TopKOperation>(m, "TopKOperation", {{"MAX", TopKOperation::kMAX}, {"MIN", TopKOperation::kMIN}});
    using X = MatrixOperation;
    bindEnum<X>(m, "MatrixOperation", {{"NONE", X::kNONE}, {"TRANSPOSE", X::kTRANSPOSE}, {"VECTOR", X::kVECTOR}});
    using I = InterpolationMode;
    bindEnum<I>(m, "InterpolationMode", {{"NEAREST", I::kNEAREST}, {"LINEAR", I::kLINEAR}, {"CUBIC", I::kCUBIC}});
    using T = ResizeCoordinateTransformation;
    bindEnum<T>(m, "ResizeCoordinateTransformation",
                {{"ALIGN_CORNERS", T::kALIGN_CORNERS}, {"ASYMMETRIC", T::kASYMMETRIC}, {"HALF_PIXEL", T::kHALF_PIXEL}});
    bindEnum<ResizeSelector>(m, "ResizeSelector",
                             {{"FORMULA", ResizeSelector::kFORMULA}, {"UPPER", ResizeSelector::kUPPER}});
    using Q = ResizeRoundMode;
    bindEnum<Q>(m, "ResizeRoundMode",
                {{"HALF_UP", Q::kHALF_UP}, {"HALF_DOWN", Q::kHALF_DOWN}, {"FLOOR", Q::kFLOOR}, {"CEIL", Q::kCEIL}});
    using O = LoopOutput;
    bindEnum<O>(m, "LoopOutput",
                {{"LAST_VALUE", O::kLAST_VALUE}, {"CONCATENATE", O::kCONCATENATE}, {"REVERSE", O::kREVERSE}});
    bindEnum<TripLimit>(m, "TripLimit", {{"COUNT", TripLimit::kCOUNT}, {"WHILE", TripLimit::kWHILE}});
    using F = FillOperation;
    bindEnum<F>(
        m, "FillOperation",
        {{"LINSPACE", F::kLINSPACE}, {"RANDOM_UNIFORM", F::kRANDOM_UNIFORM}, {"RANDOM_NORMAL", F::kRANDOM_NORMAL}});
    bindEnum<ScatterMode>(m, "ScatterMode", {{"ELEMENT", ScatterMode::kELEMENT}, {"ND", ScatterMode::kND}});
    bindEnum<BoundingBoxFormat>(
        m, "BoundingBoxFormat",
        {{"CORNER_PAIRS", BoundingBoxFormat::kCORNER_PAIRS}, {"CENTER_SIZES", BoundingBoxFormat::kCENTER_SIZES}});
    bindEnum<CumulativeOperation>(m, "CumulativeOperation", {{"SUM", CumulativeOperation::kSUM}});
    using N = AttentionNormalizationOp;
    bindEnum<N>(m, "AttentionNormalizationOp", {{"NONE", N::kNONE}, {"SOFTMAX", N::kSOFTMAX}});
    bindEnum<KVCacheMode>(m, "KVCacheMode", {{"LINEAR", KVCacheMode::kLINEAR}});
    bindEnum<MoEActType>(m, "MoEActType", {{"NONE", MoEActType::kNONE}, {"SILU", MoEActType::kSILU}});
}

}  // namespace lathe::python
