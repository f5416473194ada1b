// SPDX-License-Identifier: Apache-2.0
#include "api/build/network.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class Squeeze final : public LayerBase<ISqueezeLayer, apiv::VSqueezeLayer> {
  public:
    Squeeze(Network& network, ITensor& input, ITensor& axes)
        : LayerBase(network, LayerType::kSQUEEZE, tensorList({&input, &axes})) {}

    Status lower(Lowering& l) override {
        l.setOutput(0, TRY(l.emit("squeeze", "", {l.valueOf(*input(0)), l.valueOf(*input(1))})));
        return {};
    }
};

}  // namespace

ISqueezeLayer* Network::addSqueeze(ITensor& input, ITensor& axes) noexcept {
    if (!owns("INetworkDefinition::addSqueeze", {&input, &axes})) return nullptr;
    return add<Squeeze>(input, axes);
}

}  // namespace lathe::api
