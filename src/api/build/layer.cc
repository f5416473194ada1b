// SPDX-License-Identifier: Apache-2.0
#include "api/build/layer.h"

#include <cmath>

#include "api/build/network.h"
#include "ir/weights.h"
#include "ops/registry.h"

namespace lathe::api {
namespace {

// As names of layers that the user did not name show it.
const char* typeName(nvinfer1::LayerType type) {
    static constexpr const char* kNames[] = {"Convolution",
                                             "Cast",
                                             "Activation",
                                             "Pooling",
                                             "LRN",
                                             "Scale",
                                             "SoftMax",
                                             "Deconvolution",
                                             "Concatenation",
                                             "ElementWise",
                                             "Plugin",
                                             "Unary",
                                             "Padding",
                                             "Shuffle",
                                             "Reduce",
                                             "TopK",
                                             "Gather",
                                             "Matrix Multiply",
                                             "Ragged SoftMax",
                                             "Constant",
                                             "Identity",
                                             "PluginV2",
                                             "Slice",
                                             "Shape",
                                             "Parametric ReLU",
                                             "Resize",
                                             "Trip Limit",
                                             "Recurrence",
                                             "Iterator",
                                             "Loop Output",
                                             "Select",
                                             "Fill",
                                             "Quantize",
                                             "Dequantize",
                                             "Condition",
                                             "Conditional Input",
                                             "Conditional Output",
                                             "Scatter",
                                             "Einsum",
                                             "Assertion",
                                             "One Hot",
                                             "Non Zero",
                                             "Grid Sample",
                                             "NMS",
                                             "Reverse Sequence",
                                             "Normalization",
                                             "PluginV3",
                                             "Squeeze",
                                             "Unsqueeze",
                                             "Cumulative",
                                             "Dynamic Quantize",
                                             "Attention Input",
                                             "Attention Output",
                                             "Rotary Embedding",
                                             "KV Cache Update",
                                             "MoE",
                                             "Dist Collective"};
    static_assert(std::size(kNames) == static_cast<size_t>(nvinfer1::LayerType::kDIST_COLLECTIVE) + 1);
    return kNames[static_cast<size_t>(type)];
}

}  // namespace

Tensor::Tensor(Network& network, LayerCore* producer, int index, std::string name)
    : network_(network), producer_(producer), index_(index), name_(std::move(name)) {
    mImpl = this;
}

void Tensor::setName(char const* name) noexcept {
    guardedStatus(network_.reporter(), "ITensor::setName", [&]() -> Status {
        if (!name) return invalidArgument("the name is null");
        if (std::char_traits<char>::length(name) >= 4096)
            return invalidArgument("the name has 4096 characters or more");
        name_ = name;
        return {};
    });
}
char const* Tensor::getName() const noexcept { return name_.c_str(); }

void Tensor::setDimensions(nvinfer1::Dims const& dimensions) noexcept {
    guardedStatus(network_.reporter(), "ITensor::setDimensions", [&]() -> Status {
        if (producer_)
            return invalidArgument("tensor '{}' is not a network input; its dimensions follow from its layer", name_);
        for (int64_t d : TRY(fromApi(dimensions)))
            if (d < -1) return invalidArgument("tensor '{}': the extent {}; -1 stands for one that varies", name_, d);
        declaredDims = dimensions;
        network_.invalidate(0);
        return {};
    });
}

nvinfer1::Dims Tensor::getDimensions() const noexcept {
    if (!producer_) return declaredDims;
    auto type = guarded<std::optional<ir::TensorType>>(
        network_.reporter(), "ITensor::getDimensions", std::nullopt, [&]() -> Result<std::optional<ir::TensorType>> {
            return std::optional<ir::TensorType>(TRY(network_.typeOf(*this)));
        });
    return type ? toApi(type->shape) : invalidDims();
}

void Tensor::setType(nvinfer1::DataType type) noexcept {
    if (!guardedStatus(network_.reporter(), "ITensor::setType", [&] { return mustExist(type, "type"); })) return;
    declaredType = type;
    typeIsSet = true;
    network_.invalidate(producer_ ? producer_->position : 0);
}

nvinfer1::DataType Tensor::getType() const noexcept {
    if (!producer_) return declaredType;
    auto type = guarded<std::optional<ir::TensorType>>(
        network_.reporter(), "ITensor::getType", std::nullopt, [&]() -> Result<std::optional<ir::TensorType>> {
            return std::optional<ir::TensorType>(TRY(network_.typeOf(*this)));
        });
    return type ? toApi(type->dtype) : nvinfer1::DataType::kFLOAT;
}

bool Tensor::setDynamicRange(float min, float max) noexcept {
    return guardedStatus(network_.reporter(), "ITensor::setDynamicRange", [&]() -> Status {
        if (!std::isfinite(min) || !std::isfinite(max) || min > max)
            return invalidArgument("tensor '{}': [{}, {}] is no range", name_, min, max);
        hasRange = true;
        rangeMin = min;
        rangeMax = max;
        if (isDeclaredInt8()) network_.invalidate(producer_ ? producer_->position : 0);
        return {};
    });
}

bool Tensor::isNetworkInput() const noexcept { return producer_ == nullptr; }
bool Tensor::isNetworkOutput() const noexcept { return network_.isOutput(*this); }
void Tensor::setBroadcastAcrossBatch(bool) noexcept {}  // for the implicit batch, which version 10 does not have
bool Tensor::getBroadcastAcrossBatch() const noexcept { return false; }
nvinfer1::TensorLocation Tensor::getLocation() const noexcept { return nvinfer1::TensorLocation::kDEVICE; }
void Tensor::setLocation(nvinfer1::TensorLocation) noexcept {}  // decided by what a tensor is used for
bool Tensor::dynamicRangeIsSet() const noexcept { return hasRange; }
void Tensor::resetDynamicRange() noexcept {
    hasRange = false;
    if (isDeclaredInt8()) network_.invalidate(producer_ ? producer_->position : 0);
}
bool Tensor::isDeclaredInt8() const {
    return (typeIsSet && declaredType == nvinfer1::DataType::kINT8) ||
           (producer_ && producer_->outputTypeIsSet(index_) &&
            producer_->getOutputType(index_) == nvinfer1::DataType::kINT8);
}
float Tensor::getDynamicRangeMin() const noexcept { return hasRange ? rangeMin : std::nanf(""); }
float Tensor::getDynamicRangeMax() const noexcept { return hasRange ? rangeMax : std::nanf(""); }
void Tensor::setAllowedFormats(nvinfer1::TensorFormats formats) noexcept { allowedFormats = formats; }
nvinfer1::TensorFormats Tensor::getAllowedFormats() const noexcept { return allowedFormats; }

bool Tensor::isShapeTensor() const noexcept {
    // Small integer tensors can be used as shapes; whether one is depends on its readers.
    auto type = network_.typeOf(*this);
    bool integer =
        type.ok() && (type->dtype == DType::kInt32 || type->dtype == DType::kInt64 || type->dtype == DType::kBool);
    return integer && type->shape.size() <= 1 && ir::isConstant(type->shape) &&
           ir::volume(ir::constantDims(type->shape)) <= 64;
}
bool Tensor::isExecutionTensor() const noexcept { return true; }

void Tensor::setDimensionName(int32_t index, char const* name) noexcept {
    guardedStatus(network_.reporter(), "ITensor::setDimensionName", [&]() -> Status {
        if (producer_) return invalidArgument("tensor '{}' is not a network input", name_);
        if (index < 0 || index >= declaredDims.nbDims)
            return invalidArgument("dimension {} of tensor '{}', which has {}", index, name_, declaredDims.nbDims);
        dimNames[index] = name ? name : "";
        network_.invalidate(0);
        return {};
    });
}

char const* Tensor::getDimensionName(int32_t index) const noexcept {
    if (index < 0 || index >= nvinfer1::Dims::MAX_DIMS || dimNames[index].empty()) return nullptr;
    return dimNames[index].c_str();
}

Result<ir::Value*> Lowering::emit(const char* op, const std::string& attrText, std::vector<ir::Value*> inputs) {
    return TRY(emitNode(op, attrText, std::move(inputs), 1))->output();
}

Result<ir::Node*> Lowering::emitNode(const char* op, const std::string& attrText, std::vector<ir::Value*> inputs,
                                     int outputs) {
    const ir::Op* known = ops::find(op);
    if (!known) return internalError("there is no op '{}'", op);
    auto attrs = known->makeAttrs();
    TRY(ir::parseAttrs(*attrs, attrText));
    return node(op, std::move(attrs), std::move(inputs), outputs);
}

Result<ir::Value*> Lowering::integers(const std::vector<int64_t>& values) {
    return constant(ir::makeWeights<int64_t>({static_cast<int64_t>(values.size())}, values));
}

Result<ir::Value*> Lowering::integer(int64_t value) { return constant(ir::makeWeights<int64_t>({}, {value})); }

Result<ir::Value*> Lowering::scalar(DType type, double value) {
    switch (type) {
        case DType::kFloat: return constant(ir::makeWeights<float>({}, {static_cast<float>(value)}));
        case DType::kInt32: return constant(ir::makeWeights<int32_t>({}, {static_cast<int32_t>(value)}));
        case DType::kInt64: return constant(ir::makeWeights<int64_t>({}, {static_cast<int64_t>(value)}));
        default: return asType(TRY(constant(ir::makeWeights<float>({}, {static_cast<float>(value)}))), type);
    }
}

Result<ir::Value*> Lowering::asType(ir::Value* value, DType type) {
    if (value->dtype() == type) return value;
    return emit("cast", fmt::format("to={}", toString(type)), {value});
}

Result<ir::Value*> Lowering::weightsLike(const ir::Value* x, const nvinfer1::Weights& w, const ir::Dims& dims,
                                         const std::string& name) {
    return asType(TRY(weights(w, dims, name)), x->dtype());
}

LayerCore::LayerCore(Network& network, nvinfer1::LayerType type, std::vector<Tensor*> inputs, int outputs)
    : network_(network), type_(type), inputs_(std::move(inputs)) {
    name_ = fmt::format("(Unnamed Layer* {}) [{}]", network.layers().size(), typeName(type));
    setOutputCount(outputs);
}

LayerCore::~LayerCore() = default;

void LayerCore::setOutputCount(int outputs) {
    while (static_cast<int>(outputs_.size()) < outputs) {
        int i = static_cast<int>(outputs_.size());
        outputs_.push_back(std::make_unique<Tensor>(
            network_, this, i, outputs == 1 ? name_ + "_output" : fmt::format("{}_output_{}", name_, i + 1)));
        outputTypes_.push_back({false, nvinfer1::DataType::kFLOAT});
    }
}

void LayerCore::dropInput(int i) {
    if (i < static_cast<int>(inputs_.size())) inputs_[i] = nullptr;
    while (!inputs_.empty() && !inputs_.back()) inputs_.pop_back();
    changed();
}

const Reporter& LayerCore::reporter() const { return network_.reporter(); }
void LayerCore::changed() { network_.invalidate(position); }
std::string LayerCore::describe() const { return fmt::format("layer '{}'", name_); }

void LayerCore::refuse(const char* where, const Status& status) const noexcept {
    Status s = status;
    s.prefix(describe());
    reporter().error(where, s);
}

void LayerCore::setName(char const* name) noexcept {
    guardedStatus(reporter(), "ILayer::setName", [&]() -> Status {
        if (!name) return invalidArgument("the name is null");
        name_ = name;
        return {};
    });
}

nvinfer1::ITensor* LayerCore::getInput(int32_t index) const noexcept {
    return index >= 0 && index < getNbInputs() ? inputs_[index] : nullptr;
}

nvinfer1::ITensor* LayerCore::getOutput(int32_t index) const noexcept {
    return index >= 0 && index < getNbOutputs() ? outputs_[index].get() : nullptr;
}

void LayerCore::setInput(int32_t index, nvinfer1::ITensor& tensor) noexcept {
    guardedStatus(reporter(), "ILayer::setInput", [&]() -> Status {
        if (index < 0 || index >= std::max(maxInputs(), static_cast<int>(inputs_.size())))
            return invalidArgument("{} has no input {}", describe(), index);
        Tensor& t = Tensor::of(tensor);
        if (&t.network() != &network_)
            return invalidArgument("{}: tensor '{}' belongs to another network", describe(), t.name());
        if (index >= static_cast<int>(inputs_.size())) inputs_.resize(index + 1, nullptr);
        inputs_[index] = &t;
        changed();
        return {};
    });
}

void LayerCore::setPrecision(nvinfer1::DataType dataType) noexcept {
    if (network_.stronglyTyped())
        return refuse("ILayer::setPrecision", makeStatus(Code::kInvalidState, "the network is strongly typed"));
    if (Status s = mustExist(dataType, "type"); !s.ok()) return refuse("ILayer::setPrecision", s);
    precision_ = dataType;
    precisionSet_ = true;
}
void LayerCore::resetPrecision() noexcept { precisionSet_ = false; }

void LayerCore::setOutputType(int32_t index, nvinfer1::DataType dataType) noexcept {
    if (index < 0 || index >= getNbOutputs())
        return refuse("ILayer::setOutputType", invalidArgument("there is no output {}", index));
    if (network_.stronglyTyped())
        return refuse("ILayer::setOutputType", makeStatus(Code::kInvalidState, "the network is strongly typed"));
    if (Status s = mustExist(dataType, "type"); !s.ok()) return refuse("ILayer::setOutputType", s);
    outputTypes_[index] = {true, dataType};
    changed();
}
nvinfer1::DataType LayerCore::getOutputType(int32_t index) const noexcept {
    if (index < 0 || index >= getNbOutputs()) return nvinfer1::DataType::kFLOAT;
    return outputTypes_[index].first ? outputTypes_[index].second : outputs_[index]->getType();
}
bool LayerCore::outputTypeIsSet(int32_t index) const noexcept {
    return index >= 0 && index < getNbOutputs() && outputTypes_[index].first;
}
void LayerCore::resetOutputType(int32_t index) noexcept {
    if (index < 0 || index >= getNbOutputs())
        return refuse("ILayer::resetOutputType", invalidArgument("there is no output {}", index));
    outputTypes_[index].first = false;
    changed();
}

void LayerCore::setMetadata(char const* docString) noexcept {
    guardedStatus(reporter(), "ILayer::setMetadata", [&]() -> Status {
        if (!docString) return invalidArgument("the text is null");
        metadata_ = docString;
        return {};
    });
}

bool LayerCore::setNbRanks(int32_t nbRanks) noexcept {
    if (nbRanks < 1) {
        refuse("ILayer::setNbRanks", invalidArgument("{} ranks", nbRanks));
        return false;
    }
    if (nbRanks > 1 && type_ != nvinfer1::LayerType::kDIST_COLLECTIVE) {
        refuse("ILayer::setNbRanks",
               invalidArgument("{} ranks; only a collective layer's work is shared by processes", nbRanks));
        return false;
    }
    ranks_ = nbRanks;
    changed();
    return true;
}

std::vector<Tensor*> tensorList(std::initializer_list<nvinfer1::ITensor*> tensors) {
    std::vector<Tensor*> out;
    for (nvinfer1::ITensor* t : tensors) out.push_back(t ? &Tensor::of(*t) : nullptr);
    return out;
}

std::vector<int64_t> axesOfMask(uint32_t mask) {
    std::vector<int64_t> axes;
    for (int i = 0; i < 32; ++i)
        if (mask & (1u << i)) axes.push_back(i);
    return axes;
}

std::string listText(const nvinfer1::Dims& dims) {
    return ir::toString(ir::Dims(dims.d, dims.d + std::clamp(dims.nbDims, 0, nvinfer1::Dims::MAX_DIMS)));
}

nvinfer1::Dims filledDims(int rank, int64_t value) {
    nvinfer1::Dims out{};
    out.nbDims = rank;
    for (int i = 0; i < rank; ++i) out.d[i] = value;
    return out;
}

}  // namespace lathe::api
