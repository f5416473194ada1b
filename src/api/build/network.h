// SPDX-License-Identifier: Apache-2.0
// A network under construction. Shapes are answered from a shadow graph: layers are lowered in order, as far as
// somebody asks; a change to a layer throws away what was lowered from it on. So building a network costs one lowering
// a layer, and every answer is what the builder will see.
#pragma once

#include <map>
#include <set>
#include <unordered_map>

#include "api/build/layer.h"
#include "builder/builder.h"

namespace lathe::api {

class AttentionCore;
class ConditionalCore;
class LoopCore;
class ShadowLowering;

class Network final : public nvinfer1::INetworkDefinition, public nvinfer1::apiv::VNetworkDefinition {
  public:
    Network(nvinfer1::IBuilder& builder, Reporter& builderReporter, nvinfer1::NetworkDefinitionCreationFlags flags);
    ~Network() override;
    static Network& of(nvinfer1::INetworkDefinition& n) { return static_cast<Network&>(n); }

    const Reporter& reporter() const { return reporter_; }
    // What lowering knows of a tensor; errors name the layer that made it impossible.
    Result<ir::TensorType> typeOf(const Tensor& tensor) const;
    // Its elements, where they are known already.
    Result<std::optional<std::vector<int64_t>>> integersOf(const Tensor& tensor) const;
    // A fresh graph for a build, with its I/O described. Errors name the layer.
    struct Lowered {
        std::unique_ptr<ir::Graph> graph;
        builder::IoNames io;
        std::vector<plan::Plan::Role> roles;
        std::set<std::string> keptFloat;  // nodes that stay in f32 whatever the build's flags
    };
    // `int8`: of BuilderFlag::kINT8 (see GraphLowering).
    Result<Lowered> lower(bool int8 = false) const;
    // Of markWeightsRefittable().
    const std::set<std::string>& markedWeights() const { return refittable_; }
    // Drops cached shapes from this layer on (0: all).
    void invalidate(int position);
    bool isOutput(const Tensor& tensor) const;
    bool isDebug(const Tensor& tensor) const { return debugTensors_.count(&tensor) != 0; }
    bool debugsUnfused() const { return debugsUnfused_; }
    bool stronglyTyped() const { return getFlag(nvinfer1::NetworkDefinitionCreationFlag::kSTRONGLY_TYPED); }
    // Whether there are quantize or dequantize layers: then they alone say what is int8, and ranges nothing.
    bool quantizesExplicitly() const;
    // Names and metadata of the layers whose precision the user set to kFLOAT.
    std::set<std::string> layersKeptInFloat() const;
    // The refit name that the user gave these weights, or "<layer> <role>".
    std::string weightsName(const void* values, const std::string& fallback) const;
    // A copy of the weights' values that lives as long as the network.
    Result<const void*> keep(const nvinfer1::Weights& weights);
    const std::vector<std::unique_ptr<LayerCore>>& layers() const { return layers_; }
    const std::vector<std::unique_ptr<Tensor>>& inputs() const { return inputs_; }
    const std::vector<std::unique_ptr<LoopCore>>& loops() const { return loops_; }
    const std::vector<std::unique_ptr<ConditionalCore>>& conditionals() const { return conditionals_; }

    // Adds a layer made by a factory; null (with an error) when its first lowering already fails would be too early:
    // inputs may still be set, so layers are only checked when a shape is needed or the engine is built.
    template <class L, class... A>
    L* add(A&&... args) noexcept {
        return guarded<L*>(reporter_, "INetworkDefinition", nullptr, [&]() -> Result<L*> {
            auto layer = std::make_unique<L>(*this, std::forward<A>(args)...);
            L* raw = layer.get();
            raw->position = static_cast<int>(layers_.size());
            layers_.push_back(std::move(layer));
            return raw;
        });
    }
    // For factories: checks that the tensors belong to this network. Reports and answers false when they don't.
    bool owns(const char* where, std::initializer_list<const nvinfer1::ITensor*> tensors) const noexcept;
    // The same for an array of at least `least` tensors; nothing when it is wrong.
    std::optional<std::vector<Tensor*>> ownedList(const char* where, nvinfer1::ITensor* const* tensors, int32_t count,
                                                  int32_t least) const noexcept;

