// SPDX-License-Identifier: Apache-2.0
#include "compat/common/layers.h"

#include <cmath>

#include "compat/common/network.h"
#include "compat/common/plugins.h"

namespace lathe::compat {

v10::Dims Tensor::fullDims() const {
    network_.settle();
    return real_.getDimensions();
}

old::Dims Tensor::getDimensions() const noexcept {
    v10::Dims dims = fullDims();
    return toOld<old::Dims>(network_.implicit() ? withoutFront(dims) : dims);
}

void Tensor::setDimensions(old::Dims dims) noexcept {
    real_.setDimensions(network_.implicit() ? withFront(-1, toNew(dims)) : toNew(dims));
}

void Tensor::setType(old::DataType type) noexcept {
    bool small = type == old::DataType::kHALF || type == old::DataType::kINT8;
    narrowed_ = small && toOld<old::DataType>(real_.getType()) == old::DataType::kFLOAT;
    if (narrowed_)
        interface_ = type;
    else
        real_.setType(toNew(type));
}

void Tensor::setBroadcastAcrossBatch(bool broadcast) noexcept {
    broadcast_ = broadcast;
    if (broadcast && network_.implicit() && real_.isNetworkInput())
        network_.report().warning("ITensor::setBroadcastAcrossBatch",
                                  std::string("input '") + getName() +
                                      "': inputs have a batch of their own here; give the values once for each entry");
}

#if LATHE_TRT < 8
float Tensor::getDynamicRange() const noexcept {
    if (!dynamicRangeIsSet()) return -1;
    return std::max(std::fabs(getDynamicRangeMin()), std::fabs(getDynamicRangeMax()));
}
#else
void Tensor::setDimensionName(int32_t index, char const* name) noexcept {
    real_.setDimensionName(index + network_.offset(), name);
}
char const* Tensor::getDimensionName(int32_t index) const noexcept {
    return real_.getDimensionName(index + network_.offset());
}
#endif

Layer::Layer(Network& network, v10::ILayer& main) : network_(network), main_(main) {}

int Layer::offset() const { return network_.offset(); }

Tensor* Layer::input(int32_t index) const {
    auto found = connected_.find(index);
    return found != connected_.end() ? found->second : network_.of(main_.getInput(index));
}

Tensor* Layer::output(int32_t index) const { return network_.of(main_.getOutput(index)); }

void Layer::connect(int32_t index, Tensor& tensor) {
    connected_.erase(index);
    main_.setInput(index, tensor.real());
}

// ---- layers that must know shapes

bool ConcatenationLayer::settle() {
    for (int32_t i = 0; offset() && i < inputs(); ++i)
        if (Tensor* t = input(i);
            t && t->real().getDimensions().nbDims > 0 && t->real().getDimensions().d[0] == 1 && !connected_.count(i)) {
            main_.setInput(i, *network_.batched(t->real()));
            connected_[i] = t;
        }
    return true;
}

bool GatherLayer::settle() {
    for (int32_t i = 0; offset() && i < 2; ++i)
        if (Tensor* t = input(i);
            t && t->real().getDimensions().nbDims > 0 && t->real().getDimensions().d[0] == 1 && !connected_.count(i)) {
            main_.setInput(i, *network_.batched(t->real()));
            connected_[i] = t;
        }
    return true;
}

v10::Permutation ShuffleLayer::full(const old::Permutation& p) const {
    v10::Permutation out{};
    for (int i = 0; i + offset() < v10::Dims::MAX_DIMS; ++i) out.order[i + offset()] = p.order[i] + offset();
    return out;
}

old::Permutation ShuffleLayer::shown(const v10::Permutation& p) const {
    old::Permutation out{};
    for (int i = 0; i + offset() < v10::Dims::MAX_DIMS; ++i) out.order[i] = p.order[i + offset()] - offset();
    return out;
}

// The batch is copied: by the placeholder 0, or as the one extent that follows from the others.
void ShuffleLayer::setReshapeDimensions(old::Dims dims) noexcept {
    v10::Dims shape = toNew(dims);
    if (offset()) {
        bool placeholder = in().getZeroIsPlaceholder();
        for (int i = 0; !placeholder && i < shape.nbDims; ++i)
            if (shape.d[i] == -1)
                return network_.report().error(std::string("IShuffleLayer '") + getName() + "'",
                                               "with an implicit batch, -1 needs zeros to be placeholders");
        shape = withFront(placeholder ? 0 : -1, shape);
    }
    in().setReshapeDimensions(shape);
}

old::Dims ShuffleLayer::getReshapeDimensions() const noexcept {
    v10::Dims shape = in().getReshapeDimensions();
    return toOld<old::Dims>(offset() ? withoutFront(shape) : shape);
}

#if LATHE_TRT >= 7
void ShuffleLayer::setZeroIsPlaceholder(bool is) noexcept {
    old::Dims shape = getReshapeDimensions();
    in().setZeroIsPlaceholder(is);
    if (offset() && shape.nbDims >= 0) setReshapeDimensions(shape);
}
#endif

void ConstantLayer::setDimensions(old::Dims dims) noexcept {
    in().setDimensions(offset() ? withFront(1, toNew(dims)) : toNew(dims));
}

old::Dims ConstantLayer::getDimensions() const noexcept {
    return toOld<old::Dims>(offset() ? withoutFront(in().getDimensions()) : in().getDimensions());
}

void ResizeLayer::setOutputDimensions(old::Dims dims) noexcept {
    if (!offset()) return in().setOutputDimensions(toNew(dims));
    size_ = dims;
    if (v10::ITensor* shape = network_.shapeWithBatch(std::vector<int64_t>(dims.d, dims.d + dims.nbDims)))
        in().setInput(1, *shape);
}

old::Dims ResizeLayer::getOutputDimensions() const noexcept {
    return offset() ? size_ : toOld<old::Dims>(in().getOutputDimensions());
}

void ResizeLayer::setScales(float const* scales, int32_t count) noexcept {
    scales_.assign(scales, scales + count);
    std::vector<float> all(scales_);
    if (offset()) all.insert(all.begin(), 1.f);
    in().setScales(all.data(), static_cast<int32_t>(all.size()));
}

int32_t ResizeLayer::getScales(int32_t size, float* scales) const noexcept {
    if (!offset() && scales_.empty()) return in().getScales(size, scales);
    if (scales_.empty()) return -1;
    if (scales) std::copy_n(scales_.begin(), std::min<size_t>(size, scales_.size()), scales);
    return static_cast<int32_t>(scales_.size());
}

ShapeLayer::ShapeLayer(Network& network, v10::IShapeLayer& real) : LayerOf(network, real) {
    auto* cast = network.helper(network.real().addCast(*real.getOutput(0), v10::DataType::kINT32));
    converted_ = network.of(cast ? cast->getOutput(0) : real.getOutput(0));
}

FullyConnectedLayer::FullyConnectedLayer(Network& network, v10::IConvolutionLayer& real, Tensor& input,
                                         v10::IShuffleLayer* before, v10::IShuffleLayer* after)
    : LayerOf(network, real), input_(&input), before_(before), after_(after) {
    settle();
}

Tensor* FullyConnectedLayer::output(int32_t index) const {
    if (index != 0) return nullptr;
    return network_.of(after_ ? after_->getOutput(0) : main_.getOutput(0));
}

void FullyConnectedLayer::connect(int32_t index, Tensor& tensor) {
    if (index != 0) return;
    input_ = &tensor;
    if (before_)
        before_->setInput(0, tensor.real());
    else
        main_.setInput(0, tensor.real());
}

// The kernel covers the last two dimensions; leading ones are joined to one, and parted again.
bool FullyConnectedLayer::settle() {
    v10::Dims dims = input_->real().getDimensions();
    if (dims.nbDims < 3) return true;  // an error further up, which the build reports
    in().setKernelSizeNd({2, {dims.d[dims.nbDims - 2], dims.d[dims.nbDims - 1]}});
    if (!before_) return true;
    v10::Dims joined{
        4, {dims.nbDims == 3 ? 1 : -1, dims.d[dims.nbDims - 3], dims.d[dims.nbDims - 2], dims.d[dims.nbDims - 1]}};
    v10::Dims parted = dims;
    int open = 0;
    for (int i = 0; i < dims.nbDims - 3; ++i) open += dims.d[i] < 0;
    if (open > 1) {
        network_.report().error(std::string("IFullyConnectedLayer '") + getName() + "'",
                                "more than one leading dimension of the input varies",
                                old::ErrorCode::kUNSUPPORTED_STATE);
        return false;
    }
    parted.d[dims.nbDims - 3] = in().getNbOutputMaps();
    parted.d[dims.nbDims - 2] = parted.d[dims.nbDims - 1] = 1;
    before_->setReshapeDimensions(joined);
    after_->setReshapeDimensions(parted);
    return true;
}

// ---- wrapping

namespace {

using Make = std::unique_ptr<Layer> (*)(Network&, v10::ILayer&);
template <class L, class New>
std::unique_ptr<Layer> makeWrapper(Network& network, v10::ILayer& layer) {
    return std::make_unique<L>(network, static_cast<New&>(layer));
}
using PlainShapeLayer = PlainLayer<old::IShapeLayer, v10::IShapeLayer>;

constexpr struct {
    v10::LayerType type;
    Make make;
} kWrappers[] = {
    {v10::LayerType::kCONVOLUTION, makeWrapper<ConvolutionLayer, v10::IConvolutionLayer>},
    {v10::LayerType::kDECONVOLUTION, makeWrapper<DeconvolutionLayer, v10::IDeconvolutionLayer>},
    {v10::LayerType::kPOOLING, makeWrapper<PoolingLayer, v10::IPoolingLayer>},
    {v10::LayerType::kACTIVATION, makeWrapper<ActivationLayer, v10::IActivationLayer>},
    {v10::LayerType::kLRN, makeWrapper<LrnLayer, v10::ILRNLayer>},
    {v10::LayerType::kSCALE, makeWrapper<ScaleLayer, v10::IScaleLayer>},
    {v10::LayerType::kSOFTMAX, makeWrapper<SoftMaxLayer, v10::ISoftMaxLayer>},
    {v10::LayerType::kCONCATENATION, makeWrapper<ConcatenationLayer, v10::IConcatenationLayer>},
    {v10::LayerType::kELEMENTWISE, makeWrapper<ElementWiseLayer, v10::IElementWiseLayer>},
    {v10::LayerType::kUNARY, makeWrapper<UnaryLayer, v10::IUnaryLayer>},
    {v10::LayerType::kPADDING, makeWrapper<PaddingLayer, v10::IPaddingLayer>},
    {v10::LayerType::kSHUFFLE, makeWrapper<ShuffleLayer, v10::IShuffleLayer>},
    {v10::LayerType::kREDUCE, makeWrapper<ReduceLayer, v10::IReduceLayer>},
    {v10::LayerType::kTOPK, makeWrapper<TopKLayer, v10::ITopKLayer>},
    {v10::LayerType::kGATHER, makeWrapper<GatherLayer, v10::IGatherLayer>},
    {v10::LayerType::kMATRIX_MULTIPLY, makeWrapper<MatrixMultiplyLayer, v10::IMatrixMultiplyLayer>},
    {v10::LayerType::kRAGGED_SOFTMAX, makeWrapper<RaggedSoftMaxLayer, v10::IRaggedSoftMaxLayer>},
    {v10::LayerType::kCONSTANT, makeWrapper<ConstantLayer, v10::IConstantLayer>},
    {v10::LayerType::kIDENTITY, makeWrapper<IdentityLayer, v10::IIdentityLayer>},
    {v10::LayerType::kSLICE, makeWrapper<SliceLayer, v10::ISliceLayer>},
    {v10::LayerType::kSHAPE, makeWrapper<PlainShapeLayer, v10::IShapeLayer>},
    {v10::LayerType::kPARAMETRIC_RELU, makeWrapper<ParametricReLULayer, v10::IParametricReLULayer>},
    {v10::LayerType::kRESIZE, makeWrapper<ResizeLayer, v10::IResizeLayer>},
#if LATHE_TRT >= 7
    {v10::LayerType::kSELECT, makeWrapper<SelectLayer, v10::ISelectLayer>},
    {v10::LayerType::kFILL, makeWrapper<FillLayer, v10::IFillLayer>},
#endif
#if LATHE_TRT >= 8
    {v10::LayerType::kNON_ZERO, makeWrapper<NonZeroLayer, v10::INonZeroLayer>},
    {v10::LayerType::kCAST, makeWrapper<CastLayer, v10::ICastLayer>},
    {v10::LayerType::kASSERTION, makeWrapper<AssertionLayer, v10::IAssertionLayer>},
    {v10::LayerType::kQUANTIZE, makeWrapper<QuantizeLayer, v10::IQuantizeLayer>},
    {v10::LayerType::kDEQUANTIZE, makeWrapper<DequantizeLayer, v10::IDequantizeLayer>},
    {v10::LayerType::kEINSUM, makeWrapper<EinsumLayer, v10::IEinsumLayer>},
    {v10::LayerType::kSCATTER, makeWrapper<ScatterLayer, v10::IScatterLayer>},
    {v10::LayerType::kONE_HOT, makeWrapper<OneHotLayer, v10::IOneHotLayer>},
    {v10::LayerType::kGRID_SAMPLE, makeWrapper<GridSampleLayer, v10::IGridSampleLayer>},
    {v10::LayerType::kNMS, makeWrapper<NmsLayer, v10::INMSLayer>},
    {v10::LayerType::kREVERSE_SEQUENCE, makeWrapper<ReverseSequenceLayer, v10::IReverseSequenceLayer>},
    {v10::LayerType::kNORMALIZATION, makeWrapper<NormalizationLayer, v10::INormalizationLayer>},
#endif
};

}  // namespace

std::unique_ptr<Layer> wrapLayer(Network& network, v10::ILayer& layer) {
    if (layer.getType() == v10::LayerType::kPLUGIN_V2) return wrapPluginLayer(network, layer);
    for (const auto& w : kWrappers)
        if (w.type == layer.getType()) return w.make(network, layer);
    return std::make_unique<OtherLayer>(network, layer);
}

}  // namespace lathe::compat
