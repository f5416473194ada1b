// SPDX-License-Identifier: Apache-2.0
#include "api/build/network.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class ReverseSequence final : public LayerBase<IReverseSequenceLayer, apiv::VReverseSequenceLayer> {
  public:
    ReverseSequence(Network& network, ITensor& input, ITensor& lengths)
        : LayerBase(network, LayerType::kREVERSE_SEQUENCE, tensorList({&input, &lengths})) {}

    void setBatchAxis(int32_t axis) noexcept override {
        set("IReverseSequenceLayer::setBatchAxis", batch_, axis, sequence_);
    }
    int32_t getBatchAxis() const noexcept override { return batch_; }
    void setSequenceAxis(int32_t axis) noexcept override {
        set("IReverseSequenceLayer::setSequenceAxis", sequence_, axis, batch_);
    }
    int32_t getSequenceAxis() const noexcept override { return sequence_; }

    Status lower(Lowering& l) override {
        ir::Value* lengths = TRY(l.asType(l.valueOf(*input(1)), DType::kInt64));
        l.setOutput(0, TRY(l.emit("reverse_sequence", fmt::format("batch_axis={} time_axis={}", batch_, sequence_),
                                  {l.valueOf(*input(0)), lengths})));
        return {};
    }

  private:
    void set(const char* where, int32_t& to, int32_t axis, int32_t other) {
        if (axis == other) return refuse(where, invalidArgument("both axes would be {}", axis));
        to = axis;
        changed();
    }
    int32_t batch_ = 1, sequence_ = 0;
};

}  // namespace

IReverseSequenceLayer* Network::addReverseSequence(ITensor& input, ITensor& sequenceLens) noexcept {
    if (!owns("INetworkDefinition::addReverseSequence", {&input, &sequenceLens})) return nullptr;
    return add<ReverseSequence>(input, sequenceLens);
}

}  // namespace lathe::api
