// SPDX-License-Identifier: Apache-2.0
#include "api/build/network.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class ReverseSequence final : public LayerBase<IReverseSequenceLayer, apiv::VReverseSequenceLayer> {
  public:
    ReverseSequence(Network& network, ITensor& input, ITensor& lengths)
        : LayerBase(network, LayerType::kREVERSE_SEQUENCE, tensorList({&input, &lengths})) {}

    // Either may be set first, so that both are the same for a while; lower() refuses that.
    void setBatchAxis(int32_t axis) noexcept override {
        batch_ = axis;
        changed();
    }
    int32_t getBatchAxis() const noexcept override { return batch_; }
    void setSequenceAxis(int32_t axis) noexcept override {
        sequence_ = axis;
        changed();
    }
    int32_t getSequenceAxis() const noexcept override { return sequence_; }

    Status lower(Lowering& l) override {
        if (!isInteger(l.valueOf(*input(1))->dtype()))
            return invalidArgument("the lengths (input 1) are of type {}", toString(l.valueOf(*input(1))->dtype()));
        ir::Value* lengths = TRY(l.asType(l.valueOf(*input(1)), DType::kInt64));
        l.setOutput(0, TRY(l.emit("reverse_sequence", fmt::format("batch_axis={} time_axis={}", batch_, sequence_),
                                  {l.valueOf(*input(0)), lengths})));
        return {};
    }

  private:
    int32_t batch_ = 1, sequence_ = 0;
};

}  // namespace

IReverseSequenceLayer* Network::addReverseSequence(ITensor& input, ITensor& sequenceLens) noexcept {
    if (!owns("INetworkDefinition::addReverseSequence", {&input, &sequenceLens})) return nullptr;
    return add<ReverseSequence>(input, sequenceLens);
}

}  // namespace lathe::api
