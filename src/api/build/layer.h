// SPDX-License-Identifier: Apache-2.0
// Tensors and layers of a network under construction. A layer keeps what the user set and can lower itself into IR
// nodes; the network lowers layers as far as a shape is asked for (see network.h).
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "NvInfer.h"
#include "NvInferImpl.h"
#include "api/common/convert.h"
#include "api/common/report.h"
#include "ir/graph.h"

namespace lathe::api {

class BoundaryCore;
class LayerCore;
class Network;

class Tensor final : public nvinfer1::ITensor, public nvinfer1::apiv::VTensor {
  public:
    Tensor(Network& network, LayerCore* producer, int index, std::string name);

    Network& network() const { return network_; }
    LayerCore* producer() const { return producer_; }  // null for network inputs
    int index() const { return index_; }
    const std::string& name() const { return name_; }
    static Tensor& of(nvinfer1::ITensor& t) { return static_cast<Tensor&>(t); }
    static const Tensor& of(const nvinfer1::ITensor& t) { return static_cast<const Tensor&>(t); }

    void setName(char const* name) noexcept override;
    char const* getName() const noexcept override;
    void setDimensions(nvinfer1::Dims const& dimensions) noexcept override;
    nvinfer1::Dims getDimensions() const noexcept override;
    void setType(nvinfer1::DataType type) noexcept override;
    nvinfer1::DataType getType() const noexcept override;
    bool setDynamicRange(float min, float max) noexcept override;
    bool isNetworkInput() const noexcept override;
    bool isNetworkOutput() const noexcept override;
    void setBroadcastAcrossBatch(bool broadcastAcrossBatch) noexcept override;
    bool getBroadcastAcrossBatch() const noexcept override;
    nvinfer1::TensorLocation getLocation() const noexcept override;
    void setLocation(nvinfer1::TensorLocation location) noexcept override;
    bool dynamicRangeIsSet() const noexcept override;
    void resetDynamicRange() noexcept override;
    float getDynamicRangeMin() const noexcept override;
    float getDynamicRangeMax() const noexcept override;
    void setAllowedFormats(nvinfer1::TensorFormats formats) noexcept override;
    nvinfer1::TensorFormats getAllowedFormats() const noexcept override;
    bool isShapeTensor() const noexcept override;
    bool isExecutionTensor() const noexcept override;
    void setDimensionName(int32_t index, char const* name) noexcept override;
    char const* getDimensionName(int32_t index) const noexcept override;

    // Inputs: what the user declared. `type` may be overridden by setType for outputs too.
    nvinfer1::Dims declaredDims{};
    nvinfer1::DataType declaredType = nvinfer1::DataType::kFLOAT;
    nvinfer1::DataType addedType = nvinfer1::DataType::kFLOAT;  // of an input: before setType()
    bool typeIsSet = false;
    std::vector<std::string> dimNames = std::vector<std::string>(nvinfer1::Dims::MAX_DIMS);
    nvinfer1::TensorFormats allowedFormats = ~0u;
    bool hasRange = false;
    float rangeMin = 0, rangeMax = 0;
    // Whether the user gave it the type kINT8 (its own, or its layer's for this output).
    bool isDeclaredInt8() const;
    // An input that was added as one of floats and then given the type kINT8: layers read floats.
    bool isInt8BufferOfFloats() const {
        return !producer_ && declaredType == nvinfer1::DataType::kINT8 &&
               (addedType == nvinfer1::DataType::kFLOAT || addedType == nvinfer1::DataType::kHALF ||
                addedType == nvinfer1::DataType::kBF16);
    }
    // What an int8 of 1 stands for, by the range.
    float int8Scale() const { return std::max(std::fabs(rangeMin), std::fabs(rangeMax)) / 127; }

  private:
    Network& network_;
    LayerCore* producer_;
    int index_;
    std::string name_;
};

// What a layer emits into while it is lowered. `graph` is the network's shadow graph, or the graph of a build.
class Lowering {
  public:
    virtual ~Lowering() = default;
    virtual ir::Graph& graph() = 0;
    virtual ir::Region& region() = 0;
    virtual ir::Value* valueOf(const Tensor& tensor) = 0;
    // A constant over the user's weights, not copied; `name` is what the refitter calls it.
    virtual Result<ir::Value*> weights(const nvinfer1::Weights& weights, const ir::Dims& dims,
                                       const std::string& name) = 0;
    virtual Result<ir::Value*> constant(ir::WeightsRef weights) = 0;
    // Appends a node of the op with this name, infers it, and answers its first output. Node names are the layer's.
    virtual Result<ir::Node*> node(const char* op, std::unique_ptr<ir::Attrs> attrs, std::vector<ir::Value*> inputs,
                                   int outputs) = 0;
    virtual void setOutput(int index, ir::Value* value) = 0;
    // Only for shape queries (see ShadowLowering): a tensor of which nothing but the type is known, and an extent of
    // which nothing is.
    virtual Result<ir::Value*> opaque(const ir::TensorType& type) {
        (void)type;
        return internalError("a boundary layer was lowered by itself");
    }
    // Whether plugins are made layers here where they can be (expansion.h): in a build, not for shape queries.
    virtual bool expandsPlugins() const { return false; }
    // Nodes of this name stay in f32 when the precision is lowered.
    virtual void keepFloat(const std::string& node) { (void)node; }
    virtual Result<ir::Dim> unknownExtent() { return internalError("a boundary layer was lowered by itself"); }

