// SPDX-License-Identifier: Apache-2.0
#include "api/build/network.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class Gather final : public LayerBase<IGatherLayer, apiv::VGatherLayer> {
  public:
    Gather(Network& network, ITensor& data, ITensor& indices, GatherMode mode, int32_t axis)
        : LayerBase(network, LayerType::kGATHER, tensorList({&data, &indices})), mode_(mode), axis_(axis) {}

    void setGatherAxis(int32_t axis) noexcept override {
        axis_ = axis;
        changed();
    }
    int32_t getGatherAxis() const noexcept override { return axis_; }
    void setNbElementWiseDims(int32_t k) noexcept override {
        if (k < 0) return refuse("IGatherLayer::setNbElementWiseDims", invalidArgument("{} dimensions", k));
        elementWise_ = k;
        changed();
    }
    int32_t getNbElementWiseDims() const noexcept override { return elementWise_; }
    void setMode(GatherMode mode) noexcept override {
        mode_ = mode;
        changed();
    }
    GatherMode getMode() const noexcept override { return mode_; }

    Status lower(Lowering& l) override {
        TRY(mustExist(mode_, "gather mode"));
        std::vector<ir::Value*> in = {l.valueOf(*input(0)), l.valueOf(*input(1))};
        if (mode_ == GatherMode::kELEMENT && elementWise_)
            return invalidArgument("{} elementwise dimensions, but mode kELEMENT has none", elementWise_);
        ir::Value* y = mode_ == GatherMode::kDEFAULT
                           ? TRY(l.emit("gather", fmt::format("axis={} batch_dims={}", axis_, elementWise_), in))
                       : mode_ == GatherMode::kELEMENT
                           ? TRY(l.emit("gather_elements", fmt::format("axis={}", axis_), in))
                           : TRY(l.emit("gather_nd", fmt::format("batch_dims={}", elementWise_), in));
        l.setOutput(0, y);
        return {};
    }

  private:
    GatherMode mode_;
    int32_t axis_, elementWise_ = 0;
};

}  // namespace

IGatherLayer* Network::addGather(ITensor& data, ITensor& indices, int32_t axis) noexcept {
    if (!owns("INetworkDefinition::addGather", {&data, &indices})) return nullptr;
    return add<Gather>(data, indices, GatherMode::kDEFAULT, axis);
}

IGatherLayer* Network::addGatherV2(ITensor& data, ITensor& indices, GatherMode mode) noexcept {
    if (!owns("INetworkDefinition::addGatherV2", {&data, &indices})) return nullptr;
    return add<Gather>(data, indices, mode, 0);
}

}  // namespace lathe::api
