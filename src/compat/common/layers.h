// SPDX-License-Identifier: Apache-2.0
// The layers that stand for one layer of the library each; those that are made of several are in made_layers.h and
// rnn.h.
#pragma once

#include "compat/common/objects.h"

namespace lathe::compat {

// A padding mode of Caffe or a rule of the application's own, as explicit padding; see windows.cc.
class Window {
  public:
    old::PaddingMode mode = old::PaddingMode::kEXPLICIT_ROUND_DOWN;
    bool caffe() const {
        return mode == old::PaddingMode::kCAFFE_ROUND_DOWN || mode == old::PaddingMode::kCAFFE_ROUND_UP;
    }
};

template <class Old, class New>
class WindowLayer : public LayerOf<Old, New> {
  public:
    using LayerOf<Old, New>::LayerOf;
    using LayerOf<Old, New>::in;
    LATHE_PROPERTY_AS(old::DimsHW, Stride, StrideNd)
    LATHE_PROPERTY(old::Dims, StrideNd)
    LATHE_PROPERTY_AS(old::DimsHW, Padding, PaddingNd)
    LATHE_PROPERTY(old::Dims, PaddingNd)
    LATHE_PROPERTY(old::Dims, PrePadding)
    LATHE_PROPERTY(old::Dims, PostPadding)
    void setPaddingMode(old::PaddingMode mode) noexcept override {
        window_.mode = mode;
        // Caffe's modes are worked out when shapes are known.
        in().setPaddingMode(window_.caffe() ? v10::PaddingMode::kEXPLICIT_ROUND_DOWN : toNew(mode));
    }
    old::PaddingMode getPaddingMode() const noexcept override {
        return window_.caffe() ? window_.mode : toOld<old::PaddingMode>(in().getPaddingMode());
    }

