// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "NvInferLegacyDims.h"
#include "NvInferRuntime.h"

// Deprecated names are still declared, so these headers must not warn about their own use of them.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace nvinfer1 {

//! What a layer is; ILayer::getType() tells it, so that a pointer can be cast to the class named here.
enum class LayerType : int32_t {
    kCONVOLUTION = 0,          //!< IConvolutionLayer
    kCAST = 1,                 //!< ICastLayer
    kACTIVATION = 2,           //!< IActivationLayer
    kPOOLING = 3,              //!< IPoolingLayer
    kLRN = 4,                  //!< ILRNLayer
    kSCALE = 5,                //!< IScaleLayer
    kSOFTMAX = 6,              //!< ISoftMaxLayer
    kDECONVOLUTION = 7,        //!< IDeconvolutionLayer
    kCONCATENATION = 8,        //!< IConcatenationLayer
    kELEMENTWISE = 9,          //!< IElementWiseLayer
    kPLUGIN = 10,              //!< Reserved; no layer has it since 8.0.
    kUNARY = 11,               //!< IUnaryLayer
    kPADDING = 12,             //!< IPaddingLayer
    kSHUFFLE = 13,             //!< IShuffleLayer
    kREDUCE = 14,              //!< IReduceLayer
    kTOPK = 15,                //!< ITopKLayer
    kGATHER = 16,              //!< IGatherLayer
    kMATRIX_MULTIPLY = 17,     //!< IMatrixMultiplyLayer
    kRAGGED_SOFTMAX = 18,      //!< IRaggedSoftMaxLayer
    kCONSTANT = 19,            //!< IConstantLayer
    kIDENTITY = 20,            //!< IIdentityLayer
    kPLUGIN_V2 = 21,           //!< IPluginV2Layer
    kSLICE = 22,               //!< ISliceLayer
    kSHAPE = 23,               //!< IShapeLayer
    kPARAMETRIC_RELU = 24,     //!< IParametricReLULayer
    kRESIZE = 25,              //!< IResizeLayer
    kTRIP_LIMIT = 26,          //!< ITripLimitLayer
    kRECURRENCE = 27,          //!< IRecurrenceLayer
    kITERATOR = 28,            //!< IIteratorLayer
    kLOOP_OUTPUT = 29,         //!< ILoopOutputLayer
    kSELECT = 30,              //!< ISelectLayer
    kFILL = 31,                //!< IFillLayer
    kQUANTIZE = 32,            //!< IQuantizeLayer
    kDEQUANTIZE = 33,          //!< IDequantizeLayer
    kCONDITION = 34,           //!< IConditionLayer
    kCONDITIONAL_INPUT = 35,   //!< IIfConditionalInputLayer
    kCONDITIONAL_OUTPUT = 36,  //!< IIfConditionalOutputLayer
    kSCATTER = 37,             //!< IScatterLayer
    kEINSUM = 38,              //!< IEinsumLayer
    kASSERTION = 39,           //!< IAssertionLayer
    kONE_HOT = 40,             //!< IOneHotLayer
    kNON_ZERO = 41,            //!< INonZeroLayer
    kGRID_SAMPLE = 42,         //!< IGridSampleLayer
    kNMS = 43,                 //!< INMSLayer
    kREVERSE_SEQUENCE = 44,    //!< IReverseSequenceLayer
    kNORMALIZATION = 45,       //!< INormalizationLayer
    kPLUGIN_V3 = 46,           //!< IPluginV3Layer
    kSQUEEZE = 47,             //!< ISqueezeLayer
    kUNSQUEEZE = 48,           //!< IUnsqueezeLayer
    kCUMULATIVE = 49,          //!< ICumulativeLayer
    kDYNAMIC_QUANTIZE = 50,    //!< IDynamicQuantizeLayer
    kATTENTION_INPUT = 51,     //!< IAttentionInputLayer
    kATTENTION_OUTPUT = 52,    //!< IAttentionOutputLayer
    kROTARY_EMBEDDING = 53,    //!< IRotaryEmbeddingLayer
    kKVCACHE_UPDATE = 54,      //!< IKVCacheUpdateLayer
    kMOE = 55,                 //!< IMoELayer
    kDIST_COLLECTIVE = 56,     //!< IDistCollectiveLayer
};

template <>
struct impl::EnumMaxImpl<LayerType> : impl::EnumCount<57> {};

//! Bit set: 1U << TensorFormat.
using TensorFormats = uint32_t;

//! Function that an activation layer applies to each element x. alpha and beta are the layer's parameters.
enum class ActivationType : int32_t {
    kRELU = 0,               //!< max(0, x)
    kSIGMOID = 1,            //!< 1 / (1 + exp(-x))
    kTANH = 2,               //!< tanh(x)
    kLEAKY_RELU = 3,         //!< x for x >= 0, else alpha * x
    kELU = 4,                //!< x for x >= 0, else alpha * (exp(x) - 1)
    kSELU = 5,               //!< beta * x for x > 0, else beta * alpha * (exp(x) - 1)
    kSOFTSIGN = 6,           //!< x / (1 + |x|)
    kSOFTPLUS = 7,           //!< alpha * log(exp(beta * x) + 1)
    kCLIP = 8,               //!< max(alpha, min(beta, x))
    kHARD_SIGMOID = 9,       //!< max(0, min(1, alpha * x + beta))
    kSCALED_TANH = 10,       //!< alpha * tanh(beta * x)
    kTHRESHOLDED_RELU = 11,  //!< x for x > alpha, else 0
    kGELU_ERF = 12,          //!< x / 2 * (1 + erf(x / sqrt(2)))
    kGELU_TANH = 13,         //!< x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))
};

template <>
struct impl::EnumMaxImpl<ActivationType> : impl::EnumCount<14> {};

//! A value in a network: an input of the network or an output of a layer. Belongs to the network.
class ITensor : public INoCopy {
  public:
    //! Name, unique among inputs and outputs of the network; copied. Layer outputs are called after their layer and
    //! index by default. At most 4096 bytes with the terminator.
    void setName(char const* name) noexcept { mImpl->setName(name); }

    //! The name.
    char const* getName() const noexcept { return mImpl->getName(); }

    //! Shape of a network input, -1 for dimensions that vary. Shapes of other tensors are inferred and follow by
    //! themselves.
    void setDimensions(Dims const& dimensions) noexcept { mImpl->setDimensions(dimensions); }

    //! The shape, -1 for dimensions that vary; rank -1 when it cannot be inferred.
    Dims getDimensions() const noexcept { return mImpl->getDimensions(); }

    //! Deprecated (10.12): use a strongly typed network. Type of a network input; in a weakly typed network also that
    //! of a network output, which then converts.
    TRT_DEPRECATED void setType(DataType type) noexcept { mImpl->setType(type); }

    //! Type of the elements: the one that was set for a network input or output, else the inferred one.
    DataType getType() const noexcept { return mImpl->getType(); }

    //! Deprecated (10.1): use explicit quantization. Range for int8, made symmetric by the larger bound. Returns
    //! false unless both are finite and min <= max.
    TRT_DEPRECATED bool setDynamicRange(float min, float max) noexcept { return mImpl->setDynamicRange(min, max); }

    //! Whether it is an input of the network.
    bool isNetworkInput() const noexcept { return mImpl->isNetworkInput(); }

    //! Whether it is marked as an output of the network.
    bool isNetworkOutput() const noexcept { return mImpl->isNetworkOutput(); }

    //! Deprecated (10.0). Only logs a warning.
    TRT_DEPRECATED void setBroadcastAcrossBatch(bool broadcastAcrossBatch) noexcept {
        mImpl->setBroadcastAcrossBatch(broadcastAcrossBatch);
    }

    //! Deprecated (10.0). Always false.
    TRT_DEPRECATED bool getBroadcastAcrossBatch() const noexcept { return mImpl->getBroadcastAcrossBatch(); }

    //! Side on which the data lies.
    TensorLocation getLocation() const noexcept { return mImpl->getLocation(); }

    //! Deprecated (10.0). Only kDEVICE is possible.
    TRT_DEPRECATED void setLocation(TensorLocation location) noexcept { mImpl->setLocation(location); }

    //! Deprecated (10.1). Whether a range was set.
    TRT_DEPRECATED bool dynamicRangeIsSet() const noexcept { return mImpl->dynamicRangeIsSet(); }

    //! Forgets the range.
    void resetDynamicRange() noexcept { mImpl->resetDynamicRange(); }

    //! Lower end of the range, NaN when none was set.
    float getDynamicRangeMin() const noexcept { return mImpl->getDynamicRangeMin(); }

    //! Upper end of the range, NaN when none was set.
    float getDynamicRangeMax() const noexcept { return mImpl->getDynamicRangeMax(); }

    //! Formats that the engine may choose from for a network input or output. Default: all; shape tensors allow
    //! kLINEAR only.
    void setAllowedFormats(TensorFormats formats) noexcept { mImpl->setAllowedFormats(formats); }

    //! The allowed formats.
    TensorFormats getAllowedFormats() const noexcept { return mImpl->getAllowedFormats(); }

    //! Whether its values are needed to compute shapes, so that they are known on the host. Reliable once the network
    //! is complete.
    bool isShapeTensor() const noexcept { return mImpl->isShapeTensor(); }

    //! Whether its values are computed on the device. Reliable once the network is complete. An input that is neither
    //! only contributes its shape; its address may be null.
    bool isExecutionTensor() const noexcept { return mImpl->isExecutionTensor(); }

    //! Names a dimension of a network input; nullptr removes the name. Dimensions of one name must be equal at run
    //! time, which helps the optimizer. The name is copied.
    void setDimensionName(int32_t index, char const* name) noexcept { mImpl->setDimensionName(index, name); }

    //! Name of a dimension, or nullptr.
    char const* getDimensionName(int32_t index) const noexcept { return mImpl->getDimensionName(index); }

  protected:
    apiv::VTensor* mImpl;
    virtual ~ITensor() noexcept = default;
};

//! A node of a network. Belongs to the network; made by INetworkDefinition's add… functions.
class ILayer : public INoCopy {
  public:
    //! Which layer it is.
    LayerType getType() const noexcept { return mLayer->getType(); }

    //! Name for messages, profiles and refitting; copied. At most 4096 bytes with the terminator.
    void setName(char const* name) noexcept { mLayer->setName(name); }

    //! The name.
    char const* getName() const noexcept { return mLayer->getName(); }

    //! Number of inputs, optional ones up to the last that is set included.
    int32_t getNbInputs() const noexcept { return mLayer->getNbInputs(); }

    //! Input `index`, or nullptr when out of range or an optional input that is not set.
    ITensor* getInput(int32_t index) const noexcept { return mLayer->getInput(index); }

    //! Number of outputs.
    int32_t getNbOutputs() const noexcept { return mLayer->getNbOutputs(); }

    //! Output `index`, or nullptr when out of range.
    ITensor* getOutput(int32_t index) const noexcept { return mLayer->getOutput(index); }

    //! Replaces input `index`, which must be below getNbInputs() but for layers with optional inputs, whose classes
    //! list them.
    void setInput(int32_t index, ITensor& tensor) noexcept { mLayer->setInput(index, tensor); }

    //! Deprecated (10.12): use a strongly typed network. Type that the layer should compute in. A preference, unless
    //! BuilderFlag::kOBEY_PRECISION_CONSTRAINTS or kPREFER_PRECISION_CONSTRAINTS is set. An error in a strongly typed
    //! network.
    TRT_DEPRECATED void setPrecision(DataType dataType) noexcept { mLayer->setPrecision(dataType); }

    //! Type that the layer computes in, as far as set.
    DataType getPrecision() const noexcept { return mLayer->getPrecision(); }

    //! Deprecated (10.12). Whether setPrecision() was called.
    TRT_DEPRECATED bool precisionIsSet() const noexcept { return mLayer->precisionIsSet(); }

    //! Deprecated (10.12). Undoes setPrecision().
    TRT_DEPRECATED void resetPrecision() noexcept { mLayer->resetPrecision(); }

    //! Deprecated (10.12): use a strongly typed network. Type that an output should have, under the same rules as
    //! setPrecision().
    TRT_DEPRECATED void setOutputType(int32_t index, DataType dataType) noexcept {
        mLayer->setOutputType(index, dataType);
    }

    //! Type of an output: the one that was set, or the one that the layer's kind fixes, or kFLOAT.
    DataType getOutputType(int32_t index) const noexcept { return mLayer->getOutputType(index); }

    //! Deprecated (10.12). Whether setOutputType() was called.
    TRT_DEPRECATED bool outputTypeIsSet(int32_t index) const noexcept { return mLayer->outputTypeIsSet(index); }

    //! Deprecated (10.12). Undoes setOutputType().
    TRT_DEPRECATED void resetOutputType(int32_t index) noexcept { mLayer->resetOutputType(index); }

    //! Free text that inspectors show with ProfilingVerbosity::kDETAILED; copied. At most 4096 bytes with the
    //! terminator.
    void setMetadata(char const* metadata) noexcept { mLayer->setMetadata(metadata); }

    //! The text, an empty string by default.
    char const* getMetadata() const noexcept { return mLayer->getMetadata(); }

    //! Number of processes that share the layer's work, 1 at least. More than 1 is for IDistCollectiveLayer only
    //! (attention has its own call); returns false otherwise.
    bool setNbRanks(int32_t nbRanks) noexcept { return mLayer->setNbRanks(nbRanks); }

    //! Number of processes. Default 1.
    int32_t getNbRanks() const noexcept { return mLayer->getNbRanks(); }

  protected:
    virtual ~ILayer() noexcept = default;
    apiv::VLayer* mLayer;
};

//! How the output size of a convolution, deconvolution or pooling follows from its padding. In each spatial
//! dimension: I input, O output, S stride, B pre-padding, A post-padding, K = 1 + dilation * (kernel - 1).
//!
//! - Convolution and pooling, explicit: O = (I + B + A - K) / S + 1, rounded as the mode says.
//! - Convolution and pooling, "same": O = ceil(I / S), the padding P = (ceil(I / S) - 1) * S + K - I is split between
//!   the ends.
//! - Deconvolution, explicit: O = (I - 1) * S + K - B - A; no rounding occurs.
//! - Deconvolution, "same": O = min(I * S, (I - 1) * S + K), of the excess max(K - S, 0) is cut off at the ends.
//!
//! A mode other than kEXPLICIT_ROUND_DOWN overrides explicit paddings as far as it determines them.
enum class PaddingMode : int32_t {
    kEXPLICIT_ROUND_DOWN = 0,  //!< Padding as set, output size rounded down.
    kEXPLICIT_ROUND_UP = 1,    //!< Padding as set, output size rounded up.
    kSAME_UPPER = 2,           //!< Padding computed; an odd element goes to the end.
    kSAME_LOWER = 3,           //!< Padding computed; an odd element goes to the start.
};

template <>
struct impl::EnumMaxImpl<PaddingMode> : impl::EnumCount<4> {};

//! Convolution (as cross-correlation) of [N, C, spatial…] over two or three spatial dimensions, with an optional bias
//! for each output channel.
//!
//! Inputs: 0 data; 1 kernel, when the kernel weights are empty; 2 bias, when the bias weights are empty. C must be
//! constant.
class IConvolutionLayer : public ILayer {
  public:
    //! Number of output channels K.
    void setNbOutputMaps(int64_t nbOutputMaps) noexcept { mImpl->setNbOutputMaps(nbOutputMaps); }

    //! Number of output channels.
    int64_t getNbOutputMaps() const noexcept { return mImpl->getNbOutputMaps(); }

    //! Number of groups G that channels are divided into, each convolved by itself. Must divide C and K. Default 1.
    void setNbGroups(int64_t nbGroups) noexcept { mImpl->setNbGroups(nbGroups); }

    //! Number of groups.
    int64_t getNbGroups() const noexcept { return mImpl->getNbGroups(); }

    //! Kernel as [K, C / G, spatial…]. Empty when input 1 gives it.
    void setKernelWeights(Weights weights) noexcept { mImpl->setKernelWeights(weights); }

    //! The kernel.
    Weights getKernelWeights() const noexcept { return mImpl->getKernelWeights(); }

    //! K values, or empty for no bias or when input 2 gives it.
    void setBiasWeights(Weights weights) noexcept { mImpl->setBiasWeights(weights); }

    //! The bias.
    Weights getBiasWeights() const noexcept { return mImpl->getBiasWeights(); }

    //! Zeros before the data in each spatial dimension. Default 0.
    void setPrePadding(Dims const& padding) noexcept { mImpl->setPrePadding(padding); }

    //! Zeros before the data.
    Dims getPrePadding() const noexcept { return mImpl->getPrePadding(); }

    //! Zeros after the data in each spatial dimension. Default 0.
    void setPostPadding(Dims const& padding) noexcept { mImpl->setPostPadding(padding); }

    //! Zeros after the data.
    Dims getPostPadding() const noexcept { return mImpl->getPostPadding(); }

    //! Default kEXPLICIT_ROUND_DOWN. Goes before explicit paddings.
    void setPaddingMode(PaddingMode paddingMode) noexcept { mImpl->setPaddingMode(paddingMode); }

    //! The padding mode.
    PaddingMode getPaddingMode() const noexcept { return mImpl->getPaddingMode(); }

    //! Extent of the kernel in each spatial dimension.
    void setKernelSizeNd(Dims const& kernelSize) noexcept { mImpl->setKernelSizeNd(kernelSize); }

    //! Extent of the kernel.
    Dims getKernelSizeNd() const noexcept { return mImpl->getKernelSizeNd(); }

    //! Step in each spatial dimension. Default 1.
    void setStrideNd(Dims const& stride) noexcept { mImpl->setStrideNd(stride); }

    //! Step in each spatial dimension.
    Dims getStrideNd() const noexcept { return mImpl->getStrideNd(); }

    //! Sets pre- and post-padding to the same values.
    void setPaddingNd(Dims const& padding) noexcept { mImpl->setPaddingNd(padding); }

    //! The padding; the pre-padding where both differ.
    Dims getPaddingNd() const noexcept { return mImpl->getPaddingNd(); }

    //! Distance of kernel elements in each spatial dimension. Default 1.
    void setDilationNd(Dims const& dilation) noexcept { mImpl->setDilationNd(dilation); }

    //! Distance of kernel elements.
    Dims getDilationNd() const noexcept { return mImpl->getDilationNd(); }
    using ILayer::setInput;

  protected:
    virtual ~IConvolutionLayer() noexcept = default;
    apiv::VConvolutionLayer* mImpl;
};

//! Applies a function to each element; the output has the input's shape and type.
class IActivationLayer : public ILayer {
  public:
    //! Function to apply.
    void setActivationType(ActivationType type) noexcept { mImpl->setActivationType(type); }

    //! Function that is applied.
    ActivationType getActivationType() const noexcept { return mImpl->getActivationType(); }

    //! First parameter, finite; ignored by functions that have none.
    void setAlpha(float alpha) noexcept { mImpl->setAlpha(alpha); }

    //! Second parameter, finite; ignored by functions that have none.
    void setBeta(float beta) noexcept { mImpl->setBeta(beta); }

    //! First parameter.
    float getAlpha() const noexcept { return mImpl->getAlpha(); }

    //! Second parameter.
    float getBeta() const noexcept { return mImpl->getBeta(); }

  protected:
    virtual ~IActivationLayer() noexcept = default;
    apiv::VActivationLayer* mImpl;
};

//! What pooling makes of a window.
enum class PoolingType : int32_t {
    kMAX = 0,                //!< The largest element.
    kAVERAGE = 1,            //!< The mean; setAverageCountExcludesPadding() says what it is divided by.
    kMAX_AVERAGE_BLEND = 2,  //!< (1 - blend) * maximum + blend * mean
};

template <>
struct impl::EnumMaxImpl<PoolingType> : impl::EnumCount<3> {};

//! Pooling of [N, C, spatial…] over two or three spatial dimensions. Padding never wins a maximum and counts as zero
//! in a mean.
class IPoolingLayer : public ILayer {
  public:
    //! What is computed for a window.
    void setPoolingType(PoolingType type) noexcept { mImpl->setPoolingType(type); }