    // Factories: each is defined in layers/<layer>.cc.
    nvinfer1::IActivationLayer* addActivation(nvinfer1::ITensor& input,
                                              nvinfer1::ActivationType type) noexcept override;
    nvinfer1::ILRNLayer* addLRN(nvinfer1::ITensor& input, int64_t window, float alpha, float beta,
                                float k) noexcept override;
    nvinfer1::IScaleLayer* addScale(nvinfer1::ITensor& input, nvinfer1::ScaleMode mode, nvinfer1::Weights shift,
                                    nvinfer1::Weights scale, nvinfer1::Weights power) noexcept override;
    nvinfer1::ISoftMaxLayer* addSoftMax(nvinfer1::ITensor& input) noexcept override;
    nvinfer1::IConcatenationLayer* addConcatenation(nvinfer1::ITensor* const* inputs,
                                                    int32_t nbInputs) noexcept override;
    nvinfer1::IElementWiseLayer* addElementWise(nvinfer1::ITensor& input1, nvinfer1::ITensor& input2,
                                                nvinfer1::ElementWiseOperation op) noexcept override;
    nvinfer1::IUnaryLayer* addUnary(nvinfer1::ITensor& input, nvinfer1::UnaryOperation operation) noexcept override;
    nvinfer1::IShuffleLayer* addShuffle(nvinfer1::ITensor& input) noexcept override;
    nvinfer1::IReduceLayer* addReduce(nvinfer1::ITensor& input, nvinfer1::ReduceOperation operation,
                                      uint32_t reduceAxes, bool keepDimensions) noexcept override;
    nvinfer1::ITopKLayer* addTopK(nvinfer1::ITensor& input, nvinfer1::TopKOperation op, int32_t k,
                                  uint32_t reduceAxes) noexcept override;
    nvinfer1::IGatherLayer* addGather(nvinfer1::ITensor& data, nvinfer1::ITensor& indices,
                                      int32_t axis) noexcept override;
    nvinfer1::IRaggedSoftMaxLayer* addRaggedSoftMax(nvinfer1::ITensor& input,
                                                    nvinfer1::ITensor& bounds) noexcept override;
    nvinfer1::IMatrixMultiplyLayer* addMatrixMultiply(nvinfer1::ITensor& input0, nvinfer1::MatrixOperation op0,
                                                      nvinfer1::ITensor& input1,
                                                      nvinfer1::MatrixOperation op1) noexcept override;
    nvinfer1::IConstantLayer* addConstant(nvinfer1::Dims const& dimensions,
                                          nvinfer1::Weights weights) noexcept override;
    nvinfer1::IIdentityLayer* addIdentity(nvinfer1::ITensor& input) noexcept override;
    nvinfer1::IPluginV2Layer* addPluginV2(nvinfer1::ITensor* const* inputs, int32_t nbInputs,
                                          nvinfer1::IPluginV2& plugin) noexcept override;
    nvinfer1::IPluginV3Layer* addPluginV3(nvinfer1::ITensor* const* inputs, int32_t nbInputs,
                                          nvinfer1::ITensor* const* shapeInputs, int32_t nbShapeInputs,
                                          nvinfer1::IPluginV3& plugin) noexcept override;
    nvinfer1::ISliceLayer* addSlice(nvinfer1::ITensor& input, nvinfer1::Dims const& start, nvinfer1::Dims const& size,
                                    nvinfer1::Dims const& stride) noexcept override;
    nvinfer1::IShapeLayer* addShape(nvinfer1::ITensor& input) noexcept override;
    nvinfer1::IParametricReLULayer* addParametricReLU(nvinfer1::ITensor& input,
                                                      nvinfer1::ITensor& slope) noexcept override;
    nvinfer1::IConvolutionLayer* addConvolutionNd(nvinfer1::ITensor& input, int64_t nbOutputMaps,
                                                  nvinfer1::Dims const& kernelSize, nvinfer1::Weights kernelWeights,
                                                  nvinfer1::Weights biasWeights) noexcept override;
    nvinfer1::IPoolingLayer* addPoolingNd(nvinfer1::ITensor& input, nvinfer1::PoolingType type,
                                          nvinfer1::Dims const& windowSize) noexcept override;
    nvinfer1::IDeconvolutionLayer* addDeconvolutionNd(nvinfer1::ITensor& input, int64_t nbOutputMaps,
                                                      nvinfer1::Dims const& kernelSize, nvinfer1::Weights kernelWeights,
                                                      nvinfer1::Weights biasWeights) noexcept override;
    nvinfer1::IScaleLayer* addScaleNd(nvinfer1::ITensor& input, nvinfer1::ScaleMode mode, nvinfer1::Weights shift,
                                      nvinfer1::Weights scale, nvinfer1::Weights power,
                                      int32_t channelAxis) noexcept override;
    nvinfer1::IResizeLayer* addResize(nvinfer1::ITensor& input) noexcept override;
    nvinfer1::ILoop* addLoop() noexcept override;
    nvinfer1::ISelectLayer* addSelect(nvinfer1::ITensor& condition, nvinfer1::ITensor& thenInput,
                                      nvinfer1::ITensor& elseInput) noexcept override;
    nvinfer1::IFillLayer* addFill(nvinfer1::Dims const& dimensions, nvinfer1::FillOperation op) noexcept override;
    nvinfer1::IPaddingLayer* addPaddingNd(nvinfer1::ITensor& input, nvinfer1::Dims const& prePadding,
                                          nvinfer1::Dims const& postPadding) noexcept override;
    nvinfer1::IDequantizeLayer* addDequantize(nvinfer1::ITensor& input, nvinfer1::ITensor& scale) noexcept override;
    nvinfer1::IQuantizeLayer* addQuantize(nvinfer1::ITensor& input, nvinfer1::ITensor& scale) noexcept override;
    nvinfer1::IGatherLayer* addGatherV2(nvinfer1::ITensor& data, nvinfer1::ITensor& indices,
                                        nvinfer1::GatherMode mode) noexcept override;
    nvinfer1::IIfConditional* addIfConditional() noexcept override;
    nvinfer1::IScatterLayer* addScatter(nvinfer1::ITensor& data, nvinfer1::ITensor& indices, nvinfer1::ITensor& updates,
                                        nvinfer1::ScatterMode mode) noexcept override;
    nvinfer1::IEinsumLayer* addEinsum(nvinfer1::ITensor* const* inputs, int32_t nbInputs,
                                      char const* equation) noexcept override;
    nvinfer1::IAssertionLayer* addAssertion(nvinfer1::ITensor& condition, char const* message) noexcept override;
    nvinfer1::IOneHotLayer* addOneHot(nvinfer1::ITensor& indices, nvinfer1::ITensor& values, nvinfer1::ITensor& depth,
                                      int32_t axis) noexcept override;
    nvinfer1::INonZeroLayer* addNonZero(nvinfer1::ITensor& input) noexcept override;
    nvinfer1::IGridSampleLayer* addGridSample(nvinfer1::ITensor& input, nvinfer1::ITensor& grid) noexcept override;
    nvinfer1::INMSLayer* addNMS(nvinfer1::ITensor& boxes, nvinfer1::ITensor& scores,
                                nvinfer1::ITensor& maxOutputBoxesPerClass) noexcept override;
    nvinfer1::IReverseSequenceLayer* addReverseSequence(nvinfer1::ITensor& input,
                                                        nvinfer1::ITensor& sequenceLens) noexcept override;
    nvinfer1::INormalizationLayer* addNormalization(nvinfer1::ITensor& input, nvinfer1::ITensor& scale,
                                                    nvinfer1::ITensor& bias, uint32_t axesMask) noexcept override;
    nvinfer1::ICastLayer* addCast(nvinfer1::ITensor& input, nvinfer1::DataType toType) noexcept override;
    nvinfer1::IQuantizeLayer* addQuantizeV2(nvinfer1::ITensor& input, nvinfer1::ITensor& scale,
                                            nvinfer1::DataType outputType) noexcept override;
    nvinfer1::IDequantizeLayer* addDequantizeV2(nvinfer1::ITensor& input, nvinfer1::ITensor& scale,
                                                nvinfer1::DataType outputType) noexcept override;
    nvinfer1::IFillLayer* addFillV2(nvinfer1::Dims const& dimensions, nvinfer1::FillOperation op,
                                    nvinfer1::DataType outputType) noexcept override;
    nvinfer1::ISqueezeLayer* addSqueeze(nvinfer1::ITensor& input, nvinfer1::ITensor& axes) noexcept override;
    nvinfer1::IUnsqueezeLayer* addUnsqueeze(nvinfer1::ITensor& input, nvinfer1::ITensor& axes) noexcept override;
    nvinfer1::IDynamicQuantizeLayer* addDynamicQuantize(nvinfer1::ITensor& input, int32_t axis, int32_t blockSize,
                                                        nvinfer1::DataType toType,
                                                        nvinfer1::DataType scaleType) noexcept override;
    nvinfer1::ICumulativeLayer* addCumulative(nvinfer1::ITensor& input, nvinfer1::ITensor& axis,
                                              nvinfer1::CumulativeOperation operation, bool exclusive,
                                              bool reverse) noexcept override;
    nvinfer1::ITopKLayer* addTopKV2(nvinfer1::ITensor& input, nvinfer1::TopKOperation op, int32_t k,
                                    uint32_t reduceAxes, nvinfer1::DataType indicesType) noexcept override;
    nvinfer1::INonZeroLayer* addNonZeroV2(nvinfer1::ITensor& input, nvinfer1::DataType indicesType) noexcept override;
    nvinfer1::INMSLayer* addNMSV2(nvinfer1::ITensor& boxes, nvinfer1::ITensor& scores,
                                  nvinfer1::ITensor& maxOutputBoxesPerClass,
                                  nvinfer1::DataType indicesType) noexcept override;
    nvinfer1::IAttention* addAttention(nvinfer1::ITensor& query, nvinfer1::ITensor& key, nvinfer1::ITensor& value,
                                       nvinfer1::AttentionNormalizationOp normOp, bool isCausal) noexcept override;
    nvinfer1::IRotaryEmbeddingLayer* addRotaryEmbedding(nvinfer1::ITensor& input, nvinfer1::ITensor& cosCache,
                                                        nvinfer1::ITensor& sinCache, bool interleaved,
                                                        int32_t rotaryEmbeddingDim) noexcept override;
    nvinfer1::IDynamicQuantizeLayer* addDynamicQuantizeV2(nvinfer1::ITensor& input, nvinfer1::Dims const& blockShape,
                                                          nvinfer1::DataType toType,
                                                          nvinfer1::DataType scaleType) noexcept override;
    nvinfer1::IKVCacheUpdateLayer* addKVCacheUpdate(nvinfer1::ITensor& cache, nvinfer1::ITensor& update,
                                                    nvinfer1::ITensor& writeIndices,
                                                    nvinfer1::KVCacheMode cacheMode) noexcept override;
    nvinfer1::INormalizationLayer* addNormalizationV2(nvinfer1::ITensor& input, nvinfer1::ITensor& scale,
                                                      nvinfer1::ITensor& bias, uint32_t axesMask) noexcept override;
    nvinfer1::IMoELayer* addMoE(nvinfer1::ITensor& hiddenStates, nvinfer1::ITensor& selectedExpertsForTokens,
                                nvinfer1::ITensor& scoresForSelectedExperts) noexcept override;
    nvinfer1::IDistCollectiveLayer* addDistCollective(nvinfer1::ITensor& input,
                                                      nvinfer1::CollectiveOperation distCollectiveOp,
                                                      nvinfer1::ReduceOperation reduceOp, int64_t root, int64_t* groups,
                                                      int64_t groupSize) noexcept override;

