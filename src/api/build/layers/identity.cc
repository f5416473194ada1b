// SPDX-License-Identifier: Apache-2.0
#include "api/build/network.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class Identity final : public LayerBase<IIdentityLayer, apiv::VIdentityLayer> {
  public:
    Identity(Network& network, ITensor& input) : LayerBase(network, LayerType::kIDENTITY, tensorList({&input})) {}

    Status lower(Lowering& l) override {
        l.setOutput(0, TRY(l.emit("identity", "", {l.valueOf(*input(0))})));
        return {};
    }
};

}  // namespace

IIdentityLayer* Network::addIdentity(ITensor& input) noexcept {
    if (!owns("INetworkDefinition::addIdentity", {&input})) return nullptr;
    return add<Identity>(input);
}

}  // namespace lathe::api
