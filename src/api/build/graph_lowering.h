// SPDX-License-Identifier: Apache-2.0
// From layers to graph nodes: what shape queries (ShadowLowering) and builds (StructuredLowering) have in common.
#pragma once

#include <map>
#include <unordered_map>
#include <vector>

#include "api/build/network.h"

namespace lathe::api {

class GraphLowering : public Lowering {
  public:
    // `int8`: layers whose precision is set to kINT8 read quantized values (BuilderFlag::kINT8).
    explicit GraphLowering(const Network& network, bool int8 = false);

    // The network's inputs become parameters. Dimensions of one name are one symbol.
    Status addInputs();
    std::unique_ptr<ir::Graph> take() { return std::move(graph_); }
    // What the layers called their weights, so far.
    std::vector<plan::Plan::Role> takeRoles() { return std::move(roles_); }

    ir::Graph& graph() override { return *graph_; }
    // As the current layer reads it: real numbers where the tensor is int8 by its range, and what int8 leaves of them
    // where the layer is to compute in it.
    ir::Value* valueOf(const Tensor& tensor) final;
    Result<ir::Value*> weights(const nvinfer1::Weights& weights, const ir::Dims& dims,
                               const std::string& name) override;
    Result<ir::Value*> constant(ir::WeightsRef weights) override;
    Result<ir::Node*> node(const char* op, std::unique_ptr<ir::Attrs> attrs, std::vector<ir::Value*> inputs,
                           int outputs) override;
    void setOutput(int index, ir::Value* value) override;

  protected:
    virtual void bind(const Tensor& tensor, ir::Value* value) = 0;
    virtual ir::Value* lookUp(const Tensor& tensor) = 0;
    // New nodes go before this one of the current region; null: to its end.
    virtual ir::Node* before() const { return nullptr; }
    // Lowers a layer whose inputs are there, and gives its outputs the types that were asked for.
    Status lowerLayer(LayerCore& layer);

    const Network& network_;
    std::unique_ptr<ir::Graph> graph_;
    LayerCore* current_ = nullptr;
    std::vector<plan::Plan::Role> roles_;

  private:
    // By the tensor's range: int8 of real numbers, and the numbers of int8.
    Result<ir::Value*> quantized(const Tensor& tensor, ir::Value* real);
    Result<ir::Value*> dequantized(const Tensor& tensor, ir::Value* int8, DType real);
    ir::Value* asAdded(const Tensor& tensor, ir::Value* v);
    const bool int8_;
};

// Flat: a layer is lowered when somebody asks for its outputs, after the layers that make its inputs, wherever those
// stand in the network; control flow is not followed, its boundary layers only give the types of their outputs. A
// change to a layer drops it and what was lowered after it.
class ShadowLowering final : public GraphLowering {
  public:
    using GraphLowering::GraphLowering;

    // Lowers a layer and what it needs. Failures are remembered; only layers that need a failed one fail too.
    const Status& lower(const LayerCore& layer);
    // REQUIRES: positions of layers are what they were.
    void drop(int position);
    ir::Value* find(const Tensor& tensor) const;

    ir::Region& region() override { return graph_->body(); }
    Result<ir::Value*> opaque(const ir::TensorType& type) override;
    Result<ir::Dim> unknownExtent() override;

  private:
    void bind(const Tensor& tensor, ir::Value* value) override { values_[&tensor] = value; }
    ir::Value* lookUp(const Tensor& tensor) override { return find(tensor); }
    enum class State : uint8_t { kNew, kWaiting, kDone };
    struct Lowered {
        int position;
        size_t nodes;  // in the graph before it
    };
    Status lowerOne(LayerCore& layer);

    std::unordered_map<const Tensor*, ir::Value*> values_;
    std::vector<State> states_;     // by position
    std::vector<Status> failures_;  // by position, of those that are done
    std::vector<Lowered> order_;
};

}  // namespace lathe::api