    //! What is computed for a window.
    PoolingType getPoolingType() const noexcept { return mImpl->getPoolingType(); }

    //! Share of the mean in kMAX_AVERAGE_BLEND, 0 to 1. Default 0. Ignored otherwise.
    void setBlendFactor(float blendFactor) noexcept { mImpl->setBlendFactor(blendFactor); }

    //! Share of the mean.
    float getBlendFactor() const noexcept { return mImpl->getBlendFactor(); }

    //! Whether a mean is divided by the number of elements of the window that are data (true, the default) or by
    //! those of the padded input.
    void setAverageCountExcludesPadding(bool exclusive) noexcept { mImpl->setAverageCountExcludesPadding(exclusive); }

    //! Whether padding is left out of the divisor.
    bool getAverageCountExcludesPadding() const noexcept { return mImpl->getAverageCountExcludesPadding(); }

    //! Padding before the data in each spatial dimension. Default 0.
    void setPrePadding(Dims const& padding) noexcept { mImpl->setPrePadding(padding); }

    //! Padding before the data.
    Dims getPrePadding() const noexcept { return mImpl->getPrePadding(); }

    //! Padding after the data in each spatial dimension. Default 0.
    void setPostPadding(Dims const& padding) noexcept { mImpl->setPostPadding(padding); }

    //! Padding after the data.
    Dims getPostPadding() const noexcept { return mImpl->getPostPadding(); }

    //! Default kEXPLICIT_ROUND_DOWN. Goes before explicit paddings.
    void setPaddingMode(PaddingMode paddingMode) noexcept { mImpl->setPaddingMode(paddingMode); }

    //! The padding mode.
    PaddingMode getPaddingMode() const noexcept { return mImpl->getPaddingMode(); }

    //! Extent of the window in each spatial dimension.
    void setWindowSizeNd(Dims const& windowSize) noexcept { mImpl->setWindowSizeNd(windowSize); }

    //! Extent of the window.
    Dims getWindowSizeNd() const noexcept { return mImpl->getWindowSizeNd(); }

    //! Step in each spatial dimension. Default 1.
    void setStrideNd(Dims const& stride) noexcept { mImpl->setStrideNd(stride); }

    //! Step in each spatial dimension.
    Dims getStrideNd() const noexcept { return mImpl->getStrideNd(); }

    //! Sets pre- and post-padding to the same values.
    void setPaddingNd(Dims const& padding) noexcept { mImpl->setPaddingNd(padding); }

    //! The padding; the pre-padding where both differ.
    Dims getPaddingNd() const noexcept { return mImpl->getPaddingNd(); }

  protected:
    virtual ~IPoolingLayer() noexcept = default;
    apiv::VPoolingLayer* mImpl;
};

//! Local response normalization across channels: x / (k + alpha * s / window)^beta, s being the sum of squares of the
//! `window` channels around that of x.
class ILRNLayer : public ILayer {
  public:
    //! Number of channels, odd, 1 to 15.
    void setWindowSize(int64_t windowSize) noexcept { mImpl->setWindowSize(windowSize); }

    //! Number of channels.
    int64_t getWindowSize() const noexcept { return mImpl->getWindowSize(); }

    //! From -1e20 to 1e20.
    void setAlpha(float alpha) noexcept { mImpl->setAlpha(alpha); }

    //! Value of alpha.
    float getAlpha() const noexcept { return mImpl->getAlpha(); }

    //! From 0.01 to 1e5.
    void setBeta(float beta) noexcept { mImpl->setBeta(beta); }

    //! Value of beta.
    float getBeta() const noexcept { return mImpl->getBeta(); }

    //! From 1e-5 to 1e10.
    void setK(float k) noexcept { mImpl->setK(k); }

    //! Value of k.
    float getK() const noexcept { return mImpl->getK(); }

  protected:
    virtual ~ILRNLayer() noexcept = default;
    apiv::VLRNLayer* mImpl;
};

//! Over what the coefficients of a scale layer vary.
enum class ScaleMode : int32_t {
    kUNIFORM = 0,      //!< One coefficient for all.
    kCHANNEL = 1,      //!< One for each channel.
    kELEMENTWISE = 2,  //!< One for each element of the channel axis and those after it.
};

template <>
struct impl::EnumMaxImpl<ScaleMode> : impl::EnumCount<3> {};

//! (x * scale + shift)^power with constant coefficients. Empty weights stand for scale 1, shift 0, power 1. The input
//! has rank 4 at least.
class IScaleLayer : public ILayer {
  public:
    //! Over what the coefficients vary, hence their number.
    void setMode(ScaleMode mode) noexcept { mImpl->setMode(mode); }

    //! Over what the coefficients vary.
    ScaleMode getMode() const noexcept { return mImpl->getMode(); }

    //! Coefficients that are added.
    void setShift(Weights shift) noexcept { mImpl->setShift(shift); }

    //! Coefficients that are added.
    Weights getShift() const noexcept { return mImpl->getShift(); }

    //! Coefficients to multiply with.
    void setScale(Weights scale) noexcept { mImpl->setScale(scale); }

    //! Coefficients to multiply with.
    Weights getScale() const noexcept { return mImpl->getScale(); }

    //! Exponents.
    void setPower(Weights power) noexcept { mImpl->setPower(power); }

    //! Exponents.
    Weights getPower() const noexcept { return mImpl->getPower(); }

    //! Index of the channel axis.
    int32_t getChannelAxis() const noexcept { return mImpl->getChannelAxis(); }

    //! Index of the channel axis; addScale() sets the third from last.
    void setChannelAxis(int32_t channelAxis) noexcept { mImpl->setChannelAxis(channelAxis); }

  protected:
    virtual ~IScaleLayer() noexcept = default;
    apiv::VScaleLayer* mImpl;
};

//! exp(x) / sum of exp(x) along one axis; the output has the input's shape.
class ISoftMaxLayer : public ILayer {
  public:
    //! Axis as a bit mask with exactly one bit, 1 << axis. Default: the third axis from the end, or 0 when there are
    //! fewer than three.
    void setAxes(uint32_t axes) noexcept { mImpl->setAxes(axes); }

    //! Axis as a bit mask.
    uint32_t getAxes() const noexcept { return mImpl->getAxes(); }

  protected:
    virtual ~ISoftMaxLayer() noexcept = default;
    apiv::VSoftMaxLayer* mImpl;
};

//! Joins its inputs, of one type and equal in all other dimensions, along an axis.
class IConcatenationLayer : public ILayer {
  public:
    //! Axis to join along. Default: the third from the end, or 0 when there are fewer than three.
    void setAxis(int32_t axis) noexcept { mImpl->setAxis(axis); }

    //! Axis that is joined along.
    int32_t getAxis() const noexcept { return mImpl->getAxis(); }

  protected:
    virtual ~IConcatenationLayer() noexcept = default;
    apiv::VConcatenationLayer* mImpl;
};

//! Transposed convolution of [N, C, spatial…] over two or three spatial dimensions, with an optional bias for each
//! output channel.
//!
//! Inputs: 0 data; 1 kernel, when the kernel weights are empty; 2 bias, when the bias weights are empty. C must be
//! constant.
class IDeconvolutionLayer : public ILayer {
  public:
    //! Number of output channels K.
    void setNbOutputMaps(int64_t nbOutputMaps) noexcept { mImpl->setNbOutputMaps(nbOutputMaps); }

    //! Number of output channels.
    int64_t getNbOutputMaps() const noexcept { return mImpl->getNbOutputMaps(); }

    //! Number of groups G that channels are divided into. Must divide C and K. Default 1.
    void setNbGroups(int64_t nbGroups) noexcept { mImpl->setNbGroups(nbGroups); }

    //! Number of groups.
    int64_t getNbGroups() const noexcept { return mImpl->getNbGroups(); }

    //! Kernel as [C, K / G, spatial…]. Empty when input 1 gives it.
    void setKernelWeights(Weights weights) noexcept { mImpl->setKernelWeights(weights); }

    //! The kernel.
    Weights getKernelWeights() const noexcept { return mImpl->getKernelWeights(); }

    //! K values, or empty for no bias or when input 2 gives it.
    void setBiasWeights(Weights weights) noexcept { mImpl->setBiasWeights(weights); }

    //! The bias.
    Weights getBiasWeights() const noexcept { return mImpl->getBiasWeights(); }

    //! Elements cut off the start of the result in each spatial dimension, not negative. Default 0.
    void setPrePadding(Dims const& padding) noexcept { mImpl->setPrePadding(padding); }

    //! Elements cut off the start.
    Dims getPrePadding() const noexcept { return mImpl->getPrePadding(); }

    //! Elements cut off the end of the result in each spatial dimension, not negative. Default 0.
    void setPostPadding(Dims const& padding) noexcept { mImpl->setPostPadding(padding); }

    //! Elements cut off the end.
    Dims getPostPadding() const noexcept { return mImpl->getPostPadding(); }

    //! Default kEXPLICIT_ROUND_DOWN. Goes before explicit paddings.
    void setPaddingMode(PaddingMode paddingMode) noexcept { mImpl->setPaddingMode(paddingMode); }

    //! The padding mode.
    PaddingMode getPaddingMode() const noexcept { return mImpl->getPaddingMode(); }

    //! Extent of the kernel in each spatial dimension.
    void setKernelSizeNd(Dims const& kernelSize) noexcept { mImpl->setKernelSizeNd(kernelSize); }

    //! Extent of the kernel.
    Dims getKernelSizeNd() const noexcept { return mImpl->getKernelSizeNd(); }

    //! Step in each spatial dimension of the output. Default 1.
    void setStrideNd(Dims const& stride) noexcept { mImpl->setStrideNd(stride); }

    //! Step in each spatial dimension.
    Dims getStrideNd() const noexcept { return mImpl->getStrideNd(); }

    //! Sets pre- and post-padding to the same values.
    void setPaddingNd(Dims const& padding) noexcept { mImpl->setPaddingNd(padding); }

    //! The padding; the pre-padding where both differ.
    Dims getPaddingNd() const noexcept { return mImpl->getPaddingNd(); }
    using ILayer::setInput;

    //! Distance of kernel elements in each spatial dimension. Default 1.
    void setDilationNd(Dims const& dilation) noexcept { mImpl->setDilationNd(dilation); }

    //! Distance of kernel elements.
    Dims getDilationNd() const noexcept { return mImpl->getDilationNd(); }

  protected:
    virtual ~IDeconvolutionLayer() noexcept = default;
    apiv::VDeconvolutionLayer* mImpl;
};

//! Operation on two elements. kAND, kOR and kXOR take booleans; comparisons give booleans; the others take and give
//! numbers.
enum class ElementWiseOperation : int32_t {
    kSUM = 0,        //!< a + b
    kPROD = 1,       //!< a * b
    kMAX = 2,        //!< The larger one.
    kMIN = 3,        //!< The smaller one.
    kSUB = 4,        //!< a - b
    kDIV = 5,        //!< a / b; integers are truncated.
    kPOW = 6,        //!< a to the power of b
    kFLOOR_DIV = 7,  //!< a / b rounded towards negative infinity
    kAND = 8,        //!< Logical and.
    kOR = 9,         //!< Logical or.
    kXOR = 10,       //!< Logical exclusive or.
    kEQUAL = 11,     //!< a == b
    kGREATER = 12,   //!< a > b
    kLESS = 13,      //!< a < b
};

template <>
struct impl::EnumMaxImpl<ElementWiseOperation> : impl::EnumCount<14> {};

//! Combines two tensors of equal rank element by element. In each dimension the extents are equal or one of them is
//! 1, which is then repeated.
class IElementWiseLayer : public ILayer {
  public:
    //! Operation to apply.
    void setOperation(ElementWiseOperation op) noexcept { mImpl->setOperation(op); }

    //! Operation that is applied.
    ElementWiseOperation getOperation() const noexcept { return mImpl->getOperation(); }

  protected:
    apiv::VElementWiseLayer* mImpl;
    virtual ~IElementWiseLayer() noexcept = default;
};

//! How a gather layer reads its indices.
enum class GatherMode : int32_t {
    kDEFAULT = 0,  //!< Slices along an axis, as ONNX Gather.
    kELEMENT = 1,  //!< Elements along an axis, as ONNX GatherElements.
    kND = 2,       //!< Slices at index tuples, as ONNX GatherND.
};

template <>
struct impl::EnumMaxImpl<GatherMode> : impl::EnumCount<3> {};

//! Takes elements of input 0 (data, rank r) at input 1 (indices, kINT32 or kINT64, rank q). An index out of range
//! gives 0.
//!
//! With E the number of elementwise dimensions:
//! - kDEFAULT: the axis of data is replaced by the dimensions of indices; rank q + r - 1 - E.
//! - kELEMENT: output[j] = data[j with the axis' entry replaced by indices[j]]; the shape of indices; q = r.
//! - kND: the last dimension of indices, which must be constant, holds tuples that index data after its first E
//!   dimensions.
class IGatherLayer : public ILayer {
  public:
    //! Axis of data to take from. Default 0. Of no meaning for kND.
    void setGatherAxis(int32_t axis) noexcept { mImpl->setGatherAxis(axis); }

    //! Axis of data that is taken from.
    int32_t getGatherAxis() const noexcept { return mImpl->getGatherAxis(); }

    //! Number E of leading dimensions that data and indices share: 0 or 1 for kDEFAULT, below the rank of data for
    //! kND, 0 for kELEMENT. Default 0.
    void setNbElementWiseDims(int32_t elementWiseDims) noexcept { mImpl->setNbElementWiseDims(elementWiseDims); }

    //! Number of leading dimensions that are shared.
    int32_t getNbElementWiseDims() const noexcept { return mImpl->getNbElementWiseDims(); }

    //! How indices are read.
    void setMode(GatherMode mode) noexcept { mImpl->setMode(mode); }

    //! How indices are read.
    GatherMode getMode() const noexcept { return mImpl->getMode(); }

  protected:
    apiv::VGatherLayer* mImpl;
    virtual ~IGatherLayer() noexcept = default;
};

//! A layer whose meaning a V2 plugin gives. Deprecated (10.8): IPluginV3Layer.
class TRT_DEPRECATED IPluginV2Layer : public ILayer {
  public:
    //! The plugin of the layer, a clone of the one that was added.
    IPluginV2& getPlugin() noexcept { return mImpl->getPlugin(); }

  protected:
    apiv::VPluginV2Layer* mImpl;
    virtual ~IPluginV2Layer() noexcept = default;
};

//! A layer whose meaning a V3 plugin gives.
class IPluginV3Layer : public ILayer {
  public:
    //! The plugin of the layer, a clone of the one that was added.
    IPluginV3& getPlugin() noexcept { return mImpl->getPlugin(); }

  protected:
    apiv::VPluginV3Layer* mImpl;
    virtual ~IPluginV3Layer() noexcept = default;
};

//! Operation on one element. kNOT takes booleans; kABS, kSIGN and kNEG also integers; the others floating point.
enum class UnaryOperation : int32_t {
    kEXP = 0,     //!< e to the power of x
    kLOG = 1,     //!< Natural logarithm.
    kSQRT = 2,    //!< Square root.
    kRECIP = 3,   //!< 1 / x
    kABS = 4,     //!< Absolute value.
    kNEG = 5,     //!< -x
    kSIN = 6,     //!< Sine of radians.
    kCOS = 7,     //!< Cosine of radians.
    kTAN = 8,     //!< Tangent of radians.
    kSINH = 9,    //!< Hyperbolic sine.
    kCOSH = 10,   //!< Hyperbolic cosine.
    kASIN = 11,   //!< Arc sine.
    kACOS = 12,   //!< Arc cosine.
    kATAN = 13,   //!< Arc tangent.
    kASINH = 14,  //!< Inverse hyperbolic sine.
    kACOSH = 15,  //!< Inverse hyperbolic cosine.
    kATANH = 16,  //!< Inverse hyperbolic tangent.
    kCEIL = 17,   //!< Rounded up.
    kFLOOR = 18,  //!< Rounded down.
    kERF = 19,    //!< Gauss error function.
    kNOT = 20,    //!< Logical negation.
    kSIGN = 21,   //!< -1, 0 or 1
    kROUND = 22,  //!< Rounded to nearest, ties to even.
    kISINF = 23,  //!< Whether x is an infinity; gives a boolean.
    kISNAN = 24,  //!< Whether x is not a number; gives a boolean.
};

template <>
struct impl::EnumMaxImpl<UnaryOperation> : impl::EnumCount<25> {};

//! Applies an operation to each element.
class IUnaryLayer : public ILayer {
  public:
    //! Operation to apply.
    void setOperation(UnaryOperation op) noexcept { mImpl->setOperation(op); }

    //! Operation that is applied.
    UnaryOperation getOperation() const noexcept { return mImpl->getOperation(); }

  protected:
    apiv::VUnaryLayer* mImpl;
    virtual ~IUnaryLayer() noexcept = default;
};

//! What a reduction computes; in brackets its result over nothing.
enum class ReduceOperation : int32_t {
    kSUM = 0,   //!< Sum (0).
    kPROD = 1,  //!< Product (1).
    kMAX = 2,   //!< Largest element (negative infinity, or the smallest integer).
    kMIN = 3,   //!< Smallest element (infinity, or the largest integer).
    kAVG = 4,   //!< Mean (NaN, or 0 for integers).
    kNONE = 5,  //!< Nothing; for collective operations that do not reduce.
};

template <>
struct impl::EnumMaxImpl<ReduceOperation> : impl::EnumCount<6> {};

//! Communication between the processes of a group.
enum class CollectiveOperation : int32_t {
    kALL_REDUCE = 0,      //!< Every process gets the reduction of all inputs.
    kALL_GATHER = 1,      //!< Every process gets all inputs, joined along the first axis.
    kBROADCAST = 2,       //!< Every process gets the root's input.
    kREDUCE = 3,          //!< The root gets the reduction of all inputs.
    kREDUCE_SCATTER = 4,  //!< Every process gets its part of the reduction of all inputs.
};

template <>
struct impl::EnumMaxImpl<CollectiveOperation> : impl::EnumCount<5> {};

//! Reduces a tensor over some of its axes. Not for booleans.
class IReduceLayer : public ILayer {
  public:
    //! What is computed.
    void setOperation(ReduceOperation op) noexcept { mImpl->setOperation(op); }

    //! What is computed.
    ReduceOperation getOperation() const noexcept { return mImpl->getOperation(); }

    //! Axes to reduce over, as a bit mask: 1 << axis.
    void setReduceAxes(uint32_t reduceAxes) noexcept { mImpl->setReduceAxes(reduceAxes); }

    //! Axes that are reduced over, as a bit mask.
    uint32_t getReduceAxes() const noexcept { return mImpl->getReduceAxes(); }

    //! Whether reduced axes stay, with extent 1.
    void setKeepDimensions(bool keepDimensions) noexcept { mImpl->setKeepDimensions(keepDimensions); }

    //! Whether reduced axes stay.
    bool getKeepDimensions() const noexcept { return mImpl->getKeepDimensions(); }

  protected:
    apiv::VReduceLayer* mImpl;
    virtual ~IReduceLayer() noexcept = default;
};

//! Adds zeros at the ends of the last two dimensions, or cuts elements off where the padding is negative. ISliceLayer
//! with SampleMode::kFILL does so for any dimension.
class IPaddingLayer : public ILayer {
  public:
    //! Padding at the start: two values, of the last two dimensions.
    void setPrePaddingNd(Dims const& padding) noexcept { mImpl->setPrePaddingNd(padding); }

    //! Padding at the start.
    Dims getPrePaddingNd() const noexcept { return mImpl->getPrePaddingNd(); }

    //! Padding at the end: two values, of the last two dimensions.
    void setPostPaddingNd(Dims const& padding) noexcept { mImpl->setPostPaddingNd(padding); }

    //! Padding at the end.
    Dims getPostPaddingNd() const noexcept { return mImpl->getPostPaddingNd(); }

  protected:
    apiv::VPaddingLayer* mImpl;
    virtual ~IPaddingLayer() noexcept = default;
};

