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
    const char* where = "INetworkDefinition::addConcatenation";
    std::vector<Tensor*> tensors;
    bool ok = guardedStatus(reporter_, where, [&]() -> Status {
        if (nbInputs < 1 || !inputs) return invalidArgument("{} inputs", nbInputs);
        for (int i = 0; i < nbInputs; ++i) {
            if (!inputs[i]) return invalidArgument("input {} is null", i);
            tensors.push_back(&Tensor::of(*inputs[i]));
        }
        return {};
    });
    if (!ok) return nullptr;
    for (const Tensor* t : tensors)
        if (!owns(where, {t})) return nullptr;
    return add<Concatenation>(std::move(tensors));
}

}  // namespace lathe::api
