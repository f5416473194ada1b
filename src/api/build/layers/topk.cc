// SPDX-License-Identifier: Apache-2.0
#include "api/build/network.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class TopK final : public LayerBase<ITopKLayer, apiv::VTopKLayer> {
  public:
    TopK(Network& network, ITensor& input, TopKOperation op, int32_t k, uint32_t axes, DataType indicesType)
        : LayerBase(network, LayerType::kTOPK, tensorList({&input}), 2),
          op_(op),
          k_(k),
          axes_(axes),
          indicesType_(indicesType) {}

    void setOperation(TopKOperation value) noexcept override {
        op_ = value;
        changed();
    }
    TopKOperation getOperation() const noexcept override { return op_; }
    void setK(int32_t k) noexcept override {
        if (k < 0) return refuse("ITopKLayer::setK", invalidArgument("k is {}", k));
        k_ = k;
        dropInput(1);
    }
    int32_t getK() const noexcept override { return hasInput(1) ? -1 : k_; }
    void setReduceAxes(uint32_t value) noexcept override {
        axes_ = value;
        changed();
    }
    uint32_t getReduceAxes() const noexcept override { return axes_; }
    bool setIndicesType(DataType type) noexcept override {
        if (type != DataType::kINT32 && type != DataType::kINT64) {
            refuse("setIndicesType", invalidArgument("indices are kINT32 or kINT64"));
            return false;
        }
        indicesType_ = type;
        changed();
        return true;
    }
    DataType getIndicesType() const noexcept override { return indicesType_; }

    Status lower(Lowering& l) override {
        TRY(mustExist(op_, "operation"));
        std::vector<int64_t> axes = axesOfMask(axes_);
        if (axes.size() != 1) return invalidArgument("the mask {:#x} must name exactly one axis", axes_);
        ir::Value* k;
        if (hasInput(1)) {
            k = l.valueOf(*input(1));
            if (k->rank() == 0) k = TRY(l.emit("unsqueeze", "axes=[0]", {k}));
            k = TRY(l.asType(k, DType::kInt64));
        } else {
            k = TRY(l.integers({k_}));
        }
        ir::Node* n =
            TRY(l.emitNode("topk", fmt::format("axis={} largest={} sorted=true", axes[0], op_ == TopKOperation::kMAX),
                           {l.valueOf(*input(0)), k}, 2));
        l.setOutput(0, n->output(0));
        l.setOutput(1, TRY(l.asType(n->output(1), fromApi(indicesType_))));
        return {};
    }

  protected:
    int maxInputs() const override { return 2; }

  private:
    TopKOperation op_;
    int32_t k_;
    uint32_t axes_;
    DataType indicesType_;
};

}  // namespace

ITopKLayer* Network::addTopK(ITensor& input, TopKOperation op, int32_t k, uint32_t reduceAxes) noexcept {
    return addTopKV2(input, op, k, reduceAxes, DataType::kINT32);
}

ITopKLayer* Network::addTopKV2(ITensor& input, TopKOperation op, int32_t k, uint32_t reduceAxes,
                               DataType indicesType) noexcept {
    const char* where = "INetworkDefinition::addTopK";
    if (!owns(where, {&input})) return nullptr;
    bool ok = guardedStatus(reporter_, where, [&]() -> Status {
        if (k < 0) return invalidArgument("k is {}", k);
        if (axesOfMask(reduceAxes).size() != 1)
            return invalidArgument("the mask {:#x} must name exactly one axis", reduceAxes);
        if (indicesType != DataType::kINT32 && indicesType != DataType::kINT64)
            return invalidArgument("indices are kINT32 or kINT64");
        return {};
    });
    return ok ? add<TopK>(input, op, k, reduceAxes, indicesType) : nullptr;
}

}  // namespace lathe::api