//! An order of axes.
struct Permutation {
    //! Output axis i is input axis order[i]; {0, 2, 3, 1} makes NHWC of NCHW. Entries from the rank on are ignored.
    int32_t order[Dims::MAX_DIMS];
};

//! A transpose, then a reshape, then another transpose; each does nothing by default.
//!
//! Inputs: 0 data; 1 (optional) the new shape, a kINT32 or kINT64 vector, in place of setReshapeDimensions().
class IShuffleLayer : public ILayer {
  public:
    //! Transpose before the reshape.
    void setFirstTranspose(Permutation permutation) noexcept { mImpl->setFirstTranspose(permutation); }

    //! Transpose before the reshape.
    Permutation getFirstTranspose() const noexcept { return mImpl->getFirstTranspose(); }

    //! New shape, of the same volume. One entry may be -1: it follows from the others. 0 means the input's extent of
    //! that index, or an extent of 0, as setZeroIsPlaceholder() says. Removes input 1.
    void setReshapeDimensions(Dims const& dimensions) noexcept { mImpl->setReshapeDimensions(dimensions); }

    //! The new shape; rank -1 when none was set or input 1 gives it.
    Dims getReshapeDimensions() const noexcept { return mImpl->getReshapeDimensions(); }
    using ILayer::setInput;

    //! Transpose after the reshape.
    void setSecondTranspose(Permutation permutation) noexcept { mImpl->setSecondTranspose(permutation); }

    //! Transpose after the reshape.
    Permutation getSecondTranspose() const noexcept { return mImpl->getSecondTranspose(); }

    //! Whether 0 in the new shape means the input's extent of that index (true, the default) or an extent of 0.
    void setZeroIsPlaceholder(bool zeroIsPlaceholder) noexcept { mImpl->setZeroIsPlaceholder(zeroIsPlaceholder); }

    //! Whether 0 means the input's extent.
    bool getZeroIsPlaceholder() const noexcept { return mImpl->getZeroIsPlaceholder(); }

  protected:
    apiv::VShuffleLayer* mImpl;
    virtual ~IShuffleLayer() noexcept = default;
};

//! What is read outside of a tensor.
enum class SampleMode : int32_t {
    kSTRICT_BOUNDS = 0,  //!< Nothing: it is an error.
    kWRAP = 1,           //!< The tensor, repeated.
    kCLAMP = 2,          //!< The nearest element at the edge.
    kFILL = 3,           //!< A given value.
    kREFLECT = 4,        //!< The tensor, mirrored at the middle of its edge elements.
};

template <>
struct impl::EnumMaxImpl<SampleMode> : impl::EnumCount<5> {};

//! output[i] = input[start + i * stride], for i within size; strides may be negative or 0.
//!
//! Inputs, those after the first optional and in place of the function's value: 0 data; 1 start; 2 size; 3 stride; 4
//! fill value for kFILL, a scalar; 5 axes. All but 0 and 4 are kINT32 or kINT64 vectors.
class ISliceLayer : public ILayer {
  public:
    //! First index in each dimension, or of each of the axes. Removes input 1.
    void setStart(Dims const& start) noexcept { mImpl->setStart(start); }

    //! First index; rank -1 when input 1 gives it.
    Dims getStart() const noexcept { return mImpl->getStart(); }

    //! Extent of the output in each dimension, or of each of the axes. Removes input 2.
    void setSize(Dims const& size) noexcept { mImpl->setSize(size); }

    //! Extent of the output; rank -1 when input 2 gives it.
    Dims getSize() const noexcept { return mImpl->getSize(); }

    //! Step in each dimension, or of each of the axes. Removes input 3.
    void setStride(Dims const& stride) noexcept { mImpl->setStride(stride); }

    //! Step; rank -1 when input 3 gives it.
    Dims getStride() const noexcept { return mImpl->getStride(); }

    //! What is read out of range. Default kSTRICT_BOUNDS.
    void setMode(SampleMode mode) noexcept { mImpl->setMode(mode); }

    //! What is read out of range.
    SampleMode getMode() const noexcept { return mImpl->getMode(); }
    using ILayer::setInput;

    //! Axes that start, size and stride are about; the others are taken whole. By default they are about all axes.
    //! Removes input 5.
    void setAxes(Dims const& axes) noexcept { mImpl->setAxes(axes); }

    //! The axes; rank -1 when input 5 gives them.
    Dims getAxes() const noexcept { return mImpl->getAxes(); }

  protected:
    apiv::VSliceLayer* mImpl;
    virtual ~ISliceLayer() noexcept = default;
};

//! The shape of its input, as a kINT64 vector (kINT32 before 10.0).
class IShapeLayer : public ILayer {
  protected:
    apiv::VShapeLayer* mImpl;
    virtual ~IShapeLayer() noexcept = default;
};

//! Which elements a top-k layer selects.
enum class TopKOperation : int32_t {
    kMAX = 0,  //!< The largest.
    kMIN = 1,  //!< The smallest.
};

template <>
struct impl::EnumMaxImpl<TopKOperation> : impl::EnumCount<2> {};

//! The k largest or smallest elements along an axis, best first. Outputs: 0 values, 1 their indices along the axis.
//!
//! Inputs: 0 data; 1 (optional) k, a kINT32 scalar, in place of setK().
class ITopKLayer : public ILayer {
  public:
    //! Which elements are selected.
    void setOperation(TopKOperation op) noexcept { mImpl->setOperation(op); }

    //! Which elements are selected.
    TopKOperation getOperation() const noexcept { return mImpl->getOperation(); }

    //! Number of elements, at most 3840. Removes input 1.
    void setK(int32_t k) noexcept { mImpl->setK(k); }

    //! Number of elements; -1 when input 1 gives it.
    int32_t getK() const noexcept { return mImpl->getK(); }

    //! Axis as a bit mask with exactly one bit; it must be one of the last four.
    void setReduceAxes(uint32_t reduceAxes) noexcept { mImpl->setReduceAxes(reduceAxes); }

    //! Axis as a bit mask.
    uint32_t getReduceAxes() const noexcept { return mImpl->getReduceAxes(); }
    using ILayer::setInput;

    //! Type of the indices, kINT32 (the default) or kINT64. Returns false for others.
    bool setIndicesType(DataType type) noexcept { return mImpl->setIndicesType(type); }

    //! Type of the indices.
    DataType getIndicesType() const noexcept { return mImpl->getIndicesType(); }

  protected:
    apiv::VTopKLayer* mImpl;
    virtual ~ITopKLayer() noexcept = default;
};

//! What a matrix product does to an operand first.
enum class MatrixOperation : int32_t {
    //! The last two dimensions are a matrix; those before them count matrices.
    kNONE = 0,
    //! As kNONE, with the matrix transposed.
    kTRANSPOSE = 1,
    //! The last dimension is a vector; those before it count vectors. Its place is gone from the result.
    kVECTOR = 2,
};

template <>
struct impl::EnumMaxImpl<MatrixOperation> : impl::EnumCount<3> {};

//! Product of two matrices or vectors, or of collections of them. The dimensions that count them must be of equal
//! number, and equal or 1 in one operand, which is then repeated.
class IMatrixMultiplyLayer : public ILayer {
  public:
    //! What is done to operand 0 or 1 first.
    void setOperation(int32_t index, MatrixOperation op) noexcept { mImpl->setOperation(index, op); }

    //! What is done to operand 0 or 1 first.
    MatrixOperation getOperation(int32_t index) const noexcept { return mImpl->getOperation(index); }

  protected:
    apiv::VMatrixMultiplyLayer* mImpl;
    virtual ~IMatrixMultiplyLayer() noexcept = default;
};

//! Positions of the elements that are not zero, as a matrix [rank of the input, number of them], ordered as the
//! elements are. The number is known only at run time.
class INonZeroLayer : public ILayer {
  public:
    //! Type of the positions, kINT32 (the default) or kINT64. Returns false for others.
    bool setIndicesType(DataType type) noexcept { return mImpl->setIndicesType(type); }

    //! Type of the positions.
    DataType getIndicesType() const noexcept { return mImpl->getIndicesType(); }

  protected:
    virtual ~INonZeroLayer() noexcept = default;
    apiv::VNonZeroLayer* mImpl;
};

//! Softmax over the first `bounds` elements of each row. Inputs: 0 data [batch, Z, S]; 1 bounds [batch, Z, 1],
//! kINT32. What is past the bound becomes 0.
class IRaggedSoftMaxLayer : public ILayer {
  protected:
    apiv::VRaggedSoftMaxLayer* mImpl;
    virtual ~IRaggedSoftMaxLayer() noexcept = default;
};

//! The input unchanged, possibly in another layout. In a weakly typed network it also converts, when the output type
//! is set; ICastLayer is the better way.
class IIdentityLayer : public ILayer {
  protected:
    apiv::VIdentityLayer* mImpl;
    virtual ~IIdentityLayer() noexcept = default;
};

//! Converts the elements to another type. Floating point becomes integer by dropping the fraction; to kBOOL, all but
//! 0 is true.
class ICastLayer : public ILayer {
  public:
    //! Type to convert to.
    void setToType(DataType toType) noexcept { mImpl->setToType(toType); }

    //! Type that is converted to.
    DataType getToType() const noexcept { return mImpl->getToType(); }

  protected:
    apiv::VCastLayer* mImpl;
    virtual ~ICastLayer() noexcept = default;
};

//! A constant.
class IConstantLayer : public ILayer {
  public:
    //! The values; their number is the volume of the dimensions, their type that of the output.
    void setWeights(Weights weights) noexcept { mImpl->setWeights(weights); }

    //! The values.
    Weights getWeights() const noexcept { return mImpl->getWeights(); }

    //! Shape of the output.
    void setDimensions(Dims const& dimensions) noexcept { mImpl->setDimensions(dimensions); }

    //! Shape of the output.
    Dims getDimensions() const noexcept { return mImpl->getDimensions(); }

  protected:
    apiv::VConstantLayer* mImpl;
    virtual ~IConstantLayer() noexcept = default;
};

//! x for x >= 0, else slope * x. Inputs: 0 x; 1 slope, of the same rank, its extents equal to those of x or 1.
class IParametricReLULayer : public ILayer {
  protected:
    apiv::VParametricReLULayer* mImpl;
    virtual ~IParametricReLULayer() noexcept = default;
};

//! How a value between elements is found.
enum class InterpolationMode : int32_t {
    kNEAREST = 0,  //!< The nearest element, in up to 8 dimensions.
    kLINEAR = 1,   //!< Linear in up to 3 dimensions.
    kCUBIC = 2,    //!< Cubic in 2 dimensions.
};

template <>
struct impl::EnumMaxImpl<InterpolationMode> : impl::EnumCount<3> {};

//! Coordinate x of the input for coordinate y of the output; I and O are the extents.
enum class ResizeCoordinateTransformation : int32_t {
    kALIGN_CORNERS = 0,  //!< x = y * (I - 1) / (O - 1)
    kASYMMETRIC = 1,     //!< x = y * I / O
    kHALF_PIXEL = 2,     //!< x = (y + 0.5) * I / O - 0.5
};

template <>
struct impl::EnumMaxImpl<ResizeCoordinateTransformation> : impl::EnumCount<3> {};

//! Coordinate that is read when an output extent is 1.
enum class ResizeSelector : int32_t {
    kFORMULA = 0,  //!< What the transformation gives.
    kUPPER = 1,    //!< 0, the first element.
};

template <>
struct impl::EnumMaxImpl<ResizeSelector> : impl::EnumCount<2> {};

//! How a coordinate is rounded for kNEAREST.
enum class ResizeRoundMode : int32_t {
    kHALF_UP = 0,    //!< To nearest, halves up.
    kHALF_DOWN = 1,  //!< To nearest, halves down.
    kFLOOR = 2,      //!< Down.
    kCEIL = 3,       //!< Up.
};

template <>
struct impl::EnumMaxImpl<ResizeRoundMode> : impl::EnumCount<4> {};

//! Resamples a tensor to other extents, which setOutputDimensions(), setScales() or input 1 gives.
//!
//! Inputs: 0 data; 1 (optional) output dimensions, a kINT32 or kINT64 vector. Once there, it cannot be removed.
class IResizeLayer : public ILayer {
  public:
    //! Shape of the output, of the input's rank. An error when input 1 is set.
    void setOutputDimensions(Dims const& dimensions) noexcept { mImpl->setOutputDimensions(dimensions); }

    //! Shape of the output.
    Dims getOutputDimensions() const noexcept { return mImpl->getOutputDimensions(); }

    //! A factor for each dimension: O = floor(I * scale). Copied. An error when input 1 is set.
    void setScales(float const* scales, int32_t nbScales) noexcept { mImpl->setScales(scales, nbScales); }

    //! Number of factors, or -1 when none were set. They are written to `scales` when it is not null and `size`
    //! equals their number.
    int32_t getScales(int32_t size, float* scales) const noexcept { return mImpl->getScales(size, scales); }

    //! Default kNEAREST.
    void setResizeMode(InterpolationMode interpolationMode) noexcept { mImpl->setResizeMode(interpolationMode); }

    //! The interpolation.
    InterpolationMode getResizeMode() const noexcept { return mImpl->getResizeMode(); }
    using ILayer::setInput;

    //! Default kASYMMETRIC.
    void setCoordinateTransformation(ResizeCoordinateTransformation coordTransform) noexcept {
        mImpl->setCoordinateTransformation(coordTransform);
    }

    //! The transformation of coordinates.
    ResizeCoordinateTransformation getCoordinateTransformation() const noexcept {
        return mImpl->getCoordinateTransformation();
    }

    //! Default kFORMULA.
    void setSelectorForSinglePixel(ResizeSelector selector) noexcept { mImpl->setSelectorForSinglePixel(selector); }

    //! Coordinate for an extent of 1.
    ResizeSelector getSelectorForSinglePixel() const noexcept { return mImpl->getSelectorForSinglePixel(); }

    //! Rounding of coordinates for kNEAREST. Default kFLOOR.
    void setNearestRounding(ResizeRoundMode value) noexcept { mImpl->setNearestRounding(value); }

    //! Rounding of coordinates.
    ResizeRoundMode getNearestRounding() const noexcept { return mImpl->getNearestRounding(); }

    //! Coefficient A of the cubic kernel. Default -0.75.
    void setCubicCoeff(float A) noexcept { mImpl->setCubicCoeff(A); }

    //! Coefficient of the cubic kernel.
    float getCubicCoeff() const noexcept { return mImpl->getCubicCoeff(); }

    //! Whether elements outside of the input get weight 0, the others being scaled up to a sum of 1. Default false.
    void setExcludeOutside(bool excludeFlag) noexcept { mImpl->setExcludeOutside(excludeFlag); }

    //! Whether elements outside get weight 0.
    bool getExcludeOutside() const noexcept { return mImpl->getExcludeOutside(); }

  protected:
    virtual ~IResizeLayer() noexcept = default;
    apiv::VResizeLayer* mImpl;
};

//! What leaves a loop.
enum class LoopOutput : int32_t {
    kLAST_VALUE = 0,   //!< The value after the last iteration.
    kCONCATENATE = 1,  //!< The values of all iterations, joined in their order.
    kREVERSE = 2,      //!< The values of all iterations, joined in reverse order.
};

template <>
struct impl::EnumMaxImpl<LoopOutput> : impl::EnumCount<3> {};

//! What ends a loop.
enum class TripLimit : int32_t {
    kCOUNT = 0,  //!< A number of iterations: a kINT32 or kINT64 scalar from outside the loop.
    kWHILE = 1,  //!< A kBOOL scalar computed in the loop, looked at before each iteration; false ends the loop.
};

template <>
struct impl::EnumMaxImpl<TripLimit> : impl::EnumCount<2> {};

class ILoop;

//! A layer between a loop and what is around it. Made by ILoop.
class ILoopBoundaryLayer : public ILayer {
  public:
    //! The loop.
    ILoop* getLoop() const noexcept { return mBoundary->getLoop(); }

  protected:
    virtual ~ILoopBoundaryLayer() noexcept = default;
    apiv::VLoopBoundaryLayer* mBoundary;
};

//! A layer between a conditional and what is around it. Made by IIfConditional.
class IIfConditionalBoundaryLayer : public ILayer {
  public:
    //! The conditional.
    IIfConditional* getConditional() const noexcept { return mBoundary->getConditional(); }

  protected:
    virtual ~IIfConditionalBoundaryLayer() noexcept = default;
    apiv::VConditionalBoundaryLayer* mBoundary;
};

//! Takes the condition of a conditional.
class IConditionLayer : public IIfConditionalBoundaryLayer {
  protected:
    virtual ~IConditionLayer() noexcept = default;
    apiv::VConditionLayer* mImpl;
};

//! One result of a conditional: input 0 when the condition holds, else input 1. Only the branch that is taken is
//! computed.
class IIfConditionalOutputLayer : public IIfConditionalBoundaryLayer {
  protected:
    virtual ~IIfConditionalOutputLayer() noexcept = default;
    apiv::VConditionalOutputLayer* mImpl;
};

//! Takes a value into both branches of a conditional.
class IIfConditionalInputLayer : public IIfConditionalBoundaryLayer {
  protected:
    virtual ~IIfConditionalInputLayer() noexcept = default;
    apiv::VConditionalInputLayer* mImpl;
};

//! Computes one of two subgraphs, chosen by a boolean at run time. What only one branch's results need is computed in
//! that branch. Values from outside may also be used directly.
class IIfConditional : public INoCopy {
  public:
    //! The condition, a kBOOL scalar.
    IConditionLayer* setCondition(ITensor& condition) noexcept { return mImpl->setCondition(condition); }

    //! A result, from both branches; their types and ranks must be equal.
    IIfConditionalOutputLayer* addOutput(ITensor& trueSubgraphOutput, ITensor& falseSubgraphOutput) noexcept {
        return mImpl->addOutput(trueSubgraphOutput, falseSubgraphOutput);
    }

    //! Takes a value into the branches.
    IIfConditionalInputLayer* addInput(ITensor& input) noexcept { return mImpl->addInput(input); }

    //! Name for messages; copied. At most 4096 bytes with the terminator.
    void setName(char const* name) noexcept { mImpl->setName(name); }

    //! The name.
    char const* getName() const noexcept { return mImpl->getName(); }

  protected:
    virtual ~IIfConditional() noexcept = default;
    apiv::VIfConditional* mImpl;
};

//! A value carried from iteration to iteration.
//!
//! Inputs: 0 the value in the first iteration, from outside; 1 the value in the next, usually from inside; required
//! before the build, with the shape of input 0.
class IRecurrenceLayer : public ILoopBoundaryLayer {
  public:
    using ILayer::setInput;

  protected:
    virtual ~IRecurrenceLayer() noexcept = default;
    apiv::VRecurrenceLayer* mImpl;
};

//! Takes a value out of a loop.
//!
//! Inputs: 0 the value, from inside; for kLAST_VALUE it must be a recurrence's output. 1, for kCONCATENATE and
//! kREVERSE: the extent of the joined axis, a kINT32 or kINT64 scalar from outside.
class ILoopOutputLayer : public ILoopBoundaryLayer {
  public:
    //! What leaves the loop.
    LoopOutput getLoopOutput() const noexcept { return mImpl->getLoopOutput(); }

    //! Axis at which the iterations are joined; the value's axes from there on move back. Default 0. Ignored for
    //! kLAST_VALUE.
    void setAxis(int32_t axis) noexcept { mImpl->setAxis(axis); }

    //! Axis at which the iterations are joined.
    int32_t getAxis() const noexcept { return mImpl->getAxis(); }
    using ILayer::setInput;

  protected:
    virtual ~ILoopOutputLayer() noexcept = default;
    apiv::VLoopOutputLayer* mImpl;
};

//! Takes what ends a loop.
class ITripLimitLayer : public ILoopBoundaryLayer {
  public:
    //! Which kind of limit it is.
    TripLimit getTripLimit() const noexcept { return mImpl->getTripLimit(); }

  protected:
    virtual ~ITripLimitLayer() noexcept = default;
    apiv::VTripLimitLayer* mImpl;
};

