// SPDX-License-Identifier: Apache-2.0
#include "api/build/network.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class Concatenation final : public LayerBase<IConcatenationLayer, apiv::VConcatenationLayer> {
  public:
    Concatenation(Network& network, std::vector<Tensor*> inputs)
        : LayerBase(network, LayerType::kCONCATENATION, std::move(inputs)) {}

    void setAxis(int32_t axis) noexcept override {
        axis_ = axis;
        changed();
    }
    int32_t getAxis() const noexcept override { return axis_ ? *axis_ : defaultAxis(input(0)->getDimensions().nbDims); }

    Status lower(Lowering& l) override {
        std::vector<ir::Value*> in;
        for (const Tensor* t : inputs()) in.push_back(l.valueOf(*t));
        l.setOutput(0, TRY(l.emit("concat", fmt::format("axis={}", axis_ ? *axis_ : defaultAxis(in[0]->rank())), in)));
        return {};
    }

  private:
    static int32_t defaultAxis(int rank) { return std::max(0, rank - 3); }
    std::optional<int32_t> axis_;
};

}  // namespace

IConcatenationLayer* Network::addConcatenation(ITensor* const* inputs, int32_t nbInputs) noexcept {
    std::optional<std::vector<Tensor*>> tensors =
        ownedList("INetworkDefinition::addConcatenation", inputs, nbInputs, 1);
    return tensors ? add<Concatenation>(std::move(*tensors)) : nullptr;
}

}  // namespace lathe::api