  protected:
    Window window_;
};

template <class Old, class New>
class KernelLayer : public WindowLayer<Old, New> {
  public:
    using WindowLayer<Old, New>::WindowLayer;
    using WindowLayer<Old, New>::in;
    LATHE_PROPERTY_AS(old::DimsHW, KernelSize, KernelSizeNd)
    LATHE_PROPERTY(old::Dims, KernelSizeNd)
    LATHE_PROPERTY(int32_t, NbOutputMaps)
    LATHE_PROPERTY(int32_t, NbGroups)
    LATHE_PROPERTY(old::Weights, KernelWeights)
    LATHE_PROPERTY(old::Weights, BiasWeights)
};

class ConvolutionLayer final : public KernelLayer<old::IConvolutionLayer, v10::IConvolutionLayer> {
  public:
    using KernelLayer::KernelLayer;
    LATHE_PROPERTY_AS(old::DimsHW, Dilation, DilationNd)
    LATHE_PROPERTY(old::Dims, DilationNd)
    bool settle() override;
};

class DeconvolutionLayer final : public KernelLayer<old::IDeconvolutionLayer, v10::IDeconvolutionLayer> {
  public:
    using KernelLayer::KernelLayer;
#if LATHE_TRT >= 7
    LATHE_PROPERTY(old::Dims, DilationNd)
#endif
    bool settle() override;
};

class PoolingLayer final : public WindowLayer<old::IPoolingLayer, v10::IPoolingLayer> {
  public:
    using WindowLayer::WindowLayer;
    LATHE_PROPERTY(old::PoolingType, PoolingType)
    LATHE_PROPERTY_AS(old::DimsHW, WindowSize, WindowSizeNd)
    LATHE_PROPERTY(old::Dims, WindowSizeNd)
    LATHE_PROPERTY(float, BlendFactor)
    LATHE_PROPERTY(bool, AverageCountExcludesPadding)
    bool settle() override;
};

class ActivationLayer final : public LayerOf<old::IActivationLayer, v10::IActivationLayer> {
  public:
    using LayerOf::LayerOf;
    LATHE_PROPERTY(old::ActivationType, ActivationType)
    LATHE_PROPERTY(float, Alpha)
    LATHE_PROPERTY(float, Beta)
};

class LrnLayer final : public LayerOf<old::ILRNLayer, v10::ILRNLayer> {
  public:
    using LayerOf::LayerOf;
    LATHE_PROPERTY(int32_t, WindowSize)
    LATHE_PROPERTY(float, Alpha)
    LATHE_PROPERTY(float, Beta)
    LATHE_PROPERTY(float, K)
};

class ScaleLayer final : public LayerOf<old::IScaleLayer, v10::IScaleLayer> {
  public:
    using LayerOf::LayerOf;
    LATHE_PROPERTY(old::ScaleMode, Mode)
    LATHE_PROPERTY(old::Weights, Shift)
    LATHE_PROPERTY(old::Weights, Scale)
    LATHE_PROPERTY(old::Weights, Power)
#if LATHE_TRT >= 8
    LATHE_AXIS(ChannelAxis)
#else
    int32_t getChannelAxis() const noexcept override { return in().getChannelAxis() - offset(); }
#endif
};

class SoftMaxLayer final : public LayerOf<old::ISoftMaxLayer, v10::ISoftMaxLayer> {
  public:
    using LayerOf::LayerOf;
    LATHE_AXES(Axes)
};

class ConcatenationLayer final : public LayerOf<old::IConcatenationLayer, v10::IConcatenationLayer> {
  public:
    using LayerOf::LayerOf;
    LATHE_AXIS(Axis)
    bool settle() override;
};

class ElementWiseLayer final : public LayerOf<old::IElementWiseLayer, v10::IElementWiseLayer> {
  public:
    using LayerOf::LayerOf;
    LATHE_PROPERTY(old::ElementWiseOperation, Operation)
};

class UnaryLayer final : public LayerOf<old::IUnaryLayer, v10::IUnaryLayer> {
  public:
    using LayerOf::LayerOf;
    LATHE_PROPERTY(old::UnaryOperation, Operation)
};

class ReduceLayer final : public LayerOf<old::IReduceLayer, v10::IReduceLayer> {
  public:
    using LayerOf::LayerOf;
    LATHE_PROPERTY(old::ReduceOperation, Operation)
    LATHE_AXES(ReduceAxes)
    LATHE_PROPERTY(bool, KeepDimensions)
};

class PaddingLayer final : public LayerOf<old::IPaddingLayer, v10::IPaddingLayer> {
  public:
    using LayerOf::LayerOf;
    LATHE_PROPERTY_AS(old::DimsHW, PrePadding, PrePaddingNd)
    LATHE_PROPERTY_AS(old::DimsHW, PostPadding, PostPaddingNd)
#if LATHE_TRT >= 7
    LATHE_PROPERTY(old::Dims, PrePaddingNd)
    LATHE_PROPERTY(old::Dims, PostPaddingNd)
#endif
};

class ShuffleLayer final : public LayerOf<old::IShuffleLayer, v10::IShuffleLayer> {
  public:
    using LayerOf::LayerOf;
    void setFirstTranspose(old::Permutation p) noexcept override { in().setFirstTranspose(full(p)); }
    old::Permutation getFirstTranspose() const noexcept override { return shown(in().getFirstTranspose()); }
    void setSecondTranspose(old::Permutation p) noexcept override { in().setSecondTranspose(full(p)); }
    old::Permutation getSecondTranspose() const noexcept override { return shown(in().getSecondTranspose()); }
    void setReshapeDimensions(old::Dims dims) noexcept override;
    old::Dims getReshapeDimensions() const noexcept override;
#if LATHE_TRT >= 7
    void setZeroIsPlaceholder(bool is) noexcept override;
    bool getZeroIsPlaceholder() const noexcept override { return in().getZeroIsPlaceholder(); }
#endif

