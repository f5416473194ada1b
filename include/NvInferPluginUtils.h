// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "NvInferRuntimeCommon.h"

// Deprecated names are still declared, so these headers must not warn about their own use of them.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace nvinfer1 {

namespace plugin {

//! Parameters of PriorBox_TRT: boxes of several sizes and aspect ratios around each cell of a feature map.
struct PriorBoxParameters {
    //! Smallest sizes in pixels.
    float* minSize;

    //! Largest sizes in pixels, or null.
    float* maxSize;

    //! Aspect ratios, or null.
    float* aspectRatios;

    //! Number of smallest sizes, at least 1.
    int32_t numMinSize;

    //! Number of largest sizes: 0 or numMinSize.
    int32_t numMaxSize;

    //! Number of aspect ratios.
    int32_t numAspectRatios;

    //! Whether 1 / ratio is used for each ratio, too.
    bool flip;

    //! Whether boxes are cut to [0, 1].
    bool clip;

    //! Factors for decoding box offsets.
    float variance[4];

    //! Height of the image; 0 takes that of the data input.
    int32_t imgH;

    //! Width of the image; 0 takes that of the data input.
    int32_t imgW;

    //! Distance of boxes in height; 0 means imgH / height of the feature map.
    float stepH;

    //! Distance of boxes in width; 0 means imgW / width of the feature map.
    float stepW;

    //! Place of a box's centre in its cell, as a share of the distance.
    float offset;
};

//! Parameters of RPROI_TRT: region proposals and ROI pooling of Faster R-CNN.
struct RPROIParams {
    //! Height of a pooled region.
    int32_t poolingH;

    //! Width of a pooled region.
    int32_t poolingW;

    //! Image size / feature map size.
    int32_t featureStride;

    //! Number of proposals that enter non-maximum suppression.
    int32_t preNmsTop;

    //! Number of proposals that leave it.
    int32_t nmsMaxOut;

    //! Number of anchor ratios.
    int32_t anchorsRatioCount;

    //! Number of anchor scales.
    int32_t anchorsScaleCount;

    //! Overlap from which a proposal is suppressed.
    float iouThreshold;

    //! Smallest box that is kept, before scaling.
    float minBoxSize;

    //! Feature map size / image size.
    float spatialScale;
};

//! Parameters of GridAnchor_TRT, for one feature map.
struct GridAnchorParameters {
    //! Scale of anchors at the finest resolution.
    float minSize;

    //! Scale of anchors at the coarsest resolution.
    float maxSize;

    //! Aspect ratios at each grid point.
    float* aspectRatios;

    //! Number of aspect ratios.
    int32_t numAspectRatios;

    //! Height of the feature map.
    int32_t H;

    //! Width of the feature map.
    int32_t W;

    //! Factors for decoding box offsets.
    float variance[4];
};

//! How SSD encodes boxes. Deprecated (10.0).
enum class CodeTypeSSD : int32_t {
    CORNER TRT_DEPRECATED_ENUM = 0,       //!< Corners.
    CENTER_SIZE TRT_DEPRECATED_ENUM = 1,  //!< Centre and size.
    CORNER_SIZE TRT_DEPRECATED_ENUM = 2,  //!< Corner and size.
    TF_CENTER TRT_DEPRECATED_ENUM = 3,    //!< Centre and size, y before x.
};

//! Parameters of NMS_TRT: decoding of boxes, then non-maximum suppression. Deprecated (10.0).
struct TRT_DEPRECATED DetectionOutputParameters {
    //! Whether all classes share the boxes.
    bool shareLocation;

    //! Whether box offsets have been multiplied by the variances already.
    bool varianceEncodedInTarget;

    //! Class of the background, -1 when there is none.
    int32_t backgroundLabelId;

    //! Number of classes.
    int32_t numClasses;

    //! Number of best boxes that enter suppression, for each image.
    int32_t topK;

    //! Number of boxes that leave it, for each image.
    int32_t keepTopK;

    //! Confidence that a box must exceed.
    float confidenceThreshold;

    //! Overlap from which a box is suppressed.
    float nmsThreshold;

    //! Encoding of the boxes.
    CodeTypeSSD codeType;

    //! Indices of the inputs: locations, confidences, prior boxes.
    int32_t inputOrder[3];

    //! Whether confidences still need a sigmoid.
    bool confSigmoid;

    //! Whether coordinates are in [0, 1].
    bool isNormalized;

    //! Whether prior boxes are the same for the whole batch.
    bool isBatchAgnostic{true};
};

//! A hierarchy of classes, for RegionParameters. Classes of one group compete in one softmax.
struct softmaxTree {
    //! For each class, whether it has no children.
    int32_t* leaf;

    //! Number of classes.
    int32_t n;

    //! For each class, its parent, or -1.
    int32_t* parent;

    //! For each class, the group of its children, or -1.
    int32_t* child;

    //! For each class, its group.
    int32_t* group;

    //! For each class, its name.
    char** name;

    //! Number of groups.
    int32_t groups;

    //! For each group, its number of classes.
    int32_t* groupSize;

    //! For each group, its first class.
    int32_t* groupOffset;
};

//! Parameters of Region_TRT: the last layer of YOLO v2.
struct RegionParameters {
    //! Number of boxes for each cell.
    int32_t num;

    //! Number of coordinates of a box.
    int32_t coords;

    //! Number of classes.
    int32_t classes;

    //! Hierarchy of classes, or null.
    softmaxTree* smTree;
};

//! Parameters of BatchedNMS_TRT. Deprecated (10.0).
struct TRT_DEPRECATED NMSParameters {
    //! Whether all classes share the boxes.
    bool shareLocation;

    //! Class of the background, -1 when there is none.
    int32_t backgroundLabelId;

    //! Number of classes.
    int32_t numClasses;

    //! Number of best boxes that enter suppression.
    int32_t topK;

    //! Number of boxes that leave it, for each image; at most topK.
    int32_t keepTopK;

    //! Score that a box must exceed.
    float scoreThreshold;

    //! Overlap from which a box is suppressed.
    float iouThreshold;

    //! Whether coordinates are in [0, 1].
    bool isNormalized;
};

}  // namespace plugin

}  // namespace nvinfer1

#pragma GCC diagnostic pop
