// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>

#include "compat/common/objects.h"

namespace lathe::compat {

class Builder;

// A network of the older API over one of the library's, which has layers of its own where one older layer takes
// several.
class Network final : public old::INetworkDefinition {
  public:
    Network(Builder& builder, std::unique_ptr<v10::INetworkDefinition> real, bool implicitBatch,
            bool explicitPrecision);
    ~Network() override;
    static Network& of(old::INetworkDefinition& n) { return static_cast<Network&>(n); }

    v10::INetworkDefinition& real() { return *real_; }
    bool implicit() const { return implicit_; }
    int offset() const { return implicit_ ? 1 : 0; }
    Report report() const;

    Tensor* of(v10::ITensor* tensor);
    // Takes over the layers that a parser has added to real().
    void adopt();
    // Brings layers in order whose parts depend on shapes. False, with an error, when one cannot be.
    bool settle();
    // Checks that settle() cannot make up for: outputs must depend on an implicit batch.
    bool complete();
    // Makes inputs and outputs of types that the older API lacks (int64) into such that it has.
    void narrowInterface();
    // Takes the first dimension of all inputs, which a model gave a size, for the implicit batch.
    void openBatch();
    // For a largest batch of 1: makes that dimension 1, as models may have it in constants; and undoes that.
    void fixBatch(bool fixed);

    // Puts the conversions of inputs and outputs whose type is that of the interface alone (Tensor::narrowed()), and
    // takes them away again: the network may be built once more. False, with an error, when one lacks its range.
    bool convertInterface();
    void restoreInterface();

    // For parts of layers: what the older API does not see.
    template <class L>
    L* helper(L* layer) {
        if (layer) helpers_.insert(layer);
        return layer;
    }
    // A constant vector; with an implicit batch without the batch dimension.
    v10::ITensor* integers(const std::vector<int64_t>& values);
    // A constant with the library's shape `dims`. The numbers are kept by the network.
    v10::IConstantLayer* floats(const v10::Dims& dims, std::vector<float> values);
    // [batch, tail…] as a shape tensor; nullptr when there is no input to take the batch from.
    v10::ITensor* shapeWithBatch(const std::vector<int64_t>& tail);
    // The tensor with extent -1 in front, by repetition when it has 1.
    v10::ITensor* batched(v10::ITensor& tensor);

    // The plugin objects that belong to layers of this network.
    std::vector<std::function<void()>> releases;