//! In iteration i, slice i of a tensor, without the axis.
class IIteratorLayer : public ILoopBoundaryLayer {
  public:
    //! Axis to slice.
    void setAxis(int32_t axis) noexcept { mImpl->setAxis(axis); }

    //! Axis that is sliced.
    int32_t getAxis() const noexcept { return mImpl->getAxis(); }

    //! Whether slices come last first; needs a trip count. Default false.
    void setReverse(bool reverse) noexcept { mImpl->setReverse(reverse); }

    //! Whether slices come last first.
    bool getReverse() const noexcept { return mImpl->getReverse(); }

  protected:
    virtual ~IIteratorLayer() noexcept = default;
    apiv::VIteratorLayer* mImpl;
};

//! A loop: what depends on its iterators and recurrences is computed in each iteration. Needs a trip limit, at most
//! one of each kind. Values from outside may be used directly.
class ILoop : public INoCopy {
  public:
    //! A carried value that starts as `initialValue`; its input 1 must be set before the build.
    IRecurrenceLayer* addRecurrence(ITensor& initialValue) noexcept { return mImpl->addRecurrence(initialValue); }

    //! What ends the loop; with both kinds, whichever comes first.
    ITripLimitLayer* addTripLimit(ITensor& tensor, TripLimit limit) noexcept {
        return mImpl->addTripLimit(tensor, limit);
    }

    //! Slices of `tensor` along `axis`, one an iteration.
    IIteratorLayer* addIterator(ITensor& tensor, int32_t axis = 0, bool reverse = false) noexcept {
        return mImpl->addIterator(tensor, axis, reverse);
    }

    //! Takes `tensor` out of the loop. kCONCATENATE and kREVERSE need the layer's input 1.
    ILoopOutputLayer* addLoopOutput(ITensor& tensor, LoopOutput outputKind, int32_t axis = 0) noexcept {
        return mImpl->addLoopOutput(tensor, outputKind, axis);
    }

    //! Name for messages; copied. At most 4096 bytes with the terminator.
    void setName(char const* name) noexcept { mImpl->setName(name); }

    //! The name.
    char const* getName() const noexcept { return mImpl->getName(); }

  protected:
    virtual ~ILoop() noexcept = default;
    apiv::VLoop* mImpl;
};

//! Element of input 1 where input 0 (kBOOL) is true, else of input 2. Equal ranks; extents are equal or 1, which is
//! then repeated.
class ISelectLayer : public ILayer {
  protected:
    virtual ~ISelectLayer() noexcept = default;
    apiv::VSelectLayer* mImpl;
};

//! Fails when an element of its boolean shape tensor is false: the build, where that can be proven, else the
//! execution. Has no output.
class IAssertionLayer : public ILayer {
  public:
    //! Text of the error; copied.
    void setMessage(char const* message) noexcept { mImpl->setMessage(message); }

    //! Text of the error.
    char const* getMessage() const noexcept { return mImpl->getMessage(); }

  protected:
    virtual ~IAssertionLayer() noexcept = default;
    apiv::VAssertionLayer* mImpl;
};

//! What a fill layer writes.
enum class FillOperation : int32_t {
    kLINSPACE = 0,        //!< alpha + beta[0] * i + beta[1] * j + … at index (i, j, …). kINT32, kINT64 or kFLOAT.
    kRANDOM_UNIFORM = 1,  //!< Uniform between alpha and beta. kFLOAT or kHALF.
    kRANDOM_NORMAL = 2,   //!< Normal with mean alpha and standard deviation beta. kFLOAT or kHALF.
};

template <>
struct impl::EnumMaxImpl<FillOperation> : impl::EnumCount<3> {};

//! A tensor filled with an arithmetic sequence or random values. Random values differ from call to call.
//!
//! Inputs, all optional and in place of the function's value: 0 dimensions, a kINT32 or kINT64 vector; 1 alpha, a
//! scalar; 2 beta, a scalar, for kLINSPACE a vector with one value for each dimension. Alpha and beta are both inputs
//! or both not.
class IFillLayer : public ILayer {
  public:
    //! Shape of the output; of rank 1 for kLINSPACE with a constant beta. Removes input 0.
    void setDimensions(Dims const& dimensions) noexcept { mImpl->setDimensions(dimensions); }

    //! Shape of the output; rank -1 when input 0 gives it.
    Dims getDimensions() const noexcept { return mImpl->getDimensions(); }

    //! What is written.
    void setOperation(FillOperation op) noexcept { mImpl->setOperation(op); }

    //! What is written.
    FillOperation getOperation() const noexcept { return mImpl->getOperation(); }

    //! Start, minimum or mean. Default 0. Removes input 1.
    void setAlpha(double alpha) noexcept { mImpl->setAlpha(alpha); }

    //! Value of alpha; -1 when input 1 gives it.
    double getAlpha() const noexcept { return mImpl->getAlpha(); }

    //! Step, maximum or standard deviation. Default 1. Removes input 2.
    void setBeta(double beta) noexcept { mImpl->setBeta(beta); }

    //! Value of beta; -1 when input 2 gives it.
    double getBeta() const noexcept { return mImpl->getBeta(); }
    using ILayer::setInput;

    //! setAlpha() for integer outputs, exact beyond 2^53.
    void setAlphaInt64(int64_t alpha) noexcept { mImpl->setAlphaInt64(alpha); }

    //! Integer value of alpha; -1 when input 1 gives it.
    int64_t getAlphaInt64() const noexcept { return mImpl->getAlphaInt64(); }

    //! setBeta() for integer outputs, exact beyond 2^53.
    void setBetaInt64(int64_t beta) noexcept { mImpl->setBetaInt64(beta); }

    //! Integer value of beta; -1 when input 2 gives it.
    int64_t getBetaInt64() const noexcept { return mImpl->getBetaInt64(); }

    //! Whether alpha and beta were set as integers.
    bool isAlphaBetaInt64() const noexcept { return mImpl->isAlphaBetaInt64(); }

    //! Type of the output: kFLOAT (the default), kHALF, kINT32 or kINT64.
    void setToType(DataType toType) noexcept { mImpl->setToType(toType); }

    //! Type of the output.
    DataType getToType() const noexcept { return mImpl->getToType(); }

  protected:
    virtual ~IFillLayer() noexcept = default;
    apiv::VFillLayer* mImpl;
};

//! clamp(round(x / scale)), ties to even, to [-128, 127] for kINT8, [-8, 7] for kINT4, [-448, 448] for kFP8 and [-6,
//! 6] for kFP4.
//!
//! Inputs: 0 x, floating point, not a scalar; 1 scale, positive: a scalar for the whole tensor, a vector along the
//! axis (weights only), or one for each block; 2 (optional) zero point, constant zeros of the output type and the
//! scale's shape.
class IQuantizeLayer : public ILayer {
  public:
    //! Axis of the scale vector, or -1.
    int32_t getAxis() const noexcept { return mImpl->getAxis(); }

    //! Axis of x along which the scale vector runs. Default -1: one scale.
    void setAxis(int32_t axis) noexcept { mImpl->setAxis(axis); }

    //! Extents of a block that shares a scale, one for each dimension of x; -1 means the whole dimension. Returns
    //! false when invalid. Default: rank 0, no blocks.
    bool setBlockShape(Dims const& blockShape) noexcept { return mImpl->setBlockShape(blockShape); }

    //! Extents of a block; rank 0 when there are none.
    TRT_NODISCARD Dims getBlockShape() const noexcept { return mImpl->getBlockShape(); }

    //! Type of the output: kINT8 (the default), kFP8, kINT4 or kFP4.
    void setToType(DataType toType) noexcept { mImpl->setToType(toType); }

    //! Type of the output.
    DataType getToType() const noexcept { return mImpl->getToType(); }

  protected:
    virtual ~IQuantizeLayer() noexcept = default;
    apiv::VQuantizeLayer* mImpl;
};

//! x * scale, the inverse of IQuantizeLayer.
//!
//! Inputs: 0 x, of a quantized type; 1 scale, as for IQuantizeLayer; 2 (optional) zero point, constant zeros of x's
//! type.
class IDequantizeLayer : public ILayer {
  public:
    //! Axis of the scale vector, or -1.
    int32_t getAxis() const noexcept { return mImpl->getAxis(); }

    //! Axis of x along which the scale vector runs. Default -1: one scale.
    void setAxis(int32_t axis) noexcept { mImpl->setAxis(axis); }

    //! Extents of a block that shares a scale, one for each dimension of x; -1 means the whole dimension. Returns
    //! false when invalid. Default: rank 0, no blocks.
    bool setBlockShape(Dims const& blockShape) noexcept { return mImpl->setBlockShape(blockShape); }

    //! Extents of a block; rank 0 when there are none.
    TRT_NODISCARD Dims getBlockShape() const noexcept { return mImpl->getBlockShape(); }

    //! Type of the output: kFLOAT (the default), kHALF or kBF16.
    void setToType(DataType toType) noexcept { mImpl->setToType(toType); }

    //! Type of the output.
    DataType getToType() const noexcept { return mImpl->getToType(); }

  protected:
    virtual ~IDequantizeLayer() noexcept = default;
    apiv::VDequantizeLayer* mImpl;
};

//! Quantizes in blocks, with scales computed from the data. Outputs: 0 the quantized values; 1 the scales.
//!
//! Inputs: 0 data, floating point, not a scalar; 1 (optional) a positive scalar by which the scales are themselves
//! quantized.
class IDynamicQuantizeLayer : public ILayer {
  public:
    using ILayer::setInput;

    //! Type of the values: kFP4 (the default), kFP8 or kINT8.
    void setToType(DataType toType) noexcept { mImpl->setToType(toType); }

    //! Type of the values.
    DataType getToType() const noexcept { return mImpl->getToType(); }

    //! Type of the scales: kFP8 (the default), kE8M0 or kFLOAT.
    void setScaleType(DataType scaleType) noexcept { mImpl->setScaleType(scaleType); }

    //! Type of the scales.
    DataType getScaleType() const noexcept { return mImpl->getScaleType(); }

    //! Deprecated: setBlockShape(). Axis that is cut into blocks, one of the last two, with a constant extent.
    TRT_DEPRECATED void setAxis(int32_t axis) noexcept { mImpl->setAxis(axis); }

    //! Deprecated: getBlockShape().
    TRT_DEPRECATED int32_t getAxis() const noexcept { return mImpl->getAxis(); }

    //! Deprecated: setBlockShape(). Extent of a block: 16 for kFP4, 32 for kFP8. Must divide the axis.
    TRT_DEPRECATED void setBlockSize(int32_t size) noexcept { mImpl->setBlockSize(size); }

    //! Deprecated: getBlockShape().
    TRT_DEPRECATED int32_t getBlockSize() const noexcept { return mImpl->getBlockSize(); }

    //! Extents of a block, one for each dimension of the input. Default: rank 0.
    void setBlockShape(Dims const& blockShape) noexcept { mImpl->setBlockShape(blockShape); }

    //! Extents of a block.
    Dims getBlockShape() const noexcept { return mImpl->getBlockShape(); }

  protected:
    virtual ~IDynamicQuantizeLayer() noexcept = default;
    apiv::VDynamicQuantizeLayer* mImpl;
};

//! Sum of products in Einstein's notation, as "ij,jk->ik". Subscripts are lower-case letters; a letter that is
//! missing on the right is summed over; one that is repeated in an operand takes the diagonal; "…" written as three
//! dots stands for dimensions that are broadcast. Without an arrow, letters that occur once make the output, in
//! alphabetical order.
class IEinsumLayer : public ILayer {
  public:
    //! The equation; copied. Returns false when it is malformed.
    bool setEquation(char const* equation) noexcept { return mImpl->setEquation(equation); }

    //! The equation.
    char const* getEquation() const noexcept { return mImpl->getEquation(); }

  protected:
    virtual ~IEinsumLayer() noexcept = default;
    apiv::VEinsumLayer* mImpl;
};

//! How a scatter layer reads its indices.
enum class ScatterMode : int32_t {
    kELEMENT = 0,  //!< Elements along an axis, as ONNX ScatterElements.
    kND = 1,       //!< Slices at index tuples, as ONNX ScatterND.
};

template <>
struct impl::EnumMaxImpl<ScatterMode> : impl::EnumCount<2> {};

//! A copy of input 0 (data) in which the places that input 1 (indices, kINT32 or kINT64) names hold input 2 (updates,
//! of data's type). A place named twice is undefined.
//!
//! - kELEMENT: output[j with the axis' entry replaced by indices[j]] = updates[j]; three inputs of equal rank.
//! - kND: the last dimension of indices holds tuples that index data; output[indices[j]] = updates[j].
class IScatterLayer : public ILayer {
  public:
    //! How indices are read.
    void setMode(ScatterMode mode) noexcept { mImpl->setMode(mode); }

    //! How indices are read.
    ScatterMode getMode() const noexcept { return mImpl->getMode(); }

    //! Axis for kELEMENT. Default 0.
    void setAxis(int32_t axis) noexcept { mImpl->setAxis(axis); }

    //! Axis for kELEMENT.
    int32_t getAxis() const noexcept { return mImpl->getAxis(); }

  protected:
    apiv::VScatterLayer* mImpl;
    virtual ~IScatterLayer() noexcept = default;
};

//! For each index, a vector of off-values with an on-value at that index, along a new axis.
//!
//! Inputs: 0 indices, kINT32; 1 values, a vector {off, on}, whose type the output has; 2 depth, the extent of the new
//! axis, a constant positive scalar.
class IOneHotLayer : public ILayer {
  public:
    //! Place of the new axis in the output; negative counts from its end.
    void setAxis(int32_t axis) noexcept { mImpl->setAxis(axis); }

    //! Place of the new axis.
    int32_t getAxis() const noexcept { return mImpl->getAxis(); }

  protected:
    apiv::VOneHotLayer* mImpl;
    virtual ~IOneHotLayer() noexcept = default;
};

//! Samples input 0 [N, C, H, W] at the positions of input 1 [N, h, w, 2], which are (x, y) from -1 to 1; gives [N, C,
//! h, w].
class IGridSampleLayer : public ILayer {
  public:
    //! Default kLINEAR.
    void setInterpolationMode(InterpolationMode mode) noexcept { mImpl->setInterpolationMode(mode); }

    //! The interpolation.
    InterpolationMode getInterpolationMode() const noexcept { return mImpl->getInterpolationMode(); }

    //! Whether -1 and 1 mean the centres of the edge elements, or their outer edges (false, the default).
    void setAlignCorners(bool alignCorners) noexcept { mImpl->setAlignCorners(alignCorners); }

    //! Whether -1 and 1 mean centres.
    bool getAlignCorners() const noexcept { return mImpl->getAlignCorners(); }

    //! What is read outside: kFILL with zero (the default), kCLAMP or kREFLECT. Returns false for others.
    bool setSampleMode(SampleMode mode) noexcept { return mImpl->setSampleMode(mode); }

    //! What is read outside.
    SampleMode getSampleMode() const noexcept { return mImpl->getSampleMode(); }

  protected:
    apiv::VGridSampleLayer* mImpl;
    virtual ~IGridSampleLayer() noexcept = default;
};

//! What the four numbers of a box are.
enum class BoundingBoxFormat : int32_t {
    kCORNER_PAIRS = 0,  //!< (x1, y1, x2, y2): two opposite corners, in any order.
    kCENTER_SIZES = 1,  //!< (x, y, width, height): centre and size.
};

template <>
struct impl::EnumMaxImpl<BoundingBoxFormat> : impl::EnumCount<2> {};

//! Non-maximum suppression, for each batch entry and class by itself: in order of score, a box is selected when its
//! score is above a threshold and it overlaps no selected box too much.
//!
//! Inputs: 0 boxes [batch, boxes, classes, 4] or [batch, boxes, 4]; 1 scores [batch, boxes, classes]; 2 the largest
//! number of boxes for each batch entry and class, a kINT32 scalar; 3 (optional) largest overlap (intersection over
//! union), default 0; 4 (optional) score to exceed, default 0. Outputs: 0 [selected, 3], rows of (batch, class, box),
//! by batch, then by falling score; 1 the number of rows, a kINT32 scalar. The number is known only at run time.
class INMSLayer : public ILayer {
  public:
    //! Default kCORNER_PAIRS.
    void setBoundingBoxFormat(BoundingBoxFormat fmt) noexcept { mImpl->setBoundingBoxFormat(fmt); }

    //! Meaning of the boxes' numbers.
    BoundingBoxFormat getBoundingBoxFormat() const noexcept { return mImpl->getBoundingBoxFormat(); }

    //! Number of best boxes that are considered for each batch entry, at most 5000, the default.
    void setTopKBoxLimit(int32_t limit) noexcept { mImpl->setTopKBoxLimit(limit); }

    //! Number of boxes that are considered.
    int32_t getTopKBoxLimit() const noexcept { return mImpl->getTopKBoxLimit(); }
    using ILayer::setInput;

    //! Type of the rows, kINT32 (the default) or kINT64. Returns false for others.
    bool setIndicesType(DataType type) noexcept { return mImpl->setIndicesType(type); }

    //! Type of the rows.
    DataType getIndicesType() const noexcept { return mImpl->getIndicesType(); }

  protected:
    apiv::VNMSLayer* mImpl;
    virtual ~INMSLayer() noexcept = default;
};

//! For each entry of the batch axis, reverses the first elements along the sequence axis, as many as input 1
//! (lengths, a vector) says, and keeps the rest.
class IReverseSequenceLayer : public ILayer {
  public:
    //! Default 1. Must differ from the sequence axis; kINVALID_ARGUMENT otherwise.
    void setBatchAxis(int32_t batchAxis) noexcept { mImpl->setBatchAxis(batchAxis); }

    //! The batch axis.
    int32_t getBatchAxis() const noexcept { return mImpl->getBatchAxis(); }

    //! Default 0. Must differ from the batch axis; kINVALID_ARGUMENT otherwise.
    void setSequenceAxis(int32_t sequenceAxis) noexcept { mImpl->setSequenceAxis(sequenceAxis); }

    //! The sequence axis.
    int32_t getSequenceAxis() const noexcept { return mImpl->getSequenceAxis(); }

  protected:
    apiv::VReverseSequenceLayer* mImpl;
    virtual ~IReverseSequenceLayer() noexcept = default;
};

//! (x - mean) / sqrt(variance + epsilon) * scale + bias, mean and variance taken over the given axes: layer, instance
//! and group normalization.
//!
//! Inputs: 0 x; 1 scale; 2 bias; all of one rank, scale and bias broadcast to x. With groups, a layer of
//! addNormalization() takes scale and bias for each group, one of addNormalizationV2() for each channel.
class INormalizationLayer : public ILayer {
  public:
    //! Default 1e-5.
    void setEpsilon(float eps) noexcept { mImpl->setEpsilon(eps); }

    //! The epsilon.
    float getEpsilon() const noexcept { return mImpl->getEpsilon(); }

    //! Axes of mean and variance, as a bit mask: 1 << axis.
    void setAxes(uint32_t axesMask) noexcept { mImpl->setAxes(axesMask); }

    //! Axes as a bit mask.
    uint32_t getAxes() const noexcept { return mImpl->getAxes(); }

    //! Number of groups that the channels (axis 1) are divided into, a divisor of them. Other than 1 (the default),
    //! the axes must be all those after the channels.
    void setNbGroups(int64_t nbGroups) noexcept { mImpl->setNbGroups(nbGroups); }

    //! Number of groups.
    int64_t getNbGroups() const noexcept { return mImpl->getNbGroups(); }

    //! Deprecated (10.16): use a strongly typed network. Type to compute in: kFLOAT (the default) or kHALF.
    TRT_DEPRECATED void setComputePrecision(DataType type) noexcept { mImpl->setComputePrecision(type); }

    //! Deprecated (10.16). Type to compute in.
    TRT_DEPRECATED DataType getComputePrecision() const noexcept { return mImpl->getComputePrecision(); }

    //! Whether it was made by addNormalizationV2().
    TRT_NODISCARD bool isV2() const noexcept { return mImpl->isV2(); }

