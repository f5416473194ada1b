// SPDX-License-Identifier: Apache-2.0
#include "api/build/network.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class Shape final : public LayerBase<IShapeLayer, apiv::VShapeLayer> {
  public:
    Shape(Network& network, ITensor& input) : LayerBase(network, LayerType::kSHAPE, tensorList({&input})) {}

    Status lower(Lowering& l) override {
        l.setOutput(0, TRY(l.emit("shape", "", {l.valueOf(*input(0))})));
        return {};
    }
};

}  // namespace

IShapeLayer* Network::addShape(ITensor& input) noexcept {
    if (!owns("INetworkDefinition::addShape", {&input})) return nullptr;
    return add<Shape>(input);
}

}  // namespace lathe::api