  private:
    v10::Permutation full(const old::Permutation& p) const;
    old::Permutation shown(const v10::Permutation& p) const;
};

class SliceLayer final : public LayerOf<old::ISliceLayer, v10::ISliceLayer> {
  public:
    using LayerOf::LayerOf;
    LATHE_PROPERTY(old::Dims, Start)
    LATHE_PROPERTY(old::Dims, Size)
    LATHE_PROPERTY(old::Dims, Stride)
#if LATHE_TRT >= 7
    LATHE_PROPERTY(old::SliceMode, Mode)
#endif
};

class TopKLayer final : public LayerOf<old::ITopKLayer, v10::ITopKLayer> {
  public:
    using LayerOf::LayerOf;
    LATHE_PROPERTY(old::TopKOperation, Operation)
    LATHE_PROPERTY(int32_t, K)
    LATHE_AXES(ReduceAxes)
};

class GatherLayer final : public LayerOf<old::IGatherLayer, v10::IGatherLayer> {
  public:
    using LayerOf::LayerOf;
    LATHE_AXIS(GatherAxis)
    LATHE_AXIS(NbElementWiseDims)
#if LATHE_TRT >= 8
    LATHE_PROPERTY(old::GatherMode, Mode)
#endif
    bool settle() override;
};

class MatrixMultiplyLayer final : public LayerOf<old::IMatrixMultiplyLayer, v10::IMatrixMultiplyLayer> {
  public:
    using LayerOf::LayerOf;
    void setOperation(int32_t index, old::MatrixOperation op) noexcept override { in().setOperation(index, toNew(op)); }
    old::MatrixOperation getOperation(int32_t index) const noexcept override {
        return toOld<old::MatrixOperation>(in().getOperation(index));
    }
#if LATHE_TRT < 8
    void setTranspose(int32_t index, bool transpose) noexcept override {
        setOperation(index, transpose ? old::MatrixOperation::kTRANSPOSE : old::MatrixOperation::kNONE);
    }
    bool getTranspose(int32_t index) const noexcept override {
        return getOperation(index) == old::MatrixOperation::kTRANSPOSE;
    }
#endif
};

class ConstantLayer final : public LayerOf<old::IConstantLayer, v10::IConstantLayer> {
  public:
    using LayerOf::LayerOf;
    LATHE_PROPERTY(old::Weights, Weights)
    void setDimensions(old::Dims dims) noexcept override;
    old::Dims getDimensions() const noexcept override;
};

class ResizeLayer final : public LayerOf<old::IResizeLayer, v10::IResizeLayer> {
  public:
    using LayerOf::LayerOf;
    void setOutputDimensions(old::Dims dims) noexcept override;
    old::Dims getOutputDimensions() const noexcept override;
    void setScales(float const* scales, int32_t count) noexcept override;
    int32_t getScales(int32_t size, float* scales) const noexcept override;
    LATHE_PROPERTY(old::ResizeMode, ResizeMode)
    void setAlignCorners(bool align) noexcept override {
        in().setCoordinateTransformation(align ? v10::ResizeCoordinateTransformation::kALIGN_CORNERS
                                               : v10::ResizeCoordinateTransformation::kASYMMETRIC);
    }
    bool getAlignCorners() const noexcept override {
        return in().getCoordinateTransformation() == v10::ResizeCoordinateTransformation::kALIGN_CORNERS;
    }
#if LATHE_TRT >= 8
    LATHE_PROPERTY(old::ResizeCoordinateTransformation, CoordinateTransformation)
    LATHE_PROPERTY(old::ResizeSelector, SelectorForSinglePixel)
    LATHE_PROPERTY(old::ResizeRoundMode, NearestRounding)
    LATHE_PROPERTY(float, CubicCoeff)
    LATHE_PROPERTY(bool, ExcludeOutside)
#endif

