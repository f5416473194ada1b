// SPDX-License-Identifier: Apache-2.0
#include "api/build/network.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class ParametricReLU final : public LayerBase<IParametricReLULayer, apiv::VParametricReLULayer> {
  public:
    ParametricReLU(Network& network, ITensor& input, ITensor& slope)
        : LayerBase(network, LayerType::kPARAMETRIC_RELU, tensorList({&input, &slope})) {}

    Status lower(Lowering& l) override {
        ir::Value *x = l.valueOf(*input(0)), *slope = l.valueOf(*input(1));
        ir::Value* y = TRY(l.emit("binary", "kind=prelu", {x, slope}));
        if (y->shape() != x->shape())
            return invalidArgument("a slope of {} does not broadcast to {}", ir::toString(slope->shape()),
                                   ir::toString(x->shape()));
        l.setOutput(0, y);
        return {};
    }
};

}  // namespace

IParametricReLULayer* Network::addParametricReLU(ITensor& input, ITensor& slope) noexcept {
    if (!owns("INetworkDefinition::addParametricReLU", {&input, &slope})) return nullptr;
    return add<ParametricReLU>(input, slope);
}

}  // namespace lathe::api