    // For one-output nodes; attributes in printAttrs's form.
    Result<ir::Value*> emit(const char* op, const std::string& attrs, std::vector<ir::Value*> inputs);
    Result<ir::Node*> emitNode(const char* op, const std::string& attrs, std::vector<ir::Value*> inputs, int outputs);
    // An i64 vector.
    Result<ir::Value*> integers(const std::vector<int64_t>& values);
    // An i64 scalar.
    Result<ir::Value*> integer(int64_t value);
    // A scalar of any type but the sub-byte ones.
    Result<ir::Value*> scalar(DType type, double value);
    // `value` in this type; itself when it has it already.
    Result<ir::Value*> asType(ir::Value* value, DType type);
    // As weights(), in the type of the tensor that they go with.
    Result<ir::Value*> weightsLike(const ir::Value* x, const nvinfer1::Weights& weights, const ir::Dims& dims,
                                   const std::string& name);
};

// The part of a layer that does not depend on its public class.
class LayerCore : public nvinfer1::apiv::VLayer {
  public:
    LayerCore(Network& network, nvinfer1::LayerType type, std::vector<Tensor*> inputs, int outputs);
    ~LayerCore() override;

    // The public object; set once by LayerBase.
    nvinfer1::ILayer* asLayer = nullptr;

    Network& network() const { return network_; }
    const std::vector<Tensor*>& inputs() const { return inputs_; }
    bool hasInput(int i) const { return i < static_cast<int>(inputs_.size()) && inputs_[i]; }
    Tensor* input(int i) const { return inputs_[i]; }
    const std::vector<std::unique_ptr<Tensor>>& outputs() const { return outputs_; }
    int outputCount() const { return static_cast<int>(outputs_.size()); }
    const std::string& name() const { return name_; }
    int position = 0;  // in the network

    // Emits the layer's nodes and sets every output. Errors say what is wrong; the layer's name is added by the caller.
    virtual Status lower(Lowering& l) = 0;
    // What only the whole network shows to be wrong. Asked before a build; errors say what is wrong.
    virtual Status checkUse() const { return {}; }
    // Of a loop or conditional (control_flow.h); null for other layers.
    virtual BoundaryCore* asBoundary() { return nullptr; }
    // Inputs of later layers, which are not needed to lower this one: what a recurrence becomes.
    virtual bool isBackEdge(int input) const {
        (void)input;
        return false;
    }

    nvinfer1::LayerType getType() const noexcept override { return type_; }
    void setName(char const* name) noexcept override;
    char const* getName() const noexcept override { return name_.c_str(); }
    int32_t getNbInputs() const noexcept override { return static_cast<int32_t>(inputs_.size()); }
    nvinfer1::ITensor* getInput(int32_t index) const noexcept override;
    int32_t getNbOutputs() const noexcept override { return static_cast<int32_t>(outputs_.size()); }
    nvinfer1::ITensor* getOutput(int32_t index) const noexcept override;
    // Layers with optional inputs allow index == getNbInputs(), up to maxInputs().
    void setInput(int32_t index, nvinfer1::ITensor& tensor) noexcept override;
    void setPrecision(nvinfer1::DataType dataType) noexcept override;
    nvinfer1::DataType getPrecision() const noexcept override { return precision_; }
    bool precisionIsSet() const noexcept override { return precisionSet_; }
    void resetPrecision() noexcept override;
    void setOutputType(int32_t index, nvinfer1::DataType dataType) noexcept override;
    nvinfer1::DataType getOutputType(int32_t index) const noexcept override;
    bool outputTypeIsSet(int32_t index) const noexcept override;
    void resetOutputType(int32_t index) noexcept override;
    void setMetadata(char const* docString) noexcept override;
    char const* getMetadata() const noexcept override { return metadata_.c_str(); }
    bool setNbRanks(int32_t nbRanks) noexcept override;
    int32_t getNbRanks() const noexcept override { return ranks_; }

  protected:
    // How many inputs setInput may reach; absent ones in between stay null.
    virtual int maxInputs() const { return static_cast<int>(inputs_.size()); }
    // Call after every change of a parameter: cached shapes from here on are dropped.
    void changed();
    const Reporter& reporter() const;
    // "softmax layer 'prob'".
    std::string describe() const;
    // Refuses `value` out of a setter: reports, changes nothing.
    void refuse(const char* where, const Status& status) const noexcept;
    void setOutputCount(int outputs);
    // Takes optional input i away.
    void dropInput(int i);

    Network& network_;
    nvinfer1::LayerType type_;
    std::string name_, metadata_;
    std::vector<Tensor*> inputs_;
    std::vector<std::unique_ptr<Tensor>> outputs_;
    nvinfer1::DataType precision_ = nvinfer1::DataType::kFLOAT;
    bool precisionSet_ = false;
    std::vector<std::pair<bool, nvinfer1::DataType>> outputTypes_;
    int32_t ranks_ = 1;
};

// Joins the public class I, its virtual table V and the core: `class SoftMax : public LayerBase<ISoftMaxLayer,
// apiv::VSoftMaxLayer>`.
template <class I, class V>
class LayerBase : public I, public V, public LayerCore {
  public:
    LayerBase(Network& network, nvinfer1::LayerType type, std::vector<Tensor*> inputs, int outputs = 1)
        : LayerCore(network, type, std::move(inputs), outputs) {
        this->mLayer = this;
        this->mImpl = this;
        asLayer = this;
    }
};

std::vector<Tensor*> tensorList(std::initializer_list<nvinfer1::ITensor*> tensors);
// Axes in a bit mask, ascending.
std::vector<int64_t> axesOfMask(uint32_t mask);
// "[2, 3]", as attributes are written.
std::string listText(const nvinfer1::Dims& dims);
inline bool isEmpty(const nvinfer1::Weights& w) { return w.count == 0; }
// A Dims of `rank` entries that are all `value`.
nvinfer1::Dims filledDims(int rank, int64_t value);

}  // namespace lathe::api
