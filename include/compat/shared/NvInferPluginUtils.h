// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "NvInferRuntimeCommon.h"

namespace nvinfer1 {
inline namespace LATHE_TRT_NAMESPACE {

#if LATHE_TRT < 8
//! Plugins that had functions of their own once.
enum class PluginType : int32_t {
    kFASTERRCNN = 0,
    kNORMALIZE = 1,
    kPERMUTE = 2,
    kPRIORBOX = 3,
    kSSDDETECTIONOUTPUT = 4,
    kCONCAT = 5,
    kPRELU = 6,
    kYOLOREORG = 7,
    kYOLOREGION = 8,
    kANCHORGENERATOR = 9,
};
template <>
struct impl::EnumMaxImpl<PluginType> : impl::EnumCount<10> {};
#endif

//! Parameters of the shipped plugins; include/NvInferPluginUtils.h says what each member means.
namespace plugin {

struct Quadruple {
    int32_t data[4];
};

struct PriorBoxParameters {
    float *minSize, *maxSize, *aspectRatios;
    int32_t numMinSize, numMaxSize, numAspectRatios;
    bool flip;
    bool clip;
    float variance[4];
    int32_t imgH, imgW;
    float stepH, stepW;
    float offset;
};

struct RPROIParams {
    int32_t poolingH;
    int32_t poolingW;
    int32_t featureStride;
    int32_t preNmsTop;
    int32_t nmsMaxOut;
    int32_t anchorsRatioCount;
    int32_t anchorsScaleCount;
    float iouThreshold;
    float minBoxSize;
    float spatialScale;
};

struct GridAnchorParameters {
    float minSize, maxSize;
    float* aspectRatios;
    int32_t numAspectRatios, H, W;
    float variance[4];
};

enum class CodeTypeSSD : int32_t {
    CORNER = 0,
    CENTER_SIZE = 1,
    CORNER_SIZE = 2,
    TF_CENTER = 3,
};

struct DetectionOutputParameters {
    bool shareLocation, varianceEncodedInTarget;
    int32_t backgroundLabelId, numClasses, topK, keepTopK;
    float confidenceThreshold, nmsThreshold;
    CodeTypeSSD codeType;
    int32_t inputOrder[3];
    bool confSigmoid;
    bool isNormalized;
#if LATHE_TRT >= 8
    bool isBatchAgnostic{true};
#endif
};

struct softmaxTree {
    int32_t* leaf;
    int32_t n;
    int32_t* parent;
    int32_t* child;
    int32_t* group;
    char** name;
    int32_t groups;
    int32_t* groupSize;
    int32_t* groupOffset;
};

struct RegionParameters {
    int32_t num;
    int32_t coords;
    int32_t classes;
    softmaxTree* smTree;
};

struct NMSParameters {
    bool shareLocation;
    int32_t backgroundLabelId, numClasses, topK, keepTopK;
    float scoreThreshold, iouThreshold;
    bool isNormalized;
};

}  // namespace plugin
}  // namespace LATHE_TRT_NAMESPACE
}  // namespace nvinfer1