  protected:
    apiv::VNormalizationLayer* mImpl;
    virtual ~INormalizationLayer() noexcept = default;
};

//! Removes axes of extent 1. Inputs: 0 data; 1 the axes, a constant kINT32 or kINT64 vector.
class ISqueezeLayer : public ILayer {
  public:
    using ILayer::setInput;

  protected:
    apiv::VSqueezeLayer* mImpl;
    virtual ~ISqueezeLayer() noexcept = default;
};

//! Inserts axes of extent 1. Inputs: 0 data; 1 the axes in the output, a constant kINT32 or kINT64 vector.
class IUnsqueezeLayer : public ILayer {
  public:
    using ILayer::setInput;

  protected:
    apiv::VUnsqueezeLayer* mImpl;
    virtual ~IUnsqueezeLayer() noexcept = default;
};

//! What a cumulative layer accumulates.
enum class CumulativeOperation : int32_t {
    kSUM = 0,  //!< The sum.
};

template <>
struct impl::EnumMaxImpl<CumulativeOperation> : impl::EnumCount<1> {};

//! For each element, the sum of the elements up to it along an axis. Inputs: 0 data; 1 the axis, a constant scalar.
class ICumulativeLayer : public ILayer {
  public:
    //! What is accumulated. Returns false when unknown.
    bool setOperation(CumulativeOperation op) noexcept { return mImpl->setOperation(op); }

    //! What is accumulated.
    CumulativeOperation getOperation() const noexcept { return mImpl->getOperation(); }

    //! Whether the element itself is left out. Default as given to addCumulative().
    void setExclusive(bool exclusive) noexcept { mImpl->setExclusive(exclusive); }

    //! Whether the element itself is left out.
    bool getExclusive() const noexcept { return mImpl->getExclusive(); }

    //! Whether elements are taken from the end.
    void setReverse(bool reverse) noexcept { mImpl->setReverse(reverse); }

    //! Whether elements are taken from the end.
    bool getReverse() const noexcept { return mImpl->getReverse(); }

  protected:
    apiv::VCumulativeLayer* mImpl;
    virtual ~ICumulativeLayer() noexcept = default;
};

//! What attention applies to its scores.
enum class AttentionNormalizationOp : int32_t {
    kNONE = 0,     //!< Nothing.
    kSOFTMAX = 1,  //!< Softmax over the keys.
};

template <>
struct impl::EnumMaxImpl<AttentionNormalizationOp> : impl::EnumCount<2> {};

//! A layer between an attention and what is around it. Made with IAttention; seen only through
//! INetworkDefinition::getLayer().
class IAttentionBoundaryLayer : public ILayer {
  public:
    //! The attention.
    IAttention* getAttention() const noexcept { return mBoundary->getAttention(); }

  protected:
    virtual ~IAttentionBoundaryLayer() noexcept = default;
    apiv::VAttentionBoundaryLayer* mBoundary;
};

//! Takes the inputs of an attention: 0 query, 1 key, 2 value, 3 mask, 4 quantization scale. Better set them on
//! IAttention.
class IAttentionInputLayer : public IAttentionBoundaryLayer {
  public:
    using ILayer::setInput;

  protected:
    virtual ~IAttentionInputLayer() noexcept = default;
    apiv::VAttentionInputLayer* mImpl;
};

//! Gives the output of an attention.
class IAttentionOutputLayer : public IAttentionBoundaryLayer {
  protected:
    virtual ~IAttentionOutputLayer() noexcept = default;
    apiv::VAttentionOutputLayer* mImpl;
};

//! softmax(query * key^T + mask) * value, in one construct that the builder maps to a fused kernel. It does not
//! scale: scale the query before.
//!
//! Query has shape [batch, heads, length, head size], key and value have [batch, key heads, key length, head size];
//! heads is a multiple of key heads. By default the build fails when no fused kernel fits; see setDecomposable().
class IAttention : public INoCopy {
  public:
    //! What is applied to the scores. Returns false when unknown.
    bool setNormalizationOperation(AttentionNormalizationOp op) noexcept {
        return mImpl->setNormalizationOperation(op);
    }

    //! What is applied to the scores. Default kSOFTMAX.
    AttentionNormalizationOp getNormalizationOperation() const noexcept { return mImpl->getNormalizationOperation(); }

    //! Mask that broadcasts to [batch, heads, length, key length]: kBOOL, true where attention is allowed, or of the
    //! scores' type, to be added. Not together with setCausal(). Returns whether it succeeded.
    bool setMask(ITensor& mask) noexcept { return mImpl->setMask(mask); }

    //! The mask, or nullptr.
    ITensor* getMask() noexcept { return mImpl->getMask(); }

    //! Whether a query attends only to keys at its own place and before. Returns whether it succeeded.
    bool setCausal(bool isCausal) noexcept { return mImpl->setCausal(isCausal); }

    //! Whether attention is causal.
    bool getCausal() const noexcept { return mImpl->getCausal(); }

    //! Whether separate kernels may be used when no fused one fits. Default false. Returns whether it succeeded.
    bool setDecomposable(bool decomposable) noexcept { return mImpl->setDecomposable(decomposable); }

    //! Whether separate kernels may be used.
    bool getDecomposable() const noexcept { return mImpl->getDecomposable(); }

    //! Replaces query (0), key (1) or value (2). Returns false for other indices.
    bool setInput(int32_t index, ITensor& input) noexcept { return mImpl->setInput(index, input); }

    //! Number of inputs: 3.
    int32_t getNbInputs() const noexcept { return mImpl->getNbInputs(); }

    //! Query (0), key (1) or value (2); nullptr for other indices.
    ITensor* getInput(int32_t index) const noexcept { return mImpl->getInput(index); }

    //! Number of outputs: 1.
    int32_t getNbOutputs() const noexcept { return mImpl->getNbOutputs(); }

    //! The output (index 0), nullptr for other indices.
    ITensor* getOutput(int32_t index) const noexcept { return mImpl->getOutput(index); }

    //! Name for messages; copied. At most 4096 bytes with the terminator. Returns whether it succeeded.
    bool setName(char const* name) noexcept { return mImpl->setName(name); }

    //! The name.
    char const* getName() const noexcept { return mImpl->getName(); }

    //! Scale by which the normalized scores are quantized: floating point, rank 0 or 1. Needs
    //! setNormalizationQuantizeToType(). Returns whether it succeeded.
    bool setNormalizationQuantizeScale(ITensor& tensor) noexcept {
        return mImpl->setNormalizationQuantizeScale(tensor);
    }

    //! The scale, or nullptr.
    ITensor* getNormalizationQuantizeScale() const noexcept { return mImpl->getNormalizationQuantizeScale(); }

    //! Type that the normalized scores are quantized to: kFP8 or kINT8. Returns false for others.
    bool setNormalizationQuantizeToType(DataType type) noexcept { return mImpl->setNormalizationQuantizeToType(type); }

    //! The type; kFLOAT when none was set.
    DataType getNormalizationQuantizeToType() const noexcept { return mImpl->getNormalizationQuantizeToType(); }

    //! Free text that inspectors show with ProfilingVerbosity::kDETAILED; copied. At most 4096 bytes with the
    //! terminator. Returns whether it succeeded.
    bool setMetadata(char const* metadata) noexcept { return mImpl->setMetadata(metadata); }

    //! The text, an empty string by default.
    char const* getMetadata() const noexcept { return mImpl->getMetadata(); }

    //! Number of processes that share the attention, 1 at least. Returns whether it succeeded.
    bool setNbRanks(int32_t nbRanks) noexcept { return mImpl->setNbRanks(nbRanks); }

    //! Number of processes. Default 1.
    int32_t getNbRanks() const noexcept { return mImpl->getNbRanks(); }

  protected:
    apiv::VAttention* mImpl;
    virtual ~IAttention() noexcept = default;
};

//! Rotary position embedding of [batch, heads, length, head size]: rotates pairs of elements by an angle that depends
//! on the position.
//!
//! Inputs: 0 data; 1 cosines and 2 sines, each [batch, length, D / 2], D being the rotated part of the head; or, with
//! input 3, [positions, D / 2]; 3 (optional) positions [batch, length], rows of inputs 1 and 2 to take.
class IRotaryEmbeddingLayer : public ILayer {
  public:
    //! Whether pairs are neighbours (2i, 2i + 1), or i and i + D / 2 (false, the default).
    void setInterleaved(bool interleaved) noexcept { mImpl->setInterleaved(interleaved); }

    //! Whether pairs are neighbours.
    TRT_NODISCARD bool getInterleaved() const noexcept { return mImpl->getInterleaved(); }

    //! Number D of leading elements of a head that are rotated, even; 0 (the default) means all. Returns false when
    //! negative or odd.
    TRT_NODISCARD bool setRotaryEmbeddingDim(int32_t rotaryEmbeddingDim) noexcept {
        return mImpl->setRotaryEmbeddingDim(rotaryEmbeddingDim);
    }

    //! Number of elements that are rotated; 0 means all.
    TRT_NODISCARD int32_t getRotaryEmbeddingDim() const noexcept { return mImpl->getRotaryEmbeddingDim(); }
    using ILayer::setInput;

  protected:
    apiv::VRotaryEmbeddingLayer* mImpl;
    virtual ~IRotaryEmbeddingLayer() noexcept = default;
};

//! How a cache is written.
enum class KVCacheMode : int32_t {
    kLINEAR = 0,  //!< Consecutive places from the given one on.
};

template <>
struct impl::EnumMaxImpl<KVCacheMode> : impl::EnumCount<1> {};

//! Writes new keys or values into a cache: output[b, :, writeIndices[b] + s, :] = update[b, :, s, :], the rest being
//! the cache.
//!
//! Inputs: 0 cache [batch, heads, places, head size]; 1 update [batch, heads, length, head size], of the same type; 2
//! write indices [batch], kINT32 or kINT64. The output shares the cache's memory: bind both to one address. Writes
//! past the end are dropped.
class IKVCacheUpdateLayer : public ILayer {
  public:
    using ILayer::setInput;

    //! How the cache is written. Returns false when unknown.
    bool setCacheMode(KVCacheMode cacheMode) noexcept { return mImpl->setCacheMode(cacheMode); }

    //! How the cache is written.
    KVCacheMode getCacheMode() const noexcept { return mImpl->getCacheMode(); }

  protected:
    apiv::VKVCacheUpdateLayer* mImpl;
    virtual ~IKVCacheUpdateLayer() noexcept = default;
};

//! Function between the projections of an expert.
enum class MoEActType : int32_t {
    kNONE = 0,  //!< None.
    kSILU = 1,  //!< x * sigmoid(x)
};

template <>
struct impl::EnumMaxImpl<MoEActType> : impl::EnumCount<2> {};

//! Mixture of experts: for each token, the sum over its selected experts of score * expert(token), an expert being
//! down(activation(gate(x)) * up(x)).
//!
//! Inputs: 0 tokens [batch, length, hidden]; 1 selected experts [batch, length, k]; 2 their scores [batch, length,
//! k].
class IMoELayer : public ILayer {
  public:
    //! Projections of all experts: gate and up as [experts, hidden, inter], down as [experts, inter, hidden].
    void setGatedWeights(ITensor& fcGateWeights, ITensor& fcUpWeights, ITensor& fcDownWeights,
                         MoEActType activationType) noexcept {
        mImpl->setGatedWeights(fcGateWeights, fcUpWeights, fcDownWeights, activationType);
    }

    //! Biases of the projections: gate and up as [experts, inter], down as [experts, hidden].
    void setGatedBiases(ITensor& fcGateBiases, ITensor& fcUpBiases, ITensor& fcDownBiases) noexcept {
        mImpl->setGatedBiases(fcGateBiases, fcUpBiases, fcDownBiases);
    }

    //! Function after the gate projection.
    void setActivationType(MoEActType activationType) noexcept { mImpl->setActivationType(activationType); }

    //! Function after the gate projection.
    MoEActType getActivationType() const noexcept { return mImpl->getActivationType(); }

    //! Quantizes what enters the down projection to `dataType`, by the given scale. Replaces
    //! setQuantizationDynamicDblQ(). Tokens must come quantized and dequantized alike.
    void setQuantizationStatic(ITensor& fcDownActivationScale, DataType dataType) noexcept {
        mImpl->setQuantizationStatic(fcDownActivationScale, dataType);
    }

    //! Quantizes what enters the down projection in blocks whose scales are computed, and themselves quantized by the
    //! given scale. Replaces setQuantizationStatic(). Tokens must come quantized and dequantized alike.
    void setQuantizationDynamicDblQ(ITensor& fcDownActivationDblQScale, DataType dataType, Dims const& blockShape,
                                    DataType dynQOutputScaleType) noexcept {
        mImpl->setQuantizationDynamicDblQ(fcDownActivationDblQScale, dataType, blockShape, dynQOutputScaleType);
    }

    //! Type that enters the down projection: kFP8 or kFP4; kFLOAT (the default) means not quantized.
    void setQuantizationToType(DataType type) noexcept { mImpl->setQuantizationToType(type); }

    //! Type that enters the down projection.
    DataType getQuantizationToType() const noexcept { return mImpl->getQuantizationToType(); }

    //! Extents of a block over [batch, length, inter]; -1 means the whole dimension.
    void setQuantizationBlockShape(Dims const& blockShape) noexcept { mImpl->setQuantizationBlockShape(blockShape); }

    //! Extents of a block.
    Dims getQuantizationBlockShape() const noexcept { return mImpl->getQuantizationBlockShape(); }

    //! Type of computed scales.
    void setDynQOutputScaleType(DataType type) noexcept { mImpl->setDynQOutputScaleType(type); }

    //! Type of computed scales.
    DataType getDynQOutputScaleType() const noexcept { return mImpl->getDynQOutputScaleType(); }

    //! Limit, alpha and beta of the gated activation. Default infinity, 1 and 0.
    void setSwigluParams(float limit, float alpha, float beta) noexcept { mImpl->setSwigluParams(limit, alpha, beta); }

    //! Bound that values are clamped to. Default infinity.
    void setSwigluParamLimit(float limit) noexcept { mImpl->setSwigluParamLimit(limit); }

    //! Bound that values are clamped to.
    float getSwigluParamLimit() const noexcept { return mImpl->getSwigluParamLimit(); }

    //! Factor in the sigmoid. Default 1.
    void setSwigluParamAlpha(float alpha) noexcept { mImpl->setSwigluParamAlpha(alpha); }

    //! Factor in the sigmoid.
    float getSwigluParamAlpha() const noexcept { return mImpl->getSwigluParamAlpha(); }

    //! Addend of the up projection. Default 0.
    void setSwigluParamBeta(float beta) noexcept { mImpl->setSwigluParamBeta(beta); }

    //! Addend of the up projection.
    float getSwigluParamBeta() const noexcept { return mImpl->getSwigluParamBeta(); }

    //! Replaces input 0, 1 or 2.
    void setInput(int32_t index, ITensor& tensor) noexcept { mImpl->setInput(index, tensor); }
    using ILayer::setInput;

  protected:
    virtual ~IMoELayer() noexcept = default;
    apiv::VMoELayer* mImpl;
};

//! A communication between processes; see INetworkDefinition::addDistCollective().
class IDistCollectiveLayer : public ILayer {
  protected:
    virtual ~IDistCollectiveLayer() noexcept = default;
    apiv::VDistCollectiveLayer* mImpl;
};

//! A network under construction. Made by IBuilder::createNetworkV2(); the application deletes it, before the builder.
//!
//! Layers and tensors belong to the network. Each add… function returns the new layer, or nullptr, with an error
//! reported, when its arguments are not valid. Weights are not copied: their values must stay until the build has
//! ended. Axis masks have bit i set for axis i.
class INetworkDefinition : public INoCopy {
  public:
    virtual ~INetworkDefinition() noexcept = default;

    //! An input; the name must be unique, at most 4096 bytes with the terminator. -1 marks dimensions that vary and
    //! that optimization profiles must then cover.
    ITensor* addInput(char const* name, DataType type, Dims const& dimensions) noexcept {
        return mImpl->addInput(name, type, dimensions);
    }

    //! Makes a tensor an output of the network. Not for network inputs nor for tensors inside a loop or conditional.
    void markOutput(ITensor& tensor) noexcept { mImpl->markOutput(tensor); }

    //! Makes the values of a tensor available to IDebugListener, which keeps it from being fused away. Returns
    //! whether it succeeded.
    bool markDebug(ITensor& tensor) noexcept { return mImpl->markDebug(tensor); }

    //! Undoes markDebug(). Returns whether it succeeded.
    bool unmarkDebug(ITensor& tensor) noexcept { return mImpl->unmarkDebug(tensor); }

    //! Whether markDebug() was called for the tensor.
    bool isDebugTensor(ITensor const& tensor) const noexcept { return mImpl->isDebugTensor(tensor); }

    //! Makes those tensors available to IDebugListener that optimization leaves over, under the names that inspectors
    //! show. Fusion is not affected. Returns whether it succeeded.
    bool markUnfusedTensorsAsDebugTensors() noexcept { return mImpl->markUnfusedTensorsAsDebugTensors(); }

    //! Undoes markUnfusedTensorsAsDebugTensors(). Returns whether it succeeded.
    bool unmarkUnfusedTensorsAsDebugTensors() noexcept { return mImpl->unmarkUnfusedTensorsAsDebugTensors(); }

    //! Adds a function of each element. Integers are possible for kRELU only. Parameters are set on the layer.
    IActivationLayer* addActivation(ITensor& input, ActivationType type) noexcept {
        return mImpl->addActivation(input, type);
    }

    //! Adds a local response normalization over `window` channels.
    ILRNLayer* addLRN(ITensor& input, int64_t window, float alpha, float beta, float k) noexcept {
        return mImpl->addLRN(input, window, alpha, beta, k);
    }

    //! Adds (x * scale + shift)^power with the third axis from the end as channel axis. Weights hold 1 value for
    //! kUNIFORM, one for each channel for kCHANNEL, or the volume of the last three dimensions for kELEMENTWISE;
    //! empty ones have no effect.
    IScaleLayer* addScale(ITensor& input, ScaleMode mode, Weights shift, Weights scale, Weights power) noexcept {
        return mImpl->addScale(input, mode, shift, scale, power);
    }

    //! Adds a softmax; see ISoftMaxLayer::setAxes() for its axis.
    ISoftMaxLayer* addSoftMax(ITensor& input) noexcept { return mImpl->addSoftMax(input); }

    //! Adds a concatenation; see IConcatenationLayer::setAxis() for its axis.
    IConcatenationLayer* addConcatenation(ITensor* const* inputs, int32_t nbInputs) noexcept {
        return mImpl->addConcatenation(inputs, nbInputs);
    }

    //! Adds an operation on two tensors of equal rank and type, extents of 1 being repeated.
    IElementWiseLayer* addElementWise(ITensor& input1, ITensor& input2, ElementWiseOperation op) noexcept {
        return mImpl->addElementWise(input1, input2, op);
    }

    //! Adds an operation on each element.
    IUnaryLayer* addUnary(ITensor& input, UnaryOperation operation) noexcept {
        return mImpl->addUnary(input, operation);
    }

    //! Adds a transpose, reshape and transpose, all of which do nothing until set.
    IShuffleLayer* addShuffle(ITensor& input) noexcept { return mImpl->addShuffle(input); }

    //! Adds a one-hot encoding of `indices` by `values` {off, on} along a new axis of extent `depth`, a constant
    //! scalar.
    IOneHotLayer* addOneHot(ITensor& indices, ITensor& values, ITensor& depth, int32_t axis) noexcept {
        return mImpl->addOneHot(indices, values, depth, axis);
    }

    //! Number of layers.
    int32_t getNbLayers() const noexcept { return mImpl->getNbLayers(); }

    //! Layer `index`, in the order of adding; nullptr when out of range.
    ILayer* getLayer(int32_t index) const noexcept { return mImpl->getLayer(index); }

    //! Number of inputs.
    int32_t getNbInputs() const noexcept { return mImpl->getNbInputs(); }

    //! Input `index`, in the order of adding; nullptr when out of range.
    ITensor* getInput(int32_t index) const noexcept { return mImpl->getInput(index); }

