// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/build/network.h"

namespace lathe::api {

// Its input layer only gives it a place in the network; its output layer does the work.
class AttentionCore final : public nvinfer1::IAttention, public nvinfer1::apiv::VAttention {
  public:
    using Op = nvinfer1::AttentionNormalizationOp;
    AttentionCore(Network& network, Op op, bool causal);

    bool setInput(int32_t index, nvinfer1::ITensor& tensor) noexcept override;
    int32_t getNbInputs() const noexcept override { return 3; }
    nvinfer1::ITensor* getInput(int32_t index) const noexcept override;
    int32_t getNbOutputs() const noexcept override { return 1; }
    nvinfer1::ITensor* getOutput(int32_t index) const noexcept override;
    bool setName(char const* name) noexcept override;
    char const* getName() const noexcept override { return name_.c_str(); }
    bool setNormalizationOperation(Op op) noexcept override;
    Op getNormalizationOperation() const noexcept override { return op; }
    bool setCausal(bool isCausal) noexcept override;
    bool getCausal() const noexcept override { return causal; }
    bool setMask(nvinfer1::ITensor& mask) noexcept override;
    nvinfer1::ITensor* getMask() const noexcept override;
    bool setDecomposable(bool decomposable) noexcept override;
    bool getDecomposable() const noexcept override { return decomposable_; }
    bool setNormalizationQuantizeScale(nvinfer1::ITensor& tensor) noexcept override;
    nvinfer1::ITensor* getNormalizationQuantizeScale() const noexcept override;
    bool setNormalizationQuantizeToType(nvinfer1::DataType type) noexcept override;
    nvinfer1::DataType getNormalizationQuantizeToType() const noexcept override { return quantizeTo; }
    bool setMetadata(char const* docString) noexcept override;
    char const* getMetadata() const noexcept override { return metadata_.c_str(); }
    bool setNbRanks(int32_t nbRanks) noexcept override;
    int32_t getNbRanks() const noexcept override { return 1; }

    // Inputs of the output layer.
    enum Input { kQuery, kKey, kValue, kMask, kScale, kInputs };
    Network& network;
    LayerCore *inputLayer = nullptr, *outputLayer = nullptr;
    Op op;
    bool causal;
    nvinfer1::DataType quantizeTo = nvinfer1::DataType::kFLOAT;

  private:
    bool set(const char* where, int index, nvinfer1::ITensor& tensor) noexcept;
    std::string name_, metadata_;
    bool decomposable_ = false;
};

}  // namespace lathe::api