    old::ITensor* addInput(char const* name, old::DataType type, old::Dims dims) noexcept override;
    void markOutput(old::ITensor& t) noexcept override { real_->markOutput(Tensor::of(t).real()); }
    old::IConvolutionLayer* addConvolution(old::ITensor& in, int32_t maps, old::DimsHW kernel, old::Weights weights,
                                           old::Weights bias) noexcept override {
        return addConvolutionNd(in, maps, kernel, weights, bias);
    }
    old::IFullyConnectedLayer* addFullyConnected(old::ITensor& in, int32_t outputs, old::Weights weights,
                                                 old::Weights bias) noexcept override;
    old::IActivationLayer* addActivation(old::ITensor& in, old::ActivationType type) noexcept override;
    old::IPoolingLayer* addPooling(old::ITensor& in, old::PoolingType type, old::DimsHW window) noexcept override {
        return addPoolingNd(in, type, window);
    }
    old::ILRNLayer* addLRN(old::ITensor& in, int32_t window, float alpha, float beta, float k) noexcept override;
    old::IScaleLayer* addScale(old::ITensor& in, old::ScaleMode mode, old::Weights shift, old::Weights scale,
                               old::Weights power) noexcept override;
    old::ISoftMaxLayer* addSoftMax(old::ITensor& in) noexcept override;
    old::IConcatenationLayer* addConcatenation(old::ITensor* const* in, int32_t count) noexcept override;
    old::IDeconvolutionLayer* addDeconvolution(old::ITensor& in, int32_t maps, old::DimsHW kernel, old::Weights weights,
                                               old::Weights bias) noexcept override {
        return addDeconvolutionNd(in, maps, kernel, weights, bias);
    }
    old::IElementWiseLayer* addElementWise(old::ITensor& a, old::ITensor& b,
                                           old::ElementWiseOperation op) noexcept override;
    old::IUnaryLayer* addUnary(old::ITensor& in, old::UnaryOperation op) noexcept override;
    old::IPaddingLayer* addPadding(old::ITensor& in, old::DimsHW before, old::DimsHW after) noexcept override;
    old::IShuffleLayer* addShuffle(old::ITensor& in) noexcept override;
    int32_t getNbLayers() const noexcept override { return static_cast<int32_t>(layers_.size()); }
    old::ILayer* getLayer(int32_t index) const noexcept override;
    int32_t getNbInputs() const noexcept override { return real_->getNbInputs(); }
    old::ITensor* getInput(int32_t index) const noexcept override;
    int32_t getNbOutputs() const noexcept override { return real_->getNbOutputs(); }
    old::ITensor* getOutput(int32_t index) const noexcept override;
    void destroy() noexcept override { delete this; }
    old::IReduceLayer* addReduce(old::ITensor& in, old::ReduceOperation op, uint32_t axes, bool keep) noexcept override;
    old::ITopKLayer* addTopK(old::ITensor& in, old::TopKOperation op, int32_t k, uint32_t axes) noexcept override;
    old::IGatherLayer* addGather(old::ITensor& data, old::ITensor& indices, int32_t axis) noexcept override;
    old::IRaggedSoftMaxLayer* addRaggedSoftMax(old::ITensor& in, old::ITensor& bounds) noexcept override;
    old::IMatrixMultiplyLayer* addMatrixMultiply(old::ITensor& a, old::MatrixOperation opA, old::ITensor& b,
                                                 old::MatrixOperation opB) noexcept override;
    old::IConstantLayer* addConstant(old::Dims dims, old::Weights weights) noexcept override;
    old::IRNNv2Layer* addRNNv2(old::ITensor& in, int32_t layers, int32_t hidden, int32_t maxLength,
                               old::RNNOperation op) noexcept override;
    old::IIdentityLayer* addIdentity(old::ITensor& in) noexcept override;
    void removeTensor(old::ITensor& t) noexcept override { real_->removeTensor(Tensor::of(t).real()); }
    void unmarkOutput(old::ITensor& t) noexcept override { real_->unmarkOutput(Tensor::of(t).real()); }
    old::IPluginV2Layer* addPluginV2(old::ITensor* const* in, int32_t count, old::IPluginV2& plugin) noexcept override;
    old::ISliceLayer* addSlice(old::ITensor& in, old::Dims start, old::Dims size, old::Dims stride) noexcept override;
    void setName(char const* name) noexcept override { real_->setName(name); }
    char const* getName() const noexcept override { return real_->getName(); }
    old::IShapeLayer* addShape(old::ITensor& in) noexcept override;
    bool hasImplicitBatchDimension() const noexcept override { return implicit_; }
    bool markOutputForShapes(old::ITensor& t) noexcept override {
        return real_->markOutputForShapes(Tensor::of(t).real());
    }
    bool unmarkOutputForShapes(old::ITensor& t) noexcept override {
        return real_->unmarkOutputForShapes(Tensor::of(t).real());
    }
    old::IParametricReLULayer* addParametricReLU(old::ITensor& in, old::ITensor& slope) noexcept override;
    old::IConvolutionLayer* addConvolutionNd(old::ITensor& in, int32_t maps, old::Dims kernel, old::Weights weights,
                                             old::Weights bias) noexcept override;
    old::IPoolingLayer* addPoolingNd(old::ITensor& in, old::PoolingType type, old::Dims window) noexcept override;
    old::IDeconvolutionLayer* addDeconvolutionNd(old::ITensor& in, int32_t maps, old::Dims kernel, old::Weights weights,
                                                 old::Weights bias) noexcept override;
    old::IScaleLayer* addScaleNd(old::ITensor& in, old::ScaleMode mode, old::Weights shift, old::Weights scale,
                                 old::Weights power, int32_t axis) noexcept override;
    old::IResizeLayer* addResize(old::ITensor& in) noexcept override;
    bool hasExplicitPrecision() const noexcept override { return explicitPrecision_; }
#if LATHE_TRT >= 7
    old::ILoop* addLoop() noexcept override;
    old::ISelectLayer* addSelect(old::ITensor& condition, old::ITensor& a, old::ITensor& b) noexcept override;
    old::IFillLayer* addFill(old::Dims dims, old::FillOperation op) noexcept override;
    old::IPaddingLayer* addPaddingNd(old::ITensor& in, old::Dims before, old::Dims after) noexcept override;
#endif
#if LATHE_TRT < 8
    old::IRNNLayer* addRNN(old::ITensor& in, int32_t layers, std::size_t hidden, int32_t maxLength,
                           old::RNNOperation op, old::RNNInputMode mode, old::RNNDirection direction,
                           old::Weights weights, old::Weights bias) noexcept override;
    old::IPluginLayer* addPlugin(old::ITensor* const* in, int32_t count, old::IPlugin& plugin) noexcept override;
    old::IPluginLayer* addPluginExt(old::ITensor* const* in, int32_t count, old::IPluginExt& plugin) noexcept override;
    old::IMatrixMultiplyLayer* addMatrixMultiply(old::ITensor& a, bool transposeA, old::ITensor& b,
                                                 bool transposeB) noexcept override {
        auto op = [](bool t) { return t ? old::MatrixOperation::kTRANSPOSE : old::MatrixOperation::kNONE; };
        return addMatrixMultiply(a, op(transposeA), b, op(transposeB));
    }
    // nullptr goes back to the default.
    void setPoolingOutputDimensionsFormula(old::IOutputDimensionsFormula* f) noexcept override { poolingFormula = f; }
    old::IOutputDimensionsFormula& getPoolingOutputDimensionsFormula() const noexcept override;
    void setConvolutionOutputDimensionsFormula(old::IOutputDimensionsFormula* f) noexcept override {
        convolutionFormula = f;
    }
    old::IOutputDimensionsFormula& getConvolutionOutputDimensionsFormula() const noexcept override;
    void setDeconvolutionOutputDimensionsFormula(old::IOutputDimensionsFormula* f) noexcept override {
        deconvolutionFormula = f;
    }
    old::IOutputDimensionsFormula& getDeconvolutionOutputDimensionsFormula() const noexcept override;

