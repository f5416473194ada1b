// SPDX-License-Identifier: Apache-2.0
#include "api/build/network.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class Scatter final : public LayerBase<IScatterLayer, apiv::VScatterLayer> {
  public:
    Scatter(Network& network, ITensor& data, ITensor& indices, ITensor& updates, ScatterMode mode)
        : LayerBase(network, LayerType::kSCATTER, tensorList({&data, &indices, &updates})), mode_(mode) {}

    void setMode(ScatterMode value) noexcept override {
        mode_ = value;
        changed();
    }
    ScatterMode getMode() const noexcept override { return mode_; }
    void setAxis(int32_t value) noexcept override {
        axis_ = value;
        changed();
    }
    int32_t getAxis() const noexcept override { return axis_; }

    Status lower(Lowering& l) override {
        TRY(mustExist(mode_, "scatter mode"));
        std::vector<ir::Value*> in = {l.valueOf(*input(0)), l.valueOf(*input(1)), l.valueOf(*input(2))};
        l.setOutput(0, mode_ == ScatterMode::kND ? TRY(l.emit("scatter_nd", "", in))
                                                 : TRY(l.emit("scatter_elements", fmt::format("axis={}", axis_), in)));
        return {};
    }

  private:
    ScatterMode mode_;
    int32_t axis_ = 0;
};

}  // namespace

IScatterLayer* Network::addScatter(ITensor& data, ITensor& indices, ITensor& updates, ScatterMode mode) noexcept {
    if (!owns("INetworkDefinition::addScatter", {&data, &indices, &updates})) return nullptr;
    return add<Scatter>(data, indices, updates, mode);
}

}  // namespace lathe::api