    //! Number of outputs, shape outputs included.
    int32_t getNbOutputs() const noexcept { return mImpl->getNbOutputs(); }

    //! Output `index`, in the order of marking; nullptr when out of range.
    ITensor* getOutput(int32_t index) const noexcept { return mImpl->getOutput(index); }

    //! Adds a reduction over the axes of the mask. kAVG is not possible for integer shape tensors.
    IReduceLayer* addReduce(ITensor& input, ReduceOperation operation, uint32_t reduceAxes,
                            bool keepDimensions) noexcept {
        return mImpl->addReduce(input, operation, reduceAxes, keepDimensions);
    }

    //! Deprecated (10.14): the overload with a type. Indices are kINT32.
    TRT_DEPRECATED ITopKLayer* addTopK(ITensor& input, TopKOperation op, int32_t k, uint32_t reduceAxes) noexcept {
        return mImpl->addTopK(input, op, k, reduceAxes);
    }

    //! Adds a selection of the k (3840 at most) largest or smallest elements along the one axis of the mask, which
    //! must be one of the last four. `indicesType` is kINT32 or kINT64.
    ITopKLayer* addTopK(ITensor& input, TopKOperation op, int32_t k, uint32_t reduceAxes,
                        DataType indicesType) noexcept {
        return mImpl->addTopKV2(input, op, k, reduceAxes, indicesType);
    }

    //! Adds a gather of slices of `data` along `axis`.
    IGatherLayer* addGather(ITensor& data, ITensor& indices, int32_t axis) noexcept {
        return mImpl->addGather(data, indices, axis);
    }

    //! Adds a gather of the given mode, with axis 0 and no elementwise dimensions.
    IGatherLayer* addGatherV2(ITensor& data, ITensor& indices, GatherMode mode) noexcept {
        return mImpl->addGatherV2(data, indices, mode);
    }

    //! Adds a softmax over rows of different length. Both inputs have rank 3.
    IRaggedSoftMaxLayer* addRaggedSoftMax(ITensor& input, ITensor& bounds) noexcept {
        return mImpl->addRaggedSoftMax(input, bounds);
    }

    //! Adds a product of matrices or vectors. Not for integers.
    IMatrixMultiplyLayer* addMatrixMultiply(ITensor& input0, MatrixOperation op0, ITensor& input1,
                                            MatrixOperation op1) noexcept {
        return mImpl->addMatrixMultiply(input0, op0, input1, op1);
    }

    //! Deprecated (10.14): the overload with a type. Positions are kINT32.
    TRT_DEPRECATED INonZeroLayer* addNonZero(ITensor& input) noexcept { return mImpl->addNonZero(input); }

    //! Adds the positions of elements that are not zero. `indicesType` is kINT32 or kINT64.
    INonZeroLayer* addNonZero(ITensor& input, DataType indicesType) noexcept {
        return mImpl->addNonZeroV2(input, indicesType);
    }

    //! Adds a constant of the given shape; one dimension may be -1 and follows from the count. Not for kUINT8.
    IConstantLayer* addConstant(Dims const& dimensions, Weights weights) noexcept {
        return mImpl->addConstant(dimensions, weights);
    }

    //! Adds an identity.
    IIdentityLayer* addIdentity(ITensor& input) noexcept { return mImpl->addIdentity(input); }

    //! Adds a conversion to `toType`.
    ICastLayer* addCast(ITensor& input, DataType toType) noexcept { return mImpl->addCast(input, toType); }

    //! Removes a tensor that is neither input nor output of a layer; otherwise only a warning is logged.
    void removeTensor(ITensor& tensor) noexcept { mImpl->removeTensor(tensor); }

    //! Undoes markOutput().
    void unmarkOutput(ITensor& tensor) noexcept { mImpl->unmarkOutput(tensor); }

    //! Deprecated (10.8): addPluginV3(). Adds a layer of a V2 plugin, which is cloned.
    TRT_DEPRECATED IPluginV2Layer* addPluginV2(ITensor* const* inputs, int32_t nbInputs, IPluginV2& plugin) noexcept {
        return mImpl->addPluginV2(inputs, nbInputs, plugin);
    }

    //! Adds a layer of a V3 plugin, which is cloned. `shapeInputs` are tensors whose values the plugin needs to
    //! compute shapes; they follow the other inputs.
    IPluginV3Layer* addPluginV3(ITensor* const* inputs, int32_t nbInputs, ITensor* const* shapeInputs,
                                int32_t nbShapeInputs, IPluginV3& plugin) noexcept {
        return mImpl->addPluginV3(inputs, nbInputs, shapeInputs, nbShapeInputs, plugin);
    }

    //! Adds a slice; start, size and stride have one entry for each dimension. Strides may be negative or 0.
    ISliceLayer* addSlice(ITensor& input, Dims const& start, Dims const& size, Dims const& stride) noexcept {
        return mImpl->addSlice(input, start, size, stride);
    }

    //! Name that the engine will have; copied. At most 4096 bytes with the terminator.
    void setName(char const* name) noexcept { mImpl->setName(name); }

    //! The name; a generated one by default.
    char const* getName() const noexcept { return mImpl->getName(); }

    //! Adds the shape of `input`, as a kINT64 vector.
    IShapeLayer* addShape(ITensor& input) noexcept { return mImpl->addShape(input); }

    //! Deprecated (10.0). Always false.
    TRT_DEPRECATED bool hasImplicitBatchDimension() const noexcept { return mImpl->hasImplicitBatchDimension(); }

    //! Flags that the network was created with.
    NetworkDefinitionCreationFlags getFlags() const noexcept { return mImpl->getFlags(); }

    //! Whether the network was created with the flag.
    bool getFlag(NetworkDefinitionCreationFlag networkDefinitionCreationFlag) const noexcept {
        return mImpl->getFlag(networkDefinitionCreationFlag);
    }

    //! Makes a tensor an output that IExecutionContext::inferShapes() computes. It must be an integer of rank 0 or 1
    //! and of constant shape, and not an input. Returns false when it is an output already.
    bool markOutputForShapes(ITensor& tensor) noexcept { return mImpl->markOutputForShapes(tensor); }

    //! Undoes markOutputForShapes(). Returns false when it was not marked.
    bool unmarkOutputForShapes(ITensor& tensor) noexcept { return mImpl->unmarkOutputForShapes(tensor); }

    //! Adds x for x >= 0, else slope * x; `slope` broadcasts to `input`. Floating point only.
    IParametricReLULayer* addParametricReLU(ITensor& input, ITensor& slope) noexcept {
        return mImpl->addParametricReLU(input, slope);
    }

    //! Adds a convolution over as many dimensions as `kernelSize` has, 2 or 3. Weights may be empty to be given as
    //! inputs; an empty bias means none. The channel dimension must be constant.
    IConvolutionLayer* addConvolutionNd(ITensor& input, int64_t nbOutputMaps, Dims const& kernelSize,
                                        Weights kernelWeights, Weights biasWeights) noexcept {
        return mImpl->addConvolutionNd(input, nbOutputMaps, kernelSize, kernelWeights, biasWeights);
    }

    //! Adds a pooling over as many dimensions as `windowSize` has, 2 or 3.
    IPoolingLayer* addPoolingNd(ITensor& input, PoolingType type, Dims const& windowSize) noexcept {
        return mImpl->addPoolingNd(input, type, windowSize);
    }

    //! Adds a transposed convolution over as many dimensions as `kernelSize` has, 2 or 3. Weights as for
    //! addConvolutionNd().
    IDeconvolutionLayer* addDeconvolutionNd(ITensor& input, int64_t nbOutputMaps, Dims kernelSize,
                                            Weights kernelWeights, Weights biasWeights) noexcept {
        return mImpl->addDeconvolutionNd(input, nbOutputMaps, kernelSize, kernelWeights, biasWeights);
    }

    //! addScale() with a chosen channel axis; kELEMENTWISE weights cover the dimensions from there on.
    IScaleLayer* addScaleNd(ITensor& input, ScaleMode mode, Weights shift, Weights scale, Weights power,
                            int32_t channelAxis) noexcept {
        return mImpl->addScaleNd(input, mode, shift, scale, power, channelAxis);
    }

    //! Adds a resampling; set its output dimensions or scales.
    IResizeLayer* addResize(ITensor& input) noexcept { return mImpl->addResize(input); }

    //! Adds a loop.
    ILoop* addLoop() noexcept { return mImpl->addLoop(); }

    //! Adds a conditional.
    IIfConditional* addIfConditional() noexcept { return mImpl->addIfConditional(); }

    //! Adds a choice between two tensors for each element of `condition` (kBOOL). Equal ranks; extents of 1 are
    //! repeated.
    ISelectLayer* addSelect(ITensor& condition, ITensor& thenInput, ITensor& elseInput) noexcept {
        return mImpl->addSelect(condition, thenInput, elseInput);
    }

    //! Adds a check that every element of a boolean shape tensor is true.
    IAssertionLayer* addAssertion(ITensor& condition, char const* message) noexcept {
        return mImpl->addAssertion(condition, message);
    }

    //! Deprecated (9.0): the overload with a type. Output is kFLOAT.
    TRT_DEPRECATED IFillLayer* addFill(Dims const& dimensions, FillOperation op) noexcept {
        return mImpl->addFill(dimensions, op);
    }

    //! Adds a tensor of shape `dimensions`, filled with a sequence or random values. `outputType` is kFLOAT, kHALF,
    //! kINT32 or kINT64.
    IFillLayer* addFill(Dims const& dimensions, FillOperation op, DataType outputType) noexcept {
        return mImpl->addFillV2(dimensions, op, outputType);
    }

    //! Adds zeros around the last two dimensions; both paddings have two entries.
    IPaddingLayer* addPaddingNd(ITensor& input, Dims const& prePadding, Dims const& postPadding) noexcept {
        return mImpl->addPaddingNd(input, prePadding, postPadding);
    }

    //! Name by which these weights can be refitted; nullptr removes it. To be called after their use; concerns all
    //! weights of the same pointer, type and count. Returns false when the name is taken or the weights are not in
    //! use.
    bool setWeightsName(Weights weights, char const* name) noexcept { return mImpl->setWeightsName(weights, name); }

    //! Recorder for this object; nullptr removes it. Counts its references.
    void setErrorRecorder(IErrorRecorder* recorder) noexcept { mImpl->setErrorRecorder(recorder); }

    //! The recorder, or nullptr.
    IErrorRecorder* getErrorRecorder() const noexcept { return mImpl->getErrorRecorder(); }

    //! Deprecated (9.0): the overload with a type. Output is kFLOAT.
    TRT_DEPRECATED IDequantizeLayer* addDequantize(ITensor& input, ITensor& scale) noexcept {
        return mImpl->addDequantize(input, scale);
    }

    //! Adds a dequantization. `outputType` is kFLOAT, kHALF or kBF16; `scale` is kFLOAT, kHALF, kBF16 or, for MX
    //! formats, kE8M0. In a strongly typed network a kHALF or kBF16 scale must be of the output type.
    IDequantizeLayer* addDequantize(ITensor& input, ITensor& scale, DataType outputType) noexcept {
        return mImpl->addDequantizeV2(input, scale, outputType);
    }

    //! Adds a copy of `data` with `updates` at `indices`, with axis 0.
    IScatterLayer* addScatter(ITensor& data, ITensor& indices, ITensor& updates, ScatterMode mode) noexcept {
        return mImpl->addScatter(data, indices, updates, mode);
    }

    //! Deprecated (9.0): the overload with a type. Output is kINT8.
    TRT_DEPRECATED IQuantizeLayer* addQuantize(ITensor& input, ITensor& scale) noexcept {
        return mImpl->addQuantize(input, scale);
    }

    //! Adds a quantization. `outputType` is kINT8, kFP8, kINT4 or kFP4; `scale` is kFLOAT, kHALF, kBF16 or, for MX
    //! formats, kE8M0. In a strongly typed network a kHALF or kBF16 scale must be of the input's type.
    IQuantizeLayer* addQuantize(ITensor& input, ITensor& scale, DataType outputType) noexcept {
        return mImpl->addQuantizeV2(input, scale, outputType);
    }

    //! Deprecated: addDynamicQuantizeV2(). Blocks of `blockSize` (16 or 32) along `axis`, one of the last two.
    TRT_DEPRECATED IDynamicQuantizeLayer* addDynamicQuantize(ITensor& input, int32_t axis, int32_t blockSize,
                                                             DataType outputType, DataType scaleType) noexcept {
        return mImpl->addDynamicQuantize(input, axis, blockSize, outputType, scaleType);
    }

    //! Adds a quantization in blocks of `blockShape`, one extent for each dimension, with computed scales.
    //! `outputType` is kFP4, kFP8 or kINT8; `scaleType` is kFP8, kE8M0 or kFLOAT.
    IDynamicQuantizeLayer* addDynamicQuantizeV2(ITensor& input, Dims const& blockShape, DataType outputType,
                                                DataType scaleType) noexcept {
        return mImpl->addDynamicQuantizeV2(input, blockShape, outputType, scaleType);
    }

    //! Adds a sum of products; see IEinsumLayer for the equation.
    IEinsumLayer* addEinsum(ITensor* const* inputs, int32_t nbInputs, char const* equation) noexcept {
        return mImpl->addEinsum(inputs, nbInputs, equation);
    }

    //! Adds a sampling of `input` at `grid`: linear, edges not aligned, zero outside.
    IGridSampleLayer* addGridSample(ITensor& input, ITensor& grid) noexcept {
        return mImpl->addGridSample(input, grid);
    }

    //! Deprecated (10.14): the overload with a type. Indices are kINT32.
    TRT_DEPRECATED INMSLayer* addNMS(ITensor& boxes, ITensor& scores, ITensor& maxOutputBoxesPerClass) noexcept {
        return mImpl->addNMS(boxes, scores, maxOutputBoxesPerClass);
    }

    //! Adds a non-maximum suppression. `indicesType` is kINT32 or kINT64.
    INMSLayer* addNMS(ITensor& boxes, ITensor& scores, ITensor& maxOutputBoxesPerClass, DataType indicesType) noexcept {
        return mImpl->addNMSV2(boxes, scores, maxOutputBoxesPerClass, indicesType);
    }

    //! Adds a reversal of the first elements of each sequence; `sequenceLens` has an entry for each entry of the
    //! batch axis.
    IReverseSequenceLayer* addReverseSequence(ITensor& input, ITensor& sequenceLens) noexcept {
        return mImpl->addReverseSequence(input, sequenceLens);
    }

    //! Deprecated (10.15): addNormalizationV2(). With groups, scale and bias have one entry for each group.
    TRT_DEPRECATED INormalizationLayer* addNormalization(ITensor& input, ITensor& scale, ITensor& bias,
                                                         uint32_t axesMask) noexcept {
        return mImpl->addNormalization(input, scale, bias, axesMask);
    }

    //! Adds a running sum along `axis`, a constant scalar; negative counts from the end.
    ICumulativeLayer* addCumulative(ITensor& input, ITensor& axis, CumulativeOperation operation, bool exclusive,
                                    bool reverse) noexcept {
        return mImpl->addCumulative(input, axis, operation, exclusive, reverse);
    }

    //! Adds an attention of query [batch, heads, length, head size] to key and value [batch, key heads, key length,
    //! head size].
    IAttention* addAttention(ITensor& query, ITensor& key, ITensor& value, AttentionNormalizationOp normOp,
                             bool causal) noexcept {
        return mImpl->addAttention(query, key, value, normOp, causal);
    }

    //! Adds a rotary position embedding of [batch, heads, length, head size]; see IRotaryEmbeddingLayer for the
    //! caches.
    IRotaryEmbeddingLayer* addRotaryEmbedding(ITensor& input, ITensor& cosCache, ITensor& sinCache, bool interleaved,
                                              int32_t rotaryEmbeddingDim) noexcept {
        return mImpl->addRotaryEmbedding(input, cosCache, sinCache, interleaved, rotaryEmbeddingDim);
    }

    //! Adds an in-place update of a cache; see IKVCacheUpdateLayer for the shapes. The output must be bound to the
    //! cache's memory.
    IKVCacheUpdateLayer* addKVCacheUpdate(ITensor& cache, ITensor& update, ITensor& writeIndices,
                                          KVCacheMode cacheMode) noexcept {
        return mImpl->addKVCacheUpdate(cache, update, writeIndices, cacheMode);
    }

    //! Adds a mixture of experts; the experts' weights are set on the layer.
    IMoELayer* addMoE(ITensor& hiddenStates, ITensor& selectedExpertsForTokens,
                      ITensor& scoresForSelectedExperts) noexcept {
        return mImpl->addMoE(hiddenStates, selectedExpertsForTokens, scoresForSelectedExperts);
    }

    //! Adds a communication between processes. `reduceOp` is what reducing operations compute, kNONE for others;
    //! `root` is the process that kBROADCAST sends from and kREDUCE sends to. `groups` lists the `groupSize` ranks
    //! that take part, in their order; none listed means all. Needs PreviewFeature::kMULTIDEVICE_RUNTIME_10_16 and
    //! IExecutionContext::setCommunicator().
    TRT_NODISCARD IDistCollectiveLayer* addDistCollective(ITensor& input, CollectiveOperation distCollectiveOp,
                                                          ReduceOperation reduceOp, int64_t root, int64_t* groups,
                                                          int64_t groupSize) noexcept {
        return mImpl->addDistCollective(input, distCollectiveOp, reduceOp, root, groups, groupSize);
    }

    //! The builder that made the network.
    virtual IBuilder& getBuilder() const noexcept { return mImpl->getBuilder(); }

    //! With BuilderFlag::kREFIT_INDIVIDUAL, makes the named weights refittable. Returns false when there are none of
    //! that name.
    bool markWeightsRefittable(char const* name) noexcept { return mImpl->markWeightsRefittable(name); }

    //! Undoes markWeightsRefittable(). Returns false when there are none of that name.
    bool unmarkWeightsRefittable(char const* name) noexcept { return mImpl->unmarkWeightsRefittable(name); }

    //! Whether the named weights are marked as refittable.
    bool areWeightsMarkedRefittable(char const* name) const noexcept { return mImpl->areWeightsMarkedRefittable(name); }

    //! Adds the removal of axes of extent 1. `axes` is a constant integer vector of distinct axes; negative ones
    //! count from the end.
    ISqueezeLayer* addSqueeze(ITensor& input, ITensor& axes) noexcept { return mImpl->addSqueeze(input, axes); }

    //! Adds the insertion of axes of extent 1. `axes` is a constant integer vector of distinct axes of the output;
    //! negative ones count from the end.
    IUnsqueezeLayer* addUnsqueeze(ITensor& input, ITensor& axes) noexcept { return mImpl->addUnsqueeze(input, axes); }

    //! Adds a normalization over the axes of the mask. `scale` and `bias` have the input's rank and broadcast to it:
    //! [1, C, 1, 1] for instance and group normalization of [N, C, H, W].
    TRT_NODISCARD INormalizationLayer* addNormalizationV2(ITensor& input, ITensor& scale, ITensor& bias,
                                                          uint32_t axesMask) noexcept {
        return mImpl->addNormalizationV2(input, scale, bias, axesMask);
    }

  protected:
    apiv::VNetworkDefinition* mImpl;
};

//! Method by which a calibrator finds ranges. Deprecated (10.1): use explicit quantization.
enum class CalibrationAlgoType : int32_t {
    kLEGACY_CALIBRATION TRT_DEPRECATED_ENUM = 0,     //!< A quantile that the calibrator chooses.
    kENTROPY_CALIBRATION TRT_DEPRECATED_ENUM = 1,    //!< Least loss of information, after fusion.
    kENTROPY_CALIBRATION_2 TRT_DEPRECATED_ENUM = 2,  //!< Least loss of information, for each tensor.
    kMINMAX_CALIBRATION TRT_DEPRECATED_ENUM = 3,     //!< The extremes.
};

template <>
struct impl::EnumMaxImpl<CalibrationAlgoType> : impl::EnumCount<4> {};

