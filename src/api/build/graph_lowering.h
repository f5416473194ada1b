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
    explicit GraphLowering(const Network& network);

    // The network's inputs become parameters. Dimensions of one name are one symbol.
    Status addInputs();
    std::unique_ptr<ir::Graph> take() { return std::move(graph_); }

    ir::Graph& graph() override { return *graph_; }
    Result<ir::Value*> weights(const nvinfer1::Weights& weights, const ir::Dims& dims,
                               const std::string& name) override;
    Result<ir::Value*> constant(ir::WeightsRef weights) override;
    Result<ir::Node*> node(const char* op, std::unique_ptr<ir::Attrs> attrs, std::vector<ir::Value*> inputs,
                           int outputs) override;
    void setOutput(int index, ir::Value* value) override;

  protected:
    virtual void bind(const Tensor& tensor, ir::Value* value) = 0;
    // New nodes go before this one of the current region; null: to its end.
    virtual ir::Node* before() const { return nullptr; }
    // Lowers a layer whose inputs are there, and gives its outputs the types that were asked for.
    Status lowerLayer(LayerCore& layer);

    const Network& network_;
    std::unique_ptr<ir::Graph> graph_;
    LayerCore* current_ = nullptr;
};

// Flat: every layer is lowered in order, once, as far as somebody asks; control flow is not followed, its boundary
// layers only give the types of their outputs. Can be cut back to any layer.
class ShadowLowering final : public GraphLowering {
  public:
    using GraphLowering::GraphLowering;

    // Lowers layers up to `end`; a layer that fails is remembered, and only those that need it fail too.
    void lowerTo(int end);
    void cutTo(int position);
    const Status& failure(int position) const { return failures_[position]; }
    ir::Value* find(const Tensor& tensor) const;

    ir::Region& region() override { return graph_->body(); }
    ir::Value* valueOf(const Tensor& tensor) override { return find(tensor); }
    Result<ir::Value*> opaque(const ir::TensorType& type) override;
    Result<ir::Dim> unknownExtent() override;

  private:
    void bind(const Tensor& tensor, ir::Value* value) override { values_[&tensor] = value; }
    Status lowerOne(LayerCore& layer);

    std::unordered_map<const Tensor*, ir::Value*> values_;
    std::vector<size_t> marks_;  // number of nodes before each lowered layer
    std::vector<Status> failures_;
};

}  // namespace lathe::api