    // The rest of the interface.
    nvinfer1::ITensor* addInput(char const* name, nvinfer1::DataType type,
                                nvinfer1::Dims const& dimensions) noexcept override;
    void markOutput(nvinfer1::ITensor& tensor) noexcept override;
    int32_t getNbLayers() const noexcept override;
    nvinfer1::ILayer* getLayer(int32_t index) const noexcept override;
    int32_t getNbInputs() const noexcept override;
    nvinfer1::ITensor* getInput(int32_t index) const noexcept override;
    int32_t getNbOutputs() const noexcept override;
    nvinfer1::ITensor* getOutput(int32_t index) const noexcept override;
    void removeTensor(nvinfer1::ITensor& tensor) noexcept override;
    void unmarkOutput(nvinfer1::ITensor& tensor) noexcept override;
    void setName(char const* name) noexcept override;
    char const* getName() const noexcept override;
    bool hasImplicitBatchDimension() const noexcept override;
    bool markOutputForShapes(nvinfer1::ITensor& tensor) noexcept override;
    bool unmarkOutputForShapes(nvinfer1::ITensor& tensor) noexcept override;
    bool setWeightsName(nvinfer1::Weights weights, char const* name) noexcept override;
    void setErrorRecorder(nvinfer1::IErrorRecorder* recorder) noexcept override;
    nvinfer1::IErrorRecorder* getErrorRecorder() const noexcept override;
    nvinfer1::IBuilder& getBuilder() const noexcept override;
    nvinfer1::NetworkDefinitionCreationFlags getFlags() const noexcept override;
    bool getFlag(nvinfer1::NetworkDefinitionCreationFlag networkDefinitionCreationFlag) const noexcept override;
    bool markDebug(nvinfer1::ITensor& tensor) noexcept override;
    bool unmarkDebug(nvinfer1::ITensor& tensor) noexcept override;
    bool isDebugTensor(nvinfer1::ITensor const& tensor) const noexcept override;
    bool markWeightsRefittable(char const* name) noexcept override;
    bool unmarkWeightsRefittable(char const* name) noexcept override;
    bool areWeightsMarkedRefittable(char const* name) const noexcept override;
    bool markUnfusedTensorsAsDebugTensors() noexcept override;
    bool unmarkUnfusedTensorsAsDebugTensors() noexcept override;

  private:
    Result<const ir::Value*> shadowValue(const Tensor& tensor) const;

    nvinfer1::IBuilder& builder_;
    Reporter reporter_;
    nvinfer1::NetworkDefinitionCreationFlags flags_;
    std::string name_ = "Unnamed Network";
    std::vector<std::unique_ptr<Tensor>> inputs_;
    std::vector<std::unique_ptr<LayerCore>> layers_;
    std::vector<Tensor*> outputs_;
    std::set<const Tensor*> shapeOutputs_, debugTensors_;
    bool debugsUnfused_ = false;
    std::map<const void*, std::string> weightNames_;
    std::set<std::string> refittable_;
    std::vector<std::unique_ptr<LoopCore>> loops_;
    std::vector<std::unique_ptr<ConditionalCore>> conditionals_;
    std::vector<std::unique_ptr<AttentionCore>> attentions_;
    std::vector<std::vector<std::byte>> kept_;
    mutable std::unique_ptr<ShadowLowering> shadow_;
};

}  // namespace lathe::api