//! Gives the builder sample data, from which it finds the ranges of int8 tensors. Deprecated (10.1): use explicit
//! quantization. Derive from one of the classes that follow.
class TRT_DEPRECATED IInt8Calibrator : public IVersionedInterface {
  public:
    //! Deprecated (10.0). Number of samples in a batch.
    TRT_DEPRECATED virtual int32_t getBatchSize() const noexcept = 0;

    //! Sets each of the `nbBindings` pointers to device memory that holds a batch for the input of that name; the
    //! memory must stay until the next call. Returns false when there are no more batches.
    virtual bool getBatch(void* bindings[], char const* names[], int32_t nbBindings) noexcept = 0;

    //! A cache written before, so that no batches are needed; sets `length`. nullptr when there is none. Must stay
    //! valid until the next call.
    virtual void const* readCalibrationCache(std::size_t& length) noexcept = 0;

    //! Called with the result of a calibration, to be stored. The memory is valid during the call only.
    virtual void writeCalibrationCache(void const* ptr, std::size_t length) noexcept = 0;

    //! Method of this calibrator.
    virtual CalibrationAlgoType getAlgorithm() noexcept = 0;
    ~IInt8Calibrator() noexcept override = default;
};

namespace v_1_0 {

//! Calibrator for kENTROPY_CALIBRATION. Deprecated (10.1).
class TRT_DEPRECATED IInt8EntropyCalibrator : public IInt8Calibrator {
  public:
    //! Identifies the interface: kind "IInt8EntropyCalibrator", version 1.0.
    InterfaceInfo getInterfaceInfo() const noexcept override { return InterfaceInfo{"IInt8EntropyCalibrator", 1, 0}; }

    //! kENTROPY_CALIBRATION
    CalibrationAlgoType getAlgorithm() noexcept override { return CalibrationAlgoType::kENTROPY_CALIBRATION; }
    ~IInt8EntropyCalibrator() noexcept override = default;
};

}  // namespace v_1_0

using IInt8EntropyCalibrator = v_1_0::IInt8EntropyCalibrator;

namespace v_1_0 {

//! Calibrator for kENTROPY_CALIBRATION_2, the one to prefer. Deprecated (10.1).
class TRT_DEPRECATED IInt8EntropyCalibrator2 : public IInt8Calibrator {
  public:
    //! Identifies the interface: kind "IInt8EntropyCalibrator2", version 1.0.
    InterfaceInfo getInterfaceInfo() const noexcept override { return InterfaceInfo{"IInt8EntropyCalibrator2", 1, 0}; }

    //! kENTROPY_CALIBRATION_2
    CalibrationAlgoType getAlgorithm() noexcept override { return CalibrationAlgoType::kENTROPY_CALIBRATION_2; }
    ~IInt8EntropyCalibrator2() noexcept override = default;
};

}  // namespace v_1_0

using IInt8EntropyCalibrator2 = v_1_0::IInt8EntropyCalibrator2;

namespace v_1_0 {

//! Calibrator for kMINMAX_CALIBRATION, which suits language models. Deprecated (10.1).
class TRT_DEPRECATED IInt8MinMaxCalibrator : public IInt8Calibrator {
  public:
    //! Identifies the interface: kind "IInt8MinMaxCalibrator", version 1.0.
    InterfaceInfo getInterfaceInfo() const noexcept override { return InterfaceInfo{"IInt8MinMaxCalibrator", 1, 0}; }

    //! kMINMAX_CALIBRATION
    CalibrationAlgoType getAlgorithm() noexcept override { return CalibrationAlgoType::kMINMAX_CALIBRATION; }
    ~IInt8MinMaxCalibrator() noexcept override = default;
};

}  // namespace v_1_0

using IInt8MinMaxCalibrator = v_1_0::IInt8MinMaxCalibrator;

namespace v_1_0 {

//! Calibrator for kLEGACY_CALIBRATION, with parameters of its own. Deprecated (10.1).
class TRT_DEPRECATED IInt8LegacyCalibrator : public IInt8Calibrator {
  public:
    //! Identifies the interface: kind "IInt8Calibrator", version 1.0.
    InterfaceInfo getInterfaceInfo() const noexcept override { return InterfaceInfo{"IInt8Calibrator", 1, 0}; }

    //! kLEGACY_CALIBRATION
    CalibrationAlgoType getAlgorithm() noexcept override { return CalibrationAlgoType::kLEGACY_CALIBRATION; }

    //! Share of the values, 0 to 1, that the range covers.
    virtual double getQuantile() const noexcept = 0;

    //! Share of the maximum, 0 to 1, at which a regression for the range is cut off.
    virtual double getRegressionCutoff() const noexcept = 0;

    //! Histograms written before; sets `length`. nullptr when there are none.
    virtual void const* readHistogramCache(std::size_t& length) noexcept = 0;

    //! Called with the histograms of a calibration, to be stored.
    virtual void writeHistogramCache(void const* ptr, std::size_t length) noexcept = 0;
    ~IInt8LegacyCalibrator() noexcept override = default;
};

}  // namespace v_1_0

using IInt8LegacyCalibrator = v_1_0::IInt8LegacyCalibrator;

//! Format of an input or output of an algorithm. Deprecated (10.8): use an editable timing cache.
class TRT_DEPRECATED IAlgorithmIOInfo : public INoCopy {
  public:
    //! Type of the elements.
    DataType getDataType() const noexcept { return mImpl->getDataType(); }

    //! Strides in elements, a vector counting as one.
    Dims getStrides() const noexcept { return mImpl->getStrides(); }

    //! Index of the vectorized dimension, or -1.
    int64_t getVectorizedDim() const noexcept { return mImpl->getVectorizedDim(); }

    //! Number of components in a vector, 1 when not vectorized.
    int64_t getComponentsPerElement() const noexcept { return mImpl->getComponentsPerElement(); }

  protected:
    virtual ~IAlgorithmIOInfo() noexcept = default;
    apiv::VAlgorithmIOInfo* mImpl;
};

//! Identity of an algorithm. Deprecated (10.8).
class TRT_DEPRECATED IAlgorithmVariant : public INoCopy {
  public:
    //! Number of the implementation.
    int64_t getImplementation() const noexcept { return mImpl->getImplementation(); }

    //! Number of the tactic within the implementation.
    int64_t getTactic() const noexcept { return mImpl->getTactic(); }

  protected:
    virtual ~IAlgorithmVariant() noexcept = default;
    apiv::VAlgorithmVariant* mImpl;
};

//! What an algorithm is chosen for. Deprecated (10.8).
class TRT_DEPRECATED IAlgorithmContext : public INoCopy {
  public:
    //! Name of the layer, fused ones included.
    char const* getName() const noexcept { return mImpl->getName(); }

    //! Shape of input or output `index`, inputs before outputs, in the profile that is built.
    Dims getDimensions(int32_t index, OptProfileSelector select) const noexcept {
        return mImpl->getDimensions(index, select);
    }

    //! Number of inputs.
    int32_t getNbInputs() const noexcept { return mImpl->getNbInputs(); }

    //! Number of outputs.
    int32_t getNbOutputs() const noexcept { return mImpl->getNbOutputs(); }

  protected:
    virtual ~IAlgorithmContext() noexcept = default;
    apiv::VAlgorithmContext* mImpl;
};

//! One way to execute a layer. Deprecated (10.8).
class TRT_DEPRECATED IAlgorithm : public INoCopy {
  public:
    //! Its identity.
    IAlgorithmVariant const& getAlgorithmVariant() const noexcept { return mImpl->getAlgorithmVariant(); }

    //! Measured time in milliseconds.
    float getTimingMSec() const noexcept { return mImpl->getTimingMSec(); }

    //! Scratch memory in bytes.
    std::size_t getWorkspaceSize() const noexcept { return mImpl->getWorkspaceSize(); }

    //! Format of input or output `index`, inputs before outputs; nullptr when out of range.
    IAlgorithmIOInfo const* getAlgorithmIOInfoByIndex(int32_t index) const noexcept {
        return mImpl->getAlgorithmIOInfoByIndex(index);
    }

  protected:
    virtual ~IAlgorithm() noexcept = default;
    apiv::VAlgorithm* mImpl;
};

namespace v_1_0 {

//! Application's say in the choice of algorithms. Deprecated (10.8): use an editable timing cache.
class TRT_DEPRECATED IAlgorithmSelector : public IVersionedInterface {
  public:
    //! Identifies the interface: kind "IAlgorithmSelector", version 1.0.
    InterfaceInfo getInterfaceInfo() const noexcept override { return InterfaceInfo{"IAlgorithmSelector", 1, 0}; }

    //! Writes the indices of the acceptable ones among `choices` to `selection` and returns their number. 0 leaves
    //! the choice to the builder, or fails the build with BuilderFlag::kREJECT_EMPTY_ALGORITHMS.
    virtual int32_t selectAlgorithms(IAlgorithmContext const& context, IAlgorithm const* const* choices,
                                     int32_t nbChoices, int32_t* selection) noexcept = 0;

    //! Tells the algorithms that were chosen in the end.
    virtual void reportAlgorithms(IAlgorithmContext const* const* algoContexts, IAlgorithm const* const* algoChoices,
                                  int32_t nbAlgorithms) noexcept = 0;
    virtual ~IAlgorithmSelector() noexcept = default;
};

}  // namespace v_1_0

using IAlgorithmSelector = v_1_0::IAlgorithmSelector;

//! Bit set: 1U << QuantizationFlag.
using QuantizationFlags = uint32_t;

//! How int8 calibration is done. Deprecated (10.1).
enum class QuantizationFlag : int32_t {
    //! Before layers are fused. For the legacy and the first entropy calibrator.
    kCALIBRATE_BEFORE_FUSION TRT_DEPRECATED_ENUM = 0,
};

template <>
struct impl::EnumMaxImpl<QuantizationFlag> : impl::EnumCount<1> {};

//! Operating system and processor that a plan is for.
enum class RuntimePlatform : int32_t {
    kSAME_AS_BUILD = 0,  //!< Those of the build.
    kWINDOWS_AMD64 = 1,  //!< Windows on x86-64.
};

template <>
struct impl::EnumMaxImpl<RuntimePlatform> : impl::EnumCount<2> {};

//! Bit set: 1U << BuilderFlag.
using BuilderFlags = uint32_t;

//! Options of a build, off by default but for kTF32. The precision flags concern weakly typed networks only and are
//! deprecated (10.12) in favour of strongly typed ones.
enum class BuilderFlag : int32_t {
    //! Deprecated (10.12). Layers may compute in kHALF.
    kFP16 TRT_DEPRECATED_ENUM = 0,
    //! Deprecated (10.12). Layers may compute in kINT8, by ranges that were set or calibrated.
    kINT8 TRT_DEPRECATED_ENUM = 1,
    //! Wait for each layer and check for errors.
    kDEBUG = 2,
    //! Layers that a DLA core cannot run go to the GPU; otherwise the build fails.
    kGPU_FALLBACK = 3,
    //! Weights can be refitted.
    kREFIT = 4,
    //! Measure every layer anew.
    kDISABLE_TIMING_CACHE = 5,
    //! Products of kFLOAT may round their operands to 10 mantissa bits. On by default.
    kTF32 = 6,
    //! Kernels for weights with a 2:4 pattern of zeros may be used.
    kSPARSE_WEIGHTS = 7,
    //! Deprecated (10.16). Ignored.
    kSAFETY_SCOPE TRT_DEPRECATED_ENUM = 8,
    //! Deprecated (10.12). Precisions set on layers are binding.
    kOBEY_PRECISION_CONSTRAINTS TRT_DEPRECATED_ENUM = 9,
    //! Deprecated (10.12). Precisions set on layers are followed where possible, else a warning is logged.
    kPREFER_PRECISION_CONSTRAINTS TRT_DEPRECATED_ENUM = 10,
    //! Deprecated (10.7). The build fails rather than reformat an input or output whose formats were restricted.
    kDIRECT_IO TRT_DEPRECATED_ENUM = 11,
    //! Deprecated (10.10). The build fails when an IAlgorithmSelector selects nothing.
    kREJECT_EMPTY_ALGORITHMS TRT_DEPRECATED_ENUM = 12,
    //! The plan runs with later versions of the library, too.
    kVERSION_COMPATIBLE = 13,
    //! A version-compatible plan does not carry the runtime that it needs.
    kEXCLUDE_LEAN_RUNTIME = 14,
    //! Deprecated (10.12). Plugins may have kFP8 inputs and outputs.
    kFP8 TRT_DEPRECATED_ENUM = 15,
    //! The build fails rather than measure a tactic that the timing cache lacks.
    kERROR_ON_TIMING_CACHE_MISS = 16,
    //! Deprecated (10.12). Layers may compute in kBF16.
    kBF16 TRT_DEPRECATED_ENUM = 17,
    //! The timing cache does not keep compiled kernels.
    kDISABLE_COMPILATION_CACHE = 18,
    //! The plan lacks the weights that can be refitted.
    kSTRIP_PLAN = 19,
    //! Deprecated (10.0): kSTRIP_PLAN.
    kWEIGHTLESS TRT_DEPRECATED_ENUM = kSTRIP_PLAN,
    //! Weights can be refitted, but only with the values of the build; nothing is lost in speed. With kSTRIP_PLAN it
    //! makes small plans.
    kREFIT_IDENTICAL = 20,
    //! Weights may stay on the host and be copied when needed; see ICudaEngine::setWeightStreamingBudgetV2().
    kWEIGHT_STREAMING = 21,
    //! Deprecated (10.12). Plugins may have kINT4 inputs and outputs.
    kINT4 TRT_DEPRECATED_ENUM = 22,
    //! Weights marked by INetworkDefinition::markWeightsRefittable() can be refitted. Not together with the other
    //! refit flags.
    kREFIT_INDIVIDUAL = 23,
    //! No rewriting that may hide a NaN or infinity, such as 0 * x to 0.
    kSTRICT_NANS = 24,
    //! Log the memory that the build uses.
    kMONITOR_MEMORY = 25,
    //! Deprecated (10.12). Plugins may have kFP4 inputs and outputs.
    kFP4 TRT_DEPRECATED_ENUM = 26,
    //! The timing cache can be queried and changed, and its entries decide the tactics.
    kEDITABLE_TIMING_CACHE = 27,
    //! Entries along axes that are not reduced are computed by identical operations, whatever their number.
    kDISTRIBUTIVE_INDEPENDENCE = 28,
};

template <>
struct impl::EnumMaxImpl<BuilderFlag> : impl::EnumCount<29> {};

namespace v_1_0 {

//! Name of an entry of an editable timing cache. Logs show it as 0x and 32 hexadecimal digits.
struct TimingCacheKey {
    //! The key's bytes.
    uint8_t data[16];
};

//! An entry of an editable timing cache.
struct TimingCacheValue {
    //! Hash of the tactic.
    uint64_t tacticHash;

    //! Its time in milliseconds; negative or NaN is not valid.
    float timingMSec;

    //! Hash of no tactic.
    static constexpr uint64_t kINVALID_TACTIC_HASH = UINT64_MAX;
};

}  // namespace v_1_0

//! Times of tactics, to be kept from build to build. Made by IBuilderConfig::createTimingCache(); the application
//! deletes it, after the builds that use it.
class ITimingCache : public INoCopy {
  public:
    virtual ~ITimingCache() noexcept = default;

    //! The cache as bytes, which the application deletes; nullptr on failure.
    IHostMemory* serialize() const noexcept { return mImpl->serialize(); }

    //! Takes over the entries of another cache that this one lacks. Returns false when that cache comes from another
    //! version, or from another device unless `ignoreMismatch`.
    bool combine(ITimingCache const& inputCache, bool ignoreMismatch) noexcept {
        return mImpl->combine(inputCache, ignoreMismatch);
    }

    //! Removes all entries. Returns whether it succeeded.
    bool reset() noexcept { return mImpl->reset(); }

    //! Number of entries, or -1 on error. Up to `capacity` keys are written to `keyBuffer` unless it is null.
    //! Editable caches only.
    int64_t queryKeys(TimingCacheKey* keyBuffer, int64_t capacity) const noexcept {
        return mImpl->queryKeys(keyBuffer, capacity);
    }

    //! The entry of a key, or one with kINVALID_TACTIC_HASH. Editable caches only.
    TimingCacheValue query(TimingCacheKey const& key) const noexcept { return mImpl->query(key); }

    //! Changes the entry of a key, or removes it when the new time is NaN. Returns false when the key is unknown or
    //! the value not valid. Editable caches only. A tactic that does not fit makes the next build fail.
    bool update(TimingCacheKey const& key, TimingCacheValue const& value) noexcept { return mImpl->update(key, value); }

  protected:
    apiv::VTimingCache* mImpl;
};

//! Memory whose use a build can limit, in bytes.
enum class MemoryPoolType : int32_t {
    //! Scratch memory of a layer. Default: all device memory.
    kWORKSPACE = 0,
    //! DLA's internal memory. A power of two, 4 KiB at least. Default 1 MiB.
    kDLA_MANAGED_SRAM = 1,
    //! Host memory for tensors between DLA operations. A power of two, 4 KiB at least. Default 1 GiB.
    kDLA_LOCAL_DRAM = 2,
    //! Host memory for DLA weights. A power of two, 4 KiB at least. Default 512 MiB.
    kDLA_GLOBAL_DRAM = 3,
    //! Device memory that trying tactics may take. Default: all, or 75 % on integrated devices.
    kTACTIC_DRAM = 4,
    //! Shared memory of a kernel and the driver together, below 1 GiB. Default: what the device has.
    kTACTIC_SHARED_MEMORY = 5,
};

template <>
struct impl::EnumMaxImpl<MemoryPoolType> : impl::EnumCount<6> {};

//! Features that must be switched on while they are new.
enum class PreviewFeature : int32_t {
    //! Deprecated (10.0). Contexts may share a profile; always on.
    kPROFILE_SHARING_0806 TRT_DEPRECATED_ENUM = 0,
    //! Plugins may update inputs in place; see IPluginV3OneBuildV2.
    kALIASED_PLUGIN_IO_10_03 = 1,
    //! IExecutionContext::updateDeviceMemorySizeForShapes() makes use of shapes below the maximum.
    kRUNTIME_ACTIVATION_RESIZE_10_10 = 2,
    //! Layers may span several devices; required for IDistCollectiveLayer.
    kMULTIDEVICE_RUNTIME_10_16 = 3,
};

template <>
struct impl::EnumMaxImpl<PreviewFeature> : impl::EnumCount<4> {};

//! Devices other than that of the build on which an engine must run.
enum class HardwareCompatibilityLevel : int32_t {
    kNONE = 0,                     //!< None.
    kAMPERE_PLUS = 1,              //!< Ampere and later. Limits shared memory to 48 KiB and may cost speed.
    kSAME_COMPUTE_CAPABILITY = 2,  //!< Those of the same compute capability. May cost speed.
};

template <>
struct impl::EnumMaxImpl<HardwareCompatibilityLevel> : impl::EnumCount<3> {};

//! Effort to cut layers into tiles that stay in the cache.
enum class TilingOptimizationLevel : int32_t {
    kNONE = 0,      //!< None.
    kFAST = 1,      //!< Heuristics; the build takes slightly longer.
    kMODERATE = 2,  //!< Heuristics and measurements; the build takes longer.
    kFULL = 3,      //!< A wide search; the build takes much longer.
};

template <>
struct impl::EnumMaxImpl<TilingOptimizationLevel> : impl::EnumCount<4> {};

namespace v_1_0 {

//! Receives the progress of a build. Called from several threads; must outlive its users.
class IProgressMonitor : public IVersionedInterface {
  public:
    IProgressMonitor() = default;
    virtual ~IProgressMonitor() noexcept = default;

    //! Identifies the interface: kind "IProgressMonitor", version 1.0.
    InterfaceInfo getInterfaceInfo() const noexcept override { return InterfaceInfo{"IProgressMonitor", 1, 0}; }

    //! A phase of `nbSteps` steps (1 at least) begins, within `parentPhase` or, when that is nullptr, by itself.
    //! Names are in English and unique among the phases that run.
    virtual void phaseStart(char const* phaseName, char const* parentPhase, int32_t nbSteps) noexcept = 0;

