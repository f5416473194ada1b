// SPDX-License-Identifier: Apache-2.0
#include "api/build/network.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class OneHot final : public LayerBase<IOneHotLayer, apiv::VOneHotLayer> {
  public:
    OneHot(Network& network, ITensor& indices, ITensor& values, ITensor& depth, int32_t axis)
        : LayerBase(network, LayerType::kONE_HOT, tensorList({&indices, &values, &depth})), axis_(axis) {}

    void setAxis(int32_t value) noexcept override {
        axis_ = value;
        changed();
    }
    int32_t getAxis() const noexcept override { return axis_; }

    Status lower(Lowering& l) override {
        l.setOutput(0, TRY(l.emit("one_hot", fmt::format("axis={}", axis_),
                                  {l.valueOf(*input(0)), l.valueOf(*input(2)), l.valueOf(*input(1))})));
        return {};
    }

  private:
    int32_t axis_;
};

}  // namespace

IOneHotLayer* Network::addOneHot(ITensor& indices, ITensor& values, ITensor& depth, int32_t axis) noexcept {
    if (!owns("INetworkDefinition::addOneHot", {&indices, &values, &depth})) return nullptr;
    return add<OneHot>(indices, values, depth, axis);
}

}  // namespace lathe::api
