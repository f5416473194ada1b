// SPDX-License-Identifier: Apache-2.0
#include "api/build/layers/quantize_checks.h"
#include "ops/block_quantize.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

Status checkToType(DataType type) {
    if (type == DataType::kFP4 || type == DataType::kFP8 || type == DataType::kINT8) return {};
    return invalidArgument("quantization to {}; kFP4, kFP8 and kINT8 are possible", toString(fromApi(type)));
}

class DynamicQuantize final : public LayerBase<IDynamicQuantizeLayer, apiv::VDynamicQuantizeLayer> {
  public:
    DynamicQuantize(Network& network, ITensor& input, DataType type, DataType scaleType)
        : LayerBase(network, LayerType::kDYNAMIC_QUANTIZE, tensorList({&input}), 2),
          type_(type),
          scaleType_(scaleType) {}

    int32_t getAxis() const noexcept override { return axis_; }
    void setAxis(int32_t axis) noexcept override {
        axis_ = axis;
        changed();
    }
    int32_t getBlockSize() const noexcept override { return size_; }
    void setBlockSize(int32_t size) noexcept override {
        size_ = size;
        changed();
    }
    DataType getScaleType() const noexcept override { return scaleType_; }
    void setScaleType(DataType type) noexcept override {
        if (Status s = checkScaleType(type); !s.ok()) return refuse("IDynamicQuantizeLayer::setScaleType", s);
        scaleType_ = type;
        changed();
    }
    DataType getToType() const noexcept override { return type_; }
    void setToType(DataType type) noexcept override {
        if (Status s = checkToType(type); !s.ok()) return refuse("IDynamicQuantizeLayer::setToType", s);
        type_ = type;
        changed();
    }
    Dims getBlockShape() const noexcept override { return block_; }
    void setBlockShape(Dims const& block) noexcept override {
        guardedStatus(reporter(), "IDynamicQuantizeLayer::setBlockShape", [&]() -> Status {
            if (Status s = checkBlockExtents(block); !s.ok()) return s.prefix(describe());
            block_ = block;
            changed();
            return {};
        });
    }

    Status lower(Lowering& l) override {
        ir::Value* x = l.valueOf(*input(0));
        auto attrs = std::make_unique<ops::BlockQuantizeAttrs>();
        attrs->outputDtype = fromApi(type_);
        attrs->scaleDtype = fromApi(scaleType_);
        if (block_.nbDims > 0) {
            attrs->block = TRY(fromApi(block_));
        } else {
            int rank = x->rank(), axis = axis_ < 0 ? axis_ + rank : axis_;
            if (axis < 0 || axis >= rank || axis < rank - 2)
                return invalidArgument("blocks along axis {} of {}; one of the last two axes is possible", axis_,
                                       ir::toString(x->shape()));
            if (size_ < 1) return invalidArgument("blocks of {} elements", size_);
            attrs->block.assign(static_cast<size_t>(rank), 1);
            attrs->block[static_cast<size_t>(axis)] = size_;
        }
        std::vector<ir::Value*> in = {x};
        if (hasInput(1)) in.push_back(l.valueOf(*input(1)));
        ir::Node* n = TRY(l.node("block_quantize", std::move(attrs), std::move(in), 2));
        l.setOutput(0, n->output(0));
        l.setOutput(1, n->output(1));
        return {};
    }

  protected:
    int maxInputs() const override { return 2; }

  private:
    DataType type_, scaleType_;
    int32_t axis_ = -1, size_ = 0;
    Dims block_{};
};

}  // namespace

IDynamicQuantizeLayer* Network::addDynamicQuantize(ITensor& input, int32_t axis, int32_t blockSize, DataType outputType,
                                                   DataType scaleType) noexcept {
    const char* where = "INetworkDefinition::addDynamicQuantize";
    if (!owns(where, {&input})) return nullptr;
    bool fits = guardedStatus(reporter_, where, [&]() -> Status {
        TRY(checkToType(outputType));
        TRY(checkScaleType(scaleType));
        if (blockSize < 1) return invalidArgument("blocks of {} elements", blockSize);
        return {};
    });
    if (!fits) return nullptr;
    auto* layer = add<DynamicQuantize>(input, outputType, scaleType);
    if (layer) static_cast<apiv::VDynamicQuantizeLayer*>(layer)->setAxis(axis);
    if (layer) static_cast<apiv::VDynamicQuantizeLayer*>(layer)->setBlockSize(blockSize);
    return layer;
}

IDynamicQuantizeLayer* Network::addDynamicQuantizeV2(ITensor& input, Dims const& blockShape, DataType outputType,
                                                     DataType scaleType) noexcept {
    const char* where = "INetworkDefinition::addDynamicQuantizeV2";
    if (!owns(where, {&input})) return nullptr;
    bool fits = guardedStatus(reporter_, where, [&]() -> Status {
        TRY(checkToType(outputType));
        TRY(checkScaleType(scaleType));
        if (blockShape.nbDims == 0) return invalidArgument("a block of no dimensions");
        return checkBlockExtents(blockShape);
    });
    if (!fits) return nullptr;
    auto* layer = add<DynamicQuantize>(input, outputType, scaleType);
    if (layer) static_cast<apiv::VDynamicQuantizeLayer*>(layer)->setBlockShape(blockShape);
    return layer;
}

}  // namespace lathe::api