    //! Step `step`, counted from 0, is done. Returning false ends the build, which then fails.
    virtual bool stepComplete(char const* phaseName, int32_t step) noexcept = 0;

    //! The phase has ended, possibly before all its steps.
    virtual void phaseFinish(char const* phaseName) noexcept = 0;
};

}  // namespace v_1_0

using IProgressMonitor = v_1_0::IProgressMonitor;

//! Options of a build. Made by IBuilder::createBuilderConfig(); the application deletes it, before the builder.
class IBuilderConfig : public INoCopy {
  public:
    virtual ~IBuilderConfig() noexcept = default;

    //! Number of runs that a measurement averages over. Default 1.
    virtual void setAvgTimingIterations(int32_t avgTiming) noexcept { mImpl->setAvgTimingIterations(avgTiming); }

    //! Number of runs that a measurement averages over.
    int32_t getAvgTimingIterations() const noexcept { return mImpl->getAvgTimingIterations(); }

    //! Runtime that the engine is for. Default kSTANDARD.
    void setEngineCapability(EngineCapability capability) noexcept { mImpl->setEngineCapability(capability); }

    //! Runtime that the engine is for.
    EngineCapability getEngineCapability() const noexcept { return mImpl->getEngineCapability(); }

    //! Deprecated (10.1). Calibrator for BuilderFlag::kINT8; it must live until the build has ended.
    TRT_DEPRECATED void setInt8Calibrator(IInt8Calibrator* calibrator) noexcept {
        mImpl->setInt8Calibrator(calibrator);
    }

    //! Deprecated (10.1). The calibrator, or nullptr.
    TRT_DEPRECATED IInt8Calibrator* getInt8Calibrator() const noexcept { return mImpl->getInt8Calibrator(); }

    //! Sets exactly these flags.
    void setFlags(BuilderFlags builderFlags) noexcept { mImpl->setFlags(builderFlags); }

    //! The flags that are set.
    BuilderFlags getFlags() const noexcept { return mImpl->getFlags(); }

    //! Clears one flag.
    void clearFlag(BuilderFlag builderFlag) noexcept { mImpl->clearFlag(builderFlag); }

    //! Sets one flag more.
    void setFlag(BuilderFlag builderFlag) noexcept { mImpl->setFlag(builderFlag); }

    //! Whether the flag is set.
    bool getFlag(BuilderFlag builderFlag) const noexcept { return mImpl->getFlag(builderFlag); }

    //! Device that a layer runs on, instead of the default one.
    void setDeviceType(ILayer const* layer, DeviceType deviceType) noexcept { mImpl->setDeviceType(layer, deviceType); }

    //! Device that a layer runs on.
    DeviceType getDeviceType(ILayer const* layer) const noexcept { return mImpl->getDeviceType(layer); }

    //! Whether a device was set for the layer.
    bool isDeviceTypeSet(ILayer const* layer) const noexcept { return mImpl->isDeviceTypeSet(layer); }

    //! Returns a layer to the default device.
    void resetDeviceType(ILayer const* layer) noexcept { mImpl->resetDeviceType(layer); }

    //! Whether a DLA core can run the layer.
    bool canRunOnDLA(ILayer const* layer) const noexcept { return mImpl->canRunOnDLA(layer); }

    //! DLA core, 0 to the number of cores - 1; ignored where there is none. Default -1.
    void setDLACore(int32_t dlaCore) noexcept { mImpl->setDLACore(dlaCore); }

    //! Chosen DLA core, or -1.
    int32_t getDLACore() const noexcept { return mImpl->getDLACore(); }

    //! Device for layers without one of their own. Default kGPU.
    void setDefaultDeviceType(DeviceType deviceType) noexcept { mImpl->setDefaultDeviceType(deviceType); }

    //! Device for layers without one of their own.
    DeviceType getDefaultDeviceType() const noexcept { return mImpl->getDefaultDeviceType(); }

    //! Returns all options to their defaults.
    void reset() noexcept { mImpl->reset(); }

    //! Stream on which tactics are measured. The build waits for it before it returns.
    void setProfileStream(const cudaStream_t stream) noexcept { mImpl->setProfileStream(stream); }

    //! The stream, or nullptr.
    cudaStream_t getProfileStream() const noexcept { return mImpl->getProfileStream(); }

    //! Adds a profile and returns its index, or -1 when it is not valid. Required when an input is dynamic.
    int32_t addOptimizationProfile(IOptimizationProfile const* profile) noexcept {
        return mImpl->addOptimizationProfile(profile);
    }

    //! Number of profiles that were added.
    int32_t getNbOptimizationProfiles() const noexcept { return mImpl->getNbOptimizationProfiles(); }

    //! How much the engine will tell about its layers. Default kLAYER_NAMES_ONLY.
    void setProfilingVerbosity(ProfilingVerbosity verbosity) noexcept { mImpl->setProfilingVerbosity(verbosity); }

    //! How much the engine will tell about its layers.
    ProfilingVerbosity getProfilingVerbosity() const noexcept { return mImpl->getProfilingVerbosity(); }

    //! Deprecated (10.8). Selector of algorithms; nullptr removes it.
    TRT_DEPRECATED void setAlgorithmSelector(IAlgorithmSelector* selector) noexcept {
        mImpl->setAlgorithmSelector(selector);
    }

    //! Deprecated (10.8). The selector, or nullptr.
    TRT_DEPRECATED IAlgorithmSelector* getAlgorithmSelector() const noexcept { return mImpl->getAlgorithmSelector(); }

    //! Deprecated (10.1). Profile whose opt shapes calibration uses; nullptr removes it. Returns false when it is not
    //! valid.
    TRT_DEPRECATED bool setCalibrationProfile(IOptimizationProfile const* profile) noexcept {
        return mImpl->setCalibrationProfile(profile);
    }

    //! Deprecated (10.1). The profile, or nullptr.
    TRT_DEPRECATED IOptimizationProfile const* getCalibrationProfile() noexcept {
        return mImpl->getCalibrationProfile();
    }

    //! Deprecated (10.10). Sets exactly these flags.
    TRT_DEPRECATED void setQuantizationFlags(QuantizationFlags flags) noexcept { mImpl->setQuantizationFlags(flags); }

    //! Deprecated (10.10). The flags that are set.
    TRT_DEPRECATED QuantizationFlags getQuantizationFlags() const noexcept { return mImpl->getQuantizationFlags(); }

    //! Deprecated (10.10). Clears one flag.
    TRT_DEPRECATED void clearQuantizationFlag(QuantizationFlag flag) noexcept { mImpl->clearQuantizationFlag(flag); }

    //! Deprecated (10.10). Sets one flag more.
    TRT_DEPRECATED void setQuantizationFlag(QuantizationFlag flag) noexcept { mImpl->setQuantizationFlag(flag); }

    //! Deprecated (10.10). Whether the flag is set.
    TRT_DEPRECATED bool getQuantizationFlag(QuantizationFlag flag) const noexcept {
        return mImpl->getQuantizationFlag(flag);
    }

    //! Families of kernels that may be chosen from. Returns false, and changes nothing, when the value is not valid.
    bool setTacticSources(TacticSources tacticSources) noexcept { return mImpl->setTacticSources(tacticSources); }

    //! Families of kernels that may be chosen from.
    TacticSources getTacticSources() const noexcept { return mImpl->getTacticSources(); }

    //! A timing cache of the `size` bytes of a serialized one, or an empty one when `size` is 0. nullptr on failure.
    //! The application deletes it.
    ITimingCache* createTimingCache(void const* blob, std::size_t size) const noexcept {
        return mImpl->createTimingCache(blob, size);
    }

    //! Cache for the build, which must live until it has ended. Returns false when it comes from another version, or
    //! from another device unless `ignoreMismatch`.
    bool setTimingCache(ITimingCache const& cache, bool ignoreMismatch) noexcept {
        return mImpl->setTimingCache(cache, ignoreMismatch);
    }

    //! The cache in use, that of setTimingCache() or one made by the build; nullptr when there is none.
    ITimingCache const* getTimingCache() const noexcept { return mImpl->getTimingCache(); }

    //! Bytes that a pool may take. Reports kINVALID_ARGUMENT when less than the pool's minimum, kUNSUPPORTED_STATE
    //! when more than there is, and then changes nothing.
    void setMemoryPoolLimit(MemoryPoolType pool, std::size_t poolSize) noexcept {
        mImpl->setMemoryPoolLimit(pool, poolSize);
    }

    //! Bytes that a pool may take.
    std::size_t getMemoryPoolLimit(MemoryPoolType pool) const noexcept { return mImpl->getMemoryPoolLimit(pool); }

    //! Switches a new feature on or off.
    void setPreviewFeature(PreviewFeature feature, bool enable) noexcept { mImpl->setPreviewFeature(feature, enable); }

    //! Whether a new feature is on.
    bool getPreviewFeature(PreviewFeature feature) const noexcept { return mImpl->getPreviewFeature(feature); }

    //! Effort of the build, 0 to 5; more means 5. 0 takes the first tactic that works and measures nothing; 3 is the
    //! default; 5 tries everything.
    void setBuilderOptimizationLevel(int32_t level) noexcept { mImpl->setBuilderOptimizationLevel(level); }

    //! Effort of the build.
    int32_t getBuilderOptimizationLevel() noexcept { return mImpl->getBuilderOptimizationLevel(); }

    //! Devices that the engine must run on. Default kNONE.
    void setHardwareCompatibilityLevel(HardwareCompatibilityLevel hardwareCompatibilityLevel) noexcept {
        mImpl->setHardwareCompatibilityLevel(hardwareCompatibilityLevel);
    }

    //! Devices that the engine must run on.
    HardwareCompatibilityLevel getHardwareCompatibilityLevel() const noexcept {
        return mImpl->getHardwareCompatibilityLevel();
    }

    //! Plugin libraries that a version-compatible plan carries. Paths are copied and must be distinct.
    void setPluginsToSerialize(char const* const* paths, int32_t nbPaths) noexcept {
        mImpl->setPluginsToSerialize(paths, nbPaths);
    }

    //! Path of library `index`; nullptr when out of range.
    char const* getPluginToSerialize(int32_t index) const noexcept { return mImpl->getPluginToSerialize(index); }

    //! Number of those libraries.
    int32_t getNbPluginsToSerialize() const noexcept { return mImpl->getNbPluginsToSerialize(); }

    //! Streams that execution may use besides the one it is given; 0 makes it sequential. By default the build
    //! decides.
    void setMaxAuxStreams(int32_t nbStreams) noexcept { mImpl->setMaxAuxStreams(nbStreams); }

    //! Number of additional streams; -1 when the build decides.
    int32_t getMaxAuxStreams() const noexcept { return mImpl->getMaxAuxStreams(); }

    //! Receiver of the build's progress; nullptr removes it.
    void setProgressMonitor(IProgressMonitor* monitor) noexcept { mImpl->setProgressMonitor(monitor); }

    //! The monitor, or nullptr.
    IProgressMonitor* getProgressMonitor() const noexcept { return mImpl->getProgressMonitor(); }

    //! Platform that the plan is for. Default kSAME_AS_BUILD.
    void setRuntimePlatform(RuntimePlatform runtimePlatform) noexcept { mImpl->setRuntimePlatform(runtimePlatform); }

    //! Platform that the plan is for.
    RuntimePlatform getRuntimePlatform() const noexcept { return mImpl->getRuntimePlatform(); }

    //! Number of tactics that are measured for a layer at most.
    void setMaxNbTactics(int32_t maxNbTactics) noexcept { mImpl->setMaxNbTactics(maxNbTactics); }

    //! Number of tactics; -1 (the default) when the build decides.
    int32_t getMaxNbTactics() const noexcept { return mImpl->getMaxNbTactics(); }

    //! Effort for tiling. Default kNONE. Returns false when unknown.
    bool setTilingOptimizationLevel(TilingOptimizationLevel level) noexcept {
        return mImpl->setTilingOptimizationLevel(level);
    }

    //! Effort for tiling.
    TilingOptimizationLevel getTilingOptimizationLevel() const noexcept { return mImpl->getTilingOptimizationLevel(); }

    //! Bytes of L2 cache that tiling may count on. Of effect with a tiling level only. Returns false when not valid.
    bool setL2LimitForTiling(int64_t size) noexcept { return mImpl->setL2LimitForTiling(size); }

    //! Bytes of L2 cache that tiling may count on.
    int64_t getL2LimitForTiling() const noexcept { return mImpl->getL2LimitForTiling(); }

    //! How to reach the machine that measures, for EngineCapability::kSAFETY. Copied. Returns whether it succeeded.
    bool setRemoteAutoTuningConfig(char const* config) noexcept { return mImpl->setRemoteAutoTuningConfig(config); }

    //! The text, or nullptr.
    char const* getRemoteAutoTuningConfig() const noexcept { return mImpl->getRemoteAutoTuningConfig(); }

  protected:
    apiv::VBuilderConfig* mImpl;
};

//! Bit set: 1U << NetworkDefinitionCreationFlag.
using NetworkDefinitionCreationFlags = uint32_t;

//! Properties of a network, fixed when it is created.
enum class NetworkDefinitionCreationFlag : int32_t {
    //! Deprecated (10.0). Always so.
    kEXPLICIT_BATCH TRT_DEPRECATED_ENUM = 0,
    //! Types follow from the inputs and the layers alone, and the build keeps them. Precisions must not be set.
    kSTRONGLY_TYPED = 1,
    //! Of Python plugins that can do both, use the implementation compiled at run time.
    kPREFER_JIT_PYTHON_PLUGINS = 2,
    //! Of Python plugins that can do both, use the implementation compiled beforehand.
    kPREFER_AOT_PYTHON_PLUGINS = 3,
};

template <>
struct impl::EnumMaxImpl<NetworkDefinitionCreationFlag> : impl::EnumCount<4> {};

//! Builds engines from networks. Made by createInferBuilder(). It must outlive its networks, configurations and
//! profiles.
class IBuilder : public INoCopy {
  public:
    virtual ~IBuilder() noexcept = default;

    //! Deprecated (10.5). Whether the device computes kHALF natively.
    TRT_DEPRECATED bool platformHasFastFp16() const noexcept { return mImpl->platformHasFastFp16(); }

    //! Deprecated (10.5). Whether the device computes kINT8 natively.
    TRT_DEPRECATED bool platformHasFastInt8() const noexcept { return mImpl->platformHasFastInt8(); }

    //! Largest batch that a DLA core takes; 0 where there is none.
    int32_t getMaxDLABatchSize() const noexcept { return mImpl->getMaxDLABatchSize(); }

    //! Number of DLA cores that are present.
    int32_t getNbDLACores() const noexcept { return mImpl->getNbDLACores(); }

    //! Allocator for device memory of builds and of the engines that they return, which it must outlive; nullptr
    //! restores the library's own.
    void setGpuAllocator(IGpuAllocator* allocator) noexcept { mImpl->setGpuAllocator(allocator); }

    //! A new configuration with all defaults; nullptr on failure. The application deletes it, before the builder.
    IBuilderConfig* createBuilderConfig() noexcept { return mImpl->createBuilderConfig(); }

    //! A new, empty network; `flags` combines 1U << NetworkDefinitionCreationFlag. nullptr on failure. The
    //! application deletes it, before the builder.
    INetworkDefinition* createNetworkV2(NetworkDefinitionCreationFlags flags) noexcept {
        return mImpl->createNetworkV2(flags);
    }

    //! A new profile, which the builder owns.
    IOptimizationProfile* createOptimizationProfile() noexcept { return mImpl->createOptimizationProfile(); }

    //! Recorder for this object and those made from it later; nullptr removes it. Counts its references.
    void setErrorRecorder(IErrorRecorder* recorder) noexcept { mImpl->setErrorRecorder(recorder); }

    //! The recorder, or nullptr.
    IErrorRecorder* getErrorRecorder() const noexcept { return mImpl->getErrorRecorder(); }

    //! Returns the builder's settings to their defaults.
    void reset() noexcept { mImpl->reset(); }

    //! Deprecated (10.5). Whether the device has TF32.
    TRT_DEPRECATED bool platformHasTf32() const noexcept { return mImpl->platformHasTf32(); }

    //! Builds a plan, which the application deletes; nullptr, with the reason logged, when the build fails. Waits for
    //! the profile stream of `config`.
    IHostMemory* buildSerializedNetwork(INetworkDefinition& network, IBuilderConfig& config) noexcept {
        return mImpl->buildSerializedNetwork(network, config);
    }

    //! Builds a plan and writes it to `writer`. Returns whether that succeeded.
    bool buildSerializedNetworkToStream(INetworkDefinition& network, IBuilderConfig& config,
                                        IStreamWriter& writer) noexcept {
        return mImpl->buildSerializedNetworkToStream(network, config, writer);
    }

    //! Builds a plan. `kernelText` receives the source of its kernels for EngineCapability::kSAFETY, else nullptr.
    IHostMemory* buildSerializedNetwork(INetworkDefinition& network, IBuilderConfig& config,
                                        IHostMemory*& kernelText) noexcept {
        return mImpl->buildSerializedNetworkWithKernelText(network, config, kernelText);
    }

    //! Builds an engine without the way over a plan; nullptr on failure. The application deletes it. Not for
    //! BuilderFlag::kVERSION_COMPATIBLE.
    ICudaEngine* buildEngineWithConfig(INetworkDefinition& network, IBuilderConfig& config) noexcept {
        return mImpl->buildEngineWithConfig(network, config);
    }

    //! Whether `config` admits the network; reasons against it are reported. A quick check: the build may still fail.
    bool isNetworkSupported(INetworkDefinition const& network, IBuilderConfig const& config) const noexcept {
        return mImpl->isNetworkSupported(network, config);
    }

    //! The logger that the builder was made with.
    ILogger* getLogger() const noexcept { return mImpl->getLogger(); }

    //! Threads that the builder may use, the calling one included. Default 1. Returns false, with kINVALID_ARGUMENT,
    //! when less than 1.
    bool setMaxThreads(int32_t maxThreads) noexcept { return mImpl->setMaxThreads(maxThreads); }

    //! Number of threads that may be used.
    int32_t getMaxThreads() const noexcept { return mImpl->getMaxThreads(); }

    //! Registry local to this builder. Searches go on in the global one unless that is switched off.
    IPluginRegistry& getPluginRegistry() noexcept { return mImpl->getPluginRegistry(); }

  protected:
    apiv::VBuilder* mImpl;
};

}  // namespace nvinfer1

//! What createInferBuilder() calls. `logger` is an ILogger*, `version` the NV_TENSORRT_VERSION of the caller's
//! headers.
extern "C" TENSORRTAPI void* createInferBuilder_INTERNAL(void* logger, int32_t version) noexcept;

namespace nvinfer1 {

namespace {
//! Makes a builder. `logger` must outlive it and all that it makes. nullptr on failure. The application deletes the
//! result.
inline IBuilder* createInferBuilder(ILogger& logger) noexcept {
    return static_cast<IBuilder*>(createInferBuilder_INTERNAL(&logger, NV_TENSORRT_VERSION));
}

}  // namespace

//! Registry of plugins for builds of the given capability; nullptr for all but EngineCapability::kSTANDARD.
extern "C" TENSORRTAPI nvinfer1::IPluginRegistry* getBuilderPluginRegistry(
    nvinfer1::EngineCapability capability) noexcept;

//! Directory in which the library looks for parts of its own that it loads while building; an empty string restores
//! the default. Concerns the whole process. Returns false when `path` is null or no directory.
extern "C" TENSORRTAPI bool setInternalLibraryPath(AsciiChar const* path) noexcept;

namespace safe {

class IPluginRegistry;
}

//! Deprecated. Registry of plugins for safety builds; nullptr where there is none.
extern "C" TRT_DEPRECATED_API nvinfer1::safe::IPluginRegistry* getBuilderSafePluginRegistry(
    nvinfer1::EngineCapability capability) noexcept;

}  // namespace nvinfer1

#pragma GCC diagnostic pop
