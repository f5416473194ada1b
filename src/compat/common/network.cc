// SPDX-License-Identifier: Apache-2.0
#include "compat/common/network.h"

#include <cmath>

#include "compat/common/builder.h"
#include "compat/common/layers.h"
#include "compat/common/plugins.h"

namespace lathe::compat {

Network::Network(Builder& builder, std::unique_ptr<v10::INetworkDefinition> real, bool implicitBatch,
                 bool explicitPrecision)
    : builder_(builder), real_(std::move(real)), implicit_(implicitBatch), explicitPrecision_(explicitPrecision) {}

Network::~Network() {
    real_.reset();
    for (auto& release : releases) release();
}

Report Network::report() const { return {builder_.logger(), builder_.getErrorRecorder()}; }

Tensor* Network::of(v10::ITensor* tensor) {
    if (!tensor) return nullptr;
    auto& slot = tensors_[tensor];
    if (!slot) slot = std::make_unique<Tensor>(*this, *tensor);
    return slot.get();
}

Layer* Network::layerOf(const v10::ILayer* real) const {
    auto found = byReal_.find(real);
    return found == byReal_.end() ? nullptr : found->second;
}

void Network::adopt() {
    for (int32_t n = real_->getNbLayers(); adopted_ < n; ++adopted_) {
        v10::ILayer* layer = real_->getLayer(adopted_);
        if (!helpers_.count(layer) && !byReal_.count(layer)) keep(wrapLayer(*this, *layer));
    }
}

bool Network::settle() {
    if (settling_) return true;  // a layer that asks for shapes meanwhile
    settling_ = true;
    bool good = true;
    for (size_t i = 0; good && i < layers_.size(); ++i) good = layers_[i]->settle();
    settling_ = false;
    return good;
}

bool Network::complete() {
    if (!settle()) return false;
    for (auto& layer : layers_)
        if (!layer->complete()) return false;
    for (int32_t i = 0; implicit_ && i < real_->getNbOutputs(); ++i) {
        v10::ITensor& t = *real_->getOutput(i);
        if (t.getDimensions().nbDims > 0 && (fixed_ || t.getDimensions().d[0] == -1)) continue;
        report().error("IBuilder",
                       std::string("output '") + t.getName() +
                           "' does not depend on an input; a network with an implicit batch must not have such");
        return false;
    }
    return true;
}

v10::ITensor* Network::integers(const std::vector<int64_t>& values) {
    integers_.push_back(values);
    v10::Dims dims{1, {static_cast<int64_t>(values.size())}};
    auto* layer = helper(real_->addConstant(
        dims, {v10::DataType::kINT64, integers_.back().data(), static_cast<int64_t>(values.size())}));
    return layer ? layer->getOutput(0) : nullptr;
}

v10::IConstantLayer* Network::floats(const v10::Dims& dims, std::vector<float> values) {
    floats_.push_back(std::move(values));
    return helper(real_->addConstant(
        dims, {v10::DataType::kFLOAT, floats_.back().data(), static_cast<int64_t>(floats_.back().size())}));
}

v10::ITensor* Network::shapeWithBatch(const std::vector<int64_t>& tail) {
    if (real_->getNbInputs() == 0) return nullptr;
    v10::ITensor* shape = helper(real_->addShape(*real_->getInput(0)))->getOutput(0);
    v10::Dims zero{1, {0}}, one{1, {1}};
    v10::ITensor* batch = helper(real_->addSlice(*shape, zero, one, one))->getOutput(0);
    if (tail.empty()) return batch;
    v10::ITensor* parts[] = {batch, integers(tail)};
    return helper(real_->addConcatenation(parts, 2))->getOutput(0);
}

v10::ITensor* Network::batched(v10::ITensor& tensor) {
    v10::Dims dims = tensor.getDimensions();
    if (!implicit_ || dims.nbDims < 1 || dims.d[0] != 1) return &tensor;
    v10::Dims start{dims.nbDims, {}}, stride{dims.nbDims, {}};
    for (int i = 1; i < dims.nbDims; ++i) stride.d[i] = 1;
    v10::ITensor* size = shapeWithBatch(std::vector<int64_t>(dims.d + 1, dims.d + dims.nbDims));
    if (!size) return &tensor;
    auto* slice = helper(real_->addSlice(tensor, start, dims, stride));
    slice->setInput(2, *size);
    return slice->getOutput(0);
}

void Network::openBatch() { fixBatch(false); }

void Network::fixBatch(bool fixed) {
    fixed_ = fixed;
    for (int32_t i = 0; i < real_->getNbInputs(); ++i) {
        v10::ITensor& t = *real_->getInput(i);
        v10::Dims dims = t.getDimensions();
        if (dims.nbDims < 1) continue;
        dims.d[0] = fixed ? 1 : -1;
        t.setDimensions(dims);
    }
}

// What reads an input of int64 gets it converted from int32; an output of int64 is converted.
void Network::narrowInterface() {
    for (int32_t i = 0; i < real_->getNbInputs(); ++i) {
        v10::ITensor* wide = real_->getInput(i);
        if (wide->getType() != v10::DataType::kINT64) continue;
        std::string name = wide->getName();
        v10::Dims dims = wide->getDimensions();
        wide->setName((name + " (int64)").c_str());
        v10::ITensor* narrow = real_->addInput(name.c_str(), v10::DataType::kINT32, dims);
        if (!narrow) return;
        for (int d = 0; d < dims.nbDims; ++d)
            if (char const* dim = wide->getDimensionName(d)) narrow->setDimensionName(d, dim);
        v10::ITensor* cast = helper(real_->addCast(*narrow, v10::DataType::kINT64))->getOutput(0);
        for (int32_t l = 0; l < real_->getNbLayers(); ++l) {
            v10::ILayer* layer = real_->getLayer(l);
            for (int32_t k = 0; k < layer->getNbInputs(); ++k)
                if (layer->getInput(k) == wide) layer->setInput(k, *cast);
        }
        real_->removeTensor(*wide);
        --i;
    }
    std::vector<v10::ITensor*> outputs;
    bool any = false;
    for (int32_t i = 0; i < real_->getNbOutputs(); ++i) {
        outputs.push_back(real_->getOutput(i));
        any |= outputs.back()->getType() == v10::DataType::kINT64;
    }
    if (!any) return;
    for (v10::ITensor* t : outputs) real_->unmarkOutput(*t);
    for (v10::ITensor* t : outputs) {
        if (t->getType() == v10::DataType::kINT64) {
            std::string name = t->getName();
            t->setName((name + " (int64)").c_str());
            t = helper(real_->addCast(*t, v10::DataType::kINT32))->getOutput(0);
            t->setName(name.c_str());
        }
        real_->markOutput(*t);
    }
}

bool Network::needsExplicitBatch(const char* what) const {
    if (!implicit_) return true;
    report().error(std::string("INetworkDefinition::") + what,
                   "this layer is for networks with an explicit batch (NetworkDefinitionCreationFlag::kEXPLICIT_BATCH)",
                   old::ErrorCode::kUNSUPPORTED_STATE);
    return false;
}

old::ILayer* Network::getLayer(int32_t index) const noexcept {
    return index >= 0 && index < getNbLayers() ? &layers_[index]->api() : nullptr;
}
old::ITensor* Network::getInput(int32_t index) const noexcept {
    return const_cast<Network*>(this)->of(real_->getInput(index));
}
old::ITensor* Network::getOutput(int32_t index) const noexcept {
    return const_cast<Network*>(this)->of(real_->getOutput(index));
}

old::ITensor* Network::addInput(char const* name, old::DataType type, old::Dims dims) noexcept {
    v10::Dims full = toNew(dims);
    if (implicit_) {
        for (int i = 0; i < dims.nbDims; ++i)
            if (dims.d[i] < 0) {
                report().error("INetworkDefinition::addInput",
                               std::string("input '") + (name ? name : "") + "': extent " + std::to_string(dims.d[i]) +
                                   "; with an implicit batch, all extents must be known");
                return nullptr;
            }
        full = withFront(-1, full);
    }
    // Of a smaller type is the interface alone.
    bool small = type == old::DataType::kHALF || type == old::DataType::kINT8;
    Tensor* made = of(real_->addInput(name, small ? v10::DataType::kFLOAT : toNew(type), full));
    if (made && small) made->setType(type);
    return made;
}

// ---- layers

namespace {
v10::ITensor& realOf(old::ITensor& t) { return Tensor::of(t).real(); }
std::vector<v10::ITensor*> realOf(old::ITensor* const* in, int32_t count) {
    std::vector<v10::ITensor*> out;
    for (int32_t i = 0; i < count; ++i) out.push_back(in && in[i] ? &realOf(*in[i]) : nullptr);
    return out;
}
}  // namespace

old::IConvolutionLayer* Network::addConvolutionNd(old::ITensor& in, int32_t maps, old::Dims kernel,
                                                  old::Weights weights, old::Weights bias) noexcept {
    return made<ConvolutionLayer>(
        real_->addConvolutionNd(realOf(in), maps, toNew(kernel), toNew(weights), toNew(bias)));
}
old::IDeconvolutionLayer* Network::addDeconvolutionNd(old::ITensor& in, int32_t maps, old::Dims kernel,
                                                      old::Weights weights, old::Weights bias) noexcept {
    return made<DeconvolutionLayer>(
        real_->addDeconvolutionNd(realOf(in), maps, toNew(kernel), toNew(weights), toNew(bias)));
}
old::IPoolingLayer* Network::addPoolingNd(old::ITensor& in, old::PoolingType type, old::Dims window) noexcept {
    return made<PoolingLayer>(real_->addPoolingNd(realOf(in), toNew(type), toNew(window)));
}

old::IFullyConnectedLayer* Network::addFullyConnected(old::ITensor& in, int32_t outputs, old::Weights weights,
                                                      old::Weights bias) noexcept {
    const char* where = "INetworkDefinition::addFullyConnected";
    v10::Dims dims = Tensor::of(in).fullDims();
    if (dims.nbDims - offset() < 3) {
        report().error(where, "the input has " + std::to_string(std::max<int>(dims.nbDims - offset(), 0)) +
                                  " dimensions; at least 3 are needed");
        return nullptr;
    }
    for (int i = dims.nbDims - 3; i < dims.nbDims; ++i)
        if (dims.d[i] < 0) {
            report().error(where, "the last three extents of the input must be known");
            return nullptr;
        }
    v10::ITensor* x = &realOf(in);
    v10::IShuffleLayer *before = nullptr, *after = nullptr;
    if (dims.nbDims != 4) {
        before = helper(real_->addShuffle(*x));
        // The batch of this shape is worked out by settle().
        before->setReshapeDimensions(
            {4, {-1, dims.d[dims.nbDims - 3], dims.d[dims.nbDims - 2], dims.d[dims.nbDims - 1]}});
        x = before->getOutput(0);
    }
    v10::Dims kernel{2, {dims.d[dims.nbDims - 2], dims.d[dims.nbDims - 1]}};
    v10::IConvolutionLayer* layer = real_->addConvolutionNd(*x, outputs, kernel, toNew(weights), toNew(bias));
    if (!layer) return nullptr;
    if (before) after = helper(real_->addShuffle(*layer->getOutput(0)));
    return made<FullyConnectedLayer>(layer, Tensor::of(in), before, after);
}

old::IActivationLayer* Network::addActivation(old::ITensor& in, old::ActivationType type) noexcept {
    return made<ActivationLayer>(real_->addActivation(realOf(in), toNew(type)));
}
old::ILRNLayer* Network::addLRN(old::ITensor& in, int32_t window, float alpha, float beta, float k) noexcept {
    return made<LrnLayer>(real_->addLRN(realOf(in), window, alpha, beta, k));
}
old::IScaleLayer* Network::addScale(old::ITensor& in, old::ScaleMode mode, old::Weights shift, old::Weights scale,
                                    old::Weights power) noexcept {
    v10::Dims dims = Tensor::of(in).fullDims();
    if (implicit_ && dims.nbDims >= 4) return addScaleNd(in, mode, shift, scale, power, dims.nbDims - 4);
    return made<ScaleLayer>(real_->addScale(realOf(in), toNew(mode), toNew(shift), toNew(scale), toNew(power)));
}
old::IScaleLayer* Network::addScaleNd(old::ITensor& in, old::ScaleMode mode, old::Weights shift, old::Weights scale,
                                      old::Weights power, int32_t axis) noexcept {
    return made<ScaleLayer>(
        real_->addScaleNd(realOf(in), toNew(mode), toNew(shift), toNew(scale), toNew(power), axis + offset()));
}

// By default over the channels, the third axis from the end, or over the first that there is.
old::ISoftMaxLayer* Network::addSoftMax(old::ITensor& in) noexcept {
    auto* layer = made<SoftMaxLayer>(real_->addSoftMax(realOf(in)));
    if (layer && implicit_) layer->setAxes(1u << std::max(0, Tensor::of(in).fullDims().nbDims - 1 - 3));
    return layer;
}
old::IConcatenationLayer* Network::addConcatenation(old::ITensor* const* in, int32_t count) noexcept {
    auto list = realOf(in, count);
    auto* layer = made<ConcatenationLayer>(real_->addConcatenation(list.data(), count));
    if (layer && implicit_) layer->setAxis(std::max(0, Tensor::of(*in[0]).fullDims().nbDims - 1 - 3));
    return layer;
}
old::IElementWiseLayer* Network::addElementWise(old::ITensor& a, old::ITensor& b,
                                                old::ElementWiseOperation op) noexcept {
    return made<ElementWiseLayer>(real_->addElementWise(realOf(a), realOf(b), toNew(op)));
}
old::IUnaryLayer* Network::addUnary(old::ITensor& in, old::UnaryOperation op) noexcept {
    return made<UnaryLayer>(real_->addUnary(realOf(in), toNew(op)));
}
old::IPaddingLayer* Network::addPadding(old::ITensor& in, old::DimsHW before, old::DimsHW after) noexcept {
    return made<PaddingLayer>(real_->addPaddingNd(realOf(in), toNew(before), toNew(after)));
}
old::IShuffleLayer* Network::addShuffle(old::ITensor& in) noexcept {
    return made<ShuffleLayer>(real_->addShuffle(realOf(in)));
}
old::IReduceLayer* Network::addReduce(old::ITensor& in, old::ReduceOperation op, uint32_t axes, bool keep) noexcept {
    return made<ReduceLayer>(real_->addReduce(realOf(in), toNew(op), axes << offset(), keep));
}
old::ITopKLayer* Network::addTopK(old::ITensor& in, old::TopKOperation op, int32_t k, uint32_t axes) noexcept {
    return made<TopKLayer>(real_->addTopK(realOf(in), toNew(op), k, axes << offset()));
}
old::IGatherLayer* Network::addGather(old::ITensor& data, old::ITensor& indices, int32_t axis) noexcept {
    auto* layer = made<GatherLayer>(real_->addGather(realOf(data), realOf(indices), axis + offset()));
    if (layer && implicit_) layer->in().setNbElementWiseDims(1);
    return layer;
}
old::IRaggedSoftMaxLayer* Network::addRaggedSoftMax(old::ITensor& in, old::ITensor& bounds) noexcept {
    return made<RaggedSoftMaxLayer>(real_->addRaggedSoftMax(realOf(in), realOf(bounds)));
}
old::IMatrixMultiplyLayer* Network::addMatrixMultiply(old::ITensor& a, old::MatrixOperation opA, old::ITensor& b,
                                                      old::MatrixOperation opB) noexcept {
    return made<MatrixMultiplyLayer>(real_->addMatrixMultiply(realOf(a), toNew(opA), realOf(b), toNew(opB)));
}
old::IConstantLayer* Network::addConstant(old::Dims dims, old::Weights weights) noexcept {
    v10::Dims full = implicit_ ? withFront(1, toNew(dims)) : toNew(dims);
    return made<ConstantLayer>(real_->addConstant(full, toNew(weights)));
}
old::IIdentityLayer* Network::addIdentity(old::ITensor& in) noexcept {
    return made<IdentityLayer>(real_->addIdentity(realOf(in)));
}
old::IParametricReLULayer* Network::addParametricReLU(old::ITensor& in, old::ITensor& slope) noexcept {
    return made<ParametricReLULayer>(real_->addParametricReLU(realOf(in), realOf(slope)));
}
old::ISliceLayer* Network::addSlice(old::ITensor& in, old::Dims start, old::Dims size, old::Dims stride) noexcept {
    v10::ISliceLayer* layer = real_->addSlice(realOf(in), toNew(start), toNew(size), toNew(stride));
    if (layer && implicit_) {
        v10::Dims axes{start.nbDims, {}};
        for (int i = 0; i < axes.nbDims; ++i) axes.d[i] = i + 1;
        layer->setAxes(axes);
    }
    return made<SliceLayer>(layer);
}
old::IShapeLayer* Network::addShape(old::ITensor& in) noexcept {
    return needsExplicitBatch("addShape") ? made<ShapeLayer>(real_->addShape(realOf(in))) : nullptr;
}
old::IResizeLayer* Network::addResize(old::ITensor& in) noexcept {
    return made<ResizeLayer>(real_->addResize(realOf(in)));
}

#if LATHE_TRT >= 7
old::ISelectLayer* Network::addSelect(old::ITensor& condition, old::ITensor& a, old::ITensor& b) noexcept {
    return made<SelectLayer>(real_->addSelect(realOf(condition), realOf(a), realOf(b)));
}
old::IFillLayer* Network::addFill(old::Dims dims, old::FillOperation op) noexcept {
    return needsExplicitBatch("addFill") ? made<FillLayer>(real_->addFill(toNew(dims), toNew(op))) : nullptr;
}
old::IPaddingLayer* Network::addPaddingNd(old::ITensor& in, old::Dims before, old::Dims after) noexcept {
    return made<PaddingLayer>(real_->addPaddingNd(realOf(in), toNew(before), toNew(after)));
}
#endif

#if LATHE_TRT >= 8
old::IOneHotLayer* Network::addOneHot(old::ITensor& indices, old::ITensor& values, old::ITensor& depth,
                                      int32_t axis) noexcept {
    if (!needsExplicitBatch("addOneHot")) return nullptr;
    return made<OneHotLayer>(real_->addOneHot(realOf(indices), realOf(values), realOf(depth), axis));
}
old::IGatherLayer* Network::addGatherV2(old::ITensor& data, old::ITensor& indices, old::GatherMode mode) noexcept {
    if (!needsExplicitBatch("addGatherV2")) return nullptr;
    return made<GatherLayer>(real_->addGatherV2(realOf(data), realOf(indices), toNew(mode)));
}
old::INonZeroLayer* Network::addNonZero(old::ITensor& in) noexcept {
    return needsExplicitBatch("addNonZero") ? made<NonZeroLayer>(real_->addNonZero(realOf(in))) : nullptr;
}
old::ICastLayer* Network::addCast(old::ITensor& in, old::DataType type) noexcept {
    return made<CastLayer>(real_->addCast(realOf(in), toNew(type)));
}
old::IAssertionLayer* Network::addAssertion(old::ITensor& condition, char const* message) noexcept {
    return made<AssertionLayer>(real_->addAssertion(realOf(condition), message));
}
old::IDequantizeLayer* Network::addDequantize(old::ITensor& in, old::ITensor& scale) noexcept {
    if (!needsExplicitBatch("addDequantize")) return nullptr;
    return made<DequantizeLayer>(real_->addDequantize(realOf(in), realOf(scale)));
}
old::IQuantizeLayer* Network::addQuantize(old::ITensor& in, old::ITensor& scale) noexcept {
    if (!needsExplicitBatch("addQuantize")) return nullptr;
    return made<QuantizeLayer>(real_->addQuantize(realOf(in), realOf(scale)));
}
old::IScatterLayer* Network::addScatter(old::ITensor& data, old::ITensor& indices, old::ITensor& updates,
                                        old::ScatterMode mode) noexcept {
    if (!needsExplicitBatch("addScatter")) return nullptr;
    return made<ScatterLayer>(real_->addScatter(realOf(data), realOf(indices), realOf(updates), toNew(mode)));
}
old::IEinsumLayer* Network::addEinsum(old::ITensor* const* in, int32_t count, char const* equation) noexcept {
    if (!needsExplicitBatch("addEinsum")) return nullptr;
    auto list = realOf(in, count);
    return made<EinsumLayer>(real_->addEinsum(list.data(), count, equation));
}
old::IGridSampleLayer* Network::addGridSample(old::ITensor& in, old::ITensor& grid) noexcept {
    return made<GridSampleLayer>(real_->addGridSample(realOf(in), realOf(grid)));
}
old::INMSLayer* Network::addNMS(old::ITensor& boxes, old::ITensor& scores, old::ITensor& limit) noexcept {
    if (!needsExplicitBatch("addNMS")) return nullptr;
    return made<NmsLayer>(real_->addNMS(realOf(boxes), realOf(scores), realOf(limit)));
}
old::IReverseSequenceLayer* Network::addReverseSequence(old::ITensor& in, old::ITensor& lengths) noexcept {
    if (!needsExplicitBatch("addReverseSequence")) return nullptr;
    return made<ReverseSequenceLayer>(real_->addReverseSequence(realOf(in), realOf(lengths)));
}
old::INormalizationLayer* Network::addNormalization(old::ITensor& in, old::ITensor& scale, old::ITensor& bias,
                                                    uint32_t axes) noexcept {
    return made<NormalizationLayer>(real_->addNormalization(realOf(in), realOf(scale), realOf(bias), axes << offset()));
}
old::IBuilder& Network::getBuilder() const noexcept { return builder_; }
#endif

}  // namespace lathe::compat