  private:
    std::vector<float> scales_;
    old::Dims size_ = Convert<old::Dims>::toOld(v10::Dims{-1, {}});
};

// Layers without settings.
template <class Old, class New>
class PlainLayer final : public LayerOf<Old, New> {
  public:
    using LayerOf<Old, New>::LayerOf;
};
using IdentityLayer = PlainLayer<old::IIdentityLayer, v10::IIdentityLayer>;
using RaggedSoftMaxLayer = PlainLayer<old::IRaggedSoftMaxLayer, v10::IRaggedSoftMaxLayer>;
using ParametricReLULayer = PlainLayer<old::IParametricReLULayer, v10::IParametricReLULayer>;
using OtherLayer = PlainLayer<old::ILayer, v10::ILayer>;  // what a parser made, and the older API has no class for

#if LATHE_TRT >= 7
using SelectLayer = PlainLayer<old::ISelectLayer, v10::ISelectLayer>;

class FillLayer final : public LayerOf<old::IFillLayer, v10::IFillLayer> {
  public:
    using LayerOf::LayerOf;
    LATHE_PROPERTY(old::Dims, Dimensions)
    LATHE_PROPERTY(old::FillOperation, Operation)
    LATHE_PROPERTY(double, Alpha)
    LATHE_PROPERTY(double, Beta)
};
#endif

#if LATHE_TRT >= 8
using NonZeroLayer = PlainLayer<old::INonZeroLayer, v10::INonZeroLayer>;

class CastLayer final : public LayerOf<old::ICastLayer, v10::ICastLayer> {
  public:
    using LayerOf::LayerOf;
    LATHE_PROPERTY(old::DataType, ToType)
};

class AssertionLayer final : public LayerOf<old::IAssertionLayer, v10::IAssertionLayer> {
  public:
    using LayerOf::LayerOf;
    LATHE_PROPERTY(char const*, Message)
};

class QuantizeLayer final : public LayerOf<old::IQuantizeLayer, v10::IQuantizeLayer> {
  public:
    using LayerOf::LayerOf;
    LATHE_AXIS(Axis)
};

class DequantizeLayer final : public LayerOf<old::IDequantizeLayer, v10::IDequantizeLayer> {
  public:
    using LayerOf::LayerOf;
    LATHE_AXIS(Axis)
};

class EinsumLayer final : public LayerOf<old::IEinsumLayer, v10::IEinsumLayer> {
  public:
    using LayerOf::LayerOf;
    bool setEquation(char const* equation) noexcept override { return in().setEquation(equation); }
    LATHE_GET(char const*, Equation)
};

class ScatterLayer final : public LayerOf<old::IScatterLayer, v10::IScatterLayer> {
  public:
    using LayerOf::LayerOf;
    LATHE_PROPERTY(old::ScatterMode, Mode)
    LATHE_AXIS(Axis)
};

class OneHotLayer final : public LayerOf<old::IOneHotLayer, v10::IOneHotLayer> {
  public:
    using LayerOf::LayerOf;
    LATHE_AXIS(Axis)
};

class GridSampleLayer final : public LayerOf<old::IGridSampleLayer, v10::IGridSampleLayer> {
  public:
    using LayerOf::LayerOf;
    LATHE_PROPERTY(old::InterpolationMode, InterpolationMode)
    LATHE_PROPERTY(bool, AlignCorners)
    bool setSampleMode(old::SampleMode mode) noexcept override { return in().setSampleMode(toNew(mode)); }
    LATHE_GET(old::SampleMode, SampleMode)
};

class NmsLayer final : public LayerOf<old::INMSLayer, v10::INMSLayer> {
  public:
    using LayerOf::LayerOf;
    LATHE_PROPERTY(old::BoundingBoxFormat, BoundingBoxFormat)
    LATHE_PROPERTY(int32_t, TopKBoxLimit)
};

class ReverseSequenceLayer final : public LayerOf<old::IReverseSequenceLayer, v10::IReverseSequenceLayer> {
  public:
    using LayerOf::LayerOf;
    LATHE_PROPERTY(int32_t, BatchAxis)
    LATHE_PROPERTY(int32_t, SequenceAxis)
};

class NormalizationLayer final : public LayerOf<old::INormalizationLayer, v10::INormalizationLayer> {
  public:
    using LayerOf::LayerOf;
    LATHE_PROPERTY(float, Epsilon)
    LATHE_AXES(Axes)
    LATHE_PROPERTY(int32_t, NbGroups)
    LATHE_PROPERTY(old::DataType, ComputePrecision)
};
#endif

// The shape of a tensor as int32: the library's is int64, and is converted.
class ShapeLayer final : public LayerOf<old::IShapeLayer, v10::IShapeLayer> {
  public:
    ShapeLayer(Network& network, v10::IShapeLayer& real);
    Tensor* output(int32_t index) const override { return index == 0 ? converted_ : nullptr; }

  private:
    Tensor* converted_ = nullptr;
};

// A convolution whose kernel covers all of the last two dimensions. Inputs of other ranks than 4 (the batch included)
// are brought there and back.
class FullyConnectedLayer final : public LayerOf<old::IFullyConnectedLayer, v10::IConvolutionLayer> {
  public:
    FullyConnectedLayer(Network& network, v10::IConvolutionLayer& real, Tensor& input, v10::IShuffleLayer* before,
                        v10::IShuffleLayer* after);
    LATHE_PROPERTY_AS(int32_t, NbOutputChannels, NbOutputMaps)
    LATHE_PROPERTY(old::Weights, KernelWeights)
    LATHE_PROPERTY(old::Weights, BiasWeights)
    bool settle() override;
    int32_t inputs() const override { return 1; }
    Tensor* input(int32_t index) const override { return index == 0 ? input_ : nullptr; }
    Tensor* output(int32_t index) const override;
    void connect(int32_t index, Tensor& tensor) override;
    old::LayerType type() const override { return old::LayerType::kFULLY_CONNECTED; }

  private:
    Tensor* input_;
    v10::IShuffleLayer *before_, *after_;
};

}  // namespace lathe::compat