    old::IOutputDimensionsFormula *poolingFormula = nullptr, *convolutionFormula = nullptr,
                                  *deconvolutionFormula = nullptr;
#else
    old::IOneHotLayer* addOneHot(old::ITensor& indices, old::ITensor& values, old::ITensor& depth,
                                 int32_t axis) noexcept override;
    old::IGatherLayer* addGatherV2(old::ITensor& data, old::ITensor& indices, old::GatherMode mode) noexcept override;
    old::INonZeroLayer* addNonZero(old::ITensor& in) noexcept override;
    old::ICastLayer* addCast(old::ITensor& in, old::DataType type) noexcept override;
    old::IAssertionLayer* addAssertion(old::ITensor& condition, char const* message) noexcept override;
    bool setWeightsName(old::Weights weights, char const* name) noexcept override {
        return real_->setWeightsName(toNew(weights), name);
    }
    void setErrorRecorder(old::IErrorRecorder* recorder) noexcept override { real_->setErrorRecorder(adapt(recorder)); }
    old::IErrorRecorder* getErrorRecorder() const noexcept override { return original(real_->getErrorRecorder()); }
    old::IDequantizeLayer* addDequantize(old::ITensor& in, old::ITensor& scale) noexcept override;
    old::IScatterLayer* addScatter(old::ITensor& data, old::ITensor& indices, old::ITensor& updates,
                                   old::ScatterMode mode) noexcept override;
    old::IQuantizeLayer* addQuantize(old::ITensor& in, old::ITensor& scale) noexcept override;
    old::IIfConditional* addIfConditional() noexcept override;
    old::IEinsumLayer* addEinsum(old::ITensor* const* in, int32_t count, char const* equation) noexcept override;
    old::IGridSampleLayer* addGridSample(old::ITensor& in, old::ITensor& grid) noexcept override;
    old::INMSLayer* addNMS(old::ITensor& boxes, old::ITensor& scores, old::ITensor& limit) noexcept override;
    old::IReverseSequenceLayer* addReverseSequence(old::ITensor& in, old::ITensor& lengths) noexcept override;
    old::INormalizationLayer* addNormalization(old::ITensor& in, old::ITensor& scale, old::ITensor& bias,
                                               uint32_t axes) noexcept override;
    old::IBuilder& getBuilder() const noexcept override;
#endif

    // Keeps a layer that stands for `of`, and answers it. Null for null.
    template <class L>
    L* keep(std::unique_ptr<L> layer) {
        L* raw = layer.get();
        byReal_[&raw->main()] = raw;
        layers_.push_back(std::move(layer));
        return raw;
    }
    template <class L, class New, class... Rest>
    L* made(New* real, Rest&&... rest) {
        return real ? keep(std::make_unique<L>(*this, *real, std::forward<Rest>(rest)...)) : nullptr;
    }
    // The older layer that stands for one of the library's; nullptr when there is none.
    Layer* layerOf(const v10::ILayer* real) const;
    // Objects that live as long as the network (loops and conditionals).
    void own(std::shared_ptr<void> object) { owned_.push_back(std::move(object)); }

  private:
    // False, with an error, when the batch is implicit.
    bool needsExplicitBatch(const char* what) const;

    Builder& builder_;
    std::unique_ptr<v10::INetworkDefinition> real_;
    bool implicit_, explicitPrecision_, settling_ = false, fixed_ = false;
    std::unordered_map<const v10::ITensor*, std::unique_ptr<Tensor>> tensors_;
    std::vector<std::unique_ptr<Layer>> layers_;
    std::unordered_map<const v10::ILayer*, Layer*> byReal_;
    std::unordered_set<const v10::ILayer*> helpers_;
    int32_t adopted_ = 0;
    std::deque<std::vector<int64_t>> integers_;
    std::deque<std::vector<float>> floats_;
    std::vector<std::function<void()>> restores_;
    std::vector<std::shared_ptr<void>> owned_;
};

}  // namespace lathe::compat
